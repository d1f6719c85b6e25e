"""Wrong options: same kind as the key, known false by every fact in the book, the same from run to run.

Candidates are ranked by a hash of (question id, candidate id), so that a new fact displaces at most one option
of a question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never

from questions.factbook import FactBook
from questions.facts import (
    ARTICLE,
    AgreementFact,
    AnyFact,
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
from questions.grammar import capitalised, counted
from questions.item_models.asks import Answer, Ask, DateValue, Number, Phrase, Weekday, text_of
from questions.normalise import normalise
from questions.texts import Bilingual

WANTED = 3


@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong answer, and the sentence that says where it really belongs."""

    id: str
    answer: Answer
    feedback: Bilingual | None = None


def rank(question_id: str, candidate_id: str) -> int:
    """A number that depends on nothing but the two ids; the lowest are taken."""
    return int.from_bytes(hashlib.sha256(f"{question_id}\0{candidate_id}".encode()).digest()[:8], "big")


def distractors(ask: Ask, book: FactBook, question_id: str, wanted: int = WANTED) -> tuple[Distractor, ...]:
    """Up to `wanted` wrong answers, the best group first, ranked within each group."""
    chosen: list[Distractor] = []
    taken, said = _true_values(ask, book), _true_words(ask, book)
    for group in _groups(ask, book, question_id):
        for candidate in sorted(group, key=lambda candidate: rank(question_id, candidate.id)):
            words = _words(candidate.answer)
            if len(chosen) < wanted and candidate.id not in taken and words.isdisjoint(said):
                taken.add(candidate.id)
                said |= words
                chosen.append(candidate)
    return tuple(
        candidate if candidate.feedback else replace(candidate, feedback=_belongs(candidate.answer, ask, book))
        for candidate in chosen
    )


def _belongs(answer: Answer, ask: Ask, book: FactBook) -> Bilingual:
    """Where a near number or day belongs: to another fact, to the document itself, or nowhere."""
    document = book.header.document.date
    match answer:
        case Number(value):
            for fact in book.facts.values():
                if isinstance(fact, NumberFact) and fact.value == value:
                    return fact.text
            said = counted(value, ask.fact.unit, alone=True) if isinstance(ask.fact, NumberFact) else text_of(answer)
            return Bilingual(
                ar=f"{said.ar}: عدد لا يعطيه المقال هنا.",
                en=f"{said.en}: a number that the article does not give here.",
            )
        case DateValue(day=day, precision="day") if day == document:
            said = text_of(answer)
            return Bilingual(ar=f"{said.ar} هو تاريخ المقال نفسه.", en=f"{said.en} is the date of the article itself.")
        case Weekday(index) if index == document.weekday():
            said = text_of(answer)
            return Bilingual(ar=f"{said.ar} هو يوم صدور المقال.", en=f"{said.en} is the day of the article itself.")
        case _:
            said = text_of(answer)
            return Bilingual(
                ar=f"{said.ar}: لا يؤرّخ المقال شيئًا بذلك.",
                en=f"{capitalised(said.en or '')}: the article dates nothing so.",
            )


def _answer_id(answer: Answer) -> str:
    match answer:
        case Entity() | DateValue() | Phrase():
            return answer.id
        case Weekday():
            return str(answer.index)
        case Number():
            return str(answer.value)
        case _:
            assert_never(answer)


def _groups(ask: Ask, book: FactBook, question_id: str) -> Iterable[list[Distractor]]:
    match ask.answer:
        case Entity():
            yield from _entities(ask, ask.answer, book)
        case DateValue():
            yield from _dates(ask.answer, book)
        case Weekday():
            yield [Distractor(str(day), Weekday(day)) for day in range(7)]
        case Number():
            yield _numbers(ask, ask.answer.value, question_id)
        case Phrase():
            yield [
                Distractor(foil.id, Phrase(foil.id, foil.text), foil.why) for foil in ask.fact.foils.get(ask.asked, ())
            ]
            yield from _phrases(ask, book)
        case _:
            assert_never(ask.answer)


def _entities(ask: Ask, key: Entity, book: FactBook) -> Iterable[list[Distractor]]:
    kinds = {"person", "organisation"} if isinstance(ask.fact, SourceConflictFact) else {key.kind}
    true = true_entities(ask, book)
    family = {name for one in true | {key.id} for name in _wholes(one, book)}  # of which a true one is a part
    pool = [
        entity
        for kind in sorted(kinds)
        for entity in book.by_kind.get(kind, ())
        if entity.id not in true | family
        and not _wholes(entity.id, book) & (true | {key.id})
        and _known_false(ask, entity, book)
    ]
    close = [entity for entity in pool if entity.id in key.confusable_with]
    yield [Distractor(entity.id, entity, entity.note) for entity in close]
    yield [Distractor(entity.id, entity, entity.note) for entity in pool]


def _wholes(name: str, book: FactBook) -> set[str]:
    """What an entity is a part of, and what that is a part of, and so on."""
    wholes: set[str] = set()
    while (whole := book.entities[name].part_of) is not None and whole not in wholes:
        wholes.add(whole)
        name = whole
    return wholes


def _known_false(ask: Ask, entity: Entity, book: FactBook) -> bool:
    """Whether a fact says that a matter was (not) raised: of matters, silence proves nothing."""
    if ask.asked == "raised":
        # Of either kind: the stem says "taken up", and a matter that was only mentioned was not.
        return any(isinstance(fact, TopicNotRaisedFact) and fact.matter == entity.id for fact in book.facts.values())
    if ask.asked == "not_raised":
        return any(isinstance(fact, TopicRaisedFact) and fact.matter == entity.id for fact in book.facts.values())
    return True


def true_entities(ask: Ask, book: FactBook) -> frozenset[str]:
    """Every entity that some fact makes a right, or a defensible, answer under this stem."""
    true: set[str] = set()
    for fact in _same_matter(ask, book):
        match fact:
            case StatementFact():
                true.update(fact.speaker, _voices(fact))
            case QuoteFact():
                true.update((fact.speaker,), _voices(fact))
            case PersonRoleFact():
                true.add(fact.person)
            case TopicRaisedFact():
                true.update((fact.matter,) if ask.asked == "raised" else (*fact.by, *_voices(fact)))
            case TopicNotRaisedFact():
                true.add(fact.matter)
            case SourceConflictFact():
                true.update((fact.source_a,) if ask.asked == "account_a" else (fact.source_b,))
            case _:
                true.update(getattr(fact, "who", ()))
                true.update(name for name in (getattr(fact, ask.asked, None),) if isinstance(name, str))
    return frozenset(true)


def _voices(fact: AnyFact) -> set[str]:
    return {name for name in (fact.source, fact.reported_by) if name is not None and name != ARTICLE}


def _same_matter(ask: Ask, book: FactBook) -> list[AnyFact]:
    """The fact, and all that make another answer right under its stem."""
    fact = ask.fact
    same = [other for other in book.facts.values() if other.id in fact.same_as or fact.id in other.same_as]
    for other in book.facts.values():
        match fact, other:
            case StatementFact(), StatementFact() if other.claim == fact.claim:
                same.append(other)
            case QuoteFact(), QuoteFact() if other.words == fact.words:
                same.append(other)
            case PersonRoleFact(), PersonRoleFact() if other.role == fact.role:
                same.append(other)
            case EventFact(), EventFact() if other.asks.get(ask.asked) == fact.asks.get(ask.asked):  # type: ignore[call-overload]  # asked is one of its keys here
                same.append(other)
            case DateFact(), DateFact() if other.did == fact.did:
                same.append(other)
            case NumberFact(), NumberFact() if other.did == fact.did:
                same.append(other)
            case TopicRaisedFact(), TopicRaisedFact() if ask.asked == "raised" or other.matter == fact.matter:
                same.append(other)  # under "which was raised" every raised matter is right
            case TopicNotRaisedFact(), TopicNotRaisedFact():
                same.append(other)
            case _:
                pass
    if isinstance(fact, TopicRaisedFact):
        same = [other for other in same if isinstance(other, TopicRaisedFact)]
    return [fact, *same]


def _dates(key: DateValue, book: FactBook) -> Iterable[list[Distractor]]:
    own: list[Distractor] = []
    for fact in book.facts.values():
        if isinstance(fact, DateFact) and fact.precision == key.precision:
            value = DateValue(fact.value, fact.precision, fact.part)
            own.append(Distractor(value.id, value, fact.text))
    yield own
    near: list[DateValue] = []
    match key.precision:
        case "day":
            near = [DateValue(key.day + timedelta(days=step), "day") for step in (-7, -2, -1, 1, 2, 7)]
        case "month":
            near = [DateValue(_month(key.day, step), "month") for step in (-2, -1, 1, 2)]
        case "part_of_month":
            near = [DateValue(_month(key.day, step), "part_of_month", key.part) for step in (-1, 1)]
            near += [DateValue(key.day, "part_of_month", part) for part in ("beginning", "middle", "end")]
    yield [Distractor(value.id, value) for value in near]


def _month(day: date, step: int) -> date:
    months = day.year * 12 + day.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _numbers(ask: Ask, value: int, question_id: str) -> list[Distractor]:
    """Near numbers, on both sides where there is room, so that the key's place in the row says nothing."""
    reviewed: tuple[int, ...] = getattr(ask.fact, "near", ())
    if reviewed:
        return [Distractor(str(number), Number(number)) for number in reviewed if number != value]
    below = rank(question_id, "below") % (WANTED + 1)  # how many of the three lie below
    below = min(below, max(value - 1, 0))
    numbers = [value - step for step in range(1, below + 1)]
    numbers += [value + step for step in range(1, WANTED - below + 1)]
    return [Distractor(str(number), Number(number)) for number in numbers]


def _true_values(ask: Ask, book: FactBook) -> set[str]:
    """Ids of the right answer, and of every date or number that another fact makes right under this stem."""
    true = {_answer_id(ask.answer)}
    for fact in _same_matter(ask, book):
        match fact, ask.answer:
            case DateFact(), DateValue():
                true.add(DateValue(fact.value, fact.precision, fact.part).id)
            case DateFact(), Weekday():
                true.add(str(fact.value.weekday()))
            case NumberFact(), Number():
                true.add(str(fact.value))
            case _:
                pass
    return true


def _words(answer: Answer) -> set[str]:
    """Normal forms of an answer in words: two options never read alike."""
    if not isinstance(answer, Phrase):
        return set()
    return {normalise(answer.text.get(lang) or "") for lang in answer.text.languages}


def _true_words(ask: Ask, book: FactBook) -> set[str]:
    """What a fact says of the same people in answer to the same thing: their other words, their other offices."""
    texts: list[Bilingual] = []
    for fact in book.facts.values():
        match ask.fact, fact:
            case StatementFact(), StatementFact() if set(fact.speaker) & set(ask.fact.speaker):
                texts.append(fact.claim)
            case AgreementFact(), AgreementFact() if set(fact.parties) & set(ask.fact.parties):
                texts.append(fact.content)
            case QuoteFact(), QuoteFact() if fact.speaker == ask.fact.speaker:
                texts.append(fact.words)
            case PersonRoleFact(), PersonRoleFact() if fact.person == ask.fact.person:
                texts.append(fact.role)
            case _:
                pass
    return _words(ask.answer) | {normalise(text.get(lang) or "") for text in texts for lang in text.languages}


def _phrases(ask: Ask, book: FactBook) -> Iterable[list[Distractor]]:
    """Answers in words from other facts of the same kind: other people's words, other people's offices."""
    others: list[Distractor] = []
    for fact in book.facts.values():
        match ask.fact, fact:
            case QuoteFact(), QuoteFact() if fact.speaker != ask.fact.speaker:
                words = Bilingual(ar=f"«{fact.words.ar}»", en=f"“{fact.words.en}”")
                others.append(Distractor(fact.id, Phrase(fact.id, words), fact.text))
            case PersonRoleFact(), PersonRoleFact() if fact.person != ask.fact.person:
                others.append(Distractor(fact.id, Phrase(fact.id, fact.role), fact.text))
            case _:
                pass
    yield others
