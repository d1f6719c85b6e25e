"""What of a document is asked, and how: for each paragraph its facts, for each fact its questions."""

from __future__ import annotations

from dataclasses import dataclass

from questions.bank import RECALL, Bank
from questions.factbook import FactBook


@dataclass(frozen=True, slots=True)
class Paragraph:
    number: int
    opening: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact and the questions that rest on it, by id."""

    fact: str
    weight: str
    questions: tuple[str, ...]

    def recalled(self, kinds: dict[str, str]) -> bool:
        return any(kinds[question] in RECALL for question in self.questions)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The report. `one_way` are points with a single question; `unasked` facts without any."""

    paragraphs: tuple[Paragraph, ...]
    facts: tuple[Asked, ...]
    one_way: tuple[str, ...]
    unasked: tuple[str, ...]
    core_without_recall: tuple[str, ...]


def coverage(book: FactBook, bank: Bank) -> Coverage:
    """How far a generated bank goes through its document."""
    by_fact: dict[str, list[str]] = {name: [] for name in book.facts}
    by_point: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for question in bank.live:
        kinds[question.id] = question.kind
        by_point.setdefault(question.point, []).append(question.id)
        for fact in question.facts:
            by_fact[fact].append(question.id)
    facts = tuple(
        Asked(fact.id, fact.weight, tuple(by_fact[fact.id]))
        for fact in sorted(book.facts.values(), key=lambda fact: (fact.para, fact.id))
    )
    return Coverage(
        paragraphs=tuple(
            Paragraph(number, opening, tuple(fact.id for fact in book.facts.values() if fact.para == number))
            for number, opening in enumerate(book.header.document.openings, 1)
        ),
        facts=facts,
        one_way=tuple(point for point, questions in by_point.items() if len(questions) == 1),
        unasked=tuple(asked.fact for asked in facts if not asked.questions),
        core_without_recall=tuple(
            asked.fact for asked in facts if asked.weight == "core" and not asked.recalled(kinds)
        ),
    )
