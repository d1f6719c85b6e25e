"""When a sitting's verdicts are told: after each answer, at its end, or when its assignment is closed to all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from quiz.models import SittingRow
from quiz.services.study.cards import recount
from quiz.services.study.ending import tell_memories
from quiz.services.study.learner import Learner


def told(now: datetime) -> ColumnElement[bool]:
    """Of a sitting: its learner may see which answers were right."""
    over = or_(SittingRow.withheld_until.is_(None), SittingRow.withheld_until <= now)
    return or_(SittingRow.feedback == "each", and_(SittingRow.finished_at.is_not(None), over))


def is_withheld(sitting: SittingRow, now: datetime) -> bool:
    if sitting.feedback == "each":
        return False
    return sitting.finished_at is None or (sitting.withheld_until is not None and now < sitting.withheld_until)


def settle(session: Session, *, learner: Learner, now: datetime) -> None:
    """Let finished sittings whose assignment has closed move the memories, each answer at its own time.

    Whoever begins anything comes by here first. The caller has the learner's turn to write.
    """
    waiting = session.scalars(
        select(SittingRow)
        .where(
            SittingRow.learner_id == learner.id,
            SittingRow.finished_at.is_not(None),
            SittingRow.withheld_until <= now,
        )
        .order_by(SittingRow.id)
    ).all()
    for sitting in waiting:
        sitting.withheld_until = None
        session.flush()
        for card_id in tell_memories(session, sitting.id, learner=learner, late=True):
            recount(session, learner.id, card_id, retention=learner.retention)
