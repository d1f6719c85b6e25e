"""A student's side of a class: joining with a name and a PIN, the class's page, beginning what was assigned."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadInput, Conflict, NotFound
from quiz.db import reading, transaction
from quiz.i18n import _, interface_language
from quiz.routes import clock
from quiz.security import (
    close_login,
    count_try,
    count_wrong_code,
    current_learner,
    current_user,
    forget,
    guesses_codes,
    open_login,
    room_subjects,
    set_login_cookie,
)
from quiz.services import accounts, assignments, banks, classes, once

bp = Blueprint("joining", __name__)


def _by_code(session: Any, code: str) -> Any:
    """The class of a join code. Raises NotFound; whoever tries many that are none is refused for a while."""
    now = clock()
    if guesses_codes(session, now):
        abort(429)
    try:
        return classes.by_code(session, code)
    except NotFound:
        session.rollback()  # it may only read, and has to make room
        with transaction() as counting:
            count_wrong_code(counting, now)
        raise


@bp.get("/join")
def ask_code() -> ResponseReturnValue:
    """Where someone types the code that stands on the board."""
    code = request.args.get("code", "").strip()
    if not code:
        return render_template("classes/code.html", code="", fault=None)
    try:
        with reading() as session:
            row = _by_code(session, code)
            return redirect(url_for("joining.join", code=row.join_code), 303)
    except NotFound:
        fault = _("No class has this code. Look at it again: it has six letters and digits.")
        return render_template("classes/code.html", code=code[:20], fault=fault), 404


@bp.get("/join/<code>")
def join(code: str) -> ResponseReturnValue:
    """The door of a class. Whoever is in it already goes through."""
    user = current_user()
    with reading() as session:
        class_id = _by_code(session, code).id
        inside = user is not None and class_id in dict(classes.of_student(session, user.id))
    return redirect(url_for("joining.page", class_id=class_id), 303) if inside else _join_page(code)


def _faults() -> dict[str, str]:
    return {
        "name": _("A name has 2 to 60 letters."),
        "pin": _("A PIN has 4 to 12 digits."),
        "number": _("A student number that somebody else in the class has, or one that is too long."),
        "apart": _("Name and PIN do not go together."),
        "several": _("Several students have this name and this PIN. The student number tells them apart."),
        "namesake": _(
            "Someone of this name is in the class already. If that is you, come back with your PIN; if not, add your "
            "student number, and both are told apart."
        ),
        "shut": _("This class takes nobody new any more."),
        "often": _("Too many attempts. Wait a quarter of an hour, then try again."),
    }


def _join_page(code: str, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    user, form = current_user(), request.form
    with reading() as session:
        row = _by_code(session, code)
        guest = user is not None and user.is_guest
        answers = accounts.answers_of(session, user.id) if user is not None and guest else 0
        page = render_template(
            "classes/join.html",
            row=row,
            fault=_faults().get(fault or ""),
            at=fault,
            name=form.get("name", "")[:60],
            number=form.get("number", "")[:40],
            answers=answers,
            named=user is not None and not user.is_guest,
        )
        return page, status


@bp.post("/join/<code>")
def enter(code: str) -> ResponseReturnValue:
    """Come in: as someone new, as someone who has been here, or with the account that one is signed in with."""
    user, now = current_user(), clock()
    with reading() as session:
        class_id = _by_code(session, code).id
    if user is not None and not user.is_guest and request.form.get("do") == "join":
        try:
            with transaction() as session:
                classes.join(session, class_id, user_id=user.id, name=user.login_name or "", now=now)
        except Conflict:
            return _join_page(code, "shut", 409)
        return redirect(url_for("joining.page", class_id=class_id), 303)
    return _by_name(code, class_id)


def _by_name(code: str, class_id: int) -> ResponseReturnValue:
    form, now = request.form, clock()
    name, new = form.get("name", "")[:200], form.get("do") == "new"
    try:
        pin = classes.pin_text(form.get("pin", ""))
        number = classes.checked_number(form.get("number"))
    except BadInput as fault:
        return _join_page(code, str(fault), 422)
    with transaction() as session:
        tries = count_try(session, room_subjects(classes.door_key(class_id, name)), now)
        found = classes.namesakes(session, class_id, name)
    if tries is None:
        return _join_page(code, "often", 429)
    # Outside of a transaction: it takes long. Another's number is no slip: it says that this is another student.
    fitting = [one for one in found if accounts.fits(one.who, pin) and (number is None or one.number in {None, number})]
    if len(fitting) > 1:
        fitting = [one for one in fitting if number is not None and one.number == number]
        if len(fitting) != 1:
            return _join_page(code, "several", 422)
    if not fitting and not new:
        return _join_page(code, "apart", 422)
    if fitting:
        with transaction() as session:
            forget(session, tries)
        return _sign_in(class_id, fitting[0].who)
    there = [one for one in found if one.who.user_id is not None]
    if there and (number is None or number in {one.number for one in there}):
        return _join_page(code, "namesake", 422)
    return _sign_up(code, class_id, name, pin, number, tries[:1])


def _sign_in(class_id: int, who: accounts.Known) -> ResponseReturnValue:
    user, now = current_user(), clock()
    with transaction() as session:
        if who.user_id is None or not accounts.still(session, who):
            raise Conflict("the PIN was changed meanwhile")
        _bring(session, who.user_id, user.id if user is not None and user.is_guest else None)
        close_login(session)
        accounts.live_where(session, who.user_id, request.form.get("zone"))
        token = open_login(session, who.user_id, now)
    return set_login_cookie(redirect(url_for("joining.page", class_id=class_id), 303), token)


def _sign_up(
    code: str, class_id: int, name: str, pin: str, number: str | None, tries: list[int]
) -> ResponseReturnValue:
    """`tries` are those of the name: they ended well. Those of the address stay counted, as accounts are made."""
    user, now = current_user(), clock()
    try:
        made = classes.new_student(name, pin, number)
        with transaction() as session:
            user_id = classes.enrol(session, class_id, made, language=interface_language(), now=now)
            forget(session, tries)
            _bring(session, user_id, user.id if user is not None and user.is_guest else None)
            close_login(session)
            accounts.live_where(session, user_id, request.form.get("zone"))
            token = open_login(session, user_id, now)
    except BadInput as fault:
        return _join_page(code, str(fault), 422)
    except Conflict:
        return _join_page(code, "shut", 409)
    return set_login_cookie(redirect(url_for("joining.page", class_id=class_id), 303), token)


def _bring(session: Any, user_id: int, guest_id: int | None) -> None:
    if guest_id is not None and request.form.get("bring") == "yes":
        accounts.bring_guest(session, guest_id, into=user_id)


@bp.get("/classes/<int:class_id>")
def page(class_id: int) -> ResponseReturnValue:
    """A class as its student sees it."""
    learner, now = current_learner(), clock()
    with reading() as session:
        turns = assignments.turns(session, class_id, learner=learner, now=now)
        name = dict(classes.of_student(session, learner.id))[class_id]
        titles = {turn.bank_id: banks.header(session, turn.bank_id).title for turn in turns}
        return render_template("classes/mine.html", name=name, turns=turns, titles=titles)


@bp.post("/assignments/<int:assignment_id>/start")
def start(assignment_id: int) -> ResponseReturnValue:
    """Begin an assignment, or go on with it; a double click begins it once."""
    learner, now, key = current_learner(), clock(), request.form.get("form_key", "")
    try:
        with transaction() as session:
            done = once.claim(session, key, owner=learner.id, now=now)
            if done is not None:
                return redirect(done.location, 303)
            sitting_id = assignments.start(session, assignment_id, learner=learner, now=now)
            location = url_for("study.sitting", sitting_id=sitting_id)
            once.settle(session, key, owner=learner.id, user_id=learner.id, location=location)
    except Conflict:
        title = _("This assignment cannot be begun now")
        what = _("Its time is over or has not come, or every attempt is used. The class's page says which.")
        return render_template("error.html", status=409, title=title, what=what), 409
    return redirect(location, 303)
