"""What the queue asks and when: portions, limits, exams, points that are forgotten again and again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import fsrs
import pytest
from factories import make_bank, make_learner, make_question, more
from life import Life
from sqlalchemy import select

from questions.errors import Conflict
from questions.history import Rating
from questions.responses import Chosen, Unknown
from quiz import scheduling
from quiz.models import Attempt, Card, ReviewLog
from quiz.services import banks, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")
DAY = 20465  # of `now`, in UTC


@pytest.fixture
def learner(session):
    return make_learner(session)


def load(session, now, *questions):
    banks.load(session, make_bank(*questions), now=now)


def review_all(session, learner, now, response=RIGHT, more=False):
    """One review to its end. Returns the ids of the questions in the order in which they were asked first."""
    sitting = study.start_review(session, "dam", learner=learner, now=now, more=more)
    asked = []
    while (attempt := study.open_attempt(session, sitting, learner=learner)) is not None:
        page = study.attempt_page(session, attempt, learner=learner, now=now)
        if not page.practice:
            asked.append(page.question.id)
        said = RIGHT if page.practice else response
        study.answer(session, attempt, learner=learner, response=said, now=now)
        session.expire_all()
    return asked


def know(session, learner, *points, last_day=DAY - 10, stability=10.0, lapses=0, bank="dam"):
    """Memories that are there already: due today, if nothing else is said."""
    for point in points:
        due = last_day + scheduling.interval(stability, 0.9)
        session.add(
            Card(
                learner_id=learner.id,
                bank_id=bank,
                point=point,
                stability=stability,
                difficulty=5.0,
                last_day=last_day,
                due=due,
                queue_day=due,
                reps=3,
                lapses=lapses,
            )
        )
    session.flush()


def points(first, count):
    return [f"f-{nr}.day" for nr in range(first, first + count)]


def portion(session, learner, now):
    found = study.portion(session, "dam", learner=learner, now=now)
    return found.due, found.new, found.more, found.next_in


# ---------------------------------------------------------------- the portion of a day


def test_a_new_learner_is_offered_new_points(session, learner, now):
    load(session, now, *more(30))
    found = study.portion(session, "dam", learner=learner, now=now)
    assert (found.due, found.new, found.begun, found.more, found.next_in) == (0, 10, False, True, 1)


def test_the_arrears_are_never_told(session, learner, now):
    load(session, now, *more(60))
    know(session, learner, *points(10, 50))
    assert study.due_count(session, "dam", learner=learner, now=now) == 50
    assert portion(session, learner, now) == (20, 0, True, 1)


def test_after_the_portion_it_is_done_for_today_and_a_bit_more_can_be_had(session, learner, now):
    load(session, now, *more(60))
    know(session, learner, *points(10, 50))
    assert len(review_all(session, learner, now)) == 20
    assert portion(session, learner, now) == (0, 0, True, 1)
    with pytest.raises(Conflict):
        study.start_review(session, "dam", learner=learner, now=now)
    assert len(review_all(session, learner, now, more=True)) == 20
    assert portion(session, learner, now + timedelta(days=1)) == (10, 10, False, 1)


def test_what_is_due_and_what_is_new_share_the_portion(session, learner, now):
    load(session, now, *more(40))
    know(session, learner, *points(10, 15))
    assert portion(session, learner, now) == (15, 5, True, 1)
    assert len(study.review_plan(session, "dam", learner=learner, now=now)) == 20


def test_when_all_is_learned_the_next_day_is_that_of_the_first_point(session, learner, now):
    load(session, now, *more(3))
    review_all(session, learner, now)
    assert portion(session, learner, now) == (0, 0, False, 2)
    assert portion(session, learner, now + timedelta(days=2)) == (3, 0, False, 1)


@pytest.mark.parametrize(("reviews", "new", "expected"), [(5, 10, (5, 0)), (12, 10, (8, 4)), (20, 3, (8, 3))])
def test_the_learners_limits_hold(session, now, reviews, new, expected):
    learner = make_learner(session, reviews_per_day=reviews, new_per_day=new)
    load(session, now, *more(40))
    know(session, learner, *points(10, 8))
    found = study.portion(session, "dam", learner=learner, now=now)
    assert (found.due, found.new) == expected
    assert len(study.review_plan(session, "dam", learner=learner, now=now)) == sum(expected)


def test_the_limits_of_a_day_count_over_its_reviews_and_end_with_it(session, now):
    learner = make_learner(session, reviews_per_day=6, new_per_day=0)
    load(session, now, *more(10))
    know(session, learner, *points(10, 10))
    sitting = study.start_review(session, "dam", learner=learner, now=now)
    for _ in range(4):
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    study.finish(session, sitting, learner=learner, now=now)
    session.expire_all()
    assert portion(session, learner, now)[0] == 2
    assert portion(session, learner, now + timedelta(hours=19)) == (6, 0, False, 1)  # 4 in the morning: a day turns


def test_answers_of_a_quiz_use_up_new_points_but_no_reviews(session, now):
    learner = make_learner(session, reviews_per_day=6, new_per_day=5)
    load(session, now, *more(12))
    know(session, learner, *points(10, 4))
    quiz = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    while (attempt := study.open_attempt(session, quiz, learner=learner)) is not None:
        study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    session.expire_all()
    assert portion(session, learner, now)[:2] == (0, 0)


def test_of_arrears_those_most_likely_still_known_come_first(session, learner, now):
    load(session, now, *more(3))
    know(session, learner, "f-10.day", last_day=DAY - 40)
    know(session, learner, "f-11.day", last_day=DAY - 12)
    know(session, learner, "f-12.day", last_day=DAY - 40, stability=35.0)
    plan = study.review_plan(session, "dam", learner=learner, now=now)
    assert plan == ["f-12.day.choice", "f-11.day.choice", "f-10.day.choice"]


def test_starting_a_review_changes_neither_portion_nor_plan(session, learner, now):
    load(session, now, *more(30))
    before = portion(session, learner, now), study.review_plan(session, "dam", learner=learner, now=now)
    study.start_review(session, "dam", learner=learner, now=now)
    assert (portion(session, learner, now), study.review_plan(session, "dam", learner=learner, now=now)) == before


# ---------------------------------------------------------------- leeches

WAYS = (make_question("choice"), make_question("true_false"), make_question("typed"))


def last_asked(session, learner, question_id, now):
    """The point was asked last in this way."""
    card = session.scalars(select(Card)).one()
    session.add(
        ReviewLog(
            learner_id=learner.id,
            card_id=card.id,
            question_id=question_id,
            reviewed_ms=1,
            day=DAY - 10,
            rating=1,
            counted=True,
            guess=False,
            kind="review",
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("lapses", "last", "asked"),
    [
        (3, "f-1.speaker.typed", "f-1.speaker.typed"),
        (4, "f-1.speaker.typed", "f-1.speaker.choice"),
        (4, "f-1.speaker.choice", "f-1.speaker.typed"),
        (9, "f-1.speaker.typed", "f-1.speaker.choice"),
    ],
)
def test_from_four_lapses_on_a_point_is_asked_in_another_way(session, learner, now, lapses, last, asked):
    load(session, now, *WAYS)
    know(session, learner, "f-1.speaker", lapses=lapses)
    last_asked(session, learner, last, now)
    assert study.review_plan(session, "dam", learner=learner, now=now) == [asked]


@pytest.mark.parametrize(("lapses", "difficult"), [(2, False), (3, True)])
def test_a_verdict_says_that_a_fact_is_difficult(session, learner, now, lapses, difficult):
    load(session, now, make_question("typed"))
    know(session, learner, "f-1.speaker", lapses=lapses)
    sitting = study.start_review(session, "dam", learner=learner, now=now)
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=Unknown(), now=now)
    session.expire_all()
    assert study.attempt_page(session, attempt, learner=learner, now=now).after.difficult is difficult


def test_a_verdict_says_that_the_point_was_asked_another_way_before(session, learner, now):
    load(session, now, make_question("choice"), make_question("typed"))
    seen = []
    for day in (0, 2, 30):
        at = now + timedelta(days=day)
        sitting = study.start_review(session, "dam", learner=learner, now=at)
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=Unknown(), now=at)
        study.finish(session, sitting, learner=learner, now=at)
        session.expire_all()
        page = study.attempt_page(session, attempt, learner=learner, now=at)
        seen.append((page.question.kind, page.after.asked_before))
    assert seen == [("choice", False), ("typed", True), ("typed", True)]


# ---------------------------------------------------------------- an exam

EXAM = DAY + 20


def days_asked(session, learner, now, days):
    """For each point the days from now, of so many, on which it was asked in a review."""
    seen: dict[str, list[int]] = {}
    for day in range(days):
        at = now + timedelta(days=day)
        if study.portion(session, "dam", learner=learner, now=at).due:
            for question in review_all(session, learner, at, more=True):
                seen.setdefault(question, []).append(day)
    return seen


def test_every_point_is_seen_in_the_three_days_before_an_exam(session, now):
    learner = make_learner(session, new_per_day=0, reviews_per_day=100)
    load(session, now, *more(12))
    know(session, learner, *points(10, 6))
    know(session, learner, *points(16, 6), last_day=DAY - 5, stability=200.0)
    study.set_exam(session, "dam", EXAM, learner=learner)
    seen = days_asked(session, learner, now, days=20)
    in_window = {question: [day for day in days if 17 <= day <= 19] for question, days in seen.items()}
    assert {question: len(days) for question, days in in_window.items()} == {
        f"f-{nr}.day.choice": 1 for nr in range(10, 22)
    }


def test_an_exam_moves_the_queue_and_no_memory(session, learner, now):
    load(session, now, *more(4))
    know(session, learner, *points(10, 4), last_day=DAY - 1, stability=100.0)
    columns = select(Card.stability, Card.difficulty, Card.last_day, Card.due, Card.reps, Card.lapses)
    before = session.execute(columns).all()
    study.set_exam(session, "dam", EXAM, learner=learner)
    session.expire_all()
    assert session.execute(columns).all() == before
    assert {card.queue_day for card in session.scalars(select(Card))} == {EXAM - 1}
    study.set_exam(session, "dam", None, learner=learner)
    session.expire_all()
    assert [card.queue_day for card in session.scalars(select(Card))] == [row.due for row in before]


def test_the_weakest_come_first_before_an_exam(session, learner, now):
    load(session, now, *more(3))
    for point, stability in zip(points(10, 3), (50.0, 200.0, 22.0), strict=True):
        know(session, learner, point, last_day=DAY, stability=stability)
    study.set_exam(session, "dam", EXAM, learner=learner)
    session.expire_all()
    queue = {card.point: card.queue_day - EXAM for card in session.scalars(select(Card))}
    assert queue == {"f-10.day": -2, "f-11.day": -1, "f-12.day": -3}


def test_after_an_exam_all_is_as_before(session, learner, now):
    load(session, now, *more(2))
    know(session, learner, *points(10, 2), last_day=DAY - 1, stability=100.0)
    study.set_exam(session, "dam", EXAM, learner=learner)
    asked = [now + timedelta(days=day) for day in (18, 19, 20, 21, 97, 98, 99)]
    counts = [study.due_count(session, "dam", learner=learner, now=at) for at in asked]
    assert counts == [0, 2, 2, 0, 0, 0, 2]


def test_an_exam_is_of_one_bank_and_one_learner(session, learner, now):
    other = make_learner(session)
    load(session, now, *more(1))
    know(session, learner, "f-10.day", last_day=DAY - 1, stability=100.0)
    know(session, other, "f-10.day", last_day=DAY - 1, stability=100.0)
    study.set_exam(session, "dam", EXAM, learner=learner)
    later = now + timedelta(days=19)
    counts = [study.due_count(session, "dam", learner=one, now=later) for one in (learner, other)]
    assert counts == [1, 0]


# ---------------------------------------------------------------- a hundred days beside the library itself


def reference(reviews, retention):
    """What py-fsrs makes of a point's log: the first answer of a day counts, a right true/false on a new point not."""
    scheduler = fsrs.Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )
    card, last = fsrs.Card(card_id=1), None
    for day, rating, kind, practice in reviews:
        unproven = last is None and kind == "true_false" and rating != 1
        if practice or unproven or (last is not None and day <= last):
            continue
        at = scheduling._EPOCH + timedelta(days=day)
        card, _ = scheduler.review_card(card, fsrs.Rating(rating), at)
        last = day
    due = (card.due - scheduling._EPOCH).days if last is not None else None
    return card.stability, card.difficulty, last, due


def told(outcome, kind, guess):
    """The rating of `items.md`, section 9, in its own words."""
    if outcome == "wrong" or guess:
        return Rating.AGAIN
    return Rating.HARD if outcome == "close" or kind == "true_false" else Rating.GOOD


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_days_give_the_memories_that_py_fsrs_gives(session, now, seed):
    dice = Random(seed)  # noqa: S311  (dice)
    life = Life(session, make_learner(session), dice, now)
    while life.now < now + timedelta(days=100):
        life.wait()
        life.sit(dice.choice(["quiz", "review", "review"]), most=dice.randrange(1, 9))
        if dice.random() < 0.1:
            life.set(
                retention=dice.choice([0.85, 0.9, 0.95]),
                time_zone=dice.choice(["Asia/Riyadh", "Europe/London", "America/Lima"]),
                day_turns_at=dice.choice([0, 4]),
            )
    logs: dict[int, list[tuple[int, int, str, bool]]] = {}
    rows = session.execute(
        select(ReviewLog.card_id, ReviewLog.day, Attempt)
        .join(Attempt, Attempt.id == ReviewLog.attempt_id)
        .order_by(ReviewLog.reviewed_ms)
    )
    for card_id, day, attempt in rows:
        rating = told(attempt.outcome, attempt.kind, attempt.guess)
        logs.setdefault(card_id, []).append((day, rating, attempt.kind, attempt.practice))
    stored = {
        card.id: (card.stability, card.difficulty, card.last_day, card.due) for card in session.scalars(select(Card))
    }
    given = {card_id: reference(log, life.learner.retention) for card_id, log in logs.items()}
    assert sum(map(len, logs.values())) > 100
    assert {card_id: stored[card_id] for card_id in given} == given
    assert {values for card_id, values in stored.items() if card_id not in given} <= {(None, None, None, None)}
