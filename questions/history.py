"""What a learner remembers and has reviewed, as plain values that scheduling, deck and services share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

EPOCH = date(1970, 1, 1)


class Rating(IntEnum):
    """What the scheduler is told of an answer."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """One learner's memory of one point, after its last counted review. Days are counted from 1970-01-01."""

    stability: float  # days until recall falls to 90 %
    difficulty: float  # 1 to 10
    last_day: int
    due: int
    reps: int  # counted reviews
    lapses: int  # counted reviews that failed after the first


@dataclass(frozen=True, slots=True)
class Review:
    """One rated review: enough, with those before it, to rebuild the memory."""

    reviewed_ms: int  # milliseconds since 1970, unique for the learner
    day: int
    rating: Rating
    counted: bool  # only counted reviews move the memory


@dataclass(frozen=True, slots=True)
class Step:
    """A review, and what it made of the memory."""

    review: Review
    after: Memory | None  # None when nothing counts yet
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class Studied:
    """A point that a learner has reviewed: its log in order of time, and the question that asks for it next."""

    question_id: str
    others: tuple[str, ...]  # its other questions
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a learner takes along of a bank: settings, the scheduler's numbers, and every point that they reviewed."""

    retention: float
    new_per_day: int
    reviews_per_day: int
    parameters: tuple[float, ...]
    points: tuple[Studied, ...]


def day_to_date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def date_to_day(value: date) -> int:
    return (value - EPOCH).days
