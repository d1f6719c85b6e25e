"""Headers, CSRF, logins, roles and throttling."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, current_app, g, has_request_context, redirect, request, url_for
from flask import session as form_cookie
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from quiz.db import looking, reading, transaction
from quiz.ids import new_id
from quiz.models import ADMIN, INSTRUCTOR, Failure, Link, Login, User

LOGIN_COOKIE = "qimma_login"
SECRET_FILE = "secret"  # noqa: S105  (a file's name)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

csrf = CSRFProtect()
P = ParamSpec("P")
R = TypeVar("R")


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
    new_per_day: int
    reviews_per_day: int
    digits: str

    @property
    def is_guest(self) -> bool:
        return self.login_name is None

    @property
    def is_instructor(self) -> bool:
        return self.role in {INSTRUCTOR, ADMIN}


def init_app(app: Flask) -> None:
    https = urlsplit(app.config["PUBLIC_URL"]).scheme == "https"
    app.config.update(
        SESSION_COOKIE_NAME="qimma_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=https,
    )
    # Before anything of a form is read: a refusal is in the reader's language too, and only who may send files does.
    app.before_request(_load_user)
    app.before_request(_open_to_files)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.before_request(_note_use)
    app.after_request(_set_headers)


def secret_key(config: dict[str, Any]) -> str:
    """The key that signs forms: given, or made once beside the embedded database (mode 600).

    Raises RuntimeError when another machine may share the database and no key is given.
    """
    if config["SECRET_KEY"]:
        return str(config["SECRET_KEY"])
    if config["DATABASE_URL"] and not config["DATABASE_URL"].startswith("sqlite"):
        raise RuntimeError("QIMMA_SECRET_KEY must be set when QIMMA_DATABASE_URL names a database server")
    file = Path(config["DATA_DIR"]) / SECRET_FILE
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text("ascii")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        key = secrets.token_urlsafe(48)
        out.write(key)
    return key


def takes_files(largest: int, *, of_learners: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view whose bodies may be larger than a form's, for instructors or for all.

    Files are written to disk as they come.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.takes_files = (largest + _ROOM, of_learners)  # type: ignore[attr-defined]  # read where the limit is raised
        return view

    return mark


_ROOM = 64 * 1024  # bytes of a body around its file
_MOST_GONE_BY = 256 * 2**20


def _open_to_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    largest, of_learners = getattr(view, "takes_files", (None, False))
    if largest is not None and (of_learners or (g.user is not None and g.user.is_instructor)):
        request.max_content_length = largest


def let_go_by() -> None:
    """Take in what is still sent of a body that is refused: a browser that is cut off shows no page with the reason."""
    stream = request.environ["wsgi.input"]
    for _ in range(_MOST_GONE_BY // _ROOM):
        if not stream.read(_ROOM):
            return


def _refuse_nul() -> None:
    """No text holds a NUL, and PostgreSQL takes none: such an address is none, and such a form damaged."""
    if "\0" in request.path:
        abort(404)
    if any("\0" in text for pair in request.values.items(multi=True) for text in pair):
        abort(400)


def _set_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # Pages are a person's own: nothing on the way keeps them.
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


# ---------------------------------------------------------------- logins

_USERS, _LOGINS = User.__table__, Login.__table__
_USER_OF_LOGIN = (
    select(*(_USERS.c[name] for name in CurrentUser.__slots__), _LOGINS.c.expires_at, _LOGINS.c.seen_on)
    .join_from(_USERS, _LOGINS, _LOGINS.c.user_id == _USERS.c.id)
    .where(_LOGINS.c.token_hash == bindparam("token"))
)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _load_user() -> None:
    g.user = None
    token = request.cookies.get(LOGIN_COOKIE)
    if not token or request.endpoint == "static":
        return
    with looking() as connection:
        row = connection.execute(_USER_OF_LOGIN, {"token": _hash(token)}).first()
    if row is not None and row.expires_at > current_app.config["CLOCK"]():
        g.user = CurrentUser(*row[: len(CurrentUser.__slots__)])
        g.seen_on = row.seen_on


def _note_use() -> None:
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
            token_hash=_hash(token),
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
    return _hash(request.cookies.get(LOGIN_COOKIE, ""))


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


def set_login_cookie(response: BaseResponse, token: str) -> BaseResponse:
    response.set_cookie(
        LOGIN_COOKIE,
        token,
        max_age=current_app.config["LOGIN_DAYS"] * 86400,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def clear_login_cookie(response: BaseResponse) -> BaseResponse:
    response.delete_cookie(
        LOGIN_COOKIE, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


Purpose = Literal["sign_in", "confirm"]


def make_link(session: Session, user_id: int, *, now: datetime, hours: int, purpose: Purpose = "sign_in") -> str:
    """A token that does one thing for its user, once. An older unused one for the same thing stops working."""
    session.execute(delete(Link).where(Link.user_id == user_id, Link.purpose == purpose, Link.used_at.is_(None)))
    token = secrets.token_urlsafe(24)
    session.execute(
        insert(Link).values(
            token_hash=_hash(token),
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
            Link.token_hash == _hash(token),
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
    form_cookie[_BY_LINK] = [_hash(token), int((now + NEW_PASSWORD).timestamp())]


def may_set_password(now: datetime) -> bool:
    """Whether this very login came by a link, not long ago. The cookie is worth nothing with another login."""
    login, until = form_cookie.get(_BY_LINK, ("", 0))
    return bool(login == this_login() and now.timestamp() < until)


# ---------------------------------------------------------------- roles


def instructors_only(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
    """An area for instructors: a guest is sent to sign in, anyone else gets a 403."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
        user = current_user()
        if user is None or (user.is_guest and not user.is_instructor):
            # Only a page can be gone on to: a form that was sent is lost.
            target = request.full_path.rstrip("?") if request.method == "GET" else url_for("instructor.banks_page")
            return redirect(url_for("accounts.sign_in", next=target), 303)
        if not user.is_instructor:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def own_path(target: str | None) -> str:
    """A path of this site to go on to; the first page for anything else."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and target.isprintable():
            return target
    return url_for("explore.home")


# ---------------------------------------------------------------- throttling

WINDOW = timedelta(minutes=15)
MOST_BY_SUBJECT = {"name": 10, "address": 50, "letters": 3, "asker": 20, "room": 200, "newcomer": 600}


# At the door of a class a name that nobody has tried yet is let through for longer: one who fails on purpose, again and
# again, does not keep a school that shares the address out.
FIRST_TRIES = 1000
MOST_WRONG_CODES = 300


def subjects(name_key: str) -> dict[str, str]:
    """What failures are counted by. Names are hashed: a password typed into the wrong field is not kept."""
    return {"name": f"name:{_keyed(name_key)}", "address": f"address:{request.remote_addr}"}


def room_subjects(name_key: str) -> dict[str, str]:
    """What failures at the door of a class are counted by: a whole class shares one address."""
    return {"name": f"name:{_keyed(name_key)}", "room": f"room:{request.remote_addr}"}


def letter_subjects(to: str) -> dict[str, str]:
    """What letters are counted by, apart from failures: asking for one keeps nobody from signing in."""
    return {"letters": f"letters:{_keyed(to)}", "asker": f"asker:{request.remote_addr}"}


def _keyed(text: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


def count_try(session: Session, counted: dict[str, str], now: datetime) -> list[int] | None:
    """Count a try, before it is known how it ends: sending many at once is no way round the limit. None: too many.

    `forget` takes back one that turned out well. With PostgreSQL as many more may pass as there are server threads.
    """
    before = {
        kind: session.scalar(
            select(func.count()).select_from(Failure).where(Failure.subject == subject, Failure.at > now - WINDOW)
        )
        or 0
        for kind, subject in counted.items()
    }
    if any(tries >= MOST_BY_SUBJECT[kind] for kind, tries in before.items() if kind != "room" or before["name"]):
        return None
    if before.get("room", 0) >= FIRST_TRIES:
        return None
    session.execute(delete(Failure).where(Failure.at < now - WINDOW))
    tries = [new_id() for _subject in counted]
    session.execute(
        insert(Failure),
        [{"id": one, "subject": subject, "at": now} for one, subject in zip(tries, counted.values(), strict=True)],
    )
    return tries


def count_newcomer(session: Session, now: datetime) -> None:
    """Count whoever begins as somebody new: a school's worth of people may, from one address, and no endless row."""
    if count_try(session, {"newcomer": f"newcomer:{request.remote_addr}"}, now) is None:
        abort(429)


def forget(session: Session, tries: list[int]) -> None:
    session.execute(delete(Failure).where(Failure.id.in_(tries)))


def forget_name(session: Session, name_key: str) -> None:
    """Let a name be tried again: its password or PIN is another one now."""
    session.execute(delete(Failure).where(Failure.subject == f"name:{_keyed(name_key)}"))


def guesses_codes(now: datetime) -> bool:
    """Whether too many join codes that are none came from this address. Looking at a class is a GET, and GET writes
    nothing: so each process counts for itself.
    """
    return len(_wrong_codes(now)) >= MOST_WRONG_CODES


def count_wrong_code(now: datetime) -> None:
    _wrong_codes(now).append(now)


def _wrong_codes(now: datetime) -> list[datetime]:
    """When they came from this address, those of the last quarter of an hour."""
    kept: dict[str | None, list[datetime]] = current_app.extensions.setdefault("wrong_codes", {})
    if len(kept) > 10_000:
        kept.clear()
    kept[request.remote_addr] = [at for at in kept.get(request.remote_addr, ()) if at > now - WINDOW]
    return kept[request.remote_addr]
