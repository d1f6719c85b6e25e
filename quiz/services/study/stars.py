"""Questions that a learner wants to find again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from questions.errors import NotFound
from quiz.ids import new_id
from quiz.models import QuestionRow, Star
from quiz.services.study.learner import Learner, alone


def star(session: Session, bank_id: str, question_id: str, *, learner: Learner, on: bool, now: datetime) -> None:
    """Star a question, or take its star away. Either twice changes nothing. Raises NotFound."""
    alone(session, learner.id)
    if session.get(QuestionRow, (bank_id, question_id)) is None:
        raise NotFound("there is no such question")
    mine = (Star.learner_id == learner.id, Star.bank_id == bank_id, Star.question_id == question_id)
    if not on:
        session.execute(delete(Star).where(*mine))
    elif session.scalar(select(Star.id).where(*mine)) is None:
        session.execute(
            insert(Star).values(learner_id=learner.id, id=new_id(), bank_id=bank_id, question_id=question_id, at=now)
        )


def starred(session: Session, bank_id: str, *, learner: Learner) -> set[str]:
    return set(session.scalars(select(Star.question_id).where(Star.learner_id == learner.id, Star.bank_id == bank_id)))
