"""A learner's progress in a deck: for Anki it looks as if the cards had been studied there with FSRS.

A review that moved no memory here goes as one of a cramming session, which Anki's scheduler leaves out: it counts
several reviews of a day, we count the first. The card that asks next carries a point's log; its siblings are suspended.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from questions.anki_ids import places
from questions.bank import Bank
from questions.history import Memory, Progress, Step, Studied, date_to_day

# The tag of a note with cards that are suspended because another one asks. Anki's own updates take it off again,
# so the search that we tell does without it.
PAUSED = "qimma::paused"
_CREATED = 1_411_124_400  # of the collection in the package: genanki's moment
_FIRST_DAY = date_to_day(date(2014, 9, 19))  # its day, as Anki counts with the offset of 0 below
_SUSPENDED, _REVIEW = -1, 2
_LEARNED, _REVIEWED, _CRAMMED = 0, 1, 3  # kinds of a row of the log
_FACTOR = 2500  # the ease of a collection without FSRS
_LONGEST_MS = 60_000  # of an answer, as Anki cuts it off
_STAMP = 1_767_225_600


def add_progress(db: sqlite3.Connection, bank: Bank, progress: Progress, *, preset_id: int) -> None:
    """Write the progress into a filled collection, with a preset for all its decks."""
    db.execute("BEGIN")
    cards = _cards(db, bank)
    changes: list[tuple[object, ...]] = []
    log: list[tuple[object, ...]] = []
    paused: list[_Card] = []
    for point in progress.points:
        card = cards[point.question_id]
        log += _log_rows(card.id, point.steps)
        memory = point.steps[-1].after
        if memory is not None:
            changes.append(_card_change(card, point, memory, progress))
            paused += [cards[other] for other in point.others]
    db.executemany(
        "UPDATE cards SET type = 2, queue = ?, due = ?, ivl = ?, factor = ?, reps = ?, lapses = ?, data = ?"
        " WHERE id = ?",
        changes,
    )
    db.executemany("UPDATE cards SET queue = ? WHERE id = ?", [(_SUSPENDED, card.id) for card in paused])
    db.executemany(
        "UPDATE notes SET tags = tags || ? WHERE id = ?",
        [(f"{PAUSED} ", note) for note in sorted({card.note for card in paused})],
    )
    db.executemany("INSERT INTO revlog VALUES (?, ?, -1, ?, ?, ?, ?, ?, ?)", log)
    _set_up(db, _preset(bank, progress, preset_id))
    db.execute("COMMIT")


class _Card(NamedTuple):
    id: int
    note: int
    queue: int
    place: int  # among the new ones


def _cards(db: sqlite3.Connection, bank: Bank) -> dict[str, _Card]:
    """The card of each question."""
    notes = dict(db.execute("SELECT guid, id FROM notes"))
    cards = {(row[1], row[4]): _Card(*row[:4]) for row in db.execute("SELECT id, nid, queue, due, ord FROM cards")}
    return {
        question.id: cards[notes[note], ordinal]
        for note, ordinal, question in places(bank.id, (entry.question for entry in bank.entries))
    }


def _card_change(card: _Card, point: Studied, memory: Memory, progress: Progress) -> tuple[object, ...]:
    last = max(step.review.reviewed_ms for step in point.steps if step.review.counted)
    data = {
        "pos": card.place,
        "s": round(memory.stability, 4),
        "d": round(memory.difficulty, 3),
        "dr": round(progress.retention, 2),
        "decay": round(progress.parameters[-1], 3),
        "lrt": last // 1000,
    }
    return (
        _SUSPENDED if card.queue == _SUSPENDED else _REVIEW,
        memory.due - _FIRST_DAY,
        memory.due - memory.last_day,
        _FACTOR,
        memory.reps,
        memory.lapses,
        json.dumps(data, separators=(",", ":")),
        card.id,
    )


def _log_rows(card: int, steps: Iterable[Step]) -> Iterator[tuple[object, ...]]:
    before: Memory | None = None
    for step in steps:
        review, after = step.review, step.after
        days, had = _days(after), _days(before)
        took = min(max(step.took_ms, 0), _LONGEST_MS)
        if review.counted and after is not None:
            kind = _REVIEWED if before is not None else _LEARNED
            # Under FSRS Anki notes the difficulty where the ease was, from 100 to 1100.
            row = days, had, round(((after.difficulty - 1) / 9 + 0.1) * 1000), took, kind
        else:
            row = had, had, 0, took, _CRAMMED
        yield review.reviewed_ms, card, int(review.rating), *row
        before = after


def _days(memory: Memory | None) -> int:
    return memory.due - memory.last_day if memory is not None else 0


def _preset(bank: Bank, progress: Progress, preset_id: int) -> dict[str, Any]:
    """Deck options that go on as the site did: its retention and limits, no learning steps, siblings buried."""
    return {
        "id": preset_id,
        "name": bank.deck.rpartition("::")[2],
        "mod": _STAMP,
        "usn": -1,
        "maxTaken": 60,
        "autoplay": True,
        "timer": 0,
        "replayq": True,
        "dyn": False,
        "new": {
            "bury": True,
            "delays": [],
            "initialFactor": _FACTOR,
            "ints": [1, 4, 0],
            "order": 1,
            "perDay": progress.new_per_day,
        },
        "rev": {
            "bury": True,
            "ease4": 1.3,
            "ivlFct": 1,
            "maxIvl": 36_500,
            "perDay": progress.reviews_per_day,
            "hardFactor": 1.2,
        },
        "lapse": {"delays": [], "leechAction": 1, "leechFails": 8, "minInt": 1, "mult": 0},
        "buryInterdayLearning": True,
        "desiredRetention": progress.retention,
        "fsrsParams6": list(progress.parameters),
    }


def _set_up(db: sqlite3.Connection, preset: dict[str, Any]) -> None:
    """What says on which day the collection's days began, and the preset, for each of its decks."""
    settings, decks, presets = (
        json.loads(text) for text in db.execute("SELECT conf, decks, dconf FROM col").fetchone()
    )
    settings |= {"schedVer": 2, "sched2021": True, "creationOffset": 0, "rollover": 4}
    presets[str(preset["id"])] = preset
    for number, deck in decks.items():
        if number != "1":
            deck["conf"] = preset["id"]
    db.execute(
        "UPDATE col SET crt = ?, conf = ?, decks = ?, dconf = ?",
        (_CREATED, json.dumps(settings), json.dumps(decks), json.dumps(presets)),
    )
