"""Facts as the tables hold them, and how newer files of a book are merged with what instructors made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions import factbook
from questions.factbook import FactBook
from questions.facts import AnyFact
from quiz.models import BankRow, FactRevision, FactRow

LOADED, REMOVED = "loaded", "removed"


def dumped(fact: AnyFact) -> dict[str, Any]:
    return fact.model_dump(mode="json", exclude_none=True)


def revise(
    session: Session, row: FactRow, body: dict[str, Any], *, why: str, now: datetime, author_id: int | None = None
) -> None:
    """Append a revision of a fact and make it the one that counts."""
    row.number, row.body = row.number + 1, body
    row.retired_at = now if why == REMOVED else None
    session.flush()
    session.add(
        FactRevision(
            bank_id=row.bank_id, fact_id=row.id, number=row.number, body=body, why=why, author_id=author_id, at=now
        )
    )


def bring_in(session: Session, bank_id: str, book: FactBook, *, now: datetime) -> FactBook:
    """Write a book's facts. Returns the book that counts from now on.

    What an instructor changed in a fact, field by field, stays; so do facts, entities and topics that they added, and
    a fact that they took out stays out.
    """
    bank = session.get_one(BankRow, bank_id)
    book = _with_added(book, bank.book)
    rows = {row.id: row for row in session.scalars(select(FactRow).where(FactRow.bank_id == bank_id))}
    bases, last = _loaded(session, bank_id), _last(session, bank_id)
    facts: dict[str, AnyFact] = {}
    for fact in book.facts.values():
        row, body = rows.get(fact.id), dumped(fact)
        if row is None:
            row = FactRow(bank_id=bank_id, id=fact.id, number=0, body=body)
            session.add(row)
            revise(session, row, body, why=LOADED, now=now)
        elif last.get(row.id) == REMOVED:
            continue
        elif row.body != body or row.retired_at is not None:
            merged = _merge(bases.get(row.id, body), body, row.body)
            if merged != row.body or row.retired_at is not None:
                revise(session, row, merged, why=LOADED if merged == body else "merged", now=now)
            fact = factbook.read_fact(row.body)
        facts[fact.id] = fact
    for row in rows.values():
        if row.id in facts or row.retired_at is not None:
            continue
        if row.id in bases:  # the files had it once
            row.retired_at = now
        else:
            facts[row.id] = factbook.read_fact(row.body)
    book = replace(book, facts=facts)
    bank.book = factbook.to_json(book)
    session.flush()
    return book


def _with_added(book: FactBook, stored: str | None) -> FactBook:
    if stored is None:
        return book
    before = factbook.from_json(stored, ())
    return replace(book, entities={**before.entities, **book.entities}, topics={**before.topics, **book.topics})


def _loaded(session: Session, bank_id: str) -> dict[str, dict[str, Any]]:
    """For each fact, the newest state that files gave."""
    rows = session.execute(
        select(FactRevision.fact_id, FactRevision.body)
        .where(FactRevision.bank_id == bank_id, FactRevision.why == LOADED)
        .order_by(FactRevision.number)
    )
    return {fact_id: body for fact_id, body in rows}


def _last(session: Session, bank_id: str) -> dict[str, str]:
    """What was done to each fact last."""
    newest = (
        select(FactRevision.fact_id, func.max(FactRevision.number).label("number"))
        .where(FactRevision.bank_id == bank_id)
        .group_by(FactRevision.fact_id)
        .subquery()
    )
    rows = session.execute(
        select(FactRevision.fact_id, FactRevision.why)
        .join(newest, (FactRevision.fact_id == newest.c.fact_id) & (FactRevision.number == newest.c.number))
        .where(FactRevision.bank_id == bank_id)
    )
    return {fact_id: why for fact_id, why in rows}


def _merge(base: dict[str, Any], loaded: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    """The edit, with every field that only the files changed; the edit as it is when the two do not go together."""
    if edited == base or loaded["type"] != edited["type"]:
        return loaded if edited == base else edited
    merged = {
        field: value
        for field in _fields(edited, loaded)
        if (value := loaded.get(field) if edited.get(field) == base.get(field) else edited.get(field)) is not None
    }
    try:
        return dumped(factbook.read_fact(merged))
    except ValueError:  # pydantic
        return edited


def _fields(*bodies: dict[str, Any]) -> Iterable[str]:
    return dict.fromkeys(field for body in bodies for field in body)
