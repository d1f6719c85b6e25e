"""A row of a sheet by what its columns hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from questions.formats.cells import unguarded
from questions.formats.columns import Column, Field, Header
from questions.formats.incoming import Code, Place, language_of
from questions.formats.markup import clean
from questions.formats.sheet import Row
from questions.texts import LANGS, Lang


class Refused(Exception):
    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Cells:
    """A row by what its columns hold."""

    place: Place
    by_column: dict[Column, str]
    lang: Lang = "en"
    cleaned: bool = False
    _fields: set[Field] = field(default_factory=set)

    def one(self, name: Field, number: int = 0) -> str:
        """The cell in whichever language it has."""
        for lang in (None, self.lang, *LANGS):
            if text := self.by_column.get(Column(name, number, lang)):
                return text
        return ""

    def texts(self, name: Field, number: int = 0) -> dict[str, str]:
        """The cell by language; a column that names none is in the language of the question."""
        found: dict[str, str] = {}
        for lang in LANGS:
            if text := self.by_column.get(Column(name, number, lang)):
                found[lang] = text
        if text := self.by_column.get(Column(name, number)):
            found.setdefault(self.lang, text)
        return found

    def count(self, name: Field) -> int:
        return max((column.number for column in self.by_column if column.field == name), default=0)

    def has(self, *names: Field) -> bool:
        return any(column.field in names for column in self.by_column)


def cells_of(row: Row, header: Header, sheet: str = "", usual: Lang = "en") -> Cells:
    """The cells that hold something, without apostrophes of safety, bidi marks and tatweel.

    `usual` is the language of a question that has no letters.
    """
    found: dict[Column, str] = {}
    cleaned = False
    for at, column in header.columns.items():
        if at < len(row.cells) and (raw := row.cells[at].replace("\r\n", "\n").strip()):
            text, changed = clean(unguarded(raw))
            cleaned = cleaned or changed
            if text.strip():
                found[column] = text.strip()
    out = Cells(Place("row", row.number, sheet), found, cleaned=cleaned)
    stem = out.one("stem")
    out.lang = language_of(stem) if any(char.isalpha() for char in stem) else usual
    return out


def says_something(row: Cells) -> bool:
    """Whether a row is more than a number, a time or a kind that a template was filled with."""
    return row.has(
        "stem", "option", "wrong", "answer", "options", "left", "accepted", "feedback", "option-feedback"
    ) or bool(row.one("key") and row.one("topic-name"))
