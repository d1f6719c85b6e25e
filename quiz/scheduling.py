"""The only module that knows FSRS: ratings in, memories out. Pure; no clock, no database.

FSRS-6 without learning steps and without fuzz. Its time is the learner's day number: py-fsrs floors elapsed time
to whole days of 24 hours, and an evening and the next morning must be two days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import fsrs

from questions.bank import Kind
from questions.grading import Verdict
from questions.history import Memory, Rating, Review, date_to_day

DEFAULT_RETENTION = 0.9
RETENTIONS = (0.85, 0.95)  # the least and the most that is offered
LONGEST = 36_500  # days of an interval: py-fsrs's own limit
LEECH = 4  # lapses from which a point is asked in another way, and shown as difficult
EXAM_DAYS = 3  # before an exam, in which every point is seen once more
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The 21 numbers of FSRS-6, when they are a learner's own; None stands for the usual ones.
Parameters = tuple[float, ...] | None


def learner_day(now: datetime, time_zone: str, turns_at: int) -> int:
    """The learner's day number: days since 1970 in their time zone, a day beginning at hour `turns_at`."""
    return date_to_day((now.astimezone(ZoneInfo(time_zone)) - timedelta(hours=turns_at)).date())


def rating_for(kind: Kind, verdict: Verdict, *, guess: bool) -> Rating:
    """What an answer tells the scheduler: `items.md`, from an answer to the schedule.

    Hard means recalled with trouble, never failed. A guess that came out right was not known.
    """
    if verdict.outcome == "wrong" or guess:
        return Rating.AGAIN
    if verdict.outcome == "close" or kind == "true_false":
        return Rating.HARD
    return Rating.GOOD


def counts(memory: Memory | None, kind: Kind, rating: Rating, day: int) -> bool:
    """Whether a review moves the memory: the first of a day to a point; a right true/false on a new one does not."""
    if memory is None:
        return kind != "true_false" or rating == Rating.AGAIN
    return memory.last_day < day


@lru_cache(maxsize=1024)
def _scheduler(retention: float, parameters: Parameters = None) -> fsrs.Scheduler:
    return fsrs.Scheduler(
        fsrs.scheduler.DEFAULT_PARAMETERS if parameters is None else parameters,
        desired_retention=retention,
        learning_steps=(),
        relearning_steps=(),
        enable_fuzzing=False,
    )


def numbers(parameters: Parameters) -> tuple[float, ...]:
    """The parameters themselves, the usual ones included."""
    return tuple(_scheduler(DEFAULT_RETENTION, parameters).parameters)


def usable(parameters: Parameters) -> bool:
    """Whether FSRS takes them."""
    try:
        numbers(parameters)
    except (ValueError, TypeError):
        return False
    return True


def within_bounds(parameters: Sequence[float]) -> tuple[float, ...]:
    """The nearest parameters that FSRS takes, each with the six places that single precision has."""
    least, most = fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, fsrs.scheduler.UPPER_BOUNDS_PARAMETERS
    return tuple(round(min(max(one, low), high), 6) for one, low, high in zip(parameters, least, most, strict=True))


def review(
    memory: Memory | None,
    rating: Rating,
    day: int,
    *,
    retention: float = DEFAULT_RETENTION,
    parameters: Parameters = None,
) -> Memory:
    """The memory after a counted review on a day; None is a point met for the first time."""
    at = _EPOCH + timedelta(days=day)
    if memory is None:
        card = fsrs.Card(card_id=1, due=at)
    else:
        card = fsrs.Card(
            card_id=1,
            state=fsrs.State.Review,
            stability=memory.stability,
            difficulty=memory.difficulty,
            due=_EPOCH + timedelta(days=memory.due),
            last_review=_EPOCH + timedelta(days=memory.last_day),
        )
    after, _ = _scheduler(retention, parameters).review_card(card, fsrs.Rating(rating), at)
    assert after.stability is not None  # noqa: S101  (set by every review)
    assert after.difficulty is not None  # noqa: S101
    failed_again = memory is not None and rating == Rating.AGAIN
    return Memory(
        stability=after.stability,
        difficulty=after.difficulty,
        last_day=day,
        due=(after.due - _EPOCH).days,
        reps=(memory.reps if memory else 0) + 1,
        lapses=(memory.lapses if memory else 0) + failed_again,
    )


def retrievability(memory: Memory, day: int, parameters: Parameters = None) -> float:
    """The chance, 0 to 1, that the point is recalled on a day."""
    scheduler = _scheduler(DEFAULT_RETENTION, parameters)  # the curve is the same for each retention
    card = fsrs.Card(card_id=1, stability=memory.stability, last_review=_EPOCH + timedelta(days=memory.last_day))
    return scheduler.get_card_retrievability(card, _EPOCH + timedelta(days=day))


def interval(stability: float, retention: float, parameters: Parameters = None) -> int:
    """Days until recall falls to `retention`, at least one: FSRS-6's forgetting curve turned round.

    py-fsrs rounds in the same way, so that a due day worked out anew equals the one that a review gives.
    """
    decay: float = -_scheduler(retention, parameters).parameters[20]
    factor = 0.9 ** (1 / decay) - 1
    days: int = round(stability / factor * (retention ** (1 / decay) - 1))
    return min(max(days, 1), LONGEST)


def queue_day(memory: Memory, exam_day: int | None, parameters: Parameters = None) -> int:
    """The day on which the queue asks for a point: its due day, or earlier for an exam.

    What is due after the last day before an exam comes one to three days before it, the weakest first, unless it was
    seen in those days already. The memory itself is never touched, so that all is as before when the exam is over.
    """
    # Not due before the exam means 0.9 or more on its day, as a rule: the bounds share out what is above that.
    if exam_day is None or memory.due < exam_day or memory.last_day >= exam_day - EXAM_DAYS:
        return memory.due
    expected = retrievability(memory, exam_day, parameters)
    return exam_day - (3 if expected < 0.94 else 2 if expected < 0.97 else 1)


def replay(
    reviews: Iterable[Review], *, retention: float = DEFAULT_RETENTION, parameters: Parameters = None
) -> Memory | None:
    """The memory that a log gives: its counted reviews in order of time."""
    memory: Memory | None = None
    for one in sorted(reviews, key=lambda one: one.reviewed_ms):
        if one.counted:
            memory = review(memory, one.rating, one.day, retention=retention, parameters=parameters)
    return memory


# ---------------------------------------------------------------- what a setting costs


@dataclass(frozen=True, slots=True)
class Load:
    """What a day would ask of a learner, in points."""

    reviews: float
    new: float
    waiting: float  # due, and beyond the day's portion


MOST_SIMULATED = 1500
_FIRST_RIGHT = 0.75  # share of new points that are answered right at once
_GOLDEN = 0.618033988749895


def workload(
    memories: Sequence[Memory],
    *,
    unseen: int,
    day: int,
    retention: float,
    new_per_day: int,
    reviews_per_day: int,
    exam_day: int | None = None,
    parameters: Parameters = None,
    days: int = 28,
    most: int = MOST_SIMULATED,
) -> tuple[Load, ...]:
    """What the days after `day` would ask with these settings, if answers come as the memories predict.

    The same figures for the same memories: which answers fail is spread evenly, not drawn. Of many memories an even
    sample of at most `most` stands for all, so that it takes a fraction of a second whatever there is.
    """
    scale = max(1.0, (len(memories) + min(unseen, new_per_day * days)) / most)
    ordered = sorted(memories, key=lambda one: (one.due, one.last_day, one.stability, one.difficulty))
    sample = [ordered[int(nr * scale)] for nr in range(int(len(ordered) / scale))]
    asked: dict[int, list[Memory]] = {}

    def put(memory: Memory) -> None:
        placed = replace(memory, due=memory.last_day + interval(memory.stability, retention, parameters))
        asked.setdefault(max(queue_day(placed, exam_day, parameters), day + 1), []).append(placed)

    def after(memory: Memory | None, recalled: bool, today: int) -> Memory:
        rating = Rating.GOOD if recalled else Rating.AGAIN
        return review(memory, rating, today, retention=retention, parameters=parameters)

    for memory in sample:
        put(memory)
    loads, waiting, answers, unseen_left, room, fresh = [], list[Memory](), 0, unseen / scale, 0.0, 0.0
    for today in range(day + 1, day + days + 1):
        waiting += asked.pop(today, [])
        if exam_day is not None and exam_day < today:
            # What the exam brought forward, and was not reached, goes back to its own day.
            later = [one for one in waiting if one.due > today]
            waiting = [one for one in waiting if one.due <= today]
            for one in later:
                asked.setdefault(one.due, []).append(one)
        near = exam_day is not None and today < exam_day <= today + EXAM_DAYS
        waiting.sort(key=lambda one: (today - one.last_day) / one.stability, reverse=near)
        room = room % 1 + reviews_per_day / scale
        reviewed = waiting[: int(room)]
        waiting = waiting[len(reviewed) :]
        fresh = fresh % 1 + new_per_day / scale
        met = int(min(fresh, room - len(reviewed), unseen_left))
        room, fresh, unseen_left = room - len(reviewed) - met, fresh - met, unseen_left - met
        for one in reviewed:
            answers += 1
            recalled = answers * _GOLDEN % 1 < retrievability(one, today, parameters)
            put(after(one, recalled, today))
        for _ in range(met):
            answers += 1
            recalled = answers * _GOLDEN % 1 < _FIRST_RIGHT
            put(after(None, recalled, today))
        loads.append(Load(len(reviewed) * scale, met * scale, len(waiting) * scale))
    return tuple(loads)
