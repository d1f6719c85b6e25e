"""The schema: what the migrations make is what the models say, on both databases; and whose each table is."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from factories import RELEASED, make_bank, make_learner, make_user
from sqlalchemy import UniqueConstraint, insert, inspect
from sqlalchemy.exc import IntegrityError

from quiz import db
from quiz.models import LEARNER_TABLES, Base
from quiz.services import banks, study

TABLES = Base.metadata.tables
# Small, and read by all: these stay in one place when learners are spread over machines.
OF_ALL = {
    "users", "logins", "links", "failures", "idempotency", "banks", "questions", "question_revisions", "facts",
    "fact_revisions", "passages", "editors", "drafts", "uploads", "imports", "imported_questions", "media",
    "invitations", "second_factors", "recovery_codes",
    "classes", "teachers", "members", "assignments", "allowances", "item_sums", "option_sums", "journal",
}  # fmt: skip


def test_the_migrations_make_what_the_models_say(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_schema_says_which_revision_it_is(engine):
    assert db.current_revision(engine) == db.newest_revision() == "0004"


def test_bringing_the_schema_up_to_date_again_changes_nothing(shared_engine, now):
    with db.transaction(shared_engine) as session:
        make_user(session)
    db.upgrade(shared_engine)
    with shared_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM users").scalar() == 1


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_rule_of_a_table_is_in_the_database(engine, name):
    found, table = inspect(engine), TABLES[name]
    checks = {rule["name"] for rule in found.get_check_constraints(name)}
    uniques = {tuple(rule["column_names"]) for rule in found.get_unique_constraints(name)}
    assert checks == {rule.name for rule in table.constraints if type(rule).__name__ == "CheckConstraint"}
    assert uniques == {
        tuple(column.name for column in rule.columns)
        for rule in table.constraints
        if isinstance(rule, UniqueConstraint)
    }


def test_each_table_is_a_learners_or_everybodys():
    assert set(TABLES) == set(LEARNER_TABLES) | OF_ALL
    assert {name for name, table in TABLES.items() if "learner_id" in table.columns} == set(LEARNER_TABLES)


@pytest.mark.parametrize("name", LEARNER_TABLES)
def test_a_learners_rows_are_keyed_by_the_learner_first(name):
    table = TABLES[name]
    assert [column.name for column in table.primary_key.columns] == ["learner_id", "id"]
    firsts = [next(iter(rule.columns)).name for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    firsts += [next(iter(index.columns)).name for index in table.indexes if index.unique]
    assert set(firsts) <= {"learner_id"}


@pytest.mark.parametrize("name", LEARNER_TABLES)
def test_a_learners_rows_point_to_their_own_rows_or_to_a_bank(name):
    to_learners = [rule for rule in TABLES[name].foreign_key_constraints if rule.referred_table.name in LEARNER_TABLES]
    others = {rule.referred_table.name for rule in TABLES[name].foreign_key_constraints} - set(LEARNER_TABLES)
    assert all(rule.column_keys[0] == "learner_id" for rule in to_learners)
    assert others <= {"users", "banks", "questions", "assignments"}


def test_what_learners_rows_point_to_is_what_the_chapter_on_growing_copies_to_every_server():
    """And what that points to: with Citus a reference table points to reference tables only."""
    seen = {"users", "banks", "questions", "assignments"}
    for _ in TABLES:
        seen |= {rule.referred_table.name for name in seen for rule in TABLES[name].foreign_key_constraints}
    chapter = (Path(db.__file__).parent / "GROWING.md").read_text("utf-8")
    spread, copied = (re.search(rf"^\| {what}.*\|(.*)\|$", chapter, re.MULTILINE)[1] for what in ("distr", "refer"))
    assert set(re.findall(r"`(\w+)`", copied)) == seen
    assert set(re.findall(r"`(\w+)`", spread)) == set(LEARNER_TABLES)


@pytest.mark.parametrize("name", LEARNER_TABLES)
def test_nothing_of_a_learner_is_deleted_in_passing(name):
    assert [rule.ondelete for rule in TABLES[name].foreign_key_constraints if rule.ondelete] == []


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("users", {"role": "king"}),
        ("users", {"login_name": "Amal"}),
        ("users", {"retention": 0.5}),
        ("sittings", {"kind": "exam"}),
        ("sittings", {"points": 1.0}),
        ("sittings", {"learner_id": 12}),
        ("attempts", {"outcome": "right"}),
        ("attempts", {"response": "{}"}),
        ("attempts", {"sitting_id": 12}),
        ("attempts", {"question_id": "f-9.day.choice"}),
        ("cards", {"reps": 1}),
        ("cards", {"stability": 1.0}),
        ("banks", {"state": "secret"}),
    ],
)
def test_the_database_refuses_an_impossible_row(session, now, table, changes):
    banks.load(session, make_bank(), now=now)
    learner = make_learner(session)
    sitting = study.start_quiz(session, "dam", learner=learner, count=5, seed=1, now=now)
    rows = {
        "users": {"id": 5, "created_at": RELEASED, "realm": "site"},
        "banks": {"id": "other", "header": {}, "created_at": RELEASED},
        "sittings": {
            "learner_id": learner.id, "id": 5, "bank_id": "dam", "kind": "quiz", "seed": 1, "plan": [], "planned": 1,
            "started_at": RELEASED,
        },
        "attempts": {
            "learner_id": learner.id, "id": 5, "sitting_id": sitting, "place": 9, "bank_id": "dam",
            "question_id": "f-10.day.choice", "kind": "choice", "practice": False, "shown": "{}", "shown_at": RELEASED,
        },
        "cards": {"learner_id": learner.id, "id": 5, "bank_id": "dam", "point": "f-10.day"},
    }  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(TABLES[table]).values(**rows[table] | changes))


def test_a_naive_moment_is_refused(session):
    with pytest.raises(Exception, match="has no time zone"), session.begin_nested():
        make_user(session, created_at=RELEASED.replace(tzinfo=None))


def test_what_is_read_cannot_be_written(engine):
    with pytest.raises(Exception, match=r"read-?only"), db.reading(engine) as session:
        make_user(session)
