"""An Anki package as a file: its collection, its note types and its media, in the old format and in the new.

Its database was made by somebody else. It is opened read-only in a folder of its own, answers plain SELECTs on plain
tables, and is given only so many steps.
"""

from __future__ import annotations

import html
import json
import re
import sqlite3
import tempfile
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import zstandard

from questions.formats.archive import Archive
from questions.formats.incoming import LARGEST_INSIDE

_COLLECTIONS = ("collection.anki21b", "collection.anki21", "collection.anki2")  # the best first
_TABLES = frozenset(("col", "notes", "cards", "notetypes", "fields", "templates", "decks", "revlog"))
_LONGEST = 16 * 1024 * 1024  # bytes of one value
_STEPS = 3_000  # of ten thousand instructions of the database each
_WINDOW = 2**25
_LIST = 8 * 1024 * 1024  # bytes of the list of media
LARGEST_MEDIA = 6_000_000
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Template:
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    name: str
    fields: tuple[str, ...]
    templates: tuple[Template, ...]
    cloze: bool
    occlusion: bool = False


@dataclass(frozen=True, slots=True)
class AnkiNote:
    """A note with its fields by name; `ordinal` is its first card's template, `deck` that card's deck."""

    number: int
    guid: str
    mod: int  # seconds
    type: NoteType | None
    fields: dict[str, str]
    tags: tuple[str, ...]
    deck: str
    ordinal: int
    cards: int = 1


@dataclass(slots=True)
class Package:
    """What a package holds; the notes are read as they are asked for."""

    notes: Iterator[AnkiNote]
    count: int
    media: Media


@dataclass(frozen=True, slots=True)
class Opened:
    """A package whose collection has been unpacked."""

    archive: Archive
    packed: bool  # in the new format, in which each entry is packed once more
    tables: set[str]


class Media:
    """The files of a package by the names that its notes use."""

    def __init__(self, archive: Archive, *, packed: bool) -> None:
        self._archive, self._packed = archive, packed
        self._entries = {unicodedata.normalize("NFC", name): entry for name, entry in self._list().items()}

    def read(self, name: str) -> bytes | None:
        """The file; None when the package lacks it, empty when it is too large."""
        for form in (name, urllib.parse.unquote(name), html.unescape(name)):
            entry = self._entries.get(unicodedata.normalize("NFC", form))
            if entry is not None and entry in self._archive:
                if self._archive.size(entry) > LARGEST_MEDIA:
                    return b""
                if not self._packed:
                    return self._archive.read(entry)
                return _joined(_unpacked(self._archive, entry), LARGEST_MEDIA) or b""
        return None

    def _list(self) -> dict[str, str]:
        if "media" not in self._archive or self._archive.size("media") > _LIST:
            return {}
        if self._packed:
            listed = _joined(_unpacked(self._archive, "media"), _LIST)
            names = [_last_text(entry, 1) for number, entry in _messages(listed or b"") if number == 1]
            return {name: str(place) for place, name in enumerate(names)}
        try:
            loaded = json.loads(self._archive.read("media") or b"{}")
        except (ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict):
            return {}
        return {name: entry for entry, name in loaded.items() if isinstance(name, str)}


@contextmanager
def open_collection(data: bytes, name: str) -> Iterator[tuple[Opened, sqlite3.Connection]]:
    """The database of a package, which is gone afterwards.

    Raises BadFile for what is no package, is damaged, or holds a database that does more than hold data.
    """
    archive = Archive(data, name)
    entry = next((one for one in _COLLECTIONS if one in archive), None)
    if entry is None:
        raise archive.bad("is no Anki package: it holds no collection")
    packed = entry.endswith("b")
    with tempfile.TemporaryDirectory(prefix="qimma-") as folder:
        path = Path(folder) / "collection"
        with path.open("wb") as out:
            written = 0
            for piece in _unpacked(archive, entry) if packed else archive.pieces(entry):
                written += len(piece)
                if written > LARGEST_INSIDE:
                    raise archive.bad(f"unpacks to more than {LARGEST_INSIDE // 2**20} MiB")
                out.write(piece)
        try:
            with closing(_connect(path)) as db:
                yield Opened(archive, packed, _plain_tables(db, archive)), db
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:  # names in what SQLite says may be no text
            raise archive.bad(f"its collection is damaged, or is no Anki collection: {error}") from None


@contextmanager
def open_package(data: bytes, name: str) -> Iterator[Package]:
    """Raises BadFile as `open_collection` does."""
    with open_collection(data, name) as (opened, db):
        try:
            types, decks = _new(db) if "notetypes" in opened.tables else _old(db)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise sqlite3.DatabaseError(f"note types cannot be read ({type(error).__name__})") from None
        count = int(db.execute("SELECT count(*) FROM notes").fetchone()[0])
        yield Package(_notes(db, types, decks), count, Media(opened.archive, packed=opened.packed))


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro&immutable=1", uri=True)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    db.text_factory = _text
    for setting in (
        "trusted_schema = OFF",
        "query_only = ON",
        "cell_size_check = ON",
        "mmap_size = 0",
        "cache_size = -8000",
    ):
        db.execute(f"PRAGMA {setting}")
    db.create_collation(
        "unicase", lambda one, other: (one.casefold() > other.casefold()) - (one.casefold() < other.casefold())
    )
    db.set_progress_handler(_steps(), 10_000)
    return db


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _steps() -> Callable[[], int]:
    left = _STEPS

    def step() -> int:
        nonlocal left
        left -= 1
        return left < 0

    return step


_HIDDEN = 6  # where SQLite says that a column is reckoned, not stored


def _plain_tables(db: sqlite3.Connection, archive: Archive) -> set[str]:
    """The tables. A view or a virtual table in the place of one could run what its maker likes."""
    found: set[str] = set()
    for kind, table, sql in db.execute("SELECT type, lower(name), sql FROM sqlite_master"):
        if table in _TABLES and kind != "index":
            plain = kind == "table" and re.match(r"CREATE TABLE\b", sql or "", re.IGNORECASE)
            if not plain or any(column[_HIDDEN] for column in db.execute(f"PRAGMA table_xinfo({table})")):
                raise archive.bad(f"its collection has no plain table {table!r}")
            found.add(table)
    if not {"notes", "cards", "col"} <= found:
        raise archive.bad("its collection is no Anki collection: it has no notes")
    return found


def _old(db: sqlite3.Connection) -> tuple[dict[int, NoteType], dict[int, str]]:
    """Note types and decks, which the old format keeps as JSON in one row."""
    row = db.execute("SELECT models, decks FROM col LIMIT 1").fetchone()
    types: dict[int, NoteType] = {}
    models, named = json.loads(row[0]), json.loads(row[1])
    for key, model in models.items():
        fields = sorted(model["flds"], key=lambda one: one.get("ord", 0))
        templates = sorted(model["tmpls"], key=lambda one: one.get("ord", 0))
        types[int(key)] = NoteType(
            str(model["name"]),
            tuple(str(one["name"]) for one in fields),
            tuple(Template(str(one["qfmt"]), str(one["afmt"])) for one in templates),
            model.get("type") == 1,
            model.get("originalStockKind") == 6,
        )
    return types, {int(key): str(deck["name"]) for key, deck in named.items()}


def _new(db: sqlite3.Connection) -> tuple[dict[int, NoteType], dict[int, str]]:
    fields: dict[int, dict[int, str]] = {}
    templates: dict[int, dict[int, Template]] = {}
    for note_type, place, name in db.execute("SELECT ntid, ord, name FROM fields"):
        fields.setdefault(note_type, {})[place] = str(name)
    for note_type, place, config in db.execute("SELECT ntid, ord, config FROM templates"):
        templates.setdefault(note_type, {})[place] = Template(_last_text(config, 1), _last_text(config, 2))
    types: dict[int, NoteType] = {}
    for note_type, name, config in db.execute("SELECT id, name, config FROM notetypes"):
        values = _numbers(config)
        types[note_type] = NoteType(
            str(name),
            tuple(text for _, text in sorted(fields.get(note_type, {}).items())),
            tuple(one for _, one in sorted(templates.get(note_type, {}).items())),
            values.get(1) == 1,
            values.get(9) == 6,
        )
    return types, {deck: str(name).replace("\x1f", "::") for deck, name in db.execute("SELECT id, name FROM decks")}


def _notes(db: sqlite3.Connection, types: dict[int, NoteType], decks: dict[int, str]) -> Iterator[AnkiNote]:
    cards: dict[int, tuple[int, int, int]] = {}  # the first card's template and deck, and how many, by note
    query = "SELECT nid, COALESCE(CAST(ord AS INTEGER), 0), CASE WHEN odid <> 0 THEN odid ELSE did END FROM cards"
    for note, ordinal, deck in db.execute(query):
        first, there, count = cards.get(note, (ordinal, deck, 0))
        cards[note] = (ordinal, deck, count + 1) if ordinal < first else (first, there, count + 1)
    # Some makers of packages leave out what only Anki's own updates ask for.
    named = {column for _, column, *_ in db.execute("PRAGMA table_info(notes)")}
    identity = "guid, mod" if {"guid", "mod"} <= named else "'', 0"
    rows = db.execute(f"SELECT id, {identity}, mid, tags, flds FROM notes ORDER BY id")  # noqa: S608  (ours)
    for number, (note, guid, mod, note_type, tags, values) in enumerate(rows, start=1):
        kind = types.get(note_type)
        ordinal, deck, count = cards.get(note, (0, 0, 1))
        texts = str(values).split("\x1f")
        names = kind.fields if kind else ()
        yield AnkiNote(
            number,
            str(guid),
            mod if isinstance(mod, int) else 0,
            kind,
            dict(zip(names, texts, strict=False)),
            tuple(str(tags).split()),
            decks.get(deck, ""),
            ordinal,
            count,
        )


# ---------------------------------------------------------------- zstandard and protobuf


def _unpacked(archive: Archive, entry: str) -> Iterator[bytes]:
    """An entry that is itself packed with zstandard, in pieces."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with archive.stream(entry) as packed, unpacker.stream_reader(packed) as stream:
        try:
            while piece := stream.read(_PIECE):
                yield piece
        except zstandard.ZstdError as error:
            raise archive.bad(f"entry {entry!r} is damaged: {error}") from None


def _joined(pieces: Iterator[bytes], most: int) -> bytes | None:
    """The pieces as one; None when there is more than may be."""
    out = bytearray()
    for piece in pieces:
        out += piece
        if len(out) > most:
            return None
    return bytes(out)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message, up to where it stops making sense."""
    for number, value in _walk(data):
        if isinstance(value, bytes):
            yield number, value


def _numbers(data: bytes) -> dict[int, int]:
    return {number: value for number, value in _walk(data) if isinstance(value, int)}


def _last_text(data: bytes, wanted: int) -> str:
    texts = [value for number, value in _messages(data) if number == wanted]
    return texts[-1].decode("utf-8", "replace") if texts else ""


def _walk(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                value, at = _varint(data, at)
                yield key >> 3, value
            case 1:
                at += 8
            case 2:
                length, at = _varint(data, at)
                if at + length > len(data):
                    return
                yield key >> 3, data[at : at + length]
                at += length
            case 5:
                at += 4
            case _:
                return


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    return value, len(data) if at >= len(data) else at
