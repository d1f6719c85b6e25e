"""What may never change once people have the deck, written out: ids, names and their order.

A failure here is no reason to mend the test: notes that learners already have would stop being updated.
"""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from datetime import UTC, datetime

import pytest

from export.anki import write_deck

# fmt: off
FIELDS = [
    "Point", "Title ar", "Title en", "Source ar", "Source en", "Paragraph", "Link", "Choice stem ar",
    "Choice stem en", "Choice options ar", "Choice options en", "Choice answer ar", "Choice answer en",
    "Choice why ar", "Choice why en", "Choice media", "Multi-select stem ar", "Multi-select stem en",
    "Multi-select options ar", "Multi-select options en", "Multi-select answer ar",
    "Multi-select answer en", "Multi-select why ar", "Multi-select why en", "Multi-select media",
    "True-false stem ar", "True-false stem en", "True-false answer ar", "True-false answer en",
    "True-false why ar", "True-false why en", "True-false media", "Typed stem ar", "Typed stem en",
    "Typed compare ar", "Typed compare en", "Typed answer ar", "Typed answer en", "Typed also ar",
    "Typed also en", "Typed why ar", "Typed why en", "Typed media", "Cloze stem ar", "Cloze stem en",
    "Cloze compare ar", "Cloze compare en", "Cloze answer ar", "Cloze answer en", "Cloze also ar",
    "Cloze also en", "Cloze why ar", "Cloze why en", "Cloze media", "Ordering stem ar",
    "Ordering stem en", "Ordering items ar", "Ordering items en", "Ordering answer ar",
    "Ordering answer en", "Ordering why ar", "Ordering why en", "Ordering media", "Matching stem ar",
    "Matching stem en", "Matching items ar", "Matching items en", "Matching answer ar",
    "Matching answer en", "Matching why ar", "Matching why en", "Matching media", "Open stem ar",
    "Open stem en", "Open answer ar", "Open answer en", "Open why ar", "Open why en", "Open media",
    "Other 1 stem ar", "Other 1 stem en", "Other 1 answer ar", "Other 1 answer en", "Other 2 stem ar",
    "Other 2 stem en", "Other 2 answer ar", "Other 2 answer en", "Extra 1 ar", "Extra 1 en",
    "Extra 2 ar", "Extra 2 en", "Extra 3 ar", "Extra 3 en", "Extra 4 ar", "Extra 4 en",
]
TEMPLATES = [
    "Choice", "Multi-select", "True-false", "Typed", "Cloze", "Ordering", "Matching", "Open", "Other 1",
    "Other 2",
]
# fmt: on
DECK_IDS = [
    "1",
    "8983875923528961",
    "7276403083225360",
    "8508740023280402",
]  # Anki's own Default, ours on top, one a topic


@pytest.fixture
def database(bank, packed):
    """The package's own tables, as SQLite reads them."""
    db = sqlite3.connect(":memory:")
    db.deserialize(zipfile.ZipFile(io.BytesIO(packed(bank)[0])).read("collection.anki2"))
    yield db
    db.close()


def note_type(database):
    ((models,),) = database.execute("SELECT models FROM col")
    return json.loads(models)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_note_type_is_the_one_that_people_have(bank, packed, lang):
    db = sqlite3.connect(":memory:")
    db.deserialize(zipfile.ZipFile(io.BytesIO(packed(bank, lang)[0])).read("collection.anki2"))
    models = note_type(db)
    db.close()
    assert list(models) == ["1638874800521"]
    model = models["1638874800521"]
    assert (model["name"], model["type"]) == ("Qimma", 0)
    assert [field["name"] for field in model["flds"]] == FIELDS
    assert [template["name"] for template in model["tmpls"]] == TEMPLATES
    assert [field["id"] for field in model["flds"]] == list(range(1638874800521000, 1638874800521095))
    assert [template["id"] for template in model["tmpls"]] == list(range(1638874800521500, 1638874800521510))


def test_arabic_fields_are_written_from_right_to_left(database):
    (model,) = note_type(database).values()
    assert [field["name"] for field in model["flds"] if field["rtl"]] == [
        name for name in FIELDS if name.endswith(" ar")
    ]


def test_guids_come_from_bank_and_point(database):
    assert database.execute(
        "SELECT guid, substr(flds, 1, instr(flds, char(31)) - 1) FROM notes ORDER BY id"
    ).fetchall() == [
        ("qdz3hc>$dX", "f-1.speaker"),
        ("j#2|1=|}1y", "f-2.amount"),
        ("Hq=H1J-NBx", "s-1.raised"),
        ("yS~]Sf?]JT", "s-2.order"),
        ("d?..{Gn;Bw", "s-3.roles"),
        ("Pm!@n/n8~N", "essay-1"),
        ("m@rm@giX_B", "only-arabic"),
        ("Wh?;5w/7I", "only-english"),
    ]


def test_decks_keep_their_ids_whatever_they_are_called(bank, packed, new_bank):
    renamed = new_bank(deck="Another", topics=[{"id": "water", "name": {"en": "Rivers"}}])
    for each in (bank, renamed):
        db = sqlite3.connect(":memory:")
        db.deserialize(zipfile.ZipFile(io.BytesIO(packed(each)[0])).read("collection.anki2"))
        ((decks,),) = db.execute("SELECT decks FROM col")
        db.close()
        assert list(json.loads(decks)) == DECK_IDS


def test_two_builds_are_the_same_to_the_byte(bank, packed, monkeypatch):
    first = packed(bank, "ar", "https://qimma.example")[0]
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert packed(bank, "ar", "https://qimma.example")[0] == first


def test_the_file_does_not_say_which_sqlite_wrote_it(bank, packed):
    file = zipfile.ZipFile(io.BytesIO(packed(bank)[0])).read("collection.anki2")
    assert file[:16] == b"SQLite format 3\x00"
    assert (file[24:28], file[92:100]) == (bytes(4), bytes(8))


def test_the_zip_is_dated_by_the_newest_change(version, packed):
    later = datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC)
    names = zipfile.ZipFile(io.BytesIO(packed(version(later, {"essay-1": {}}))[0])).infolist()
    assert [(entry.filename, entry.date_time) for entry in names] == [
        ("collection.anki2", (2026, 3, 4, 5, 6, 8)),
        ("0", (2026, 3, 4, 5, 6, 8)),
        ("media", (2026, 3, 4, 5, 6, 8)),
    ]


def test_notes_are_the_same_in_either_study_language(bank, packed):
    rows = []
    for lang in ("ar", "en"):
        db = sqlite3.connect(":memory:")
        db.deserialize(zipfile.ZipFile(io.BytesIO(packed(bank, lang)[0])).read("collection.anki2"))
        rows.append(db.execute("SELECT id, guid, mod, tags, flds FROM notes").fetchall())
        db.close()
    assert rows[0] == rows[1]


def test_nothing_is_left_in_the_temporary_directory(bank, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write_deck(bank, io.BytesIO(), lang="ar")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_wound_back_will_do(bank, packed):
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.taken = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.taken += data
            return len(data)

    pipe = Pipe()
    write_deck(bank, pipe, lang="ar")
    inside = zipfile.ZipFile(io.BytesIO(bytes(pipe.taken)))
    assert inside.testzip() is None
    assert inside.read("collection.anki2") == zipfile.ZipFile(io.BytesIO(packed(bank)[0])).read("collection.anki2")
