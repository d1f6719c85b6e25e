"""Who may practise a bank, who may have it as a file, and who may see the pictures and sounds of its questions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from questions.bank import Bank
from questions.errors import NotFound
from quiz.services import banks, teaching, withholding, world
from quiz.services.study import Learner


class Visitor(Learner, teaching.Person, Protocol):
    @property
    def is_instructor(self) -> bool: ...


def bank_to_take(session: Session, bank_id: str, user: Visitor | None, *, now: datetime) -> Bank:
    """The header of a bank, for its editors and for whoever may look through it. Raises NotFound."""
    if user is not None and user.is_instructor:
        try:
            return Bank.model_validate(teaching.bank_to_edit(session, bank_id, user).header)
        except NotFound:
            pass  # not theirs, but perhaps open to all
    return world.opened(session, bank_id, user, now=now)


def banks_to_practise(session: Session, user: Learner | None, *, now: datetime) -> list[str]:
    """Those in which someone may begin a quiz or a review: of their classes, then those that are open to all."""
    return [
        *(withholding.banks_given(session, user.id, now=now) if user is not None else ()),
        *banks.bank_ids(session, public_only=True),
    ]


def bank_to_practise(session: Session, bank_id: str, user: Learner | None, *, now: datetime) -> Bank:
    """The header of such a bank; what an open assignment keeps back is left out of what is asked. Raises NotFound."""
    state = banks.state(session, bank_id)
    given = state == "class" and user is not None and withholding.given_to(session, bank_id, user.id, now=now)
    if state != "public" and not given:
        raise NotFound(f"there is no bank {bank_id!r}")
    return banks.header(session, bank_id)


def bank_to_see(session: Session, bank_id: str, user: Visitor | None, *, now: datetime) -> None:
    """Also while a class works on it: a picture belongs to a question that the class is asked. Raises NotFound."""
    if banks.state(session, bank_id) == "public":
        return
    if user is None:
        raise NotFound("there is no such bank")
    if withholding.given_to(session, bank_id, user.id, now=now):
        return
    if not user.is_instructor:
        raise NotFound("there is no such bank")
    teaching.bank_to_edit(session, bank_id, user)
