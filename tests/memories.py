"""Learners whose memory is known, since it is made up: what a log of theirs looks like after months of review."""

from __future__ import annotations

from random import Random

from sqlalchemy import insert
from sqlalchemy.orm import Session

from questions.history import Memory, Rating
from quiz import scheduling
from quiz.ids import new_ids
from quiz.models import Card, ReviewLog
from quiz.scheduling import Parameters
from quiz.services import study

# Keeps new facts longer than most, gains less from each review, and forgets along another curve.
OTHER = (
    0.424, 2.198, 5.766, 16.59, 6.4133, 0.8334, 3.0194, 0.001, 1.2, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483,
    0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.35,
)  # fmt: skip
FIRST_DAY = 20_000
Day = tuple[int, Rating]  # of a review, and what it was rated


def reviewed(truly: Parameters, *, points: int, days: int, seed: int) -> list[list[Day]]:
    """By point, its reviews: on the days that the usual schedule gives, answered as such a memory would."""
    dice, usual = Random(seed), scheduling.numbers(None)  # noqa: S311  (the same dice each time)
    return [
        _of_point(truly, usual, FIRST_DAY + nr * days // points // 2, FIRST_DAY + days, dice) for nr in range(points)
    ]


def _of_point(truly: Parameters, usual: Parameters, day: int, end: int, dice: Random) -> list[Day]:
    real: Memory | None = None
    planned: Memory | None = None
    log: list[Day] = []
    while day < end:
        recalled = dice.random() < (scheduling.retrievability(real, day, truly) if real else 0.7)
        rating = Rating.AGAIN if not recalled else Rating.HARD if dice.random() < 0.15 else Rating.GOOD
        real = scheduling.review(real, rating, day, parameters=truly)
        planned = scheduling.review(planned, rating, day, parameters=usual)
        log.append((day, rating))
        day = planned.due + dice.choice([0, 0, 0, 1, 2])
    return log


def lay(session: Session, logs: list[list[Day]], *, learner: study.Learner, bank_id: str = "dam") -> None:
    """Write them down as a learner's own: log and cards."""
    rows = []
    made = list(zip(new_ids(len(logs)), logs, strict=True))
    own = {"learner_id": learner.id}
    blank = {"reps": 0, "lapses": 0}
    for nr, (card, log) in enumerate(made):
        session.execute(insert(Card).values(**own, id=card, bank_id=bank_id, point=f"f-{nr + 10}.day", **blank))
        for id_, (day, rating) in zip(new_ids(len(log)), log, strict=True):
            rows.append(
                {
                    **own,
                    "id": id_,
                    "card_id": card,
                    "question_id": f"f-{nr + 10}.day.choice",
                    "reviewed_ms": day * 86_400_000 + nr,
                    "day": day,
                    "rating": int(rating),
                    "counted": True,
                    "guess": False,
                    "kind": "review",
                }
            )
    session.execute(insert(ReviewLog), rows)
    study.refold(session, learner.id)
    session.expire_all()
