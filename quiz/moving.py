"""A whole installation moved: to another database, into a backup, and back. Counts and checksums are compared."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import AddConstraint, DropConstraint

from questions.errors import Conflict
from quiz import db, lines
from quiz.models import Base
from quiz.services import stored


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table holds: the number of its rows, and the sum of their hashes, which no order changes."""

    rows: int
    digest: int


Tick = Callable[[str, int], None]  # told the name of each table and its number of rows when it is done


def copy(source: Engine, target: Engine, *, replace: bool = False, tick: Tick | None = None) -> dict[str, Sum]:
    """Copy every row of one database into another, in one transaction of each: all of it or nothing.

    The source is read as it stood at one moment, and may be in use. Raises Conflict when the target holds rows and is
    not to be replaced, when the source's schema is not today's, and when the two differ afterwards.
    """
    if db.current_revision(source) != db.newest_revision():
        raise Conflict("the schema of the source is not today's; bring it up to date with: qimma db upgrade")
    if db.current_revision(target) != db.newest_revision():
        db.upgrade(target)
    tables = Base.metadata.sorted_tables
    with db.snapshot(source) as old, old.begin(), target.begin() as new:
        if not replace:
            _want_empty(new)
        with _emptied(new):
            moved = {}
            for table in tables:
                moved[table.name] = _copy_table(table, old, new)
                if tick:
                    tick(table.name, moved[table.name].rows)
        found = {table.name: checksum(table, new) for table in tables}
        if other := [name for name, was in moved.items() if found[name] != was]:
            raise Conflict(f"not equal after copying, so nothing was: {', '.join(other)}")
    return moved


@contextmanager
def _emptied(connection: Connection) -> Iterator[None]:
    """Nothing in any table, and made when all is in what takes longest row by row: SQLite's indexes, PostgreSQL's
    foreign keys.
    """
    tables = Base.metadata.sorted_tables
    if connection.dialect.name == "sqlite":
        for table in reversed(tables):
            connection.execute(table.delete())
        indexes = [index for table in tables for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        yield
        for index in indexes:
            index.create(connection)
        return
    rules = [rule for table in tables for rule in table.foreign_key_constraints]
    for rule in rules:
        connection.execute(DropConstraint(rule))
    connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in tables)}")
    yield
    for rule in rules:
        connection.execute(AddConstraint(rule))


def _want_empty(connection: Connection) -> None:
    tables = Base.metadata.sorted_tables
    if taken := [table.name for table in tables if connection.execute(select(table).limit(1)).first()]:
        raise Conflict(f"the target is not empty: {', '.join(taken)}")


def _copy_table(table: Table, old: Connection, new: Connection) -> Sum:
    count = digest = 0
    with closing(lines.read(table, old)) as batches:  # also when the target refuses one of them

        def counted() -> Iterator[list[bytes]]:
            nonlocal count, digest
            for some in batches:
                count += len(some)
                digest += lines.checksum(some)
                yield some

        lines.write(table, new, counted())
    return Sum(count, digest % 2**64)


def checksum(table: Table, connection: Connection) -> Sum:
    count = digest = 0
    for some in lines.read(table, connection):
        count += len(some)
        digest += lines.checksum(some)
    return Sum(count, digest % 2**64)


# ---------------------------------------------------------------- backups


def back_up(source: Engine, file: Path, *, tick: Tick | None = None) -> None:
    """Write a backup: an SQLite file that holds everything, readable by its owner alone.

    The database may be in use. There is never half a file: it gets its name when it is whole. Raises Conflict when
    there is such a file already.
    """
    if file.exists():
        raise Conflict(f"{file} is there already")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        if source.dialect.name == "sqlite":
            _copy_pages(source, part)
        else:
            target = db.make_engine(f"sqlite:///{part}")
            event.listen(target, "connect", _in_a_hurry)
            try:
                copy(source, target, tick=tick)
            finally:
                target.dispose()
        _settle(part)
        os.replace(part, file)
    finally:
        for left in (part, *part.parent.glob(f"{part.name}-*")):
            left.unlink(missing_ok=True)


def _in_a_hurry(connection: Any, _record: object) -> None:
    """A file that is thrown away unless it becomes whole; what it is copied from has the foreign keys checked."""
    for pragma in ("synchronous=off", "foreign_keys=off", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")


def _copy_pages(source: Engine, part: Path) -> None:
    with source.connect() as connection, closing(sqlite3.connect(part)) as out:
        raw: Any = connection.connection.dbapi_connection
        raw.backup(out)


def _settle(part: Path) -> None:
    """All of it in the one file, sound and on the disk."""
    with closing(sqlite3.connect(part)) as out:
        out.execute("PRAGMA journal_mode=delete")
        (said,) = out.execute("PRAGMA quick_check").fetchone()
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    if said != "ok":
        raise Conflict(f"the backup is not sound: {said}")


def restore(file: Path, target: Engine, *, replace: bool = False, tick: Tick | None = None) -> dict[str, int]:
    """Put a backup in place of all that the database holds, in one transaction. The file is only read.

    Returns the number of rows in each table. Raises Conflict when the file is no backup, or the database holds rows
    and is not to be replaced.
    """
    with TemporaryDirectory() as folder:
        own = Path(folder, "backup.sqlite")  # to be brought up to date, if it is an old one
        shutil.copyfile(file, own)
        source = db.make_engine(f"sqlite:///{own}")
        try:
            stands = db.current_revision(source)
            if stands is None:
                raise Conflict(f"{file} is no backup of Qimma")
            if stands != db.newest_revision():
                db.upgrade(source, then=stored.fill)
            if target.dialect.name != "sqlite":
                return {name: one.rows for name, one in copy(source, target, replace=replace, tick=tick).items()}
            return _put_pages(source, target, replace=replace)
        except DatabaseError as fault:
            raise Conflict(f"{file} is no sound backup of Qimma: {fault.orig}") from None
        finally:
            source.dispose()


def _put_pages(source: Engine, target: Engine, *, replace: bool) -> dict[str, int]:
    """Whole pages: many times quicker than rows. Who reads the target meanwhile sees what was there before."""
    with source.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        (said,) = raw.execute("PRAGMA quick_check").fetchone()
        if said != "ok":
            raise Conflict(f"the backup is not sound: {said}")
        if not replace and db.current_revision(target) is not None:
            with db.looking(target) as there:
                _want_empty(there)
        with target.connect() as out:
            raw.backup(out.connection.dbapi_connection)  # waits for those who write
    with db.looking(target) as there:
        count = select(func.count())
        return {table.name: there.scalar(count.select_from(table)) or 0 for table in Base.metadata.sorted_tables}
