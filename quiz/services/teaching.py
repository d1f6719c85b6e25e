"""What instructors have: the banks that they may change, the classes that they teach, and a journal of what they did.

Permission is checked here, where the object is loaded: what is someone else's is not found.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from questions.errors import NotFound
from quiz.models import ADMIN, BankRow, ClassRow, Editor, Entry, Teacher, User


class Person(Protocol):
    """Who asks: of a user no more is looked at."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> str: ...


def bank_to_edit(session: Session, bank_id: str, user: Person) -> BankRow:
    """A bank that an instructor may change. Raises NotFound.

    What comes with the program is open to every instructor while it has no editors; any other bank without editors is
    the administrators' affair, who change them all.
    """
    row = session.scalar(select(BankRow).where(BankRow.id == bank_id, _editable(user)))
    if row is None:
        raise NotFound(f"there is no bank {bank_id!r}")
    return row


def banks_to_edit(session: Session, user: Person) -> list[BankRow]:
    """Those that an instructor may change: their own first, then what comes with the program."""
    return list(
        session.scalars(
            select(BankRow).where(_editable(user)).order_by(BankRow.packaged, BankRow.created_at.desc(), BankRow.id)
        )
    )


def owned_bank(session: Session, bank_id: str, user: Person) -> BankRow:
    """A bank whose editors and state an instructor decides on: its owners, and administrators. Raises NotFound."""
    row = bank_to_edit(session, bank_id, user)
    if not owns(session, bank_id, user):
        raise NotFound(f"there is no bank {bank_id!r}")
    return row


def owns(session: Session, bank_id: str, user: Person) -> bool:
    """Whether they are one of its owners, or an administrator."""
    editor = session.get(Editor, (bank_id, user.id))
    return user.role == ADMIN or (editor is not None and editor.owner)


def _editable(user: Person) -> ColumnElement[bool]:
    if user.role == ADMIN:
        return BankRow.id.is_not(None)
    anyone = exists().where(Editor.bank_id == BankRow.id)
    return or_(BankRow.packaged & ~anyone, anyone.where(Editor.user_id == user.id))


def class_of(session: Session, class_id: int, user: Person) -> ClassRow:
    """A class that an instructor teaches; an administrator, any. Raises NotFound."""
    taught = exists().where(Teacher.class_id == ClassRow.id, Teacher.user_id == user.id)
    own = taught if user.role != ADMIN else ClassRow.id.is_not(None)
    row = session.scalar(select(ClassRow).where(and_(ClassRow.id == class_id, own)))
    if row is None:
        raise NotFound(f"there is no class {class_id}")
    return row


def journal(
    session: Session,
    what: str,
    *,
    author_id: int | None,
    now: datetime,
    class_id: int | None = None,
    bank_id: str | None = None,
    user_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    """Write down what was done, for whoever asks later. Returns the entry's id."""
    entry = Entry(
        what=what, author_id=author_id, at=now, class_id=class_id, bank_id=bank_id, user_id=user_id, detail=detail or {}
    )
    session.add(entry)
    session.flush()
    return entry.id


def entries(
    session: Session, *, bank_id: str | None = None, class_id: int | None = None, most: int = 50
) -> list[tuple[Entry, str | None]]:
    """What was done in a bank or a class, the newest first, each with its author's name."""
    query = select(Entry, User.login_name).outerjoin(User, User.id == Entry.author_id)
    if bank_id is not None:
        query = query.where(Entry.bank_id == bank_id)
    if class_id is not None:
        query = query.where(Entry.class_id == class_id)
    rows = session.execute(query.order_by(Entry.at.desc(), Entry.id.desc()).limit(most))
    return [(entry, name) for entry, name in rows]
