"""From a response to a verdict: right, close or wrong, and why. Never by a similarity ratio."""

from __future__ import annotations

from typing import assert_never

from questions.bank import (
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OpenQuestion,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.errors import BadInput
from questions.grading.numbers import day, number, weekday
from questions.grading.verdict import RIGHT, WRONG, Outcome, Reason, Verdict, weighed, wrong
from questions.grading.words import written_words
from questions.normalise import normalise
from questions.reading import numeric
from questions.responses import (
    Chosen,
    ChosenMany,
    Judged,
    Matched,
    Ordered,
    Response,
    Unknown,
    Written,
)
from questions.small_words import DONT_KNOW

__all__ = ["RIGHT", "WRONG", "Outcome", "Reason", "Verdict", "grade"]


def grade(question: Question, response: Response) -> Verdict:
    """Judge a response to a question as it was shown.

    Raises BadInput when the response is not one to this kind of question, or names what was not there.
    """
    match question, response:
        case _, Unknown():
            return wrong("unknown")
        case ChoiceQuestion(), Chosen(option=chosen):
            _known({chosen}, {option.id for option in question.options})
            return _choice(question, chosen)
        case MultiSelectQuestion(), ChosenMany(options=chosen_many):
            _known(set(chosen_many), {option.id for option in question.options})
            return _chosen_many(question, set(chosen_many))
        case TrueFalseQuestion(), Judged(value=value):
            return RIGHT if value == question.key else WRONG
        case TypedQuestion() | ClozeQuestion(), Written(text=text):
            return _written(question, text)
        case OrderingQuestion(), Ordered(items=items):
            right = [item.id for item in question.items]
            if sorted(items) != sorted(right):
                raise BadInput("the items are not those of the question")
            return _share(sum(one == other for one, other in zip(items, right, strict=True)) / len(right))
        case MatchingQuestion(), Matched(pairs=pairs):
            rights = {pair.id for pair in question.pairs} | {item.id for item in question.extra}
            _known({right for _, right in pairs}, rights)
            _known({left for left, _ in pairs}, {pair.id for pair in question.pairs})
            # Two pairs may have the same right side: either of the two is right for both.
            side = {pair.id: pair.right for pair in question.pairs} | {item.id: item.text for item in question.extra}
            made = {left: side[right] for left, right in pairs}
            return _share(sum(made.get(pair.id) == pair.right for pair in question.pairs) / len(question.pairs))
        case OpenQuestion(), _:
            raise BadInput("a question that a person marks cannot be marked here")
        case _:
            raise BadInput("the answer is not one to this kind of question")


def _known(given: set[str], there: set[str]) -> None:
    if not given <= there:
        raise BadInput("an option that the question does not have")


def _choice(question: ChoiceQuestion, chosen: str) -> Verdict:
    if chosen == question.key:
        return RIGHT
    weight = next(option.weight for option in question.options if option.id == chosen) or 0
    return weighed(weight)


def _chosen_many(question: MultiSelectQuestion, chosen: set[str]) -> Verdict:
    """The exact set, or the shares that a file gives to options: what is wrong takes off, never below nothing."""
    if chosen == set(question.keys):
        return RIGHT
    if all(option.weight is None for option in question.options):
        return WRONG
    share = sum(option.weight or 0 for option in question.options if option.id in chosen)
    return _share(round(min(max(share, 0), 0.99), 4)) if share > 0 else WRONG


def _share(share: float) -> Verdict:
    if share in {0, 1}:
        return RIGHT if share else WRONG
    return Verdict("close", share, "in_part") if share >= 0.5 else Verdict("wrong", share, "in_part")


def _written(question: TypedQuestion | ClozeQuestion, text: str) -> Verdict:
    typed = normalise(text)
    if not typed:
        return wrong("empty")
    if typed in DONT_KNOW:
        return wrong("unknown")
    match question.answer_type:
        case "number":
            return number(question, numeric(text))
        case "date":
            return day(question, typed, text)
        case "weekday":
            return weekday(question, typed, text)
        case "name" | "text":
            return written_words(question, typed, text)
        case _:
            assert_never(question.answer_type)
