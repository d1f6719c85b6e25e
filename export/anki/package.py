"""The deck as a file that Anki imports: rows streamed into a database, and that zipped into what the caller opened.

Two builds of one bank are the same to the byte: no clock, no random numbers. Builds by another SQLite or zlib hold
the same rows, packed as those pack.
"""

from __future__ import annotations

import hashlib
import html
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import genanki  # type: ignore[import-untyped]  # it ships no types
from genanki.apkg_col import APKG_COL  # type: ignore[import-untyped]  # likewise
from genanki.apkg_schema import APKG_SCHEMA  # type: ignore[import-untyped]  # likewise

from export.anki.check import problems_of_names
from export.anki.note_type import NOTE_TYPE_ID, STAMP, note_type
from export.anki.notes import RETIRED, RETIRED_LESSON, Note, notes
from export.anki.progress import add_progress
from export.anki.sides import media_bytes, media_name
from questions.bank import Bank, TopicName
from questions.errors import BadFile, Problem
from questions.history import Progress
from questions.texts import DIRECTION, LANGS, Lang

_FIRST_ID = 1_577_836_800_000  # 2020: Anki mends ids that lie in the future
_CARDS_A_NOTE = 16  # room between the ids of two notes for the ids of the first one's cards
_MOST_NOTES = 2**32
_FIRST_RETIRED = RETIRED_LESSON * _MOST_NOTES * _CARDS_A_NOTE
_LAST_PLACE = 999_999  # Anki mends places of new cards beyond it
_SUSPENDED, _NEW = -1, 0  # queues of a card
_PIECE = 2**16
_LARGE = 2**30  # from where on an entry is given room for the sizes of large files


@dataclass(frozen=True, slots=True)
class DeckSummary:
    """What was written. `decks` counts the top deck too; `retired` notes are among the `notes`."""

    notes: int
    cards: int
    decks: int
    retired: int


def write_deck(
    bank: Bank, out: BinaryIO, *, lang: Lang, address: str | None = None, progress: Progress | None = None
) -> DeckSummary:
    """Write the bank as an Anki package in which cards show `lang` first.

    A later version of the bank updates the notes of those who imported an earlier one, and keeps their
    schedule and the language they chose first. With `address`, the site's root, each card links to its
    question there. Anki takes `progress` for cards only that are new to it.

    Raises BadFile, before anything is written, with every text that cannot stand on a card.
    """
    problems: list[Problem] = problems_of_names(bank)
    with tempfile.TemporaryDirectory(prefix="qimma-") as folder:
        path = Path(folder) / "collection"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            summary = _fill(db, bank, notes(bank, address=address, problems=problems), lang)
            if progress is not None and not problems:
                add_progress(db, bank, progress, preset_id=_deck_id(bank.id, "preset"))
        if problems:
            raise BadFile(problems)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
            _put(package, "collection.anki2", _pieces(path), large=path.stat().st_size > _LARGE)
            _put_media(package, bank)
    return summary


def _fill(db: sqlite3.Connection, bank: Bank, rows: Iterable[Note], lang: Lang) -> DeckSummary:
    """Anki's database of the bank. Rows are written as they come, so that no more than one is held."""
    for setting in ("page_size = 16384", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
        db.execute(f"PRAGMA {setting}")
    tables, begin, indexes = APKG_SCHEMA.partition("CREATE INDEX")
    db.executescript(tables + APKG_COL)
    db.execute("BEGIN")
    told = _Told(bank, lang)
    db.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')", told.note_rows(rows))
    db.executemany(
        "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')", told.card_rows()
    )
    top = told.decks[None]
    top.description = _description(bank, told)
    top.add_model(note_type(lang))
    for deck in told.decks.values():
        deck.write_to_db(db.cursor(), STAMP, iter(()))
    db.execute("COMMIT")
    db.executescript(begin + indexes)
    return DeckSummary(
        notes=told.notes,
        cards=len(told.cards),
        decks=len({deck.deck_id for deck in told.decks.values()}),
        retired=told.retired,
    )


class _Told:
    """What the notes tell while they are written: their cards and decks, and how many there are."""

    def __init__(self, bank: Bank, lang: Lang) -> None:
        self.bank, self.lang = bank, lang
        self.first = _FIRST_ID + _number(bank.id, 35)
        self.notes = self.retired = 0
        # Of each card its lesson, the place of its note and its template, in one number that sorts quickly.
        self.cards: list[int] = []
        self.of_notes: list[tuple[int, int]] = []  # the deck of its cards, and when it changed
        # Of each topic that has notes, and under None the top one.
        self.decks: dict[str | None, Any] = {None: genanki.Deck(_deck_id(bank.id, None), bank.deck)}
        self._names = {topic.id: _topic_name(topic) for topic in bank.topics}

    def note_rows(self, rows: Iterable[Note]) -> Iterator[tuple[object, ...]]:
        for place, note in enumerate(rows):
            self.notes += 1
            self.retired += note.retired
            deck = self.decks.get(note.topic) or self._new_deck(note.topic)
            self.of_notes.append((deck.deck_id, note.mod))
            for ordinal, lesson in note.cards:
                self.cards.append((lesson * _MOST_NOTES + place) * _CARDS_A_NOTE + ordinal)
            # Anki finds duplicates by this sum of the first field.
            checksum = int.from_bytes(hashlib.sha1(note.name.encode(), usedforsecurity=False).digest()[:4])
            note_id = self.first + place * _CARDS_A_NOTE
            title = note.titles[self.lang]
            yield note_id, note.guid, NOTE_TYPE_ID, note.mod, note.tags, note.fields, title, checksum

    def card_rows(self) -> Iterator[tuple[object, ...]]:
        # Written by their ids, which is quickest, and not by their lessons.
        new = {card: min(place, _LAST_PLACE) for place, card in enumerate(sorted(self.cards), start=1)}
        for card in self.cards:
            ordinal, place = card % _CARDS_A_NOTE, card // _CARDS_A_NOTE % _MOST_NOTES
            note_id = self.first + place * _CARDS_A_NOTE
            deck, mod = self.of_notes[place]
            queue = _NEW if card < _FIRST_RETIRED else _SUSPENDED
            yield note_id + ordinal, note_id, deck, ordinal, mod, queue, new[card]

    def _new_deck(self, topic: str | None) -> Any:
        name = f"{self.bank.deck}::{self._names.get(topic or '', topic)}"
        # Anki tells decks apart by name: two topics of one name share one.
        same = (deck for deck in self.decks.values() if deck.name == name)
        deck = self.decks[topic] = next(same, None) or genanki.Deck(_deck_id(self.bank.id, topic), name)
        return deck


def _topic_name(topic: TopicName) -> str:
    both = " | ".join(text for lang in LANGS if (text := topic.name.get(lang)))
    return both.replace("::", ": ")  # two colons would make a deck below


def _deck_id(bank_id: str, topic: str | None) -> int:
    """Below 2**53, which is as far as the numbers of Anki's scripts reach."""
    return 2**52 + _number(f"{bank_id} {topic or ''}", 52)


def _number(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(f"qimma {text}".encode()).digest()[:8]) >> (64 - bits)


def _description(bank: Bank, told: _Told) -> str:
    """Who made the deck and which one it is. Anki puts it in the place of an earlier one's."""
    labels: dict[Lang, tuple[str, ...]] = {
        "ar": ("المؤلف", "الترخيص", "النسخة", "التاريخ", "عدد الملحوظات", "للعثور على المسحوب"),
        "en": ("Author", "Licence", "Version", "Date", "Notes", "To find retired ones"),
    }
    changed = max((mod for _, mod in told.of_notes), default=0)
    values = (
        bank.author,
        bank.licence,
        hashlib.sha256(repr(told.of_notes).encode()).hexdigest()[:8],  # other when any note is
        f"{datetime.fromtimestamp(changed, UTC):%Y-%m-%d}" if changed else None,
        str(told.notes),
        f"tag:{RETIRED}",
    )
    blocks: list[str] = []
    for lang in LANGS:
        lines = [f"<b><bdi>{html.escape(bank.title.best(lang)[1])}</bdi></b>"]
        lines += [
            f"{label}: <bdi>{html.escape(value)}</bdi>"
            for label, value in zip(labels[lang], values, strict=True)
            if value
        ]
        blocks.append(f'<p lang="{lang}" dir="{DIRECTION[lang]}">{"<br>".join(lines)}</p>')
    return "".join(blocks)


def _pieces(path: Path) -> Iterator[bytes]:
    """The database's file without which SQLite wrote it, and how often: all that differs between two of them."""
    with path.open("rb") as file:
        first = bytearray(file.read(_PIECE))
        first[24:28] = first[92:96] = first[96:100] = bytes(4)
        yield bytes(first)
        while piece := file.read(_PIECE):
            yield piece


def _put_media(package: zipfile.ZipFile, bank: Bank) -> None:
    """The files that questions show, each once, under the numbers by which Anki's index names them."""
    files = {media_name(item): item for entry in bank.entries for item in entry.question.media}
    for number, item in enumerate(files.values()):
        _put(package, str(number), (media_bytes(item),))
    index = json.dumps({str(number): name for number, name in enumerate(files)})
    _put(package, "media", (index.encode(),))


def _put(package: zipfile.ZipFile, name: str, pieces: Iterable[bytes], *, large: bool = False) -> None:
    """An entry of 1980, the day of all that has none."""
    with package.open(name, "w", force_zip64=large) as entry:
        for piece in pieces:
            entry.write(piece)
    package.getinfo(name).create_system = 3  # on every machine
