"""An instructor's classes: making one, who is in it, PIN cards, and giving it something to do."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as form_cookie
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from export.qr import qr_svg
from questions.bank import KINDS
from questions.errors import BadFile, BadInput, Conflict
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock
from quiz.security import current_learner, forget_name, instructors_only
from quiz.services import accounts, assignments, banks, classes, once, roster, study, teaching
from quiz.services.results import single

bp = Blueprint("classes", __name__, url_prefix="/teach/classes")


@bp.get("/")
@instructors_only
def listed() -> ResponseReturnValue:
    return _list_page()


def _list_page(fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        found = classes.taught_by(session, current_learner())
    return render_template("classes/list.html", classes=found, fault=fault), status


@bp.post("/")
@instructors_only
def make() -> ResponseReturnValue:
    user, now, key = current_learner(), clock(), request.form.get("form_key", "")
    name = request.form.get("name", "")
    if not 1 <= len(" ".join(name.split())) <= 120:
        return _list_page(_("A class needs a name of at most 120 letters."), 422)
    with transaction() as session:
        done = once.claim(session, key, owner=user.id, now=now)
        if done is not None:
            return redirect(done.location, 303)
        location = url_for("classes.page", class_id=classes.make(session, name, user=user, now=now))
        once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    return redirect(location, 303)


def outside() -> str | None:
    """The address by which others reach the site; None where its own is none, or one of this computer alone."""
    address: str = current_app.config["PUBLIC_URL"].rstrip("/")
    host = urlsplit(address).hostname or ""
    try:
        inside = ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        inside = host in {"", "localhost"} or host.endswith(".localhost")
    return None if inside else address


def join_address(code: str | None) -> str | None:
    """The address by which a phone reaches a class; None where there is none."""
    address = outside()
    return address + url_for("joining.join", code=code) if code is not None and address is not None else None


@bp.get("/<int:class_id>")
@instructors_only
def page(class_id: int) -> ResponseReturnValue:
    return _class_page(class_id)


def _class_page(class_id: int, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    user, now = current_learner(), clock()
    with reading() as session:
        row = teaching.class_of(session, class_id, user)
        students = classes.students(session, class_id)
        begun = assignments.begun_in(session, class_id)
        given = [(one, begun.get(one.id, 0)) for one in assignments.of_class(session, class_id)]
        left = classes.left(session, class_id)
        entries = teaching.entries(session, class_id=class_id)
        address = join_address(row.join_code)
        shown = render_template(
            "classes/page.html",
            row=row,
            students=students,
            given=given,
            withdrawn=assignments.of_class(session, class_id, withdrawn=True),
            left=left,
            teachers=classes.teachers(session, class_id),
            invited=shown_link(f"class-{class_id}"),
            entries=entries,
            names={**dict(left), **{student.user_id: student.name for student in students}},
            address=address,
            # Drawn here from an address of ours; what is read out is escaped by the drawing.
            qr=Markup(qr_svg(address, _("QR code of the address above"))) if address else None,  # noqa: S704
            # Every phone would be the proxy then: one who fails at the door would fail for all.
            unproxied=not current_app.config["PROXIES"] and "X-Forwarded-For" in request.headers,
            now=now,
            fault=fault,
        )
        return shown, status


INVITED = "invited"  # in the browser's signed cookie: a link is shown once, to whoever made it


def shown_link(about: str) -> str | None:
    """The invitation that was just made here: to the site (""), to a bank, or to a class."""
    meant, token = form_cookie.get(INVITED, ("", ""))
    if not token or meant != about:
        return None
    path = url_for("bank_admin.invitation", token=token)
    return (outside() or request.host_url.rstrip("/")) + path


@bp.post("/<int:class_id>/code")
@instructors_only
def renew_code(class_id: int) -> ResponseReturnValue:
    with transaction() as session:
        classes.renew_code(session, class_id, user=current_learner(), now=clock())
    return redirect(url_for("classes.page", class_id=class_id), 303)


@bp.post("/<int:class_id>/close")
@instructors_only
def close(class_id: int) -> ResponseReturnValue:
    closed = request.form.get("closed") == "1"
    with transaction() as session:
        classes.close(session, class_id, closed=closed, user=current_learner(), now=clock())
    return redirect(url_for("classes.page", class_id=class_id), 303)


# ---------------------------------------------------------------- the class list


@bp.get("/<int:class_id>/roster")
@instructors_only
def roster_form(class_id: int) -> ResponseReturnValue:
    return _roster_page(class_id)


@bp.post("/<int:class_id>/roster")
@instructors_only
def bring_in(class_id: int) -> ResponseReturnValue:
    """A class list, first to look at, then to bring in. Bringing the same list in twice adds nobody."""
    user, now = current_learner(), clock()
    file, text = request.files.get("file"), request.form.get("text", "")
    data = file.read() if file is not None and file.filename else text.encode()
    try:
        found = roster.read(data, (file.filename if file is not None else None) or "list.csv")
    except BadFile:
        return _roster_page(class_id, text=text, fault=_("This cannot be read as a table of names."), status=422)
    with reading() as session:
        teaching.class_of(session, class_id, user)
        matched = roster.match(session, class_id, found.lines)
    if request.form.get("do") != "save":
        return _roster_page(class_id, found=found, matched=matched)
    made = roster.prepare(matched.new, current_app.config["SECRET_KEY"])
    try:
        with transaction() as session:
            if roster.match(session, class_id, found.lines) == matched:  # a double click finds them there
                roster.bring_in(session, class_id, made, matched.changed, user=user, now=now)
    except BadInput:
        fault = _("Nothing was brought in: a student number of the list belongs to someone else in the class.")
        return _roster_page(class_id, found=found, matched=matched, fault=fault, status=422)
    except Conflict:
        fault = _("Nothing was brought in: the class is closed, or full.")
        return _roster_page(class_id, found=found, matched=matched, fault=fault, status=409)
    return redirect(url_for("classes.page", class_id=class_id), 303)


def _roster_page(
    class_id: int,
    *,
    text: str = "",
    found: roster.Roster | None = None,
    matched: roster.Matched | None = None,
    fault: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        row = teaching.class_of(session, class_id, current_learner())
        shown = render_template(
            "classes/roster.html",
            row=row,
            text=text,
            found=found,
            matched=matched,
            kept=roster.as_text(found.lines) if found else "",
            fault=fault,
        )
        return shown, status


@bp.get("/<int:class_id>/cards")
@instructors_only
def cards(class_id: int) -> ResponseReturnValue:
    """PIN cards to print and cut: of the whole class, or of one student."""
    with reading() as session:
        row = teaching.class_of(session, class_id, current_learner())
        name, code = row.name, row.join_code
        students = classes.students(session, class_id)
    only = request.args.get("student", type=int)
    if only is not None:
        students = [student for student in students if student.user_id == only]
    found = classes.cards(students, current_app.config["SECRET_KEY"])
    address = join_address(code)
    return render_template("classes/cards.html", class_id=class_id, name=name, code=code, cards=found, address=address)


# ---------------------------------------------------------------- one student of the class


@bp.post("/<int:class_id>/students/<int:user_id>/pin")
@instructors_only
def reset_pin(class_id: int, user_id: int) -> ResponseReturnValue:
    user = current_learner()
    with reading() as session:
        serial = classes.next_serial(session, class_id, user_id, user=user)
    pin_hash = accounts.hashed_pin(classes.made_pin(current_app.config["SECRET_KEY"], user_id, serial))
    with transaction() as session:
        classes.reset_pin(session, class_id, user_id, serial=serial, pin_hash=pin_hash, user=user, now=clock())
        forget_name(session, classes.door_key(class_id, classes.member_of(session, class_id, user_id).name))
    return redirect(url_for("classes.cards", class_id=class_id, student=user_id), 303)


@bp.post("/<int:class_id>/students/<int:user_id>/extra")
@instructors_only
def extra_time(class_id: int, user_id: int) -> ResponseReturnValue:
    share = request.form.get("share", "")
    try:
        if share not in {"0", "25", "50", "100"}:
            raise BadInput("share")
        with transaction() as session:
            single.set_extra_time(
                session,
                class_id,
                user_id,
                int(share) / 100,
                why=request.form.get("why", ""),
                user=current_learner(),
                now=clock(),
            )
    except BadInput:
        return _class_page(class_id, _("Extra time needs a reason of at most 500 letters."), 422)
    return redirect(url_for("classes.page", class_id=class_id, _anchor="students"), 303)


@bp.post("/<int:class_id>/students/<int:user_id>/remove")
@instructors_only
def remove(class_id: int, user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        classes.remove(session, class_id, user_id, user=current_learner(), now=clock())
    return redirect(url_for("classes.page", class_id=class_id, _anchor="students"), 303)


@bp.post("/<int:class_id>/students/<int:user_id>/back")
@instructors_only
def let_back(class_id: int, user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        classes.let_back(session, class_id, user_id, user=current_learner(), now=clock())
    return redirect(url_for("classes.page", class_id=class_id, _anchor="students"), 303)


# ---------------------------------------------------------------- giving it something to do


@bp.get("/<int:class_id>/assign")
@instructors_only
def assign_form(class_id: int) -> ResponseReturnValue:
    return _assign_page(class_id)


@bp.post("/<int:class_id>/assign")
@instructors_only
def assign(class_id: int) -> ResponseReturnValue:
    user, now, key = current_learner(), clock(), request.form.get("form_key", "")
    try:
        given = _given()
        with transaction() as session:
            done = once.claim(session, key, owner=user.id, now=now)
            if done is not None:
                return redirect(done.location, 303)
            assignment_id = assignments.give(session, class_id, given, user=user, now=now)
            location = url_for("results.page", assignment_id=assignment_id)
            once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    except BadInput as fault:
        return _assign_page(class_id, *rule_fault(str(fault)), 422)
    except Conflict:
        return _assign_page(class_id, "", _("No question of the bank fits these choices."), 409)
    return redirect(location, 303)


_MARKED = frozenset({"title", "count", "opens_at", "closes_at", "attempts", "minutes", "feedback"})  # in the form


def rule_fault(rule: str) -> tuple[str, str]:
    """(the field, what is said in it) of an assignment's rule that does not fit."""
    at = "closes_at" if rule == "past" else rule
    words = {
        "title": _("A title has 1 to 200 letters."),
        "closes_at": _("It must be open until a time after the one from which it is open."),
        "feedback": _("Right answers that are shown later need a time until which it is open."),
        "past": _("This time is past already: nobody could begin."),
        "bank": _("This question bank cannot be given to a class."),
    }
    return at if at in _MARKED else "", words.get(rule, _("Something in this form does not fit."))


def _given() -> assignments.Given:
    form = request.form
    feedback, counted = form.get("feedback", "each"), form.get("counted", "best")
    if feedback not in {"each", "end", "closed"} or counted not in {"best", "last", "first"}:
        raise BadInput("feedback or counted")
    if form.get("kind") and form["kind"] not in KINDS:
        raise BadInput("kind")
    return assignments.Given(
        bank_id=form.get("bank", ""),
        title=form.get("title", ""),
        count=whole_number("count"),
        topic=form.get("topic") or None,
        kind=form.get("kind") or None,
        same=form.get("draw", "same") == "same",
        opens_at=point_in_time("opens_at"),
        closes_at=point_in_time("closes_at"),
        attempts=whole_number("attempts") or 0,
        minutes=whole_number("minutes"),
        feedback=feedback,  # type: ignore[arg-type]  # looked at above
        counted=counted,  # type: ignore[arg-type]  # the same
        close_share={"none": 0.0, "half": 0.5, "full": 1.0}.get(form.get("close", "half"), -1),
    )


def whole_number(name: str) -> int | None:
    """A field of the form; None where it is empty. Raises BadInput."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(name)
    return int(text)


def point_in_time(name: str) -> datetime | None:
    """A day and a time of the form, on the instructor's own clock; None where it is empty. Raises BadInput."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
        if not 2000 <= local.year <= 2200:
            raise BadInput(name)
        return local.replace(tzinfo=ZoneInfo(current_learner().time_zone))
    except ValueError:
        raise BadInput(name) from None


def _assign_page(class_id: int, at: str = "", fault: str = "", status: int = 200) -> ResponseReturnValue:
    user = current_learner()
    with reading() as session:
        row = teaching.class_of(session, class_id, user)
        shelf = assignments.banks_to_give(session, user)
        ids = [bank_id for bank_id, _title in shelf]
        chosen = request.values.get("bank")
        bank = banks.header(session, chosen if chosen in ids else ids[0]) if ids else None
        kinds = study.kinds_in(session, bank.id) if bank else []
        counts = dict(banks.holdings(session, bank.id).topics) if bank else {}
        shown = render_template(
            "classes/assign.html",
            row=row,
            shelf=shelf,
            bank=bank,
            kinds=kinds,
            counts=counts,
            drafts=assignments.drafts_of(session, user),
            open_to_all=bank is not None and banks.state(session, bank.id) == "public",
            at=at,
            fault=fault,
            typed=request.form,
        )
        return shown, status
