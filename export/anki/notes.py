"""A bank's points as notes: one point is one note, its questions are the note's cards.

What a note says does not depend on the study language: both languages are in it, each in fields of its own.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import genanki  # type: ignore[import-untyped]  # it ships no types

from export.anki import sides
from export.anki.check import problems_of
from export.anki.note_type import FIELDS, ORD, PARTS, PLACE
from export.anki.sides import UnfitError
from export.anki.templates import LABELS, field, media
from questions.bank import Bank, Entry, Kind, Question
from questions.errors import Problem
from questions.texts import LANGS, Bilingual, Lang

# Where the texts of a kind stand among a note's fields: Arabic and English in turn.
_RUNS: dict[tuple[Kind, Lang], slice] = {
    (kind, lang): slice(first := PLACE[field(kind, "stem", lang)], first + 2 * len(parts), 2)
    for kind, parts in PARTS.items()
    for lang in LANGS
}
_MEDIA: dict[Kind, int] = {kind: PLACE[media(kind)] for kind in LABELS}


@dataclass(frozen=True, slots=True)
class Note:
    """A row of Anki's notes, and what its cards need."""

    name: str  # the point, or the question that stands for itself
    guid: str
    mod: int  # seconds; when the newest of its questions changed
    fields: str  # all of them, parted as Anki parts them
    titles: dict[Lang, str]
    tags: str
    ords: tuple[int, ...]  # which templates have a card
    topic: str | None
    retired: bool  # none of its questions is asked any more


def notes(bank: Bank, *, address: str | None, problems: list[Problem]) -> Iterator[Note]:
    """The notes in the bank's order; what cannot be a note goes to `problems` instead."""
    link = f"{address.rstrip('/')}/banks/{bank.id}/points/" if address else None
    for name, entries in _points(bank.entries):
        try:
            yield _note(bank, name, entries, link)
        except UnfitError:
            found = [problem for entry in entries for problem in problems_of(entry.question, bank.id)]
            if not found:  # never a note that vanishes without a word
                raise
            problems += found


def _points(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Entries by point, each kind once, under the name that the note's GUID is made of.

    A point that is asked twice in one way has no second card for it: that question becomes a note of its own,
    under its own id. Which one it is hangs on the ids alone, never on the order of the bank.
    """
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.question.point, []).append(entry)
    for point, members in grouped.items():
        if len({entry.question.kind for entry in members}) == len(members):
            yield point, members
            continue
        kept: dict[Kind, Entry] = {}
        for entry in sorted(members, key=lambda entry: _claim(entry.question)):
            kept.setdefault(entry.question.kind, entry)
        chosen = {entry.question.id for entry in kept.values()}
        yield point, [entry for entry in members if entry.question.id in chosen]
        yield from ((entry.question.id, [entry]) for entry in members if entry.question.id not in chosen)


def _claim(question: Question) -> tuple[bool, bool, str]:
    """Smallest first: the question that is its own point, then the one of the model named like its kind."""
    model = question.id.rpartition(".")[2]
    return question.id != question.point, model != question.kind.replace("_", "-"), question.id


def _note(bank: Bank, name: str, entries: list[Entry], link: str | None) -> Note:
    fields = [""] * len(FIELDS)
    for entry in entries:
        question = entry.question
        listed = sides.mixed(question)
        for lang in question.stem.languages:
            fields[_RUNS[question.kind, lang]] = sides.sides(question, listed, lang, retired=entry.retired)
        if question.media:
            fields[_MEDIA[question.kind]] = "".join(sides.shown_media(item) for item in question.media)
    # A retired question says nothing about the note while another is asked.
    asked = [entry.question for entry in entries if not entry.retired]
    retired = not asked
    asked = asked or [entry.question for entry in entries]
    titles = {lang: sides.one_line(asked[0].stem, lang) for lang in LANGS}
    fields[0:3] = name, *titles.values()
    fields[3:6] = _sources(bank, asked)
    if link:
        fields[6] = html.escape(link + name)
    return Note(
        name=name,
        guid=genanki.guid_for("qimma", bank.id, name),
        mod=int(max(entry.changed for entry in entries).timestamp()),
        fields="\x1f".join(fields),
        titles=titles,
        tags=_tags(asked, retired),
        ords=tuple(sorted(ORD[entry.question.kind] for entry in entries)),
        topic=next((question.topic for question in asked if question.topic), None),
        retired=retired,
    )


def _sources(bank: Bank, asked: list[Question]) -> tuple[str, str, str]:
    """The source line in Arabic and in English, and the numbers of the paragraphs."""
    opening_lang = bank.document.language if bank.document else None
    cited = dict.fromkeys(
        (source.voice.ar, source.voice.en, source.para, source.opening)
        for question in asked
        for source in question.sources
    )
    lines = [_citation(*each, opening_lang) for each in cited]
    paras = sorted({para for _, _, para, _ in cited if para})
    return "؛ ".join(ar for ar, _ in lines), "; ".join(en for _, en in lines), ", ".join(map(str, paras))


@lru_cache(maxsize=1024)  # a paragraph gives many facts
def _citation(
    ar: str | None, en: str | None, para: int | None, opening: str | None, opening_lang: str | None
) -> tuple[str, str]:
    voice = Bilingual(ar=ar, en=en)
    in_arabic, in_english = sides.show(voice, "ar"), sides.show(voice, "en")
    if para:
        in_arabic += f"، الفقرة {para}"
        in_english += f", paragraph {para}"
    if opening:
        own = f' lang="{html.escape(opening_lang)}"' if opening_lang else ""
        words = f'<bdi{own} dir="auto">{sides.safe(opening)}</bdi>'
        in_arabic += f" («{words}»)"
        in_english += f" (“{words}”)"
    return in_arabic, in_english


def _tags(asked: list[Question], retired: bool) -> str:
    """Ours stand below `qimma::`, out of the way of a learner's own; the bank's stay as they are."""
    weight = "core" if any(question.weight == "core" for question in asked) else "detail"
    tags = ["qimma", f"qimma::weight::{weight}"]
    for question in asked:
        if question.topic:
            tags.append(f"qimma::topic::{question.topic}")
        tags.append(f"qimma::kind::{question.kind}")
        tags += [f"qimma::para::{source.para:02}" for source in question.sources if source.para]
        tags += [f"qimma::fact::{_one_word(fact)}" for fact in question.facts]
        tags += [_one_word(tag) for tag in question.tags]
    if retired:
        tags.append("qimma::retired")
    return f" {' '.join(tag for tag in dict.fromkeys(tags) if tag)} "


def _one_word(tag: str) -> str:
    """Anki parts tags at spaces and takes no quotation mark in them."""
    if not tag.isprintable():
        tag = "".join(char if char.isprintable() else " " for char in tag)
    return "-".join(tag.replace('"', "").split())
