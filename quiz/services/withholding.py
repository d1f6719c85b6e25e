"""What is kept from a class while it works: nothing about a key leaves before it may.

While an assignment that shows its right answers later is open on a bank, the bank's deck, browsing, world, files and
handout are closed to the class's students, and their own quizzes and reviews leave its questions out.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from quiz.models import Allowance, Assignment, BankRow, Member, SittingRow
from quiz.services import banks


def closed_to(session: Session, bank_id: str, user_id: int, *, now: datetime) -> bool:
    """Whether a bank may not be looked through, or taken along, by someone at the moment."""
    return bool(session.scalar(select(exists().where(*_withheld(bank_id, user_id, now)))))


def left_out(session: Session, bank_id: str, user_id: int, *, now: datetime) -> frozenset[str]:
    """Points of a bank that are not asked outside of its open assignments: of their questions, and of the same facts.

    Another way to ask the same thing would tell the answer too.
    """
    plans = session.scalars(select(Assignment.plan).where(*_withheld(bank_id, user_id, now))).all()
    if not plans:
        return frozenset()
    questions = banks.live(session, bank_id)
    its_own = [
        question
        for question in questions
        if any(
            question.id in plan["questions"]
            if plan.get("questions") is not None
            else plan.get("topic") in (None, question.topic) and plan.get("kind") in (None, question.kind)
            for plan in plans
        )
    ]
    facts = {fact for question in its_own for fact in question.facts}
    points = {question.point for question in its_own}
    return frozenset(
        question.point for question in questions if question.point in points or facts.intersection(question.facts)
    )


def given_to(session: Session, bank_id: str, user_id: int, *, now: datetime) -> bool:
    """Whether a class of theirs was given the bank: what is to be opened later is not given yet."""
    return bool(session.scalar(select(exists().where(Assignment.bank_id == bank_id, *_given(user_id, now)))))


def banks_given(session: Session, user_id: int, *, now: datetime) -> list[str]:
    """Banks that are open to classes alone, and were given to one of theirs; the newest first."""
    given = exists().where(Assignment.bank_id == BankRow.id, *_given(user_id, now))
    query = select(BankRow.id).where(BankRow.state == "class", given)
    return list(session.scalars(query.order_by(BankRow.created_at.desc(), BankRow.id)))


def _given(user_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Member.class_id == Assignment.class_id,
        Member.user_id == user_id,
        Member.left_at.is_(None),
        Assignment.withdrawn_at.is_(None),
        or_(Assignment.opens_at.is_(None), Assignment.opens_at <= now),
    )


def _withheld(bank_id: str, user_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    longer = exists().where(Allowance.assignment_id == Assignment.id, Allowance.closes_at > now)
    at_work = exists().where(
        SittingRow.assignment_id == Assignment.id,
        SittingRow.finished_at.is_(None),
        or_(SittingRow.closes_at > now, and_(SittingRow.closes_at.is_(None), SittingRow.learner_id == user_id)),
    )
    return (
        Assignment.bank_id == bank_id,
        *_given(user_id, now),
        Assignment.feedback != "each",
        # Until everybody is done: also the student who was given longer, or an attempt of whom was reopened.
        or_(Assignment.closes_at > now, longer, at_work),
    )
