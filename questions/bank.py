"""What is asked: questions by kind, and the bank that holds them.

One question whatever the language it is shown in. Ids are written once and never reused: learners'
memories, instructors' edits and Anki notes hang on them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, model_validator

from questions.texts import Bilingual, Lang, Text, Value

Kind = Literal["choice", "multi_select", "true_false", "typed", "cloze", "ordering", "matching", "open"]
KINDS: tuple[Kind, ...] = (
    "choice",
    "multi_select",
    "true_false",
    "typed",
    "cloze",
    "ordering",
    "matching",
    "open",
)
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=80)]
QuestionId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*(\.[a-z0-9]+([-_][a-z0-9]+)*){0,2}$", max_length=200),
]
SCHEMA: Literal["qimma-bank/1"] = "qimma-bank/1"
MARK = "____"  # the blank in the stem of a cloze


def question_id(anchor: str, asked: str, item_model: str) -> str:
    """The one rule for the id of a generated question. The anchor is a fact, or a named set of facts."""
    return f"{anchor}.{asked}.{item_model.replace('_', '-')}"


class Option(Value):
    """A choice. Its id is what it means (an entity, a value), never its place."""

    id: Text
    text: Bilingual
    feedback: Bilingual | None = None  # where a wrong option really belongs
    weight: float | None = Field(default=None, ge=-1, le=1)  # share of the mark, where a format has one


class Pair(Value):
    """A left and a right side that belong together."""

    id: Text
    left: Bilingual
    right: Bilingual


class Item(Value):
    """Something to be put in order."""

    id: Text
    text: Bilingual


class Citation(Value):
    """Whose word a question rests on, and where it stands in the bank's document."""

    voice: Bilingual  # "Joe Biden, as reported by Yuri Ushakov"; "the article"
    para: int | None = Field(default=None, ge=1)
    opening: Text | None = None  # the paragraph's first words, so that it can be found


class Media(Value):
    """A picture or sound that goes with a question."""

    name: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,120}$")]
    type: Annotated[str, StringConstraints(pattern=r"^(image|audio)/[a-z0-9.+-]{1,40}$")]
    data: Annotated[str, StringConstraints(min_length=1, max_length=8_000_000)]  # base64
    alt: Text | None = None  # what it shows, for whoever does not see it


class QuestionBase(Value):
    """What questions of every kind have."""

    id: QuestionId
    stem: Bilingual
    feedback: Bilingual | None = None  # one sentence why, in our own words
    facts: tuple[str, ...] = ()
    sources: tuple[Citation, ...] = ()
    topic: Name | None = None
    weight: Literal["core", "detail"] = "detail"
    difficulty: float = Field(default=0.5, ge=0, le=1)  # 0 nearly all know it, 1 nearly none
    tags: tuple[Text, ...] = ()
    media: tuple[Media, ...] = ()
    not_with: tuple[QuestionId, ...] = ()  # points whose questions would give this one away

    @property
    def point(self) -> str:
        """What is remembered: `<anchor>.<asked>`; a question written by hand is its own point."""
        anchor, _, rest = self.id.partition(".")
        return f"{anchor}.{rest.rpartition('.')[0]}" if rest.count(".") else self.id

    @property
    def anchor(self) -> str:
        return self.id.partition(".")[0]


class _WithOptions(QuestionBase):
    options: tuple[Option, ...] = Field(min_length=2, max_length=20)
    fixed_order: bool = False  # numbers and dates stay sorted

    @model_validator(mode="after")
    def _options_differ(self) -> Self:
        ids = [option.id for option in self.options]
        if len(set(ids)) != len(ids):
            raise ValueError("two options share an id")
        return self


class ChoiceQuestion(_WithOptions):
    kind: Literal["choice"] = "choice"
    key: Text

    @model_validator(mode="after")
    def _key_is_an_option(self) -> Self:
        if self.key not in {option.id for option in self.options}:
            raise ValueError(f"key {self.key!r} is not the id of an option")
        return self

    @property
    def rights(self) -> tuple[str, ...]:
        """The key, and options that get the whole mark beside it."""
        return (self.key, *(one.id for one in self.options if one.weight == 1 and one.id != self.key))


class MultiSelectQuestion(_WithOptions):
    kind: Literal["multi_select"] = "multi_select"
    keys: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_are_options(self) -> Self:
        missing = set(self.keys) - {option.id for option in self.options}
        if missing:
            raise ValueError(f"keys {sorted(missing)} are not ids of options")
        if len(set(self.keys)) != len(self.keys):
            raise ValueError("a key stands twice")
        return self

    @property
    def rights(self) -> tuple[str, ...]:
        return self.keys


class TrueFalseQuestion(QuestionBase):
    """The stem is a statement. `feedback` says what is right, whichever it is."""

    kind: Literal["true_false"] = "true_false"
    key: bool


class Accepted(Value):
    """An answer that is taken for right, or in part."""

    text: Text
    lang: Lang | None = None  # None: in either language
    weight: float = Field(default=1, ge=0, le=1)


class Range(Value):
    """Numbers from `low` to `high` inclusive."""

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    weight: float = Field(default=1, ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class _Recalled(QuestionBase):
    """A question whose answer is written. `answer` is the house spelling; `accepted` what else is right."""

    answer: Bilingual
    accepted: tuple[Accepted, ...] = ()
    ranges: tuple[Range, ...] = ()
    answer_type: Literal["text", "name", "number", "date", "weekday"] = "text"
    value: str | None = None  # the number, or the ISO date at its precision, for those types
    # Normal forms of what would be another answer (entities of the bank): never a mere typo of this one.
    rivals: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _value_is_of_its_type(self) -> Self:
        value = self.value or ""
        match self.answer_type:
            case "number" if self.value is not None and not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", value):
                raise ValueError(f"value {value!r} is not a number, as in 12 or 2.5")
            case "date" if not _is_date(value):
                raise ValueError(f"value {value!r} is not a day or a month, as in 2021-12-07 or 2021-12")
            case "weekday" if value not in {"0", "1", "2", "3", "4", "5", "6"}:
                raise ValueError(f"value {value!r} is not a weekday: Monday is 0, Sunday 6")
        return self


def _is_date(value: str) -> bool:
    try:
        dt.date.fromisoformat(f"{value}-01" if len(value) == 7 else value)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d(-\d\d)?", value) is not None


class TypedQuestion(_Recalled):
    kind: Literal["typed"] = "typed"


class ClozeQuestion(_Recalled):
    """The stem has one blank, `____`."""

    kind: Literal["cloze"] = "cloze"

    @model_validator(mode="after")
    def _one_blank(self) -> Self:
        for lang in self.stem.languages:
            if (self.stem.get(lang) or "").count(MARK) != 1:
                raise ValueError(f"stem.{lang} needs exactly one blank, {MARK}")
        return self


class OrderingQuestion(QuestionBase):
    """`items` stand in the right order."""

    kind: Literal["ordering"] = "ordering"
    items: tuple[Item, ...] = Field(min_length=2, max_length=20)

    @model_validator(mode="after")
    def _items_differ(self) -> Self:
        if len({item.id for item in self.items}) != len(self.items):
            raise ValueError("two items share an id")
        return self


class MatchingQuestion(QuestionBase):
    """`pairs` belong together; `extra` are right sides that belong to none."""

    kind: Literal["matching"] = "matching"
    pairs: tuple[Pair, ...] = Field(min_length=2, max_length=20)
    extra: tuple[Item, ...] = ()

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        ids = [pair.id for pair in self.pairs] + [item.id for item in self.extra]
        if len(set(ids)) != len(ids):
            raise ValueError("two sides share an id")
        return self


class OpenQuestion(QuestionBase):
    """Marked by a person; stays out of quizzes that mark themselves, and out of review."""

    kind: Literal["open"] = "open"


Question = Annotated[
    ChoiceQuestion
    | MultiSelectQuestion
    | TrueFalseQuestion
    | TypedQuestion
    | ClozeQuestion
    | OrderingQuestion
    | MatchingQuestion
    | OpenQuestion,
    Field(discriminator="kind"),
]
QUESTION: TypeAdapter[Question] = TypeAdapter(Question)

RECOGNITION = frozenset({"choice", "true_false"})  # the answer is before one's eyes
RECALL = frozenset({"typed", "cloze"})
SCHEDULED = RECOGNITION | RECALL  # kinds that feed a memory; the others ask several facts


class TopicName(Value):
    id: Name
    name: Bilingual


class BankDocument(Value):
    """The text that a bank's facts were read from."""

    title: Bilingual
    publisher: Bilingual | None = None
    date: dt.date | None = None
    language: Text | None = None
    after: Bilingual | None = None
    link: Text | None = None


class Entry(Value):
    """A question of a bank, and when it last changed."""

    question: Question
    changed: AwareDatetime  # Anki's `mod` comes from it
    retired: bool = False  # vanished from its facts, or withdrawn: kept, no longer asked


class Bank(Value):
    """A set of questions with what they share."""

    schema_: Literal["qimma-bank/1"] = Field(default=SCHEMA, alias="schema")
    id: Name
    title: Bilingual
    description: Bilingual | None = None
    deck: Text  # the Anki deck's name, never changed
    languages: tuple[Lang, ...] = Field(min_length=1)
    licence: Text | None = None
    author: Text | None = None
    document: BankDocument | None = None
    topics: tuple[TopicName, ...] = ()
    entries: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [entry.question.id for entry in self.entries]
        if len(set(ids)) != len(ids):
            twice = sorted(name for name, count in Counter(ids).items() if count > 1)
            raise ValueError(f"question ids stand twice: {', '.join(twice[:5])}")
        return self

    @property
    def live(self) -> tuple[Question, ...]:
        """The questions that are asked, in the bank's order."""
        return tuple(entry.question for entry in self.entries if not entry.retired)


def canonical(question: Question) -> str:
    """The question as JSON that is the same on every machine: what digests and merges look at."""
    data = question.model_dump(mode="json", exclude_none=True)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(question: Question) -> str:
    """Sixteen hex digits that change when anything in the question does."""
    return hashlib.sha256(canonical(question).encode()).hexdigest()[:16]
