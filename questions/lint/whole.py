"""Rules that look at the bank as a whole: what is asked twice, not at all, or by a habit that can be learnt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import sqrt

from questions.bank import RECALL, Bank, ChoiceQuestion, MultiSelectQuestion, Question
from questions.factbook import FactBook
from questions.lint.finding import Finding, habit, normal
from questions.texts import Lang, plain

# How far over chance the share of longest keys may lie. Ten points is what a guesser would notice and live on; three
# standard deviations is what a sound bank of few questions may show by accident (about once in seven hundred banks).
MARGIN, DEVIATIONS = 0.1, 3


def check(bank: Bank, book: FactBook | None) -> Iterator[Finding]:
    yield from _duplicates(bank)
    for lang in bank.languages:
        yield from _longest_share(bank, lang)
    yield from _only_judged(bank)
    yield from _not_with(bank, book)
    if book is not None:
        yield from _unasked(bank, book)


def _duplicates(bank: Bank) -> Iterator[Finding]:
    stems: dict[tuple[Lang, str], str] = {}
    for question in bank.live:
        for lang in question.stem.languages:
            form = (lang, f"{question.kind} {normal(question.stem.get(lang) or '')} {_offered(question, lang)}")
            if form in stems:
                what = f'has the stem of "{stems[form]}" ({lang})'
                yield Finding(question.id, "duplicate-stem", what, habit(question))
            stems[form] = question.id


def _offered(question: Question, lang: Lang) -> list[str]:
    """What tells two questions of one stem apart: "which of these was raised?" """
    options = question.options if isinstance(question, ChoiceQuestion | MultiSelectQuestion) else ()
    return sorted(normal(option.text.get(lang) or "") for option in options)


def _longest_share(bank: Bank, lang: Lang) -> Iterator[Finding]:
    """Whoever knows nothing and takes the longest option must fare as one who guesses."""
    longest = expected = variance = 0.0
    count = 0
    for question in bank.live:
        if isinstance(question, ChoiceQuestion) and question.facts:
            lengths = {option.id: len(plain(option.text.get(lang) or "")) for option in question.options}
            most = max(lengths.values())
            tied = sum(length == most for length in lengths.values())
            longest += (lengths[question.key] == most) / tied
            chance = 1 / len(lengths)
            expected, variance, count = expected + chance, variance + chance * (1 - chance), count + 1
    if longest > expected + max(MARGIN * count, DEVIATIONS * sqrt(variance)):
        what = f"the longest option ({lang}) is the key of {longest:.0f} of {count} choices; chance is {expected:.0f}"
        yield Finding(bank.id, "longest-key-share", what, of="bank")


def _only_judged(bank: Bank) -> Iterator[Finding]:
    asked: dict[str, list[Question]] = defaultdict(list)
    for question in bank.live:
        for fact in question.facts:
            asked[fact].append(question)
    for name, questions in asked.items():
        if all(question.kind == "true_false" for question in questions):
            what = f'is all that is asked of "{name}"; a guess is right half the time'
            yield Finding(questions[0].id, "only-true-false", what)


def _not_with(bank: Bank, book: FactBook | None) -> Iterator[Finding]:
    known = {name for question in bank.live for name in (question.id, question.point, question.anchor, *question.facts)}
    known |= book.facts.keys() | book.sets.keys() if book is not None else set()
    for question in bank.live:
        lost = sorted(set(question.not_with) - known)
        if lost:
            yield Finding(question.id, "not-with", f"not_with names nothing: {', '.join(lost)}", habit(question))


def _unasked(bank: Bank, book: FactBook) -> Iterator[Finding]:
    """A core fact is recognised and recalled, a detail asked in some way. A wrong option does not ask its fact."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for question in bank.live:
        of_set = book.sets.get(question.anchor)
        for name in of_set.facts if of_set is not None else question.facts:
            kinds[name].add(question.kind)
    for fact in book.facts.values():
        asked = kinds[fact.id]
        if not asked:
            yield Finding(fact.id, "unasked", "no question rests on this fact", of="fact")
        elif fact.weight == "core" and not asked & RECALL:
            yield Finding(fact.id, "no-recall", "is never asked from memory", of="fact")
        elif fact.weight == "core" and not asked - RECALL:
            yield Finding(fact.id, "no-recognition", "is asked from memory only", of="fact")
