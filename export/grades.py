"""Grades of a class as a table: CSV whose letters Excel reads, and XLSX. Nothing in them runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from questions.formats.cells import guarded


@dataclass(frozen=True, slots=True)
class Grade:
    """A student and a share of the whole mark in each column; None where there is none."""

    name: str
    number: str
    section: str
    shares: Sequence[float | None]


def _rows(heads: Sequence[str], grades: Sequence[Grade], maximum: float) -> list[list[str | float | None]]:
    rows: list[list[str | float | None]] = [list(heads)]
    for grade in grades:
        marks = [None if share is None else round(share * maximum, 2) for share in grade.shares]
        rows.append([grade.name, grade.number, grade.section, *marks])
    return rows


def grades_csv(heads: Sequence[str], grades: Sequence[Grade], maximum: float) -> bytes:
    """`heads` name the columns: student, number, section, then each assignment."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in _rows(heads, grades, maximum):
        writer.writerow([_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else f"{value:.10g}"


def grades_xlsx(
    heads: Sequence[str], grades: Sequence[Grade], maximum: float, *, title: str, right_to_left: bool
) -> bytes:
    from openpyxl import Workbook  # here, since it would be a tenth of every start
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  (a new book has one)
    sheet.title = "".join(char for char in title if char not in "[]:*?/\\'")[:31].strip() or "Qimma"
    sheet.sheet_view.rightToLeft = right_to_left
    for nr, row in enumerate(_rows(heads, grades, maximum), start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(nr, place)
            if isinstance(value, str):
                cell.value = value
                cell.data_type = "s"  # a text, also where it looks like a formula
            else:
                cell.value = value
            if nr == 1:
                cell.font = Font(bold=True)
    for place, width in enumerate((28, 14, 12), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
