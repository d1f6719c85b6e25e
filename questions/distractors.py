"""Wrong options: same kind as the key, known false by every fact in the book, the same from run to run.

Candidates are ranked by a hash of (question id, candidate id), so that a new fact displaces at most one option
of a question; `lookup.py` has the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import assert_never

from questions.factbook import FactBook
from questions.facts import (
    ARTICLE,
    AnyFact,
    DateFact,
    Entity,
    NumberFact,
    PersonRoleFact,
    QuoteFact,
    SourceConflictFact,
    StatementFact,
    TopicNotRaisedFact,
    TopicRaisedFact,
)
from questions.grammar import agreement, capitalised, counted
from questions.item_models.asks import Answer, Ask, DateValue, Number, Phrase, Weekday, text_of
from questions.lookup import forms, rank
from questions.texts import Bilingual

WANTED = 3


@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong answer, and the sentence that says where it really belongs."""

    id: str
    answer: Answer
    feedback: Bilingual | None = None


def distractors(ask: Ask, book: FactBook, question_id: str, wanted: int = WANTED) -> tuple[Distractor, ...]:
    """Up to `wanted` wrong answers, the best group first, ranked within each group."""
    chosen: list[Distractor] = []
    taken = _true_values(ask, book)
    said = [_words(ask.answer), *book.lookup.words_of(ask.fact)] if isinstance(ask.answer, Phrase) else []
    for candidate in chain.from_iterable(_groups(ask, book, question_id)):
        words = _words(candidate.answer)
        if candidate.id not in taken and all(words.isdisjoint(other) for other in said):
            taken.add(candidate.id)
            said.append(words)
            chosen.append(candidate)
        if len(chosen) == wanted:  # before the next is looked for: a whole pool may be gone through for it
            break
    return tuple(
        candidate if candidate.feedback else replace(candidate, feedback=_belongs(candidate.answer, ask, book))
        for candidate in chosen
    )


def _belongs(answer: Answer, ask: Ask, book: FactBook) -> Bilingual:
    """Where a near number or day belongs: to another fact, to the document itself, or nowhere."""
    document = book.header.document.date
    match answer:
        case Number(value):
            if value in book.lookup.numbers:
                return book.lookup.numbers[value].text
            said = counted(value, ask.fact.unit, alone=True) if isinstance(ask.fact, NumberFact) else text_of(answer)
            return Bilingual(
                ar=f"{said.ar}: عدد لا يعطيه المقال هنا.",
                en=f"{said.en}: a number that the article does not give here.",
            )
        case DateValue():
            said, fact = text_of(answer), book.lookup.dated_within(*answer.span)
            if fact is not None:
                return _dated(said, fact)
            if answer.span == (document, document):
                return Bilingual(
                    ar=f"{said.ar} هو تاريخ المقال نفسه.", en=f"{said.en} is the date of the article itself."
                )
            return Bilingual(
                ar=f"{said.ar}: تاريخ لا يعطيه المقال هنا.",
                en=f"{capitalised(said.en or '')}: a date that the article does not give here.",
            )
        case Weekday(index):
            said, fact = text_of(answer), book.lookup.weekdays.get(index)
            if fact is not None:
                return _dated(said, fact)
            if index == document.weekday():
                return Bilingual(ar=f"{said.ar} هو يوم صدور المقال.", en=f"{said.en} is the day of the article itself.")
            return Bilingual(
                ar=f"{said.ar}: يوم لا يعطيه المقال هنا.", en=f"{said.en}: a day that the article does not give here."
            )
        case Entity() | Phrase():
            raise TypeError(f"{answer!r} says itself where it belongs")
        case _:
            assert_never(answer)


def _dated(said: Bilingual, fact: DateFact) -> Bilingual:
    """What was then, in the words of a fact; after the day or month itself where they do not name it."""

    def side(day: str, sentence: str) -> str:
        return sentence if day in sentence else capitalised(f"{day}: {sentence}")

    return Bilingual(
        ar=side(said.ar or "", fact.text.ar or ""),
        en=side(said.en or "", fact.text.en or ""),
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


def _groups(ask: Ask, book: FactBook, question_id: str) -> Iterator[Iterable[Distractor]]:
    match ask.answer:
        case Entity():
            yield from _entities(ask, ask.answer, book, question_id)
        case DateValue():
            yield from _dates(ask.answer, book, question_id)
        case Weekday():
            yield _ranked(question_id, [Distractor(str(day), Weekday(day)) for day in range(7)])
        case Number():
            yield _ranked(question_id, _numbers(ask, ask.answer.value, question_id))
        case Phrase(text=key):
            foils = ask.fact.foils.get(ask.asked, ())
            written = _ranked(
                question_id, [Distractor(foil.id, Phrase(foil.id, foil.text), foil.why) for foil in foils]
            )
            # Those of about the key's length first: much shorter or longer ones would mark it out.
            for in_band in (True, False):
                for group in (written, _phrases(ask, book, question_id)):
                    yield (one for one in group if _as_long(text_of(one.answer), key) is in_band)
        case _:
            assert_never(ask.answer)


def _ranked(question_id: str, candidates: list[Distractor]) -> list[Distractor]:
    return sorted(candidates, key=lambda candidate: rank(question_id, candidate.id))


def _entities(ask: Ask, key: Entity, book: FactBook, question_id: str) -> Iterator[Iterable[Distractor]]:
    kinds = ("organisation", "person") if isinstance(ask.fact, SourceConflictFact) else (key.kind,)
    true = true_entities(ask, book) | {key.id}
    held = isinstance(ask.fact, PersonRoleFact)  # a role is written for a man, a woman or several: as its rivals are

    def wrong(entity: Entity) -> bool:
        """Not right itself, and neither a whole nor a part of what is."""
        return (
            entity.id not in true
            and (not held or agreement(entity) == agreement(key))
            and not book.lookup.within(entity.id) & true
            and not book.lookup.wholes(entity.id) & true
            and _known_false(ask, entity, book)
        )

    alike = [book.entities[name] for name in key.confusable_with]
    yield _ranked(question_id, [Distractor(one.id, one, one.note) for one in alike if one.kind in kinds and wrong(one)])
    yield (
        Distractor(entity.id, entity, entity.note)
        for entity in book.lookup.of_kinds(*kinds).for_question(question_id)
        if wrong(entity)
    )


def _known_false(ask: Ask, entity: Entity, book: FactBook) -> bool:
    """Whether a fact says that a matter was (not) raised: of matters, silence proves nothing."""
    if ask.asked == "raised":
        # Of either kind: the stem says "taken up", and a matter that was only mentioned was not.
        return entity.id in book.lookup.not_raised
    if ask.asked == "not_raised":
        return entity.id in book.lookup.raised
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
    match ask.asked:  # under "which was raised" every raised matter is right
        case "raised":
            return book.lookup.raised.union(true)
        case "not_raised":
            return book.lookup.not_raised.union(true)
        case _:
            return frozenset(true)


def _voices(fact: AnyFact) -> set[str]:
    return {name for name in (fact.source, fact.reported_by) if name is not None and name != ARTICLE}


def _same_matter(ask: Ask, book: FactBook) -> list[AnyFact]:
    """The fact, and all that make another answer right under its stem."""
    fact = ask.fact
    same = [*book.lookup.same_as.get(fact.id, ()), *book.lookup.under_stem(fact, ask.asked)]
    if isinstance(fact, TopicRaisedFact):
        same = [other for other in same if isinstance(other, TopicRaisedFact)]
    return [fact, *same]


def _dates(key: DateValue, book: FactBook, question_id: str) -> Iterator[Iterable[Distractor]]:
    if key.precision in book.lookup.dates:
        yield (
            Distractor(fact.iso, DateValue(fact.value, fact.precision, fact.part), fact.text)
            for fact in book.lookup.dates[key.precision].for_question(question_id)
        )
    near: list[DateValue] = []
    match key.precision:
        case "day":
            near = [DateValue(key.day + timedelta(days=step), "day") for step in (-7, -2, -1, 1, 2, 7)]
        case "month":
            near = [DateValue(_month(key.day, step), "month") for step in (-2, -1, 1, 2)]
        case "part_of_month":
            near = [DateValue(_month(key.day, step), "part_of_month", key.part) for step in (-1, 1)]
            near += [DateValue(key.day, "part_of_month", part) for part in ("beginning", "middle", "end")]
    yield _ranked(question_id, [Distractor(value.id, value) for value in near])


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
                true.add(fact.iso)
            case DateFact(), Weekday():
                true.add(str(fact.value.weekday()))
            case NumberFact(), Number():
                true.add(str(fact.value))
            case _:
                pass
    return true


def _words(answer: Answer) -> frozenset[str]:
    """Normal forms of an answer in words: two options never read alike."""
    return frozenset(forms(answer.text)) if isinstance(answer, Phrase) else frozenset()


def _phrases(ask: Ask, book: FactBook, question_id: str) -> Iterator[Distractor]:
    """Answers in words from other facts of the same kind: other people's words, other people's roles.

    Those of the same person are true of them, and are left out by their words. Roles are of people of one gender,
    and the stem says whether it asks for a word or for several.
    """
    match ask.fact:
        case QuoteFact(one_word=one_word):
            for quote in book.lookup.quotes.for_question(question_id):
                if quote.one_word is one_word:
                    words = Bilingual(ar=f"«{quote.words.ar}»", en=f"“{quote.words.en}”")
                    yield Distractor(quote.id, Phrase(quote.id, words), quote.text)
        case PersonRoleFact(person=person):
            for held in book.lookup.roles.for_question(question_id):
                if agreement(book.entities[held.person]) == agreement(book.entities[person]):
                    yield Distractor(held.id, Phrase(held.id, held.role), held.text)
        case _:
            pass


def _as_long(text: Bilingual, key: Bilingual) -> bool:
    """Whether a text is between half and twice as long as the key, in each of its languages."""
    return all(
        len(said) <= 2 * len(text.get(lang) or "") <= 4 * len(said)
        for lang in key.languages
        if (said := key.get(lang)) is not None
    )
