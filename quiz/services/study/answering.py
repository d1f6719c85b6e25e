"""Taking an answer.

The statements of its path are SQLAlchemy Core, built once; see `house.md`, the walk of one answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from questions.bank import RECALL, SCHEDULED, Question
from questions.errors import Conflict, NotFound
from questions.grading import Verdict, grade
from questions.responses import RESPONSE, Response, Shown
from quiz.models import Aim, Assignment, Attempt, SittingRow, User
from quiz.services.study.asking import open_next
from quiz.services.study.ending import close, is_late, is_withheld
from quiz.services.study.learner import ME, OF_LEARNER, Learner, alone
from quiz.services.study.remembering import Answered, remember
from quiz.services.study.revisions import AS_NOW, OF_ATTEMPT, QUESTIONS, question_shown

# The tables' own columns: those of the mapped classes cost the ORM's work at each use.
_ATTEMPTS, _SITTINGS = Attempt.__table__, SittingRow.__table__
_AIMS, _ASSIGNMENTS, _USERS = Aim.__table__, Assignment.__table__, User.__table__
_ATTEMPT = (
    select(
        *(_ATTEMPTS.c[name] for name in ("sitting_id", "place", "bank_id", "question_id", "practice", "shown")),
        *(_ATTEMPTS.c[name] for name in ("answered_at", "withdrawn_at")),
        *(_SITTINGS.c[name] for name in ("kind", "feedback", "plan", "planned", "closes_at", "finished_at")),
        _SITTINGS.c.withheld_until,
        _AIMS.c.exam_day,
        _ASSIGNMENTS.c.close_share,
        *OF_LEARNER,
        *AS_NOW,
    )
    .select_from(_ATTEMPTS)
    .join(_SITTINGS, (_SITTINGS.c.learner_id == _ATTEMPTS.c.learner_id) & (_SITTINGS.c.id == _ATTEMPTS.c.sitting_id))
    .outerjoin(_AIMS, (_AIMS.c.learner_id == _ATTEMPTS.c.learner_id) & (_AIMS.c.bank_id == _ATTEMPTS.c.bank_id))
    .outerjoin(_ASSIGNMENTS, _ASSIGNMENTS.c.id == _SITTINGS.c.assignment_id)
    .join(_USERS, _USERS.c.id == _ATTEMPTS.c.learner_id)
    .outerjoin(QUESTIONS, OF_ATTEMPT)
    .where(_ATTEMPTS.c.learner_id == ME, _ATTEMPTS.c.id == bindparam("attempt"))
)
_CLAIM = (
    update(_ATTEMPTS)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(
        _ATTEMPTS.c.learner_id == ME,
        _ATTEMPTS.c.id == bindparam("attempt"),
        _ATTEMPTS.c.answered_at.is_(None),
        _ATTEMPTS.c.withdrawn_at.is_(None),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("answered_at", "response", "outcome", "share", "reason", "guess")}
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer. `repeated`: it had been answered before; `late`: the time was up. Neither counts."""

    attempt_id: int
    sitting_id: int
    repeated: bool = False
    late: bool = False
    withheld: bool = False  # no verdict is told yet
    next_id: int | None = None  # the attempt that is open now; None at the end, and of an answer that does not count


def answer(
    session: Session,
    attempt_id: int,
    *,
    learner: Learner,
    response: Response | Callable[[Question, Shown], Response],
    guess: bool = False,
    now: datetime,
) -> Outcome:
    """Record a learner's answer, schedule the point's next review, open the sitting's next question.

    `response` may be what reads it, given the question and the order in which it was shown. Answering again changes
    nothing and returns the first outcome; answering after the time limit ends the sitting without this answer. Raises
    NotFound if the attempt is not this learner's, Conflict if the sitting was ended, BadInput if the response is not
    one to this question.
    """
    alone(session, learner.id)
    row: Any = session.execute(_ATTEMPT, {"me": learner.id, "attempt": attempt_id}).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    learner = row  # as they stand by now: another tab may have saved settings meanwhile
    # Graded against the revision that was shown: the bank may have changed since.
    shown = Shown.model_validate_json(row.shown)
    question = question_shown(session, row, shown.revision)
    if callable(response):
        response = response(question, shown)
    withheld = is_withheld(row, now)
    if row.answered_at is not None or row.withdrawn_at is not None:
        return Outcome(attempt_id, row.sitting_id, repeated=True, withheld=withheld)
    if row.finished_at is not None:
        raise Conflict("the sitting was ended before this answer came")
    if is_late(row.closes_at, now):
        close(session, row.sitting_id, learner=learner, now=now)
        return Outcome(attempt_id, row.sitting_id, late=True)
    verdict = as_class_marks(grade(question, response), question, row.close_share)
    claimed: CursorResult[Any] = session.execute(
        _CLAIM,
        {  # type: ignore[assignment]  # an UPDATE gives a cursor
            "me": learner.id,
            "attempt": attempt_id,
            "new_answered_at": now,
            "new_response": RESPONSE.dump_json(response).decode(),
            "new_outcome": verdict.outcome,
            "new_share": verdict.share,
            "new_reason": verdict.reason,
            "new_guess": guess,
        },
    )
    if claimed.rowcount == 0:
        return Outcome(attempt_id, row.sitting_id, repeated=True, withheld=withheld)
    plan = list(row.plan)
    if question.kind in SCHEDULED and row.feedback == "each":  # what is withheld moves no memory before its end
        answered = Answered(
            attempt_id=attempt_id,
            bank_id=row.bank_id,
            question=question,
            verdict=verdict,
            guess=guess,
            practice=row.practice,
            sitting_kind=row.kind,
            exam_day=row.exam_day,
            at=now,
        )
        remember(session, answered, learner=learner)
        if (
            row.kind == "review"
            and comes_again(verdict.outcome, guess=guess)
            and plan.count(row.question_id) <= REPEATS
        ):
            plan.append(row.question_id)  # comes again in this sitting, as practice, until right
    next_id = open_next(
        session,
        row.sitting_id,
        row.bank_id,
        plan,
        learner=learner,
        place=row.place + 1,
        planned=row.planned,
        now=now,
        stored=row.plan,
    )
    return Outcome(attempt_id, row.sitting_id, withheld=withheld, next_id=next_id)


def as_class_marks(verdict: Verdict, question: Question, close_share: float | None) -> Verdict:
    """The verdict with the share of the mark that a class gives for a close answer; None outside of a class."""
    if close_share is None or verdict.outcome != "close" or question.kind not in RECALL:
        return verdict
    return replace(verdict, share=close_share)


REPEATS = 3  # times that a missed question comes again in its sitting: after that, tomorrow


def comes_again(outcome: str, *, guess: bool) -> bool:
    """Whether a review asks a question once more."""
    return outcome == "wrong" or guess
