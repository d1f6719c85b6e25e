"""What machines ask of the site, what it writes down of itself, and what a reader sees when the database fails."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing

import pytest
from factories import make_bank, make_user
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from visitor import Page, Visitor

from quiz import db, logs
from quiz.services import banks

# ---------------------------------------------------------------- ready


def ready(browser):
    said = browser.client.get("/readyz")
    return said.status_code, said.text


def test_a_site_with_its_database_is_ready(nobody):
    assert ready(nobody) == (200, "ok\n")


def revision(app, value):
    with db.engine_of(app).begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{value}'")  # noqa: S608  (ours)


def test_an_older_schema_is_not_ready_and_says_what_to_do(app, nobody):
    revision(app, "0001")
    assert ready(nobody) == (503, "the schema of the database is an older one; run: qimma db upgrade\n")


def test_a_newer_schema_is_ready_while_versions_are_exchanged(app, nobody):
    revision(app, "9999")
    assert ready(nobody) == (200, "ok\n")


@pytest.mark.parametrize(
    "address", ["sqlite:////nowhere/at/all.sqlite", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"]
)
def test_without_a_database_the_site_answers_and_is_not_ready(new_app, address):
    app = new_app(DATABASE_URL=address, SECRET_KEY="s" * 40, TESTING=False)
    visitor = Visitor(app.test_client())
    assert ready(visitor) == (503, "the database does not answer\n")
    assert (visitor.get("/healthz").status, visitor.get("/").status) == (200, 503)


# ---------------------------------------------------------------- logs


@pytest.fixture
def lines(app):
    """What the site writes, as it writes it."""
    kept = []

    class Keep(logging.Handler):
        def emit(self, record):
            kept.append(json.loads(logs.Lines().format(record)))

    handler, log = Keep(), logging.getLogger("quiz")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield kept
    log.removeHandler(handler)
    log.setLevel(level)


def of_requests(lines):
    return [line for line in lines if line["from"] == "quiz.requests"]


def test_a_request_is_one_line_with_an_id_that_its_reply_has_too(nobody, lines):
    page = nobody.get("/link/a-secret-token")
    (line,) = of_requests(lines)
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "accounts.link", page.status)
    assert (line["request"], line["level"]) == (page.headers["X-Request-Id"], "info")
    assert "a-secret-token" not in json.dumps(lines)
    assert line["ms"] >= 0


def test_every_line_of_a_request_has_its_id(student, lines):
    student.start(kind="choice")
    begun = next(line for line in lines if line["message"].startswith("sitting "))
    line = next(one for one in of_requests(lines) if one["method"] == "POST")
    assert begun["request"] == line["request"]


def test_what_follows_for_the_script_has_the_same_id(student, lines):
    form = student.start(kind="choice").form("/answer")
    lines.clear()
    page = Page(student.client.post(form.action, data={**dict(form.fields), "option": "1"}, headers={"X-Swap": "kit"}))
    assert [line["endpoint"] for line in of_requests(lines)] == ["study.answer", "study.attempt"]
    assert {line["request"] for line in of_requests(lines)} == {page.headers["X-Request-Id"]}


@pytest.mark.parametrize(
    ("proxies", "given", "kept"), [(0, "from-the-proxy", False), (1, "from-the-proxy", True), (1, 'a"b\\c d', False)]
)
def test_an_id_is_taken_from_a_proxy_that_is_believed_and_from_nobody_else(new_app, proxies, given, kept):
    client = new_app(PROXIES=proxies).test_client()
    found = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (found == given) is kept
    assert len(found) >= 8


def test_what_people_send_is_in_no_line(nobody, lines):
    secrets = ["Salma-the-Student", "a long password 77", "salma@example.org"]
    name, password, _ = secrets
    nobody.send(nobody.get("/register").form("/register"), name=name, password=password, again=password)
    nobody.send(nobody.get("/sign-in").form("/sign-in"), name=name, password="wrong one 88")
    nobody.get("/?q=salma@example.org")
    said = json.dumps(lines)
    assert [
        one for one in (*secrets, "wrong one 88", nobody.client.get_cookie("qimma_form").value) if one in said
    ] == []


def test_an_error_of_the_database_is_logged_without_the_values(shared_engine):
    """Neither what was sent with the statement nor what the server says of the row that is there."""
    named = {"login_name": "Zubayda", "name_key": "zubayda"}
    with db.transaction(shared_engine) as session:
        make_user(session, **named)
    with pytest.raises(IntegrityError) as fault, db.transaction(shared_engine) as session:
        make_user(session, **named)
    exc_info = (fault.type, fault.value, fault.tb)
    record = logging.LogRecord("quiz", logging.ERROR, "", 0, "unhandled", (), exc_info)
    line = json.loads(logs.Lines().format(record))
    assert ("IntegrityError" in line["error"], "zubayda" in line["error"].lower()) == (True, False)
    assert "\n" not in logs.Lines().format(record)


# ---------------------------------------------------------------- a database that fails


@pytest.fixture
def file(tmp_path, empty_file, now):
    """A database in a file, with the small bank."""
    file = tmp_path / "own.sqlite"
    file.write_bytes(empty_file.read_bytes())
    engine = db.make_engine(f"sqlite:///{file}")
    with db.transaction(engine) as session:
        banks.load(session, make_bank(), packaged=True, now=now)
    engine.dispose()
    return file


BUSY = [("en", "The site is busy"), ("ar", "الموقع مشغول")]


def answer_until_refused(visitor, most=100):
    """Answer quiz after quiz. Returns how many were acknowledged, and what came in place of the next."""
    for taken in range(most):
        question = visitor.start(kind="choice", form_key=f"{taken:024}")
        if question.status != 200:
            return taken, question
        page = visitor.send(question.form("/answer"), option="1")
        if page.status != 303:
            return taken, page
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize(("lang", "title"), BUSY)
def test_a_full_disk_gives_a_page_and_loses_nothing_that_was_acknowledged(new_app, file, lang, title):
    app = new_app(DATABASE_URL=f"sqlite:///{file}", TESTING=False)
    engine, visitor = db.engine_of(app), Visitor(app.test_client(), lang)
    with closing(sqlite3.connect(file)) as raw:
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
    most = [pages + 3]
    event.listen(engine, "connect", lambda raw, _record: raw.execute(f"PRAGMA max_page_count = {most[0]}"))
    taken, page = answer_until_refused(visitor)
    assert (page.status, page.heading) == (503, title)
    assert visitor.get("/").status == 200  # what needs no room works on
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT count(*) FROM review_log").fetchone() == (taken,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    most[0] = 2**30
    engine.dispose()
    assert visitor.start(kind="choice", form_key="again" * 5).status == 200


@pytest.mark.parametrize(("lang", "title"), BUSY)
def test_a_database_that_may_only_be_read_is_read_and_says_so_of_the_rest(new_app, file, lang, title):
    app = new_app(DATABASE_URL=f"sqlite:///file:{file}?mode=ro&uri=true", TESTING=False)
    visitor = Visitor(app.test_client(), lang)
    assert (visitor.get("/").status, visitor.get("/banks/dam/world").status) == (200, 200)
    page = visitor.start(kind="choice")
    assert (page.status, page.heading) == (503, title)


def test_a_pool_without_a_free_connection_gives_the_same_page(new_app):
    app = new_app(TESTING=False)
    app.add_url_rule("/test/waits", view_func=lambda: (_ for _ in ()).throw(PoolTimeout("none is free")), endpoint="w")
    assert Visitor(app.test_client()).get("/test/waits").status == 503


def test_a_database_server_that_went_away_is_asked_again_when_it_is_back(new_app, emptied, postgres_server, now):
    with db.transaction(emptied) as session:
        banks.load(session, make_bank(), packaged=True, now=now)
    address = emptied.url.render_as_string(hide_password=False)
    app = new_app(DATABASE_URL=address, SECRET_KEY="s" * 40, TESTING=False)
    visitor = Visitor(app.test_client(), "ar")
    question = visitor.start(kind="choice")
    postgres_server.stop()
    try:
        page = visitor.send(question.form("/answer"), option="1")
        assert (page.status, page.heading, page.lang) == (503, "الموقع مشغول", "ar rtl")
        assert visitor.get("/readyz").status == 503
    finally:
        postgres_server.ensure_postgres_running()
    assert visitor.get("/readyz").status == 200
    assert visitor.send(question.form("/answer"), option="1").status == 303
