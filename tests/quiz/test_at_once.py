"""Two requests at the same time, on connections of their own: a file for SQLite, and PostgreSQL."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from time import sleep

import pytest
from factories import make_attempt, make_bank, make_learner, make_question, more
from school import make_school
from sqlalchemy import event, func, select

from questions.anki_ids import guid
from questions.errors import Conflict
from questions.formats.apkg_reviews import AnkiReview
from questions.history import Rating, Review
from questions.responses import Chosen, Unknown
from quiz import db, scheduling, security
from quiz.models import Attempt, Card, Idempotency, ItemSum, QuestionRevision, ReviewLog, SittingRow, User
from quiz.services import accounts, anki_progress, assignments, banks, editing, once, study

RIGHT = Chosen(option="layla")


@pytest.fixture
def learner(shared_engine):
    with db.transaction(shared_engine) as session:
        learner = make_learner(session)
        session.flush()
        session.expunge(learner)
    return learner


def together(*jobs):
    """Run jobs at the same moment; their results, or what they raised."""
    gate = Barrier(len(jobs))

    def run(job):
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(run, job) for job in jobs]
    return [future.exception() or future.result() for future in futures]


def while_open(engine, first, second):
    """Begin `second` while the transaction of `first` is still open: it has to wait. Both results."""
    begun = Event()

    def later():
        begun.set()
        with db.transaction(engine) as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with db.transaction(engine) as session:
            one = first(session)
            future: Future = pool.submit(later)
            begun.wait()
            sleep(0.1)  # long enough to come to the lock
            assert future.done() is False
        return one, future.exception() or future.result()


def test_threads_that_write_to_the_embedded_database_queue(tmp_path, empty_file, now):
    """None is told that it is locked, however little SQLite itself would wait."""
    file = tmp_path / "busy.sqlite"
    file.write_bytes(empty_file.read_bytes())
    engine = db.make_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=0"))

    def write(seconds=0.02):
        with db.transaction(engine) as session:
            make_learner(session)
            session.flush()
            sleep(seconds)

    assert together(*[write] * 8) == [None] * 8
    assert [type(one) for one in together(partial(write, 0.03), partial(write, "no time"))] == [type(None), TypeError]
    write()  # whoever failed gave the turn back
    with db.reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(User)) == 10
    engine.dispose()


def test_two_posts_of_one_answer_give_one_review(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        attempt = make_attempt(session, *more(2), learner=learner, now=now)

    def post():
        with db.transaction(shared_engine) as session:
            return study.answer(session, attempt, learner=learner, response=RIGHT, now=now).repeated

    assert sorted(together(*[post] * 4)) == [False, True, True, True]
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(ReviewLog)) == 1
        assert session.scalar(select(func.count()).select_from(Attempt)) == 2


def test_a_second_post_waits_for_the_first_and_gets_its_outcome(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        attempt = make_attempt(session, *more(2), learner=learner, now=now)
    first, second = while_open(
        shared_engine,
        lambda session: study.answer(session, attempt, learner=learner, response=RIGHT, now=now),
        lambda session: study.answer(session, attempt, learner=learner, response=Unknown(), now=now),
    )
    assert (first.repeated, second.repeated) == (False, True)
    with db.reading(shared_engine) as session:
        assert study.attempt_page(session, attempt, learner=learner, now=now).after.verdict.outcome == "right"


def test_answers_to_one_point_in_two_sittings_lose_no_review(shared_engine, learner, now):
    """The same point is open in two tabs: both answers are written down, one of them counts."""
    with db.transaction(shared_engine) as session:
        attempts = [make_attempt(session, learner=learner, now=now) for _ in range(4)]

    def post(attempt):
        with db.transaction(shared_engine) as session:
            return study.answer(session, attempt, learner=learner, response=RIGHT, now=now).repeated

    assert together(*[lambda attempt=attempt: post(attempt) for attempt in attempts]) == [False] * 4
    with db.reading(shared_engine) as session:
        rows = session.scalars(select(ReviewLog).order_by(ReviewLog.reviewed_ms)).all()
        card = session.scalars(select(Card)).one()
        memory = scheduling.replay(Review(row.reviewed_ms, row.day, Rating(row.rating), row.counted) for row in rows)
        assert [row.counted for row in rows] == [True, False, False, False]
        assert (card.reps, card.due, card.stability) == (1, memory.due, memory.stability)


def test_an_answer_that_waits_for_the_end_of_its_sitting_is_refused(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        attempt = make_attempt(session, *more(2), learner=learner, now=now)
        sitting = session.scalars(select(SittingRow.id)).one()
    _, refused = while_open(
        shared_engine,
        lambda session: study.finish(session, sitting, learner=learner, now=now),
        lambda session: study.answer(session, attempt, learner=learner, response=RIGHT, now=now),
    )
    assert isinstance(refused, Conflict)


def test_a_form_sent_twice_at_once_acts_once(shared_engine, now):
    def start(session):
        done = once.claim(session, "k" * 24, owner=once.NOBODY, now=now)
        if done is not None:
            return done
        guest = accounts.new_guest(session, now=now)
        once.settle(session, "k" * 24, owner=once.NOBODY, user_id=guest, location="/sittings/1")
        return guest

    guest, done = while_open(shared_engine, start, start)
    assert (done.location, done.user_id) == ("/sittings/1", guest)
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_a_form_whose_first_copy_failed_may_be_sent_again(shared_engine, now):
    with db.transaction(shared_engine) as session:
        once.claim(session, "k" * 24, owner=7, now=now)
        session.rollback()
    with db.transaction(shared_engine) as session:
        assert once.claim(session, "k" * 24, owner=7, now=now) is None


def test_two_instructors_saving_at_once_give_one_revision(shared_engine, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(make_question()), now=now)
        author = accounts.new_guest(session, now=now)

    def save(words):
        question = make_question(stem={"en": words})
        return lambda session: editing.save(session, "dam", question, seen=1, author_id=author, now=now)

    first, second = while_open(shared_engine, save("mine"), save("yours"))
    assert (first, type(second)) == (2, Conflict)
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.max(QuestionRevision.number))) == 2
        assert banks.live(session, "dam")[0].stem.en == "mine"


def test_a_link_followed_twice_at_once_signs_in_once(shared_engine, now):
    with db.transaction(shared_engine) as session:
        user = accounts.new_guest(session, now=now)
        token = security.make_link(session, user, now=now, hours=1)
    first, second = while_open(
        shared_engine,
        lambda session: security.use_link(session, token, now),
        lambda session: security.use_link(session, token, now),
    )
    assert (first, second) == (user, None)


def test_a_name_that_two_people_take_at_once_goes_to_one(shared_engine, now):
    def register():
        with db.transaction(shared_engine) as session:
            return accounts.register(session, accounts.credentials("Amal", "long enough"), now=now)

    results = together(register, register)
    assert sorted(type(result).__name__ for result in results) == ["BadInput", "int"]


def test_old_keys_of_forms_are_forgotten(shared_engine, now):
    with db.transaction(shared_engine) as session:
        once.claim(session, "a" * 24, owner=7, now=now)
    with db.transaction(shared_engine) as session:
        once.claim(session, "b" * 24, owner=7, now=now + timedelta(days=3))
    with db.reading(shared_engine) as session:
        assert session.scalars(select(Idempotency.key)).all() == ["b" * 24]


def test_two_reviews_begun_at_once_have_one_card_a_point(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(*more(4)), now=now)

    def start():
        with db.transaction(shared_engine) as session:
            return study.start_review(session, "dam", learner=learner, now=now)

    assert len(set(together(start, start, start))) == 3
    with db.reading(shared_engine) as session:
        assert session.scalars(select(Card.point).order_by(Card.point)).all() == [f"f-{nr}.day" for nr in range(10, 14)]


def test_an_attempt_that_is_begun_many_times_at_once_is_one(shared_engine, now):
    """Also where the one before was left open until its time was up: it ends once, and the next one begins."""
    with db.transaction(shared_engine) as session:
        school = make_school(session, now, students=1)
        student, given = school.students[0], school.give(now, attempts=2, minutes=10).id
        session.flush()
        session.expunge(student)

    def start(at):
        with db.transaction(shared_engine) as session:
            return assignments.start(session, given, learner=student, now=at)

    assert len(set(together(*[partial(start, now)] * 4))) == 1
    assert len(set(together(*[partial(start, now + timedelta(hours=1))] * 4))) == 1
    with db.reading(shared_engine) as session:
        rows = session.execute(select(SittingRow.points).order_by(SittingRow.id)).all()
        assert rows == [(0.0,), (None,)]
        assert set(session.scalars(select(ItemSum.answers))) == {1}


def test_an_answer_taken_back_twice_at_once_is_taken_back_once(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(*more(3)), now=now)
        sitting = study.start_review(session, "dam", learner=learner, now=now)
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=Unknown(), now=now)

    def undo():
        with db.transaction(shared_engine) as session:
            return study.undo(session, attempt, learner=learner, now=now)

    assert len(set(together(undo, undo, undo))) == 1
    with db.reading(shared_engine) as session:
        opened = select(func.count()).where(Attempt.answered_at.is_(None), Attempt.withdrawn_at.is_(None))
        assert session.scalar(opened) == 1
        assert session.scalars(select(ReviewLog.voided_at)).all() == [now]
        assert session.scalars(select(SittingRow.plan)).one() == [f"f-{nr}.day.choice" for nr in range(10, 13)]


def test_an_answer_to_the_next_question_while_the_one_before_is_taken_back_is_not_taken(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(*more(3)), now=now)
        sitting = study.start_review(session, "dam", learner=learner, now=now)
        first = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, first, learner=learner, response=RIGHT, now=now)
    with db.reading(shared_engine) as session:
        second = study.open_attempt(session, sitting, learner=learner)
    _, outcome = while_open(
        shared_engine,
        lambda session: study.undo(session, first, learner=learner, now=now),
        lambda session: study.answer(session, second, learner=learner, response=RIGHT, now=now),
    )
    assert outcome.repeated
    with db.reading(shared_engine) as session:
        assert {card.reps for card in session.scalars(select(Card))} == {0}


def test_a_sitting_that_withholds_its_verdicts_tells_the_memories_once(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(*more(2)), now=now)
        sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, feedback="end", now=now)
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=RIGHT, now=now)

    def finish():
        with db.transaction(shared_engine) as session:
            study.finish(session, sitting, learner=learner, now=now)

    assert together(finish, finish, finish) == [None] * 3
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(ReviewLog)) == 1


def test_a_deck_from_anki_that_is_sent_twice_at_once_comes_in_once(shared_engine, learner, now):
    with db.transaction(shared_engine) as session:
        banks.load(session, make_bank(*more(3)), now=now)
    sent = [
        AnkiReview(guid("dam", f"f-{nr}.day"), 0, int((now - timedelta(days=9)).timestamp() * 1000) + nr, 3, "review")
        for nr in (10, 11, 12)
    ]

    def send():
        with db.transaction(shared_engine) as session:
            return anki_progress.merge(session, "dam", sent, learner=learner)

    took = together(send, send)
    assert sorted(merged.new for merged in took) == [0, 3]
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(ReviewLog)) == 3
        assert session.scalars(select(Card.reps)).all() == [1, 1, 1]
