"""What an instructor is typing: kept from second to second, offered again on return and on another device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions.errors import BadInput
from quiz.models import Draft

Form = Mapping[str, list[str]]  # what a browser sends: each name with its values
LONGEST_ABOUT = 220
ABOUT = frozenset({"question", "fact", "entity", "source", "new"})


@dataclass(frozen=True, slots=True)
class Kept:
    about: str
    seen: int  # the revision on which it was begun
    form: Form
    at: datetime


def keep(session: Session, user_id: int, bank_id: str, about: str, form: Form, *, seen: int, now: datetime) -> None:
    """The newest counts. Raises BadInput on what no editor of ours is about."""
    if len(about) > LONGEST_ABOUT or about.partition(":")[0] not in ABOUT:
        raise BadInput("about")
    row = session.get(Draft, (user_id, bank_id, about))
    if row is None:
        try:
            with session.begin_nested():
                session.add(Draft(user_id=user_id, bank_id=bank_id, about=about, seen=seen, form=dict(form), at=now))
        except IntegrityError:  # another window of theirs was first
            row = session.get_one(Draft, (user_id, bank_id, about), populate_existing=True)
    if row is not None:
        row.seen, row.form, row.at = seen, dict(form), now


def of(session: Session, user_id: int, bank_id: str, about: str) -> Kept | None:
    row = session.get(Draft, (user_id, bank_id, about))
    return None if row is None else Kept(row.about, row.seen, row.form, row.at)


def all_of(session: Session, user_id: int, bank_id: str) -> list[Kept]:
    """The newest first."""
    rows = session.scalars(
        select(Draft).where(Draft.user_id == user_id, Draft.bank_id == bank_id).order_by(Draft.at.desc())
    )
    return [Kept(row.about, row.seen, row.form, row.at) for row in rows]


def drop(session: Session, user_id: int, bank_id: str, about: str) -> None:
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.bank_id == bank_id, Draft.about == about))
