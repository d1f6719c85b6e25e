"""Between the two factors: who has shown the first one in this browser, a few minutes ago. No login is open yet.

It lies in the browser's signed cookie, and is worth nothing without a code, in another browser, after another password
or after ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import session as form_cookie

from quiz.security.throttle import keyed

First = Literal["password", "link"]
LASTS = timedelta(minutes=10)
_NAME = "halfway"
_LONGEST = 500  # characters of a path: cookies have little room


@dataclass(frozen=True, slots=True)
class Halfway:
    user_id: int
    first: First
    seal: str  # of the password as it was
    bring: bool  # along what the guest did
    target: str


def go_halfway(
    user_id: int, *, first: First, password_hash: str, now: datetime, bring: bool = False, target: str = ""
) -> None:
    until = int((now + LASTS).timestamp())
    kept = target if len(target) <= _LONGEST else ""
    form_cookie[_NAME] = [until, str(user_id), first, seal_of(user_id, password_hash), bring, kept]


def halfway(now: datetime) -> Halfway | None:
    found = form_cookie.get(_NAME)
    if not found or now.timestamp() >= found[0]:
        return None
    return Halfway(int(found[1]), *found[2:])


def leave_halfway() -> None:
    form_cookie.pop(_NAME, None)


def seal_of(user_id: int, password_hash: str) -> str:
    return keyed(f"{user_id} {password_hash}")


# ---------------------------------------------------------------- what is shown once

_SHOWN = "shown_once"


def show_once(texts: list[str]) -> None:
    """Keep texts for the next page of this browser that asks for them, and for that one only."""
    form_cookie[_SHOWN] = texts


def shown_once() -> list[str]:
    found: list[str] = form_cookie.pop(_SHOWN, [])
    return found
