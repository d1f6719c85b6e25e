"""Facts as the tables hold them, and how newer files of a book are merged with what instructors made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions import factbook
from questions.bank import Bank
from questions.factbook import FactBook
from questions.facts import AnyFact, Topic
from questions.source import in_all
from questions.texts import Value
from quiz.models import BankRow, FactRevision, FactRow

_Part = TypeVar("_Part", bound=Value)
LOADED, REMOVED = "loaded", "removed"


def dumped(value: Value) -> dict[str, Any]:
    """A fact, or something else of a book, as it is stored."""
    return value.model_dump(mode="json", exclude_none=True)


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
    book = with_topics(_with_added(book, bank.book), Bank.model_validate(bank.header))
    rows = {row.id: row for row in session.scalars(select(FactRow).where(FactRow.bank_id == bank_id))}
    bases, last = _loaded(session, bank_id), _last(session, bank_id)
    facts: dict[str, AnyFact] = {}
    new: dict[str, dict[str, Any]] = {}
    for fact in book.facts.values():
        row, body = rows.get(fact.id), dumped(fact)
        if row is None:
            new[fact.id] = body
        elif last.get(row.id) == REMOVED:
            continue
        elif row.body != body or row.retired_at is not None:
            merged = _merge(bases.get(row.id, body), body, row.body)
            if merged != row.body or row.retired_at is not None:
                revise(session, row, merged, why=LOADED if merged == body else "merged", now=now)
            fact = factbook.read_fact(row.body)
        facts[fact.id] = fact
    session.add_all(FactRow(bank_id=bank_id, id=name, number=1, body=body) for name, body in new.items())
    session.flush()
    session.add_all(
        FactRevision(bank_id=bank_id, fact_id=name, number=1, body=body, why=LOADED, at=now)
        for name, body in new.items()
    )
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


def with_topics(book: FactBook, bank: Bank) -> FactBook:
    """With the topics that only the bank has: files and people add them to questions, and facts may be of them too."""
    more = {
        topic.id: Topic(id=topic.id, name=in_all(topic.name, book.header.languages))
        for topic in bank.topics
        if topic.id not in book.topics
    }
    return replace(book, topics={**book.topics, **more}) if more else book


def with_original(book: FactBook, key: str, before: Value) -> FactBook:
    """With the first state of what an instructor changes: newer files of the book are merged with the change."""
    return book if key in book.originals else replace(book, originals={**book.originals, key: dumped(before)})


def _with_added(book: FactBook, stored: str | None) -> FactBook:
    """With the entities and topics that instructors added, and with what they changed of those that the files have."""
    if stored is None:
        return book
    before = factbook.from_json(stored, ())
    originals: dict[str, dict[str, Any]] = {}

    def kept(key: str, loaded: _Part, edited: _Part | None) -> _Part:
        base, given = before.originals.get(key), dumped(loaded)
        if base is None or edited is None:
            return loaded
        try:
            merged = type(loaded).model_validate(_fieldwise(base, given, dumped(edited)))
        except ValueError:  # pydantic
            merged = edited
        if merged != loaded:
            originals[key] = given
        return merged

    return replace(
        book,
        header=kept("header", book.header, before.header),
        entities={
            **before.entities,
            **{name: kept(f"entity {name}", one, before.entities.get(name)) for name, one in book.entities.items()},
        },
        topics={
            **before.topics,
            **{name: kept(f"topic {name}", one, before.topics.get(name)) for name, one in book.topics.items()},
        },
        originals=originals,
    )


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
    try:
        return dumped(factbook.read_fact(_fieldwise(base, loaded, edited)))
    except ValueError:  # pydantic
        return edited


def _fieldwise(base: dict[str, Any], loaded: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    return {
        field: value
        for field in dict.fromkeys((*edited, *loaded))
        if (value := loaded.get(field) if edited.get(field) == base.get(field) else edited.get(field)) is not None
    }
