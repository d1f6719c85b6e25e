"""A memory that goes to Anki and back every day, and what it costs to take ten thousand reviews in."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE / "anki")]

import factories  # noqa: E402  (tests are no package)
from both_sides import Desk, Site  # noqa: E402

from questions.anki_ids import guid  # noqa: E402
from questions.formats.apkg_reviews import AnkiReview  # noqa: E402
from questions.history import Rating, Review  # noqa: E402
from quiz import db, scheduling  # noqa: E402
from quiz.services import anki_progress, banks  # noqa: E402

DAYS, CARDS, REVIEWS = 100, 1000, 10


def run() -> list[tuple[str, float, float, str]]:
    return [*_crossings(), _merging()]


def _crossings() -> list[tuple[str, float, float, str]]:
    """A day here, a day there; each time into an Anki that does not know the deck."""
    engine = db.make_engine("sqlite://")
    db.upgrade(engine)
    dice = Random(1)  # noqa: S311
    furthest = {"s": 0.0, "d": 0.0}
    with tempfile.TemporaryDirectory() as folder, db.transaction(engine) as session:
        site = Site(session, *factories.every_kind(), *factories.more(20), new_per_day=4)
        for day in range(DAYS):
            if day % 2 == 0:
                site.review(dice)
            else:
                desk = Desk(Path(folder) / str(day))
                desk.take(site.deck(Path(folder) / "out.apkg"))
                desk.study(dice)
                site.take(desk.give(Path(folder) / "in.apkg"))
                cards = desk.cards()
                for point, memory in site.memories().items():
                    exact = {"s": memory.stability, "d": memory.difficulty}
                    for name, value in exact.items():
                        furthest[name] = max(furthest[name], abs(cards[point][name] / value - 1))
                desk.close()
            site.age()
    engine.dispose()
    return [
        ("Anki and back for 100 days: stability off by", furthest["s"] * 100, 1.0, "%"),
        ("Anki and back for 100 days: difficulty off by", furthest["d"] * 100, 1.0, "%"),
    ]


def _merging() -> tuple[str, float, float, str]:
    """Beside reckoning the same memories, and writing nothing."""
    engine = db.make_engine("sqlite://")
    db.upgrade(engine)
    now, questions = datetime.now(UTC), factories.more(CARDS)
    with db.transaction(engine) as session:
        banks.load(session, factories.make_bank(*questions), now=now)
        learner = factories.make_learner(session)
        reviews = [
            AnkiReview(
                guid("dam", question.point),
                0,
                int((now - timedelta(days=400 - 17 * nth)).timestamp() * 1000) + place,
                3 if (place + nth) % 5 else 1,
                "review",
            )
            for place, question in enumerate(questions)
            for nth in range(REVIEWS)
        ]
        session.flush()
        started = time.perf_counter()
        for part in anki_progress.parts(session, "dam", reviews, now=now):
            anki_progress.merge(session, "dam", part, learner=learner)
        took = time.perf_counter() - started
    started = time.perf_counter()
    for _, log in groupby(reviews, key=lambda one: one.guid):
        scheduling.replay(
            Review(one.reviewed_ms, one.reviewed_ms // 86_400_000, Rating(one.rating), counted=True) for one in log
        )
    floor = time.perf_counter() - started
    engine.dispose()
    return "10,000 reviews from Anki, beside replaying them", took, floor, "s"
