"""What the facts of a book make right under a stem.

Read straight from the facts, and on purpose not from `distractors.py` and `lookup.py`: the two would share a mistake.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import chain

from questions.factbook import FactBook
from questions.facts import (
    ARTICLE,
    AgreementFact,
    AnyFact,
    CompositionFact,
    DateFact,
    Entity,
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
from questions.lint.finding import forms, normal
from questions.lint.names import Spelling, house_names, names_of, shared_surnames
from questions.texts import Bilingual

_SNIPPET = re.compile("«([^»]+)»|“([^”]+)”")
OF_PEOPLE = frozenset({"speaker", "reported_by", "by", "who", "account_a", "account_b"})
MATTERS = frozenset({"raised", "not_raised"})


@dataclass(frozen=True, slots=True)
class Right:
    """What is right: entities by id, and answers in words, numbers and dates by normal form.

    The sets are the book's own, not copies: a speaker of ten thousand claims costs no more than one of ten.
    """

    entities: Set[str] = frozenset()
    words: tuple[Set[str], ...] = ()
    begun: tuple[Set[str], ...] = ()  # beginnings of what was said: cut short it is as true

    def says(self, form: str) -> bool:
        return any(form in words for words in self.words)


class Truth:
    """A book by what its facts make right. Built once for a bank."""

    def __init__(self, book: FactBook) -> None:
        self.book = book
        self._under: dict[tuple[str, ...], list[AnyFact]] = defaultdict(list)
        self._same: dict[str, set[str]] = defaultdict(set)
        self._claims: dict[str, set[str]] = defaultdict(set)  # what is said or agreed, by person or body
        self._words: dict[str, set[str]] = defaultdict(set)  # what stands in quotation marks, by who used it
        self._begun: dict[str, set[str]] = defaultdict(set)  # the beginnings of either
        self._quoting: dict[str, set[str]] = defaultdict(set)  # who has these words in a claim, by the words
        self._roles: dict[str, list[PersonRoleFact]] = defaultdict(list)
        self.matters: dict[str, set[str]] = {"raised": set(), "not_raised": set()}
        self._named: dict[str, set[str]] = defaultdict(set)  # entities by each form of their names
        self._kin = _kin(book.entities)
        for entity in book.entities.values():
            for form in names_of(entity):
                self._named[form].add(entity.id)
        entities = book.entities.values()
        self.house, self.surnames = house_names(entities), shared_surnames(entities)
        self.spelling = Spelling(entities)
        for fact in book.facts.values():
            self._take(fact)

    def _take(self, fact: AnyFact) -> None:
        for asked in fact.points:
            for stem in _stems(fact, asked):
                self._under[stem].append(fact)
        for other in fact.same_as:
            self._same[fact.id].add(other)
            self._same[other].add(fact.id)
        match fact:
            case StatementFact() | AgreementFact():
                said = fact.claim if isinstance(fact, StatementFact) else fact.content
                for person in _speakers(fact):
                    self._claims[person] |= forms(said)
                    self._begun[person] |= _begun(said)
                    self._words[person] |= _snippets(said)
                    for words in _snippets(said):
                        self._quoting[words].add(person)
            case QuoteFact():
                self._words[fact.speaker] |= forms(fact.words)
                self._begun[fact.speaker] |= _begun(fact.words)
            case PersonRoleFact():
                self._roles[fact.person].append(fact)
            case TopicRaisedFact():
                self.matters["raised"].add(fact.matter)
            case TopicNotRaisedFact():
                self.matters["not_raised"].add(fact.matter)
            case _:
                pass

    def alike(self, fact: AnyFact, asked: str) -> list[AnyFact]:
        """The fact, those that ask for this with the same words, and those that say the same."""
        found = {fact.id: fact}
        waiting = [fact]
        while waiting:
            one = waiting.pop()
            near = [self.book.facts[name] for name in self._same.get(one.id, ())]
            near += [other for stem in _stems(one, asked) for other in self._under.get(stem, ())]
            for other in near:
                if other.id not in found and _at_once(other, fact):
                    found[other.id] = other
                    waiting.append(other)
        return list(found.values())

    def entities(self, text: Bilingual, name: str = "") -> set[str]:
        """Whom or what an option names."""
        found = {entity for form in forms(text) for entity in self._named.get(form, ())}
        return found or ({name} & self.book.entities.keys())

    def kin(self, entity: str) -> frozenset[str]:
        """An entity with its wholes and its parts: not rivals of each other."""
        return self._kin[entity]

    def right(self, fact: AnyFact, asked: str) -> Right:
        """Everything that some fact makes a right, or a defensible, answer under this stem."""
        if asked in MATTERS:
            return Right(self.matters[asked])
        facts = self.alike(fact, asked)
        people = {who for one in facts for who in _speakers(one)}
        if asked in {"claim", "content", "words"}:
            said = self._words if asked == "words" else self._claims
            return Right(words=tuple(said[who] for who in people), begun=tuple(self._begun[who] for who in people))
        if asked == "role":
            held = [role for one in facts if isinstance(one, PersonRoleFact) for role in self._roles[one.person]]
            return Right(words=tuple(forms(role.role) for role in held if _at_once(role, fact)))
        right = [_answers(one, fact, asked) for one in facts]
        entities = _all(one.entities for one in right)
        if isinstance(fact, QuoteFact) and asked == "speaker":
            entities |= _all(self._quoting[form] for form in forms(fact.words))
        return Right(entities, tuple(chain.from_iterable(one.words for one in right)))

    def is_right(self, right: Right, text: Bilingual, name: str = "") -> bool:
        """Whether an option is right; a whole and its part are no rivals of each other."""
        if any(right.says(form) or any(form in begun for begun in right.begun) for form in forms(text)):
            return True
        meant = self.entities(text, name) if right.entities else ()
        return any(not right.entities.isdisjoint(self.kin(entity)) for entity in meant)


def _kin(entities: dict[str, Entity]) -> dict[str, frozenset[str]]:
    kin: dict[str, set[str]] = {name: {name} for name in entities}
    for name in entities:
        whole = entities[name].part_of
        while whole is not None and whole not in kin[name]:
            kin[name].add(whole)
            kin[whole].add(name)
            whole = entities[whole].part_of
    return {name: frozenset(near) for name, near in kin.items()}


def _begun(text: Bilingual) -> set[str]:
    """The normal forms of a text's beginnings, from two words on."""
    words = [form.split() for form in forms(text)]
    return {" ".join(one[:end]) for one in words for end in range(2, len(one))}


def _all(sets: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(chain.from_iterable(sets))


def _stems(fact: AnyFact, asked: str) -> list[tuple[str, ...]]:
    """What a stem says besides its answer, in each language: facts that share one are asked in the same words."""
    match fact:
        case StatementFact():
            return _in_each("said", fact.claim)
        case SourceConflictFact():
            return _in_each("said", fact.account_a if asked == "account_a" else fact.account_b)
        case QuoteFact():
            return _in_each("words", fact.words)
        case PersonRoleFact():
            return _in_each("role", fact.role)
        case EventFact():
            return [
                stem for name, rest in fact.asks.items() if name == asked for stem in _in_each(f"event {name}", rest)
            ]
        case DateFact() | NumberFact() | CompositionFact():
            return _in_each(fact.type, fact.did)
        case TopicRaisedFact():
            return [("matter", fact.matter)]
        case _:
            return []


def _in_each(what: str, text: Bilingual) -> list[tuple[str, ...]]:
    return [(what, lang, normal(text.get(lang) or "")) for lang in text.languages]


def _snippets(text: Bilingual) -> set[str]:
    """The words in quotation marks."""
    return {normal(one or two) for lang in text.languages for one, two in _SNIPPET.findall(text.get(lang) or "")}


def _speakers(fact: AnyFact) -> tuple[str, ...]:
    match fact:
        case StatementFact():
            return fact.speaker
        case AgreementFact():
            return fact.parties
        case QuoteFact():
            return (fact.speaker,)
        case _:
            return ()


def voices(fact: AnyFact) -> set[str]:
    """Who passed the fact on, the article aside."""
    return {name for name in (fact.source, fact.reported_by) if name is not None and name != ARTICLE}


def _at_once(one: AnyFact, other: AnyFact) -> bool:
    """Whether two offices were held at one date, as far as is known."""
    at, when = getattr(one, "at", None), getattr(other, "at", None)
    return at is None or when is None or at == when


def _answers(fact: AnyFact, of: AnyFact, asked: str) -> Right:
    """What a fact by itself answers, when this field of another one is asked for."""
    match fact:
        case _ if asked == "reported_by":
            return Right(frozenset(voices(fact)))
        case StatementFact() | QuoteFact() if asked in OF_PEOPLE:
            return Right(frozenset({*_speakers(fact), *voices(fact)}))
        case SourceConflictFact() if isinstance(of, SourceConflictFact):
            said = forms(of.account_a if asked == "account_a" else of.account_b)
            accounts = ((fact.account_a, fact.source_a), (fact.account_b, fact.source_b))
            return Right(frozenset(source for account, source in accounts if forms(account) & said))
        case PersonRoleFact() if asked == "who":
            return Right(frozenset({fact.person}))
        case TopicRaisedFact() if asked == "by":
            return Right(frozenset({*fact.by, *voices(fact)}))
        case EventFact():
            named = {"who": fact.who, "where": (fact.where,), "how": (fact.how,)}.get(asked, ())
            return Right(frozenset(name for name in named if name is not None))
        case DateFact() if asked == "when":
            return Right(words=(forms(date_text(fact.value, fact.precision, fact.part)),))
        case DateFact() if asked == "weekday":
            return Right(words=(forms(weekday_text(fact.value.weekday())),))
        case NumberFact() if asked == "count":
            return Right(words=({str(fact.value)} | forms(counted(fact.value, fact.unit, alone=True)),))
        case CompositionFact() if asked == "parts":
            return Right(words=tuple(forms(part.text) for part in fact.parts))
        case _:
            return Right()
