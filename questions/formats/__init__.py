"""Bank files that are read and written: `read_any` finds out what a file is, `WRITTEN` names what can be written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, assert_never

from questions.bank import Bank, Question
from questions.errors import BadFile, Problem
from questions.formats.incoming import LARGEST, Incoming, Loss
from questions.texts import Lang

ReadFormat = Literal["json", "csv", "xlsx", "gift", "aiken", "moodle_xml", "apkg"]
WrittenFormat = Literal["json", "csv", "xlsx", "gift", "aiken", "moodle_xml"]
_Reader = Callable[[bytes, str], Incoming]


@dataclass(frozen=True, slots=True)
class Written:
    """A format that a bank can be written in."""

    name: WrittenFormat
    suffix: str
    type: str  # of the download
    both_languages: bool


WRITTEN: dict[WrittenFormat, Written] = {
    one.name: one
    for one in (
        Written("json", ".json", "application/json", True),
        Written("csv", ".csv", "text/csv; charset=utf-8", True),
        Written("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", True),
        Written("gift", ".gift", "text/plain; charset=utf-8", False),
        Written("moodle_xml", ".xml", "application/xml", False),
        Written("aiken", ".txt", "text/plain; charset=utf-8", False),
    )
}

_HEAD = 256 * 1024  # bytes that are looked at
_SOMETHING = re.compile(rb"[^\x00 \t\r\n]")  # searched where it lies: no second copy of a large file
_ENDINGS: dict[str, tuple[ReadFormat, ...]] = {
    "json": ("json",),
    "csv": ("csv",),
    "tsv": ("csv",),
    "tab": ("csv",),
    "gift": ("gift",),
    "aiken": ("aiken",),
    "xml": ("moodle_xml",),
}
_TEXTS: tuple[ReadFormat, ...] = ("csv", "gift", "aiken")
_AIKEN = re.compile(r"^[ \t]*(ANSWER|الإجابة|الاجابة|الجواب)[ \t]*[:：][ \t]*\S", re.MULTILINE | re.IGNORECASE)
_GIFT = re.compile(r"^[ \t]*(::|\$CATEGORY:|//)|(?<!\\)\{\s*(\}|#|[=~]|T\s*[}#]|F\s*[}#]|TRUE|FALSE)", re.MULTILINE)
_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls) or one with a password; save it as .xlsx without one"),
    (b"%PDF", "is a PDF; the questions are wanted as a sheet or as text"),
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
    (b"7z\xbc\xaf", "is packed with 7z; unpack it first"),
    (b"Rar!", "is packed with RAR; unpack it first"),
    (b"SQLite format 3", "is a bare database; export it from Anki as a package (.apkg)"),
    (b"{\\rtf", "is a Rich Text document; save it as plain text"),
)


def read_any(data: bytes, filename: str) -> Incoming:
    """Read a file of any format, by what is in it first and by its ending second.

    Raises BadFile with what each format that was tried had to say.
    """
    if len(data) > LARGEST:
        raise BadFile([Problem(filename, "", f"is larger than {LARGEST // 2**20} MiB")])
    if not data[:_HEAD].strip(b"\x00 \t\r\n\xef\xbb\xbf") and not _SOMETHING.search(data, _HEAD):
        raise BadFile([Problem(filename, "", "is empty")])
    problems: list[Problem] = []
    empty: Incoming | None = None
    for place, name in enumerate(_candidates(data, filename)):
        try:
            incoming = _reader(name)(data, filename)
        except BadFile as refusal:
            problems += [
                Problem(one.file, ", ".join(filter(None, (name, one.where))), one.what) for one in refusal.problems
            ]
            continue
        if incoming.questions:
            return incoming
        if place == 0:  # what it most likely is, but nothing in it came in
            empty = incoming
    if empty is not None:
        return empty
    raise BadFile(problems)


def write(bank: Bank, name: WrittenFormat, lang: Lang) -> bytes:
    """The live questions of a bank in a format; `lang` is the language of what holds but one, and of headings."""
    from questions.formats import aiken, bank_json, gift, moodle_xml, table_out

    match name:
        case "json":
            return bank_json.dump(bank).encode()
        case "csv":
            return table_out.write_csv(bank, lang)
        case "xlsx":
            return table_out.write_xlsx(bank, lang)
        case "gift":
            return gift.write(bank, lang)
        case "moodle_xml":
            return moodle_xml.write(bank, lang)
        case "aiken":
            return aiken.write(bank, lang)
    assert_never(name)


def losses(question: Question, name: WrittenFormat, lang: Lang) -> tuple[Loss, ...]:
    """What of a question the format cannot carry."""
    from questions.formats import aiken, gift, moodle_xml, table_out

    match name:
        case "json":
            return ()
        case "csv" | "xlsx":
            return table_out.losses(question, lang)
        case "gift":
            return gift.losses(question, lang)
        case "moodle_xml":
            return moodle_xml.losses(question, lang)
        case "aiken":
            return aiken.losses(question, lang)
    assert_never(name)


def _candidates(data: bytes, filename: str) -> tuple[ReadFormat, ...]:
    """The formats that the file may be in, the likeliest first."""
    for magic, what in _STRANGERS:
        if data.startswith(magic):
            raise BadFile([Problem(filename, "", what)])
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if data.startswith(b"PK"):
        return _zipped(data, filename, ending)
    head = _head(data)
    start = head.lstrip()[:200]
    if re.match(r"<(\?xml|!|quiz\b|question\b)", start) or (
        start.startswith("<") and ending not in {"gift", "txt", "aiken"}
    ):
        return ("moodle_xml",)
    by_ending = _ENDINGS.get(ending, ())
    if start.startswith(("{", "[")) and ("json" in by_ending or re.match(r'[{\[]\s*["{\[\]}]', start)):
        return ("json",) if "json" in by_ending else ("json", *_TEXTS)
    likely: list[ReadFormat] = []
    if _AIKEN.search(head):
        likely.append("aiken")
    if _GIFT.search(head):
        likely.append("gift")
    if ending in {"txt", "text", "md", ""} and likely:
        by_ending = ()
    return tuple(dict.fromkeys((*by_ending, *likely, *_TEXTS)))


def _head(data: bytes) -> str:
    """The beginning as text, near enough to see what it is."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


def _zipped(data: bytes, filename: str, ending: str) -> tuple[ReadFormat, ...]:
    from questions.formats.archive import Archive

    archive = Archive(data, filename)
    entries = {entry.lower() for entry in archive.entries}
    if any(entry.startswith("collection.anki") for entry in entries):
        return ("apkg",)
    if any(entry.endswith("workbook.xml") for entry in entries):
        return ("xlsx",)
    if ending in {"apkg", "colpkg", "xlsx", "xlsm"}:
        return ("apkg",) if ending in {"apkg", "colpkg"} else ("xlsx",)
    if "content.xml" in entries:
        raise archive.bad("is a LibreOffice document; save it as .xlsx")
    if "word/document.xml" in entries:
        raise archive.bad("is a Word document; the questions are wanted as a sheet or as text")
    raise archive.bad("is a zip archive, but neither an Excel workbook nor an Anki package")


def _reader(name: ReadFormat) -> _Reader:
    from questions.formats import aiken, apkg, bank_json, gift, moodle_xml, tables

    readers: dict[ReadFormat, _Reader] = {
        "json": bank_json.read,
        "csv": tables.read_csv,
        "xlsx": tables.read_xlsx,
        "gift": gift.read,
        "aiken": aiken.read,
        "moodle_xml": moodle_xml.read,
        "apkg": apkg.read,
    }
    return readers[name]
