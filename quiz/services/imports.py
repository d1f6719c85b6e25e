"""What was brought into a bank, and taking it back: as a whole, and without losing an answer or a later edit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from questions import edits
from questions.bank import Bank
from questions.errors import NotFound
from quiz.models import (
    Attempt,
    BankRow,
    ImportedQuestion,
    ImportRow,
    ItemSum,
    MediaRow,
    QuestionRevision,
    QuestionRow,
    Report,
    Star,
    User,
)
from quiz.services import banks, teaching
from quiz.services.laying import TAKEN_BACK, chunks

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A file that was brought in."""

    id: int
    name: str
    at: datetime
    author: str | None
    report: dict[str, Any]
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did."""

    removed: int = 0
    retired: int = 0  # they were answered, or changed here since: they stay, and are no longer asked
    restored: int = 0
    kept: int = 0  # changed here since in the same fields: the later text stands


def listing(session: Session, bank_id: str) -> list[ImportLine]:
    """The newest first."""
    return [_line(row, author) for row, author in _imports(session, ImportRow.bank_id == bank_id)]


def of(session: Session, bank_id: str, import_id: int) -> ImportLine:
    """Raises NotFound."""
    for row, author in _imports(session, ImportRow.bank_id == bank_id, ImportRow.id == import_id):
        return _line(row, author)
    raise NotFound("there is no such import")


def _imports(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[ImportRow, str | None]]:
    rows = session.execute(
        select(ImportRow, User.login_name)
        .outerjoin(User, User.id == ImportRow.author_id)
        .where(*conditions)
        .order_by(ImportRow.at.desc(), ImportRow.id.desc())
    )
    return [(row, author) for row, author in rows]


def _line(row: ImportRow, author: str | None) -> ImportLine:
    return ImportLine(row.id, row.name, row.at, author, row.report, row.undone_at)


def undo(session: Session, bank_id: str, import_id: int, *, author_id: int, now: datetime) -> Undone | None:
    """Take an import back. A second time changes nothing and returns None. Raises NotFound."""
    found = session.scalar(
        select(ImportRow).where(ImportRow.bank_id == bank_id, ImportRow.id == import_id).with_for_update()
    )
    if found is None:
        raise NotFound("there is no such import")
    if found.undone_at is not None:
        return None
    new, changed = _questions(session, bank_id, import_id)
    removed, retired = _take_out(session, bank_id, import_id, new, now=now)
    restored = kept = 0
    states: dict[str, Any] = found.report.get("states", {})
    for ids in chunks(list(changed)):
        rows = session.scalars(
            select(QuestionRow).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(ids)).with_for_update()
        ).all()
        for row in rows:
            whole = _restore(session, row, changed[row.id], states.get(row.id), author_id=author_id, now=now)
            restored, kept = restored + whole, kept + (not whole)
    session.flush()
    _tidy(session, bank_id, found.report)
    found.undone_at = now
    done = Undone(removed, retired, restored, kept)
    found.report = {
        **found.report,
        "undone": {"removed": removed, "retired": retired, "restored": restored, "kept": kept},
    }
    detail = {"import": str(import_id), "file": found.name}
    teaching.journal(session, "import_undone", author_id=author_id, now=now, bank_id=bank_id, detail=detail)
    log.info("an import into bank %s taken back: %s", bank_id, done)
    return done


def _questions(session: Session, bank_id: str, import_id: int) -> tuple[list[str], dict[str, int]]:
    """(what it made, what it changed with the revision that counted before)."""
    rows = session.execute(
        select(ImportedQuestion.question_id, ImportedQuestion.before).where(
            ImportedQuestion.import_id == import_id, ImportedQuestion.bank_id == bank_id
        )
    ).all()
    return [row.question_id for row in rows if row.before is None], {
        row.question_id: row.before for row in rows if row.before is not None
    }


def _take_out(session: Session, bank_id: str, import_id: int, new: list[str], *, now: datetime) -> tuple[int, int]:
    """Remove what nobody met or changed since; retire the rest. Returns how many of each."""
    removed = retired = 0
    for ids in chunks(new):
        here = (QuestionRow.bank_id == bank_id) & QuestionRow.id.in_(ids)
        untouched = session.scalars(select(QuestionRow.id).where(here, *_untouched(import_id))).all()
        own = (QuestionRevision.bank_id == bank_id) & QuestionRevision.question_id.in_(untouched)
        session.execute(
            delete(ImportedQuestion).where(
                ImportedQuestion.bank_id == bank_id, ImportedQuestion.question_id.in_(untouched)
            )
        )
        session.execute(delete(QuestionRevision).where(own))
        session.execute(delete(QuestionRow).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(untouched)))
        # By hand: no later load brings them back.
        left = session.scalars(
            update(QuestionRow)
            .where(here, QuestionRow.retired_at.is_(None))
            .values(retired_at=now, changed_at=now, withdrawn=True)
            .returning(QuestionRow.id)
        ).all()
        removed, retired = removed + len(untouched), retired + len(left)
    return removed, retired


def _untouched(import_id: int) -> tuple[ColumnElement[bool], ...]:
    """Nobody edited or met it, and no other import that stands has to do with it."""
    other = exists().where(
        ImportedQuestion.bank_id == QuestionRow.bank_id,
        ImportedQuestion.question_id == QuestionRow.id,
        ImportedQuestion.import_id != import_id,
        ImportRow.id == ImportedQuestion.import_id,
        ImportRow.undone_at.is_(None),
    )
    edited = exists().where(
        QuestionRevision.bank_id == QuestionRow.bank_id,
        QuestionRevision.question_id == QuestionRow.id,
        QuestionRevision.why.not_in(("imported", TAKEN_BACK)),
    )
    meets = (
        exists().where(table.bank_id == QuestionRow.bank_id, table.question_id == QuestionRow.id)
        for table in (Attempt, Star, Report, ItemSum)
    )
    return (~edited, ~other, *(~met for met in meets))


def _restore(
    session: Session, row: QuestionRow, before: int, state: dict[str, Any] | None, *, author_id: int, now: datetime
) -> bool:
    """Bring back the text before the import by a new revision; what was edited since stays. False: all of it stays."""
    revisions = {
        revision.number: revision
        for revision in session.scalars(
            select(QuestionRevision).where(
                QuestionRevision.bank_id == row.bank_id,
                QuestionRevision.question_id == row.id,
                QuestionRevision.number.in_((before, before + 1)),
            )
        )
    }
    was, imported = banks.parse(revisions[before].body), banks.parse(revisions[before + 1].body)
    since = row.number > before + 1
    merged = edits.merge(imported, was, banks.parse(row.body)) if since else edits.Merged(was)
    base = session.scalar(
        select(QuestionRevision.generated).where(
            QuestionRevision.bank_id == row.bank_id,
            QuestionRevision.question_id == row.id,
            QuestionRevision.number == row.number,
        )
    )
    if merged.conflicts:
        return False
    banks.revise(session, row, merged.question, base=base, why=TAKEN_BACK, author_id=author_id, now=now)
    if state and not since:
        row.retired_at = now if state["retired"] else None
        row.withdrawn, row.hidden, row.conflicts = state["withdrawn"], state["hidden"], state["conflicts"]
    return True


def _tidy(session: Session, bank_id: str, report: dict[str, Any]) -> None:
    """Topics and files that the import brought and nothing uses any more."""
    for digest in report.get("media", ()):
        named = QuestionRevision.body.contains(f"sha256:{digest}", autoescape=True)
        used = session.scalar(select(exists().where(QuestionRevision.bank_id == bank_id, named)))
        if not used:
            session.execute(delete(MediaRow).where(MediaRow.bank_id == bank_id, MediaRow.digest == digest))
    fresh = set(report.get("topics", ()))
    if not fresh:
        return
    used_topics = set(
        session.scalars(
            select(QuestionRow.topic).where(QuestionRow.bank_id == bank_id, QuestionRow.topic.in_(fresh)).distinct()
        )
    )
    row = session.get_one(BankRow, bank_id)
    bank = Bank.model_validate(row.header)
    topics = tuple(topic for topic in bank.topics if topic.id not in fresh - used_topics)
    row.header = banks.header_of(bank.model_copy(update={"topics": topics}))


def counts(session: Session, bank_id: str) -> int:
    """How many files were brought in."""
    return session.scalar(select(func.count()).select_from(ImportRow).where(ImportRow.bank_id == bank_id)) or 0
