"""A fact book by what is looked for in it: built once for a book, so that generation grows in proportion.

Knows nothing of questions; `distractors.py` asks it what is true and what else there is.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import chain, islice, takewhile
from typing import Generic, TypeVar

from questions.facts import (
    AgreementFact,
    AnyFact,
    DateFact,
    Entity,
    EventFact,
    NumberFact,
    PersonRoleFact,
    QuoteFact,
    StatementFact,
    TopicNotRaisedFact,
    TopicRaisedFact,
)
from questions.normalise import normalise
from questions.texts import Bilingual

SMALL = 256  # candidates that are ranked anew for each question; of more, those near it on a ring are taken
T = TypeVar("T")


def rank(question_id: str, candidate_id: str) -> int:
    """A number that depends on nothing but the two ids; the lowest are taken."""
    return _hash(f"{question_id}\0{candidate_id}")


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Pool(Generic[T]):
    """Candidates by id, gone through in an order that each question has of its own.

    Up to SMALL of them by rendezvous (the rank of the two ids), more by consistent hashing (a ring of ids, from the
    question's place on): either way a new candidate displaces at most one of those that are taken.
    """

    def __init__(self, candidates: Iterable[tuple[str, T]]) -> None:
        self._all: dict[str, T] = {}
        for name, one in candidates:
            self._all.setdefault(name, one)
        self._ring = sorted((_hash(name), name) for name in self._all) if len(self._all) > SMALL else []

    def for_question(self, question_id: str) -> Iterator[T]:
        if not self._ring:
            yield from (self._all[name] for name in sorted(self._all, key=lambda name: rank(question_id, name)))
            return
        start = bisect_left(self._ring, (_hash(question_id), ""))
        for place in chain(range(start, len(self._ring)), range(start)):
            yield self._all[self._ring[place][1]]


class Lookup:
    """What a book's facts say, by what is asked."""

    def __init__(self, facts: Mapping[str, AnyFact], entities: Mapping[str, Entity]) -> None:
        self._facts, self._entities = facts, entities
        self._pools: dict[tuple[str, ...], Pool[Entity]] = {}

    # ------------------------------------------------------------ facts

    @cached_property
    def same_as(self) -> Mapping[str, list[AnyFact]]:
        """Facts that say the same, whichever of the two says so."""
        same: dict[str, list[AnyFact]] = {}
        for fact in self._facts.values():
            for other in fact.same_as:
                same.setdefault(fact.id, []).append(self._facts[other])
                same.setdefault(other, []).append(fact)
        return same

    @cached_property
    def by_stem(self) -> Mapping[Hashable, list[AnyFact]]:
        """Facts under one stem: those whose answers are right under each other's."""
        stems: dict[Hashable, list[AnyFact]] = {}
        for fact in self._facts.values():
            for stem in _stems(fact):
                stems.setdefault(stem, []).append(fact)
        return stems

    def under_stem(self, fact: AnyFact, asked: str) -> list[AnyFact]:
        """The facts that share the stem under which a field of this one is asked; itself included."""
        return self.by_stem.get(_stem(fact, asked), [])

    @cached_property
    def said_by(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Normal forms of all that is said of, or by, someone, by type of fact and person or body."""
        said: dict[tuple[str, str], set[str]] = {}
        for fact in self._facts.values():
            for who, words in _said(fact):
                said.setdefault((fact.type, who), set()).update(forms(words))
        return {key: frozenset(words) for key, words in said.items()}

    def words_of(self, fact: AnyFact) -> list[frozenset[str]]:
        """What facts of this type say of the same people: true of them, so never a wrong ending for this one."""
        return [self.said_by[fact.type, who] for who, _ in _said(fact)]

    @cached_property
    def raised(self) -> frozenset[str]:
        return frozenset(fact.matter for fact in self._facts.values() if isinstance(fact, TopicRaisedFact))

    @cached_property
    def not_raised(self) -> frozenset[str]:
        return frozenset(fact.matter for fact in self._facts.values() if isinstance(fact, TopicNotRaisedFact))

    @cached_property
    def numbers(self) -> Mapping[int, NumberFact]:
        """The first fact with each number."""
        numbered = [fact for fact in self._facts.values() if isinstance(fact, NumberFact)]
        return {fact.value: fact for fact in sorted(numbered, key=_place, reverse=True)}

    @cached_property
    def dates(self) -> Mapping[str, Pool[DateFact]]:
        """Dated facts by precision."""
        precisions = {fact.precision for fact in self._dated}
        return {one: Pool((fact.iso, fact) for fact in self._dated if fact.precision == one) for one in precisions}

    @cached_property
    def _dated(self) -> list[DateFact]:
        """Dated facts, the earliest first."""
        dated = [fact for fact in self._facts.values() if isinstance(fact, DateFact)]
        return sorted(dated, key=lambda fact: (fact.span, _place(fact)))

    def dated_within(self, first: date, last: date) -> DateFact | None:
        """The earliest fact whose date lies, as far as it is known, within these days."""
        start = bisect_left(self._dated, first, key=lambda fact: fact.span[0])
        begun = takewhile(lambda fact: fact.span[0] <= last, islice(self._dated, start, None))
        return next((fact for fact in begun if fact.span[1] <= last), None)

    @cached_property
    def weekdays(self) -> Mapping[int, DateFact]:
        """The first fact of a day by its day of the week, Monday 0."""
        days = [fact for fact in self._dated if fact.precision == "day"]
        return {fact.value.weekday(): fact for fact in sorted(days, key=_place, reverse=True)}

    @cached_property
    def quotes(self) -> Pool[QuoteFact]:
        return Pool((fact.id, fact) for fact in self._facts.values() if isinstance(fact, QuoteFact))

    @cached_property
    def roles(self) -> Pool[PersonRoleFact]:
        return Pool((fact.id, fact) for fact in self._facts.values() if isinstance(fact, PersonRoleFact))

    # ------------------------------------------------------------ entities

    def of_kinds(self, *kinds: str) -> Pool[Entity]:
        if kinds not in self._pools:
            self._pools[kinds] = Pool((one.id, one) for kind in kinds for one in self.by_kind.get(kind, ()))
        return self._pools[kinds]

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Entity, ...]]:
        kinds: dict[str, list[Entity]] = {}
        for entity in self._entities.values():
            kinds.setdefault(entity.kind, []).append(entity)
        return {kind: tuple(entities) for kind, entities in kinds.items()}

    def wholes(self, name: str) -> set[str]:
        """What an entity is a part of, and what that is a part of, and so on."""
        wholes: set[str] = set()
        while (whole := self._entities[name].part_of) is not None and whole not in wholes:
            wholes.add(whole)
            name = whole
        return wholes

    def within(self, name: str) -> frozenset[str]:
        """The parts of an entity, and theirs."""
        return self._parts.get(name, frozenset())

    @cached_property
    def _parts(self) -> Mapping[str, frozenset[str]]:
        parts: dict[str, set[str]] = {}
        for name in self._entities:
            for whole in self.wholes(name):
                parts.setdefault(whole, set()).add(name)
        return {whole: frozenset(of) for whole, of in parts.items()}

    def namesakes(self, entity: Entity) -> list[Entity]:
        """Others of its kind by whose name it could be meant: all of a small kind, of a large one those alike."""
        kind = self.by_kind[entity.kind]
        if len(kind) <= SMALL:
            return [other for other in kind if other.id != entity.id]
        alike = {name for trace in _traces(entity) for name in self._by_trace[entity.kind].get(trace, ())}
        return [self._entities[name] for name in sorted((alike | {*entity.confusable_with}) - {entity.id})]

    @cached_property
    def _by_trace(self) -> Mapping[str, Mapping[str, set[str]]]:
        traces: dict[str, dict[str, set[str]]] = {}
        for entity in self._entities.values():
            for trace in _traces(entity):
                traces.setdefault(entity.kind, {}).setdefault(trace, set()).add(entity.id)
        return traces


def _place(fact: AnyFact) -> tuple[int, str]:
    """Where a fact stands in the document, whatever file it is in."""
    return fact.para, fact.id


def names(entity: Entity) -> tuple[str, ...]:
    """Every written name of an entity."""
    aliases = entity.aliases
    own = (entity.name.ar, entity.name.en, entity.oblique.ar if entity.oblique is not None else None)
    return tuple(name for name in (*own, *aliases.ar, *aliases.en, *aliases.other) if name)


def forms(text: Bilingual) -> set[str]:
    """Normal forms of a text, in each of its languages."""
    return {normalise(text.get(lang) or "") for lang in text.languages}


def _traces(entity: Entity) -> set[str]:
    """The words of an entity's names, whole and with a letter left out: names that share one differ by a slip."""
    words = {word for name in names(entity) for word in normalise(name).split()}
    return words | {word[:place] + word[place + 1 :] for word in words if len(word) > 4 for place in range(len(word))}


def _stems(fact: AnyFact) -> set[Hashable]:
    return {_stem(fact, asked) for asked in fact.points}


def _stem(fact: AnyFact, asked: str) -> Hashable:
    """What the stems of two facts have in common when an answer to one is an answer to the other."""
    match fact:
        case StatementFact():
            return "statement", fact.claim
        case QuoteFact():
            return "quote", fact.words
        case PersonRoleFact():
            return "role", fact.role
        case EventFact():
            return "event", asked, fact.asks.get(asked, fact.id)  # type: ignore[call-overload]  # asked is one of its keys here
        case DateFact():
            return "date", fact.did
        case NumberFact():
            return "number", fact.did
        case TopicRaisedFact():
            return "matter", fact.matter
        case _:
            return "fact", fact.id


def _said(fact: AnyFact) -> list[tuple[str, Bilingual]]:
    match fact:
        case StatementFact():
            return [(who, fact.claim) for who in fact.speaker]
        case AgreementFact():
            return [(who, fact.content) for who in fact.parties]
        case QuoteFact():
            return [(fact.speaker, fact.words)]
        case PersonRoleFact():
            return [(fact.person, fact.role)]
        case _:
            return []
