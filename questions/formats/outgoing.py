"""What the writers of other tools' formats share: one language, shares of the mark that Moodle knows, what is lost."""

from __future__ import annotations

from collections.abc import Iterator

from questions.bank import (
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    MultiSelectQuestion,
    Question,
    TopicName,
    TypedQuestion,
)
from questions.formats.incoming import Loss
from questions.formats.numbers import spans_of
from questions.texts import Bilingual, Lang

# Per cent of the mark: Moodle refuses a file with any other.
SHARES = (
    "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20", "16.66667",
    "14.28571", "12.5", "11.11111", "10", "5", "0",
)  # fmt: skip


def share(weight: float) -> str:
    """The nearest share that Moodle knows, in per cent."""
    found = min(SHARES, key=lambda one: abs(float(one) - abs(weight) * 100))
    return f"-{found}" if weight < 0 and found != "0" else found


def _rounded(weight: float) -> bool:
    return abs(float(share(weight)) - weight * 100) > 0.001


def option_shares(question: ChoiceQuestion | MultiSelectQuestion) -> list[float]:
    """The share of each option. Without weights of their own the keys of many share the mark evenly; a wrong one costs
    all of it, which is as near as Moodle comes to marking the exact set."""
    weights = [option.weight for option in question.options]
    if isinstance(question, ChoiceQuestion):
        return [
            1 if option.id == question.key else weight or 0
            for option, weight in zip(question.options, weights, strict=True)
        ]
    wrong = -1.0 if not any(weights) else 0.0
    return [
        (weight or 1 / len(question.keys)) if option.id in question.keys else weight or wrong
        for option, weight in zip(question.options, weights, strict=True)
    ]


def as_number(question: TypedQuestion | ClozeQuestion, lang: Lang) -> bool:
    """Whether the answer goes out as a number, and not as words («ساعتان», "2 hours")."""
    text = question.answer.best(lang)[1]
    return (
        question.answer_type == "number" and question.value is not None and text in (question.value, _range(question))
    )


def _range(question: TypedQuestion | ClozeQuestion) -> str:
    first = next((one for one in spans_of(question) if one.share == 1), None)
    return first.shown or "" if first else ""


def answers(question: TypedQuestion | ClozeQuestion, lang: Lang) -> list[tuple[str, float]]:
    """The accepted wordings in a language with their shares, the house spelling first."""
    own = question.answer.best(lang)[1]
    found: dict[str, float] = {own: 1}
    for one in question.accepted:
        if one.lang in (None, lang):
            found.setdefault(one.text, one.weight)
    return list(found.items())


def by_topic(bank: Bank) -> Iterator[tuple[TopicName | None, Question]]:
    """The live questions in the bank's order, each with its topic."""
    topics = {topic.id: topic for topic in bank.topics}
    for question in bank.live:
        topic = topics.get(question.topic or "")
        if topic is None and question.topic:
            topic = TopicName(id=question.topic, name=Bilingual(en=question.topic))
        yield topic, question


def common_losses(question: Question, lang: Lang) -> Iterator[Loss]:
    """What neither GIFT nor Moodle XML can carry."""
    if len(question.stem.languages) == 2:
        yield "other-language"
    if question.sources:
        yield "sources"
    if question.facts:
        yield "facts"
    if question.difficulty != 0.5:
        yield "difficulty"
    if question.weight != "detail":
        yield "weight"
    if question.not_with:
        yield "not-with"
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            if any(_rounded(one) for one in option_shares(question)):
                yield "shares"
        case TypedQuestion() | ClozeQuestion():
            yield from _of_answers(question, lang)


def _of_answers(question: TypedQuestion | ClozeQuestion, lang: Lang) -> Iterator[Loss]:
    numeric = as_number(question, lang)
    if question.answer_type != "text" and not numeric:
        yield "answer-type"
    if (numeric and len(answers(question, lang)) > 1) or (question.ranges and not numeric):
        yield "accepted"
    if question.rivals:
        yield "rivals"
    weights = [one.share for one in spans_of(question)] if numeric else [one for _, one in answers(question, lang)]
    if any(_rounded(one) for one in weights):
        yield "shares"
