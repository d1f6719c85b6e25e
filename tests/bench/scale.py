"""What a page or an answer costs in a large installation, beside the same in a small one: nearly the same.

What is measured is a learner of a hundred memories and a class of twenty, the same wherever they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle
from time import perf_counter

from sqlalchemy.orm import Session

from questions.responses import Chosen
from quiz import db
from quiz.models import User
from quiz.services import assignments, classes, figures, progress, study, teaching
from quiz.services.results import table
from tests.bench import filling
from tests.bench.filling import BANK, NOW, Installation

FEW, SOME, MANY = 10, 10_000, 100_000  # learners: a thousand memories and answers, a million, ten million
ROUNDS = 40
Work = Callable[[Session, Installation, int], object]


def run(few: int = FEW, some: int = SOME, many: int = MANY) -> Iterator[tuple[str, float, float, str]]:
    for name, filled in (("SQLite", filling.sqlite), ("PostgreSQL", filling.postgresql)):
        with ExitStack() as stack:
            least, middle, most = (stack.enter_context(filled(learners)) for learners in (few, some, many))
            for what, work in _BY_LEARNERS.items():
                large, small = best((middle, least), work)
                yield f"{name}: {what}, {some * 100:,} beside {few * 100:,}", large, small, "ms"
            for what, work in _BY_ANSWERS.items():
                large, small = best((most, middle), work)
                yield f"{name}: {what}, {many * 100:,} beside {some * 100:,}", large, small, "ms"
            large, small = answers((most, middle))
            yield f"{name}: an answer, {many * 100:,} beside {some * 100:,}", large, small, "ms"


def best(sites: Sequence[Installation], work: Work) -> list[float]:
    """Milliseconds of each: the median of rounds taken in turn, each of another learner."""
    taken: dict[int, list[float]] = {place: [] for place in range(len(sites))}
    for turn in range(-2, ROUNDS):  # the first two are not counted
        for place, site in enumerate(sites):
            learner = site.learners[turn % len(site.learners)]
            with db.reading(site.engine) as session:
                session.connection()
                begun = perf_counter()
                work(session, site, learner)
                spent = perf_counter() - begun
            taken[place] += [spent * 1000] if turn >= 0 else []
    return [sorted(some)[len(some) // 2] for some in taken.values()]


def _due(session: Session, _site: Installation, learner: int) -> object:
    plan = study.review_plan(session, BANK, learner=session.get_one(User, learner), now=NOW)
    assert len(plan) == study.REVIEW_SIZE, plan
    return plan


def _portion(session: Session, _site: Installation, learner: int) -> object:
    return study.portion(session, BANK, learner=session.get_one(User, learner), now=NOW)


def _results(session: Session, site: Installation, _learner: int) -> object:
    teacher = session.get_one(User, site.teacher)
    found = table.results(session, assignments.assignment_of(session, site.assignment_id, teacher), now=NOW)
    assert found.questions[0].figures.answers == filling.PUPILS
    return found


def _class(session: Session, site: Installation, _learner: int) -> object:
    """The list of classes, and the page of one."""
    teacher = session.get_one(User, site.teacher)
    classes.taught_by(session, teacher)
    teaching.entries(session, class_id=site.class_id)
    return (
        classes.students(session, site.class_id),
        assignments.begun_in(session, site.class_id),
        assignments.of_class(session, site.class_id),
        classes.left(session, site.class_id),
    )


def _progress(session: Session, _site: Installation, learner: int) -> object:
    me = session.get_one(User, learner)
    found = figures.figures(session, BANK, learner=me, now=NOW)
    assert found.answers >= 100, found
    return progress.banks_of(session, learner=me), progress.past(session, BANK, learner=me, now=NOW), found


_BY_LEARNERS: dict[str, Work] = {"the day's review planned": _due, "the day's portion, for home": _portion}
_BY_ANSWERS: dict[str, Work] = {
    "the day's review planned": _due,
    "results of a class": _results,
    "a class and its list": _class,
    "a learner's progress": _progress,
}


def answers(sites: Sequence[Installation]) -> list[float]:
    """Milliseconds of an answer, its commit with it: the median of quizzes of twenty that are sat in turn."""
    taken: dict[int, list[float]] = {place: [] for place in range(len(sites))}
    for turn in range(10):
        for place, site in enumerate(sites):
            taken[place] += list(_quiz(site, site.learners[turn], turn))
    return [sorted(some)[len(some) // 2] for some in taken.values()]


def _quiz(site: Installation, learner_id: int, turn: int) -> Iterator[float]:
    now = NOW + timedelta(minutes=turn)
    filters = study.Filters(kind="choice")
    with db.transaction(site.engine) as session:
        learner = session.get_one(User, learner_id)
        sitting = study.start_quiz(session, BANK, learner=learner, count=20, filters=filters, now=now)
        attempt = study.open_attempt(session, sitting, learner=learner)
    for place in cycle((0, 1, 2)):
        if attempt is None:
            return
        begun = perf_counter()
        with db.transaction(site.engine) as session:
            attempt = study.answer(
                session,
                attempt,
                learner=learner,
                response=lambda _question, shown, place=place: Chosen(option=shown.order[place]),
                now=now,
            ).next_id
        yield (perf_counter() - begun) * 1000


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:])):
        print("{0:<75} {1:9.3f} {3} {2:9.3f} {3} {ratio:6.2f}".format(*row, ratio=row[1] / row[2]), flush=True)
