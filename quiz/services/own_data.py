"""Everything about a person as one archive of JSON and CSV, written while it is sent.

The tables of learners are walked, so that one that comes later is part of it by itself. What a sitting still keeps
back (verdicts that come at its end) is kept back here too.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, assert_never

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from questions.bank import MatchingQuestion, MultiSelectQuestion, OrderingQuestion, Question
from questions.history import day_to_date
from questions.responses import (
    RESPONSE,
    Chosen,
    ChosenMany,
    Judged,
    Matched,
    Ordered,
    Response,
    Shown,
    Unknown,
    Written,
)
from questions.texts import LANGS, Bilingual, Lang, plain
from quiz.models import (
    LEARNER_TABLES,
    Allowance,
    Attempt,
    Base,
    Link,
    Login,
    Member,
    RecoveryCode,
    SecondFactor,
    SittingRow,
    User,
)
from quiz.services.study import question_at, told

Row = dict[str, Any]
_DAYS = {"day", "last_day", "due", "queue_day", "exam_day"}  # days since 1970
_SECRET = {"password_hash", "token_hash", "salt", "code_hash"}
_LARGEST = 2**53  # beyond it, programs that read JSON round
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # with which a spreadsheet begins one


def archive(session: Session, user_id: int, *, now: datetime) -> Iterator[bytes]:
    """The bytes of a zip file: `qimma.json` with all of it, and a CSV file a table."""
    parts = _parts(session, user_id, now)
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open(_member("qimma.json", now), "w", force_zip64=True) as file:
            for text in _json(parts, now):
                file.write(text.encode())
                yield from pipe.taken()
        for name, rows in parts.items():
            with packed.open(_member(f"{name}.csv", now), "w", force_zip64=True) as file:
                for text in _csv(rows()):
                    file.write(text.encode())
                    yield from pipe.taken()
    yield from pipe.taken()


class _Pipe(io.RawIOBase):
    """A file that is written once, from front to end, and emptied meanwhile."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        held, self._held = b"".join(self._held), []
        if held:
            yield held


def _member(name: str, now: datetime) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, now.timetuple()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


# ---------------------------------------------------------------- what there is


def _parts(session: Session, user_id: int, now: datetime) -> dict[str, Callable[[], Iterator[Row]]]:
    """By name of the file: its rows. Read anew at each call, a few hundred at a time."""
    kept_back = _kept_back(session, user_id, now)
    seen: dict[tuple[str, str, int], Question] = {}

    def as_it_is(row: Row) -> Row:
        return row

    def unscored(row: Row) -> Row:
        if row["finished_at"] is None:  # what is still to be asked, and how it was drawn
            row = {**row, "plan": None, "seed": None}
        return {**row, "points": None} if (row["withheld_until"] or now) > now else row

    def in_words(row: Row) -> Row:
        return _attempt(session, row, kept_back, seen)

    def kept(row: Row) -> Row:
        """Of an answer whose verdict is not told: what became of its mark, and of "I was right", is not told either."""
        untold = dict.fromkeys({"share_before", "share_after", "cause", "why", "decision", "closed_at"} & set(row))
        return {**row, **untold} if row["attempt_id"] in kept_back else row

    def rows(table: Table, condition: Any, change: Callable[[Row], Row] = as_it_is) -> Iterator[Row]:
        query = select(table).where(condition).order_by(*table.primary_key.columns)
        for found in session.execute(query.execution_options(yield_per=_CHUNK)):
            row = change(dict(found._mapping))
            yield {name: _plain(name, value) for name, value in row.items() if name not in _SECRET}

    tables = Base.metadata.tables
    changes = {"attempts": in_words, "sittings": unscored, "mark_changes": kept, "reports": kept}
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "account": lambda: rows(tables["users"], User.id == user_id),
        "logins": lambda: rows(tables["logins"], Login.user_id == user_id),
        "links": lambda: rows(tables["links"], Link.user_id == user_id),
        "second_factor": lambda: rows(tables["second_factors"], SecondFactor.user_id == user_id),
        "recovery_codes": lambda: rows(tables["recovery_codes"], RecoveryCode.user_id == user_id),
        "classes": lambda: rows(tables["members"], Member.user_id == user_id),
        "allowances": lambda: rows(tables["allowances"], Allowance.user_id == user_id),
    }
    for name in LEARNER_TABLES:
        table = tables[name]
        parts[name] = lambda table=table: rows(  # type: ignore[misc]  # bound now, not at the call
            table, table.c.learner_id == user_id, changes.get(table.name, as_it_is)
        )
    return parts


def _kept_back(session: Session, user_id: int, now: datetime) -> set[int]:
    """Attempts whose verdicts come at the end of a sitting that is open. Their memories move only then."""
    return set(
        session.scalars(
            select(Attempt.id)
            .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
            .where(Attempt.learner_id == user_id, ~told(now))
        )
    )


def _attempt(session: Session, row: Row, kept_back: set[int], seen: dict[tuple[str, str, int], Question]) -> Row:
    """An attempt with what was asked and what was answered, in words; its verdict once that is told."""
    revision = Shown.model_validate_json(row["shown"]).revision
    key = (row["bank_id"], row["question_id"], revision)
    question = seen.get(key) or seen.setdefault(key, question_at(session, *key))
    response = RESPONSE.validate_json(row["response"]) if row["response"] else None
    told = row["answered_at"] is not None and row["id"] not in kept_back
    if not told:
        row = {**row, **dict.fromkeys(("outcome", "share", "reason", "shown", "response"))}
    for lang in LANGS:
        row[f"question_{lang}"] = _text(question.stem, lang)
        row[f"answer_{lang}"] = answer_text(question, response, lang) if response else None
    return row


def _text(text: Bilingual, lang: Lang) -> str:
    return plain(text.best(lang)[1])


def answer_text(question: Question, response: Response, lang: Lang) -> str:
    """A response in words, as its question named things."""
    names = _names(question, lang)
    match response:
        case Chosen():
            return names.get(response.option, response.option)
        case ChosenMany():
            return "; ".join(names.get(one, one) for one in response.options)
        case Judged():
            return {("ar", True): "صواب", ("ar", False): "خطأ"}.get((lang, response.value), str(response.value).lower())
        case Written():
            return response.text
        case Ordered():
            return "; ".join(names.get(one, one) for one in response.items)
        case Matched():
            return "; ".join(f"{names.get(left, left)} = {names.get(f'→{r}', r)}" for left, r in response.pairs)
        case Unknown():
            return ""
        case _:
            assert_never(response)


def _names(question: Question, lang: Lang) -> dict[str, str]:
    match question:
        case MatchingQuestion():
            lefts = {pair.id: _text(pair.left, lang) for pair in question.pairs}
            rights = {f"→{pair.id}": _text(pair.right, lang) for pair in question.pairs}
            return lefts | rights | {f"→{item.id}": _text(item.text, lang) for item in question.extra}
        case OrderingQuestion():
            return {item.id: _text(item.text, lang) for item in question.items}
        case MultiSelectQuestion():
            return {option.id: _text(option.text, lang) for option in question.options}
        case _:
            return {option.id: _text(option.text, lang) for option in getattr(question, "options", ())}


# ---------------------------------------------------------------- how it is written


def _plain(name: str, value: Any) -> Any:
    """A value as JSON has it: instants and days in ISO, numbers that would be rounded as text."""
    if name in _DAYS and isinstance(value, int):
        return day_to_date(value).isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return str(value)
    return value


def _json(parts: dict[str, Callable[[], Iterator[Row]]], now: datetime) -> Iterator[str]:
    yield f'{{"made_at": {json.dumps(now.isoformat())}'
    for name, rows in parts.items():
        yield f',\n"{name}": ['
        for nr, row in enumerate(rows()):
            yield ("," if nr else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "}\n"


def _csv(rows: Iterator[Row]) -> Iterator[str]:
    """With a byte-order mark, by which spreadsheets know Arabic; nothing in it is taken for a formula."""
    out = io.StringIO()
    writer, columns = csv.writer(out), None
    out.write("\ufeff")
    for row in rows:
        if columns is None:
            columns = list(row)
            writer.writerow(columns)
        writer.writerow([_cell(row[name]) for name in columns])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
