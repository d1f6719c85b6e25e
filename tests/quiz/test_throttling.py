"""Tries are counted in the database: by many threads at once, by any process, whatever the clock did meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from factories import make_user
from sqlalchemy import func, insert, select
from visitor import Visitor

from quiz import db
from quiz.models import ClassRow, Failure, Login
from quiz.security import open_login, throttle
from quiz.services import accounts
from quiz.services.common_passwords import is_common

COUNTED = {"name": "name:x", "address": "address:1.2.3.4"}


def test_tries_that_are_sent_at_once_do_not_pass_the_limit(shared_engine, now):
    gate = Barrier(16)

    def attempt(_nr):
        gate.wait()
        with db.transaction(shared_engine) as session:
            return throttle.count_try(session, COUNTED, now)

    with ThreadPoolExecutor(16) as pool:
        tries = list(pool.map(attempt, range(16)))
    assert sum(one is not None for one in tries) == 10
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(Failure)) == 20


def test_those_who_try_different_things_do_not_wait_for_one_another(shared_engine, now):
    with db.transaction(shared_engine) as one:
        throttle.count_try(one, {"name": "name:x"}, now)
        if shared_engine.dialect.name == "postgresql":  # SQLite has one writer as it is
            with db.transaction(shared_engine) as other:
                assert throttle.count_try(other, {"name": "name:y"}, now) is not None


def test_a_try_that_ended_well_is_not_counted(session, now):
    for _ in range(20):
        throttle.forget(session, throttle.count_try(session, COUNTED, now))
    assert session.scalar(select(func.count()).select_from(Failure)) == 0


def test_what_a_fast_clock_left_behind_keeps_nobody_out(session, now):
    for _ in range(10):
        throttle.count_try(session, COUNTED, now + timedelta(days=1))
    assert throttle.count_try(session, COUNTED, now) is not None


def test_old_tries_are_cleared_away_little_by_little(session, now, monkeypatch):
    monkeypatch.setattr(throttle, "_AT_ONCE", 3)
    old = [{"id": nr, "subject": "name:y", "at": now - timedelta(hours=1)} for nr in range(1, 6)]
    session.execute(insert(Failure), old)
    throttle.count_try(session, {"name": "name:x"}, now)
    assert session.scalar(select(func.count()).select_from(Failure)) == 3


def test_wrong_join_codes_are_counted_for_all_processes_and_after_a_restart(new_app, tmp_path, empty_file, monkeypatch):
    monkeypatch.setitem(throttle.MOST_BY_SUBJECT, "join code", 4)
    file = tmp_path / "site.sqlite"
    file.write_bytes(empty_file.read_bytes())
    url = f"sqlite:///{file}"
    first, second = (Visitor(new_app(DATABASE_URL=url, SECRET_KEY="s" * 40).test_client()) for _ in range(2))
    statuses = [browser.get(f"/join/ZZZZ{nr:02}").status for nr, browser in enumerate((first, second) * 3)]
    assert statuses == [404, 404, 404, 404, 429, 429]


def test_looking_at_a_class_that_is_there_writes_nothing(app, nobody, clock):
    with db.transaction(db.engine_of(app)) as session:
        session.add(ClassRow(id=7, name="Rivers", join_code="ABCDEF", created_at=clock()))
    assert nobody.get("/join/ABCDEF").status == 200
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).select_from(Failure)) == 0


# ---------------------------------------------------------------- passwords that are tried first


@pytest.mark.parametrize(
    "password",
    [
        "password", "Password1", "12345678", "iloveyou", "I love you", "qwertyuiop", "asdfghjkl", "1q2w3e4r",
        "87654321", "٨٧٦٥٤٣٢١",
        "abcabcabc", "testtest", "aaaaaaaa", "!!!!!!!!", "!@#$%^&*", "ضصثقفغعه", "بسم الله", "محمّد ١٢٣٤",
        "اللَّهُ أكبر", "كلمة المرور", "habibi99", "Qimma2026", "قمة 2021!!", "Amal1234", "12amal34", "AMAL!!!!",
    ],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_common(password):
    assert is_common(password, name="Amal")


@pytest.mark.parametrize(
    "password",
    ["long enough", "correct horse battery", "a third one", "Amal likes rivers", "نهر وجسر وقمر", "#$%!^&)(*@"],
)  # fmt: skip
def test_any_other_is_not(password):
    assert not is_common(password, name="Amal")


def test_a_common_password_is_refused_in_a_sentence_wherever_one_is_set(nobody):
    sent = nobody.post("/register", name="Amal", password="password1", form_key="r" * 24)
    assert sent.status == 422
    assert "among the first that are tried" in sent.text
    nobody.post("/register", name="Amal", password="long enough", form_key="s" * 24)
    changed = nobody.post("/password", old="long enough", password="Amal 1234")
    assert changed.status == 422
    assert "among the first that are tried" in changed.text


@pytest.mark.parametrize("name", ["Аmal", "Amаl Salem", "Αmal"])
def test_a_name_of_two_alphabets_that_look_alike_is_refused(name):
    with pytest.raises(accounts.BadInput, match=r"^name$"):
        accounts.credentials(name, "long enough")


@pytest.mark.parametrize("name", ["Amal أمل", "Амал", "Amal Салем"])
def test_a_name_in_two_scripts_that_are_told_apart_is_a_name(name):
    assert accounts.credentials(name, "long enough").name == name


# ---------------------------------------------------------------- logins that nobody uses


@pytest.mark.parametrize(
    ("role", "named", "days"),
    [("student", True, 90), ("instructor", True, 14), ("admin", True, 14), ("student", False, 179)],
)  # fmt: skip
def test_a_login_that_is_not_used_ends_and_a_guests_does_not(app, clock, role, named, days):
    names = {"login_name": "Amal", "name_key": "amal"} if named else {}
    with app.test_request_context(), db.transaction() as session:
        user = make_user(session, role=role, **names)
        token = open_login(session, user, clock())
    browser = Visitor(app.test_client())
    browser.client.set_cookie("qimma_login", token)
    clock.move(days=days)
    assert "Sign out" in browser.get("/settings").text or not named
    assert browser.get("/settings/data").status == 200
    clock.move(days=1)
    assert browser.get("/settings/data").status == 303


def test_a_login_that_is_used_stays(app, clock, signed_in):
    teacher = signed_in("instructor")
    for _ in range(4):
        clock.move(days=10)
        assert teacher.post("/settings/browsers/others/end").status == 303
    assert teacher.get("/teach/").status == 200


def test_a_login_that_ended_by_itself_is_not_listed(app, clock, signed_in):
    teacher = signed_in("instructor")
    with app.test_request_context(), db.transaction() as session:
        session.execute(
            insert(Login).values(
                token_hash="t" * 64,
                user_id=teacher.user_id,
                created_at=clock() - timedelta(days=20),
                expires_at=clock() + timedelta(days=100),
            )
        )
    assert teacher.get("/settings/browsers").text.count("Signed in on") == 1


# ---------------------------------------------------------------- cookies of a site with https


def test_a_login_from_before_the_new_names_of_cookies_still_counts_and_moves(new_app, clock):
    app = new_app(PUBLIC_URL="https://quiz.example.org")
    browser = Visitor(app.test_client())
    base = {"base_url": "https://quiz.example.org"}
    with app.test_request_context(), db.transaction() as session:
        user = make_user(session, login_name="Amal", name_key="amal")
        token = open_login(session, user, clock())
    browser.client.set_cookie("qimma_login", token, domain="quiz.example.org")
    assert browser.get("/password", **base).status == 200
    page = browser.get("/settings", **base)
    out = browser.client.post(
        "/sign-out", data=dict(page.form("/sign-out").fields), headers={"Referer": "https://quiz.example.org/"}, **base
    )
    assert any(line.startswith("qimma_login=;") for line in out.headers.getlist("Set-Cookie"))
    clock.move(days=600)
    with app.test_request_context(), db.transaction() as session:
        token = open_login(session, user, clock())
    browser.client.set_cookie("qimma_login", token, domain="quiz.example.org")
    assert browser.get("/password", **base).status == 303
