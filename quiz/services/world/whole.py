"""All that a bank's facts tell, by people, days, matters and words, and what a search finds of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from questions.factbook import FactBook
from questions.facts import (
    AgreementFact,
    AnyFact,
    CompositionFact,
    DateFact,
    EventFact,
    NumberFact,
    PersonRoleFact,
    QuoteFact,
    SourceConflictFact,
    StatementFact,
    TopicNotRaisedFact,
    TopicRaisedFact,
)
from questions.grammar import counted, date_text, weekday_text
from questions.normalise import normalise
from questions.texts import Bilingual
from quiz.services.world.entries import (
    Accounts,
    Entry,
    Name,
    Said,
    accounts_of,
    both,
    entry,
    holds,
    names,
    names_of,
    said_of,
    speakers,
    texts_of,
)

LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Someone, or a body with a voice."""

    id: str
    name: Bilingual
    roles: tuple[tuple[str, Bilingual], ...]  # (fact, role)
    said: int  # facts that have their words


@dataclass(frozen=True, slots=True)
class Day:
    entry: Entry
    iso: str  # as far as the calendar knows it: a day, or a month
    date: Bilingual
    weekday: Bilingual | None


@dataclass(frozen=True, slots=True)
class Matter:
    entry: Entry
    name: Bilingual
    by: tuple[Name, ...]
    excluded: bool  # of what was not raised: ruled out by a source, not merely left alone


@dataclass(frozen=True, slots=True)
class Count:
    entry: Entry
    number: Bilingual


@dataclass(frozen=True, slots=True)
class Agreed:
    entry: Entry
    parties: tuple[Name, ...]
    on: Bilingual
    state: str  # "agreed", "to_be_started", "proposed", "promised"


@dataclass(frozen=True, slots=True)
class World:
    people: tuple[Person, ...]
    days: tuple[Day, ...]
    said: tuple[tuple[Bilingual, tuple[Said, ...]], ...]  # by topic
    raised: tuple[Matter, ...]
    not_raised: tuple[Matter, ...]
    numbers: tuple[Count, ...]
    agreed: tuple[Agreed, ...]
    accounts: tuple[Accounts, ...]
    course: tuple[Entry, ...]  # what took place, and what consists of what

    @property
    def size(self) -> int:
        said = sum(len(rows) for _, rows in self.said)
        rest = (self.people, self.days, self.raised, self.not_raised, self.numbers, self.agreed, self.accounts)
        return said + len(self.course) + sum(map(len, rest))


def world(book: FactBook, query: str = "") -> World:
    """The whole of it, or what a search finds: every word of the query stands in it, in any way of writing it."""
    words = normalise(query[:LONGEST_QUERY]).split()
    facts = [fact for fact in book.facts.values() if not words or holds(texts_of(fact, book), words)]
    said: dict[str, list[Said]] = {topic: [] for topic in book.topics}
    for fact in facts:
        if isinstance(fact, StatementFact | QuoteFact):
            said[fact.topic].append(said_of(fact, book))
    return World(
        people=tuple(_people(book, facts, words)),
        days=tuple(_days(book, facts)),
        said=tuple((book.topics[topic].name, tuple(rows)) for topic, rows in said.items() if rows),
        raised=tuple(_raised(fact, book) for fact in facts if isinstance(fact, TopicRaisedFact)),
        not_raised=tuple(_not_raised(fact, book) for fact in facts if isinstance(fact, TopicNotRaisedFact)),
        numbers=tuple(
            Count(entry(fact, book), counted(fact.value, fact.unit, alone=True))
            for fact in facts
            if isinstance(fact, NumberFact)
        ),
        agreed=tuple(
            Agreed(entry(fact, book), names(fact.parties, book), fact.on, fact.agreed)
            for fact in facts
            if isinstance(fact, AgreementFact)
        ),
        accounts=tuple(accounts_of(fact, book) for fact in facts if isinstance(fact, SourceConflictFact)),
        course=tuple(entry(fact, book) for fact in facts if isinstance(fact, EventFact | CompositionFact)),
    )


def _people(book: FactBook, facts: Iterable[AnyFact], words: list[str]) -> Iterator[Person]:
    """Persons first, then bodies with a voice; of a search, those whose own name or role is meant."""
    roles, said = _roles(book), Counter(name for fact in book.facts.values() for name in {*speakers(fact)})
    found = {fact.person for fact in facts if isinstance(fact, PersonRoleFact)}
    for one in sorted(book.people, key=lambda name: book.entities[name].kind != "person"):
        own = names_of(book.entities[one]) + [text for _, role in roles.get(one, ()) for text in both(role)]
        if one in found or holds(tuple(own), words):
            yield Person(one, book.name(one), tuple(roles.get(one, ())), said[one])


def person_of(name: str, book: FactBook) -> Person:
    said = sum(name in speakers(fact) for fact in book.facts.values())
    return Person(name, book.name(name), tuple(_roles(book).get(name, ())), said)


def _roles(book: FactBook) -> dict[str, list[tuple[str, Bilingual]]]:
    roles: dict[str, list[tuple[str, Bilingual]]] = {}
    for fact in book.facts.values():
        if isinstance(fact, PersonRoleFact):
            roles.setdefault(fact.person, []).append((fact.id, fact.role))
    return roles


def _days(book: FactBook, facts: Iterable[AnyFact]) -> Iterator[Day]:
    """In order of time. Of one month, what is dated by the month alone comes before its days."""
    dated = [fact for fact in facts if isinstance(fact, DateFact)]
    for fact in sorted(dated, key=lambda fact: (fact.value, fact.precision == "day", fact.id)):
        whole = fact.precision == "day"
        yield Day(
            entry=entry(fact, book),
            iso=fact.value.isoformat() if whole else f"{fact.value:%Y-%m}",
            date=date_text(fact.value, fact.precision, fact.part),
            weekday=weekday_text(fact.value.weekday()) if whole and fact.ask_weekday else None,
        )


def _raised(fact: TopicRaisedFact, book: FactBook) -> Matter:
    return Matter(entry(fact, book), book.name(fact.matter), names(fact.by, book), excluded=False)


def _not_raised(fact: TopicNotRaisedFact, book: FactBook) -> Matter:
    return Matter(entry(fact, book), book.name(fact.matter), (), excluded=fact.kind == "excluded")
