"""Questions into a bank's tables: from facts or files, merged with what instructors changed; and by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
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
_AT_ONCE = 1000  # questions


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
    # Instructors who change its facts meanwhile wait; learners do not.
    row = session.get(BankRow, bank.id, with_for_update={"key_share": True})
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
    new: list[tuple[int, Entry]] = []
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for place, entry, row, base in _met(session, bank):
        tick()
        if row is None:
            new.append((place, entry))
            counts["new"] += 1
            continue
        row.place = place
        counts[_regenerate(session, row, base, entry, now=now)] += 1
        counts["conflicts"] += bool(row.conflicts)
    counts["retired"] = _retire_vanished(session, bank, now=now)
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


def _met(session: Session, bank: Bank) -> Iterator[tuple[int, Entry, QuestionRow | None, str | None]]:
    """Each question with its place, its row, and the text that its facts gave when its newest revision was written.

    A part of a large bank at a time: what was written of it is then held no longer.
    """
    for first in range(0, len(bank.entries), _AT_ONCE):
        part = bank.entries[first : first + _AT_ONCE]
        here = _here(session, bank.id, [entry.question.id for entry in part])
        for place, entry in enumerate(part, first):
            yield place, entry, *here.get(entry.question.id, (None, None))
        session.flush()


def _here(session: Session, bank_id: str, ids: list[str]) -> dict[str, tuple[QuestionRow, str | None]]:
    """Rows of questions, each with its generated text."""
    rows = session.execute(
        select(QuestionRow, QuestionRevision.generated)
        .outerjoin(
            QuestionRevision,
            (QuestionRevision.bank_id == QuestionRow.bank_id)
            & (QuestionRevision.question_id == QuestionRow.id)
            & (QuestionRevision.number == QuestionRow.number),
        )
        .where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(ids))
    )
    return {row.id: (row, base) for row, base in rows}


def _retire_vanished(session: Session, bank: Bank, *, now: datetime) -> int:
    """Retire what the facts give no longer. Returns how many."""
    asked = select(QuestionRow.id).where(QuestionRow.bank_id == bank.id, QuestionRow.retired_at.is_(None))
    vanished = sorted(set(session.scalars(asked)) - {entry.question.id for entry in bank.entries})
    count = 0
    for first in range(0, len(vanished), _AT_ONCE):
        for row, base in _here(session, bank.id, vanished[first : first + _AT_ONCE]).values():
            # What an instructor wrote by hand was never generated, and does not vanish with the facts.
            if base is not None:
                row.retired_at = row.changed_at = now
                count += 1
        session.flush()
    return count


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
    was = row.body
    stored.put(row, merged.question)
    row.number += 1
    session.add(
        QuestionRevision(
            bank_id=row.bank_id,
            question_id=row.id,
            number=row.number,
            body=row.body,
            generated=generated,
            changed=list(edits.changed_fields(before, merged.question)),
            why="regenerated",
            at=now,
        )
    )
    merged = replace(merged, conflicts=(*merged.conflicts, *_undecided(row, merged, entry.question)))
    if row.body != was or came_back or row.hidden != merged.key_in_doubt:
        # An edited text is newer than any release that it was merged with, and no change makes a question older.
        told = _changed(entry, now)
        row.changed_at = told if row.body == generated and told > row.changed_at else now
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
    held = session.scalar(select(func.count()).select_from(QuestionRow).where(QuestionRow.bank_id == bank.id)) or 0
    new: list[tuple[int, Entry]] = []
    counts = dict.fromkeys(("new", "changed", "same", "retired", "conflicts"), 0)
    for _place, brought, row, base in _met(session, bank):
        tick()
        entry = brought.model_copy(update={"question": media.named(brought.question)})
        if row is None:
            new.append((held + len(new), entry))
            counts["new"] += 1
        elif row.body == canonical(entry.question) and (row.retired_at is not None or row.hidden) == entry.retired:
            counts["same"] += 1
        else:
            before = row.changed_at
            revise(
                session,
                row,
                entry.question,
                base=base,
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
    for first in range(0, len(entries), _AT_ONCE):
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
            for place, entry in entries[first : first + _AT_ONCE]
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
