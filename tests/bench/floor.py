"""The floor beside the site: the bare minimum that does the same work.

Flask, the same form token, raw `sqlite3` statements, one FSRS step, one durable commit, the next question, and the same
page through the same templates.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import fsrs
from flask import Flask, g, redirect, render_template, request, url_for

from questions import generate
from questions.bank import Bank
from questions.grading import Verdict
from questions.history import Rating
from questions.responses import Chosen, Shown
from quiz import create_app, db, security
from quiz.ids import new_id
from quiz.services import banks
from quiz.services.stored import parse
from quiz.services.study.pages import After, AttemptPage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def filled(folder: Path) -> None:
    """A database in which everything that is asked is multiple choice."""
    folder.mkdir(exist_ok=True)
    engine = db.make_engine(f"sqlite:///{folder / db.DATABASE_FILE}")
    db.upgrade(engine)
    book, bank = generate.from_folder(generate.packaged())
    choices = tuple(entry for entry in bank.entries if entry.question.kind == "choice")
    with db.transaction(engine) as session:
        banks.load(session, bank.model_copy(update={"entries": choices}), book=book, now=datetime.now(UTC))
    engine.dispose()


def site(folder: Path) -> Flask:
    return create_app({"DATA_DIR": str(folder)})


def connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Raw(threading.local):
    """A connection for each thread."""

    def __init__(self, file: Path) -> None:
        connection = connect(file)
        connection.row_factory = sqlite3.Row
        self.execute = connection.execute


def floor(folder: Path) -> Flask:
    """The site's own address, token check, headers and templates, with raw statements in place of all the rest."""
    app = site(folder)
    raw = _Raw(folder / db.DATABASE_FILE)
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    app.before_request_funcs[None] = [_log_in(raw), security.csrf.protect]
    app.wsgi_app = app.wsgi_app.app  # type: ignore[attr-defined]  # without the one that follows redirects for the script

    def answer(attempt_id: int):  # type: ignore[no-untyped-def]
        me, now = g.user.id, datetime.now(UTC)
        with _transaction(raw):
            row = raw.execute(
                "SELECT a.*, s.plan, s.planned FROM attempts a JOIN sittings s ON s.learner_id = a.learner_id"
                " AND s.id = a.sitting_id WHERE a.learner_id = ? AND a.id = ? AND a.answered_at IS NULL",
                (me, attempt_id),
            ).fetchone()
            shown, plan = json.loads(row["shown"]), json.loads(row["plan"])
            question = _question(raw, row["bank_id"], row["question_id"], shown["revision"])
            chosen = shown["order"][int(request.form["option"]) - 1]
            right = chosen == question.key
            raw.execute(
                "UPDATE attempts SET answered_at = ?, response = ?, outcome = ?, share = ?, guess = 0"
                " WHERE learner_id = ? AND id = ?",
                (now.isoformat(" "), json.dumps({"kind": "choice", "option": chosen}), "right" if right else "wrong",
                 float(right), me, attempt_id),
            )  # fmt: skip
            card = raw.execute(
                "SELECT * FROM cards WHERE learner_id = ? AND bank_id = ? AND point = ?",
                (me, row["bank_id"], question.point),
            ).fetchone()
            day = (now - EPOCH).days
            at = EPOCH + timedelta(days=day)
            rating = fsrs.Rating.Good if right else fsrs.Rating.Again
            after, _ = scheduler.review_card(fsrs.Card(card_id=1, due=at), rating, at)
            due = (after.due - EPOCH).days
            card_id = card["id"] if card else new_id()
            if card is None:
                raw.execute(
                    "INSERT INTO cards (learner_id, id, bank_id, point, stability, difficulty, last_day, due,"
                    " queue_day, reps, lapses) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)",
                    (me, card_id, row["bank_id"], question.point, after.stability, after.difficulty, day, due, due),
                )
            (last,) = raw.execute("SELECT max(reviewed_ms) FROM review_log WHERE learner_id = ?", (me,)).fetchone()
            raw.execute(
                "INSERT INTO review_log (learner_id, id, card_id, attempt_id, question_id, reviewed_ms, day, rating,"
                " counted, guess, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 'quiz')",
                (me, new_id(), card_id, attempt_id, question.id,
                 max(int(now.timestamp() * 1000), (last or 0) + 1), day, int(rating)),
            )  # fmt: skip
            if row["place"] + 1 < len(plan):
                found = raw.execute(
                    "SELECT number, body FROM questions WHERE bank_id = ? AND id = ? AND retired_at IS NULL",
                    (row["bank_id"], plan[row["place"] + 1]),
                ).fetchone()
                following = _question(raw, row["bank_id"], plan[row["place"] + 1], found["number"])
                order = sorted(
                    (option.id for option in following.options),
                    key=lambda name: hashlib.sha256(f"{attempt_id}{name}".encode()).digest(),
                )
                raw.execute(
                    "INSERT INTO attempts (learner_id, id, sitting_id, place, bank_id, question_id, topic, kind,"
                    " practice, shown, shown_at, guess) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0)",
                    (me, new_id(), row["sitting_id"], row["place"] + 1, row["bank_id"], following.id,
                     following.topic, following.kind,
                     json.dumps({"revision": found["number"], "order": order, "rights": []}), now.isoformat(" ")),
                )  # fmt: skip
        return redirect(url_for("study.attempt", attempt_id=attempt_id), 303)

    def attempt(attempt_id: int):  # type: ignore[no-untyped-def]
        me = g.user.id
        with _transaction(raw, "BEGIN"):
            row = raw.execute(
                "SELECT a.*, s.planned, c.queue_day FROM attempts a JOIN sittings s ON s.learner_id = a.learner_id"
                " AND s.id = a.sitting_id LEFT JOIN review_log r ON r.learner_id = a.learner_id AND r.attempt_id = a.id"
                " LEFT JOIN cards c ON c.learner_id = r.learner_id AND c.id = r.card_id"
                " WHERE a.learner_id = ? AND a.id = ?",
                (me, attempt_id),
            ).fetchone()
            shown = json.loads(row["shown"])
            question = _question(raw, row["bank_id"], row["question_id"], shown["revision"])
            answered = row["answered_at"] is not None
            following = raw.execute(
                "SELECT id FROM attempts WHERE learner_id = ? AND sitting_id = ? AND answered_at IS NULL",
                (me, row["sitting_id"]),
            ).fetchone()
            bank = _bank(raw, row["bank_id"])
        page = AttemptPage(
            id=attempt_id,
            sitting_id=row["sitting_id"],
            sitting_kind="quiz",
            bank=bank,
            number=row["place"] + 1,
            planned=row["planned"],
            practice=False,
            question=question,
            shown=Shown(revision=shown["revision"], order=tuple(shown["order"])),
            answered=answered,
            withdrawn=False,
            ended=following is None,
            withheld=False,
            closes_at=None,
            minutes_left=None,
            over=False,
            starred=False,
            after=After(
                response=Chosen(option=json.loads(row["response"])["option"]),
                verdict=Verdict(row["outcome"], row["share"]),
                guess=False,
                comes_back=row["queue_day"] - (datetime.now(UTC) - EPOCH).days,
                again_here=False,
                asked_before=False,
                difficult=False,
                rating=Rating.GOOD if row["share"] else Rating.AGAIN,
                ratings=(Rating.HARD, Rating.GOOD, Rating.EASY) if row["share"] else (),
                can_undo=False,
                next_id=following["id"] if following else None,
                change=None,
                decision=None,
                passages={},
            )
            if answered
            else None,
        )
        return render_template("study/question.html", page=page, question=question, bank=bank, gloss=None)

    app.view_functions |= {"study.answer": answer, "study.attempt": attempt}
    return app


def _log_in(raw: _Raw):  # type: ignore[no-untyped-def]
    def load() -> None:
        token = hashlib.sha256(request.cookies["qimma_login"].encode()).hexdigest()
        row = raw.execute(
            "SELECT u.* FROM users u JOIN logins l ON l.user_id = u.id WHERE l.token_hash = ? AND l.expires_at > ?",
            (token, datetime.now(UTC).isoformat(" ")),
        ).fetchone()
        g.user = security.CurrentUser(**{name: row[name] for name in security.CurrentUser.__slots__})

    return load


@contextmanager
def _transaction(raw: _Raw, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    raw.execute(begin)
    yield
    raw.execute("COMMIT")


_parsed: dict[tuple[str, str, int], object] = {}


def _question(raw: _Raw, bank_id: str, question_id: str, number: int):  # type: ignore[no-untyped-def]
    key = (bank_id, question_id, number)
    if key not in _parsed:
        (body,) = raw.execute(
            "SELECT body FROM question_revisions WHERE bank_id = ? AND question_id = ? AND number = ?", key
        ).fetchone()
        _parsed[key] = parse(body)
    return _parsed[key]


@cache
def _bank(raw: _Raw, bank_id: str) -> Bank:
    (header,) = raw.execute("SELECT header FROM banks WHERE id = ?", (bank_id,)).fetchone()
    return Bank.model_validate_json(header)
