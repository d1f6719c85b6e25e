"""What a class is given to do: giving it, and a student's turn at it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from questions import assemble
from questions.bank import Question
from questions.errors import BadInput, Conflict, NotFound
from questions.texts import Bilingual
from quiz.models import Allowance, Assignment, BankRow, ClassRow, Member, SittingRow
from quiz.services import banks, study
from quiz.services.study.learner import alone
from quiz.services.teaching import Person, banks_to_edit, class_of, journal

Feedback = Literal["each", "end", "closed"]
Counted = Literal["best", "last", "first"]
State = Literal["waits", "open", "closed"]
MOST_ATTEMPTS = 20
MOST_MINUTES = 24 * 60
SHARES = (0.0, 0.5, 1.0)  # of the mark for a close answer


@dataclass(frozen=True, slots=True)
class Given:
    """What an instructor says of an assignment."""

    bank_id: str
    title: str
    count: int | None = None  # questions; None: all that fit
    topic: str | None = None
    kind: str | None = None
    same: bool = True  # one quiz for all; else each student's is drawn anew
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    attempts: int = 1  # 0: any number
    minutes: int | None = None
    feedback: Feedback = "each"
    counted: Counted = "best"
    close_share: float = 0.5


def banks_to_give(session: Session, user: Person) -> list[tuple[str, Bilingual]]:
    """(id, title) of the banks that an instructor can give to a class: their own that are no draft, and public ones."""
    own = {row.id for row in banks_to_edit(session, user) if row.state != "draft"}
    rows = session.scalars(select(BankRow).where(BankRow.state != "draft").order_by(BankRow.packaged, BankRow.id))
    return [
        (row.id, Bilingual.model_validate(row.header["title"]))
        for row in rows
        if row.state == "public" or row.id in own
    ]


def give(session: Session, class_id: int, given: Given, *, user: Person, now: datetime) -> int:
    """Give a class something to do. Returns the assignment's id.

    Raises NotFound, BadInput with the name of the field that does not fit, Conflict when no question fits.
    """
    class_of(session, class_id, user)
    if given.bank_id not in {bank_id for bank_id, _title in banks_to_give(session, user)}:
        raise BadInput("bank")
    _check(given)
    seed = secrets.randbits(31)
    plan: dict[str, Any] = {"count": given.count, "topic": given.topic, "kind": given.kind}
    drawn = _drawn(session, given.bank_id, plan, seed)
    if not drawn:
        raise Conflict("no question fits")
    if given.same:
        plan["questions"] = drawn
    row = Assignment(
        class_id=class_id,
        bank_id=given.bank_id,
        title=" ".join(given.title.split()),
        plan=plan,
        opens_at=given.opens_at,
        closes_at=given.closes_at,
        attempts=given.attempts,
        minutes=given.minutes,
        feedback=given.feedback,
        counted=given.counted,
        close_share=given.close_share,
        author_id=user.id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"title": row.title, "assignment": row.id}
    journal(session, "assigned", author_id=user.id, now=now, class_id=class_id, bank_id=row.bank_id, detail=detail)
    return row.id


def _check(given: Given) -> None:
    if not 1 <= len(" ".join(given.title.split())) <= 200:
        raise BadInput("title")
    if given.opens_at and given.closes_at and given.closes_at <= given.opens_at:
        raise BadInput("closes_at")
    # What is withheld is withheld until a certain time: otherwise the bank would stay shut for the class for good.
    if given.feedback != "each" and given.closes_at is None:
        raise BadInput("feedback")
    if given.count is not None and not 1 <= given.count <= 500:
        raise BadInput("count")
    if not 0 <= given.attempts <= MOST_ATTEMPTS or given.close_share not in SHARES:
        raise BadInput("attempts")
    if given.minutes is not None and not 1 <= given.minutes <= MOST_MINUTES:
        raise BadInput("minutes")


def _drawn(session: Session, bank_id: str, plan: dict[str, Any], seed: int) -> list[str]:
    """Question ids of one sitting."""
    if plan.get("questions") is not None:
        live = {question.id for question in banks.live(session, bank_id, plan["questions"])}
        return [name for name in plan["questions"] if name in live]
    filters = study.Filters(topic=plan.get("topic"), kind=plan.get("kind"))
    pool = study.chosen(session, bank_id, filters, learner_id=None)
    return [question.id for question in assemble.draw(_markable(pool), plan.get("count"), seed)]


def _markable(pool: Sequence[Question]) -> list[Question]:
    return [question for question in pool if question.kind != "open"]


# ---------------------------------------------------------------- the instructor's side


def assignment_of(session: Session, assignment_id: int, user: Person) -> Assignment:
    """An assignment of a class that this instructor teaches. Raises NotFound."""
    row = session.get(Assignment, assignment_id, populate_existing=True)
    if row is None:
        raise NotFound("there is no such assignment")
    class_of(session, row.class_id, user)
    return row


def of_class(session: Session, class_id: int) -> list[Assignment]:
    """The newest first; what was withdrawn is left out."""
    return list(
        session.scalars(
            select(Assignment)
            .where(Assignment.class_id == class_id, Assignment.withdrawn_at.is_(None))
            .order_by(Assignment.id.desc())
        )
    )


def move(
    session: Session,
    assignment_id: int,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    user: Person,
    now: datetime,
) -> None:
    """Change from when until when an assignment is open. Open sittings follow. Raises NotFound, BadInput."""
    row = assignment_of(session, assignment_id, user)
    if opens_at and closes_at and closes_at <= opens_at:
        raise BadInput("closes_at")
    if closes_at is None and row.feedback != "each":
        raise BadInput("feedback")
    before = row.closes_at
    row.opens_at, row.closes_at = opens_at, closes_at
    session.flush()
    for sitting in session.scalars(
        select(SittingRow).where(SittingRow.assignment_id == row.id, SittingRow.finished_at.is_(None))
    ):
        if before != closes_at:
            allowance = session.get(Allowance, (row.id, sitting.learner_id))
            member = session.get(Member, (row.class_id, sitting.learner_id))
            sitting.closes_at = _ends(row, allowance, member, sitting.started_at)
    keep_back(session, row)
    detail = {"title": row.title, "opens": _iso(opens_at), "closes": _iso(closes_at)}
    journal(session, "moved", author_id=user.id, now=now, class_id=row.class_id, detail=detail)


def _iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def withdraw(session: Session, assignment_id: int, *, user: Person, now: datetime) -> None:
    """Take an assignment back: nobody begins it any more. Results stay. Raises NotFound."""
    row = assignment_of(session, assignment_id, user)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        detail = {"title": row.title}
        journal(session, "withdrawn", author_id=user.id, now=now, class_id=row.class_id, detail=detail)


def keep_back(session: Session, row: Assignment) -> None:
    """Let sittings whose verdicts come after closing wait until the assignment is closed to everybody."""
    if row.feedback == "closed":
        session.execute(
            update(SittingRow)
            .where(SittingRow.assignment_id == row.id, SittingRow.withheld_until.is_not(None))
            .values(withheld_until=closed_to_all(session, row))
        )


def closed_to_all(session: Session, row: Assignment) -> datetime | None:
    """When the last student's time is over: someone may have been given longer."""
    if row.closes_at is None:
        return None
    longest = session.scalars(
        select(Allowance.closes_at).where(Allowance.assignment_id == row.id, Allowance.closes_at.is_not(None))
    )
    return max([row.closes_at, *(one for one in longest if one is not None)])


def close_overdue(session: Session, assignment_id: int, *, now: datetime) -> int:
    """Finish the sittings that were left open when their time ran out. Returns how many."""
    overdue = session.execute(
        select(SittingRow.learner_id, SittingRow.id)
        .where(
            SittingRow.assignment_id == assignment_id,
            SittingRow.finished_at.is_(None),
            SittingRow.closes_at < now - study.GRACE,
        )
        .order_by(SittingRow.learner_id, SittingRow.id)
    ).all()
    for learner_id, sitting_id in overdue:
        study.finish(session, sitting_id, learner=_learner(session, learner_id), now=now)
    return len(overdue)


def _learner(session: Session, user_id: int) -> study.Learner:
    from quiz.services import accounts  # accounts builds on study

    return accounts.learner(session, user_id)


# ---------------------------------------------------------------- the student's side


@dataclass(frozen=True, slots=True)
class Turn:
    """An assignment as one student has it."""

    id: int
    class_id: int
    bank_id: str
    title: str
    state: State
    opens_at: datetime | None
    closes_at: datetime | None  # for this student
    minutes: int | None  # for this student
    questions: int | None
    attempts: int | None  # that are left; None: any number
    feedback: Feedback
    sitting_id: int | None  # that is open
    done: tuple[tuple[int, float | None, int], ...]  # (sitting, points or None while they are withheld, of how many)


def turns(session: Session, class_id: int, *, learner: study.Learner, now: datetime) -> list[Turn]:
    """What a class has for one of its students, the newest first. Raises NotFound for anybody else."""
    member = session.get(Member, (class_id, learner.id))
    if member is None or member.left_at is not None:
        raise NotFound("there is no such class of yours")
    return [_turn(session, row, member, now) for row in of_class(session, class_id)]


def _turn(session: Session, row: Assignment, member: Member, now: datetime) -> Turn:
    allowance = session.get(Allowance, (row.id, member.user_id))
    sittings = session.scalars(
        select(SittingRow)
        .where(SittingRow.learner_id == member.user_id, SittingRow.assignment_id == row.id)
        .order_by(SittingRow.id)
    ).all()
    closes_at = _last(row, allowance)
    state: State = "open"
    if row.opens_at is not None and now < row.opens_at:
        state = "waits"
    elif closes_at is not None and now >= closes_at:
        state = "closed"
    may = row.attempts + (allowance.extra_attempts if allowance else 0)
    length = _length(row, allowance, member)
    return Turn(
        id=row.id,
        class_id=row.class_id,
        bank_id=row.bank_id,
        title=row.title,
        state=state,
        opens_at=row.opens_at,
        closes_at=closes_at,
        minutes=round(length.total_seconds() / 60) if length else None,
        questions=len(row.plan["questions"]) if row.plan.get("questions") else row.plan.get("count"),
        attempts=max(may - len(sittings), 0) if row.attempts else None,
        feedback=cast(Feedback, row.feedback),
        sitting_id=next((one.id for one in sittings if one.finished_at is None), None),
        done=tuple(
            (one.id, None if study.is_withheld(one, now) else one.points, one.planned)
            for one in sittings
            if one.finished_at is not None
        ),
    )


def _last(row: Assignment, allowance: Allowance | None) -> datetime | None:
    if row.closes_at is None or allowance is None or allowance.closes_at is None:
        return row.closes_at
    return max(row.closes_at, allowance.closes_at)


def _length(row: Assignment, allowance: Allowance | None, member: Member | None) -> timedelta | None:
    if row.minutes is None:
        return None
    extra = allowance.extra_minutes if allowance else 0
    return timedelta(minutes=row.minutes * (1 + (member.extra_time if member else 0)) + extra)


def _ends(row: Assignment, allowance: Allowance | None, member: Member | None, started_at: datetime) -> datetime | None:
    """When a sitting that was begun then is over."""
    length, last = _length(row, allowance, member), _last(row, allowance)
    ends = [started_at + length] if length else []
    return min([*ends, last] if last else ends, default=None)


def ends_for(session: Session, row: Assignment, user_id: int, started_at: datetime) -> datetime | None:
    """When a student's sitting that was begun then is over."""
    return _ends(
        row, session.get(Allowance, (row.id, user_id)), session.get(Member, (row.class_id, user_id)), started_at
    )


def start(session: Session, assignment_id: int, *, learner: study.Learner, now: datetime) -> int:
    """Begin a student's sitting of an assignment, or go on with the open one. Returns the sitting's id.

    Raises NotFound for who is not in the class, Conflict before and after its time, and when no attempt is left.
    """
    alone(session, learner.id)
    row = session.get(Assignment, assignment_id, populate_existing=True)
    member = session.get(Member, (row.class_id, learner.id)) if row is not None else None
    if row is None or member is None or member.left_at is not None or row.withdrawn_at is not None:
        raise NotFound("there is no such assignment of yours")
    turn = _turn(session, row, member, now)
    if turn.sitting_id is not None:
        return turn.sitting_id
    if turn.state != "open":
        raise Conflict("the assignment is not open")
    if turn.attempts == 0:
        raise Conflict("no attempt is left")
    seed = secrets.randbits(31)
    return study.start_assigned(
        session,
        row,
        _drawn(session, row.bank_id, row.plan, seed),
        seed=seed,
        learner=learner,
        now=now,
        closes_at=ends_for(session, row, learner.id, now),
        withheld_until=closed_to_all(session, row) if row.feedback == "closed" else None,
    )


def waiting_for(session: Session, *, learner: study.Learner, now: datetime) -> list[tuple[str, Turn]]:
    """(class, assignment) of what a student can do now, that which closes first before the others."""
    members = session.execute(
        select(Member, ClassRow.name)
        .join(ClassRow, ClassRow.id == Member.class_id)
        .where(Member.user_id == learner.id, Member.left_at.is_(None))
    ).all()
    found = [
        (name, turn)
        for member, name in members
        for row in of_class(session, member.class_id)
        if (turn := _turn(session, row, member, now)).state == "open"
        and (turn.sitting_id is not None or (turn.attempts != 0 and not turn.done))
    ]
    return sorted(found, key=lambda one: (one[1].closes_at is None, one[1].closes_at, one[1].id))


def begun(session: Session, assignment_id: int) -> int:
    """How many sittings an assignment has."""
    query = select(func.count()).select_from(SittingRow).where(SittingRow.assignment_id == assignment_id)
    return session.scalar(query) or 0


def same_for_all(row: Assignment) -> bool:
    return row.plan.get("questions") is not None


def trial_plan(session: Session, row: Assignment, seed: int) -> list[str]:
    """The questions of a sitting that nobody sits."""
    return _drawn(session, row.bank_id, dict(row.plan), seed)
