"""Instructors mending questions, and what learners told them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions import edits
from questions.bank import Question
from questions.errors import BadInput, Conflict, NotFound
from quiz.models import Attempt, FactRow, QuestionRevision, QuestionRow, Report, User
from quiz.services import banks
from quiz.services.study.learner import alone

log = logging.getLogger(__name__)


# What an instructor did to a question, as its revisions say: by what was done, not by whom, who may have left.
BY_HAND = ("edited", "appeal", "written", "restored", "settled", "many", "undone")


@dataclass(frozen=True, slots=True)
class Revised:
    """A line of a question's history."""

    number: int
    at: datetime
    why: str
    author: str | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Editable:
    """A question open for editing."""

    bank_id: str
    question: Question
    number: int
    retired: bool
    hidden: bool
    voided: bool
    answered: bool
    conflicts: tuple[edits.FieldConflict, ...]
    history: tuple[Revised, ...]
    facts: tuple[dict[str, Any], ...]
    reports: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What a learner told about a question."""

    id: int
    learner_id: int
    kind: str
    note: str
    answer: str | None  # the response, as JSON
    outcome: str | None  # what it was judged
    at: datetime
    bank_id: str
    question_id: str


def open_question(session: Session, bank_id: str, question_id: str) -> Editable:
    """Raises NotFound."""
    row = question_row(session, bank_id, question_id)
    question = banks.parse(row.body)
    history = session.execute(
        select(QuestionRevision, User.login_name)
        .outerjoin(User, User.id == QuestionRevision.author_id)
        .where(QuestionRevision.bank_id == bank_id, QuestionRevision.question_id == question_id)
        .order_by(QuestionRevision.number.desc())
    )
    facts = session.scalars(
        select(FactRow.body).where(FactRow.bank_id == bank_id, FactRow.id.in_(question.facts)).order_by(FactRow.id)
    )
    return Editable(
        bank_id=bank_id,
        question=question,
        number=row.number,
        retired=row.retired_at is not None,
        hidden=row.hidden,
        voided=row.voided_at is not None,
        answered=_answered(session, bank_id, question_id),
        conflicts=tuple(edits.FieldConflict(**conflict) for conflict in row.conflicts),
        history=tuple(
            Revised(revision.number, revision.at, revision.why, author, tuple(revision.changed))
            for revision, author in history
        ),
        facts=tuple(facts),
        reports=tuple(reports_of(session, bank_id, question_id)),
    )


def _answered(session: Session, bank_id: str, question_id: str) -> bool:
    found = exists().where(
        Attempt.bank_id == bank_id, Attempt.question_id == question_id, Attempt.answered_at.is_not(None)
    )
    return bool(session.scalar(select(found)))


def question_row(session: Session, bank_id: str, question_id: str) -> QuestionRow:
    """Raises NotFound."""
    row = session.get(QuestionRow, (bank_id, question_id))
    if row is None:
        raise NotFound(f"there is no question {question_id!r}")
    return row


def save(session: Session, bank_id: str, question: Question, *, seen: int, author_id: int, now: datetime) -> int:
    """Make an instructor's text the one that counts. Returns the revision's number.

    `seen` is the revision that the editor showed. Saving what is there already changes nothing. Raises NotFound,
    and Conflict when someone saved meanwhile: nothing is written, and both texts can be shown.
    """
    row = question_row(session, bank_id, question.id)
    before = banks.parse(row.body)
    if row.number != seen:
        raise Conflict("saved by someone else meanwhile")
    if question == before and not row.conflicts:
        return row.number
    revise(session, row, question, why="edited", author_id=author_id, now=now)
    return row.number


def revise(session: Session, row: QuestionRow, question: Question, *, why: str, author_id: int, now: datetime) -> None:
    """Append an instructor's revision. Raises Conflict when another was appended meanwhile."""
    base = session.scalars(
        select(QuestionRevision.generated).where(
            QuestionRevision.bank_id == row.bank_id,
            QuestionRevision.question_id == row.id,
            QuestionRevision.number == row.number,
        )
    ).one()
    try:
        with session.begin_nested():
            banks.revise(session, row, question, base=base, why=why, author_id=author_id, now=now)
    except IntegrityError:  # two at once: (question, revision number) is unique
        raise Conflict("saved by someone else meanwhile") from None
    log.info("question %s of %s %s: revision %s", row.id, row.bank_id, why, row.number)


def add(session: Session, bank_id: str, question: Question, *, author_id: int, now: datetime) -> None:
    """A question that an instructor wrote: it is its own fact, and stands at the bank's end."""
    place = session.scalar(select(func.max(QuestionRow.place)).where(QuestionRow.bank_id == bank_id))
    banks.add(session, bank_id, question, place=(place if place is not None else -1) + 1, author_id=author_id, now=now)
    log.info("question %s of %s written", question.id, bank_id)


def retire(session: Session, row: QuestionRow, *, back: bool, now: datetime) -> None:
    """Take a question out of use for good, whatever its facts give later; or bring it back. Answers stay."""
    if back == (row.retired_at is not None) or back == row.withdrawn:
        row.retired_at, row.withdrawn, row.changed_at = (None, False, now) if back else (now, True, now)
        session.flush()


# ---------------------------------------------------------------- reports

MOST_NOTE = 1000
APPEAL = "i_was_right"


def report(session: Session, attempt_id: int, *, learner_id: int, kind: str, note: str, now: datetime) -> None:
    """Keep a learner's word about an answered question; once an attempt and kind, the newest note counts.

    An appeal ("I was right") that was decided stays so. Raises NotFound if the attempt is not this learner's,
    Conflict before the answer, BadInput on a long note.
    """
    alone(session, learner_id)  # a double click is one report
    attempt = session.get(Attempt, (learner_id, attempt_id))
    if attempt is None:
        raise NotFound("there is no such question of yours")
    if attempt.answered_at is None:
        raise Conflict("the question is not answered yet")
    if len(note) > MOST_NOTE:
        raise BadInput(f"a note has at most {MOST_NOTE} characters")
    found = session.scalar(
        select(Report).where(Report.learner_id == learner_id, Report.attempt_id == attempt_id, Report.kind == kind)
    )
    if found is None:
        session.add(
            Report(
                learner_id=learner_id,
                attempt_id=attempt_id,
                bank_id=attempt.bank_id,
                question_id=attempt.question_id,
                kind=kind,
                note=note.strip(),
                at=now,
            )
        )
    elif found.closed_at is None or kind != APPEAL:
        found.note, found.at, found.closed_at = note.strip(), now, None
    log.info("question %s of %s reported: %s", attempt.question_id, attempt.bank_id, kind)


def open_reports(session: Session, bank_id: str | None = None) -> list[ReportLine]:
    """What waits for an instructor, the oldest first."""
    return _reports(session, *([] if bank_id is None else [Report.bank_id == bank_id]))


def reports_of(session: Session, bank_id: str, question_id: str) -> list[ReportLine]:
    """What waits about one question, the oldest first."""
    return _reports(session, Report.bank_id == bank_id, Report.question_id == question_id)


def waiting(session: Session) -> dict[str, int]:
    """How many reports wait, by bank."""
    rows = session.execute(
        select(Report.bank_id, func.count()).where(Report.closed_at.is_(None)).group_by(Report.bank_id)
    )
    return {bank_id: number for bank_id, number in rows}


def _reports(session: Session, *conditions: ColumnElement[bool]) -> list[ReportLine]:
    rows = session.execute(
        select(Report, Attempt.response, Attempt.outcome)
        .join(Attempt, (Attempt.learner_id == Report.learner_id) & (Attempt.id == Report.attempt_id))
        .where(Report.closed_at.is_(None), *conditions)
        .order_by(Report.at, Report.id)
    )
    return [
        ReportLine(
            id=row.id,
            learner_id=row.learner_id,
            kind=row.kind,
            note=row.note,
            answer=response,
            outcome=outcome,
            at=row.at,
            bank_id=row.bank_id,
            question_id=row.question_id,
        )
        for row, response, outcome in rows
    ]


def close_report(session: Session, learner_id: int, report_id: int, *, now: datetime) -> str:
    """Closing again changes nothing. Returns the bank's id. Raises NotFound."""
    row = session.get(Report, (learner_id, report_id))
    if row is None:
        raise NotFound("there is no such note")
    row.closed_at = row.closed_at or now
    return row.bank_id
