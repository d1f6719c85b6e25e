"""What an answer does to the memory of its point, and where that is written down.

The statements are SQLAlchemy Core, built once; see `house.md`, the walk of one answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from questions.bank import SCHEDULED, Question
from questions.grading import Verdict
from quiz import scheduling
from quiz.ids import new_id, new_ids
from quiz.models import Card, QuestionRow, ReviewLog, User
from quiz.services.study.cards import blank_card, card_values, memory_of
from quiz.services.study.learner import ME, Learner, today

_CARDS, _REVIEWS = Card.__table__.c, ReviewLog.__table__.c
_LAST_MS = select(func.max(_REVIEWS.reviewed_ms)).where(_REVIEWS.learner_id == ME)
# One row for a learner: their card of the point, if there is one, and where their log ends.
_CARD = (
    select(
        *(_CARDS[name] for name in ("id", "stability", "difficulty", "last_day", "due", "reps", "lapses")),
        _LAST_MS.scalar_subquery().label("last_ms"),
    )
    .select_from(User.__table__)
    .outerjoin(
        Card.__table__,
        (_CARDS.learner_id == ME) & (_CARDS.bank_id == bindparam("bank")) & (_CARDS.point == bindparam("point")),
    )
    .where(User.__table__.c.id == ME)
)
_NEW_CARD = insert(Card.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
_MOVE_CARD = (
    update(Card.__table__)  # type: ignore[arg-type]  # as above
    .where(_CARDS.learner_id == ME, _CARDS.id == bindparam("card"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("stability", "difficulty", "last_day", "due", "queue_day", "reps", "lapses")
        }
    )
)
_LOG = insert(ReviewLog.__table__)  # type: ignore[arg-type]  # as above


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that tells how well a point is known."""

    attempt_id: int
    bank_id: str
    question: Question
    verdict: Verdict
    guess: bool
    practice: bool
    sitting_kind: str
    exam_day: int | None
    at: datetime


def remember(session: Session, answered: Answered, *, learner: Learner, late: bool = False) -> int:
    """Write the review down, and move the memory when it counts. The kind of question must be one of SCHEDULED.

    A `late` one takes its place in the log by its own time; its card, whose id is returned, is to be recounted.
    """
    question, bank_id, day = answered.question, answered.bank_id, today(learner, answered.at)
    found = session.execute(_CARD, {"me": learner.id, "bank": bank_id, "point": question.point}).one()
    memory = memory_of(found)
    rating = scheduling.rating_for(question.kind, answered.verdict, guess=answered.guess)
    counted = not late and not answered.practice and scheduling.counts(memory, question.kind, rating, day)
    own = learner.fsrs_parameters
    after = scheduling.review(memory, rating, day, retention=learner.retention, parameters=own) if counted else None
    card_id = found.id or new_id()
    if found.id is None:
        place = {"learner_id": learner.id, "id": card_id, "bank_id": bank_id, "point": question.point}
        session.execute(_NEW_CARD, {**place, **card_values(after, answered.exam_day, own)})
    elif after is not None:
        moved = {f"new_{name}": value for name, value in card_values(after, answered.exam_day, own).items()}
        session.execute(_MOVE_CARD, {"me": learner.id, "card": card_id, **moved})
    values = {
        "learner_id": learner.id,
        "card_id": card_id,
        "attempt_id": answered.attempt_id,
        "question_id": question.id,
        "day": day,
        "rating": int(rating),
        "counted": counted,
        "guess": answered.guess,
        "predicted": scheduling.retrievability(memory, day, own) if memory and counted else None,
        "kind": answered.sitting_kind,
    }
    at = int(answered.at.timestamp() * 1000)
    if late:
        insert_review(session, values, not_before=at)
    else:
        _log(session, values, at=max(at, (found.last_ms or 0) + 1))
    return int(card_id)


def append_review(session: Session, values: dict[str, Any], *, not_before: int) -> None:
    """Add a row to a learner's log, after the last one: so each millisecond is unique and the order is kept."""
    last = session.execute(_LAST_MS, {"me": values["learner_id"]}).scalar() or 0
    _log(session, values, at=max(not_before, last + 1))


def insert_review(session: Session, values: dict[str, Any], *, not_before: int) -> None:
    """Add a row to a learner's log at its own time, also before others. Its card is to be recounted."""
    taken = set(
        session.scalars(
            select(ReviewLog.reviewed_ms).where(
                ReviewLog.learner_id == values["learner_id"], ReviewLog.reviewed_ms >= not_before
            )
        )
    )
    while not_before in taken:
        not_before += 1
    _log(session, values, at=not_before)


def _log(session: Session, values: dict[str, Any], *, at: int) -> None:
    session.execute(_LOG, {**values, "id": new_id(), "reviewed_ms": at})


def make_cards(session: Session, bank_id: str, question_ids: Iterable[str], *, learner_id: int) -> None:
    """Have a card, with nothing in it yet, for every point that these questions ask.

    Whoever takes an answer back then finds the cards as they were before it, to the byte.
    """
    asked = select(QuestionRow.point).where(
        QuestionRow.bank_id == bank_id, QuestionRow.id.in_(list(question_ids)), QuestionRow.kind.in_(SCHEDULED)
    )
    held = select(Card.point).where(Card.learner_id == learner_id, Card.bank_id == bank_id)
    missing = sorted(set(session.scalars(asked)) - set(session.scalars(held.where(Card.point.in_(asked)))))
    own = {"learner_id": learner_id, "bank_id": bank_id, **blank_card()}
    rows = [{**own, "id": card, "point": one} for card, one in zip(new_ids(len(missing)), missing, strict=True)]
    if rows:
        session.execute(_NEW_CARD, rows)
