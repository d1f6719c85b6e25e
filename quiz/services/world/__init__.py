"""The article's world: what a bank's facts tell, set out to be looked through, with its source and its cards.

Read from the fact book and the live questions; nothing here is counted, and nothing written but the source's text.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import Bank
from questions.errors import NotFound
from questions.factbook import FactBook
from quiz.models import BankRow
from quiz.services import banks
from quiz.services.study import Learner
from quiz.services.withholding import closed_to, given_to
from quiz.services.world.cards import Card, card
from quiz.services.world.entries import Entry, entry
from quiz.services.world.memory import Recall, recall_of
from quiz.services.world.pages import FactPage, PersonPage, PointPage, fact_page, person_page, point_page
from quiz.services.world.source import (
    Misfit,
    Paragraph,
    attach,
    cut,
    misfit,
    openings_of,
    paragraphs,
    passage,
    passages,
    remove,
)
from quiz.services.world.whole import LONGEST_QUERY, World, world

__all__ = [
    "LONGEST_QUERY",
    "Card",
    "Entry",
    "FactPage",
    "Misfit",
    "Paragraph",
    "PersonPage",
    "PointPage",
    "Recall",
    "World",
    "attach",
    "card",
    "cut",
    "entry",
    "fact_page",
    "may_look",
    "misfit",
    "opened",
    "openings_of",
    "paragraphs",
    "passage",
    "passages",
    "person_page",
    "point_page",
    "recall_of",
    "remove",
    "with_facts",
    "world",
]


def may_look(session: Session, bank_id: str, user: Learner | None, *, now: datetime) -> bool:
    """Whether someone may look through a bank's facts, cards and source: each page that shows them asks here.

    Not while an assignment on it is open that tells its right answers later.
    """
    state = session.scalar(select(BankRow.state).where(BankRow.id == bank_id))
    if user is not None and closed_to(session, bank_id, user.id, now=now):
        return False
    return state == "public" or (state == "class" and user is not None and given_to(session, bank_id, user.id, now=now))


def opened(session: Session, bank_id: str, user: Learner | None, *, now: datetime) -> Bank:
    """The header of a bank that someone may look through. Raises NotFound."""
    if not may_look(session, bank_id, user, now=now):
        raise NotFound("there is no such bank to look through")
    return banks.header(session, bank_id)


def with_facts(session: Session, bank_id: str, user: Learner | None, *, now: datetime) -> tuple[Bank, FactBook]:
    """The same, with the facts behind it. Raises NotFound for a bank that was not made from facts, too."""
    bank, book = opened(session, bank_id, user, now=now), banks.facts_of(session, bank_id)
    if book is None:
        raise NotFound("this bank was not made from facts")
    return bank, book
