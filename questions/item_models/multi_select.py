"""Multi-select: all that apply, of a whole's parts or of a named set of facts. Feeds no memory."""

from __future__ import annotations

from questions.bank import MultiSelectQuestion, Option, question_id
from questions.factbook import FactBook
from questions.facts import CompositionFact, FactSet, TopicNotRaisedFact, TopicRaisedFact
from questions.item_models.frame import Frame, citation, shared
from questions.lookup import rank
from questions.texts import Bilingual

_CHOOSE_ALL = Bilingual(ar="اختيار كل ما ينطبق", en="Choose all that apply.")


FEWEST = 2  # wrong options


def composition_select(fact: CompositionFact, book: FactBook) -> MultiSelectQuestion | None:
    """Which of these are parts of the whole; the others are the fact's reviewed foils. None with fewer than two."""
    if len(fact.foils.get("parts", ())) < FEWEST:
        return None
    name = question_id(fact.id, "parts", "multi_select")
    options = [Option(id=part.id, text=part.text) for part in fact.parts]
    options += [Option(id=foil.id, text=foil.text, feedback=foil.why) for foil in fact.foils.get("parts", ())]
    frame = Frame(fact, book)
    which = "أيّ هؤلاء" if fact.of_people else "أيٌّ مما يلي"
    stem = frame.put(f"{which} {fact.did.ar}", f"which of these {fact.did.en}", voice=frame.voice())
    return MultiSelectQuestion(
        id=name,
        stem=_choose_all(stem),
        options=_in_order(name, options),
        keys=tuple(part.id for part in fact.parts),
        **shared(fact, book, 0.6),
    )


def set_select(fact_set: FactSet, book: FactBook) -> MultiSelectQuestion:
    """Which matters were raised, or not raised; the others are matters of which the opposite is a fact."""
    name = question_id(fact_set.id, fact_set.asked, "multi_select")
    facts = [book.facts[fact] for fact in fact_set.facts]
    keys = [_matter(book, fact) for fact in fact_set.facts]
    options = [Option(id=matter, text=book.name(matter)) for matter in keys]
    options += [
        Option(id=matter, text=book.name(matter), feedback=book.entities[matter].note)
        for matter in (_matter(book, fact) for fact in fact_set.others)
    ]
    frame = Frame(facts[0], book)
    sources = {fact.source for fact in facts}
    voice = frame.voice() if len(sources) == 1 else None
    if fact_set.asked == "raised":
        stem = frame.put("أيّ هذه الموضوعات جرى تناوله", "which of these matters were taken up", voice=voice)
    else:
        stem = frame.put("أيّ هذه الموضوعات **لم** يُطرح", "which of these matters were **not** raised", voice=voice)
    names = [book.name(matter) for matter in keys]
    return MultiSelectQuestion(
        id=name,
        stem=_choose_all(stem),
        options=_in_order(name, options),
        keys=tuple(keys),
        feedback=Bilingual(
            ar=f"الإجابات الصحيحة: {'؛ '.join(text.ar or '' for text in names)}.",
            en=f"The right ones: {'; '.join(text.en or '' for text in names)}.",
        ),
        facts=(*fact_set.facts, *fact_set.others),
        sources=tuple(dict.fromkeys(citation(fact, book) for fact in facts)),
        topic=fact_set.topic,
        weight=fact_set.weight,
        difficulty=0.7,
        not_with=(*fact_set.facts, *fact_set.others),
    )


def _matter(book: FactBook, fact_id: str) -> str:
    fact = book.facts[fact_id]
    assert isinstance(fact, TopicRaisedFact | TopicNotRaisedFact)  # noqa: S101  (checked with the book)
    return fact.matter


def _choose_all(stem: Bilingual) -> Bilingual:
    return Bilingual(ar=f"{stem.ar} ({_CHOOSE_ALL.ar})", en=f"{stem.en} {_CHOOSE_ALL.en}")


def _in_order(name: str, options: list[Option]) -> tuple[Option, ...]:
    return tuple(sorted(options, key=lambda option: rank(name, f"place {option.id}")))
