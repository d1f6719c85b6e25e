"""Facts to questions: the same facts always give the same bank, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from questions import factbook, ledger
from questions.bank import Bank, BankDocument, ClozeQuestion, Entry, Question, TopicName, TypedQuestion, digest
from questions.factbook import FactBook
from questions.item_models.table import questions_of
from questions.ledger import Ledger
from questions.texts import LANGS, Bilingual, Lang, Value

PACKAGED = ("summit",)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # of a question that no release knows yet


def packaged(name: str = "summit") -> Traversable:
    """The folder of a fact book that comes with the program."""
    return resources.files("questions") / name


def generate(book: FactBook, known: Ledger | None = None) -> Bank:
    """The bank that a fact book gives. `changed` comes from the ledger; it is 1970 for what is not yet released."""
    header, lines = book.header, known or {}

    def changed(question: Question) -> datetime:
        line = lines.get(question.id)
        return line.changed if line is not None and line.digest == digest(question) else _NEVER

    document = header.document
    return Bank(
        schema="qimma-bank/1",
        id=header.id,
        title=header.title,
        description=header.description,
        deck=header.deck,
        languages=header.languages,
        licence=header.licence,
        author=header.author,
        document=BankDocument(
            title=document.title,
            publisher=document.publisher,
            date=document.date,
            language=document.language,
            after=document.after,
            link=document.link,
        ),
        topics=tuple(TopicName(id=topic.id, name=topic.name) for topic in book.topics.values()),
        entries=tuple(Entry(question=question, changed=changed(question)) for question in _questions(book)),
    )


def _questions(book: FactBook) -> Iterator[Question]:
    """The book's questions in the languages that it declares, and in no other.

    Templates write both sides of a text. In a book of one language each text stands on both, and its own is kept.
    """
    languages = book.header.languages
    if set(languages) == set(LANGS):
        return questions_of(book)
    lang = languages[0]
    doubled = replace(
        book,
        header=_with_texts(book.header, lambda text: _doubled(text, lang)),
        entities=_with_texts(book.entities, lambda text: _doubled(text, lang)),
        facts=_with_texts(book.facts, lambda text: _doubled(text, lang)),
    )
    return (_in_one(question, lang) for question in questions_of(doubled))


def _doubled(text: Bilingual, lang: Lang) -> Bilingual:
    return Bilingual(ar=text.get(lang), en=text.get(lang))


def _in_one(question: Question, lang: Lang) -> Question:
    single: Question = _with_texts(question, lambda text: Bilingual(**{lang: text.get(lang)}))
    if isinstance(single, TypedQuestion | ClozeQuestion):
        accepted = tuple(one for one in single.accepted if one.lang in (None, lang))
        return single.model_copy(update={"accepted": accepted})
    return single


def _with_texts(value: Any, change: Callable[[Bilingual], Bilingual]) -> Any:
    """A value with each text in it changed."""
    match value:
        case Bilingual():
            return change(value)
        case Value():
            return value.model_copy(update={name: _with_texts(part, change) for name, part in value})
        case tuple():
            return tuple(_with_texts(part, change) for part in value)
        case dict():
            return {name: _with_texts(part, change) for name, part in value.items()}
        case _:
            return value


def from_folder(folder: Traversable) -> tuple[FactBook, Bank]:
    """A folder of fact files and the bank that it gives. Raises BadFile with every problem found."""
    book = factbook.load(folder)
    return book, generate(book, ledger.read(folder))
