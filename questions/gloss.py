"""Whether a stem may be shown in its other language before the answer: not where the answer could be read from it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from questions.bank import (
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
    TypedQuestion,
)
from questions.normalise import normalise
from questions.reading import read_numbers, weekday_names
from questions.texts import LANGS, Bilingual, Lang

SHORT = 4  # what is shorter tells only as a word by itself


@lru_cache(maxsize=4096)
def gloss(question: Question, lang: Lang) -> Lang | None:
    """The other language, when the stem is in both and the other side gives nothing away; else None."""
    own, _ = question.stem.best(lang)
    other: Lang = "en" if own == "ar" else "ar"
    text = question.stem.get(other)
    if text is None or _tells(question, text):
        return None
    return other


def _tells(question: Question, text: str) -> bool:
    said = f" {normalise(text)} "
    if any(_stands_in(normalise(form), said) for form in _forms(question)):
        return True
    if isinstance(question, TypedQuestion | ClozeQuestion) and question.answer_type == "number" and question.value:
        return float(question.value) in read_numbers(normalise(text))[0]
    return False


def _stands_in(form: str, said: str) -> bool:
    """Longer forms wherever they stand: Arabic writes small words in one with the next."""
    return bool(form) and (form in said if len(form) >= SHORT else f" {form} " in said)


def _forms(question: Question) -> Iterator[str]:
    """Whatever names an answer or, where there are options, any of them: so the gloss says nothing of the key."""
    match question:
        case TypedQuestion() | ClozeQuestion():
            yield from _texts(question.answer)
            yield from (accepted.text for accepted in question.accepted)
            if question.answer_type == "name":
                words = [word for text in _texts(question.answer) for word in normalise(text).split()]
                yield from (word for word in words if len(word) >= SHORT)
            if question.answer_type == "weekday" and question.value:
                yield from weekday_names(int(question.value))
        case ChoiceQuestion() | MultiSelectQuestion():
            for option in question.options:
                yield from _texts(option.text)
        case OrderingQuestion():
            for item in question.items:
                yield from _texts(item.text)
        case MatchingQuestion():
            for pair in question.pairs:
                yield from (*_texts(pair.left), *_texts(pair.right))
        case _:
            return  # a statement is true or false in either language


def _texts(text: Bilingual) -> list[str]:
    return [said for lang in LANGS if (said := text.get(lang))]
