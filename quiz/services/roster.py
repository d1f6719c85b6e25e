"""A class list from a spreadsheet: names, student numbers, sections. Read, looked at, then brought in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.errors import BadFile, BadInput, Problem
from questions.formats import csv_rows, xlsx_rows
from questions.formats.cells import unguarded
from questions.normalise import normalise
from quiz.ids import new_id
from quiz.models import Member
from quiz.services import accounts, classes
from quiz.services.teaching import Person, class_of, journal

MOST_ROWS = 1000
Column = Literal["name", "number", "section"]
_WORDS: tuple[tuple[Column, str], ...] = (
    ("name", "name|student|student name|full name|الاسم|اسم الطالب|اسم الطالبة|الطالب|الاسم الكامل"),
    (
        "number",
        "number|id|student number|student id|student no|no|الرقم|رقم الطالب|الرقم الجامعي|رقم الطالبة|رقم القيد",
    ),
    ("section", "section|group|class|الشعبة|المجموعة|القسم|الصف"),
)
_HEADS: dict[str, Column] = {normalise(word): column for column, words in _WORDS for word in words.split("|")}
_ORDER: tuple[Column, ...] = ("name", "number", "section")  # of a file that has no heads
Fault = Literal["name", "number", "twice"]


@dataclass(frozen=True, slots=True)
class Line:
    row: int  # as the spreadsheet counts
    name: str
    number: str | None
    section: str | None


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file holds: lines + refused rows are all of its rows but the head."""

    lines: tuple[Line, ...]
    refused: tuple[tuple[int, Fault, str], ...]  # (row, why, what stands there)


def read(data: bytes, name: str) -> Roster:
    """Raises BadFile for what is no table."""
    sheets = xlsx_rows.read_sheets(data, name) if data[:2] == b"PK" else [csv_rows.read_rows(data, name)]
    rows = sheets[0].rows if sheets else []
    if not rows:
        raise BadFile([Problem(name, "", "holds no rows")])
    if len(rows) > MOST_ROWS + 1:
        raise BadFile([Problem(name, "", f"has more than {MOST_ROWS} rows")])
    heads = {place: _HEADS[form] for place, cell in enumerate(rows[0].cells) if (form := normalise(cell)) in _HEADS}
    if "name" in heads.values():
        rows = rows[1:]
    else:
        heads = dict(enumerate(_ORDER))
    lines: list[Line] = []
    refused: list[tuple[int, Fault, str]] = []
    numbers: set[str] = set()
    for row in rows:
        cells = {column: unguarded(row.cells[place]) for place, column in heads.items() if place < len(row.cells)}
        try:
            number = classes.checked_number(cells.get("number"))
            line = Line(row.number, classes.checked_name(cells.get("name", "")), number, _section(cells))
        except BadInput as fault:
            why: Fault = "number" if str(fault) == "number" else "name"
            refused.append((row.number, why, _shown(cells)))
            continue
        if number is not None and number in numbers:
            refused.append((row.number, "twice", _shown(cells)))
            continue
        numbers |= {number} if number else set()
        lines.append(line)
    return Roster(tuple(lines), tuple(refused))


def _shown(cells: dict[Column, str]) -> str:
    return " · ".join(text for column in _ORDER if (text := cells.get(column, "").strip()))[:120]


def _section(cells: dict[Column, str]) -> str | None:
    return " ".join(cells.get("section", "").split())[:40] or None


@dataclass(frozen=True, slots=True)
class Matched:
    """What a list would do: new students; a number or a section for one who is there; and how many stand so."""

    new: tuple[Line, ...]
    changed: tuple[tuple[Line, int], ...]
    same: int


def as_text(lines: Sequence[Line]) -> str:
    """The lines as a table that `read` gives back equal, but for the numbers of its rows."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(_ORDER)
    writer.writerows((line.name, line.number or "", line.section or "") for line in lines)
    return out.getvalue()


def match(session: Session, class_id: int, lines: Sequence[Line]) -> Matched:
    """Set a list against the class: by number, else by a name that only one student without a number has."""
    members = session.scalars(select(Member).where(Member.class_id == class_id, Member.left_at.is_(None))).all()
    by_number = {one.number: one for one in members if one.number}
    by_name: dict[str, list[Member]] = {}
    for one in members:
        if not one.number:
            by_name.setdefault(accounts.name_key(one.name), []).append(one)
    new: list[Line] = []
    changed: list[tuple[Line, int]] = []
    same = 0
    for line in lines:
        member: Member | None = by_number.get(line.number) if line.number else None
        named = by_name.get(accounts.name_key(line.name), [])
        if member is None and len(named) == 1:
            member = named.pop()
        if member is None:
            new.append(line)
        elif (member.number, member.section) == (line.number or member.number, line.section or member.section):
            same += 1
        else:
            changed.append((line, member.user_id))
    return Matched(tuple(new), tuple(changed), same)


def prepare(lines: Sequence[Line], key: str) -> list[classes.NewStudent]:
    """New students with PINs. Takes long: to be called outside a transaction."""
    made = []
    for line in lines:
        user_id = new_id()
        pin_hash = accounts.hashed_pin(classes.made_pin(key, user_id, 1))
        made.append(classes.NewStudent(line.name, pin_hash, line.number, line.section, 1, user_id))
    return made


def bring_in(
    session: Session,
    class_id: int,
    made: Sequence[classes.NewStudent],
    changed: Sequence[tuple[Line, int]],
    *,
    user: Person,
    now: datetime,
) -> int:
    """Write a list down. Returns how many students are new. Raises NotFound, BadInput, Conflict."""
    class_of(session, class_id, user)
    for one in made:
        classes.enrol(session, class_id, one, now=now)
    for line, user_id in changed:
        member = classes.member_of(session, class_id, user_id)
        member.number, member.section = line.number or member.number, line.section or member.section
    journal(
        session,
        "roster",
        author_id=user.id,
        now=now,
        class_id=class_id,
        detail={"new": len(made), "changed": len(changed)},
    )
    return len(made)
