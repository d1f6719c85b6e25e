"""What a class is given to do: giving it, and a student's turn at it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from questions.errors import BadInput, Conflict, NotFound
from questions.texts import Bilingual
from quiz.models import Allowance, Assignment, BankRow, ClassRow, Member, SittingRow
from quiz.services import banks, study
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


def drafts_of(session: Session, user: Person) -> list[tuple[str, Bilingual]]:
    """(id, title) of an instructor's banks that are given to nobody before they are opened."""
    own = [row for row in banks_to_edit(session, user) if row.state == "draft"]
    return [(row.id, Bilingual.model_validate(row.header["title"])) for row in own]


def give(session: Session, class_id: int, given: Given, *, user: Person, now: datetime) -> int:
    """Give a class something to do. Returns the assignment's id.

    Raises NotFound, BadInput with the name of the field that does not fit, Conflict when no question fits.
    """
    class_of(session, class_id, user)
    if given.bank_id not in {bank_id for bank_id, _title in banks_to_give(session, user)}:
        raise BadInput("bank")
    _check(given, given.feedback)
    if given.closes_at is not None and given.closes_at <= now:
        raise BadInput("past")
    if given.count is not None and not 1 <= given.count <= 500:
        raise BadInput("count")
    if given.close_share not in SHARES:
        raise BadInput("close_share")
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


def _check(given: Given | Rules, feedback: str) -> None:
    if not 1 <= len(" ".join(given.title.split())) <= 200:
        raise BadInput("title")
    if given.opens_at and given.closes_at and given.closes_at <= given.opens_at:
        raise BadInput("closes_at")
    # What is withheld is withheld until a certain time: otherwise the bank would stay shut for the class for good.
    if feedback != "each" and given.closes_at is None:
        raise BadInput("feedback")
    if not 0 <= given.attempts <= MOST_ATTEMPTS:
        raise BadInput("attempts")
    if given.minutes is not None and not 1 <= given.minutes <= MOST_MINUTES:
        raise BadInput("minutes")


def _drawn(session: Session, bank_id: str, plan: dict[str, Any], seed: int) -> list[str]:
    """Question ids of one sitting."""
    if plan.get("questions") is not None:
        live = {question.id for question in banks.live(session, bank_id, plan["questions"])}
        return [name for name in plan["questions"] if name in live]
    pool = study.pool_of(session, bank_id, topic=plan.get("topic"), kind=plan.get("kind"))
    return [question.id for question in pool.draw(plan.get("count"), seed)]


# ---------------------------------------------------------------- the instructor's side


def assignment_of(session: Session, assignment_id: int, user: Person) -> Assignment:
    """An assignment of a class that this instructor teaches. Raises NotFound."""
    row = session.get(Assignment, assignment_id, populate_existing=True)
    if row is None:
        raise NotFound("there is no such assignment")
    class_of(session, row.class_id, user)
    return row


def of_class(session: Session, class_id: int, *, withdrawn: bool = False) -> list[Assignment]:
    """The newest first: those that stand, or those that were withdrawn."""
    stands = Assignment.withdrawn_at.is_not(None) if withdrawn else Assignment.withdrawn_at.is_(None)
    query = select(Assignment).where(Assignment.class_id == class_id, stands)
    return list(session.scalars(query.order_by(Assignment.id.desc())))


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be changed of an assignment while students are at work on it."""

    title: str
    opens_at: datetime | None
    closes_at: datetime | None
    attempts: int
    minutes: int | None


def change(session: Session, assignment_id: int, rules: Rules, *, user: Person, now: datetime) -> None:
    """Give an assignment another name, other times or limits. Open sittings follow. Raises NotFound, BadInput."""
    row = assignment_of(session, assignment_id, user)
    _check(rules, row.feedback)
    open_ones = session.scalars(
        select(SittingRow).where(SittingRow.assignment_id == row.id, SittingRow.finished_at.is_(None))
    )
    before = [(one, ends_for(session, row, one.learner_id, one.started_at)) for one in open_ones]
    row.title, row.opens_at, row.closes_at = " ".join(rules.title.split()), rules.opens_at, rules.closes_at
    row.attempts, row.minutes = rules.attempts, rules.minutes
    session.flush()
    for sitting, ends in before:
        if sitting.closes_at == ends:  # else it was reopened, and has a time of its own
            sitting.closes_at = ends_for(session, row, sitting.learner_id, sitting.started_at)
    session.flush()
    keep_back(session, row)
    detail = {
        "title": row.title,
        "opens": _iso(row.opens_at),
        "closes": _iso(row.closes_at),
        "attempts": row.attempts,
        "minutes": row.minutes,
    }
    journal(session, "moved", author_id=user.id, now=now, class_id=row.class_id, detail=detail)


def _iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def withdraw(session: Session, assignment_id: int, *, back: bool = False, user: Person, now: datetime) -> None:
    """Take an assignment back: nobody begins it any more, and it makes no grade. Results stay, and so it can be given
    again (`back`). Raises NotFound.
    """
    row = assignment_of(session, assignment_id, user)
    if (row.withdrawn_at is None) is not back:
        row.withdrawn_at = None if back else now
        detail = {"title": row.title}
        what = "given-again" if back else "withdrawn"
        journal(session, what, author_id=user.id, now=now, class_id=row.class_id, detail=detail)


def keep_back(session: Session, row: Assignment) -> None:
    """Let sittings whose verdicts come after closing wait until the assignment is closed to everybody."""
    if row.feedback == "closed":
        session.execute(
            update(SittingRow)
            .where(SittingRow.assignment_id == row.id, SittingRow.withheld_until.is_not(None))
            .values(withheld_until=closed_to_all(session, row))
        )


def closed_to_all(session: Session, row: Assignment) -> datetime | None:
    """When the last student's time is over: someone may have been given longer, or an attempt more time."""
    if row.closes_at is None:
        return None
    given = select(Allowance.closes_at).where(Allowance.assignment_id == row.id)
    at_work = select(SittingRow.closes_at).where(SittingRow.assignment_id == row.id, SittingRow.finished_at.is_(None))
    later: list[datetime | None] = [*session.scalars(given), *session.scalars(at_work)]
    return max([row.closes_at, *(one for one in later if one is not None)])


# ---------------------------------------------------------------- the student's side


@dataclass(frozen=True, slots=True)
class Done:
    """A sitting of a student's that has ended."""

    sitting_id: int
    points: float | None  # None while they are withheld
    planned: int
    time_up: bool  # it was left open when its time ran out


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
    done: tuple[Done, ...]


def turns(session: Session, class_id: int, *, learner: study.Learner, now: datetime) -> list[Turn]:
    """What a class has for one of its students, the newest first. Raises NotFound for anybody else."""
    member = session.get(Member, (class_id, learner.id))
    if member is None or member.left_at is not None:
        raise NotFound("there is no such class of yours")
    return _turns(session, member, of_class(session, class_id), now)


def _turns(session: Session, member: Member, rows: Sequence[Assignment], now: datetime) -> list[Turn]:
    ids = [row.id for row in rows]
    allowances = {
        one.assignment_id: one
        for one in session.scalars(
            select(Allowance).where(Allowance.user_id == member.user_id, Allowance.assignment_id.in_(ids))
        )
    }
    sat: dict[int | None, list[SittingRow]] = {}
    for one in session.scalars(
        select(SittingRow)
        .where(SittingRow.learner_id == member.user_id, SittingRow.assignment_id.in_(ids))
        .order_by(SittingRow.id)
    ):
        sat.setdefault(one.assignment_id, []).append(one)
    return [_turn(row, member, allowances.get(row.id), sat.get(row.id, ()), now) for row in rows]


def _turn(
    row: Assignment, member: Member, allowance: Allowance | None, sittings: Sequence[SittingRow], now: datetime
) -> Turn:
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
        sitting_id=next((one.id for one in sittings if not ended(one, now)), None),
        done=tuple(
            Done(one.id, None if study.is_withheld(one, now) else one.points, one.planned, one.finished_at is None)
            for one in sittings
            if ended(one, now)
        ),
    )


def ended(sitting: SittingRow, now: datetime) -> bool:
    """Handed in, or left open when its time ran out: it is written down as ended when its student begins anything."""
    return sitting.finished_at is not None or study.is_late(sitting.closes_at, now)


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
    study.settle(session, learner=learner, now=now)
    row = session.get(Assignment, assignment_id, populate_existing=True)
    member = session.get(Member, (row.class_id, learner.id)) if row is not None else None
    if row is None or member is None or member.left_at is not None or row.withdrawn_at is not None:
        raise NotFound("there is no such assignment of yours")
    (turn,) = _turns(session, member, [row], now)
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
        for turn in _turns(session, member, of_class(session, member.class_id), now)
        if turn.state == "open" and (turn.sitting_id is not None or (turn.attempts != 0 and not turn.done))
    ]
    return sorted(found, key=lambda one: (one[1].closes_at is None, one[1].closes_at, one[1].id))


def begun_in(session: Session, class_id: int) -> dict[int, int]:
    """How many sittings each assignment of a class has; those that have none are left out."""
    rows = session.execute(
        select(SittingRow.assignment_id, func.count())
        .join(Assignment, Assignment.id == SittingRow.assignment_id)
        .where(Assignment.class_id == class_id)
        .group_by(SittingRow.assignment_id)
    )
    return {one: count for one, count in rows if one is not None}


def same_for_all(row: Assignment) -> bool:
    return row.plan.get("questions") is not None


def trial_plan(session: Session, row: Assignment, seed: int) -> list[str]:
    """The questions of a sitting that nobody sits."""
    return _drawn(session, row.bank_id, dict(row.plan), seed)
