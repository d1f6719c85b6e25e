"""Sittings: drawing their questions, taking answers, scheduling what was answered.

The statements of an answer's path are SQLAlchemy Core, built once; see `house.md`, the walk of one answer.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import BindParameter, ColumnElement, CursorResult, bindparam, case, exists, func, insert, select, update
from sqlalchemy.orm import Session

from questions import assemble, grading
from questions.bank import (
    RECALL,
    SCHEDULED,
    ChoiceQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
)
from questions.errors import Conflict, NotFound
from questions.grading import Verdict, grade
from questions.history import Memory
from questions.responses import RESPONSE, Response, Shown
from quiz import scheduling
from quiz.ids import new_id
from quiz.models import Attempt, Card, QuestionRevision, QuestionRow, ReviewLog, SittingRow, User
from quiz.services import banks

log = logging.getLogger(__name__)
REVIEW_SIZE = 20
QUIZ_SIZES = (5, 10, 20)


class Learner(Protocol):
    """What a service needs to know of whoever learns."""

    @property
    def id(self) -> int: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def day_turns_at(self) -> int: ...
    @property
    def retention(self) -> float: ...
    @property
    def new_per_day(self) -> int: ...


def today(learner: Learner, now: datetime) -> int:
    return scheduling.learner_day(now, learner.time_zone, learner.day_turns_at)


# ---------------------------------------------------------------- starting


def start_quiz(
    session: Session,
    bank_id: str,
    *,
    learner: Learner,
    count: int | None,
    now: datetime,
    topic: str | None = None,
    seed: int | None = None,
) -> int:
    """Begin a quiz of `count` questions, or of all (None). Returns the sitting's id.

    Raises NotFound when the bank has nothing to ask.
    """
    seed = secrets.randbits(31) if seed is None else seed
    pool = [question for question in banks.live(session, bank_id) if topic is None or question.topic == topic]
    plan = [question.id for question in assemble.draw(pool, count, seed)]
    return _begin(session, bank_id, "quiz", plan, seed=seed, learner=learner, now=now)


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
        )
        .order_by(Attempt.place)
    ).all()
    still = {question.id for question in banks.live(session, sitting.bank_id, missed)}
    plan = [question for question in missed if question in still]
    return _begin(session, sitting.bank_id, "quiz", plan, seed=sitting.seed, learner=learner, now=now)


def start_review(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> int:
    """Begin a review of the points that are due, then of new ones up to the day's number.

    Raises Conflict when nothing is due and nothing new is left for the day.
    """
    plan = review_plan(session, bank_id, learner=learner, now=now)
    if not plan:
        raise Conflict("nothing is due")
    return _begin(session, bank_id, "review", plan, seed=0, learner=learner, now=now)


def review_plan(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> list[str]:
    """Question ids of the review that would start now, at most REVIEW_SIZE: the due first, the weakest first."""
    day = today(learner, now)
    points: dict[str, list[Question]] = {}
    for question in banks.live(session, bank_id):
        if question.kind in SCHEDULED:
            points.setdefault(question.point, []).append(question)
    cards = {
        card.point: card
        for card in session.execute(
            select(Card.point, Card.queue_day, Card.stability, Card.reps).where(
                Card.learner_id == learner.id, Card.bank_id == bank_id
            )
        )
    }
    due = sorted(
        (card for card in cards.values() if card.queue_day is not None and card.queue_day <= day),
        key=lambda card: (card.stability, card.point),
    )
    plan = [_suited(points[card.point], card.reps).id for card in due if card.point in points][:REVIEW_SIZE]
    allowed = max(learner.new_per_day - _new_today(session, bank_id, learner=learner, day=day), 0)
    for point, ways in points.items():
        if len(plan) >= REVIEW_SIZE or allowed == 0:
            break
        if point not in cards or cards[point].queue_day is None:
            plan.append(_suited(ways, 0).id)
            allowed -= 1
    return plan


def due_count(session: Session, bank_id: str, *, learner: Learner, now: datetime) -> int:
    """How many points are due today."""
    due = is_due(today(learner, now))
    return (
        session.scalar(
            select(func.count()).select_from(Card).where(Card.learner_id == learner.id, Card.bank_id == bank_id, due)
        )
        or 0
    )


def is_due(day: int) -> ColumnElement[bool]:
    """Of a card: its day has come, and there is a question left to ask."""
    return (Card.queue_day <= day) & exists().where(
        QuestionRow.bank_id == Card.bank_id,
        QuestionRow.point == Card.point,
        QuestionRow.kind.in_(SCHEDULED),
        QuestionRow.retired_at.is_(None),
        QuestionRow.hidden.is_(False),
    )


def _new_today(session: Session, bank_id: str, *, learner: Learner, day: int) -> int:
    """Points met for the first time today: cards whose first counted review is today's."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Card)
            .where(Card.learner_id == learner.id, Card.bank_id == bank_id, Card.last_day == day, Card.reps == 1)
        )
        or 0
    )


def _suited(ways: Sequence[Question], reps: int) -> Question:
    """Recognition at first contact; from the second review on recall, where the point has it."""
    recall = [question for question in ways if question.kind in RECALL]
    recognition = [question for question in ways if question.kind not in RECALL]
    # True/false is never the way to meet a point when there is a choice.
    recognition.sort(key=lambda question: question.kind != "choice")
    return (recall or recognition)[0] if reps else (recognition or recall)[0]


def _begin(
    session: Session, bank_id: str, kind: str, plan: list[str], *, seed: int, learner: Learner, now: datetime
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
            started_at=now,
        )
    )
    _open_next(session, learner.id, sitting_id, bank_id, list(plan), place=0, planned=len(plan), now=now, stored=plan)
    log.info("sitting %s begun: %s of %s", sitting_id, kind, len(plan))
    return sitting_id


# ---------------------------------------------------------------- answering

_ME: BindParameter[int] = bindparam("me")
_MYSELF = select(User.id).where(User.id == _ME).with_for_update(key_share=True)
_ATTEMPT = (
    select(
        Attempt.id,
        Attempt.sitting_id,
        Attempt.place,
        Attempt.bank_id,
        Attempt.question_id,
        Attempt.practice,
        Attempt.shown,
        Attempt.answered_at,
        SittingRow.kind,
        SittingRow.plan,
        SittingRow.planned,
        SittingRow.finished_at,
    )
    .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
    .where(Attempt.learner_id == _ME, Attempt.id == bindparam("attempt"))
)
_CLAIM = (
    update(Attempt.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(
        Attempt.__table__.c.learner_id == _ME,
        Attempt.__table__.c.id == bindparam("attempt"),
        Attempt.__table__.c.answered_at.is_(None),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("answered_at", "response", "outcome", "share", "reason", "guess")}
    )
)
_REVISION = select(QuestionRevision.body).where(
    QuestionRevision.bank_id == bindparam("bank"),
    QuestionRevision.question_id == bindparam("question"),
    QuestionRevision.number == bindparam("number"),
)
_NOW_ASKED = select(QuestionRow.number, QuestionRow.body).where(
    QuestionRow.bank_id == bindparam("bank"),
    QuestionRow.id == bindparam("question"),
    QuestionRow.retired_at.is_(None),
    QuestionRow.hidden.is_(False),
    QuestionRow.kind != "open",
)
_CARD = select(Card.id, Card.stability, Card.difficulty, Card.last_day, Card.due, Card.reps, Card.lapses).where(
    Card.learner_id == _ME, Card.bank_id == bindparam("bank"), Card.point == bindparam("point")
)
_NEW_CARD = insert(Card.__table__)  # type: ignore[arg-type]  # as above
_MOVE_CARD = (
    update(Card.__table__)  # type: ignore[arg-type]  # as above
    .where(Card.__table__.c.learner_id == _ME, Card.__table__.c.id == bindparam("card"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("stability", "difficulty", "last_day", "due", "queue_day", "reps", "lapses")
        }
    )
)
_LAST_MS = select(func.max(ReviewLog.reviewed_ms)).where(ReviewLog.learner_id == _ME)
_LOG = insert(ReviewLog.__table__)  # type: ignore[arg-type]  # as above
_NEW_ATTEMPT = insert(Attempt.__table__)  # type: ignore[arg-type]  # as above


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer. `repeated`: it had been answered before, and nothing changed."""

    attempt_id: int
    sitting_id: int
    repeated: bool


def answer(
    session: Session,
    attempt_id: int,
    *,
    learner: Learner,
    response: Response,
    guess: bool = False,
    now: datetime,
) -> Outcome:
    """Record a learner's answer, schedule the point's next review, open the sitting's next question.

    Answering again changes nothing and returns the first outcome. Raises NotFound if the attempt is not this
    learner's, Conflict if the sitting was ended, BadInput if the response is not one to this question.
    """
    alone(session, learner.id)
    row = session.execute(_ATTEMPT, {"me": learner.id, "attempt": attempt_id}).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    if row.answered_at is not None:
        return Outcome(attempt_id, row.sitting_id, repeated=True)
    if row.finished_at is not None:
        raise Conflict("the sitting was ended before this answer came")
    # Graded against the revision that was shown: the bank may have changed since.
    shown = Shown.model_validate_json(row.shown)
    question = question_at(session, row.bank_id, row.question_id, shown.revision)
    verdict = grade(question, response)
    claimed: CursorResult[Any] = session.execute(
        _CLAIM,
        {  # type: ignore[assignment]  # an UPDATE gives a cursor
            "me": learner.id,
            "attempt": attempt_id,
            "new_answered_at": now,
            "new_response": RESPONSE.dump_json(response).decode(),
            "new_outcome": verdict.outcome,
            "new_share": verdict.share,
            "new_reason": verdict.reason,
            "new_guess": guess,
        },
    )
    if claimed.rowcount == 0:
        return Outcome(attempt_id, row.sitting_id, repeated=True)
    plan = list(row.plan)
    failed = verdict.outcome == "wrong" or guess
    if question.kind in SCHEDULED:
        _remember(session, row, question, verdict, learner=learner, guess=guess, now=now)
        if row.kind == "review" and failed:
            plan.append(row.question_id)  # comes again in this sitting, as practice, until right
    _open_next(
        session,
        learner.id,
        row.sitting_id,
        row.bank_id,
        plan,
        place=row.place + 1,
        planned=row.planned,
        now=now,
        stored=row.plan,
    )
    return Outcome(attempt_id, row.sitting_id, repeated=False)


def alone(session: Session, learner_id: int) -> None:
    """Let one learner's writes follow one another, so that two sittings at once cannot lose a memory of the other.

    SQLite has one writer at a time as it is.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_MYSELF, {"me": learner_id})


def question_at(session: Session, bank_id: str, question_id: str, number: int) -> Question:
    """A question as it was in a revision."""
    body = session.execute(_REVISION, {"bank": bank_id, "question": question_id, "number": number}).scalar_one()
    return banks.parse(body)


def _remember(
    session: Session,
    row: Any,
    question: Question,
    verdict: Verdict,
    *,
    learner: Learner,
    guess: bool,
    now: datetime,
) -> None:
    """Write the review down, and move the memory when it counts."""
    day = today(learner, now)
    found = session.execute(_CARD, {"me": learner.id, "bank": row.bank_id, "point": question.point}).first()
    memory = None
    if found is not None and found.reps:
        memory = Memory(found.stability, found.difficulty, found.last_day, found.due, found.reps, found.lapses)
    rating = scheduling.rating_for(question.kind, verdict, guess=guess)
    counted = not row.practice and scheduling.counts(memory, question.kind, rating, day)
    after = scheduling.review(memory, rating, day, retention=learner.retention) if counted else None
    card_id = found.id if found is not None else new_id()
    if found is None:
        session.execute(
            _NEW_CARD,
            {
                "learner_id": learner.id,
                "id": card_id,
                "bank_id": row.bank_id,
                "point": question.point,
                **(_card_values(after) if after else {"reps": 0, "lapses": 0}),
            },
        )
    elif after is not None:
        session.execute(
            _MOVE_CARD,
            {
                "me": learner.id,
                "card": card_id,
                **{f"new_{name}": value for name, value in _card_values(after).items()},
            },
        )
    session.execute(
        _LOG,
        {
            "learner_id": learner.id,
            "id": new_id(),
            "card_id": card_id,
            "attempt_id": row.id,
            "question_id": row.question_id,
            "reviewed_ms": _free_ms(session, learner.id, now),
            "day": day,
            "rating": int(rating),
            "counted": counted,
            "guess": guess,
            "kind": row.kind,
        },
    )


def _card_values(memory: Memory) -> dict[str, Any]:
    return {
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "last_day": memory.last_day,
        "due": memory.due,
        "queue_day": memory.due,
        "reps": memory.reps,
        "lapses": memory.lapses,
    }


def _free_ms(session: Session, learner_id: int, now: datetime) -> int:
    """Milliseconds of the review; after the learner's last one, so that each is unique and the order is kept."""
    last = session.execute(_LAST_MS, {"me": learner_id}).scalar() or 0
    return max(int(now.timestamp() * 1000), last + 1)


def _open_next(
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
) -> None:
    """Show the question at `place`, or finish the sitting. Questions withdrawn meanwhile are left out."""
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
        _finish(session, learner_id, sitting_id, now=now)
        return
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


def _shuffled(ids: list[str], seed: int) -> list[str]:
    return sorted(ids, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())


def finish(session: Session, sitting_id: int, *, learner: Learner, now: datetime) -> None:
    """End a sitting where it is; what was not answered counts nothing. Ending it again changes nothing."""
    alone(session, learner.id)
    sitting = sitting_of(session, sitting_id, learner=learner)
    if sitting.finished_at is None:
        _finish(session, learner.id, sitting_id, now=now)


_POINTS = select(func.coalesce(func.sum(case((Attempt.practice.is_(False), Attempt.share), else_=0.0)), 0.0)).where(
    Attempt.learner_id == _ME, Attempt.sitting_id == bindparam("sitting"), Attempt.answered_at.is_not(None)
)
_CLOSE = (
    update(SittingRow.__table__)  # type: ignore[arg-type]  # as above
    .where(
        SittingRow.__table__.c.learner_id == _ME,
        SittingRow.__table__.c.id == bindparam("sitting"),
        SittingRow.__table__.c.finished_at.is_(None),
    )
    .values(finished_at=bindparam("at"), points=bindparam("sum"))
)


def _finish(session: Session, learner_id: int, sitting_id: int, *, now: datetime) -> None:
    points = session.execute(_POINTS, {"me": learner_id, "sitting": sitting_id}).scalar_one()
    session.execute(_CLOSE, {"me": learner_id, "sitting": sitting_id, "at": now, "sum": points})
    log.info("sitting %s finished", sitting_id)


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """A question as a learner sees it, before the answer and after."""

    id: int
    sitting_id: int
    sitting_kind: str
    bank_id: str
    number: int  # of the question in its sitting, from 1
    planned: int  # questions at the start
    practice: bool
    question: Question
    shown: Shown
    answered: bool
    ended: bool  # the sitting is finished
    response: Response | None
    verdict: Verdict | None
    guess: bool
    comes_back: int | None  # days until the point is due; 0 is today; None when it feeds no memory
    again_here: bool  # the question comes once more in this sitting


def attempt_page(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> AttemptPage:
    """Raises NotFound if the attempt is not this learner's."""
    row = session.execute(
        select(Attempt, SittingRow)
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(Attempt.learner_id == learner.id, Attempt.id == attempt_id)
    ).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    attempt, sitting = row
    shown = Shown.model_validate_json(attempt.shown)
    question = question_at(session, attempt.bank_id, attempt.question_id, shown.revision)
    answered = attempt.answered_at is not None
    return AttemptPage(
        id=attempt.id,
        sitting_id=sitting.id,
        sitting_kind=sitting.kind,
        bank_id=sitting.bank_id,
        number=attempt.place + 1,
        planned=sitting.planned,
        practice=attempt.practice,
        question=question,
        shown=shown,
        answered=answered,
        ended=sitting.finished_at is not None,
        response=RESPONSE.validate_json(attempt.response) if attempt.response else None,
        verdict=_verdict(attempt),
        guess=attempt.guess,
        comes_back=_comes_back(session, attempt, question, learner=learner, now=now) if answered else None,
        again_here=attempt.question_id in sitting.plan[attempt.place + 1 :],
    )


def _verdict(attempt: Attempt) -> Verdict | None:
    if attempt.outcome is None or attempt.share is None:
        return None
    # The columns hold what grading gave.
    return Verdict(cast(grading.Outcome, attempt.outcome), attempt.share, cast(grading.Reason | None, attempt.reason))


def _comes_back(
    session: Session, attempt: Attempt, question: Question, *, learner: Learner, now: datetime
) -> int | None:
    if question.kind not in SCHEDULED:
        return None
    day = session.scalar(
        select(Card.queue_day).where(
            Card.learner_id == learner.id, Card.bank_id == attempt.bank_id, Card.point == question.point
        )
    )
    return None if day is None else max(day - today(learner, now), 0)


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
            Attempt.learner_id == learner.id, Attempt.sitting_id == sitting_id, Attempt.answered_at.is_(None)
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
        )
        .order_by(SittingRow.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    sitting, place = row
    return OpenSitting(sitting.id, sitting.bank_id, sitting.kind, place + 1, len(sitting.plan))
