"""What a reader of another tool's file gives: the questions that come in, and a note on every one that does not.

Imported + skipped + refused is what the file holds: nothing is lost without a word.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from questions.bank import QUESTION, Question, TopicName
from questions.errors import BadFile, Problem
from questions.texts import Bilingual, Lang

LARGEST = 64 * 1024 * 1024  # bytes of a file
LARGEST_INSIDE = 128 * 1024 * 1024  # bytes that an archive may unpack to
MOST = 100_000  # questions of a file

# Why something did not come in as it stood; pages put it into words of the reader's language.
Code = Literal[
    "no-question",  # no text that asks
    "no-answer",  # nothing says what is right
    "too-few-options",
    "same-options",  # two options read alike
    "bad-key",  # what is named as right is not among the options
    "bad-number",
    "not-closed",  # a bracket, a brace, an element is not closed
    "not-understood",
    "unsupported",  # a kind of question that has no place here; `detail` names it
    "description",  # a text that asks nothing
    "category",  # a heading that only sorts
    "example",  # an instruction or an empty row of a template
    "duplicate",  # a remark: the same question stands above; `detail` says where
    "cleaned",  # bidi marks, tatweel or HTML were taken out
    "media-missing",
    "media-refused",  # too large, or of a type that is not kept
    "weights",  # shares of the mark that had to be rounded
    "lost",  # a setting that has no place here; `detail` names it
    "retired",  # withdrawn where the file comes from
    "ambiguous-key",  # a remark: "2" may be a number and is the text of another option
    "no-headings",  # a remark: what the columns hold was guessed
    "hidden-sheet",  # of a workbook: not read
    "more-sheets",  # than are read
    "encoding",  # no UTF-8: read in another encoding; `detail` names it
]
# What "lost" names: `detail` is one of these, or one of these, ": " and the file's own words.
Lost = Literal[
    "title",  # the name that only teachers see
    "text",  # words before the first answer
    "language",
    "long-text",  # the end of one
    "picture-place",
    "wildcard",
    "answer-feedback",  # of single answers, where a question has one reason
    "overall-feedback",
    "hints",
    "penalty",
    "unit-penalty",
    "grade",
    "hidden",
    "case",
    "template",
    "some-items",  # that only a part of the items is asked
    "idnumber",  # of a category
    "time-limit",
    "points",
    "difficulty",  # on a scale that is not known here
    "kind",  # a name of a kind that is not known here: the cells said which it is
    "column",  # of a sheet, that is not known here
    "other-cards",  # of a note, such as its reversed one
    "answer-media",  # pictures and sounds of an answer
    "sources",
]
# What a format cannot carry of a question; pages put it into words before a download.
Loss = Literal[
    "left-out",  # there is no such question in that format: it is not written
    "other-language",
    "media",
    "feedback",
    "option-feedback",
    "sources",
    "facts",
    "topic",
    "tags",
    "difficulty",
    "weight",  # core or detail
    "not-with",
    "fixed-order",
    "shares",  # of the mark: left out, or rounded to what the format knows
    "answer-type",  # a date, a name or a number becomes words that are compared as they stand
    "accepted",  # further right answers
    "rivals",
    "lines",  # line breaks become spaces
    "emphasis",
]
Level = Literal["skipped", "refused", "remark"]
Unit = Literal["line", "row", "entry", "note"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: line 17, row 4 (counted from 1, the header too), entry 3 of a list, note 12 of a collection."""

    unit: Unit
    number: int
    name: str = ""  # what the file calls it, cut to sixty letters

    def __str__(self) -> str:
        return f"{self.unit} {self.number}{f' ({self.name})' if self.name else ''}"


@dataclass(frozen=True, slots=True)
class Note:
    """A question that was skipped or refused, or a remark on one that came in."""

    place: Place
    level: Level
    code: Code
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.level}: {self.code}{f': {self.detail}' if self.detail else ''}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file, read. Categories and headings are no questions and are not counted."""

    format: str
    questions: tuple[Question, ...]
    notes: tuple[Note, ...] = ()
    topics: tuple[TopicName, ...] = ()
    title: str | None = None  # what the file calls itself

    @property
    def skipped(self) -> int:
        return sum(note.level == "skipped" for note in self.notes)

    @property
    def refused(self) -> int:
        return sum(note.level == "refused" for note in self.notes)

    @property
    def held(self) -> int:
        return len(self.questions) + self.skipped + self.refused


@dataclass(slots=True)
class Reading:
    """What a reader fills as it goes through a file."""

    format: str
    questions: list[Question] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    topics: dict[str, TopicName] = field(default_factory=dict)
    _seen: dict[str, list[Place]] = field(default_factory=dict)  # by what they say
    _ids: set[str] = field(default_factory=set)
    _lost: set[str] = field(default_factory=set)
    _markup: int = 0  # signs of HTML that were read

    def count(self, name: str, held: int) -> None:
        """Say how many were met. Raises BadFile for more than there may be, and for thousands that are no questions."""
        if held > MOST:
            raise BadFile([Problem(name, "", f"holds more than {MOST} questions")])
        if held > 5_000 and not self.questions:
            raise BadFile([Problem(name, "", "holds no question among its first 5,000 parts")])

    def spend(self, signs: int) -> None:
        """Count markup. Raises BadFile when it is far more than so many questions can need: taking it apart is slow."""
        self._markup += signs
        if self._markup > 100_000 + 60 * len(self.questions):
            raise BadFile([Problem(self.format, "", "holds more markup than questions need")])

    def take(self, place: Place, question: dict[str, Any]) -> None:
        """Take a question in, or note why not. Without an `id` it is named by what it says."""
        said = content_id({**question, "id": None})
        same = self._seen.get(said, [])
        own = question.get("id")
        body = {**question, "id": own if own and own not in self._ids else f"{said}-{len(same) + 1}" if same else said}
        try:
            self.questions.append(QUESTION.validate_python(body))
        except ValidationError as error:
            self.refuse(place, "not-understood", str(error.errors(include_url=False)[0]["msg"])[:200])
            return
        if same:  # real files repeat a question; whoever imports them decides
            self.remark(place, "duplicate", str(same[0]))
        self._seen.setdefault(said, []).append(place)
        self._ids.add(body["id"])

    def refuse(self, place: Place, code: Code, detail: str = "") -> None:
        self.notes.append(Note(place, "refused", code, detail))

    def skip(self, place: Place, code: Code, detail: str = "") -> None:
        self.notes.append(Note(place, "skipped", code, detail))

    def remark(self, place: Place, code: Code, detail: str = "") -> None:
        self.notes.append(Note(place, "remark", code, detail))

    def lost(self, place: Place, what: str, value: str = "") -> None:
        """Say once a file, where it is first met, that a setting has no place here."""
        detail = f"{what}: {value}" if value else what
        if detail not in self._lost:
            self._lost.add(detail)
            self.remark(place, "lost", detail)

    def topic(self, name: str, own: str | None = None) -> str:
        """The id of a topic by its name, made when it is new; `own` is the id that the file gives."""
        named = in_language(name)
        topic_id = own or slug(name, "t")
        if own is None and self.topics.get(topic_id, TopicName(id=topic_id, name=named)).name != named:
            topic_id = f"t-{_hash(name)[:10]}"  # "C++" and "C#" are two topics
        self.topics.setdefault(topic_id, TopicName(id=topic_id, name=named))
        return topic_id

    def done(self, title: str | None = None) -> Incoming:
        return Incoming(self.format, tuple(self.questions), tuple(self.notes), tuple(self.topics.values()), title)


_ARABIC = re.compile(r"[\u0620-\u064a]")
_LATIN = re.compile(r"[A-Za-z]")


def language_of(text: str) -> Lang:
    """The language that a text is written in, by its letters."""
    return "ar" if len(_ARABIC.findall(text)) > len(_LATIN.findall(text)) else "en"


def in_language(text: str, lang: Lang | None = None) -> Bilingual:
    return Bilingual(**{lang or language_of(text): text})


def content_id(question: dict[str, Any]) -> str:
    """An id that the same question gets in every import: its own, where the file gives one, else by what it says."""
    given = question.get("id")
    if isinstance(given, str):
        return given
    said = [question.get("kind"), question.get("stem"), question.get("options"), question.get("pairs")]
    said += [question.get("items"), question.get("answer"), [one.get("data") for one in question.get("media", ())]]
    return f"x-{_hash(repr([_plain(one) for one in said]))[:16]}"


def _plain(value: Any) -> Any:
    """What of a value makes it the same question: its words. Signs count too: "2 > 1" is not "2 < 1"."""
    match value:
        case Bilingual():
            return [_plain(value.ar or ""), _plain(value.en or "")]
        case str():
            return " ".join(unicodedata.normalize("NFC", value).split())
        case dict():
            return [_plain(value[key]) for key in sorted(value) if key in {"ar", "en", "text", "left", "right"}]
        case Sequence():
            return [_plain(one) for one in value]
        case _:
            dumped = getattr(value, "text", None)
            return _plain(dumped) if dumped is not None else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def slug(name: str, prefix: str) -> str:
    """An id of small Latin letters, digits and hyphens; for a name in another script its hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60].strip("-")
    return plain if plain and not _ARABIC.search(name) else f"{prefix}-{_hash(name)[:10]}"
