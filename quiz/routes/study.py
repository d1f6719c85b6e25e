"""Starting a sitting, a question and its verdict, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from questions.bank import (
    ChoiceQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
)
from questions.errors import BadInput, Conflict
from questions.responses import (
    LONGEST,
    Chosen,
    ChosenMany,
    Judged,
    Matched,
    Ordered,
    Response,
    Shown,
    Unknown,
    Written,
)
from quiz.db import reading, transaction
from quiz.i18n import _, interface_language
from quiz.routes import clock
from quiz.security import current_learner, current_user, open_login, set_login_cookie
from quiz.services import accounts, banks, editing, once, progress, study

bp = Blueprint("study", __name__)


@bp.post("/banks/<bank_id>/quiz")
def start_quiz(bank_id: str) -> ResponseReturnValue:
    size, topic = request.form.get("size", "10"), request.form.get("topic") or None
    if size != "all" and size not in {str(size) for size in study.QUIZ_SIZES}:
        raise BadInput("size")
    count = None if size == "all" else int(size)

    def begin(session: Any, learner: study.Learner) -> int:
        banks.public(session, bank_id)
        filters = study.Filters(topic=topic)
        return study.start_quiz(session, bank_id, learner=learner, count=count, filters=filters, now=clock())

    return _start(begin)


@bp.post("/banks/<bank_id>/review")
def start_review(bank_id: str) -> ResponseReturnValue:
    def begin(session: Any, learner: study.Learner) -> int:
        banks.public(session, bank_id)
        return study.start_review(session, bank_id, learner=learner, now=clock())

    try:
        return _start(begin)
    except Conflict:
        title = _("Nothing is left to review today")
        what = _("Each fact comes back when it is about to be forgotten. A quiz can be taken at any time.")
        return render_template("error.html", status=409, title=title, what=what), 409


@bp.post("/sittings/<int:sitting_id>/missed")
def start_again(sitting_id: int) -> ResponseReturnValue:
    def begin(session: Any, learner: study.Learner) -> int:
        return study.start_again(session, sitting_id, learner=learner, now=clock())

    return _start(begin)


def _start(begin: Callable[[Any, study.Learner], int]) -> ResponseReturnValue:
    """Begin a sitting, once however often the form is sent. Whoever has no login yet becomes a guest."""
    user, key, now = current_user(), request.form.get("form_key", ""), clock()
    owner = user.id if user else once.NOBODY
    with transaction() as session:
        done = once.claim(session, key, owner=owner, now=now)
        if done is not None:
            # A guest's double click: the second answer must sign the browser in as the first did. Never into an
            # account: the same form may be sent again by whoever comes next to this machine.
            signs_in = user is None and not accounts.has_name(session, done.user_id)
            token = open_login(session, done.user_id, now) if signs_in else None
            location = done.location
        else:
            learner: study.Learner
            if user is not None:
                learner, token = user, None
            else:
                guest_id = accounts.new_guest(session, language=interface_language(), now=now)
                learner, token = accounts.learner(session, guest_id), open_login(session, guest_id, now)
            location = url_for("study.sitting", sitting_id=begin(session, learner))
            once.settle(session, key, owner=owner, user_id=learner.id, location=location)
    response = redirect(location, 303)
    return set_login_cookie(response, token) if token else response


@bp.get("/sittings/<int:sitting_id>")
def sitting(sitting_id: int) -> ResponseReturnValue:
    """The open question of a sitting, or its end."""
    learner = current_learner()
    with reading() as session:
        attempt_id = study.open_attempt(session, sitting_id, learner=learner)
        if attempt_id is not None:
            return redirect(url_for("study.attempt", attempt_id=attempt_id), 303)
        summary = progress.summary(session, sitting_id, learner=learner)
        bank = banks.header(session, summary.bank_id)
    return render_template(
        "study/end.html", summary=summary, bank=bank, topics={topic.id: topic.name for topic in bank.topics}
    )


@bp.get("/attempts/<int:attempt_id>")
def attempt(attempt_id: int) -> ResponseReturnValue:
    """A question; after the answer its verdict."""
    with reading() as session:
        page = study.attempt_page(session, attempt_id, learner=current_learner(), now=clock())
        bank = banks.header(session, page.bank_id)
    if (page.answered and page.after is None) or (not page.answered and (page.ended or page.withdrawn)):
        return redirect(url_for("study.sitting", sitting_id=page.sitting_id), 303)
    return render_template("study/question.html", page=page, question=page.question, bank=bank)


@bp.post("/attempts/<int:attempt_id>/answer")
def answer(attempt_id: int) -> ResponseReturnValue:
    learner, now = current_learner(), clock()
    with transaction() as session:
        page = study.attempt_page(session, attempt_id, learner=learner, now=now)
        response = read_response(page.question, page.shown)
        study.answer(
            session,
            attempt_id,
            learner=learner,
            response=response,
            guess=request.form.get("sure") == "guess",
            now=now,
        )
    return redirect(url_for("study.attempt", attempt_id=attempt_id), 303)


@bp.post("/sittings/<int:sitting_id>/finish")
def finish(sitting_id: int) -> ResponseReturnValue:
    with transaction() as session:
        study.finish(session, sitting_id, learner=current_learner(), now=clock())
    return redirect(url_for("study.sitting", sitting_id=sitting_id), 303)


@bp.post("/attempts/<int:attempt_id>/report")
def report(attempt_id: int) -> ResponseReturnValue:
    """Keep "this question is wrong", or "I was right", for the instructor."""
    kind = request.form.get("kind", "")
    if kind not in {"question_wrong", "i_was_right"}:
        raise BadInput("kind")
    with transaction() as session:
        editing.report(
            session,
            attempt_id,
            learner_id=current_learner().id,
            kind=kind,
            note=request.form.get("note", ""),
            now=clock(),
        )
    return redirect(url_for("study.attempt", attempt_id=attempt_id, told=kind), 303)


def read_response(question: Question, shown: Shown) -> Response:
    """The form's answer. Options are named by their place on the page, so that the form tells nothing of the key.

    Raises BadInput on what the page did not offer.
    """
    form = request.form
    if form.get("sure") == "unknown":
        return Unknown()
    try:
        match question:
            case ChoiceQuestion():
                return Chosen(option=_at(shown.order, form.get("option"))) if "option" in form else Unknown()
            case MultiSelectQuestion():
                return ChosenMany(options=tuple(_at(shown.order, place) for place in form.getlist("option")))
            case TrueFalseQuestion():
                if "option" not in form:
                    return Unknown()
                return Judged(value={"1": True, "2": False}[form["option"]])
            case OrderingQuestion():
                places = [int(form.get(f"place-{place}", "0")) for place in range(1, len(shown.order) + 1)]
                if sorted(places) != list(range(1, len(places) + 1)):
                    raise BadInput("each place once")
                return Ordered(
                    items=tuple(
                        name for _place, name in sorted(zip(places, shown.order, strict=True), key=lambda pair: pair[0])
                    )
                )
            case MatchingQuestion():
                return Matched(
                    pairs=tuple(
                        (left, _at(shown.rights, form.get(f"right-{place}")))
                        for place, left in enumerate(shown.order, 1)
                        if form.get(f"right-{place}")
                    )
                )
            case _:
                return Written(text=form.get("text", "")[: LONGEST + 1])
    except (KeyError, ValueError, ValidationError):
        raise BadInput("not among what is shown") from None


def _at(order: tuple[str, ...], place: str | None) -> str:
    """What stands at a place, counted from 1."""
    index = int(place or "0")
    if not 1 <= index <= len(order):
        raise BadInput("no such place")
    return order[index - 1]
