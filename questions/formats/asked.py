"""One question while it is read: its texts in their languages, its pictures, and what must be told of it.

What GIFT and Moodle XML share: answers with shares of the mark, made into a question of one of our kinds.
"""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from questions.bank import MARK, QuestionId
from questions.bank import Name as TopicId
from questions.formats import markup
from questions.formats.incoming import Code, Lost, Place, Reading, language_of, slug
from questions.texts import Bilingual, Lang

LONGEST_PICTURE = 8_000_000  # letters of base64
_SHORT = 20_000  # what a text of ours may hold
_BLANK = re.compile(r"_{3,}|\.{5,}|…{2,}")
_LETTERS = re.compile(r"[^\W\d_]")
QUESTION_ID: TypeAdapter[str] = TypeAdapter(QuestionId)
TOPIC_ID: TypeAdapter[str] = TypeAdapter(TopicId)


class Refusal(Exception):
    """This question cannot come in; the next one may."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Answer:
    """An answer as a file has it. `share` of the mark: 1 is right, 0 wrong."""

    text: Bilingual | None
    share: float
    feedback: Bilingual | None = None
    raw: str = ""  # as it was typed, for answers that are typed


@dataclass(slots=True)
class Asked:
    """What is gathered of one question."""

    reading: Reading
    place: Place
    lang: Lang | None = None  # of texts that do not say theirs
    files: dict[str, str] = field(default_factory=dict)  # base64 by name, of the text that is read
    media: dict[str, dict[str, str]] = field(default_factory=dict)
    both: bool = False  # the question is in both languages: a text that is marked for none is in both
    _told: set[str] = field(default_factory=set)
    _shown: list[str] = field(default_factory=list)  # pictures of the text that is read

    def tell(self, code: Code, detail: str = "") -> None:
        """A remark, once a question."""
        if code + detail not in self._told:
            self._told.add(code + detail)
            self.reading.remark(self.place, code, detail)

    def lost(self, what: Lost, value: str = "") -> None:
        self.reading.lost(self.place, what, value)

    # ------------------------------------------------------------ texts

    def text(self, source: str, form: str = "html") -> Bilingual | None:
        """A text in a format of Moodle's: html, moodle, markdown or plain. None when nothing is left of it."""
        marked = markup.by_language(source)
        if marked is not None:
            for other in marked.others:
                self.lost("language", other)
            texts = {lang: self._plain(text, form) for lang, text in marked.texts.items()}
            found = {lang: text for lang, text in texts.items() if text}
            return Bilingual(**found) if found else None
        plain = self._plain(source, form)
        if not plain:
            return None
        return self.in_own(plain, markup.marked_language(source))

    def stem(self, source: str, form: str = "html") -> Bilingual:
        """The question itself. What it is written in is taken to hold for its other texts."""
        text = self.text(source, form)
        if text is None:
            raise Refusal("no-question")
        self.both = len(text.languages) == 2
        plain = text.ar or text.en or ""
        if not self.both and (markup.marked_language(source) or _LETTERS.search(plain)):
            self.lang = markup.marked_language(source) or language_of(plain)
            return self.in_own(plain)
        return text

    def typed(self, source: str) -> str:
        """An answer that is typed: no markup, one line."""
        wrapped = re.fullmatch(r"\s*<(?:p|div|span)\b[^<>]*>.*</(?:p|div|span)>\s*", source, re.DOTALL)
        text, cleaned = markup.clean(markup.to_plain(source)[0] if wrapped else source)
        if cleaned:
            self.tell("cleaned")
        if len(text) > _SHORT:
            raise Refusal("not-understood", f"an answer of more than {_SHORT} letters")
        return " ".join(text.split())

    def in_own(self, text: str, marked: Lang | None = None) -> Bilingual:
        if self.both and marked is None:
            return Bilingual(ar=text, en=text)
        return Bilingual(**{marked or self.lang or language_of(text): text})

    def _plain(self, source: str, form: str) -> str:
        self._shown.clear()
        if len(source) > markup.LONGEST:
            self.tell("lost", "long-text")
        if form == "html" or (form == "moodle" and markup.looks_html(source)):
            self.reading.spend(min(source.count("<"), markup.MOST_TAGS) + source.count("&") // 4)
            shown = source if form == "html" else source.replace("\n", "<br>")
            text, cleaned = markup.to_plain(shown, self.picture)
        else:
            text, cleaned = markup.clean(source[: markup.LONGEST])
        if cleaned:
            self.tell("cleaned")
        if not text and self._shown:  # a picture alone: it stands with the question, its name here
            self.lost("picture-place")
            text = " ".join(self._shown)
        if len(text) > _SHORT:
            self.tell("lost", "long-text")
        return text[:_SHORT]

    # ------------------------------------------------------------ pictures and sounds

    def picture(self, address: str, shows: str) -> str:
        """Take in a picture or sound that a text shows; what stands in its place when it cannot be had."""
        if address.startswith("data:"):
            head, _, data = address.partition(",")
            name = f"picture-{len(self.media) + 1}.{head.partition(';')[0].rpartition('/')[2] or 'bin'}"
            kept = ";base64" in head and self.keep(name, urllib.parse.unquote(data), shows)
        elif "@@PLUGINFILE@@" in address:
            name = urllib.parse.unquote(address.partition("@@PLUGINFILE@@")[2].lstrip("/").partition("?")[0])
            name = name.rpartition("/")[2]
            kept = name in self.media or self.keep(name, self.files.get(name), shows)
        else:
            kept = False
            name = ""
            if address:
                self.tell("media-missing", address[:200])
        if kept:
            self._shown.append(shows or name)
        return "" if kept or not shows else f" [{shows}] "

    def keep(self, name: str, data: str | None, shows: str = "") -> bool:
        """Keep a file with the question when it is a picture or a sound by its content."""
        name = re.sub(r"[/\\\x00-\x1f]", "_", name)[-120:] or "file"
        if data is None:
            self.tell("media-missing", name)
            return False
        packed = "".join(data.split())
        kind = sniff(packed) if len(packed) <= LONGEST_PICTURE else None
        if kind is None:
            self.tell("media-refused", name)
            return False
        if self.media.get(name, {}).get("data", packed) != packed:
            name = f"{len(self.media) + 1}-{name}"[:120]
        self.media[name] = {"name": name, "type": kind, "data": packed, **({"alt": shows[:500]} if shows else {})}
        return True


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
)


def sniff(packed: str) -> str | None:
    """The type of a picture or sound by how it begins. SVG is none: it may hold a program."""
    try:
        data = base64.b64decode(packed, validate=True)
    except (ValueError, binascii.Error):
        return None
    for start, kind in _MAGIC:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return "image/avif" if data[8:12] == b"avif" else "audio/mp4" if data[8:12] in {b"M4A ", b"M4B "} else None
    return None


# ---------------------------------------------------------------- ids and topics


def valid(pattern: TypeAdapter[str], own: str | None) -> str | None:
    """An id that a file gives, when it is one of ours."""
    try:
        return pattern.validate_python(own) if own else None
    except ValidationError:
        return None


def topic_name(path: str) -> str:
    """The name of a topic by Moodle's path of categories: "$course$/top/Physics/Light" is "Physics / Light"."""
    parts = [part.replace("//", "/").strip() for part in re.split(r"(?<!/)/(?!/)", path)]
    named = [part for part in parts if part and not re.fullmatch(r"\$[a-z0-9]+\$", part, re.IGNORECASE)]
    return " / ".join(named[1:] if named and named[0].lower() == "top" else named)[:200]


# ---------------------------------------------------------------- kinds


def named(texts: Sequence[Bilingual], prefix: str) -> list[str]:
    """Ids of options by what they say: the same text has the same id in every import."""
    ids: list[str] = []
    for text in texts:
        own = slug(text.en or text.ar or "", prefix)
        ids.append(own if own not in ids else f"{own}-{len(ids) + 1}")
    return ids


def options(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    texts = [answer.text for answer in answers if answer.text is not None]
    if len(texts) < 2 or len(texts) < len(answers):
        raise Refusal("too-few-options" if len(texts) < 2 else "no-answer", "" if len(texts) < 2 else "an empty option")
    if len({(text.ar, text.en) for text in texts}) < len(texts):
        raise Refusal("same-options")
    return [
        {"id": own, "text": text, "feedback": answer.feedback}
        for own, text, answer in zip(named(texts, "o"), texts, answers, strict=True)
    ]


def choice(answers: Sequence[Answer]) -> dict[str, Any]:
    """One answer is chosen; another may count in full or in part."""
    made = options(answers)
    right = [place for place, answer in enumerate(answers) if answer.share >= 0.999]
    if not right:
        raise Refusal("no-answer")
    for place, (option, answer) in enumerate(zip(made, answers, strict=True)):
        option["weight"] = None if place == right[0] or not answer.share else max(-1.0, min(1.0, answer.share))
    return {"kind": "choice", "options": made, "key": made[right[0]]["id"]}


def multi_select(answers: Sequence[Answer]) -> dict[str, Any]:
    """Several are chosen. Even shares with full loss for a wrong one are what we do ourselves, and need no weights."""
    made = options(answers)
    right = [answer.share for answer in answers if answer.share > 0]
    if not right:
        raise Refusal("no-answer")
    even = all(abs(share - 1 / len(right)) < 0.001 for share in right)
    if not (even and all(answer.share == -1 for answer in answers if answer.share <= 0)):
        for option, answer in zip(made, answers, strict=True):
            option["weight"] = max(-1.0, min(1.0, answer.share)) or None
    keys = [option["id"] for option, answer in zip(made, answers, strict=True) if answer.share > 0]
    return {"kind": "multi_select", "options": made, "keys": keys}


def short(asked: Asked, stem: Bilingual, answers: Sequence[Answer]) -> dict[str, Any]:
    """An answer of a few words, typed."""
    plain: list[tuple[str, float]] = []
    for answer in answers:
        text = asked.typed(answer.raw)
        bare = re.sub(r"(?<!\\)\*", "", text)
        if bare != text:
            asked.lost("wildcard")
        bare = " ".join(bare.replace("\\*", "*").split())
        if bare:
            plain.append((bare, max(0.0, min(1.0, answer.share))))
    right = next((text for text, share in plain if share >= 0.999), None)
    if right is None:
        raise Refusal("no-answer")
    seen = {right}
    accepted = [
        {"text": text, "weight": 1 if share >= 0.999 else share}
        for text, share in plain
        if not (text in seen or seen.add(text))  # type: ignore[func-returns-value]  # the first of each
    ]
    return {**written(stem), "answer": asked.in_own(right), "accepted": accepted}


def written(stem: Bilingual) -> dict[str, Any]:
    """The kind of a question whose answer is typed, by whether its text has one gap."""
    texts = {lang: stem.get(lang) or "" for lang in stem.languages}
    if all(len(_BLANK.findall(text)) == 1 for text in texts.values()):
        return {"kind": "cloze", "stem": Bilingual(**{lang: _BLANK.sub(MARK, text) for lang, text in texts.items()})}
    return {"kind": "typed", "stem": stem}


def reason(asked: Asked, general: Bilingual | None, answers: Sequence[Answer], *, first: bool) -> Bilingual | None:
    """The one sentence why, of a question whose answers have feedback that has no place of its own."""
    given = [answer.feedback for answer in answers if answer.feedback is not None]
    ordered = given if first else sorted(given, key=lambda text: -len(text.ar or text.en or ""))
    kept = general or (ordered[0] if ordered else None)
    if any(text != kept for text in given):
        asked.lost("answer-feedback")
    return kept


def matching(sides: Sequence[tuple[Bilingual | None, str]], asked: Asked) -> dict[str, Any]:
    """Pairs; a right side without a left one belongs to none."""
    pairs = [(left, asked.in_own(right)) for left, right in sides if left is not None and right]
    extra = [asked.in_own(right) for left, right in sides if left is None and right]
    if any(left is not None and not right for left, right in sides):
        raise Refusal("no-answer", "a pair without its right side")
    if len(pairs) < 2:
        raise Refusal("too-few-options")
    # Two pairs may share a right side: either is right for both. One that belongs to none may be nobody's.
    if {(one.ar, one.en) for one in extra} & {(right.ar, right.en) for _, right in pairs}:
        raise Refusal("same-options", "a right side that belongs to none is also another's")
    lefts = named([left for left, _ in pairs], "p")
    return {
        "kind": "matching",
        "pairs": [{"id": own, "left": left, "right": right} for own, (left, right) in zip(lefts, pairs, strict=True)],
        "extra": [{"id": f"x-{own}", "text": text} for own, text in zip(named(extra, "x"), extra, strict=True)],
    }


def ordering(texts: Sequence[Bilingual | None]) -> dict[str, Any]:
    items = [text for text in texts if text is not None]
    if len(items) < 2 or len(items) < len(texts):
        raise Refusal("too-few-options")
    if len({(text.ar, text.en) for text in items}) < len(items):
        raise Refusal("same-options")
    return {
        "kind": "ordering",
        "items": [{"id": own, "text": text} for own, text in zip(named(items, "i"), items, strict=True)],
    }
