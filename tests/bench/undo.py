"""A thousand answers of reviews, each taken back at once: how many left a card or the queue otherwise than it was."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own rooms

ANSWERS = 1000


def run() -> list[tuple[str, float, float, str]]:
    """One row: the answers whose undo left a difference, of which there must be none, and all that were taken back."""
    from factories import make_learner
    from life import Life

    from quiz import db

    with tempfile.TemporaryDirectory() as folder:
        engine = db.make_engine(f"sqlite:///{folder}/undo.sqlite")
        db.upgrade(engine)
        with db.transaction(engine) as session:
            life = Life(session, make_learner(session), Random(1), datetime(2026, 1, 12, 9, 0, tzinfo=UTC))  # noqa: S311
            found = life.undo_differences(ANSWERS)
        engine.dispose()
    return [("answers taken back that left a trace, of all", len(found), ANSWERS, "")]
