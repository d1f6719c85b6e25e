"""The reviews in an Anki package: what was answered on which card of ours, and when."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from questions.errors import BadFile, Problem
from questions.formats.apkg_file import open_collection

LARGEST = 32 * 1024 * 1024  # bytes of a file
_MOST_ROWS = 2_000_000  # of the log, other decks' included
_MOST = 100_000  # of ours
_MANUAL, _CRAM = (4, 5), 3  # kinds of a row


@dataclass(frozen=True, slots=True)
class AnkiReview:
    """One row of Anki's log. The card is the one with this number on the note with this GUID."""

    guid: str
    ordinal: int
    reviewed_ms: int
    rating: int  # 1 to 4; 0 when nobody answered
    kind: Literal["review", "crammed", "manual"]


def read_reviews(data: bytes, name: str, guids: Collection[str]) -> list[AnkiReview]:
    """The log of the notes with these GUIDs, in either format.

    Raises BadFile, with a code, for what is no package, is damaged, holds none of these notes or none of their
    reviews.
    """
    with open_collection(data, name) as (_, db):
        notes = {note: guid for note, guid in db.execute("SELECT id, guid FROM notes") if guid in guids}
        if not notes:
            raise BadFile([Problem(name, "", "holds no note of this bank's deck", code="other-bank")])
        cards = {
            card: (notes[note], ordinal)
            for card, note, ordinal in db.execute("SELECT id, nid, ord FROM cards")
            if note in notes
        }
        reviews = list(_reviews(db, name, cards))
    if not reviews:
        raise BadFile([Problem(name, "", "holds no reviews", code="no-reviews")])
    return reviews


def _reviews(db: sqlite3.Connection, name: str, cards: dict[int, tuple[str, int]]) -> Iterator[AnkiReview]:
    seen: set[int] = set()
    rows = db.execute("SELECT id, cid, ease, type, factor FROM revlog")
    for number, (moment, card, rating, kind, factor) in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            raise BadFile([Problem(name, "", f"holds more than {_MOST_ROWS} reviews", code="too-many-reviews")])
        place = cards.get(card)
        if place is None:
            continue
        if len(seen) >= _MOST:
            raise BadFile([Problem(name, "", f"holds more than {_MOST} reviews", code="too-many-reviews")])
        if not all(isinstance(value, int) for value in (moment, rating, kind, factor, place[1])):
            raise _damaged(name, number)
        if moment <= 0 or moment in seen or not 0 <= rating <= 4 or not 0 <= kind <= 127:
            raise _damaged(name, number)
        seen.add(moment)
        guid, ordinal = place
        # What Anki's own scheduler leaves out: a cramming session is a filtered deck that moves no day.
        if rating == 0 or kind in _MANUAL or kind > max(_MANUAL):
            yield AnkiReview(guid, ordinal, moment, rating, "manual")
        elif kind == _CRAM and factor == 0:
            yield AnkiReview(guid, ordinal, moment, rating, "crammed")
        else:
            yield AnkiReview(guid, ordinal, moment, rating, "review")


def _damaged(name: str, number: int) -> BadFile:
    return BadFile([Problem(name, f"review {number}", "is none that Anki writes", code="damaged-reviews")])
