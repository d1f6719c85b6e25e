"""A quiz tried as a student would see it, by whoever edits its bank. Nothing of it is written: no row, no count.

Which quiz it is, and where in it, is said by a seed and a place; so a page can be worked out again from its address.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from questions.errors import NotFound
from questions.grading import grade
from questions.responses import Response
from quiz.models import QuestionRow
from quiz.services import banks
from quiz.services.study import After, AttemptPage, pool_of
from quiz.services.study.asking import shown_as

SIZE = 10


def plan_of_bank(session: Session, bank_id: str, seed: int) -> list[str]:
    """The questions of a trial of a bank."""
    return [question.id for question in pool_of(session, bank_id).draw(SIZE, seed)]


def page(
    session: Session,
    bank_id: str,
    plan: list[str],
    place: int,
    *,
    seed: int,
    response: Response | None = None,
    now: datetime,
) -> AttemptPage:
    """A question of a trial, and with a response its verdict. Raises NotFound, BadInput."""
    row = session.get(QuestionRow, (bank_id, plan[place])) if 0 <= place < len(plan) else None
    if row is None:
        raise NotFound("the trial has no such question")
    question = banks.parse(row.body)
    return AttemptPage(
        id=0,
        sitting_id=0,
        sitting_kind="quiz",
        bank=banks.header(session, bank_id),
        number=place + 1,
        planned=len(plan),
        practice=False,
        question=question,
        shown=shown_as(question, row.number, seed + place),
        answered=response is not None,
        withdrawn=False,
        ended=False,
        withheld=False,
        closes_at=None,
        minutes_left=None,
        over=False,
        starred=False,
        after=None
        if response is None
        else After(
            response=response,
            verdict=grade(question, response),
            guess=False,
            comes_back=None,
            again_here=False,
            asked_before=False,
            difficult=False,
            rating=None,
            ratings=(),
            can_undo=False,
            next_id=None,
            change=None,
            decision=None,
            passages={},
        ),
    )
