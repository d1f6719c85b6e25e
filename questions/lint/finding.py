"""What a rule says, and the forms of words by which the rules compare texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from questions.bank import Question
from questions.lint.vocabulary import COMMON
from questions.normalise import normalise
from questions.texts import Bilingual, Lang, Value

Level = Literal["error", "remark"]
Texts = tuple[tuple[str, Bilingual], ...]  # the texts of a question, each with the path of its field
QUOTED = re.compile("«[^»]*»|“[^”]*”")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about a question; or about a fact, or the bank as a whole: `question` is then its id."""

    question: str
    rule: str
    what: str
    level: Level = "error"
    of: Literal["question", "fact", "bank"] = "question"
    words: str = ""  # the words that it is about, for a page that says the rest in the reader's language

    @property
    def where(self) -> str:
        return f'{self.of} "{self.question}"'

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.rule}]"


def habit(question: Question) -> Level:
    """The level of a habit of the house: it binds what facts gave, not what a person wrote or brought along."""
    return "error" if question.facts else "remark"


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Bilingual]]:
    """Every bilingual text in a question, with the path of its field."""
    if isinstance(value, Bilingual):
        yield path, value
    elif isinstance(value, tuple):
        for row in value:
            name = getattr(row, "id", "")
            yield from texts(row, f"{path}.{name}" if name else path)
    elif isinstance(value, Value):
        for name, inner in value:
            if isinstance(inner, Value | tuple):
                yield from texts(inner, f"{path}.{name}" if path else name)


@lru_cache(maxsize=50_000)
def normal(text: str) -> str:
    """The normal form; the same names and sentences come again and again in a bank."""
    return normalise(text)


def forms(text: Bilingual) -> set[str]:
    return {form for lang in text.languages if (form := normal(text.get(lang) or ""))}


def holds(form: str, part: str) -> bool:
    """Whether a normal form has another in it, as whole words."""
    return bool(part) and f" {part} " in f" {form} "


@lru_cache(maxsize=20_000)
def _joined(name: str) -> tuple[str, ...]:
    """An Arabic name with what is written together with it: «وبايدن», «للكرملين»."""
    heads = [name, *(f"{letter}{name}" for letter in "وفبلك"), *(f"و{letter}{name}" for letter in "بلك")]
    if name.startswith("ال"):
        heads += [f"لل{name[2:]}", f"ولل{name[2:]}"]
    return tuple(f" {head} " for head in heads)


def names(form: str, name: str, lang: Lang) -> bool:
    """Whether a normal form names someone, in Arabic with a preposition or «و» before the name too."""
    if not name:
        return False
    padded = f" {form} "
    if lang == "en":
        return f" {name} " in padded
    # The quick look first: most texts do not have the name at all.
    return (name[2:] if name.startswith("ال") else name) in padded and any(head in padded for head in _joined(name))


def strip_clitics(word: str) -> str:
    """An Arabic word of a normal form without «و», a preposition and the article, where enough is left."""
    for head in ("وبال", "ولل", "وال", "فال", "بال", "كال", "لل", "ال", "و", "ب", "ل", "ف", "ك"):
        if word.startswith(head) and len(word) - len(head) >= 3:
            return word[len(head) :]
    return word


@lru_cache(maxsize=50_000)
def content_words(text: str, lang: Lang) -> frozenset[str]:
    """The words of a text that mean something, without plural or article."""
    words: Iterable[str] = (word for word in normal(text).split() if word not in COMMON[lang])
    if lang == "ar":
        return frozenset(bare for word in words if len(bare := strip_clitics(word)) > 2 and bare not in COMMON[lang])
    return frozenset(word.removesuffix("s") for word in words if len(word) > 2 and not word.isdigit())
