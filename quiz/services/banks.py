"""Banks: loading them from facts or files, merging what instructors changed, reading them whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions import edits, factbook
from questions.bank import QUESTION, Bank, Entry, Question, canonical
from questions.errors import NotFound
from questions.factbook import FactBook
from quiz.models import BankRow, FactRevision, FactRow, QuestionRevision, QuestionRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0
    conflicts: int = 0


@lru_cache(maxsize=50_000)
def parse(body: str) -> Question:
    """A stored question. Bodies never change (a revision is a new one), so parsed ones are kept."""
    return QUESTION.validate_json(body)


def load(
    session: Session,
    bank: Bank,
    *,
    now: datetime,
    book: FactBook | None = None,
    packaged: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Loaded:
    """Bring a generated bank into the database, or bring its tables up to date with it.

    New questions are added, changed ones get a revision in which an instructor's edits are merged, vanished ones
    are retired. Loading the same bank again changes nothing. `tick` is called once a question.
    """
    _put_header(session, bank, now=now, packaged=packaged)
    if book is not None:
        session.get_one(BankRow, bank.id).book = factbook.to_json(book)
        _load_facts(session, bank.id, book, now=now)
    rows = {row.id: row for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank.id))}
    bases = _generated(session, bank.id)
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for place, entry in enumerate(bank.entries):
        tick()
        row = rows.get(entry.question.id)
        if row is None:
            _add(session, bank.id, entry, place=place, now=now, generated=True)
            counts["new"] += 1
            continue
        row.place = place
        counts[_regenerate(session, row, bases.get(row.id), entry, now=now)] += 1
        counts["conflicts"] += bool(row.conflicts)
    present = {entry.question.id for entry in bank.entries}
    for row in rows.values():
        # What an instructor wrote by hand was never generated, and does not vanish with the facts.
        if row.id not in present and row.retired_at is None and bases.get(row.id) is not None:
            row.retired_at = row.changed_at = now
            counts["retired"] += 1
    session.flush()
    log.info("bank %s loaded: %s", bank.id, counts)
    return Loaded(**counts)


def _put_header(session: Session, bank: Bank, *, now: datetime, packaged: bool) -> None:
    header = bank.model_dump(mode="json", exclude_none=True, by_alias=True, exclude={"entries"})
    row = session.get(BankRow, bank.id)
    if row is None:
        session.add(BankRow(id=bank.id, header=header, created_at=now, packaged=packaged))
        session.flush()
    elif row.header != header:
        row.header = header


def _generated(session: Session, bank_id: str) -> dict[str, str]:
    """For each question, the text that its facts gave when its newest revision was written."""
    newest = (
        select(QuestionRevision.question_id, func.max(QuestionRevision.number).label("number"))
        .where(QuestionRevision.bank_id == bank_id)
        .group_by(QuestionRevision.question_id)
        .subquery()
    )
    rows = session.execute(
        select(QuestionRevision.question_id, QuestionRevision.generated)
        .join(
            newest,
            (QuestionRevision.question_id == newest.c.question_id) & (QuestionRevision.number == newest.c.number),
        )
        .where(QuestionRevision.bank_id == bank_id, QuestionRevision.generated.is_not(None))
    )
    return {row.question_id: row.generated for row in rows}


def _add(
    session: Session,
    bank_id: str,
    entry: Entry,
    *,
    place: int,
    now: datetime,
    generated: bool,
    author_id: int | None = None,
) -> None:
    question, body = entry.question, canonical(entry.question)
    session.add(
        QuestionRow(
            bank_id=bank_id,
            id=question.id,
            number=1,
            place=place,
            kind=question.kind,
            point=question.point,
            topic=question.topic,
            body=body,
            changed_at=_changed(entry, now),
            retired_at=now if entry.retired else None,
            conflicts=[],
        )
    )
    session.flush()
    session.add(
        QuestionRevision(
            bank_id=bank_id,
            question_id=question.id,
            number=1,
            body=body,
            generated=body if generated else None,
            changed=[],
            why="generated" if generated else "imported",
            author_id=author_id,
            at=now,
        )
    )


def _changed(entry: Entry, now: datetime) -> datetime:
    """The ledger's or the file's time; now, for a question that no release knows yet."""
    return entry.changed if entry.changed.year > 1970 else now


def _regenerate(session: Session, row: QuestionRow, base: str | None, entry: Entry, *, now: datetime) -> str:
    generated = canonical(entry.question)
    came_back = row.retired_at is not None
    if base == generated and not came_back:
        return "same"
    before = parse(row.body)
    merged = edits.merge(parse(base) if base else before, entry.question, before)
    body = canonical(merged.question)
    row.number += 1
    session.add(
        QuestionRevision(
            bank_id=row.bank_id,
            question_id=row.id,
            number=row.number,
            body=body,
            generated=generated,
            changed=list(edits.changed_fields(before, merged.question)),
            why="regenerated",
            at=now,
        )
    )
    if body != row.body or came_back:
        # An edited text is newer than any release that it was merged with.
        row.changed_at = _changed(entry, now) if body == generated else now
    row.body, row.topic, row.kind, row.retired_at = body, merged.question.topic, merged.question.kind, None
    merged = replace(merged, conflicts=(*merged.conflicts, *_undecided(row, merged, entry.question)))
    row.conflicts = [asdict(conflict) for conflict in merged.conflicts]
    row.hidden = merged.key_in_doubt
    return "changed"


def _undecided(row: QuestionRow, merged: edits.Merged, generated: Question) -> list[edits.FieldConflict]:
    """Conflicts of earlier loads that nobody has looked at: a later load does not settle them."""
    now, yours = edits.fields(generated), edits.fields(merged.question)
    newer = {conflict.field for conflict in merged.conflicts}
    return [
        edits.FieldConflict(field, conflict["was"], now.get(field), yours.get(field))
        for conflict in row.conflicts
        if (field := conflict["field"]) not in newer and now.get(field) != yours.get(field)
    ]


def _load_facts(session: Session, bank_id: str, book: FactBook, *, now: datetime) -> None:
    rows = {row.id: row for row in session.scalars(select(FactRow).where(FactRow.bank_id == bank_id))}
    for fact in book.facts.values():
        body: dict[str, Any] = fact.model_dump(mode="json", exclude_none=True)
        row = rows.get(fact.id)
        if row is None:
            row = FactRow(bank_id=bank_id, id=fact.id, number=0, body=body)
            session.add(row)
        elif row.body == body and row.retired_at is None:
            continue
        row.number, row.body, row.retired_at = row.number + 1, body, None
        session.flush()
        session.add(FactRevision(bank_id=bank_id, fact_id=fact.id, number=row.number, body=body, why="loaded", at=now))
    for row in rows.values():
        if row.id not in book.facts and row.retired_at is None:
            row.retired_at = now


def import_file(
    session: Session,
    bank: Bank,
    *,
    now: datetime,
    author_id: int | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Loaded:
    """Bring in a bank file: a bank of its own, or new texts for a bank that is here.

    Questions that the file does not hold stay as they are; nothing is removed.
    """
    _put_header(session, bank, now=now, packaged=False)
    rows = {row.id: row for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank.id))}
    bases = _generated(session, bank.id)
    place = len(rows)
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for entry in bank.entries:
        tick()
        row, body = rows.get(entry.question.id), canonical(entry.question)
        if row is None:
            _add(session, bank.id, entry, place=place, now=now, generated=False, author_id=author_id)
            place += 1
            counts["new"] += 1
        elif row.body == body and (row.retired_at is not None or row.hidden) == entry.retired:
            counts["same"] += 1
        else:
            before = row.changed_at
            revise(
                session,
                row,
                entry.question,
                base=bases.get(row.id),
                why="imported",
                author_id=author_id,
                now=now,
            )
            # A newer text keeps its time, so that both places give Anki the same note; an older one is new here.
            row.changed_at = entry.changed if entry.changed > before else now
            row.retired_at = now if entry.retired else None
            counts["retired" if entry.retired else "changed"] += 1
    session.flush()
    return Loaded(**counts)


def revise(
    session: Session,
    row: QuestionRow,
    question: Question,
    *,
    base: str | None,
    why: str,
    author_id: int | None,
    now: datetime,
) -> None:
    """Append a revision and make it the one that counts. `base` is the generated text that it is based on."""
    changed = list(edits.changed_fields(parse(row.body), question))
    row.number += 1
    row.body, row.changed_at = canonical(question), now
    row.kind, row.topic, row.point = question.kind, question.topic, question.point
    row.conflicts, row.hidden = [], False
    session.add(
        QuestionRevision(
            bank_id=row.bank_id,
            question_id=row.id,
            number=row.number,
            body=row.body,
            generated=base,
            changed=changed,
            why=why,
            author_id=author_id,
            at=now,
        )
    )


# ---------------------------------------------------------------- reading


def bank_ids(session: Session, *, public_only: bool = False) -> list[str]:
    query = select(BankRow.id).order_by(BankRow.packaged.desc(), BankRow.created_at, BankRow.id)
    return list(session.scalars(query.where(BankRow.state == "public") if public_only else query))


def header(session: Session, bank_id: str) -> Bank:
    """The bank without its questions. Raises NotFound."""
    row = session.get(BankRow, bank_id)
    if row is None:
        raise NotFound(f"there is no bank {bank_id!r}")
    return Bank.model_validate(row.header)


def public(session: Session, bank_id: str) -> Bank:
    """The header of a bank that anyone may use. Raises NotFound."""
    row = session.get(BankRow, bank_id)
    if row is None or row.state != "public":
        raise NotFound(f"there is no bank {bank_id!r}")
    return Bank.model_validate(row.header)


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
    return top.model_copy(update={"entries": entries})


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
    return found[1]


# The last reading of each bank's book, with what it was read from: the tables stay the truth.
_books: dict[str, tuple[tuple[str, tuple[tuple[str, int], ...]], FactBook]] = {}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a bank holds, in numbers."""

    questions: int
    facts: int
    topics: tuple[tuple[str, int], ...]  # (topic, live questions)


def holdings(session: Session, bank_id: str) -> Holdings:
    rows = session.execute(
        select(QuestionRow.topic, func.count())
        .where(
            QuestionRow.bank_id == bank_id,
            QuestionRow.retired_at.is_(None),
            QuestionRow.hidden.is_(False),
            QuestionRow.kind != "open",
        )
        .group_by(QuestionRow.topic)
    ).all()
    facts = session.scalar(
        select(func.count()).select_from(FactRow).where(FactRow.bank_id == bank_id, FactRow.retired_at.is_(None))
    )
    topics = tuple(sorted((topic or "", count) for topic, count in rows))
    return Holdings(sum(count for _, count in topics), facts or 0, topics)
