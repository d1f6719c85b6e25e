"""What may never change once people have the deck, written out: ids, names and their order.

A failure here is no reason to mend the test: notes that learners already have would stop being updated.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import genanki
import pytest

from export.anki import write_deck
from export.anki.note_type import note_type
from questions.anki_ids import guid
from questions.errors import BadFile
from questions.formats import bank_json
from questions.generate import from_folder, packaged

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


def written(database):
    ((models,),) = database.execute("SELECT models FROM col")
    return json.loads(models)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_note_type_is_the_one_that_people_have(bank, packed, lang):
    db = sqlite3.connect(":memory:")
    db.deserialize(zipfile.ZipFile(io.BytesIO(packed(bank, lang)[0])).read("collection.anki2"))
    models = written(db)
    db.close()
    assert list(models) == ["1638874800521"]
    model = models["1638874800521"]
    assert (model["name"], model["type"]) == ("Qimma", 0)
    assert [field["name"] for field in model["flds"]] == FIELDS
    assert [template["name"] for template in model["tmpls"]] == TEMPLATES
    assert [field["id"] for field in model["flds"]] == list(range(1638874800521000, 1638874800521095))
    assert [template["id"] for template in model["tmpls"]] == list(range(1638874800521500, 1638874800521510))


def test_arabic_fields_are_written_from_right_to_left(database):
    (model,) = written(database).values()
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


def test_another_machine_s_seed_time_zone_and_locale_make_no_difference(bank, packed, tmp_path):
    (tmp_path / "dam.json").write_text(bank_json.dump(bank), encoding="utf-8")
    build = (
        "import pathlib; from export.anki import write_deck; from questions.formats import bank_json;"
        "write_deck(bank_json.load(pathlib.Path('dam.json').read_bytes(), ''), open('dam.apkg', 'wb'), lang='ar')"
    )
    there = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, env=there, check=True)  # noqa: S603
    assert (tmp_path / "dam.apkg").read_bytes() == packed(bank)[0]


def test_the_zip_says_neither_day_nor_system(bank, packed):
    names = zipfile.ZipFile(io.BytesIO(packed(bank)[0])).infolist()
    assert [(entry.filename, entry.date_time, entry.create_system) for entry in names] == [
        ("collection.anki2", (1980, 1, 1, 0, 0, 0), 3),
        ("0", (1980, 1, 1, 0, 0, 0), 3),
        ("media", (1980, 1, 1, 0, 0, 0), 3),
    ]


@pytest.mark.parametrize("name", ["f-1.speaker", "essay-1", "", "سؤال"])
def test_a_guid_is_genanki_s(name):
    assert guid("talks", name) == genanki.guid_for("qimma", "talks", name)


def test_every_guid_of_a_package_stands_once(packed):
    db = sqlite3.connect(":memory:")
    summit = from_folder(packaged())[1]
    db.deserialize(zipfile.ZipFile(io.BytesIO(packed(summit)[0])).read("collection.anki2"))
    ((notes, guids),) = db.execute("SELECT count(*), count(DISTINCT guid) FROM notes")
    db.close()
    assert (notes, guids) == (146, 146)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_templates_show_only_fields_that_there_are(lang):
    model = note_type(lang)
    shown = {
        name.removeprefix("type:nc:")
        for template in model.templates
        for side in ("qfmt", "afmt")
        for name in re.findall(r"\{\{[#^/]?(.+?)\}\}", template[side])
    }
    assert shown - set(FIELDS) == set()
    assert {name for name in FIELDS if name not in shown} == {
        "Title ar", "Title en", "Paragraph", "Cloze compare ar", "Cloze compare en",
        *(f"Extra {number} {each}" for number in (1, 2, 3, 4) for each in ("ar", "en")),
    }  # fmt: skip


def test_notes_are_the_same_in_either_study_language(bank, packed):
    rows = []
    for lang in ("ar", "en"):
        db = sqlite3.connect(":memory:")
        db.deserialize(zipfile.ZipFile(io.BytesIO(packed(bank, lang)[0])).read("collection.anki2"))
        rows.append(db.execute("SELECT id, guid, mod, tags, flds FROM notes").fetchall())
        db.close()
    assert rows[0] == rows[1]


class Full(io.BytesIO):
    def write(self, data):
        raise OSError("the disk is full")


def test_nothing_is_left_in_the_temporary_directory(bank, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write_deck(bank, io.BytesIO(), lang="ar")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadFile):
        write_deck(bank.model_copy(update={"deck": "\x1f"}), io.BytesIO(), lang="ar")
    with pytest.raises(OSError, match="full"):
        write_deck(bank, Full(), lang="ar")
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
