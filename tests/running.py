"""`qimma serve` as a process of its own, for tests that stop, kill and starve it; asked over plain HTTP."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, select

QIMMA = [sys.executable, "-m", "quiz"]


class Server:
    """A running site; `kill` and `start` as often as a test likes, on the same port. `code` holds another release."""

    def __init__(self, data: Path, *, code: Path | None = None, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log, self.code = data / f"server-{self.port}.log", code
        own = {"QIMMA_DATA_DIR": str(data), "QIMMA_WORKERS": "1", "QIMMA_SECRET_KEY": "for tests only " * 3}
        self.env = {**os.environ, **own, **settings, "PYTHONUNBUFFERED": "1"}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [*QIMMA, "serve", "--port", str(self.port)],
                env=self.env,
                cwd=self.code,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self, seconds: float = 60) -> float:
        """Until it is ready. Returns how long that took."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            try:
                if Browser(self.port).ask("GET", "/readyz").status == 200:
                    return time.monotonic() - begun
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def workers(self) -> list[int]:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in children.read_text().split()]

    def signal(self, sign: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(sign)

    def kill(self) -> None:
        """All of it at once, as when the power goes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def kill_worker(self) -> None:
        """One of the processes that answer; another takes its place."""
        os.kill(self.workers()[0], signal.SIGKILL)


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    with hosts(data, 1, **settings) as (server,):
        yield server


@contextmanager
def hosts(data: Path, count: int, **settings: str) -> Iterator[list[Server]]:
    """Several of them on one database, started at the same moment."""
    servers = [Server(data, **settings) for _ in range(count)]
    try:
        for one in servers:
            one.start()
        for one in servers:
            one.wait()
        yield servers
    finally:
        for one in servers:
            one.kill()


class Reply:
    def __init__(self, answered: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.text = answered.status, answered.headers, answered.read().decode()
        self.location = answered.headers.get("Location", "")


class Browser:
    """Keeps cookies, and sends forms as they stand; where there are several hosts, to each in turn."""

    def __init__(self, *ports: int) -> None:
        self.ports, self.cookies = cycle(ports), {"qimma_lang": "en"}

    def ask(self, method: str, path: str, timeout: float = 20, **fields: str) -> Reply:
        line = http.client.HTTPConnection("127.0.0.1", next(self.ports), timeout=timeout)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, path, urlencode(fields) if fields else None, headers)
            reply = Reply(line.getresponse())
        finally:
            line.close()
        for cookie in reply.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply


def fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form is not None, page
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


# ---------------------------------------------------------------- load


class Learner(threading.Thread):
    """Answers quiz after quiz, and keeps what was acknowledged; sends again what was not."""

    def __init__(self, ports: tuple[int, ...], chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.browser, self.chance = Browser(*ports), chance
        self.acknowledged: dict[int, int] = {}  # attempt: the option that was chosen, by its place
        self.at: list[float] = []  # when each was acknowledged
        self.statuses: Counter[int] = Counter()
        self.over, self.fault = threading.Event(), ""

    def run(self) -> None:
        path = ""
        while not self.over.is_set():
            path = self._answer(path) if path else self._begin()

    def _begin(self) -> str:
        form = self._sent("GET", "/")
        if form is None or not form.text:
            return ""
        action = re.search(r'action="(/banks/[^"]+/quiz)"', form.text)
        assert action is not None, form.text
        begun = self._sent("POST", action[1], **fields(form.text, action[1]) | {"kind": "choice", "size": "20"})
        return begun.location if begun is not None else ""

    def _answer(self, path: str) -> str:
        """Answer the question at this path. Returns where to go next."""
        page = self._sent("GET", path)
        if page is None:
            return ""
        form = re.search(r'action="(/attempts/(\d+)/answer)"', page.text)
        if form is not None:
            option = self.chance.randint(1, 3)
            done = self._sent("POST", form[1], **fields(page.text, form[1]) | {"option": str(option)})
            if done is None:
                return ""
            if done.status != 303:
                self.fault = f"{done.status}: {done.text}"
            else:
                self.acknowledged[int(form[2])] = option
                self.at.append(time.monotonic())
            return done.location
        following = re.search(r'class="button main" href="(/attempts/\d+)"', page.text)
        return following[1] if following else ""

    def _sent(self, method: str, path: str, **fields: str) -> Reply | None:
        """The reply, however often it takes; None when it is over."""
        while not self.over.is_set():
            try:
                reply = self.browser.ask(method, path, **fields)
            except (OSError, http.client.HTTPException):
                reply = None
            self.statuses[reply.status if reply else 0] += 1
            if reply is None or reply.status == 503:
                time.sleep(0.05)
            elif method == "GET" and reply.location:
                path = reply.location
            else:
                return reply
        return None


@contextmanager
def load(*ports: int, learners: int = 4) -> Iterator[list[Learner]]:
    """Learners who answer until the block ends."""
    there = [Learner(ports, random.Random(nr)) for nr in range(learners)]  # noqa: S311  (answers, no secrets)
    for one in there:
        one.start()
    try:
        yield there
    finally:
        for one in there:
            one.over.set()
        for one in there:
            one.join(30)


def more_answers(learners: list[Learner], count: int, seconds: float = 60) -> None:
    """Wait until so many more were acknowledged."""
    begun, had = time.monotonic(), sum(len(one.acknowledged) for one in learners)
    while sum(len(one.acknowledged) for one in learners) < had + count:
        assert time.monotonic() - begun < seconds, [dict(one.statuses) for one in learners]
        assert not any(one.fault for one in learners), [one.fault for one in learners]
        time.sleep(0.01)


def odd(learners: list[Learner]) -> list[int]:
    """What they were told beside what they asked for and the honest "busy"."""
    return sorted({status for one in learners for status in one.statuses} - {0, 200, 303, 503})


def lost(engine: Engine, learners: list[Learner]) -> list[str]:
    """What was acknowledged and is not in the database once, as it was given; and whatever `qimma doctor` finds."""
    from quiz import db, doctor, read_settings
    from quiz.models import Attempt, ReviewLog

    said = {attempt: option for one in learners for attempt, option in one.acknowledged.items()}
    with db.reading(engine) as session:
        kept = {
            row.id: json.loads(row.shown)["order"].index(json.loads(row.response)["option"]) + 1
            for row in session.execute(
                select(Attempt.id, Attempt.shown, Attempt.response).where(Attempt.answered_at.is_not(None))
            )
        }
        reviews = Counter(session.scalars(select(ReviewLog.attempt_id).where(ReviewLog.voided_at.is_(None))))
    found = [f"{one.name}: {one.first}" for one in doctor.examine(engine, read_settings()) if one.in_rows and one.count]
    return found + [
        f"{attempt}: option {option}, kept {kept.get(attempt)}, {reviews[attempt]} reviews"
        for attempt, option in said.items()
        if kept.get(attempt) != option or reviews[attempt] != 1
    ]
