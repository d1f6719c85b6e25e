"""The walk of one answer, in this process: CPU of a POST and the GET of its verdict, beside a bare floor; and what of
it the database takes, beside the same statements given to `sqlite3` as they are.
"""

from __future__ import annotations

import io
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Connection, Engine, event

from quiz import db, security
from quiz.services import accounts, banks, study
from tests.bench.floor import connect, filled, floor, site

ANSWERS = 130
ROUNDS = 5


def run() -> Iterator[tuple[str, float, float, str]]:
    """Milliseconds of CPU an answer: the least of five rounds each, every single answer taken in turn."""
    with TemporaryDirectory() as folder:
        ours, bare = Path(folder, "site"), Path(folder, "floor")
        filled(ours)
        shutil.copytree(ours, bare)
        apps = [site(ours), floor(bare)]
        yield ("an answer and its verdict, CPU", *_in_turn(apps), "ms")
        yield ("an answer and its verdict, the database layer, CPU", *_layers(apps[0], Path(folder)), "ms")
        for app in apps:
            db.engine_of(app).dispose()


def _in_turn(apps: list[Flask]) -> list[float]:
    least = [1e9] * len(apps)
    for _ in range(ROUNDS):
        spent = [0.0] * len(apps)
        guests = [Guest(app) for app in apps]
        for _answer in range(ANSWERS):
            for nr, guest in enumerate(guests):
                spent[nr] += guest.answer()
        least = [min(pair) for pair in zip(least, spent, strict=True)]
    return [seconds / ANSWERS * 1000 for seconds in least]


class Guest:
    """A new guest with a quiz of every question, each answered by its first option."""

    def __init__(self, app: Flask) -> None:
        now = datetime.now(UTC)
        with app.test_request_context(), db.transaction() as session:
            user_id = accounts.new_guest(session, language="en", time_zone="UTC", now=now)
            token = security.open_login(session, user_id, now)
            session.flush()
            learner = accounts.learner(session, user_id)
            (bank_id,) = banks.bank_ids(session)
            sitting = study.start_quiz(session, bank_id, learner=learner, count=None, now=now)
            attempt = study.open_attempt(session, sitting, learner=learner)
        self.browser = _Browser(app, f"qimma_login={token}; qimma_lang=en")
        self.page = self.browser.ask("GET", f"/attempts/{attempt}")

    def answer(self) -> float:
        """Seconds of CPU for the answer to what is open now and the page that its sender is led to."""
        found = re.search(r'action="(/attempts/\d+)/answer"', self.page)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found is not None
        assert csrf is not None
        body = urlencode({"csrf_token": csrf[1], "option": "1"}).encode()
        begun = time.process_time()
        self.browser.ask("POST", f"{found[1]}/answer", body)
        verdict = self.browser.ask("GET", found[1])
        spent = time.process_time() - begun
        following = re.search(r'class="button main" href="([^"]+)"', verdict)
        assert following is not None
        self.page = self.browser.ask("GET", following[1])
        return spent


class _Browser:
    """The application is called as a server calls it, with nothing of a test client's around it."""

    def __init__(self, app: Flask, cookie: str) -> None:
        self.app, self.cookie = app, cookie

    def ask(self, method: str, path: str, body: bytes = b"") -> str:
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
        }

        def start(line: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            status.append(line)
            given = [value.partition(";")[0] for name, value in headers if name == "Set-Cookie"]
            self.cookie = "; ".join([self.cookie, *given])

        answered = self.app.wsgi_app(environ, start)
        text = b"".join(answered).decode()
        assert status[0][:3] in {"200", "303"}, (method, path, status, text)
        return text


# ---------------------------------------------------------------- the database alone


def _layers(app: Flask, folder: Path) -> tuple[float, float]:
    """The statements of a guest's answers, twice over: through SQLAlchemy as they are built, and as text."""
    engine = db.engine_of(app)
    guest = Guest(app)
    copies = [folder / f"{name}.sqlite" for name in ("layer", "raw")]
    engine.dispose()  # all of it is in the file then
    for copy in copies:
        shutil.copy(folder / "site" / db.DATABASE_FILE, copy)
    walks = []
    for _ in range(ANSWERS):
        with _recorded(engine) as seen:
            guest.answer()
        walks.append(seen[:4])  # a form's login and its transaction, a page's login and what it reads
    layer, raw = db.make_engine(f"sqlite:///{copies[0]}"), connect(copies[1])
    spent = [0.0, 0.0]
    for walk in walks:
        begun = time.process_time()
        for writes, statements in walk:
            _through(layer, statements, writes=writes)
        between = time.process_time()
        for writes, statements in walk:
            raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            for _statement, _values, text, values in statements:
                raw.execute(text, values).fetchall()
            raw.execute("COMMIT")
        spent[0] += between - begun
        spent[1] += time.process_time() - between
    layer.dispose()
    raw.close()
    return spent[0] / ANSWERS * 1000, spent[1] / ANSWERS * 1000


def _through(engine: Engine, statements: list[Any], *, writes: bool) -> None:
    with db.transaction(engine) if writes else db.reading(engine) as session:
        for statement, values, _text, _values in statements:
            result = session.execute(statement, values)
            if result.returns_rows:
                result.all()


@contextmanager
def _recorded(engine: Engine) -> Iterator[list[tuple[bool, list[Any]]]]:
    """Each transaction: whether it writes, and its statements as SQLAlchemy got them and as `sqlite3` did."""
    seen: list[tuple[bool, list[Any]]] = []
    asked: list[Any] = []

    def begin(connection: Connection) -> None:
        seen.append((connection.engine is engine, []))

    def before(_connection: Connection, statement: Any, _many: Any, values: Any, _options: Any) -> None:
        asked[:] = [statement, values]

    def given(_connection: Connection, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        seen[-1][1].append((*asked, text, values))

    listening = [("begin", begin), ("before_execute", before), ("before_cursor_execute", given)]
    for one in (engine, db._reader(engine)):
        for name, call in listening:
            event.listen(one, name, call)
    try:
        yield seen
    finally:
        for one in (engine, db._reader(engine)):
            for name, call in listening:
                event.remove(one, name, call)
