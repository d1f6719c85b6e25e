"""For one student: extra time, attempts more, an attempt reopened, a mark changed by hand. All is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from questions.errors import BadInput, Conflict, NotFound
from quiz.ids import new_id
from quiz.models import Allowance, Assignment, Attempt, MarkChange, ReviewLog, SittingRow
from quiz.services import assignments, classes
from quiz.services.results import sums
from quiz.services.study import recount
from quiz.services.study.learner import alone
from quiz.services.teaching import Person, class_of, journal

LONGEST_WHY = 500


def set_extra_time(
    session: Session, class_id: int, user_id: int, share: float, *, why: str, user: Person, now: datetime
) -> None:
    """Give a student a share more of every time limit of the class. Raises NotFound, BadInput."""
    class_of(session, class_id, user)
    if not 0 <= share <= 3:
        raise BadInput("share")
    member = classes.member_of(session, class_id, user_id)
    member.extra_time = share
    session.flush()
    _stretch(session, class_id, user_id)
    detail = {"share": share, "why": _reason(why)}
    journal(session, "extra-time", author_id=user.id, now=now, class_id=class_id, user_id=user_id, detail=detail)


def allow(
    session: Session,
    assignment_id: int,
    user_id: int,
    *,
    minutes: int = 0,
    attempts: int = 0,
    closes_at: datetime | None = None,
    why: str,
    user: Person,
    now: datetime,
) -> None:
    """Give a student more than an assignment's rules: the whole of it, not what is added. Raises NotFound, BadInput."""
    row = assignments.assignment_of(session, assignment_id, user)
    classes.member_of(session, row.class_id, user_id)
    if not 0 <= minutes <= assignments.MOST_MINUTES or not 0 <= attempts <= assignments.MOST_ATTEMPTS:
        raise BadInput("minutes")
    reason = _reason(why)
    found = session.get(Allowance, (assignment_id, user_id))
    if found is None:
        found = Allowance(assignment_id=assignment_id, user_id=user_id)
        session.add(found)
    elif (found.extra_minutes, found.extra_attempts, found.closes_at, found.why) == (
        minutes,
        attempts,
        closes_at,
        reason,
    ):  # sent twice
        return
    found.extra_minutes, found.extra_attempts, found.closes_at = minutes, attempts, closes_at
    found.why, found.author_id, found.at = reason, user.id, now
    session.flush()
    _stretch(session, row.class_id, user_id)
    assignments.keep_back(session, row)
    journal(
        session,
        "allowed",
        author_id=user.id,
        now=now,
        class_id=row.class_id,
        user_id=user_id,
        detail={
            "title": row.title,
            "minutes": minutes,
            "attempts": attempts,
            "closes": closes_at.isoformat() if closes_at else None,
            "why": reason,
        },
    )


def allowance_of(session: Session, assignment_id: int, user_id: int) -> Allowance | None:
    return session.get(Allowance, (assignment_id, user_id))


def _stretch(session: Session, class_id: int, user_id: int) -> None:
    """Let open sittings of the class have the time that their student has now; never less than they had."""
    rows = session.execute(
        select(SittingRow, Assignment)
        .join(Assignment, Assignment.id == SittingRow.assignment_id)
        .where(SittingRow.learner_id == user_id, SittingRow.finished_at.is_(None), Assignment.class_id == class_id)
    ).all()
    for sitting, row in rows:
        ends = assignments.ends_for(session, row, user_id, sitting.started_at)
        if sitting.closes_at is not None:
            sitting.closes_at = max(ends, sitting.closes_at) if ends is not None else None


def _reason(why: str) -> str:
    plain = " ".join(why.split())
    if not 1 <= len(plain) <= LONGEST_WHY:
        raise BadInput("why")
    return plain


def _sitting(session: Session, assignment_id: int, user_id: int, sitting_id: int) -> SittingRow:
    alone(session, user_id)
    sitting = session.get(SittingRow, (user_id, sitting_id), populate_existing=True)
    if sitting is None or sitting.assignment_id != assignment_id:
        raise NotFound("there is no such sitting of the assignment")
    return sitting


def reopen(
    session: Session,
    assignment_id: int,
    user_id: int,
    sitting_id: int,
    *,
    minutes: int | None,
    why: str,
    user: Person,
    now: datetime,
) -> None:
    """Let a student go on with a sitting that has ended, for so many minutes from now (None: without a limit).

    What it added to the sums and, where it was withheld, to the memories is taken off until it ends again. Raises
    NotFound, BadInput, and Conflict when nothing is left to answer in it.
    """
    row = assignments.assignment_of(session, assignment_id, user)
    reason = _reason(why)
    if minutes is not None and not 1 <= minutes <= assignments.MOST_MINUTES:
        raise BadInput("minutes")
    sitting = _sitting(session, assignment_id, user_id, sitting_id)
    if sitting.finished_at is None:
        sitting.closes_at = now + timedelta(minutes=minutes) if minutes else None
    else:
        waits = session.scalar(
            select(Attempt.id).where(
                Attempt.learner_id == user_id,
                Attempt.sitting_id == sitting_id,
                Attempt.answered_at.is_(None),
                Attempt.withdrawn_at.is_(None),
            )
        )
        if waits is None:
            raise Conflict("every question of the sitting is answered")
        sums.add(session, sums.marks_of(session, sitting), -1)
        sitting.finished_at = sitting.points = None
        sitting.closes_at = now + timedelta(minutes=minutes) if minutes else None
        session.flush()
        if row.feedback == "closed":
            sitting.withheld_until = assignments.closed_to_all(session, row)
        if sitting.feedback == "end":
            _forget(session, sitting, author_id=user.id, now=now)
    session.flush()
    assignments.keep_back(session, row)
    detail = {"title": row.title, "minutes": minutes, "why": reason}
    journal(session, "reopened", author_id=user.id, now=now, class_id=row.class_id, user_id=user_id, detail=detail)


def _forget(session: Session, sitting: SittingRow, *, author_id: int, now: datetime) -> None:
    """Take off what a sitting told the memories when it ended: it tells them again when it ends again."""
    rows = session.scalars(
        select(ReviewLog)
        .join(Attempt, (Attempt.learner_id == ReviewLog.learner_id) & (Attempt.id == ReviewLog.attempt_id))
        .where(
            ReviewLog.learner_id == sitting.learner_id,
            Attempt.sitting_id == sitting.id,
            ReviewLog.voided_at.is_(None),
        )
    ).all()
    for one in rows:
        one.voided_at, one.voided_by = now, author_id
    session.flush()
    for card_id in sorted({one.card_id for one in rows}):
        recount(session, sitting.learner_id, card_id)


def _by_hand(session: Session, attempt: Attempt) -> bool:
    """Whether the last change of a mark was made by hand."""
    query = select(MarkChange.cause).where(
        MarkChange.learner_id == attempt.learner_id, MarkChange.attempt_id == attempt.id
    )
    return session.scalar(query.order_by(MarkChange.at.desc(), MarkChange.id.desc()).limit(1)) == "hand"


def set_mark(
    session: Session,
    assignment_id: int,
    user_id: int,
    attempt_id: int,
    share: float,
    *,
    why: str,
    user: Person,
    now: datetime,
) -> None:
    """Change the mark of one answer by hand; no regrade changes it afterwards. Raises NotFound, BadInput, Conflict."""
    row = assignments.assignment_of(session, assignment_id, user)
    reason = _reason(why)
    if not 0 <= share <= 1:
        raise BadInput("share")
    alone(session, user_id)
    attempt = session.get(Attempt, (user_id, attempt_id), populate_existing=True)
    if attempt is None or attempt.withdrawn_at is not None:
        raise NotFound("there is no such answer")
    sitting = _sitting(session, assignment_id, user_id, attempt.sitting_id)
    if attempt.answered_at is None:
        raise Conflict("the question is not answered")
    before = attempt.share or 0.0
    if share == before and _by_hand(session, attempt):  # sent twice
        return
    if sitting.finished_at is not None:
        sums.add(session, sums.marks_of(session, sitting), -1)
    attempt.share = share
    attempt.outcome = "right" if share == 1 else "close" if share > 0 else "wrong"
    session.flush()
    if sitting.finished_at is not None:
        found = sums.marks_of(session, sitting)
        sums.add(session, found)
        sitting.points = found.points
    session.execute(
        insert(MarkChange).values(
            learner_id=user_id,
            id=new_id(),
            attempt_id=attempt_id,
            share_before=before,
            share_after=share,
            cause="hand",
            why=reason,
            author_id=user.id,
            at=now,
        )
    )
    journal(
        session,
        "marked",
        author_id=user.id,
        now=now,
        class_id=row.class_id,
        user_id=user_id,
        detail={"title": row.title, "question": attempt.question_id, "before": before, "after": share, "why": reason},
    )
