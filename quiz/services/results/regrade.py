"""A question was corrected, got a second key or was voided: the answers that were given are judged anew.

First a list of who changes and how; then marks, sums and memories move, and each change is written down.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from questions import grading
from questions.bank import SCHEDULED, Question
from questions.errors import BadInput, NotFound
from questions.grading import RIGHT, Verdict
from questions.history import Rating
from questions.responses import RESPONSE
from quiz import scheduling
from quiz.ids import new_id
from quiz.models import (
    ADMIN,
    Assignment,
    Attempt,
    MarkChange,
    Member,
    QuestionRow,
    ReviewLog,
    SittingRow,
    Teacher,
    User,
)
from quiz.services import banks
from quiz.services.results import sums
from quiz.services.study import recount
from quiz.services.study.answering import as_class_marks
from quiz.services.study.learner import alone
from quiz.services.study.remembering import insert_review
from quiz.services.teaching import journal

log = logging.getLogger(__name__)
Cause = Literal["corrected", "appeal", "void"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a regrade does to one answer: its mark, as a share of the whole one."""

    student: str | None  # None: nobody whom the author teaches
    class_id: int | None
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class _Judged:
    attempt: Attempt | None  # None: the mark in the sitting is another one, the verdict on the answer is not
    sitting: SittingRow
    verdict: Verdict
    before: float


def regrade(
    session: Session,
    bank_id: str,
    question_id: str,
    *,
    author_id: int,
    now: datetime,
    dry: bool = True,
    question: Question | None = None,
    void: bool | None = None,
    cause: Cause = "corrected",
) -> list[Change]:
    """Judge the answers to a question by its text as it is now, or would be (`question`), or in full (`void`).

    Returns whose marks change, and how; with `dry` that is all that it does. Marks that were changed by hand stay.
    `void` True voids the question, which also takes it out of what is asked; False takes that back; None leaves it.
    Raises NotFound.
    """
    row = session.get(QuestionRow, (bank_id, question_id), populate_existing=True, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"there is no question {question_id!r}")
    was_void = row.voided_at is not None
    voids = was_void if void is None else void
    asked = question or banks.parse(row.body)
    judged = _judge(session, bank_id, question_id, None if voids else asked)
    if voids:
        cause = "void"
    if voids != was_void:
        judged += _others(session, bank_id, question_id, judged, voids=voids)
    changes = _named(session, [one for one in judged if one.before != one.verdict.share], author_id)
    if dry:
        return changes
    learners = sorted({one.sitting.learner_id for one in judged})
    for learner_id in learners:
        alone(session, learner_id)
    sittings = {(one.sitting.learner_id, one.sitting.id): one.sitting for one in judged}
    finished = [sitting for _key, sitting in sorted(sittings.items()) if sitting.finished_at is not None]
    for sitting in finished:
        if sitting.assignment_id is not None:
            sums.add(session, sums.marks_of(session, sitting), -1)
    for one in judged:
        _write(session, one, cause, author_id=author_id, now=now)
    if voids and not was_void:
        row.voided_at = row.changed_at = now
        row.retired_at = row.retired_at or now  # nobody is asked it any more
    elif not voids:
        row.voided_at = None
    session.flush()
    for sitting in finished:
        if sitting.assignment_id is not None:
            after = sums.marks_of(session, sitting)
            sums.add(session, after)
            sitting.points = after.points
        else:
            sitting.points = _points(session, sitting)
    for learner_id in learners:
        own = [one for one in judged if one.sitting.learner_id == learner_id]
        _correct_memories(session, learner_id, own, asked, void=voids, author_id=author_id, now=now)
    _note(session, bank_id, question_id, cause, changes, author_id=author_id, now=now)
    log.info("question %s of %s regraded: %s marks changed", question_id, bank_id, len(changes))
    return changes


def _judge(session: Session, bank_id: str, question_id: str, asked: Question | None) -> list[_Judged]:
    """The answers whose verdict is another one now; `asked` is None of a question that was voided."""
    changed = session.execute(
        select(MarkChange.learner_id, MarkChange.attempt_id, MarkChange.cause)
        .join(Attempt, (Attempt.learner_id == MarkChange.learner_id) & (Attempt.id == MarkChange.attempt_id))
        .where(Attempt.bank_id == bank_id, Attempt.question_id == question_id)
        .order_by(MarkChange.at, MarkChange.id)
    )
    last = {(row.learner_id, row.attempt_id): row.cause for row in changed}
    rows = session.execute(
        select(Attempt, SittingRow, Assignment.close_share)
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .outerjoin(Assignment, Assignment.id == SittingRow.assignment_id)
        .where(
            Attempt.bank_id == bank_id,
            Attempt.question_id == question_id,
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.learner_id, Attempt.id)
        .execution_options(populate_existing=True)
    ).all()
    found = []
    for attempt, sitting, close_share in rows:
        if last.get((attempt.learner_id, attempt.id)) == "hand":
            continue
        verdict = RIGHT
        if asked is not None:
            try:
                verdict = grading.grade(asked, RESPONSE.validate_json(attempt.response or ""))
            except BadInput:  # the option is gone, or the kind is another: the verdict of then stays
                continue
            verdict = as_class_marks(verdict, asked, close_share)
        if (verdict.outcome, verdict.share) != (attempt.outcome, attempt.share):
            found.append(_Judged(attempt, sitting, verdict, attempt.share or 0.0))
    return found


def _others(
    session: Session, bank_id: str, question_id: str, judged: Sequence[_Judged], *, voids: bool
) -> list[_Judged]:
    """The other finished sittings of assignments that held the question: voided, it counts in full there too.

    It was not answered in them, or answered when it was void, or marked by hand.
    """
    rows = session.execute(
        select(SittingRow, Attempt.share)
        .outerjoin(
            Attempt,
            (Attempt.learner_id == SittingRow.learner_id)
            & (Attempt.sitting_id == SittingRow.id)
            & (Attempt.question_id == question_id)
            & Attempt.answered_at.is_not(None)
            & Attempt.withdrawn_at.is_(None),
        )
        .where(
            # By way of the assignments: sittings are looked up by theirs, not by their bank.
            SittingRow.assignment_id.in_(select(Assignment.id).where(Assignment.bank_id == bank_id)),
            SittingRow.finished_at.is_not(None),
        )
        .order_by(SittingRow.learner_id, SittingRow.id)
    )
    known = {(one.sitting.learner_id, one.sitting.id) for one in judged}
    found = []
    for sitting, share in rows:
        own = share or 0.0
        if own < 1 and question_id in sitting.plan[: sitting.planned] and (sitting.learner_id, sitting.id) not in known:
            found.append(_Judged(None, sitting, RIGHT if voids else Verdict("wrong", own), own if voids else 1.0))
    return found


def _named(session: Session, judged: Sequence[_Judged], author_id: int) -> list[Change]:
    """With the names of students whom the author teaches; of everybody else only what changes."""
    role = session.scalar(select(User.role).where(User.id == author_id))
    query = (
        select(Assignment.id, Member.user_id, Member.name, Member.class_id)
        .join(Member, Member.class_id == Assignment.class_id)
        .where(Assignment.id.in_({one.sitting.assignment_id for one in judged} - {None}))
    )
    if role != ADMIN:
        query = query.join(Teacher, (Teacher.class_id == Member.class_id) & (Teacher.user_id == author_id))
    names = {(row.id, row.user_id): (row.name, row.class_id) for row in session.execute(query)}
    nobody: tuple[None, None] = (None, None)
    found = [
        Change(
            *names.get((one.sitting.assignment_id or 0, one.sitting.learner_id), nobody), one.before, one.verdict.share
        )
        for one in judged
    ]
    return sorted(found, key=lambda one: (one.student is None, (one.student or "").casefold()))


def _write(session: Session, one: _Judged, cause: Cause, *, author_id: int, now: datetime) -> None:
    if one.attempt is None:
        return
    attempt, verdict = one.attempt, one.verdict
    attempt.outcome, attempt.share, attempt.reason = verdict.outcome, verdict.share, verdict.reason
    session.execute(
        insert(MarkChange).values(
            learner_id=attempt.learner_id,
            id=new_id(),
            attempt_id=attempt.id,
            share_before=one.before,
            share_after=verdict.share,
            cause=cause,
            why="",
            author_id=author_id,
            at=now,
        )
    )


def _points(session: Session, sitting: SittingRow) -> float:
    shares = session.scalars(
        select(Attempt.share).where(
            Attempt.learner_id == sitting.learner_id,
            Attempt.sitting_id == sitting.id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
    )
    return sum(share or 0.0 for share in shares)


def _correct_memories(
    session: Session,
    learner_id: int,
    judged: Sequence[_Judged],
    asked: Question,
    *,
    void: bool,
    author_id: int,
    now: datetime,
) -> None:
    """Void what the schedule was told of these answers, and tell it anew; of a voided question it is told nothing."""
    verdicts = {one.attempt.id: (one.attempt, one.verdict) for one in judged if one.attempt is not None}
    rows = session.scalars(
        select(ReviewLog).where(
            ReviewLog.learner_id == learner_id,
            ReviewLog.attempt_id.in_(list(verdicts)),
            ReviewLog.voided_at.is_(None),
        )
    ).all()
    moved: set[int] = set()
    for row in rows:
        attempt, verdict = verdicts[cast(int, row.attempt_id)]
        rating: Rating | None = None
        if not void and asked.kind in SCHEDULED:
            rating = scheduling.rating_for(asked.kind, verdict, guess=attempt.guess)
            if rating == row.rating:
                continue
        copied: dict[str, Any] = {
            column.name: getattr(row, column.name)
            for column in ReviewLog.__table__.columns
            if column.name not in {"id", "rating", "reviewed_ms", "voided_at", "voided_by"}
        }
        row.voided_at, row.voided_by = now, author_id
        session.flush()
        if rating is not None:
            insert_review(session, {**copied, "rating": int(rating)}, not_before=row.reviewed_ms + 1)
        moved.add(row.card_id)
    for card_id in sorted(moved):
        recount(session, learner_id, card_id)


def _note(
    session: Session,
    bank_id: str,
    question_id: str,
    cause: Cause,
    changes: Sequence[Change],
    *,
    author_id: int,
    now: datetime,
) -> None:
    """In the journal of the bank, and of each class whose marks changed."""
    detail = {"question": question_id, "cause": cause, "changed": len(changes)}
    journal(session, "regraded", author_id=author_id, now=now, bank_id=bank_id, detail=detail)
    for class_id in sorted({one.class_id for one in changes if one.class_id is not None}):
        own = [one for one in changes if one.class_id == class_id]
        journal(
            session,
            "regraded",
            author_id=author_id,
            now=now,
            class_id=class_id,
            bank_id=bank_id,
            detail={**detail, "changed": len(own)},
        )
