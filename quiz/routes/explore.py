"""The first page, a bank's page, and the choice of language."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from questions.errors import BadInput
from questions.texts import LANGS
from quiz.db import reading, transaction
from quiz.i18n import remember_language
from quiz.routes import clock
from quiz.security import current_user, own_path
from quiz.services import accounts, assignments, banks, classes, study, taking, world

bp = Blueprint("explore", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    user, now = current_user(), clock()
    with reading() as session:
        shelves = [
            (banks.header(session, bank_id), banks.holdings(session, bank_id))
            for bank_id in taking.banks_to_practise(session, user, now=now)
        ]
        going_on = study.open_sitting(session, learner=user) if user else None
        portions = {bank.id: study.portion(session, bank.id, learner=user, now=now) for bank, _ in shelves if user}
        assigned = assignments.waiting_for(session, learner=user, now=now) if user else []
        in_classes = classes.of_student(session, user.id) if user else []
        kinds = {bank.id: study.kinds_in(session, bank.id) for bank, _ in shelves}
        # Only a class keeps a bank from anyone.
        shut = {bank.id for bank, _ in shelves if in_classes and not world.may_look(session, bank.id, user, now=now)}
    return render_template(
        "explore/home.html",
        shelves=shelves,
        going_on=going_on,
        over=going_on is not None and study.is_over(going_on.closes_at, now),
        portions=portions,
        assigned=assigned,
        classes=in_classes,
        kinds=kinds,
        shut=shut,
        sizes=study.QUIZ_SIZES,
        limits=study.MINUTES,
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
    remember_language(response, chosen, secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response
