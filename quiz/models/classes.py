"""Classes: who teaches and who learns in them, what they are given, and sums of what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quiz.ids import new_id
from quiz.models.base import Base


class ClassRow(Base):
    """A class. Students join with its code; accounts made there live in its realm, `class-<id>`."""

    __tablename__ = "classes"

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    join_code: Mapped[str | None] = mapped_column(String(12), unique=True)  # None: nobody joins any more
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Teacher(Base):
    """An instructor of a class."""

    __tablename__ = "teachers"

    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    at: Mapped[datetime]


class Member(Base):
    """A student of a class. `number` and `section` come from the roster."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("class_id", "number"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[str | None] = mapped_column(String(40))
    section: Mapped[str | None] = mapped_column(String(40))
    pin_serial: Mapped[int | None]  # which PIN the site made for them last; None: they chose their own
    extra_time: Mapped[float] = mapped_column(default=0.0)  # share of a time limit that is added
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Assignment(Base):
    """What a class is given to do. `plan` says of which questions: the same for all, or drawn for each."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("feedback IN ('each', 'end', 'closed')", name="feedback"),
        CheckConstraint("counted IN ('best', 'last', 'first')", name="counted"),
        CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"), index=True)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    plan: Mapped[dict[str, Any]]  # count, topic, kind, seed: as `study.start_quiz` takes them; or questions by id
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=1)  # sittings that a student may take; 0: any number
    minutes: Mapped[int | None]
    feedback: Mapped[str] = mapped_column(String(6), default="each")
    counted: Mapped[str] = mapped_column(String(5), default="best")  # which of several sittings makes the grade
    close_share: Mapped[float] = mapped_column(default=0.5)  # of the mark for a close answer
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Allowance(Base):
    """What one student is given beyond an assignment's rules, and why."""

    __tablename__ = "allowances"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    extra_minutes: Mapped[int] = mapped_column(default=0)
    extra_attempts: Mapped[int] = mapped_column(default=0)
    closes_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class ItemSum(Base):
    """Running sums of one question in one assignment: added when a sitting finishes, taken off by a regrade.

    With them facility, discrimination and efficiency's covariance need no attempt to be read.
    """

    __tablename__ = "item_sums"
    __table_args__ = (
        ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),
        Index(None, "bank_id", "question_id"),
    )

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    bank_id: Mapped[str] = mapped_column(String(80))
    answers: Mapped[int] = mapped_column(default=0)  # sittings that held it
    marks: Mapped[float] = mapped_column(default=0.0)
    squares: Mapped[float] = mapped_column(default=0.0)
    rest: Mapped[float] = mapped_column(default=0.0)  # the sitting's other marks
    rest_squares: Mapped[float] = mapped_column(default=0.0)
    products: Mapped[float] = mapped_column(default=0.0)  # mark times rest


class OptionSum(Base):
    """How often an option was chosen in an assignment, and the other marks of those who did."""

    __tablename__ = "option_sums"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    option: Mapped[str] = mapped_column(String(200), primary_key=True)
    chosen: Mapped[int] = mapped_column(default=0)
    rest: Mapped[float] = mapped_column(default=0.0)


class Entry(Base):
    """What an instructor did for a student, a class or a bank: who, when, what and why. Never changed."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "class_id", "at"), Index(None, "bank_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    class_id: Mapped[int | None] = mapped_column(ForeignKey("classes.id"))
    bank_id: Mapped[str | None] = mapped_column(ForeignKey("banks.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # the student whom it is about
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
