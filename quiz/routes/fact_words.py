"""What the form of a fact says: types, fields, and the words for what they may hold."""

from __future__ import annotations

from typing import Any

from questions.errors import Problem
from questions.factbook import FactBook
from quiz.i18n import _, interface_language


def fact_words() -> dict[str, Any]:
    return {
        "type_name": type_name,
        "label_of": label_of,
        "choice_name": choice_name,
        "problem_words": problem_words,
        "problem_place": problem_place,
    }


def type_name(kind: str) -> str:
    words = {
        "event": _("Event"),
        "date": _("Date"),
        "number": _("Number"),
        "person_role": _("Person and role"),
        "topic_raised": _("Matter that was raised"),
        "topic_not_raised": _("Matter that was not raised"),
        "statement": _("Statement"),
        "agreement": _("Agreement"),
        "quote": _("Quotation"),
        "composition": _("Whole and parts"),
        "source_conflict": _("Sources that differ"),
        "entity": _("Person, place, body or matter"),
        "source": _("Source of the facts"),
    }
    return words.get(kind, kind)


def label_of(name: str, within: str = "") -> str:
    """The label of a field, by what the model calls it, and what that is a part of."""
    words = {
        "blank.text": _("The words that are left out"),
        "blank.sentence": _("Another sentence, where this one leaves several answers right"),
        "foils.text": _("A wrong answer"),
        "parts.text": _("A part"),
        "para": _("Paragraph"),
        "source": _("Who says it"),
        "reported_by": _("Who passed it on"),
        "strength": _("How firmly"),
        "text": _("The whole fact, as a sentence"),
        "topic": _("Topic"),
        "weight": _("Weight"),
        "setting": _("How the event is named"),
        "contradicts": _("Contradicts these facts (their ids)"),
        "same_as": _("Says the same as these facts (their ids)"),
        "not_with": _("Not together with these facts (their ids)"),
        "foils": _("Wrong answers, each with where it belongs"),
        "blank": _("The blank of a cloze"),
        "asked": _("Asks for"),
        "label": _("What kind of thing it is"),
        "accepted": _("Also accepted"),
        "entity": _("Whose names are accepted"),
        "sentence": _("The sentence, with {n} for the number and its unit"),
        "who": _("Who"),
        "where": _("Where"),
        "how": _("In what form"),
        "asks_who": _("The question for who"),
        "asks_where": _("The question for where"),
        "asks_how": _("The question for the form"),
        "did": _("What completes the question"),
        "value": _("Value"),
        "precision": _("How exact"),
        "part": _("Part of the month"),
        "ask_weekday": _("Ask for the weekday too"),
        "unit": _("Unit"),
        "ar": _("Arabic"),
        "en": _("English"),
        "singular": _("Singular: ساعة"),
        "accusative": _("After 11 to 99: ساعةً"),
        "dual": _("Dual: ساعتان"),
        "dual_oblique": _("Dual after a preposition: ساعتين"),
        "plural": _("Plural: ساعات"),
        "gender": _("Gender of the Arabic word"),
        "one": _("One"),
        "other": _("Other"),
        "counts": _("What is counted"),
        "near": _("Wrong numbers"),
        "person": _("Person"),
        "role": _("Role"),
        "of": _("Of"),
        "at": _("When"),
        "matter": _("Matter"),
        "by": _("Raised by"),
        "kind": _("Kind"),
        "speaker": _("Who spoke"),
        "about": _("About"),
        "claim": _("What was said, with its joining word"),
        "verb": _("The verb, where another fits better"),
        "addressee": _("To whom"),
        "parties": _("Parties"),
        "on": _("On what"),
        "content": _("What completes “They agreed …”"),
        "agreed": _("How far"),
        "words": _("The words themselves, seven at most"),
        "of_people": _("The parts are people"),
        "parts": _("Parts"),
        "number": _("Singular, dual or plural"),
        "account_a": _("The first account"),
        "account_b": _("The second account"),
        "source_a": _("Whose the first is"),
        "source_b": _("Whose the second is"),
        "name": _("Name"),
        "note": _("One sentence on what it is here"),
        "oblique": _("After a preposition, where letters change"),
        "aliases": _("Other names, one a line"),
        "short": _("Short name"),
        "confusable_with": _("Easily taken for"),
        "part_of": _("Part of"),
        "why": _("Where it belongs"),
        "title": _("Title of the source"),
        "event": _("What the facts are about, as in “the flood of 1953”"),
        "publisher": _("Publisher"),
        "published": _("Date of the source"),
        "language": _("Language of the source"),
        "openings": _("Paragraphs, one a line; of a pasted text only the first words of each are kept"),
        "after": _("Whose report it follows"),
        "link": _("Address on the web"),
        "event_within": _("How a question begins, as in “In the flood of 1953”"),
        "event_about": _("How it begins otherwise, as in “On the flood of 1953”"),
    }
    return words.get(f"{within}.{name}") or words.get(name, name)


def choice_name(value: str) -> str:
    words = {
        "stated": _("stated"),
        "hoped": _("hoped"),
        "hinted": _("hinted"),
        "proposed": _("proposed"),
        "promised": _("promised"),
        "agreed": _("agreed"),
        "denied": _("denied"),
        "core": _("core"),
        "detail": _("detail"),
        "within": _("as where it took place"),
        "about": _("as what it is about"),
        "none": _("not at all"),
        "day": _("to the day"),
        "month": _("to the month"),
        "part_of_month": _("to a part of the month"),
        "beginning": _("beginning"),
        "middle": _("middle"),
        "end": _("end"),
        "excluded": _("a source says that it was not"),
        "not_taken_up": _("mentioned, not taken up"),
        "to_be_started": _("to be started"),
        "m": _("masculine"),
        "f": _("feminine"),
        "singular": _("singular"),
        "dual": _("dual"),
        "plural": _("plural"),
        "person": _("person"),
        "city": _("city"),
        "country": _("country"),
        "organisation": _("organisation"),
        "agreement": _("agreement"),
        "project": _("project"),
        "office": _("office"),
        "format": _("form of a meeting"),
        "matter": _("matter"),
        "raised": _("Matter that was raised"),
        "not_raised": _("Matter that was not raised"),
        "count": _("Number"),
        "when": _("When"),
        "weekday": _("a day of the week"),
    }
    return words.get(value, label_of(value))


# ---------------------------------------------------------------- what is wrong

_LANGUAGE = {"ar": "العربية", "en": "English"}


def problem_words(problem: Problem) -> str:
    """What is wrong with a fact, or between the parts of a book."""
    params = dict(problem.params)
    match problem.code:
        case "missing" | "no-text":
            return _("is missing")
        case "no-language":
            return _("is missing: the bank has this language too")
        case "number":
            return _("is not a whole number that can stand here")
        case "date":
            return _("is not a date")
        case "few":
            return _("has too few rows")
        case "many":
            return _("has too many rows")
        case "long":
            return _("is too long")
        case "choice":
            return _("is none of the choices")
        case "not-arabic":
            return _("is not written in Arabic letters")
        case "blank-asked":
            return _("asks for something that this fact does not have")
        case "blank-place":
            return _("must stand once in the sentence, and not first (%(lang)s)", lang=_LANGUAGE[params["lang"]])
        case "foils":
            return _("wrong answers are of no use here: only answers in words take them")
        case "asks":
            return _("a question is written for “%(field)s”, which is empty", field=label_of(params["asked"]))
        case "part":
            return _("the part of the month is chosen exactly when the date is to a part of a month")
        case "weekday":
            return _("the weekday can only be asked for when the date is to the day")
        case "slot":
            return _("the sentence needs {n} where the number and its unit stand")
        case "seven-words":
            return _("the words are seven at most; the rest is said in other words")
        case "same-ids":
            return _("two rows are the same")
        case "unknown":
            return _("“%(what)s” is not in this bank", what=params["target"])
        case "no-paragraph":
            return _(
                "there is no paragraph %(para)s: the source has %(count)s", para=params["para"], count=params["count"]
            )
        case "wrong-type":
            return _(
                "fact %(fact)s is a “%(type)s”; expected: %(wanted)s",
                fact=params["fact"],
                type=type_name(params["type"]),
                wanted=_("; ").join(type_name(one) for one in params["wanted"].split(" or ")),
            )
        case "no-label":
            return _("fact %(fact)s has no label, the event as a noun", fact=params["fact"])
        case "mixed-pairs":
            return _("the pairs are of facts of one type")
        case "no-order":
            return _("two of the dates are equal or overlap: there is no one order")
        case "extra-right":
            return _("the extra answer belongs to one of the pairs")
        case "extra-kind":
            return _("an extra answer is for words and statements only")
        case "same-matter":
            return _("fact %(fact)s has the matter of another one", fact=params["fact"])
        case "matter-right":
            return _("the matter of fact %(fact)s is right by another fact too", fact=params["fact"])
        case _:
            return _("cannot be so")


def problem_place(problem: Problem, book: FactBook | None, own: str | None) -> str:
    """Where it is wrong: the field, and whose it is when that is not what the form is about."""
    head, *rest = problem.field.split(".")
    steps = [label_of(head)] if head else []
    for step in rest:
        steps.append(step if step.isdecimal() else _LANGUAGE.get(step) or label_of(step, head))
    where = " › ".join(steps)
    whose = _whose(problem, book) if problem.name and problem.name != own else ""
    return f"{where} (\u2068{whose}\u2069)" if whose and where else where or whose


def _whose(problem: Problem, book: FactBook | None) -> str:
    lang = interface_language()
    match problem.block:
        case "fact" if book is not None and problem.name in book.facts:
            return book.facts[problem.name].text.best(lang)[1]
        case "entity" if book is not None and problem.name in book.entities:
            return book.entities[problem.name].name.best(lang)[1]
        case "set":
            return _("question of several facts: %(name)s", name=problem.name)
        case _:
            return problem.name
