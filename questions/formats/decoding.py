"""Bytes of a text file to text: UTF-8 and UTF-16 as they are, older encodings where nothing else fits."""

from __future__ import annotations

import codecs
import re

from questions.errors import BadFile, Problem

LARGEST_TEXT = 8 * 1024 * 1024  # bytes of a file that is text all through
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af]{2,}")
_SAMPLE = 200_000  # characters that a guess looks at
# Western letters that occur in words of French, German, Spanish, Portuguese, Turkish, Italian.
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßğışİžš")
_QUOTES = frozenset("‘’“”–—…•«»°·©®™€£§¿¡ªº¹²³¼½¾×÷±µ´¨¸ \u00ad\ufffd")


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file with "\\n" at line ends, and the older encoding that it was in, or "".

    Raises BadFile naming the byte that fits no encoding.
    """
    if len(data) > LARGEST_TEXT:
        raise BadFile([Problem(name, "", f"is larger than {LARGEST_TEXT // 2**20} MiB")])
    text, older = _decoded(data, name)
    if "\0" in text:
        raise BadFile([Problem(name, "", f"is not text (a NUL, character {text.index(chr(0)) + 1})")])
    return text.replace("\r\n", "\n").replace("\r", "\n"), older


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError as error:
                raise BadFile([Problem(name, "", f"is not UTF-16 text (byte {error.start + 1})")]) from None
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        older = _older(data) if data[: error.start].isascii() else None  # else damaged UTF-8
        if older is None:
            raise BadFile([Problem(name, "", f"is not UTF-8 text (byte {error.start + 1})")]) from None
        return older


def _older(data: bytes) -> tuple[str, str] | None:
    """The text in an older Arabic or western encoding, when it reads as words in it."""
    if b"\0" in data:
        return None
    for encoding, fits in (("windows-1256", _arabic), ("iso-8859-6", _arabic), ("windows-1252", _western)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if fits(text[:_SAMPLE]):
            return text, encoding
    return None


def _arabic(text: str) -> bool:
    # Letters that stand alone say nothing: they name options.
    words = [word for word in _WORD.findall(text) if not word.isascii() and len(word) > 1]
    return bool(words) and sum(_ARABIC_WORD.fullmatch(word) is not None for word in words) >= 0.9 * len(words)


def _western(text: str) -> bool:
    high = [char for char in text if char > "\x7f"]
    letters = sum(map(str.isalpha, high))
    if 2 * letters > sum(map(str.isalpha, text)):  # no western language is written in accents alone
        return False
    return bool(high) and all(char.lower() in _WESTERN or char in _QUOTES for char in high)
