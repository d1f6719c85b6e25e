"""Answers a second over HTTP, beside a bare Flask page on the same server with the same workers."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

SECONDS = 5.0
CLIENTS = 4
BARE = """
from flask import Flask
from quiz import serving
class Bare(serving._Server):
    def load(self):
        app = Flask("bare")
        app.add_url_rule("/", view_func=lambda: "<!doctype html><title>Bare</title><p>" + "x" * 3000)
        return app
import sys
serving._Server = Bare
serving.run("127.0.0.1", int(sys.argv[1]), workers=2, threads=2)
"""


def run() -> list[tuple[str, float, float, str]]:
    """One row: answers a second (each a POST, its verdict page and the next question) and bare pages a second."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "QIMMA_DATA_DIR": folder}
        with _server([sys.executable, "-m", "quiz", "serve", "--port"], environment) as port:
            answers = _rate(_learner, port)
        with _server([sys.executable, "-c", BARE], environment) as port:
            pages = _rate(_reader, port)
    return [("answers (POST, verdict, next question)", answers, pages, "/s")]


@contextmanager
def _server(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603  (our own command)
        [*command, str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _rate(client, port: int) -> float:
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(lambda _: client(port, until), range(CLIENTS)))
    return done / SECONDS


def _reader(port: int, until: float) -> int:
    connection, done = http.client.HTTPConnection("127.0.0.1", port), 0
    while time.monotonic() < until:
        connection.request("GET", "/")
        connection.getresponse().read()
        done += 1
    return done


def _learner(port: int, until: float) -> int:
    """A guest who answers a quiz of every question, over one connection."""
    browser, done = _Browser(port), 0
    page = browser.post(f"/banks/{browser.bank}/quiz", browser.get("/"), size="all")
    while time.monotonic() < until:
        said = {"sure": "unknown"} if 'name="place-1"' in page else {"option": "1", "text": "x"}
        verdict = browser.post(f"{browser.path}/answer", page, **said)
        done += 1
        following = re.search(r'class="button main" href="([^"]+)"', verdict)
        if following is None:
            break
        page = browser.get(following[1])
    return done


class _Browser:
    """As much of a browser as the benchmark needs: cookies, redirects, the form's tokens."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies: dict[str, str] = {}
        self.path = "/"
        found = re.search(r'action="/banks/([^/"]+)/quiz"', self.get("/"))
        assert found is not None
        self.bank = found[1]

    def get(self, path: str) -> str:
        return self._send("GET", path, None)

    def post(self, path: str, page: str, **fields: str) -> str:
        for name in ("csrf_token", "form_key"):
            found = re.search(rf'name="{name}" value="([^"]+)"', page)
            if found:
                fields[name] = found[1]
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status in {302, 303}:
            return self._send("GET", response.headers["Location"], None)
        assert response.status == 200, (method, path, response.status)
        self.path = path
        return text
