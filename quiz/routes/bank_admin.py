"""Banks made and copied, their editors and state, what is odd in them; invitations; who is signed in."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as form_cookie
from flask.typing import ResponseReturnValue

from questions.errors import BadInput, Conflict
from questions.texts import LANGS, Bilingual, Lang
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock, wording
from quiz.routes.classes import INVITED, shown_link
from quiz.security import CurrentUser, current_learner, current_user, instructors_only, is_idle, this_login
from quiz.services import accounts, banks, checking, copying, inviting, once, second_factor, teaching

bp = Blueprint("bank_admin", __name__)
bp.context_processor(wording.for_templates)


def _title() -> Bilingual:
    """Raises BadInput."""
    sides = {lang: request.form.get(f"title.{lang}", "").strip() for lang in LANGS}
    if not any(sides.values()) or any(len(side) > copying.LONGEST_TITLE for side in sides.values()):
        raise BadInput("title")
    return Bilingual(**{lang: side for lang, side in sides.items() if side})


@bp.get("/teach/new-bank")
@instructors_only
def new() -> ResponseReturnValue:
    """A form for an empty bank, or for a copy of one."""
    return _new_page()


def _new_page(fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    source = request.values.get("of", "")
    with reading() as session:
        row = teaching.bank_to_edit(session, source, current_learner()) if source else None
        bank = banks.header(session, row.id) if row else None
    return render_template("instructor/new_bank.html", source=bank, fault=fault), status


@bp.post("/teach/new-bank")
@instructors_only
def make() -> ResponseReturnValue:
    """A form that was sent twice makes one bank."""
    user, now, key, source = current_learner(), clock(), request.form.get("form_key", ""), request.form.get("of", "")
    try:
        title = _title()
    except BadInput:
        return _new_page(_("A bank needs a title, of 200 letters at most."), 422)
    languages = _languages() or LANGS
    with transaction() as session:
        done = once.claim(session, key, owner=user.id, now=now)
        if done is None:
            if source:
                teaching.bank_to_edit(session, source, user)
                made = copying.copy(session, source, title, author_id=user.id, now=now)
            else:
                made = copying.make(session, title, languages=languages, author_id=user.id, now=now)
            detail = {"of": source} if source else {}
            teaching.journal(
                session, "copied" if source else "made", author_id=user.id, now=now, bank_id=made, detail=detail
            )
            location = url_for("instructor.bank_page", bank_id=made)
            once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    return redirect(done.location if done else location, 303)


# ---------------------------------------------------------------- one bank


def _languages() -> tuple[Lang, ...]:
    return tuple(lang for lang in LANGS if lang in request.form.getlist("languages"))


@bp.get("/teach/banks/<bank_id>/settings")
@instructors_only
def settings(bank_id: str) -> ResponseReturnValue:
    return _settings(bank_id)


def _settings(bank_id: str, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    user = current_learner()
    with reading() as session:
        row = teaching.bank_to_edit(session, bank_id, user)
        owns = teaching.owns(session, bank_id, user)
        page = render_template(
            "instructor/settings.html",
            bank=banks.header(session, bank_id),
            row=row,
            owns=owns,
            editors=copying.editors(session, bank_id),
            deeds=teaching.entries(session, bank_id=bank_id),
            fault=fault,
            link=shown_link(bank_id),
            saved=request.args.get("saved") == "yes",
        )
    return page, status


@bp.post("/teach/banks/<bank_id>/settings")
@instructors_only
def save_settings(bank_id: str) -> ResponseReturnValue:
    """Its title and, by its owners, to whom it is open."""
    user, now = current_learner(), clock()
    try:
        title = _title()
    except BadInput:
        return _settings(bank_id, _("A bank needs a title, of 200 letters at most."), 422)
    state, more = request.form.get("state"), _languages()
    with transaction() as session:
        row = teaching.bank_to_edit(session, bank_id, user)
        was = banks.header(session, bank_id)
        if title != was.title:
            copying.rename(session, row, title, was.description)
        if set(more) - set(was.languages):
            copying.speak(session, row, more)
        if state is not None and state != row.state:
            row = teaching.owned_bank(session, bank_id, user)
            copying.set_state(session, row, state)
            teaching.journal(session, "state", author_id=user.id, now=now, bank_id=bank_id, detail={"state": state})
    return redirect(url_for("bank_admin.settings", bank_id=bank_id, saved="yes"), 303)


@bp.post("/teach/banks/<bank_id>/topics")
@instructors_only
def add_topic(bank_id: str) -> ResponseReturnValue:
    try:
        name = _title()
    except BadInput:
        return _settings(bank_id, _("A topic needs a name."), 422)
    with transaction() as session:
        copying.topic(session, teaching.bank_to_edit(session, bank_id, current_learner()), name)
    return redirect(url_for("bank_admin.settings", bank_id=bank_id, saved="yes"), 303)


@bp.post("/teach/banks/<bank_id>/topics/<topic_id>")
@instructors_only
def rename_topic(bank_id: str, topic_id: str) -> ResponseReturnValue:
    try:
        name = _title()
    except BadInput:
        return _settings(bank_id, _("A topic needs a name."), 422)
    with transaction() as session:
        copying.rename_topic(session, teaching.bank_to_edit(session, bank_id, current_learner()), topic_id, name)
    return redirect(url_for("bank_admin.settings", bank_id=bank_id, saved="yes", _anchor="topics"), 303)


@bp.post("/teach/banks/<bank_id>/editors/<int:user_id>/own")
@instructors_only
def make_owner(bank_id: str, user_id: int) -> ResponseReturnValue:
    """By an owner, of one of its editors."""
    user, now = current_learner(), clock()
    with transaction() as session:
        teaching.owned_bank(session, bank_id, user)
        copying.make_owner(session, bank_id, user_id)
        teaching.journal(session, "owner", author_id=user.id, now=now, bank_id=bank_id, user_id=user_id)
    return redirect(url_for("bank_admin.settings", bank_id=bank_id, saved="yes"), 303)


@bp.post("/teach/banks/<bank_id>/editors/<int:user_id>/remove")
@instructors_only
def remove_editor(bank_id: str, user_id: int) -> ResponseReturnValue:
    """By an owner; and anyone may take leave of a bank."""
    user = current_learner()
    try:
        with transaction() as session:
            if user_id == user.id:
                teaching.bank_to_edit(session, bank_id, user)
            else:
                teaching.owned_bank(session, bank_id, user)
            copying.remove_editor(session, bank_id, user_id)
            teaching.journal(session, "editor-removed", author_id=user.id, now=clock(), bank_id=bank_id)
    except BadInput:
        return _settings(bank_id, _("A bank keeps one owner at least. Make another editor an owner first."), 422)
    if user_id == user.id:
        return redirect(url_for("instructor.banks_page"), 303)
    return redirect(url_for("bank_admin.settings", bank_id=bank_id, saved="yes"), 303)


# ---------------------------------------------------------------- invitations


@bp.post("/teach/invite")
@instructors_only
def invite() -> ResponseReturnValue:
    """A link by which someone comes to teach here; with `bank`, to change that bank too; with `class`, to teach it."""
    user, now, key = current_learner(), clock(), request.form.get("form_key", "")
    bank_id, class_id = request.form.get("bank") or None, request.form.get("class", type=int)
    about = bank_id or (f"class-{class_id}" if class_id else "")
    location = url_for("bank_admin.people", _anchor="invite")
    if bank_id:
        location = url_for("bank_admin.settings", bank_id=bank_id, _anchor="invite")
    elif class_id:
        location = url_for("classes.page", class_id=class_id, _anchor="invite")
    with transaction() as session:
        if bank_id:
            teaching.owned_bank(session, bank_id, user)
        elif class_id:
            teaching.class_of(session, class_id, user)
        done = once.claim(session, key, owner=user.id, now=now)
        if done is None:
            token = inviting.invite(
                session, author_id=user.id, now=now, bank_id=bank_id, class_id=None if bank_id else class_id
            )
            once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    if done is None:
        form_cookie[INVITED] = [about, token]
    return redirect(location, 303)


@bp.get("/teach/people")
@instructors_only
def people() -> ResponseReturnValue:
    """Who teaches here is asked in by whoever does; an administrator also sees who is signed in."""
    user, now = current_learner(), clock()
    signed_in, holders = [], []
    if user.role == "admin":
        with reading() as session:
            everyone = accounts.all_logins(session, this=this_login(), time_zone=user.time_zone, now=now)
            holders = second_factor.holders(session)
        signed_in = [one for one in everyone if not is_idle(one, one.login.seen_on or one.login.since, now)]
    return render_template(
        "instructor/people.html",
        link=shown_link(""),
        signed_in=signed_in,
        holders=holders,
        is_admin=user.role == "admin",
    )


@bp.post("/teach/people/<int:user_id>/<handle>/end")
@instructors_only
def end_login(user_id: int, handle: str) -> ResponseReturnValue:
    """By an administrator. One that is ended already stays so."""
    _administrator()
    with transaction() as session:
        accounts.end_login(session, user_id, handle)
        teaching.journal(session, "login-ended", author_id=current_learner().id, now=clock(), user_id=user_id)
    return redirect(url_for("bank_admin.people", _anchor="signed-in"), 303)


@bp.post("/teach/people/<int:user_id>/second-factor/off")
@instructors_only
def drop_factor(user_id: int) -> ResponseReturnValue:
    """By an administrator, for someone who has lost it. One's own is switched off in the settings."""
    user = _administrator()
    if user_id == user.id:
        abort(404)
    with transaction() as session:
        if second_factor.is_on(session, user_id):
            second_factor.switch_off(session, user_id)
            teaching.journal(session, "second-factor-off", author_id=user.id, now=clock(), user_id=user_id)
    return redirect(url_for("bank_admin.people", _anchor="second-factors"), 303)


def _administrator() -> CurrentUser:
    user = current_learner()
    if user.role != "admin":
        abort(404)
    return user


@bp.get("/invitation/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """A page with a button: opening the link, as a mail program's preview does, does not spend it."""
    return _invitation(token)


def _invitation(token: str, *, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    user = current_user()
    with reading() as session:
        invited = inviting.read(session, token, now=clock())
        bank = banks.header(session, invited.bank_id) if invited.bank_id else None
    page = render_template(
        "instructor/invitation.html",
        token=token,
        invited=invited,
        bank=bank,
        named=user is not None and not user.is_guest,
        fault=fault,
    )
    return page, status


@bp.post("/invitation/<token>")
def accept(token: str) -> ResponseReturnValue:
    user = current_user()
    if user is None or user.is_guest:
        return redirect(url_for("accounts.sign_in", next=url_for("bank_admin.invitation", token=token)), 303)
    try:
        with transaction() as session:
            invited = inviting.accept(session, token, user_id=user.id, now=clock())
    except Conflict:
        fault = _("This link is spent or too old. Ask whoever sent it for another one.")
        return _invitation(token, fault=fault, status=409)
    if invited.bank_id:
        return redirect(url_for("instructor.bank_page", bank_id=invited.bank_id), 303)
    if invited.class_id:
        return redirect(url_for("classes.page", class_id=invited.class_id), 303)
    return redirect(url_for("instructor.banks_page"), 303)


# ---------------------------------------------------------------- what is odd in a bank


@bp.get("/teach/banks/<bank_id>/checks")
@instructors_only
def checks(bank_id: str) -> ResponseReturnValue:
    """Questions that are too much alike, lack a language, or give each other away. One kind of check at a time."""
    asked = request.args.get("what", "")
    what = asked if asked in checking.CHECKS else checking.CHECKS[0]
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        found = checking.find(session, bank_id, what)
    wanted, pages = request.args.get("page", "1"), max(1, -(-len(found) // checking.SIZE))
    page = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 1, 1), pages)
    return render_template(
        "instructor/checks.html",
        bank=bank,
        what=what,
        found=found[(page - 1) * checking.SIZE : page * checking.SIZE],
        count=len(found),
        page=page,
        pages=pages,
        checks=checking.CHECKS,
    )
