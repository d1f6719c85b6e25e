"""The tables.

Tables of a learner have (learner_id, id) as their primary key and learner_id first in every foreign key and
unique rule, so that they can be spread over machines by learner.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from quiz.ids import new_id

STUDENT, INSTRUCTOR, ADMIN = "student", "instructor", "admin"
SITE = "site"  # the realm of accounts that belong to no class


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class)
        datetime: UTCDateTime,
        int: BigInteger,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


# ---------------------------------------------------------------- people


class User(Base):
    """A person. A guest has no login name; made by the first thing they do."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("realm", "name_key"),
        CheckConstraint("(name_key IS NULL) = (login_name IS NULL)", name="named_whole"),
        CheckConstraint("role IN ('student', 'instructor', 'admin')", name="role"),
        CheckConstraint("retention BETWEEN 0.7 AND 0.99", name="retention"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    realm: Mapped[str] = mapped_column(String(40), default=SITE)
    login_name: Mapped[str | None] = mapped_column(String(80))
    name_key: Mapped[str | None] = mapped_column(String(160))  # the login name made comparable
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default=STUDENT)
    language: Mapped[str | None] = mapped_column(String(2))
    study_language: Mapped[str | None] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    day_turns_at: Mapped[int] = mapped_column(default=4)  # hour at which the learner's day begins
    retention: Mapped[float] = mapped_column(default=0.9)
    new_per_day: Mapped[int] = mapped_column(default=10)
    created_at: Mapped[datetime]


class Login(Base):
    """A browser that is signed in. Only the hash of its token is kept."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Link(Base):
    """A link that signs its user in, once."""

    __tablename__ = "links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Failure(Base):
    """A failed sign-in, by name and by address: what throttling counts."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Idempotency(Base):
    """Where the first copy of a request ended; a second copy is sent there."""

    __tablename__ = "idempotency"

    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the user, or 0: not yet known
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]  # whose the result is
    location: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(index=True)


# ---------------------------------------------------------------- banks


class BankRow(Base):
    """A bank without its questions: `header` is the bank file's top level."""

    __tablename__ = "banks"
    __table_args__ = (CheckConstraint("state IN ('draft', 'class', 'public')", name="state"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    header: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="public")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    packaged: Mapped[bool] = mapped_column(default=False, server_default=false())  # comes with the program
    created_at: Mapped[datetime]


class QuestionRow(Base):
    """A question as it counts now. `body` is its whole text as JSON; what else there is serves queries."""

    __tablename__ = "questions"
    __table_args__ = (Index(None, "bank_id", "point"),)

    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int]  # of the revision that counts
    place: Mapped[int]  # in the bank's order
    kind: Mapped[str] = mapped_column(String(20))
    point: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    hidden: Mapped[bool] = mapped_column(default=False, server_default=false())  # its key is in doubt
    conflicts: Mapped[list[Any]] = mapped_column(default=list)


class QuestionRevision(Base):
    """A state of a question. Never changed, never removed."""

    __tablename__ = "question_revisions"
    __table_args__ = (ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),)

    bank_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    generated: Mapped[str | None] = mapped_column(Text)  # what its facts gave when this was written
    changed: Mapped[list[Any]]  # names of the fields
    why: Mapped[str] = mapped_column(String(40))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class FactRow(Base):
    """A fact as it counts now."""

    __tablename__ = "facts"

    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int]
    body: Mapped[dict[str, Any]]
    retired_at: Mapped[datetime | None]


class FactRevision(Base):
    """A state of a fact. Never changed, never removed."""

    __tablename__ = "fact_revisions"
    __table_args__ = (ForeignKeyConstraint(["bank_id", "fact_id"], ["facts.bank_id", "facts.id"]),)

    bank_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    fact_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    why: Mapped[str] = mapped_column(String(40))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


# ---------------------------------------------------------------- learners


class SittingRow(Base):
    """One quiz or review that a learner sits."""

    __tablename__ = "sittings"
    __table_args__ = (
        CheckConstraint("kind IN ('quiz', 'review')", name="kind"),
        CheckConstraint("(finished_at IS NULL) = (points IS NULL)", name="finished_whole"),
        Index("ix_sittings_open", "learner_id", "finished_at"),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"))
    kind: Mapped[str] = mapped_column(String(10))
    seed: Mapped[int]
    plan: Mapped[list[Any]]  # question ids in order; a review's misses are added
    planned: Mapped[int]  # how many there were at the start
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    points: Mapped[float | None]


class Attempt(Base):
    """A question shown once to a learner, and what they answered."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["learner_id", "sitting_id"], ["sittings.learner_id", "sittings.id"]),
        ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),
        CheckConstraint("(answered_at IS NULL) = (response IS NULL)", name="answered_whole"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="judged_whole"),
        CheckConstraint("outcome IN ('right', 'close', 'wrong')", name="outcome"),
        UniqueConstraint("learner_id", "sitting_id", "place"),
        Index(
            "one_open_attempt",
            "learner_id",
            "sitting_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(None, "learner_id", "bank_id", "question_id"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    sitting_id: Mapped[int]
    place: Mapped[int]  # in the sitting's plan, from 0
    bank_id: Mapped[str] = mapped_column(String(80))
    question_id: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))  # of question
    practice: Mapped[bool]  # shown again in its sitting: no score
    shown: Mapped[str] = mapped_column(Text)  # revision and order; grading never looks at today's bank
    shown_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    response: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(10))
    share: Mapped[float | None]  # of the mark, 0 to 1
    reason: Mapped[str | None] = mapped_column(String(20))
    guess: Mapped[bool] = mapped_column(default=False, server_default=false())


class Card(Base):
    """One learner's memory of one point: the fold of its counted, not voided reviews in order of time."""

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("learner_id", "bank_id", "point"),
        CheckConstraint("(reps = 0) = (stability IS NULL)", name="remembered_whole"),
        Index(None, "learner_id", "bank_id", "queue_day"),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"))
    point: Mapped[str] = mapped_column(String(200))
    stability: Mapped[float | None]  # days
    difficulty: Mapped[float | None]
    last_day: Mapped[int | None]  # days since 1970 in the learner's time zone
    due: Mapped[int | None]  # what FSRS says
    queue_day: Mapped[int | None]  # what the queue makes of it
    reps: Mapped[int] = mapped_column(default=0)
    lapses: Mapped[int] = mapped_column(default=0)


class ReviewLog(Base):
    """One rated review. Rows are never changed but for `voided_at` and `voided_by`."""

    __tablename__ = "review_log"
    __table_args__ = (
        ForeignKeyConstraint(["learner_id", "card_id"], ["cards.learner_id", "cards.id"]),
        UniqueConstraint("learner_id", "reviewed_ms"),
        CheckConstraint("rating BETWEEN 1 AND 4", name="rating"),
        Index(None, "learner_id", "card_id", "reviewed_ms"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    card_id: Mapped[int]
    attempt_id: Mapped[int | None]
    question_id: Mapped[str] = mapped_column(String(200))
    reviewed_ms: Mapped[int]  # milliseconds since 1970; becomes Anki's revlog id
    day: Mapped[int]
    rating: Mapped[int]
    counted: Mapped[bool]
    guess: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(10))  # of the sitting
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[int | None]


class Report(Base):
    """A learner's word to the instructor about a question: "this is wrong", or "I was right"."""

    __tablename__ = "reports"
    __table_args__ = (
        ForeignKeyConstraint(["learner_id", "attempt_id"], ["attempts.learner_id", "attempts.id"]),
        ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),
        CheckConstraint("kind IN ('question_wrong', 'i_was_right')", name="kind"),
        UniqueConstraint("learner_id", "attempt_id", "kind"),
        Index(None, "bank_id", "closed_at"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[int]
    bank_id: Mapped[str] = mapped_column(String(80))
    question_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


# Keyed by learner: these can be spread over machines; every other table is small and read by all.
LEARNER_TABLES = ("sittings", "attempts", "cards", "review_log", "reports")
