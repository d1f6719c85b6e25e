"""Which item models are offered each field of each type of fact."""

from __future__ import annotations

from collections.abc import Iterator

from questions.bank import Question
from questions.factbook import FactBook
from questions.item_models.asks import Ask, asks
from questions.item_models.choice import choice
from questions.item_models.multi_select import composition_select, set_select
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
    ("source_conflict", "account_a"): ("choice",),
    ("source_conflict", "account_b"): ("choice",),
}
_MODELS = {"choice": choice, "true_false": true_false, "typed": typed}


def questions_of(book: FactBook) -> Iterator[Question]:
    """All questions that the book's facts give, in the order of the document."""
    for fact in sorted(book.facts.values(), key=lambda fact: (fact.para, fact.id)):
        if fact.type == "composition":
            whole = composition_select(fact, book)
            if whole is not None:
                yield whole
            continue
        for ask in asks(fact, book):
            yield from _asked_in_every_way(ask, book)
    for fact_set in sorted(book.sets.values(), key=lambda fact_set: fact_set.id):
        yield set_select(fact_set, book)


def _asked_in_every_way(ask: Ask, book: FactBook) -> Iterator[Question]:
    for model in TABLE[ask.fact.type, ask.asked]:
        question = _MODELS[model](ask, book)
        if question is not None:
            yield question
