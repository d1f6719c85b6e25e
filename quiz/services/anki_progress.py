"""A learner's progress on its way to Anki, and the reviews that come back from there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from questions.anki_ids import places
from questions.bank import SCHEDULED
from questions.errors import BadFile, Problem
from questions.formats.apkg_reviews import AnkiReview
from questions.history import Memory, Progress, Rating, Review, Step, Studied
from quiz import scheduling
from quiz.ids import new_ids
from quiz.models import Attempt, Card, QuestionRow, ReviewLog
from quiz.services.study.cards import blank_card, recount
from quiz.services.study.learner import Learner, in_turn, today
from quiz.services.study.queue import Known, Way, suited

log = logging.getLogger(__name__)

KIND = "anki"  # of a review that came from there
AT_ONCE = 5_000  # reviews of one transaction, in which nobody else can write
_OLDEST = datetime(2006, 10, 1, tzinfo=UTC)  # Anki's first release
_ASIDE = 50  # milliseconds that a review moves at most for want of room
_AHEAD = timedelta(minutes=10)  # by which another device's clock may be fast


# ---------------------------------------------------------------- out


def progress_of(session: Session, bank_id: str, *, learner: Learner) -> Progress:
    """All that a learner knows of a bank, as it stands without the queue's own days (exams)."""
    questions = _questions(session, bank_id)
    by_point: dict[str, list[Any]] = {}
    for question in questions.values():
        by_point.setdefault(question.point, []).append(question)
    rows = session.execute(
        select(
            Card.point,
            ReviewLog.reviewed_ms,
            ReviewLog.day,
            ReviewLog.rating,
            ReviewLog.counted,
            ReviewLog.question_id,
            Attempt.shown_at,
            Attempt.answered_at,
        )
        .join(ReviewLog, (ReviewLog.learner_id == Card.learner_id) & (ReviewLog.card_id == Card.id))
        .outerjoin(Attempt, (Attempt.learner_id == ReviewLog.learner_id) & (Attempt.id == ReviewLog.attempt_id))
        .where(Card.learner_id == learner.id, Card.bank_id == bank_id, ReviewLog.voided_at.is_(None))
        .order_by(Card.point, ReviewLog.reviewed_ms)
    )
    return Progress(
        retention=learner.retention,
        new_per_day=learner.new_per_day,
        reviews_per_day=learner.reviews_per_day,
        parameters=scheduling.numbers(learner.fsrs_parameters),
        points=tuple(
            _studied(list(log), by_point[point], learner)
            for point, log in groupby(rows, key=lambda row: row.point)
            if point in by_point
        ),
    )


def remembered(session: Session, bank_id: str, learner_id: int) -> int:
    """How many points of a bank a learner has in memory."""
    own = (Card.learner_id == learner_id, Card.bank_id == bank_id, Card.reps > 0)
    return session.scalar(select(func.count()).select_from(Card).where(*own)) or 0


def _questions(session: Session, bank_id: str) -> dict[str, Any]:
    """Every question that a bank ever had, without its text."""
    rows = session.execute(
        select(
            QuestionRow.id,
            QuestionRow.point,
            QuestionRow.kind,
            QuestionRow.topic,
            QuestionRow.retired_at,
            QuestionRow.hidden,
        )
        .where(QuestionRow.bank_id == bank_id)
        .order_by(QuestionRow.place, QuestionRow.id)
    )
    return {row.id: row for row in rows}


def _studied(rows: Sequence[Any], questions: list[Any], learner: Learner) -> Studied:
    memory: Memory | None = None
    steps = []
    for row in rows:
        review = Review(row.reviewed_ms, row.day, Rating(row.rating), row.counted)
        if review.counted:
            memory = scheduling.review(
                memory,
                review.rating,
                review.day,
                retention=learner.retention,
                parameters=learner.fsrs_parameters,
            )
        took = (row.answered_at - row.shown_at) // timedelta(milliseconds=1) if row.answered_at else 0
        steps.append(Step(review, memory, took))
    last = rows[-1].question_id
    asks = last
    scheduled = [one for one in questions if one.kind in SCHEDULED]
    if memory is not None and scheduled:
        asked = [one for one in scheduled if one.retired_at is None and not one.hidden] or scheduled
        ways = [Way(one.id, one.point, one.kind, one.topic) for one in asked]
        asks = suited(ways, Known(0, rows[0].point, memory.reps, memory.lapses), last).id
    return Studied(asks, tuple(one.id for one in questions if one.id != asks), tuple(steps))


# ---------------------------------------------------------------- in


def guids(session: Session, bank_id: str) -> set[str]:
    """By what Anki knows the notes of a bank's deck."""
    return {guid for guid, _, _ in places(bank_id, _questions(session, bank_id).values())}


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the reviews in a package: `new` ones were taken, the others are left out, and why."""

    new: int = 0
    points: int = 0  # whose memory the new ones moved
    known: int = 0  # here already
    manual: int = 0  # days set by hand
    crammed: int = 0
    unscheduled: int = 0  # of cards that feed no memory here

    def __add__(self, other: Merged) -> Merged:
        return Merged(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def parts(session: Session, bank_id: str, found: Iterable[AnkiReview], *, now: datetime) -> list[list[AnkiReview]]:
    """The reviews of a package, a few thousand at a time, all of a point together: each part can be merged alone.

    Raises BadFile for a log that no Anki wrote.
    """
    points = {
        (guid, ordinal): row.point for guid, ordinal, row in places(bank_id, _questions(session, bank_id).values())
    }
    earliest, latest = _OLDEST.timestamp() * 1000, (now + _AHEAD).timestamp() * 1000
    grouped: dict[str | None, list[AnkiReview]] = {}
    for review in found:
        if review.reviewed_ms > latest:
            raise BadFile([Problem("file", "", "holds reviews of days to come", code="future-reviews")])
        if review.reviewed_ms < earliest:
            raise BadFile([Problem("file", "", "holds reviews older than Anki", code="damaged-reviews")])
        grouped.setdefault(points.get((review.guid, review.ordinal)), []).append(review)
    filled: list[list[AnkiReview]] = [[]]
    for reviews in grouped.values():
        if len(filled[-1]) >= AT_ONCE:
            filled.append([])
        filled[-1] += reviews
    return filled


def merge(session: Session, bank_id: str, found: Iterable[AnkiReview], *, learner: Learner) -> Merged:
    """Take the reviews of a part that a learner's log lacks, each once, and rebuild the memories they touch.

    What was taken back or voided here stays so.
    """
    learner = in_turn(session, learner)
    cards = {(guid, ordinal): row for guid, ordinal, row in places(bank_id, _questions(session, bank_id).values())}
    own = (Card.learner_id == ReviewLog.learner_id) & (Card.id == ReviewLog.card_id) & (Card.bank_id == bank_id)
    rows = session.execute(
        select(ReviewLog.reviewed_ms, Card.point).outerjoin(Card, own).where(ReviewLog.learner_id == learner.id)
    )
    taken: dict[int, str | None] = {moment: point for moment, point in rows}
    counts = dict.fromkeys(("known", "manual", "crammed", "unscheduled"), 0)
    fresh: list[tuple[int, Any, AnkiReview]] = []
    for review in sorted(found, key=lambda one: one.reviewed_ms):
        question = cards.get((review.guid, review.ordinal))
        if question is None or question.kind not in SCHEDULED:
            counts["unscheduled"] += 1
            continue
        # At its own moment, or where it stood aside for another when it came in first.
        moments = range(review.reviewed_ms, review.reviewed_ms + _ASIDE)
        moment = next((one for one in moments if one not in taken or taken[one] == question.point), None)
        if moment is None or moment in taken:
            counts["known"] += 1
        elif review.kind != "review":
            counts[review.kind] += 1
        else:
            taken[moment] = question.point
            fresh.append((moment, question, review))
    touched = _write(session, bank_id, fresh, learner=learner)
    recount(session, learner.id, *touched)
    log.info("learner %s: %s reviews of %s from Anki", learner.id, len(fresh), bank_id)
    return Merged(new=len(fresh), points=len(touched), **counts)


def _write(session: Session, bank_id: str, fresh: list[tuple[int, Any, AnkiReview]], *, learner: Learner) -> list[int]:
    """Add rows to the log. Returns the ids of their cards, which are to be recounted."""
    if not fresh:
        return []
    rows = session.execute(select(Card.point, Card.id).where(Card.learner_id == learner.id, Card.bank_id == bank_id))
    own = {point: card for point, card in rows}
    missing = sorted({question.point for _, question, _ in fresh} - set(own))
    if missing:
        own |= zip(missing, new_ids(len(missing)), strict=True)
        blank = {"learner_id": learner.id, "bank_id": bank_id, **blank_card()}
        session.execute(insert(Card), [{"id": own[point], "point": point, **blank} for point in missing])
    session.execute(
        insert(ReviewLog),
        [
            {
                "learner_id": learner.id,
                "id": row,
                "card_id": own[question.point],
                "attempt_id": None,
                "question_id": question.id,
                "reviewed_ms": moment,
                "day": today(learner, datetime.fromtimestamp(moment / 1000, UTC)),
                "rating": review.rating,
                "counted": False,  # until it is recounted
                "guess": False,
                "predicted": None,
                "kind": KIND,
            }
            for row, (moment, question, review) in zip(new_ids(len(fresh)), fresh, strict=True)
        ],
    )
    return sorted({own[question.point] for _, question, _ in fresh})
