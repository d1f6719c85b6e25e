"""The deck as a file that Anki imports: rows streamed into a database, and that zipped into what the caller opened.

Two builds of one bank are the same to the byte: no clock, no random numbers. Builds by another SQLite or zlib hold
the same rows, packed as those pack.
"""

from __future__ import annotations

import hashlib
import html
import json
import sqlite3
import sys
import tempfile
import zipfile
from array import array
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
from questions.bank import Bank, Media, TopicName
from questions.errors import BadFile, Problem
from questions.history import Progress
from questions.texts import DIRECTION, LANGS, Lang

_FIRST_ID = 1_577_836_800_000  # 2020: Anki mends ids that lie in the future
_CARDS_A_NOTE = 16  # room between the ids of two notes for the ids of the first one's cards
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
            told = _fill(db, bank, notes(bank, address=address, problems=problems), lang)
            if progress is not None and not problems:
                add_progress(db, bank, progress, preset_id=_deck_id(bank.id, "preset"))
        if problems:
            raise BadFile(problems)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
            _put(package, "collection.anki2", _pieces(path), large=path.stat().st_size > _LARGE)
            _put_media(package, told.media)
    return DeckSummary(
        notes=len(told.mods),
        cards=len(told.lessons),
        decks=len({deck.deck_id for deck in told.decks.values()}),
        retired=told.retired,
    )


def _fill(db: sqlite3.Connection, bank: Bank, rows: Iterable[Note], lang: Lang) -> _Told:
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
    return told


class _Told:
    """What the notes tell while they are written: their cards and decks, and how many there are."""

    def __init__(self, bank: Bank, lang: Lang) -> None:
        self.bank, self.lang = bank, lang
        self.retired = 0
        self.mods, self.deck_ids = array("q"), array("q")  # of each note
        self.media: dict[str, Media] = {}
        # Of each card the place of its note, its template and its lesson: numbers that take little room.
        self.card_notes, self.ordinals, self.lessons = array("q"), bytearray(), array("q")
        # Of each topic that has notes, and under None the top one.
        self.decks: dict[str | None, Any] = {None: genanki.Deck(_deck_id(bank.id, None), bank.deck)}
        self._names = {topic.id: _topic_name(topic) for topic in bank.topics}

    def note_rows(self, rows: Iterable[Note]) -> Iterator[tuple[object, ...]]:
        first = _FIRST_ID + _number(self.bank.id, 35)
        for place, (name, guid, mod, fields, titles, tags, cards, topic, media, retired) in enumerate(rows):
            deck = self.decks.get(topic) or self._new_deck(topic)
            self.mods.append(mod)
            self.deck_ids.append(deck.deck_id)
            for ordinal, lesson in cards:
                self.card_notes.append(place)
                self.ordinals.append(ordinal)
                self.lessons.append(lesson)
            if media:
                self.media |= {media_name(item): item for item in media}
            self.retired += retired
            # Anki finds duplicates by this sum of the first field.
            checksum = int.from_bytes(hashlib.sha1(name.encode(), usedforsecurity=False).digest()[:4])
            yield first + place * _CARDS_A_NOTE, guid, NOTE_TYPE_ID, mod, tags, fields, titles[self.lang], checksum

    def card_rows(self) -> Iterator[tuple[object, ...]]:
        """Cards by their ids, which is quickest to write; their places follow their lessons."""
        places = array("q", bytes(8 * len(self.lessons)))
        for place, card in enumerate(sorted(range(len(places)), key=self.lessons.__getitem__), start=1):
            places[card] = min(place, _LAST_PLACE)
        first = _FIRST_ID + _number(self.bank.id, 35)
        for note, ordinal, lesson, place in zip(self.card_notes, self.ordinals, self.lessons, places, strict=True):
            note_id = first + note * _CARDS_A_NOTE
            queue = _NEW if lesson < RETIRED_LESSON else _SUSPENDED
            yield note_id + ordinal, note_id, self.deck_ids[note], ordinal, self.mods[note], queue, place

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
    changed = max(told.mods, default=0)
    values = (
        bank.author,
        bank.licence,
        _version(told),
        f"{datetime.fromtimestamp(changed, UTC):%Y-%m-%d}" if changed else None,
        str(len(told.mods)),
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


def _version(told: _Told) -> str:
    """Another one whenever a note is another, or stands in another deck."""
    seen = hashlib.sha256()
    for numbers in (told.mods, told.deck_ids):
        if sys.byteorder == "big":  # the same on every machine; the last that is read of them
            numbers.byteswap()
        seen.update(numbers)
    return seen.hexdigest()[:8]


def _pieces(path: Path) -> Iterator[bytes]:
    """The database's file without which SQLite wrote it, and how often: all that differs between two of them."""
    with path.open("rb") as file:
        first = bytearray(file.read(_PIECE))
        first[24:28] = first[92:96] = first[96:100] = bytes(4)
        yield bytes(first)
        while piece := file.read(_PIECE):
            yield piece


def _put_media(package: zipfile.ZipFile, files: dict[str, Media]) -> None:
    """The files that questions show, each once, under the numbers by which Anki's index names them."""
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
