"""What facts refer to, changed by instructors: people and things, and the source; or a book begun with it."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions import factbook
from questions.bank import Bank
from questions.errors import Conflict, NotFound, Problem
from questions.factbook import FactBook
from questions.facts import Entity
from questions.faults import faults_of
from questions.source import Source, header_of, source_of
from quiz.ids import new_id
from quiz.models import BankRow
from quiz.services import banks, fact_form, fact_rows, facts_editing, teaching
from quiz.services.copying import base36
from quiz.services.facts_editing import Outcome

log = logging.getLogger(__name__)
Kind = Literal["entity", "source"]
Part = Entity | Source
HEADER = "header"  # by which the source is known among a book's parts


@dataclass(frozen=True, slots=True)
class Desk:
    """A part of a book, open for editing; `part` is None for one that is not written yet, `book` in a bank without."""

    kind: Kind
    name: str
    bank: Bank
    book: FactBook | None
    part: Part | None

    @property
    def stamp(self) -> int:
        """What tells one state of a part from another; 0 of one that is not written yet."""
        return zlib.crc32(self.part.model_dump_json().encode()) % 10**9 if self.part is not None else 0


def desk(session: Session, bank_id: str, kind: Kind, name: str | None) -> Desk:
    """Raises NotFound: for a part that is not there, or (but for the source) a bank without a book."""
    bank, book = banks.header(session, bank_id), facts_editing.book_in(session, bank_id)
    if kind == "source":
        return Desk(kind, HEADER, bank, book, source_of(book.header) if book is not None else None)
    if book is None:
        raise NotFound("this bank was not made from facts")
    if name is None:
        return Desk(kind, f"own-{base36(new_id())[-10:]}", bank, book, None)
    if name not in book.entities:
        raise NotFound(f"there is no {kind} {name!r}")
    return Desk(kind, name, bank, book, book.entities[name])


def form_of(opened: Desk) -> fact_form.Form:
    fields = fact_form.fields_of(opened.kind)
    if opened.part is None:
        return fact_form.blank(fields)
    return fact_form.of_body(fields, fact_rows.dumped(opened.part))


def read(opened: Desk, form: Mapping[str, list[str]]) -> Part | list[Problem]:
    """The part that a form makes, or what keeps it from being one."""
    body = fact_form.read(fact_form.fields_of(opened.kind), form)
    if opened.kind != "source":
        body["id"] = opened.name
    try:
        part = Entity.model_validate(body) if opened.kind == "entity" else Source.model_validate(body)
    except ValueError as error:  # pydantic
        return faults_of(error)
    return part


def look(session: Session, opened: Desk, part: Part) -> Outcome:
    """What would come of it: the questions that would read otherwise, first."""
    after = _after(opened, part)
    return facts_editing.compare(session, opened.bank.id, opened.book or replace(after, facts={}), after)


def save(
    session: Session, bank_id: str, opened: Desk, part: Part, *, seen: int, author_id: int, now: datetime
) -> banks.Loaded:
    """Make a part the one that counts, and the questions anew. Raises BadFile when the book would not be whole,
    Conflict when someone saved meanwhile.
    """
    # Whoever changes a book waits for whoever is changing it; then it is read as it is now.
    session.scalar(select(BankRow.id).where(BankRow.id == bank_id).with_for_update())
    opened = desk(session, bank_id, opened.kind, opened.name if opened.part else None)
    if opened.stamp != seen:
        raise Conflict("saved by someone else meanwhile")
    after = _after(opened, part)
    factbook.check(after)
    if part == opened.part:
        return banks.Loaded()
    name = part.id if not isinstance(part, Source) else HEADER
    called = part.title if isinstance(part, Source) else part.name
    detail = {
        "part": name,
        "name": fact_rows.dumped(called),
        "before": fact_rows.dumped(opened.part) if opened.part else None,
    }
    teaching.journal(session, opened.kind, author_id=author_id, now=now, bank_id=bank_id, detail=detail)
    log.info("%s %s of %s saved", opened.kind, name, bank_id)
    return facts_editing.put_book(session, bank_id, after, now=now)


def _after(opened: Desk, part: Part) -> FactBook:
    """The book with a part new or changed; of what was changed, the first state is kept for later files of the book."""
    book = opened.book
    if isinstance(part, Source):
        header = header_of(part, opened.bank, book.header if book else None)
        if book is None:
            return fact_rows.with_topics(FactBook(header, {}, {}, {}, {}), opened.bank)
        return replace(fact_rows.with_original(book, HEADER, book.header), header=header)
    assert book is not None  # noqa: S101  (as `desk` says)
    if opened.part is not None:
        book = fact_rows.with_original(book, f"entity {part.id}", opened.part)
    return replace(book, entities={**book.entities, part.id: part})
