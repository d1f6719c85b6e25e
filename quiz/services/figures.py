"""A learner's log in figures, for the charts of the progress page: bounded rows, a constant number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from questions.bank import RECALL, RECOGNITION, SCHEDULED, Question
from quiz.models import Attempt, Card, QuestionRow, ReviewLog, SittingRow
from quiz.scheduling import LEECH, learner_day
from quiz.services import banks
from quiz.services.study import Learner, today, told

WEEKS = 26  # of the calendar
AHEAD = 30  # days of the forecast
QUIZZES = 30  # of the score history
DIFFICULT = 20  # points that are listed
KNOWN_DAYS = 21  # stability from which a point counts as known, as in Anki's "mature"
_BINS = (0.0, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0001)


@dataclass(frozen=True, slots=True)
class Rate:
    """Points out of answers."""

    name: str
    answers: int
    points: float

    @property
    def share(self) -> float:
        return self.points / self.answers if self.answers else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """A finished quiz."""

    sitting_id: int
    day: int
    share: float  # of the points that could be had


@dataclass(frozen=True, slots=True)
class Bin:
    """Reviews whose recall was predicted within these bounds, and how many were recalled."""

    low: float
    high: float
    reviews: int
    predicted: float  # the mean
    recalled: float  # the share


@dataclass(frozen=True, slots=True)
class Difficult:
    """A point that was forgotten again and again, as it was asked last."""

    point: str
    lapses: int
    attempt_id: int | None  # None when that was in Anki
    question: Question


@dataclass(frozen=True, slots=True)
class Stages:
    """The points of a bank by how well they are remembered."""

    new: int
    learning: int
    known: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the charts of one bank show. Days are the learner's own, counted from 1970."""

    today: int
    scores: tuple[Score, ...]  # the oldest first
    topics: tuple[Rate, ...]
    kinds: tuple[Rate, ...]
    recall: Rate
    recognition: Rate
    days: tuple[tuple[int, int], ...]  # (day, answers), from the first day of a week, without gaps
    ahead: tuple[tuple[int, int], ...]  # (day, points due), today with what is overdue first
    bins: tuple[Bin, ...]
    expected: float | None  # the mean prediction of all reviews; None when there is none
    measured: float | None
    reviews: int
    stages: Stages
    difficult: tuple[Difficult, ...]

    @property
    def answers(self) -> int:
        return sum(rate.answers for rate in self.kinds)


def figures(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> Figures:
    """What a learner did with a bank. Practice, what was undone, and verdicts still withheld are left out."""
    day = today(learner, now)
    rates = _answered(session, bank_id, learner=learner, now=now)
    recall, recognition = (
        Rate(name, sum(row[2] for row in rates if row[1] in kinds), sum(row[3] for row in rates if row[1] in kinds))
        for name, kinds in (("recall", RECALL), ("recognition", RECOGNITION))
    )
    bins, reviews, expected, measured = _retention(session, bank_id, learner=learner)
    return Figures(
        today=day,
        scores=_scores(session, bank_id, learner=learner, now=now),
        topics=_summed((topic, answers, points) for topic, _, answers, points in rates),
        kinds=_summed((kind, answers, points) for _, kind, answers, points in rates),
        recall=recall,
        recognition=recognition,
        days=_days(session, bank_id, learner=learner, now=now),
        ahead=_ahead(session, bank_id, learner=learner, day=day),
        bins=bins,
        expected=expected,
        measured=measured,
        reviews=reviews,
        stages=_stages(session, bank_id, learner=learner),
        difficult=_difficult(session, bank_id, learner=learner),
    )


def _answered(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> list[tuple[str, str, int, float]]:
    """(topic, kind, answers, points) of first answers whose verdicts the learner has seen."""
    rows = session.execute(
        select(Attempt.topic, Attempt.kind, func.count(), func.sum(Attempt.share))
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(
            Attempt.learner_id == learner.id,
            Attempt.bank_id == bank_id,
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
            Attempt.practice.is_(False),
            told(now),
        )
        .group_by(Attempt.topic, Attempt.kind)
    )
    return [(topic or "", kind, answers, points or 0.0) for topic, kind, answers, points in rows]


def _summed(rows: Iterable[tuple[str, int, float]]) -> tuple[Rate, ...]:
    sums: dict[str, tuple[int, float]] = {}
    for name, count, share in rows:
        answers, points = sums.get(name, (0, 0.0))
        sums[name] = answers + count, points + share
    return tuple(Rate(name, *sums[name]) for name in sorted(sums))


def _scores(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> tuple[Score, ...]:
    rows = session.execute(
        select(SittingRow.id, SittingRow.finished_at, SittingRow.points, SittingRow.planned)
        .where(
            SittingRow.learner_id == learner.id,
            SittingRow.bank_id == bank_id,
            SittingRow.kind == "quiz",
            SittingRow.finished_at.is_not(None),
            told(now),
            SittingRow.planned > 0,
        )
        .order_by(SittingRow.id.desc())
        .limit(QUIZZES)
    ).all()
    return tuple(
        Score(row.id, learner_day(row.finished_at, learner.time_zone, learner.day_turns_at), row.points / row.planned)
        for row in reversed(rows)
    )


def _days(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> tuple[tuple[int, int], ...]:
    """Answers a day, practice included: what was done, not how well."""
    last = today(learner, now)
    first = last - (last + 4) % 7 - 7 * (WEEKS - 1)  # day 0 of 1970 was a Thursday; weeks begin on Sunday
    moments = session.scalars(
        select(Attempt.answered_at).where(
            Attempt.learner_id == learner.id,
            Attempt.bank_id == bank_id,
            Attempt.withdrawn_at.is_(None),
            Attempt.answered_at >= now - timedelta(days=last - first + 2),
        )
    )
    answers = Counter(learner_day(one, learner.time_zone, learner.day_turns_at) for one in moments if one is not None)
    return tuple((day, answers[day]) for day in range(first, last + 1))


def _ahead(session: Session, bank_id: str, *, learner: Learner, day: int) -> tuple[tuple[int, int], ...]:
    """Points that come due, day by day, as the schedule stands; overdue ones are today's."""
    asked = case((Card.queue_day < day, day), else_=Card.queue_day)
    rows = session.execute(
        select(asked.label("day"), func.count())
        .where(
            Card.learner_id == learner.id,
            Card.bank_id == bank_id,
            Card.queue_day < day + AHEAD,
            _asked_of(Card.bank_id, Card.point),
        )
        .group_by("day")
    )
    due = {one: count for one, count in rows}
    return tuple((one, due.get(one, 0)) for one in range(day, day + AHEAD))


def _asked_of(bank_id: Any, point: Any) -> ColumnElement[bool]:
    """There is still a question of the point."""
    return (
        select(QuestionRow.id)
        .where(
            QuestionRow.bank_id == bank_id,
            QuestionRow.point == point,
            QuestionRow.kind.in_(SCHEDULED),
            QuestionRow.retired_at.is_(None),
            QuestionRow.hidden.is_(False),
        )
        .exists()
    )


def _retention(
    session: Session, bank_id: str, *, learner: Learner
) -> tuple[tuple[Bin, ...], int, float | None, float | None]:
    """Recall that was predicted before each counted review, beside what came of it."""
    place = case(*((ReviewLog.predicted < high, number) for number, high in enumerate(_BINS[1:])), else_=0)
    rows = session.execute(
        select(
            place.label("bin"),
            func.count(),
            func.sum(ReviewLog.predicted),
            func.sum(case((ReviewLog.rating > 1, 1), else_=0)),
        )
        .join(Card, (Card.learner_id == ReviewLog.learner_id) & (Card.id == ReviewLog.card_id))
        .where(
            ReviewLog.learner_id == learner.id,
            ReviewLog.counted,
            ReviewLog.voided_at.is_(None),
            ReviewLog.predicted.is_not(None),
            Card.bank_id == bank_id,
        )
        .group_by("bin")
        .order_by("bin")
    ).all()
    reviews = sum(row[1] for row in rows)
    bins = tuple(
        Bin(_BINS[number], min(_BINS[number + 1], 1.0), count, predicted / count, recalled / count)
        for number, count, predicted, recalled in rows
    )
    if not reviews:
        return (), 0, None, None
    return bins, reviews, sum(row[2] for row in rows) / reviews, sum(row[3] for row in rows) / reviews


def _stages(session: Session, bank_id: str, *, learner: Learner) -> Stages:
    points = session.scalar(
        select(func.count(QuestionRow.point.distinct())).where(
            QuestionRow.bank_id == bank_id,
            QuestionRow.kind.in_(SCHEDULED),
            QuestionRow.retired_at.is_(None),
            QuestionRow.hidden.is_(False),
        )
    )
    met, known = session.execute(
        select(func.count(), func.count().filter(Card.stability >= KNOWN_DAYS)).where(
            Card.learner_id == learner.id,
            Card.bank_id == bank_id,
            Card.reps > 0,
            _asked_of(Card.bank_id, Card.point),
        )
    ).one()
    return Stages(new=max((points or 0) - met, 0), learning=met - known, known=known)


def _difficult(session: Session, bank_id: str, *, learner: Learner) -> tuple[Difficult, ...]:
    each = aliased(ReviewLog)
    last = (
        select(func.max(each.reviewed_ms))
        .where(each.learner_id == Card.learner_id, each.card_id == Card.id, each.voided_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Card.point, Card.lapses, ReviewLog.attempt_id, QuestionRow.body)
        .select_from(Card)
        .join(ReviewLog, (ReviewLog.learner_id == Card.learner_id) & (ReviewLog.reviewed_ms == last))
        .join(QuestionRow, (QuestionRow.bank_id == Card.bank_id) & (QuestionRow.id == ReviewLog.question_id))
        .where(Card.learner_id == learner.id, Card.bank_id == bank_id, Card.lapses >= LEECH)
        .order_by(Card.lapses.desc(), Card.point)
        .limit(DIFFICULT)
    ).all()
    return tuple(Difficult(row.point, row.lapses, row.attempt_id, banks.parse(row.body)) for row in rows)
