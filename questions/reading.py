"""Reads numbers, dates and weekdays as people type them, in Arabic and English. Takes normalised text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from questions.normalise import normalise

_ONES_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS_EN = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS_EN = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_ONES_AR = ("صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة")
_FORMS_AR = {
    1: ("واحدة", "أول", "أولى"),
    2: ("اثنين", "اثنتان", "اثنتين", "إثنان", "إثنين", "ثاني", "ثانية", "ثان"),
    3: ("ثلاث", "ثالث", "ثالثة"),
    4: ("أربع", "رابع", "رابعة"),
    5: ("خمس", "خامس", "خامسة"),
    6: ("ست", "سادس", "سادسة"),
    7: ("سبع", "سابع", "سابعة"),
    8: ("ثماني", "ثمان", "ثامن", "ثامنة"),
    9: ("تسع", "تاسع", "تاسعة"),
    10: ("عشر", "عاشر", "عاشرة"),
}
_TENS_AR = ("عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون")

_MONTHS = (
    ("january", "jan", "يناير", "كانون الثاني", "جانفي"),
    ("february", "feb", "فبراير", "شباط", "فيفري"),
    ("march", "mar", "مارس", "آذار"),
    ("april", "apr", "أبريل", "نيسان", "أفريل", "إبريل"),
    ("may", "مايو", "أيار", "ماي"),
    ("june", "jun", "يونيو", "حزيران", "جوان", "يونيه"),
    ("july", "jul", "يوليو", "تموز", "جويلية", "يوليه"),
    ("august", "aug", "أغسطس", "آب", "أوت", "غشت"),
    ("september", "sep", "sept", "سبتمبر", "أيلول", "شتنبر"),
    ("october", "oct", "أكتوبر", "تشرين الأول", "أكتوبر"),
    ("november", "nov", "نوفمبر", "تشرين الثاني", "نونبر"),
    ("december", "dec", "ديسمبر", "كانون الأول", "دجنبر"),
)
_WEEKDAYS = (
    ("monday", "mon", "الاثنين", "اثنين", "الإثنين"),
    ("tuesday", "tue", "tues", "الثلاثاء", "ثلاثاء"),
    ("wednesday", "wed", "الأربعاء", "أربعاء"),
    ("thursday", "thu", "thur", "thurs", "الخميس", "خميس"),
    ("friday", "fri", "الجمعة", "جمعة"),
    ("saturday", "sat", "السبت", "سبت"),
    ("sunday", "sun", "الأحد", "أحد"),
)


def _number_words() -> dict[str, int]:
    words = {word: value for value, word in enumerate(_ONES_EN)}
    words |= {word: value for value, word in enumerate(_ORDINALS_EN, 1)}
    words |= {word: 20 + 10 * place for place, word in enumerate(_TENS_EN)}
    words |= {normalise(word): value for value, word in enumerate(_ONES_AR)}
    words |= {normalise(form): value for value, forms in _FORMS_AR.items() for form in forms}
    for place, word in enumerate(_TENS_AR):
        words[normalise(word)] = words[normalise(word[:-2] + "ين")] = 20 + 10 * place
    return words | {"once": 1, "twice": 2, "hundred": 100, normalise("مئة"): 100, normalise("مائة"): 100}


_NUMBER_WORDS = _number_words()
# Longest names first: «تشرين الأول» before a shorter name could take a part of it.
_MONTH_NAMES = sorted(
    ((normalise(name), month) for month, names in enumerate(_MONTHS, 1) for name in names),
    key=lambda pair: -len(pair[0]),
)
_WEEKDAY_NAMES = {normalise(name): day for day, names in enumerate(_WEEKDAYS) for name in names}


def number_word(word: str) -> int | None:
    """The value of one number word, digits or ordinal ("7", "7th", «سبعة», «السابع»); None if it is none."""
    if re.fullmatch(r"\d{1,12}(st|nd|rd|th)?", word):
        return int(re.match(r"\d+", word).group())  # type: ignore[union-attr]  # fullmatch above
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    for prefix in ("ال", "و"):
        if word.startswith(prefix) and word[len(prefix) :] in _NUMBER_WORDS:
            return _NUMBER_WORDS[word[len(prefix) :]]
    return None


def read_numbers(text: str) -> tuple[list[int], list[str]]:
    """Numbers in a normalised text, and the words that are none. "twenty five" is one number."""
    numbers: list[int] = []
    rest: list[str] = []
    open_tens = False  # the last number may still take its ones, or its tens in Arabic
    for word in text.split():
        value = number_word(word)
        if value is None:
            rest.append(word)
            open_tens = False
        elif open_tens and numbers and _compose(numbers[-1], value, word):
            numbers[-1] += value
            open_tens = False
        else:
            numbers.append(value)
            open_tens = not word[0].isdigit()
    return numbers, rest


def _compose(left: int, right: int, word: str) -> bool:
    if left % 10 == 0 and 20 <= left <= 90 and 1 <= right <= 9:
        return True  # twenty five
    arabic_teen = word in {"عشر", "عشره"} and 1 <= left <= 9 and right == 10
    return arabic_teen or (word.startswith("و") and 1 <= left <= 9 and 20 <= right <= 90)


@dataclass(frozen=True, slots=True)
class TypedDate:
    """The fields of a date that were typed; `swapped` when day and month can be read the other way too."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    swapped: tuple[int, int] | None = None  # (day, month) in the other order
    rest: tuple[str, ...] = ()


def read_date(raw: str) -> TypedDate | None:
    """A date as typed, in any of the usual ways; None when there is no date, or more than one, in it.

    Month names are never guessed at: neighbouring ones differ by a letter.
    """
    iso = re.search(r"(?<!\d)(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)", normal := _digits(raw))
    if iso:
        day = int(iso[3]) if iso[3] else None
        return _checked(TypedDate(day, int(iso[2]), int(iso[1]), rest=_rest(normal, iso)))
    numeric = re.search(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{2}|\d{4})(?!\d)", normal)
    if numeric:
        first, second, year = int(numeric[1]), int(numeric[2]), _full_year(int(numeric[3]))
        rest = _rest(normal, numeric)
        if second > 12:  # only the American order makes sense
            return _checked(TypedDate(second, first, year, rest=rest))
        return _checked(TypedDate(first, second, year, swapped=(second, first) if first <= 12 else None, rest=rest))
    return _read_words(normalise(raw))


def _read_words(text: str) -> TypedDate | None:
    months: set[int] = set()
    padded = f" {text} "
    for name, month in _MONTH_NAMES:
        if f" {name} " in padded:
            months.add(month)
            padded = padded.replace(f" {name} ", " ")
    if len(months) > 1:
        return None
    words = [word for word in padded.split() if word not in _WEEKDAY_NAMES]
    numbers, rest = read_numbers(" ".join(words))
    years = [number for number in numbers if number > 31]
    days = [number for number in numbers if 1 <= number <= 31]
    if len(years) > 1 or len(days) > 1 or not (months or years or days):
        return None
    year = _full_year(years[0]) if years else None
    return TypedDate(days[0] if days else None, months.pop() if months else None, year, rest=tuple(rest))


def _checked(date: TypedDate) -> TypedDate | None:
    in_range = 1 <= (date.month or 1) <= 12 and 1 <= (date.day or 1) <= 31
    return date if in_range else None


def _digits(raw: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else char for char in raw)


def _rest(text: str, match: re.Match[str]) -> tuple[str, ...]:
    return tuple(normalise(text[: match.start()] + " " + text[match.end() :]).split())


def _full_year(year: int) -> int:
    return 2000 + year if year < 100 else year


def read_weekday(text: str) -> int | None:
    """The one weekday named in a normalised text, Monday 0; None when there is none or more than one."""
    days = {_WEEKDAY_NAMES[word] for word in text.split() if word in _WEEKDAY_NAMES}
    return days.pop() if len(days) == 1 else None
