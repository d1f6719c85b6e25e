"""Starting a sitting, a question and its verdict, the end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast, get_args

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from questions.bank import (
    KINDS,
    ChoiceQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
)
from questions.errors import BadInput, Conflict, NotFound
from questions.gloss import gloss
from questions.history import Rating
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
from quiz.i18n import _, interface_language, study_language
from quiz.routes import clock
from quiz.security import count_newcomer, current_learner, current_user, open_login, set_login_cookie
from quiz.services import accounts, banks, editing, once, progress, study, taking

bp = Blueprint("study", __name__)


@bp.post("/banks/<bank_id>/quiz")
def start_quiz(bank_id: str) -> ResponseReturnValue:
    size = _one_of("size", ("all", *map(str, study.QUIZ_SIZES))) or "10"
    minutes = _one_of("minutes", tuple(map(str, study.MINUTES)))
    feedback = cast(study.Feedback, _one_of("feedback", get_args(study.Feedback)) or "each")
    filters = study.Filters(
        topic=request.form.get("topic") or None,
        kind=_one_of("kind", KINDS),
        only=cast(study.Only | None, _one_of("only", get_args(study.Only))),
        fact=request.form.get("fact") or None,
        point=request.form.get("point") or None,
    )

    def begin(session: Any, learner: study.Learner) -> int:
        bank = taking.bank_to_practise(session, bank_id, learner, now=clock())
        if filters.topic is not None and filters.topic not in {topic.id for topic in bank.topics}:
            raise NotFound("there is no such topic")
        return study.start_quiz(
            session,
            bank_id,
            learner=learner,
            count=None if size == "all" else int(size),
            filters=filters,
            feedback=feedback,
            minutes=int(minutes) if minutes else None,
            now=clock(),
        )

    try:
        return _start(begin)
    except Conflict:
        title = _("No question fits these choices")
        what = _("Nothing was begun. With fewer conditions there is more to ask.")
        return render_template("error.html", status=409, title=title, what=what), 409


def _one_of(name: str, offered: Collection[str]) -> str | None:
    """A field of the form that was left empty, or holds one of what was offered. Raises BadInput."""
    value = request.form.get(name) or None
    if value is not None and value not in offered:
        raise BadInput(name)
    return value


@bp.post("/banks/<bank_id>/review")
def start_review(bank_id: str) -> ResponseReturnValue:
    def begin(session: Any, learner: study.Learner) -> int:
        taking.bank_to_practise(session, bank_id, learner, now=clock())
        more = request.form.get("more") == "1"
        return study.start_review(session, bank_id, learner=learner, more=more, now=clock())

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
                count_newcomer(session, now)
                zone = request.form.get("zone")
                guest_id = accounts.new_guest(session, language=interface_language(), time_zone=zone, now=now)
                learner, token = accounts.learner(session, guest_id), open_login(session, guest_id, now)
            location = url_for("study.sitting", sitting_id=begin(session, learner))
            once.settle(session, key, owner=owner, user_id=learner.id, location=location)
    response = redirect(location, 303)
    return set_login_cookie(response, token) if token else response


@bp.get("/sittings/<int:sitting_id>")
def sitting(sitting_id: int) -> ResponseReturnValue:
    """The open question of a sitting, or its end."""
    learner, now = current_learner(), clock()
    with reading() as session:
        standing = study.standing(session, sitting_id, learner=learner, now=now)
        if standing.over:
            return render_template("study/over.html", sitting_id=sitting_id)
        if standing.attempt_id is not None:
            return redirect(url_for("study.attempt", attempt_id=standing.attempt_id), 303)
        if standing.withheld_until is not None:
            return render_template("study/kept_back.html", until=standing.withheld_until)
        summary = progress.summary(session, sitting_id, learner=learner)
        end = study.end_of(session, sitting_id, learner=learner, now=now)
        bank = banks.header(session, summary.bank_id)
    return render_template(
        "study/end.html", summary=summary, end=end, bank=bank, topics={topic.id: topic.name for topic in bank.topics}
    )


@bp.get("/attempts/<int:attempt_id>")
def attempt(attempt_id: int) -> ResponseReturnValue:
    """A question; after the answer its verdict."""
    with reading() as session:
        page = study.attempt_page(session, attempt_id, learner=current_learner(), now=clock())
    shut = page.ended or page.withdrawn or page.over
    if (page.answered and page.after is None) or (not page.answered and shut):
        return redirect(url_for("study.sitting", sitting_id=page.sitting_id), 303)
    asked = page.after is None and len(page.bank.languages) > 1
    other = gloss(page.question, study_language()) if asked else None
    return render_template("study/question.html", page=page, question=page.question, bank=page.bank, gloss=other)


@bp.post("/attempts/<int:attempt_id>/answer")
def answer(attempt_id: int) -> ResponseReturnValue:
    learner, now = current_learner(), clock()
    with transaction() as session:
        outcome = study.answer(
            session,
            attempt_id,
            learner=learner,
            response=read_response,
            guess=request.form.get("sure") == "guess",
            now=now,
        )
    if outcome.late or (outcome.withheld and outcome.next_id is None):
        return redirect(url_for("study.sitting", sitting_id=outcome.sitting_id), 303)
    return redirect(url_for("study.attempt", attempt_id=outcome.next_id if outcome.withheld else attempt_id), 303)


@bp.post("/attempts/<int:attempt_id>/undo")
def undo(attempt_id: int) -> ResponseReturnValue:
    with transaction() as session:
        reopened = study.undo(session, attempt_id, learner=current_learner(), now=clock())
    return redirect(url_for("study.attempt", attempt_id=reopened), 303)


@bp.post("/attempts/<int:attempt_id>/rating")
def rating(attempt_id: int) -> ResponseReturnValue:
    """Correct what the schedule was told of an answer."""
    chosen = _one_of("rating", tuple(str(int(one)) for one in Rating))
    if chosen is None:
        raise BadInput("rating")
    with transaction() as session:
        study.rate(session, attempt_id, Rating(int(chosen)), learner=current_learner(), now=clock())
    return redirect(url_for("study.attempt", attempt_id=attempt_id), 303)


@bp.post("/attempts/<int:attempt_id>/star")
def star(attempt_id: int) -> ResponseReturnValue:
    """Star the question of an attempt, or take its star away."""
    on, learner = _one_of("on", ("0", "1")), current_learner()
    if on is None:
        raise BadInput("on")
    with transaction() as session:
        page = study.attempt_page(session, attempt_id, learner=learner, now=clock())
        study.star(session, page.bank.id, page.question.id, learner=learner, on=on == "1", now=clock())
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
    learner, now = current_learner(), clock()
    with transaction() as session:
        editing.report(
            session, attempt_id, learner_id=learner.id, kind=kind, note=request.form.get("note", ""), now=now
        )
        if kind == "i_was_right":
            study.claim_right(session, attempt_id, learner=learner, now=now)
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
