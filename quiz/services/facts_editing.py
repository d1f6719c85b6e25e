"""Instructors changing facts: what would come of it, then a revision of the fact and its questions made anew."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions import edits, factbook, generate
from questions.bank import Question
from questions.errors import BadFile, Conflict, NotFound, Problem
from questions.factbook import FactBook
from questions.facts import AnyFact
from questions.faults import faults_of
from quiz.ids import new_id
from quiz.models import BankRow, FactRevision, FactRow, QuestionRow, User
from quiz.services import banks, fact_form, fact_rows
from quiz.services.copying import base36
from quiz.services.history import Difference, difference

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that would read otherwise. `kept` of its fields an instructor changed: their text stands."""

    before: Question
    after: Question
    differences: tuple[Difference, ...]
    kept: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would come of a fact: changed and vanished questions, new ones, and what is wrong."""

    changed: tuple[Changed, ...] = ()
    vanished: tuple[Question, ...] = ()
    new: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Revised:
    number: int
    at: datetime
    why: str
    author: str | None
    body: Mapping[str, Any]


def book_of(session: Session, bank_id: str) -> FactBook:
    """Raises NotFound for a bank that was not made from facts."""
    book = book_in(session, bank_id)
    if book is None:
        raise NotFound("this bank was not made from facts")
    return book


def book_in(session: Session, bank_id: str) -> FactBook | None:
    """The book of a bank, with every topic that facts may be of; None when nobody began one."""
    book = banks.facts_of(session, bank_id)
    return None if book is None else fact_rows.with_topics(book, banks.header(session, bank_id))


def fact_row(session: Session, bank_id: str, fact_id: str) -> FactRow:
    """Raises NotFound."""
    row = session.get(FactRow, (bank_id, fact_id))
    if row is None:
        raise NotFound(f"there is no fact {fact_id!r}")
    return row


def revisions(session: Session, bank_id: str, fact_id: str) -> list[Revised]:
    """The newest first."""
    rows = session.execute(
        select(FactRevision, User.login_name)
        .outerjoin(User, User.id == FactRevision.author_id)
        .where(FactRevision.bank_id == bank_id, FactRevision.fact_id == fact_id)
        .order_by(FactRevision.number.desc())
    )
    return [Revised(row.number, row.at, row.why, author, row.body) for row, author in rows]


def new_fact_id() -> str:
    """Of a fact that an instructor adds: files never use such an id."""
    return f"own-{base36(new_id())[-10:]}"


# ---------------------------------------------------------------- from the form to the questions


def read(
    kind: str, fact_id: str, form: Mapping[str, list[str]], before: Mapping[str, Any] | None
) -> AnyFact | list[Problem]:
    """The fact that a form makes, or what keeps it from being one."""
    body = fact_form.read(fact_form.fields_of(kind), form)
    # Who reviewed the old words has not seen these.
    body |= {"id": fact_id, "type": kind}
    if before is not None and "status" in before:
        body["status"] = "draft"
    try:
        return factbook.read_fact(body)
    except ValueError as error:  # pydantic
        return faults_of(error)


def outcome(session: Session, bank_id: str, fact: AnyFact | None, *, removed: str | None = None) -> Outcome:
    """What would come of a fact that is new or changed, or of one that is taken out."""
    book = book_of(session, bank_id)
    return compare(session, bank_id, book, _with(book, fact, removed))


def compare(session: Session, bank_id: str, book: FactBook, after: FactBook) -> Outcome:
    """What would come of another book in place of this one."""
    try:
        factbook.check(after)
    except BadFile as error:
        return Outcome(problems=tuple(error.problems))
    was = {question.id: question for question in generate.generate(book).live}
    now = {question.id: question for question in generate.generate(after).live}
    rows = {
        row.id: banks.parse(row.body)
        for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(was)))
    }
    changed = []
    for name, question in was.items():
        if name in now and now[name] != question:
            current = rows.get(name, question)
            merged = edits.merge(question, now[name], current)
            changed.append(
                Changed(
                    current,
                    merged.question,
                    difference(current, merged.question),
                    len(merged.conflicts),
                )
            )
    return Outcome(
        tuple(changed),
        tuple(rows.get(name, question) for name, question in was.items() if name not in now),
        tuple(question for name, question in now.items() if name not in was),
    )


def _with(book: FactBook, fact: AnyFact | None, removed: str | None) -> FactBook:
    facts = {name: one for name, one in book.facts.items() if name != removed}
    return replace(book, facts=facts if fact is None else {**facts, fact.id: fact})


def save(session: Session, bank_id: str, fact: AnyFact, *, seen: int, author_id: int, now: datetime) -> banks.Loaded:
    """Make a fact the one that counts, and its questions anew; instructors' edits of those are merged.

    `seen` is the revision that the form showed, 0 for a new fact. Raises BadFile when the book would not be whole,
    Conflict when someone saved meanwhile.
    """
    book = _with(book_of(session, bank_id), fact, None)
    factbook.check(book)
    row = session.get(FactRow, (bank_id, fact.id))
    if row is None:
        row = FactRow(bank_id=bank_id, id=fact.id, number=0, body={})
        session.add(row)
    if row.number != seen:
        raise Conflict("saved by someone else meanwhile")
    body = fact_rows.dumped(fact)
    if body != row.body or row.retired_at is not None:
        _revise(session, row, body, why="edited" if seen else "written", author_id=author_id, now=now)
    log.info("fact %s of %s saved: revision %s", fact.id, bank_id, row.number)
    return put_book(session, bank_id, book, now=now)


def remove(session: Session, bank_id: str, fact_id: str, *, seen: int, author_id: int, now: datetime) -> banks.Loaded:
    """Take a fact out; its questions are retired. Raises NotFound, BadFile when something rests on it, Conflict."""
    row = fact_row(session, bank_id, fact_id)
    book = _with(book_of(session, bank_id), None, fact_id)
    factbook.check(book)
    if row.number != seen:
        raise Conflict("saved by someone else meanwhile")
    if row.retired_at is None:
        _revise(session, row, row.body, why=fact_rows.REMOVED, author_id=author_id, now=now)
    return put_book(session, bank_id, book, now=now)


def _revise(session: Session, row: FactRow, body: dict[str, Any], *, why: str, author_id: int, now: datetime) -> None:
    try:
        with session.begin_nested():
            fact_rows.revise(session, row, body, why=why, author_id=author_id, now=now)
    except IntegrityError:
        raise Conflict("saved by someone else meanwhile") from None


def put_book(session: Session, bank_id: str, book: FactBook, *, now: datetime) -> banks.Loaded:
    """Keep a book whose facts are written already, and make its questions anew."""
    session.get_one(BankRow, bank_id).book = factbook.to_json(book)
    made, header = generate.generate(book), banks.header(session, bank_id)
    known = {topic.id for topic in made.topics}
    topics = (*made.topics, *(topic for topic in header.topics if topic.id not in known))
    changes = {"topics": topics, "document": made.document, "entries": made.entries}
    return banks.regenerate(session, header.model_copy(update=changes), now=now)
