"""The deck of a bank in the database: whose notes become newer when something is changed there, and the download."""

from __future__ import annotations

import io
import sqlite3
import sys
import tempfile
import zipfile
from datetime import timedelta

import factories
import pytest

from export.anki.notes import notes
from quiz import db
from quiz.cli import main
from quiz.models import QuestionRow
from quiz.services import banks, editing, voiding

CHOICE = "f-1.speaker.choice"
RELEASED = 1_767_268_800
LATER = 1_768_294_800  # a day after `now`
UNSEEN = {"ar": "\u200f\u200b", "en": "\u2060"}


@pytest.fixture
def loaded(session, now):
    banks.load(session, factories.make_bank(), now=now)
    author = factories.make_user(session, login_name="salma", name_key="salma", role="instructor")
    return {"session": session, "author": author, "later": now + timedelta(days=1)}


def moved(session):
    """Which notes are newer than the release, by when."""
    made = notes(banks.whole(session, "dam"), address=None, problems=[])
    return {note.name: note.mod for note in made if note.mod != RELEASED}


def edit(loaded):
    question = factories.make_question(stem={"ar": "من تكلّم؟", "en": "Who spoke?"})
    session = loaded["session"]
    editing.save(session, "dam", question, seen=1, author_id=loaded["author"], now=loaded["later"])


def retire(loaded):
    voiding.set_retired(loaded["session"], "dam", CHOICE, retired=True, author_id=loaded["author"], now=loaded["later"])


def release(loaded):
    """A new release in which one question is worded anew; the ledger says when."""
    mended = factories.make_question("cloze", stem={"ar": "سعته ____.", "en": "It holds ____."})
    entries = [
        entry.model_copy(update={"question": mended, "changed": loaded["later"]})
        if entry.question.id == mended.id
        else entry
        for entry in factories.make_bank().entries
    ]
    banks.load(loaded["session"], factories.make_bank(entries=entries), now=loaded["later"] + timedelta(days=9))


def vanish(loaded):
    entries = [entry for entry in factories.make_bank().entries if entry.question.id != CHOICE]
    banks.load(loaded["session"], factories.make_bank(entries=entries), now=loaded["later"])


def rename(loaded):
    """Topic, title, author and deck under other names: no note says any of it."""
    renamed = factories.make_bank(
        title={"en": "The dam"}, author="Amal", topics=({"id": "talks", "name": {"en": "Negotiations"}},)
    )
    banks.load(loaded["session"], renamed, now=loaded["later"])


@pytest.mark.parametrize(
    ("act", "newer"),
    [
        (edit, {"f-1.speaker": LATER}),
        (retire, {"f-1.speaker": LATER}),
        (vanish, {"f-1.speaker": LATER}),
        (release, {"f-2.amount": LATER}),
        (rename, {}),
    ],
)
def test_only_the_note_of_what_was_changed_becomes_newer(loaded, act, newer):
    assert moved(loaded["session"]) == {}
    act(loaded)
    assert moved(loaded["session"]) == newer


def test_a_question_that_comes_back_is_newer_than_when_it_vanished(loaded):
    vanish(loaded)
    banks.load(loaded["session"], factories.make_bank(), now=loaded["later"] + timedelta(days=1))
    assert moved(loaded["session"]) == {"f-1.speaker": LATER + 86_400}


def test_a_question_that_is_hidden_for_its_key_is_newer_and_retired_in_the_deck(loaded):
    session, later = loaded["session"], loaded["later"]
    mine = factories.make_question(key="omar")
    editing.save(session, "dam", mine, seen=1, author_id=loaded["author"], now=later)
    theirs = factories.make_question(key="nils")
    banks.load(session, factories.make_bank(theirs, *factories.every_kind()[1:]), now=later + timedelta(days=1))
    assert session.get_one(QuestionRow, ("dam", CHOICE)).hidden
    assert moved(session)["f-1.speaker"] == LATER + 86_400


# ---------------------------------------------------------------- the download


def test_the_download_is_the_whole_file_and_leaves_none_behind(nobody, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    answer = nobody.get("/banks/dam/deck.apkg?lang=en")
    data = answer.response.data
    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(data)))
    assert answer.headers["Content-Disposition"] == "attachment; filename=qimma-dam-en.apkg"
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    answer.response.close()
    assert list(folder.iterdir()) == []


def test_a_card_links_to_a_page_that_there_is(new_app):
    client = new_app(PUBLIC_URL="https://qimma.example").test_client()
    sent = client.get("/banks/dam/deck.apkg", base_url="https://qimma.example").data
    base = sqlite3.connect(":memory:")
    base.deserialize(zipfile.ZipFile(io.BytesIO(sent)).read("collection.anki2"))
    links = [flds.split("\x1f")[6] for (flds,) in base.execute("SELECT flds FROM notes")]
    base.close()
    assert links[0] == "https://qimma.example/banks/dam/points/f-1.speaker"
    assert {client.get(link, base_url="https://qimma.example").status_code for link in links} == {200}


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "search there for tag:qimma::retired"), ("ar", "يكون البحث هناك عن tag:qimma::retired")],
)
def test_the_page_says_how_to_find_what_is_retired(signed_in, lang, words):
    page = signed_in("nobody", lang).get("/banks/dam/anki")
    assert words in page.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("This file cannot be made", "It holds nothing that can be seen.")),
        ("ar", ("تعذّر إعداد هذا الملف", "ليس فيه ما يُرى.")),
    ],
)
@pytest.mark.parametrize("path", ["deck.apkg", "files/anki/file"])
def test_a_bank_that_cannot_be_a_deck_is_refused_by_a_page_that_names_the_question(app, signed_in, path, lang, words):
    with app.test_request_context(), db.transaction() as session:
        banks.load(session, factories.make_bank(factories.make_question(stem=UNSEEN)), now=app.config["CLOCK"]())
    page = signed_in("instructor", lang).get(f"/banks/dam/{path}")
    assert page.status == 422
    assert 'question "f-1.speaker.choice" (fact f-1), field stem.ar' in page.text
    assert [word for word in words if word not in page.text] == []


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs the command over a database file with one bank."""
    monkeypatch.setenv("QIMMA_DATA_DIR", str(tmp_path))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["qimma", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def put(tmp_path, empty_file, *questions, now):
    (tmp_path / "qimma.sqlite").write_bytes(empty_file.read_bytes())
    engine = db.make_engine(db.embedded_url(str(tmp_path)))
    with db.transaction(engine) as session:
        banks.load(session, factories.make_bank(*questions), now=now)
    engine.dispose()


def test_the_command_refuses_it_with_1_and_writes_nothing(run, tmp_path, empty_file, now):
    put(tmp_path, empty_file, factories.make_question(stem=UNSEEN), now=now)
    status, out, err = run("export", "anki", "-o", tmp_path / "dam.apkg")
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == (
        'dam: question "f-1.speaker.choice" (fact f-1), field stem.ar: holds nothing that can be seen'
    )
    assert not (tmp_path / "dam.apkg").exists()


def test_the_command_says_what_an_update_brings(run, tmp_path, empty_file, now):
    put(tmp_path, empty_file, *factories.every_kind(), now=now)
    run("export", "anki", "-o", tmp_path / "old.apkg")
    engine = db.make_engine(db.embedded_url(str(tmp_path)))
    with db.transaction(engine) as session:
        author = factories.make_user(session, login_name="salma", name_key="salma", role="instructor")
        voiding.set_retired(
            session, "dam", "f-2.amount.cloze", retired=True, author_id=author, now=now + timedelta(days=1)
        )
        editing.add(session, "dam", factories.more(1)[0], author_id=author, now=now)
    engine.dispose()
    assert run("export", "anki", "--compare", tmp_path / "old.apkg") == (
        0,
        "new\tf-10.day\nretired\tf-2.amount\n",
        "dam: 1 new, 0 changed, 1 retired, 5 as before\n",
    )
    assert run("export", "anki", "--compare", __file__)[0] == 1
    assert run("export", "anki")[0] == 2


def test_the_command_takes_the_address_that_cards_link_to(run, tmp_path, empty_file, now):
    put(tmp_path, empty_file, factories.make_question(), now=now)
    assert run("export", "anki", "-o", tmp_path / "dam.apkg", "--address", "https://qimma.example/")[0] == 0
    rows = zipfile.ZipFile(tmp_path / "dam.apkg").read("collection.anki2")
    assert b"https://qimma.example/banks/dam/points/f-1.speaker" in rows
    assert run("export", "anki", "-o", tmp_path / "dam.apkg", "--address", "qimma.example")[0] == 2
