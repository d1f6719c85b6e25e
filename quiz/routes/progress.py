"""What the learner has done, and what is coming."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from questions.errors import NotFound
from questions.history import day_to_date
from quiz.db import reading
from quiz.routes import clock
from quiz.security import current_user
from quiz.services import banks, figures, progress, taking

bp = Blueprint("progress", __name__)
_LAST_PAGE = 10_000


@bp.get("/progress")
def mine() -> ResponseReturnValue:
    """Figures and charts of one bank, and past sittings; an invitation for someone who has none."""
    user, page = current_user(), min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    with reading() as session:
        sat = progress.banks_of(session, learner=user) if user else []
        there = taking.banks_to_practise(session, user, now=clock())
        bank_id = request.args.get("bank") or next(iter([*sat, *there]), None)
        if bank_id is not None and bank_id not in {*sat, *there}:
            raise NotFound("there is no such bank of yours")
        bank = banks.header(session, bank_id) if bank_id else None
        shelf = list(banks.headers(session, sat).values())
        drawn = past = None
        if user is not None and bank_id in sat:
            past = progress.past(session, bank_id, learner=user, now=clock(), page=page)
            drawn = figures.figures(session, bank_id, learner=user, now=clock())
    return render_template(
        "progress/mine.html",
        bank=bank,
        shelf=shelf,
        figures=drawn,
        past=past,
        topics={topic.id: topic.name for topic in bank.topics} if bank else {},
        date_of=day_to_date,
    )
