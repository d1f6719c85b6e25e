"""True or false: a positive sentence; the false version changes exactly one field."""

from __future__ import annotations

from questions.bank import TrueFalseQuestion, question_id
from questions.distractors import distractors
from questions.factbook import FactBook
from questions.item_models.asks import Ask
from questions.item_models.frame import shared
from questions.lookup import rank


def true_false(ask: Ask, book: FactBook) -> TrueFalseQuestion | None:
    """A true/false question; which of the two is drawn from the id, and stays. None without a rival answer."""
    if ask.statement is None:
        return None
    name = question_id(ask.fact.id, ask.asked, "true_false")
    if ask.holds is not None:
        key, answer = ask.holds, ask.answer
    else:
        wrong = distractors(ask, book, name)
        if not wrong:
            return None
        key = rank(name, "true") % 2 == 0
        answer = ask.answer if key else wrong[0].answer
    return TrueFalseQuestion(id=name, stem=ask.statement(answer), key=key, **shared(ask.fact, book, 0.3))
