"""The rows of an Excel workbook, read as a stream: a sheet of a million empty rows costs its length and no more.

openpyxl reads styles, themes and drawings too and stops at the first that it does not like; here only text matters.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from questions.errors import BadFile
from questions.formats.archive import Archive
from questions.formats.sheet import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Row, Sheet

_SHEETS = 30
_MARKED = 1_000_000  # cells, the empty ones too
_LETTERS = 12_000_000  # of all shared texts
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))  # built-in formats
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMN = re.compile(r"[A-Z]{1,3}")
_MERGED = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_MERGES, _TALLEST, _SPREAD = 5_000, 1_000, 50_000  # merged cells, rows of one, and of all
# Elements that a sheet has only after its merged cells.
_BELOW_MERGES = frozenset(
    ("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "drawing")
)


class _Enough(Exception):
    """The rest need not be read."""


def read_sheets(data: bytes, name: str) -> list[Sheet]:
    """The visible sheets that hold something, and the names of those that are not read.

    Raises BadFile for what is no workbook, or none that is whole.
    """
    archive = Archive(data, name)
    book = _Book(archive)
    sheets = [_sheet(book, title, entry) for title, entry in book.sheets[:_SHEETS]]
    unread = [Sheet(title, unread="more-sheets") for title, _ in book.sheets[_SHEETS:]]
    unread += [Sheet(title, unread="hidden-sheet") for title in book.hidden]
    return [*(sheet for sheet in sheets if sheet.rows), *unread[:_SHEETS]]


class _Book:
    """What the sheets of a workbook share."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._names = {entry.lower(): entry for entry in archive.entries}
        links = self._links("_rels/.rels", "")
        main = next((target for kind, target in links.values() if kind == "officeDocument"), "xl/workbook.xml")
        if self.entry(main) is None:
            raise archive.bad("is no Excel workbook (.xlsx): it holds no xl/workbook.xml")
        folder, _, file = main.rpartition("/")
        links = self._links(f"{folder}/_rels/{file}.rels", folder)
        self.since_1904 = False
        self.sheets: list[tuple[str, str]] = []
        self.hidden: list[str] = []
        self._workbook(main, links)
        targets = {kind: target for kind, target in links.values()}
        self.texts = self._shared(targets.get("sharedStrings", f"{folder}/sharedStrings.xml"))
        self.dates, self.percents = self._styles(targets.get("styles", f"{folder}/styles.xml"))

    def entry(self, target: str) -> str | None:
        return self._names.get(posixpath.normpath(target.replace("\\", "/")).lstrip("/").lower())

    def parse(self, target: str, start: _Start, end: _End | None = None, text: _Text | None = None) -> None:
        """Walk an entry's elements, by their names without prefix. What is not there has none."""
        entry = self.entry(target)
        if entry is None:
            return
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = start
        if end is not None:
            parser.EndElementHandler = end
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            for piece in self.archive.pieces(entry):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except _Enough:
            return
        except (expat.ExpatError, _Doctype, LookupError, ValueError) as error:  # an encoding that nobody knows, too
            raise self.archive.bad(f"entry {entry[:60]!r} is not sound XML: {error}") from None

    def _links(self, target: str, folder: str) -> dict[str, tuple[str, str]]:
        """What an entry points at: (kind, target) by id."""
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if _bare(tag) == "Relationship" and attributes.get("TargetMode") != "External":
                goal = attributes.get("Target", "")
                goal = goal.lstrip("/") if goal.startswith("/") else f"{folder}/{goal}".lstrip("/")
                found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], goal

        self.parse(target, start)
        return found

    def _workbook(self, target: str, links: dict[str, tuple[str, str]]) -> None:
        def start(tag: str, attributes: dict[str, str]) -> None:
            tag = _bare(tag)
            if tag == "workbookPr":
                self.since_1904 = attributes.get("date1904") in {"1", "true"}
            elif tag == "sheet" and attributes.get("state", "visible") != "visible":
                self.hidden.append(attributes.get("name", "")[:60])
            elif tag == "sheet":
                own = next((value for key, value in attributes.items() if key == "id" or key.endswith(":id")), "")
                kind, goal = links.get(own, ("", ""))
                if kind == "worksheet":
                    self.sheets.append((attributes.get("name", "")[:60], goal))

        self.parse(target, start)

    def _shared(self, target: str) -> list[str]:
        texts: list[str] = []
        inside = _Inside()
        letters = 0

        def end(tag: str) -> None:
            nonlocal letters
            if _bare(tag) == "si":
                text = inside.take()
                letters += len(text)
                texts.append(text)
                if letters > _LETTERS or len(texts) > MOST_CELLS:
                    raise self.archive.bad(f"holds more than {_LETTERS} letters or {MOST_CELLS} texts")
            inside.end(tag)

        self.parse(target, inside.start, end, inside.text)
        return texts

    def _styles(self, target: str) -> tuple[set[int], set[int]]:
        """Which cell formats show dates, and which show percentages."""
        codes: dict[int, str] = {}
        formats: list[int] = []
        within = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal within
            tag = _bare(tag)
            if tag in {"cellXfs", "cellStyleXfs"}:
                within = tag == "cellXfs"
            elif tag == "numFmt":
                codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif tag == "xf" and within and len(formats) < 100_000:
                formats.append(_number(attributes.get("numFmtId")))

        def end(tag: str) -> None:
            nonlocal within
            within = within and _bare(tag) != "cellXfs"

        self.parse(target, start, end)
        dates = {at for at, code in enumerate(formats) if code in _DATES or _is_date(codes.get(code, ""))}
        percents = {at for at, code in enumerate(formats) if code in {9, 10} or "%" in codes.get(code, "")}
        return dates, percents - dates


_Start = Callable[[str, dict[str, str]], Any]
_End = Callable[[str], Any]
_Text = Callable[[str], Any]


class _Doctype(Exception):
    pass


def _no_doctype(*_: object) -> None:
    raise _Doctype("it declares a document type")


class _Inside:
    """Gathers the text of <t> elements, but for the readings that Japanese Excel keeps beside them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open = False
        self._reading = False

    def start(self, tag: str, _: dict[str, str]) -> None:
        tag = _bare(tag)
        if tag == "t":
            self._open = not self._reading
        elif tag == "rPh":
            self._reading = True

    def end(self, tag: str) -> None:
        tag = _bare(tag)
        if tag == "t":
            self._open = False
        elif tag == "rPh":
            self._reading = False

    def text(self, text: str) -> None:
        if self._open:
            self._parts.append(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _sheet(book: _Book, title: str, entry: str) -> Sheet:
    reader = _SheetReader(book, title)
    book.parse(entry, reader.start, reader.end, reader.text)
    reader.spread()
    return reader.sheet


class _SheetReader:
    """Takes the cells of one sheet as its elements go by."""

    def __init__(self, book: _Book, title: str) -> None:
        self.book = book
        self.sheet = Sheet(title)
        self.number = self.column = 0
        self.rows = self.marked = 0
        self.cells: dict[int, str] = {}
        self.kind = self.style = ""
        self.value: list[str] = []
        self.formula: list[str] = []
        self.inside = _Inside()
        self.into: list[str] | None = None
        self.past = False  # the cells
        self.merges: list[tuple[int, int, int]] = []  # column, first row, last row

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = _bare(tag)
        if self.past:
            if tag == "mergeCell":
                self._merge(attributes.get("ref", ""))
            elif tag in _BELOW_MERGES:
                raise _Enough
            return
        if tag == "row":  # a million empty ones are counted, and no more
            self.rows += 1
            if self.rows > MOST_ROWS:
                raise self.bad(f"has more than {MOST_ROWS} rows")
            self.number = _number(given) if (given := attributes.get("r")) else self.number + 1
            self.column = 0
            if self.cells:
                self.cells = {}
        elif tag == "c":
            self._cell(attributes)
        elif tag == "v":
            self.into = self.value
        elif tag == "f":
            self.into = self.formula
        else:
            self.inside.start(tag, attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        self.marked += 1
        if self.marked > _MARKED:
            raise self.bad(f"has more than {_MARKED} cells")
        found = _COLUMN.match(attributes.get("r", ""))
        self.column = _column(found[0]) if found else self.column + 1
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.value.clear()
        self.formula.clear()

    def _merge(self, ref: str) -> None:
        found = _MERGED.fullmatch(ref)
        if found and found[2] != found[4] and len(self.merges) < _MERGES:
            self.merges.append((_column(found[1]), _number(found[2]), _number(found[4])))

    def spread(self) -> None:
        """What merged cells show stands in the uppermost row only: it holds for those below too."""
        rows = {row.number: row for row in self.sheet.rows} if self.merges else {}
        for column, first, last in self.merges:
            shown = rows[first].cells[column - 1] if first in rows and column <= len(rows[first].cells) else ""
            for number in range(first + 1, min(last, first + _TALLEST) + 1) if shown else ():
                if number in rows:
                    self.sheet.merged[number, column - 1] = shown
            if len(self.sheet.merged) > _SPREAD:
                return

    def text(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)
        else:
            self.inside.text(text)

    def end(self, tag: str) -> None:
        if ":" in tag:
            tag = _bare(tag)
        if tag == "row":
            if self.cells:
                self._keep()
        elif tag == "c":
            text = self._shown()
            if text and not text.isspace():
                if self.column > MOST_COLUMNS:
                    raise self.bad(f"has more than {MOST_COLUMNS} columns")
                self.cells[self.column] = text
        elif tag in {"v", "f"}:
            self.into = None
        elif tag == "sheetData":
            self.past = True
        elif tag == "mergeCells":
            raise _Enough
        else:
            self.inside.end(tag)

    def _keep(self) -> None:
        width = max(self.cells)
        row = tuple(self.cells.get(column, "") for column in range(1, width + 1))
        if problem := self.sheet.add(Row(self.number, row)):
            raise self.bad(problem)

    def _shown(self) -> str:
        """What the cell shows."""
        value = "".join(self.value)
        if self.kind == "inlineStr":
            return self.inside.take() or value
        if self.kind == "s":
            place = _number(value, missing=-1)
            return self.book.texts[place] if 0 <= place < len(self.book.texts) else ""
        if not value:
            return f"={''.join(self.formula)}" if self.formula else ""
        if self.kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if self.kind == "n":
            return self._figure(value)
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value

    def _figure(self, value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        style = _number(self.style)
        if style in self.book.dates and 0 <= number < 2_958_466:
            return _date(number, since_1904=self.book.since_1904)
        if style in self.book.percents:
            return f"{_plain(number * 100 if abs(number) < 1e12 else number)}%"
        return _plain(number)

    def bad(self, what: str) -> BadFile:
        return self.book.archive.bad(f"sheet {self.sheet.name!r} {what}")


def _bare(tag: str) -> str:
    return tag.rpartition(":")[2]


def _number(text: str | None, missing: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else missing


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _plain(number: float) -> str:
    """2 for 2.0, and fifteen digits as Excel shows them: 2.6 for 2.6000000000000001."""
    if number != number or abs(number) == float("inf"):
        return str(number)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(Decimal(f"{number:.15g}"), "f") if 1e-9 < abs(number) < 1e21 else f"{number:.15g}"


def _is_date(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", code).lower()
    return "general" not in bare and re.search(r"[dmyhs]", bare) is not None and not re.search(r"[0#?]", bare)


def _date(number: float, *, since_1904: bool) -> str:
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  (a sheet knows no zone)
    moment = first + timedelta(seconds=round(number * 86_400))
    if number < 1 and not since_1904:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M}"
