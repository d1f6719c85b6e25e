"""Which item models are offered each field of each type of fact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from questions.bank import Question
from questions.factbook import FactBook
from questions.facts import AnyFact, CompositionFact, FactSet
from questions.item_models.asks import asks
from questions.item_models.choice import choice
from questions.item_models.cloze import cloze
from questions.item_models.matching import match_pairs
from questions.item_models.multi_select import composition_select, set_select
from questions.item_models.ordering import order
from questions.item_models.true_false import true_false
from questions.item_models.typed import typed

# Which models are offered each field asked for; none is forced.
TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("event", "who"): ("choice", "typed"),
    ("event", "where"): ("choice", "typed"),
    ("event", "how"): ("choice",),
    ("date", "when"): ("choice", "typed"),
    ("date", "weekday"): ("choice", "typed"),
    ("number", "count"): ("choice", "true_false", "typed"),
    ("person_role", "who"): ("choice", "true_false", "typed"),
    ("person_role", "role"): ("choice",),
    ("topic_raised", "raised"): ("choice", "true_false"),
    ("topic_raised", "by"): ("choice", "typed"),
    ("topic_not_raised", "not_raised"): ("choice", "true_false"),
    ("statement", "speaker"): ("choice", "true_false", "typed"),
    ("statement", "reported_by"): ("choice", "typed"),
    ("statement", "claim"): ("choice", "true_false"),
    ("agreement", "content"): ("choice", "true_false"),
    ("quote", "speaker"): ("choice", "true_false", "typed"),
    ("quote", "words"): ("choice",),
    ("source_conflict", "account_a"): ("choice", "typed"),
    ("source_conflict", "account_b"): ("choice", "typed"),
}
_MODELS = {"choice": choice, "true_false": true_false, "typed": typed}


def questions_of(book: FactBook) -> Iterator[Question]:
    """All questions that the book's facts give, in the order of the document; those of its sets last."""
    for fact in sorted(book.facts.values(), key=lambda fact: (fact.para, fact.id)):
        yield from filter(None, _of_fact(fact, book))
    for fact_set in sorted(book.sets.values(), key=lambda fact_set: fact_set.id):
        yield _of_set(fact_set, book)


def _of_fact(fact: AnyFact, book: FactBook) -> Iterator[Question | None]:
    if isinstance(fact, CompositionFact):
        yield composition_select(fact, book)
    for ask in asks(fact, book):
        for model in TABLE[fact.type, ask.asked]:
            yield _MODELS[model](ask, book)
    yield cloze(fact, book)


def _of_set(fact_set: FactSet, book: FactBook) -> Question:
    match fact_set.asked:
        case "raised" | "not_raised":
            return set_select(fact_set, book)
        case "order":
            return order(fact_set, book)
        case "pairs":
            return match_pairs(fact_set, book)
        case _:
            assert_never(fact_set.asked)
