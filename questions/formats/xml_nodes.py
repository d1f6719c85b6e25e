"""Moodle XML taken apart, a question at a time: small trees, no entities, no outside files, no endless nesting."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from questions.errors import BadFile, Problem
from questions.formats.decoding import LARGEST_TEXT, decode
from questions.formats.incoming import LARGEST, MOST

DEEPEST = 60  # elements within elements
MOST_ELEMENTS = 2_000  # of a question
USUAL = 100  # elements of a question: a file may have so many on average, and 60,000 besides
MOST_LINES = 1_500_000
_LONGEST = 2_000_000  # letters of a question without its files
_LONGEST_FILE = 8_200_000  # letters of base64
_STEP = 1 << 20
_WIDE = re.compile(rb"<[A-Za-z/][^<>]{50000}|<!--[^<>]{1000000}")
_XML_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))


@dataclass(slots=True)
class Node:
    """An element with what stands in it."""

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def child(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def said(self, tag: str) -> str:
        """The text of a child: its own, or that of the `<text>` in it."""
        child = self.child(tag)
        return "" if child is None else child.shown.strip()

    @property
    def shown(self) -> str:
        inner = self.child("text")
        return self.text if inner is None else inner.text


class _Stop(Exception):
    """The file is not one of Moodle's, or too much of it."""


class _Handler(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.done: list[Node] = []
        self.path: list[Node] = []  # open elements of the question
        self.seen = self.depth = self.elements = self.inside = self.size = self.outside = self.filed = 0
        self.raw = 0  # open elements of HTML that somebody wrote into a text as it stands
        self.locator: Any = None

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  (the name is the library's)
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST:
            raise _Stop(f"holds more than {DEEPEST} elements within each other")
        if self.elements > 60_000 + USUAL * self.seen:
            raise _Stop("holds more elements than questions need")
        if self.depth == 1 and name != "quiz":
            raise _Stop(f"is no question file of Moodle: begins with <{name[:40]}> where <quiz> is expected")
        if not self.path and name != "question":
            self.outside += 1
            if self.outside > 10_000:
                raise _Stop("holds too much that is no question")
            return
        line = self.locator.getLineNumber() if self.locator else 0
        if not self.path:
            self.seen += 1
            if self.seen > MOST:
                raise _Stop(f"holds more than {MOST} questions")
            self.path.append(Node(name, line, dict(attrs.items())))
            self.inside = self.size = 0
            return
        self.inside += 1
        if self.inside > MOST_ELEMENTS:
            raise _Stop(f"holds a question of more than {MOST_ELEMENTS} elements, line {line}")
        if self.raw or self.path[-1].tag == "text":
            self.raw += 1
            given = "".join(f' {key}="{html.escape(value)}"' for key, value in attrs.items())
            self.path[-1].pieces.append(f"<{name}{given}>")
            return
        if name == "file":
            self.filed = 0
        node = Node(name, line, dict(attrs.items()))
        self.path[-1].children.append(node)
        self.path.append(node)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.depth -= 1
        if not self.path:
            return
        if self.raw:
            self.raw -= 1
            self.path[-1].pieces.append("" if name in {"br", "img", "hr"} else f"</{name}>")
            return
        node = self.path.pop()
        if not self.path:
            self.done.append(node)

    def characters(self, content: str) -> None:
        if not self.path:
            return
        node = self.path[-1]
        if node.tag == "file":
            # A little more than can be kept: then it is said to be too large.
            if self.filed <= _LONGEST_FILE:
                node.pieces.append(content)
            self.filed += len(content)
            return
        self.size += len(content)
        if self.size > _LONGEST:
            raise _Stop(f"holds a question of more than {_LONGEST} letters, line {node.line}")
        node.pieces.append(html.escape(content, quote=False) if self.raw else content)


def questions(data: bytes, name: str) -> Iterator[Node]:
    """The `<question>` elements of a file, one after the other.

    Raises BadFile when it is no XML, no file of Moodle's, has a DTD or entities of its own, or is too much.
    """
    if len(data) > LARGEST:
        raise BadFile([Problem(name, "", f"is larger than {LARGEST // 2**20} MiB")])
    if data.count(b"<?") > 1_000:
        raise BadFile([Problem(name, "", "holds more than 1,000 processing instructions")])
    if data.count(b"\n") > MOST_LINES:
        raise BadFile([Problem(name, "", f"holds more than {MOST_LINES} lines")])
    if _WIDE.search(data):
        raise BadFile([Problem(name, "", "holds a tag or a comment that does not end")])
    handler = _Handler()
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(handler)
    handler.locator = parser
    try:
        for start in range(0, len(data) or 1, _STEP):
            parser.feed(data[start : start + _STEP])
            yield from handler.done
            handler.done.clear()
        parser.close()
        yield from handler.done
    except SAXParseException as error:
        where = f"line {error.getLineNumber()}"
        raise BadFile([Problem(name, where, f"is not XML: {error.getMessage()}")]) from None
    except DefusedXmlException as error:
        raise BadFile([Problem(name, "", f"has a DTD or entities of its own ({type(error).__name__})")]) from None
    except (_Stop, LookupError, ValueError) as error:
        raise BadFile([Problem(name, "", str(error))]) from None


def mended(data: bytes, name: str) -> tuple[bytes, str] | None:
    """The file with what often is wrong in it put right, and the encoding it was in; None when nothing was found.

    Put right are older encodings, control characters, entities of HTML and lone ampersands.
    """
    if len(data) > LARGEST_TEXT or b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        return None
    try:
        text, older = decode(data, name)
    except BadFile:
        return None
    if text.count("&") > 200_000:
        return None
    better = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    better = re.sub(r"&(#\d{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)?", _entity, better)
    head = re.match(r"\s*(?:<\?xml[^>]*\?>)?", better)
    begins = head[0] if head else ""
    if better == text and not older and begins == begins.lstrip() and "utf-8" in begins.lower():
        return None
    return f"{chr(10) * begins.count(chr(10))}{better[len(begins) :]}".encode(), older  # lines keep their numbers


def _entity(found: re.Match[str]) -> str:
    name = (found[1] or "").rstrip(";")
    if name.startswith("#") or name in _XML_OWN:
        return found[0]
    char = html.unescape(f"&{name};") if name else ""
    return "".join(f"&#{ord(one)};" for one in char) if char and not char.startswith("&") else f"&amp;{found[1] or ''}"
