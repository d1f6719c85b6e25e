"""Classes: making one, joining it, who is in it. Accounts made in a class live in its realm: a name and a PIN.

Two students may share a name: their PINs tell them apart, or their student numbers. A PIN that the site makes is worked
out from a key of the site's, so that cards can be printed again; only its hash is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions.errors import BadInput, Conflict, NotFound
from quiz.ids import new_id
from quiz.models import ADMIN, ClassRow, Entry, Login, Member, Teacher, User
from quiz.services import accounts
from quiz.services.teaching import Person, class_of, journal

MOST_MEMBERS = 1000
LONGEST_NAME, LONGEST_NUMBER = 60, 40
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that reads like another
_PIN = re.compile(r"\d{4,12}")


def realm(class_id: int) -> str:
    return f"class-{class_id}"


def make(session: Session, name: str, *, user: Person, now: datetime) -> int:
    """A class with a join code, taught by whoever made it. Raises BadInput("name")."""
    name = _tidy(name)
    if not 1 <= len(name) <= 120:
        raise BadInput("name")
    row = ClassRow(id=new_id(), name=name, join_code=_new_code(session), created_at=now)
    session.add(row)
    session.flush()
    session.execute(insert(Teacher).values(class_id=row.id, user_id=user.id, at=now))
    journal(session, "class-made", author_id=user.id, now=now, class_id=row.id, detail={"name": name})
    return row.id


def _new_code(session: Session) -> str:
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(6))
        if session.scalar(select(ClassRow.id).where(ClassRow.join_code == code)) is None:
            return code


def renew_code(session: Session, class_id: int, *, user: Person, now: datetime) -> None:
    """Another join code: the old one leads nowhere from now on. Who is in the class stays. Raises NotFound."""
    row = class_of(session, class_id, user)
    row.join_code = _new_code(session)
    journal(session, "code-renewed", author_id=user.id, now=now, class_id=class_id)


def close(session: Session, class_id: int, *, closed: bool, user: Person, now: datetime) -> None:
    """Let nobody new in any more, or open the class again. Raises NotFound."""
    row = class_of(session, class_id, user)
    if (row.closed_at is not None) != closed:
        row.closed_at = now if closed else None
        journal(session, "class-closed" if closed else "class-opened", author_id=user.id, now=now, class_id=class_id)


@dataclass(frozen=True, slots=True)
class Listed:
    id: int
    name: str
    members: int
    closed: bool


def taught_by(session: Session, user: Person) -> list[Listed]:
    """The newest first."""
    query = select(ClassRow, func.count(Member.user_id)).outerjoin(
        Member, (Member.class_id == ClassRow.id) & Member.left_at.is_(None)
    )
    if user.role != ADMIN:
        query = query.join(Teacher, (Teacher.class_id == ClassRow.id) & (Teacher.user_id == user.id))
    rows = session.execute(query.group_by(ClassRow.id).order_by(ClassRow.id.desc()))
    return [Listed(row.id, row.name, count, row.closed_at is not None) for row, count in rows]


def teachers(session: Session, class_id: int) -> list[str]:
    """Their names, whoever came first before the others."""
    query = select(User.login_name).join(Teacher, Teacher.user_id == User.id).where(Teacher.class_id == class_id)
    return [name or "" for name in session.scalars(query.order_by(Teacher.at, User.id))]


@dataclass(frozen=True, slots=True)
class Student:
    """A member as the class page and the PIN cards show them."""

    user_id: int
    name: str
    number: str | None
    section: str | None
    extra_time: float
    pin_serial: int | None
    here: bool  # the account lives in this class, and its PIN can be reset here
    password_hash: str | None


def students(session: Session, class_id: int) -> list[Student]:
    """Who is in a class: by section, then number or name."""
    rows = session.execute(
        select(Member, User.realm, User.password_hash)
        .join(User, User.id == Member.user_id)
        .where(Member.class_id == class_id, Member.left_at.is_(None))
    )
    found = [
        Student(
            one.user_id,
            one.name,
            one.number,
            one.section,
            one.extra_time,
            one.pin_serial,
            home == realm(class_id),
            stored,
        )
        for one, home, stored in rows
    ]
    return sorted(found, key=lambda one: (one.section or "", one.name.casefold(), one.number or "", one.user_id))


def member_of(session: Session, class_id: int, user_id: int) -> Member:
    """Raises NotFound."""
    member = session.get(Member, (class_id, user_id))
    if member is None or member.left_at is not None:
        raise NotFound("there is no such student in the class")
    return member


def remove(session: Session, class_id: int, user_id: int, *, user: Person, now: datetime) -> None:
    """Take a student out of a class; what they did stays theirs, and in the sums. Raises NotFound."""
    class_of(session, class_id, user)
    member = member_of(session, class_id, user_id)
    detail = {"number": member.number}
    member.left_at, member.number = now, None  # the number is free for whoever it belongs to
    journal(session, "removed", author_id=user.id, now=now, class_id=class_id, user_id=user_id, detail=detail)


def let_back(session: Session, class_id: int, user_id: int, *, user: Person, now: datetime) -> None:
    """The other way, also into a class that is closed; with the number, unless it is another's now. Raises NotFound."""
    class_of(session, class_id, user)
    member = session.get(Member, (class_id, user_id))
    if member is None:
        raise NotFound("there was no such student in the class")
    if member.left_at is None:
        return
    removed = session.scalar(
        select(Entry)
        .where(Entry.class_id == class_id, Entry.user_id == user_id, Entry.what == "removed")
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(1)
    )
    number = removed.detail.get("number") if removed is not None else None
    taken = select(Member.user_id).where(Member.class_id == class_id, Member.number == number)
    member.left_at = None
    member.number = number if session.scalar(taken) is None else None
    journal(session, "let-back", author_id=user.id, now=now, class_id=class_id, user_id=user_id)


def left(session: Session, class_id: int) -> list[tuple[int, str]]:
    """(id, name) of those who were taken out of a class, the last first."""
    rows = session.execute(
        select(Member.user_id, Member.name)
        .where(Member.class_id == class_id, Member.left_at.is_not(None))
        .order_by(Member.left_at.desc(), Member.user_id)
    )
    return [(row.user_id, row.name) for row in rows]


def of_student(session: Session, user_id: int) -> list[tuple[int, str]]:
    """(id, name) of the classes that someone is in, the newest first."""
    rows = session.execute(
        select(ClassRow.id, ClassRow.name)
        .join(Member, Member.class_id == ClassRow.id)
        .where(Member.user_id == user_id, Member.left_at.is_(None))
        .order_by(ClassRow.id.desc())
    )
    return [(row.id, row.name) for row in rows]


# ---------------------------------------------------------------- joining


def by_code(session: Session, code: str) -> ClassRow:
    """The class of a join code, however it was typed. Raises NotFound."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).upper()[:12]
    row = session.scalar(select(ClassRow).where(ClassRow.join_code == plain)) if plain else None
    if row is None:
        raise NotFound("no class has this code")
    return row


def door_key(class_id: int, name: str) -> str:
    """What failed PINs of a name are counted by."""
    return f"{realm(class_id)}/{accounts.name_key(name)}"


def in_own_digits(pin: str) -> str:
    """What was typed, without spaces: digits of every kind are the same."""
    return "".join(str(unicodedata.digit(char, char)) for char in pin if not char.isspace())


def pin_text(pin: str) -> str:
    """A PIN as it is compared. Raises BadInput("pin")."""
    plain = in_own_digits(pin)
    if not _PIN.fullmatch(plain):
        raise BadInput("pin")
    return plain


@dataclass(frozen=True, slots=True)
class Namesake:
    """Someone in the class who has the name that was typed."""

    who: accounts.Known
    number: str | None


def namesakes(session: Session, class_id: int, name: str) -> list[Namesake]:
    """Accounts of the class by a name. Never empty: nobody costs as much to compare as somebody."""
    key = accounts.name_key(name)
    rows = session.execute(
        select(User.id, User.password_hash, Member.name, Member.number)
        .join(Member, (Member.user_id == User.id) & (Member.class_id == class_id))
        .where(User.realm == realm(class_id), Member.left_at.is_(None), User.password_hash.is_not(None))
        .order_by(User.id)
    )
    found = [
        Namesake(accounts.Known(row.id, row.password_hash), row.number)
        for row in rows
        if accounts.name_key(row.name) == key
    ]
    return found or [Namesake(accounts.known_by_id(session, 0), None)]


@dataclass(frozen=True, slots=True)
class NewStudent:
    """A name, a hashed PIN and what else the roster says, fit to be kept."""

    name: str
    pin_hash: str
    number: str | None = None
    section: str | None = None
    pin_serial: int | None = None
    user_id: int | None = None


def new_student(name: str, pin: str, number: str | None = None) -> NewStudent:
    """Raises BadInput("name"), ("pin") or ("number"). Takes long: to be called outside a transaction."""
    return NewStudent(checked_name(name), accounts.hashed_pin(pin_text(pin)), checked_number(number))


def checked_name(name: str) -> str:
    """Raises BadInput("name")."""
    shown = _tidy(name)
    fits = 2 <= len(shown) <= LONGEST_NAME and 1 <= len(accounts.name_key(shown)) <= 120
    if not fits or any(unicodedata.category(char)[0] == "C" for char in shown):
        raise BadInput("name")
    return shown


def checked_number(number: str | None) -> str | None:
    """A student number, None where there is none. Raises BadInput("number")."""
    plain = _tidy(unicodedata.normalize("NFKC", number or ""))
    plain = "".join(str(unicodedata.digit(char, char)) for char in plain)
    if len(plain) > LONGEST_NUMBER or any(unicodedata.category(char)[0] == "C" for char in plain):
        raise BadInput("number")
    return plain or None


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def enrol(session: Session, class_id: int, made: NewStudent, *, language: str | None = None, now: datetime) -> int:
    """An account in the class's own realm, and its place in the class. Returns the user's id.

    Raises BadInput("number") when another student has the number, Conflict when the class is full.
    """
    _room(session, class_id)
    user_id = made.user_id or new_id()
    key = accounts.name_key(made.name)
    taken = session.scalar(select(User.id).where(User.realm == realm(class_id), User.name_key == key))
    try:
        with session.begin_nested():
            session.execute(
                insert(User).values(
                    id=user_id,
                    realm=realm(class_id),
                    login_name=made.name,
                    # Two may have one name: at the door a PIN or a number tells them apart.
                    name_key=key if taken is None else f"{key}~{user_id}",
                    password_hash=made.pin_hash,
                    language=language,
                    created_at=now,
                )
            )
            session.execute(
                insert(Member).values(
                    class_id=class_id,
                    user_id=user_id,
                    name=made.name,
                    number=made.number,
                    section=made.section,
                    pin_serial=made.pin_serial,
                    joined_at=now,
                )
            )
    except IntegrityError:
        raise BadInput("number") from None
    return user_id


def join(session: Session, class_id: int, *, user_id: int, name: str, now: datetime) -> None:
    """Let someone who has an account in. Joining again changes nothing. Raises Conflict when the class takes nobody."""
    member = session.get(Member, (class_id, user_id), populate_existing=True)
    if member is not None and member.left_at is None:
        return
    _room(session, class_id)
    if member is not None:
        member.left_at = None
        return
    session.add(Member(class_id=class_id, user_id=user_id, name=name[:LONGEST_NAME], joined_at=now))
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:  # a double click
        return


def _room(session: Session, class_id: int) -> None:
    row = session.get(ClassRow, class_id)
    if row is None or row.closed_at is not None:
        raise Conflict("the class takes nobody any more")
    held = session.scalar(select(func.count()).select_from(Member).where(Member.class_id == class_id))
    if (held or 0) >= MOST_MEMBERS:
        raise Conflict("the class is full")


# ---------------------------------------------------------------- PINs that the site makes


def made_pin(key: str, user_id: int, serial: int) -> str:
    """The PIN of a card: six digits that nobody guesses without the site's key."""
    mac = hmac.new(key.encode(), f"pin {user_id} {serial}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8]) % 1_000_000:06}"


@dataclass(frozen=True, slots=True)
class Card:
    """A PIN card. `pin` is None where the student has a PIN or a password of their own."""

    student: Student
    pin: str | None


def cards(found: Sequence[Student], key: str) -> list[Card]:
    """Takes long (each PIN is tried): to be called outside a transaction."""
    made = []
    for student in found:
        pin = made_pin(key, student.user_id, student.pin_serial) if student.pin_serial is not None else None
        own = accounts.Known(student.user_id, student.password_hash or "")
        made.append(Card(student, pin if pin and student.here and accounts.fits(own, pin) else None))
    return made


def next_serial(session: Session, class_id: int, user_id: int, *, user: Person) -> int:
    """Of the PIN that a reset would make. Raises NotFound, Conflict for an account that does not live in the class."""
    class_of(session, class_id, user)
    member = member_of(session, class_id, user_id)
    if session.scalar(select(User.realm).where(User.id == user_id)) != realm(class_id):
        raise Conflict("the account is not the class's")
    return (member.pin_serial or 0) + 1


def reset_pin(
    session: Session, class_id: int, user_id: int, *, serial: int, pin_hash: str, user: Person, now: datetime
) -> None:
    """Keep another PIN, and end the student's logins. A second copy of the request changes nothing."""
    if next_serial(session, class_id, user_id, user=user) != serial:
        return
    accounts.set_password(session, user_id, pin_hash)
    member_of(session, class_id, user_id).pin_serial = serial
    session.execute(delete(Login).where(Login.user_id == user_id))
    journal(session, "pin-reset", author_id=user.id, now=now, class_id=class_id, user_id=user_id)
