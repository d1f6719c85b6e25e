"""A bank's points as notes: one point is one note, its questions are the note's cards.

What a note says does not depend on the study language: both languages are in it, each in fields of its own.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from export.anki import sides
from export.anki.check import problems_of
from export.anki.note_type import FIELDS, ORD, PARTS, PLACE
from export.anki.sides import UnfitError
from export.anki.templates import LABELS, field, media
from questions.anki_ids import by_note, guid
from questions.bank import Bank, Entry, Kind, Media, Question
from questions.errors import Problem
from questions.texts import LANGS, Bilingual, Lang

# Where the texts of a kind stand among a note's fields: Arabic and English in turn.
_RUNS: dict[Kind, tuple[tuple[Lang, slice], ...]] = {
    kind: tuple((lang, slice(first := PLACE[field(kind, "stem", lang)], first + 2 * len(parts), 2)) for lang in LANGS)
    for kind, parts in PARTS.items()
}
_MEDIA: dict[Kind, int] = {kind: PLACE[media(kind)] for kind in LABELS}
# Recognising comes before recalling; what asks of several facts comes between, when each has been met alone.
_STEPS: tuple[Kind, ...] = ("choice", "true_false", "multi_select", "matching", "ordering", "cloze", "typed", "open")
_STEP: dict[Kind, int] = {kind: step for step, kind in enumerate(_STEPS)}
RETIRED = "qimma::retired"  # the tag of a note of which nothing is asked any more
_PARAS = 1_000_000  # more than a text has
RETIRED_LESSON = 2 * len(_STEPS) * _PARAS  # from here on lessons are of questions that are no longer asked


class Card(NamedTuple):
    """A question of a note. New ones are learnt by `lesson`, the smallest first."""

    ordinal: int  # of its template
    lesson: int  # made of: no longer asked, a detail, its step, its paragraph


class Note(NamedTuple):
    """A row of Anki's notes, and what its cards need."""

    name: str  # the point, or the question that stands for itself
    guid: str
    mod: int  # seconds; when the newest of its questions changed
    fields: str  # all of them, parted as Anki parts them
    titles: dict[Lang, str]
    tags: str
    cards: tuple[Card, ...]
    topic: str | None
    media: tuple[Media, ...]
    retired: bool  # none of its questions is asked any more


def notes(bank: Bank, *, address: str | None, problems: list[Problem]) -> Iterator[Note]:
    """The notes in the bank's order; what cannot be a note goes to `problems` instead."""
    link = f"{address.rstrip('/')}/banks/{bank.id}/points/" if address else None
    entry_of = {entry.question.id: entry for entry in bank.entries}
    for name, asked in by_note(entry.question for entry in bank.entries):
        entries = [entry_of[question.id] for question in asked]
        try:
            yield _note(bank, name, entries, link)
        except UnfitError:
            found = [problem for entry in entries for problem in problems_of(entry.question, bank.id)]
            if not found:  # never a note that vanishes without a word
                raise
            problems += found


def _note(bank: Bank, name: str, entries: list[Entry], link: str | None) -> Note:
    fields = [""] * len(FIELDS)
    files: tuple[Media, ...] = ()
    for entry in entries:
        question = entry.question
        listed = sides.mixed(question)
        for lang, run in _RUNS[question.kind]:
            if question.stem.get(lang) is not None:
                fields[run] = sides.sides(question, listed, lang, retired=entry.retired)
        if question.media:
            fields[_MEDIA[question.kind]] = "".join(sides.shown_media(item) for item in question.media)
            files += question.media
    # A retired question says nothing about the note while another is asked.
    asked = [entry.question for entry in entries if not entry.retired]
    retired = not asked
    asked = asked or [entry.question for entry in entries]
    titles = {lang: sides.one_line(asked[0].stem, lang) for lang in LANGS}
    all_cited = [source for question in asked for source in question.sources]
    cited = dict.fromkeys([(one.voice.ar, one.voice.en, one.para, one.opening) for one in all_cited])
    sources = _sources(tuple(cited), bank.document.language if bank.document else None)
    fields[0:6] = name, *titles.values(), sources.ar, sources.en, sources.paragraphs
    if link:
        fields[6] = html.escape(link + name)
    detail = not any(question.weight == "core" for question in asked)
    return Note(
        name=name,
        guid=guid(bank.id, name),
        mod=int(max(entry.changed for entry in entries).timestamp()),
        fields="\x1f".join(fields),
        titles=titles,
        tags=_tags(asked, sources.tags, retired=retired, detail=detail),
        cards=tuple([_card(entry, detail, sources.first) for entry in entries]),
        topic=next((question.topic for question in asked if question.topic), None),
        media=files,
        retired=retired,
    )


def _card(entry: Entry, detail: bool, para: int) -> Card:
    kind = entry.question.kind
    return Card(ORD[kind], ((entry.retired * 2 + detail) * len(_STEPS) + _STEP[kind]) * _PARAS + para)


_Citation = tuple[str | None, str | None, int | None, str | None]  # the voice in Arabic and English, paragraph, opening


class _Sources(NamedTuple):
    """What a note says of its sources."""

    ar: str
    en: str
    paragraphs: str  # their numbers
    first: int  # the smallest of them
    tags: tuple[str, ...]


@lru_cache(maxsize=8192)  # a paragraph gives many facts
def _sources(cited: tuple[_Citation, ...], opening_lang: str | None) -> _Sources:
    lines = [_citation(*each, opening_lang) for each in cited]
    paras = sorted({para for _, _, para, _ in cited if para})
    return _Sources(
        ar="؛ ".join(ar for ar, _ in lines),
        en="; ".join(en for _, en in lines),
        paragraphs=", ".join(map(str, paras)),
        first=min([*paras, _PARAS - 1]),
        tags=tuple(f"qimma::para::{para:02}" for para in paras),
    )


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


def _tags(asked: list[Question], paras: tuple[str, ...], *, retired: bool, detail: bool) -> str:
    """Ours stand below `qimma::`, out of the way of a learner's own; the bank's stay as they are."""
    tags = ["qimma", "qimma::weight::detail" if detail else "qimma::weight::core", *paras]
    for question in asked:
        if question.topic:
            tags.append(f"qimma::topic::{question.topic}")
        tags.append(f"qimma::kind::{question.kind}")
        for fact in question.facts:
            tags.append(f"qimma::fact::{_one_word(fact)}")
        for tag in question.tags:
            tags.append(_one_word(tag))
    if retired:
        tags.append(RETIRED)
    return f" {' '.join(filter(None, dict.fromkeys(tags)))} "


@lru_cache(maxsize=1024)
def _one_word(tag: str) -> str:
    """Anki parts tags at spaces and takes no quotation mark in them."""
    if not tag.isprintable():
        tag = "".join(char if char.isprintable() else " " for char in tag)
    return "-".join(tag.replace('"', "").split())
