"""A fact as the world shows it, the names in it, and how a search looks through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from questions.factbook import FactBook, voices_of
from questions.facts import ARTICLE, AnyFact, Entity, QuoteFact, SourceConflictFact, StatementFact
from questions.grammar import capitalised, past
from questions.item_models.frame import THE_ARTICLE, citation
from questions.normalise import normalise
from questions.texts import Bilingual

# The fields in which facts name entities, but for those that say on whose word they rest.
NAMING = ("speaker", "person", "who", "by", "parties", "addressee", "matter", "of", "where", "how")
# The fields that say it in words, besides the whole sentence.
_SAYING = ("about", "claim", "words", "on", "content", "matter", "account_a", "account_b", "role", "label")


@dataclass(frozen=True, slots=True)
class Name:
    """An entity by its name; `linked` when it has a page of its own."""

    id: str
    name: Bilingual
    linked: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as the world shows it."""

    fact_id: str
    type: str
    text: Bilingual
    voice: Bilingual | None  # whose word it is; None: the article's own
    para: int
    opening: str


@dataclass(frozen=True, slots=True)
class Said:
    entry: Entry
    speakers: tuple[Name, ...]
    reporter: Name | None
    strength: str  # "stated", "hoped" ...; "quoted" when the wording itself is the fact


@dataclass(frozen=True, slots=True)
class Accounts:
    entry: Entry
    matter: Bilingual
    sides: tuple[tuple[Name, Bilingual], ...]


def entry(fact: AnyFact, book: FactBook) -> Entry:
    """A fact, whose word it is, and where it stands."""
    cited = citation(fact, book)
    voice = None if cited.voice == THE_ARTICLE else cited.voice
    return Entry(fact.id, fact.type, fact.text, voice, fact.para, book.header.document.openings[fact.para - 1])


def said_of(fact: StatementFact | QuoteFact, book: FactBook) -> Said:
    spoke = speakers(fact)
    reporter = fact.reported_by or (fact.source if fact.source != ARTICLE else None)
    return Said(
        entry=entry(fact, book),
        speakers=names(spoke, book),
        reporter=None if reporter is None or reporter in spoke else names((reporter,), book)[0],
        strength="quoted" if isinstance(fact, QuoteFact) else fact.strength,
    )


def accounts_of(fact: SourceConflictFact, book: FactBook) -> Accounts:
    return Accounts(
        entry=entry(fact, book),
        matter=fact.matter,
        sides=tuple(
            (names((source,), book)[0], _account(book.entities[source], account))
            for source, account in ((fact.source_a, fact.account_a), (fact.source_b, fact.account_b))
        ),
    )


def _account(source: Entity, account: Bilingual) -> Bilingual:
    """An account as a sentence of its own: it is written as what follows "said"."""
    ar = f"{past('قال', source)} {source.name.ar} {account.ar}." if account.ar and source.name.ar else None
    en = f"{capitalised(source.name.en)} said {account.en}." if account.en and source.name.en else None
    return Bilingual(ar=ar, en=en)


# ---------------------------------------------------------------- names and words


def names(ids: Iterable[str], book: FactBook) -> tuple[Name, ...]:
    return tuple(Name(one, book.name(one), one in book.people) for one in ids)


def speakers(fact: AnyFact) -> tuple[str, ...]:
    return fields_of(fact, ("speaker",))


def fields_of(fact: AnyFact, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The entities that some fields of a fact name, where it has them."""
    found: list[str] = []
    for field in fields:
        value = getattr(fact, field, None)
        # A matter may be a text of its own.
        found += value if isinstance(value, tuple) else [value] if isinstance(value, str) and value != ARTICLE else []
    return tuple(found)


def named_in(fact: AnyFact) -> tuple[str, ...]:
    """Everyone and everything that a fact names, each once."""
    return tuple(dict.fromkeys((*fields_of(fact, NAMING), *voices_of(fact))))


def both(text: Bilingual | None) -> list[str]:
    return [words for words in (text.ar, text.en) if words] if text is not None else []


def names_of(one: Entity) -> list[str]:
    return [*both(one.name), *both(one.short), *one.aliases.ar, *one.aliases.en, *one.aliases.other]


def texts_of(fact: AnyFact, book: FactBook) -> tuple[str, ...]:
    """What a search for a fact looks through: its words, its topic, and whom and what it names."""
    said = [getattr(fact, field, None) for field in _SAYING]
    texts = [fact.text, book.topics[fact.topic].name, *(text for text in said if isinstance(text, Bilingual))]
    called = [text for name in named_in(fact) for text in names_of(book.entities[name])]
    return (*(words for text in texts for words in both(text)), *called)


def holds(texts: tuple[str, ...], words: list[str]) -> bool:
    if not words:
        return True
    text = _plain(texts)
    return all(word in text for word in words)


@lru_cache(maxsize=20_000)
def _plain(texts: tuple[str, ...]) -> str:
    return normalise("\n".join(texts))
