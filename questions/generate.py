"""Facts to questions: the same facts always give the same bank, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable

from questions import factbook, ledger
from questions.bank import Bank, BankDocument, Entry, Question, TopicName, digest
from questions.factbook import FactBook
from questions.item_models.table import questions_of
from questions.ledger import Ledger

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
        entries=tuple(Entry(question=question, changed=changed(question)) for question in questions_of(book)),
    )


def from_folder(folder: Traversable) -> tuple[FactBook, Bank]:
    """A folder of fact files and the bank that it gives. Raises BadFile with every problem found."""
    book = factbook.load(folder)
    return book, generate(book, ledger.read(folder))
