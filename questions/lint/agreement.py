"""Whether a question agrees with the facts: its key is right by them, and nothing else that it offers is."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date, timedelta
from itertools import pairwise

from questions.bank import (
    ChoiceQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.facts import (
    AgreementFact,
    AnyFact,
    DateFact,
    NumberFact,
    PersonRoleFact,
    QuoteFact,
    StatementFact,
    TopicNotRaisedFact,
    TopicRaisedFact,
)
from questions.grammar import counted
from questions.lint.finding import Finding, holds, names, normal
from questions.lint.truth import MATTERS, OF_PEOPLE, Truth, voices
from questions.texts import Lang

_MATCHED = {"person_role": "role", "date": "when", "quote": "speaker", "statement": "speaker"}
_OPPOSITE = {"raised": "not_raised", "not_raised": "raised"}


def asked_of(question: Question, known: Truth) -> tuple[AnyFact, str] | None:
    """The fact that a question rests on and the field that it asks for; of a set, the first of its facts."""
    book = known.book
    asked = question.point.partition(".")[2]
    if question.anchor in book.sets:
        return book.facts[book.sets[question.anchor].facts[0]], asked
    fact = book.facts.get(question.anchor)
    return (fact, asked) if fact is not None and asked in fact.points else None


def check(question: Question, known: Truth) -> Iterator[Finding]:
    found = asked_of(question, known)
    match question:
        case OrderingQuestion():
            yield from _ordered(question, known)
        case MatchingQuestion():
            yield from _matched(question, known)
        case _ if found is None:
            return
        case ChoiceQuestion() | MultiSelectQuestion():
            yield from _offered(question, *found, known)
        case TrueFalseQuestion():
            yield from _judged(question, *found, known)
        case TypedQuestion():
            yield from _typed(question, *found, known)
        case _:
            pass


def _offered(
    question: ChoiceQuestion | MultiSelectQuestion, fact: AnyFact, asked: str, known: Truth
) -> Iterator[Finding]:
    right = known.right(fact, asked)
    keys = {question.key} if isinstance(question, ChoiceQuestion) else set(question.keys)
    key = next(option.text for option in question.options if option.id in keys)
    kinds = {known.book.entities[name].kind for name in known.entities(key)}
    for option in question.options:
        if option.id in keys:
            if not known.is_right(right, option.text, option.id):
                yield Finding(question.id, "false-key", f"no fact makes the key {option.id} right")
            continue
        meant = known.entities(option.text, option.id)
        if known.is_right(right, option.text, option.id):
            yield Finding(question.id, "true-distractor", f"option {option.id} is right by the facts")
        elif asked in MATTERS and meant.isdisjoint(known.matters[_OPPOSITE[asked]]):
            yield Finding(question.id, "unproved-distractor", f"no fact says that option {option.id} is wrong")
        elif (
            right.entities and kinds and not _one_kind(asked, kinds, {known.book.entities[name].kind for name in meant})
        ):
            yield Finding(question.id, "other-kind", f"option {option.id} is of another kind than the key")


def _one_kind(asked: str, kinds: Set[str], others: Set[str]) -> bool:
    """Accounts are of persons and of bodies alike."""
    both = {"person", "organisation"} if asked.startswith("account") else set()
    return bool((kinds | (both if kinds & both else set())) & others)


def _typed(question: TypedQuestion, fact: AnyFact, asked: str, known: Truth) -> Iterator[Finding]:
    right = known.right(fact, asked)
    if not known.is_right(right, question.answer):
        yield Finding(question.id, "false-key", "no fact makes the answer right")
    own = {kin for entity in known.entities(question.answer) for kin in known.kin(entity)}
    for accepted in question.accepted if right.entities else ():
        others = known.house.get(normal(accepted.text), frozenset()) - own - right.entities
        if others:
            what = f"“{accepted.text}” is the name of {', '.join(sorted(others))}"
            yield Finding(question.id, "accepts-another", what, words=accepted.text)


def _judged(question: TrueFalseQuestion, fact: AnyFact, asked: str, known: Truth) -> Iterator[Finding]:
    for lang in question.stem.languages:
        held = _held(normal(question.stem.get(lang) or ""), lang, fact, asked, known)
        if held is not None and held != question.key:
            rule, what = ("false-key", "no fact bears out") if question.key else ("true-statement", "a fact bears out")
            yield Finding(
                question.id, rule, f"{what} the statement ({lang}), which is marked {str(question.key).lower()}"
            )


def _held(stem: str, lang: Lang, fact: AnyFact, asked: str, known: Truth) -> bool | None:
    """Whether the facts bear a statement out; None where that cannot be told from its words."""
    right = known.right(fact, asked)
    if isinstance(fact, TopicRaisedFact | TopicNotRaisedFact) and asked in MATTERS:
        return not known.kin(fact.matter).isdisjoint(known.matters["raised"])
    if asked in OF_PEOPLE:
        rest = _without(stem, lang, fact, known)
        house = [known.book.entities[name] for name in right.entities]
        called = [text for one in house for text in (one.name.get(lang), one.short.get(lang) if one.short else None)]
        return any(names(rest, normal(text), lang) for text in called if text)
    if asked in {"claim", "content"}:
        words = stem.split()
        return any(right.says(" ".join(words[start:])) for start in range(len(words) - 1))
    if asked == "count":
        numbers = [one for one in known.alike(fact, asked) if isinstance(one, NumberFact)]
        return any(holds(stem, _counted(one, lang)) for one in numbers)
    return None


def _counted(fact: NumberFact, lang: Lang) -> str:
    return normal((fact.sentence.get(lang) or "").replace("{n}", counted(fact.value, fact.unit).get(lang) or ""))


def _without(stem: str, lang: Lang, fact: AnyFact, known: Truth) -> str:
    """A statement without what is not its subject: the event, who passed it on, what was said."""
    event = known.book.header.event
    parts = [event.within, event.about, event.name]
    match fact:
        case StatementFact():
            parts.append(fact.claim)
        case AgreementFact():
            parts.append(fact.content)
        case QuoteFact():
            parts += [fact.words, fact.about]
        case PersonRoleFact():
            parts.append(fact.role)
        case _:
            pass
    for part in parts:
        stem = stem.replace(normal(part.get(lang) or ""), " ") if part.get(lang) else stem
    according = "according to " if lang == "en" else "بحسب "
    for voice in voices(fact):
        stem = stem.replace(f"{according}{normal(known.book.name(voice).get(lang) or '')}", " ")
    return stem


def _matched(question: MatchingQuestion, known: Truth) -> Iterator[Finding]:
    """No right side belongs to two left ones."""
    sides = [(pair.id, pair.right) for pair in question.pairs] + [(item.id, item.text) for item in question.extra]
    for pair in question.pairs:
        fact = known.book.facts.get(pair.id)
        if fact is None or fact.type not in _MATCHED:
            continue
        right = known.right(fact, _MATCHED[fact.type])
        if not known.is_right(right, pair.right):
            yield Finding(question.id, "false-key", f"no fact makes the pair {pair.id} right")
        for name, side in sides:
            if name != pair.id and known.is_right(right, side):
                yield Finding(question.id, "true-distractor", f"the right side of {name} belongs to {pair.id} too")


def _ordered(question: OrderingQuestion, known: Truth) -> Iterator[Finding]:
    """Each thing was over before the next began, at the precision that is known."""
    facts = [known.book.facts.get(item.id) for item in question.items]
    spans = [_span(fact) for fact in facts if isinstance(fact, DateFact)]
    for (_, end), (start, _) in pairwise(spans):
        if end >= start:
            yield Finding(
                question.id, "equal-dates", "two dates in a row are equal, overlap, or stand the wrong way round"
            )


def _span(fact: DateFact) -> tuple[date, date]:
    if fact.precision == "day":
        return fact.value, fact.value
    first = fact.value.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    match fact.part:
        case "beginning":
            return first, first.replace(day=10)
        case "middle":
            return first.replace(day=11), first.replace(day=20)
        case "end":
            return first.replace(day=21), last
        case _:
            return first, last
