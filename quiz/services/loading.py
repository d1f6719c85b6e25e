"""Questions into a bank's tables: from facts or files, merged with what instructors changed; and by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from questions import edits, generate
from questions.bank import Bank, Entry, Question, canonical
from questions.factbook import FactBook
from quiz.models import BankRow, QuestionRevision, QuestionRow
from quiz.services import fact_rows, media, stored
from quiz.services.stored import parse

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

    Loading the same bank again changes nothing; with a `book`, what instructors made of it stays, and the questions
    are those of the facts that count. `tick` is called once a question.
    """
    row = session.get(BankRow, bank.id)
    if row is None:
        put_header(session, bank, now=now, packaged=packaged)
    elif packaged:
        row.packaged = True  # also where it was loaded before anyone asked whether it is
    if book is not None:
        merged = fact_rows.bring_in(session, bank.id, book, now=now)
        bank = bank if merged == book else _of_merged(merged, bank)
    return regenerate(session, bank, now=now, tick=tick)


def regenerate(session: Session, bank: Bank, *, now: datetime, tick: Callable[[], None] = lambda: None) -> Loaded:
    """Make the questions of a bank that is there those which its facts give.

    New questions are added, changed ones get a revision in which an instructor's edits are merged, vanished ones
    are retired.
    """
    put_header(session, bank, now=now)
    rows = {row.id: row for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank.id))}
    bases = _generated(session, bank.id)
    new: list[tuple[int, Entry]] = []
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for place, entry in enumerate(bank.entries):
        tick()
        row = rows.get(entry.question.id)
        if row is None:
            new.append((place, entry))
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
    _add(session, bank.id, new, why="generated", now=now)
    log.info("bank %s loaded: %s", bank.id, counts)
    return Loaded(**counts)


def _of_merged(book: FactBook, bank: Bank) -> Bank:
    """The questions of a book that instructors changed; those that the files' bank has too keep their time."""
    times = {entry.question: entry.changed for entry in bank.entries}
    made = generate.generate(book)
    entries = tuple(
        entry.model_copy(update={"changed": times.get(entry.question, entry.changed)}) for entry in made.entries
    )
    return made.model_copy(update={"entries": entries})


def header_of(bank: Bank) -> dict[str, Any]:
    """A bank without its questions, as it is stored."""
    return bank.model_dump(mode="json", exclude_none=True, by_alias=True, exclude={"entries"})


def put_header(session: Session, bank: Bank, *, now: datetime, packaged: bool = False) -> None:
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


def add(session: Session, bank_id: str, question: Question, *, place: int, author_id: int, now: datetime) -> None:
    """A question that was written by hand."""
    entry = Entry(question=question, changed=now)
    _add(session, bank_id, [(place, entry)], why="written", author_id=author_id, now=now)


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
    merged = replace(merged, conflicts=(*merged.conflicts, *_undecided(row, merged, entry.question)))
    if body != row.body or came_back or row.hidden != merged.key_in_doubt:
        # An edited text is newer than any release that it was merged with, and no change makes a question older.
        told = _changed(entry, now)
        row.changed_at = told if body == generated and told > row.changed_at else now
    stored.put(row, merged.question)
    if not row.withdrawn:
        row.retired_at = None
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
    put_header(session, bank, now=now)
    media.keep(session, bank.id, (entry.question for entry in bank.entries))
    rows = {row.id: row for row in session.scalars(select(QuestionRow).where(QuestionRow.bank_id == bank.id))}
    bases = _generated(session, bank.id)
    new: list[tuple[int, Entry]] = []
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for brought in bank.entries:
        tick()
        entry = brought.model_copy(update={"question": media.named(brought.question)})
        row, body = rows.get(entry.question.id), canonical(entry.question)
        if row is None:
            new.append((len(rows) + len(new), entry))
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
    _add(session, bank.id, new, why="imported", author_id=author_id, now=now)
    return Loaded(**counts)


def _add(
    session: Session,
    bank_id: str,
    entries: list[tuple[int, Entry]],
    *,
    why: str,
    author_id: int | None = None,
    now: datetime,
) -> None:
    """New questions, each at its place, with their first revisions: in two statements a thousand, since others wait to
    write meanwhile.
    """
    session.flush()
    for first in range(0, len(entries), 1000):
        rows: list[dict[str, Any]] = [
            {
                "bank_id": bank_id,
                "id": entry.question.id,
                "number": 1,
                "place": place,
                **stored.columns(entry.question),
                "changed_at": _changed(entry, now),
                "retired_at": now if entry.retired else None,
                "conflicts": [],
            }
            for place, entry in entries[first : first + 1000]
        ]
        shared = {"bank_id": bank_id, "number": 1, "changed": [], "why": why, "author_id": author_id, "at": now}
        session.execute(insert(QuestionRow), rows)
        session.execute(
            insert(QuestionRevision),
            [
                shared
                | {
                    "question_id": row["id"],
                    "body": row["body"],
                    "generated": row["body"] if why == "generated" else None,
                }
                for row in rows
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
