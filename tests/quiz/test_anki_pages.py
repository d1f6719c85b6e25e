"""The Anki page of a learner: which deck to take along, and the reviews that come back."""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from questions.responses import Chosen
from quiz import db
from quiz.models import Card, ReviewLog, User
from quiz.services import accounts, study

PAGE, DECK = "/banks/dam/anki", "/banks/dam/deck.apkg?lang=en"


@pytest.fixture
def studied(app, student, now):
    """A student who answered a question a week ago."""
    at = now - timedelta(days=7)
    with app.test_request_context(), db.transaction() as session:
        learner = accounts.learner(session, student.user_id)
        sitting = study.start_review(session, "dam", learner=learner, now=at)
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=Chosen(option="layla"), now=at)
        study.finish(session, sitting, learner=learner, now=at)
    return student


def count(app, table, *conditions):
    with db.reading(db.engine_of(app)) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions))


def deck(visitor, which):
    return visitor.client.get(f"{DECK}&deck={which}").data


def reviews_in(data):
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(zipfile.ZipFile(io.BytesIO(data)).read("collection.anki2"))
        return base.execute("SELECT count(*) FROM revlog").fetchone()[0]


def send(visitor, data, **form):
    return visitor.post(PAGE, file=(io.BytesIO(data), "qimma.apkg"), **form)


def test_whoever_has_a_memory_is_asked_which_deck_first_and_only_a_new_one_takes_it_along(studied, signed_in):
    asked = studied.get(PAGE).forms
    form = next(form for form in asked if form.action.endswith("/deck.apkg"))
    assert [offer for offer in form.offered if offer[0] == "deck"] == [
        ("deck", "new"),
        ("deck", "progress"),
        ("deck", "update"),
    ]
    assert "deck" not in dict(form.fields)  # nothing is chosen for them
    assert {which: reviews_in(deck(studied, which)) for which in ("new", "progress", "update")} == {
        "new": 0,
        "progress": 1,
        "update": 0,
    }
    nobody = signed_in("nobody")
    assert "deck" not in dict(nobody.get(PAGE).form("/deck.apkg").offered)
    assert reviews_in(deck(nobody, "progress")) == 0


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_page_names_the_boxes_to_tick(studied, lang):
    studied.client.set_cookie("qimma_lang", lang)
    words = studied.get(PAGE).text
    assert "Import any learning progress" in words
    assert "Import any deck presets" in words
    assert "Include scheduling information" in words


def test_reviews_come_in_once_and_the_page_counts_them(app, studied, signed_in):
    data = deck(studied, "progress")
    assert (
        "Nothing was new: nothing has changed here. 1 review was here already."
        in studied.follow(send(studied, data)).text
    )
    other = signed_in("guest")
    page = send(other, data)
    assert page.status == 303
    assert "1 review came in. It moved the memory of 1 fact." in other.follow(page).text
    assert "Nothing was new" in other.follow(send(other, data)).text
    assert count(app, ReviewLog, ReviewLog.learner_id == other.user_id) == 1
    assert count(app, Card, Card.learner_id == other.user_id, Card.reps == 1) == 1


def test_who_has_no_login_becomes_a_guest_by_it_and_only_when_something_came_in(app, studied, nobody):
    people = count(app, User)
    assert send(nobody, b"nothing").status == 422
    assert count(app, User) == people
    page = nobody.follow(send(nobody, deck(studied, "progress"), zone="Asia/Tokyo"))
    assert "1 review came in." in page.text
    assert count(app, User) == people + 1
    assert "Which deck?" in nobody.get(PAGE).text


@pytest.mark.parametrize(
    ("lang", "data", "words"),
    [
        ("en", b"no package", "This is no Anki package, or it is damaged. (is not a whole zip archive"),
        ("ar", b"no package", "ليس هذا ملف أنكي، أو هو ملف تالف."),
        ("en", b"", "This is no Anki package, or it is damaged."),
        ("en", None, "“Include scheduling information” was not ticked."),
        ("ar", None, "لم يُفعَّل خيار «تضمين معلومات الجدولة»"),
    ],
)
def test_a_file_that_brings_nothing_is_refused_with_a_reason(app, student, tmp_path, monkeypatch, lang, data, words):
    student.client.set_cookie("qimma_lang", lang)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    page = send(student, deck(student, "new") if data is None else data)
    assert page.status == 422
    assert words in page.text
    assert list(folder.iterdir()) == []
    assert (count(app, ReviewLog), count(app, Card)) == (0, 0)


def test_a_form_without_a_file_and_a_file_beyond_measure_are_refused(app, student, monkeypatch):
    assert student.post(PAGE).status == 422
    assert student.post(PAGE, file="a text").status == 422
    assert send(student, bytes(400_000)).status == 422  # more than a form may have, less than a deck
    monkeypatch.setattr(app.view_functions["transfers.bring_reviews"], "takes_files", (300_000, True))
    assert send(student, bytes(400_000)).status == 413


def test_numbers_in_the_address_that_are_none_are_ignored(student):
    assert student.get(f"{PAGE}?new=-5&known=x&points={'9' * 30}").status == 200
    assert "came in" not in student.get(f"{PAGE}?new=-5&known=x").text
