"""Whoever learns: what a service needs to know of them, their day, and their turn to write."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from questions.errors import NotFound
from quiz import scheduling
from quiz.models import User

ME: BindParameter[int] = bindparam("me")
_USERS = User.__table__.c
# A row with these is a learner.
OF_LEARNER = tuple(
    _USERS[name]
    for name in (
        "id",
        "time_zone",
        "day_turns_at",
        "retention",
        "fsrs_parameters",
        "new_per_day",
        "reviews_per_day",
    )
)
_MYSELF = select(*OF_LEARNER).where(_USERS.id == ME).with_for_update(key_share=True)


class Learner(Protocol):
    """What a service needs to know of whoever learns."""

    @property
    def id(self) -> int: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def day_turns_at(self) -> int: ...
    @property
    def retention(self) -> float: ...
    @property
    def fsrs_parameters(self) -> scheduling.Parameters: ...
    @property
    def new_per_day(self) -> int: ...
    @property
    def reviews_per_day(self) -> int: ...


def today(learner: Learner, now: datetime) -> int:
    return scheduling.learner_day(now, learner.time_zone, learner.day_turns_at)


def alone(session: Session, learner_id: int) -> None:
    """Let one learner's writes follow one another, so that two sittings at once cannot lose a memory of the other.

    SQLite has one writer at a time as it is.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_MYSELF, {"me": learner_id})


def in_turn(session: Session, learner: Learner) -> Learner:
    """The same, and the learner as they stand once it is their turn: another tab may have saved settings meanwhile.

    A memory that is moved by older ones would not be what its log gives. Raises NotFound for whoever is gone.
    """
    row = session.execute(_MYSELF, {"me": learner.id}).first()
    if row is None:
        raise NotFound("there is no such learner any more")
    return cast(Learner, row)
