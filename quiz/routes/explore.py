"""The first page, a bank's page, and the choice of language."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from questions.errors import BadInput
from questions.texts import LANGS
from quiz.db import reading, transaction
from quiz.i18n import COOKIE
from quiz.routes import clock
from quiz.security import current_user, own_path
from quiz.services import accounts, banks, study

bp = Blueprint("explore", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    user, now = current_user(), clock()
    with reading() as session:
        shelves = [
            (banks.header(session, bank_id), banks.holdings(session, bank_id))
            for bank_id in banks.bank_ids(session, public_only=True)
        ]
        going_on = study.open_sitting(session, learner=user) if user else None
        due = {bank.id: study.due_count(session, bank.id, learner=user, now=now) if user else 0 for bank, _ in shelves}
    return render_template(
        "explore/home.html",
        shelves=shelves,
        going_on=going_on,
        due=due,
        review_size=study.REVIEW_SIZE,
        sizes=study.QUIZ_SIZES,
    )


@bp.post("/language")
def language() -> ResponseReturnValue:
    """The interface's language, kept in the browser and with the account."""
    chosen, user = request.form.get("lang", ""), current_user()
    if chosen not in LANGS:
        raise BadInput("lang")
    if user is not None:
        with transaction() as session:
            accounts.set_language(session, user.id, chosen)
    response = redirect(own_path(request.form.get("next")), 303)
    response.set_cookie(
        COOKIE,
        chosen,
        max_age=365 * 86400,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
