"""The rows of a CSV file, whoever wrote it: its encoding and its separator are found out, not asked for."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice

from questions.errors import BadFile, Problem
from questions.formats.columns import find_header
from questions.formats.decoding import LARGEST_TEXT, decode
from questions.formats.sheet import MOST_ROWS, Row, Sheet

LARGEST_SHEET = 32 * 1024 * 1024  # bytes
_LONGEST_LINE = 1_000_000  # letters
_LONGEST_ROW = 3_000  # lines of one row: a quote that is not closed would swallow the rest of the file
_SUSPICIOUS = 10  # after so many such quotes a row is given fewer lines
_SEPARATORS = (",", ";", "\t", "|")
# What Anki writes above the notes that it exports as text: "#tags column:3".
_ANKI = re.compile(r"#(separator|html|(?:tags|notetype|deck|guid) column|notetype|deck|tags|columns):(.*)")


def read_rows(data: bytes, name: str) -> Sheet:
    """Raises BadFile for what is no text, is too large, or has lines or rows that no table has."""
    if len(data) > LARGEST_SHEET:
        raise _bad(name, f"is larger than {LARGEST_SHEET // 2**20} MiB")
    if data.count(b"\n") > MOST_ROWS:
        raise _bad(name, f"has more than {MOST_ROWS} lines")
    encoding, older = _encoding(data, name)
    separator = _separator(_lines(data, encoding, name))
    sheet = Sheet(encoding=older)
    for number, record in enumerate(_records(_lines(data, encoding, name), separator, sheet), start=1):
        if not any(cell and not cell.isspace() for cell in record):
            continue
        if not sheet.rows and (told := _ANKI.match(record[0])):
            sheet.anki[told[1]] = told[2].strip()
            continue
        while not record[-1]:
            record.pop()
        if problem := sheet.add(Row(number, tuple(record))):
            raise _bad(name, problem)
    return sheet


def _encoding(data: bytes, name: str) -> tuple[str, str]:
    """The encoding by how the file begins, and the same again when it is an older one."""
    if len(data) <= LARGEST_TEXT:
        older = decode(data, name)[1]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        older = ""
    else:
        older = decode(data[: data.rfind(b"\n", 0, LARGEST_TEXT) + 1], name)[1]
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return older or ("utf-16" if utf16 else "utf-8-sig"), older


def _lines(data: bytes, encoding: str, name: str) -> Iterator[str]:
    """The lines, decoded one after another: a large file is never in memory as text."""
    try:
        for line in io.TextIOWrapper(io.BytesIO(data), encoding):
            if len(line) > _LONGEST_LINE:
                raise _bad(name, f"has a line of more than {_LONGEST_LINE} letters")
            yield line
    except UnicodeDecodeError as error:
        raise _bad(name, f"is not {encoding.removesuffix('-sig').upper()} text: {error.reason}") from None


def _separator(lines: Iterator[str]) -> str:
    """What parts the columns: the separator that shows headings, else the one that parts most rows, and all alike."""
    sample = list(islice(lines, 60))
    first = sample[0].strip().lower() if sample else ""
    if first.startswith("sep=") and len(first) == 5:  # Excel's own way of saying so
        return first[4]
    best, most = ",", (0, 0, 0)
    for separator in _SEPARATORS:
        records = [record for record in _records(iter(sample), separator, Sheet()) if any(record)]
        header = find_header([Row(number, tuple(record)) for number, record in enumerate(records)])
        widths = Counter(len(record) for record in records if len(record) > 1)
        width, times = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        score = (len(header.columns) if header else 0, times, width)
        if score > most:
            best, most = separator, score
    return best


def _records(lines: Iterator[str], separator: str, sheet: Sheet) -> Iterator[list[str]]:
    """The rows. One whose quote is never closed is its first line alone: it does not swallow what follows."""
    ahead: deque[str] = deque()
    number = 0
    while True:
        first = ahead.popleft() if ahead else next(lines, None)
        if first is None:
            return
        number += 1
        if number == 1 and first.strip().lower() == f"sep={separator}":
            yield []
        elif '"' not in first:
            yield first.removesuffix("\n").split(separator)
        else:
            most = _LONGEST_ROW if len(sheet.unclosed) < _SUSPICIOUS else 4
            taken = [first]
            record = _quoted(taken, ahead, lines, separator, most)
            if record is None:
                sheet.unclosed.append(number)
                ahead.extendleft(reversed(taken[1:]))
                record = first.removesuffix("\n").split(separator)
            yield record


def _quoted(taken: list[str], ahead: deque[str], lines: Iterator[str], separator: str, most: int) -> list[str] | None:
    """The row that begins with the line taken, or None when its quote is not closed within reason."""

    def following() -> Iterator[str]:
        yield taken[0]
        while len(taken) < most:
            line = ahead.popleft() if ahead else next(lines, None)
            if line is None:
                return
            taken.append(line)
            yield line

    try:
        record: list[str] = next(csv.reader(following(), delimiter=separator), [])
        # Only the strict reader tells a quote that the file ends in from one that is closed.
        if len(taken) > 1 or taken[0].count('"') % 2:
            list(csv.reader(taken, delimiter=separator, strict=True))
    except csv.Error as error:
        # Text after a closing quote is sloppy on one line; over several it is the quote of another row.
        return record if len(taken) == 1 and "expected after" in str(error) else None
    return record


def _bad(name: str, what: str) -> BadFile:
    return BadFile([Problem(name, "", what)])
