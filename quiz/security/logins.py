"""Browsers that are signed in: their tokens, their cookies, and whom a request comes from."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, has_request_context, request
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quiz.db import looking, reading, transaction
from quiz.models import ADMIN, INSTRUCTOR, STUDENT, Login, User

_NAME = "qimma_login"
_HOST = "__Host-"  # with https: a neighbour's site cannot plant such a cookie
# Until then a browser that got its cookie before these names may come with the old one; no login lasts longer.
_OLD_NAME_UNTIL = datetime(2027, 7, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who the request comes from, as its login says. Not a row: valid outside any transaction."""

    id: int
    login_name: str | None
    role: str
    language: str | None
    study_language: str | None
    time_zone: str
    day_turns_at: int
    retention: float
    fsrs_parameters: tuple[float, ...] | None
    new_per_day: int
    reviews_per_day: int
    digits: str

    @property
    def is_guest(self) -> bool:
        return self.login_name is None

    @property
    def is_instructor(self) -> bool:
        return self.role in {INSTRUCTOR, ADMIN}


_USERS, _LOGINS = User.__table__, Login.__table__
_USER_OF_LOGIN = (
    select(
        *(_USERS.c[name] for name in CurrentUser.__slots__),
        _LOGINS.c.expires_at,
        _LOGINS.c.seen_on,
        _LOGINS.c.created_at,
    )
    .join_from(_USERS, _LOGINS, _LOGINS.c.user_id == _USERS.c.id)
    .where(_LOGINS.c.token_hash == bindparam("token"))
)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_name(name: str) -> str:
    return f"{_HOST}{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _token() -> str:
    """What the browser shows for its login."""
    token = request.cookies.get(cookie_name(_NAME))
    if token is None and current_app.config["CLOCK"]() < _OLD_NAME_UNTIL:
        token = request.cookies.get(_NAME)
    return token or ""


def load_user() -> None:
    g.user = None
    token = _token()
    if not token or request.endpoint == "static":
        return
    with looking() as connection:
        row = connection.execute(_USER_OF_LOGIN, {"token": hash_of(token)}).first()
    if row is None or row.expires_at <= (now := current_app.config["CLOCK"]()):
        return
    user = CurrentUser(*row[: len(CurrentUser.__slots__)])
    if not is_idle(user, row.seen_on or row.created_at.date(), now):
        g.user, g.seen_on = user, row.seen_on


class Sleeper(Protocol):
    """Of whom a login is: no more is looked at."""

    @property
    def role(self) -> str: ...
    @property
    def login_name(self) -> str | None: ...


def is_idle(user: Sleeper, used_on: date, now: datetime) -> bool:
    """Whether a login was not used for so long that it has ended. A guest has nothing else to come back with."""
    if user.login_name is None and user.role == STUDENT:
        return False
    days = current_app.config["IDLE_DAYS" if user.role == STUDENT else "TEACHER_IDLE_DAYS"]
    return bool((now.date() - used_on).days > days)  # days of the learner's own may be one off, which is no matter


def note_use() -> None:
    """Keep the last day on which a login was used: once a day, and for forms only, since reading never writes."""
    if request.method != "POST" or request.endpoint is None or g.user is None:
        return
    day = _local_day(current_app.config["CLOCK"](), g.user.time_zone)
    if g.seen_on != day:
        with transaction() as session:
            session.execute(update(Login).where(Login.token_hash == this_login()).values(seen_on=day))


def _local_day(now: datetime, time_zone: str) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()


def is_there(user_id: int) -> bool:
    """Whether a user who was there when the request began still is."""
    with reading() as session:
        return session.scalar(select(User.id).where(User.id == user_id)) is not None


def current_user() -> CurrentUser | None:
    user: CurrentUser | None = g.user
    return user


def current_learner() -> CurrentUser:
    """Whoever has a login, guests included. Without one there is nothing here that is theirs: 404."""
    user = current_user()
    if user is None:
        abort(404)
    return user


def open_login(session: Session, user_id: int, now: datetime) -> str:
    """A new token for the user's browser. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    days = timedelta(days=current_app.config["LOGIN_DAYS"])
    time_zone = session.scalars(select(User.time_zone).where(User.id == user_id)).one()
    session.execute(
        insert(Login).values(
            token_hash=hash_of(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + days,
            seen_on=_local_day(now, time_zone),
            agent=browser_family(request.user_agent.string) if has_request_context() else None,
        )
    )
    return token


def close_login(session: Session) -> None:
    """End the login that this request came with: its token is worth nothing from now on."""
    session.execute(delete(Login).where(Login.token_hash == this_login()))


def this_login() -> str:
    """By what the table knows the login of this request."""
    return hash_of(_token())


# What browsers call themselves holds the names of others too: the first that is found is meant.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser_family(agent: str) -> str | None:
    """As in "Firefox, Android": enough to know one's own again. Nothing else of it is kept."""
    named = [next((name for sign, name in names.items() if sign in agent), None) for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in named if name) or None


def set_login_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(_NAME),
        token,
        max_age=current_app.config["LOGIN_DAYS"] * 86400,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return _without_old_name(response)


def clear_login_cookie(response: Response) -> Response:
    _forget_cookie(response, cookie_name(_NAME))
    return _without_old_name(response)


def _without_old_name(response: Response) -> Response:
    if _NAME in request.cookies and cookie_name(_NAME) != _NAME:
        _forget_cookie(response, _NAME)
    return response


def _forget_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
