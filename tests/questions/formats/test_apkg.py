"""Anki packages in, made by the real Anki in both of its formats, and by our own deck writer."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from anki.collection import Collection, ExportAnkiPackageOptions

from export.anki import write_deck
from questions import factbook, generate
from questions.bank import Bank
from questions.errors import BadFile
from questions.formats import apkg
from questions.formats.apkg_gaps import BLANK, cloze_parts, shown_with
from questions.formats.incoming import Incoming
from tests.factories import every_kind, make_bank, make_question

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
MEDIA = ({"name": "a.png", "alt": 'a "dam"', "type": "image/png", "data": base64.b64encode(PIXEL).decode()},)


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Collection]:
    collection = Collection(str(tmp_path / "collection.anki2"))
    collection.media.write_data("dam.png", PIXEL)
    collection.media.write_data("note.svg", b"<svg/>")
    yield collection
    collection.close()


def add(anki: Collection, note_type: str, *fields: str, deck: str = "Rivers::Nile", tags: tuple[str, ...] = ()) -> None:
    note = anki.new_note(anki.models.by_name(note_type))
    note.fields[: len(fields)] = fields
    note.tags = list(tags)
    anki.add_note(note, anki.decks.id(deck))


def exported(anki: Collection, tmp_path: Path, *, legacy: bool = False) -> bytes:
    path = tmp_path / f"out-{legacy}.apkg"
    options = ExportAnkiPackageOptions(legacy=legacy, with_media=True)
    anki.export_anki_package(out_path=str(path), options=options, limit=None)
    return path.read_bytes()


def notes(incoming: Incoming) -> list[str]:
    return [str(note) for note in incoming.notes]


@pytest.mark.parametrize("legacy", [False, True])
def test_both_formats_of_a_package_are_read_alike(anki, tmp_path, legacy):
    add(anki, "Basic", "Where does the <b>Nile</b> end?", "in the sea", tags=("africa::north", "leech"))
    add(anki, "Basic (and reversed card)", "ماذا يروي النيل؟", "<div>مصر</div>", deck="Rivers::العربية")
    add(anki, "Basic", 'What is this? <img src="dam.png">', "a dam")
    incoming = apkg.read(exported(anki, tmp_path, legacy=legacy), "a.apkg")
    nile, arabic, dam = incoming.questions
    assert (nile.kind, nile.stem.en, nile.answer.en) == ("typed", "Where does the **Nile** end?", "in the sea")
    assert nile.tags == ("africa::north",)
    assert (arabic.stem.ar, arabic.answer.ar) == ("ماذا يروي النيل؟", "مصر")
    assert [(one.name, one.type) for one in dam.media] == [("dam.png", "image/png")]
    assert base64.b64decode(dam.media[0].data) == PIXEL
    assert {topic.id: topic.name.best("en")[1] for topic in incoming.topics}[nile.topic] == "Rivers · Nile"
    assert (incoming.title, incoming.held) == ("Rivers", 3)
    assert [str(note) for note in incoming.notes] == ["note 2 (ماذا يروي النيل؟): remark: lost: other-cards"]


def test_a_whole_collection_is_read(anki, tmp_path):
    add(anki, "Basic", "One?", "1")
    anki.export_collection_package(str(tmp_path / "a.colpkg"), include_media=True, legacy=False)
    assert len(apkg.read((tmp_path / "a.colpkg").read_bytes(), "a.colpkg").questions) == 1


@pytest.mark.parametrize(
    ("note_type", "fields", "kind"),
    [
        ("Basic", ("Why does it flood?", "Because of the summer rains"), "open"),
        ("Basic", ("Why does it flood?", "rain<br>and snow"), "open"),
        ("Basic", ("The Nile flows north.", "True"), "true_false"),
        ("Basic", ("النيل يجري جنوبًا", "خطأ"), "true_false"),
        ("Basic", ("Is it long?", "True"), "typed"),
        ("Basic (type in the answer)", ("Why?", "a long answer that one must type"), "typed"),
    ],
)
def test_the_answer_says_what_kind_of_question_it_is(anki, tmp_path, note_type, fields, kind):
    add(anki, note_type, *fields)
    (question,) = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert question.kind == kind
    assert kind != "open" or question.feedback.en.startswith(fields[1][:4])


def test_a_number_is_graded_as_one(anki, tmp_path):
    add(anki, "Basic", "How long?", "6650")
    (question,) = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert (question.answer_type, question.value) == ("number", "6650")


def test_a_cloze_note_asks_each_of_its_gaps_with_its_hint(anki, tmp_path):
    add(anki, "Cloze", "The {{c1::Nile::river}} ends in the {{c2::sea}} and the {{c1::Nile}} is long.", "See a map.")
    one, two = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert (one.stem.en, one.answer.en) == ("The ____ [river] ends in the sea and the … is long.", "Nile")
    assert (two.stem.en, two.answer.en) == ("The Nile ends in the ____ and the Nile is long.", "sea")
    assert one.feedback.en == two.feedback.en == "See a map."


def test_gaps_that_hide_different_words_are_thought_over(anki, tmp_path):
    add(anki, "Cloze", "{{c1::Lakes}} and {{c1::rivers}} hold water.")
    (question,) = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert (question.kind, question.stem.en) == ("open", "____ and ____ hold water.")
    assert question.feedback.en == "Lakes; rivers"


@pytest.mark.parametrize(
    ("source", "number", "shown", "hidden"),
    [
        ("{{c1::a {{c2::b}} c}} d", 1, f"{BLANK} d", ["a b c"]),
        ("{{c1::a {{c2::b}} c}} d", 2, f"a {BLANK} c d", ["b"]),
        ("{{c1,2::x}} y", 2, f"{BLANK} y", ["x"]),
        ("a }} b {{c1::x::h}}", 1, f"a }}}} b {BLANK} [h]", ["x"]),
        ("{{c1::never closed", 1, "never closed", []),
    ],
)
def test_gaps_within_gaps_are_told_apart(source, number, shown, hidden):
    found: list[str] = []
    assert shown_with(cloze_parts(source), number, found) == shown
    assert found == hidden


def test_what_cannot_come_in_is_refused_by_its_note(anki, tmp_path):
    add(anki, "Image Occlusion", "{{c1::image-occlusion:rect:left=.1:top=.1}}", '<img src="dam.png">')
    add(anki, "Basic", "What shows the answer?", '<img src="dam.png">')
    add(anki, "Basic", "Good?", "yes")
    incoming = apkg.read(exported(anki, tmp_path), "a.apkg")
    assert [one.stem.en for one in incoming.questions] == ["Good?"]
    assert [one for one in notes(incoming) if "refused" in one] == [
        "note 1 ({{c1::image-occlusion:rect:left=.1:top=.1}}): refused: unsupported: image occlusion",
        "note 2 (What shows the answer?): refused: no-answer",
    ]


def test_pictures_and_sounds_that_are_not_kept_are_told_of(anki, tmp_path):
    add(anki, "Basic", 'A? <img src="gone.png"> <img src="note.svg"> [sound:lost.mp3]', 'b <img src="dam.png">')
    incoming = apkg.read(exported(anki, tmp_path), "a.apkg")
    assert incoming.questions[0].media == ()
    assert sorted(one.partition("remark: ")[2] for one in notes(incoming)) == [
        "lost: answer-media",
        "media-missing: gone.png",
        "media-missing: lost.mp3",
        "media-refused: note.svg",
    ]


def test_a_picture_alone_is_asked_about(anki, tmp_path):
    add(anki, "Basic", '<img src="dam.png">', "a dam")
    (question,) = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert question.stem.model_dump() == {"ar": "ما الذي في الصورة؟", "en": "What does the picture show?"}


def test_a_note_type_of_its_own_asks_as_its_first_card_does(anki, tmp_path):
    model = anki.models.new("River")
    for name in ("Country", "Name", "Length", "Note"):
        anki.models.add_field(model, anki.models.new_field(name))
    template = anki.models.new_template("Card 1")
    template["qfmt"] = "<script>let x = 1</script>Which river flows in {{#Country}}{{Country}}{{/Country}}?"
    template["afmt"] = "{{FrontSide}}<hr>{{text:Name}} ({{Length}})"
    anki.models.add_template(model, template)
    anki.models.add(model)
    add(anki, "River", "Egypt", "the Nile", "6650 km", "unused")
    (question,) = apkg.read(exported(anki, tmp_path), "a.apkg").questions
    assert (question.stem.en, question.answer.en, question.feedback.en) == ("Egypt", "the Nile", "6650 km")


# ---------------------------------------------------------------- our own decks


def there_and_back(bank: Bank) -> Incoming:
    out = io.BytesIO()
    write_deck(bank, out, lang="ar", address="https://example.org")
    return apkg.read(out.getvalue(), "a.apkg")


def said(question) -> dict[str, object]:
    """What a card says of a question."""
    data = question.model_dump(include={"id", "kind", "stem", "feedback", "topic", "facts", "tags", "answer", "weight"})
    for name in ("options", "items"):
        texts = [one.text.model_dump_json() for one in getattr(question, name, ())]
        data[name] = sorted(texts) if name == "options" else texts
    rights = {getattr(question, "key", None), *getattr(question, "keys", ())}
    data["right"] = sorted([one.text.model_dump_json() for one in getattr(question, "options", ()) if one.id in rights])
    data["said"] = sorted(one.feedback.model_dump_json() for one in getattr(question, "options", ()) if one.feedback)
    data["pairs"] = [(one.left, one.right) for one in getattr(question, "pairs", ())]
    data["extra"] = [one.text for one in getattr(question, "extra", ())]
    return data


MIXED = {
    "stem": {"en": "a < b & **c**?\nd"},
    "feedback": {"en": "that"},
    "options": ({"id": "x", "text": {"ar": "س"}}, {"id": "y", "text": {"en": "[y]"}}),
    "key": "x",
}


@pytest.mark.parametrize(
    "bank",
    [
        make_bank(*every_kind()),
        make_bank(make_question("choice", **MIXED), make_question("open", media=MEDIA, tags=("one", "two"))),
    ],
)
def test_questions_of_our_own_decks_come_back_by_their_ids(bank):
    assert [said(one) for one in there_and_back(bank).questions] == [said(one) for one in bank.live]


def test_the_packaged_deck_comes_back():
    bank = generate.generate(factbook.load(generate.packaged()))
    incoming = there_and_back(bank)
    mine = {question.id: said(question) for question in incoming.questions}
    assert mine == {question.id: said(question) for question in bank.live}
    assert {topic.id: topic.name for topic in incoming.topics} == {
        topic.id: topic.name for topic in bank.topics if topic.id in {question.topic for question in bank.live}
    }
    assert notes(incoming) == [f"note 1 ({bank.live[0].id}): remark: lost: sources"]


def test_pictures_and_accepted_answers_of_our_own_decks_come_back():
    accepted = (
        {"text": "Hasan", "lang": "en", "weight": 0.5},
        {"text": "ليلى", "lang": "ar"},
        {"text": "L. H.", "lang": None},
    )
    typed = make_question("typed", accepted=accepted, ranges=({"low": 1, "high": 2.5},), media=MEDIA)
    (back,) = there_and_back(make_bank(typed)).questions
    assert {(one.text, one.lang, one.weight) for one in back.accepted} == {
        ("Hasan", "en", 0.5),
        ("ليلى", "ar", 1.0),
        ("L. H.", None, 1.0),
    }
    assert [(one.low, one.high) for one in back.ranges] == [(1, 2.5)]
    assert (base64.b64decode(back.media[0].data), back.media[0].alt) == (PIXEL, 'a "dam"')


def test_retired_questions_of_our_own_decks_are_skipped():
    bank = make_bank(make_question("choice"), make_question("open"))
    first, second = bank.entries
    bank = bank.model_copy(update={"entries": (first.model_copy(update={"retired": True}), second)})
    incoming = there_and_back(bank)
    assert [one.id for one in incoming.questions] == ["essay-1"]
    assert notes(incoming)[0] == "note 1 (f-1.speaker.choice): skipped: retired"


# ---------------------------------------------------------------- what is no package


def package(sql: str = "", *, data: bytes | None = None, name: str = "collection.anki2", rows: int = 1) -> bytes:
    """A package in the old format whose notes are made by `sql`."""
    model = {
        "name": "B",
        "type": 0,
        "flds": [{"name": "F"}, {"name": "B"}],
        "tmpls": [{"qfmt": "{{F}}", "afmt": "{{B}}"}],
    }
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(
            "CREATE TABLE col (models TEXT, decks TEXT); CREATE TABLE cards (nid INT, ord INT, did INT, odid INT);"
            + (sql or "CREATE TABLE notes (id INTEGER PRIMARY KEY, mid INT, tags TEXT, flds TEXT);")
        )
        db.execute("INSERT INTO col VALUES (?, ?)", (json.dumps({"1": model}), "{}"))
        if not sql:
            texts = ((number, f"question {number}\x1fanswer {number}") for number in range(rows))
            db.executemany("INSERT INTO notes VALUES (?, 1, '', ?)", texts)
        db.commit()
        file = db.serialize()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, file if data is None else data)
    return out.getvalue()


ENDLESS = (
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) "
    "SELECT i AS id, 1 AS mid, '' AS tags, 'a' AS flds FROM r"
)
COMPUTED = "id INTEGER PRIMARY KEY, mid INT, tags TEXT, flds TEXT GENERATED ALWAYS AS (hex(zeroblob(99999999)))"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (package(f"CREATE VIEW notes AS {ENDLESS};"), "its collection has no plain table 'notes'"),
        (package(f"CREATE TABLE notes ({COMPUTED});"), "its collection has no plain table 'notes'"),
        (package("CREATE VIRTUAL TABLE notes USING fts5(id, mid, tags, flds);"), "has no plain table 'notes'"),
        (package("CREATE TABLE other (x);"), "its collection is no Anki collection"),
        (package("CREATE TABLE notes (x);"), "is damaged, or is no Anki collection: no such column"),
        (package(data=b"SQLite format 3\0" + bytes(4000)), "is damaged, or is no Anki collection"),
        (package(data=b""), "its collection is no Anki collection"),
        (package(name="other"), "holds no collection"),
        (package(name="collection.anki21b"), "entry 'collection.anki21b' is damaged"),
        (package()[:-30], "is not a whole zip archive"),
        (b"PK\x03\x04", "is not a whole zip archive"),
    ],
)
def test_what_is_no_package_is_refused_with_a_reason(data, problem):
    with pytest.raises(BadFile) as refusal:
        apkg.read(data, "a.apkg")
    assert problem in str(refusal.value)


def test_a_damaged_page_refuses_the_package():
    with zipfile.ZipFile(io.BytesIO(package(rows=3000))) as archive:
        file = bytearray(archive.read("collection.anki2"))
    for start in range(8192, len(file), 4096):
        file[start : start + 400] = b"\xa5" * 400
    with pytest.raises(BadFile, match="damaged"):
        apkg.read(package(data=bytes(file)), "a.apkg")


def test_triggers_of_a_package_are_never_run():
    sql = (
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, guid TEXT, mod INT, mid INT, tags TEXT, flds TEXT);"
        "INSERT INTO notes VALUES (1, 'g', 1, 1, '', 'a' || char(31) || 'b');"
        "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END;"
    )
    assert len(apkg.read(package(sql), "a.apkg").questions) == 1


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    apkg.read(package(), "a.apkg")
    with pytest.raises(BadFile):
        apkg.read(package(data=b"x" * 5000), "a.apkg")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- found by mutating files (tests/bench/fuzz.py)


def changed(data: bytes, sql: str, folder: Path) -> bytes:
    """A package whose collection is changed by statements."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    name = next(one for one in ("collection.anki21b", "collection.anki2") if one in held)
    packed, file = name.endswith("b"), folder / "changed"
    file.write_bytes(zstandard.decompress(held[name], 2**26) if packed else held[name])
    with closing(sqlite3.connect(file)) as db:
        db.create_collation("unicase", lambda one, other: (one > other) - (one < other))
        db.executescript(f"PRAGMA journal_mode = DELETE; {sql}")
    held[name] = zstandard.compress(file.read_bytes()) if packed else file.read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for one, content in held.items():
            archive.writestr(one, content)
    return out.getvalue()


@pytest.mark.parametrize("ordinal", ["'x'", "NULL", "x'ff'", "1e99", "-1"])
def test_cards_without_sensible_numbers_keep_no_note_out(tmp_path, ordinal):
    made = "ALTER TABLE cards RENAME TO old; CREATE TABLE cards (nid, ord, did, odid);"
    rows = f"INSERT INTO cards VALUES (1, {ordinal}, 1, 0), (1, 0, x'ff', NULL), (NULL, {ordinal}, 'x', 0);"  # noqa: S608
    assert len(apkg.read(changed(package(), made + rows, tmp_path), "a.apkg").questions) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fields SET ord = 'x' WHERE ord = 0",
        "UPDATE templates SET config = 'x'",
        "UPDATE notetypes SET config = 'x'",
    ],
)
def test_note_types_that_make_no_sense_are_refused(anki, tmp_path, sql):
    add(anki, "Basic", "Which river?", "the Nile")
    data = changed(exported(anki, tmp_path), sql, tmp_path)
    with pytest.raises(BadFile, match="note types cannot be read"):
        apkg.read(data, "a.apkg")


@pytest.mark.parametrize("sql", ["UPDATE notetypes SET name = id", "UPDATE decks SET name = id"])
def test_names_that_are_no_text_keep_no_note_out(anki, tmp_path, sql):
    add(anki, "Basic", "Which river?", "the Nile")
    assert len(apkg.read(changed(exported(anki, tmp_path), sql, tmp_path), "a.apkg").questions) == 1


def deck_of(folder: Path, *, tags: str = " qimma qimma::topic::talks ", deck: str = "a") -> bytes:
    """Our own deck of one question, under another name or with other tags."""
    out = io.BytesIO()
    write_deck(make_bank(make_question()), out, lang="en")
    return changed(
        out.getvalue(),
        f"UPDATE notes SET tags = '{tags}';"  # noqa: S608  (our own words)
        f"UPDATE col SET decks = (SELECT json_group_object(key, json_set(value, '$.name', '{deck}'))"
        " FROM json_each(decks));",
        folder,
    )


@pytest.mark.parametrize("topic", ["t\ufffdlks", "Talks", "-", "a" * 300])
def test_a_topic_of_our_own_decks_that_is_no_id_is_left_out(tmp_path, topic):
    (question,) = apkg.read(deck_of(tmp_path, tags=f" qimma qimma::topic::{topic} "), "a.apkg").questions
    assert question.topic is None


@pytest.mark.parametrize("deck", [" | ", "a | ", "   ", "x | y | z", "a" * 3000])
def test_a_deck_of_any_name_names_a_topic(tmp_path, deck):
    (question,) = apkg.read(deck_of(tmp_path, deck=deck), "a.apkg").questions
    assert question.topic == "talks"


def test_a_schema_that_is_no_text_is_refused():
    with zipfile.ZipFile(io.BytesIO(package())) as archive:
        file = archive.read("collection.anki2")
    broken = file.replace(b"tablenotesnotes", b"tablenot\xa9snotes").replace(
        b"CREATE TABLE notes", b"CREATE TABLE (otes"
    )
    assert broken != file
    with pytest.raises(BadFile, match="no Anki collection"):
        apkg.read(package(data=broken), "a.apkg")
