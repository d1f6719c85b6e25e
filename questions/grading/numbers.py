"""Typed numbers, dates and weekdays: read, then compared by value, field by field."""

from __future__ import annotations

from datetime import date

from questions.bank import ClozeQuestion, TypedQuestion
from questions.grading.context import context, known_word
from questions.grading.slips import least, same, slip
from questions.grading.verdict import RIGHT, WRONG, Verdict, accepted, close, weighed, wrong
from questions.lexicon import real_words
from questions.reading import TypedDate, numeric, read_date, read_numbers, read_weekday, weekday_names
from questions.small_words import (
    CALENDAR,
    COUNTING,
    FRACTIONS,
    OR,
    QUALIFIERS,
    TIMES,
    UNITS,
    WITH_AND,
    content,
    idle,
    unprefixed,
)


def number(question: TypedQuestion | ClozeQuestion, typed: str) -> Verdict:
    weights = accepted(question, numeric)
    if typed in weights:
        return weighed(weights[typed])
    words = typed.split()
    numbers, rest = read_numbers(typed)
    units = {word for form in weights for word in read_numbers(form)[1] if not idle(word)}
    others = [word for word in rest if not idle(word, COUNTING if units else COUNTING | CALENDAR)]
    if len(numbers) == 2 and not any(map(str.isdigit, words)) and 10 <= numbers[0] <= 20 and 10 <= numbers[1] <= 99:
        numbers = [numbers[0] * 100 + numbers[1]]  # a year as it is said: "seventeen eighty-nine"
    if len(numbers) > 1 or set(words) & OR:
        return wrong("several")
    counted = not any(unit in UNITS for unit in units)
    brought = context(question, names=False) - UNITS.keys() - QUALIFIERS
    parts, others = _fractions(words, others)
    if not numbers and ({"a", "an"} & set(words) or parts) and set(others) & (units | UNITS.keys()):
        numbers = [0 if parts and not {*words} & WITH_AND else 1]
    if not numbers:  # a dual says its number itself: «ساعتان»
        said = [word for word in words if not idle(word)]
        said = [word for word in said if not known_word(word, brought)] or said
        fitting = [
            weight
            for form, weight in weights.items()
            if said and same(said, content(form.split(), frozenset()), loose=True)
        ]
        return weighed(max(fitting)) if fitting else WRONG
    number = numbers[0] + parts
    known = units | TIMES if counted else units
    foreign = [word for word in others if unprefixed(word, word).isdisjoint(known) and not known_word(word, brought)]
    if counted and len(foreign) <= 1 and not {*foreign} & (UNITS.keys() | QUALIFIERS):
        foreign = []  # what is counted, by another noun: "five talks", "four persons"
    if len(foreign) == 1 and foreign[0] in UNITS:
        own = next((UNITS[unit] for unit in sorted(units) if unit in UNITS), None)
        given = UNITS[foreign[0]]
        if own is not None and own[0] == given[0]:
            number, foreign = number * given[1] / own[1], []
    if foreign:
        return wrong("another")
    for span in question.ranges:
        if span.low <= number <= span.high:
            return weighed(span.weight)
    if question.value is not None and number == float(question.value):
        return RIGHT
    bare = [weight for form, weight in weights.items() if read_numbers(form)[0] == [number]]
    return weighed(max(bare)) if bare else wrong("wrong_number")


def _fractions(words: list[str], others: list[str]) -> tuple[float, list[str]]:
    """Halves and quarters («ونصف», "and a half"), and the words without them."""
    found = [FRACTIONS[word] for word in others if word in FRACTIONS]
    if len(found) != 1:
        return 0.0, others
    return found[0], [word for word in others if word not in FRACTIONS and word not in WITH_AND]


def day(question: TypedQuestion | ClozeQuestion, form: str, text: str) -> Verdict:
    """Compare field by field with an ISO date or month. A wrong field is wrong; one that is missing is close."""
    weights = accepted(question)
    if form in weights:
        return weighed(weights[form])
    typed = read_date(text)
    if typed is None or any(not idle(word, CALENDAR) for word in typed.rest):
        return WRONG
    year, month, day = (int(part) for part in (*(question.value or "").split("-"), "0")[:3])
    if day and typed.swapped == (day, month) and typed.year == year and day != month:
        return close("other_order")
    if typed.year is not None and typed.year != year:
        return wrong("wrong_year")
    if typed.month is not None and typed.month != month:
        return wrong("wrong_month")
    if typed.day is not None and typed.day != (day or typed.day):
        return wrong("wrong_day")
    missing = [typed.year, typed.month, *([typed.day] if day else [])].count(None)
    if missing:
        return close("part_missing") if missing == 1 else wrong("part_missing")
    if not day and typed.day is not None and _weekday_of(year, month, typed.day) is None:
        return wrong("wrong_day")
    if typed.weekday is not None and typed.day is not None and typed.weekday != _weekday_of(year, month, typed.day):
        return close("in_part")
    return RIGHT


def _weekday_of(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def weekday(question: TypedQuestion | ClozeQuestion, typed: str, text: str) -> Verdict:
    weights, key = accepted(question), int(question.value or 0)
    words = [word for word in typed.split() if not idle(word, CALENDAR)]
    if typed in weights:
        return weighed(weights[typed])
    if set(words) & OR:
        return wrong("several")
    if len(words) != 1:
        whole = read_date(text)  # "Tuesday 7 December 2021", or without the year
        if whole is None or whole.weekday != key or any(not idle(word, CALENDAR) for word in whole.rest):
            return WRONG
        return RIGHT if whole.year is None or _day_of(whole) == key else WRONG
    said = {day for form in unprefixed(words[0], words[0]) if (day := read_weekday(form)) is not None}
    if said:
        return RIGHT if said == {key} else WRONG
    if words[0] in real_words(text):  # «الجامعة» is no misspelt «الجمعة»
        return WRONG
    slips = {day: least(slip(words, [name]) for name in weekday_names(day)) for day in range(7)}
    nearest = least(slips.values())
    return close("spelling") if nearest and [day for day in slips if slips[day] == nearest] == [key] else WRONG


def _day_of(typed: TypedDate) -> int | None:
    """The weekday of a whole date with nothing else said."""
    if None in (typed.year, typed.month, typed.day) or any(not idle(word, CALENDAR) for word in typed.rest):
        return None
    return _weekday_of(typed.year or 0, typed.month or 0, typed.day or 0)
