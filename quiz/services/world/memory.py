"""What a learner remembers of some points, for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from quiz.models import Card
from quiz.scheduling import LEECH
from quiz.services import study


@dataclass(frozen=True, slots=True)
class Recall:
    """When a learned point is asked again, in days: 0 is today, or before; and whether it is forgotten often."""

    comes_back: int
    difficult: bool


def recall_of(
    session: Session, bank_id: str, points: Iterable[str], *, learner: study.Learner, now: datetime
) -> dict[str, Recall]:
    """Of the points that the learner has a memory of."""
    day = study.today(learner, now)
    exam_day = study.exam_of(session, bank_id, learner_id=learner.id)
    # What an exam brought forward goes back to its own day once the exam is over.
    asked = Card.due if exam_day is not None and exam_day < day else Card.queue_day
    rows = session.execute(
        select(Card.point, asked, Card.lapses).where(
            Card.learner_id == learner.id, Card.bank_id == bank_id, Card.point.in_(list(points)), Card.reps > 0
        )
    )
    return {point: Recall(max(when - day, 0), lapses >= LEECH) for point, when, lapses in rows if when is not None}
