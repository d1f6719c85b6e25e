"""An installation moved from one database to another, into a backup and back."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

import pytest
from factories import make_bank, make_learner
from sqlalchemy import Engine, select

from questions.errors import Conflict
from questions.responses import Chosen, Unknown
from quiz import db, moving
from quiz.models import Attempt, Base, Card, ReviewLog
from quiz.services import banks, study


@pytest.fixture
def lived_in(shared_engine, now):
    """A database in which somebody has learnt a little."""
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(), now=now)
        learner = make_learner(session, login_name="سلمى 😀", name_key="سلمى 😀")
        sitting = study.start_quiz(session, "dam", learner=learner, count=None, now=now, seed=1)
        for _ in range(3):
            attempt = study.open_attempt(session, sitting, learner=learner)
            question = study.attempt_page(session, attempt, learner=learner, now=now).question
            response = Chosen(option=question.key) if question.kind == "choice" else Unknown()
            study.answer(session, attempt, learner=learner, response=response, now=now)
    return shared_engine


@pytest.fixture
def target(tmp_path) -> Engine:
    engine = db.make_engine(f"sqlite:///{tmp_path / 'target.sqlite'}")
    yield engine
    engine.dispose()


def rows(engine):
    with db.reading(engine) as session:
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


def test_a_copy_has_every_row_and_every_value(lived_in, target):
    moved = moving.copy(lived_in, target)
    assert moved["attempts"].rows == 4
    assert moved["users"].rows == 1
    assert rows(target) == rows(lived_in)


def test_from_the_embedded_database_to_postgresql_and_back(lived_in, postgres, target, request):
    if lived_in is postgres:
        pytest.skip("the way from SQLite")
    request.getfixturevalue("emptied")
    moving.copy(lived_in, postgres)
    moving.copy(postgres, target)
    assert rows(target) == rows(lived_in)


def test_what_is_not_empty_is_replaced_only_when_it_is_meant(lived_in, target):
    moving.copy(lived_in, target)
    before = rows(target)
    with db.transaction(lived_in) as session:
        session.execute(Attempt.__table__.update().values(reason="spelling"))
    with pytest.raises(Conflict, match="the target is not empty: users, banks"):
        moving.copy(lived_in, target)
    assert rows(target) == before
    moving.copy(lived_in, target, replace=True)
    assert rows(target) == rows(lived_in) != before


def test_a_copy_that_breaks_off_leaves_the_target_as_it_was(lived_in, target):
    moving.copy(lived_in, target)
    before = rows(target)
    with closing(sqlite3.connect(target.url.database)) as raw:
        raw.execute("CREATE TRIGGER full BEFORE INSERT ON review_log BEGIN SELECT raise(FAIL, 'disk full'); END")
    with pytest.raises(Exception, match="disk full"):
        moving.copy(lived_in, target, replace=True)
    assert rows(target) == before


def test_a_difference_after_copying_is_found_and_nothing_is_kept(lived_in, target):
    db.upgrade(target)
    with closing(sqlite3.connect(target.url.database)) as raw:
        raw.execute(
            "CREATE TRIGGER rot AFTER INSERT ON review_log BEGIN UPDATE review_log SET rating = 5 - rating; END"
        )
        raw.commit()
    with pytest.raises(Conflict, match="not equal after copying, so nothing was: review_log"):
        moving.copy(lived_in, target)
    with db.reading(target) as session:
        assert session.scalars(select(Card)).all() == []


def test_a_backup_brings_everything_back(lived_in, target, tmp_path):
    file = tmp_path / "qimma.backup"
    moving.back_up(lived_in, file)
    before = rows(lived_in)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("qimma.backup")) == ["qimma.backup"]
    with db.transaction(lived_in) as session:
        session.execute(ReviewLog.__table__.delete())
    moving.restore(file, lived_in, replace=True)
    assert rows(lived_in) == before
    moving.restore(file, target)
    assert rows(target) == before


def test_no_backup_is_written_over(lived_in, tmp_path):
    file = tmp_path / "old.backup"
    file.write_text("precious")
    with pytest.raises(Conflict, match="is there already"):
        moving.back_up(lived_in, file)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_backup_is_refused_and_changes_nothing(lived_in, tmp_path, content):
    file = tmp_path / "some.file"
    file.write_bytes(content)
    before = rows(lived_in)
    with pytest.raises(Conflict, match=r"no (sound )?backup of Qimma"):
        moving.restore(file, lived_in, replace=True)
    assert rows(lived_in) == before
    assert file.read_bytes() == content


def test_a_backup_is_taken_while_somebody_writes(lived_in, tmp_path, now):
    """What is not yet committed is not in it, and the writer is not held up."""
    with db.transaction(lived_in) as session:
        session.execute(ReviewLog.__table__.delete())
        session.flush()
        moving.back_up(lived_in, tmp_path / "while.backup")
    kept = db.make_engine(f"sqlite:///{tmp_path / 'while.backup'}")
    with db.reading(kept) as session:
        assert len(session.scalars(select(ReviewLog)).all()) == 2
    kept.dispose()
