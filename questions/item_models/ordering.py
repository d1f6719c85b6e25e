"""Ordering: three to five dated facts, the earliest first. Feeds no memory."""

from __future__ import annotations

from questions.bank import Item, OrderingQuestion, question_id
from questions.factbook import FactBook
from questions.facts import DateFact, FactSet
from questions.grammar import capitalised, date_text
from questions.item_models.frame import citation, of_several
from questions.texts import Bilingual


def order(fact_set: FactSet, book: FactBook) -> OrderingQuestion:
    """The facts of the set by their dates, of which none overlaps another (checked with the book)."""
    facts = sorted(_dated(fact_set, book), key=lambda fact: fact.span)
    lines = [(fact.label, date_text(fact.value, fact.precision, fact.part)) for fact in facts if fact.label]
    return OrderingQuestion(
        id=question_id(fact_set.id, "order", "ordering"),
        # Of what took place and of what was planned alike.
        stem=of_several(
            facts,
            book,
            "ما ترتيب هذه الأحداث من الأقدم إلى الأحدث",
            "what is the order of these events, from the earliest to the latest",
        ),
        items=tuple(Item(id=fact.id, text=fact.label) for fact in facts if fact.label),
        feedback=Bilingual(
            ar=f"{'؛ '.join(f'{label.ar}: {day.ar}' for label, day in lines)}.",
            en=capitalised(f"{'; '.join(f'{label.en}: {day.en}' for label, day in lines)}."),
        ),
        facts=fact_set.facts,
        sources=tuple(dict.fromkeys(citation(fact, book) for fact in facts)),
        topic=fact_set.topic,
        weight=fact_set.weight,
        difficulty=0.6,
        not_with=fact_set.facts,
    )


def _dated(fact_set: FactSet, book: FactBook) -> list[DateFact]:
    return [fact for name in fact_set.facts if isinstance(fact := book.facts[name], DateFact)]
