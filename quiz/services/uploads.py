"""Files between their preview and the word to bring them in: kept here, since no browser is trusted with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from questions.errors import NotFound
from questions.formats.incoming import language_of
from questions.texts import Bilingual
from quiz.ids import new_id
from quiz.models import Upload
from quiz.services import importing
from quiz.services.laying import Write
from quiz.services.teaching import Person, bank_to_edit

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    id: int
    bank_id: str | None
    name: str
    title: str | None
    data: bytes


def keep(
    session: Session, user_id: int, data: bytes, *, name: str, bank_id: str | None, title: str | None, now: datetime
) -> int:
    """One a person: a newer file takes the older one's place. Returns its id."""
    session.execute(delete(Upload).where((Upload.user_id == user_id) | (Upload.at < now - KEPT)))
    row = Upload(
        id=new_id(), user_id=user_id, bank_id=bank_id, name=name[:200], title=title and title[:200], data=data, at=now
    )
    session.add(row)
    session.flush()
    session.expunge(row)
    return row.id


def of(session: Session, upload_id: int, user_id: int) -> Kept:
    """Raises NotFound."""
    row = session.execute(
        select(Upload.id, Upload.bank_id, Upload.name, Upload.title, Upload.data).where(
            Upload.id == upload_id, Upload.user_id == user_id
        )
    ).first()
    if row is None:
        raise NotFound("there is no such file of yours")
    return Kept(row.id, row.bank_id, row.name, row.title, row.data)


def planned(
    session: Session,
    kept: Kept,
    brought: importing.Brought,
    user: Person,
    *,
    writers: Mapping[str, Write],
    leave: bool = False,
) -> importing.Plan:
    """What would come of a file by someone who may still change the bank. Raises NotFound.

    The file is read before: no transaction waits for that.
    """
    if kept.bank_id is not None:
        bank_to_edit(session, kept.bank_id, user)
    title = Bilingual(**{language_of(kept.title): kept.title}) if kept.title else None
    return importing.plan(session, brought, bank_id=kept.bank_id, title=title, writers=writers, leave=leave)


def drop(session: Session, upload_id: int, user_id: int) -> None:
    """Once: whoever drops it a second time, or at the same moment, raises NotFound."""
    gone = session.execute(
        delete(Upload).where(Upload.id == upload_id, Upload.user_id == user_id).returning(Upload.id)
    ).scalar()
    if gone is None:
        raise NotFound("there is no such file of yours")


def sweep(session: Session, *, now: datetime) -> int:
    """Files that nobody decided on in a day. Returns how many."""
    gone = session.execute(delete(Upload).where(Upload.at < now - KEPT).returning(Upload.id)).all()
    return len(gone)
