"""What `qimma doctor` finds, on both databases, and that it mends what it may and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from factories import make_learner
from school import NILS, OMAR, RIGHT, make_school
from sqlalchemy import select, text

from questions.responses import Unknown
from quiz import db, doctor, read_settings
from quiz.models import Attempt, BankRow, Card, ItemSum, OptionSum, ReviewLog, SittingRow, User
from quiz.services import study
from quiz.services.leaving import erase

ROWS = [
    "foreign keys", "what rows name", "questions", "packaged bank", "schedules", "memories", "open questions",
    "points",
]  # fmt: skip


@pytest.fixture
def lived_in(shared_engine, now):
    """A class that sat an assignment, somebody who learns alone, and one who left."""
    with db.transaction(shared_engine) as session:
        school = make_school(session, now, students=4)
        session.get_one(BankRow, "dam").packaged = True
        row = school.give(now, attempts=2)
        for student, said in zip(school.students, (RIGHT, OMAR, NILS), strict=False):
            school.sit(row, student, now, said, RIGHT, OMAR, end=True)
        school.sit(row, school.students[3], now, RIGHT)
        school.sit(school.give(now), school.students[0], now, RIGHT, NILS, end=True)
        alone = make_learner(session)
        sitting = study.start_review(session, "dam", learner=alone, now=now)
        for _ in range(2):
            attempt = study.open_attempt(session, sitting, learner=alone)
            study.answer(session, attempt, learner=alone, response=Unknown(), now=now)
        erase(session, [school.students.pop(1).id])
    return shared_engine


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("QIMMA_DATA_DIR", str(tmp_path / "own"))
    (tmp_path / "own").mkdir(mode=0o700)
    return read_settings()


@contextmanager
def unguarded(engine):
    """Rows changed past every rule, as a broken disk or a hand does."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield lambda statement: connection.execute(text(statement))
        return
    with closing(sqlite3.connect(engine.url.database)) as raw:  # keys are off there
        yield raw.execute
        raw.commit()


def faults(engine, settings):
    return {one.name: one for one in doctor.examine(engine, settings) if one.count}


def test_a_sound_installation_has_no_fault(lived_in, settings):
    said = [(one.name, one.count) for one in doctor.examine(lived_in, settings)]
    own = "integrity" if lived_in.dialect.name == "sqlite" else "connections"
    names = ["settings", "files", "schema", own, *ROWS, "sums of assignments"]
    assert said == [(name, 0) for name in names]


DAMAGE = [
    "UPDATE cards SET stability = stability * 2, due = due + 1 WHERE reps > 0",
    "UPDATE sittings SET points = points + 1 WHERE finished_at IS NOT NULL",
    "UPDATE item_sums SET marks = marks + 0.5, products = 0 WHERE answers = 1",
    "DELETE FROM option_sums WHERE assignment_id = (SELECT max(id) FROM assignments)",
]
MENDED = (Card, SittingRow, ItemSum, OptionSum, ReviewLog, Attempt)


def test_what_can_be_reckoned_again_is_found_and_mended_after_a_backup(lived_in, settings, now):
    """Sums too, but where somebody left: of them nothing else is known."""
    before = rows(lived_in, *MENDED)
    with unguarded(lived_in) as do:
        for statement in DAMAGE:
            do(statement)
    damaged = rows(lived_in, *MENDED)
    found = faults(lived_in, settings)
    assert list(found) == ["memories", "points", "sums of assignments"]
    backup = doctor.mend(lived_in, settings, list(found.values()), now=now)
    assert (rows(lived_in, *MENDED), faults(lived_in, settings)) == (before, {})
    assert backup.name == "before-mending-20260112T090000.backup"
    kept = db.make_engine(f"sqlite:///{backup}")
    assert rows(kept, *MENDED) == damaged
    kept.dispose()


def rows(engine, *tables):
    with db.reading(engine) as session:
        return {
            table.__tablename__: sorted(map(repr, session.execute(select(*table.__table__.columns)).all()))
            for table in tables
        }


def test_sums_below_those_of_who_is_there_are_a_fault_also_where_somebody_left(lived_in, settings):
    with unguarded(lived_in) as do:
        do("UPDATE item_sums SET rest = -1 WHERE answers = 3")
    assert faults(lived_in, settings)["sums of assignments"].count == 1


LOST = {
    "foreign keys": ("DELETE FROM users WHERE role = 'instructor'", "teachers/user_id/"),
    "what rows name": ("DELETE FROM question_revisions WHERE question_id LIKE 'f-10%'", "questions/its revision/dam/"),
    "questions": ("UPDATE questions SET body = '{}' WHERE id = 'f-10.day.choice'", "dam/f-10.day.choice"),
    "packaged bank": ("UPDATE banks SET packaged = false", "qimma bank load"),
    "open questions": ("DELETE FROM attempts WHERE answered_at IS NULL", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_what_only_a_person_can_put_right_is_named_and_left_alone(lived_in, settings, now, name):
    statement, first = LOST[name]
    with unguarded(lived_in) as do:
        do(statement)
    found = faults(lived_in, settings)
    assert found[name].mendable is False
    assert any(one.startswith(first) for one in found[name].first)
    before = rows(lived_in, User, Attempt)
    assert doctor.mend(lived_in, settings, [found[name]], now=now) is None
    assert rows(lived_in, User, Attempt) == before


def test_a_schema_that_is_another_is_told_in_what(lived_in, settings):
    with lived_in.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_links_user_id")
        connection.exec_driver_sql("ALTER TABLE stars ADD COLUMN colour TEXT")
    try:
        found = faults(lived_in, settings)
        assert set(found["schema"].first) == {"add_index ix_links_user_id", "remove_column stars colour"}
    finally:
        with lived_in.begin() as connection:
            connection.exec_driver_sql("CREATE INDEX ix_links_user_id ON links (user_id)")
            connection.exec_driver_sql("ALTER TABLE stars DROP COLUMN colour")


def test_a_file_that_is_damaged_is_told(lived_in, settings):
    if lived_in.dialect.name != "sqlite":
        pytest.skip("the embedded database")
    lived_in.dispose()
    file = Path(lived_in.url.database)
    with file.open("r+b") as out:
        out.seek(file.stat().st_size // 2)
        out.write(b"\xff" * 40_000)
    found = faults(lived_in, settings)
    assert found.keys() & {"schema", "integrity"}  # as the damage has hit the one or the other
    assert not any(one.mendable for name, one in found.items() if name in {"schema", "integrity"})


# ---------------------------------------------------------------- settings and files


def test_settings_that_contradict_one_another_are_told():
    usual = {**read_settings(), "PUBLIC_URL": "", "DATABASE_URL": "", "SECRET_KEY": ""}
    wrong = [
        {"PUBLIC_URL": "https://quiz.example.org", "PROXIES": 0},
        {"PUBLIC_URL": "quiz.example.org"},
        {"PUBLIC_URL": "http://quiz.example.org/sub"},
        {"DATABASE_URL": "postgresql://host/qimma"},
        {"SECRET_KEY": "short"},
        {"MAIL_URL": "smtp://host", "MAIL_FROM": "a@example.org"},
        {"MAIL_FROM": "a@example.org"},
        {"WORKERS": 0},
        {"MAX_FORM_MEMORY_SIZE": 2**30},
    ]
    assert doctor.contradictions(usual) == []
    assert [len(doctor.contradictions({**usual, **one})) for one in wrong] == [1] * len(wrong)
    behind = {"PUBLIC_URL": "https://quiz.example.org", "PROXIES": 1}
    assert doctor.contradictions({**usual, **behind}) == []


def test_files_that_others_may_read_are_closed_to_them(lived_in, settings, tmp_path, now):
    folder, secret = tmp_path / "own", tmp_path / "own" / "secret"
    secret.write_text("x" * 40)
    secret.chmod(0o644)
    folder.chmod(0o755)
    found = faults(lived_in, settings)
    assert found["files"].first == (f"{folder} is 755", f"{secret} is 644")
    assert doctor.mend(lived_in, settings, list(found.values()), now=now) is None
    assert (folder.stat().st_mode & 0o777, secret.stat().st_mode & 0o777) == (0o700, 0o600)
    assert faults(lived_in, settings) == {}
