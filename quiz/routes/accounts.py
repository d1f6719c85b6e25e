"""Names and passwords: registering, signing in and out, one-time links, a forgotten password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadInput
from questions.texts import LANGS
from quiz import mail
from quiz.db import engine_of, reading, transaction
from quiz.i18n import _, in_language, interface_language, ngettext
from quiz.routes import clock
from quiz.security import (
    First,
    came_by_link,
    clear_login_cookie,
    close_login,
    count_newcomer,
    count_try,
    current_user,
    forget,
    go_halfway,
    letter_subjects,
    make_link,
    may_set_password,
    open_login,
    own_path,
    set_login_cookie,
    subjects,
    use_link,
)
from quiz.services import accounts, classes, once, recovery, second_factor

bp = Blueprint("accounts", __name__)
RECOVERY_HOURS = 2  # for which a link that was asked for by mail works


def faults() -> dict[str, str]:
    """What is said of a name or a password that was refused."""
    return {
        "name": _("A name has 2 to 60 letters."),
        "password": _("A password has at least 8 characters."),
        "common": _("This password is among the first that are tried: a common one, a row of keys, or your own name."),
        "pin": _("A PIN has 4 to 12 digits."),
        "taken": _("This name is taken. Another one, or sign in."),
        "old": _("The present password is not right."),
        "often": _("Too many attempts. Wait a quarter of an hour, then try again."),
        "apart": _("Name and password do not go together."),
    }


Fit = Literal["right", "wrong", "often"]


def check_password(read: Callable[[Any], accounts.Known], name: str, password: str) -> tuple[Fit, accounts.Known]:
    """Whether a password is that of whoever `read` finds. Counted by name and address, compared in no transaction."""
    counted = subjects(accounts.name_key(name))
    with transaction() as session:
        tries = count_try(session, counted, clock())
        who = read(session)
        pin = accounts.has_pin(session, who.user_id or 0)
    if tries is None:
        return "often", who
    if not accounts.fits(who, classes.in_own_digits(password) if pin else password):
        return "wrong", who
    with transaction() as session:
        forget(session, tries)
    return "right", who


_STATUS = {"wrong": 422, "often": 429}


# ---------------------------------------------------------------- registering


@bp.get("/register")
def register() -> ResponseReturnValue:
    return _register_page()


def _register_page(fault: str | None = None, name: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template("accounts/register.html", fault=faults().get(fault or ""), at=fault, name=name[:60]), status


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
        made = accounts.credentials(name, password)
        with transaction() as session:
            done = once.claim(session, key, owner=once.NOBODY, now=now)
            if done is None:
                count_newcomer(session, now)
                user_id = accounts.register(
                    session,
                    made,
                    guest_id=user.id if user else None,
                    language=interface_language(),
                    time_zone=request.form.get("zone"),
                    now=now,
                )
                once.settle(session, key, owner=once.NOBODY, user_id=user_id, location=url_for("progress.mine"))
                close_login(session)
                token = open_login(session, user_id, now)
    except BadInput as fault:
        if str(fault) not in faults():
            raise  # the form's key, not what was typed
        return _register_page(str(fault), name, 422)
    if done is not None:
        return _register_again(done.user_id, name, password)
    return set_login_cookie(redirect(url_for("progress.mine"), 303), token)


def _register_again(made_id: int, name: str, password: str) -> ResponseReturnValue:
    """A second copy of the form: into the account that the first one made, and into no other."""
    fit, who = check_password(lambda session: accounts.known(session, name=name), name, password)
    if fit == "often":
        return _register_page("often", name, 429)
    if fit == "wrong" or who.user_id != made_id:
        return _register_page("taken", name, 422)
    with transaction() as session:
        if second_factor.is_on(session, made_id):
            return _to_code(who, first="password", target=url_for("progress.mine"))
        close_login(session)
        token = open_login(session, made_id, clock())
    return set_login_cookie(redirect(url_for("progress.mine"), 303), token)


def _to_code(
    who: accounts.Known, *, first: First, target: str, user_id: int | None = None, bring: bool = False
) -> ResponseReturnValue:
    """To the page that asks for the second factor. No login is opened yet."""
    go_halfway(
        user_id or who.user_id or 0,
        first=first,
        password_hash=who.password_hash,
        now=clock(),
        bring=bring,
        target=target,
    )
    return redirect(url_for("second_factor.ask"), 303)


# ---------------------------------------------------------------- signing in and out


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return _sign_in_page()


def _sign_in_page(fault: str | None = None, name: str = "", status: int = 200) -> ResponseReturnValue:
    user, answers = current_user(), 0
    if user is not None and user.is_guest:
        with reading() as session:
            answers = accounts.answers_of(session, user.id)
    target = own_path(request.values.get("next"))
    page = render_template(
        "accounts/sign_in.html", fault=faults().get(fault or ""), name=name[:60], answers=answers, target=target
    )
    return page, status


@bp.post("/sign-in")
def check_sign_in() -> ResponseReturnValue:
    """One message, in the same time, for an unknown name and a wrong password."""
    user, now = current_user(), clock()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    fit, who = check_password(lambda session: accounts.known(session, name=name), name, password)
    if fit == "often":
        return _sign_in_page("often", name, 429)
    token, bring, target = None, request.form.get("bring") == "yes", own_path(request.form.get("next"))
    if fit == "right":
        with transaction() as session:
            if who.user_id is not None and accounts.still(session, who):
                if second_factor.is_on(session, who.user_id):
                    return _to_code(who, first="password", target=target, bring=bring)
                if user is not None and user.is_guest and bring:
                    accounts.bring_guest(session, user.id, into=who.user_id)
                close_login(session)
                token = open_login(session, who.user_id, now)
    if token is None:
        return _sign_in_page("apart", name, 422)
    return set_login_cookie(redirect(target, 303), token)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    with transaction() as session:
        close_login(session)
    return clear_login_cookie(redirect(url_for("explore.home"), 303))


@bp.post("/start-afresh")
def start_afresh() -> ResponseReturnValue:
    """This browser is somebody else's from now on: whoever answers next in it is a new person."""
    return sign_out()


# ---------------------------------------------------------------- one-time links


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
        target = url_for("instructor.banks_page" if accounts.teaches(session, user_id) else "accounts.password")
        if second_factor.is_on(session, user_id):  # a link stands for the password, and for nothing else
            who = accounts.known_by_id(session, user_id)
            return _to_code(who, first="link", target=target, user_id=user_id)
        close_login(session)
        accounts.live_where(session, user_id, request.form.get("zone"))
        login = open_login(session, user_id, now)
    came_by_link(login, now)
    return set_login_cookie(redirect(target, 303), login)


@bp.get("/confirm/<token>")
def confirmation(token: str) -> ResponseReturnValue:
    return render_template("accounts/confirm.html", token=token)


@bp.post("/confirm/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """The link that was sent to an address was opened: it is its owner's."""
    now = clock()
    with transaction() as session:
        user_id = use_link(session, token, now, purpose="confirm")
        if user_id is None:
            return render_template("accounts/confirm.html", token=None), 404
        recovery.confirm(session, user_id, now=now)
    return redirect(url_for("accounts.confirmed"), 303)


@bp.get("/confirmed")
def confirmed() -> ResponseReturnValue:
    return render_template("accounts/confirm.html", token=None, done=True)


# ---------------------------------------------------------------- a forgotten password


@bp.get("/forgot")
def forgot() -> ResponseReturnValue:
    return render_template("accounts/forgot.html", mails=mails(), fault=None, who="")


@bp.post("/forgot")
def send_link() -> ResponseReturnValue:
    """The same answer, in the same time, whether the account is known or not: all else is done beside the request."""
    who, now = request.form.get("who", "").strip()[:254], clock()
    if not mails() or not who:
        return redirect(url_for("accounts.forgot"), 303)
    with transaction() as session:
        tries = count_try(session, letter_subjects(accounts.name_key(who)), now)
    if tries is None:
        page = render_template("accounts/forgot.html", mails=True, fault=faults()["often"], who=who)
        return page, 429
    letters = {lang: _recovery_letter(lang) for lang in LANGS}
    config, engine, usual = current_app.config, engine_of(), interface_language()
    # Never from the request's host: that is whatever the one who asks says it is.
    address = config["PUBLIC_URL"].rstrip("/") + url_for("accounts.link", token="")

    def write() -> None:
        with transaction(engine) as session:
            found = [
                (one, make_link(session, one.user_id, now=now, hours=RECOVERY_HOURS))
                for one in recovery.reachable(session, who)
            ]
        for one, token in found:
            subject, text = letters["ar" if (one.language or usual) == "ar" else "en"]
            text = text % {"name": one.name, "link": address + token}
            mail.send(config, [mail.Letter(one.email, subject, text)])

    mail.later(write)
    return redirect(url_for("accounts.sent"), 303)


@bp.get("/forgot/sent")
def sent() -> ResponseReturnValue:
    return render_template("accounts/sent.html")


def mails() -> bool:
    """Whether this site writes letters."""
    return bool(current_app.config["MAIL_URL"])


def _recovery_letter(lang: str) -> tuple[str, str]:
    """Its subject and text; %(name)s and %(link)s are put in later."""
    with in_language(lang):
        lines = (
            _("Someone asked for a way into the account of %(name)s at Qimma. This link signs in once:"),
            "%(link)s",
            ngettext("It works for %(num)d hour.", "It works for %(num)d hours.", RECOVERY_HOURS),
            _("Whoever did not ask for it can leave it: nothing was changed."),
        )
        return _("Qimma: a link to sign in"), "\n\n".join(lines) + "\n"


# ---------------------------------------------------------------- a new password


@bp.get("/password")
def password() -> ResponseReturnValue:
    user = current_user()
    if user is None or user.login_name is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return _password_page(saved=request.args.get("saved") == "yes")


def _password_page(fault: str | None = None, status: int = 200, *, saved: bool = False) -> ResponseReturnValue:
    user = current_user()
    with reading() as session:
        pin = user is not None and accounts.has_pin(session, user.id)
    page = render_template(
        "accounts/password.html",
        fault=faults().get(fault or ""),
        at=fault,
        saved=saved,
        asked=not may_set_password(clock()),
        pin=pin,
    )
    return page, status


@bp.post("/password")
def set_password() -> ResponseReturnValue:
    """Someone who came by a link, or wants another password. Other browsers are signed out."""
    user, now = current_user(), clock()
    if user is None or user.login_name is None:
        return redirect(url_for("accounts.sign_in"), 303)
    old, new = request.form.get("old", ""), request.form.get("password", "")
    with reading() as session:
        who = accounts.known_by_id(session, user.id)
        pin = accounts.has_pin(session, user.id)
    if who.user_id is not None and not may_set_password(now):
        fit, who = check_password(lambda session: accounts.known_by_id(session, user.id), user.login_name, old)
        if fit != "right":
            return _password_page("old" if fit == "wrong" else "often", _STATUS[fit])
    try:
        # Whoever comes in by the door of a class comes back by it: with digits.
        hashed = accounts.hashed_pin(classes.pin_text(new)) if pin else accounts.hashed(new, name=user.login_name)
    except BadInput as fault:
        return _password_page(str(fault), 422)
    with transaction() as session:
        accounts.set_password(session, user.id, hashed)
        token = open_login(session, user.id, now)
    return set_login_cookie(redirect(url_for("accounts.password", saved="yes"), 303), token)
