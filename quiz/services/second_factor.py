"""A second factor of sign-in: codes that a device shows (TOTP, RFC 6238), and codes for the day on which it is lost.

The device's key is kept nowhere: it is worked out from the site's key and a salt, as the PINs of a class are. A copy of
the database alone opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from questions.errors import Conflict
from quiz.models import SITE, STUDENT, RecoveryCode, SecondFactor, User
from quiz.services.classes import in_own_digits

SECONDS = 30  # of a step of time, for which a code is shown
RECOVERY_CODES = 10
_AROUND = (0, -1, 1)  # steps by which a device's clock may be off
_ISSUER = "Qimma"


def device_key(site_key: str, user_id: int, salt: str) -> bytes:
    return hmac.digest(site_key.encode(), f"second factor {user_id} {salt}".encode(), "sha256")[:20]


def code_of(key: bytes, step: int) -> str:
    """What a device shows in a step of time."""
    mac = hmac.digest(key, step.to_bytes(8), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def as_text(key: bytes) -> str:
    """For whoever types it into the device, in groups of four."""
    return " ".join(re.findall("....", base64.b32encode(key).decode()))


def address(key: bytes, name: str) -> str:
    """What the QR code says."""
    secret = base64.b32encode(key).decode()
    return f"otpauth://totp/{_ISSUER}:{quote(name, safe='')}?secret={secret}&issuer={_ISSUER}"


# ---------------------------------------------------------------- switching on and off


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor that is on."""

    since: datetime
    left: int  # recovery codes that are not used yet


def may_have(session: Session, user_id: int) -> bool:
    """Whoever signs in with a password. A PIN opens one class, at its door."""
    found = select(User.id).where(User.id == user_id, User.realm == SITE, User.password_hash.is_not(None))
    return session.scalar(found) is not None


def is_on(session: Session, user_id: int) -> bool:
    on = select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, SecondFactor.since.is_not(None))
    return session.scalar(on) is not None


def state(session: Session, user_id: int) -> Factor | None:
    """None where it is off."""
    row = session.get(SecondFactor, user_id)
    if row is None or row.since is None:
        return None
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return Factor(row.since, session.scalar(unused) or 0)


def prepare(session: Session, user_id: int) -> None:
    """Make a key for a new device, which counts once a right code was typed. Raises Conflict where one counts."""
    if not may_have(session, user_id):
        raise Conflict("the account has no password")
    if is_on(session, user_id):
        raise Conflict("the second factor is on")
    switch_off(session, user_id)
    session.add(SecondFactor(user_id=user_id, salt=secrets.token_urlsafe(16), since=None, last_step=0))
    session.flush()


def prepared(session: Session, user_id: int, *, site_key: str) -> bytes | None:
    """The key of the device that is being set up."""
    row = session.get(SecondFactor, user_id)
    return device_key(site_key, user_id, row.salt) if row is not None and row.since is None else None


def switch_on(session: Session, user_id: int, typed: str, *, site_key: str, now: datetime) -> list[str] | None:
    """With the first code of the device that was set up. Returns the recovery codes; None for a wrong code."""
    if not _spend_step(session, user_id, typed, site_key=site_key, now=now, setting_up=True):
        return None
    session.execute(update(SecondFactor).where(SecondFactor.user_id == user_id).values(since=now))
    return renew_codes(session, user_id)


def renew_codes(session: Session, user_id: int) -> list[str]:
    """Other recovery codes; those before are worth nothing."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(insert(RecoveryCode), [{"user_id": user_id, "code_hash": _hash(code)} for code in codes])
    return ["-".join(re.findall("....", code)) for code in codes]


def switch_off(session: Session, user_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.expire_all()


# ---------------------------------------------------------------- being asked for it


def spend(session: Session, user_id: int, typed: str, *, site_key: str, now: datetime) -> bool:
    """Whether this is a code of the device or a recovery code. Each opens once, however often it is sent."""
    return _spend_step(session, user_id, typed, site_key=site_key, now=now) or _spend_recovery(
        session, user_id, typed, now=now
    )


def _spend_step(
    session: Session, user_id: int, typed: str, *, site_key: str, now: datetime, setting_up: bool = False
) -> bool:
    typed = in_own_digits(typed)
    found = select(SecondFactor.salt).where(
        SecondFactor.user_id == user_id,
        SecondFactor.since.is_(None) if setting_up else SecondFactor.since.is_not(None),
    )
    salt = session.scalar(found)
    if salt is None or not re.fullmatch("[0-9]{6}", typed):
        return False
    key, step = device_key(site_key, user_id, salt), int(now.timestamp()) // SECONDS
    fitting = [step + off for off in _AROUND if hmac.compare_digest(code_of(key, step + off), typed)]
    if not fitting:
        return False
    own = (SecondFactor.user_id == user_id, SecondFactor.salt == salt, SecondFactor.last_step < fitting[0])
    claimed = update(SecondFactor).where(*own).values(last_step=fitting[0]).returning(SecondFactor.user_id)
    return session.execute(claimed).scalar() is not None


def _spend_recovery(session: Session, user_id: int, typed: str, *, now: datetime) -> bool:
    code = re.sub("[^a-z2-7]", "", typed[:100].casefold())
    own = (RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _hash(code), RecoveryCode.used_at.is_(None))
    claimed = update(RecoveryCode).where(*own).values(used_at=now).returning(RecoveryCode.user_id)
    return session.execute(claimed).scalar() is not None


def _hash(code: str) -> str:
    """Plain, since eighty bits of chance are not guessed; they still open when the site has another key."""
    return hashlib.sha256(code.encode()).hexdigest()


# ---------------------------------------------------------------- for administrators


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone whose account asks for a second factor."""

    user_id: int
    name: str
    role: str
    since: datetime


def holders(session: Session) -> list[Holder]:
    """Those who teach first, by name; the first few hundred."""
    rows = session.execute(
        select(User.id, User.login_name, User.role, SecondFactor.since)
        .join(SecondFactor, SecondFactor.user_id == User.id)
        .where(SecondFactor.since.is_not(None))
        .order_by(User.role == STUDENT, User.name_key)
        .limit(300)
    )
    return [Holder(*row) for row in rows]  # type: ignore[arg-type]  # only the named have one
