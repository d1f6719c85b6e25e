"""The log of an Anki package that somebody sends: what it holds, and what is refused before anything is believed."""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
from contextlib import closing

import pytest
import zstandard

from questions.errors import BadFile
from questions.formats import apkg_reviews
from questions.formats.apkg_reviews import AnkiReview, read_reviews

TABLES = """
CREATE TABLE col (id INTEGER PRIMARY KEY, models TEXT, decks TEXT);
CREATE TABLE notes (id, guid, mod, mid, tags, flds);
CREATE TABLE cards (id, nid, ord, did, odid);
CREATE TABLE revlog (id, cid, usn, ease, ivl, lastIvl, factor, time, type);
INSERT INTO notes VALUES (1, 'ours', 0, 0, '', ''), (2, 'theirs', 0, 0, '', '');
INSERT INTO cards VALUES (11, 1, 0, 0, 0), (12, 1, 3, 0, 0), (21, 2, 0, 0, 0);
"""
AT = 1_767_225_600_000


def row(moment=AT, card=11, ease=3, kind=1, factor=500):
    return f"INSERT INTO revlog VALUES ({moment}, {card}, -1, {ease}, 1, 1, {factor}, 4000, {kind});"  # noqa: S608


def package(*sql, tables=TABLES, packed=False):
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(tables + "".join(sql))
        data = db.serialize()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if packed:
            archive.writestr("collection.anki21b", zstandard.compress(data))
        else:
            archive.writestr("collection.anki2", data)
    return out.getvalue()


def read(*sql, **how):
    return read_reviews(package(*sql, **how), "a.apkg", {"ours"})


@pytest.mark.parametrize("packed", [False, True])
def test_each_review_of_ours_is_told_by_its_note_its_card_and_its_kind(packed):
    assert read(
        row(),
        row(AT + 1, card=12, ease=1, kind=2),
        row(AT + 2, card=21),  # of another deck
        row(AT + 3, card=99),  # of a card that is gone
        row(AT + 4, kind=0),
        row(AT + 5, kind=3),  # a filtered deck that moves days
        row(AT + 6, kind=3, factor=0),
        row(AT + 7, kind=4, ease=0),
        row(AT + 8, kind=5, ease=0),
        packed=packed,
    ) == [
        AnkiReview("ours", 0, AT, 3, "review"),
        AnkiReview("ours", 3, AT + 1, 1, "review"),
        AnkiReview("ours", 0, AT + 4, 3, "review"),
        AnkiReview("ours", 0, AT + 5, 3, "review"),
        AnkiReview("ours", 0, AT + 6, 3, "crammed"),
        AnkiReview("ours", 0, AT + 7, 0, "manual"),
        AnkiReview("ours", 0, AT + 8, 0, "manual"),
    ]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (row(card=21), "no-reviews"),
        ("DELETE FROM notes WHERE id = 1;", "other-bank"),
        (row(-5), "damaged-reviews"),
        (row(0), "damaged-reviews"),
        (row("'soon'"), "damaged-reviews"),
        (row("NULL"), "damaged-reviews"),
        (row("1e12"), "damaged-reviews"),
        (row(ease=5), "damaged-reviews"),
        (row(ease=-1), "damaged-reviews"),
        (row(kind=-1), "damaged-reviews"),
        (row(factor="x'00'"), "damaged-reviews"),
        (row() + row(), "damaged-reviews"),  # two at one moment
        (row(card=13) + "INSERT INTO cards VALUES (13, 1, 'a', 0, 0);", "damaged-reviews"),  # noqa: S608  (our own words)
    ],
)
def test_a_log_that_no_anki_wrote_is_refused(sql, code):
    with pytest.raises(BadFile) as refusal:
        read(sql)
    assert refusal.value.problems[0].code == code


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE revlog;",
        "ALTER TABLE revlog RENAME TO r; CREATE VIEW revlog AS SELECT * FROM r;",
        "DROP TABLE revlog; CREATE VIEW revlog AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS id, 11 AS cid, 3 AS ease, 1 AS type, 5 AS factor FROM n;",
        "DROP TABLE revlog; CREATE TABLE revlog (id, cid, ease, type, factor AS (length(hex(zeroblob(ease)))));"
        "INSERT INTO revlog VALUES (1, 11, 3, 1);",
    ],
)
def test_a_database_that_does_more_than_hold_data_is_refused(sql):
    with pytest.raises(BadFile):
        read(sql)


def test_a_log_without_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(apkg_reviews, "_MOST", 3)
    with pytest.raises(BadFile) as refusal:
        read(*(row(AT + number) for number in range(4)))
    assert refusal.value.problems[0].code == "too-many-reviews"
    monkeypatch.setattr(apkg_reviews, "_MOST_ROWS", 3)
    with pytest.raises(BadFile) as refusal:
        read(*(row(AT + number, card=21) for number in range(4)))
    assert refusal.value.problems[0].code == "too-many-reviews"


def test_a_package_that_is_none_or_swells_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki21b", zstandard.compress(bytes(200_000_000)))
    whole = package(row())
    for data in (b"", b"no zip", bomb.getvalue(), whole[: len(whole) // 2], b"PK\x05\x06" + bytes(18)):
        with pytest.raises(BadFile):
            read_reviews(data, "a.apkg", {"ours"})
    assert list(tmp_path.iterdir()) == []
