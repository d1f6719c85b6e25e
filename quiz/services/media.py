"""Pictures and sounds of a bank: kept once by what they hold, and named by that in the questions that show them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import Bank, Media, Question
from questions.errors import NotFound
from questions.formats.asked import sniff
from quiz.models import MediaRow

# Where a stored question would hold the file's bytes it names them. No base64 text has a colon.
_NAMED = "sha256:"
_MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class File:
    type: str
    data: bytes


def digest_of(item: Media) -> str:
    """By what a picture or sound is asked for, whether its question holds it or names it."""
    if item.data.startswith(_NAMED):
        return item.data.removeprefix(_NAMED)
    return hashlib.sha256(base64.b64decode(item.data)).hexdigest()


def named(question: Question) -> Question:
    """The question with its files named; what is no picture or sound by its content is left out."""
    if not question.media:
        return question
    return question.model_copy(
        update={"media": tuple(_name(item) for item in question.media if item.data.startswith(_NAMED) or _type(item))}
    )


def _name(item: Media) -> Media:
    if item.data.startswith(_NAMED):
        return item
    return item.model_copy(update={"type": _type(item) or item.type, "data": f"{_NAMED}{digest_of(item)}"})


def _type(item: Media) -> str | None:
    return sniff(item.data)


def sound(question: Question) -> list[Media]:
    """The files that a question holds itself, as far as they are kept."""
    return [item for item in question.media if not item.data.startswith(_NAMED) and _type(item)]


def keep(session: Session, bank_id: str, questions: Iterable[Question]) -> list[str]:
    """Store the files that questions hold. Returns the digests of those that were not there."""
    new: list[str] = []
    for item in (item for question in questions for item in sound(question)):
        digest = digest_of(item)
        if session.get(MediaRow, (bank_id, digest)) is None:
            data = base64.b64decode(item.data)
            row = MediaRow(bank_id=bank_id, digest=digest, name=item.name, type=_type(item), data=data)
            session.add(row)
            session.flush()
            session.expunge(row)  # its bytes are not wanted in memory any longer
            new.append(digest)
    return new


def whole(session: Session, bank: Bank) -> Bank:
    """A bank as it leaves: with the files themselves. One that is gone is left out."""
    digests = {
        digest_of(item) for entry in bank.entries for item in entry.question.media if item.data.startswith(_NAMED)
    }
    if not digests:
        return bank
    rows = session.execute(select(MediaRow.digest, MediaRow.data).where(MediaRow.bank_id == bank.id))
    held = {f"{_NAMED}{row.digest}": base64.b64encode(row.data).decode() for row in rows if row.digest in digests}
    entries = tuple(
        entry.model_copy(update={"question": _filled(entry.question, held)}) if entry.question.media else entry
        for entry in bank.entries
    )
    return bank.model_copy(update={"entries": entries})


def _filled(question: Question, held: Mapping[str, str]) -> Question:
    items = (item.model_copy(update={"data": held.get(item.data, item.data)}) for item in question.media)
    return question.model_copy(update={"media": tuple(item for item in items if not item.data.startswith(_NAMED))})


def file(session: Session, bank_id: str, digest: str) -> File:
    """Raises NotFound."""
    row = session.execute(
        select(MediaRow.type, MediaRow.data).where(MediaRow.bank_id == bank_id, MediaRow.digest == digest)
    ).first()
    if row is None:
        raise NotFound("there is no such picture or sound")
    return File(row.type, row.data)


def held(session: Session, bank_id: str) -> dict[str, Media]:
    """A bank's pictures and sounds as its questions would name them, by what they are asked for."""
    rows = session.execute(
        select(MediaRow.digest, MediaRow.name, MediaRow.type)
        .where(MediaRow.bank_id == bank_id)
        .order_by(MediaRow.name, MediaRow.digest)
        .limit(_MOST_LISTED)
    )
    return {row.digest: Media(name=row.name, type=row.type, data=f"{_NAMED}{row.digest}") for row in rows}
