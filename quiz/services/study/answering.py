"""Taking an answer, taking it back, and correcting its rating.

The statements of an answer's path are SQLAlchemy Core, built once; see `house.md`, the walk of one answer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from questions.bank import RECALL, SCHEDULED, Question
from questions.errors import BadInput, Conflict, NotFound
from questions.grading import Verdict, grade
from questions.history import Rating
from questions.responses import RESPONSE, Response, Shown
from quiz import scheduling
from quiz.ids import new_id
from quiz.models import Aim, Attempt, Card, QuestionRevision, ReviewLog, SittingRow
from quiz.services import banks
from quiz.services.study.cards import card_values, memory_of, recount
from quiz.services.study.learner import ME, Learner, alone, today
from quiz.services.study.sittings import close, open_attempt, open_next

log = logging.getLogger(__name__)
GRACE = timedelta(seconds=5)  # an answer sent in the last second is under way for a while

_ATTEMPT = (
    select(
        Attempt.id,
        Attempt.sitting_id,
        Attempt.place,
        Attempt.bank_id,
        Attempt.question_id,
        Attempt.practice,
        Attempt.shown,
        Attempt.answered_at,
        Attempt.withdrawn_at,
        SittingRow.kind,
        SittingRow.plan,
        SittingRow.planned,
        SittingRow.closes_at,
        SittingRow.finished_at,
        Aim.exam_day,
    )
    .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
    .outerjoin(Aim, (Aim.learner_id == Attempt.learner_id) & (Aim.bank_id == Attempt.bank_id))
    .where(Attempt.learner_id == ME, Attempt.id == bindparam("attempt"))
)
_CLAIM = (
    update(Attempt.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(
        Attempt.__table__.c.learner_id == ME,
        Attempt.__table__.c.id == bindparam("attempt"),
        Attempt.__table__.c.answered_at.is_(None),
        Attempt.__table__.c.withdrawn_at.is_(None),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("answered_at", "response", "outcome", "share", "reason", "guess")}
    )
)
_REVISION = select(QuestionRevision.body).where(
    QuestionRevision.bank_id == bindparam("bank"),
    QuestionRevision.question_id == bindparam("question"),
    QuestionRevision.number == bindparam("number"),
)
_CARD = select(Card.id, Card.stability, Card.difficulty, Card.last_day, Card.due, Card.reps, Card.lapses).where(
    Card.learner_id == ME, Card.bank_id == bindparam("bank"), Card.point == bindparam("point")
)
_NEW_CARD = insert(Card.__table__)  # type: ignore[arg-type]  # as above
_MOVE_CARD = (
    update(Card.__table__)  # type: ignore[arg-type]  # as above
    .where(Card.__table__.c.learner_id == ME, Card.__table__.c.id == bindparam("card"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("stability", "difficulty", "last_day", "due", "queue_day", "reps", "lapses")
        }
    )
)
_LAST_MS = select(func.max(ReviewLog.reviewed_ms)).where(ReviewLog.learner_id == ME)
_LOG = insert(ReviewLog.__table__)  # type: ignore[arg-type]  # as above


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer. `repeated`: it had been answered before; `late`: the time was up. Neither counts."""

    attempt_id: int
    sitting_id: int
    repeated: bool = False
    late: bool = False


def answer(
    session: Session,
    attempt_id: int,
    *,
    learner: Learner,
    response: Response,
    guess: bool = False,
    now: datetime,
) -> Outcome:
    """Record a learner's answer, schedule the point's next review, open the sitting's next question.

    Answering again changes nothing and returns the first outcome; answering after the time limit ends the sitting
    without this answer. Raises NotFound if the attempt is not this learner's, Conflict if the sitting was ended,
    BadInput if the response is not one to this question.
    """
    alone(session, learner.id)
    row = session.execute(_ATTEMPT, {"me": learner.id, "attempt": attempt_id}).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    if row.answered_at is not None or row.withdrawn_at is not None:
        return Outcome(attempt_id, row.sitting_id, repeated=True)
    if row.finished_at is not None:
        raise Conflict("the sitting was ended before this answer came")
    if row.closes_at is not None and now > row.closes_at + GRACE:
        close(session, learner.id, row.sitting_id, now=now)
        return Outcome(attempt_id, row.sitting_id, late=True)
    # Graded against the revision that was shown: the bank may have changed since.
    shown = Shown.model_validate_json(row.shown)
    question = question_at(session, row.bank_id, row.question_id, shown.revision)
    verdict = grade(question, response)
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
        return Outcome(attempt_id, row.sitting_id, repeated=True)
    plan = list(row.plan)
    if question.kind in SCHEDULED:
        _remember(session, row, question, verdict, learner=learner, guess=guess, now=now)
        if row.kind == "review" and _comes_again(verdict.outcome, guess=guess):
            plan.append(row.question_id)  # comes again in this sitting, as practice, until right
    open_next(
        session,
        learner.id,
        row.sitting_id,
        row.bank_id,
        plan,
        place=row.place + 1,
        planned=row.planned,
        now=now,
        stored=row.plan,
    )
    return Outcome(attempt_id, row.sitting_id)


def _comes_again(outcome: str, *, guess: bool) -> bool:
    return outcome == "wrong" or guess


def question_at(session: Session, bank_id: str, question_id: str, number: int) -> Question:
    """A question as it was in a revision."""
    body = session.execute(_REVISION, {"bank": bank_id, "question": question_id, "number": number}).scalar_one()
    return banks.parse(body)


def _remember(
    session: Session,
    row: Any,
    question: Question,
    verdict: Verdict,
    *,
    learner: Learner,
    guess: bool,
    now: datetime,
) -> None:
    """Write the review down, and move the memory when it counts."""
    day = today(learner, now)
    found = session.execute(_CARD, {"me": learner.id, "bank": row.bank_id, "point": question.point}).first()
    memory = memory_of(found) if found is not None else None
    rating = scheduling.rating_for(question.kind, verdict, guess=guess)
    counted = not row.practice and scheduling.counts(memory, question.kind, rating, day)
    after = scheduling.review(memory, rating, day, retention=learner.retention) if counted else None
    card_id = found.id if found is not None else new_id()
    if found is None:
        own = {"learner_id": learner.id, "id": card_id, "bank_id": row.bank_id, "point": question.point}
        session.execute(_NEW_CARD, {**own, **card_values(after, row.exam_day)})
    elif after is not None:
        moved = {f"new_{name}": value for name, value in card_values(after, row.exam_day).items()}
        session.execute(_MOVE_CARD, {"me": learner.id, "card": card_id, **moved})
    session.execute(
        _LOG,
        {
            "learner_id": learner.id,
            "id": new_id(),
            "card_id": card_id,
            "attempt_id": row.id,
            "question_id": row.question_id,
            "reviewed_ms": _free_ms(session, learner.id, now),
            "day": day,
            "rating": int(rating),
            "counted": counted,
            "guess": guess,
            "predicted": scheduling.retrievability(memory, day) if memory and counted else None,
            "kind": row.kind,
        },
    )


def _free_ms(session: Session, learner_id: int, now: datetime) -> int:
    """Milliseconds of the review; after the learner's last one, so that each is unique and the order is kept."""
    last = session.execute(_LAST_MS, {"me": learner_id}).scalar() or 0
    return max(int(now.timestamp() * 1000), last + 1)


# ---------------------------------------------------------------- taking back


def undo(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> int:
    """Take back the last answer of a review: memory and queue are as they were, and the question is open again.

    Returns the id of the attempt that is open now; taking back twice changes nothing more. Raises NotFound if the
    attempt is not this learner's, Conflict if it is not the last answer of a review.
    """
    alone(session, learner.id)
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
        recount(session, learner.id, card_id, retention=learner.retention)
    plan = list(sitting.plan)
    if attempt.kind in SCHEDULED and _comes_again(attempt.outcome or "", guess=attempt.guess):
        del plan[-1]
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
    """What a learner may correct a rating to. Never Easy for what was only recognised, never Hard for a failure."""
    if outcome == "wrong":
        return ()
    return (Rating.HARD, Rating.GOOD, Rating.EASY) if kind in RECALL else (Rating.AGAIN, Rating.GOOD)


def rate(session: Session, attempt_id: int, rating: Rating, *, learner: Learner, now: datetime) -> None:
    """Correct what the scheduler was told of an answer: the review is voided, and one with the new rating appended.

    Raises NotFound if the attempt is not this learner's, BadInput for a rating that is not offered, Conflict when
    the point was reviewed again since.
    """
    alone(session, learner.id)
    attempt = session.get(Attempt, (learner.id, attempt_id), populate_existing=True)
    if attempt is None or attempt.answered_at is None or attempt.withdrawn_at is not None:
        raise NotFound("there is no such answer of yours")
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
    moment = max(row.reviewed_ms, session.execute(_LAST_MS, {"me": learner.id}).scalar() or 0) + 1
    session.execute(_LOG, {**copied, "id": new_id(), "rating": int(rating), "reviewed_ms": moment})
    recount(session, learner.id, row.card_id, retention=learner.retention)


def claim_right(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> None:
    """ "I was right": in a review the learner's word counts at once, as recalled. Elsewhere nothing moves.

    Raises NotFound if the attempt is not this learner's.
    """
    alone(session, learner.id)
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
