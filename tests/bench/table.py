"""The instructors' table of ten thousand questions: a filter, beside the same page without one; and its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy.orm import Session

from questions.bank import SCHEMA, Bank, Entry, OpenQuestion
from questions.texts import Bilingual
from quiz import db
from quiz.services import banks, checking, table

COUNT = 10_000


def invented(now: datetime) -> Bank:
    questions = (
        OpenQuestion(
            id=f"q-{number}",
            stem=Bilingual(ar=f"ما الذي قيل في المسألة رقم {number}؟", en=f"What was said of matter number {number}?"),
            feedback=Bilingual(ar="هذا ما قيل فيها.", en="That is what was said of it."),
        )
        for number in range(COUNT)
    )
    return Bank(
        schema=SCHEMA,
        id="many",
        title=Bilingual(en="many"),
        deck="many",
        languages=("ar", "en"),
        entries=tuple(Entry(question=question, changed=now) for question in questions),
    )


def run() -> Iterator[tuple[str, float, float, str]]:
    """(what, figure, floor, unit)."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        engine = db.make_engine(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        db.upgrade(engine)
        with db.transaction(engine) as session:
            banks.import_file(session, invented(now), now=now)
        wanted = table.Filter(query="المساله 99", kind="open", state="live", sort="stem")
        with db.reading(engine) as session:
            figure, floor = (min(_seconds(session, one) for _ in range(5)) * 1000 for one in (wanted, table.Filter()))
            reading = _first(lambda: banks.live(session, "many"))
            looking = [_first(partial(checking.find, session, "many", check)) for check in ("near", "told")]
            again = _first(lambda: checking.find(session, "many", "near"))
        engine.dispose()
    yield "10,000 questions: a filter, beside none", figure, floor, "ms"
    yield "10,000 questions: doubles, beside reading them", looking[0], reading, "ms"
    yield "10,000 questions: answers told, beside the same", looking[1], reading, "ms"
    yield "10,000 questions: doubles, looked for again", again, reading, "ms"


def _first(work: Callable[[], object]) -> float:
    """The milliseconds of something that is only slow once."""
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


def _seconds(session: Session, wanted: table.Filter) -> float:
    begun = perf_counter()
    table.page(session, "many", wanted)
    return perf_counter() - begun
