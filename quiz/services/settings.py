"""What a learner sets: read, checked field by field, weighed before it is saved, and saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from questions.bank import SCHEDULED
from questions.history import Memory, date_to_day, day_to_date
from questions.texts import LANGS
from quiz import scheduling
from quiz.models import Aim, Card, QuestionRow, User
from quiz.services import accounts, banks, study
from quiz.services.study import Learner

NEW = (0, 100)  # new points a day, the least and the most
PORTION = (5, 200)  # points a day that home offers
PERCENT = (round(scheduling.RETENTIONS[0] * 100), round(scheduling.RETENTIONS[1] * 100))
DIGITS = ("latn", "arab")
LATEST_EXAM = timedelta(days=5 * 365)
BY_BROWSER = "browser"  # the time zone that the browser says
MINUTES_A_POINT = 0.3


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a learner can set. `exams` holds a day, or None, for each bank that can be learnt."""

    study_language: str  # empty: that of the interface
    new_per_day: int
    language: str
    retention: float
    reviews_per_day: int
    time_zone: str
    day_turns_at: int
    digits: str
    exams: Mapping[str, date | None] = field(default_factory=dict)

    def costs_as(self, other: Settings) -> bool:
        """Whether the two ask the same of a learner's days."""
        return (self.new_per_day, self.retention, self.reviews_per_day, self.exams) == (
            other.new_per_day,
            other.retention,
            other.reviews_per_day,
            other.exams,
        )


def read(session: Session, user_id: int, *, language: str) -> Settings:
    """A learner's settings as they stand; `language` is that of the page."""
    user = session.get_one(User, user_id, populate_existing=True)
    rows = session.execute(select(Aim.bank_id, Aim.exam_day).where(Aim.learner_id == user_id))
    days = {bank_id: day_to_date(day) for bank_id, day in rows}
    # Those that are open to all, and those of a class that the learner has begun with.
    begun = session.scalars(select(Card.bank_id).where(Card.learner_id == user_id).distinct().order_by(Card.bank_id))
    shelf = dict.fromkeys([*banks.bank_ids(session, public_only=True), *begun])
    return Settings(
        study_language=user.study_language or "",
        new_per_day=user.new_per_day,
        language=language,
        retention=user.retention,
        reviews_per_day=user.reviews_per_day,
        time_zone=user.time_zone,
        day_turns_at=user.day_turns_at,
        digits=user.digits,
        exams={bank_id: days.get(bank_id) for bank_id in shelf},
    )


def check(form: Mapping[str, str], before: Settings, *, today: date) -> tuple[Settings, dict[str, str]]:
    """What a form asks for, and what is wrong with it: by field, in words for `routes` to translate.

    A field that is missing or wrong stays as it was.
    """
    faults: dict[str, str] = {}

    def one_of(name: str, known: Iterable[str], old: str) -> str:
        value = form.get(name, old)
        if value in known:
            return value
        faults[name] = "choice"
        return old

    def number(name: str, limits: tuple[int, int], old: int) -> int:
        text = form.get(name, str(old)).strip()
        # Digits of either kind. Longer ones are no such number, and slow to read.
        value = int(text) if text.isdecimal() and len(text) < 6 else -1
        if limits[0] <= value <= limits[1]:
            return value
        faults[name] = "number"
        return old

    def exam(bank_id: str, old: date | None) -> date | None:
        text = form.get(f"exam-{bank_id}")
        if text is None or text.strip() == (old.isoformat() if old else ""):
            return old
        if not text.strip():
            return None
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            faults[f"exam-{bank_id}"] = "date"
            return old
        if not today <= day <= today + LATEST_EXAM:
            faults[f"exam-{bank_id}"] = "past" if day < today else "far"
            return old
        return day

    zone = form.get("time_zone", before.time_zone)
    by_browser = zone == BY_BROWSER
    zone = form.get("zone", "") if by_browser else zone
    if zone not in accounts.time_zones() and zone != before.time_zone:
        faults["time_zone"] = "silent" if by_browser else "choice"
        zone = before.time_zone
    percent = number("retention", PERCENT, round(before.retention * 100))
    return Settings(
        study_language=one_of("study_language", ("", *LANGS), before.study_language),
        new_per_day=number("new_per_day", NEW, before.new_per_day),
        language=one_of("language", LANGS, before.language),
        retention=before.retention if "retention" in faults else percent / 100,
        reviews_per_day=number("reviews_per_day", PORTION, before.reviews_per_day),
        time_zone=zone,
        day_turns_at=number("day_turns_at", (0, 23), before.day_turns_at),
        digits=one_of("digits", DIGITS, before.digits),
        exams={bank_id: exam(bank_id, day) for bank_id, day in before.exams.items()},
    ), faults


def save(session: Session, wanted: Settings, *, user_id: int) -> None:
    """Keep the settings, and let due days and queue follow. No memory changes; saving twice changes nothing more."""
    study.alone(session, user_id)
    before = read(session, user_id, language=wanted.language)
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(
            study_language=wanted.study_language or None,
            new_per_day=wanted.new_per_day,
            language=wanted.language,
            retention=wanted.retention,
            reviews_per_day=wanted.reviews_per_day,
            time_zone=wanted.time_zone,
            day_turns_at=wanted.day_turns_at,
            digits=wanted.digits,
        )
    )
    learner = session.get_one(User, user_id, populate_existing=True)
    if wanted.retention != before.retention:
        study.reschedule(session, learner_id=user_id)
    for bank_id, day in wanted.exams.items():
        if day != before.exams.get(bank_id):
            study.set_exam(session, bank_id, date_to_day(day) if day else None, learner=learner)


# ---------------------------------------------------------------- what it costs


@dataclass(frozen=True, slots=True)
class Week:
    """What a week would ask, a day on average."""

    number: int  # from 1
    points: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What settings would ask of a learner in the next four weeks."""

    weeks: tuple[Week, ...]
    points: int  # a day, over all of them
    minutes: int
    waiting: int  # due at the end of them, beyond the day's portion


def cost(session: Session, wanted: Settings, *, learner: Learner, now: datetime) -> Cost:
    """Worked out from the learner's own memories, bank by bank; the same each time it is asked."""
    day = study.today(learner, now)
    memories = _memories(session, learner.id)
    unseen = _unseen(session, learner.id)
    # Whoever learns one bank is not told of the new points of all others.
    learnt = [bank_id for bank_id in wanted.exams if bank_id in memories or wanted.exams[bank_id]]
    learnt = learnt or list(wanted.exams)[:1]
    loads = []
    for bank_id in learnt:
        exam = wanted.exams[bank_id]
        loads.append(
            scheduling.workload(
                memories.get(bank_id, []),
                unseen=unseen.get(bank_id, 0),
                day=day,
                retention=wanted.retention,
                new_per_day=wanted.new_per_day,
                reviews_per_day=wanted.reviews_per_day,
                exam_day=date_to_day(exam) if exam else None,
                parameters=learner.fsrs_parameters,
                most=scheduling.MOST_SIMULATED // len(learnt),
            )
        )
    days = [sum(load.reviews + load.new for load in loads_of_day) for loads_of_day in zip(*loads, strict=True)]
    weeks = tuple(_week(nr, days[7 * (nr - 1) : 7 * nr]) for nr in range(1, 5)) if days else ()
    whole = _week(0, days)
    return Cost(weeks, whole.points, whole.minutes, round(sum(load[-1].waiting for load in loads)))


def _week(number: int, days: Sequence[float]) -> Week:
    points = sum(days) / len(days) if days else 0.0
    return Week(number, round(points), round(points * MINUTES_A_POINT))


def _memories(session: Session, learner_id: int) -> dict[str, list[Memory]]:
    rows = session.execute(
        select(Card.bank_id, Card.stability, Card.difficulty, Card.last_day, Card.due, Card.reps, Card.lapses).where(
            Card.learner_id == learner_id, Card.reps > 0
        )
    )
    found: dict[str, list[Memory]] = {}
    for bank_id, *memory in rows:
        found.setdefault(bank_id, []).append(Memory(*memory))  # type: ignore[arg-type]  # whole where reps > 0
    return found


def _unseen(session: Session, learner_id: int) -> dict[str, int]:
    """By bank, the points that a review could still bring up for the first time."""
    met = (
        select(Card.id)
        .where(
            Card.learner_id == learner_id,
            Card.bank_id == QuestionRow.bank_id,
            Card.point == QuestionRow.point,
            Card.reps > 0,
        )
        .exists()
    )
    rows = session.execute(
        select(QuestionRow.bank_id, func.count(QuestionRow.point.distinct()))
        .where(
            QuestionRow.kind.in_(SCHEDULED),
            QuestionRow.retired_at.is_(None),
            QuestionRow.hidden.is_(False),
            ~met,
        )
        .group_by(QuestionRow.bank_id)
    )
    return {bank_id: count for bank_id, count in rows}
