"""A database of the first release, with something in every table, brought up to date: nothing of it is lost."""

import hashlib

import pytest
from factories import make_question
from sqlalchemy import create_engine, inspect, text

from questions.bank import canonical
from questions.responses import Chosen
from quiz import db
from quiz.models import SittingRow, User
from quiz.services import banks, study

BODY = canonical(make_question())
# As the first release wrote them. Amal is in the middle of a quiz, and has finished a review; Omar is a guest.
ROWS = """
INSERT INTO users (id, realm, login_name, name_key, password_hash, role, language, study_language, time_zone,
    day_turns_at, retention, new_per_day, created_at) VALUES
  (7, 'site', 'Amal أمل', 'amal امل', '$argon2id$x', 'student', 'ar', 'en', 'Asia/Damascus', 3, 0.85, 12,
    '2026-01-02 08:00:00.000000'),
  (8, 'site', NULL, NULL, NULL, 'student', NULL, NULL, 'UTC', 4, 0.9, 10, '2026-01-03 08:00:00.000000'),
  (9, 'site', 'salma', 'salma', NULL, 'instructor', NULL, NULL, 'UTC', 4, 0.9, 10, '2026-01-01 08:00:00.000000');
INSERT INTO logins (token_hash, user_id, created_at, expires_at) VALUES
  ('a1', 7, '2026-01-02 08:00:00.000000', '2026-07-02 08:00:00.000000'),
  ('a2', 8, '2026-01-03 08:00:00.000000', '2026-07-02 08:00:00.000000');
INSERT INTO links (token_hash, user_id, created_at, expires_at, used_at) VALUES
  ('b1', 9, '2026-01-01 08:00:00.000000', '2026-01-04 08:00:00.000000', '2026-01-01 09:00:00.000000'),
  ('b2', 9, '2026-01-02 08:00:00.000000', '2026-01-05 08:00:00.000000', NULL);
INSERT INTO failures (id, subject, at) VALUES (1, 'name:abc', '2026-01-02 08:00:00.000000');
INSERT INTO idempotency (owner, key, user_id, location, at) VALUES
  (7, 'kkkkkkkkkkkkkkkk', 7, '/sittings/21', '2026-01-12 08:00:00.000000'),
  (0, 'kkkkkkkkkkkkkkkk', 8, '/sittings/23', '2026-01-12 08:00:00.000000');
INSERT INTO banks (id, header, state, owner_id, packaged, created_at) VALUES
  ('dam', '{"schema": "qimma-bank/1", "id": "dam", "title": {"en": "The dam"}, "languages": ["ar", "en"],
    "deck": "Qimma::dam", "topics": [{"id": "talks", "name": {"en": "Talks"}}]}', 'public', 9, TRUE,
    '2026-01-01 08:00:00.000000');
INSERT INTO facts (bank_id, id, number, body, retired_at) VALUES
  ('dam', 'f-1', 2, '{"id": "f-1", "text": "السد"}', NULL),
  ('dam', 'f-2', 1, '{"id": "f-2"}', '2026-01-05 08:00:00.000000');
INSERT INTO fact_revisions (bank_id, fact_id, number, body, why, author_id, at) VALUES
  ('dam', 'f-1', 1, '{"id": "f-1"}', 'loaded', NULL, '2026-01-01 08:00:00.000000'),
  ('dam', 'f-1', 2, '{"id": "f-1", "text": "السد"}', 'edited', 9, '2026-01-02 08:00:00.000000'),
  ('dam', 'f-2', 1, '{"id": "f-2"}', 'loaded', NULL, '2026-01-01 08:00:00.000000');
INSERT INTO questions (bank_id, id, number, place, kind, point, topic, body, changed_at, retired_at, hidden, conflicts)
VALUES
  ('dam', 'f-1.speaker.choice', 1, 0, 'choice', 'f-1.speaker', 'talks', :body, '2026-01-01 08:00:00.000000', NULL,
    FALSE, '[]'),
  ('dam', 'f-2.speaker.choice', 1, 1, 'choice', 'f-2.speaker', NULL, :other, '2026-01-01 08:00:00.000000',
    '2026-01-05 08:00:00.000000', TRUE, '[{"field": "key", "was": 1}]');
INSERT INTO question_revisions (bank_id, question_id, number, body, generated, changed, why, author_id, at) VALUES
  ('dam', 'f-1.speaker.choice', 1, :body, :body, '[]', 'generated', NULL, '2026-01-01 08:00:00.000000'),
  ('dam', 'f-2.speaker.choice', 1, :other, NULL, '["stem.en"]', 'edited', 9, '2026-01-01 08:00:00.000000');
INSERT INTO sittings (learner_id, id, bank_id, kind, seed, plan, planned, started_at, finished_at, points) VALUES
  (7, 21, 'dam', 'quiz', 5, '["f-1.speaker.choice"]', 1, '2026-01-12 08:00:00.000000', NULL, NULL),
  (7, 22, 'dam', 'review', 0, '["f-1.speaker.choice", "f-1.speaker.choice"]', 1, '2026-01-10 08:00:00.000000',
    '2026-01-10 08:09:00.000000', 0.5),
  (8, 23, 'dam', 'quiz', 6, '[]', 0, '2026-01-11 08:00:00.000000', '2026-01-11 08:01:00.000000', 0.0);
INSERT INTO attempts (learner_id, id, sitting_id, place, bank_id, question_id, topic, kind, practice, shown, shown_at,
    answered_at, response, outcome, share, reason, guess) VALUES
  (7, 31, 21, 0, 'dam', 'f-1.speaker.choice', 'talks', 'choice', FALSE, :shown, '2026-01-12 08:00:00.000000', NULL,
    NULL, NULL, NULL, NULL, FALSE),
  (7, 32, 22, 0, 'dam', 'f-1.speaker.choice', 'talks', 'choice', FALSE, :shown, '2026-01-10 08:00:00.000000',
    '2026-01-10 08:01:00.000000', '{"kind": "chosen", "option": "omar"}', 'wrong', 0.0, NULL, FALSE),
  (7, 33, 22, 1, 'dam', 'f-1.speaker.choice', 'talks', 'choice', TRUE, :shown, '2026-01-10 08:01:00.000000',
    '2026-01-10 08:02:00.000000', '{"kind": "chosen", "option": "layla"}', 'right', 1.0, NULL, TRUE);
INSERT INTO cards (learner_id, id, bank_id, point, stability, difficulty, last_day, due, queue_day, reps, lapses)
VALUES
  (7, 41, 'dam', 'f-1.speaker', 0.212, 6.4133, 20463, 20464, 20464, 1, 0),
  (7, 42, 'dam', 'f-2.speaker', NULL, NULL, NULL, NULL, NULL, 0, 0);
INSERT INTO review_log (learner_id, id, card_id, attempt_id, question_id, reviewed_ms, day, rating, counted, guess,
    kind, voided_at, voided_by) VALUES
  (7, 51, 41, 32, 'f-1.speaker.choice', 1768032060000, 20463, 1, TRUE, FALSE, 'review', NULL, NULL),
  (7, 52, 41, 33, 'f-1.speaker.choice', 1768032120000, 20463, 1, FALSE, TRUE, 'review', '2026-01-10 08:03:00.000000',
    7);
INSERT INTO reports (learner_id, id, attempt_id, bank_id, question_id, kind, note, at, closed_at) VALUES
  (7, 61, 32, 'dam', 'f-1.speaker.choice', 'question_wrong', 'لماذا؟', '2026-01-10 08:02:00.000000', NULL),
  (7, 62, 32, 'dam', 'f-1.speaker.choice', 'i_was_right', '', '2026-01-10 08:02:00.000000',
    '2026-01-11 08:02:00.000000');
"""
COUNTS = {
    "users": 3, "logins": 2, "links": 2, "failures": 1, "idempotency": 2, "banks": 1, "facts": 2, "fact_revisions": 3,
    "questions": 2, "question_revisions": 2, "sittings": 3, "attempts": 3, "cards": 2, "review_log": 2, "reports": 2,
}  # fmt: skip
VALUES = {
    "body": BODY,
    "other": BODY.replace("f-1", "f-2"),
    "shown": '{"revision": 1, "order": ["ada", "nils", "layla", "omar"]}',
}


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release(request, tmp_path):
    """A database as the first release left it."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres").url
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS first_release")
            connection.exec_driver_sql("CREATE DATABASE first_release")
        admin.dispose()
        engine = db.make_engine(server.set(database="first_release").render_as_string(hide_password=False))
    else:
        engine = db.make_engine(f"sqlite:///{tmp_path / 'first.sqlite'}")
    db.upgrade(engine, to="0001")
    with engine.begin() as connection:
        for statement in filter(str.strip, ROWS.split(";\n")):
            said = text(statement.replace("::", r"\:\:").replace('": ', r'"\: '))
            used = {name: value for name, value in VALUES.items() if f":{name}" in statement}
            connection.execute(said, used)
    yield engine
    engine.dispose()


def contents(engine, columns):
    """By table: how many rows, and a checksum of what these columns hold."""
    found = {}
    with engine.connect() as connection:
        for table, names in columns.items():
            rows = connection.exec_driver_sql(f'SELECT {", ".join(names)} FROM "{table}"').all()  # noqa: S608
            whole = "\n".join(sorted(map(repr, rows)))
            found[table] = (len(rows), hashlib.sha256(whole.encode()).hexdigest())
    return found


def test_every_row_of_the_first_release_is_there_after_the_upgrade(first_release):
    found = inspect(first_release)
    columns = {
        table: [f'"{column["name"]}"' for column in found.get_columns(table)]
        for table in found.get_table_names()
        if table != "alembic_version"
    }
    before = contents(first_release, columns)
    assert {table: count for table, (count, _) in before.items()} == COUNTS
    db.upgrade(first_release)
    assert db.current_revision(first_release) == db.newest_revision()
    assert contents(first_release, columns) == before


def test_an_upgraded_database_goes_on_where_it_was(first_release, now):
    db.upgrade(first_release)
    with db.transaction(first_release) as session:
        amal = session.get_one(User, 7)
        assert (amal.reviews_per_day, amal.digits, amal.email) == (20, "latn", None)
        sitting = session.get_one(SittingRow, (7, 21))
        assert (sitting.feedback, sitting.closes_at, sitting.assignment_id) == ("each", None, None)
        assert [question.id for question in banks.live(session, "dam")] == ["f-1.speaker.choice"]
        study.answer(session, 31, learner=amal, response=Chosen(option="layla"), now=now)
        session.expire_all()
        assert (sitting.points, sitting.finished_at) == (1.0, now)
        page = study.attempt_page(session, 31, learner=amal, now=now)
        assert (page.after.verdict.outcome, page.after.comes_back) == ("right", 5)
        study.recount(session, 7, 41)
        session.expire_all()
        again = study.attempt_page(session, 31, learner=amal, now=now)
        assert again == page


def test_an_upgraded_database_keeps_its_rules(first_release, now):
    """One open question a sitting, and foreign keys that lead somewhere."""
    db.upgrade(first_release)
    second = (
        "INSERT INTO attempts (learner_id, id, sitting_id, place, bank_id, question_id, kind, practice, shown,"
        " shown_at) VALUES (7, {id}, {sitting}, 5, 'dam', 'f-1.speaker.choice', 'choice', FALSE, '',"
        " '2026-01-12 08:00:00')"
    )
    for wrong in (second.format(id=39, sitting=21), second.format(id=39, sitting=99)):
        with pytest.raises(Exception, match=r"(?i)unique|foreign key"), first_release.begin() as connection:
            connection.exec_driver_sql(wrong)
