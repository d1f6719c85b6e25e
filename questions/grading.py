"""From a response to a verdict: right, close or wrong, and why. Never by a similarity ratio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never

from rapidfuzz.distance import OSA

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
from questions.normalise import normalise
from questions.reading import read_date, read_numbers, read_weekday
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
from questions.texts import LANGS

Outcome = Literal["right", "close", "wrong"]
# Why a typed answer is not simply right; pages put it into words.
Reason = Literal[
    "empty",
    "unknown",
    "spelling",
    "which_one",
    "another",
    "several",
    "part_missing",
    "other_order",
    "wrong_day",
    "wrong_month",
    "wrong_year",
    "wrong_number",
    "in_part",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. `share` is the part of the mark, 0 to 1."""

    outcome: Outcome
    share: float
    reason: Reason | None = None


RIGHT = Verdict("right", 1.0)
WRONG = Verdict("wrong", 0.0)


def _close(reason: Reason) -> Verdict:
    return Verdict("close", 0.5, reason)


def _wrong(reason: Reason) -> Verdict:
    return Verdict("wrong", 0.0, reason)


def grade(question: Question, response: Response) -> Verdict:
    """Judge a response to a question as it was shown.

    Raises BadInput when the response is not one to this kind of question, or names what was not there.
    """
    match question, response:
        case _, Unknown():
            return _wrong("unknown")
        case ChoiceQuestion(), Chosen(option=chosen):
            _known({chosen}, {option.id for option in question.options})
            return _choice(question, chosen)
        case MultiSelectQuestion(), ChosenMany(options=chosen_many):
            _known(set(chosen_many), {option.id for option in question.options})
            return RIGHT if set(chosen_many) == set(question.keys) else WRONG
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
            made = dict(pairs)
            return _share(sum(made.get(pair.id) == pair.id for pair in question.pairs) / len(question.pairs))
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
    return Verdict("close", weight, "in_part") if 0 < weight < 1 else WRONG


def _share(share: float) -> Verdict:
    if share == 1:
        return RIGHT
    return Verdict("close", share, "in_part") if share >= 0.5 else Verdict("wrong", share, "in_part")


def _written(question: TypedQuestion | ClozeQuestion, text: str) -> Verdict:
    typed = normalise(text)
    if not typed:
        return _wrong("empty")
    if typed in _DONT_KNOW:
        return _wrong("unknown")
    weights = _accepted(question)
    if typed in weights and typed not in question.rivals:
        return _weighed(weights[typed])
    match question.answer_type:
        case "number":
            return _number(question, typed, weights)
        case "date":
            return _date(question.value or "", text)
        case "weekday":
            day = read_weekday(typed)
            return RIGHT if day is not None and str(day) == question.value else WRONG
        case "name" | "text":
            return _name(question, typed, weights)
        case _:
            assert_never(question.answer_type)


def _weighed(weight: float) -> Verdict:
    return RIGHT if weight >= 1 else Verdict("close", weight, "in_part") if weight > 0 else WRONG


def _accepted(question: TypedQuestion | ClozeQuestion) -> dict[str, float]:
    weights = {normalise(question.answer.get(lang) or ""): 1.0 for lang in LANGS if question.answer.get(lang)}
    for accepted in question.accepted:
        form = normalise(accepted.text)
        weights[form] = max(accepted.weight, weights.get(form, 0))
    return {form: weight for form, weight in weights.items() if form}


# ---------------------------------------------------------------- numbers and dates


def _number(question: TypedQuestion | ClozeQuestion, typed: str, weights: dict[str, float]) -> Verdict:
    numbers, rest = read_numbers(typed)
    if len(numbers) > 1:
        return _wrong("several")
    units = {word for form in weights for word in read_numbers(form)[1]}
    if not numbers:  # a dual says its number itself: «ساعتان»
        forms = [_fold(form) for form in weights]
        return RIGHT if any(_same_words(_fold(typed), form) for form in forms) else WRONG
    if set(rest) - units - _FILLERS:
        return _wrong("another")
    for span in question.ranges:
        if span.low <= numbers[0] <= span.high:
            return _weighed(span.weight)
    return RIGHT if str(numbers[0]) == question.value else _wrong("wrong_number")


def _date(value: str, text: str) -> Verdict:
    """Compare field by field with an ISO date or month. A wrong field is wrong; a missing one is close."""
    typed = read_date(text)
    if typed is None or set(typed.rest) - _FILLERS:
        return WRONG
    year, month, day = (int(part) for part in (*value.split("-"), "0")[:3])
    if day and typed.swapped == (day, month) and (typed.year, month, day) == (year, typed.day, typed.month):
        return _close("other_order")
    if typed.year is not None and typed.year != year:
        return _wrong("wrong_year")
    if typed.month is not None and typed.month != month:
        return _wrong("wrong_month")
    if typed.day is not None and typed.day != (day or typed.day):
        return _wrong("wrong_day")
    if typed.month is None or typed.year is None or (day and typed.day is None):
        return _close("part_missing")
    if not day and typed.day is not None and not _real_day(year, month, typed.day):
        return _wrong("wrong_day")
    return RIGHT


def _real_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- names and other words

_DONT_KNOW = frozenset(
    map(
        normalise,
        (
            "لا أعرف",
            "لا أدري",
            "لا اعلم",
            "مش عارف",
            "don't know",
            "i don't know",
            "dont know",
            "idk",
            "no idea",
            "?",
        ),
    )
) - {""}
_FILLERS = frozenset(
    map(
        normalise,
        (
            "the",
            "a",
            "an",
            "in",
            "on",
            "of",
            "at",
            "it",
            "was",
            "is",
            "i",
            "think",
            "maybe",
            "perhaps",
            "about",
            "for",
            "city",
            "town",
            "mr",
            "mrs",
            "ms",
            "dr",
            "president",
            "adviser",
            "advisor",
            "ambassador",
            "minister",
            "year",
            "day",
            "month",
            "they",
            "times",
            "by",
            "to",
            "lasted",
            "only",
            "from",
            "في",
            "مدينة",
            "على",
            "من",
            "إلى",
            "هو",
            "هي",
            "كان",
            "كانت",
            "السيد",
            "الرئيس",
            "المستشار",
            "السفير",
            "الوزير",
            "أظن",
            "ربما",
            "أعتقد",
            "يوم",
            "شهر",
            "سنة",
            "عام",
            "بتاريخ",
            "تاريخ",
            "مدة",
            "لمدة",
            "عن",
            "فقط",
            "نحو",
        ),
    )
)
_NEGATIONS = frozenset(map(normalise, ("not", "no", "never", "ليس", "ليست", "لا", "لم", "غير")))
_OR = frozenset(map(normalise, ("or", "أو", "أم")))


def _name(question: TypedQuestion | ClozeQuestion, typed: str, weights: dict[str, float]) -> Verdict:
    words = typed.split()
    if set(words) & _OR:
        return _wrong("several")
    if set(words) & _NEGATIONS and not any(set(form.split()) & _NEGATIONS for form in weights):
        return WRONG
    rivals = {rival for rival in question.rivals if rival}
    bare = [word for word in words if word not in _FILLERS] or words
    is_rival = typed in rivals or any(_same_words(bare, rival.split()) for rival in rivals)
    for form, weight in weights.items():
        if _same_words(words, form.split()) or _same_words(bare, _content(form)):
            return _close("which_one") if is_rival else _weighed(weight)
    if is_rival:
        return _wrong("another")
    if "".join(bare) in {form.replace(" ", "") for form in weights}:
        return RIGHT
    rival_words = {word for rival in rivals for word in rival.split()}
    if any(_slip(bare, _content(form), rival_words) for form in weights):
        return _close("spelling")
    return WRONG


def _content(form: str) -> list[str]:
    words = form.split()
    return [word for word in words if word not in _FILLERS] or words


def _fold(form: str) -> list[str]:
    return [word for word in form.split() if word not in _FILLERS]


def _same_words(typed: list[str], form: list[str]) -> bool:
    return len(typed) == len(form) and all(
        one == other or _bare(one) & _bare(other) for one, other in zip(typed, form, strict=True)
    )


def _bare(word: str) -> set[str]:
    """The word, and what is left of it without a light affix: alternatives, never a blind cut."""
    forms = {word}
    for prefix in ("ال", "وال", "بال", "لل", "كال", "فال", "و", "ب", "ل", "ك", "ف"):
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            forms.add(word[len(prefix) :])
    if word.isascii() and word.endswith("s") and len(word) > 3:
        forms.add(word[:-1])
    return forms


def _slip(typed: list[str], form: list[str], rival_words: set[str]) -> bool:
    """Whether each word is the right one but for a slip: one edit from 5 letters, two from 9, none in digits."""
    if len(typed) != len(form):
        return False
    for one, other in zip(typed, form, strict=True):
        if one == other or _bare(one) & _bare(other):
            continue
        allowed = 0 if len(other) <= 4 else 1 if len(other) <= 8 else 2
        if one in rival_words or any(char.isdigit() for char in one + other):
            return False
        if OSA.distance(one, other, score_cutoff=allowed) > allowed:
            return False
    return True
