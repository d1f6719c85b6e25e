"""What a learner has done: the end of a sitting, and past sittings. `figures.py` has the charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions.bank import Question
from quiz.models import Attempt, SittingRow
from quiz.scheduling import learner_day
from quiz.services.study import Learner, questions_of, sitting_of


@dataclass(frozen=True, slots=True)
class TopicScore:
    topic: str
    points: float
    possible: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that was not answered right, and where its verdict stands."""

    attempt_id: int
    question: Question
    outcome: str


@dataclass(frozen=True, slots=True)
class SittingSummary:
    """A finished sitting."""

    id: int
    bank_id: str
    kind: str
    started_at: datetime
    points: float
    planned: int
    answered: int
    topics: tuple[TopicScore, ...]  # the weakest first
    missed: tuple[Missed, ...]


def summary(session: Session, sitting_id: int, *, learner: Learner) -> SittingSummary:
    """The end of a sitting. Raises NotFound if it is not this learner's."""
    sitting = sitting_of(session, sitting_id, learner=learner)
    attempts = session.scalars(
        select(Attempt)
        .where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting_id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.place)
    ).all()
    topics: dict[str, list[float]] = {}
    for attempt in attempts:
        topics.setdefault(attempt.topic or "", []).append(attempt.share or 0)
    scores = [TopicScore(topic, sum(shares), len(shares)) for topic, shares in topics.items()]
    missed_ones = [attempt for attempt in attempts if attempt.outcome != "right"]
    questions = questions_of(session, sitting.bank_id, missed_ones)
    missed = tuple(Missed(attempt.id, questions[attempt.id], attempt.outcome or "wrong") for attempt in missed_ones)
    return SittingSummary(
        id=sitting.id,
        bank_id=sitting.bank_id,
        kind=sitting.kind,
        started_at=sitting.started_at,
        points=sitting.points or 0,
        planned=sitting.planned,
        answered=len(attempts),
        topics=tuple(sorted(scores, key=_weakest_first)),
        missed=missed,
    )


def _weakest_first(score: TopicScore) -> tuple[float, float, str]:
    """By share; of two with the same share, the one that lost more."""
    return score.points / score.possible, score.points - score.possible, score.topic


@dataclass(frozen=True, slots=True)
class PastSitting:
    id: int
    kind: str
    day: int  # the learner's own, on which it was begun
    finished: bool
    withheld: bool  # its result is told when its assignment is closed to all
    points: float | None
    planned: int


@dataclass(frozen=True, slots=True)
class PastSittings:
    """A page of them, the newest first."""

    sittings: tuple[PastSitting, ...]
    page: int  # from 1
    more: bool  # there are older ones


PAGE = 20  # sittings


def past(session: Session, bank_id: str, *, learner: Learner, now: datetime, page: int = 1) -> PastSittings:
    """A learner's sittings of a bank."""
    rows = session.scalars(
        select(SittingRow)
        .where(SittingRow.learner_id == learner.id, SittingRow.bank_id == bank_id)
        .order_by(SittingRow.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    sittings = tuple(
        PastSitting(
            row.id,
            row.kind,
            learner_day(row.started_at, learner.time_zone, learner.day_turns_at),
            row.finished_at is not None,
            row.withheld_until is not None and row.finished_at is not None and row.withheld_until > now,
            row.points,
            row.planned,
        )
        for row in rows[:PAGE]
    )
    return PastSittings(sittings, page, len(rows) > PAGE)


def banks_of(session: Session, *, learner: Learner) -> list[str]:
    """The banks that a learner has sat, the latest first."""
    newest = func.max(SittingRow.id)
    rows = session.execute(
        select(SittingRow.bank_id)
        .where(SittingRow.learner_id == learner.id)
        .group_by(SittingRow.bank_id)
        .order_by(newest.desc())
    )
    return [row.bank_id for row in rows]
