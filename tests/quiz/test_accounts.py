"""Names and passwords, one-time links, and a guest's history brought into an account."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from factories import make_attempt, make_learner, make_user, more
from sqlalchemy import func, select

from questions.errors import BadInput, Conflict, NotFound
from questions.responses import Chosen
from quiz import security
from quiz.models import Attempt, Card, Login, Report, ReviewLog, SittingRow, User
from quiz.services import accounts, editing, once, study

PASSWORD = "a long one"


def register(session, now, name="Amal", password=PASSWORD, **more_of):
    return accounts.register(session, name=name, password=password, now=now, **more_of)


# ---------------------------------------------------------------- names


def test_a_guest_becomes_an_account_and_keeps_everything(session, now):
    guest = make_learner(session)
    attempt = make_attempt(session, learner=guest, now=now)
    study.answer(session, attempt, learner=guest, response=Chosen(option="layla"), now=now)
    assert register(session, now, guest_id=guest.id) == guest.id
    assert accounts.verify(session, name="Amal", password=PASSWORD) == guest.id
    assert accounts.answers_of(session, guest.id) == 1


def test_a_guest_who_has_a_name_by_now_gets_no_second_one(session, now):
    guest = make_user(session)
    register(session, now, guest_id=guest)
    with pytest.raises(Conflict):
        register(session, now, name="Someone else", guest_id=guest)
    assert session.scalar(select(User.login_name).where(User.id == guest)) == "Amal"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Amal", "aMAL"),
        ("Amal", "Ａｍａｌ"),
        ("Amal", " Amal  "),
        ("Straße", "STRASSE"),
        ("محمد", "مُحَمَّد"),
        ("أمل سالم", "أمل   سالم"),
    ],
)
def test_a_name_is_taken_however_it_is_written(session, now, name, other):
    register(session, now, name=name)
    with pytest.raises(BadInput, match=r"^taken$"):
        register(session, now, name=other)
    assert session.scalar(select(func.count()).select_from(User)) == 1


def test_a_name_is_found_however_it_is_written(session, now):
    user = register(session, now, name="مُحمّد Amal")
    assert accounts.verify(session, name="محمد  AMAL", password=PASSWORD) == user
    assert accounts.by_name(session, "محمد amal") == user
    assert session.scalar(select(User.login_name)) == "مُحمّد Amal"


def test_a_taken_name_leaves_what_was_done_before(session, now):
    register(session, now)
    guest = make_user(session)
    with pytest.raises(BadInput, match="taken"):
        register(session, now, guest_id=guest)
    assert not accounts.has_name(session, guest)


@pytest.mark.parametrize("name", ["", "a", " a ", "x" * 61, "\u064b\u064c", "ab\x00", "ab\u202e", "\ud800b", "ﷺ" * 10])
def test_what_is_no_name_is_refused(session, now, name):
    with pytest.raises(BadInput, match=r"^name$"):
        register(session, now, name=name)


@pytest.mark.parametrize("password", ["", "seven77", "x" * 201])
def test_a_password_has_eight_characters_or_more(session, now, password):
    with pytest.raises(BadInput, match=r"^password$"):
        register(session, now, password=password)


# ---------------------------------------------------------------- signing in


@pytest.mark.parametrize(
    ("name", "password"),
    [("Amal", "another one"), ("Nobody", PASSWORD), ("", ""), ("Amal", ""), ("Amal", "x" * 100_000), ("\0", "\0")],
)
def test_name_and_password_must_go_together(session, now, name, password):
    register(session, now)
    assert accounts.verify(session, name=name.replace("\0", "0"), password=password) is None


def test_an_account_without_a_password_is_not_entered_by_any(session, now):
    accounts.first_instructor(session, now=now)
    assert accounts.verify(session, name="instructor", password="") is None


def test_an_unknown_name_costs_a_hash_of_the_same_price(session, now, monkeypatch):
    checked = []
    real = accounts._hasher.verify

    class Watching:
        def verify(self, stored, password):
            checked.append(stored.split("$")[1:4])
            return real(stored, password)

        hash = accounts._hasher.hash

    monkeypatch.setattr(accounts, "_hasher", Watching())
    register(session, now)
    accounts.verify(session, name="Amal", password="wrong one")
    accounts.verify(session, name="Nobody", password="wrong one")
    assert checked == [["argon2id", "v=19", "m=19456,t=2,p=1"]] * 2


def test_a_changed_password_replaces_the_old_one(session, now):
    user = register(session, now)
    with pytest.raises(BadInput, match=r"^old$"):
        accounts.change_password(session, user, old="wrong one", new="another one")
    with pytest.raises(BadInput, match=r"^password$"):
        accounts.change_password(session, user, old=PASSWORD, new="short")
    accounts.change_password(session, user, old=PASSWORD, new="another one")
    assert accounts.verify(session, name="Amal", password=PASSWORD) is None
    assert accounts.verify(session, name="Amal", password="another one") == user


def test_who_came_by_a_link_sets_a_password_without_an_old_one(session, now):
    user, _ = accounts.first_instructor(session, now=now)
    accounts.change_password(session, user, old="", new="a new one")
    assert accounts.verify(session, name="instructor", password="a new one") == user


def test_there_is_one_first_instructor(session, now):
    user, name = accounts.first_instructor(session, now=now)
    assert (name, accounts.teaches(session, user)) == ("instructor", True)
    assert accounts.first_instructor(session, now=now) is None


def test_a_student_who_took_the_instructors_name_keeps_it(session, now):
    student = register(session, now, name="Instructor")
    made = accounts.first_instructor(session, now=now)
    assert made == (ANY, "instructor-2")
    assert not accounts.teaches(session, student)


def test_an_unknown_user_is_not_found(session):
    with pytest.raises(NotFound, match="there is no user named 'Nobody'"):
        accounts.by_name(session, "Nobody")


# ---------------------------------------------------------------- one-time links


def test_a_link_signs_in_once(session, now):
    user = make_user(session)
    token = security.make_link(session, user, now=now, hours=72)
    assert security.use_link(session, token, now + timedelta(hours=71)) == user
    assert security.use_link(session, token, now + timedelta(hours=71)) is None


def test_a_link_grows_too_old(session, now):
    token = security.make_link(session, make_user(session), now=now, hours=72)
    assert security.use_link(session, token, now + timedelta(hours=72)) is None


def test_a_newer_link_ends_the_older_one(session, now):
    user = make_user(session)
    older = security.make_link(session, user, now=now, hours=72)
    newer = security.make_link(session, user, now=now, hours=72)
    assert security.use_link(session, older, now) is None
    assert security.use_link(session, newer, now) == user


def test_a_made_up_link_signs_nobody_in(session, now):
    assert security.use_link(session, "made-up", now) is None


# ---------------------------------------------------------------- a guest's history


@pytest.fixture
def guest(session):
    return make_learner(session)


@pytest.fixture
def account(session):
    return make_learner(session, login_name="amal", name_key="amal")


def answered(session, learner, now, *questions, option="layla"):
    attempt = make_attempt(session, *questions, learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=Chosen(option=option), now=now)
    return attempt


def test_a_guests_answers_come_along_once(session, guest, account, now):
    attempt = answered(session, guest, now)
    editing.report(session, attempt, learner_id=guest.id, kind="question_wrong", note="so", now=now)
    make_attempt(session, *more(2), learner=guest, now=now)  # left open
    session.flush()
    brought = accounts.bring_guest(session, guest.id, into=account.id)
    assert (brought.sittings, brought.reviews) == (2, 1)
    assert session.scalars(select(Attempt.learner_id).distinct()).all() == [account.id]
    assert session.scalars(select(SittingRow.learner_id).distinct()).all() == [account.id]
    assert session.scalars(select(Report.learner_id)).all() == [account.id]
    assert session.scalars(select(User.id)).all() == [account.id]
    assert study.open_sitting(session, learner=account) is not None


def test_both_logs_of_a_day_are_replayed_and_the_earlier_answer_counts(session, guest, account, now):
    answered(session, guest, now, option="omar")
    answered(session, account, now + timedelta(hours=2))
    accounts.bring_guest(session, guest.id, into=account.id)
    session.expire_all()
    card = session.scalars(select(Card)).one()
    rows = session.execute(select(ReviewLog.rating, ReviewLog.counted).order_by(ReviewLog.reviewed_ms)).all()
    assert [tuple(row) for row in rows] == [(1, True), (3, False)]
    assert (card.reps, card.due - card.last_day, card.learner_id) == (1, 1, account.id)


def test_days_of_both_logs_make_one_memory(session, guest, account, now):
    answered(session, account, now)
    answered(session, guest, now + timedelta(days=2))
    accounts.bring_guest(session, guest.id, into=account.id)
    session.expire_all()
    card = session.scalars(select(Card)).one()
    assert (card.reps, card.due - card.last_day) == (2, 11)


def test_reviews_of_one_millisecond_are_kept_apart(session, guest, account, now):
    answered(session, account, now)
    answered(session, guest, now)
    answered(session, guest, now, *more(1))
    accounts.bring_guest(session, guest.id, into=account.id)
    moments = session.scalars(select(ReviewLog.reviewed_ms).order_by(ReviewLog.reviewed_ms)).all()
    assert [moment - moments[0] for moment in moments] == [0, 1, 2]


def test_a_guests_browser_and_forms_are_worth_nothing_afterwards(app, session, guest, account, now):
    with app.app_context():
        security.open_login(session, guest.id, now)
    once.claim(session, "k" * 24, owner=guest.id, now=now)
    accounts.bring_guest(session, guest.id, into=account.id)
    assert session.scalar(select(func.count()).select_from(Login)) == 0
    assert once.claim(session, "k" * 24, owner=guest.id, now=now) is None


def test_an_account_is_never_swallowed_by_another(session, account, now):
    other = make_learner(session, login_name="omar", name_key="omar")
    answered(session, other, now)
    brought = accounts.bring_guest(session, other.id, into=account.id)
    assert (brought.sittings, brought.reviews) == (0, 0)
    assert accounts.answers_of(session, other.id) == 1


# ---------------------------------------------------------------- forms sent twice


def test_a_second_copy_of_a_form_is_sent_where_the_first_ended(session, now):
    assert once.claim(session, "k" * 24, owner=7, now=now) is None
    once.settle(session, "k" * 24, owner=7, user_id=7, location="/sittings/1")
    done = once.claim(session, "k" * 24, owner=7, now=now)
    assert (done.location, done.user_id) == ("/sittings/1", 7)
    assert once.claim(session, "k" * 24, owner=8, now=now) is None


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "k" * 15 + "\0", "ك" * 20, "k" * 20 + "\n", "k k" * 8])
def test_a_key_that_no_form_of_ours_made_is_refused(session, now, key):
    with pytest.raises(BadInput):
        once.claim(session, key, owner=7, now=now)
