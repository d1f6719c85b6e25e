"""What a reader of files found, and what a format cannot carry, in the words of the page's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from questions.errors import BadFile, Problem
from questions.formats.decoding import LARGEST_TEXT
from questions.formats.incoming import LARGEST, Code, Loss, Note, Place
from quiz.i18n import _, digits

MOST_PLACES = 12  # of one remark
LARGEST_MIB = LARGEST // 2**20
LARGEST_TEXT_MIB = LARGEST_TEXT // 2**20


def place(where: Place) -> str:
    words = {
        "line": _("line %(n)d", n=where.number),
        "row": _("row %(n)d", n=where.number),
        "entry": _("entry %(n)d", n=where.number),
        "note": _("note %(n)d", n=where.number),
    }
    return words[where.unit]


def code(name: Code) -> str:
    words: dict[Code, str] = {
        "no-question": _("there is no text that asks"),
        "no-answer": _("nothing says which answer is right"),
        "too-few-options": _("it has fewer than two options"),
        "same-options": _("two options read alike"),
        "bad-key": _("what is named as right is not among the options"),
        "bad-number": _("a number cannot be read"),
        "not-closed": _("a sign that opens something is never closed"),
        "not-understood": _("it does not read as a question"),
        "unsupported": _("this kind of question has no place here"),
        "description": _("a text that asks nothing"),
        "category": _("a heading, no question"),
        "example": _("an instruction or an empty row of a template"),
        "duplicate": _("the same question stands above"),
        "cleaned": _("invisible marks, stretched letters or markup were taken out"),
        "media-missing": _("a picture or sound is not in the file"),
        "media-refused": _("a picture or sound is too large, or of a kind that is not kept"),
        "weights": _("shares of the mark were rounded"),
        "lost": _("this has no place here and was left out"),
        "retired": _("it is retired where the file comes from"),
        "ambiguous-key": _("what is named as right may be meant as a number or as a text: it was read as a text"),
        "no-headings": _(
            "there are no headings: the first column was read as the question, the others by what they hold"
        ),
        "hidden-sheet": _("a hidden sheet was not read"),
        "more-sheets": _("a sheet beyond the thirtieth was not read"),
        "encoding": _("the text is not in UTF-8; it was read in another encoding"),
    }
    return words.get(name, name)


def loss(name: Loss) -> str:
    words: dict[Loss, str] = {
        "left-out": _("the question itself: this format has no such kind"),
        "other-language": _("the other language"),
        "media": _("pictures and sounds"),
        "feedback": _("the sentence that says why"),
        "option-feedback": _("what is said of single options"),
        "sources": _("sources"),
        "facts": _("the facts behind it"),
        "topic": _("the topic"),
        "tags": _("tags"),
        "difficulty": _("difficulty"),
        "weight": _("whether it is core or detail"),
        "not-with": _("with which questions it is never asked"),
        "fixed-order": _("that its options keep their order"),
        "shares": _("shares of the mark (left out or rounded)"),
        "answer-type": _("that its answer is a date, a number or a name"),
        "accepted": _("further accepted answers"),
        "rivals": _("which answers are never taken for a slip"),
        "lines": _("line breaks"),
        "emphasis": _("emphasis"),
    }
    return words.get(name, name)


def _lost(name: str) -> str | None:
    words = {
        "title": _("the name that only teachers see"),
        "text": _("words before the first answer"),
        "language": _("a text in another language"),
        "long-text": _("the end of a very long text"),
        "picture-place": _("where in the text a picture stood"),
        "wildcard": _("the star that stands for any letters"),
        "answer-feedback": _("what is said of single answers"),
        "overall-feedback": _("what is said of a whole attempt"),
        "hints": _("hints"),
        "penalty": _("the penalty for further tries"),
        "unit-penalty": _("the penalty for a wrong unit"),
        "grade": _("the mark of the question"),
        "hidden": _("that it was hidden"),
        "case": _("that capital letters count"),
        "template": _("the text to begin an answer with"),
        "some-items": _("that only some of the items are asked"),
        "idnumber": _("the number of a category"),
        "time-limit": _("time limits"),
        "points": _("points"),
        "difficulty": _("a difficulty on another scale"),
        "kind": _("the name of a kind"),
        "column": _("a column"),
        "other-cards": _("further cards of a note, such as the reversed one"),
        "answer-media": _("pictures and sounds of an answer"),
        "sources": _("sources"),
    }
    return words.get(name)


def _detail(text: str) -> str | None:
    """What readers say of a place in words of their own."""
    words = {
        "a pair without its right side": _("a pair without its right side"),
        "an empty option": _("an empty option"),
        "two right sides": _("two right sides"),
        "no gap": _("it has no gap"),
        "it has no gap": _("it has no gap"),
        "several answers in braces": _("several answers in braces"),
        "image occlusion": _("a picture with covered parts"),
        "cloze": _("a text with gaps"),
        "no type": _("no kind is named"),
        "its id stands above": _("its id stands above"),
        "its note type is missing": _("its note type is missing"),
        "more than 200 gaps": _("more than 200 gaps"),
        "a right side that belongs to none is also another's": _("a side that belongs to none is also another's"),
    }
    if text in words:
        return words[text]
    found = next((found for pattern in _COUNTED if (found := pattern.search(text))), None)
    return _counted(found.re, found["n"]) if found else None


_GAPS, _LETTERS, _ROWS_OF_ONE, _LINES, _ROWS = _COUNTED = (
    re.compile(r"(?:^|, )(?P<n>\d+) gaps$"),
    re.compile(r"(?:at most|more than) (?P<n>\d+) (?:characters|letters)"),
    re.compile(r"Tuple should have at most (?P<n>\d+) items"),
    re.compile(r"^longer than (?P<n>\d+) lines$"),
    re.compile(r"^(?:rows )?(?P<n>\d+(?:-\d+)?)(?: rows)?$"),
)


def _counted(what: re.Pattern[str], number: str) -> str:
    words = {
        _GAPS: _("gaps: %(n)s", n=number),
        _LETTERS: _("a text is longer than %(n)s letters", n=number),
        _ROWS_OF_ONE: _("more than %(n)s options, items or pairs", n=number),
        _LINES: _("longer than %(n)s lines", n=number),
        _ROWS: _("rows: %(n)s", n=number),
    }
    return words[what]


# Codes whose detail is the file's own words alone: "4" is what a cell says, not how many rows.
_QUOTED = frozenset(("ambiguous-key", "bad-key", "bad-number", "same-options", "not-closed", "media-missing"))


@dataclass(frozen=True, slots=True)
class Line:
    """Notes that say the same, with the places of which they say it."""

    what: str
    detail: str  # in the page's language, or ""
    quoted: str  # the file's own words, or ""
    places: tuple[tuple[str, str], ...]  # (place, what the file calls it)
    more: int  # places that are not listed


def lines(notes: Sequence[Note], *, together: bool) -> list[Line]:
    """One line for each note; `together`: one for those that say the same."""
    groups: dict[object, list[Note]] = {}
    for number, note in enumerate(notes):
        groups.setdefault((note.code, note.detail) if together else number, []).append(note)
    return [_line(group) for group in groups.values()]


def _line(group: list[Note]) -> Line:
    note = group[0]
    detail, quoted = "", note.detail
    if note.code == "lost":
        name, _colon, quoted = note.detail.partition(": ")
        known = _lost(name)
        detail, quoted = (known, quoted) if known else ("", note.detail)
    elif note.code == "duplicate":
        unit, _space, number = note.detail.partition(" ")[0], "", re.search(r"\d+", note.detail)
        if number and unit in {"line", "row", "entry", "note"}:
            detail, quoted = place(Place(unit, int(number[0]))), ""  # type: ignore[arg-type]  # looked at above
    elif note.code not in _QUOTED:
        known = _detail(note.detail)
        detail, quoted = (known, "") if known else ("", note.detail)
    places = tuple((place(one.place), one.place.name) for one in group[:MOST_PLACES])
    return Line(code(note.code), detail, quoted, places, max(len(group) - MOST_PLACES, 0))


# ---------------------------------------------------------------- a file that is refused as a whole


def problems(refusal: BadFile) -> list[tuple[str, str]]:
    """(what is wrong in words, what exactly in the reader's own words), each once."""
    found: Mapping[tuple[str, str], None] = dict.fromkeys((_problem(one), _exactly(one)) for one in refusal.problems)
    return list(found)


_PROBLEMS = (
    (r"is larger than|unpacks to more|holds more than|has more than|has a line of more|holds too many", "large"),
    (r"is empty", "empty"),
    (r"is not UTF|is not text|is in no encoding", "encoding"),
    (r"locked with a password|or one with a password", "password"),
    (r"points outside", "outside"),
    (r"DTD or entities", "entities"),
    (r"PDF|gzip|7z|RAR|Rich Text|LibreOffice|Word document|bare database|old Excel", "other-program"),
    (r"not a whole zip|cut short|damaged|not sound XML|is not XML|is not JSON", "damaged"),
)


def _problem(one: Problem) -> str:
    words = {
        "large": _("The file is too large, or says that it is."),
        "empty": _("The file is empty."),
        "encoding": _("The file is no readable text: it is best saved in UTF-8."),
        "password": _("The file is locked with a password."),
        "outside": _("The archive names a place outside of itself."),
        "entities": _("The file defines entities of its own, which no bank needs."),
        "other-program": _("This kind of file cannot be read: it is best saved as a sheet (.xlsx, .csv) or as text."),
        "damaged": _("The file is damaged, or only half of it is there."),
    }
    name = next((name for pattern, name in _PROBLEMS if re.search(pattern, one.what)), None)
    return words[name] if name else _("This does not read as a file of questions of any kind that is known here.")


def _exactly(one: Problem) -> str:
    return ": ".join(part for part in (one.where, one.what) if part)[:300]


# ---------------------------------------------------------------- a bank that cannot leave


def unfit(one: Problem) -> str:
    """Why a text cannot stand in a file that we write."""
    words = {
        "control": _("It holds a control character, which the file cannot keep."),
        "unseen": _("It holds nothing that can be seen."),
        "anki-gap": _("It holds a gap as Anki writes it, which would stand there as it is."),
        "blank": _("A blank is missing, or stands where none may be."),
        "media": _("The picture or sound is missing."),
    }
    return words.get(one.code, one.what)


# ---------------------------------------------------------------- formats


def format_name(name: str) -> str:
    words = {
        "json": _("Qimma's own bank file (JSON)"),
        "csv": _("Sheet as text (CSV)"),
        "xlsx": _("Excel sheet (XLSX)"),
        "gift": "GIFT",
        "moodle_xml": _("Moodle XML"),
        "aiken": "Aiken",
        "kahoot": "Kahoot",
        "blooket": "Blooket",
        "apkg": _("Anki package"),
        "anki": _("Anki deck"),
        "handout": _("Handout to print, with its answers"),
    }
    return words.get(name, name)


def use_of(kind: str) -> str:
    """What a kind of file is for."""
    words = {
        "json": _("Everything, to keep or to bring in elsewhere."),
        "csv": _("For Excel and other sheets; both languages beside each other."),
        "xlsx": _("The same as a workbook."),
        "gift": _("For Moodle and others; one language a file."),
        "moodle_xml": _("For Moodle, with pictures; one language a file."),
        "aiken": _("Plain text; multiple choice only."),
        "anki": _("For learning in Anki; both languages on the cards."),
        "handout": _("A test on paper in one language; the answers on a page of their own."),
    }
    return words[kind]


def size(count: int) -> str:
    return digits(f"{count / 2**20:.1f}")
