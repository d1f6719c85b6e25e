"""CSV and Excel in: our own layout, Kahoot's and Blooket's templates, and the plain sheets that people make.

One row is one question. README.md beside this file lists the columns; table_out.py writes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from questions.errors import BadFile, Problem
from questions.formats.columns import MOST_ABOVE, Column, Field, Header, find_header
from questions.formats.csv_rows import read_rows
from questions.formats.incoming import Incoming, Place, Reading, language_of
from questions.formats.markup import to_plain
from questions.formats.sheet import Row, Sheet
from questions.formats.table_cells import Cells, cells_of, says_something
from questions.formats.table_options import KeyStyle, option_texts
from questions.formats.table_rows import take
from questions.formats.xlsx_rows import read_sheets
from questions.normalise import normalise

_NUMBER = re.compile(r"[0-9\u0660-\u0669]{1,4}[.)]?")
_LETTER = re.compile(r"[A-Ha-h\u0623\u0627\u0628\u062c\u062f\u0647][.)]?")
_INSTRUCTION = re.compile(r"^text of the question|\(required|^نص السؤال هنا", re.IGNORECASE)
_SHARED: frozenset[Field] = frozenset(("topic", "topic-name", "tags", "difficulty", "kind"))  # by several rows
_TOLD = {
    "tags column": Column("tags"),
    "deck column": Column("topic-name"),
    "guid column": Column("number"),
    "notetype column": Column("number", 1),
}


def read_csv(data: bytes, name: str) -> Incoming:
    """Raises BadFile for what is no text or no table of questions."""
    sheet = read_rows(data, name)
    return _read([sheet], "csv", name)


def read_xlsx(data: bytes, name: str) -> Incoming:
    """Raises BadFile for what is no workbook, or holds no table of questions."""
    return _read(read_sheets(data, name), "xlsx", name)


def _read(sheets: list[Sheet], form: str, name: str) -> Incoming:
    unread, sheets = [sheet for sheet in sheets if sheet.unread], [sheet for sheet in sheets if not sheet.unread]
    headers = [_of_notes(sheet) if sheet.anki else find_header(_filled(sheet)) for sheet in sheets]
    if not any(headers):
        headers = [_guessed(sheet.rows) for sheet in sheets]
    if not any(headers):
        raise BadFile(
            [Problem(name, "", "holds no table of questions: no row of headings, no rows of question and answer")]
        )
    origins = {header.origin for header in headers if header} - {"other", "qimma"}
    reading = Reading(origins.pop() if len(origins) == 1 else form)
    for sheet, header in zip(sheets, headers, strict=True):
        title = sheet.name if len(sheets) > 1 else ""
        if header is not None:
            _take_sheet(reading, sheet, header, title, name)
        else:
            reading.remark(Place("row", 1, title), "not-understood", f"{len(sheet.rows)} rows")
    for sheet in unread:
        reading.remark(Place("row", 1, sheet.name), sheet.unread or "hidden-sheet", sheet.name)
    return reading.done()


def _filled(sheet: Sheet) -> list[Row]:
    """The rows among which the headings stand, with what cells merged over two rows show in the lower one."""
    rows = sheet.rows[:MOST_ABOVE]
    places = sorted({place for _, place in sheet.merged})
    return [_with_merged(row, sheet, places) for row in rows]


def _with_merged(row: Row, sheet: Sheet, places: Iterable[int]) -> Row:
    cells = list(row.cells)
    for place in places:
        if shown := sheet.merged.get((row.number, place), ""):
            cells += [""] * (place + 1 - len(cells))
            cells[place] = cells[place] or shown
    return Row(row.number, tuple(cells))


def _take_sheet(reading: Reading, sheet: Sheet, header: Header, title: str, name: str) -> None:
    if sheet.encoding:
        reading.remark(Place("row", 1, title), "encoding", sheet.encoding)
    above = [row for row in sheet.rows if row.number < header.row.number]
    if above:
        reading.remark(Place("row", above[0].number, title), "example", f"rows {above[0].number}-{above[-1].number}")
    below = [row for row in sheet.rows if row.number > header.row.number]
    if sheet.merged:  # a topic that stands beside several rows
        shared = [place for place, column in header.columns.items() if column.field in _SHARED]
        below = [_with_merged(row, sheet, shared) for row in below]
    if header.row.number == 0 and not sheet.anki:
        reading.remark(Place("row", 1, title), "no-headings")
    style, doubtful = _key_style(below, header)
    if doubtful is not None:
        reading.remark(Place("row", doubtful.number, title), "ambiguous-key", _said(cells_of(doubtful, header))[:80])
    usual = language_of(" ".join(cell for row in below[:300] for cell in row.cells)[:50_000])
    unclosed = set(sheet.unclosed)
    empty: list[int] = []
    for count, row in enumerate(below, start=1):
        reading.count(name, count)
        cells = cells_of(row, header, title, usual)
        if row.number in unclosed:
            reading.refuse(cells.place, "not-closed", '"')
        elif not says_something(cells) or _INSTRUCTION.search(cells.one("stem")[:80]):
            empty.append(row.number)
        else:
            take(reading, cells, header, style)
            _tell_of_strangers(reading, row, header, cells.place)
    if empty:
        reading.remark(Place("row", empty[0], title), "example", f"{len(empty)} rows")


def _tell_of_strangers(reading: Reading, row: Row, header: Header, place: Place) -> None:
    """A column that nobody here knows is told of once, where it first holds something."""
    for at, cell in enumerate(row.cells):
        if at not in header.columns and cell.strip():
            name = header.row.cells[at].strip() if at < len(header.row.cells) else ""
            if name or not (at == 0 and _NUMBER.fullmatch(cell.strip())):
                reading.lost(place, "column", name[:40] or str(at + 1))


def _said(cells: Cells) -> str:
    return cells.one("key") or cells.one("answer")


def _key_style(rows: list[Row], header: Header) -> tuple[KeyStyle, Row | None]:
    """How the sheet names the right option: what fits most rows, since "2" may be a number and an option's text.

    With a row that reads both ways, where no other shows which is meant.
    """
    if header.origin != "other":
        return "number", None
    fits: Counter[str] = Counter()
    digits: list[tuple[int, int]] = []  # what is said, and how many options there are
    doubtful: Row | None = None
    for row in rows[:2000]:
        cells = cells_of(row, header)
        said, options = _said(cells), option_texts(cells)
        if said and options:
            named = normalise(re.sub(r"[.,]0+$", "", said))
            by_number = named.isdigit() and int(named[:3]) <= len(options)
            by_text = said in options
            if named.isdigit():
                digits.append((int(named[:3]), len(options)))
            if by_number != by_text:
                fits["number" if by_number else "text"] += 1
            elif by_number and named != "0" and options[int(named[:3]) - 1] != said:
                doubtful = doubtful or row
    if fits["text"] > fits["number"]:
        return "text", None
    if any(said == 0 for said, _ in digits) and all(said < most for said, most in digits):
        return "from-zero", None
    if fits["number"] or doubtful is None:
        return "number", None
    return "text", doubtful


def _of_notes(sheet: Sheet) -> Header:
    """The columns of notes that Anki exported as text: front, back, the rest; their tags and decks where it says so."""
    if sheet.anki.get("html") == "true":
        sheet.rows = [Row(row.number, tuple(to_plain(cell)[0] for cell in row.cells)) for row in sheet.rows]
    told = {name: int(place) - 1 for name, place in sheet.anki.items() if place.isdigit() and len(place) < 3}
    columns: dict[int, Column] = {told[name]: column for name, column in _TOLD.items() if name in told}
    rest = [place for place in range(8) if place not in columns]
    if (tags := told.get("tags column")) is not None:  # a word is a tag
        sheet.rows = [Row(row.number, _with_tags(row.cells, tags)) for row in sheet.rows]
    columns |= dict(zip(rest, (Column("stem"), Column("answer"), Column("feedback")), strict=False))
    return Header(Row(0, ()), columns, "other")


def _with_tags(cells: tuple[str, ...], place: int) -> tuple[str, ...]:
    return tuple(";".join(cell.split()) if at == place else cell for at, cell in enumerate(cells))


def _guessed(rows: list[Row]) -> Header | None:
    """What the columns hold in a sheet without headings: the question, its right answer, wrong ones; or the question,
    its options, and last the number or letter of the right one.
    """
    sample = [row.cells for row in rows[:200]]
    numbered = bool(sample) and all(_NUMBER.fullmatch(cells[0].strip()) for cells in sample if cells[0].strip())
    first = 1 if numbered and any(len(cells) > 2 for cells in sample) else 0
    widths = Counter(len(cells) - first for cells in sample if len(cells) - first > 1)
    if not widths or widths.total() < 0.6 * len(sample):
        return None
    stems = [cells[first] for cells in sample if len(cells) > first + 1]
    if sum(len(stem) > 3 for stem in stems) < 0.6 * len(stems):
        return None
    width = max(widths)
    columns = {first: Column("stem")}
    if width > 3 and sum(_names_an_option(cells[first:]) for cells in sample) > 0.7 * len(sample):
        last = max(widths, key=lambda one: (widths[one], one)) - 1
        columns |= {first + place: Column("option", place) for place in range(1, last)}
        columns[first + last] = Column("key")
    else:
        columns[first + 1] = Column("answer")
        columns |= {first + place: Column("wrong", place - 1) for place in range(2, width)}
    return Header(Row(0, ()), columns, "other")


def _names_an_option(cells: tuple[str, ...]) -> bool:
    if not cells:
        return False
    last = cells[-1].strip()
    options = [cell.strip() for cell in cells[1:-1]]
    return last in options or bool(_NUMBER.fullmatch(last) or _LETTER.fullmatch(last))
