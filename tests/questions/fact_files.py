"""A small invented fact book, as the files that a person would write; tests add to it or break it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from questions import factbook
from questions.bank import Bank, Question
from questions.factbook import FactBook
from questions.generate import generate

BOOK = """
id = "river-2030"
deck = "Qimma::River talks"
licence = "CC BY 4.0"
author = "Qimma"
title = { ar = "محادثات النهر", en = "The river talks" }
description = { ar = "من قال ماذا في محادثات النهر.", en = "Who said what in the river talks." }

[event]
name = { ar = "محادثات النهر", en = "the river talks" }
within = { ar = "في محادثات النهر", en = "In the river talks" }
about = { ar = "عن محادثات النهر", en = "On the river talks" }

[document]
title = { ar = "تقرير", en = "A report" }
publisher = { ar = "صحيفة الوادي", en = "The Valley Paper" }
date = 2030-05-04
language = "ar"
openings = ["اجتمع الوزراء", "قالت الوزيرة", "وفي الختام"]
"""

TOPICS = """
[[topic]]
id = "water"
name = { ar = "المياه", en = "Water" }

[[topic]]
id = "course"
name = { ar = "سير المحادثات", en = "The course of the talks" }
"""


def entity(name: str, kind: str, ar: str, en: str, more: str = "") -> str:
    return f"""
[[entity]]
id = "{name}"
kind = "{kind}"
name = {{ ar = "{ar}", en = "{en}" }}
note = {{ ar = "ملاحظة عن {ar}.", en = "A note on {en}." }}
{more}
"""


ENTITIES = "".join(
    (
        entity("layla", "person", "ليلى الحسن", "Layla Hasan", 'gender = "f"'),
        entity("omar", "person", "عمر سالم", "Omar Salem"),
        entity("nils", "person", "نيلس برغ", "Nils Berg"),
        entity("ada", "person", "آدا مور", "Ada Moore", 'gender = "f"'),
        entity("karim", "person", "كريم نور", "Karim Nour"),
        entity("basra", "city", "البصرة", "Basra"),
        entity("oslo", "city", "أوسلو", "Oslo"),
        entity("tunis", "city", "تونس", "Tunis"),
        entity("quito", "city", "كيتو", "Quito"),
        entity("dam", "matter", "السد", "the dam"),
        entity("fishing", "matter", "الصيد", "fishing"),
        entity("visas", "matter", "التأشيرات", "visas"),
        entity("rail", "matter", "السكك الحديدية", "the railway"),
        entity("ports", "matter", "الموانئ", "the ports"),
    )
)


def fact(name: str, kind: str, more: str) -> str:
    return f"""
[[fact]]
id = "{name}"
type = "{kind}"
para = 1
topic = "water"
text = {{ ar = "نص الواقعة {name}.", en = "The text of fact {name}." }}
{more}
"""


def statement(name: str, speaker: str, claim: str, more: str = "") -> str:
    return fact(
        name,
        "statement",
        f"""speaker = ["{speaker}"]
about = {{ ar = "السد", en = "the dam" }}
claim = {{ ar = "إن {claim}", en = "that {claim}" }}
{more}""",
    )


def date(name: str, did: str, value: str, more: str = "") -> str:
    return fact(name, "date", f'did = {{ ar = "حدث {did}", en = "did {did} take place" }}\nvalue = {value}\n{more}')


def raised(name: str, matter: str, more: str = "") -> str:
    return fact(name, "topic_raised", f'matter = "{matter}"\n{more}')


def not_raised(name: str, matter: str, more: str = "") -> str:
    return fact(name, "topic_not_raised", f'matter = "{matter}"\n{more}')


def event(name: str, city: str, more: str = "") -> str:
    return fact(
        name,
        "event",
        f'who = ["layla"]\nwhere = "{city}"\n'
        f'asks.where = {{ ar = "عُقد لقاء {name}", en = "was the {name} meeting held" }}\n{more}',
    )


def number(name: str, value: int, more: str = "") -> str:
    return fact(
        name,
        "number",
        f"""value = {value}
did = {{ ar = "استمر لقاء {name}", en = "did the {name} meeting last" }}
sentence = {{ ar = "استمر اللقاء {{n}}", en = "the meeting lasted {{n}}" }}
{more}
[fact.unit]
ar = {{ singular = "يوم", accusative = "يومًا", dual = "يومان", dual_oblique = "يومين", plural = "أيام", gender = "m" }}
en = {{ one = "day", other = "days" }}""",
    )


FACTS = "".join(
    (
        statement("f-1", "layla", "السد مفتوح"),
        date("f-2", "the meeting", "2030-05-03", "ask_weekday = true"),
        date("f-3", "the vote", "2030-06-10"),
        number("f-4", 12),
        raised("f-5", "dam"),
        raised("f-6", "fishing"),
        not_raised("f-7", "visas"),
        not_raised("f-8", "rail"),
        event("f-9", "basra"),
    )
)


def files(*more: str, **changed: str) -> dict[str, str]:
    """The files of the small book: with more blocks, or with a file replaced (`book="..."`)."""
    whole = {"book": BOOK, "topics": TOPICS, "entities": ENTITIES, "facts": FACTS}
    return {f"{name}.toml": text for name, text in {**whole, "more": "".join(more), **changed}.items()}


def written(folder: Path, *more: str, **changed: str) -> Path:
    for name, text in files(*more, **changed).items():
        (folder / name).write_text(text, "utf-8")
    return folder


def book(folder: Path, *more: str, **changed: str) -> FactBook:
    return factbook.load(written(folder, *more, **changed))


def bank(folder: Path, *more: str, **changed: str) -> Bank:
    return generate(book(folder, *more, **changed))


def questions(folder: Path, *more: str, **changed: str) -> dict[str, Question]:
    return {question.id: question for question in bank(folder, *more, **changed).live}


def option_ids(question: Any) -> set[str]:
    return {option.id for option in question.options}
