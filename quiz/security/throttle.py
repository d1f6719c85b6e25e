"""Throttling: tries are counted in the database, by what they are made on and by where they come from."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from flask import abort, current_app, request
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from quiz.ids import new_id
from quiz.models import Failure

WINDOW = timedelta(minutes=15)
MOST_BY_SUBJECT = {
    "name": 10,
    "address": 50,
    "letters": 3,
    "asker": 20,
    "room": 200,
    "newcomer": 600,
    "code": 5,
    "join code": 300,
}
# At the door of a class a name that nobody has tried yet is let through for longer: one who fails on purpose, again and
# again, does not keep a school that shares the address out.
FIRST_TRIES = 1000
_AT_ONCE = 500  # old rows that one try clears away


def subjects(name_key: str) -> dict[str, str]:
    """What failures are counted by. Names are hashed: a password typed into the wrong field is not kept."""
    return {"name": f"name:{keyed(name_key)}", "address": f"address:{request.remote_addr}"}


def room_subjects(name_key: str) -> dict[str, str]:
    """What failures at the door of a class are counted by: a whole class shares one address."""
    return {"name": f"name:{keyed(name_key)}", "room": f"room:{request.remote_addr}"}


def letter_subjects(to: str) -> dict[str, str]:
    """What letters are counted by, apart from failures: asking for one keeps nobody from signing in."""
    return {"letters": f"letters:{keyed(to)}", "asker": f"asker:{request.remote_addr}"}


def code_subjects(user_id: int, password_hash: str) -> dict[str, str]:
    """What wrong codes of a second factor are counted by. Another password begins anew: whoever is still signed in
    somewhere locks out those who had guessed the first one, and not the other way round.
    """
    return {"code": f"code:{keyed(f'{user_id} {password_hash}')}", "address": f"address:{request.remote_addr}"}


def keyed(text: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


def count_try(session: Session, counted: dict[str, str], now: datetime) -> list[int] | None:
    """Count a try, before it is known how it ends: sending many at once is no way round the limit. None: too many.

    `forget` takes back one that turned out well. Those who try the same wait for one another until they are counted.
    """
    if session.get_bind().dialect.name != "sqlite":  # which has one writer as it is
        for lock in sorted(map(_lock, counted.values())):
            session.execute(select(func.pg_advisory_xact_lock(lock)))
    before = {kind: _tries(session, subject, now) for kind, subject in counted.items()}
    if any(tries >= MOST_BY_SUBJECT[kind] for kind, tries in before.items() if kind != "room" or before["name"]):
        return None
    if before.get("room", 0) >= FIRST_TRIES:
        return None
    old = select(Failure.id).where(Failure.at < now - WINDOW).limit(_AT_ONCE).with_for_update(skip_locked=True)
    session.execute(delete(Failure).where(Failure.id.in_(old)))
    tries = [new_id() for _subject in counted]
    session.execute(
        insert(Failure),
        [{"id": one, "subject": subject, "at": now} for one, subject in zip(tries, counted.values(), strict=True)],
    )
    return tries


def _lock(subject: str) -> int:
    """A number of the size that PostgreSQL's locks have."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], signed=True)


def _tries(session: Session, subject: str, now: datetime) -> int:
    """Those of the last quarter of an hour. What a clock that ran ahead left behind keeps nobody out for longer."""
    lately = (Failure.subject == subject, Failure.at > now - WINDOW, Failure.at < now + WINDOW)
    return session.scalar(select(func.count()).select_from(Failure).where(*lately)) or 0


def count_newcomer(session: Session, now: datetime) -> None:
    """Count whoever begins as somebody new: a school's worth of people may, from one address, and no endless row."""
    if count_try(session, {"newcomer": f"newcomer:{request.remote_addr}"}, now) is None:
        abort(429)


def forget(session: Session, tries: list[int]) -> None:
    session.execute(delete(Failure).where(Failure.id.in_(tries)))


def forget_name(session: Session, name_key: str) -> None:
    """Let a name be tried again: its password or PIN is another one now."""
    session.execute(delete(Failure).where(Failure.subject == f"name:{keyed(name_key)}"))


def guesses_codes(session: Session, now: datetime) -> bool:
    """Whether too many join codes that are none came from this address."""
    return _tries(session, _join_codes(), now) >= MOST_BY_SUBJECT["join code"]


def count_wrong_code(session: Session, now: datetime) -> None:
    """The one thing that a GET writes: who looks for a class that is not there is counted, in whatever process."""
    if count_try(session, {"join code": _join_codes()}, now) is None:
        abort(429)


def _join_codes() -> str:
    return f"join code:{request.remote_addr}"
