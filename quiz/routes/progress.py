"""What the learner has done."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from quiz.db import reading
from quiz.routes import clock
from quiz.security import current_user
from quiz.services import banks, progress

bp = Blueprint("progress", __name__)


@bp.get("/progress")
def mine() -> ResponseReturnValue:
    """Past sittings and accuracy by topic; an invitation for someone who has none."""
    user = current_user()
    with reading() as session:
        found = progress.progress(session, learner=user, now=clock()) if user else None
        headers = {bank_id: banks.header(session, bank_id) for bank_id in banks.bank_ids(session)}
    topics = {(bank.id, topic.id): topic.name for bank in headers.values() for topic in bank.topics}
    first = next(iter(headers), None)
    return render_template("progress/mine.html", progress=found, banks=headers, topics=topics, first=first)
