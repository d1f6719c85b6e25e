"""A question that turned out bad: taken out, corrected after it was answered, or made void.

Marks that were given change by a regrade only, after a list of who changes and how.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from questions.errors import BadInput
from quiz.models import QuestionRow
from quiz.services import editing, teaching
from quiz.services.results.regrade import Change, regrade

Action = Literal["regrade", "void", "unvoid"]
ACTIONS: tuple[Action, ...] = ("regrade", "void", "unvoid")
_VOID: dict[Action, bool | None] = {"regrade": None, "void": True, "unvoid": False}


def look(
    session: Session, bank_id: str, question_id: str, action: Action, *, author_id: int, now: datetime
) -> list[Change]:
    """Whose marks would change, and how. Nothing is changed. Raises NotFound."""
    return regrade(session, bank_id, question_id, author_id=author_id, now=now, void=_VOID[action])


def act(
    session: Session, bank_id: str, question_id: str, action: Action, *, author_id: int, now: datetime
) -> list[Change]:
    """Judge given answers anew; with "void", in full for all, and nobody is asked the question again.

    "unvoid" takes that back. Raises NotFound, BadInput.
    """
    if action not in ACTIONS:
        raise BadInput("do")
    row = editing.question_row(session, bank_id, question_id)
    if action == "unvoid":
        if row.voided_at is None:
            return []
        editing.retire(session, row, back=True, now=now)
        session.flush()
        _note(session, row, "unvoided", author_id=author_id, now=now)
    changes = regrade(session, bank_id, question_id, author_id=author_id, now=now, dry=False, void=_VOID[action])
    if action == "void":
        row.withdrawn = True  # a load does not bring it back
        session.flush()
    return changes


def set_retired(
    session: Session, bank_id: str, question_id: str, *, retired: bool, author_id: int, now: datetime
) -> None:
    """Take a question out of use, or bring it back. Raises NotFound."""
    row = editing.question_row(session, bank_id, question_id)
    if (row.retired_at is not None) is not retired:
        editing.retire(session, row, back=not retired, now=now)
        _note(session, row, "retired" if retired else "brought-back", author_id=author_id, now=now)


def _note(session: Session, row: QuestionRow, what: str, *, author_id: int, now: datetime) -> None:
    teaching.journal(session, what, author_id=author_id, now=now, bank_id=row.bank_id, detail={"question": row.id})
