"""Instructors inviting instructors, by a link that works once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from questions.errors import Conflict, NotFound
from quiz.models import INSTRUCTOR, SITE, STUDENT, BankRow, ClassRow, Editor, Invitation, Teacher, User
from quiz.services import copying, teaching

DAYS = 7


@dataclass(frozen=True, slots=True)
class Invited:
    """To what a link opens: the teaching area, and with it perhaps a bank or a class."""

    by: str | None
    bank_id: str | None
    class_id: int | None
    spent: bool


def invite(
    session: Session, *, author_id: int, now: datetime, bank_id: str | None = None, class_id: int | None = None
) -> str:
    """A link's token; only its hash is kept."""
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            token_hash=_hash(token),
            author_id=author_id,
            bank_id=bank_id,
            class_id=class_id,
            created_at=now,
            expires_at=now + timedelta(days=DAYS),
        )
    )
    session.flush()
    teaching.journal(session, "invited", author_id=author_id, now=now, bank_id=bank_id, class_id=class_id)
    return token


def read(session: Session, token: str, *, now: datetime) -> Invited:
    """Raises NotFound."""
    row = session.execute(
        select(Invitation, User.login_name)
        .outerjoin(User, User.id == Invitation.author_id)
        .where(Invitation.token_hash == _hash(token))
    ).first()
    if row is None:
        raise NotFound("there is no such invitation")
    made, name = row
    return Invited(name, made.bank_id, made.class_id, made.used_at is not None or made.expires_at <= now)


def accept(session: Session, token: str, *, user_id: int, now: datetime) -> Invited:
    """Make an account of the site an instructor's, and open to it what the link opens. Works once.

    Following it again as the same person changes nothing. Raises NotFound, and Conflict when it is spent, too old, or
    followed by someone who has no account of the site.
    """
    invited = read(session, token, now=now)
    user = session.get_one(User, user_id)
    if user.login_name is None or user.realm != SITE:
        raise Conflict("only an account of the site can teach")
    claimed = session.execute(
        update(Invitation)
        .where(Invitation.token_hash == _hash(token), Invitation.used_at.is_(None), Invitation.expires_at > now)
        .values(used_at=now, used_by=user_id)
        .returning(Invitation.token_hash)
    ).scalar()
    if claimed is None:
        used_by = session.scalar(select(Invitation.used_by).where(Invitation.token_hash == _hash(token)))
        if used_by == user_id:
            return invited
        raise Conflict("the invitation is spent")
    if user.role == STUDENT:
        user.role = INSTRUCTOR
    if invited.bank_id is not None and session.get(BankRow, invited.bank_id) is not None:
        owned = exists().where(Editor.bank_id == invited.bank_id, Editor.owner)  # a bank that nobody owns gets an owner
        copying.add_editor(session, invited.bank_id, user_id, owner=not session.scalar(select(owned)), now=now)
    if invited.class_id is not None and session.get(ClassRow, invited.class_id) is not None:
        session.merge(Teacher(class_id=invited.class_id, user_id=user_id, at=now))
    teaching.journal(
        session,
        "joined",
        author_id=user_id,
        now=now,
        bank_id=invited.bank_id,
        class_id=invited.class_id,
    )
    session.flush()
    return invited


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
