"""Whether the rows agree with one another: memories with their logs, points and sums with the answers.

Each check walks through the database in order, holding little of it at a time, and yields the keys of what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session

from questions.bank import QUESTION
from questions.history import Rating, Review
from quiz import scheduling
from quiz.models import (
    Aim,
    Assignment,
    Attempt,
    BankRow,
    Base,
    Card,
    FactRevision,
    FactRow,
    ItemSum,
    MediaRow,
    OptionSum,
    QuestionRevision,
    QuestionRow,
    ReviewLog,
    SittingRow,
    User,
)
from quiz.services import fitting, media
from quiz.services.results import sums
from quiz.services.study import recount
from quiz.services.study.cards import card_values
from quiz.services.study.learner import alone

Key = tuple[Any, ...]  # of a row, its learner first where it has one
_AT_ONCE = 1000  # rows
_NEAR = 1e-6  # sums are added in another order than they are counted in


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the rows. `mend` puts right what one key names; without it a person has to look."""

    name: str
    what: str  # is said of what it finds
    find: Callable[[Session], Iterator[Key]]
    mend: Callable[[Session, Key], None] | None = None


def _rows(session: Session, query: Any) -> Iterator[Any]:
    yield from session.execute(query.execution_options(yield_per=_AT_ONCE))


# ---------------------------------------------------------------- what rows point to


def _astray(session: Session) -> Iterator[Key]:
    """Rows with a foreign key that leads nowhere: (table, columns, its own key ...)."""
    for table in Base.metadata.sorted_tables:
        own = list(table.primary_key.columns)
        for rule in table.foreign_key_constraints:
            parent = rule.referred_table.alias()
            there = exists().where(
                *(key.parent == parent.c[key.column.name] for key in rule.elements),
            )
            given = [key.parent.is_not(None) for key in rule.elements]
            for row in _rows(session, select(*own).where(*given, ~there)):
                yield table.name, "+".join(rule.column_keys), *row


def _lost(session: Session) -> Iterator[Key]:
    """Rows that name others without a foreign key to them."""
    as_json = type_coerce if session.get_bind().dialect.name == "sqlite" else cast
    rules: list[tuple[str, Table, ColumnElement[bool]]] = [
        (
            "its revision",
            _table(QuestionRow),
            _has(
                QuestionRevision.bank_id == QuestionRow.bank_id,
                QuestionRevision.question_id == QuestionRow.id,
                QuestionRevision.number == QuestionRow.number,
            ),
        ),
        (
            "its revision",
            _table(FactRow),
            _has(
                FactRevision.bank_id == FactRow.bank_id,
                FactRevision.fact_id == FactRow.id,
                FactRevision.number == FactRow.number,
            ),
        ),
        (
            "the revision that was shown",
            _table(Attempt),
            _has(
                QuestionRevision.bank_id == Attempt.bank_id,
                QuestionRevision.question_id == Attempt.question_id,
                QuestionRevision.number == as_json(Attempt.shown, JSON)["revision"].as_integer(),
            ),
        ),
        (
            "its attempt",
            _table(ReviewLog),
            or_(
                ReviewLog.attempt_id.is_(None),
                _has(Attempt.learner_id == ReviewLog.learner_id, Attempt.id == ReviewLog.attempt_id),
            ),
        ),
    ]
    for what, table, there in rules:
        for row in _rows(session, select(*table.primary_key.columns).where(~there)):
            yield table.name, what, *row


def _table(model: Any) -> Table:
    found: Table = model.__table__
    return found


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*conditions)


def _unreadable(session: Session) -> Iterator[Key]:
    """Questions that cannot be read, or show a file that is not there."""
    files = {tuple(row) for row in session.execute(select(MediaRow.bank_id, MediaRow.digest))}
    for bank_id, name, body in _rows(session, select(QuestionRow.bank_id, QuestionRow.id, QuestionRow.body)):
        try:
            question = QUESTION.validate_json(body)
        except ValueError:
            yield bank_id, name
            continue
        if any((bank_id, media.digest_of(item)) not in files for item in question.media):
            yield bank_id, name


def _unasked(session: Session) -> Iterator[Key]:
    """No packaged bank of which anything can be asked."""
    asked = exists().where(QuestionRow.bank_id == BankRow.id, QuestionRow.retired_at.is_(None))
    if session.scalar(select(BankRow.id).where(BankRow.packaged, asked).limit(1)) is None:
        yield ("qimma bank load",)


# ---------------------------------------------------------------- learners


def _unscheduled(session: Session) -> Iterator[Key]:
    """Learners with parameters of their own that FSRS does not take."""
    query = select(User.id, User.fsrs_parameters).where(User.fsrs_parameters.is_not(None)).order_by(User.id)
    yield from ((row.id,) for row in _rows(session, query) if not scheduling.usable(row.fsrs_parameters))


def _reschedule(session: Session, key: Key) -> None:
    fitting.put_back(session, learner=session.get_one(User, key[0], populate_existing=True))


def _forgetful(session: Session) -> Iterator[Key]:
    """Cards that are not what their logs give."""
    values = ("stability", "difficulty", "last_day", "due", "queue_day", "reps", "lapses")
    query = (
        select(
            Card.learner_id,
            Card.id,
            User.retention,
            User.fsrs_parameters,
            Aim.exam_day,
            *(getattr(Card, name) for name in values),
            ReviewLog.reviewed_ms,
            ReviewLog.day,
            ReviewLog.rating,
        )
        .join(User, User.id == Card.learner_id)
        .outerjoin(Aim, and_(Aim.learner_id == Card.learner_id, Aim.bank_id == Card.bank_id))
        .outerjoin(
            ReviewLog,
            and_(
                ReviewLog.learner_id == Card.learner_id,
                ReviewLog.card_id == Card.id,
                ReviewLog.counted,
                ReviewLog.voided_at.is_(None),
            ),
        )
        .order_by(Card.learner_id, Card.id, ReviewLog.reviewed_ms)
    )
    for key, rows in groupby(_rows(session, query), key=lambda row: (row.learner_id, row.id)):
        log = list(rows)
        first = log[0]
        reviews = [Review(row.reviewed_ms, row.day, Rating(row.rating), True) for row in log if row.reviewed_ms]
        own = first.fsrs_parameters if scheduling.usable(first.fsrs_parameters) else None
        memory = scheduling.replay(reviews, retention=first.retention, parameters=own)
        given = card_values(memory, first.exam_day, own)
        if not _alike(given, {name: getattr(first, name) for name in values}):
            yield key


def _recount_card(session: Session, key: Key) -> None:
    learner_id, card_id = key
    alone(session, learner_id)
    recount(session, learner_id, card_id)


_COUNTS = and_(Attempt.practice.is_(False), Attempt.answered_at.is_not(None), Attempt.withdrawn_at.is_(None))


def _miscounted(session: Session) -> Iterator[Key]:
    """Finished sittings whose points are not the sum of their marks."""
    total = func.coalesce(func.sum(case((_COUNTS, Attempt.share), else_=0.0)), 0.0)
    of_none = (
        select(SittingRow.learner_id, SittingRow.id)
        .outerjoin(Attempt, and_(Attempt.learner_id == SittingRow.learner_id, Attempt.sitting_id == SittingRow.id))
        .where(SittingRow.finished_at.is_not(None), SittingRow.assignment_id.is_(None))
        .group_by(SittingRow.learner_id, SittingRow.id, SittingRow.points)
        .having(func.abs(SittingRow.points - total) > _NEAR)
    )
    yield from map(tuple, _rows(session, of_none))
    for sitting in _finished(session):
        if abs(sums.marks_of(session, sitting).points - (sitting.points or 0.0)) > _NEAR:
            yield sitting.learner_id, sitting.id


def _finished(session: Session, assignment_id: int | None = None) -> Iterator[SittingRow]:
    """Sittings of assignments that have ended; what a voided question gives stands in no attempt."""
    query = select(SittingRow).where(SittingRow.finished_at.is_not(None))
    which = SittingRow.assignment_id == assignment_id if assignment_id else SittingRow.assignment_id.is_not(None)
    for (sitting,) in _rows(session, query.where(which)):
        yield sitting
        session.expunge(sitting)


def _add_points(session: Session, key: Key) -> None:
    alone(session, key[0])
    sitting = session.get(SittingRow, key, populate_existing=True)
    if sitting is None or sitting.finished_at is None:
        return
    if sitting.assignment_id is not None:
        sitting.points = sums.marks_of(session, sitting).points
        return
    own = (Attempt.learner_id == sitting.learner_id, Attempt.sitting_id == sitting.id, _COUNTS)
    sitting.points = session.scalar(select(func.coalesce(func.sum(Attempt.share), 0.0)).where(*own))


def _stuck(session: Session) -> Iterator[Key]:
    """Sittings that go on and have no open question, or two."""
    waits = (
        select(func.count())
        .where(
            Attempt.learner_id == SittingRow.learner_id,
            Attempt.sitting_id == SittingRow.id,
            Attempt.answered_at.is_(None),
            Attempt.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    own = select(SittingRow.learner_id, SittingRow.id)
    yield from map(tuple, _rows(session, own.where(SittingRow.finished_at.is_(None), waits != 1)))


# ---------------------------------------------------------------- classes


def _off(session: Session) -> Iterator[Key]:
    """Assignments whose running sums are not those of their sittings."""
    for assignment_id in session.scalars(select(Assignment.id).order_by(Assignment.id)).all():
        stored_sums, counted = _stored(session, assignment_id), _recounted(session, assignment_id)
        if any(_differ(stored_sums.get(name), counted.get(name)) for name in {**stored_sums, **counted}):
            yield (assignment_id,)


Sums = dict[tuple[str, str | None], dict[str, float]]  # by question, and by option of a question
_NOTHING: Mapping[str, float] = {}


def _stored(session: Session, assignment_id: int) -> Sums:
    running = sums.of_assignment(session, assignment_id)
    found: Sums = {(name, None): _values(one) for name, one in running.items()}
    for name, options in sums.options_of(session, assignment_id).items():
        found |= {(name, option): _values(one) for option, one in options.items()}
    return found


def _recounted(session: Session, assignment_id: int) -> Sums:
    found: Sums = {}

    def add(key: tuple[str, str | None], **more: float) -> None:
        its = found.setdefault(key, {})
        for name, value in more.items():
            its[name] = its.get(name, 0) + value

    for sitting in _finished(session, assignment_id):
        marks = sums.marks_of(session, sitting)
        for name, mark in marks.marks.items():
            rest = marks.points - mark
            values = {"answers": 1, "marks": mark, "squares": mark * mark, "rest": rest}
            add((name, None), **values, rest_squares=rest * rest, products=mark * rest)
            for option in marks.chosen.get(name, ()):
                add((name, option), chosen=1, rest=rest)
    return found


def _values(running: sums.Running | sums.Choice) -> dict[str, float]:
    return {name: getattr(running, name) for name in running.__slots__}


def _differ(kept: Mapping[str, float] | None, counted: Mapping[str, float] | None) -> bool:
    """Sums of students who left stay in them without a name: then there are more sittings than can be counted."""
    kept, counted = kept or _NOTHING, counted or _NOTHING
    number = "answers" if "answers" in kept or "answers" in counted else "chosen"
    if kept.get(number, 0) > counted.get(number, 0):
        return any(kept[name] < counted.get(name, 0) - _NEAR for name in kept)
    return not _alike({name: kept.get(name, 0) for name in {**kept, **counted}}, counted)


def _recount_sums(session: Session, key: Key) -> None:
    """Where nobody left: the others' marks are known from nowhere else."""
    if session.get_bind().dialect.name != "sqlite":  # nobody finishes a sitting meanwhile
        session.execute(text("LOCK TABLE item_sums, option_sums IN SHARE ROW EXCLUSIVE MODE"))
    (assignment_id,) = key
    bank_id = session.scalars(select(Assignment.bank_id).where(Assignment.id == assignment_id)).one()
    kept, counted = _stored(session, assignment_id), _recounted(session, assignment_id)
    for name, option in sorted({**kept, **counted}, key=str):
        values = counted.get((name, option), {})
        own: dict[str, Any] = {"assignment_id": assignment_id, "question_id": name}
        number = "answers" if option is None else "chosen"
        if kept.get((name, option), _NOTHING).get(number, 0) > values.get(number, 0):
            continue
        table = _table(ItemSum) if option is None else _table(OptionSum)
        own |= {"bank_id": bank_id} if option is None else {"option": option}
        session.execute(delete(table).where(*(table.c[one] == own[one] for one in own if one != "bank_id")))
        session.execute(insert(table).values(**own, **values))


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(_near(one.get(name), other.get(name)) for name in one)


def _near(one: Hashable, other: Hashable) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= _NEAR * max(1.0, abs(one))
    return one == other


CHECKS = (
    Check("foreign keys", "point nowhere", _astray),
    Check("what rows name", "name what is not there", _lost),
    Check("questions", "cannot be read whole", _unreadable),
    Check("packaged bank", "is not loaded", _unasked),
    Check("schedules", "have parameters that cannot be used", _unscheduled, _reschedule),
    Check("memories", "are not what their logs give", _forgetful, _recount_card),
    Check("open questions", "have no open question, or several", _stuck),
    Check("points", "are not the sum of their marks", _miscounted, _add_points),
    Check("sums of assignments", "are not those of their sittings", _off, _recount_sums),
)
