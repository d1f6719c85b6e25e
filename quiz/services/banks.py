"""Banks: loading them from facts or files, merging what instructors changed, reading them whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from questions import edits, factbook, generate
from questions.bank import Bank, Entry, Question, canonical
from questions.errors import NotFound
from questions.factbook import FactBook
from quiz.models import BankRow, FactRow, QuestionRevision, QuestionRow
from quiz.services import fact_rows, media, stored
from quiz.services.stored import parse as parse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0
    conflicts: int = 0


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
    are retired. Loading the same bank again changes nothing; with a `book`, what instructors made of its facts stays,
    and the questions are those of the facts that count. `tick` is called once a question.
    """
    _put_header(session, bank, now=now, packaged=packaged)
    if book is not None:
        merged = fact_rows.bring_in(session, bank.id, book, now=now)
        bank = bank if merged == book else _of_merged(merged, bank)
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


def _of_merged(book: FactBook, bank: Bank) -> Bank:
    """The questions of a book that instructors changed; those that the files' bank has too keep their time."""
    times = {entry.question: entry.changed for entry in bank.entries}
    made = generate.generate(book)
    entries = tuple(
        entry.model_copy(update={"changed": times.get(entry.question, entry.changed)}) for entry in made.entries
    )
    return bank.model_copy(update={"entries": entries, "topics": made.topics})


def header_of(bank: Bank) -> dict[str, Any]:
    """A bank without its questions, as it is stored."""
    return bank.model_dump(mode="json", exclude_none=True, by_alias=True, exclude={"entries"})


def _put_header(session: Session, bank: Bank, *, now: datetime, packaged: bool) -> None:
    header = header_of(bank)
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
    why: str = "imported",
) -> None:
    question, body = entry.question, canonical(entry.question)
    session.add(
        QuestionRow(
            bank_id=bank_id,
            id=question.id,
            number=1,
            place=place,
            **stored.columns(question),
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
            why="generated" if generated else why,
            author_id=author_id,
            at=now,
        )
    )


def add(session: Session, bank_id: str, question: Question, *, place: int, author_id: int, now: datetime) -> None:
    """A question that was written by hand."""
    entry = Entry(question=question, changed=now)
    _add(session, bank_id, entry, place=place, now=now, generated=False, author_id=author_id, why="written")


def _changed(entry: Entry, now: datetime) -> datetime:
    """The ledger's or the file's time; now, for a question that no release knows yet."""
    return entry.changed if entry.changed.year > 1970 else now


def _regenerate(session: Session, row: QuestionRow, base: str | None, entry: Entry, *, now: datetime) -> str:
    generated = canonical(entry.question)
    came_back = row.retired_at is not None and not row.withdrawn
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
    stored.put(row, merged.question)
    if not row.withdrawn:
        row.retired_at = None
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
    media.keep(session, bank.id, (entry.question for entry in bank.entries))
    rows = {row.id: row for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank.id))}
    bases = _generated(session, bank.id)
    new: list[Entry] = []
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for brought in bank.entries:
        tick()
        entry = brought.model_copy(update={"question": media.named(brought.question)})
        row, body = rows.get(entry.question.id), canonical(entry.question)
        if row is None:
            new.append(entry)
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
            row.withdrawn = row.withdrawn and entry.retired
            counts["retired" if entry.retired else "changed"] += 1
    session.flush()
    _add_all(session, bank.id, new, place=len(rows), now=now, author_id=author_id)
    return Loaded(**counts)


def _add_all(
    session: Session, bank_id: str, entries: list[Entry], *, place: int, now: datetime, author_id: int | None
) -> None:
    """The same as `_add` for the many of a file, in two statements a thousand: others wait to write meanwhile."""
    for first in range(0, len(entries), 1000):
        chunk = entries[first : first + 1000]
        columns = [stored.columns(entry.question) for entry in chunk]
        session.execute(
            insert(QuestionRow),
            [
                {
                    "bank_id": bank_id,
                    "id": entry.question.id,
                    "number": 1,
                    "place": place + first + at,
                    **held,
                    "changed_at": _changed(entry, now),
                    "retired_at": now if entry.retired else None,
                    "conflicts": [],
                }
                for at, (entry, held) in enumerate(zip(chunk, columns, strict=True))
            ],
        )
        first_revision = {"bank_id": bank_id, "number": 1, "changed": [], "why": "imported", "author_id": author_id}
        session.execute(
            insert(QuestionRevision),
            [
                {**first_revision, "question_id": entry.question.id, "body": held["body"], "at": now}
                for entry, held in zip(chunk, columns, strict=True)
            ],
        )


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
    row.changed_at = now
    stored.put(row, question)
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
