"""Fitting the schedule to a learner's own log: how long they keep what, learnt from what they kept and forgot.

Learnt from the older part of the log, judged by the newer part, and kept only when it predicts that part better.
Needs fsrs-rs-python (the extra `fit`); without it nothing is offered.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from itertools import groupby
from math import isfinite
from statistics import fmean
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from quiz import scheduling
from quiz.ids import new_id
from quiz.models import Card, Fitting, ReviewLog, User
from quiz.scheduling import Parameters
from quiz.services import study
from quiz.services.study import Learner
from quiz.services.study.learner import in_turn

log = logging.getLogger(__name__)
# Reviews that tell how well something was kept. In simulations 400 taught more noise than habits: on the reviews to
# come it did worse than the usual numbers as often as better. From 1,000 on it helped those who differ, and hurt none.
LEAST = 1_000
AGAIN_AFTER = 100  # more of them, fitting is offered anew
_MARGIN = 0.01  # of the log loss: a smaller gain is as likely chance
_UNSEEN = 0.2  # of them, the latest: what it is judged by
_GAMMA = 5.0  # how strongly the usual numbers are held on to; with the library's 1 a short log is overrated


def is_installed() -> bool:
    return find_spec("fsrs_rs_python") is not None


# ---------------------------------------------------------------- where a learner stands


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to fit the schedule to, and what came of it the last time."""

    reviews: int
    own: bool  # the learner's own parameters are in use
    last: Fitting | None

    @property
    def wanting(self) -> int:
        """How many more reviews it takes until fitting is offered."""
        return max((self.last.reviews + AGAIN_AFTER if self.last else LEAST) - self.reviews, 0)

    @property
    def is_offered(self) -> bool:
        return self.wanting == 0 and is_installed()


def standing(session: Session, learner: Learner) -> Standing:
    last = _last(session, learner.id)
    if last is not None:
        session.expunge(last)  # to be read when the transaction is over
    # Of each point all reviews but the first: that one says nothing about keeping.
    counted = select(func.coalesce(func.sum(Card.reps - 1), 0)).where(Card.learner_id == learner.id, Card.reps > 0)
    return Standing(int(session.scalars(counted).one()), learner.fsrs_parameters is not None, last)


def _last(session: Session, learner_id: int) -> Fitting | None:
    return session.scalars(
        select(Fitting).where(Fitting.learner_id == learner_id).execution_options(populate_existing=True)
    ).first()


# ---------------------------------------------------------------- fitting


@dataclass(frozen=True, slots=True)
class Log:
    """What counts of a learner's log, and the parameters in use."""

    points: list[list[tuple[int, int, int]]]  # of each in order of time: (moment, day, rating)
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Fitted:
    """Parameters that a log gave, beside those that were in use, judged by reviews which neither had seen."""

    parameters: tuple[float, ...]
    before: Parameters
    reviews: int
    unseen: int
    loss_before: float  # log loss: 0 for who predicts all, 0.69 for who throws a coin
    loss_after: float

    @property
    def is_better(self) -> bool:
        return self.loss_after < self.loss_before * (1 - _MARGIN)


def read(session: Session, learner: Learner) -> Log | None:
    """What there is to learn from; None while nothing is offered."""
    if not standing(session, learner).is_offered:
        return None
    rows = session.execute(
        select(ReviewLog.card_id, ReviewLog.reviewed_ms, ReviewLog.day, ReviewLog.rating)
        .where(ReviewLog.learner_id == learner.id, ReviewLog.counted, ReviewLog.voided_at.is_(None))
        .order_by(ReviewLog.card_id, ReviewLog.reviewed_ms)
    )
    points = [
        [(row.reviewed_ms, row.day, row.rating) for row in of_card]
        for _, of_card in groupby(rows, key=lambda row: row.card_id)
    ]
    return Log(points, learner.fsrs_parameters)


def fit(known: Log) -> Fitted | None:
    """Learn from the older part and judge by the newer; no database. None when nothing can be said of it."""
    import fsrs_rs_python as fsrs_rs

    found: list[tuple[int, Any]] = []
    for point in known.points:
        reviews, last_day = [], point[0][1]
        for moment, day, rating in point:
            reviews.append(fsrs_rs.FSRSReview(rating, day - last_day))
            last_day = day
            if len(reviews) > 1:
                found.append((moment, fsrs_rs.FSRSItem(reviews)))
    found.sort(key=lambda one: one[0])
    items = [item for _, item in found]
    unseen = int(len(items) * _UNSEEN)
    learnt = fsrs_rs.FSRS([]).compute_parameters(items[:-unseen], training_config=fsrs_rs.TrainingConfig(gamma=_GAMMA))
    after = scheduling.within_bounds(learnt)

    def loss(parameters: tuple[float, ...]) -> float:
        # One by one: of many at once the library weighs the later ones more.
        judge = fsrs_rs.FSRS(parameters)
        return fmean(judge.evaluate([item]).log_loss for item in items[-unseen:])

    losses = loss(scheduling.numbers(known.parameters)), loss(after)
    if not all(map(isfinite, losses)):
        return None
    return Fitted(after, known.parameters, len(items), unseen, *losses)


def keep(session: Session, fitted: Fitted, *, learner: Learner, now: datetime) -> None:
    """Write down what came of it, and let all memories follow when it is better.

    A second copy of the request finds that it was done, and changes nothing. Raises NotFound for whoever is gone.
    """
    learner = in_turn(session, learner)
    last = _last(session, learner.id)
    if learner.fsrs_parameters != fitted.before or (last and fitted.reviews < last.reviews + AGAIN_AFTER):
        return
    session.execute(delete(Fitting).where(Fitting.learner_id == learner.id))
    session.execute(
        insert(Fitting).values(
            learner_id=learner.id,
            id=new_id(),
            at=now,
            reviews=fitted.reviews,
            unseen=fitted.unseen,
            loss_before=fitted.loss_before,
            loss_after=fitted.loss_after,
            kept=fitted.is_better,
        )
    )
    if fitted.is_better:
        _use(session, learner.id, fitted.parameters)
    log.info("learner %s: fitted to %s reviews, %s", learner.id, fitted.reviews, "kept" if fitted.is_better else "left")


def put_back(session: Session, *, learner: Learner) -> None:
    """Go back to the usual numbers. Raises NotFound for whoever is gone."""
    learner = in_turn(session, learner)
    session.execute(delete(Fitting).where(Fitting.learner_id == learner.id))
    if learner.fsrs_parameters is not None:
        _use(session, learner.id, None)


def _use(session: Session, learner_id: int, parameters: Parameters) -> None:
    session.execute(update(User).where(User.id == learner_id).values(fsrs_parameters=parameters))
    study.refold(session, learner_id)
