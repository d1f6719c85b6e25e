"""Starts that meet one another, or that are killed in the middle."""

from __future__ import annotations

import os
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from factories import make_bank, make_question
from sqlalchemy import event, select, text

from questions.generate import from_folder, packaged
from quiz import db, moving, security, starting
from quiz.models import QuestionRow, User
from quiz.services import banks, stored

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
STEPS = ["0001", "0002", "0003", "0004"]


def start(engine):
    """As `qimma serve` does it."""
    starting.bring_up_to_date(engine)
    starting.load(engine, *PACKAGED, packaged=True, now=NOW)
    starting.sweep(engine, now=NOW)
    return starting.first_link(engine, now=NOW, hours=1)


PACKAGED = from_folder(packaged())


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request, tmp_path):
    """The address of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.sqlite'}"
    server = request.getfixturevalue("postgres_server")
    engine = db.make_engine(server.get_uri()).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS nothing"))
        connection.execute(text("CREATE DATABASE nothing"))
    engine.dispose()
    return server.get_uri(database="nothing")


def test_several_first_starts_at_once_make_one_site(nothing):
    gate = Barrier(3)

    def host():
        engine = db.make_engine(nothing)
        gate.wait()
        try:
            return start(engine)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        links = [one.result() for one in [pool.submit(host) for _ in range(3)]]
    assert sorted(link is None for link in links) == [False, True, True]
    engine = db.make_engine(nothing)
    with db.reading(engine) as session:
        assert len(banks.live(session, PACKAGED[1].id)) == len(PACKAGED[1].live)
        assert len(session.scalars(select(User)).all()) == 1
    engine.dispose()


def test_processes_that_make_the_secret_at_once_have_the_same(tmp_path):
    config = {"SECRET_KEY": "", "DATABASE_URL": "", "DATA_DIR": str(tmp_path)}
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: security.secret_key(config), range(8)))
    (file,) = tmp_path.iterdir()
    assert made == {file.read_text()}
    assert (len(file.read_text()), stat.S_IMODE(file.stat().st_mode)) == (64, 0o600)


@pytest.mark.parametrize("step", STEPS)
def test_a_migration_that_is_killed_in_the_middle_leaves_the_schema_before(nothing, step):
    """Really killed: by signal 9, after so many of its statements. The next start brings it up to date."""
    before = {"0001": None}.get(step, f"{int(step) - 1:04}")
    if before is not None:
        engine = db.make_engine(nothing)
        db.upgrade(engine, before)
        engine.dispose()
    child = os.fork()
    if child == 0:
        _die_in(nothing, step)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    engine = db.make_engine(nothing)
    assert db.current_revision(engine) == before
    start(engine)
    assert db.current_revision(engine) == db.newest_revision()
    engine.dispose()


def _die_in(address: str, step: str) -> None:
    engine, made = db.make_engine(address), []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        made.append(statement)
        if sum(one.lstrip().startswith(("CREATE", "ALTER")) for one in made) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "after_cursor_execute", count)
    try:
        db.upgrade(engine, step)
    finally:
        os._exit(1)


def test_what_a_migration_cannot_fill_in_is_filled_in_with_it_or_not_at_all(tmp_path, empty_file):
    file = tmp_path / "old.sqlite"
    engine = db.make_engine(f"sqlite:///{file}")
    db.upgrade(engine, "0001")

    def fails(_session: object) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        db.upgrade(engine, then=fails)
    assert db.current_revision(engine) == "0001"
    engine.dispose()


def test_the_questions_of_an_old_backup_are_filled_in_too(tmp_path, empty_file):
    file = tmp_path / "backup.sqlite"
    file.write_bytes(Path(empty_file).read_bytes())
    old = db.make_engine(f"sqlite:///{file}")
    with db.transaction(old) as session:
        banks.load(session, make_bank(make_question()), now=NOW)
        session.execute(QuestionRow.__table__.update().values(words=None))
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        for statement in BACK_TO_0003:
            session.execute(text(statement))
    old.dispose()
    target = db.make_engine(f"sqlite:///{tmp_path / 'target.sqlite'}")
    moving.restore(file, target)
    with db.reading(target) as session:
        assert session.scalars(select(QuestionRow.words)).one() == stored.words_of(make_question())
    target.dispose()


BACK_TO_0003 = [
    "DROP TABLE fittings",
    "DROP TABLE recovery_codes",
    "DROP TABLE second_factors",
    "ALTER TABLE users DROP COLUMN fsrs_parameters",
]


def test_a_newer_schema_is_left_as_it_is(shared_engine):
    """The version before serves on with it, and may be started again."""
    with shared_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        starting.bring_up_to_date(shared_engine)
        assert (db.current_revision(shared_engine), db.is_newer(shared_engine)) == ("9999", True)
        assert db.lacking(shared_engine) is None
    finally:
        with shared_engine.begin() as connection:
            newest = db.newest_revision()
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{newest}'")  # noqa: S608


def test_the_files_of_migrations_have_the_names_of_their_revisions():
    """`db` reads them there, and not from Alembic, for the sake of a quick start."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(db._alembic_config())
    assert tuple(one.revision for one in script.walk_revisions()) == db._revisions()
