"""What an answer tells the scheduler, and what the scheduler makes of it."""

from datetime import UTC, datetime

import pytest

from questions.grading import Verdict
from questions.history import Memory, Rating, Review
from quiz import scheduling

RIGHT, CLOSE, WRONG = Verdict("right", 1.0), Verdict("close", 0.5), Verdict("wrong", 0.0)
KNOWN = Memory(stability=2.3, difficulty=2.1, last_day=100, due=102, reps=1, lapses=0)


@pytest.mark.parametrize(
    ("kind", "verdict", "guess", "rating"),
    [
        ("choice", RIGHT, False, Rating.GOOD),
        ("choice", RIGHT, True, Rating.AGAIN),
        ("choice", WRONG, False, Rating.AGAIN),
        ("true_false", RIGHT, False, Rating.HARD),
        ("true_false", WRONG, False, Rating.AGAIN),
        ("typed", RIGHT, False, Rating.GOOD),
        ("typed", CLOSE, False, Rating.HARD),
        ("cloze", WRONG, False, Rating.AGAIN),
    ],
)
def test_an_answer_is_rated_by_kind_verdict_and_sureness(kind, verdict, guess, rating):
    assert scheduling.rating_for(kind, verdict, guess=guess) == rating


@pytest.mark.parametrize(
    ("memory", "kind", "rating", "day", "counted"),
    [
        (None, "choice", Rating.GOOD, 100, True),
        (None, "true_false", Rating.HARD, 100, False),
        (None, "true_false", Rating.AGAIN, 100, True),
        (KNOWN, "true_false", Rating.HARD, 101, True),
        (KNOWN, "choice", Rating.GOOD, 100, False),
        (KNOWN, "choice", Rating.GOOD, 99, False),
    ],
)
def test_the_first_answer_of_a_day_counts_but_for_a_right_true_or_false_on_a_new_point(
    memory, kind, rating, day, counted
):
    assert scheduling.counts(memory, kind, rating, day) is counted


@pytest.mark.parametrize(
    ("retention", "intervals"),
    [(0.9, [2, 11, 46, 163]), (0.95, [1, 3, 8, 19]), (0.8, [8, 75, 521])],
)
def test_good_answers_on_their_day_grow_the_interval(retention, intervals):
    day, memory, seen = 100, None, []
    for _ in intervals:
        memory = scheduling.review(memory, Rating.GOOD, day, retention=retention)
        seen.append(memory.due - day)
        day = memory.due
    assert seen == intervals


def test_a_failure_is_a_lapse_only_of_what_was_known():
    first = scheduling.review(None, Rating.AGAIN, 100)
    second = scheduling.review(first, Rating.AGAIN, 101)
    assert (first.reps, first.lapses, second.reps, second.lapses) == (1, 0, 2, 1)


def test_replaying_a_log_leaves_out_what_did_not_count_and_keeps_the_order_of_time():
    log = [
        Review(3, 102, Rating.GOOD, True),
        Review(2, 100, Rating.AGAIN, False),
        Review(1, 100, Rating.GOOD, True),
    ]
    memory = scheduling.replay(log)
    assert (memory.reps, memory.lapses, memory.last_day, memory.due) == (2, 0, 102, 113)


@pytest.mark.parametrize(
    ("at", "zone", "turns_at", "day"),
    [
        (datetime(2026, 1, 12, 0, 0, tzinfo=UTC), "UTC", 0, 20465),
        (datetime(2026, 1, 12, 3, 59, tzinfo=UTC), "UTC", 4, 20464),
        (datetime(2026, 1, 12, 4, 0, tzinfo=UTC), "UTC", 4, 20465),
        (datetime(2026, 1, 12, 1, 30, tzinfo=UTC), "Asia/Riyadh", 4, 20465),
        (datetime(2026, 1, 12, 8, 30, tzinfo=UTC), "America/New_York", 4, 20464),
    ],
)
def test_a_learners_day_turns_at_their_hour_in_their_zone(at, zone, turns_at, day):
    assert scheduling.learner_day(at, zone, turns_at) == day
