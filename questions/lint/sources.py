"""Whose word a question rests on, and how it names people and the event: against the book where there is one."""

from __future__ import annotations

from collections.abc import Iterator

from questions.bank import Bank, ChoiceQuestion, MatchingQuestion, MultiSelectQuestion, OrderingQuestion, Question
from questions.facts import ARTICLE, AnyFact, QuoteFact, StatementFact
from questions.lint.agreement import asked_of
from questions.lint.finding import Finding, Texts, names, normal, strip_clitics
from questions.lint.names import names_of
from questions.lint.truth import OF_PEOPLE, Truth
from questions.texts import Lang


def check(question: Question, said: Texts, bank: Bank, known: Truth | None) -> Iterator[Finding]:
    if not question.facts:
        return
    if bank.document is not None:
        yield from _provenance(question)
    if known is None:
        return
    yield from _surnames(question, known)
    yield from _spelling(question, said, known)
    if not isinstance(question, OrderingQuestion | MatchingQuestion) and (found := asked_of(question, known)):
        for lang in question.stem.languages:
            stem = normal(question.stem.get(lang) or "")
            yield from _event(question, stem, lang, found[0], known)
            yield from _attributed(question, stem, lang, found[1], known)
            yield from _answer_named(question, stem, lang, found[1], known)


def _provenance(question: Question) -> Iterator[Finding]:
    if not question.sources:
        yield Finding(question.id, "no-source", "names no source")
    for source in question.sources:
        if source.para is None:
            yield Finding(question.id, "no-paragraph", "has a source without a paragraph")
        elif source.opening is None:
            yield Finding(question.id, "no-opening", f"does not say how paragraph {source.para} begins")
    if question.feedback is None:
        yield Finding(question.id, "no-feedback", "has no sentence that says why")


def _event(question: Question, stem: str, lang: Lang, fact: AnyFact, known: Truth) -> Iterator[Finding]:
    """The stem stands alone: it names the event, and once."""
    name = normal(known.book.header.event.name.get(lang) or "")
    times = f" {stem} ".count(f" {name} ") or names(stem, name, lang)
    if times > 1:
        yield Finding(question.id, "event-twice", f"stem.{lang} names the event twice")
    if fact.setting != "none" and not times:
        yield Finding(question.id, "no-event", f"stem.{lang} does not name the event")


def _attributed(question: Question, stem: str, lang: Lang, asked: str, known: Truth) -> Iterator[Finding]:
    """Whoever said it, or passed it on, stands in the stem, unless that is what is asked for."""
    book = known.book
    of_set = book.sets.get(question.anchor)
    for name in of_set.facts if of_set is not None else (question.anchor,):
        fact = book.facts[name]
        answers = known.right(fact, asked).entities if asked in OF_PEOPLE else frozenset()
        blank = fact.blank.entity if fact.blank is not None and question.kind == "cloze" else None
        for voice in _voices(fact):
            if voice in answers or voice == blank:
                continue
            if not any(names(stem, form, lang) for form in names_of(book.entities[voice])):
                yield Finding(
                    question.id, "no-attribution", f"stem.{lang} does not say that {name} is the word of {voice}"
                )


def _voices(fact: AnyFact) -> set[str]:
    """Who passed the fact on, and who said it; several speakers may go by one name, as "the two leaders"."""
    outer = fact.reported_by or fact.source
    speakers = (
        fact.speaker if isinstance(fact, StatementFact) else (fact.speaker,) if isinstance(fact, QuoteFact) else ()
    )
    return {outer, *(speakers if len(speakers) == 1 else ())} - {ARTICLE}


def _answer_named(question: Question, stem: str, lang: Lang, asked: str, known: Truth) -> Iterator[Finding]:
    """The answer under another of its names. (Its own is looked for without the book.)"""
    if not isinstance(question, ChoiceQuestion) or asked in {"claim", "content", "words", "role"}:
        return
    key = next(option.text for option in question.options if option.id == question.key)
    own = normal(key.get(lang) or "")
    for entity in sorted(known.entities(key)):
        found = sorted(
            form for form in names_of(known.book.entities[entity]) if form != own and names(stem, form, lang)
        )
        if found:
            yield Finding(question.id, "answer-in-stem", f"stem.{lang} names the answer: {found[0]}", words=found[0])


def _surnames(question: Question, known: Truth) -> Iterator[Finding]:
    """People who share a surname are named in full."""
    if not known.surnames:
        return
    shown = [("stem", question.stem)]
    if isinstance(question, ChoiceQuestion | MultiSelectQuestion):
        shown += [(f"options.{option.id}", option.text) for option in question.options]
    for path, text in shown:
        for lang in text.languages:
            form = normal(text.get(lang) or "")
            for word in form.split():
                full = known.surnames.get(strip_clitics(word) if lang == "ar" else word)
                if full is not None and word in _without(form, full).split():
                    what = f"{path}.{lang}: “{word}” is shared; name in full"
                    yield Finding(question.id, "bare-surname", what, words=word)


def _without(form: str, names: list[str]) -> str:
    for name in names:
        form = form.replace(name, " ")
    return form


def _spelling(question: Question, said: Texts, known: Truth) -> Iterator[Finding]:
    """Names are written as in the table of entities: no hamza left out, no other transliteration."""
    for path, text in said:
        if path.startswith(("sources", "answer")):
            continue
        for lang in text.languages:
            for word, house in known.spelling.faults(text.get(lang) or "", lang):
                what = f"{path}.{lang}: “{word}”; the house writes “{house}”"
                yield Finding(question.id, "spelling", what, words=f"{word} ← {house}")
