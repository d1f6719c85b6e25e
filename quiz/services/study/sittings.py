"""Sittings: drawing their questions, showing the next one, ending them."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, case, exists, func, insert, select, update
from sqlalchemy.orm import Session

from questions import assemble
from questions.bank import ChoiceQuestion, MatchingQuestion, MultiSelectQuestion, OrderingQuestion, Question
from questions.errors import Conflict, NotFound
from questions.responses import Shown
from quiz.ids import new_id
from quiz.models import Attempt, Card, QuestionRow, SittingRow, Star
from quiz.services import banks
from quiz.services.study.learner import ME, Learner, alone
from quiz.services.study.queue import review_plan

log = logging.getLogger(__name__)
QUIZ_SIZES = (5, 10, 20)
MINUTES = (5, 10, 20, 30, 60)  # time limits that are offered
Only = Literal["missed", "new", "starred"]
Feedback = Literal["each", "end"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which questions of a bank: all of a topic, of a kind, those missed last time, not met yet, or starred."""

    topic: str | None = None
    kind: str | None = None
    only: Only | None = None


def chosen(session: Session, bank_id: str, filters: Filters, *, learner_id: int | None) -> list[Question]:
    """The questions that pass the filters, in the bank's order. Whoever is no learner yet has missed nothing."""
    ids: list[str] | None = None  # of all
    if filters.only is not None and learner_id is not None:
        ids = _own_ids(session, bank_id, filters.only, learner_id=learner_id)
    elif filters.only in {"missed", "starred"}:
        ids = []
    return [
        question
        for question in banks.live(session, bank_id, ids)
        if filters.topic in (None, question.topic) and filters.kind in (None, question.kind)
    ]


def _own_ids(session: Session, bank_id: str, only: Only, *, learner_id: int) -> list[str]:
    match only:
        case "starred":
            query = select(Star.question_id).where(Star.learner_id == learner_id, Star.bank_id == bank_id)
        case "new":
            met = exists().where(
                Card.learner_id == learner_id, Card.bank_id == bank_id, Card.point == QuestionRow.point, Card.reps > 0
            )
            answered = exists().where(
                Attempt.learner_id == learner_id,
                Attempt.bank_id == bank_id,
                Attempt.question_id == QuestionRow.id,
                Attempt.answered_at.is_not(None),
                Attempt.withdrawn_at.is_(None),
            )
            query = select(QuestionRow.id).where(QuestionRow.bank_id == bank_id, ~met, ~answered)
        case "missed":
            own = (
                select(Attempt.question_id, func.max(Attempt.id).label("id"))
                .where(
                    Attempt.learner_id == learner_id,
                    Attempt.bank_id == bank_id,
                    Attempt.answered_at.is_not(None),
                    Attempt.withdrawn_at.is_(None),
                )
                .group_by(Attempt.question_id)
                .subquery()
            )
            query = (
                select(Attempt.question_id)
                .join(own, own.c.id == Attempt.id)
                .where(Attempt.learner_id == learner_id, Attempt.outcome != "right")
            )
    return list(session.scalars(query))


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
    NotFound when the bank has nothing to ask.
    """
    seed = secrets.randbits(31) if seed is None else seed
    pool = chosen(session, bank_id, filters, learner_id=learner.id)
    plan = [question.id for question in assemble.draw(pool, count, seed)]
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
    if sitting.finished_at is None:
        raise Conflict("the sitting is still open")
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
    still = {question.id for question in banks.live(session, sitting.bank_id, missed)}
    plan = [question for question in missed if question in still]
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
    plan = review_plan(session, bank_id, learner=learner, now=now, topic=topic, more=more)
    if not plan:
        raise Conflict("nothing is due")
    return _begin(session, bank_id, "review", plan, seed=0, learner=learner, now=now)


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
        )
    )
    open_next(session, learner.id, sitting_id, bank_id, list(plan), place=0, planned=len(plan), now=now, stored=plan)
    log.info("sitting %s begun: %s of %s", sitting_id, kind, len(plan))
    return sitting_id


# ---------------------------------------------------------------- the next question

_NOW_ASKED = select(QuestionRow.number, QuestionRow.body).where(
    QuestionRow.bank_id == bindparam("bank"),
    QuestionRow.id == bindparam("question"),
    QuestionRow.retired_at.is_(None),
    QuestionRow.hidden.is_(False),
    QuestionRow.kind != "open",
)
_NEW_ATTEMPT = insert(Attempt.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table


def open_next(
    session: Session,
    learner_id: int,
    sitting_id: int,
    bank_id: str,
    plan: list[str],
    *,
    place: int,
    planned: int,
    now: datetime,
    stored: list[str],
) -> int | None:
    """Show the question at `place`, or finish the sitting. Questions withdrawn meanwhile are left out.

    Returns the id of the attempt that is open now, None when the sitting is finished.
    """
    found = None
    while place < len(plan) and found is None:
        found = session.execute(_NOW_ASKED, {"bank": bank_id, "question": plan[place]}).first()
        if found is None:
            planned -= place < planned
            del plan[place]
    if plan != stored:
        session.execute(
            update(SittingRow)
            .where(SittingRow.learner_id == learner_id, SittingRow.id == sitting_id)
            .values(plan=plan, planned=planned)
        )
    if found is None:
        close(session, learner_id, sitting_id, now=now)
        return None
    attempt_id, question = new_id(), banks.parse(found.body)
    session.execute(
        _NEW_ATTEMPT,
        {
            "learner_id": learner_id,
            "id": attempt_id,
            "sitting_id": sitting_id,
            "place": place,
            "bank_id": bank_id,
            "question_id": question.id,
            "topic": question.topic,
            "kind": question.kind,
            "practice": place >= planned,
            "shown": _shown(question, found.number, attempt_id).model_dump_json(),
            "shown_at": now,
            "guess": False,
        },
    )
    return attempt_id


def _shown(question: Question, revision: int, seed: int) -> Shown:
    """The order in which a question is shown in this attempt."""
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            ids = [option.id for option in question.options]
            return Shown(revision=revision, order=tuple(ids if question.fixed_order else _shuffled(ids, seed)))
        case OrderingQuestion():
            return Shown(revision=revision, order=tuple(_shuffled([item.id for item in question.items], seed)))
        case MatchingQuestion():
            lefts = [pair.id for pair in question.pairs]
            rights = [*lefts, *(item.id for item in question.extra)]
            return Shown(
                revision=revision,
                order=tuple(_shuffled(lefts, seed)),
                rights=tuple(_shuffled(rights, seed + 1)),
            )
        case _:
            return Shown(revision=revision)


def _shuffled(ids: Sequence[str], seed: int) -> list[str]:
    return sorted(ids, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())


# ---------------------------------------------------------------- ending

_POINTS = select(func.coalesce(func.sum(case((Attempt.practice.is_(False), Attempt.share), else_=0.0)), 0.0)).where(
    Attempt.learner_id == ME,
    Attempt.sitting_id == bindparam("sitting"),
    Attempt.answered_at.is_not(None),
    Attempt.withdrawn_at.is_(None),
)
_CLOSE = (
    update(SittingRow.__table__)  # type: ignore[arg-type]  # as above
    .where(
        SittingRow.__table__.c.learner_id == ME,
        SittingRow.__table__.c.id == bindparam("sitting"),
        SittingRow.__table__.c.finished_at.is_(None),
    )
    .values(finished_at=bindparam("at"), points=bindparam("sum"))
)


def finish(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> None:
    """End a sitting where it is; what was not answered counts nothing. Ending it again changes nothing."""
    alone(session, learner.id)
    sitting = sitting_of(session, sitting_id, learner=learner)
    if sitting.finished_at is None:
        close(session, learner.id, sitting_id, now=now)


def close(session: Session, learner_id: int, sitting_id: int, *, now: datetime) -> None:
    points = session.execute(_POINTS, {"me": learner_id, "sitting": sitting_id}).scalar_one()
    session.execute(_CLOSE, {"me": learner_id, "sitting": sitting_id, "at": now, "sum": points})
    log.info("sitting %s finished", sitting_id)


# ---------------------------------------------------------------- reading


def sitting_of(session: Session, sitting_id: int, *, learner: Learner) -> SittingRow:
    """Raises NotFound if the sitting is not this learner's."""
    sitting = session.get(SittingRow, (learner.id, sitting_id))
    if sitting is None:
        raise NotFound("there is no such sitting of yours")
    return sitting


def open_attempt(session: Session, sitting_id: int, *, learner: Learner) -> int | None:
    """The question that is open in a sitting; None when the sitting is finished. Raises NotFound."""
    if sitting_of(session, sitting_id, learner=learner).finished_at is not None:
        return None
    return session.scalar(
        select(Attempt.id).where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting_id,
            Attempt.answered_at.is_(None),
            Attempt.withdrawn_at.is_(None),
        )
    )


@dataclass(frozen=True, slots=True)
class OpenSitting:
    """A sitting that waits to be gone on with."""

    id: int
    bank_id: str
    kind: str
    number: int  # the question that is open, from 1
    total: int


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
    return OpenSitting(sitting.id, sitting.bank_id, sitting.kind, place + 1, len(sitting.plan))
