"""Taking an answer back, and correcting what the schedule was told of it."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from questions.bank import RECALL, SCHEDULED
from questions.errors import BadInput, Conflict, NotFound
from questions.history import Rating
from quiz.ids import new_id
from quiz.models import Attempt, ReviewLog, SittingRow
from quiz.services.study.answering import REPEATS, comes_again
from quiz.services.study.cards import recount
from quiz.services.study.ending import open_attempt
from quiz.services.study.learner import Learner, in_turn
from quiz.services.study.remembering import append_review

log = logging.getLogger(__name__)


def undo(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> int:
    """Take back the last answer of a review: memory and queue are as they were, and the question is open again.

    Returns the id of the attempt that is open now; taking back twice changes nothing more. Raises NotFound if the
    attempt is not this learner's, Conflict if it is not the last answer of a review.
    """
    learner = in_turn(session, learner)
    attempt = session.get(Attempt, (learner.id, attempt_id), populate_existing=True)
    if attempt is None:
        raise NotFound("there is no such question of yours")
    sitting = session.get_one(SittingRow, (learner.id, attempt.sitting_id), populate_existing=True)
    if attempt.withdrawn_at is not None and sitting.finished_at is None:
        opened = open_attempt(session, sitting.id, learner=learner)
        assert opened is not None  # noqa: S101  (an open sitting has one)
        return opened
    if sitting.kind != "review" or attempt_id != last_answer(session, sitting.id, learner_id=learner.id):
        raise Conflict("only the last answer of a review can be taken back")
    session.execute(
        update(Attempt)
        .where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting.id,
            (Attempt.id == attempt_id) | Attempt.answered_at.is_(None),
            Attempt.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    for card_id in _void(session, attempt_id, learner=learner, now=now):
        recount(session, learner.id, card_id)
    plan = list(sitting.plan)
    shown = plan[: attempt.place + 1].count(attempt.question_id)
    if attempt.kind in SCHEDULED and comes_again(attempt.outcome or "", guess=attempt.guess) and shown <= REPEATS:
        # What it added stands last, but when it was withdrawn meanwhile: then nothing stands behind its own place.
        del plan[max(len(plan) - 1, attempt.place + 1) :]
    sitting.plan, sitting.finished_at, sitting.points = plan, None, None
    reopened = new_id()
    session.flush()
    session.add(
        Attempt(
            learner_id=learner.id,
            id=reopened,
            sitting_id=sitting.id,
            place=attempt.place,
            bank_id=attempt.bank_id,
            question_id=attempt.question_id,
            topic=attempt.topic,
            kind=attempt.kind,
            practice=attempt.practice,
            shown=attempt.shown,
            shown_at=now,
        )
    )
    session.flush()
    log.info("attempt %s taken back", attempt_id)
    return reopened


def last_answer(session: Session, sitting_id: int, *, learner_id: int) -> int | None:
    """The attempt that was answered last in a sitting."""
    return session.scalar(
        select(Attempt.id)
        .where(
            Attempt.learner_id == learner_id,
            Attempt.sitting_id == sitting_id,
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.place.desc())
        .limit(1)
    )


def _void(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> list[int]:
    """Void the reviews of an attempt. Returns the ids of their cards."""
    rows = session.scalars(
        select(ReviewLog).where(
            ReviewLog.learner_id == learner.id, ReviewLog.attempt_id == attempt_id, ReviewLog.voided_at.is_(None)
        )
    ).all()
    for row in rows:
        row.voided_at, row.voided_by = now, learner.id
    session.flush()
    return sorted({row.card_id for row in rows})


def ratings_offered(kind: str, outcome: str) -> tuple[Rating, ...]:
    """What a learner may correct a rating to.

    Never Easy for what was only recognised (there Again means "a guess"), never Hard for a failure.
    """
    if outcome == "wrong":
        return ()
    if kind in RECALL:
        return Rating.HARD, Rating.GOOD, Rating.EASY
    return Rating.AGAIN, Rating.HARD if kind == "true_false" else Rating.GOOD


def rate(session: Session, attempt_id: int, rating: Rating, *, learner: Learner, now: datetime) -> None:
    """Correct what the scheduler was told of an answer in a review: its row is voided, and a corrected one appended.

    Raises NotFound if the attempt is not this learner's, BadInput for a rating that is not offered, Conflict when
    the point was reviewed again since, and in a quiz.
    """
    learner = in_turn(session, learner)
    attempt = session.get(Attempt, (learner.id, attempt_id), populate_existing=True)
    if attempt is None or attempt.answered_at is None or attempt.withdrawn_at is not None:
        raise NotFound("there is no such answer of yours")
    if session.get_one(SittingRow, (learner.id, attempt.sitting_id)).kind != "review":
        raise Conflict("a quiz tells the schedule by its answers alone")
    if rating not in ratings_offered(attempt.kind, attempt.outcome or ""):
        raise BadInput("rating")
    correct(session, attempt_id, rating, learner=learner, now=now)


def correct(session: Session, attempt_id: int, rating: Rating, *, learner: Learner, now: datetime) -> None:
    """Void the review of an attempt and append it with another rating. Does nothing where it rates so already."""
    row = session.scalars(
        select(ReviewLog).where(
            ReviewLog.learner_id == learner.id, ReviewLog.attempt_id == attempt_id, ReviewLog.voided_at.is_(None)
        )
    ).first()
    if row is None or row.rating == rating:
        return
    later = session.scalar(
        select(func.count())
        .select_from(ReviewLog)
        .where(
            ReviewLog.learner_id == learner.id,
            ReviewLog.card_id == row.card_id,
            ReviewLog.reviewed_ms > row.reviewed_ms,
            ReviewLog.voided_at.is_(None),
        )
    )
    if later:
        raise Conflict("the point was reviewed again since")
    copied = {
        column.name: getattr(row, column.name)
        for column in ReviewLog.__table__.columns
        if column.name not in {"id", "rating", "reviewed_ms", "voided_at", "voided_by"}
    }
    row.voided_at, row.voided_by = now, learner.id
    session.flush()
    append_review(session, {**copied, "rating": int(rating)}, not_before=row.reviewed_ms + 1)
    recount(session, learner.id, row.card_id)


def claim_right(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> None:
    """ "I was right": in a review the learner's word counts at once, as recalled. Elsewhere nothing moves.

    Raises NotFound if the attempt is not this learner's.
    """
    learner = in_turn(session, learner)
    row = session.execute(
        select(Attempt.kind, Attempt.outcome, SittingRow.kind.label("sitting"))
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(Attempt.learner_id == learner.id, Attempt.id == attempt_id, Attempt.withdrawn_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    if row.sitting == "review" and row.kind in RECALL and row.outcome in {"close", "wrong"}:
        try:
            correct(session, attempt_id, Rating.GOOD, learner=learner, now=now)
        except Conflict:
            log.info("attempt %s was reviewed again since: its rating stays", attempt_id)
