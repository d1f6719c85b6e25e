"""What a book says of itself, as an instructor writes it in one form: its source, and how questions name the event."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from questions.bank import Bank
from questions.facts import BookHeader, Document, Event
from questions.texts import Bilingual, Lang, Text, Value

_FIRST, _MOST = 3, 6  # words of a paragraph that are kept; so many may have been kept before
_WITHIN, _ABOUT = Bilingual(ar="في {}", en="In {}"), Bilingual(ar="بشأن {}", en="On {}")


class Source(Value):
    """The text that facts are read from, and what it is about. `event_within` and `event_about` follow from `event`."""

    title: Bilingual
    event: Bilingual  # "the flood of 1953"
    publisher: Bilingual | None = None
    published: date
    language: Lang
    openings: tuple[Text, ...] = Field(min_length=1, max_length=2000)
    after: Bilingual | None = None
    link: Text | None = None
    event_within: Bilingual | None = None
    event_about: Bilingual | None = None


def source_of(header: BookHeader) -> Source:
    document, event = header.document, header.event
    return Source(
        title=document.title,
        event=event.name,
        publisher=document.publisher,
        published=document.date,
        language=document.language,
        openings=document.openings,
        after=document.after,
        link=document.link,
        event_within=event.within if event.within != _named(_WITHIN, event.name) else None,
        event_about=event.about if event.about != _named(_ABOUT, event.name) else None,
    )


def header_of(source: Source, bank: Bank, header: BookHeader | None) -> BookHeader:
    """The header of a bank's book: new, or the one that is there with what its source says now."""
    document = Document(
        title=source.title,
        publisher=source.publisher,
        date=source.published,
        language=source.language,
        after=source.after,
        link=source.link,
        openings=tuple(map(_opening, source.openings)),
    )
    event = Event(
        name=source.event,
        within=source.event_within or _named(_WITHIN, source.event),
        about=source.event_about or _named(_ABOUT, source.event),
    )
    if header is not None:
        return header.model_copy(update={"document": document, "event": event})
    return BookHeader(
        id=bank.id,
        title=in_all(bank.title, bank.languages),
        deck=bank.deck,
        languages=bank.languages,
        event=event,
        document=document,
    )


def in_all(text: Bilingual, languages: tuple[Lang, ...]) -> Bilingual:
    """A text with a side for each language: where it has none, in the words of the other."""
    return Bilingual(**{lang: text.best(lang)[1] for lang in languages})


def _named(frame: Bilingual, event: Bilingual) -> Bilingual:
    return Bilingual(**{lang: (frame.get(lang) or "").format(event.get(lang)) for lang in event.languages})


def _opening(paragraph: str) -> str:
    words = paragraph.split()
    return " ".join(words if len(words) <= _MOST else words[:_FIRST])
