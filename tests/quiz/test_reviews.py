"""The review queue: what is due, how it is asked, what comes again; and the card as the fold of its log."""

import random
from datetime import timedelta

import pytest
from factories import make_bank, make_learner, make_question, more
from sqlalchemy import func, select

from questions.errors import Conflict
from questions.history import Rating, Review
from questions.responses import Chosen, Judged, Unknown, Written
from quiz import scheduling
from quiz.models import Attempt, Card, ReviewLog, SittingRow
from quiz.services import accounts, banks, progress, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")
ASKED = {"choice": RIGHT, "true_false": Judged(value=False), "typed": Written(text="Layla al-Hasan")}


@pytest.fixture
def learner(session):
    return make_learner(session)


def load(session, now, *questions):
    banks.load(session, make_bank(*questions), now=now)


def answer_all(session, sitting, learner, now, response=RIGHT):
    """Answer until the sitting ends; returns (question, practice) in the order in which they were asked."""
    asked = []
    while (attempt := study.open_attempt(session, sitting, learner=learner)) is not None:
        page = study.attempt_page(session, attempt, learner=learner, now=now)
        asked.append((page.question.id, page.practice))
        said = response(page) if callable(response) else response
        study.answer(session, attempt, learner=learner, response=said, now=now)
        session.expire_all()
    return asked


def test_a_review_begins_with_new_points_up_to_the_number_of_the_day(session, now):
    learner = make_learner(session, new_per_day=3)
    load(session, now, *more(5))
    plan = study.review_plan(session, "dam", learner=learner, now=now)
    assert plan == ["f-10.day.choice", "f-11.day.choice", "f-12.day.choice"]


def test_points_met_today_use_up_the_number_of_the_day(session, now):
    learner = make_learner(session, new_per_day=3)
    load(session, now, *more(5))
    answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now)
    with pytest.raises(Conflict):
        study.start_review(session, "dam", learner=learner, now=now)
    tomorrow = study.review_plan(session, "dam", learner=learner, now=now + timedelta(days=1))
    assert tomorrow == ["f-13.day.choice", "f-14.day.choice"]


def test_what_is_due_comes_before_what_is_new_the_most_likely_still_known_first(session, learner, now):
    load(session, now, *more(3))
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    answer_all(session, sitting, learner, now, lambda page: WRONG if page.question.id == "f-12.day.choice" else RIGHT)
    load(session, now, *more(4))
    plan = study.review_plan(session, "dam", learner=learner, now=now + timedelta(days=2))
    assert plan == ["f-10.day.choice", "f-11.day.choice", "f-12.day.choice", "f-13.day.choice"]


def test_a_point_that_is_not_due_is_not_asked(session, learner, now):
    load(session, now, *more(1))
    answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now)
    tomorrow = now + timedelta(days=1)
    assert study.review_plan(session, "dam", learner=learner, now=tomorrow) == []
    assert study.due_count(session, "dam", learner=learner, now=tomorrow) == 0
    assert study.due_count(session, "dam", learner=learner, now=now + timedelta(days=2)) == 1


def test_a_review_has_twenty_questions_at_most(session, now):
    learner = make_learner(session, new_per_day=100)
    load(session, now, *more(30))
    assert len(study.review_plan(session, "dam", learner=learner, now=now)) == 20


def test_a_point_is_recognised_first_and_recalled_from_then_on(session, learner, now):
    load(session, now, make_question("true_false"), make_question("typed"), make_question("choice"))
    first = study.review_plan(session, "dam", learner=learner, now=now)
    answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now)
    later = study.review_plan(session, "dam", learner=learner, now=now + timedelta(days=2))
    assert (first, later) == (["f-1.speaker.choice"], ["f-1.speaker.typed"])


def test_a_review_leaves_out_questions_over_several_facts(session, learner, now):
    load(
        session,
        now,
        make_question("ordering"),
        make_question("matching"),
        make_question("multi_select"),
        make_question("open"),
        *more(1),
    )
    assert study.review_plan(session, "dam", learner=learner, now=now) == ["f-10.day.choice"]


def test_a_wrong_answer_comes_again_in_its_review_until_right_and_scores_once(session, learner, now):
    load(session, now, *more(2))
    sitting = study.start_review(session, "dam", learner=learner, now=now)
    said = iter([WRONG, RIGHT, WRONG, RIGHT])
    asked = answer_all(session, sitting, learner, now, lambda page: next(said))
    assert asked == [
        ("f-10.day.choice", False),
        ("f-11.day.choice", False),
        ("f-10.day.choice", True),
        ("f-10.day.choice", True),
    ]
    summary = progress.summary(session, sitting, learner=learner)
    assert (summary.points, summary.planned, summary.answered) == (1, 2, 2)
    counted = session.scalars(select(ReviewLog.counted).order_by(ReviewLog.reviewed_ms)).all()
    assert counted == [True, True, False, False]


def test_a_guess_that_was_right_comes_again_and_scores(session, learner, now):
    load(session, now, *more(1))
    sitting = study.start_review(session, "dam", learner=learner, now=now)
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=RIGHT, guess=True, now=now)
    session.expire_all()
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    again = study.attempt_page(session, study.open_attempt(session, sitting, learner=learner), learner=learner, now=now)
    assert (page.after.again_here, page.after.verdict.outcome, again.practice) == (True, "right", True)
    answer_all(session, sitting, learner, now)
    assert progress.summary(session, sitting, learner=learner).points == 1


def test_a_wrong_answer_in_a_quiz_does_not_come_again(session, learner, now):
    load(session, now, *more(2))
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    assert len(answer_all(session, sitting, learner, now, WRONG)) == 2


def test_a_point_whose_questions_are_gone_is_not_due(session, learner, now):
    load(session, now, *more(2))
    answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now)
    load(session, now, *more(1))
    later = now + timedelta(days=30)
    assert study.due_count(session, "dam", learner=learner, now=later) == 1
    assert study.due_count(session, "dam", learner=learner, now=later) == 1
    assert study.review_plan(session, "dam", learner=learner, now=later) == ["f-10.day.choice"]


def test_a_quiz_feeds_the_same_memory_as_a_review(session, learner, now):
    load(session, now, make_question("choice"), make_question("typed"))
    answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now)
    later = now + timedelta(days=2)
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=3, now=later)
    answer_all(session, sitting, learner, later, lambda page: ASKED[page.question.kind])
    cards = session.execute(select(Card.point, Card.reps)).all()
    assert [tuple(card) for card in cards] == [("f-1.speaker", 2)]


def test_the_same_seed_draws_the_same_quiz(session, learner, now):
    load(session, now, *more(12))
    plans = [
        session.get_one(
            SittingRow,
            (learner.id, study.start_quiz(session, "dam", learner=learner, count=5, seed=seed, now=now)),
        ).plan
        for seed in (7, 7, 8)
    ]
    assert plans[0] == plans[1] != plans[2]
    assert len(set(plans[0])) == 5


# ---------------------------------------------------------------- the fold


def live_through(session, dice, learners, now, days):
    """Some days of quizzes and reviews with answers of every sort, by one of the learners at a time."""
    for _ in range(days):
        now += timedelta(hours=dice.choice([1, 5, 14, 30, 75]))
        learner = dice.choice(learners)
        start = dice.choice([study.start_quiz, study.start_review])
        more_of = {"count": dice.choice([3, None]), "seed": dice.randrange(99)} if start is study.start_quiz else {}
        try:
            sitting = start(session, "dam", learner=learner, now=now, **more_of)
        except Conflict:
            continue
        for _ in range(dice.randrange(1, 9)):
            attempt = study.open_attempt(session, sitting, learner=learner)
            if attempt is None:
                break
            now += timedelta(seconds=dice.choice([0, 0.4, 20]))
            page = study.attempt_page(session, attempt, learner=learner, now=now)
            said = ASKED[page.question.kind] if dice.random() < 0.6 else Unknown()
            study.answer(session, attempt, learner=learner, response=said, guess=dice.random() < 0.2, now=now)
            session.expire_all()
    return now


def folded(session, learner):
    """For each card: what is stored, and what its log gives when it is played again."""
    pairs = []
    for card in session.scalars(select(Card).where(Card.learner_id == learner.id)):
        rows = session.scalars(
            select(ReviewLog).where(ReviewLog.learner_id == learner.id, ReviewLog.card_id == card.id)
        )
        memory = scheduling.replay(
            (Review(row.reviewed_ms, row.day, Rating(row.rating), row.counted) for row in rows),
            retention=learner.retention,
        )
        stored = (card.stability, card.difficulty, card.last_day, card.due, card.reps, card.lapses)
        given = (
            (memory.stability, memory.difficulty, memory.last_day, memory.due, memory.reps, memory.lapses)
            if memory
            else (None, None, None, None, 0, 0)
        )
        pairs.append((stored, given))
    return pairs


SPEAKER = (make_question("choice"), make_question("true_false"), make_question("typed"))


@pytest.mark.parametrize("seed", range(4))
def test_a_card_is_the_fold_of_its_counted_reviews(session, now, seed):
    learner = make_learner(session, retention=0.85)
    load(session, now, *SPEAKER, *more(3))
    live_through(session, random.Random(seed), [learner], now, days=25)  # noqa: S311  (dice)
    pairs = folded(session, learner)
    assert len(pairs) == 4
    assert [stored for stored, _ in pairs] == [given for _, given in pairs]
    counted = session.scalar(select(func.count()).select_from(ReviewLog).where(ReviewLog.counted))
    assert sum(stored[4] for stored, _ in pairs) == counted > 10


@pytest.mark.parametrize("seed", range(3))
def test_a_guests_history_brought_into_an_account_is_one_history(session, now, seed):
    guest = make_learner(session)
    account = make_learner(session, login_name="amal", name_key="amal")
    load(session, now, *SPEAKER, *more(3))
    live_through(session, random.Random(seed), [guest, account], now, days=25)  # noqa: S311  (dice)
    answers = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.answered_at.is_not(None)))
    accounts.bring_guest(session, guest.id, into=account.id)
    session.expire_all()
    pairs = folded(session, account)
    assert [stored for stored, _ in pairs] == [given for _, given in pairs]
    assert accounts.answers_of(session, account.id) == answers
    days = session.execute(select(ReviewLog.card_id, ReviewLog.day).where(ReviewLog.counted)).all()
    assert len(days) == len(set(days))


def test_a_question_missed_again_and_again_waits_for_another_day(session, learner, now):
    load(session, now, *more(2))
    asked = answer_all(session, study.start_review(session, "dam", learner=learner, now=now), learner, now, WRONG)
    assert [name for name, _ in asked] == ["f-10.day.choice", "f-11.day.choice"] * 4
