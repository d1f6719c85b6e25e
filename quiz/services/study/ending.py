"""The end of a sitting: its score, what was withheld until then, and what comes of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

from sqlalchemy import CursorResult, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from questions import grading
from questions.bank import SCHEDULED, Question
from questions.errors import NotFound
from questions.grading import Verdict
from quiz.models import Aim, Attempt, Card, MarkChange, Report, ReviewLog, SittingRow
from quiz.services.results import sums
from quiz.services.study.learner import ME, Learner, in_turn, today
from quiz.services.study.remembering import Answered, remember
from quiz.services.study.revisions import questions_of

log = logging.getLogger(__name__)

_POINTS = select(func.coalesce(func.sum(case((Attempt.practice.is_(False), Attempt.share), else_=0.0)), 0.0)).where(
    Attempt.learner_id == ME,
    Attempt.sitting_id == bindparam("sitting"),
    Attempt.answered_at.is_not(None),
    Attempt.withdrawn_at.is_(None),
)
_CLOSE = (
    update(SittingRow.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(
        SittingRow.__table__.c.learner_id == ME,
        SittingRow.__table__.c.id == bindparam("sitting"),
        SittingRow.__table__.c.finished_at.is_(None),
    )
    .values(finished_at=bindparam("at"), points=bindparam("sum"))
)


def sitting_of(session: Session, sitting_id: int, *, learner: Learner) -> SittingRow:
    """Raises NotFound if the sitting is not this learner's."""
    sitting = session.get(SittingRow, (learner.id, sitting_id))
    if sitting is None:
        raise NotFound("there is no such sitting of yours")
    return sitting


def finish(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> None:
    """End a sitting where it is; what was not answered counts nothing. Ending it again changes nothing."""
    learner = in_turn(session, learner)
    sitting_of(session, sitting_id, learner=learner)
    close(session, sitting_id, learner=learner, now=now)


def close(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> None:
    """End a sitting that may have ended already. The caller has the learner's turn to write."""
    points = session.execute(_POINTS, {"me": learner.id, "sitting": sitting_id}).scalar_one()
    closed: CursorResult[int] = session.execute(  # type: ignore[assignment]  # an UPDATE gives a cursor
        _CLOSE, {"me": learner.id, "sitting": sitting_id, "at": now, "sum": points}
    )
    if closed.rowcount:
        withheld = sums.count(session, learner.id, sitting_id)
        if not withheld:
            tell_memories(session, sitting_id, learner=learner)
        log.info("sitting %s finished", sitting_id)


def tell_memories(session: Session, sitting_id: int, *, learner: Learner, late: bool = False) -> list[int]:
    """Let a sitting whose verdicts were withheld move the memories, each answer at its own time.

    Until now no due day, count or queue could tell which answers were right. Returns the ids of the cards that are to
    be recounted: with `late` the learner may have reviewed other things since.
    """
    attempts = session.scalars(
        select(Attempt)
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting_id,
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
            Attempt.kind.in_(SCHEDULED),
            SittingRow.feedback == "end",
        )
        .order_by(Attempt.place)
        .execution_options(populate_existing=True)  # the last answer was written past the session's own rows
    ).all()
    if not attempts:
        return []
    cards = []
    bank_id = attempts[0].bank_id
    exam_day = session.scalar(select(Aim.exam_day).where(Aim.learner_id == learner.id, Aim.bank_id == bank_id))
    questions = questions_of(session, bank_id, attempts)
    for attempt in attempts:
        assert attempt.answered_at is not None and attempt.share is not None  # noqa: S101, PT018  (asked for above)
        answered = Answered(
            attempt_id=attempt.id,
            bank_id=bank_id,
            question=questions[attempt.id],
            verdict=Verdict(
                cast(grading.Outcome, attempt.outcome), attempt.share, cast(grading.Reason | None, attempt.reason)
            ),
            guess=attempt.guess,
            practice=attempt.practice,
            sitting_kind="quiz",
            exam_day=exam_day,
            at=attempt.answered_at,
        )
        cards.append(remember(session, answered, learner=learner, late=late))
    return sorted(set(cards))


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sitting stands."""

    attempt_id: int | None  # the question that is open
    over: bool  # the time is up, and nobody has closed it yet
    withheld_until: datetime | None = None  # it is finished, and its result is told only then


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


def standing(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> Standing:
    """Raises NotFound if the sitting is not this learner's."""
    opened = open_attempt(session, sitting_id, learner=learner)
    sitting = sitting_of(session, sitting_id, learner=learner)
    kept = sitting.feedback == "end" and sitting.withheld_until is not None and now < sitting.withheld_until
    return Standing(
        opened,
        over=opened is not None and is_over(sitting.closes_at, now),
        withheld_until=sitting.withheld_until if kept and sitting.finished_at is not None else None,
    )


GRACE = timedelta(seconds=5)  # an answer sent in the last second is under way for a while


def is_late(closes_at: datetime | None, now: datetime) -> bool:
    """Whether no answer is taken any more."""
    return closes_at is not None and now > closes_at + GRACE


class Telling(Protocol):
    """What of a sitting says when its verdicts are told: its row, or a part of that."""

    @property
    def feedback(self) -> str: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def withheld_until(self) -> datetime | None: ...


def is_withheld(sitting: Telling, now: datetime) -> bool:
    if sitting.feedback == "each":
        return False
    return sitting.finished_at is None or (sitting.withheld_until is not None and now < sitting.withheld_until)


def is_over(closes_at: datetime | None, now: datetime) -> bool:
    return closes_at is not None and now >= closes_at


@dataclass(frozen=True, slots=True)
class Line:
    """A question of a finished sitting, and where its verdict stands."""

    attempt_id: int
    question: Question
    outcome: grading.Outcome
    looked_at: bool  # its mark was changed afterwards, or the learner's "I was right" decided on


@dataclass(frozen=True, slots=True)
class End:
    """What the end of a sitting tells beside its score."""

    lines: tuple[Line, ...]  # every first answer, in the order in which they were asked
    withheld: bool  # no verdict was shown before
    time_up: bool  # ended by its time limit, with questions left
    comes_back: int | None  # days until the first of the missed is asked again; None when nothing missed comes back
    together: bool  # the others come on that day too


def end_of(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> End:
    """Raises NotFound if the sitting is not this learner's."""
    sitting = sitting_of(session, sitting_id, learner=learner)
    attempts = session.scalars(
        select(Attempt)
        .where(
            Attempt.learner_id == learner.id,
            Attempt.sitting_id == sitting_id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.place)
    ).all()
    questions = questions_of(session, sitting.bank_id, attempts)
    looked_at = _looked_at(session, [one.id for one in attempts], learner=learner)
    lines = tuple(
        Line(one.id, questions[one.id], cast(grading.Outcome, one.outcome), one.id in looked_at) for one in attempts
    )
    days = _days_of_missed(session, sitting_id, learner=learner, now=now)
    return End(
        lines=lines,
        withheld=sitting.feedback == "end",
        time_up=sitting.finished_at is not None
        and is_over(sitting.closes_at, sitting.finished_at)
        and len(lines) < sitting.planned,
        comes_back=days[0] if days else None,
        together=len(days) == 1,
    )


def _looked_at(session: Session, attempts: Sequence[int], *, learner: Learner) -> set[int]:
    changed = select(MarkChange.attempt_id).where(
        MarkChange.learner_id == learner.id, MarkChange.attempt_id.in_(attempts)
    )
    decided = select(Report.attempt_id).where(
        Report.learner_id == learner.id, Report.attempt_id.in_(attempts), Report.decision.is_not(None)
    )
    return set(session.scalars(changed.union(decided)))


def _days_of_missed(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> list[int]:
    """The days, counted from today, on which the points of missed answers are asked again."""
    day = today(learner, now)
    queued = session.scalars(
        select(Card.queue_day)
        .join(ReviewLog, (ReviewLog.learner_id == Card.learner_id) & (ReviewLog.card_id == Card.id))
        .join(Attempt, (Attempt.learner_id == ReviewLog.learner_id) & (Attempt.id == ReviewLog.attempt_id))
        .where(
            Card.learner_id == learner.id,
            Card.queue_day.is_not(None),
            ReviewLog.voided_at.is_(None),
            Attempt.sitting_id == sitting_id,
            Attempt.practice.is_(False),
            Attempt.withdrawn_at.is_(None),
            Attempt.outcome != "right",
        )
        .distinct()
    )
    return sorted({max((one or day) - day, 0) for one in queued})
