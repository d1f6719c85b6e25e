"""Names and passwords, one-time links, and a guest's history brought into an account."""

import sqlite3
from datetime import date, timedelta
from unittest.mock import ANY

import pytest
from factories import make_attempt, make_learner, make_user, more
from sqlalchemy import func, select
from visitor import Visitor

from questions.errors import BadInput, Conflict, NotFound
from questions.responses import Chosen
from quiz import db, security
from quiz.models import Attempt, Card, Login, Report, ReviewLog, SittingRow, User
from quiz.services import accounts, editing, once, study

PASSWORD = "a long one"


def register(session, now, name="Amal", password=PASSWORD, **more_of):
    return accounts.register(session, accounts.credentials(name, password), now=now, **more_of)


def verify(session, name, password):
    """Whose name and password these are."""
    who = accounts.known(session, name=name)
    return who.user_id if accounts.fits(who, password) else None


# ---------------------------------------------------------------- names


def test_a_guest_becomes_an_account_and_keeps_everything(session, now):
    guest = make_learner(session)
    attempt = make_attempt(session, learner=guest, now=now)
    study.answer(session, attempt, learner=guest, response=Chosen(option="layla"), now=now)
    assert register(session, now, guest_id=guest.id) == guest.id
    assert verify(session, "Amal", PASSWORD) == guest.id
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
    assert verify(session, "محمد  AMAL", PASSWORD) == user
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
    assert verify(session, name.replace("\0", "0"), password) is None


def test_an_account_without_a_password_is_not_entered_by_any(session, now):
    accounts.first_instructor(session, now=now)
    assert verify(session, "instructor", "") is None


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
    verify(session, "Amal", "wrong one")
    verify(session, "Nobody", "wrong one")
    assert checked == [["argon2id", "v=19", "m=19456,t=2,p=1"]] * 2


def test_a_changed_password_replaces_the_old_one_and_ends_what_was_open(app, session, now):
    user = register(session, now)
    with app.app_context():
        security.open_login(session, user, now)
    link = security.make_link(session, user, now=now, hours=72)
    accounts.set_password(session, user, accounts.hashed("another one"))
    assert verify(session, "Amal", PASSWORD) is None
    assert verify(session, "Amal", "another one") == user
    assert session.scalar(select(func.count()).select_from(Login)) == 0
    assert security.use_link(session, link, now) is None


def test_a_password_that_changed_meanwhile_opens_nothing(session, now):
    user = register(session, now)
    who = accounts.known(session, name="Amal")
    assert accounts.still(session, who)
    accounts.set_password(session, user, accounts.hashed("another one"))
    assert not accounts.still(session, who)


def test_there_is_one_first_instructor(session, now):
    user, name = accounts.first_instructor(session, now=now)
    assert (name, accounts.teaches(session, user)) == ("instructor", True)
    assert session.get_one(User, user).role == "admin"
    assert accounts.first_instructor(session, now=now) is None


def test_a_site_without_an_administrator_has_its_longest_instructor_for_one(session, now):
    second, first = (
        make_user(session, login_name=name, name_key=name, role="instructor", created_at=now - timedelta(days=days))
        for name, days in (("mona", 1), ("salma", 2))
    )
    assert accounts.first_instructor(session, now=now) is None
    assert [session.get_one(User, one).role for one in (first, second)] == ["admin", "instructor"]


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


def test_a_link_does_only_what_it_was_made_for(session, now):
    user = make_user(session)
    sign_in = security.make_link(session, user, now=now, hours=72)
    confirm = security.make_link(session, user, now=now, hours=72, purpose="confirm")
    assert security.use_link(session, confirm, now) is None
    assert security.use_link(session, sign_in, now, purpose="confirm") is None
    assert security.use_link(session, sign_in, now) == user
    assert security.use_link(session, confirm, now, purpose="confirm") == user


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


# ---------------------------------------------------------------- passwords at the page


@pytest.fixture
def amal(app):
    """A browser in which Amal made her account."""
    visitor = Visitor(app.test_client())
    visitor.post("/register", name="Amal", password=PASSWORD, form_key="r" * 24)
    return visitor


def test_no_password_is_hashed_or_compared_while_the_database_is_held(new_app, tmp_path, empty_file, monkeypatch):
    file = tmp_path / "site.sqlite"
    file.write_bytes(empty_file.read_bytes())
    visitor = Visitor(new_app(DATABASE_URL=f"sqlite:///{file}").test_client())
    done, real = [], accounts._hasher

    class Watching:
        def hash(self, password):
            write_elsewhere("hash")
            return real.hash(password)

        def verify(self, stored, password):
            write_elsewhere("verify")
            return real.verify(stored, password)

    def write_elsewhere(what):
        other = sqlite3.connect(file, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # "database is locked" where a transaction is open
        other.execute("ROLLBACK")
        other.close()
        done.append(what)

    monkeypatch.setattr(accounts, "_hasher", Watching())
    for path, form in (
        ("/register", {"name": "Amal", "password": PASSWORD, "form_key": "r" * 24}),
        ("/sign-out", {}),
        ("/register", {"name": "Amal", "password": PASSWORD, "form_key": "r" * 24}),
        ("/sign-out", {}),
        ("/sign-in", {"name": "Amal", "password": PASSWORD}),
        ("/password", {"old": PASSWORD, "password": "another one"}),
        ("/settings/delete", {"password": "another one"}),
    ):
        assert visitor.post(path, **form).status == 303
    assert done == ["hash", "hash", "verify", "verify", "verify", "hash", "verify"]


def test_the_present_password_is_not_tried_without_end(amal, clock):
    statuses = [amal.post("/password", old="wrong one", password="another one").status for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert amal.post("/password", old=PASSWORD, password="another one").status == 429
    clock.move(minutes=15)
    assert amal.post("/password", old=PASSWORD, password="another one").status == 303


def test_a_right_password_is_not_counted_against_its_owner(app, amal):
    assert [amal.post("/sign-in", name="Amal", password=PASSWORD).status for _ in range(12)] == [303] * 12


def test_a_form_of_registering_is_no_way_to_try_passwords_of_others(app, amal):
    """A key that was spent once must not open whatever account is named with it."""
    thief = Visitor(app.test_client())
    thief.post("/register", name="Omar", password=PASSWORD, form_key="t" * 24)
    thief.post("/sign-out")
    assert thief.post("/register", name="Amal", password=PASSWORD, form_key="t" * 24).status == 422
    assert thief.client.get_cookie("qimma_login") is None
    statuses = [thief.post("/register", name="Omar", password="wrong one", form_key="t" * 24).status for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_an_account_without_a_password_gets_one(app, signed_in):
    salma = signed_in("student")
    assert salma.post("/password", password="short").status == 422
    assert salma.post("/password", password="long enough").location == "/password?saved=yes"
    assert salma.post("/password", password="another one").status == 422


# ---------------------------------------------------------------- where someone is signed in

PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (PHONE, "Firefox, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/129.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/17.5 Safari/605.1", "Safari, macOS"),
        ("<script>alert(1)</script>" * 40, None),
        ("", None),
    ],
)  # fmt: skip
def test_a_browser_is_known_by_its_family_and_by_nothing_else(agent, family):
    assert security.browser_family(agent) == family


@pytest.fixture
def two(app, amal, clock):
    """Amal at her desk, and the next day on her phone."""
    clock.move(days=1)
    phone = Visitor(app.test_client())
    phone.token  # noqa: B018  (the form's token is fetched by a browser that is not a phone)
    phone.client.environ_base["HTTP_USER_AGENT"] = PHONE
    phone.post("/sign-in", name="Amal", password=PASSWORD)
    return amal, phone


def test_all_places_are_listed_this_one_first(two):
    _desk, phone = two
    page = phone.get("/settings/browsers")
    first, _, second = page.text.partition("this one")
    assert "Firefox, Android" in first
    assert "Signed in on 13 January 2026; last used on 13 January 2026" in second
    assert "Signed in on 12 January 2026; last used on 12 January 2026" in second


def test_one_place_is_ended_by_its_owner_only(app, two, signed_in):
    desk, phone = two
    form = phone.get("/settings/browsers").forms[1]
    assert signed_in("student").post(form.action).status == 303  # someone else: nothing happens
    assert desk.get("/password").status == 200
    assert phone.send(form).location == "/settings/browsers"
    assert (desk.get("/password").status, phone.get("/password").status) == (303, 200)
    assert phone.send(form).status == 303  # ended twice
    assert phone.post("/settings/browsers/%25/end").status == 303
    assert phone.get("/password").status == 200


def test_all_other_places_are_ended_at_once(two):
    desk, phone = two
    phone.send(phone.get("/settings/browsers").form("/others/end"))
    assert (desk.get("/password").status, phone.get("/password").status) == (303, 200)
    assert "Nowhere else." in phone.get("/settings/browsers").text


def test_the_last_day_of_use_is_kept_when_something_is_sent_not_when_it_is_read(app, amal, clock):
    def seen():
        with db.reading(db.engine_of(app)) as session:
            return session.scalars(select(Login.seen_on)).all()

    clock.move(days=3)
    amal.get("/settings")
    assert seen() == [date(2026, 1, 12)]
    amal.client.post("/settings/browsers/x/end")  # without its token: refused
    assert seen() == [date(2026, 1, 12)]
    amal.post("/settings/browsers/x/end")
    assert seen() == [date(2026, 1, 15)]


def test_a_day_of_use_is_the_users_own(app, signed_in, clock):
    """Nine in the morning UTC is the same evening in Kiritimati: a day ahead later on."""
    signed_in("student", time_zone="Pacific/Kiritimati")
    clock.move(hours=3)
    with db.transaction(db.engine_of(app)) as session, app.test_request_context():
        user = session.scalars(select(User.id)).one()
        security.open_login(session, user, clock())
        days = session.scalars(select(Login.seen_on).order_by(Login.created_at)).all()
    assert days == [date(2026, 1, 12), date(2026, 1, 13)]
