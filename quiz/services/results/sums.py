"""Sums of each question in an assignment: added once, in the transaction that finishes a sitting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from questions.responses import RESPONSE, Chosen, ChosenMany, Judged, Response
from quiz.models import Attempt, ItemSum, OptionSum, QuestionRow, SittingRow

_ITEM: Table = ItemSum.__table__  # type: ignore[assignment]  # a mapped class's table is a Table
_OPTION: Table = OptionSum.__table__  # type: ignore[assignment]  # the same


@dataclass(frozen=True, slots=True)
class Marks:
    """What a sitting adds to the sums: a mark for each question that it held, and the options that were chosen."""

    assignment_id: int
    bank_id: str
    marks: Mapping[str, float]
    chosen: Mapping[str, tuple[str, ...]]

    @property
    def points(self) -> float:
        return sum(self.marks.values())


def count(session: Session, learner_id: int, sitting_id: int) -> bool:
    """Add a sitting that has just been finished to its assignment's sums. Returns whether its result is withheld."""
    sitting = session.get(SittingRow, (learner_id, sitting_id), populate_existing=True)
    if sitting is None or sitting.assignment_id is None:
        return False
    found = marks_of(session, sitting)
    sitting.points = found.points  # a question that was voided counts in full also where nobody answered it
    session.flush()
    add(session, found)
    return sitting.withheld_until is not None


def marks_of(session: Session, sitting: SittingRow) -> Marks:
    """The marks of a sitting of an assignment as they stand: what was held and not answered has none."""
    assert sitting.assignment_id is not None  # noqa: S101  (asked for)
    held = list(dict.fromkeys(sitting.plan[: sitting.planned]))
    rows = session.execute(
        select(Attempt.question_id, Attempt.share, Attempt.response).where(
            Attempt.learner_id == sitting.learner_id,
            Attempt.sitting_id == sitting.id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
    ).all()
    shares = {row.question_id: row.share or 0.0 for row in rows}
    voided = voided_among(session, sitting.bank_id, held)
    return Marks(
        assignment_id=sitting.assignment_id,
        bank_id=sitting.bank_id,
        marks={name: 1.0 if name in voided else shares.get(name, 0.0) for name in held},
        chosen={row.question_id: options_in(row.response) for row in rows if row.question_id in held},
    )


def voided_among(session: Session, bank_id: str, held: Iterable[str]) -> set[str]:
    """Those of a bank's questions that count in full, whatever was answered."""
    return set(
        session.scalars(
            select(QuestionRow.id).where(
                QuestionRow.bank_id == bank_id, QuestionRow.id.in_(list(held)), QuestionRow.voided_at.is_not(None)
            )
        )
    )


def options_in(response: str | None) -> tuple[str, ...]:
    """The options that a stored response chose; none where words were written or things were put in order."""
    found: Response | None = RESPONSE.validate_json(response) if response else None
    match found:
        case Chosen(option=option):
            return (option,)
        case ChosenMany(options=options):
            return tuple(dict.fromkeys(options))
        case Judged(value=value):
            return (str(value).lower(),)
        case _:
            return ()


_SUMS = ("answers", "marks", "squares", "rest", "rest_squares", "products")


def _of_item(found: Marks, name: str) -> tuple[float, ...]:
    """What a sitting adds to the sums of one question, in the order of `_SUMS`."""
    mark = found.marks[name]
    rest = found.points - mark
    return 1, mark, mark * mark, rest, rest * rest, mark * rest


def add(session: Session, found: Marks, sign: int = 1) -> None:
    """Add a sitting's marks to the sums, or take them off (-1). Rows in question order: two at once do not deadlock."""
    items, options = [], []
    for name in sorted(found.marks):
        own: dict[str, Any] = {"assignment_id": found.assignment_id, "question_id": name}
        sums = {key: sign * value for key, value in zip(_SUMS, _of_item(found, name), strict=True)}
        items.append({**own, "bank_id": found.bank_id, **sums})
        options += [
            {**own, "option": option, "chosen": sign, "rest": sign * (found.points - found.marks[name])}
            for option in sorted(found.chosen.get(name, ()))
        ]
    _upsert(session, _ITEM, items, _SUMS)
    _upsert(session, _OPTION, options, ("chosen", "rest"))


def _upsert(session: Session, table: Table, rows: list[dict[str, Any]], summed: Iterable[str]) -> None:
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: table.c[name] + statement.excluded[name] for name in summed},
        ),
        rows,
    )


# ---------------------------------------------------------------- what the sums say


@dataclass(slots=True)
class Running:
    """The sums of one question, as `ItemSum` has them."""

    answers: int = 0
    marks: float = 0.0
    squares: float = 0.0
    rest: float = 0.0
    rest_squares: float = 0.0
    products: float = 0.0


@dataclass(slots=True)
class Choice:
    """How often an option was chosen, and the sum of the other marks of those who did."""

    chosen: int = 0
    rest: float = 0.0


@dataclass(frozen=True, slots=True)
class SumFigures:
    """Facility and discrimination, in per cent, from the sums alone. None where they are not defined."""

    answers: int
    facility: float | None
    spread: float | None
    discrimination: float | None


def figures(row: Running) -> SumFigures:
    count = row.answers
    if not count:
        return SumFigures(0, None, None, None)
    facility = 100 * row.marks / count
    if count < 2:
        return SumFigures(count, facility, None, None)
    own = _spread(row.marks, row.squares, count)
    rest = _spread(row.rest, row.rest_squares, count)
    together = (row.products - row.marks * row.rest / count) / (count - 1)
    return SumFigures(
        answers=count,
        facility=facility,
        spread=100 * sqrt(own),
        discrimination=100 * together / sqrt(own * rest) if own * rest > 0 else None,
    )


def _spread(total: float, squares: float, count: int) -> float:
    """The variance of a sample; what rounding leaves of none is none."""
    variance = (squares - total * total / count) / (count - 1)
    return variance if variance > 1e-12 * max(squares, 1.0) else 0.0


def of_assignment(session: Session, assignment_id: int, more: Iterable[Marks] = ()) -> dict[str, Running]:
    """By question; with `more`, as if these sittings had been added too."""
    rows = session.execute(
        select(ItemSum.question_id, *(getattr(ItemSum, name) for name in _SUMS)).where(
            ItemSum.assignment_id == assignment_id
        )
    )
    found = {name: Running(*values) for name, *values in rows}
    for marks in more:
        for name in marks.marks:
            its = found.setdefault(name, Running())
            for key, value in zip(_SUMS, _of_item(marks, name), strict=True):
                setattr(its, key, getattr(its, key) + value)
    return found


def options_of(session: Session, assignment_id: int, more: Iterable[Marks] = ()) -> dict[str, dict[str, Choice]]:
    """By question and option, where anybody chose it; with `more`, as if these sittings had been added too."""
    rows = session.execute(
        select(OptionSum.question_id, OptionSum.option, OptionSum.chosen, OptionSum.rest).where(
            OptionSum.assignment_id == assignment_id, OptionSum.chosen > 0
        )
    )
    found: dict[str, dict[str, Choice]] = {}
    for name, option, chosen, rest in rows:
        found.setdefault(name, {})[option] = Choice(chosen, rest)
    for marks in more:
        for name, options in marks.chosen.items():
            for option in options:
                its = found.setdefault(name, {}).setdefault(option, Choice())
                its.chosen, its.rest = its.chosen + 1, its.rest + marks.points - marks.marks[name]
    return found
