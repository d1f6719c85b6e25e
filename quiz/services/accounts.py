"""People: guests, named accounts, where they are signed in, and a guest's history brought into an account.

Hashing a password takes long, by design: no function here does it with a transaction open. What is to be stored is
made first (`credentials`, `hashed`), and what is to be compared is read first (`known`) and compared outside (`fits`).
"""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import CursorResult, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from questions.errors import BadInput, Conflict, NotFound
from quiz.ids import new_id
from quiz.models import (
    ADMIN,
    INSTRUCTOR,
    SITE,
    STUDENT,
    Aim,
    Attempt,
    Card,
    Link,
    Login,
    Report,
    ReviewLog,
    SittingRow,
    Star,
    User,
)
from quiz.services.common_passwords import is_common
from quiz.services.leaving import erase
from quiz.services.study import Learner, alone, recount

log = logging.getLogger(__name__)
SHORTEST_PASSWORD = 8
LONGEST_KEY = 160  # letters of a name made comparable, as the table holds them
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked when a name is unknown, so that time tells nothing.
_NO_ONE = (  # the hash of nobody's password
    "$argon2id$v=19$m=19456,t=2,p=1$xJq7u1R4W15RUHJbCfQbaw$0POWwRHS3B8tbjSBvEgkyltK9OHu4VRIUvsM4IV7d4M"
)


def name_key(name: str) -> str:
    """The login name as it is compared: case, width and vowel marks make no other person."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(char for char in folded if unicodedata.category(char) not in {"Mn", "Cf", "Cc"})
    return re.sub(r"\s+", " ", bare).strip()


def new_guest(session: Session, *, language: str | None = None, time_zone: str | None = None, now: datetime) -> int:
    """A learner without a name. A time zone that is none is left out."""
    return _new_user(session, language=language, time_zone=time_zone, now=now)


def _new_user(session: Session, *, now: datetime, time_zone: str | None = None, **values: Any) -> int:
    user_id, zone = new_id(), {"time_zone": time_zone} if time_zone in time_zones() else {}
    session.execute(insert(User).values(id=user_id, created_at=now, **zone, **values))
    return user_id


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The time zones that a learner may live in."""
    parts = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in parts) | {"UTC"}


def has_pin(session: Session, user_id: int) -> bool:
    """Whether an account was made in a class, and is opened at its door by a name and digits."""
    realm = session.scalar(select(User.realm).where(User.id == user_id, User.login_name.is_not(None)))
    return realm is not None and realm != SITE


def live_where(session: Session, user_id: int, zone: str | None) -> None:
    """Take the browser's time zone at an account's first sign-in: whoever made the account could not know it."""
    if zone in time_zones():
        first = ~exists().where(Login.user_id == User.id)
        session.execute(update(User).where(User.id == user_id, User.time_zone == "UTC", first).values(time_zone=zone))


def learner(session: Session, user_id: int) -> Learner:
    """What the study services need to know of a user."""
    user = session.get_one(User, user_id)
    return user


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a hashed password, fit to be kept."""

    name: str
    key: str
    password_hash: str


def credentials(name: str, password: str) -> Credentials:
    """Raises BadInput("name"), ("password") or ("common"), which `routes` says in words, on what cannot be one."""
    shown = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name)).strip()
    # Compatibility forms grow: one letter may stand for eighteen.
    if not 2 <= len(shown) <= 60 or not 1 <= len(name_key(shown)) <= LONGEST_KEY:
        raise BadInput("name")
    if any(unicodedata.category(char)[0] == "C" for char in shown):
        raise BadInput("name")
    if any(len(_alphabets(word)) > 1 for word in shown.split()):  # one that only looks like someone's name
        raise BadInput("name")
    return Credentials(shown, name_key(shown), hashed(password, name=shown))


def _alphabets(word: str) -> set[str]:
    """Those that a word is written in, of the ones whose letters look alike."""
    names = (unicodedata.name(char, "").partition(" ")[0] for char in unicodedata.normalize("NFKC", word))
    return {name for name in names if name in {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}}


def hashed(password: str, *, name: str = "") -> str:
    """Of a password for whoever has this name. Raises BadInput("password"), and ("common") for one that is guessed."""
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise BadInput("password")
    if is_common(password, name=name):
        raise BadInput("common")
    return _hasher.hash(password)


def hashed_pin(pin: str) -> str:
    """Of a PIN, which is shorter than a password: it opens one class, and guesses are counted."""
    return _hasher.hash(pin)


def register(
    session: Session,
    made: Credentials,
    *,
    guest_id: int | None = None,
    role: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    now: datetime,
) -> int:
    """A named account; a guest becomes it and keeps everything. Returns the user's id.

    Raises BadInput("taken") when the name is someone's; Conflict when the guest became an account meanwhile.
    """
    values: dict[str, Any] = {"login_name": made.name, "name_key": made.key, "password_hash": made.password_hash}
    if role is not None:
        values["role"] = role
    try:
        with session.begin_nested():
            if guest_id is None:
                return _new_user(session, now=now, language=language, time_zone=time_zone, **values)
            named: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE gives a cursor
                update(User).where(User.id == guest_id, User.login_name.is_(None)).values(**values)
            )
    except IntegrityError:
        raise BadInput("taken") from None
    if named.rowcount == 0:
        raise Conflict("the guest has a name by now")
    return guest_id


@dataclass(frozen=True, slots=True)
class Known:
    """What a password is compared with. Nobody has an id of None, and a hash that costs as much to compare."""

    user_id: int | None
    password_hash: str


def known(session: Session, *, name: str, realm: str = SITE) -> Known:
    """Whoever has a name and a password; nobody else is told apart from them by time."""
    row = session.execute(
        select(User.id, User.password_hash).where(User.realm == realm, User.name_key == name_key(name)[:LONGEST_KEY])
    ).first()
    return Known(row.id, row.password_hash) if row is not None and row.password_hash else Known(None, _NO_ONE)


def known_by_id(session: Session, user_id: int) -> Known:
    """The same of a user; nobody where there is no password."""
    stored = session.scalar(select(User.password_hash).where(User.id == user_id))
    return Known(user_id, stored) if stored else Known(None, _NO_ONE)


def fits(who: Known, password: str) -> bool:
    """Whether it is the password. Takes long: to be called outside a transaction."""
    try:
        _hasher.verify(who.password_hash, password[:200])
    except (VerificationError, InvalidHashError):
        return False
    return who.user_id is not None


def still(session: Session, who: Known) -> bool:
    """Whether the password is what it was when it was read."""
    return who.user_id is not None and known_by_id(session, who.user_id) == who


def has_name(session: Session, user_id: int) -> bool:
    return session.scalar(select(User.login_name).where(User.id == user_id)) is not None


def first_instructor(session: Session, *, now: datetime) -> tuple[int, str] | None:
    """Make the site's first instructor, without a password: (id, name). None when there is one already.

    Who is the first is the administrator too. A site whose administrator left has its longest instructor for one.
    """
    if session.scalar(select(func.count()).select_from(User).where(User.role != STUDENT)):
        first = select(User.id).where(User.role == INSTRUCTOR).order_by(User.created_at, User.id).limit(1)
        if session.scalar(select(User.id).where(User.role == ADMIN).limit(1)) is None:
            session.execute(update(User).where(User.id == first.scalar_subquery()).values(role=ADMIN))
        return None
    name, nr = INSTRUCTOR, 1
    while session.scalar(select(User.id).where(User.realm == SITE, User.name_key == name)) is not None:
        nr += 1
        name = f"{INSTRUCTOR}-{nr}"
    return _new_user(session, now=now, role=ADMIN, login_name=name, name_key=name), name


def teaches(session: Session, user_id: int) -> bool:
    return session.scalar(select(User.role).where(User.id == user_id)) in {INSTRUCTOR, ADMIN}


def by_name(session: Session, name: str) -> int:
    """Raises NotFound."""
    user_id = session.scalar(select(User.id).where(User.realm == SITE, User.name_key == name_key(name)))
    if user_id is None:
        raise NotFound(f"there is no user named {name!r}")
    return user_id


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """Keep another password, sign the user out everywhere, and let no link that is under way sign in any more."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    session.execute(delete(Link).where(Link.user_id == user_id, Link.purpose == "sign_in", Link.used_at.is_(None)))
    session.execute(delete(Login).where(Login.user_id == user_id))


# ---------------------------------------------------------------- where someone is signed in

_HANDLE = 16  # characters of a login's hash, by which its owner's page names it


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in."""

    handle: str
    browser: str | None
    since: date
    seen_on: date | None
    this: bool


def logins(session: Session, user_id: int, *, this: str, time_zone: str, now: datetime) -> list[SignedIn]:
    """Where a user is signed in: this browser first, then those used last. Days are the user's own."""
    rows = session.scalars(
        select(Login).where(Login.user_id == user_id, Login.expires_at > now).order_by(Login.created_at.desc())
    )
    found = [
        SignedIn(
            row.token_hash[:_HANDLE],
            row.agent,
            row.created_at.astimezone(ZoneInfo(time_zone)).date(),
            row.seen_on,
            row.token_hash == this,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.this, one.seen_on or one.since), reverse=True)


@dataclass(frozen=True, slots=True)
class SomeoneSignedIn:
    """A login as an administrator sees it."""

    user_id: int
    login_name: str | None
    role: str
    login: SignedIn


def all_logins(session: Session, *, this: str, time_zone: str, now: datetime) -> list[SomeoneSignedIn]:
    """Everyone with a name who is signed in, whoever was here last first; the first few hundred."""
    rows = session.execute(
        select(User.id, User.login_name, User.role)
        .join(Login, Login.user_id == User.id)
        .where(User.login_name.is_not(None), Login.expires_at > now)
        .group_by(User.id, User.login_name, User.role)
        .order_by(func.max(Login.created_at).desc())
        .limit(200)
    ).all()
    return [
        SomeoneSignedIn(user_id, name, role, login)
        for user_id, name, role in rows
        for login in logins(session, user_id, this=this, time_zone=time_zone, now=now)
    ]


def end_login(session: Session, user_id: int, handle: str) -> None:
    """End one of a user's own logins. One that is ended already stays so."""
    session.execute(delete(Login).where(Login.user_id == user_id, func.substr(Login.token_hash, 1, _HANDLE) == handle))


def end_other_logins(session: Session, user_id: int, *, this: str) -> None:
    session.execute(delete(Login).where(Login.user_id == user_id, Login.token_hash != this))


def set_language(session: Session, user_id: int, language: str) -> None:
    session.execute(update(User).where(User.id == user_id).values(language=language))


# ---------------------------------------------------------------- bringing a guest's history along


@dataclass(frozen=True, slots=True)
class Brought:
    """What came along with a guest."""

    sittings: int
    reviews: int


def answers_of(session: Session, user_id: int) -> int:
    """How many answers a learner has given."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(Attempt.learner_id == user_id, Attempt.answered_at.is_not(None))
        )
        or 0
    )


def bring_guest(session: Session, guest_id: int, *, into: int) -> Brought:
    """Move all that a guest did into an account, each answer once, and replay the memories of both logs.

    Does nothing when `guest_id` is a named account. The guest is gone afterwards.
    """
    for user_id in sorted((guest_id, into)):
        alone(session, user_id)
    if guest_id == into or has_name(session, guest_id):
        return Brought(0, 0)
    sittings = _copy(session, SittingRow, guest_id, into)
    _copy(session, Attempt, guest_id, into)
    _copy(session, Report, guest_id, into)
    _merge_own(session, guest_id, into)
    cards = _merge_cards(session, guest_id, into)
    reviews = _merge_log(session, guest_id, into, cards)
    erase(session, [guest_id])
    recount(session, into, *set(cards.values()))
    log.info("guest %s brought into %s: %s sittings, %s reviews", guest_id, into, sittings, reviews)
    return Brought(sittings, reviews)


def _copy(session: Session, table: type[SittingRow] | type[Attempt] | type[Report], old: int, new: int) -> int:
    columns = [column.name for column in table.__table__.columns if column.name != "learner_id"]
    rows = session.execute(select(*(table.__table__.c[name] for name in columns)).where(table.learner_id == old))
    values = [{"learner_id": new, **row._mapping} for row in rows]
    if values:
        session.execute(insert(table), values)
    return len(values)


def _merge_own(session: Session, guest_id: int, into: int) -> None:
    """Stars of both; of two exam days on one bank the account's own."""
    mine = select(Star.bank_id, Star.question_id).where(Star.learner_id == into)
    starred = {(row.bank_id, row.question_id) for row in session.execute(mine)}
    for star in session.scalars(select(Star).where(Star.learner_id == guest_id)).all():
        if (star.bank_id, star.question_id) not in starred:
            own = {"bank_id": star.bank_id, "question_id": star.question_id, "at": star.at}
            session.execute(insert(Star).values(learner_id=into, id=star.id, **own))
    aimed = set(session.scalars(select(Aim.bank_id).where(Aim.learner_id == into)))
    for aim in session.scalars(select(Aim).where(Aim.learner_id == guest_id)).all():
        if aim.bank_id not in aimed:
            session.execute(insert(Aim).values(learner_id=into, id=aim.id, bank_id=aim.bank_id, exam_day=aim.exam_day))


def _merge_cards(session: Session, guest_id: int, into: int) -> dict[int, int]:
    """For each of the guest's cards, the account's card of the same point; made when there is none."""
    own = {
        (card.bank_id, card.point): card.id
        for card in session.execute(select(Card.id, Card.bank_id, Card.point).where(Card.learner_id == into))
    }
    moved: dict[int, int] = {}
    for card in session.execute(select(Card.id, Card.bank_id, Card.point).where(Card.learner_id == guest_id)).all():
        key = (card.bank_id, card.point)
        if key not in own:
            session.execute(
                insert(Card).values(
                    learner_id=into, id=card.id, bank_id=card.bank_id, point=card.point, reps=0, lapses=0
                )
            )
            own[key] = card.id
        moved[card.id] = own[key]
    return moved


def _merge_log(session: Session, guest_id: int, into: int, cards: dict[int, int]) -> int:
    taken = set(session.scalars(select(ReviewLog.reviewed_ms).where(ReviewLog.learner_id == into)))
    columns = [column.name for column in ReviewLog.__table__.columns if column.name != "learner_id"]
    rows = session.execute(
        select(*(ReviewLog.__table__.c[name] for name in columns))
        .where(ReviewLog.learner_id == guest_id)
        .order_by(ReviewLog.reviewed_ms)
    ).all()
    values = []
    for row in rows:
        moment = row.reviewed_ms
        while moment in taken:
            moment += 1
        taken.add(moment)
        values.append({"learner_id": into, **row._mapping, "card_id": cards[row.card_id], "reviewed_ms": moment})
    if values:
        session.execute(insert(ReviewLog), values)
    return len(values)
