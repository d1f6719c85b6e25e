"""What templates need to stay grammatical: counted nouns, dates in words, agreement of verbs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from questions.facts import Entity, Unit
from questions.texts import Bilingual, Lang

MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS_AR = (
    "يناير/كانون الثاني",
    "فبراير/شباط",
    "مارس/آذار",
    "أبريل/نيسان",
    "مايو/أيار",
    "يونيو/حزيران",
    "يوليو/تموز",
    "أغسطس/آب",
    "سبتمبر/أيلول",
    "أكتوبر/تشرين الأول",
    "نوفمبر/تشرين الثاني",
    "ديسمبر/كانون الأول",
)
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_AR = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
_PARTS_AR = {"beginning": "بداية", "middle": "منتصف", "end": "نهاية"}
Part = Literal["beginning", "middle", "end"]
Precision = Literal["day", "month", "part_of_month"]


def date_text(value: date, precision: Precision, part: Part | None = None) -> Bilingual:
    """A date at its precision: "7 December 2021", "June 2021", "the end of November 2021"."""
    month_en, month_ar = MONTHS_EN[value.month - 1], MONTHS_AR[value.month - 1]
    match precision:
        case "day":
            return Bilingual(ar=f"{value.day} {month_ar} {value.year}", en=f"{value.day} {month_en} {value.year}")
        case "month":
            return Bilingual(ar=f"{month_ar} {value.year}", en=f"{month_en} {value.year}")
        case "part_of_month":
            assert part is not None  # noqa: S101  (a fact without it cannot be built)
            return Bilingual(
                ar=f"{_PARTS_AR[part]} {month_ar} {value.year}", en=f"the {part} of {month_en} {value.year}"
            )


def weekday_text(weekday: int) -> Bilingual:
    """The day of the week, Monday 0."""
    return Bilingual(ar=WEEKDAYS_AR[weekday], en=WEEKDAYS_EN[weekday])


def counted(number: int, unit: Unit, *, alone: bool = False) -> Bilingual:
    """Number and noun: «ساعتين» after a verb or a preposition, «ساعتان» alone; «3 ساعات», "2 hours"."""
    ar = _counted_ar(number, unit, alone=alone)
    return Bilingual(ar=ar, en=f"{number} {unit.en.one if number == 1 else unit.en.other}")


def _counted_ar(number: int, unit: Unit, *, alone: bool) -> str:
    noun, rest = unit.ar, number % 100
    if number == 1:
        one = "واحدة" if noun.gender == "f" else "واحد" if alone else "واحدًا"
        return f"{noun.accusative if noun.gender == 'm' and not alone else noun.singular} {one}"
    if number == 2:
        return noun.dual if alone else noun.dual_oblique
    if 3 <= rest <= 10:
        return f"{number} {noun.plural}"
    if rest >= 11:
        return f"{number} {noun.accusative}"
    return f"{number} {noun.singular}"


def past(verb: str, subject: Entity | None) -> str:
    """The Arabic past verb of a masculine singular, made to agree with a subject that follows it.

    Before its subject the verb is singular; it takes the feminine ending with a feminine one.
    """
    if subject is None or subject.gender == "m":
        return verb
    first, space, rest = verb.partition(" ")
    if first.endswith(("ى", "ا")):
        return f"{first[:-1]}ت{space}{rest}"
    return f"{first}ت{space}{rest}"


def joined(names: list[str], lang: Lang) -> str:
    """Names as one phrase: "A, B and C", «أ وب وج»."""
    if lang == "ar":
        return " و".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
