"""What learners do and remember: keyed by the learner, so that learners can be spread over machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from quiz.ids import new_id
from quiz.models.base import Base


class SittingRow(Base):
    """One quiz or review that a learner sits."""

    __tablename__ = "sittings"
    __table_args__ = (
        CheckConstraint("kind IN ('quiz', 'review')", name="kind"),
        CheckConstraint("(finished_at IS NULL) = (points IS NULL)", name="finished_whole"),
        CheckConstraint("feedback IN ('each', 'end')", name="feedback"),
        Index("ix_sittings_open", "learner_id", "finished_at"),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"))
    kind: Mapped[str] = mapped_column(String(10))
    seed: Mapped[int]
    plan: Mapped[list[Any]]  # question ids in order; a review's misses are added
    planned: Mapped[int]  # how many there were at the start
    feedback: Mapped[str] = mapped_column(String(4), default="each", server_default="each")  # when verdicts are shown
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    withheld_until: Mapped[datetime | None]  # when its assignment is closed to all; None once its memories were told
    started_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]  # the time limit: later answers do not count
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
        Index(
            "one_attempt_a_place",
            "learner_id",
            "sitting_id",
            "place",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "one_open_attempt",
            "learner_id",
            "sitting_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("answered_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index(None, "learner_id", "bank_id", "question_id"),
        Index(None, "bank_id", "question_id"),  # who met a question: for regrading it, and before it is removed
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
    withdrawn_at: Mapped[datetime | None]  # undone, or open when the answer before it was: counts nowhere


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
        Index(None, "learner_id", "day"),
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
    predicted: Mapped[float | None]  # chance of recall that the memory before it gave; None of a new point
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
    decision: Mapped[str | None] = mapped_column(String(10))  # what the instructor made of it; the learner sees it


class MarkChange(Base):
    """A mark that was changed after the answer: by hand, by a regrade, by an accepted appeal. Never changed itself."""

    __tablename__ = "mark_changes"
    __table_args__ = (
        ForeignKeyConstraint(["learner_id", "attempt_id"], ["attempts.learner_id", "attempts.id"]),
        Index(None, "learner_id", "attempt_id"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[int]
    share_before: Mapped[float]
    share_after: Mapped[float]
    cause: Mapped[str] = mapped_column(String(10))  # hand, corrected, appeal or void
    why: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None]  # not a key to users: a learner's rows point to their own
    at: Mapped[datetime]


class Star(Base):
    """A question that a learner wants to find again."""

    __tablename__ = "stars"
    __table_args__ = (
        ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),
        UniqueConstraint("learner_id", "bank_id", "question_id"),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[str] = mapped_column(String(80))
    question_id: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Aim(Base):
    """What a learner learns a bank for: the day of an exam."""

    __tablename__ = "aims"
    __table_args__ = (UniqueConstraint("learner_id", "bank_id"),)

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"))
    exam_day: Mapped[int]  # days since 1970, in the learner's time zone


class Fitting(Base):
    """What became of fitting the schedule to a learner's log, the last time it was tried."""

    __tablename__ = "fittings"
    __table_args__ = (UniqueConstraint("learner_id"),)

    learner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    reviews: Mapped[int]  # in the log that tell how well something was kept
    unseen: Mapped[int]  # of them, the latest, by which it was judged
    loss_before: Mapped[float]  # log loss on those
    loss_after: Mapped[float]
    kept: Mapped[bool]


# Keyed by learner: these can be spread over machines; every other table is small and read by all.
LEARNER_TABLES = ("sittings", "attempts", "cards", "review_log", "reports", "stars", "aims", "mark_changes", "fittings")
