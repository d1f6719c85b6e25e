"""Facts to questions: the summit's bank, and ten thousand invented facts beside a thousand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from pydantic import TypeAdapter

from questions import factbook
from questions.factbook import FactBook
from questions.facts import AnyFact, BookHeader, Entity, Topic
from questions.generate import generate, packaged

_FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)
_KINDS = ("person", "city", "organisation", "matter")
_SYLLABLES = ("ba", "di", "fu", "ga", "ha", "ju", "ka", "la", "mi", "na", "ru", "sa", "ta", "wa", "za", "qi")


def invented(count: int) -> FactBook:
    """A book of `count` facts of seven types; entities, topics and paragraphs grow with it."""
    dice = random.Random(7)  # noqa: S311  (the same book each time; no secret)
    entities = {
        f"{kind}-{number}": Entity(
            id=f"{kind}-{number}",
            kind=kind,
            name=_both(f"{_word(number, dice)} {_word(number, dice)}"),
            note=_both(f"note {kind} {number}"),
        )
        for kind in _KINDS
        for number in range(max(count // 10, 8))
    }
    topics = {f"t-{number}": Topic(id=f"t-{number}", name=_both(f"topic {number}")) for number in range(9)}
    header = BookHeader.model_validate(
        {
            "id": "invented",
            "title": _both("invented"),
            "description": _both("invented"),
            "deck": "invented",
            "licence": "CC0",
            "author": "nobody",
            "event": {"name": _both("the talks"), "within": _both("In the talks"), "about": _both("On the talks")},
            "document": {
                "title": _both("a document"),
                "publisher": _both("a paper"),
                "date": "2030-01-01",
                "language": "en",
                "openings": [f"Paragraph {number}" for number in range(1, count // 4 + 2)],
            },
        }
    )
    facts = [_FACT.validate_python(_fact(number, count, dice)) for number in range(count)]
    return FactBook(header, entities, topics, {fact.id: fact for fact in facts}, {})


def _fact(number: int, count: int, dice: random.Random) -> dict[str, Any]:
    def some(kind: str) -> str:
        return f"{kind}-{dice.randrange(max(count // 10, 8))}"

    foils = [{"id": f"w-{place}", "text": _both(f"that {number} {place}"), "why": _both("no")} for place in range(3)]
    day = date(2000, 1, 1) + timedelta(days=dice.randrange(9000))
    own: dict[str, Any] = (
        {
            "type": "statement",
            "speaker": [some("person")],
            "about": _both(f"matter {number}"),
            "claim": _both(f"that it was {number}"),
            "foils": {"claim": foils},
        },
        {"type": "date", "did": _both(f"did event {number} take place"), "value": day, "ask_weekday": True},
        {
            "type": "number",
            "value": dice.randrange(2, 5000),
            "did": _both(f"did part {number} last"),
            "sentence": _both(f"part {number} lasted {{n}}"),
            "unit": {
                "ar": {
                    "singular": "يوم",
                    "accusative": "يومًا",
                    "dual": "يومان",
                    "dual_oblique": "يومين",
                    "plural": "أيام",
                    "gender": "m",
                },
                "en": {"one": "day", "other": "days"},
            },
        },
        {"type": "person_role", "person": f"person-{number % max(count // 10, 8)}", "role": _both(f"head {number}")},
        {"type": "topic_raised", "matter": f"matter-{number % max(count // 20, 4)}", "by": [some("person")]},
        {"type": "topic_not_raised", "matter": f"matter-{max(count // 20, 4) + number % max(count // 20, 4)}"},
        {"type": "event", "where": some("city"), "asks": {"where": _both(f"was meeting {number} held")}},
        {"type": "quote", "speaker": some("person"), "words": _both(f"word {number}"), "about": _both("the river")},
    )[number % 8]
    return {
        "id": f"f-{number}",
        "para": number // 4 + 1,
        "text": _both(f"The text of fact {number}."),
        "topic": f"t-{number % 9}",
        **own,
    }


def _word(number: int, dice: random.Random) -> str:
    return "".join(dice.choices(_SYLLABLES, k=4)) + str(number)


def _both(text: str) -> dict[str, str]:
    return {"ar": text, "en": text}


def _seconds(book: FactBook) -> float:
    start = perf_counter()
    generate(book)
    return perf_counter() - start


def run() -> Iterator[tuple[str, float, float, str]]:
    """(what, figure, floor, unit). Ten thousand facts stand beside ten times a thousand of them."""
    start = perf_counter()
    generate(factbook.load(packaged()))
    yield "summit: load and generate, beside a second", perf_counter() - start, 1.0, "s"
    thousand = min(_seconds(invented(1_000)) for _ in range(3))
    yield "10,000 facts, beside 10 x 1,000 of them", _seconds(invented(10_000)), 10 * thousand, "s"
