"""Leaving: everything about a person handed out, or deleted. Tables that come later are part of both by themselves."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from quiz.models import (
    LEARNER_TABLES,
    STUDENT,
    Attempt,
    Base,
    Idempotency,
    Link,
    Login,
    User,
)

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)  # a guest who answered nothing, or whom no browser remembers
_AT_ONCE = 200


def erase(session: Session, user_ids: Sequence[int]) -> None:
    """Delete people and all that is keyed by them, for good.

    What they wrote into banks stays, without their name: others learn from it. Raises nothing for who is gone already.
    """
    # Whoever writes for them this moment is waited for; whoever comes later finds nobody.
    session.execute(select(User.id).where(User.id.in_(user_ids)).order_by(User.id).with_for_update())
    session.flush()
    tables = list(reversed(Base.metadata.sorted_tables))
    for table in tables:
        if table.name in LEARNER_TABLES:
            session.execute(delete(table).where(table.c.learner_id.in_(user_ids)))
    of_user = Idempotency.user_id.in_(user_ids) | Idempotency.owner.in_(user_ids)
    session.execute(delete(Idempotency).where(of_user))
    for table in tables:
        for key in table.foreign_keys:
            if key.column.table.name == "users" and key.parent.nullable:
                session.execute(update(table).where(key.parent.in_(user_ids)).values({key.parent: None}))
            elif key.column.table.name == "users":  # nothing without them: a login, a place in a class, a draft
                session.execute(delete(table).where(key.parent.in_(user_ids)))
    session.execute(delete(User).where(User.id.in_(user_ids)))
    session.expire_all()
    log.info("%s erased", len(user_ids))


def sweep(session: Session, *, now: datetime) -> int:
    """Erase guests of whom nothing is left to come, at most some hundred at once. Returns how many.

    Those are the guests who answered nothing in thirty days, and those whom no browser remembers, thirty days after
    their last question. Logins and links that are worth nothing any more go too.
    """
    session.execute(delete(Login).where(Login.expires_at < now))
    session.execute(delete(Link).where(Link.expires_at < now))
    old = now - KEPT
    gone = session.scalars(
        select(User.id)
        .where(
            User.login_name.is_(None),
            User.role == STUDENT,
            User.created_at < old,
            or_(~_attempted(Attempt.answered_at.is_not(None)), ~_remembered() & ~_attempted(Attempt.shown_at >= old)),
        )
        .limit(_AT_ONCE)
    ).all()
    if gone:
        erase(session, gone)
    return len(gone)


def _attempted(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Attempt.learner_id == User.id, condition)


def _remembered() -> ColumnElement[bool]:
    return exists().where(Login.user_id == User.id)
