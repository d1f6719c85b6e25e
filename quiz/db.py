"""Engine, transactions and migrations. Nobody else opens or commits a transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

DATABASE_FILE = "qimma.sqlite"
MOST_CONNECTIONS = 10  # to a database server, of one process
_SECONDS = 5  # for which a request waits for the database
_KEY = "qimma_engine"


def init_app(app: Flask) -> None:
    app.extensions[_KEY] = make_engine(app.config["DATABASE_URL"] or embedded_url(app.config["DATA_DIR"]))


def embedded_url(data_dir: str) -> str:
    return f"sqlite:///{Path(data_dir) / DATABASE_FILE}"


def make_engine(address: str) -> Engine:
    """An engine for SQLite or PostgreSQL, ready for `transaction` and `reading`."""
    url = make_url(address)
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=MOST_CONNECTIONS - 5,
            pool_timeout=_SECONDS,
            connect_args={} if "connect_timeout" in url.query else {"connect_timeout": _SECONDS},
            hide_parameters=True,
        )
    if url.database in {None, "", ":memory:"}:
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_in_memory)
        return engine
    engine = _Writer(url)
    event.listen(engine.reader, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=on"))
    _write_in_turn(engine)
    return engine


class _File(Engine):
    """An SQLite file.

    Transactions are begun where SQLAlchemy leaves that to the dialect: with a listener for it, or for anything else of
    an engine's, every statement would be offered to listeners, at a third of its cost.
    """

    def __init__(self, url: URL) -> None:
        made = create_engine(url, connect_args={"timeout": _SECONDS}, hide_parameters=True)
        super().__init__(made.pool, made.dialect, made.url, hide_parameters=True)
        event.listen(self, "connect", _connect_sqlite)
        self.begin_by(lambda connection: connection.dbapi_connection.execute("BEGIN"))

    def begin_by(self, begin: Callable[[Any], object]) -> None:
        self.dialect.do_begin = begin  # type: ignore[method-assign,assignment]  # each engine has a dialect of its own


class _Writer(_File):
    """Its readers have connections of their own: to forbid writing and allow it again would each time undo what SQLite
    has prepared.
    """

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.reader = _File(url)

    def dispose(self, close: bool = True) -> None:
        super().dispose(close)
        self.reader.dispose(close)


def _write_in_turn(engine: _File) -> None:
    """Let the threads of this process queue to write. SQLite has one writer; who has to wait tries again and again, and
    where many do, one may never get there.
    """
    turn = Lock()

    def begin(connection: Any) -> None:
        if not connection.info.get("has_turn"):
            # After that, SQLite itself says that the database is locked.
            connection.info["has_turn"] = turn.acquire(timeout=_SECONDS)
        connection.dbapi_connection.execute("BEGIN IMMEDIATE")

    def checkin(_connection: Any, record: Any) -> None:
        if record.info.pop("has_turn", False):
            turn.release()

    engine.begin_by(begin)
    event.listen(engine, "checkin", checkin)


def _raw(connection: Connection) -> Any:
    """The driver's own connection: past what a statement of SQLAlchemy costs, where every request comes by."""
    return connection.connection.dbapi_connection


def _connect_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN is off: it is deferred, and a deferred transaction that reads and then writes
    # fails at once with "database is locked", whatever the busy timeout.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        f"busy_timeout={_SECONDS * 1000}",
        "trusted_schema=off",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_in_memory(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("qimma_reading", False)
    _raw(connection).execute(f"PRAGMA query_only={'on' if read_only else 'off'}")
    _raw(connection).execute("BEGIN" if read_only else "BEGIN IMMEDIATE")


def engine_of(app: Flask | None = None) -> Engine:
    return cast(Engine, (app or current_app).extensions[_KEY])


@contextmanager
def transaction(engine: Engine | None = None) -> Iterator[Session]:
    """A session that commits at the end of the block; any exception rolls all of it back."""
    with Session(engine or engine_of(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine | None = None) -> Iterator[Session]:
    """A session in which nothing can be written."""
    with Session(_reader(engine or engine_of()), autoflush=False) as session:
        yield session


@contextmanager
def looking(engine: Engine | None = None) -> Iterator[Connection]:
    """The same for a statement or two that need no session."""
    with _reader(engine or engine_of()).connect() as connection:
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """The same, seeing all of the database as it stood at one moment, however long it takes."""
    reader = _reader(engine)
    if engine.dialect.name != "sqlite":  # whose readers never see anything else
        reader = reader.execution_options(isolation_level="REPEATABLE READ")
    with reader.connect() as connection:
        yield connection


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """What one process does at a time, of all that use this database on any host: the rest wait.

    For what a start does. Transactions are opened inside of it, never around it.
    """
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:  # held by a transaction: a session's lock does not pass PgBouncer
            connection.execute(text("SELECT pg_advisory_xact_lock(71132022)"))
            yield
        return
    folder = Path(engine.url.database or "").parent
    if engine.url.database in {None, "", ":memory:"} or not folder.is_dir():
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # ends with the process, however that ends
        yield
    finally:
        os.close(handle)


def _reader(engine: Engine) -> Engine:
    if isinstance(engine, _Writer):
        return engine.reader
    return engine.execution_options(qimma_reading=True, postgresql_readonly=True)


# ---------------------------------------------------------------- migrations


def upgrade(engine: Engine, to: str = "head", *, then: Callable[[Session], object] | None = None) -> None:
    """Bring the schema up to date; on a new database, make it. `then` makes good what a migration cannot.

    All of it is one transaction: whatever ends it in the middle leaves the database as it was. It has a connection of
    its own with foreign keys off, since SQLite's batch mode rebuilds tables and would empty their children; they are
    checked before the commit. Raises RuntimeError when a row points nowhere.
    """
    from alembic import command

    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=off")
        try:
            with connection.begin():
                if not sqlite:  # two hosts that start at once: the second finds it done
                    connection.execute(text("SELECT pg_advisory_xact_lock(71132021)"))
                configuration = _alembic_config()
                configuration.attributes["connection"] = connection
                command.upgrade(configuration, to)
                if then is not None:
                    with Session(bind=connection) as session:
                        then(session)
                        session.commit()  # into the transaction that is open
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration would leave rows that point nowhere; nothing was changed")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=on")


def _alembic_config() -> Any:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    configuration.set_main_option("path_separator", "os")
    return configuration


def newest_revision() -> str:
    return _revisions()[0]


@cache
def _revisions() -> tuple[str, ...]:
    """Those that this program knows, the newest first. Their files' names say it: Alembic would slow every start."""
    files = Path(__file__).with_name("migrations").glob("versions/[0-9]*.py")
    return tuple(sorted((file.name.partition("_")[0] for file in files), reverse=True))


def is_newer(engine: Engine) -> bool:
    """Whether the schema is none that this program knows: a newer version is about to take its place."""
    stands = current_revision(engine)
    return stands is not None and stands not in _revisions()


def lacking(engine: Engine) -> str | None:
    """What keeps the database from being used, in a plain word; None when nothing does.

    A schema that this program does not know is a newer one: two versions run side by side while one replaces the other.
    """
    try:
        stands = current_revision(engine)
    except SQLAlchemyError as error:
        if not is_out_of_reach(error):
            raise
        return "the database does not answer"
    if stands == newest_revision() or (stands is not None and stands not in _revisions()):
        return None
    return "the schema of the database is an older one; run: qimma db upgrade"


def is_out_of_reach(error: Exception) -> bool:
    """Whether the database, of either kind, did not answer, is locked or full, or may only be read."""
    if isinstance(error, PoolTimeout):
        return True
    kinds = {kind.__name__ for kind in type(getattr(error, "orig", None)).__mro__}
    return bool(kinds & {"OperationalError", "InterfaceError", "ReadOnlySqlTransaction"})


def current_revision(engine: Engine) -> str | None:
    """The schema's revision; None when there is no schema yet."""
    with looking(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return cast(str | None, connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
