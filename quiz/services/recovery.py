"""An e-mail address that someone may leave for the day on which the password is forgotten. For nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from questions.errors import BadInput
from quiz.models import SITE, Link, User
from quiz.services.accounts import LONGEST_KEY, name_key

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LONGEST = 254
MOST_ACCOUNTS = 5  # of one address that get a letter at once


@dataclass(frozen=True, slots=True)
class Address:
    """Where letters to someone go, once it is confirmed."""

    email: str
    confirmed: bool


def address_of(session: Session, user_id: int) -> Address | None:
    row = session.execute(select(User.email, User.email_confirmed_at).where(User.id == user_id)).one()
    return Address(row.email, row.email_confirmed_at is not None) if row.email else None


def set_address(session: Session, user_id: int, email: str) -> str:
    """Keep an address; nothing is sent to it but the letter that confirms it. Raises BadInput("email")."""
    email = email.strip()
    if len(email) > LONGEST or not _ADDRESS.fullmatch(email):
        raise BadInput("email")
    _put(session, user_id, email=email, email_confirmed_at=None)
    return email


def confirm(session: Session, user_id: int, *, now: datetime) -> None:
    """The address of a user is theirs: they opened the link that was sent there."""
    session.execute(
        update(User)
        .where(User.id == user_id, User.email.is_not(None))
        .values(email_confirmed_at=func.coalesce(User.email_confirmed_at, now))
    )


def remove_address(session: Session, user_id: int) -> None:
    _put(session, user_id, email=None, email_confirmed_at=None)


def _put(session: Session, user_id: int, **values: object) -> None:
    session.execute(update(User).where(User.id == user_id).values(**values))
    # What was sent to the address before is worth nothing any more.
    session.execute(delete(Link).where(Link.user_id == user_id, Link.used_at.is_(None)))


@dataclass(frozen=True, slots=True)
class Reachable:
    """An account with a confirmed address."""

    user_id: int
    name: str
    email: str
    language: str | None


def reachable(session: Session, text: str) -> list[Reachable]:
    """The accounts of a name or an address that can be written to."""
    own: ColumnElement[bool] = User.name_key == name_key(text)[:LONGEST_KEY]
    if "@" in text:
        own |= func.lower(User.email) == text.strip().lower()
    rows = session.execute(
        select(User.id, User.login_name, User.email, User.language)
        .where(User.realm == SITE, User.login_name.is_not(None), User.email_confirmed_at.is_not(None), own)
        .order_by(User.id)
        .limit(MOST_ACCOUNTS)
    )
    return [Reachable(*row) for row in rows]  # type: ignore[arg-type]  # both were asked for
