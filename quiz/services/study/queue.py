"""What a learner is asked next in a review: the portion of the day, and the question that suits each point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, and_, cast, exists, func, select
from sqlalchemy.orm import Session

from questions.bank import RECALL, SCHEDULED
from quiz.models import Card, QuestionRow, ReviewLog
from quiz.scheduling import EXAM_DAYS, LEECH
from quiz.services.study.cards import exam_of
from quiz.services.study.learner import Learner, today
from quiz.services.withholding import left_out

REVIEW_SIZE = 20
_ASKABLE = (
    QuestionRow.kind.in_(SCHEDULED),
    QuestionRow.retired_at.is_(None),
    QuestionRow.hidden.is_(False),
)


class Known(NamedTuple):
    """A card, as far as it says how its point is to be asked."""

    id: int
    point: str
    reps: int
    lapses: int


class Way(NamedTuple):
    """A question by which a point can be asked, without its text."""

    id: str
    point: str
    kind: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class Portion:
    """What is left of a learner's portion of today: never all that is due."""

    due: int
    new: int
    begun: bool  # something is remembered already
    more: bool  # there is something to ask beyond the portion
    next_in: int | None  # days until there is something to ask again, at least one; None when nothing is left to learn

    @property
    def points(self) -> int:
        return self.due + self.new


def portion(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> Portion:
    """How many points a review would ask for today, within the learner's limits, and what comes after."""
    day = today(learner, now)
    exam_day = exam_of(session, bank_id, learner_id=learner.id)
    room, new = _limits(session, bank_id, learner=learner, day=day)
    asked = _asked_on(day, exam_day)
    out = left_out(session, bank_id, learner.id, now=now)
    begun, all_due, first = session.execute(
        select(func.count(), func.count().filter(asked <= day), func.min(asked)).where(
            Card.learner_id == learner.id, Card.bank_id == bank_id, Card.reps > 0, _askable(), Card.point.not_in(out)
        )
    ).one()
    due = min(all_due, room, REVIEW_SIZE)
    fresh = len(_new_points(session, bank_id, learner=learner, limit=REVIEW_SIZE, out=out))
    new = min(new, fresh, room - due, REVIEW_SIZE - due)
    days = [max(first - day, 1)] if first is not None else []
    if fresh and learner.new_per_day:
        days.append(1)
    return Portion(
        due=due,
        new=new,
        begun=begun > 0,
        more=all_due > due or fresh > new,
        next_in=min(days, default=None),
    )


def review_plan(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    now: datetime,
    topic: str | None = None,
    more: bool = False,
) -> list[str]:
    """Question ids of the review that would start now, at most REVIEW_SIZE, topics in turn.

    The due come first, those most worth saving before the others; then new ones in the bank's order. `more` goes
    beyond the day's limits.
    """
    day = today(learner, now)
    room, new = (REVIEW_SIZE, REVIEW_SIZE) if more else _limits(session, bank_id, learner=learner, day=day)
    out = left_out(session, bank_id, learner.id, now=now)
    limit = min(room, REVIEW_SIZE)
    cards = _due_cards(session, bank_id, learner=learner, day=day, topic=topic, limit=limit, out=out)
    known = {card.point: card for card in cards}
    new = min(new, room - len(known), REVIEW_SIZE - len(known))
    fresh = _new_points(session, bank_id, learner=learner, limit=new, topic=topic, out=out) if new else []
    ways = _ways(session, bank_id, [*known, *fresh])
    asked = _last_asked(session, learner.id, [card.id for card in cards])
    plan = [
        suited(ways[point], known.get(point), asked.get(known[point].id) if point in known else None)
        for point in (*known, *fresh)
    ]
    return [question.id for question in _topics_in_turn(plan)]


def due_count(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> int:
    """How many points are due today, whatever the limits."""
    due = is_due(today(learner, now), exam_day=exam_of(session, bank_id, learner_id=learner.id))
    out = left_out(session, bank_id, learner.id, now=now)
    own = (Card.learner_id == learner.id, Card.bank_id == bank_id, Card.point.not_in(out))
    return session.scalar(select(func.count()).select_from(Card).where(*own, due)) or 0


def is_due(day: int, *, exam_day: int | None = None) -> ColumnElement[bool]:
    """Of a card: its day has come, and there is a question left to ask."""
    return and_(_asked_on(day, exam_day) <= day, _askable())


def _asked_on(day: int, exam_day: int | None) -> Any:
    """The column of a card with the day on which the queue asks for it."""
    # What an exam brought forward goes back to its own day once the exam is over.
    return Card.due if exam_day is not None and exam_day < day else Card.queue_day


def _askable() -> ColumnElement[bool]:
    """Of a card: there is a question left to ask."""
    return exists().where(QuestionRow.bank_id == Card.bank_id, QuestionRow.point == Card.point, *_ASKABLE)


def _limits(session: Session, bank_id: str, *, learner: Learner, day: int) -> tuple[int, int]:
    """How many due and how many new points the learner's day has room for."""
    reviewed = session.scalar(
        select(func.count())
        .select_from(ReviewLog)
        .join(Card, (Card.learner_id == ReviewLog.learner_id) & (Card.id == ReviewLog.card_id))
        .where(
            ReviewLog.learner_id == learner.id,
            ReviewLog.day == day,
            ReviewLog.kind == "review",
            ReviewLog.counted,
            ReviewLog.voided_at.is_(None),
            Card.bank_id == bank_id,
        )
    )
    met = session.scalar(
        select(func.count())
        .select_from(Card)
        .where(Card.learner_id == learner.id, Card.bank_id == bank_id, Card.last_day == day, Card.reps == 1)
    )
    room = max(learner.reviews_per_day - (reviewed or 0), 0)
    return room, min(max(learner.new_per_day - (met or 0), 0), room)


def _due_cards(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    day: int,
    topic: str | None,
    limit: int,
    out: frozenset[str],
) -> list[Known]:
    """The due, the most likely to be recalled still first: of a backlog that saves the most.

    In the days before an exam the weakest come first: there everything will be seen.
    """
    exam_day = exam_of(session, bank_id, learner_id=learner.id)
    faded = cast(day - Card.last_day, Float) / Card.stability  # recall falls with it
    near = exam_day is not None and day < exam_day <= day + EXAM_DAYS
    query = select(Card.id, Card.point, Card.reps, Card.lapses).where(
        Card.learner_id == learner.id,
        Card.bank_id == bank_id,
        Card.point.not_in(out),
        is_due(day, exam_day=exam_day),
    )
    if topic is not None:
        query = query.where(_asks_of_topic(Card.bank_id, Card.point, topic))
    rows = session.execute(query.order_by(faded.desc() if near else faded, Card.point).limit(limit))
    return [Known(*row) for row in rows]


def _asks_of_topic(bank_id: Any, point: Any, topic: str) -> ColumnElement[bool]:
    return exists().where(
        QuestionRow.bank_id == bank_id, QuestionRow.point == point, QuestionRow.topic == topic, *_ASKABLE
    )


def _new_points(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    limit: int,
    topic: str | None = None,
    out: frozenset[str],
) -> list[str]:
    """Points without a memory, in the bank's order."""
    remembered = exists().where(
        Card.learner_id == learner.id, Card.bank_id == bank_id, Card.point == QuestionRow.point, Card.reps > 0
    )
    query = select(QuestionRow.point).where(QuestionRow.bank_id == bank_id, *_ASKABLE, ~remembered)
    query = query.where(QuestionRow.point.not_in(out)) if out else query
    if topic is not None:
        query = query.where(QuestionRow.topic == topic)
    place = func.min(QuestionRow.place)
    return list(session.scalars(query.group_by(QuestionRow.point).order_by(place, QuestionRow.point).limit(limit)))


def _ways(session: Session, bank_id: str, points: Iterable[str]) -> dict[str, list[Way]]:
    rows = session.execute(
        select(QuestionRow.id, QuestionRow.point, QuestionRow.kind, QuestionRow.topic)
        .where(QuestionRow.bank_id == bank_id, QuestionRow.point.in_(list(points)), *_ASKABLE)
        .order_by(QuestionRow.place, QuestionRow.id)
    )
    ways: dict[str, list[Way]] = {}
    for row in rows:
        ways.setdefault(row.point, []).append(Way(*row))
    return ways


def _last_asked(session: Session, learner_id: int, cards: list[int]) -> dict[int, str]:
    """For each card the question by which it was asked last."""
    rows = session.execute(
        select(ReviewLog.card_id, ReviewLog.question_id)
        .where(ReviewLog.learner_id == learner_id, ReviewLog.card_id.in_(cards), ReviewLog.voided_at.is_(None))
        .order_by(ReviewLog.reviewed_ms)
    )
    return {card: question for card, question in rows}  # the latest of each stays


def suited(ways: Sequence[Way], card: Known | None, last: str | None) -> Way:
    """Recognition at first contact; from the second review on recall, where the point has it.

    A point that was lapsed on too often is asked in another way than the last time.
    """
    recall = [question for question in ways if question.kind in RECALL]
    # True/false is never the way to meet a point when there is a choice.
    recognition = sorted((one for one in ways if one.kind not in RECALL), key=lambda one: one.kind != "choice")
    if card is None or not card.reps:
        return (recognition or recall)[0]
    usual = recall or recognition
    if card.lapses >= LEECH:
        return next((one for one in (*recall, *recognition) if one.id != last), usual[0])
    return next((one for one in usual if one.id != last), usual[0])


def _topics_in_turn(plan: Sequence[Way]) -> list[Way]:
    topics: dict[str | None, list[Way]] = {}
    for question in plan:
        topics.setdefault(question.topic, []).append(question)
    turns = max((len(questions) for questions in topics.values()), default=0)
    return [questions[turn] for turn in range(turns) for questions in topics.values() if turn < len(questions)]
