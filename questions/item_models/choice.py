"""Multiple choice: one key and three distractors, or two where only two are honest."""

from __future__ import annotations

from questions.bank import ChoiceQuestion, Option, question_id
from questions.distractors import distractors
from questions.factbook import FactBook
from questions.facts import Entity
from questions.item_models.asks import Answer, Ask, DateValue, Number, Phrase, Weekday, text_of
from questions.item_models.frame import shared
from questions.lookup import rank

FEWEST = 2


def choice(ask: Ask, book: FactBook) -> ChoiceQuestion | None:
    """A choice question, or None when the book has fewer than two honest distractors."""
    name = question_id(ask.fact.id, ask.asked, "choice")
    wrong = distractors(ask, book, name)
    if len(wrong) < FEWEST:
        return None
    answers: list[tuple[Answer, Option]] = [(ask.answer, Option(id=option_id(ask.answer), text=text_of(ask.answer)))]
    answers += [
        (one.answer, Option(id=option_id(one.answer), text=text_of(one.answer), feedback=one.feedback)) for one in wrong
    ]
    in_rows = isinstance(ask.answer, Number | DateValue | Weekday)
    if in_rows:
        answers.sort(key=lambda pair: _place(pair[0]))
    else:
        answers.sort(key=lambda pair: rank(name, f"place {pair[1].id}"))
    return ChoiceQuestion(
        id=name,
        stem=ask.stem,
        options=tuple(option for _, option in answers),
        key=option_id(ask.answer),
        fixed_order=in_rows,
        **shared(ask.fact, book, 0.4),
    )


def option_id(answer: Answer) -> str:
    """What the option means, as an id: the same for ever, whatever its wording."""
    match answer:
        case Number():
            return f"n-{answer.value}"
        case Weekday():
            return f"day-{answer.index}"
        case _:
            return answer.id


def _place(answer: Answer) -> tuple[int, int, int]:
    match answer:
        case Number():
            return (answer.value, 0, 0)
        case Weekday():
            return ((answer.index + 1) % 7, 0, 0)  # the week of calendars in Arabic begins on Sunday
        case DateValue():
            part = {"beginning": 0, "middle": 1, "end": 2, None: 0}[answer.part]
            return (answer.day.toordinal() - (answer.day.day if answer.part else 0), part, 0)
        case Entity() | Phrase():
            raise TypeError(f"{answer!r} has no place in a row")
