"""Our own layout as CSV or Excel: one row a question, both languages beside each other, and equal when read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import assert_never

from questions.bank import (
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OpenQuestion,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.formats import cells
from questions.formats.columns import LANGUAGE, OWN, Column, Field
from questions.formats.incoming import Loss
from questions.formats.table_rows import TAG_SIGNS
from questions.texts import LANGS, Bilingual, Lang

LARGEST_CELL = 32_767  # letters, in Excel
_Cells = dict[Column, str]

# A bank without questions is a sheet to fill in: these columns are always there.
_ALWAYS = (
    Column("id"),
    Column("kind"),
    Column("topic"),
    *(Column("topic-name", 0, lang) for lang in LANGS),
    *(Column("stem", 0, lang) for lang in LANGS),
    *(Column("option", number, lang) for number in (1, 2, 3, 4) for lang in LANGS),
    Column("key"),
    *(Column("answer", 0, lang) for lang in LANGS),
    Column("accepted"),
    *(Column("feedback", 0, lang) for lang in LANGS),
    Column("tags"),
    Column("difficulty"),
)
_LISTS: tuple[tuple[Field, Loss], ...] = (
    ("accepted", "accepted"),
    ("rivals", "rivals"),
    ("tags", "tags"),
    ("facts", "facts"),
    ("sources", "sources"),
    ("not-with", "not-with"),
)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDE = frozenset(("stem", "option", "feedback", "option-feedback", "answer", "accepted", "left"))


def write_csv(bank: Bank, lang: Lang = "en") -> bytes:
    """The live questions, with headings in `lang`, as Excel opens it: UTF-8 with its mark, commas."""
    out = io.StringIO(newline="")
    rows = [_cells(bank, question) for question in bank.live]
    csv.writer(out).writerows(_table(rows, _columns(rows), lang))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(bank: Bank, lang: Lang = "en") -> bytes:
    """The live questions as a workbook of one sheet, all of it text."""
    from openpyxl import Workbook  # here, since it would be a tenth of every start

    book = Workbook(write_only=True)
    sheet = book.create_sheet({"en": "Questions", "ar": "الأسئلة"}[lang])
    sheet.freeze_panes = "A2"
    sheet.sheet_view.rightToLeft = lang == "ar"
    rows = [_cells(bank, question) for question in bank.live]
    columns = _columns(rows)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[_letters(number)].width = 40 if column.field in _WIDE else 16
    for row in _table(rows, columns, lang):
        sheet.append([_for_excel(text) if text else None for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    """What does not come back from a sheet: pictures and sounds, and lists longer than a cell of Excel."""
    found: list[Loss] = ["media"] if question.media else []
    row = _own_cells(question)
    found += [loss for name, loss in _LISTS if len(row.get(Column(name), "")) > LARGEST_CELL]
    return tuple(found)


def heading(column: Column, lang: Lang) -> str:
    at = 0 if lang == "en" else 1
    return OWN[column.field][at].format(column.number) + (LANGUAGE[column.lang][at] if column.lang else "")


def _table(rows: list[_Cells], columns: list[Column], lang: Lang) -> Iterator[list[str]]:
    yield [heading(column, lang) for column in columns]
    for row in rows:
        yield [cells.guarded(row.get(column, "")) for column in columns]


def _for_excel(text: str) -> str:
    """Text without what XML cannot hold, and without what Excel would read as an escape."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", _NOT_XML.sub("", text)[:LARGEST_CELL])


def _columns(rows: list[_Cells]) -> list[Column]:
    """The columns that hold something, in the order of the layout; what belongs to an option stands with it."""
    used = {column for row in rows for column, text in row.items() if text} | set(_ALWAYS)
    order = {name: at for at, name in enumerate(OWN)}
    of_options = {name for name, (english, _) in OWN.items() if "{}" in english}

    def rank(column: Column) -> tuple[int, int, int, int]:
        at = order["option"] if column.field in of_options else order[column.field]
        return at, column.number, order[column.field], 0 if column.lang is None else LANGS.index(column.lang)

    return sorted(used, key=rank)


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cells(bank: Bank, question: Question) -> _Cells:
    row = _own_cells(question)
    for topic in bank.topics:
        if topic.id == question.topic:
            _put(row, "topic-name", topic.name)
    return row


def _own_cells(question: Question) -> _Cells:
    row: _Cells = {
        Column("id"): question.id,
        Column("kind"): question.kind,
        Column("topic"): question.topic or "",
        Column("tags"): cells.joined(question.tags, TAG_SIGNS),
        Column("weight"): question.weight,
        Column("difficulty"): repr(question.difficulty),
        Column("facts"): cells.joined(question.facts),
        Column("sources"): cells.sources_cell(question.sources),
        Column("not-with"): cells.joined(question.not_with),
    }
    _put(row, "stem", question.stem)
    _put(row, "feedback", question.feedback)
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            _put_options(row, question)
        case TrueFalseQuestion():
            row[Column("key")] = "true" if question.key else "false"
        case TypedQuestion() | ClozeQuestion():
            _put(row, "answer", question.answer)
            row[Column("accepted")] = cells.accepted_cell(question.accepted)
            row[Column("ranges")] = cells.ranges_cell(question.ranges)
            row[Column("answer-type")] = question.answer_type
            row[Column("value")] = question.value or ""
            row[Column("rivals")] = cells.joined(question.rivals)
        case OrderingQuestion():
            for number, item in enumerate(question.items, start=1):
                _put(row, "option", item.text, number)
                row[Column("option-id", number)] = item.id
        case MatchingQuestion():
            for number, pair in enumerate(question.pairs, start=1):
                _put(row, "left", pair.left, number)
                _put(row, "option", pair.right, number)
                row[Column("option-id", number)] = pair.id
            for number, item in enumerate(question.extra, start=len(question.pairs) + 1):
                _put(row, "option", item.text, number)
                row[Column("option-id", number)] = item.id
        case OpenQuestion():
            pass
        case _:
            assert_never(question)
    return row


def _put(row: _Cells, name: Field, text: Bilingual | None, number: int = 0) -> None:
    if text is not None:
        row |= {Column(name, number, lang): own for lang in LANGS if (own := text.get(lang))}


def _put_options(row: _Cells, question: ChoiceQuestion | MultiSelectQuestion) -> None:
    numbers = {option.id: str(number) for number, option in enumerate(question.options, start=1)}
    for number, option in enumerate(question.options, start=1):
        _put(row, "option", option.text, number)
        _put(row, "option-feedback", option.feedback, number)
        row[Column("option-id", number)] = option.id
        if option.weight is not None:
            row[Column("option-weight", number)] = repr(option.weight)
    keys = (question.key,) if isinstance(question, ChoiceQuestion) else question.keys
    row[Column("key")] = "; ".join(numbers[key] for key in keys)
    row[Column("fixed-order")] = "true" if question.fixed_order else ""
