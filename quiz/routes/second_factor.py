"""A second factor: being asked for it at sign-in, setting it up, recovery codes, switching it off."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from export.qr import qr_svg
from questions.errors import Conflict
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock
from quiz.routes.accounts import check_password, faults
from quiz.security import (
    CurrentUser,
    Halfway,
    came_by_link,
    close_login,
    code_subjects,
    count_try,
    current_user,
    forget,
    halfway,
    leave_halfway,
    open_login,
    own_path,
    seal_of,
    set_login_cookie,
    show_once,
    shown_once,
    this_login,
)
from quiz.services import accounts, second_factor

bp = Blueprint("second_factor", __name__)
P = ParamSpec("P")
_STATUS = {"old": 422, "code": 422, "often": 429}


def _faults() -> dict[str, str]:
    return {
        **faults(),
        "code": _("This code does not fit, or was used before. The app shows another one every half minute."),
    }


def _spend(user_id: int, spend: Callable[[Any], Any]) -> tuple[str | None, Any]:
    """What is wrong ("code" or "often"), and what `spend` gave. Tries are counted by account, in the database."""
    now = clock()
    with transaction() as session:
        counted = code_subjects(user_id, accounts.known_by_id(session, user_id).password_hash)
        tries = count_try(session, counted, now)
        if tries is None:
            return "often", None
        found = spend(session)
        if found:
            forget(session, tries)
    return (None, found) if found else ("code", None)


def _fits(session: Any, user_id: int, typed: str) -> bool:
    return second_factor.spend(session, user_id, typed, site_key=current_app.config["SECRET_KEY"], now=clock())


# ---------------------------------------------------------------- at sign-in


@bp.get("/sign-in/code")
def ask() -> ResponseReturnValue:
    half = halfway(clock())
    return _ask_page() if half else redirect(url_for("accounts.sign_in"), 303)


def _ask_page(fault: str | None = None) -> ResponseReturnValue:
    return render_template("accounts/code.html", fault=_faults().get(fault or "")), _STATUS.get(fault or "", 200)


@bp.post("/sign-in/code")
def check() -> ResponseReturnValue:
    """Only now is a login opened. A password that was changed since then has to be given anew."""
    half, now = halfway(clock()), clock()
    if half is None:
        return redirect(url_for("accounts.sign_in"), 303)
    token: str | None = None

    def enter(session: Any) -> bool:
        nonlocal token
        known = accounts.known_by_id(session, half.user_id)
        stands = half.seal == seal_of(half.user_id, known.password_hash) and accounts.has_name(session, half.user_id)
        if stands and _fits(session, half.user_id, request.form.get("code", "")):
            token = _let_in(session, half)
        return token is not None

    fault, _entered = _spend(half.user_id, enter)
    if token is None:
        return _ask_page(fault)
    leave_halfway()
    if half.first == "link":
        came_by_link(token, now)
    return set_login_cookie(redirect(own_path(half.target), 303), token)


def _let_in(session: Any, half: Halfway) -> str:
    user = current_user()
    if half.bring and user is not None and user.is_guest:
        accounts.bring_guest(session, user.id, into=half.user_id)
    close_login(session)
    accounts.live_where(session, half.user_id, request.form.get("zone"))
    return open_login(session, half.user_id, clock())


# ---------------------------------------------------------------- setting it up, and switching it off


def _with_password(
    view: Callable[Concatenate[CurrentUser, P], ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """For whoever signs in with a password. Others have nothing to add a second factor to."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        user = current_user()
        if user is None:
            return redirect(url_for("accounts.sign_in", next=url_for("second_factor.page")), 303)
        with reading() as session:
            fits = second_factor.may_have(session, user.id)
        return view(user, *args, **kwargs) if fits else redirect(url_for("settings.page"), 303)

    return guarded


@bp.get("/settings/second-factor")
@_with_password
def page(user: CurrentUser) -> ResponseReturnValue:
    return _page(user, told=request.args.get("told"))


def _page(user: CurrentUser, fault: str | None = None, *, at: str = "", told: str | None = None) -> ResponseReturnValue:
    with reading() as session:
        state = second_factor.state(session, user.id)
    shown = render_template(
        "settings/second_factor.html", state=state, fault=_faults().get(fault or ""), wrong=fault, at=at, told=told
    )
    return shown, _STATUS.get(fault or "", 200)


def _password_fault(user: CurrentUser) -> str | None:
    fit, _who = check_password(
        lambda session: accounts.known_by_id(session, user.id), user.login_name or "", request.form.get("password", "")
    )
    return {"right": None, "wrong": "old", "often": "often"}[fit]


@bp.post("/settings/second-factor/prepare")
@_with_password
def prepare(user: CurrentUser) -> ResponseReturnValue:
    """A key for a new device. Sent again, it makes another one; that of a factor that is on stays."""
    if fault := _password_fault(user):
        return _page(user, fault, at="prepare")
    try:
        with transaction() as session:
            second_factor.prepare(session, user.id)
    except Conflict:
        return redirect(url_for("second_factor.page"), 303)
    return redirect(url_for("second_factor.set_up"), 303)


@bp.get("/settings/second-factor/set-up")
@_with_password
def set_up(user: CurrentUser) -> ResponseReturnValue:
    return _set_up_page(user)


def _set_up_page(user: CurrentUser, fault: str | None = None) -> ResponseReturnValue:
    with reading() as session:
        key = second_factor.prepared(session, user.id, site_key=current_app.config["SECRET_KEY"])
    if key is None:
        return redirect(url_for("second_factor.page"), 303)
    address = second_factor.address(key, user.login_name or "")
    # Drawn here; what is read out is escaped by the drawing.
    drawing = Markup(qr_svg(address, _("QR code of the key")))  # noqa: S704
    shown = render_template(
        "settings/second_factor_set_up.html",
        qr=drawing,
        address=address,
        key=second_factor.as_text(key),
        fault=_faults().get(fault or ""),
    )
    return shown, _STATUS.get(fault or "", 200)


@bp.post("/settings/second-factor/on")
@_with_password
def switch_on(user: CurrentUser) -> ResponseReturnValue:
    """With a right code. Whoever is signed in elsewhere has not shown one, and is signed out there."""
    with reading() as session:
        if second_factor.is_on(session, user.id):  # a form that was sent twice
            return redirect(url_for("second_factor.codes"), 303)
    typed, key, now = request.form.get("code", ""), current_app.config["SECRET_KEY"], clock()

    def spend(session: Any) -> list[str] | None:
        made = second_factor.switch_on(session, user.id, typed, site_key=key, now=now)
        if made:
            accounts.end_other_logins(session, user.id, this=this_login())
        return made

    fault, made = _spend(user.id, spend)
    if fault:
        return _set_up_page(user, fault)
    show_once(made)
    return redirect(url_for("second_factor.codes"), 303)


@bp.get("/settings/second-factor/codes")
@_with_password
def codes(user: CurrentUser) -> ResponseReturnValue:
    """New recovery codes, on the first look only: the browser forgets them with this page."""
    made = shown_once()
    if not made:
        return redirect(url_for("second_factor.page"), 303)
    return render_template("settings/recovery_codes.html", codes=made)


@bp.post("/settings/second-factor/codes")
@_with_password
def renew_codes(user: CurrentUser) -> ResponseReturnValue:
    typed = request.form.get("code", "")
    fault, made = _spend(
        user.id,
        lambda session: second_factor.renew_codes(session, user.id) if _fits(session, user.id, typed) else None,
    )
    if fault:
        return _page(user, fault, at="codes")
    show_once(made)
    return redirect(url_for("second_factor.codes"), 303)


@bp.post("/settings/second-factor/off")
@_with_password
def switch_off(user: CurrentUser) -> ResponseReturnValue:
    """Asks for both factors: a browser that was left open is not enough."""
    typed = request.form.get("code", "")
    if fault := _password_fault(user):
        return _page(user, fault, at="off")

    def spend(session: Any) -> bool:
        fits = _fits(session, user.id, typed)
        if fits:
            second_factor.switch_off(session, user.id)
        return fits

    fault, _off = _spend(user.id, spend)
    if fault:
        return _page(user, fault, at="off")
    return redirect(url_for("second_factor.page", told="off"), 303)
