"""One learner with the site in one window and the real Anki in the other; days pass for both at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import factories
from anki.collection import Collection, DeckIdLimit, ExportAnkiPackageOptions, ImportAnkiPackageRequest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from export.anki import write_deck
from questions.errors import Conflict
from questions.formats.apkg_reviews import read_reviews
from questions.history import Memory
from questions.responses import Chosen, Judged, Unknown, Written
from quiz.models import Card, ReviewLog
from quiz.services import anki_progress, banks, study
from quiz.services.study.cards import memory_of

DAY_MS = 86_400_000


def zone_here() -> str:
    """A zone with the offset of this machine, by which Anki tells the days."""
    offset = datetime.now().astimezone().utcoffset()
    zones = [
        "UTC",
        *(f"Etc/GMT{hours:+d}" for hours in range(-14, 13)),
        "Asia/Kolkata",
        "Asia/Tehran",
        "Asia/Kathmandu",
    ]
    return next(zone for zone in zones if datetime.now(ZoneInfo(zone)).utcoffset() == offset)


class Site:
    """The site as the learner uses it. What they did lies in the past of the real clock, which Anki reads too."""

    def __init__(self, session: Session, *questions: Any, **learner: Any) -> None:
        self.session = session
        self.now = datetime.now(UTC)
        self.learner = factories.make_learner(session, **{"time_zone": zone_here(), **learner})
        banks.load(session, factories.make_bank(*questions), now=self.now)

    def review(self, dice: Random, *, at: datetime | None = None) -> None:
        """A review of all that is due, some of it missed."""
        now = at or self.now
        try:
            sitting = study.start_review(self.session, "dam", learner=self.learner, now=now)
        except Conflict:
            return
        while (attempt := study.open_attempt(self.session, sitting, learner=self.learner)) is not None:
            now += timedelta(seconds=1)
            question = study.attempt_page(self.session, attempt, learner=self.learner, now=now).question
            response: Any = Unknown()
            if dice.random() < 0.8:
                match question.kind:
                    case "choice":
                        response = Chosen(option=question.key)
                    case "true_false":
                        response = Judged(value=question.key)
                    case _:
                        response = Written(text=question.answer.en)
            study.answer(self.session, attempt, learner=self.learner, response=response, now=now)
            self.session.expire_all()

    def deck(self, path: Path, *, progress: bool = True) -> Path:
        along = anki_progress.progress_of(self.session, "dam", learner=self.learner) if progress else None
        with path.open("wb") as out:
            write_deck(banks.whole(self.session, "dam"), out, lang="en", progress=along)
        return path

    def take(self, path: Path) -> anki_progress.Merged:
        reviews = read_reviews(path.read_bytes(), path.name, anki_progress.guids(self.session, "dam"))
        now = datetime.now(UTC)
        merged = anki_progress.Merged()
        for part in anki_progress.parts(self.session, "dam", reviews, now=now):
            merged += anki_progress.merge(self.session, "dam", part, learner=self.learner)
        self.session.expire_all()
        return merged

    def memories(self) -> dict[str, Memory]:
        rows = self.session.scalars(select(Card).where(Card.reps > 0))
        return {card.point: memory for card in rows if (memory := memory_of(card)) is not None}

    def age(self, days: int = 1) -> None:
        """All that has been is so many days longer ago."""
        log = update(ReviewLog).values(reviewed_ms=ReviewLog.reviewed_ms - days * DAY_MS, day=ReviewLog.day - days)
        self.session.execute(log)
        moved = {name: getattr(Card, name) - days for name in ("last_day", "due", "queue_day")}
        self.session.execute(update(Card).values(moved))
        self.session.expire_all()


class Desk:
    """Anki, with FSRS on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "collection.anki2"
        self.col = Collection(str(self.file))
        self.col.set_config("fsrs", True)
        self.behind = 0  # days that have passed without anybody opening it

    def take(self, path: Path, *, progress: bool = True) -> None:
        options = self.col._backend.get_import_anki_package_presets()
        options.with_scheduling = options.with_deck_configs = progress
        self.col.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options))
        self.col.models._clear_cache()

    def give(self, path: Path, *, legacy: bool = False, scheduling: bool = True) -> Path:
        if self.behind:
            self._catch_up()
        options = ExportAnkiPackageOptions(
            with_scheduling=scheduling, with_deck_configs=False, with_media=False, legacy=legacy
        )
        deck = self.col.decks.id_for_name("Qimma::dam")
        assert deck is not None
        self.col.export_anki_package(out_path=str(path), options=options, limit=DeckIdLimit(deck))
        return path

    def study(self, dice: Random) -> int:
        """Answer all that is asked today, each card once. Returns how many answers that took."""
        if self.behind and self._is_asked():
            self._catch_up()
        deck = self.col.decks.id_for_name("Qimma::dam")
        assert deck is not None
        self.col.decks.select(deck)
        answers, seen = 0, set()
        while (card := self.col.sched.getCard()) is not None:
            if card.id in seen:
                break
            seen.add(card.id)
            self.col.sched.answerCard(card, 1 if dice.random() < 0.2 else dice.choice([2, 3, 3, 3, 4]))  # type: ignore[arg-type]
            answers += 1
        return answers

    def age(self) -> None:
        """All that has been is a day longer ago."""
        self.behind += 1

    def _is_asked(self) -> bool:
        today = self.col.sched.today + self.behind
        return bool(self.col.db.scalar("SELECT 1 FROM cards WHERE queue IN (0, 1) OR queue > 1 AND due <= ?", today))  # type: ignore[union-attr]

    def _catch_up(self) -> None:
        db, days = self.col.db, self.behind
        assert db is not None
        db.execute(
            "UPDATE revlog SET id = -(id - ?)", days * DAY_MS
        )  # over the negative: ids stay unique at every step
        db.execute("UPDATE revlog SET id = -id")
        db.execute("UPDATE col SET crt = crt - ?", days * 86_400)
        db.execute("UPDATE cards SET due = due - ? WHERE queue = 1", days * 86_400)
        last = "data ->> '$.lrt'"
        db.execute(f"UPDATE cards SET data = json_set(data, '$.lrt', {last} - ?) WHERE {last} > 0", days * 86_400)  # noqa: S608
        self.col.close()
        self.col, self.behind = Collection(str(self.file)), 0

    def cards(self) -> dict[str, dict[str, Any]]:
        """What is scheduled, by point."""
        rows = self.col.db.all(  # type: ignore[union-attr]
            "SELECT c.id, c.due, c.ivl, c.type, c.data, n.flds FROM cards c JOIN notes n ON n.id = c.nid"
            " WHERE c.type > 0"
        )
        return {
            flds.split("\x1f")[0]: {"id": card, "due": due, "ivl": days, "type": kind, **json.loads(data)}
            for card, due, days, kind, data, flds in rows
        }

    def rows(self) -> tuple[Any, ...]:
        """Notes, cards and log."""
        tables = ("notes", "cards", "revlog")
        return tuple(self.col.db.all(f"SELECT * FROM {table} ORDER BY id") for table in tables)  # type: ignore[union-attr]  # noqa: S608

    def close(self) -> None:
        self.col.close()
