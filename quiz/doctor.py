"""Whether an installation is sound, from its settings and files to the last of its sums; and what can be mended."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from quiz import db, mail, moving
from quiz.models import Base
from quiz.security import SECRET_FILE
from quiz.services import doctor

_NAMED = 5  # faults of a kind that are named; the rest are counted
_SHORTEST_SECRET = 32  # characters
_LEAST = {
    "WORKERS": 1,
    "THREADS": 1,
    "PROXIES": 0,
    "LOGIN_DAYS": 1,
    "LINK_HOURS": 1,
    "IDLE_DAYS": 1,
    "TEACHER_IDLE_DAYS": 1,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: nothing, or so many faults, of which the first are named."""

    name: str
    what: str = ""
    count: int = 0
    first: tuple[str, ...] = ()
    mendable: bool = False
    in_rows: bool = False  # to be mended after a backup


def examine(engine: Engine, settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Every check in turn. The database may be in use: it is read as it stood at one moment, and never written to."""
    yield _finding("settings", "contradict one another", contradictions(settings))
    modes = [f"{path} is {mode:o}" for path, mode, _ought in _open_to_others(settings)]
    yield _finding("files", "are open to others", modes, mendable=True)
    try:
        faults = _schema_faults(engine)
    except DatabaseError as fault:
        faults = [_first_line(fault)]
    yield _finding("schema", "is not today's", faults)
    if faults:
        return  # nothing else can be asked
    with db.snapshot(engine) as connection, Session(bind=connection, autoflush=False) as session:
        if engine.dialect.name == "sqlite":
            yield _finding("integrity", "is broken", _broken(connection))
        else:
            yield _finding("connections", "are too few", _connections(session, settings))
        for check in doctor.CHECKS:
            try:
                keys = check.find(session)
                first = tuple(_words(key) for key in islice(keys, _NAMED))
                count = len(first) + sum(1 for _ in keys)
            except DatabaseError as fault:
                yield Finding(check.name, f"could not be looked at: {_first_line(fault)}", 1)
            else:
                yield Finding(check.name, check.what, count, first, check.mend is not None, in_rows=True)


def _finding(name: str, what: str, faults: list[str], *, mendable: bool = False) -> Finding:
    return Finding(name, what, len(faults), tuple(faults[:_NAMED]), mendable)


def _broken(connection: Connection) -> list[str]:
    """What SQLite finds in its file: pages, indexes, values that no rule allows."""
    try:
        said = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    except DatabaseError as fault:
        return [_first_line(fault)]
    return [line for line in said if line != "ok"]


def _first_line(fault: DatabaseError) -> str:
    return str(fault.orig).partition("\n")[0]


def _words(key: doctor.Key) -> str:
    return "/".join(map(str, key))


def mend(engine: Engine, settings: Mapping[str, Any], found: list[Finding], *, now: datetime) -> Path | None:
    """Put right what can be put right without loss. Returns the backup that was written before any row was touched.

    Each memory, sitting and assignment in a transaction of its own: the site may run on meanwhile.
    """
    for path, _mode, ought in _open_to_others(settings):
        path.chmod(ought)
    names = {one.name for one in found if one.count and one.mendable and one.in_rows}
    if not names:
        return None
    folder = Path(settings["DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    backup = folder / f"before-mending-{now:%Y%m%dT%H%M%S}.backup"
    moving.back_up(engine, backup)
    for check in doctor.CHECKS:
        if check.name in names and check.mend is not None:
            with db.snapshot(engine) as connection, Session(bind=connection, autoflush=False) as reading:
                for key in check.find(reading):
                    with db.transaction(engine) as session:
                        check.mend(session, key)
    return backup


# ---------------------------------------------------------------- the schema


def _schema_faults(engine: Engine) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    stands, ought = db.current_revision(engine), db.newest_revision()
    if stands != ought:
        return [f"it is {stands or 'none'}, and ought to be {ought}: qimma db upgrade"]
    with db.looking(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return [_difference(one) for one in compare_metadata(context, Base.metadata)]


def _difference(found: Any) -> str:
    """As in "remove_index ix_links_user_id"; what alembic says is a tuple, or a list of them."""
    first = found[0] if isinstance(found, list) else found
    return " ".join(str(getattr(part, "name", part)) for part in first if part is not None)


def _connections(session: Session, settings: Mapping[str, Any]) -> list[str]:
    """Whether the server takes what one host of this site may ask for."""
    from sqlalchemy import text

    there = int(session.scalar(text("SHOW max_connections")) or 0)
    wanted = settings["WORKERS"] * min(settings["THREADS"], db.MOST_CONNECTIONS)
    return [f"{wanted} may be wanted here, the server takes {there}"] if wanted > there else []


# ---------------------------------------------------------------- settings and files


def contradictions(settings: Mapping[str, Any]) -> list[str]:
    """Settings with which the site would not start, or not do what they seem to say."""
    found = []
    public = urlsplit(settings["PUBLIC_URL"])
    if settings["PUBLIC_URL"] and (public.scheme not in {"http", "https"} or not public.hostname):
        found.append("QIMMA_PUBLIC_URL is no address: https://quiz.example.org is one")
    elif public.path.strip("/") or public.query:
        found.append("QIMMA_PUBLIC_URL has a path: the site stands at the root of its host")
    if public.scheme == "https" and not settings["PROXIES"]:
        found.append("QIMMA_PUBLIC_URL is https, which a proxy in front speaks: set QIMMA_PROXIES to believe it")
    served = settings["DATABASE_URL"] and not settings["DATABASE_URL"].startswith("sqlite")
    if served and not settings["SECRET_KEY"]:
        found.append("QIMMA_SECRET_KEY must be set with a database server")
    if settings["SECRET_KEY"] and len(settings["SECRET_KEY"]) < _SHORTEST_SECRET:
        found.append(f"QIMMA_SECRET_KEY is short: {_SHORTEST_SECRET} characters at least, made by chance")
    try:
        mail.check(settings)
    except RuntimeError as fault:
        found.append(str(fault))
    if settings["MAIL_FROM"] and not settings["MAIL_URL"]:
        found.append("QIMMA_MAIL_FROM is set without QIMMA_MAIL_URL: no letter is sent")
    found += [
        f"QIMMA_{name} is {settings[name]}, and must be {least} at least"
        for name, least in _LEAST.items()
        if settings[name] < least
    ]
    if settings["MAX_FORM_MEMORY_SIZE"] > settings["MAX_CONTENT_LENGTH"]:
        found.append("QIMMA_MAX_FORM_MEMORY_SIZE is above QIMMA_MAX_CONTENT_LENGTH, which refuses such forms before")
    return found


def _open_to_others(settings: Mapping[str, Any]) -> Iterator[tuple[Path, int, int]]:
    """Files that others on this machine may read or change: with the mode that they have and ought to have."""
    folder = Path(settings["DATA_DIR"])
    ought = {folder: 0o700, folder / SECRET_FILE: 0o600}
    if settings["DATABASE_URL"].startswith("sqlite"):  # elsewhere, in a folder that need not be ours alone
        name = make_url(settings["DATABASE_URL"]).database
        ought |= {Path(name): 0o600} if name and name != ":memory:" else {}
    for path, mode in ought.items():
        if path.exists() and (stands := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield path, stands, mode
