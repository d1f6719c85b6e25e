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
    voided = voided_in(session, sitting.bank_id)
    return Marks(
        assignment_id=sitting.assignment_id,
        bank_id=sitting.bank_id,
        marks={name: 1.0 if name in voided else shares.get(name, 0.0) for name in held},
        chosen={row.question_id: options_in(row.response) for row in rows if row.question_id in held},
    )


def voided_in(session: Session, bank_id: str) -> set[str]:
    """Questions of a bank that count in full, whatever was answered."""
    return set(
        session.scalars(
            select(QuestionRow.id).where(QuestionRow.bank_id == bank_id, QuestionRow.voided_at.is_not(None))
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


def add(session: Session, found: Marks, sign: int = 1) -> None:
    """Add a sitting's marks to the sums, or take them off (-1). Rows in question order: two at once do not deadlock."""
    items, options = [], []
    for name in sorted(found.marks):
        mark = found.marks[name]
        rest = found.points - mark
        own: dict[str, Any] = {"assignment_id": found.assignment_id, "question_id": name}
        sums = {
            "answers": 1,
            "marks": mark,
            "squares": mark * mark,
            "rest": rest,
            "rest_squares": rest * rest,
            "products": mark * rest,
        }
        items.append({**own, "bank_id": found.bank_id, **{key: sign * value for key, value in sums.items()}})
        options += [
            {**own, "option": option, "chosen": sign, "rest": sign * rest}
            for option in sorted(found.chosen.get(name, ()))
        ]
    _upsert(session, _ITEM, items, ("answers", "marks", "squares", "rest", "rest_squares", "products"))
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


@dataclass(frozen=True, slots=True)
class SumFigures:
    """Facility and discrimination, in per cent, from the sums alone. None where they are not defined."""

    answers: int
    facility: float | None
    spread: float | None
    discrimination: float | None


def figures(row: ItemSum) -> SumFigures:
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


def of_assignment(session: Session, assignment_id: int) -> dict[str, ItemSum]:
    """By question."""
    rows = session.scalars(
        select(ItemSum).where(ItemSum.assignment_id == assignment_id).execution_options(populate_existing=True)
    )
    return {row.question_id: row for row in rows}


def options_of(session: Session, assignment_id: int) -> dict[str, dict[str, OptionSum]]:
    """By question and option, where anybody chose it."""
    rows = session.scalars(
        select(OptionSum)
        .where(OptionSum.assignment_id == assignment_id, OptionSum.chosen > 0)
        .execution_options(populate_existing=True)
    )
    found: dict[str, dict[str, OptionSum]] = {}
    for row in rows:
        found.setdefault(row.question_id, {})[row.option] = row
    return found
