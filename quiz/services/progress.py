"""What a learner has done: the end of a sitting, past sittings, accuracy by topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions.bank import Question
from questions.responses import Shown
from quiz.models import Attempt, Card, SittingRow
from quiz.services.study import Learner, is_due, question_at, sitting_of, today


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
    missed = tuple(
        Missed(attempt.id, _as_shown(session, attempt), attempt.outcome or "wrong")
        for attempt in attempts
        if attempt.outcome != "right"
    )
    return SittingSummary(
        id=sitting.id,
        bank_id=sitting.bank_id,
        kind=sitting.kind,
        started_at=sitting.started_at,
        points=sitting.points or 0,
        planned=sitting.planned,
        answered=len(attempts),
        topics=tuple(sorted(scores, key=lambda score: (score.points / score.possible, score.topic))),
        missed=missed,
    )


def _as_shown(session: Session, attempt: Attempt) -> Question:
    revision = Shown.model_validate_json(attempt.shown).revision
    return question_at(session, attempt.bank_id, attempt.question_id, revision)


@dataclass(frozen=True, slots=True)
class PastSitting:
    id: int
    bank_id: str
    kind: str
    started_at: datetime
    finished: bool
    points: float | None
    planned: int


@dataclass(frozen=True, slots=True)
class TopicAccuracy:
    bank_id: str
    topic: str
    answers: int
    points: float


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the progress page shows."""

    sittings: tuple[PastSitting, ...]  # the newest first, at most `MOST_SITTINGS`
    topics: tuple[TopicAccuracy, ...]
    answers: int
    points: float
    remembered: int  # points with a memory
    due: int


MOST_SITTINGS = 50


def progress(session: Session, *, learner: Learner, now: datetime) -> Progress:
    """Past sittings and accuracy by topic; first answers only, practice within a sitting left out."""
    sittings = session.scalars(
        select(SittingRow)
        .where(SittingRow.learner_id == learner.id)
        .order_by(SittingRow.id.desc())
        .limit(MOST_SITTINGS)
    )
    rows = session.execute(
        select(Attempt.bank_id, Attempt.topic, func.count(), func.sum(Attempt.share))
        .where(
            Attempt.learner_id == learner.id,
            Attempt.answered_at.is_not(None),
            Attempt.practice.is_(False),
            Attempt.withdrawn_at.is_(None),
        )
        .group_by(Attempt.bank_id, Attempt.topic)
    ).all()
    topics = tuple(
        sorted(
            (TopicAccuracy(bank, topic or "", answers, points or 0) for bank, topic, answers, points in rows),
            key=lambda row: (row.bank_id, row.topic),
        )
    )
    remembered, due = session.execute(
        select(func.count(), func.count().filter(is_due(today(learner, now)))).where(
            Card.learner_id == learner.id, Card.reps > 0
        )
    ).one()
    return Progress(
        sittings=tuple(
            PastSitting(
                row.id,
                row.bank_id,
                row.kind,
                row.started_at,
                row.finished_at is not None,
                row.points,
                row.planned,
            )
            for row in sittings
        ),
        topics=topics,
        answers=sum(row.answers for row in topics),
        points=sum(row.points for row in topics),
        remembered=remembered,
        due=due,
    )
