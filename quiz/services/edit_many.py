"""Many questions changed at once, and that taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions import edits
from questions.bank import Question
from questions.errors import BadInput, Conflict, NotFound
from quiz.models import Entry, QuestionRevision, QuestionRow
from quiz.services import stored, teaching

log = logging.getLogger(__name__)
What = Literal["topic", "tag", "untag", "difficulty", "weight", "retire", "back"]
WHAT: tuple[What, ...] = ("topic", "tag", "untag", "difficulty", "weight", "retire", "back")
MOST = 20_000
LONGEST_TAG = 100
_AT_ONCE = 500
_Change = tuple[int, Question, Question]  # the revision that counts, what it says, what the next one says


@dataclass(frozen=True, slots=True)
class Done:
    """How many were changed, and how many could not be since someone else changed the same thing."""

    entry_id: int | None
    changed: int
    left: int = 0


def change(
    session: Session, bank_id: str, ids: Sequence[str], what: What, value: str, *, author_id: int, now: datetime
) -> Done:
    """Change one thing in many questions of a bank. What is so already is left alone.

    What waits for a decision goes on waiting. Raises BadInput on a value that cannot be, Conflict when someone saved
    one of them meanwhile.
    """
    if what not in WHAT or len(ids) > MOST:
        raise BadInput("do")
    if what in {"retire", "back"}:
        detail = _retire(session, bank_id, ids, back=what == "back", now=now)
    else:
        detail = _revise(session, bank_id, ids, what, value, author_id=author_id, now=now)
    count = len(detail)
    if not count:
        return Done(None, 0)
    entry = teaching.journal(
        session,
        "many",
        author_id=author_id,
        now=now,
        bank_id=bank_id,
        detail={"do": what, "value": value, "count": count, "questions": detail},
    )
    log.info("%s of %s questions of %s changed at once", what, count, bank_id)
    return Done(entry, count)


def _retire(session: Session, bank_id: str, ids: Sequence[str], *, back: bool, now: datetime) -> dict[str, Any]:
    """For each that changed: since when it was retired, and whether by hand."""
    detail: dict[str, Any] = {}
    for row in _rows(session, bank_id, ids):
        retired = row.retired_at is not None
        if retired is not back:
            continue
        detail[row.id] = [row.retired_at.isoformat() if row.retired_at else None, row.withdrawn]
        row.retired_at, row.withdrawn, row.changed_at = (None, False, now) if back else (now, True, now)
    session.flush()
    return detail


def _some(ids: Iterable[str]) -> Iterator[list[str]]:
    names = list(ids)
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def _rows(session: Session, bank_id: str, ids: Iterable[str]) -> Iterable[QuestionRow]:
    for some in _some(ids):
        yield from session.scalars(
            select(QuestionRow)
            .where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(some))
            .order_by(QuestionRow.id)
            .with_for_update()
        )


def _revise(
    session: Session, bank_id: str, ids: Sequence[str], what: What, value: str, *, author_id: int, now: datetime
) -> dict[str, Any]:
    """For each that changed: the revisions before and after."""
    changed: dict[str, _Change] = {}
    for question_id, number, body in _bodies(session, bank_id, ids):
        question = _changed(stored.parse(body), what, value)
        if question is not None:
            changed[question_id] = (number, stored.parse(body), question)
    _write(session, bank_id, changed, why="many", author_id=author_id, now=now)
    return {question_id: [number, number + 1] for question_id, (number, *_both) in changed.items()}


def _bodies(session: Session, bank_id: str, ids: Iterable[str]) -> Iterable[tuple[str, int, str]]:
    for some in _some(ids):
        rows = session.execute(
            select(QuestionRow.id, QuestionRow.number, QuestionRow.body)
            .where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(some))
            .order_by(QuestionRow.id)
            .with_for_update()
        )
        yield from ((row.id, row.number, row.body) for row in rows)


def _changed(question: Question, what: What, value: str) -> Question | None:
    """None when it is so already."""
    update_: dict[str, Any]
    match what:
        case "topic":
            update_ = {"topic": value or None}
        case "tag" | "untag":
            tag = " ".join(value.split())
            if not tag or len(tag) > LONGEST_TAG or "," in tag:
                raise BadInput("tag")
            others = tuple(one for one in question.tags if one != tag)
            update_ = {"tags": question.tags if what == "tag" and tag in question.tags else others}
            if what == "tag" and tag not in question.tags:
                update_ = {"tags": (*others, tag)}
        case "difficulty":
            try:
                update_ = {"difficulty": float(value)}
            except ValueError:
                raise BadInput("difficulty") from None
            if not 0 <= update_["difficulty"] <= 1:
                raise BadInput("difficulty")
        case _:
            if value not in {"core", "detail"}:
                raise BadInput("weight")
            update_ = {"weight": value}
    after: Question = question.model_copy(update=update_)
    return None if after == question else after


def _write(
    session: Session,
    bank_id: str,
    changed: dict[str, _Change],
    *,
    why: str,
    author_id: int,
    now: datetime,
) -> None:
    """Append a revision to each, in few statements."""
    if not changed:
        return
    bases: dict[str, str | None] = {}
    for some in _some(changed):
        rows = session.execute(
            select(QuestionRevision.question_id, QuestionRevision.number, QuestionRevision.generated).where(
                QuestionRevision.bank_id == bank_id, QuestionRevision.question_id.in_(some)
            )
        )
        bases |= {row.question_id: row.generated for row in rows if row.number == changed[row.question_id][0]}
    columns = {question_id: stored.columns(after) for question_id, (*_before, after) in changed.items()}
    rows_: Any = QuestionRow.__table__
    revisions: Any = QuestionRevision.__table__
    connection = session.connection()
    names = ("body", "topic", "words", "tags", "difficulty")
    try:
        with session.begin_nested():
            connection.execute(
                insert(revisions),
                [
                    {
                        "bank_id": bank_id,
                        "question_id": question_id,
                        "number": number + 1,
                        "body": columns[question_id]["body"],
                        "generated": bases.get(question_id),
                        "changed": list(edits.changed_fields(before, after)),
                        "why": why,
                        "author_id": author_id,
                        "at": now,
                    }
                    for question_id, (number, before, after) in changed.items()
                ],
            )
    except IntegrityError:
        raise Conflict("saved by someone else meanwhile") from None
    connection.execute(
        update(rows_)
        .where(rows_.c.bank_id == bank_id, rows_.c.id == bindparam("of"))
        .values(number=bindparam("next"), changed_at=now, **{name: bindparam(f"new_{name}") for name in names}),
        [
            {
                "of": question_id,
                "next": number + 1,
                **{f"new_{name}": columns[question_id][name] for name in names},
            }
            for question_id, (number, *_both) in changed.items()
        ],
    )
    session.expire_all()


# ---------------------------------------------------------------- taking it back


def undo(session: Session, bank_id: str, entry_id: int, *, author_id: int, now: datetime) -> Done:
    """Take back what was changed at once; what was changed since in other fields stays.

    Doing it again changes nothing. Raises NotFound.
    """
    entry = session.get(Entry, entry_id)
    if entry is None or entry.bank_id != bank_id or entry.what != "many":
        raise NotFound("there is nothing to take back")
    if entry_id in undone(session, bank_id):
        return Done(None, 0)
    detail = entry.detail["questions"]
    if entry.detail["do"] in {"retire", "back"}:
        changed, left = _bring_back(session, bank_id, detail, back=entry.detail["do"] == "back", now=now)
    else:
        changed, left = _unrevise(session, bank_id, detail, author_id=author_id, now=now)
    done = teaching.journal(
        session,
        "many-undone",
        author_id=author_id,
        now=now,
        bank_id=bank_id,
        detail={"of": entry_id, "do": entry.detail["do"], "value": entry.detail["value"], "count": changed},
    )
    return Done(done, changed, left)


def undone(session: Session, bank_id: str) -> set[int]:
    """The entries that were taken back."""
    details = session.scalars(select(Entry.detail).where(Entry.bank_id == bank_id, Entry.what == "many-undone"))
    return {detail["of"] for detail in details}


def _bring_back(
    session: Session, bank_id: str, detail: dict[str, Any], *, back: bool, now: datetime
) -> tuple[int, int]:
    changed = 0
    for row in _rows(session, bank_id, list(detail)):
        since, withdrawn = detail[row.id]
        if (row.retired_at is None) is not back:
            continue  # someone changed it since
        row.retired_at = datetime.fromisoformat(since) if since else None
        row.withdrawn, row.changed_at = withdrawn, now
        changed += 1
    session.flush()
    return changed, len(detail) - changed


def _unrevise(
    session: Session, bank_id: str, detail: dict[str, Any], *, author_id: int, now: datetime
) -> tuple[int, int]:
    bodies: dict[tuple[str, int], str] = {}
    for some in _some(detail):
        rows = session.execute(
            select(QuestionRevision.question_id, QuestionRevision.number, QuestionRevision.body).where(
                QuestionRevision.bank_id == bank_id, QuestionRevision.question_id.in_(some)
            )
        )
        bodies |= {(row.question_id, row.number): row.body for row in rows}
    changed: dict[str, _Change] = {}
    left = 0
    for question_id, number, body in list(_bodies(session, bank_id, list(detail))):
        was, became = (stored.parse(bodies[question_id, one]) for one in detail[question_id])
        merged = edits.merge(became, was, stored.parse(body))
        if merged.conflicts:
            left += 1
        elif merged.question != stored.parse(body):
            changed[question_id] = (number, stored.parse(body), merged.question)
    _write(session, bank_id, changed, why="undone", author_id=author_id, now=now)
    return len(changed), left
