"""The names of a book's entities: in one house spelling, and people of one surname in full."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from questions.facts import Entity
from questions.lint.finding import normal, strip_clitics
from questions.texts import LANGS, Lang

_NAMED = ("person", "city", "country", "organisation")  # the others are called by ordinary nouns
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SLIPS = 2  # letters by which an alias is another spelling, and no other name
SHORTEST = 4


def names_of(entity: Entity) -> set[str]:
    """Normal forms of everything that an entity is called."""
    aliases = entity.aliases
    written = {entity.name.ar, entity.name.en, *aliases.ar, *aliases.en, *aliases.other}
    written |= {entity.short.ar, entity.short.en} if entity.short is not None else set()
    written |= {entity.oblique.ar} if entity.oblique is not None else set()
    return {form for name in written if name and (form := normal(name))}


def house_names(entities: Iterable[Entity]) -> dict[str, frozenset[str]]:
    """Entities by the normal form of their house name."""
    found: dict[str, set[str]] = defaultdict(set)
    for entity in entities:
        for name in (entity.name.ar, entity.name.en):
            if name:
                found[normal(name)].add(entity.id)
    return {form: frozenset(ids) for form, ids in found.items()}


def shared_surnames(entities: Iterable[Entity]) -> dict[str, list[str]]:
    """Surnames of two or more persons, each with the full names that have it, the longest first."""
    bearers: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for entity in entities:
        if entity.kind == "person":
            for name in (entity.name.ar, entity.name.en):
                *first, surname = normal(name or "").split() or [""]
                if first:
                    full = {form for form in names_of(entity) if form.endswith(f" {surname}")}
                    bearers[surname].setdefault(entity.id, set()).update(full)
    return {
        surname: sorted(set().union(*people.values()), key=len, reverse=True)
        for surname, people in bearers.items()
        if len(people) > 1
    }


class Spelling:
    """The house spelling of names, and what it is sometimes written like."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        named = [entity for entity in entities if entity.kind in _NAMED]
        self._letters: dict[str, set[str]] = defaultdict(
            set
        )  # of an Arabic word's normal form, the letters it has here
        self._seen: dict[tuple[str, Lang], tuple[tuple[str, str], ...]] = {}  # sentences come again and again
        self._others: dict[tuple[Lang, str], str] = {}
        own = {stem for entity in named for lang in LANGS for stem in _house_stems(entity, lang)}
        for entity in named:
            for word in _WORD.findall(_bare(" ".join(_house(entity, "ar")))):
                stem = strip_clitics(normal(word))
                if len(stem) >= SHORTEST and not word.endswith("ء"):
                    self._letters[stem].add(word[len(word) - len(stem) :])
            self._add(entity, "ar", entity.aliases.ar, own)
            self._add(entity, "en", entity.aliases.en, own)

    def _add(self, entity: Entity, lang: Lang, aliases: tuple[str, ...], own: set[str]) -> None:
        house = _house_stems(entity, lang)
        for stem in {stem for alias in aliases for stem in _stems(alias, lang)} - own:
            # What differs at its end is an ending: "Russian" is no misspelling of "Russia".
            near = any(OSA.distance(stem, name) <= _SLIPS and stem[: len(name) - 1] != name[:-1] for name in house)
            if near and len(stem) >= SHORTEST:
                self._others[lang, stem] = entity.name.get(lang) or ""

    def faults(self, text: str, lang: Lang) -> tuple[tuple[str, str], ...]:
        """(word, how the house writes it) for each name in a text that is written otherwise."""
        if (text, lang) not in self._seen:
            self._seen[text, lang] = tuple(self._faults(text, lang))
        return self._seen[text, lang]

    def _faults(self, text: str, lang: Lang) -> Iterator[tuple[str, str]]:
        for word in _WORD.findall(_bare(text)):
            stem = next(iter(_stems(word, lang)), "")
            other = self._others.get((lang, stem))
            letters = self._letters.get(stem) if lang == "ar" else None
            if other is not None and not word[:1].islower():  # "Ras Hour" is another spelling, an hour is not
                yield word, other
            elif letters and not word.endswith("ء") and not any(word.endswith(one) for one in letters):
                yield word, min(letters)


def _stems(text: str | None, lang: Lang) -> list[str]:
    words = normal(text or "").split()
    return [strip_clitics(word) for word in words] if lang == "ar" else words


def _house(entity: Entity, lang: Lang) -> list[str]:
    """How the house writes a name: as it stands alone, and after a preposition."""
    oblique = entity.oblique.ar if lang == "ar" and entity.oblique is not None else None
    return [name for name in (entity.name.get(lang), oblique) if name]


def _house_stems(entity: Entity, lang: Lang) -> list[str]:
    return [stem for name in _house(entity, lang) for stem in _stems(name, lang)]


def _bare(text: str) -> str:
    """The letters without vowel marks: those are no part of a name's spelling."""
    return "".join(char for char in text if unicodedata.category(char) != "Mn")
