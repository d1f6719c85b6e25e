"""Rows as lines of text, the same ones whichever database they are in: what is copied, and what checksums are of.

The databases write the lines themselves, as PostgreSQL's COPY has them: values go through Python where they must.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Double, LargeBinary, Table

from quiz.models.base import UTCDateTime

_AT_ONCE = 5_000  # rows
_ESCAPES = {"\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
_PLAIN = {letter: char for char, letter in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(.)")
_NULL = r"\N"


def read(table: Table, connection: Connection) -> Generator[list[bytes]]:
    """Every row of a table, some thousand at a time. To be closed; the connection is in a transaction."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        raw.create_function("qimma_number", 1, _number, deterministic=True)
        line = " || char(9) || ".join(f"ifnull({_in_sqlite(column)}, '{_NULL}')" for column in table.columns)
        found = raw.execute(f'SELECT CAST({line} || char(10) AS BLOB) FROM "{table.name}"')  # noqa: S608  (our names)
        while lines := found.fetchmany(_AT_ONCE):
            yield [line for (line,) in lines]
        return
    columns = ", ".join(_in_postgresql(column) for column in table.columns)
    with raw.cursor() as cursor:
        _set_up(cursor)
        with cursor.copy(f'COPY (SELECT {columns} FROM "{table.name}") TO STDOUT') as copy:  # noqa: S608
            sent = map(bytes, copy)  # one a row
            while lines := list(islice(sent, _AT_ONCE)):
                yield lines


def write(table: Table, connection: Connection, batches: Iterable[list[bytes]]) -> None:
    """Insert what was read."""
    raw: Any = connection.connection.dbapi_connection
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(table.columns))
        made = [(nr, _FROM_TEXT[kind]) for nr, kind in enumerate(map(_kind, table.columns)) if kind in _FROM_TEXT]
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608
        for lines in batches:
            raw.executemany(statement, [_values(line, made) for line in lines])
        return
    with raw.cursor() as cursor:
        _set_up(cursor)
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for lines in batches:
                copy.write(b"".join(lines))


def checksum(lines: list[bytes]) -> int:
    """The sum of their hashes, which no order changes."""
    made = (hashlib.blake2b(line, digest_size=8).digest() for line in lines)
    return sum(map(int.from_bytes, made))


def _kind(column: Column[Any]) -> type:
    kinds = (Boolean, BigInteger, Double, UTCDateTime, LargeBinary)
    return next((kind for kind in kinds if isinstance(column.type, kind)), str)


def _set_up(cursor: Any) -> None:
    """What the server's own settings might have otherwise."""
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    cursor.execute("SET LOCAL bytea_output = 'hex'")
    cursor.execute("SET LOCAL extra_float_digits = 1")


def _in_postgresql(column: Column[Any]) -> str:
    name = f'"{column.name}"'
    return f"to_char({name}, 'YYYY-MM-DD HH24:MI:SS.US')" if _kind(column) is UTCDateTime else name


def _in_sqlite(column: Column[Any]) -> str:
    name, kind = f'"{column.name}"', _kind(column)
    if kind is BigInteger:
        return name
    if kind is Boolean:
        return f"iif({name} IS NULL, NULL, iif({name}, 't', 'f'))"
    if kind is Double:
        return f"qimma_number({name})"
    if kind is UTCDateTime:  # without a fraction, where it was written by hand
        return f"substr({name} || '.000000', 1, 26)"
    if kind is LargeBinary:
        return rf"'\\x' || lower(hex({name}))"
    escaped = name
    for char, letter in _ESCAPES.items():
        escaped = rf"replace({escaped}, char({ord(char)}), '\{letter}')"
    special = " || ".join(f"char({ord(char)})" for char in _ESCAPES)
    return f"iif({name} GLOB '*[' || {special} || ']*', {escaped}, {name})"


def _number(value: float | None) -> str | None:
    """As PostgreSQL has it: as many digits as tell it from every other number."""
    return None if value is None else repr(float(value)).removesuffix(".0")


_FROM_TEXT = {  # what SQLite would not make of the text by itself, or not to the last bit
    Boolean: lambda text: text == "t",
    Double: float,
    LargeBinary: lambda text: bytes.fromhex(text[2:]),
}


def _values(line: bytes, made: list[tuple[int, Any]]) -> list[Any]:
    values: list[Any] = line[:-1].decode().split("\t")
    if b"\\" in line:
        values = [None if one == _NULL else _unescaped(one) if "\\" in one else one for one in values]
    for nr, make in made:
        if values[nr] is not None:
            values[nr] = make(values[nr])
    return values


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _PLAIN[found[1]], text)
