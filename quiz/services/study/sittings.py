"""Sittings: which questions they ask, and their beginning."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, false, func, insert, select
from sqlalchemy.orm import Session

from questions import assemble
from questions.bank import KINDS, Question
from questions.errors import Conflict, NotFound
from quiz.ids import new_id
from quiz.models import Assignment, Attempt, Card, QuestionRow, SittingRow, Star
from quiz.services import banks
from quiz.services.study.asking import open_next
from quiz.services.study.ending import is_withheld, sitting_of
from quiz.services.study.learner import Learner
from quiz.services.study.pools import LIVE, pool_of
from quiz.services.study.queue import review_plan
from quiz.services.study.remembering import make_cards
from quiz.services.study.telling import settle
from quiz.services.withholding import left_out

log = logging.getLogger(__name__)
QUIZ_SIZES = (5, 10, 20)
MINUTES = (5, 10, 20, 30, 60)  # time limits that are offered
Only = Literal["missed", "new", "starred"]
Feedback = Literal["each", "end"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which questions of a bank: all of a topic, of a kind, of a fact or point; missed last time, not met, starred."""

    topic: str | None = None
    kind: str | None = None
    only: Only | None = None
    fact: str | None = None
    point: str | None = None


def chosen(session: Session, bank_id: str, filters: Filters, *, learner_id: int | None) -> list[Question]:
    """The questions that pass the filters, in the bank's order. Whoever is no learner yet has missed nothing."""
    passing = passes(session, bank_id, filters, learner_id=learner_id)
    bodies = session.scalars(select(QuestionRow.body).where(*passing).order_by(QuestionRow.place, QuestionRow.id))
    return [banks.parse(body) for body in bodies]


def passes(
    session: Session, bank_id: str, filters: Filters, *, learner_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    """Of a question's row: it can be asked, and passes the filters."""
    conditions = [QuestionRow.bank_id == bank_id, *LIVE]
    for column in ("topic", "kind", "point"):
        if (wanted := getattr(filters, column)) is not None:
            conditions.append(getattr(QuestionRow, column) == wanted)
    if filters.fact is not None:
        named = QuestionRow.body.contains(json.dumps(filters.fact, ensure_ascii=False), autoescape=True)
        rows = session.execute(select(QuestionRow.id, QuestionRow.body).where(*conditions, named))
        conditions.append(QuestionRow.id.in_([one for one, body in rows if filters.fact in banks.parse(body).facts]))
    if filters.only is not None and learner_id is not None:
        conditions += _own(bank_id, filters.only, learner_id)
    elif filters.only in {"missed", "starred"}:
        conditions.append(false())
    return tuple(conditions)


def _own(bank_id: str, only: Only, learner_id: int) -> list[ColumnElement[bool]]:
    match only:
        case "starred":
            starred = select(Star.question_id).where(Star.learner_id == learner_id, Star.bank_id == bank_id)
            return [QuestionRow.id.in_(starred)]
        case "new":
            met = select(Card.point).where(Card.learner_id == learner_id, Card.bank_id == bank_id, Card.reps > 0)
            answered = select(Attempt.question_id).where(
                Attempt.learner_id == learner_id,
                Attempt.bank_id == bank_id,
                Attempt.answered_at.is_not(None),
                Attempt.withdrawn_at.is_(None),
            )
            return [QuestionRow.point.not_in(met), QuestionRow.id.not_in(answered)]
        case "missed":
            own = (
                select(Attempt.question_id, func.max(Attempt.id).label("id"))
                .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
                .where(
                    Attempt.learner_id == learner_id,
                    Attempt.bank_id == bank_id,
                    Attempt.answered_at.is_not(None),
                    Attempt.withdrawn_at.is_(None),
                    # What a sitting still withholds is not told by what can be drawn either.
                    (SittingRow.feedback == "each") | SittingRow.finished_at.is_not(None),
                    SittingRow.withheld_until.is_(None),
                )
                .group_by(Attempt.question_id)
                .subquery()
            )
            missed = (
                select(Attempt.question_id)
                .join(own, own.c.id == Attempt.id)
                .where(Attempt.learner_id == learner_id, Attempt.outcome != "right")
            )
            return [QuestionRow.id.in_(missed)]


def kinds_in(session: Session, bank_id: str) -> list[str]:
    """The kinds of question that a bank can ask, in the usual order."""
    there = set(session.scalars(select(QuestionRow.kind).where(QuestionRow.bank_id == bank_id, *LIVE).distinct()))
    return [kind for kind in KINDS if kind in there and kind != "open"]


# ---------------------------------------------------------------- starting


def start_quiz(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    count: int | None,
    now: datetime,
    filters: Filters = Filters(),
    feedback: Feedback = "each",
    minutes: int | None = None,
    seed: int | None = None,
) -> int:
    """Begin a quiz of `count` questions, or of all (None). Returns the sitting's id.

    With `feedback` "end" verdicts are shown when it is over; after `minutes` no answer counts any more. Raises
    NotFound when the bank has nothing to ask, Conflict when no question passes the filters.
    """
    settle(session, learner=learner, now=now)
    seed = secrets.randbits(31) if seed is None else seed
    out = left_out(session, bank_id, learner.id, now=now)
    if filters == Filters(topic=filters.topic, kind=filters.kind) and not out:
        drawn = pool_of(session, bank_id, topic=filters.topic, kind=filters.kind).draw(count, seed)
    else:
        pool = chosen(session, bank_id, filters, learner_id=learner.id)
        drawn = assemble.draw([question for question in pool if question.point not in out], count, seed)
    plan = [question.id for question in drawn]
    if not plan and (out or filters != Filters()):
        raise Conflict("no question passes the filters")
    closes_at = now + timedelta(minutes=minutes) if minutes else None
    return _begin(
        session,
        bank_id,
        "quiz",
        plan,
        seed=seed,
        learner=learner,
        now=now,
        feedback=feedback,
        closes_at=closes_at,
    )


def start_again(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> int:
    """Begin a quiz of the questions that were missed in a finished sitting. Raises NotFound, Conflict."""
    sitting = sitting_of(session, sitting_id, learner=learner)
    if sitting.finished_at is None or is_withheld(sitting, now):
        raise Conflict("the sitting is still open, or its result is not told yet")
    settle(session, learner=learner, now=now)
    out = left_out(session, sitting.bank_id, learner.id, now=now)
    missed = session.scalars(
        select(Attempt.question_id)
        .where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting_id,
            Attempt.outcome != "right",
            Attempt.practice.is_(False),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.place)
    ).all()
    still = {one.id for one in banks.live(session, sitting.bank_id, missed) if one.point not in out}
    plan = [question for question in missed if question in still]
    if out and not plan:
        raise Conflict("an assignment is open on these questions")
    return _begin(session, sitting.bank_id, "quiz", plan, seed=sitting.seed, learner=learner, now=now)


def start_review(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    now: datetime,
    topic: str | None = None,
    more: bool = False,
) -> int:
    """Begin a review of the points that are due, then of new ones, within the day's limits or, with `more`, beyond.

    Raises Conflict when nothing is due and nothing new is left for the day.
    """
    settle(session, learner=learner, now=now)
    plan = review_plan(session, bank_id, learner=learner, now=now, topic=topic, more=more)
    if not plan:
        raise Conflict("nothing is due")
    make_cards(session, bank_id, plan, learner_id=learner.id)
    return _begin(session, bank_id, "review", plan, seed=0, learner=learner, now=now)


def start_assigned(
    session: Session,
    assignment: Assignment,
    plan: list[str],
    *,
    seed: int,
    learner: Learner,
    now: datetime,
    closes_at: datetime | None,
    withheld_until: datetime | None,
) -> int:
    """Begin a sitting of an assignment; who may, when and how often is for `assignments` to say.

    The caller has settled what came before. Raises NotFound.
    """
    return _begin(
        session,
        assignment.bank_id,
        "quiz",
        plan,
        seed=seed,
        learner=learner,
        now=now,
        feedback="each" if assignment.feedback == "each" else "end",
        closes_at=closes_at,
        assignment_id=assignment.id,
        withheld_until=withheld_until,
    )


def _begin(
    session: Session,
    bank_id: str,
    kind: str,
    plan: list[str],
    *,
    seed: int,
    learner: Learner,
    now: datetime,
    feedback: Feedback = "each",
    closes_at: datetime | None = None,
    assignment_id: int | None = None,
    withheld_until: datetime | None = None,
) -> int:
    if not plan:
        raise NotFound("there is nothing to ask")
    sitting_id = new_id()
    session.execute(
        insert(SittingRow).values(
            learner_id=learner.id,
            id=sitting_id,
            bank_id=bank_id,
            kind=kind,
            seed=seed,
            plan=plan,
            planned=len(plan),
            feedback=feedback,
            started_at=now,
            closes_at=closes_at,
            assignment_id=assignment_id,
            withheld_until=withheld_until,
        )
    )
    open_next(
        session, sitting_id, bank_id, list(plan), learner=learner, place=0, planned=len(plan), now=now, stored=plan
    )
    log.info("sitting %s begun: %s of %s", sitting_id, kind, len(plan))
    return sitting_id


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class OpenSitting:
    """A sitting that waits to be gone on with."""

    id: int
    bank_id: str
    kind: str
    number: int  # the question that is open, from 1
    total: int
    closes_at: datetime | None


def open_sitting(session: Session, *, learner: Learner) -> OpenSitting | None:
    """The newest sitting that is not finished."""
    row = session.execute(
        select(SittingRow, Attempt.place)
        .join(Attempt, (Attempt.learner_id == SittingRow.learner_id) & (Attempt.sitting_id == SittingRow.id))
        .where(
            SittingRow.learner_id == learner.id,
            SittingRow.finished_at.is_(None),
            Attempt.answered_at.is_(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(SittingRow.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    sitting, place = row
    return OpenSitting(sitting.id, sitting.bank_id, sitting.kind, place + 1, len(sitting.plan), sitting.closes_at)
