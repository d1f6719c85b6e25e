"""Banks: facts, questions, their revisions, and the text that they were read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from quiz.models.base import Base


class BankRow(Base):
    """A bank without its questions: `header` is the bank file's top level."""

    __tablename__ = "banks"
    __table_args__ = (CheckConstraint("state IN ('draft', 'class', 'public')", name="state"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    header: Mapped[dict[str, Any]]
    book: Mapped[str | None] = mapped_column(Text)  # its fact book but for the facts, as JSON
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


class Passage(Base):
    """A paragraph of the text that a bank's facts were read from, where an instructor attached it."""

    __tablename__ = "passages"

    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    para: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
