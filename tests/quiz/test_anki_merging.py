"""Reviews from Anki in the learner's log: each once, in order, and the memory is what the whole log gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import make_bank, make_learner, make_question, more
from sqlalchemy import select

from questions.anki_ids import ORD, guid
from questions.errors import BadFile
from questions.formats.apkg_reviews import AnkiReview
from questions.history import Rating, Review
from questions.responses import Chosen
from quiz import scheduling
from quiz.ids import new_ids
from quiz.models import Card, ReviewLog
from quiz.services import accounts, anki_progress, banks, figures, study
from quiz.services.study.cards import memory_of

CHOICE = more(1)[0]
SPOKEN = (make_question(), make_question("true_false"), make_question("typed"))


@pytest.fixture
def learner(session, now):
    banks.load(session, make_bank(CHOICE, *SPOKEN, make_question("ordering")), now=now - timedelta(days=60))
    return make_learner(session, time_zone="UTC")


def reviewed(at, rating=3, question=CHOICE, kind="review", aside=0):
    moment = int(at.timestamp() * 1000) + aside
    return AnkiReview(guid("dam", question.point), ORD[question.kind], moment, rating, kind)


def take(session, learner, now, *reviews):
    merged = anki_progress.Merged()
    for part in anki_progress.parts(session, "dam", reviews, now=now):
        merged += anki_progress.merge(session, "dam", part, learner=learner)
    session.expire_all()
    return merged


def log(session):
    rows = session.scalars(select(ReviewLog).order_by(ReviewLog.reviewed_ms).execution_options(populate_existing=True))
    return [(row.day, row.rating, row.counted, row.kind) for row in rows]


def memory(session, learner, point=CHOICE.point):
    card = session.scalars(select(Card).where(Card.learner_id == learner.id, Card.point == point)).one()
    rows = session.scalars(select(ReviewLog).where(ReviewLog.card_id == card.id, ReviewLog.voided_at.is_(None)))
    reviews = [Review(row.reviewed_ms, row.day, Rating(row.rating), row.counted) for row in rows]
    assert memory_of(card) == scheduling.replay(reviews, retention=learner.retention)
    return memory_of(card)


def study_once(session, learner, at):
    sitting = study.start_review(session, "dam", learner=learner, now=at)
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=Chosen(option="layla"), now=at)
    study.finish(session, sitting, learner=learner, now=at)
    session.expire_all()
    return attempt


def test_reviews_come_in_by_their_time_whatever_their_order_in_the_file(session, learner, now):
    days = [now - timedelta(days=9), now - timedelta(days=6), now - timedelta(days=1)]
    merged = take(session, learner, now, reviewed(days[2], 1), reviewed(days[0]), reviewed(days[1], 4))
    assert merged == anki_progress.Merged(new=3, points=1)
    today = study.today(learner, now)
    assert log(session) == [
        (today - 9, 3, True, "anki"),
        (today - 6, 4, True, "anki"),
        (today - 1, 1, True, "anki"),
    ]
    found = memory(session, learner)
    assert (found.reps, found.lapses, found.last_day) == (3, 1, today - 1)


def test_the_same_reviews_again_change_nothing(session, learner, now):
    reviews = [reviewed(now - timedelta(days=3)), reviewed(now - timedelta(days=1))]
    take(session, learner, now, *reviews)
    before = memory(session, learner), log(session)
    assert take(session, learner, now, *reviews) == anki_progress.Merged(known=2)
    assert (memory(session, learner), log(session)) == before


def test_a_review_before_one_of_the_site_on_the_same_day_takes_its_place(session, learner, now):
    """The first of a day counts, on whichever side it was."""
    banks.load(session, make_bank(CHOICE), now=now)
    study_once(session, learner, now)
    take(session, learner, now, reviewed(now - timedelta(hours=2), 1), reviewed(now - timedelta(days=4), 4))
    today = study.today(learner, now)
    assert log(session) == [
        (today - 4, 4, True, "anki"),
        (today, 1, True, "anki"),
        (today, 3, False, "review"),
    ]
    assert memory(session, learner).lapses == 1


def test_the_day_is_the_learners_own(session, now):
    banks.load(session, make_bank(CHOICE), now=now)
    learner = make_learner(session, time_zone="Asia/Tokyo", day_turns_at=4)
    take(session, learner, now, reviewed(datetime(2026, 1, 10, 18, 59, tzinfo=UTC)))
    assert memory(session, learner).last_day == 20_463  # 10 January: in Tokyo it is 3:59 in the night after it


def test_what_moves_no_memory_is_left_out_and_counted(session, learner, now):
    at = now - timedelta(days=1)
    merged = take(
        session,
        learner,
        now,
        reviewed(at, 0, kind="manual"),
        reviewed(at, 3, kind="crammed", aside=1),
        reviewed(at, 3, make_question("ordering"), aside=2),
        AnkiReview(guid("dam", CHOICE.point), 9, int(at.timestamp() * 1000) + 3, 3, "review"),  # a template of theirs
    )
    assert merged == anki_progress.Merged(manual=1, crammed=1, unscheduled=2)
    assert log(session) == []


def test_a_right_true_or_false_is_not_how_a_point_is_met_there_either(session, learner, now):
    take(session, learner, now, reviewed(now - timedelta(days=2), 3, SPOKEN[1]))
    assert memory(session, learner, SPOKEN[0].point) is None
    take(session, learner, now, reviewed(now - timedelta(days=1), 3, SPOKEN[2]))
    assert memory(session, learner, SPOKEN[0].point).reps == 1


def test_what_was_taken_back_here_does_not_come_back(session, learner, now):
    banks.load(session, make_bank(CHOICE), now=now)
    attempt = study_once(session, learner, now - timedelta(hours=1))
    study.undo(session, attempt, learner=learner, now=now)
    session.expire_all()
    assert take(session, learner, now, reviewed(now - timedelta(hours=1))) == anki_progress.Merged(known=1)
    assert memory(session, learner) is None


def test_two_points_in_one_millisecond_both_come_in_and_are_known_again(session, learner, now):
    """Moments are unique for a learner: the later one stands aside, as it does when a guest's log is brought in."""
    at = now - timedelta(days=1)
    take(session, learner, now, reviewed(at))
    assert take(session, learner, now, reviewed(at, 3, SPOKEN[0])).new == 1
    assert take(session, learner, now, reviewed(at), reviewed(at, 3, SPOKEN[0])) == anki_progress.Merged(known=2)


def test_reviews_of_a_guest_come_along_into_the_account_and_are_known_there(session, now):
    banks.load(session, make_bank(CHOICE), now=now)
    guest, account = make_learner(session), make_learner(session, login_name="salma", name_key="salma")
    at = now - timedelta(days=1)
    take(session, account, now, reviewed(at))
    take(session, guest, now, reviewed(at), reviewed(at - timedelta(days=3)))
    accounts.bring_guest(session, guest.id, into=account.id)
    session.expire_all()
    assert take(session, account, now, reviewed(at), reviewed(at - timedelta(days=3))).new == 0


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2026, 1, 12, 10, 0, tzinfo=UTC), "future-reviews"),
        (datetime(2001, 1, 1, tzinfo=UTC), "damaged-reviews"),
    ],
)
def test_a_log_from_another_time_is_refused_as_a_whole(session, learner, now, at, code):
    with pytest.raises(BadFile) as refusal:
        take(session, learner, now, reviewed(now - timedelta(days=1)), reviewed(at))
    assert refusal.value.problems[0].code == code
    assert session.scalars(select(ReviewLog)).all() == session.scalars(select(Card)).all() == []


def test_a_clock_that_is_a_little_fast_is_no_reason_to_refuse(session, learner, now):
    assert take(session, learner, now, reviewed(now + timedelta(minutes=5))).new == 1


def test_a_fact_that_was_forgotten_in_anki_is_as_difficult_as_one_forgotten_here(session, learner, now):
    take(session, learner, now, *(reviewed(now - timedelta(days=9 - day), 1) for day in range(6)))
    (one,) = figures.figures(session, "dam", learner=learner, now=now).difficult
    assert (one.point, one.lapses, one.attempt_id, one.question.id) == (CHOICE.point, 5, None, CHOICE.id)


def test_the_progress_that_leaves_names_the_question_of_the_points_stage(session, learner, now):
    take(session, learner, now, reviewed(now - timedelta(days=4), 3, SPOKEN[0]))
    (point,) = anki_progress.progress_of(session, "dam", learner=learner).points
    assert (point.question_id, point.others) == (SPOKEN[2].id, (SPOKEN[0].id, SPOKEN[1].id))
    assert [step.review.rating for step in point.steps] == [3]
    assert point.steps[-1].after == memory(session, learner, SPOKEN[0].point)


def test_a_question_that_became_an_open_one_keeps_its_log_on_the_way_out(session, learner, now):
    take(session, learner, now, reviewed(now - timedelta(days=4)))
    banks.load(session, make_bank(make_question("open", id=CHOICE.id)), now=now)
    (point,) = anki_progress.progress_of(session, "dam", learner=learner).points
    assert (point.question_id, len(point.steps)) == (CHOICE.id, 1)


def test_many_reviews_come_in_by_parts_with_all_of_a_point_in_one(session, learner, now, monkeypatch):
    monkeypatch.setattr(anki_progress, "AT_ONCE", 2)
    at = [now - timedelta(days=days) for days in (9, 6, 1)]
    both = [reviewed(one, 3, question, aside=place) for one in at for place, question in enumerate((CHOICE, SPOKEN[0]))]
    assert [len(part) for part in anki_progress.parts(session, "dam", both, now=now)] == [3, 3]
    assert take(session, learner, now, *both) == anki_progress.Merged(new=6, points=2)
    assert memory(session, learner).reps == memory(session, learner, SPOKEN[0].point).reps == 3


def test_ids_that_are_made_at_once_are_all_different():
    made = new_ids(30_000)
    assert len(set(made)) == len(made)
    assert max(made) < 2**63
