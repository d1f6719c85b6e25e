"""From a response to a verdict: right, close or wrong, and why. Never by a similarity ratio."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
from questions.reading import (
    TypedDate,
    is_calendar_word,
    number_word,
    numeric,
    read_date,
    read_numbers,
    read_weekday,
    weekday_names,
)
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
from questions.small_words import (
    CALENDAR,
    COUNTING,
    DIRECTIONS,
    DONT_KNOW,
    NEGATIONS,
    OPPOSITES,
    OR,
    ROMAN,
    TITLES,
    UNITS,
    content,
    idle,
    unprefixed,
)

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
    return _weighed(weight)


def _share(share: float) -> Verdict:
    if share == 1:
        return RIGHT
    return Verdict("close", share, "in_part") if share >= 0.5 else Verdict("wrong", share, "in_part")


def _written(question: TypedQuestion | ClozeQuestion, text: str) -> Verdict:
    typed = normalise(text)
    if not typed:
        return _wrong("empty")
    if typed in DONT_KNOW:
        return _wrong("unknown")
    match question.answer_type:
        case "number":
            return _number(question, numeric(text))
        case "date":
            return _date(question, typed, text)
        case "weekday":
            return _weekday(question, typed, text)
        case "name" | "text":
            return _in_parts(question, typed, text)
        case _:
            assert_never(question.answer_type)


def _weighed(weight: float) -> Verdict:
    return RIGHT if weight >= 1 else Verdict("close", weight, "in_part") if weight > 0 else WRONG


def _accepted(question: TypedQuestion | ClozeQuestion, form_of: Callable[[str], str] = normalise) -> dict[str, float]:
    weights = {form_of(question.answer.get(lang) or ""): 1.0 for lang in question.answer.languages}
    for accepted in question.accepted:
        form = form_of(accepted.text)
        weights[form] = max(accepted.weight, weights.get(form, 0))
    return {form: weight for form, weight in weights.items() if form}


# ---------------------------------------------------------------- numbers and dates


def _number(question: TypedQuestion | ClozeQuestion, typed: str) -> Verdict:
    weights = _accepted(question, numeric)
    if typed in weights:
        return _weighed(weights[typed])
    words = typed.split()
    numbers, rest = read_numbers(typed)
    units = {word for form in weights for word in read_numbers(form)[1] if not idle(word)}
    others = [word for word in rest if not idle(word, COUNTING)]
    if len(numbers) > 1 or set(words) & OR:
        return _wrong("several")
    if not numbers and {"a", "an"} & set(words) and set(others) & units:
        numbers = [1]
    if not numbers:  # a dual says its number itself: «ساعتان»
        said = [word for word in words if not idle(word)]
        fitting = [
            weight
            for form, weight in weights.items()
            if said and _same(said, content(form.split(), frozenset()), loose=True)
        ]
        return _weighed(max(fitting)) if fitting else WRONG
    number = numbers[0]
    foreign = [word for word in others if unprefixed(word, word).isdisjoint(units)]
    if len(foreign) == 1 == len(others):
        own = next((UNITS[unit] for unit in sorted(units) if unit in UNITS), None)
        given = UNITS.get(foreign[0])
        if own is not None and given is not None and own[0] == given[0]:
            number, foreign = number * given[1] / own[1], []
    if foreign:
        return _wrong("another")
    for span in question.ranges:
        if span.low <= number <= span.high:
            return _weighed(span.weight)
    if question.value is not None and number == float(question.value):
        return RIGHT
    bare = [weight for form, weight in weights.items() if read_numbers(form)[0] == [number]]
    return _weighed(max(bare)) if bare else _wrong("wrong_number")


def _date(question: TypedQuestion | ClozeQuestion, form: str, text: str) -> Verdict:
    """Compare field by field with an ISO date or month. A wrong field is wrong; one that is missing is close."""
    weights = _accepted(question)
    if form in weights:
        return _weighed(weights[form])
    typed = read_date(text)
    if typed is None or any(not idle(word, CALENDAR) for word in typed.rest):
        return WRONG
    year, month, day = (int(part) for part in (*(question.value or "").split("-"), "0")[:3])
    if day and typed.swapped == (day, month) and typed.year == year and day != month:
        return _close("other_order")
    if typed.year is not None and typed.year != year:
        return _wrong("wrong_year")
    if typed.month is not None and typed.month != month:
        return _wrong("wrong_month")
    if typed.day is not None and typed.day != (day or typed.day):
        return _wrong("wrong_day")
    missing = [typed.year, typed.month, *([typed.day] if day else [])].count(None)
    if missing:
        return _close("part_missing") if missing == 1 else _wrong("part_missing")
    if not day and typed.day is not None and _weekday_of(year, month, typed.day) is None:
        return _wrong("wrong_day")
    if typed.weekday is not None and typed.day is not None and typed.weekday != _weekday_of(year, month, typed.day):
        return _close("in_part")
    return RIGHT


def _weekday_of(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def _weekday(question: TypedQuestion | ClozeQuestion, typed: str, text: str) -> Verdict:
    weights, key = _accepted(question), int(question.value or 0)
    words = [word for word in typed.split() if not idle(word, CALENDAR)]
    if typed in weights:
        return _weighed(weights[typed])
    if set(words) & OR:
        return _wrong("several")
    if len(words) != 1:
        whole = read_date(text)  # "Tuesday 7 December 2021"
        return RIGHT if whole is not None and whole.weekday == key == _day_of(whole) else WRONG
    said = {day for form in unprefixed(words[0], words[0]) if (day := read_weekday(form)) is not None}
    if said:
        return RIGHT if said == {key} else WRONG
    slips = {day: _least(_slip(words, [name]) for name in weekday_names(day)) for day in range(7)}
    nearest = _least(slips.values())
    return _close("spelling") if nearest and [day for day in slips if slips[day] == nearest] == [key] else WRONG


def _day_of(typed: TypedDate) -> int | None:
    """The weekday of a whole date with nothing else said."""
    if None in (typed.year, typed.month, typed.day) or any(not idle(word, CALENDAR) for word in typed.rest):
        return None
    return _weekday_of(typed.year or 0, typed.month or 0, typed.day or 0)


# ---------------------------------------------------------------- names and other words

_PARTS = re.compile(r"[/(),،;؛\n\r|]+")


def _in_parts(question: TypedQuestion | ClozeQuestion, typed: str, text: str) -> Verdict:
    """One answer said twice ("Geneva (جنيف)") is one answer; the right one beside another is a list."""
    parts = [part for part in map(normalise, _PARTS.split(text)) if part]
    if len(parts) > 1:
        verdicts = [_words(question, part) for part in parts]
        if all(verdict.outcome == "right" for verdict in verdicts):
            return RIGHT
        rights = sum(verdict.outcome == "right" for verdict in verdicts)
        if rights and any(verdict.reason in {"another", "several"} for verdict in verdicts):
            return _wrong("several")
    return _words(question, typed)


def _words(question: TypedQuestion | ClozeQuestion, typed: str) -> Verdict:
    words, is_name = typed.split(), question.answer_type == "name"
    weights, rivals = _accepted(question), [rival for rival in question.rivals if rival]
    if typed not in weights and typed not in rivals:
        if set(words) & OR and not any(set(form.split()) & OR for form in weights):
            return _wrong("several")
        if set(words) & NEGATIONS and not any(set(form.split()) & NEGATIONS for form in weights):
            return WRONG
    keys = [(content(form.split()), weight) for form, weight in weights.items() if not _opposed(words, form)]
    others = [content(rival.split()) for rival in rivals]
    readings = _readings(words, is_name=is_name)
    # The nearest reading decides: as typed before without its title, letter by letter before with an affix.
    for said in readings:
        for loose in (False, True):
            own = [weight for key, weight in keys if _fits(said, key, loose=loose, is_name=is_name)]
            other = any(_fits(said, rival, loose=loose, is_name=is_name) for rival in others)
            if own:
                return _close("which_one") if other else _weighed(max(own))
            if other:
                return _wrong("another")
    if is_name and _shared_surname(readings[-1], question, others):
        return _close("which_one")
    taken = frozenset(word for rival in others for word in rival)
    slip = _least(_slip(said, key, taken) for said in readings for key, weight in keys if weight > 0)
    if slip is None:
        return WRONG
    elsewhere = _least(_slip(said, rival) for said in readings for rival in others)
    return _close("spelling") if elsewhere is None or slip < elsewhere else _wrong("another")


def _readings(words: list[str], *, is_name: bool) -> list[list[str]]:
    """The words as typed but for those that say nothing; and of a name, without its title too."""
    said = content(words)
    untitled = said
    # "President of Russia" is no title with a name.
    while is_name and len(untitled) > 1 and untitled[0] in TITLES and f"{untitled[0]} of " not in " ".join(words):
        untitled = untitled[1:]
    return [said] if untitled == said else [said, untitled]


def _opposed(words: list[str], form: str) -> bool:
    """Whether both name a direction, and not the same: "to Russia" is not "from Russia"."""
    ways, own = set(words) & DIRECTIONS, set(form.split()) & DIRECTIONS
    return bool(ways and own) and ways != own


def _fits(said: list[str], form: list[str], *, loose: bool, is_name: bool) -> bool:
    if "".join(said) == "".join(form) or _same(said, form, loose=loose, plurals=not is_name):
        return True
    return is_name and sorted(said) == sorted(form)  # surname first


def _same(typed: list[str], form: list[str], *, loose: bool = False, plurals: bool = False) -> bool:
    return len(typed) == len(form) and all(
        one == other or _same_number(one, other) or (loose and _alike(one, other, plurals=plurals))
        for one, other in zip(typed, form, strict=True)
    )


def _alike(typed: str, form: str, *, plurals: bool = False) -> bool:
    """Whether a word is the form but for a light affix: alternatives that must equal the form, never a blind cut."""
    if not unprefixed(typed, typed).isdisjoint({form, form.removeprefix("ال") if len(form) > 4 else form}):
        return True
    if not plurals:
        return False
    shorter, longer = sorted((typed, form), key=len)
    return len(shorter) >= 4 and longer == shorter + ("s" if longer.isascii() else "ا")


def _same_number(one: str, other: str) -> bool:
    """ "Minsk II", "Minsk 2", "the second Minsk": numbers in names are compared by value."""
    values = [number_word(one), number_word(other)]
    if values == [None, None]:
        return False
    first, second = (
        ROMAN.get(word) if value is None else value for word, value in zip((one, other), values, strict=True)
    )
    return first is not None and first == second


def _shared_surname(said: list[str], question: TypedQuestion | ClozeQuestion, others: list[list[str]]) -> bool:
    """Whether only the last word of the name was typed, and another one of the bank ends in it too."""
    names = [normalise(question.answer.get(lang) or "").split() for lang in question.answer.languages]
    if len(said) != 1 or not any(len(name) > 1 and _alike(said[0], name[-1]) for name in names):
        return False
    return any(len(rival) > 1 and _alike(said[0], rival[-1]) for rival in others)


def _least(slips: Iterable[int | None]) -> int | None:
    return min((slip for slip in slips if slip is not None), default=None)


def _slip(typed: list[str], form: list[str], taken: frozenset[str] = frozenset()) -> int | None:
    """How many letters differ, if each word is the right one but for a slip: one from 5 letters, two from 9.

    None where a word is another one: a word of another answer (`taken`), a number, a month, an opposite.
    """
    if len(typed) != len(form):
        return None
    total = 0
    for one, other in zip(typed, form, strict=True):
        if one == other or _alike(one, other):
            continue
        allowed = 0 if len(other) <= 4 else 1 if len(other) <= 8 else 2
        distance = OSA.distance(one, other, score_cutoff=allowed)
        if distance > allowed or one in taken or _never_a_slip(one, other):
            return None
        total += distance
    return total


def _never_a_slip(one: str, other: str) -> bool:
    """Numbers, months and weekdays are no misspelling of each other, nor is a word one of its opposite."""
    if any(char.isdigit() for char in one + other) or number_word(one) is not None or is_calendar_word(one):
        return True
    shorter, longer = sorted((one, other), key=len)
    return any(longer in {prefix + shorter, prefix + shorter.removeprefix("ال")} for prefix in OPPOSITES)
