"""What the charts of the progress page show, in figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_bank, make_learner, make_question, more
from sqlalchemy import event, select, update

from questions.responses import Chosen, Unknown, Written
from quiz import db
from quiz.models import Attempt, Card, ReviewLog, User
from quiz.services import banks, figures, progress, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")


@pytest.fixture
def learner(session):
    return make_learner(session)


def answer_all(session, sitting, learner, now, *said):
    for response in said:
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=response, now=now)
        session.expire_all()


def quiz(session, learner, now, *said, feedback="each"):
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now, feedback=feedback)
    answer_all(session, sitting, learner, now, *said)
    return sitting


def drawn(session, learner, now):
    return figures.figures(session, "dam", learner=learner, now=now)


def test_recall_and_recognition_are_apart(session, learner, now):
    banks.load(session, make_bank(make_question("typed")), now=now)
    quiz(session, learner, now, Written(text="Layla al-Hasan"))
    banks.load(session, make_bank(*more(2)), now=now)
    quiz(session, learner, now, RIGHT, WRONG)
    seen = drawn(session, learner, now)
    assert (seen.recall.answers, seen.recall.points) == (1, 1)
    assert (seen.recognition.answers, seen.recognition.points) == (2, 1)
    assert [(rate.name, rate.answers, rate.points) for rate in seen.kinds] == [("choice", 2, 1), ("typed", 1, 1)]
    assert [(score.share, score.day) for score in seen.scores] == [(1.0, 20465), (0.5, 20465)]


def test_points_are_new_being_learned_or_known(session, learner, now):
    banks.load(session, make_bank(*more(4)), now=now)
    quiz(session, learner, now, RIGHT, RIGHT, RIGHT)
    known = session.scalars(select(Card.id)).first()
    session.execute(update(Card).where(Card.id == known).values(stability=21.0))
    stages = drawn(session, learner, now).stages
    assert (stages.new, stages.learning, stages.known) == (1, 2, 1)


def test_what_was_taken_back_or_is_still_withheld_counts_nowhere(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    quiz(session, learner, now, WRONG, feedback="end")
    assert drawn(session, learner, now).answers == 0
    review = study.start_review(session, "dam", learner=learner, now=now + timedelta(days=3))
    answer_all(session, review, learner, now + timedelta(days=3), RIGHT)
    last = session.scalars(select(Attempt.id).where(Attempt.sitting_id == review).order_by(Attempt.place)).first()
    study.undo(session, last, learner=learner, now=now + timedelta(days=3))
    session.expire_all()
    seen = drawn(session, learner, now + timedelta(days=3))
    assert (seen.answers, seen.reviews) == (0, 0)
    assert sum(count for _, count in seen.days) == 1


def test_days_are_the_learners_own(session, now):
    far = make_learner(session, time_zone="Asia/Tokyo", day_turns_at=0)
    banks.load(session, make_bank(*more(2)), now=now)
    late = datetime(2026, 1, 12, 15, 30, tzinfo=UTC)  # half past midnight of the 13th in Tokyo
    quiz(session, far, late, RIGHT)
    days = dict(drawn(session, far, late).days)
    assert days[20466] == 1  # 13 January
    assert sum(days.values()) == 1


def test_the_calendar_begins_on_a_sunday_and_has_no_gaps(session, learner, now):
    banks.load(session, make_bank(), now=now)
    days = [day for day, _ in drawn(session, learner, now).days]
    assert (days[0], days[-1]) == (20289, 20465)  # Sunday 20 July 2025 to Monday 12 January 2026
    assert days == list(range(20289, 20466))


def test_what_is_overdue_is_due_today(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    quiz(session, learner, now, RIGHT, WRONG)
    ahead = dict(drawn(session, learner, now).ahead)
    assert {day: count for day, count in ahead.items() if count} == {20466: 1, 20467: 1}
    assert drawn(session, learner, now + timedelta(days=9)).ahead[0] == (20474, 2)


def test_recall_is_measured_beside_what_was_predicted(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    quiz(session, learner, now, RIGHT, RIGHT)
    quiz(session, learner, now + timedelta(days=2), RIGHT, WRONG)
    seen = drawn(session, learner, now + timedelta(days=2))
    assert (seen.reviews, seen.measured) == (2, 0.5)
    assert seen.expected == pytest.approx(0.9086, abs=1e-3)
    assert [(one.low, one.high, one.reviews, one.recalled) for one in seen.bins] == [(0.9, 0.95, 2, 0.5)]
    assert session.scalars(select(ReviewLog.predicted).order_by(ReviewLog.reviewed_ms)).all()[:2] == [None, None]


def test_difficult_facts_are_listed_with_how_they_were_asked_last(session, learner, now):
    banks.load(session, make_bank(*more(1)), now=now)
    for day in range(5):
        quiz(session, learner, now + timedelta(days=day), WRONG)
    (one,) = drawn(session, learner, now + timedelta(days=5)).difficult
    assert (one.point, one.lapses, one.question.id) == ("f-10.day", 4, "f-10.day.choice")


def test_the_statements_do_not_grow_with_the_rows(session, learner, now):
    banks.load(session, make_bank(*more(12)), now=now)
    counted = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *_: counted.append(1))
    drawn(session, learner, now)
    few = len(counted)
    quiz(session, learner, now, *[RIGHT] * 6, *[Unknown()] * 6)
    session.refresh(learner)
    counted.clear()
    drawn(session, learner, now)
    assert (few, len(counted)) == (8, 8)


def test_past_sittings_come_twenty_to_a_page(session, learner, now):
    banks.load(session, make_bank(*more(1)), now=now)
    sittings = [quiz(session, learner, now + timedelta(days=day), RIGHT) for day in range(21)]
    first = progress.past(session, "dam", learner=learner, now=now)
    second = progress.past(session, "dam", learner=learner, now=now, page=2)
    assert ([one.id for one in first.sittings], first.more) == (sittings[:0:-1], True)
    assert ([one.id for one in second.sittings], second.more) == (sittings[:1], False)


@pytest.fixture
def seen(app, signed_in, clock):
    """The page of a student who took three quizzes, two days apart, and forgot on the way."""

    def make(lang):
        browser = signed_in("student", lang)
        for _ in range(3):
            with db.transaction(db.engine_of(app)) as session:
                learner = session.get_one(User, browser.user_id)
                quiz(session, learner, clock(), *[Unknown()] * sum(one.kind != "open" for one in make_bank().live))
            clock.move(days=2)
        return browser.get("/progress")

    return make


@pytest.mark.parametrize(("lang", "first"), [("ar", "284"), ("en", "36")])
def test_time_runs_with_the_page(seen, lang, first):
    page = seen(lang)
    assert (page.status, page.html.count('role="img"'), page.html.count("<details")) == (200, 4, 4)
    assert re.search(r'<circle class="dot" cx="(\d+)', page.html)[1] == first


def test_someone_elses_bank_has_no_progress_page(student):
    assert student.get("/progress?bank=nothing").status == 404
    assert student.get("/progress?page=x").status == 200


def test_an_empty_page_says_how_to_begin(nobody):
    page = nobody.get("/progress")
    assert "It begins with the first quiz." in page.text
    assert page.form("/banks/dam/quiz")
