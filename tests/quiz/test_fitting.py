"""A schedule fitted to a learner's own log: kept only when it predicts better, used by everything afterwards."""

import math
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import fsrs_rs_python as fsrs_rs
import memories
import pytest
from factories import make_bank, make_learner, more
from sqlalchemy import func, select, update

from questions.anki_ids import ORD, guid
from questions.formats.apkg_reviews import AnkiReview
from questions.history import Rating, Review
from questions.responses import Chosen
from quiz import db, scheduling
from quiz.models import Card, Fitting, ReviewLog, User
from quiz.services import accounts, anki_progress, banks, doctor, fitting, leaving, own_data, settings, study
from quiz.services.study.cards import memory_of

POINTS, DAYS = 130, 220
NOW = datetime.fromtimestamp((memories.FIRST_DAY + DAYS) * 86_400, UTC) + timedelta(hours=9)
QUESTIONS = more(POINTS + 2)


@pytest.fixture(scope="module")
def logs():
    """Half a year of somebody who keeps things otherwise than most, and of somebody who does not."""
    return {
        "other": memories.reviewed(memories.OTHER, points=POINTS, days=DAYS, seed=0),
        "usual": memories.reviewed(None, points=POINTS, days=DAYS, seed=2),
    }


@pytest.fixture
def bank(session):
    banks.load(session, make_bank(*QUESTIONS), now=NOW - timedelta(days=DAYS))


@pytest.fixture
def learner(session, bank, logs):
    someone = make_learner(session, time_zone="UTC", reviews_per_day=200)
    memories.lay(session, logs["other"], learner=someone)
    return someone


def refit(session, learner):
    fitted = fitting.fit(fitting.read(session, learner))
    fitting.keep(session, fitted, learner=learner, now=NOW)
    session.expire_all()
    return fitted


def cards(session):
    columns = Card.id, Card.stability, Card.difficulty, Card.last_day, Card.due, Card.queue_day, Card.reps, Card.lapses
    return sorted(map(tuple, session.execute(select(*columns).where(Card.reps > 0))))


def log(session):
    return sorted(map(tuple, session.execute(select(*ReviewLog.__table__.columns))))


def replayed(session, learner, card):
    """What a card's log gives with the learner's own parameters."""
    rows = session.scalars(select(ReviewLog).where(ReviewLog.card_id == card.id, ReviewLog.voided_at.is_(None)))
    reviews = [Review(row.reviewed_ms, row.day, Rating(row.rating), row.counted) for row in rows]
    own = learner.fsrs_parameters
    assert own is not None
    return scheduling.replay(reviews, retention=learner.retention, parameters=own)


def answer_one(session, learner, at):
    """Review one point. Returns its card, and the attempt."""
    sitting = study.start_review(session, "dam", learner=learner, more=True, now=at)
    attempt = study.open_attempt(session, sitting, learner=learner)
    question = study.attempt_page(session, attempt, learner=learner, now=at).question
    study.answer(session, attempt, learner=learner, response=Chosen(option=question.key), now=at)
    session.expire_all()
    return session.scalars(select(Card).where(Card.point == question.point)).one(), attempt


# ---------------------------------------------------------------- one memory, reckoned twice


@pytest.mark.parametrize("parameters", [None, memories.OTHER], ids=["usual", "own"])
def test_what_fits_and_what_schedules_give_the_same_memory(logs, parameters):
    library = fsrs_rs.FSRS(scheduling.numbers(parameters))
    longest = sorted(logs["other"], key=len)[-20:]
    assert len(longest[0]) > 10
    for reviews in longest:
        days = [day for day, _ in reviews]
        gaps = [0, *(after - before for before, after in pairwise(days))]
        item = fsrs_rs.FSRSItem(
            [fsrs_rs.FSRSReview(rating, gap) for (_, rating), gap in zip(reviews, gaps, strict=True)]
        )
        theirs = library.memory_state(item)
        ours = scheduling.replay((Review(day, day, rating, True) for day, rating in reviews), parameters=parameters)
        assert ours.stability == pytest.approx(theirs.stability, rel=1e-3)
        assert ours.difficulty == pytest.approx(theirs.difficulty, rel=1e-3)


def test_a_schedule_is_judged_by_the_latest_reviews_and_what_was_expected_of_them(logs):
    known = fitting.Log(
        [[(day * 86_400_000 + nr, day, rating) for day, rating in one] for nr, one in enumerate(logs["other"])], None
    )
    fitted = fitting.fit(known)
    assert (fitted.reviews, fitted.unseen) == (1195, 239)
    for parameters, told in ((None, fitted.loss_before), (fitted.parameters, fitted.loss_after)):
        losses = []
        for point in known.points:
            memory = None
            for moment, day, rating in point:
                if memory is not None:
                    chance = scheduling.retrievability(memory, day, parameters)
                    losses.append((moment, -math.log(chance if rating > Rating.AGAIN else 1 - chance)))
                memory = scheduling.review(memory, Rating(rating), day, parameters=parameters)
        latest = [loss for _, loss in sorted(losses)[-239:]]
        assert told == pytest.approx(sum(latest) / 239, rel=1e-3)


def test_numbers_beyond_what_the_scheduler_takes_are_brought_within():
    wild = [-1.0, 1e9, *scheduling.numbers(None)[2:20], 0.800000011920929]
    near = scheduling.within_bounds(wild)
    assert (near[0], near[1], near[20]) == (0.001, 100, 0.8)
    assert (scheduling.usable(near), scheduling.usable(tuple(wild)), scheduling.usable((1.0,))) == (True, False, False)


# ---------------------------------------------------------------- kept, or not


def test_a_better_schedule_moves_every_memory_and_nothing_of_the_log(session, learner):
    before, written = cards(session), log(session)
    fitted = refit(session, learner)
    assert fitted.loss_after < fitted.loss_before
    assert learner.fsrs_parameters == fitted.parameters
    assert log(session) == written
    assert len(cards(session)) == len(before) == POINTS
    assert all(old[1] != new[1] for old, new in zip(before, cards(session), strict=True))
    for card in session.scalars(select(Card).where(Card.reps > 0)):
        assert memory_of(card) == replayed(session, learner, card)
        assert card.due == card.queue_day
    assert list(doctor._forgetful(session)) == []
    stands = fitting.standing(session, learner)
    assert (stands.own, stands.reviews, stands.wanting, stands.is_offered) == (True, 1195, 100, False)
    assert (stands.last.kept, stands.last.unseen) == (True, 239)
    assert (stands.last.loss_before, stands.last.loss_after) == (fitted.loss_before, fitted.loss_after)


def test_one_that_predicts_no_better_is_left_and_said_to_be(session, bank, logs):
    learner = make_learner(session)
    memories.lay(session, logs["usual"], learner=learner)
    before = cards(session)
    fitted = refit(session, learner)
    # By a five-hundredth less, which is chance.
    assert (round(fitted.loss_before, 4), round(fitted.loss_after, 4)) == (0.2619, 0.2614)
    assert (learner.fsrs_parameters, cards(session)) == (None, before)
    stands = fitting.standing(session, learner)
    assert (stands.own, stands.last.kept, stands.wanting) == (False, False, 100)


def test_a_second_copy_of_the_request_changes_nothing(session, learner):
    found = [fitting.read(session, learner) for _ in range(2)]  # both were under way at once
    results = [fitting.fit(one) for one in found]
    assert results[0] == results[1]
    for nr, one in enumerate(results):
        fitting.keep(session, one, learner=learner, now=NOW + timedelta(seconds=nr))
        session.expire_all()
    assert session.scalars(select(Fitting.at)).all() == [NOW]
    assert fitting.read(session, learner) is None


def test_back_to_the_usual_numbers_is_back_to_the_same_memories(session, learner):
    before, written = cards(session), log(session)
    refit(session, learner)
    for _ in range(2):
        fitting.put_back(session, learner=learner)
        session.expire_all()
        assert (learner.fsrs_parameters, cards(session), log(session)) == (None, before, written)
    assert fitting.standing(session, learner).is_offered
    assert refit(session, learner).loss_after < 0.51


def test_few_reviews_are_not_fitted_to(session, bank, logs):
    learner = make_learner(session)
    memories.lay(session, logs["other"][:100], learner=learner)
    stands = fitting.standing(session, learner)
    assert (stands.is_offered, fitting.read(session, learner)) == (False, None)
    assert stands.wanting == 1000 - stands.reviews > 0


# ---------------------------------------------------------------- used from then on


def test_an_answer_and_taking_it_back_go_by_the_own_numbers(session, learner):
    refit(session, learner)
    before = cards(session)
    card, attempt = answer_one(session, learner, NOW)
    assert memory_of(card) == replayed(session, learner, card)
    assert cards(session) != before
    study.undo(session, attempt, learner=learner, now=NOW + timedelta(minutes=1))
    session.expire_all()
    assert cards(session) == before


def test_what_was_expected_of_an_answer_is_by_the_own_numbers(session, learner):
    refit(session, learner)
    known = {card.id: memory_of(card) for card in session.scalars(select(Card).where(Card.reps > 0))}
    card, attempt = answer_one(session, learner, NOW)
    expected = scheduling.retrievability(known[card.id], study.today(learner, NOW), learner.fsrs_parameters)
    query = select(ReviewLog.predicted).where(ReviewLog.attempt_id == attempt)
    assert session.scalars(query).one() == pytest.approx(expected)


def test_another_retention_and_an_exam_go_by_the_own_numbers(session, learner):
    refit(session, learner)
    before = settings.read(session, learner.id, language="en")
    exam = (NOW + timedelta(days=20)).date()
    wanted, _ = settings.check({"retention": "95", "exam-dam": exam.isoformat()}, before, today=NOW.date())
    settings.save(session, wanted, user_id=learner.id)
    session.expire_all()
    assert learner.retention == 0.95
    for card in session.scalars(select(Card).where(Card.reps > 0)):
        assert memory_of(card) == replayed(session, learner, card)
    assert list(doctor._forgetful(session)) == []


def test_a_guests_history_is_replayed_with_the_accounts_numbers(session, learner, logs):
    refit(session, learner)
    session.execute(update(User).where(User.id == learner.id).values(login_name="Amal", name_key="amal"))
    guest = make_learner(session, time_zone="UTC", fsrs_parameters=scheduling.within_bounds(memories.OTHER))
    memories.lay(session, [*logs["usual"][:1]], learner=guest)
    accounts.bring_guest(session, guest.id, into=learner.id)
    session.expire_all()
    card = session.scalars(select(Card).where(Card.point == "f-10.day")).one()
    assert memory_of(card) == replayed(session, learner, card)
    assert list(doctor._forgetful(session)) == []


def test_reviews_from_anki_are_replayed_with_the_own_numbers_and_go_back_with_them(session, learner):
    refit(session, learner)
    question = QUESTIONS[0]
    moment = int(NOW.timestamp() * 1000) - 3_600_000
    come = [AnkiReview(guid("dam", question.point), ORD["choice"], moment, 3, "review")]
    (part,) = anki_progress.parts(session, "dam", come, now=NOW)
    assert anki_progress.merge(session, "dam", part, learner=learner).new == 1
    session.expire_all()
    card = session.scalars(select(Card).where(Card.point == question.point)).one()
    assert memory_of(card) == replayed(session, learner, card)
    out = anki_progress.progress_of(session, "dam", learner=learner)
    assert out.parameters == learner.fsrs_parameters
    assert next(one for one in out.points if one.question_id == question.id).steps[-1].after == memory_of(card)


def test_numbers_that_cannot_be_used_are_found_and_put_back(session, learner):
    before = cards(session)
    refit(session, learner)
    session.execute(update(User).values(fsrs_parameters=(5.0,) * 20))
    check = next(one for one in doctor.CHECKS if one.name == "schedules")
    assert list(check.find(session)) == [(learner.id,)]
    assert list(doctor._forgetful(session)) != []
    check.mend(session, (learner.id,))
    session.expire_all()
    assert (list(check.find(session)), list(doctor._forgetful(session)), cards(session)) == ([], [], before)


def test_own_numbers_are_among_ones_data_and_go_with_it(session, learner):
    refit(session, learner)
    sent = b"".join(own_data.archive(session, learner.id, now=NOW))
    assert b"fittings.csv" in sent
    leaving.erase(session, [learner.id])
    assert session.scalar(select(func.count()).select_from(Fitting)) == 0


# ---------------------------------------------------------------- the page


@pytest.fixture
def laid(app, student, clock, logs):
    """The student, with half a year of reviews."""
    clock.now = NOW
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(*QUESTIONS), now=NOW)
        memories.lay(session, logs["other"], learner=session.get_one(User, student.user_id))
    return student


def own_numbers(app, visitor):
    with db.reading(db.engine_of(app)) as session:
        return session.scalars(select(User.fsrs_parameters).where(User.id == visitor.user_id)).one()


@pytest.mark.parametrize(
    ("lang", "kept", "figures"),
    [
        ("en", "it predicts your answers better than the one before", "The schedule before 0.517"),
        ("ar", "فقد توقّعت إجاباتك على نحو أدق", "المواعيد السابقة 0.517"),
    ],
)
def test_the_schedule_is_fitted_told_and_put_back(app, laid, lang, kept, figures):
    laid.client.set_cookie("qimma_lang", lang)
    assert "/settings/schedule" in laid.get("/settings").links
    form = laid.get("/settings/schedule").form("/settings/schedule")
    sent = laid.send(form)
    assert (sent.status, sent.location) == (303, "/settings/schedule")
    page = laid.follow(sent)
    assert kept in page.text
    assert figures in page.text
    assert own_numbers(app, laid) is not None
    assert laid.send(form).location == "/settings/schedule"  # the same form once more
    assert laid.get("/settings/schedule").text == page.text
    back = laid.send(page.form("/settings/schedule/usual"))
    assert (back.status, own_numbers(app, laid)) == (303, None)
    assert laid.follow(back).form("/settings/schedule")


def test_whoever_has_few_reviews_is_told_how_many_it_takes(app, student):
    assert "/settings/schedule" not in student.get("/settings").links
    page = student.get("/settings/schedule")
    assert "It takes 1000 more reviews to learn from." in page.text
    assert [form.action for form in page.forms if "schedule" in form.action] == []
    assert student.post("/settings/schedule").location == "/settings/schedule"
    assert own_numbers(app, student) is None


def test_without_the_extra_nothing_is_offered_and_the_way_back_stays(app, laid, monkeypatch):
    laid.send(laid.get("/settings/schedule").form("/settings/schedule"))
    monkeypatch.setitem(sys.modules, "fsrs_rs_python", None)
    laid.start("dam")
    page = laid.get("/settings/schedule")
    laid.send(page.form("/settings/schedule/usual"))
    assert own_numbers(app, laid) is None
    assert "/settings/schedule" not in laid.get("/settings").links
    assert laid.get("/settings/schedule").location == "/settings"
    assert laid.post("/settings/schedule").status == 303
    assert own_numbers(app, laid) is None


def test_nobody_in_particular_is_sent_to_the_settings(nobody):
    assert [nobody.get("/settings/schedule").location, nobody.post("/settings/schedule").location] == ["/settings"] * 2
