"""A bank as a file of any kind, and what of each question that kind cannot carry."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from export.anki import write_deck
from export.handout import write_handout
from questions import formats
from questions.bank import Bank, ClozeQuestion, Question, TypedQuestion
from questions.formats.incoming import Loss
from questions.texts import Lang

FileKind = Literal["json", "csv", "xlsx", "gift", "moodle_xml", "aiken", "handout", "anki"]
KINDS: tuple[FileKind, ...] = get_args(FileKind)


@dataclass(frozen=True, slots=True)
class File:
    """A bank, written."""

    data: bytes
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A question, and what of it a file of some kind does not carry."""

    question: Question
    what: tuple[Loss, ...]


def both_languages(kind: FileKind) -> bool:
    """Whether both go into one file; `lang` then is that of headings, or of what is shown first."""
    return kind == "anki" or (kind != "handout" and formats.WRITTEN[kind].both_languages)


def write(bank: Bank, kind: FileKind, lang: Lang, *, address: str | None = None) -> File:
    """Raises BadFile when a text cannot stand in such a file."""
    match kind:
        case "anki":
            return File(_deck(bank, lang, address), f"qimma-{bank.id}-{lang}.apkg", "application/octet-stream")
        case "handout":
            return File(write_handout(bank, lang).encode(), f"qimma-{bank.id}-{lang}.html", "text/html; charset=utf-8")
        case _:
            form = formats.WRITTEN[kind]
            part = "" if form.name == "json" else f"-{lang}"
            return File(formats.write(bank, kind, lang), f"qimma-{bank.id}{part}{form.suffix}", form.type)


def lost(bank: Bank, kind: FileKind, lang: Lang) -> list[Lost]:
    """Every question that does not go whole into such a file, in the bank's order."""
    return [Lost(question, what) for question in bank.live if (what := losses(question, kind, lang))]


def losses(question: Question, kind: FileKind, lang: Lang) -> tuple[Loss, ...]:
    match kind:
        case "anki":
            return tuple(_not_on_cards(question))
        case "handout":
            return tuple(_not_on_paper(question))
        case _:
            return formats.losses(question, kind, lang)


def _not_on_cards(question: Question) -> Iterator[Loss]:
    if question.difficulty != 0.5:
        yield "difficulty"
    if question.not_with:
        yield "not-with"
    if isinstance(question, TypedQuestion | ClozeQuestion) and question.rivals:
        yield "rivals"


def _not_on_paper(question: Question) -> Iterator[Loss]:
    if len(question.stem.languages) == 2:
        yield "other-language"
    if any(item.type.startswith("audio/") for item in question.media):
        yield "media"
    if any(option.feedback for option in getattr(question, "options", ())):
        yield "option-feedback"


def _deck(bank: Bank, lang: Lang, address: str | None = None) -> bytes:
    out = io.BytesIO()
    write_deck(bank, out, lang=lang, address=address)
    return out.getvalue()


def _writer(kind: formats.WrittenFormat) -> Callable[[Bank, Lang], bytes]:
    return lambda bank, lang: formats.write(bank, kind, lang)


# By the name that a reader gives the format: what shows how much of a question goes through it.
WRITERS: Mapping[str, Callable[[Bank, Lang], bytes]] = {
    **{kind: _writer(kind) for kind in formats.WRITTEN},
    "apkg": _deck,
}
