"""Banks read: their headers, questions, facts and numbers. How they are written is in `loading`, and part of this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions import factbook
from questions.bank import Bank, Entry, Question
from questions.errors import NotFound
from questions.factbook import FactBook
from quiz.models import BankRow, FactRow, QuestionRow
from quiz.services import media
from quiz.services.loading import Loaded as Loaded
from quiz.services.loading import add as add
from quiz.services.loading import header_of as header_of
from quiz.services.loading import import_file as import_file
from quiz.services.loading import load as load
from quiz.services.loading import regenerate as regenerate
from quiz.services.loading import revise as revise
from quiz.services.stored import parse as parse


def bank_ids(session: Session, *, public_only: bool = False) -> list[str]:
    query = select(BankRow.id).order_by(BankRow.packaged.desc(), BankRow.created_at, BankRow.id)
    return list(session.scalars(query.where(BankRow.state == "public") if public_only else query))


def header(session: Session, bank_id: str) -> Bank:
    """The bank without its questions. Raises NotFound."""
    row = session.get(BankRow, bank_id)
    if row is None:
        raise NotFound(f"there is no bank {bank_id!r}")
    return Bank.model_validate(row.header)


def headers(session: Session, ids: Iterable[str]) -> dict[str, Bank]:
    """The same of several, by id, in one statement. What is not there is left out."""
    wanted = list(ids)
    rows = {row.id: row for row in session.scalars(select(BankRow).where(BankRow.id.in_(wanted)))}
    return {one: Bank.model_validate(rows[one].header) for one in wanted if one in rows}


def state(session: Session, bank_id: str) -> str:
    """Raises NotFound."""
    found = session.scalar(select(BankRow.state).where(BankRow.id == bank_id))
    if found is None:
        raise NotFound(f"there is no bank {bank_id!r}")
    return found


def whole(session: Session, bank_id: str) -> Bank:
    """The bank with every question that it ever had, retired ones marked; as exports take it. Raises NotFound."""
    top = header(session, bank_id)
    rows = session.scalars(
        select(QuestionRow).where(QuestionRow.bank_id == bank_id).order_by(QuestionRow.place, QuestionRow.id)
    )
    entries = tuple(
        Entry(question=parse(row.body), changed=row.changed_at, retired=row.retired_at is not None or row.hidden)
        for row in rows
    )
    return media.whole(session, top.model_copy(update={"entries": entries}))


def live(session: Session, bank_id: str, ids: Iterable[str] | None = None) -> list[Question]:
    """The questions that can be asked now, in the bank's order."""
    query = select(QuestionRow.body).where(
        QuestionRow.bank_id == bank_id, QuestionRow.retired_at.is_(None), QuestionRow.hidden.is_(False)
    )
    if ids is not None:
        query = query.where(QuestionRow.id.in_(list(ids)))
    return [parse(body) for body in session.scalars(query.order_by(QuestionRow.place, QuestionRow.id))]


def facts_of(session: Session, bank_id: str) -> FactBook | None:
    """The fact book behind a bank, as its tables say; None for a bank that was not generated from facts."""
    text = session.scalar(select(BankRow.book).where(BankRow.id == bank_id))
    if text is None:
        return None
    rows = session.execute(
        select(FactRow.id, FactRow.number).where(FactRow.bank_id == bank_id, FactRow.retired_at.is_(None))
    )
    versions = tuple(sorted((row.id, row.number) for row in rows))
    found = _books.get(bank_id)
    if found is None or found[0] != (text, versions):
        bodies = session.scalars(
            select(FactRow.body).where(FactRow.bank_id == bank_id, FactRow.retired_at.is_(None)).order_by(FactRow.id)
        )
        found = _books[bank_id] = ((text, versions), factbook.from_json(text, bodies))
        for oldest in list(_books)[:-_MOST_BOOKS]:
            _books.pop(oldest, None)
    return found[1]


# The last reading of each bank's book, with what it was read from: the tables stay the truth.
_MOST_BOOKS = 20
_books: dict[str, tuple[tuple[str, tuple[tuple[str, int], ...]], FactBook]] = {}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a bank holds, in numbers."""

    questions: int  # that are asked
    facts: int
    topics: tuple[tuple[str, int], ...]  # (topic, questions that are asked)
    whole: int  # with those that wait for a person: open ones, and hidden ones


def holdings(session: Session, bank_id: str) -> Holdings:
    rows = session.execute(
        select(QuestionRow.topic, QuestionRow.hidden, QuestionRow.kind, func.count())
        .where(QuestionRow.bank_id == bank_id, QuestionRow.retired_at.is_(None))
        .group_by(QuestionRow.topic, QuestionRow.hidden, QuestionRow.kind)
    ).all()
    topics: Counter[str] = Counter()
    for topic, hidden, kind, count in rows:
        if not hidden and kind != "open":
            topics[topic or ""] += count
    facts = session.scalar(
        select(func.count()).select_from(FactRow).where(FactRow.bank_id == bank_id, FactRow.retired_at.is_(None))
    )
    whole = sum(count for *_, count in rows)
    return Holdings(topics.total(), facts or 0, tuple(sorted(topics.items())), whole)
