"""The walk of one answer: taken once, graded against what was shown, scheduled when it counts."""

from datetime import timedelta

import pytest
from factories import make_attempt, make_bank, make_learner, make_question, more
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions.errors import BadInput, Conflict, NotFound
from questions.responses import Chosen, ChosenMany, Judged, Matched, Ordered, Unknown, Written
from quiz.models import Attempt, Card, ReviewLog, SittingRow
from quiz.services import banks, progress, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")


@pytest.fixture
def learner(session):
    return make_learner(session)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def next_attempt(session, attempt_id, learner):
    sitting = session.scalars(select(Attempt.sitting_id).where(Attempt.id == attempt_id)).one()
    return study.open_attempt(session, sitting, learner=learner)


def sitting_of(session, attempt_id, learner):
    sitting = session.scalars(select(Attempt.sitting_id).where(Attempt.id == attempt_id)).one()
    session.expire_all()
    return session.get_one(SittingRow, (learner.id, sitting))


def test_answering_twice_schedules_once_and_keeps_the_first_answer(session, learner, now):
    attempt = make_attempt(session, *more(3), learner=learner, now=now)
    first = study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    again = study.answer(session, attempt, learner=learner, response=WRONG, now=now + timedelta(minutes=1))
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert (first.sitting_id, first.repeated) == (again.sitting_id, False)
    assert again.repeated
    assert (page.after.verdict.outcome, page.after.response) == ("right", RIGHT)
    assert (count(session, ReviewLog), count(session, Card), count(session, Attempt)) == (1, 1, 2)


def test_an_answer_opens_the_next_question(session, learner, now):
    attempt = make_attempt(session, *more(2), learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    second = study.attempt_page(session, next_attempt(session, attempt, learner), learner=learner, now=now)
    assert (second.number, second.planned, second.answered) == (2, 2, False)


def test_the_last_answer_finishes_the_sitting(session, learner, now):
    attempt = make_attempt(session, learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    sitting = sitting_of(session, attempt, learner)
    assert (sitting.finished_at, sitting.points) == (now, 1)
    assert next_attempt(session, attempt, learner) is None


def test_an_attempt_of_someone_else_is_not_there(session, learner, now):
    attempt = make_attempt(session, learner=make_learner(session), now=now)
    with pytest.raises(NotFound):
        study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    with pytest.raises(NotFound):
        study.attempt_page(session, attempt, learner=learner, now=now)


def test_a_sitting_of_someone_else_is_not_there(session, learner, now):
    other = make_learner(session)
    sitting = sitting_of(session, make_attempt(session, learner=other, now=now), other).id
    with pytest.raises(NotFound):
        study.finish(session, sitting, learner=learner, now=now)
    with pytest.raises(NotFound):
        study.start_again(session, sitting, learner=learner, now=now)
    with pytest.raises(NotFound):
        progress.summary(session, sitting, learner=learner)


def test_an_answer_after_the_end_is_refused(session, learner, now):
    attempt = make_attempt(session, *more(2), learner=learner, now=now)
    study.finish(session, sitting_of(session, attempt, learner).id, learner=learner, now=now)
    with pytest.raises(Conflict):
        study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    assert count(session, ReviewLog) == 0


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("choice", Chosen(option="nobody")),
        ("choice", Judged(value=True)),
        ("multi_select", ChosenMany(options=("rail", "weather"))),
        ("true_false", Chosen(option="layla")),
        ("typed", Chosen(option="layla")),
        ("ordering", Ordered(items=("visit", "visit", "treaty", "vote"))),
        ("ordering", Ordered(items=("visit",))),
        ("matching", Matched(pairs=(("minister", "nobody"),))),
        ("matching", Matched(pairs=(("guard", "minister"),))),
    ],
)
def test_what_was_not_offered_is_refused_and_changes_nothing(session, learner, now, kind, response):
    attempt = make_attempt(session, make_question(kind), learner=learner, now=now)
    with pytest.raises(BadInput):
        study.answer(session, attempt, learner=learner, response=response, now=now)
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert (page.answered, count(session, ReviewLog), count(session, Card)) == (False, 0, 0)


def test_grading_looks_at_the_text_that_was_shown(session, learner, now):
    attempt = make_attempt(session, make_question(key="layla"), learner=learner, now=now)
    banks.load(session, make_bank(make_question(key="omar")), now=now)
    study.answer(session, attempt, learner=learner, response=RIGHT, now=now)
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert (page.after.verdict.outcome, page.question.key, page.shown.revision) == ("right", "layla", 1)
    assert banks.live(session, "dam")[0].key == "omar"


@pytest.mark.parametrize(
    ("kind", "response", "share"),
    [
        ("choice", RIGHT, 1),
        ("choice", WRONG, 0),
        ("choice", Unknown(), 0),
        ("true_false", Judged(value=False), 1),
        ("true_false", Judged(value=True), 0),
        ("typed", Written(text="layla al hasan"), 1),
        ("typed", Written(text="Hasan"), 0.5),
        ("typed", Written(text=""), 0),
        ("cloze", Written(text="three"), 1),
        ("cloze", Written(text="٤"), 0),
        ("multi_select", ChosenMany(options=("fish", "rail")), 1),
        ("multi_select", ChosenMany(options=("fish",)), 0),
        ("ordering", Ordered(items=("visit", "meeting", "treaty", "vote")), 1),
        ("ordering", Ordered(items=("meeting", "visit", "treaty", "vote")), 0.5),
        ("matching", Matched(pairs=(("minister", "minister"), ("envoy", "guard"))), 0.5),
        ("matching", Matched(pairs=()), 0),
    ],
)
def test_a_sitting_is_worth_the_shares_of_its_answers(session, learner, now, kind, response, share):
    attempt = make_attempt(session, make_question(kind), learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=response, now=now)
    sitting = sitting_of(session, attempt, learner)
    assert (sitting.points, sitting.planned) == (share, 1)


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("multi_select", ChosenMany(options=("fish", "rail"))),
        ("ordering", Ordered(items=("visit", "meeting", "treaty", "vote"))),
        ("matching", Matched(pairs=(("minister", "minister"), ("envoy", "envoy")))),
    ],
)
def test_a_question_over_several_facts_feeds_no_memory(session, learner, now, kind, response):
    attempt = make_attempt(session, make_question(kind), learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=response, now=now)
    page = study.attempt_page(session, attempt, learner=learner, now=now)
    assert (count(session, Card), count(session, ReviewLog), page.after.comes_back) == (0, 0, None)


# ---------------------------------------------------------------- what counts


def answer_new(session, learner, now, kind, response, guess=False):
    """A quiz of one question about the speaker, answered."""
    attempt = make_attempt(
        session, make_question(kind), learner=learner, now=now, bank_id=f"bank-{kind.replace('_', '-')}"
    )
    study.answer(session, attempt, learner=learner, response=response, guess=guess, now=now)
    return session.scalars(select(Card).order_by(Card.id.desc())).first()


@pytest.mark.parametrize(
    ("kind", "response", "guess", "due_in"),
    [
        ("choice", RIGHT, False, 2),
        ("choice", RIGHT, True, 1),
        ("typed", Written(text="Layla al-Hasan"), False, 2),
        ("typed", Written(text="Hasan"), False, 1),
        ("true_false", Judged(value=True), False, 1),
    ],
)
def test_a_first_answer_sets_the_day_on_which_the_point_comes_back(
    session, learner, now, kind, response, guess, due_in
):
    card = answer_new(session, learner, now, kind, response, guess)
    assert card.due - card.last_day == due_in
    assert (card.point, card.reps, card.lapses, card.queue_day) == ("f-1.speaker", 1, 0, card.due)


def test_a_right_true_or_false_on_a_new_point_does_not_count(session, learner, now):
    card = answer_new(session, learner, now, "true_false", Judged(value=False))
    log = session.scalars(select(ReviewLog)).one()
    assert (log.counted, log.rating) == (False, 2)
    assert (card.reps, card.stability, card.queue_day) == (0, None, None)


def test_only_the_first_answer_of_a_day_to_a_point_counts(session, learner, now):
    questions = (make_question("choice"), make_question("typed"))
    attempt = make_attempt(session, *questions, learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=Unknown(), now=now)
    before = session.scalars(select(Card)).one().due
    second = next_attempt(session, attempt, learner)
    study.answer(session, second, learner=learner, response=Unknown(), now=now)
    session.expire_all()
    card = session.scalars(select(Card)).one()
    counted = session.scalars(select(ReviewLog.counted).order_by(ReviewLog.reviewed_ms)).all()
    assert counted == [True, False]
    assert (card.reps, card.lapses, card.due) == (1, 0, before)


def test_an_evening_and_the_next_morning_are_two_days(session, now):
    learner = make_learner(session, time_zone="Asia/Riyadh", day_turns_at=4)
    evening, morning = now.replace(hour=20), now.replace(hour=20) + timedelta(hours=6)  # 23:00 and 05:00 there
    first = make_attempt(session, learner=learner, now=evening)
    study.answer(session, first, learner=learner, response=RIGHT, now=evening)
    again = make_attempt(session, learner=learner, now=morning)
    study.answer(session, again, learner=learner, response=RIGHT, now=morning)
    logs = session.execute(select(ReviewLog.day, ReviewLog.counted).order_by(ReviewLog.reviewed_ms)).all()
    assert [tuple(log) for log in logs] == [(20465, True), (20466, True)]


def test_two_answers_in_one_millisecond_get_two(session, learner, now):
    first = make_attempt(session, *more(2), learner=learner, now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    study.answer(session, next_attempt(session, first, learner), learner=learner, response=RIGHT, now=now)
    moments = session.scalars(select(ReviewLog.reviewed_ms).order_by(ReviewLog.reviewed_ms)).all()
    assert moments == [1768208400000, 1768208400001]


# ---------------------------------------------------------------- the schema's own rules


def test_the_schema_holds_one_open_attempt_a_sitting(session, learner, now):
    attempt_id = make_attempt(session, *more(2), learner=learner, now=now)
    open_one = session.get_one(Attempt, (learner.id, attempt_id))
    columns = {
        column.name: getattr(open_one, column.name) for column in Attempt.__table__.columns if column.name != "id"
    }
    with pytest.raises(IntegrityError, match=r"one_open_attempt|attempts\.learner_id"), session.begin_nested():
        session.execute(insert(Attempt).values(**columns | {"place": 1}))


# ---------------------------------------------------------------- ends


def test_a_question_that_was_retired_meanwhile_is_left_out(session, learner, now):
    questions = more(3)
    first = make_attempt(session, *questions, learner=learner, now=now)
    plan = list(sitting_of(session, first, learner).plan)
    staying = [question for question in questions if question.id != plan[1]]
    banks.load(session, make_bank(*staying), now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    page = study.attempt_page(session, next_attempt(session, first, learner), learner=learner, now=now)
    sitting = sitting_of(session, first, learner)
    assert (page.question.id, page.number, page.planned) == (plan[2], 2, 2)
    assert (sitting.plan, sitting.planned) == ([plan[0], plan[2]], 2)


def test_a_question_that_became_an_open_one_is_left_out(session, learner, now):
    questions = more(2)
    first = make_attempt(session, *questions, learner=learner, now=now)
    plan = sitting_of(session, first, learner).plan
    changed = [question if question.id != plan[1] else make_question("open", id=question.id) for question in questions]
    banks.import_file(session, make_bank(*changed), now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    assert (sitting_of(session, first, learner).planned, next_attempt(session, first, learner)) == (1, None)


def test_ending_early_counts_what_was_answered(session, learner, now):
    first = make_attempt(session, *more(4), learner=learner, now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    sitting = sitting_of(session, first, learner).id
    study.finish(session, sitting, learner=learner, now=now)
    study.finish(session, sitting, learner=learner, now=now + timedelta(days=1))
    session.expire_all()
    summary = progress.summary(session, sitting, learner=learner)
    assert (summary.points, summary.answered, summary.planned) == (1, 1, 4)
    assert session.get_one(SittingRow, (learner.id, sitting)).finished_at == now
    assert study.open_sitting(session, learner=learner) is None


def test_starting_again_asks_what_was_missed_and_nothing_else(session, learner, now):
    first = make_attempt(session, *more(4), learner=learner, now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    second = next_attempt(session, first, learner)
    study.answer(session, second, learner=learner, response=WRONG, now=now)
    third = next_attempt(session, first, learner)
    study.answer(session, third, learner=learner, response=Unknown(), now=now)
    sitting = sitting_of(session, first, learner)
    study.finish(session, sitting.id, learner=learner, now=now)
    session.expire_all()
    again = study.start_again(session, sitting.id, learner=learner, now=now)
    assert session.get_one(SittingRow, (learner.id, again)).plan == sitting.plan[1:3]


def test_starting_again_waits_for_the_end(session, learner, now):
    first = make_attempt(session, *more(2), learner=learner, now=now)
    with pytest.raises(Conflict):
        study.start_again(session, sitting_of(session, first, learner).id, learner=learner, now=now)


def test_nothing_missed_leaves_nothing_to_start_again(session, learner, now):
    first = make_attempt(session, learner=learner, now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    with pytest.raises(NotFound):
        study.start_again(session, sitting_of(session, first, learner).id, learner=learner, now=now)


def test_the_end_has_the_score_by_topic_the_weakest_first(session, learner, now):
    questions = (*more(1, topic="talks"), *more(1, first=20, topic="water"))
    first = make_attempt(session, *questions, learner=learner, now=now)
    study.answer(session, first, learner=learner, response=RIGHT, now=now)
    study.answer(session, next_attempt(session, first, learner), learner=learner, response=WRONG, now=now)
    missed = session.get_one(SittingRow, (learner.id, sitting_of(session, first, learner).id)).plan[1]
    summary = progress.summary(session, sitting_of(session, first, learner).id, learner=learner)
    topics = {"f-10.day.choice": ("talks", "water"), "f-20.day.choice": ("water", "talks")}[missed]
    assert [(score.topic, score.points, score.possible) for score in summary.topics] == [
        (topics[0], 0, 1),
        (topics[1], 1, 1),
    ]
    assert [one.question.id for one in summary.missed] == [missed]


def test_of_two_topics_without_a_point_the_weaker_is_the_one_that_lost_more(session, learner, now):
    questions = (*more(1, topic="talks"), *more(2, first=20, topic="water"))
    attempt: int | None = make_attempt(session, *questions, learner=learner, now=now)
    sitting = sitting_of(session, attempt, learner).id
    while attempt is not None:
        attempt = study.answer(session, attempt, learner=learner, response=WRONG, now=now).next_id
    summary = progress.summary(session, sitting, learner=learner)
    assert [(score.topic, score.possible) for score in summary.topics] == [("water", 2), ("talks", 1)]
