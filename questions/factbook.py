"""Reads and checks a folder of fact files. Finds everything that is wrong at once, not the first fault.

A folder holds `book.toml` (the header) and any number of other `*.toml` files with `[[entity]]`,
`[[topic]]`, `[[fact]]` and `[[set]]` blocks.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from questions.errors import BadFile, Problem
from questions.facts import (
    ARTICLE,
    AgreementFact,
    AnyFact,
    BookHeader,
    DateFact,
    Entity,
    EventFact,
    FactSet,
    PersonRoleFact,
    QuoteFact,
    SourceConflictFact,
    StatementFact,
    Topic,
    TopicNotRaisedFact,
    TopicRaisedFact,
    Unit,
)
from questions.faults import WORDS, plain_words
from questions.lookup import Lookup
from questions.texts import Bilingual, Value

_FACT: TypeAdapter[AnyFact] = TypeAdapter(Annotated[AnyFact, Field(discriminator="type")])
_PAIRED = ("person_role", "quote", "statement", "date")
# What the facts of a set may be, and its others, by what it asks.
_IN_SET: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "raised": (("topic_raised",), ("topic_not_raised",)),
    "not_raised": (("topic_not_raised",), ("topic_raised",)),
    "order": (("date",), ()),
    "pairs": (_PAIRED, _PAIRED),
}
_BLOCKS: dict[str, type[Entity | Topic | FactSet]] = {"entity": Entity, "topic": Topic, "set": FactSet}


@dataclass(frozen=True)
class FactBook:
    """All facts and what they refer to, checked."""

    header: BookHeader
    entities: dict[str, Entity]
    topics: dict[str, Topic]
    facts: dict[str, AnyFact]
    sets: dict[str, FactSet]
    # What an instructor changed of "header", "entity <id>" or "topic <id>", as files gave it last.
    originals: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def name(self, entity_id: str) -> Bilingual:
        return self.entities[entity_id].name

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup(self.facts, self.entities)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Persons, and whoever else says something or passes it on, in the book's order."""
        heard = {name for fact in self.facts.values() for name in voices_of(fact)}
        return tuple(name for name, one in self.entities.items() if one.kind == "person" or name in heard)


class _Stored(Value):
    """A book but for its facts, as it is kept beside them in a database."""

    header: BookHeader
    entities: tuple[Entity, ...]
    topics: tuple[Topic, ...]
    sets: tuple[FactSet, ...]
    originals: dict[str, dict[str, Any]] = Field(default_factory=dict)


def to_json(book: FactBook) -> str:
    """A book but for its facts, as JSON that is the same on every machine."""
    stored = _Stored(
        header=book.header,
        entities=tuple(book.entities.values()),
        topics=tuple(book.topics.values()),
        sets=tuple(book.sets.values()),
        originals=book.originals,
    )
    return stored.model_dump_json(exclude_none=True)


def from_json(text: str, facts: Iterable[Any]) -> FactBook:
    """The book of `to_json`, with its facts as they were dumped. Nothing is checked anew but each value's own rules."""
    stored = _Stored.model_validate_json(text)
    read = [_FACT.validate_python(fact) for fact in facts]
    return FactBook(
        stored.header,
        {entity.id: entity for entity in stored.entities},
        {topic.id: topic for topic in stored.topics},
        {fact.id: fact for fact in read},
        {one.id: one for one in stored.sets},
        stored.originals,
    )


def read_fact(body: Any) -> AnyFact:
    """A fact as it was dumped, or as a form made it. Raises pydantic's ValidationError."""
    return _FACT.validate_python(body)


def check(book: FactBook) -> None:
    """What `load` looks for, in a book that was changed elsewhere. Raises BadFile with every problem found."""
    reader = _Reader()
    reader.header = book.header
    reader.seen = {"entity": book.entities, "topic": book.topics, "set": book.sets, "fact": book.facts}
    reader.file_of = {(block, name): "book" for block, rows in reader.seen.items() for name in rows}
    reader.book()


def load(folder: Traversable) -> FactBook:
    """Read a folder of fact files.

    Raises BadFile with every problem found, each with its file, block, field, fault and what was expected.
    """
    reader = _Reader()
    files = (
        sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
        if folder.is_dir()
        else []
    )
    if not files:
        raise BadFile([Problem(folder.name, "", "no fact files (*.toml) here")])
    for file in files:
        reader.read(file)
    return reader.book()


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.header: BookHeader | None = None
        self.seen: dict[str, dict[str, Any]] = {"entity": {}, "topic": {}, "set": {}, "fact": {}}
        self.file_of: dict[tuple[str, str], str] = {}

    def read(self, file: Traversable) -> None:
        try:
            data = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            self._problem(file.name, "", f"is not UTF-8 text (byte {error.start + 1})")
            return
        except tomllib.TOMLDecodeError as error:
            self._problem(file.name, "", f"is not TOML: {error}")
            return
        if file.name == "book.toml":
            self._read_header(file.name, data)
            return
        for block, rows in data.items():
            if block not in self.seen or not isinstance(rows, list):
                known = ", ".join(f"[[{name}]]" for name in self.seen)
                self._problem(file.name, f'block "{block}"', f"is not known; expected {known}")
                continue
            for place, row in enumerate(rows, 1):
                self._read_row(file.name, block, place, row)

    def _read_header(self, file: str, data: dict[str, Any]) -> None:
        try:
            self.header = BookHeader.model_validate(data)
        except ValidationError as error:
            self._validation(file, "", error)

    def _read_row(self, file: str, block: str, place: int, row: Any) -> None:
        name = row.get("id") if isinstance(row, dict) else None
        where = f'{block} "{name}"' if isinstance(name, str) else f"{block} number {place}"
        try:
            value: AnyFact | Entity | Topic | FactSet = (
                _FACT.validate_python(row) if block == "fact" else _BLOCKS[block].model_validate(row)
            )
        except ValidationError as error:
            self._validation(file, where, error)
            return
        # Facts and sets both anchor questions.
        for taken in ("fact", "set") if block in {"fact", "set"} else (block,):
            if value.id in self.seen[taken]:
                other = self.file_of[taken, value.id]
                self._problem(file, where, f"this id is already used in {other}; ids are never used twice")
                return
        self.seen[block][value.id] = value
        self.file_of[block, value.id] = file

    def _problem(self, file: str, where: str, what: str) -> None:
        self.problems.append(Problem(file, where, what))

    def _validation(self, file: str, where: str, error: ValidationError) -> None:
        for fault in error.errors(include_url=False):
            loc = fault["loc"][1:] if where.startswith("fact ") else fault["loc"]  # a fact's begins with its type
            path = [str(part + 1 if isinstance(part, int) else part) for part in loc if part != "[key]"]
            field = f"field {'.'.join(path)}" if path else ""
            self._problem(file, ", ".join(part for part in (where, field) if part), plain_words(fault))

    def book(self) -> FactBook:
        self._check_references()
        self._check_sets()
        if self.header is None and not any(problem.file == "book.toml" for problem in self.problems):
            self._problem("book.toml", "", "is missing: it says what the book is (id, title, event, document)")
        if self.problems or self.header is None:
            raise BadFile(self.problems)
        return FactBook(self.header, self.seen["entity"], self.seen["topic"], self.seen["fact"], self.seen["set"])

    def _check_sets(self) -> None:
        """The facts of a set are of the types that it asks about."""
        for name, fact_set in self.seen["set"].items():
            rights = [self.seen["fact"][fact] for fact in fact_set.facts if fact in self.seen["fact"]]
            others = [self.seen["fact"][fact] for fact in fact_set.others if fact in self.seen["fact"]]
            for field, facts, wanted in (
                ("facts", rights, _IN_SET[fact_set.asked][0]),
                ("others", others, _IN_SET[fact_set.asked][1]),
            ):
                for fact in facts:
                    if fact.type not in wanted:
                        expected = " or ".join(wanted)
                        self._fault("set", name, field, "wrong-type", fact=fact.id, type=fact.type, wanted=expected)
                    if isinstance(fact, DateFact) and fact.label is None:
                        self._fault("set", name, field, "no-label", fact=fact.id)
            if fact_set.asked == "pairs" and len({fact.type for fact in (*rights, *others)}) > 1:
                self._fault("set", name, "facts", "mixed-pairs")
            spans = sorted(fact.span for fact in rights if isinstance(fact, DateFact))
            if fact_set.asked == "order" and any(one[1] >= other[0] for one, other in pairwise(spans)):
                self._fault("set", name, "facts", "no-order")
            if fact_set.extra is not None and any(_rights(fact) & {fact_set.extra} for fact in rights):
                self._fault("set", name, "extra", "extra-right", extra=fact_set.extra)
            if fact_set.extra is not None and not all(isinstance(fact, QuoteFact | StatementFact) for fact in rights):
                self._fault("set", name, "extra", "extra-kind")
            if fact_set.asked in {"raised", "not_raised"}:
                self._check_matters(name, fact_set)

    def _check_matters(self, name: str, fact_set: FactSet) -> None:
        """Each option is a matter of its own, and no wrong one is right by another fact."""
        right = _IN_SET[fact_set.asked][0][0]
        true = {fact.matter for fact in self.seen["fact"].values() if fact.type == right}
        seen: set[str] = set()
        for field, facts in (("facts", fact_set.facts), ("others", fact_set.others)):
            for fact in facts:
                matter = getattr(self.seen["fact"].get(fact), "matter", None)
                if matter in seen:
                    self._fault("set", name, field, "same-matter", fact=fact)
                elif field == "others" and matter in true:
                    self._fault("set", name, field, "matter-right", fact=fact, matter=str(matter), right=right)
                seen |= {matter} if matter is not None else set()

    def _fault(self, block: str, name: str, field: str, code: str, **params: str) -> None:
        """Something that does not go together with the rest of the book."""
        where = f'{block} "{name}", field {field}' if block else f"field {field}"
        file = self.file_of[block, name] if block else "book.toml"
        what = WORDS[code].format(**params)
        self.problems.append(Problem(file, where, what, code, params, block, name, field))

    def _check_references(self) -> None:
        for block, name in self.file_of:
            value = self.seen[block][name]
            for field, kind, target in _references(value):
                if target not in self.seen[kind] and not (target == ARTICLE and field == "source"):
                    self._fault(block, name, field, "unknown", kind=kind, target=target)
            if block == "fact" and self.header is not None:
                count = len(self.header.document.openings)
                if value.para > count:
                    self._fault(block, name, "para", "no-paragraph", para=str(value.para), count=str(count))
            self._check_languages(block, name, value)
        self._check_languages("", "", self.header)

    def _check_languages(self, block: str, name: str, value: Any) -> None:
        for lang in self.header.languages if self.header is not None else ():
            for field, text in _texts(value):
                if text.get(lang) is None:
                    self._fault(block, name, f"{field}.{lang}", "no-language")


def _rights(fact: AnyFact) -> set[str]:
    """Whose the words of a fact are."""
    match fact:
        case QuoteFact():
            return {fact.speaker}
        case StatementFact():
            return {*fact.speaker}
        case _:
            return set()


def voices_of(fact: AnyFact) -> Iterator[str]:
    """Who speaks in a fact, then on whose word it rests."""
    match fact:
        case StatementFact():
            yield from fact.speaker
        case QuoteFact():
            yield fact.speaker
        case SourceConflictFact():
            yield from (fact.source_a, fact.source_b)
        case _:
            pass
    yield from (name for name in (fact.source, fact.reported_by) if name not in (None, ARTICLE))


def _references(value: Any) -> Iterator[tuple[str, str, str]]:
    """(field, kind of thing, id) for each id that a block refers to."""
    single: list[tuple[str, str, str | None]] = []
    several: list[tuple[str, str, tuple[str, ...]]] = []
    match value:
        case Entity():
            single.append(("part_of", "entity", value.part_of))
            several.append(("confusable_with", "entity", value.confusable_with))
        case FactSet():
            single += [("topic", "topic", value.topic), ("extra", "entity", value.extra)]
            several += [("facts", "fact", value.facts), ("others", "fact", value.others)]
        case Topic():
            pass
        case _:
            single += [
                ("topic", "topic", value.topic),
                ("source", "entity", value.source),
                ("reported_by", "entity", value.reported_by),
            ]
            several += [(field, "fact", getattr(value, field)) for field in ("contradicts", "same_as", "not_with")]
            if value.blank is not None:
                single.append(("blank.entity", "entity", value.blank.entity))
    match value:
        case EventFact():
            single += [("where", "entity", value.where), ("how", "entity", value.how)]
            several.append(("who", "entity", value.who))
        case PersonRoleFact():
            single += [("person", "entity", value.person), ("of", "entity", value.of)]
        case TopicRaisedFact():
            single.append(("matter", "entity", value.matter))
            several.append(("by", "entity", value.by))
        case TopicNotRaisedFact():
            single.append(("matter", "entity", value.matter))
        case StatementFact():
            single.append(("addressee", "entity", value.addressee))
            several.append(("speaker", "entity", value.speaker))
        case AgreementFact():
            several.append(("parties", "entity", value.parties))
        case QuoteFact():
            single.append(("speaker", "entity", value.speaker))
        case SourceConflictFact():
            single += [("source_a", "entity", value.source_a), ("source_b", "entity", value.source_b)]
        case _:
            pass
    for field, kind, target in single:
        if target is not None:
            yield field, kind, target
    for field, kind, targets in several:
        for target in targets:
            yield field, kind, target


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, Bilingual | Unit]]:
    """(path, text) for each text, and each unit, of which a block has a side for each language."""
    if isinstance(value, Bilingual | Unit):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, tuple):
        for place, inner in enumerate(value, 1):
            yield from _texts(inner, f"{path}.{place}")
    elif hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), f"{path}.{name}" if path else name)
