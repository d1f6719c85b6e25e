"""What surrounds a question, whichever item model asks: its setting, whose word it is, where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from questions.bank import Citation
from questions.factbook import FactBook
from questions.facts import ARTICLE, AgreementFact, AnyFact, Entity, QuoteFact, SourceConflictFact, StatementFact
from questions.grammar import capitalised, joined, oblique, past
from questions.texts import LANGS, Bilingual

THE_ARTICLE = Bilingual(ar="المقال", en="the article")


class Frame:
    """Puts setting and attribution before a question or a statement."""

    def __init__(self, fact: AnyFact, book: FactBook) -> None:
        self.fact, self.book = fact, book
        event = book.header.event
        self.setting = {"within": event.within, "about": event.about, "none": None}[fact.setting]

    def entity(self, name: str) -> Entity:
        return self.book.entities[name]

    def names(self, ids: tuple[str, ...]) -> Bilingual:
        """As a subject: those of which something is said."""
        names = [self.book.name(name) for name in ids]
        return Bilingual(
            ar=joined([name.ar or "" for name in names], "ar"),
            en=joined([name.en or "" for name in names], "en"),
        )

    def voice(self, *, without: tuple[str, ...] = ()) -> str | None:
        """Who is named by "according to": whoever passed the fact on, unless that would give the answer away."""
        for name in (self.fact.reported_by, self.fact.source):
            if name is not None and name != ARTICLE:
                return None if name in without else name
        return None

    def put(self, ar: str, en: str, *, voice: str | None = None, end: str = "?", told_of: bool = False) -> Bilingual:
        """`told_of`: what is asked is who told of the event afterwards, so it was not within the event."""
        setting = self.book.header.event.about if told_of and self.setting is not None else self.setting
        parts_ar, parts_en = [], []
        if setting is not None:
            parts_ar.append(setting.ar or "")
            parts_en.append(setting.en or "")
        if voice is not None:
            parts_ar.append(f"بحسب {oblique(self.entity(voice))}")
            parts_en.append(f"according to {self.book.name(voice).en}")
        stop_ar, stop_en = ("؟", "?") if end == "?" else (end, end)
        return Bilingual(
            ar=f"{'، '.join([*parts_ar, ar])}{stop_ar}",
            en=f"{capitalised(', '.join([*parts_en, en]))}{stop_en}",
        )


def of_several(facts: Iterable[AnyFact], book: FactBook, ar: str, en: str) -> Bilingual:
    """A question of several things, after what the book is about where the name of one of them does not say it."""
    said = Bilingual(ar=f"{ar}؟", en=f"{en}?")
    about = book.header.event.about
    if all(fact.setting == "none" for fact in facts):
        return Bilingual(ar=said.ar, en=capitalised(said.en or ""))
    return Bilingual(ar=f"{about.ar}، {said.ar}", en=f"{about.en}, {said.en}")


def shared(fact: AnyFact, book: FactBook, difficulty: float) -> dict[str, Any]:
    """The fields that do not depend on the item model, but for difficulty: a detail is a little harder."""
    return {
        "feedback": fact.text,
        "facts": (fact.id,),
        "sources": (citation(fact, book),),
        "topic": fact.topic,
        "weight": fact.weight,
        "difficulty": round(min(difficulty + (0.1 if fact.weight == "detail" else 0), 1), 2),
        "not_with": fact.not_with,
    }


def citation(fact: AnyFact, book: FactBook) -> Citation:
    """Whose word the fact rests on, as a chain of voices, and its paragraph."""
    return Citation(voice=_voice(fact, book), para=fact.para, opening=book.header.document.openings[fact.para - 1])


def _voice(fact: AnyFact, book: FactBook) -> Bilingual:
    match fact:
        case StatementFact():
            speakers = fact.speaker
        case QuoteFact():
            speakers = (fact.speaker,)
        case SourceConflictFact():
            speakers = (fact.source_a, fact.source_b)
        case AgreementFact() if fact.source == ARTICLE:
            speakers = ()
        case _:
            speakers = () if fact.source == ARTICLE else (fact.source,)
    reporter = fact.reported_by
    if reporter is None and fact.source != ARTICLE and fact.source not in speakers:
        reporter = fact.source
    if not speakers:
        speakers, reporter = ((reporter,), None) if reporter else ((), None)
    if not speakers:
        return THE_ARTICLE
    names = [book.name(speaker) for speaker in speakers]
    teller = None if reporter is None or reporter in speakers else book.entities[reporter]
    # A book of one language names everyone in that one alone.
    held = [lang for lang in LANGS if all(name.get(lang) for name in (*names, *([teller.name] if teller else [])))]
    voice = {lang: joined([name.get(lang) or "" for name in names], lang) for lang in held}
    if teller is not None and "ar" in voice:
        voice["ar"] += f"، كما {past('نقل', teller)} {teller.name.ar}"
    if teller is not None and "en" in voice:
        voice["en"] += f", as reported by {teller.name.en}"
    return Bilingual(**voice)
