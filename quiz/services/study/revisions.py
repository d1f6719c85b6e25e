"""Questions as they were in a revision: what an answer is graded against and a verdict shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from questions.bank import Question
from questions.responses import Shown
from quiz.models import Attempt, QuestionRevision, QuestionRow
from quiz.services import banks

_REVISIONS = QuestionRevision.__table__.c
_REVISION = select(_REVISIONS.body).where(
    _REVISIONS.bank_id == bindparam("bank"),
    _REVISIONS.question_id == bindparam("question"),
    _REVISIONS.number == bindparam("number"),
)

# For a statement over attempts: the question as it is now, which as a rule is what was shown.
QUESTIONS = QuestionRow.__table__
OF_ATTEMPT = (QUESTIONS.c.bank_id == Attempt.__table__.c.bank_id) & (QUESTIONS.c.id == Attempt.__table__.c.question_id)
AS_NOW = (QUESTIONS.c.number.label("now_number"), QUESTIONS.c.body.label("now_body"))


def question_shown(session: Session, row: Any, number: int) -> Question:
    """The question of an attempt as it was shown in this revision. The row has AS_NOW in it."""
    if row.now_number == number:
        return banks.parse(row.now_body)
    return question_at(session, row.bank_id, row.question_id, number)


def question_at(session: Session, bank_id: str, question_id: str, number: int) -> Question:
    """A question as it was in a revision."""
    body = session.execute(_REVISION, {"bank": bank_id, "question": question_id, "number": number}).scalar_one()
    return banks.parse(body)


def questions_of(session: Session, bank_id: str, attempts: Iterable[Attempt]) -> dict[int, Question]:
    """For attempts on one bank, by their ids: the questions as they were shown. One statement."""
    shown = {one.id: (one.question_id, Shown.model_validate_json(one.shown).revision) for one in attempts}
    rows = session.execute(
        select(QuestionRevision.question_id, QuestionRevision.number, QuestionRevision.body).where(
            QuestionRevision.bank_id == bank_id,
            QuestionRevision.question_id.in_(sorted({name for name, _ in shown.values()})),
        )
    )
    bodies = {(row.question_id, row.number): row.body for row in rows}
    return {attempt_id: banks.parse(bodies[revision]) for attempt_id, revision in shown.items()}
