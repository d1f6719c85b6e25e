"""What must not go into a deck: texts that nobody can see, and characters that Anki cannot keep."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from questions.bank import MARK, Bank, ClozeQuestion, Media, Question
from questions.errors import Problem
from questions.texts import LANGS, plain

# Anki parts the fields of a note by U+001F: one in a text makes it refuse the whole package.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
_GAP = re.compile(r"\{\{c\d+::")  # a gap as Anki's own cloze notes have it
_NOT_SHOWN = frozenset({"id", "kind", "key", "keys", "facts", "topic", "tags", "media", "not_with", "rivals", "value"})


def unfit(text: str) -> tuple[str, str] | None:
    """Why a text cannot stand on a card, as a code and in words; None when it can."""
    # Nearly every text begins with a letter and is printable: the costly looks are for the others.
    if not text.isprintable():
        control = _CONTROL.search(text)
        if control:
            return "control", f"holds the control character U+{ord(control.group()):04X}, which Anki does not take"
    if "{{c" in text and _GAP.search(text):
        return "anki-gap", "holds a gap of Anki's own, {{c1::...}}, which a card shows as it stands"
    if not text[:1].isalnum() and _UNSEEN.fullmatch(plain(text)):
        return "unseen", "holds nothing that can be seen"
    return None


def problems_of(question: Question, file: str) -> list[Problem]:
    """All that keeps a question out of a deck, each with its field."""
    found = [
        (path, *fault) for path, text in _texts(question.model_dump(exclude_none=True), "") if (fault := unfit(text))
    ]
    if isinstance(question, ClozeQuestion):
        found += _gaps(question)
    for number, item in enumerate(question.media):
        if not file_of(item):
            found.append((f"media[{number}].data", "media", f"{item.name} is missing, or is not base64"))
    facts = f" (fact {', '.join(question.facts)})" if question.facts else ""
    where = f'question "{question.id}"{facts}, field'
    return [Problem(file, f"{where} {path}", what, code) for path, code, what in found]


def _gaps(question: ClozeQuestion) -> Iterator[tuple[str, str, str]]:
    for lang in LANGS:
        stem, answer = question.stem.get(lang), question.answer.get(lang)
        if stem is not None and stem.count(MARK) != 1:
            yield f"stem.{lang}", "blank", f"needs exactly one blank, {MARK}"
        if answer is not None and MARK in answer:
            yield f"answer.{lang}", "blank", f"holds a blank, {MARK}, within the blank"


def file_of(item: Media) -> bytes:
    """A picture or sound; nothing, where its bytes are missing."""
    try:
        return base64.b64decode(item.data, validate=True)
    except binascii.Error:
        return b""


def problems_of_names(bank: Bank) -> list[Problem]:
    """The same for what stands around the questions: the deck's name and description."""
    shown: dict[str, Any] = {"deck": bank.deck, "title": bank.title.model_dump(exclude_none=True)}
    shown |= {"author": bank.author or "-", "licence": bank.licence or "-"}
    found = [
        Problem(bank.id, f"field {path}", what, code)
        for path, text in _texts(shown, "")
        for code, what in filter(None, [unfit(text)])
    ]
    for topic in bank.topics:
        for path, text in _texts(topic.name.model_dump(exclude_none=True), "name"):
            if fault := unfit(text):
                code, what = fault
                found.append(Problem(bank.id, f'topic "{topic.id}", field {path}', what, code))
    return found


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for name, inner in value.items():
                if name not in _NOT_SHOWN:
                    yield from _texts(inner, f"{path}.{name}" if path else name)
        case list() | tuple():
            for number, inner in enumerate(value):
                yield from _texts(inner, f"{path}[{number}]")
