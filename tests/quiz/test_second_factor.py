"""A second factor of sign-in: codes of a device, recovery codes, and who may switch it off."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from factories import make_user
from sqlalchemy import func, select, update
from visitor import Visitor

from questions.errors import Conflict
from quiz import db, security
from quiz.models import Entry, Failure, Login, RecoveryCode, SecondFactor, User
from quiz.services import accounts, leaving, own_data, second_factor

KEY = "the site's key"
PASSWORD = "long enough"


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(moment, code):
    """The values of RFC 6238, appendix B, in six digits."""
    assert second_factor.code_of(b"12345678901234567890", moment // 30) == code


def test_the_key_is_written_as_apps_read_it():
    key = b"12345678901234567890"
    assert second_factor.as_text(key) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert second_factor.address(key, "أ ب/&") == (
        "otpauth://totp/Qimma:%D8%A3%20%D8%A8%2F%26?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Qimma"
    )


def make_amal(session, **more):
    return make_user(session, login_name="Amal", name_key="amal", password_hash="$argon2id$x", **more)


def device(session, user):
    """What the device of a user shows at a moment."""
    salt = session.scalar(select(SecondFactor.salt).where(SecondFactor.user_id == user))
    key = second_factor.device_key(KEY, user, salt)
    return lambda at: second_factor.code_of(key, int(at.timestamp()) // 30)


def switched_on(session, now):
    user = make_amal(session)
    second_factor.prepare(session, user)
    shows = device(session, user)
    codes = second_factor.switch_on(session, user, shows(now), site_key=KEY, now=now)
    return user, shows, codes


def spend(session, user, code, at):
    return second_factor.spend(session, user, code, site_key=KEY, now=at)


def test_it_counts_only_once_a_right_code_was_typed(session, now):
    user = make_amal(session)
    second_factor.prepare(session, user)
    assert second_factor.switch_on(session, user, "000000", site_key=KEY, now=now) is None
    assert not second_factor.is_on(session, user)
    codes = second_factor.switch_on(session, user, device(session, user)(now), site_key=KEY, now=now)
    assert len(set(codes)) == 10
    assert all(re.fullmatch("[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in codes)
    assert second_factor.state(session, user) == second_factor.Factor(now, 10)


def test_a_code_is_good_for_its_half_minute_and_the_ones_around_it(session, now):
    user, shows, _ = switched_on(session, now)
    later = now + timedelta(hours=1)
    tried = [spend(session, user, shows(later + timedelta(seconds=30 * off)), later) for off in (-2, 2, -1, 0, 1)]
    assert tried == [False, False, True, True, True]


def test_a_code_counts_once_and_those_before_it_no_more(session, now):
    user, shows, _ = switched_on(session, now)
    assert not spend(session, user, shows(now), now)  # with which it was switched on
    later = now + timedelta(minutes=5)
    assert spend(session, user, shows(later), later)
    assert not spend(session, user, shows(later), later)
    assert not spend(session, user, shows(later - timedelta(seconds=30)), later)


def test_digits_of_every_kind_and_spaces_are_one_code(session, now):
    user, shows, _ = switched_on(session, now)
    later = now + timedelta(minutes=5)
    code = shows(later).translate({ord(str(nr)): chr(0x660 + nr) for nr in range(10)})
    assert spend(session, user, f" {code[:3]} {code[3:]}", later)


def test_a_recovery_code_opens_once_however_it_is_written(session, now):
    user, _, codes = switched_on(session, now)
    assert spend(session, user, f" {codes[0].upper().replace('-', ' ')}", now)
    assert not spend(session, user, codes[0], now)
    assert second_factor.state(session, user).left == 9
    renewed = second_factor.renew_codes(session, user)
    assert not spend(session, user, codes[1], now)
    assert spend(session, user, renewed[0], now)


@pytest.mark.parametrize("typed", ["", "0", "12345", "1234567", "12345a", "\0", "²²²²²²", "-", "x" * 10_000])
def test_what_is_no_code_opens_nothing(session, now, typed):
    user, _, _ = switched_on(session, now)
    assert not spend(session, user, typed, now)


def test_another_site_key_ends_the_devices_codes_and_leaves_the_recovery_codes(session, now):
    user, shows, codes = switched_on(session, now)
    later = now + timedelta(minutes=5)
    assert not second_factor.spend(session, user, shows(later), site_key="another", now=later)
    assert second_factor.spend(session, user, codes[0], site_key="another", now=later)


def test_a_key_that_counts_is_not_replaced(session, now):
    user, shows, _ = switched_on(session, now)
    with pytest.raises(Conflict):
        second_factor.prepare(session, user)
    later = now + timedelta(minutes=5)
    assert spend(session, user, shows(later), later)


@pytest.mark.parametrize("more", [{"password_hash": None}, {"realm": "class-7"}])
def test_an_account_without_a_password_has_nothing_to_add_one_to(session, more):
    user = make_user(session, **{"login_name": "Amal", "name_key": "amal", "password_hash": "$argon2id$x", **more})
    with pytest.raises(Conflict):
        second_factor.prepare(session, user)


def test_neither_the_devices_key_nor_a_code_is_in_the_database(session, now):
    user, _, codes = switched_on(session, now)
    row = session.get_one(SecondFactor, user)
    key = second_factor.device_key(KEY, user, row.salt)
    kept = repr([row.salt, *session.scalars(select(RecoveryCode.code_hash))])
    assert not any(one in kept for one in (key.hex(), base64.b32encode(key).decode(), *codes))


def test_ones_own_data_says_that_it_is_on_and_no_secret(session, now):
    user, _, _ = switched_on(session, now)
    parts = own_data._parts(session, user, now)
    assert [set(row) for row in parts["second_factor"]()] == [{"user_id", "since", "last_step"}]
    assert {frozenset(row) for row in parts["recovery_codes"]()} == {frozenset({"user_id", "used_at"})}


def test_nothing_of_it_is_left_of_whoever_leaves(session, now):
    user, _, _ = switched_on(session, now)
    leaving.erase(session, [user])
    assert session.scalar(select(func.count()).select_from(SecondFactor)) == 0
    assert session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


@pytest.mark.parametrize("kind", ["device", "recovery"])
def test_a_code_that_is_sent_many_times_at_once_opens_once(shared_engine, now, kind):
    with db.transaction(shared_engine) as session:
        user, shows, codes = switched_on(session, now)
    later, gate = now + timedelta(minutes=5), Barrier(8)
    code = shows(later) if kind == "device" else codes[0]

    def enter():
        gate.wait()
        with db.transaction(shared_engine) as session:
            return spend(session, user, code, later)

    with ThreadPoolExecutor(8) as pool:
        opened = [one.result() for one in [pool.submit(enter) for _ in range(8)]]
    assert sorted(opened) == [False] * 7 + [True]


# ---------------------------------------------------------------- on the site


@pytest.fixture
def phone(app, clock):
    """Amal, who set a second factor up in her browser; what her phone shows; her recovery codes."""
    browser = Visitor(app.test_client())
    browser.post("/register", name="Amal", password=PASSWORD, form_key="r" * 24)
    page = browser.follow(browser.post("/settings/second-factor/prepare", password=PASSWORD))
    key = base64.b32decode(re.search(r'class="device-key"[^>]*>([A-Z2-7 ]+)<', page.html)[1].replace(" ", ""))

    def shows():
        clock.move(minutes=1)
        return second_factor.code_of(key, int(clock().timestamp()) // 30)

    codes = browser.follow(browser.send(page.form("/on"), code=shows()))
    return browser, shows, re.findall("<li>([a-z2-7-]{19})</li>", codes.html)


def half(app, password=PASSWORD, **more):
    """A browser that has shown the password, and stands before the page that asks for the code."""
    browser = Visitor(app.test_client())
    page = browser.post("/sign-in", name="Amal", password=password, **more)
    assert (page.status, page.location) == (303, "/sign-in/code")
    return browser


def is_in(browser):
    return browser.get("/password").status == 200


def test_signing_in_takes_the_password_and_then_the_code(app, phone):
    browser, shows, _ = phone
    other = half(app, next="/progress")
    assert not is_in(other)
    assert other.client.get_cookie("qimma_login") is None
    assert other.post("/sign-in/code", code="000000").status == 422
    assert not is_in(other)
    entered = other.post("/sign-in/code", code=shows())
    assert (entered.status, entered.location) == (303, "/progress")
    assert is_in(other)
    assert is_in(browser)
    assert other.post("/sign-in/code", code=shows()).location == "/sign-in"  # that way is gone


def test_the_codes_are_shown_once(phone):
    browser, _, codes = phone
    assert len(codes) == 10
    again = browser.get("/settings/second-factor/codes")
    assert (again.status, again.location) == (303, "/settings/second-factor")
    assert not any(code in browser.follow(again).html for code in codes)


def test_switching_it_on_signs_other_browsers_out(app, clock):
    mine, other = Visitor(app.test_client()), Visitor(app.test_client())
    mine.post("/register", name="Amal", password=PASSWORD, form_key="r" * 24)
    other.post("/sign-in", name="Amal", password=PASSWORD)
    page = mine.follow(mine.post("/settings/second-factor/prepare", password=PASSWORD))
    key = base64.b32decode(re.search(r'class="device-key"[^>]*>([A-Z2-7 ]+)<', page.html)[1].replace(" ", ""))
    mine.send(page.form("/on"), code=second_factor.code_of(key, int(clock().timestamp()) // 30))
    assert (is_in(mine), is_in(other)) == (True, False)


def test_the_way_between_the_factors_is_short_and_one_browsers(app, phone, clock):
    _, shows, _ = phone
    stranger = Visitor(app.test_client())
    assert stranger.get("/sign-in/code").location == "/sign-in"
    assert stranger.post("/sign-in/code", code=shows()).location == "/sign-in"
    slow = half(app)
    clock.move(minutes=10)
    assert slow.post("/sign-in/code", code=shows()).location == "/sign-in"


def test_another_password_ends_the_way_between_the_factors(app, phone):
    browser, shows, _ = phone
    guesser = half(app)
    browser.post("/password", old=PASSWORD, password="even longer")
    assert guesser.post("/sign-in/code", code=shows()).status == 422
    assert not is_in(guesser)


def test_codes_are_not_guessed_and_the_owner_is_not_locked_out_for_long(app, phone, clock):
    _, shows, _ = phone
    guesser = half(app)
    tries = [guesser.post("/sign-in/code", code=f"{nr:06}").status for nr in range(6)]
    assert tries == [422] * 5 + [429]
    owner = half(app)
    assert owner.post("/sign-in/code", code=shows()).status == 429
    clock.move(minutes=15)
    owner = half(app)
    assert owner.post("/sign-in/code", code=shows()).status == 303


def test_another_password_lets_its_owner_try_codes_at_once(app, phone):
    browser, shows, _ = phone
    guesser = half(app)
    for nr in range(6):
        guesser.post("/sign-in/code", code=f"{nr:06}")
    browser.post("/password", old=PASSWORD, password="even longer")
    assert half(app, "even longer").post("/sign-in/code", code=shows()).status == 303


def test_a_recovery_code_signs_in_once(app, phone):
    _, _, codes = phone
    assert half(app).post("/sign-in/code", code=codes[0]).status == 303
    assert half(app).post("/sign-in/code", code=codes[0]).status == 422


def test_a_one_time_link_stands_for_the_password_alone(app, phone, clock):
    _, shows, _ = phone
    with db.transaction(db.engine_of(app)) as session:
        user = session.scalar(select(User.id))
        token = security.make_link(session, user, now=clock(), hours=1)
    came = Visitor(app.test_client())
    assert came.post(f"/link/{token}").location == "/sign-in/code"
    assert not is_in(came)
    assert came.post("/sign-in/code", code=shows()).location == "/password"
    assert came.post("/password", password="even longer").location == "/password?saved=yes"


def test_a_form_of_registration_sent_again_is_no_way_around(app):
    browser = Visitor(app.test_client())
    form = {"name": "Amal", "password": PASSWORD, "form_key": "r" * 24}
    browser.post("/register", **form)
    with db.transaction(db.engine_of(app)) as session:
        user = session.scalar(select(User.id))
        session.add(SecondFactor(user_id=user, salt="s", since=app.config["CLOCK"](), last_step=0))
    other = Visitor(app.test_client())
    assert other.post("/register", **form).location == "/sign-in/code"
    assert not is_in(other)


def test_a_guests_answers_come_along_after_the_code_only(app, phone):
    _, shows, _ = phone
    guest = Visitor(app.test_client())
    guest.follow(guest.send(guest.start().form("/answer"), sure="unknown"))
    guest.post("/sign-in", name="Amal", password=PASSWORD, bring="yes")
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).select_from(User)) == 2
    guest.post("/sign-in/code", code=shows())
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1
        assert accounts.answers_of(session, session.scalar(select(User.id))) == 1


def test_switching_it_off_asks_for_both_factors(app, phone):
    browser, shows, codes = phone
    off = partial(browser.post, "/settings/second-factor/off")
    assert off(password="wrong one", code=shows()).status == 422
    assert off(password=PASSWORD, code="000000").status == 422
    assert "is off" not in browser.get("/settings/second-factor").text
    assert off(password=PASSWORD, code=codes[3]).location == "/settings/second-factor?told=off"
    assert Visitor(app.test_client()).post("/sign-in", name="Amal", password=PASSWORD).location == "/"


def test_setting_it_up_asks_for_the_password(app):
    browser = Visitor(app.test_client())
    browser.post("/register", name="Amal", password=PASSWORD, form_key="r" * 24)
    assert browser.post("/settings/second-factor/prepare", password="wrong one").status == 422
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).select_from(SecondFactor)) == 0


def test_an_administrator_switches_it_off_for_someone_who_lost_it(app, phone, signed_in):
    with db.reading(db.engine_of(app)) as session:
        amal = session.scalar(select(User.id).where(User.login_name == "Amal"))
    path = f"/teach/people/{amal}/second-factor/off"
    teacher, admin = signed_in("instructor"), signed_in("student")
    with db.transaction(db.engine_of(app)) as session:
        session.execute(update(User).where(User.id == admin.user_id).values(role="admin"))
    assert teacher.post(path).status == 404
    assert "Amal" in admin.get("/teach/people").text
    assert admin.post(path).status == 303
    assert admin.post(path).status == 303
    with db.reading(db.engine_of(app)) as session:
        assert not second_factor.is_on(session, amal)
        entries = session.execute(select(Entry.what, Entry.author_id, Entry.user_id)).all()
        assert entries == [("second-factor-off", admin.user_id, amal)]


def test_those_who_teach_are_advised_to_have_one(app, signed_in):
    teacher = signed_in("instructor", password_hash="$argon2id$x")
    assert "/settings/second-factor" in teacher.get("/teach/").links
    assert "advised to whoever teaches" in teacher.get("/settings").text


def test_no_wrong_code_is_counted_against_an_account_that_is_signed_in_rightly(app, phone):
    _, shows, _ = phone
    half(app).post("/sign-in/code", code=shows())
    with db.reading(db.engine_of(app)) as session:
        counted = session.scalars(select(Failure.subject)).all()
        assert [one for one in counted if not one.startswith("newcomer:")] == []
        assert session.scalar(select(func.count()).select_from(Login)) == 2
