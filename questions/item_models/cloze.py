"""Cloze: the fact's own sentence with one informative blank, of a stated type. Asks for recall."""

from __future__ import annotations

from questions.bank import MARK, Accepted, ClozeQuestion, question_id
from questions.factbook import FactBook
from questions.facts import AnyFact, Blank
from questions.grammar import capitalised
from questions.item_models.frame import shared
from questions.item_models.typed import names_of, rivals_of
from questions.texts import LANGS, Bilingual


def cloze(fact: AnyFact, book: FactBook) -> ClozeQuestion | None:
    """The fact's sentence with its blank, or None when no blank is marked in it."""
    blank = fact.blank
    if blank is None:
        return None
    accepted = tuple(Accepted(text=text, lang=lang) for lang in LANGS for text in getattr(blank.accepted, lang))
    rivals: tuple[str, ...] = ()
    if blank.entity is not None:
        entity = book.entities[blank.entity]
        accepted += names_of(entity)
        rivals = rivals_of(entity, frozenset(), book)
    return ClozeQuestion(
        id=question_id(fact.id, blank.asked, "cloze"),
        stem=_stem(fact, blank, book),
        answer=blank.text,
        answer_type="name" if blank.entity is not None else "text",
        accepted=accepted,
        rivals=rivals,
        **shared(fact, book, 0.7),
    )


def _stem(fact: AnyFact, blank: Blank, book: FactBook) -> Bilingual:
    """The sentence with its blank, after the name of the event where the sentence does not name it."""
    sentence, name = blank.sentence or fact.text, book.header.event.name
    sides = {}
    for lang in sentence.languages:
        words, gap, label = sentence.get(lang) or "", blank.text.get(lang) or "", blank.label.get(lang)
        before = "" if fact.setting == "none" else f"{capitalised(name.get(lang) or '')}: "
        sides[lang] = f"{before}{words.replace(gap, f'{MARK} [{label}]')}"
    return Bilingual(ar=sides.get("ar"), en=sides.get("en"))
