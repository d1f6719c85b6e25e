"""Requests that a browser may send twice: the first copy acts, a second one is sent where the first ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions.errors import BadInput
from quiz.models import Idempotency

NOBODY = 0  # owner of a request by someone who has no account yet
KEPT = timedelta(days=2)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Done:
    """How the first copy of a request ended."""

    location: str
    user_id: int


def claim(session: Session, key: str, *, owner: int, now: datetime) -> Done | None:
    """Take the key for this request. None: go on, and `settle`; else the first copy's end.

    The insert waits for a first copy that is still under way. Raises BadInput on a key that no form of ours made.
    """
    if not _KEY.fullmatch(key):
        raise BadInput("the form's key is missing or damaged")
    try:
        with session.begin_nested():
            session.execute(insert(Idempotency).values(key=key, owner=owner, user_id=owner, location="", at=now))
    except IntegrityError:
        row = session.execute(
            select(Idempotency.location, Idempotency.user_id).where(Idempotency.key == key, Idempotency.owner == owner)
        ).one()
        return Done(row.location, row.user_id)
    session.execute(delete(Idempotency).where(Idempotency.at < now - KEPT))
    return None


def settle(session: Session, key: str, *, owner: int, user_id: int, location: str) -> None:
    """Say where a second copy is to be sent."""
    session.execute(
        update(Idempotency)
        .where(Idempotency.key == key, Idempotency.owner == owner)
        .values(location=location, user_id=user_id)
    )
