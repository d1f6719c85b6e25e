"""One-time links, and what a login that came by one may do."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

from flask import session as form_cookie
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from quiz.models import Link
from quiz.security.logins import hash_of, this_login

Purpose = Literal["sign_in", "confirm"]


def make_link(session: Session, user_id: int, *, now: datetime, hours: int, purpose: Purpose = "sign_in") -> str:
    """A token that does one thing for its user, once. An older unused one for the same thing stops working."""
    session.execute(delete(Link).where(Link.user_id == user_id, Link.purpose == purpose, Link.used_at.is_(None)))
    token = secrets.token_urlsafe(24)
    session.execute(
        insert(Link).values(
            token_hash=hash_of(token),
            user_id=user_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


def use_link(session: Session, token: str, now: datetime, *, purpose: Purpose = "sign_in") -> int | None:
    """The user of a one-time link, which is spent by this; None when it is spent, too old or for another thing."""
    claimed = session.execute(
        update(Link)
        .where(
            Link.token_hash == hash_of(token),
            Link.purpose == purpose,
            Link.used_at.is_(None),
            Link.expires_at > now,
        )
        .values(used_at=now)
        .returning(Link.user_id)
    )
    user_id: int | None = claimed.scalar()
    return user_id


NEW_PASSWORD = timedelta(hours=1)  # after a link, in which a password is set without the old one
_BY_LINK = "by_link"


def came_by_link(token: str, now: datetime) -> None:
    """Remember in this browser that its new login came by a link: whoever forgot a password cannot give it."""
    form_cookie[_BY_LINK] = [hash_of(token), int((now + NEW_PASSWORD).timestamp())]


def may_set_password(now: datetime) -> bool:
    """Whether this very login came by a link, not long ago. The cookie is worth nothing with another login."""
    login, until = form_cookie.get(_BY_LINK, ("", 0))
    return bool(login == this_login() and now.timestamp() < until)
