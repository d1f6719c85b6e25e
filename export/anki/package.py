"""The deck as a file that Anki imports: rows in memory, zipped straight into what the caller opened.

Two builds of one bank are the same to the byte: no clock, no random numbers, no file of its own.
"""

from __future__ import annotations

import hashlib
import html
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import genanki  # type: ignore[import-untyped]  # it ships no types

from export.anki.check import problems_of_names
from export.anki.note_type import NOTE_TYPE_ID, STAMP, note_type
from export.anki.notes import Note, notes
from export.anki.sides import media_bytes, media_name
from questions.bank import Bank, TopicName
from questions.errors import BadFile, Problem
from questions.texts import DIRECTION, LANGS, Bilingual, Lang

_FIRST_ID = 1_577_836_800_000  # 2020: Anki mends ids that lie in the future
_CARDS_A_NOTE = 16  # room between the ids of two notes for the ids of the first one's cards
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)  # a zip knows no earlier day


@dataclass(frozen=True, slots=True)
class DeckSummary:
    """What was written. `decks` counts the top deck too; `retired` notes are among the `notes`."""

    notes: int
    cards: int
    decks: int
    retired: int


def write_deck(bank: Bank, out: BinaryIO, *, lang: Lang, address: str | None = None) -> DeckSummary:
    """Write the bank as an Anki package in which cards show `lang` first.

    A later version of the bank updates the notes of those who imported an earlier one, and keeps their
    schedule and the language they chose first. With `address`, the site's root, each card links to its
    question there.

    Raises BadFile, before anything is written, with every text that cannot stand on a card.
    """
    problems: list[Problem] = problems_of_names(bank)
    rows = list(notes(bank, address=address, problems=problems))
    if problems:
        raise BadFile(problems)
    decks = _decks(bank, rows)
    changed = max((entry.changed for entry in bank.entries), default=_EPOCH).astimezone(UTC)
    top = decks[None]
    top.description = _description(bank, rows, changed)
    top.add_model(note_type(lang))
    written = {deck.name: deck for deck in decks.values()}
    with zipfile.ZipFile(out, "w") as package:
        _put(package, "collection.anki2", _collection(bank, rows, decks, lang), changed)
        _put_media(package, bank, changed)
    return DeckSummary(
        notes=len(rows),
        cards=sum(len(note.ords) for note in rows),
        decks=len(written),
        retired=sum(note.retired for note in rows),
    )


def _collection(bank: Bank, rows: list[Note], decks: dict[str | None, genanki.Deck], lang: Lang) -> bytes:
    """Anki's database, as the bytes of its file."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA page_size = 4096")
        cursor = db.cursor()
        genanki.Package(list(decks.values())).write_to_db(cursor, STAMP, iter(()))
        first = _FIRST_ID + _number(bank.id, 35)
        cursor.executemany(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')", _note_rows(rows, first, lang)
        )
        cursor.executemany(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
            _card_rows(rows, first, decks),
        )
        db.commit()
        file = bytearray(db.serialize())
    # Which SQLite wrote the file, and how often: the only bytes that differ between machines.
    file[24:28] = file[92:96] = file[96:100] = bytes(4)
    return bytes(file)


def _note_rows(rows: list[Note], first: int, lang: Lang) -> Iterator[tuple[object, ...]]:
    for place, note in enumerate(rows):
        # Anki finds duplicates by this sum of the first field.
        checksum = int.from_bytes(hashlib.sha1(note.name.encode(), usedforsecurity=False).digest()[:4])
        note_id = first + place * _CARDS_A_NOTE
        yield note_id, note.guid, NOTE_TYPE_ID, note.mod, note.tags, note.fields, note.titles[lang], checksum


def _card_rows(rows: list[Note], first: int, decks: dict[str | None, genanki.Deck]) -> Iterator[tuple[object, ...]]:
    for place, note in enumerate(rows):
        note_id = first + place * _CARDS_A_NOTE
        deck_id = decks[note.topic].deck_id
        for ordinal in note.ords:
            yield note_id + ordinal, note_id, deck_id, ordinal, note.mod, place + 1


def _decks(bank: Bank, rows: list[Note]) -> dict[str | None, genanki.Deck]:
    """The deck of each topic that has notes, and under None the top one."""
    decks: dict[str | None, genanki.Deck] = {None: genanki.Deck(_deck_id(bank.id, None), bank.deck)}
    names = {topic.id: topic for topic in bank.topics}
    by_name: dict[str, genanki.Deck] = {}
    for topic in dict.fromkeys(note.topic for note in rows):
        if topic is None:
            continue
        name = f"{bank.deck}::{_topic_name(names[topic]) if topic in names else topic}"
        # Anki tells decks apart by name: two topics of one name share one.
        decks[topic] = by_name.setdefault(name, genanki.Deck(_deck_id(bank.id, topic), name))
    return decks


def _topic_name(topic: TopicName) -> str:
    both = " | ".join(text for lang in LANGS if (text := topic.name.get(lang)))
    return both.replace("::", ": ")  # two colons would make a deck below


def _deck_id(bank_id: str, topic: str | None) -> int:
    """Below 2**53, which is as far as the numbers of Anki's scripts reach."""
    return 2**52 + _number(f"{bank_id} {topic or ''}", 52)


def _number(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(f"qimma {text}".encode()).digest()[:8]) >> (64 - bits)


def _description(bank: Bank, rows: list[Note], changed: datetime) -> str:
    labels: dict[Lang, tuple[str, ...]] = {
        "ar": ("المؤلف", "الترخيص", "النسخة", "عدد الملحوظات", "المسحوب منها"),
        "en": ("Author", "Licence", "Version", "Notes", "Retired ones"),
    }
    retired = any(note.retired for note in rows)
    values = (
        bank.author,
        bank.licence,
        f"{changed:%Y-%m-%d}",
        str(len(rows)),
        "tag:qimma::retired" if retired else None,
    )
    blocks: list[str] = []
    for lang in LANGS:
        lines = [f"<b>{_named(bank.title, lang)}</b>"]
        lines += [
            f"{label}: <bdi>{html.escape(value)}</bdi>"
            for label, value in zip(labels[lang], values, strict=True)
            if value
        ]
        blocks.append(f'<p lang="{lang}" dir="{DIRECTION[lang]}">{"<br>".join(lines)}</p>')
    return "".join(blocks)


def _named(name: Bilingual, lang: Lang) -> str:
    return f"<bdi>{html.escape(name.best(lang)[1])}</bdi>"


def _put_media(package: zipfile.ZipFile, bank: Bank, changed: datetime) -> None:
    """The files that questions show, each once, under the numbers by which Anki's index names them."""
    files = {media_name(item): item for entry in bank.entries for item in entry.question.media}
    for number, item in enumerate(files.values()):
        _put(package, str(number), media_bytes(item), changed)
    index = json.dumps({str(number): name for number, name in enumerate(files)})
    _put(package, "media", index.encode(), changed)


def _put(package: zipfile.ZipFile, name: str, content: bytes, changed: datetime) -> None:
    info = zipfile.ZipInfo(name, date_time=max(changed, _EPOCH).timetuple()[:6])
    info.create_system = 3
    info.external_attr = 0o600 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(info, content, compresslevel=3)
