"""A sheet as its rows, wherever they were read from, and how much of it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from questions.formats.incoming import Code

MOST_ROWS = 1_048_576  # as many as Excel has
MOST_WITH_TEXT = 50_000  # rows
MOST_CELLS = 600_000  # with text
MOST_COLUMNS = 512
_MOST_PLACES = 4_000_000  # cells, the empty ones between others too


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has something in it, and its number as a spreadsheet counts."""

    number: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Sheet:
    """A table: its rows, the older encoding that it was in, the rows whose quote never ends, what Anki says of it."""

    name: str = ""
    rows: list[Row] = field(default_factory=list)
    encoding: str = ""
    unclosed: list[int] = field(default_factory=list)
    anki: dict[str, str] = field(default_factory=dict)
    unread: Code | None = None  # why its rows are not here
    merged: dict[tuple[int, int], str] = field(default_factory=dict)  # what cells below others, merged with them, show
    _held: int = 0
    _places: int = 0

    def add(self, row: Row) -> str | None:
        """Keep a row. What there is too much of, when there is."""
        self._held += sum(map(bool, row.cells))
        self._places += len(row.cells)
        self.rows.append(row)
        if len(row.cells) > MOST_COLUMNS:
            return f"has more than {MOST_COLUMNS} columns (row {row.number})"
        if len(self.rows) > MOST_WITH_TEXT:
            return f"has more than {MOST_WITH_TEXT} rows with text"
        if self._held > MOST_CELLS or self._places > _MOST_PLACES:
            return f"has more than {MOST_CELLS} cells with text, or too many empty ones between them"
        return None
