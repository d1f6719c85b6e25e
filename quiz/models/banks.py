"""Banks: facts, questions, their revisions, and the text that they were read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from quiz.ids import new_id
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
    copied_from: Mapped[str | None] = mapped_column(String(80))  # memories and Anki notes do not follow a copy
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
    voided_at: Mapped[datetime | None]  # full marks for all, whatever was answered
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())  # retired by hand: no load undoes it
    words: Mapped[str | None] = mapped_column(Text)  # its texts in normal form: what a search looks at
    tags: Mapped[str | None] = mapped_column(Text)  # each between line breaks
    difficulty: Mapped[float | None]
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


class Editor(Base):
    """Who may change a bank. Without editors the packaged one is every instructor's, another the administrators'."""

    __tablename__ = "editors"

    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    owner: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime]


class Draft(Base):
    """What an instructor is typing: kept from second to second, offered again on return and on another device."""

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    about: Mapped[str] = mapped_column(String(220), primary_key=True)  # "question:<id>", "fact:<id>", "new:<kind>"
    seen: Mapped[int]  # the revision on which it was begun
    form: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Upload(Base):
    """A file between its preview and the word to bring it in. One a person; swept after a day."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    bank_id: Mapped[str | None] = mapped_column(ForeignKey("banks.id"))  # None: it becomes a bank of its own
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str | None] = mapped_column(String(200))  # of the new bank
    data: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class ImportRow(Base):
    """A file that was brought in. Undone as a whole."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    report: Mapped[dict[str, Any]]  # format, counts and notes, as the preview showed them
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ImportedQuestion(Base):
    """A question that an import made or changed."""

    __tablename__ = "imported_questions"
    __table_args__ = (
        ForeignKeyConstraint(["bank_id", "question_id"], ["questions.bank_id", "questions.id"]),
        Index(None, "bank_id", "question_id"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    bank_id: Mapped[str] = mapped_column(String(80))
    before: Mapped[int | None]  # the revision that counted before; None: it was new


class MediaRow(Base):
    """A picture or sound of a bank, by what it holds; questions name it by its digest."""

    __tablename__ = "media"

    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(60))
    data: Mapped[bytes] = mapped_column(LargeBinary)
