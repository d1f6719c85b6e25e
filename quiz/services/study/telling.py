"""When a sitting's verdicts are told: after each answer, at its end, or when its assignment is closed to all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from quiz.models import SittingRow
from quiz.services.study.cards import recount
from quiz.services.study.ending import GRACE, close, tell_memories
from quiz.services.study.learner import Learner, alone


def told(now: datetime) -> ColumnElement[bool]:
    """Of a sitting: its learner may see which answers were right."""
    over = or_(SittingRow.withheld_until.is_(None), SittingRow.withheld_until <= now)
    return or_(SittingRow.feedback == "each", and_(SittingRow.finished_at.is_not(None), over))


def settle(session: Session, *, learner: Learner, now: datetime) -> None:
    """End what was left open when its time ran out, and let what is no longer withheld move the memories.

    Each answer at its own time. Whoever begins anything comes by here first, and has the turn to write from then on.
    """
    alone(session, learner.id)
    own = SittingRow.learner_id == learner.id
    left = session.scalars(
        select(SittingRow.id)
        .where(own, SittingRow.finished_at.is_(None), SittingRow.closes_at < now - GRACE)
        .order_by(SittingRow.id)
    ).all()
    for sitting_id in left:
        close(session, sitting_id, learner=learner, now=now)
    waiting = session.scalars(
        select(SittingRow)
        .where(own, SittingRow.finished_at.is_not(None), SittingRow.withheld_until <= now)
        .order_by(SittingRow.id)
        .execution_options(populate_existing=True)
    ).all()
    for sitting in waiting:
        sitting.withheld_until = None
        session.flush()
        for card_id in tell_memories(session, sitting.id, learner=learner, late=True):
            recount(session, learner.id, card_id)
