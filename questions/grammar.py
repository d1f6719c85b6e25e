"""What templates need to stay grammatical: counted nouns, dates in words, agreement of verbs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from questions.facts import Entity, Unit, UnitAr
from questions.normalise import normalise
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
# What is asked of what follows a preposition: «على أن ...» is answered to «علامَ».
_ASKED_AFTER = {"على": "علامَ", "إلى": "إلامَ", "عن": "عمَّ", "من": "ممَّ", "في": "فيمَ"}
# Verbs whose object follows بـ, which is written as one with its word.
_WITH_BA = {normalise(verb) for verb in ("أفاد", "وعد", "تعهّد", "صرّح", "أقرّ", "اعترف", "رحّب", "طالب", "ندّد", "أشاد")}
# Past verbs of saying with their base: "what did Putin say". Of another verb, "what was it that Putin ...".
_BASE_EN = {
    **{f"{base}ed": base for base in ("add", "answer", "ask", "claim", "confirm", "demand", "explain", "express")},
    **{f"{base}ed": base for base in ("hint", "insist", "predict", "recall", "report", "reject", "request", "suggest")},
    **{f"{base}ed": base for base in ("stress", "warn")},
    **{f"{base}d": base for base in ("agree", "announce", "declare", "describe", "hope", "indicate", "note", "notice")},
    **{f"{base}d": base for base in ("promise", "propose", "voice")},
    **{"chose": "choose", "denied": "deny", "said": "say", "set out": "set out", "told": "tell", "took": "take"},
    "took into account": "take into account",
}
_PREPOSITIONS_EN = ("for", "of", "on", "at", "over", "about", "with", "against", "from", "in")
Gender = Literal["m", "f"]
Count = Literal["singular", "dual", "plural"]
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
    return Bilingual(
        ar=_counted_ar(number, unit.ar, alone=alone) if unit.ar else None,
        en=f"{number} {unit.en.one if number == 1 else unit.en.other}" if unit.en else None,
    )


def how_many(unit: Unit) -> Bilingual:
    """The noun with the word that asks for its number: «كم ساعة», "how many hours"."""
    return Bilingual(
        ar=f"كم {unit.ar.accusative}" if unit.ar else None, en=f"how many {unit.en.other}" if unit.en else None
    )


def _counted_ar(number: int, noun: UnitAr, *, alone: bool) -> str:
    rest = number % 100
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


def agreement(*subjects: Entity) -> tuple[Gender, Count]:
    """Gender and number of the Arabic words that agree with all of these.

    A masculine one makes all masculine. A plural of things, and three feminine things, agree as one feminine.
    """
    forms = [_own_agreement(subject) for subject in subjects]
    gender: Gender = "f" if all(gender == "f" for gender, _ in forms) else "m"
    if len(forms) == 1:
        return gender, forms[0][1]
    if len(forms) == 2 and all(count == "singular" for _, count in forms):
        return gender, "dual"
    people = gender == "m" or any(subject.kind == "person" for subject in subjects)
    return gender, "plural" if people else "singular"


def _own_agreement(subject: Entity) -> tuple[Gender, Count]:
    """Of bodies, only those that a masculine plural names are people: «المراقبون»."""
    people = subject.kind == "person" or (subject.kind == "organisation" and subject.gender == "m")
    if subject.number == "plural" and not people:
        return "f", "singular"
    return subject.gender, subject.number


def past(verb: str, subject: Entity | None) -> str:
    """The Arabic past verb of a masculine singular, made to agree with a subject that follows it.

    Before its subject the verb is singular; it takes the feminine ending with a feminine one.
    """
    if subject is None or agreement(subject)[0] == "m":
        return verb
    first, space, rest = verb.partition(" ")
    return f"{_conjugated(first, 'f', 'singular')}{space}{rest}"


def past_after(verb: str, *subjects: Entity) -> str:
    """The Arabic past verb after its subjects: there it agrees in number too, «قالتا», «قالوا», «قلن»."""
    first, space, rest = verb.partition(" ")
    return f"{_conjugated(first, *agreement(*subjects))}{space}{rest}"


def _conjugated(verb: str, gender: Gender, count: Count) -> str:
    weak = verb.endswith(("ى", "ا"))
    # The weak letter as it comes back: «نفيا», «دعوا», in verbs of three letters only.
    root = f"{verb[:-1]}{'و' if verb.endswith('ا') and len(verb) == 3 else 'ي'}" if weak else verb
    match gender, count:
        case "m", "singular":
            return verb
        case "f", "singular":
            return f"{verb[:-1] if weak else verb}ت"
        case "f", "dual":
            return f"{verb[:-1] if weak else verb}تا"
        case "m", "dual":
            return f"{root[:-1]}آ" if root.endswith("أ") else f"{root}ا"
        case "m", "plural":
            return f"{verb[:-1]}ؤوا" if verb.endswith("أ") else f"{verb[:-1] if weak else verb}وا"
        case _:
            stem = root if weak else _before_n(verb)
            return f"{stem}\u0651" if stem.endswith("ن") else f"{stem}ن"


def _before_n(verb: str) -> str:
    """The stem before the ending of the feminine plural: «قال» and «أفاد» lose their long vowel, «ردّ» is two again."""
    if verb.endswith("\u0651"):
        return f"{verb[:-1]}{verb[-2]}"
    return f"{verb[:-2]}{verb[-1]}" if len(verb) > 2 and verb[-2] == "ا" else verb


_RELATIVE: dict[tuple[Gender, Count], tuple[str, str]] = {
    ("m", "singular"): ("هو", "الذي"),
    ("f", "singular"): ("هي", "التي"),
    ("m", "dual"): ("هما", "اللذان"),
    ("f", "dual"): ("هما", "اللتان"),
    ("m", "plural"): ("هم", "الذين"),
    ("f", "plural"): ("هن", "اللواتي"),
}


def it_was(subject: Entity) -> str:
    """The pronoun and the relative after a subject that is singled out: «هو مَن» of a person, «هي التي» of a body."""
    pronoun, relative = _RELATIVE[agreement(subject)]
    return f"{pronoun} مَن" if subject.kind == "person" else f"{pronoun} {relative}"


def oblique(entity: Entity) -> str:
    """The Arabic name after a preposition, after «إن», or after a noun that it belongs to."""
    return entity.oblique.ar if entity.oblique is not None else entity.name.ar or ""


def possessive(name: str) -> str:
    """An English name with what shows that something is its: "Biden's", "the United States'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def said_by(verb: str, subject: str) -> str:
    """An Arabic verb with its subject after its first word: «عبّر بوتين عن الأمل في»."""
    first, space, rest = verb.partition(" ")
    return f"{first} {subject}{space}{rest}"


def what_ar(verb: str, subject: str, object_: str) -> str:
    """What the object of an Arabic verb is, as a question: «علامَ شدّد بوتين», «ماذا قال بوتين»."""
    head, _, last = verb.rpartition(" ")
    if head and last in _ASKED_AFTER:  # the verb brings its preposition: «ألمح إلى»
        return f"{_ASKED_AFTER[last]} {said_by(head, subject)}"
    first = object_.partition(" ")[0]
    asked = _ASKED_AFTER.get(first, "ماذا")
    if first.startswith("ب") and _stem_of(verb) in _WITH_BA:
        asked = "بمَ"
    return f"{asked} {said_by(verb, subject)}"


def what_en(verb: str, subject: str, object_: str) -> str:
    """What the object of an English verb is, as a question: "what did Biden hope for"."""
    first = object_.partition(" ")[0]
    after = f" {first}" if first in _PREPOSITIONS_EN else ""
    if verb in _BASE_EN:
        return f"what did {subject} {_BASE_EN[verb]}{after}"
    if verb.startswith("had "):
        return f"what had {subject} {verb.removeprefix('had ')}{after}"
    return f"what was it that {subject} {verb}{after}"


def _stem_of(verb: str) -> str:
    """The first word of a past verb without the ending of its feminine."""
    word = normalise(verb.partition(" ")[0])
    return word if word in _WITH_BA else word.removesuffix("ت")


def joined(names: list[str], lang: Lang) -> str:
    """Names as one phrase: "A, B and C", «أ وب وج»."""
    if lang == "ar":
        return " و".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
