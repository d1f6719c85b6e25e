"""A question's history: what each revision changed, restoring an old one, and deciding what both sides changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions import edits
from questions.bank import Question
from questions.errors import BadInput, Conflict, NotFound
from quiz.models import QuestionRevision, User
from quiz.services import banks, editing

log = logging.getLogger(__name__)
Choice = Literal["mine", "fact", "anew"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field before and after; None: it was not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    at: datetime
    why: str
    author: str | None
    question: Question
    before: Question | None
    differences: tuple[Difference, ...]


def revisions(session: Session, bank_id: str, question_id: str) -> list[Revision]:
    """The newest first. Raises NotFound."""
    rows = session.execute(
        select(QuestionRevision, User.login_name)
        .outerjoin(User, User.id == QuestionRevision.author_id)
        .where(QuestionRevision.bank_id == bank_id, QuestionRevision.question_id == question_id)
        .order_by(QuestionRevision.number)
    ).all()
    if not rows:
        raise NotFound(f"there is no question {question_id!r}")
    out: list[Revision] = []
    before: Question | None = None
    for row, author in rows:
        question = banks.parse(row.body)
        differences = () if before is None else difference(before, question)
        out.append(Revision(row.number, row.at, row.why, author, question, before, differences))
        before = question
    return out[::-1]


def difference(before: Question, after: Question) -> tuple[Difference, ...]:
    was, now = edits.fields(before), edits.fields(after)
    return tuple(Difference(field, was.get(field), now.get(field)) for field in edits.changed_fields(before, after))


def restore(
    session: Session, bank_id: str, question_id: str, number: int, *, seen: int, author_id: int, now: datetime
) -> int:
    """Append a copy of an old revision. Returns the number that counts.

    Raises NotFound, and Conflict when someone saved meanwhile.
    """
    row = editing.question_row(session, bank_id, question_id)
    old = session.get(QuestionRevision, (bank_id, question_id, number))
    if old is None:
        raise NotFound(f"there is no revision {number}")
    if row.number != seen:
        raise Conflict("saved by someone else meanwhile")
    if old.body != row.body:
        editing.revise(session, row, banks.parse(old.body), why="restored", author_id=author_id, now=now)
    return row.number


# ---------------------------------------------------------------- conflicts


def settle(
    session: Session,
    bank_id: str,
    question_id: str,
    choices: Mapping[str, tuple[Choice, str]],
    *,
    seen: int,
    author_id: int,
    now: datetime,
) -> int:
    """Decide fields that the facts and an instructor both changed. Returns how many are left to be decided.

    `choices` has for each field what is taken, and the text where it is written anew. The question stays hidden while
    a field of its key is open. Raises NotFound; Conflict when it changed meanwhile; BadInput with the field that the
    choice does not fit, or "" when the choices do not go together.
    """
    row = editing.question_row(session, bank_id, question_id)
    if row.number != seen:
        raise Conflict("saved by someone else meanwhile")
    conflicts = {conflict["field"]: edits.FieldConflict(**conflict) for conflict in row.conflicts}
    flat = edits.fields(banks.parse(row.body))
    decided = [field for field in choices if field in conflicts]
    for field in decided:
        choice, words = choices[field]
        _decide(flat, conflicts[field], choice, words)
    try:
        question = edits.from_fields(_whole_rows(flat))
    except ValueError:  # pydantic
        raise BadInput("") from None
    left = tuple(conflict for field, conflict in conflicts.items() if field not in decided)
    if decided:
        editing.revise(session, row, question, why="settled", author_id=author_id, now=now)
        row.conflicts = [asdict(conflict) for conflict in left]
        row.hidden = edits.Merged(question, left).key_in_doubt
        session.flush()
        log.info("%s conflicts of question %s of %s settled", len(decided), question_id, bank_id)
    return len(left)


def _decide(flat: dict[str, Any], conflict: edits.FieldConflict, choice: Choice, words: str) -> None:
    match choice:
        case "mine":
            return
        case "fact":
            value = conflict.now
        case "anew":
            if not (is_text(conflict) and words.strip()):
                raise BadInput(conflict.field)
            value = words.strip().replace("\r\n", "\n")
        case _:
            raise BadInput(conflict.field)
    if value is None:
        flat.pop(conflict.field, None)
    else:
        flat[conflict.field] = value


def is_text(conflict: edits.FieldConflict) -> bool:
    """Whether it can be written anew on the spot; other fields have their place in the editor."""
    return conflict.field.endswith((".ar", ".en"))


def _whole_rows(flat: dict[str, Any]) -> dict[str, Any]:
    """Without rows that the choices left empty, and with those that they brought back."""
    out = dict(flat)
    for field, ids in flat.items():
        name, hash_, order = field.rpartition(".#")
        if not hash_ or order != "order":
            continue
        have = dict.fromkeys(
            edits.unescaped(other.split(".")[1]) for other in flat if other.startswith(f"{name}.") and other != field
        )
        out[field] = [*(row for row in ids if row in have), *(row for row in have if row not in ids)]
    return out
