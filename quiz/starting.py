"""What a start does before the site serves. Several hosts, or processes, may start at once on one database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from questions.bank import Bank
from questions.factbook import FactBook
from quiz import db, security
from quiz.services import accounts, banks, leaving, stored, uploads


def bring_up_to_date(engine: Engine) -> None:
    """The schema that this program needs. A newer one is left as it is: the version before serves on with it."""
    with db.alone(engine):
        if db.current_revision(engine) != db.newest_revision() and not db.is_newer(engine):
            db.upgrade(engine, then=stored.fill)


def load(
    engine: Engine,
    book: FactBook,
    bank: Bank,
    *,
    packaged: bool,
    now: datetime,
    tick: Callable[[], None] = lambda: None,
) -> banks.Loaded:
    with db.alone(engine), db.transaction(engine) as session:
        return banks.load(session, bank, book=book, packaged=packaged, now=now, tick=tick)


def first_link(engine: Engine, *, now: datetime, hours: int) -> tuple[str, str] | None:
    """Make the first administrator: their name, and the token of a link that signs them in. None where there is one."""
    with db.alone(engine), db.transaction(engine) as session:
        made = accounts.first_instructor(session, now=now)
        return (made[1], security.make_link(session, made[0], now=now, hours=hours)) if made else None


def sweep(engine: Engine, *, now: datetime) -> int:
    """Delete guests of whom nothing is left to come, and files that nobody brought in. Returns how many guests."""
    with db.alone(engine):
        with db.transaction(engine) as session:
            uploads.sweep(session, now=now)
        total = 0
        while True:
            with db.transaction(engine) as session:  # one a batch: nobody waits long
                swept = leaving.sweep(session, now=now)
            total += swept
            if not swept:
                return total
