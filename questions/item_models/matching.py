"""Matching: three to five pairs, each its own fact, and one extra answer. Feeds no memory."""

from __future__ import annotations

from questions.bank import Item, MatchingQuestion, Pair, question_id
from questions.factbook import FactBook
from questions.facts import AnyFact, DateFact, FactSet, PersonRoleFact, QuoteFact, StatementFact
from questions.grammar import capitalised, date_text
from questions.item_models.frame import citation, of_several
from questions.texts import Bilingual


def match_pairs(fact_set: FactSet, book: FactBook) -> MatchingQuestion:
    """Persons and roles, words and speakers, or events and dates, by the type of the set's facts."""
    facts = [book.facts[name] for name in fact_set.facts]
    sides = [(fact, *_sides(fact, book)) for fact in facts]
    extra = [Item(id=name, text=_sides(book.facts[name], book)[1]) for name in fact_set.others]
    extra += [Item(id=name, text=book.name(name)) for name in (fact_set.extra,) if name is not None]
    return MatchingQuestion(
        id=question_id(fact_set.id, "pairs", "matching"),
        stem=_stem(facts, book),
        pairs=tuple(Pair(id=fact.id, left=left, right=right) for fact, left, right in sides),
        extra=tuple(extra),
        feedback=Bilingual(
            ar=f"{'؛ '.join(f'{left.ar}: {right.ar}' for _, left, right in sides)}.",
            en=capitalised(f"{'; '.join(f'{left.en}: {right.en}' for _, left, right in sides)}."),
        ),
        facts=(*fact_set.facts, *fact_set.others),
        sources=tuple(dict.fromkeys(citation(fact, book) for fact in facts)),
        topic=fact_set.topic,
        weight=fact_set.weight,
        difficulty=0.6,
        not_with=(*fact_set.facts, *fact_set.others),
    )


def _stem(facts: list[AnyFact], book: FactBook) -> Bilingual:
    event = book.header.event.name
    match facts[0]:
        case PersonRoleFact():
            return Bilingual(
                ar=f"ما صفة كل من هؤلاء وقت {event.ar}؟",
                en=f"What was the role of each of these at the time of {event.en}?",
            )
        case DateFact():
            return of_several(facts, book, "ما تاريخ كل من هذه الأحداث", "what is the date of each of these events")
        case QuoteFact():
            return Bilingual(
                ar=f"مَن صاحب كل عبارة من هذه العبارات في الحديث عن {event.ar}؟",
                en=f"Who used each of these phrases in speaking of {event.en}?",
            )
        case _:
            return Bilingual(
                ar=f"مَن صاحب كل قول من هذه الأقوال في الحديث عن {event.ar}؟",
                en=f"Who said each of these in connection with {event.en}?",
            )


def _sides(fact: AnyFact, book: FactBook) -> tuple[Bilingual, Bilingual]:
    """What is matched with what. Only these types are let into a set of pairs."""
    match fact:
        case PersonRoleFact():
            return book.name(fact.person), fact.role
        case DateFact(label=Bilingual() as label):
            return label, date_text(fact.value, fact.precision, fact.part)
        case QuoteFact():
            return Bilingual(ar=f"«{fact.words.ar}»", en=f"“{fact.words.en}”"), book.name(fact.speaker)
        case StatementFact():
            return fact.claim, book.name(fact.speaker[0])
        case _:
            raise TypeError(f"{fact.id} has no two sides")
