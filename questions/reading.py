"""Reads numbers, dates and weekdays as people type them, in Arabic and English. Takes normalised text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

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
    1: ("واحدة", "أول", "أولى", "أحد", "إحدى", "حادي", "حادية"),
    2: ("اثنين", "اثنتان", "اثنتين", "اثنا", "اثني", "اثنتا", "اثنتي", "ثاني", "ثانية", "ثان"),
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
_HUNDREDS_AR = {3: "ثلاث", 4: "أربع", 5: "خمس", 6: "ست", 7: "سبع", 8: "ثماني", 9: "تسع"}

_MONTHS = (
    ("january", "jan", "يناير", "كانون الثاني", "كانون ثاني", "جانفي"),
    ("february", "feb", "فبراير", "شباط", "فيفري"),
    ("march", "mar", "مارس", "آذار"),
    ("april", "apr", "أبريل", "نيسان", "أفريل", "إبريل"),
    ("may", "مايو", "أيار", "ماي"),
    ("june", "jun", "يونيو", "حزيران", "جوان", "يونيه"),
    ("july", "jul", "يوليو", "تموز", "جويلية", "يوليه", "يوليوز"),
    ("august", "aug", "أغسطس", "آب", "أوت", "غشت"),
    ("september", "sep", "sept", "سبتمبر", "أيلول", "شتنبر"),
    ("october", "oct", "أكتوبر", "تشرين الأول", "تشرين أول", "أوكتوبر"),
    ("november", "nov", "نوفمبر", "تشرين الثاني", "تشرين ثاني", "نونبر"),
    ("december", "dec", "ديسمبر", "كانون الأول", "كانون أول", "دجنبر"),
)
_WEEKDAYS = (
    ("monday", "mondays", "mon", "الاثنين", "اثنين"),
    ("tuesday", "tuesdays", "tue", "tues", "الثلاثاء", "ثلاثاء"),
    ("wednesday", "wednesdays", "wed", "weds", "الأربعاء", "أربعاء"),
    ("thursday", "thursdays", "thu", "thur", "thurs", "الخميس", "خميس"),
    ("friday", "fridays", "fri", "الجمعة", "جمعة"),
    ("saturday", "saturdays", "sat", "السبت", "سبت"),
    ("sunday", "sundays", "sun", "الأحد", "أحد"),
)
_NUMBERS_TOO = frozenset(map(normalise, ("اثنين", "أحد")))  # weekdays that are number words as well

# How a number word goes on from the one before it.
_Kind = Literal["numeral", "lone", "unit", "teen", "tens", "hundred", "hundreds", "scale", "scales"]
# As they are said, and typed, in conversation.
_SPOKEN_AR = {
    2: ("اتنين", "تنين", "اتنان"),
    3: ("تلاتة", "تلات", "تلاته"),
    4: ("اربعه",),
    8: ("تمانية", "تمنية", "تمن", "تمان"),
}


def _number_words() -> dict[str, tuple[_Kind, int]]:
    words: dict[str, tuple[_Kind, int]] = {}

    def add(kind: _Kind, value: int, *forms: str) -> None:
        words.update({normalise(form): (kind, value) for form in forms})

    for value, word in [*enumerate(_ONES_EN), *enumerate(_ORDINALS_EN, 1)]:
        add("unit" if value < 10 else "teen" if value < 20 else "tens", value, word)
    for place, word in enumerate(_TENS_EN):
        add("tens", 20 + 10 * place, word, f"{word[:-1]}ieth")
    for value, word in enumerate(_ONES_AR):
        add("unit" if value < 10 else "teen", value, word, *_FORMS_AR.get(value, ()))
    for place, word in enumerate(_TENS_AR):
        add("tens", 20 + 10 * place, word, f"{word[:-2]}ين")
    for value, stem in _HUNDREDS_AR.items():
        add("hundreds", 100 * value, f"{stem}مئة", f"{stem}مائة")
    add("hundreds", 800, "ثمانمئة", "ثمانمائة")
    add("lone", 0, "zero", "صفر")
    add("lone", 1, "once")
    add("lone", 2, "twice")
    add("lone", 12, "dozen")
    add("hundred", 100, "hundred", "hundredth", "مئة", "مائة")
    add("hundreds", 200, "مئتان", "مئتين", "مائتان", "مائتين")
    add("scale", 1000, "thousand", "ألف", "آلاف", "ألفا")
    add("scales", 2000, "ألفان", "ألفين")
    add("scale", 1_000_000, "million", "مليون", "ملايين", "مليونا")
    add("scales", 2_000_000, "مليونان", "مليونين")
    add("scale", 1_000_000_000, "billion", "مليار", "مليارات")
    for value, spoken in _SPOKEN_AR.items():
        add("unit" if value < 10 else "teen", value, *spoken)
    return words


_NUMBER_WORDS = _number_words()
_TEN_AR = frozenset(map(normalise, ("عشر", "عشرة")))
_AND_AR = "و"
_MINUS = frozenset(map(normalise, ("minus", "negative", "ناقص", "سالب")))
_BREAK = "|"  # stands where a month was: no number goes on over it
# Longest names first: «تشرين الأول» before a shorter name could take a part of it.
_MONTH_NAMES = sorted(
    ((normalise(name), month) for month, names in enumerate(_MONTHS, 1) for name in names),
    key=lambda pair: -len(pair[0]),
)
_WEEKDAY_NAMES = {normalise(name): day for day, names in enumerate(_WEEKDAYS) for name in names}
_CALENDAR = _WEEKDAY_NAMES.keys() | {word for name, _ in _MONTH_NAMES for word in name.split()}

_NUMERAL = re.compile(
    r"(?<![\w.,])(?P<minus>[-\u2212])?"
    r"(?P<whole>\d{1,3}(?:[,٬،'’ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:[.,٫،](?P<part>\d+))?"
)
_TOKEN = re.compile(r"(minus)?(\d{1,15})(?:point(\d{1,9}))?(?:st|nd|rd|th)?")
_GLUED = re.compile(r"(?<=\d)(?!(?:st|nd|rd|th)\b|point\d)(?=[^\W\d_])|(?<=[^\W\d_])(?<!minus)(?<!point)(?=\d)")


def numeric(raw: str) -> str:
    """Normal form of a text in which "10,000", "2.5" and "-3" each stay one word; "2hours" becomes two."""

    def one_word(match: re.Match[str]) -> str:
        whole = re.sub(r"\D", "", match["whole"])
        part = f"point{match['part']}" if match["part"] else ""
        return f" {'minus' if match['minus'] else ''}{whole}{part}"

    text = re.sub(r"[%٪]", " percent ", _western(raw))
    text = re.sub(r"(?<![\w.,])[.٫](?=\d)", "0.", text)
    text = re.sub(r"[<>≤≥±]|(?<=\d)\+(?!\s*\d)", " than ", text)  # "more than", which is another answer
    return _GLUED.sub(" ", normalise(_NUMERAL.sub(one_word, text)))


def _number(word: str) -> tuple[_Kind, int | float] | None:
    token = _TOKEN.fullmatch(word)
    if token:
        value = float(f"{token[2]}.{token[3]}") if token[3] else int(token[2])
        return "numeral", -value if token[1] else value
    for prefix in ("", "ال", "و", "وال"):
        if word.startswith(prefix) and word[len(prefix) :] in _NUMBER_WORDS:
            return _NUMBER_WORDS[word[len(prefix) :]]
    return None


def number_word(word: str) -> int | float | None:
    """The value of one number word, digits or ordinal ("7", "7th", «سبعة», «السابع»); None if it is none."""
    number = _number(word)
    return number[1] if number else None


def is_calendar_word(word: str) -> bool:
    return word in _CALENDAR


@dataclass(slots=True)
class _Run:
    """A number that is being read, and the kind of its last word."""

    last: _Kind
    total: int | float = 0  # thousands and above, closed
    group: int | float = 0

    @property
    def value(self) -> int | float:
        return self.total + self.group

    @classmethod
    def start(cls, kind: _Kind, value: int | float) -> _Run:
        return cls(kind, total=value) if kind in {"scale", "scales"} else cls(kind, group=value)

    def goes_on(self, kind: _Kind, value: int | float, word: str, joint: str) -> bool:
        """Take the next number word when it continues this number. `joint` is "and" or «و» before it, or empty."""
        larger_before = self.last in {"hundred", "hundreds", "scale", "scales"}
        waw = joint == _AND_AR
        match kind:
            case "unit" if larger_before or (self.last == "tens" and not joint):
                self.group += value
            case "teen" if larger_before or (self.last == "unit" and word in _TEN_AR and not joint):
                self.group += value
            case "tens" if larger_before or (self.last == "unit" and waw):
                self.group += value
            case "hundred" if self.last in {"unit", "teen", "tens", "numeral"} and not joint:
                self.group *= value
            case "hundred" | "hundreds" if self.last in {"scale", "scales"}:
                self.group += value
            case "scale" if self.last not in {"lone", "scale", "scales"} and not joint:
                self.total, self.group = self.total + self.group * value, 0
            case "scale" | "scales" if self.last in {"scale", "scales"} and joint:
                self.total += value
            case _:
                return False
        self.last = kind
        return True


def read_numbers(text: str) -> tuple[list[int | float], list[str]]:
    """Numbers in a normal form, and the words that are none: "two hundred and five", «خمسة وعشرون» are one each."""
    numbers: list[int | float] = []
    rest: list[str] = []
    run: _Run | None = None
    for word in [*text.split(), _BREAK]:
        number = _number(word)
        joint = rest[-1] if rest and rest[-1] in {"and", _AND_AR} and run is not None else ""
        attached = _AND_AR if word.startswith(_AND_AR) and word not in _NUMBER_WORDS else ""
        if number is not None and run is not None and run.goes_on(*number, word, attached or joint):
            if joint:
                rest.pop()
            continue
        if run is not None and (number is not None or word not in {"and", _AND_AR}):
            numbers.append(run.value)
            run = None
        if number is not None:
            minus = bool(rest) and rest[-1] in _MINUS
            if minus:
                rest.pop()
            run = _Run.start(number[0], -number[1] if minus else number[1])
        elif word != _BREAK:
            rest.append(word)
    return numbers, rest


@dataclass(frozen=True, slots=True)
class TypedDate:
    """The fields of a date that were typed; `swapped` when day and month can be read the other way too."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    swapped: tuple[int, int] | None = None  # (day, month) in the other order
    rest: tuple[str, ...] = ()


_ISO = r"(?P<year>\d{4})[-/.](?P<second>\d{1,2})(?:[-/.](?P<first>\d{1,2}))?"
_NUMERIC = r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d{2})"
_MONTH_YEAR = r"(?P<second>\d{1,2})[-/.](?P<year>\d{4})"
_DAY_MONTH = r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})"
_SPACED = re.compile(r"\s*(\d{1,4})(?:\s*[-/.,،]\s*|\s+)(\d{1,2})(?:\s*[-/.,،]\s*|\s+)(\d{1,4})\s*")
# «يوم 7 شهر 12», «شهر 6»: a month by its number
_SPOKEN_DATE = re.compile(r"(?:يوم\s+)?(?P<day>\d{1,2})?\s*شهر\s+(?P<month>1[0-2]|0?[1-9])(?!\d)")
# "twenty twenty-one" is a year: twenty hundred and twenty-one.
_SPOKEN_YEAR = re.compile(rf"\b(nineteen|twenty)(?= (?:{'|'.join([*_ONES_EN[10:], *_TENS_EN])})\b)")


def read_date(raw: str) -> TypedDate | None:
    """A date as typed, in any of the usual ways; None when there is no date, or more than one, in it.

    Month names are never guessed at: neighbouring ones differ by a letter.
    """
    text = re.sub(r"(?<=\d{4})\s*(?:م|هـ?م)(?!\w)", " ", _western(raw))  # "2021 م" is the year 2021
    text = re.sub(r"(?<!\w)['’](\d{2})(?!\w)", r"20\1", text)
    text = _SPOKEN_DATE.sub(lambda said: f" {said['day'] or ''} {_MONTHS[int(said['month']) - 1][0]} ", text)
    text = re.sub(r"(?<=\d)\s*([/.-])\s*(?=\d)", r"\1", text)
    text = _SPACED.sub(r"\1-\2-\3", text) if _SPACED.fullmatch(text) else text
    by_name = any(f" {name} " in f" {normalise(text)} " for name, _ in _MONTH_NAMES)
    for pattern in (_ISO, _NUMERIC, _MONTH_YEAR, *(() if by_name else (_DAY_MONTH,))):
        match = re.search(rf"(?<!\d){pattern}(?!\d)", text)
        if match:
            return _read_figures(text, match, iso=pattern == _ISO)
    return _read_words(_GLUED.sub(" ", normalise(text)))


def _read_figures(text: str, match: re.Match[str], *, iso: bool) -> TypedDate | None:
    found = match.groupdict()
    day, month = (int(found[name]) if found.get(name) else None for name in ("first", "second"))
    year = _full_year(int(found["year"])) if "year" in found else None
    swapped = None
    if not iso and day is not None and month is not None:
        if month > 12:  # only the American order makes sense
            day, month = month, day
        elif day <= 12:
            swapped = (month, day)
    words = normalise(text[: match.start()] + " " + text[match.end() :]).split()
    weekday = read_weekday(" ".join(words))
    rest = tuple(word for word in words if word not in _WEEKDAY_NAMES)
    in_range = 1 <= (month or 1) <= 12 and 1 <= (1 if day is None else day) <= 31
    return TypedDate(day, month, year, weekday, swapped, rest) if in_range and month != 0 else None


def _read_words(text: str) -> TypedDate | None:
    months: set[int] = set()
    spoken = _SPOKEN_YEAR.sub(r"\1 hundred", text)
    padded = f" {spoken} "
    for name, month in _MONTH_NAMES:
        if f" {name} " in padded:
            months.add(month)
            padded = padded.replace(f" {name} ", f" {_BREAK} ")
    words = padded.split()
    named = {_WEEKDAY_NAMES[word] for word in words if word in _WEEKDAY_NAMES and word not in _NUMBERS_TOO}
    numbers, rest = read_numbers(" ".join(word for word in words if word in _NUMBERS_TOO or word not in _WEEKDAY_NAMES))
    if sum(1 <= number <= 31 for number in numbers) > 1 and _NUMBERS_TOO & set(words):  # «اثنين 7 ديسمبر» is Monday
        named |= {_WEEKDAY_NAMES[word] for word in words if word in _NUMBERS_TOO}
        numbers, rest = read_numbers(" ".join(word for word in words if word not in _WEEKDAY_NAMES))
    years = [number for number in numbers if number > 31]
    days = [number for number in numbers if number <= 31]
    if months and not years and len(days) == 2 and re.fullmatch(rf".*\D{days[1]:02}", text):
        years = [days.pop()]  # "7 Dec 21"
    if len(months) > 1 or len(named) > 1 or len(years) > 1 or len(days) > 1 or not (months or years or days):
        return None
    if any(number != int(number) or number < 1 for number in numbers):
        return None
    return TypedDate(
        day=int(days[0]) if days else None,
        month=months.pop() if months else None,
        year=_full_year(int(years[0])) if years else None,
        weekday=named.pop() if named else None,
        rest=tuple(rest),
    )


def _western(raw: str) -> str:
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in raw)


def _full_year(year: int) -> int:
    return year + (2000 if year < 70 else 1900) if year < 100 else year


def weekday_names(day: int) -> tuple[str, ...]:
    """Normal forms of a weekday's full names, Monday 0."""
    return tuple(normalise(name) for name in _WEEKDAYS[day] if len(name) > 5)


def read_weekday(text: str) -> int | None:
    """The one weekday named in a normalised text, Monday 0; None when there is none or more than one."""
    days = {_WEEKDAY_NAMES[word] for word in text.split() if word in _WEEKDAY_NAMES}
    return days.pop() if len(days) == 1 else None
