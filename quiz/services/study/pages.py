"""A question as its learner sees it, before the answer and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import cast

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from questions import grading
from questions.bank import SCHEDULED, Question
from questions.errors import NotFound
from questions.grading import Verdict
from questions.history import Rating
from questions.responses import RESPONSE, Response, Shown
from quiz.models import Attempt, Card, MarkChange, Passage, QuestionRow, Report, ReviewLog, SittingRow, Star
from quiz.scheduling import LEECH
from quiz.services import banks
from quiz.services.study.correcting import last_answer, ratings_offered
from quiz.services.study.ending import is_over
from quiz.services.study.learner import Learner, today
from quiz.services.study.revisions import question_at
from quiz.services.study.telling import is_withheld


@dataclass(frozen=True, slots=True)
class Remark:
    """A change of a mark after the answer. `cause` is hand, corrected, appeal or void."""

    cause: str
    why: str
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True)
class After:
    """What is known once an answer is in."""

    response: Response
    verdict: Verdict
    guess: bool
    comes_back: int | None  # days until the point is asked again; 0 is today; None when it feeds no memory
    again_here: bool  # the question comes once more in this sitting
    asked_before: bool  # the point was asked before, in another way
    difficult: bool  # forgotten again and again
    rating: Rating | None  # what the scheduler was told; None when it was told nothing
    ratings: tuple[Rating, ...]  # what that may be corrected to
    can_undo: bool
    next_id: int | None  # the question that is open now; None at the end
    change: Remark | None  # the last change of the mark after the answer
    decision: str | None  # what the instructor made of "I was right"; None while nobody has decided
    passages: dict[int, str]  # the source's own words, by paragraph, where an instructor attached them


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """A question as a learner sees it. `after` is None before the answer, and while verdicts are withheld."""

    id: int
    sitting_id: int
    sitting_kind: str
    bank_id: str
    number: int  # of the question in its sitting, from 1
    planned: int  # questions at the start
    practice: bool
    question: Question
    shown: Shown
    answered: bool
    withdrawn: bool  # taken back: another attempt stands in its place
    ended: bool  # the sitting is finished
    withheld: bool  # verdicts come at the end, and this is not it
    closes_at: datetime | None
    minutes_left: int | None  # begun ones; None without a limit
    over: bool  # the time is up
    starred: bool
    after: After | None


def attempt_page(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> AttemptPage:
    """Raises NotFound if the attempt is not this learner's."""
    row = session.execute(
        select(
            Attempt,
            SittingRow,
            exists().where(
                Star.learner_id == learner.id,
                Star.bank_id == Attempt.bank_id,
                Star.question_id == Attempt.question_id,
            ),
        )
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(Attempt.learner_id == learner.id, Attempt.id == attempt_id)
    ).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    attempt, sitting, starred = row
    shown = Shown.model_validate_json(attempt.shown)
    question = question_at(session, attempt.bank_id, attempt.question_id, shown.revision)
    withheld = is_withheld(sitting, now)
    told = attempt.answered_at is not None and not withheld
    change = _change(session, attempt) if told else None
    if change is not None and change.cause in {"corrected", "appeal"}:
        question = _corrected(session, attempt, question, shown)
    return AttemptPage(
        id=attempt.id,
        sitting_id=sitting.id,
        sitting_kind=sitting.kind,
        bank_id=sitting.bank_id,
        number=attempt.place + 1,
        planned=sitting.planned,
        practice=attempt.practice,
        question=question,
        shown=shown,
        answered=attempt.answered_at is not None,
        withdrawn=attempt.withdrawn_at is not None,
        ended=sitting.finished_at is not None,
        withheld=withheld,
        closes_at=sitting.closes_at,
        minutes_left=max(ceil((sitting.closes_at - now).total_seconds() / 60), 0) if sitting.closes_at else None,
        over=is_over(sitting.closes_at, now),
        starred=starred,
        after=_after(session, attempt, sitting, question, change, learner=learner, now=now) if told else None,
    )


def _change(session: Session, attempt: Attempt) -> Remark | None:
    """The last change of an answer's mark."""
    row = session.execute(
        select(MarkChange.cause, MarkChange.why, MarkChange.share_before, MarkChange.share_after)
        .where(MarkChange.learner_id == attempt.learner_id, MarkChange.attempt_id == attempt.id)
        .order_by(MarkChange.at.desc(), MarkChange.id.desc())
        .limit(1)
    ).first()
    return Remark(*row) if row is not None else None


def _corrected(session: Session, attempt: Attempt, question: Question, shown: Shown) -> Question:
    """A question that was corrected after the answer as it is now, where it still has all that was shown."""
    body = session.scalar(
        select(QuestionRow.body).where(QuestionRow.bank_id == attempt.bank_id, QuestionRow.id == attempt.question_id)
    )
    latest = banks.parse(body) if body is not None else question
    dumped = latest.model_dump(mode="json")
    there = {part["id"] for name in ("options", "items", "pairs", "extra") for part in dumped.get(name, ())}
    return latest if latest.kind == question.kind and {*shown.order, *shown.rights} <= there else question


def _after(
    session: Session,
    attempt: Attempt,
    sitting: SittingRow,
    question: Question,
    change: Remark | None,
    *,
    learner: Learner,
    now: datetime,
) -> After:
    assert attempt.outcome is not None  # noqa: S101  (an answered attempt is judged: a rule of the table)
    assert attempt.share is not None and attempt.response is not None  # noqa: S101, PT018
    scheduled = question.kind in SCHEDULED
    card = None
    if scheduled:
        card = session.execute(
            select(Card.id, Card.queue_day, Card.lapses).where(
                Card.learner_id == learner.id, Card.bank_id == attempt.bank_id, Card.point == question.point
            )
        ).first()
    log = session.execute(
        select(ReviewLog.attempt_id, ReviewLog.question_id, ReviewLog.rating, ReviewLog.reviewed_ms)
        .where(
            ReviewLog.learner_id == learner.id,
            ReviewLog.card_id == (card.id if card is not None else 0),
            ReviewLog.voided_at.is_(None),
        )
        .order_by(ReviewLog.reviewed_ms)
    ).all()
    own = next((row for row in log if row.attempt_id == attempt.id), None)
    last_of_point = own is not None and own.reviewed_ms == log[-1].reviewed_ms
    review = sitting.kind == "review"
    return After(
        response=RESPONSE.validate_json(attempt.response),
        # The columns hold what grading gave.
        verdict=Verdict(
            cast(grading.Outcome, attempt.outcome), attempt.share, cast(grading.Reason | None, attempt.reason)
        ),
        guess=attempt.guess,
        comes_back=None if card is None or card.queue_day is None else max(card.queue_day - today(learner, now), 0),
        again_here=attempt.question_id in sitting.plan[attempt.place + 1 :],
        asked_before=own is not None
        and any(row.question_id != own.question_id and row.reviewed_ms < own.reviewed_ms for row in log),
        difficult=card is not None and card.lapses >= LEECH,
        rating=Rating(own.rating) if own is not None else None,
        ratings=ratings_offered(attempt.kind, attempt.outcome) if review and last_of_point else (),
        can_undo=review
        and attempt.withdrawn_at is None
        and attempt.id == last_answer(session, sitting.id, learner_id=learner.id),
        next_id=_open_now(session, sitting, learner_id=learner.id),
        change=change,
        decision=session.scalar(
            select(Report.decision).where(
                Report.learner_id == learner.id, Report.attempt_id == attempt.id, Report.kind == "i_was_right"
            )
        ),
        passages=_passages(session, attempt.bank_id, question),
    )


def _open_now(session: Session, sitting: SittingRow, *, learner_id: int) -> int | None:
    if sitting.finished_at is not None:
        return None
    return session.scalar(
        select(Attempt.id).where(
            Attempt.learner_id == learner_id,
            Attempt.sitting_id == sitting.id,
            Attempt.answered_at.is_(None),
            Attempt.withdrawn_at.is_(None),
        )
    )


def _passages(session: Session, bank_id: str, question: Question) -> dict[int, str]:
    paras = {source.para for source in question.sources if source.para is not None}
    rows = session.execute(
        select(Passage.para, Passage.text).where(Passage.bank_id == bank_id, Passage.para.in_(sorted(paras)))
    )
    return {para: text for para, text in rows}
