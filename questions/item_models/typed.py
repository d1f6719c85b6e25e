"""Typed answers: names, numbers, dates and places, with everything that is another way of writing them."""

from __future__ import annotations

from questions.bank import Accepted, TypedQuestion, question_id
from questions.distractors import true_entities
from questions.factbook import FactBook
from questions.facts import Entity, NumberFact, Unit, UnitAr
from questions.grammar import counted
from questions.item_models.asks import Ask, DateValue, Number, Weekday, text_of
from questions.item_models.frame import shared
from questions.lookup import names
from questions.normalise import normalise
from questions.texts import Bilingual

# What form the answer has: a stem says it, so that nobody is wrong for the form alone.
_FORMS: dict[str, Bilingual] = {
    "person": Bilingual(ar="الاسم واسم العائلة", en="name and surname"),
    "city": Bilingual(ar="اسم المدينة", en="the name of the city"),
    "country": Bilingual(ar="اسم البلد", en="the name of the country"),
    "organisation": Bilingual(ar="اسم الجهة", en="the name of the body"),
    "number": Bilingual(ar="عدد", en="a number"),
    "day": Bilingual(ar="اليوم والشهر والسنة", en="day, month and year"),
    "month": Bilingual(ar="الشهر والسنة", en="month and year"),
    "weekday": Bilingual(ar="اسم اليوم", en="the name of the day"),
}


def typed(ask: Ask, book: FactBook) -> TypedQuestion | None:
    """A typed question, or None where the answer is no short name, number or date."""
    name = question_id(ask.fact.id, ask.asked, "typed")
    match ask.answer:
        case Entity(kind="person" | "city" | "country" | "organisation" as kind):
            return TypedQuestion(
                id=name,
                stem=_with_form(ask.stem, kind),
                answer=ask.answer.name,
                answer_type="name",
                accepted=names_of(ask.answer),
                rivals=rivals_of(ask.answer, true_entities(ask, book), book),
                **shared(ask.fact, book, 0.6),
            )
        case Number(value):
            unit = ask.fact.unit if isinstance(ask.fact, NumberFact) else None
            return TypedQuestion(
                id=name,
                stem=_with_form(ask.stem, "number"),
                answer=_with_unit(value, unit),
                answer_type="number",
                value=str(value),
                accepted=_counts(value, unit),
                **shared(ask.fact, book, 0.5),
            )
        case DateValue(precision="day" | "month" as precision) as value:
            return TypedQuestion(
                id=name,
                stem=_with_form(ask.stem, precision),
                answer=value.text,
                answer_type="date",
                value=value.id,
                **shared(ask.fact, book, 0.6),
            )
        case Weekday(index):
            return TypedQuestion(
                id=name,
                stem=_with_form(ask.stem, "weekday"),
                answer=text_of(ask.answer),
                answer_type="weekday",
                value=str(index),
                **shared(ask.fact, book, 0.5),
            )
        case _:
            return None


def _with_form(stem: Bilingual, form: str) -> Bilingual:
    words = _FORMS[form]
    return Bilingual(ar=f"{stem.ar} ({words.ar})", en=f"{stem.en} ({words.en})")


def names_of(entity: Entity) -> tuple[Accepted, ...]:
    """Every other way of writing an entity's name."""
    names = [Accepted(text=entity.oblique.ar, lang="ar")] if entity.oblique is not None else []
    names += [Accepted(text=text, lang="ar") for text in entity.aliases.ar]
    names += [Accepted(text=text, lang="en") for text in entity.aliases.en]
    names += [Accepted(text=text) for text in entity.aliases.other]
    if entity.short is not None:
        names += [Accepted(text=entity.short.get(lang) or "", lang=lang) for lang in entity.short.languages]
    return tuple(names)


def rivals_of(key: Entity, true: frozenset[str], book: FactBook) -> tuple[str, ...]:
    """Normal forms of every other entity's names: typing one is another answer, never a slip of this one.

    `true` are entities that are right, or defensible, here.
    """
    own = book.lookup.within(key.id)
    others = [one for one in book.lookup.namesakes(key) if one.id not in own | true]
    return tuple(sorted({normalise(name) for one in others for name in names(one)}))


def _with_unit(value: int, unit: Unit | None) -> Bilingual:
    return counted(value, unit, alone=True) if unit else Bilingual(ar=str(value), en=str(value))


def _counts(value: int, unit: Unit | None) -> tuple[Accepted, ...]:
    """Number and unit in one: «ساعتان», «ساعتين», "two hours" is read as number and unit by grading."""
    if unit is None:
        return ()
    english = (unit.en.other, unit.en.one) if unit.en is not None else ()
    return (
        *(Accepted(text=text, lang="ar") for text in (_counts_ar(value, unit.ar) if unit.ar is not None else ())),
        *(Accepted(text=f"{value} {noun}", lang="en") for noun in english),
    )


def _counts_ar(value: int, noun: UnitAr) -> list[str]:
    said = {1: [noun.singular], 2: [noun.dual, noun.dual_oblique]}.get(value, [])
    nouns = {noun.singular, noun.accusative, noun.plural}
    return [*dict.fromkeys(said), *(f"{value} {text}" for text in sorted(nouns))]
