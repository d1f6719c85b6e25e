"""Names and passwords: registering, signing in and out, one-time links."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadInput
from quiz.db import reading, transaction
from quiz.i18n import _, interface_language
from quiz.routes import clock
from quiz.security import (
    clear_login_cookie,
    close_login,
    count_failure,
    current_user,
    open_login,
    own_path,
    set_login_cookie,
    subjects,
    too_many_failures,
    use_link,
)
from quiz.services import accounts, once

bp = Blueprint("accounts", __name__)


def _faults() -> dict[str, str]:
    return {
        "name": _("A name has 2 to 60 letters."),
        "password": _("A password has at least 8 characters."),
        "taken": _("This name is taken. Another one, or sign in."),
    }


@bp.get("/register")
def register() -> ResponseReturnValue:
    return render_template("accounts/register.html", fault=None, name="")


@bp.post("/register")
def make_account() -> ResponseReturnValue:
    """A named account; a guest keeps everything. The browser gets a new login: an old token is worth nothing.

    A form that was sent twice signs in with what it made.
    """
    user, now, key = current_user(), clock(), request.form.get("form_key", "")
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if user is not None and not user.is_guest:
        return redirect(url_for("explore.home"), 303)
    try:
        with transaction() as session:
            done = once.claim(session, key, owner=once.NOBODY, now=now)
            user_id = accounts.verify(session, name=name, password=password) if done else None
            if user_id is None:
                user_id = accounts.register(
                    session,
                    name=name,
                    password=password,
                    guest_id=user.id if user else None,
                    language=interface_language(),
                    now=now,
                )
                once.settle(session, key, owner=once.NOBODY, user_id=user_id, location=url_for("progress.mine"))
            close_login(session)
            token = open_login(session, user_id, now)
    except BadInput as fault:
        if str(fault) not in _faults():
            raise  # the form's key, not what was typed
        return render_template("accounts/register.html", fault=_faults()[str(fault)], name=name[:60]), 422
    return set_login_cookie(redirect(url_for("progress.mine"), 303), token)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return _sign_in_page()


def _sign_in_page(fault: str | None = None, name: str = "", status: int = 200) -> ResponseReturnValue:
    user, answers = current_user(), 0
    if user is not None and user.is_guest:
        with reading() as session:
            answers = accounts.answers_of(session, user.id)
    target = own_path(request.values.get("next"))
    page = render_template("accounts/sign_in.html", fault=fault, name=name[:60], answers=answers, target=target)
    return page, status


@bp.post("/sign-in")
def check_sign_in() -> ResponseReturnValue:
    """One message, in the same time, for an unknown name and a wrong password."""
    user, now = current_user(), clock()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    counted = subjects(accounts.name_key(name))
    with transaction() as session:
        if too_many_failures(session, counted, now):
            return _sign_in_page(_("Too many attempts. Wait a quarter of an hour, then try again."), name, 429)
        user_id = accounts.verify(session, name=name, password=password)
        if user_id is None:
            count_failure(session, counted, now)
        else:
            if user is not None and user.is_guest and request.form.get("bring") == "yes":
                accounts.bring_guest(session, user.id, into=user_id)
            close_login(session)
            token = open_login(session, user_id, now)
    if user_id is None:
        return _sign_in_page(_("Name and password do not go together."), name, 422)
    return set_login_cookie(redirect(own_path(request.form.get("next")), 303), token)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    with transaction() as session:
        close_login(session)
    return clear_login_cookie(redirect(url_for("explore.home"), 303))


@bp.get("/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """A page with a button: opening the link, as a mail program's preview does, does not spend it."""
    return render_template("accounts/link.html", token=token)


@bp.post("/link/<token>")
def follow_link(token: str) -> ResponseReturnValue:
    now = clock()
    with transaction() as session:
        user_id = use_link(session, token, now)
        if user_id is None:
            return render_template("accounts/link.html", token=None), 404
        close_login(session)
        login = open_login(session, user_id, now)
        target = "instructor.banks_page" if accounts.teaches(session, user_id) else "accounts.password"
    return set_login_cookie(redirect(url_for(target), 303), login)


@bp.get("/password")
def password() -> ResponseReturnValue:
    user = current_user()
    if user is None or user.login_name is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return render_template("accounts/password.html", fault=None, saved=request.args.get("saved") == "yes")


@bp.post("/password")
def set_password() -> ResponseReturnValue:
    """Someone who came by a link, or wants another password. Other browsers are signed out."""
    user, now = current_user(), clock()
    if user is None or user.login_name is None:
        return redirect(url_for("accounts.sign_in"), 303)
    try:
        with transaction() as session:
            accounts.change_password(
                session, user.id, old=request.form.get("old", ""), new=request.form.get("password", "")
            )
            accounts.close_logins(session, user.id)
            token = open_login(session, user.id, now)
    except BadInput as fault:
        words = {**_faults(), "old": _("The present password is not right.")}
        return render_template("accounts/password.html", fault=words[str(fault)], saved=False), 422
    return set_login_cookie(redirect(url_for("accounts.password", saved="yes"), 303), token)
