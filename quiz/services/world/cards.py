"""Cards to turn: one question at a time with nothing counted, laid out so that the order tells nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions.bank import ChoiceQuestion, MatchingQuestion, MultiSelectQuestion, OrderingQuestion, Question
from questions.lookup import rank
from questions.texts import Bilingual
from quiz.models import QuestionRow, Star
from quiz.services import banks, study
from quiz.services.world.entries import Entry, entry
from quiz.services.world.source import passages


@dataclass(frozen=True, slots=True)
class Card:
    """A question to turn over, and where it stands among those that were chosen."""

    question: Question
    number: int  # from 1
    total: int
    choices: tuple[Bilingual, ...]  # what is offered: options, items, right sides
    lefts: tuple[Bilingual, ...]  # of a matching question
    starred: bool
    facts: tuple[Entry, ...]
    words: dict[int, str]  # of the source, by paragraph, where they are attached


def card(session: Session, bank_id: str, filters: study.Filters, number: int, *, learner_id: int | None) -> Card | None:
    """The card at a place, or the nearest there is; None when no question passes the filters."""
    passing = (*study.passes(session, bank_id, filters, learner_id=learner_id), QuestionRow.kind != "open")
    total = session.scalar(select(func.count()).select_from(QuestionRow).where(*passing)) or 0
    if not total:
        return None
    number = min(max(number, 1), total)
    in_order = select(QuestionRow.body).where(*passing).order_by(QuestionRow.place, QuestionRow.id)
    question = banks.parse(session.scalars(in_order.offset(number - 1).limit(1)).one())
    book = banks.facts_of(session, bank_id)
    paras = {source.para for source in question.sources if source.para is not None}
    star = select(Star.id).where(
        Star.learner_id == learner_id, Star.bank_id == bank_id, Star.question_id == question.id
    )
    return Card(
        question=question,
        number=number,
        total=total,
        choices=_laid_out(question),
        lefts=tuple(pair.left for pair in question.pairs) if isinstance(question, MatchingQuestion) else (),
        starred=learner_id is not None and session.scalar(star) is not None,
        facts=tuple(entry(book.facts[fact], book) for fact in question.facts if fact in book.facts) if book else (),
        words=passages(session, bank_id, paras),
    )


def _laid_out(question: Question) -> tuple[Bilingual, ...]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            listed = [(option.id, option.text) for option in question.options]
            if question.fixed_order:
                return tuple(text for _, text in listed)
        case OrderingQuestion():
            listed = [(item.id, item.text) for item in question.items]
        case MatchingQuestion():
            listed = [(pair.id, pair.right) for pair in question.pairs]
            listed += [(item.id, item.text) for item in question.extra]
        case _:
            return ()
    mixed = sorted(listed, key=lambda one: rank(question.id, one[0]))
    if mixed == listed:  # by chance the answer itself, of an ordering
        mixed = [*mixed[1:], mixed[0]]
    return tuple(text for _, text in mixed)
