"""A learner's memories as rows: reading them, rebuilding one from its log, and the days on which the queue asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from questions.bank import Kind
from questions.history import Memory, Rating
from quiz import scheduling
from quiz.ids import new_id
from quiz.models import Aim, Attempt, Card, QuestionRow, ReviewLog, User
from quiz.scheduling import Parameters
from quiz.services.study.learner import Learner, alone


def memory_of(card: Any) -> Memory | None:
    """The memory in a row of a card; None when nothing of it counts yet."""
    if not card.reps:
        return None
    return Memory(card.stability, card.difficulty, card.last_day, card.due, card.reps, card.lapses)


def card_values(memory: Memory | None, exam_day: int | None, parameters: Parameters) -> dict[str, Any]:
    """What a card holds of a memory, by column."""
    if memory is None:
        nothing = dict.fromkeys(("stability", "difficulty", "last_day", "due", "queue_day"))
        return {**nothing, "reps": 0, "lapses": 0}
    return {
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "last_day": memory.last_day,
        "due": memory.due,
        "queue_day": scheduling.queue_day(memory, exam_day, parameters),
        "reps": memory.reps,
        "lapses": memory.lapses,
    }


_AT_ONCE = 200  # cards


def blank_card() -> dict[str, Any]:
    """A card of which nothing counts yet."""
    return card_values(None, None, None)


@dataclass(frozen=True, slots=True)
class _Schedule:
    """By what a learner's memories are reckoned."""

    retention: float
    parameters: Parameters
    exams: Mapping[str, int]  # days, by bank

    def review(self, memory: Memory | None, rating: Rating, day: int) -> Memory:
        return scheduling.review(memory, rating, day, retention=self.retention, parameters=self.parameters)


def _schedule_of(session: Session, learner_id: int) -> _Schedule:
    query = select(User.retention, User.fsrs_parameters, Aim.bank_id, Aim.exam_day)
    own = query.outerjoin(Aim, Aim.learner_id == User.id).where(User.id == learner_id)
    rows = session.execute(own).all()
    exams = {row.bank_id: row.exam_day for row in rows if row.bank_id is not None}
    return _Schedule(rows[0].retention, rows[0].fsrs_parameters, exams)


def recount(session: Session, learner_id: int, *card_ids: int) -> None:
    """Rebuild cards from their logs, in order of time: what counts, what was expected, and the memory."""
    schedule = _schedule_of(session, learner_id)
    for start in range(0, len(card_ids), _AT_ONCE):
        chunk = card_ids[start : start + _AT_ONCE]
        own = (Card.learner_id == learner_id, Card.id.in_(chunk))
        # Answers are written past the session's own rows.
        cards = session.scalars(select(Card).where(*own).execution_options(populate_existing=True)).all()
        rows = session.execute(
            select(ReviewLog, func.coalesce(Attempt.kind, QuestionRow.kind), Attempt.practice)
            .join(Card, (Card.learner_id == ReviewLog.learner_id) & (Card.id == ReviewLog.card_id))
            .outerjoin(QuestionRow, (QuestionRow.bank_id == Card.bank_id) & (QuestionRow.id == ReviewLog.question_id))
            .outerjoin(Attempt, (Attempt.learner_id == ReviewLog.learner_id) & (Attempt.id == ReviewLog.attempt_id))
            .where(*own, ReviewLog.voided_at.is_(None))
            .order_by(ReviewLog.reviewed_ms)
            .execution_options(populate_existing=True)
        ).all()
        memories: dict[int, Memory] = {}
        for row, kind, practice in rows:
            memory, rating = memories.get(row.card_id), Rating(row.rating)
            row.counted = not practice and scheduling.counts(memory, cast(Kind, kind), rating, row.day)
            known = memory if row.counted else None
            row.predicted = scheduling.retrievability(known, row.day, schedule.parameters) if known else None
            if row.counted:
                memories[row.card_id] = schedule.review(memory, rating, row.day)
        for card in cards:
            exam_day = schedule.exams.get(card.bank_id)
            for name, value in card_values(memories.get(card.id), exam_day, schedule.parameters).items():
                setattr(card, name, value)
        session.flush()


def refold(session: Session, learner_id: int) -> None:
    """Rebuild every memory of a learner, for other parameters. The log stays as it is, with what was expected then."""
    schedule = _schedule_of(session, learner_id)
    rows = session.execute(
        select(Card.id, Card.bank_id, ReviewLog.day, ReviewLog.rating)
        .join(ReviewLog, (ReviewLog.learner_id == Card.learner_id) & (ReviewLog.card_id == Card.id))
        .where(Card.learner_id == learner_id, ReviewLog.counted, ReviewLog.voided_at.is_(None))
        .order_by(Card.id, ReviewLog.reviewed_ms)
    )
    moved = []
    for (card_id, bank_id), log in groupby(rows, key=lambda row: (row.id, row.bank_id)):
        memory: Memory | None = None
        for row in log:
            memory = schedule.review(memory, Rating(row.rating), row.day)
        values = card_values(memory, schedule.exams.get(bank_id), schedule.parameters)
        moved.append({"learner_id": learner_id, "id": card_id, **values})
    if moved:
        session.execute(update(Card), moved)


# ---------------------------------------------------------------- when the queue asks


def exam_of(session: Session, bank_id: str, *, learner_id: int) -> int | None:
    """The day of the learner's exam on a bank, past ones included."""
    return session.scalar(select(Aim.exam_day).where(Aim.learner_id == learner_id, Aim.bank_id == bank_id))


def set_exam(session: Session, bank_id: str, exam_day: int | None, *, learner: Learner) -> None:
    """Set the day of an exam, or take it away (None), and let the queue follow. No memory changes."""
    alone(session, learner.id)
    session.execute(delete(Aim).where(Aim.learner_id == learner.id, Aim.bank_id == bank_id))
    if exam_day is not None:
        session.execute(insert(Aim).values(learner_id=learner.id, id=new_id(), bank_id=bank_id, exam_day=exam_day))
    reschedule(session, learner_id=learner.id, bank_id=bank_id)


def reschedule(session: Session, *, learner_id: int, bank_id: str | None = None) -> int:
    """Work out the due days anew, for another retention or another exam. Returns how many cards moved.

    The log stays as it is, and replaying it with the new retention gives the same cards.
    """
    schedule = _schedule_of(session, learner_id)
    query = select(Card).where(Card.learner_id == learner_id, Card.reps > 0)
    query = query if bank_id is None else query.where(Card.bank_id == bank_id)
    moved = []
    for card in session.scalars(query.execution_options(populate_existing=True)):
        memory = memory_of(card)
        assert memory is not None  # noqa: S101  (reps > 0)
        due = memory.last_day + scheduling.interval(memory.stability, schedule.retention, schedule.parameters)
        placed = Memory(memory.stability, memory.difficulty, memory.last_day, due, memory.reps, memory.lapses)
        asked = scheduling.queue_day(placed, schedule.exams.get(card.bank_id), schedule.parameters)
        if (card.due, card.queue_day) != (due, asked):
            moved.append({"learner_id": learner_id, "id": card.id, "due": due, "queue_day": asked})
    if moved:
        session.execute(update(Card), moved)
    return len(moved)
