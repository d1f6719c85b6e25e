"""To Anki and back: the deck, with or without a learner's progress, and the reviews that they made there."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from export.anki import write_deck
from questions.errors import BadFile, BadInput, Problem
from questions.formats import apkg_reviews
from questions.texts import LANGS
from quiz.db import reading, transaction
from quiz.i18n import _, interface_language, study_language
from quiz.routes import clock
from quiz.security import count_newcomer, current_user, open_login, set_login_cookie, takes_files
from quiz.services import accounts, anki_progress, banks, study, world

bp = Blueprint("transfers", __name__)
_PIECE = 2**16


@bp.get("/banks/<bank_id>/anki")
def anki_page(bank_id: str) -> ResponseReturnValue:
    """What the deck is, how it gets into Anki, and how reviews come back."""
    return _anki_page(bank_id)


def _anki_page(bank_id: str, *, refused: str = "", exactly: str = "") -> ResponseReturnValue:
    user = current_user()
    with reading() as session:
        bank = world.opened(session, bank_id, user, now=clock())
        held = banks.holdings(session, bank_id)
        remembered = anki_progress.remembered(session, bank_id, user.id) if user else 0
    # What an upload brought, said once more by a reload: the address carries nothing but these numbers.
    told = {name: max(request.args.get(name, 0, int), 0) for name in anki_progress.Merged.__slots__}
    page = render_template(
        "transfers/anki.html",
        bank=bank,
        held=held,
        study=study_language(),
        remembered=remembered,
        told=told if any(told.values()) else None,
        refused=refused,
        exactly=exactly,
        largest=apkg_reviews.LARGEST // 2**20,
    )
    return page, 422 if refused else 200


@bp.get("/banks/<bank_id>/deck.apkg")
def anki_deck(bank_id: str) -> ResponseReturnValue:
    lang = request.args.get("lang", study_language())
    if lang not in LANGS:
        raise BadInput("lang")
    user = current_user()
    with reading() as session:
        world.opened(session, bank_id, user, now=clock())
        bank = banks.whole(session, bank_id)
        along = user is not None and request.args.get("deck") == "progress"
        progress = anki_progress.progress_of(session, bank_id, learner=user) if user and along else None
    out = tempfile.TemporaryFile()  # noqa: SIM115  (closed when it is sent)
    try:
        write_deck(bank, out, lang=lang, address=current_app.config["PUBLIC_URL"] or None, progress=progress)
    except BaseException:
        out.close()
        raise
    response = Response(_sent(out), mimetype="application/octet-stream")
    response.content_length = out.tell()
    response.headers.set("Content-Disposition", "attachment", filename=f"qimma-{bank.id}-{lang}.apkg")
    response.call_on_close(out.close)
    out.seek(0)
    return response


@bp.post("/banks/<bank_id>/anki")
@takes_files(apkg_reviews.LARGEST, of_learners=True)
def bring_reviews(bank_id: str) -> ResponseReturnValue:
    """Take the reviews of a deck that was exported from Anki. Sending it again changes nothing."""
    user, now = current_user(), clock()
    with reading() as session:
        world.opened(session, bank_id, user, now=now)
        guids = anki_progress.guids(session, bank_id)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _anki_page(bank_id, refused=_("No file was chosen."))
    with sent.stream as stream:
        data = stream.read()
    try:
        reviews = apkg_reviews.read_reviews(data, "file", guids)
        with reading() as session:
            parts = anki_progress.parts(session, bank_id, reviews, now=now)
    except BadFile as refusal:
        problem = refusal.problems[0]
        return _anki_page(bank_id, refused=_why(problem), exactly=problem.what)
    learner: study.Learner
    token = None
    if user is not None:
        learner = user
    else:
        with transaction() as session:
            count_newcomer(session, now)
            zone = request.form.get("zone")
            guest_id = accounts.new_guest(session, language=interface_language(), time_zone=zone, now=now)
            learner, token = accounts.learner(session, guest_id), open_login(session, guest_id, now)
    merged = anki_progress.Merged()
    for part in parts:
        with transaction() as session:
            world.opened(session, bank_id, learner, now=now)
            merged += anki_progress.merge(session, bank_id, part, learner=learner)
    counts = {name: count for name in merged.__slots__ if (count := getattr(merged, name))}
    response = redirect(url_for("transfers.anki_page", bank_id=bank_id, **counts, _anchor="told"), 303)
    return set_login_cookie(response, token) if token else response


def _why(problem: Problem) -> str:
    words = {
        "other-bank": _("This file holds no card of this bank's deck."),
        "no-reviews": _(
            "This file holds no review of this deck: nothing of it has been reviewed in Anki yet, "
            "or “Include scheduling information” was not ticked."
        ),
        "too-many-reviews": _("This file holds more reviews than can be taken at once."),
        "future-reviews": _(
            "This file holds reviews of days to come: the clock of the device that made them is wrong."
        ),
        "damaged-reviews": _("This file is damaged: it holds reviews that Anki never writes."),
    }
    if problem.code in words:
        return words[problem.code]
    if re.search(r"is larger than|more than|too many", problem.what):
        return _("The file is too large, or says that it is.")
    return _("This is no Anki package, or it is damaged.")


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    """A file from here to its end; then it is closed."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
