"""The next question of a sitting: which it is, and the order in which it is shown."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from questions.bank import ChoiceQuestion, MatchingQuestion, MultiSelectQuestion, OrderingQuestion, Question
from questions.responses import Shown
from quiz.ids import new_id
from quiz.models import Attempt, QuestionRow, SittingRow
from quiz.services import banks
from quiz.services.study.ending import close
from quiz.services.study.learner import Learner

_QUESTIONS = QuestionRow.__table__.c
_NOW_ASKED = select(_QUESTIONS.number, _QUESTIONS.body).where(
    _QUESTIONS.bank_id == bindparam("bank"),
    _QUESTIONS.id == bindparam("question"),
    _QUESTIONS.retired_at.is_(None),
    _QUESTIONS.hidden.is_(False),
    _QUESTIONS.kind != "open",
)
_NEW_ATTEMPT = insert(Attempt.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table


def open_next(
    session: Session,
    sitting_id: int,
    bank_id: str,
    plan: list[str],
    *,
    learner: Learner,
    place: int,
    planned: int,
    now: datetime,
    stored: list[str],
) -> int | None:
    """Show the question at `place`, or finish the sitting. Questions withdrawn meanwhile are left out.

    Returns the id of the attempt that is open now, None when the sitting is finished.
    """
    found = None
    while place < len(plan) and found is None:
        found = session.execute(_NOW_ASKED, {"bank": bank_id, "question": plan[place]}).first()
        if found is None:
            planned -= place < planned
            del plan[place]
    if plan != stored:
        session.execute(
            update(SittingRow)
            .where(SittingRow.learner_id == learner.id, SittingRow.id == sitting_id)
            .values(plan=plan, planned=planned)
        )
    if found is None:
        close(session, sitting_id, learner=learner, now=now)
        return None
    attempt_id, question = new_id(), banks.parse(found.body)
    session.execute(
        _NEW_ATTEMPT,
        {
            "learner_id": learner.id,
            "id": attempt_id,
            "sitting_id": sitting_id,
            "place": place,
            "bank_id": bank_id,
            "question_id": question.id,
            "topic": question.topic,
            "kind": question.kind,
            "practice": place >= planned,
            # By chance, not by the attempt's id: that stands in the address, and whoever knows how ids of options are
            # given could work out from it which of them stands where.
            "shown": shown_as(question, found.number, secrets.randbits(63)).model_dump_json(),
            "shown_at": now,
            "guess": False,
        },
    )
    return attempt_id


def shown_as(question: Question, revision: int, seed: int) -> Shown:
    """The order in which a question is shown in this attempt."""
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            ids = [option.id for option in question.options]
            return Shown(revision=revision, order=tuple(ids if question.fixed_order else _shuffled(ids, seed)))
        case OrderingQuestion():
            return Shown(revision=revision, order=tuple(_shuffled([item.id for item in question.items], seed)))
        case MatchingQuestion():
            lefts = [pair.id for pair in question.pairs]
            rights = [*lefts, *(item.id for item in question.extra)]
            return Shown(
                revision=revision,
                order=tuple(_shuffled(lefts, seed)),
                rights=tuple(_shuffled(rights, seed + 1)),
            )
        case _:
            return Shown(revision=revision)


def _shuffled(ids: Sequence[str], seed: int) -> list[str]:
    return sorted(ids, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())
