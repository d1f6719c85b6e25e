"""A question as its learner sees it, before the answer and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Text, bindparam, cast, exists, select
from sqlalchemy.orm import Session

from questions.bank import SCHEDULED, Bank, Question
from questions.errors import NotFound
from questions.grading import Verdict
from questions.history import Rating
from questions.responses import RESPONSE, Response, Shown
from quiz.models import Attempt, BankRow, Card, MarkChange, Passage, QuestionRow, Report, ReviewLog, SittingRow, Star
from quiz.scheduling import LEECH
from quiz.services.stored import parse, parse_header
from quiz.services.study.correcting import last_answer, ratings_offered
from quiz.services.study.ending import is_over, is_withheld
from quiz.services.study.learner import ME, Learner, today
from quiz.services.study.revisions import AS_NOW, OF_ATTEMPT, QUESTIONS, question_shown


@dataclass(frozen=True, slots=True)
class Remark:
    """A change of a mark after the answer. `cause` is hand, corrected, appeal or void."""

    cause: str
    why: str
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True)
class After:
    """What is known once an answer is in."""

    response: Response
    verdict: Verdict
    guess: bool
    comes_back: int | None  # days until the point is asked again; 0 is today; None when it feeds no memory
    again_here: bool  # the question comes once more in this sitting
    asked_before: bool  # the point was asked before, in another way
    difficult: bool  # forgotten again and again
    rating: Rating | None  # what the scheduler was told; None when it was told nothing
    ratings: tuple[Rating, ...]  # what that may be corrected to
    can_undo: bool
    next_id: int | None  # the question that is open now; None at the end
    change: Remark | None  # the last change of the mark after the answer
    decision: str | None  # what the instructor made of "I was right"; None while nobody has decided
    passages: dict[int, str]  # the source's own words, by paragraph, where an instructor attached them


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """A question as a learner sees it. `after` is None before the answer, and while verdicts are withheld."""

    id: int
    sitting_id: int
    sitting_kind: str
    bank: Bank  # without its questions
    number: int  # of the question in its sitting, from 1
    planned: int  # questions at the start
    practice: bool
    question: Question
    shown: Shown
    answered: bool
    withdrawn: bool  # taken back: another attempt stands in its place
    ended: bool  # the sitting is finished
    withheld: bool  # verdicts come at the end, and this is not it
    closes_at: datetime | None
    minutes_left: int | None  # begun ones; None without a limit
    over: bool  # the time is up
    starred: bool
    after: After | None


_ATTEMPTS, _SITTINGS, _REPORTS = Attempt.__table__, SittingRow.__table__, Report.__table__
_STARS, _BANKS, _CHANGES = Star.__table__, BankRow.__table__, MarkChange.__table__
_OTHERS, _PASSAGES = _ATTEMPTS.alias(), Passage.__table__
_PAGE = (
    select(
        *(_ATTEMPTS.c[name] for name in ("sitting_id", "place", "question_id", "kind", "practice", "shown", "guess")),
        *(_ATTEMPTS.c[name] for name in ("answered_at", "withdrawn_at", "response", "outcome", "share", "reason")),
        _SITTINGS.c.kind.label("sitting_kind"),
        *(_SITTINGS.c[name] for name in ("bank_id", "plan", "planned", "feedback", "closes_at", "finished_at")),
        _SITTINGS.c.withheld_until,
        cast(_BANKS.c.header, Text).label("header"),
        _REPORTS.c.decision,
        exists()
        .where(
            _STARS.c.learner_id == ME,
            _STARS.c.bank_id == _ATTEMPTS.c.bank_id,
            _STARS.c.question_id == _ATTEMPTS.c.question_id,
        )
        .label("starred"),
        exists().where(_CHANGES.c.learner_id == ME, _CHANGES.c.attempt_id == _ATTEMPTS.c.id).label("changed"),
        exists().where(_PASSAGES.c.bank_id == _ATTEMPTS.c.bank_id).label("has_passages"),
        select(_OTHERS.c.id)
        .where(
            _OTHERS.c.learner_id == ME,
            _OTHERS.c.sitting_id == _ATTEMPTS.c.sitting_id,
            _OTHERS.c.answered_at.is_(None),
            _OTHERS.c.withdrawn_at.is_(None),
        )
        .scalar_subquery()
        .label("open_id"),
        *AS_NOW,
    )
    .select_from(_ATTEMPTS)
    .join(_SITTINGS, (_SITTINGS.c.learner_id == _ATTEMPTS.c.learner_id) & (_SITTINGS.c.id == _ATTEMPTS.c.sitting_id))
    .join(_BANKS, _BANKS.c.id == _ATTEMPTS.c.bank_id)
    .outerjoin(QUESTIONS, OF_ATTEMPT)
    .outerjoin(
        _REPORTS,
        (_REPORTS.c.learner_id == _ATTEMPTS.c.learner_id)
        & (_REPORTS.c.attempt_id == _ATTEMPTS.c.id)
        & (_REPORTS.c.kind == "i_was_right"),
    )
    .where(_ATTEMPTS.c.learner_id == ME, _ATTEMPTS.c.id == bindparam("attempt"))
)
_CARDS, _REVIEWS = Card.__table__, ReviewLog.__table__
_REMEMBERED = (
    select(
        _CARDS.c.queue_day,
        _CARDS.c.lapses,
        *(_REVIEWS.c[name] for name in ("attempt_id", "question_id", "rating", "reviewed_ms")),
    )
    .select_from(_CARDS)
    .outerjoin(
        _REVIEWS,
        (_REVIEWS.c.learner_id == _CARDS.c.learner_id)
        & (_REVIEWS.c.card_id == _CARDS.c.id)
        & _REVIEWS.c.voided_at.is_(None),
    )
    .where(_CARDS.c.learner_id == ME, _CARDS.c.bank_id == bindparam("bank"), _CARDS.c.point == bindparam("point"))
    .order_by(_REVIEWS.c.reviewed_ms)
)


def attempt_page(session: Session, attempt_id: int, *, learner: Learner, now: datetime) -> AttemptPage:
    """Raises NotFound if the attempt is not this learner's."""
    row = session.execute(_PAGE, {"me": learner.id, "attempt": attempt_id}).first()
    if row is None:
        raise NotFound("there is no such question of yours")
    shown = Shown.model_validate_json(row.shown)
    question = question_shown(session, row, shown.revision)
    withheld = is_withheld(row, now)
    told = row.answered_at is not None and not withheld
    change = _change(session, learner.id, attempt_id) if told and row.changed else None
    if change is not None and change.cause in {"corrected", "appeal"}:
        question = _corrected(session, row.bank_id, question, shown)
    return AttemptPage(
        id=attempt_id,
        sitting_id=row.sitting_id,
        sitting_kind=row.sitting_kind,
        bank=parse_header(row.header),
        number=row.place + 1,
        planned=row.planned,
        practice=row.practice,
        question=question,
        shown=shown,
        answered=row.answered_at is not None,
        withdrawn=row.withdrawn_at is not None,
        ended=row.finished_at is not None,
        withheld=withheld,
        closes_at=row.closes_at,
        minutes_left=max(ceil((row.closes_at - now).total_seconds() / 60), 0) if row.closes_at else None,
        over=is_over(row.closes_at, now),
        starred=row.starred,
        after=_after(session, attempt_id, row, question, change, learner=learner, now=now) if told else None,
    )


def _change(session: Session, learner_id: int, attempt_id: int) -> Remark | None:
    """The last change of an answer's mark."""
    row = session.execute(
        select(MarkChange.cause, MarkChange.why, MarkChange.share_before, MarkChange.share_after)
        .where(MarkChange.learner_id == learner_id, MarkChange.attempt_id == attempt_id)
        .order_by(MarkChange.at.desc(), MarkChange.id.desc())
        .limit(1)
    ).first()
    return Remark(*row) if row is not None else None


def _corrected(session: Session, bank_id: str, question: Question, shown: Shown) -> Question:
    """A question that was corrected after the answer as it is now, where it still has all that was shown."""
    body = session.scalar(select(QuestionRow.body).where(QuestionRow.bank_id == bank_id, QuestionRow.id == question.id))
    latest = parse(body) if body is not None else question
    dumped = latest.model_dump(mode="json")
    there = {part["id"] for name in ("options", "items", "pairs", "extra") for part in dumped.get(name, ())}
    return latest if latest.kind == question.kind and {*shown.order, *shown.rights} <= there else question


def _after(
    session: Session,
    attempt_id: int,
    row: Any,  # of _PAGE
    question: Question,
    change: Remark | None,
    *,
    learner: Learner,
    now: datetime,
) -> After:
    found: Sequence[Any] = ()
    if question.kind in SCHEDULED:
        asked = {"me": learner.id, "bank": row.bank_id, "point": question.point}
        found = session.execute(_REMEMBERED, asked).all()
    card = found[0] if found else None
    log = [one for one in found if one.reviewed_ms is not None]
    own = next((one for one in log if one.attempt_id == attempt_id), None)
    last_of_point = own is not None and own.reviewed_ms == log[-1].reviewed_ms
    review = row.sitting_kind == "review"
    return After(
        response=RESPONSE.validate_json(row.response),
        verdict=Verdict(row.outcome, row.share, row.reason),
        guess=row.guess,
        comes_back=None if card is None or card.queue_day is None else max(card.queue_day - today(learner, now), 0),
        again_here=row.question_id in row.plan[row.place + 1 :],
        asked_before=own is not None
        and any(one.question_id != own.question_id and one.reviewed_ms < own.reviewed_ms for one in log),
        difficult=card is not None and card.lapses >= LEECH,
        rating=Rating(own.rating) if own is not None else None,
        ratings=ratings_offered(row.kind, row.outcome) if review and last_of_point else (),
        can_undo=review
        and row.withdrawn_at is None
        and attempt_id == last_answer(session, row.sitting_id, learner_id=learner.id),
        next_id=row.open_id if row.finished_at is None else None,
        change=change,
        decision=row.decision,
        passages=_passages(session, row.bank_id, question) if row.has_passages else {},
    )


def _passages(session: Session, bank_id: str, question: Question) -> dict[int, str]:
    paras = {source.para for source in question.sources if source.para is not None}
    rows = session.execute(
        select(Passage.para, Passage.text).where(Passage.bank_id == bank_id, Passage.para.in_(sorted(paras)))
    )
    return {para: text for para, text in rows}
