"""Files that leave: the Anki deck."""

from __future__ import annotations

import io

from flask import Blueprint, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue

from export.anki import write_deck
from questions.errors import BadInput
from questions.texts import LANGS
from quiz.db import reading
from quiz.i18n import study_language
from quiz.routes import clock
from quiz.security import current_user
from quiz.services import banks, world

bp = Blueprint("transfers", __name__)


@bp.get("/banks/<bank_id>/anki")
def anki_page(bank_id: str) -> ResponseReturnValue:
    """What the deck is, and how it gets into Anki."""
    with reading() as session:
        bank = world.opened(session, bank_id, current_user(), now=clock())
        held = banks.holdings(session, bank_id)
    return render_template("transfers/anki.html", bank=bank, held=held, study=study_language())


@bp.get("/banks/<bank_id>/deck.apkg")
def anki_deck(bank_id: str) -> ResponseReturnValue:
    lang = request.args.get("lang", study_language())
    if lang not in LANGS:
        raise BadInput("lang")
    with reading() as session:
        world.opened(session, bank_id, current_user(), now=clock())
        bank = banks.whole(session, bank_id)
    out = io.BytesIO()
    write_deck(bank, out, lang=lang, address=current_app.config["PUBLIC_URL"] or None)
    out.seek(0)
    return send_file(
        out,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"qimma-{bank.id}-{lang}.apkg",
    )
