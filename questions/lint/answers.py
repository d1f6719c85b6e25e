"""Rules of what is typed, put in order or matched."""

from __future__ import annotations

from collections.abc import Iterator

from questions.bank import (
    MARK,
    ClozeQuestion,
    MatchingQuestion,
    OrderingQuestion,
    Question,
    TypedQuestion,
)
from questions.lint.finding import Finding, content_words, forms, habit, names, normal
from questions.texts import LANGS, Bilingual, Lang

WORDS = 4  # of a typed answer
_ROWS = range(3, 6)


def check(question: Question) -> Iterator[Finding]:
    match question:
        case TypedQuestion() | ClozeQuestion():
            for lang in question.stem.languages:
                yield from _given_away(question, lang)
            yield from _short(question)
        case OrderingQuestion():
            yield from _differ(question, "item", [item.text for item in question.items])
            if question.facts and len(question.items) not in _ROWS:
                yield Finding(question.id, "row-count", f"has {len(question.items)} things to order; expected 3 to 5")
        case MatchingQuestion():
            yield from _differ(question, "left side", [pair.left for pair in question.pairs])
            rights = [*(pair.right for pair in question.pairs), *(item.text for item in question.extra)]
            yield from _differ(question, "right side", rights)
            yield from _pairs(question)
        case _:
            pass


def _given_away(question: TypedQuestion | ClozeQuestion, lang: Lang) -> Iterator[Finding]:
    """The answer, or a word of a name or phrase, that stands in the stem: in a cloze the label of its blank too."""
    stem = normal((question.stem.get(lang) or "").replace(MARK, " "))
    said = [question.answer.get(lang)]
    if question.answer_type in {"text", "name"}:  # of a number its unit is accepted too, which the stem names
        said += [one.text for one in question.accepted if one.lang in {lang, None}]
    found = next((text for text in said if text and len(normal(text)) > 2 and names(stem, normal(text), lang)), None)
    if found is not None:
        what = f"stem.{lang} names the answer: {found}"
        yield Finding(question.id, "answer-in-stem", what, habit(question), words=found)
    elif question.answer_type in {"text", "name"}:
        shared = content_words(question.answer.get(lang) or "", lang) & content_words(stem, lang)
        if shared:
            what = f"stem.{lang} has a word of the answer: {', '.join(sorted(shared))}"
            yield Finding(question.id, "answer-in-stem", what, habit(question), words=", ".join(sorted(shared)))


def _short(question: TypedQuestion | ClozeQuestion) -> Iterator[Finding]:
    for lang in question.answer.languages:
        count = len((question.answer.get(lang) or "").split())
        if question.facts and question.answer_type != "date" and count > WORDS:
            yield Finding(question.id, "long-answer", f"answer.{lang} has {count} words; expected {WORDS} at most")


def _differ(question: Question, what: str, sides: list[Bilingual]) -> Iterator[Finding]:
    seen: set[str] = set()
    for side in sides:
        if seen & forms(side):
            words = side.best("en")[1]
            yield Finding(question.id, "same-sides", f"has the {what} “{words}” twice", words=words)
        seen |= forms(side)


def _pairs(question: MatchingQuestion) -> Iterator[Finding]:
    if not question.facts:
        return
    if len(question.pairs) not in _ROWS:
        yield Finding(question.id, "row-count", f"has {len(question.pairs)} pairs; expected 3 to 5")
    if len(question.extra) != 1:
        yield Finding(
            question.id, "no-extra", f"has {len(question.extra)} answers that belong to no pair; expected one"
        )
    if len(set(question.facts)) < len(question.pairs):
        yield Finding(question.id, "row-count", "has two pairs of one fact")
    for lang in LANGS:
        given = [
            pair.id
            for pair in question.pairs
            if names(normal(pair.left.get(lang) or ""), normal(pair.right.get(lang) or ""), lang)
        ]
        if given:
            yield Finding(
                question.id, "answer-in-stem", f"left sides name their right ones ({lang}): {', '.join(given)}"
            )
