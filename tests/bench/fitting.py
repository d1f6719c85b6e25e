"""Fitting a schedule to a learner's log, beside the library alone on the same reviews; and what it is good for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own rooms

import memories

from quiz.services import fitting

ROUNDS = 3
POINTS, DAYS = 1_000, 365


def run(points: int = POINTS, days: int = DAYS) -> list[tuple[str, float, float, str]]:
    """Seconds of CPU, the least of some rounds taken in turn; and log losses on reviews that neither has seen."""
    logs = {"other": log(memories.OTHER, points, days), "usual": log(None, points, days)}
    best = {"ours": 1e9, "bare": 1e9}
    for _ in range(ROUNDS):
        for name, work in (("ours", lambda: fitting.fit(logs["other"])), ("bare", lambda: bare(logs["other"]))):
            best[name] = min(best[name], took(work))
    other, usual = fitting.fit(logs["other"]), fitting.fit(logs["usual"])
    assert other is not None
    assert usual is not None
    return [
        (f"fitting to {other.reviews:,} reviews", best["ours"], best["bare"], "s"),
        ("log loss of who keeps otherwise, beside the usual", other.loss_after, other.loss_before, ""),
        ("log loss of who keeps as most do", usual.loss_after, usual.loss_before, ""),
    ]


def log(truly: Any, points: int, days: int) -> fitting.Log:
    made = memories.reviewed(truly, points=points, days=days, seed=1)
    return fitting.Log(
        [[(day * 86_400_000 + nr, day, int(rating)) for day, rating in one] for nr, one in enumerate(made)], None
    )


def bare(known: fitting.Log) -> None:
    """The library's own way, with nothing judged afterwards."""
    import fsrs_rs_python as fsrs_rs

    items = []
    for point in known.points:
        reviews, last = [], point[0][1]
        for _, day, rating in point:
            reviews.append(fsrs_rs.FSRSReview(rating, day - last))
            last = day
            if len(reviews) > 1:
                items.append(fsrs_rs.FSRSItem(list(reviews)))
    fsrs_rs.FSRS([]).compute_parameters(items[: -len(items) // 5])


def took(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
