"""A bank's questions as a table: found, sorted and leafed through in the database, thousands of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, select
from sqlalchemy.orm import Session

from questions.bank import Question
from quiz.models import QuestionRevision, QuestionRow, Report
from quiz.services import editing, stored

SIZE = 50  # rows of a page
LONGEST_QUERY = 200
STATES = ("live", "retired", "hidden", "conflict", "voided", "edited", "reported")
SORTS = ("place", "stem", "topic", "kind", "difficulty", "changed")
BANDS = {"easy": (0.0, 0.4), "middling": (0.4, 0.6), "hard": (0.6, 1.01)}  # as quizzes spread them
NO_TOPIC = "-"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for, in what order, and which page of it. Empty: all."""

    query: str = ""
    topic: str = ""
    kind: str = ""
    state: str = ""
    tag: str = ""
    difficulty: str = ""
    sort: str = "place"
    down: bool = False
    page: int = 1

    def at(self, page: int) -> Filter:
        return replace(self, page=page)


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the table."""

    id: str
    question: Question
    number: int
    changed_at: datetime
    edited: bool
    retired: bool
    hidden: bool
    voided: bool
    conflicts: int
    reports: int


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    found: int
    pages: int
    filter: Filter


def page(session: Session, bank_id: str, wanted: Filter) -> Page:
    """A page beyond the last shows the last."""
    found = session.scalar(select(func.count()).select_from(_where(select(QuestionRow.id), bank_id, wanted).subquery()))
    pages = max(1, -(-(found or 0) // SIZE))
    wanted = wanted.at(min(max(wanted.page, 1), pages))
    query = _where(select(QuestionRow), bank_id, wanted).order_by(*_order(wanted))
    rows = session.scalars(query.limit(SIZE).offset((wanted.page - 1) * SIZE)).all()
    return Page(_lines(session, bank_id, rows), found or 0, pages, wanted)


def attention(session: Session, bank_id: str) -> tuple[Line, ...]:
    """Questions that wait for a decision: hidden ones first."""
    query = (
        select(QuestionRow)
        .where(QuestionRow.bank_id == bank_id, _conflicting() | QuestionRow.hidden)
        .order_by(QuestionRow.hidden.desc(), QuestionRow.place)
        .limit(SIZE)
    )
    return _lines(session, bank_id, session.scalars(query).all())


def ids(session: Session, bank_id: str, wanted: Filter) -> list[str]:
    """All that is found, on whatever page."""
    return list(session.scalars(_where(select(QuestionRow.id), bank_id, wanted)))


def tags(session: Session, bank_id: str) -> list[str]:
    """Every tag of a bank, in the order of the alphabet."""
    columns = session.scalars(
        select(QuestionRow.tags).where(QuestionRow.bank_id == bank_id, QuestionRow.tags.is_not(None)).distinct()
    )
    return sorted({tag for column in columns if column for tag in column.split("\n") if tag})


def _lines(session: Session, bank_id: str, rows: Any) -> tuple[Line, ...]:
    names = [row.id for row in rows]
    edited = set(
        session.scalars(
            select(QuestionRevision.question_id).where(
                QuestionRevision.bank_id == bank_id,
                QuestionRevision.question_id.in_(names),
                QuestionRevision.why.in_(editing.BY_HAND),
            )
        )
    )
    reports: dict[str, int] = {
        question_id: number
        for question_id, number in session.execute(
            select(Report.question_id, func.count())
            .where(Report.bank_id == bank_id, Report.question_id.in_(names), Report.closed_at.is_(None))
            .group_by(Report.question_id)
        )
    }
    return tuple(
        Line(
            id=row.id,
            question=stored.parse(row.body),
            number=row.number,
            changed_at=row.changed_at,
            edited=row.id in edited,
            retired=row.retired_at is not None,
            hidden=row.hidden,
            voided=row.voided_at is not None,
            conflicts=len(row.conflicts),
            reports=reports.get(row.id, 0),
        )
        for row in rows
    )


def _where(query: Select[Any], bank_id: str, wanted: Filter) -> Select[Any]:
    query = query.where(QuestionRow.bank_id == bank_id)
    for word in stored.search_form(wanted.query[:LONGEST_QUERY]).split():
        query = query.where(QuestionRow.words.contains(word, autoescape=True))
    if wanted.topic:
        query = query.where(
            QuestionRow.topic.is_(None) if wanted.topic == NO_TOPIC else QuestionRow.topic == wanted.topic
        )
    if wanted.kind:
        query = query.where(QuestionRow.kind == wanted.kind)
    if wanted.tag:
        query = query.where(QuestionRow.tags.contains(f"\n{wanted.tag}\n", autoescape=True))
    if wanted.difficulty in BANDS:
        low, high = BANDS[wanted.difficulty]
        query = query.where(QuestionRow.difficulty >= low, QuestionRow.difficulty < high)
    state = _state(wanted.state)
    return query if state is None else query.where(state)


def _conflicting() -> ColumnElement[bool]:
    return cast(QuestionRow.conflicts, Text) != "[]"


def _state(name: str) -> ColumnElement[bool] | None:
    match name:
        case "live":
            return QuestionRow.retired_at.is_(None) & QuestionRow.hidden.is_(False)
        case "retired":
            return QuestionRow.retired_at.is_not(None)
        case "hidden":
            return QuestionRow.hidden.is_(True)
        case "conflict":
            return _conflicting()
        case "voided":
            return QuestionRow.voided_at.is_not(None)
        case "edited":
            return exists().where(
                QuestionRevision.bank_id == QuestionRow.bank_id,
                QuestionRevision.question_id == QuestionRow.id,
                QuestionRevision.why.in_(editing.BY_HAND),
            )
        case "reported":
            return exists().where(
                Report.bank_id == QuestionRow.bank_id, Report.question_id == QuestionRow.id, Report.closed_at.is_(None)
            )
        case _:
            return None


def _order(wanted: Filter) -> list[ColumnElement[Any]]:
    column: Any = {
        "stem": QuestionRow.words,
        "topic": QuestionRow.topic,
        "kind": QuestionRow.kind,
        "difficulty": QuestionRow.difficulty,
        "changed": QuestionRow.changed_at,
    }.get(wanted.sort, QuestionRow.place)
    return [column.desc() if wanted.down else column.asc(), QuestionRow.place, QuestionRow.id]
