"""The source's own text, where an instructor attached it: cut into the paragraphs that the facts refer to."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from questions.errors import BadInput, NotFound
from questions.factbook import FactBook
from questions.normalise import normalise
from quiz.models import BankRow, Passage
from quiz.services import banks
from quiz.services.world.entries import Entry, entry

log = logging.getLogger(__name__)
_SHOWN = 60  # letters of a paragraph that does not fit
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a text is not the one that the facts were read from: how many paragraphs, and the first that differs."""

    found: int
    expected: int
    para: int | None = None
    begins: str = ""
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the source, and what was read from it."""

    number: int
    opening: str
    text: str | None  # None: no text is attached
    facts: tuple[Entry, ...]


def passage(session: Session, bank_id: str, para: int) -> str | None:
    """A paragraph of the source in its own words; None where no text is attached."""
    return session.scalar(select(Passage.text).where(Passage.bank_id == bank_id, Passage.para == para))


def passages(session: Session, bank_id: str, paras: Iterable[int] | None = None) -> dict[int, str]:
    """The paragraphs of the source in its own words, by number: those asked for, or all there are."""
    query = select(Passage.para, Passage.text).where(Passage.bank_id == bank_id)
    query = query if paras is None else query.where(Passage.para.in_(sorted(set(paras))))
    rows = session.execute(query.order_by(Passage.para))
    return {para: text for para, text in rows}


def paragraphs(session: Session, bank_id: str, book: FactBook) -> list[Paragraph]:
    """Every paragraph that the facts refer to, with them."""
    facts: dict[int, list[Entry]] = {}
    for fact in book.facts.values():
        facts.setdefault(fact.para, []).append(entry(fact, book))
    texts = passages(session, bank_id)
    return [
        Paragraph(number, opening, texts.get(number), tuple(facts.get(number, ())))
        for number, opening in enumerate(book.header.document.openings, 1)
    ]


def cut(text: str, openings: Sequence[str]) -> list[str]:
    """A pasted text in paragraphs: parted by blank lines or, where that does not give as many as wanted, by lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    by_blanks = [" ".join(part.split()) for part in _BLANK.split(text) if part.strip()]
    by_lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    for parts in (by_blanks, by_lines):
        if len(parts) == len(openings):
            return parts
    return by_blanks if len(by_blanks) > 1 else by_lines


def misfit(parts: Sequence[str], openings: Sequence[str]) -> Misfit | None:
    """What keeps a text from being attached; None when each paragraph begins as the facts say."""
    for para, (part, opening) in enumerate(zip(parts, openings, strict=False), 1):
        if not f"{normalise(part)} ".startswith(f"{normalise(opening)} "):
            return Misfit(len(parts), len(openings), para, part[:_SHOWN], opening)
    return Misfit(len(parts), len(openings)) if len(parts) != len(openings) else None


def attach(session: Session, bank_id: str, text: str, *, openings: Sequence[str]) -> int:
    """Keep a text as the bank's source, in place of any before it. Returns how many paragraphs it has.

    Doing it again changes nothing. Raises BadInput when the text does not fit, NotFound without such a bank.
    """
    parts = cut(text, openings)
    if misfit(parts, openings) is not None:
        raise BadInput("the text is not the one that the facts were read from")
    remove(session, bank_id)
    session.execute(
        insert(Passage), [{"bank_id": bank_id, "para": para, "text": part} for para, part in enumerate(parts, 1)]
    )
    log.info("bank %s: source of %s paragraphs attached", bank_id, len(parts))
    return len(parts)


def remove(session: Session, bank_id: str) -> None:
    """Take the source's text away. Raises NotFound without such a bank."""
    # Two instructors at once: the second waits, and replaces what the first put there.
    if session.scalar(select(BankRow.id).where(BankRow.id == bank_id).with_for_update()) is None:
        raise NotFound("there is no such bank")
    session.execute(delete(Passage).where(Passage.bank_id == bank_id))


def openings_of(session: Session, bank_id: str) -> tuple[str, ...]:
    """How each paragraph of a bank's source begins. Raises NotFound for a bank that was not made from one."""
    book = banks.facts_of(session, bank_id)
    if book is None:
        raise NotFound("this bank has no facts, and so no source")
    return book.header.document.openings
