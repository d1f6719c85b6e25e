"""A point's memory over many days: intervals, evenings and mornings, and the log that rebuilds it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.grading import Verdict
from questions.history import Memory, Rating, Review, date_to_day, day_to_date
from quiz import scheduling

AGAIN, HARD, GOOD, EASY = Rating.AGAIN, Rating.HARD, Rating.GOOD, Rating.EASY


def intervals(ratings: list[Rating], retention: float) -> list[int]:
    """Days until each next review, when every review comes on the day it is due."""
    memory, day, days = None, 20_000, []
    for rating in ratings:
        memory = scheduling.review(memory, rating, day, retention=retention)
        days.append(memory.due - day)
        day = memory.due
    return days


@pytest.mark.parametrize(
    ("ratings", "retention", "days"),
    [
        ([GOOD] * 4, 0.90, [2, 11, 46, 163]),
        ([GOOD] * 4, 0.95, [1, 3, 8, 19]),
        ([GOOD] * 3, 0.80, [8, 75, 521]),
        ([EASY, GOOD, GOOD], 0.90, [8, 39, 153]),
    ],
)
def test_intervals_are_those_of_the_table(ratings, retention, days):
    assert intervals(ratings, retention) == days


def test_what_was_failed_comes_back_tomorrow():
    assert intervals([AGAIN], 0.90) == [1]
    assert intervals([GOOD, GOOD, AGAIN], 0.90)[2] < 11


def test_a_late_review_that_succeeds_is_worth_more_than_one_on_its_day():
    first = scheduling.review(None, GOOD, 100)
    on_its_day = scheduling.review(first, GOOD, first.due)
    late = scheduling.review(first, GOOD, first.due + 20)
    assert late.stability > on_its_day.stability


EVENING = datetime(2030, 5, 3, 19, 30, tzinfo=UTC)  # 22:30 in Riyadh
MORNING = datetime(2030, 5, 4, 4, 0, tzinfo=UTC)  # 07:00 in Riyadh, nine hours later


@pytest.mark.parametrize(
    ("zone", "days_apart"), [("Asia/Riyadh", 1), ("Europe/London", 1), ("Asia/Tokyo", 0), ("Pacific/Kiritimati", 0)]
)
def test_evening_and_next_morning_are_two_days_where_the_learner_lives(zone, days_apart):
    evening, morning = (scheduling.learner_day(at, zone, 4) for at in (EVENING, MORNING))
    assert morning - evening == days_apart


def test_an_evening_and_the_next_morning_both_count():
    evening, morning = (scheduling.learner_day(at, "Asia/Riyadh", 4) for at in (EVENING, MORNING))
    memory = scheduling.review(None, GOOD, evening)
    assert not scheduling.counts(memory, "choice", GOOD, evening)
    assert scheduling.counts(memory, "choice", GOOD, morning)
    assert scheduling.review(memory, GOOD, morning).stability > memory.stability


@pytest.mark.parametrize(("hour", "day"), [(1, 3), (2, 4)], ids=["before the clocks go forward", "after"])
def test_a_day_turns_once_when_the_clocks_change(hour, day):
    # In Berlin the clocks go from 2 to 3 on 31 March 2030, at 1 UTC.
    at = datetime(2030, 3, 31, hour, 30, tzinfo=UTC)
    assert scheduling.learner_day(at, "Europe/Berlin", 4) == date_to_day(datetime(2030, 3, 27 + day, tzinfo=UTC).date())


@pytest.mark.parametrize("day", [0, 1, 20_000])
def test_a_day_number_is_a_date(day):
    assert date_to_day(day_to_date(day)) == day


@pytest.mark.parametrize(
    ("kind", "outcome", "guess", "rating"),
    [
        ("choice", "right", False, GOOD),
        ("choice", "right", True, AGAIN),
        ("choice", "close", False, HARD),
        ("choice", "wrong", False, AGAIN),
        ("true_false", "right", False, HARD),
        ("true_false", "right", True, AGAIN),
        ("true_false", "wrong", False, AGAIN),
        ("typed", "right", False, GOOD),
        ("typed", "close", False, HARD),
        ("typed", "wrong", False, AGAIN),
        ("cloze", "right", False, GOOD),
        ("cloze", "close", False, HARD),
    ],
)
def test_hard_is_recalled_and_a_guess_is_not_known(kind, outcome, guess, rating):
    assert scheduling.rating_for(kind, Verdict(outcome, 0.5), guess=guess) == rating


REVIEWS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(list(Rating)), st.booleans()), min_size=1, max_size=12)


@given(REVIEWS, st.sampled_from([0.85, 0.9, 0.95]), st.randoms(use_true_random=False))
def test_a_log_replayed_in_any_order_gives_the_memory_that_its_steps_gave(steps, retention, shuffle):
    memory, day, log = None, 20_000, []
    for place, (gap, rating, counted) in enumerate(steps):
        day += gap
        log.append(Review(reviewed_ms=1000 + place, day=day, rating=rating, counted=counted))
        memory = scheduling.review(memory, rating, day, retention=retention) if counted else memory
    shuffle.shuffle(log)
    assert scheduling.replay(log, retention=retention) == memory


@given(REVIEWS, st.sampled_from([0.85, 0.9, 0.95]), st.sampled_from([0.85, 0.87, 0.9, 0.93, 0.95]))
def test_another_retention_gives_the_due_day_that_a_replay_with_it_gives(steps, before, retention):
    memory, day, log = None, 20_000, []
    for place, (gap, rating, _) in enumerate(steps):
        day += gap
        log.append(Review(reviewed_ms=1000 + place, day=day, rating=rating, counted=True))
        memory = scheduling.review(memory, rating, day, retention=before)
    replayed = scheduling.replay(log, retention=retention)
    assert (replayed.stability, replayed.difficulty) == (memory.stability, memory.difficulty)
    assert replayed.due == memory.last_day + scheduling.interval(memory.stability, retention)


@given(st.floats(0.01, 40_000), st.integers(0, 60), st.integers(1, 60), st.integers(0, 90))
def test_before_an_exam_a_point_is_asked_in_the_last_three_days_or_when_it_is_due(stability, age, until, due_in):
    today = 20_000
    exam, last = today + until, today - age
    memory = Memory(stability, 5.0, last, last + max(due_in, 1), 3, 0)
    asked = scheduling.queue_day(memory, exam)
    seen_already = last >= exam - scheduling.EXAM_DAYS
    assert asked == memory.due or exam - 3 <= asked <= exam - 1
    assert asked < exam or seen_already


@pytest.mark.parametrize(
    ("stability", "days_before"), [(22.0, 3), (50.0, 2), (200.0, 1)], ids=["weak", "middling", "strong"]
)
def test_the_weaker_a_point_the_sooner_it_is_asked_before_an_exam(stability, days_before):
    memory = Memory(stability, 5.0, 20_000, 20_000 + round(stability), 3, 0)
    assert scheduling.queue_day(memory, 20_020) == 20_020 - days_before
    assert scheduling.queue_day(memory, None) == memory.due
