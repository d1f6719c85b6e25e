"""The fact types and what they refer to.

A fact is one checkable thing about an event, written by hand in our own words, with who says it and
where. Each type has the fields that can be asked for; `item_models/asks.py` says how they are asked.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from questions.bank import Name
from questions.errors import Unfit
from questions.texts import Bilingual, Lang, Text, Value

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Strength = Literal["stated", "hoped", "hinted", "proposed", "promised", "agreed", "denied"]
Weight = Literal["core", "detail"]
EntityKind = Literal["person", "city", "country", "organisation", "agreement", "project", "office", "format", "matter"]
# Answers in words, by type of fact: only these take written foils.
FOILED = {
    "person_role": {"role"},
    "statement": {"claim"},
    "agreement": {"content"},
    "quote": {"words"},
    "composition": {"parts"},
}
ARTICLE = "article"  # the source of a fact that no one in particular is named for


class Aliases(Value):
    """Other names that a typed answer may use."""

    ar: tuple[Text, ...] = ()
    en: tuple[Text, ...] = ()
    other: tuple[Text, ...] = ()


class Arabic(Value):
    """A text that only Arabic has need of."""

    ar: Text

    @model_validator(mode="after")
    def _is_arabic(self) -> Self:
        if not any("\u0621" <= char <= "\u064a" for char in self.ar):
            raise Unfit("not-arabic", "is not written in Arabic")
        return self


class Entity(Value):
    """A person, place, body or matter that facts speak of, in one house spelling."""

    id: Id
    kind: EntityKind
    name: Bilingual
    note: Bilingual  # one sentence on what it is in this event: shown when wrongly chosen
    gender: Literal["m", "f"] = "m"  # of the Arabic name
    number: Literal["singular", "dual", "plural"] = "singular"
    # The name after a preposition, when its letters change: «البلديتين» of «البلديتان», «المراقبين», «أبي».
    oblique: Arabic | None = None
    aliases: Aliases = Aliases()
    short: Bilingual | None = None  # only when no other entity could be meant
    confusable_with: tuple[Id, ...] = ()
    part_of: Id | None = None  # a whole and its part are never rival options


class Topic(Value):
    """A subject by which facts and questions are grouped."""

    id: Name
    name: Bilingual


class Document(Value):
    """The text that the facts were read from."""

    title: Bilingual
    publisher: Bilingual | None = None
    date: date
    language: Lang
    after: Bilingual | None = None  # whose report it follows
    link: Text | None = None
    openings: tuple[Text, ...]  # the first two or three words of each body paragraph, in order


class Event(Value):
    """What the book is about, in the fixed short forms that stems use."""

    name: Bilingual
    within: Bilingual  # "In the video talks of 7 December 2021"
    about: Bilingual  # "On the video talks of 7 December 2021"


class BookHeader(Value):
    """What a folder of fact files says of itself, in `book.toml`."""

    id: Name
    title: Bilingual
    description: Bilingual | None = None
    deck: Text  # the Anki deck's name: never changed, new cards go where it says
    languages: tuple[Lang, ...] = ("ar", "en")
    licence: Text | None = None
    author: Text | None = None
    event: Event
    document: Document


class Foil(Value):
    """A reviewed wrong answer, with the sentence that says where it really belongs."""

    id: Id
    text: Bilingual
    why: Bilingual


class Blank(Value):
    """What a cloze leaves out of the fact's sentence.

    `text` stands once in the sentence, and not first; `label` is its kind, shown in the blank. When other facts
    make another filling right, `sentence` says it so that only one is.
    """

    asked: str  # the field that it asks for: with it, one memory
    text: Bilingual
    label: Bilingual
    accepted: Aliases = Aliases()
    entity: Id | None = None  # whose names are accepted too
    sentence: Bilingual | None = None


class Fact(Value):
    """What all facts have."""

    points: ClassVar[tuple[str, ...]] = ()  # the fields that can be asked for

    id: Id
    para: int = Field(ge=1)
    source: Id = ARTICLE  # who says it
    reported_by: Id | None = None  # who passed on what the source said
    strength: Strength = "stated"
    text: Bilingual  # the whole fact as a sentence; shown as the reason after an answer
    topic: Name
    weight: Weight = "detail"
    setting: Literal["within", "about", "none"] = "within"  # how a stem names the event
    contradicts: tuple[Id, ...] = ()
    same_as: tuple[Id, ...] = ()
    not_with: tuple[Id, ...] = ()
    foils: dict[str, tuple[Foil, ...]] = Field(default_factory=dict)  # by the field asked for
    blank: Blank | None = None
    status: Literal["draft", "reviewed"] = "draft"
    reviewed_by: Text | None = None

    @model_validator(mode="after")
    def _blank_is_in_the_sentence(self) -> Self:
        if self.blank is not None:
            if self.blank.asked not in self.points:
                known = ", ".join(self.points)
                raise Unfit("blank-asked", f"blank.asked is {self.blank.asked!r}; expected one of {known}")
            sentence = self.blank.sentence or self.text
            for lang in sentence.languages:
                gap, words = self.blank.text.get(lang) or "", sentence.get(lang) or ""
                if words.count(gap) != 1 or words.startswith(gap):
                    what = f"blank.text.{lang} must stand once in the sentence, and not first"
                    raise Unfit("blank-place", what, lang=lang)
        return self

    @model_validator(mode="after")
    def _foils_are_asked_for(self) -> Self:
        wrong = set(self.foils) - FOILED.get(getattr(self, "type", ""), set())
        if wrong:
            raise Unfit("foils", f"foils.{min(wrong)} is of no use: only answers in words take written foils")
        return self


class EventFact(Fact):
    """Something that took place: who, where, in what form. `asks` has the rest of the question for each."""

    points = ("who", "where", "how")
    type: Literal["event"]
    who: tuple[Id, ...] = ()
    where: Id | None = None
    how: Id | None = None  # an entity of kind format
    asks: dict[Literal["who", "where", "how"], Bilingual]

    @model_validator(mode="after")
    def _asked_is_there(self) -> Self:
        for asked in self.asks:
            if not getattr(self, asked):
                what = f"asks.{asked} is written, but the fact has no {asked}"
                raise Unfit("asks", what, asked=asked)
        return self


class DateFact(Fact):
    """When something was. `did` completes "When ...?": "did the two presidents meet in Geneva"."""

    points = ("when", "weekday")
    type: Literal["date"]
    did: Bilingual
    value: date  # the first day of what is meant
    precision: Literal["day", "month", "part_of_month"] = "day"
    part: Literal["beginning", "middle", "end"] | None = None
    ask_weekday: bool = False
    label: Bilingual | None = None  # the event as a noun, for ordering and matching

    @property
    def iso(self) -> str:
        return iso(self.value, self.precision, self.part)

    @property
    def span(self) -> tuple[date, date]:
        return span(self.value, self.precision, self.part)

    @model_validator(mode="after")
    def _part_goes_with_precision(self) -> Self:
        if (self.precision == "part_of_month") != (self.part is not None):
            raise Unfit("part", 'part is written exactly when precision is "part_of_month"')
        if self.ask_weekday and self.precision != "day":
            raise Unfit("weekday", 'ask_weekday needs precision "day"')
        return self


def span(day: date, precision: str, part: str | None) -> tuple[date, date]:
    """The first and the last day of what is meant: of a part of a month, its ten days or so."""
    if precision == "day":
        return day, day
    days = monthrange(day.year, day.month)[1]
    first, last = {"beginning": (1, 10), "middle": (11, 20), "end": (21, days), None: (1, days)}[part]
    return day.replace(day=first), day.replace(day=last)


def iso(day: date, precision: str, part: str | None) -> str:
    """A date at its precision: "2021-12-07", "2021-06", "2021-11-end"."""
    written = day.isoformat() if precision == "day" else f"{day:%Y-%m}"
    return f"{written}-{part}" if part else written


class UnitAr(Value):
    """An Arabic counted noun in the forms that numbers ask for."""

    singular: Text  # ساعة
    accusative: Text  # ساعةً, after 11 to 99 and after كم
    dual: Text  # ساعتان
    dual_oblique: Text  # ساعتين
    plural: Text  # ساعات
    gender: Literal["m", "f"]


class UnitEn(Value):
    one: Text
    other: Text


class Unit(Value):
    """A counted noun, in the languages of the book."""

    ar: UnitAr | None = None
    en: UnitEn | None = None

    @model_validator(mode="after")
    def _some_language(self) -> Self:
        if self.ar is None and self.en is None:
            raise Unfit("no-text", "a unit needs at least one language: ar or en")
        return self

    def get(self, lang: Lang) -> UnitAr | UnitEn | None:
        return self.ar if lang == "ar" else self.en


class NumberFact(Fact):
    """How many. `did` completes "How many hours ...?"; `sentence` states it, with {n} for number and unit."""

    points = ("count",)
    type: Literal["number"]
    value: int = Field(ge=0)
    unit: Unit
    did: Bilingual
    sentence: Bilingual
    counts: Bilingual | None = None  # what is included and what is not
    near: tuple[int, ...] = ()  # a reviewed list of wrong numbers, when the near ones will not do

    @model_validator(mode="after")
    def _slot(self) -> Self:
        if any("{n}" not in (self.sentence.get(lang) or "{n}") for lang in self.sentence.languages):
            raise Unfit("slot", "sentence needs {n} where the number and its unit stand")
        return self


class PersonRoleFact(Fact):
    """Who held which role."""

    points = ("who", "role")
    type: Literal["person_role"]
    person: Id
    role: Bilingual
    of: Id | None = None
    at: date | None = None


class TopicRaisedFact(Fact):
    """A matter that was raised, and by whom."""

    points = ("raised", "by")
    type: Literal["topic_raised"]
    matter: Id
    by: tuple[Id, ...] = ()


class TopicNotRaisedFact(Fact):
    """A matter that was pointedly not raised: excluded by a source, or mentioned but not taken up."""

    points = ("not_raised",)
    type: Literal["topic_not_raised"]
    matter: Id
    kind: Literal["excluded", "not_taken_up"] = "excluded"


class StatementFact(Fact):
    """What someone said.

    `claim` is what follows the verb of the strength, its joining word included:
    "that the United States was ready ..." / «إن الولايات المتحدة مستعدة ...».
    """

    points = ("speaker", "reported_by", "claim")
    type: Literal["statement"]
    speaker: tuple[Id, ...] = Field(min_length=1)
    about: Bilingual  # "the Minsk agreements"
    claim: Bilingual
    verb: Bilingual | None = None  # when the verb of the strength does not fit
    addressee: Id | None = None


class AgreementFact(Fact):
    """What parties agreed, or are said to be about to do. `content` completes "They agreed ..."."""

    points = ("content",)
    type: Literal["agreement"]
    parties: tuple[Id, ...] = Field(min_length=1)
    on: Bilingual
    content: Bilingual
    agreed: Literal["agreed", "to_be_started", "proposed", "promised"] = "agreed"


class QuoteFact(Fact):
    """Words that someone used, at most a few of them, when the wording itself is the fact."""

    points = ("speaker", "words")
    type: Literal["quote"]
    speaker: Id
    words: Bilingual
    about: Bilingual

    @property
    def one_word(self) -> bool:
        """Whether they are a single word, in each language."""
        return all(len((self.words.get(lang) or "").split()) == 1 for lang in self.words.languages)

    @model_validator(mode="after")
    def _few_words(self) -> Self:
        if any(len((self.words.get(lang) or "").split()) > 7 for lang in self.words.languages):
            raise Unfit("seven-words", "words are at most seven; say the rest in our own")
        return self


class Part(Value):
    id: Id
    text: Bilingual
    number: int | None = None


class CompositionFact(Fact):
    """A whole and its parts. `did` completes "Which of these ...?"."""

    points = ("parts",)
    type: Literal["composition"]
    did: Bilingual
    of_people: bool = False  # the parts are persons: the Arabic pronoun differs
    parts: tuple[Part, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _parts_and_foils_differ(self) -> Self:
        ids = [part.id for part in self.parts] + [foil.id for foil in self.foils.get("parts", ())]
        if len(set(ids)) != len(ids):
            raise Unfit("same-ids", "two of parts and foils.parts share an id")
        return self


class SourceConflictFact(Fact):
    """Two accounts of one matter, each with its voice, that do not agree."""

    points = ("account_a", "account_b")
    type: Literal["source_conflict"]
    matter: Bilingual
    account_a: Bilingual
    source_a: Id
    account_b: Bilingual
    source_b: Id


AnyFact = (
    EventFact
    | DateFact
    | NumberFact
    | PersonRoleFact
    | TopicRaisedFact
    | TopicNotRaisedFact
    | StatementFact
    | AgreementFact
    | QuoteFact
    | CompositionFact
    | SourceConflictFact
)
FACT_TYPES: tuple[str, ...] = tuple(
    get_args(fact_type.model_fields["type"].annotation)[0] for fact_type in get_args(AnyFact)
)


class FactSet(Value):
    """A named set of facts that one question asks about together (multi-select, ordering, matching)."""

    id: Id
    asked: Literal["raised", "not_raised", "order", "pairs"]
    facts: tuple[Id, ...] = Field(min_length=2, max_length=5)
    others: tuple[Id, ...] = Field(default=(), max_length=4)  # facts that give the wrong options, or the extra one
    extra: Id | None = None  # an entity that belongs to none of the pairs: the extra answer, where no fact gives one
    topic: Name
    weight: Weight = "core"

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.asked in {"raised", "not_raised"} and len(self.others) < 2:
            raise ValueError("others needs two facts at least")
        if self.asked in {"order", "pairs"} and len(self.facts) < 3:
            raise ValueError("facts needs three at least")
        if self.asked == "order" and self.others:
            raise ValueError("an order has no others")
        if self.extra is not None and self.asked != "pairs":
            raise ValueError("only pairs have an extra")
        return self
