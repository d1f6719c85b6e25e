"""One person, one fact, the points that are asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import SCHEDULED, Question
from questions.errors import NotFound
from questions.factbook import FactBook, voices_of
from questions.facts import PersonRoleFact, QuoteFact, SourceConflictFact, StatementFact
from questions.texts import Bilingual
from quiz.models import QuestionRow
from quiz.services import banks
from quiz.services.world.entries import (
    NAMING,
    Accounts,
    Entry,
    Name,
    Said,
    accounts_of,
    entry,
    fields_of,
    named_in,
    names,
    said_of,
    speakers,
)
from quiz.services.world.whole import Person, person_of

# A statement to judge, or a sentence with a hole, asks least plainly.
_PLAINEST = ("typed", "choice", "multi_select", "ordering", "matching", "cloze", "true_false", "open")


@dataclass(frozen=True, slots=True)
class PersonPage:
    person: Person
    note: Bilingual
    alike: tuple[Name, ...]  # with whom they are easily confused
    said: tuple[Said, ...]
    told: tuple[Entry, ...]  # what rests on their word, of others' sayings and doings
    named: tuple[Entry, ...]  # what else names them


def person_page(book: FactBook, name: str) -> PersonPage:
    """Raises NotFound for whoever has no page."""
    if name not in book.people:
        raise NotFound("there is no such person in this bank")
    said: list[Said] = []
    told: list[Entry] = []
    named: list[Entry] = []
    for fact in book.facts.values():
        if isinstance(fact, PersonRoleFact) and fact.person == name:
            continue  # stands above, as a role
        if isinstance(fact, StatementFact | QuoteFact) and name in speakers(fact):
            said.append(said_of(fact, book))
        elif name in voices_of(fact):
            told.append(entry(fact, book))
        elif name in fields_of(fact, NAMING):
            named.append(entry(fact, book))
    of = book.entities[name]
    alike = names(tuple(one for one in of.confusable_with if one in book.entities), book)
    return PersonPage(person_of(name, book), of.note, alike, tuple(said), tuple(told), tuple(named))


@dataclass(frozen=True, slots=True)
class Point:
    """What can be asked of a fact: one field of it, in one or several ways."""

    id: str
    stem: Bilingual
    kinds: tuple[str, ...]

    @property
    def learned(self) -> bool:
        """Whether a memory is kept of it: of what asks several facts there is none."""
        return not SCHEDULED.isdisjoint(self.kinds)


@dataclass(frozen=True, slots=True)
class FactPage:
    entry: Entry
    said: Said | None
    accounts: Accounts | None
    topic: Bilingual
    people: tuple[Name, ...]  # whom else it names
    related: tuple[Entry, ...]  # says otherwise, or the same
    points: tuple[Point, ...]
    questions: int


def fact_page(book: FactBook, fact_id: str, questions: Iterable[Question]) -> FactPage:
    """A fact, and what the live `questions` of its bank ask of it. Raises NotFound."""
    fact = book.facts.get(fact_id)
    if fact is None:
        raise NotFound("there is no such fact")
    asked = [question for question in questions if fact_id in question.facts and question.kind != "open"]
    said = said_of(fact, book) if isinstance(fact, StatementFact | QuoteFact) else None
    accounts = accounts_of(fact, book) if isinstance(fact, SourceConflictFact) else None
    shown = {*voices_of(fact)} if said or accounts else set()
    return FactPage(
        entry=entry(fact, book),
        said=said,
        accounts=accounts,
        topic=book.topics[fact.topic].name,
        people=tuple(one for one in names(named_in(fact), book) if one.linked and one.id not in shown),
        related=tuple(
            entry(book.facts[one], book)
            for one in dict.fromkeys((*fact.contradicts, *fact.same_as))
            if one in book.facts and one != fact_id
        ),
        points=points_of(asked),
        questions=len(asked),
    )


def points_of(questions: Iterable[Question]) -> tuple[Point, ...]:
    """The points of some questions, each under the stem that asks most plainly."""
    ways: dict[str, list[Question]] = {}
    for question in questions:
        ways.setdefault(question.point, []).append(question)
    return tuple(
        Point(
            point,
            min(asked, key=lambda question: _PLAINEST.index(question.kind)).stem,
            tuple(dict.fromkeys(question.kind for question in asked)),
        )
        for point, asked in ways.items()
    )


@dataclass(frozen=True, slots=True)
class PointPage:
    """A point as a deck's card leads to it."""

    point: Point
    facts: tuple[Entry, ...]
    questions: int  # that are asked of it now; 0: it is asked no more


def point_page(session: Session, bank_id: str, name: str) -> PointPage:
    """A point, or a question that a deck has as a note of its own. Raises NotFound for what never was in the bank."""
    rows = session.execute(
        select(QuestionRow.body, QuestionRow.retired_at, QuestionRow.hidden)
        .where(QuestionRow.bank_id == bank_id, (QuestionRow.point == name) | (QuestionRow.id == name))
        .order_by(QuestionRow.place, QuestionRow.id)
    ).all()
    if not rows:
        raise NotFound("there is no such point")
    live = [banks.parse(row.body) for row in rows if row.retired_at is None and not row.hidden]
    shown = live or [banks.parse(row.body) for row in rows if not row.hidden] or [banks.parse(rows[0].body)]
    book = banks.facts_of(session, bank_id)
    facts = dict.fromkeys(fact for question in shown for fact in question.facts)
    return PointPage(
        point=points_of(shown)[0],
        facts=tuple(entry(book.facts[fact], book) for fact in facts if fact in book.facts) if book else (),
        questions=sum(question.kind != "open" for question in live),
    )
