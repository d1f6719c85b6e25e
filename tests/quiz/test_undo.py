"""Taking an answer back, and correcting what the schedule was told: all is as it was, and nobody else's is touched."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from factories import make_bank, make_learner, make_question, more
from life import Life
from sqlalchemy import func, select

from questions.errors import BadInput, Conflict, NotFound
from questions.history import Rating
from questions.responses import Chosen, Judged, Unknown, Written
from quiz.models import Attempt, Card, ReviewLog, SittingRow
from quiz.services import banks, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")


@pytest.fixture
def learner(session):
    return make_learner(session)


def review(session, learner, now, *questions):
    """A review of these questions, begun."""
    banks.load(session, make_bank(*questions), now=now)
    return study.start_review(session, "dam", learner=learner, now=now)


def answered(session, sitting, learner, now, response=RIGHT, guess=False):
    """Answer what is open. Returns the attempt that was answered."""
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=response, guess=guess, now=now)
    session.expire_all()
    return attempt


def question_open(session, sitting, learner, now):
    attempt = study.open_attempt(session, sitting, learner=learner)
    return study.attempt_page(session, attempt, learner=learner, now=now).question.id


def cards(session):
    return [tuple(row) for row in session.execute(select(Card.__table__).order_by(Card.id))]


def log(session):
    """(rating, counted, voided) in order of time."""
    rows = session.scalars(select(ReviewLog).order_by(ReviewLog.reviewed_ms))
    return [(row.rating, row.counted, row.voided_at is not None) for row in rows]


def test_undo_after_random_answers_restores_every_card_and_the_queue(session, now):
    answers = 60 if session.get_bind().dialect.name == "sqlite" else 20
    life = Life(session, make_learner(session), Random(11), now)  # noqa: S311  (dice)
    assert life.undo_differences(answers) == []
    voided = session.scalar(select(func.count()).select_from(ReviewLog).where(ReviewLog.voided_at.is_not(None)))
    assert voided == answers


def test_an_answer_taken_back_leaves_its_question_open_in_the_same_order(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    before = study.attempt_page(
        session, study.open_attempt(session, sitting, learner=learner), learner=learner, now=now
    )
    attempt = answered(session, sitting, learner, now, WRONG)
    reopened = study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    page = study.attempt_page(session, reopened, learner=learner, now=now)
    assert (page.question, page.shown, page.number, page.answered) == (before.question, before.shown, 1, False)
    assert session.get_one(SittingRow, (learner.id, sitting)).plan == [f"f-{nr}.day.choice" for nr in (10, 11, 12)]
    assert log(session) == [(1, True, True)]


def test_a_second_undo_changes_nothing_more(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    answered(session, sitting, learner, now)
    attempt = answered(session, sitting, learner, now, WRONG)
    first = study.undo(session, attempt, learner=learner, now=now)
    rows = session.scalar(select(func.count()).select_from(Attempt))
    assert study.undo(session, attempt, learner=learner, now=now) == first
    assert session.scalar(select(func.count()).select_from(Attempt)) == rows
    assert log(session) == [(3, True, False), (1, True, True)]


def test_an_undo_sent_again_after_the_new_answer_changes_nothing(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    attempt = answered(session, sitting, learner, now, WRONG)
    study.undo(session, attempt, learner=learner, now=now)
    answered(session, sitting, learner, now)
    before = cards(session)
    assert study.undo(session, attempt, learner=learner, now=now) == study.open_attempt(
        session, sitting, learner=learner
    )
    assert (cards(session), question_open(session, sitting, learner, now)) == (before, "f-11.day.choice")


def test_answers_are_taken_back_one_after_another(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    blank = cards(session)
    first, second = (answered(session, sitting, learner, now, response) for response in (RIGHT, WRONG))
    study.undo(session, second, learner=learner, now=now)
    study.undo(session, first, learner=learner, now=now)
    session.expire_all()
    assert (cards(session), question_open(session, sitting, learner, now)) == (blank, "f-10.day.choice")


def test_only_the_last_answer_can_be_taken_back(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    first = answered(session, sitting, learner, now)
    answered(session, sitting, learner, now)
    before = cards(session)
    with pytest.raises(Conflict):
        study.undo(session, first, learner=learner, now=now)
    with pytest.raises(Conflict):
        study.undo(session, study.open_attempt(session, sitting, learner=learner), learner=learner, now=now)
    assert cards(session) == before


def test_an_answer_of_a_quiz_stays(session, learner, now):
    banks.load(session, make_bank(*more(3)), now=now)
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    attempt = answered(session, sitting, learner, now)
    with pytest.raises(Conflict):
        study.undo(session, attempt, learner=learner, now=now)
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert (page.after.can_undo, page.after.ratings, log(session)) == (False, (), [(3, True, False)])


def test_someone_elses_answer_is_not_there_to_take_back(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    attempt = answered(session, sitting, learner, now)
    other = make_learner(session)
    before = cards(session)
    with pytest.raises(NotFound):
        study.undo(session, attempt, learner=other, now=now)
    with pytest.raises(NotFound):
        study.rate(session, attempt, Rating.EASY, learner=other, now=now)
    assert (cards(session), log(session)) == (before, [(3, True, False)])


def test_the_last_answer_of_a_review_that_is_over_opens_it_again(session, learner, now):
    sitting = review(session, learner, now, *more(2))
    answered(session, sitting, learner, now)
    attempt = answered(session, sitting, learner, now)
    assert study.open_attempt(session, sitting, learner=learner) is None
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    row = session.get_one(SittingRow, (learner.id, sitting))
    assert (row.finished_at, row.points) == (None, None)
    assert question_open(session, sitting, learner, now) == "f-11.day.choice"


def test_an_answer_of_a_review_that_was_ended_early_can_be_taken_back_too(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    attempt = answered(session, sitting, learner, now)
    study.finish(session, sitting, learner=learner, now=now)
    session.expire_all()
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    assert question_open(session, sitting, learner, now) == "f-10.day.choice"


def test_taking_back_a_miss_whose_question_was_withdrawn_meanwhile_keeps_the_rest_of_the_plan(session, learner, now):
    sitting = review(session, learner, now, *more(2))
    answered(session, sitting, learner, now)
    banks.load(session, make_bank(*more(1)), now=now)  # the second is gone
    attempt = answered(session, sitting, learner, now, WRONG)
    assert study.open_attempt(session, sitting, learner=learner) is None
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    assert session.get_one(SittingRow, (learner.id, sitting)).plan == ["f-10.day.choice", "f-11.day.choice"]


def test_what_was_answered_in_another_tab_counts_when_the_first_answer_is_taken_back(session, learner, now):
    sitting = review(session, learner, now, *more(2))
    attempt = answered(session, sitting, learner, now, WRONG)
    quiz = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    while study.open_attempt(session, quiz, learner=learner) is not None:
        answered(session, quiz, learner, now)
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    card = session.scalars(select(Card).where(Card.point == "f-10.day")).one()
    assert (card.reps, card.lapses, card.due - card.last_day) == (1, 0, 2)


def test_an_answer_sent_to_the_question_that_undo_withdrew_is_not_taken(session, learner, now):
    sitting = review(session, learner, now, *more(3))
    attempt = answered(session, sitting, learner, now)
    stale = study.open_attempt(session, sitting, learner=learner)  # open in another tab
    study.undo(session, attempt, learner=learner, now=now)
    outcome = study.answer(session, stale, learner=learner, response=RIGHT, now=now)
    assert (outcome.repeated, log(session)) == (True, [(3, True, True)])


# ---------------------------------------------------------------- what the schedule was told


@pytest.mark.parametrize(
    ("kind", "response", "offered"),
    [
        ("choice", RIGHT, (Rating.AGAIN, Rating.GOOD)),
        ("choice", WRONG, ()),
        ("true_false", Judged(value=False), (Rating.AGAIN, Rating.HARD)),
        ("typed", Written(text="Layla al-Hasan"), (Rating.HARD, Rating.GOOD, Rating.EASY)),
        ("typed", Written(text="Hasan"), (Rating.HARD, Rating.GOOD, Rating.EASY)),
        ("typed", Unknown(), ()),
    ],
)
def test_a_rating_is_corrected_within_what_the_answer_showed(session, learner, now, kind, response, offered):
    sitting = review(session, learner, now, make_question(kind))
    attempt = answered(session, sitting, learner, now, response)
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert page.after.ratings == offered
    for rating in set(Rating) - set(offered):
        with pytest.raises(BadInput):
            study.rate(session, attempt, rating, learner=learner, now=now)


def test_a_corrected_rating_replaces_the_first_in_the_log_and_moves_the_card(session, learner, now):
    sitting = review(session, learner, now, make_question("typed"))
    attempt = answered(session, sitting, learner, now, Written(text="Layla al-Hasan"))
    study.rate(session, attempt, Rating.EASY, learner=learner, now=now)
    study.rate(session, attempt, Rating.EASY, learner=learner, now=now)
    session.expire_all()
    card = session.scalars(select(Card)).one()
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert log(session) == [(3, True, True), (4, True, False)]
    assert (card.due - card.last_day, page.after.comes_back, page.after.rating) == (8, 8, Rating.EASY)


def test_undo_takes_a_corrected_rating_back_too(session, learner, now):
    sitting = review(session, learner, now, make_question("typed"))
    before = cards(session)
    attempt = answered(session, sitting, learner, now, Written(text="Layla al-Hasan"))
    study.rate(session, attempt, Rating.HARD, learner=learner, now=now)
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    assert cards(session) == before


def test_a_rating_is_not_corrected_once_the_point_was_reviewed_again(session, learner, now):
    sitting = review(session, learner, now, make_question("typed"))
    attempt = answered(session, sitting, learner, now, Written(text="Layla al-Hasan"))
    later = now + timedelta(days=2)
    answered(session, study.start_review(session, "dam", learner=learner, now=later), learner, later, Unknown())
    with pytest.raises(Conflict):
        study.rate(session, attempt, Rating.EASY, learner=learner, now=later)


@pytest.mark.parametrize("feedback", ["each", "end"])
@pytest.mark.parametrize("response", [Written(text="Layla al-Hasan"), Unknown()])
def test_a_rating_of_a_quiz_is_not_corrected_whichever_the_answer(session, learner, now, feedback, response):
    """Else a refusal would tell what a sitting withholds."""
    banks.load(session, make_bank(make_question("typed"), *more(1)), now=now)
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, feedback=feedback, now=now)
    answered(session, sitting, learner, now, Unknown())
    attempt = answered(session, sitting, learner, now, Unknown())
    with pytest.raises(Conflict):
        study.rate(session, attempt, Rating.EASY, learner=learner, now=now)


@pytest.mark.parametrize(("response", "rating"), [(Written(text="somebody"), 3), (Written(text="Hasan"), 3)])
def test_i_was_right_counts_at_once_in_a_review(session, learner, now, response, rating):
    sitting = review(session, learner, now, make_question("typed"))
    attempt = answered(session, sitting, learner, now, response)
    study.claim_right(session, attempt, learner=learner, now=now)
    session.expire_all()
    assert (log(session)[-1], session.scalars(select(Card)).one().reps) == ((rating, True, False), 1)


def test_i_was_right_moves_nothing_in_a_quiz(session, learner, now):
    banks.load(session, make_bank(make_question("typed")), now=now)
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    attempt = answered(session, sitting, learner, now, Written(text="somebody"))
    study.claim_right(session, attempt, learner=learner, now=now)
    assert log(session) == [(1, True, False)]
