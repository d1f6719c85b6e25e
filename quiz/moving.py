"""A whole installation moved: to another database, into a backup, and back. Counts and checksums are compared."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select
from sqlalchemy.exc import DatabaseError

from questions.errors import Conflict
from quiz import db
from quiz.models import Base

_AT_ONCE = 5_000  # rows


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
    with db.snapshot(source) as old, target.begin() as new:
        if not replace and (taken := [table.name for table in tables if new.execute(select(table).limit(1)).first()]):
            raise Conflict(f"the target is not empty: {', '.join(taken)}")
        for table in reversed(tables):
            new.execute(table.delete())
        moved = {}
        for table in tables:
            moved[table.name] = _copy_table(table, old, new)
            if tick:
                tick(table.name, moved[table.name].rows)
        found = {table.name: checksum(table, new) for table in tables}
        if other := [name for name, was in moved.items() if found[name] != was]:
            raise Conflict(f"not equal after copying, so nothing was: {', '.join(other)}")
    return moved


def _copy_table(table: Table, old: Connection, new: Connection) -> Sum:
    count = digest = 0
    into, names = insert(table), [column.name for column in table.columns]
    for rows in _partitions(table, old):
        new.execute(into, [dict(zip(names, row, strict=True)) for row in rows])
        count += len(rows)
        digest += sum(map(_hash, rows))
    return Sum(count, digest % 2**64)


def checksum(table: Table, connection: Connection) -> Sum:
    """Of the values as Python has them, so that it is the same whatever database holds them."""
    count = digest = 0
    for rows in _partitions(table, connection):
        count += len(rows)
        digest += sum(map(_hash, rows))
    return Sum(count, digest % 2**64)


def _partitions(table: Table, connection: Connection) -> Iterator[Sequence[Any]]:
    with connection.execution_options(yield_per=_AT_ONCE).execute(select(table)) as found:
        yield from found.partitions()


def _hash(row: Any) -> int:
    return int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=8).digest())


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
            try:
                copy(source, target, tick=tick)
            finally:
                target.dispose()
        _settle(part)
        os.replace(part, file)
    finally:
        for left in (part, *part.parent.glob(f"{part.name}-*")):
            left.unlink(missing_ok=True)


def _copy_pages(source: Engine, part: Path) -> None:
    with source.connect() as connection, closing(sqlite3.connect(part)) as out:
        raw: Any = connection.connection.dbapi_connection
        raw.backup(out)


def _settle(part: Path) -> None:
    """All of it in the one file, and sound."""
    with closing(sqlite3.connect(part)) as out:
        out.execute("PRAGMA journal_mode=delete")
        (said,) = out.execute("PRAGMA quick_check").fetchone()
    if said != "ok":
        raise Conflict(f"the backup is not sound: {said}")


def restore(file: Path, target: Engine, *, replace: bool = False, tick: Tick | None = None) -> dict[str, Sum]:
    """Put a backup in place of all that the database holds. The file is only read.

    Raises Conflict when the file is no backup, or the database holds rows and is not to be replaced.
    """
    with TemporaryDirectory() as folder:
        own = Path(folder, "backup.sqlite")  # to be brought up to date, if it is an old one
        shutil.copyfile(file, own)
        source = db.make_engine(f"sqlite:///{own}")
        try:
            if db.current_revision(source) is None:
                raise Conflict(f"{file} is no backup of Qimma")
            db.upgrade(source)
            return copy(source, target, replace=replace, tick=tick)
        except DatabaseError as fault:
            raise Conflict(f"{file} is no sound backup of Qimma: {fault.orig}") from None
        finally:
            source.dispose()
