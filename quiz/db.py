"""Engine, transactions and migrations. Nobody else opens or commits a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

DATABASE_FILE = "qimma.sqlite"
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
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5)
    in_memory = url.database in {None, "", ":memory:"}
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, connect_args={"timeout": 5})
    event.listen(engine, "connect", _connect_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN is off: it is deferred, and a deferred transaction that reads and then writes
    # fails at once with "database is locked", whatever the busy timeout.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "busy_timeout=5000",
        "trusted_schema=off",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("qimma_reading", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'on' if read_only else 'off'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


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
    bind = (engine or engine_of()).execution_options(qimma_reading=True, postgresql_readonly=True)
    with Session(bind, autoflush=False) as session, session.begin():
        yield session


# ---------------------------------------------------------------- migrations


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the schema up to date; on a new database, make it.

    Runs on a connection of its own with foreign keys off, since SQLite's batch mode rebuilds tables and would
    empty their children; they are checked before the commit. Raises RuntimeError when a row points nowhere.
    """
    from alembic import command

    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=off")
        try:
            with connection.begin():
                configuration = _alembic_config()
                configuration.attributes["connection"] = connection
                command.upgrade(configuration, to)
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
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    return cast(str, head)


def current_revision(engine: Engine) -> str | None:
    """The schema's revision; None when there is no schema yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return cast(str | None, connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
