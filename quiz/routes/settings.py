"""What a learner sets, where they are signed in, an address for recovery, and leaving with or without one's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadInput
from questions.history import day_to_date
from quiz import mail
from quiz.db import engine_of, reading, transaction
from quiz.i18n import _, digits, interface_language, remember_language, zones
from quiz.routes import clock
from quiz.routes.accounts import check_password, faults, mails
from quiz.security import (
    CurrentUser,
    clear_login_cookie,
    count_try,
    current_user,
    is_idle,
    letter_subjects,
    make_link,
    this_login,
)
from quiz.services import accounts, banks, copying, fitting, leaving, own_data, recovery, second_factor, settings, study

bp = Blueprint("settings", __name__)
WORDS = {"delete", "حذف"}  # typed by whoever has no password, to delete everything


P = ParamSpec("P")


def _with_user(
    view: Callable[Concatenate[CurrentUser, P], ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """For whoever has a login, guests included. Others are shown how to begin: nothing is set or kept for them yet."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        user = current_user()
        if user is None:
            return redirect(url_for("settings.page"), 303)
        return view(user, *args, **kwargs)

    return guarded


# ---------------------------------------------------------------- what is set


@bp.get("/settings")
def page() -> ResponseReturnValue:
    user = current_user()
    if user is None:
        return render_template("settings/nobody.html")
    return _page(user, values=request.args)


def _page(
    user: CurrentUser, *, values: Any, wrong: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        stored = settings.read(session, user.id, language=interface_language())
        titles = {bank_id: bank.title for bank_id, bank in banks.headers(session, stored.exams).items()}
        stands = fitting.standing(session, user)
        may_have_factor, factor = second_factor.may_have(session, user.id), second_factor.is_on(session, user.id)
    shown = {**_fields(stored), **{name: values[name] for name in _fields(stored) if name in values}}
    return render_template(
        "settings/page.html",
        values=shown,
        faults={name: _sentence(name, fault) for name, fault in (wrong or {}).items()},
        exams={f"exam-{bank_id}": title for bank_id, title in titles.items()},
        zones=zones(sorted(accounts.time_zones()), shown["time_zone"]),
        today=day_to_date(study.today(user, clock())).isoformat(),
        hours=[(str(hour), digits(f"{hour:02}:00")) for hour in range(24)],
        limits=settings,
        mails=mails(),
        stands=stands,
        may_have_factor=may_have_factor,
        factor=factor,
        saved=values.get("saved") == "yes",
    ), status


def _fields(stored: settings.Settings) -> dict[str, str]:
    """The form as it stands when nobody touched it."""
    return {
        "study_language": stored.study_language,
        "new_per_day": str(stored.new_per_day),
        "language": stored.language,
        "retention": str(round(stored.retention * 100)),
        "reviews_per_day": str(stored.reviews_per_day),
        "time_zone": stored.time_zone,
        "day_turns_at": str(stored.day_turns_at),
        "digits": stored.digits,
        **{f"exam-{bank_id}": day.isoformat() if day else "" for bank_id, day in stored.exams.items()},
    }


def _sentence(name: str, fault: str) -> str:
    limits = {
        "new_per_day": settings.NEW,
        "reviews_per_day": settings.PORTION,
        "retention": settings.PERCENT,
        "day_turns_at": (0, 23),
    }
    if fault == "number":
        least, most = limits[name]
        return _("A whole number from %(least)d to %(most)d.", least=least, most=most)
    return {
        "date": _("A date, as in 2026-05-31, or nothing."),
        "past": _("This day is over."),
        "silent": _("This device does not say which: one of the list."),
        "far": _("This day is more than five years away."),
    }.get(fault, _("This is not among the choices."))


@bp.post("/settings")
@_with_user
def save(user: CurrentUser) -> ResponseReturnValue:
    """Keep the settings; what makes the days longer or shorter is shown first."""
    form, today = request.form, day_to_date(study.today(user, clock()))
    with reading() as session:
        before = settings.read(session, user.id, language=interface_language())
    wanted, wrong = settings.check(form, before, today=today)
    if wrong:
        return _page(user, values=form, wrong=wrong, status=422)
    if form.get("seen") != "yes" and not wanted.costs_as(before):
        return redirect(url_for("settings.preview", **_fields(wanted)), 303)  # type: ignore[arg-type]  # all are text
    with transaction() as session:
        settings.save(session, wanted, user_id=user.id)
    response = redirect(url_for("settings.page", saved="yes"), 303)
    remember_language(response, wanted.language, secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


@bp.get("/settings/preview")
@_with_user
def preview(user: CurrentUser) -> ResponseReturnValue:
    """What the settings would cost in reviews a day, now and after."""
    now = clock()
    with reading() as session:
        before = settings.read(session, user.id, language=interface_language())
        today = day_to_date(study.today(user, now))
        wanted, wrong = settings.check(request.args, before, today=today)
        if not wrong:
            costs = [settings.cost(session, one, learner=user, now=now) for one in (before, wanted)]
    if wrong:
        return _page(user, values=request.args, wrong=wrong, status=422)
    return render_template(
        "settings/preview.html",
        before=costs[0],
        after=costs[1],
        weeks=zip(costs[0].weeks, costs[1].weeks, strict=True),
        fields=_fields(wanted),
    )


# ---------------------------------------------------------------- a schedule of one's own


@bp.get("/settings/schedule")
@_with_user
def schedule(user: CurrentUser) -> ResponseReturnValue:
    """What fitting the schedule to one's memory means, what came of it, and the way back."""
    with reading() as session:
        stands = fitting.standing(session, user)
    if not stands.own and not fitting.is_installed():
        return redirect(url_for("settings.page"), 303)
    return render_template("settings/schedule.html", stands=stands)


@bp.post("/settings/schedule")
@_with_user
def fit_schedule(user: CurrentUser) -> ResponseReturnValue:
    with reading() as session:
        found = fitting.read(session, user)
    fitted = fitting.fit(found) if found else None  # in no transaction: it takes a while
    if fitted:
        with transaction() as session:
            fitting.keep(session, fitted, learner=user, now=clock())
    return redirect(url_for("settings.schedule"), 303)


@bp.post("/settings/schedule/usual")
@_with_user
def usual_schedule(user: CurrentUser) -> ResponseReturnValue:
    with transaction() as session:
        fitting.put_back(session, learner=user)
    return redirect(url_for("settings.schedule"), 303)


# ---------------------------------------------------------------- an address for recovery


@bp.get("/settings/email")
@_with_user
def email(user: CurrentUser) -> ResponseReturnValue:
    return _email_page(user)


def _email_page(
    user: CurrentUser, fault: str | None = None, status: int = 200, *, typed: str = ""
) -> ResponseReturnValue:
    if user.login_name is None or not mails():
        return redirect(url_for("settings.page"), 303)
    with reading() as session:
        address = recovery.address_of(session, user.id)
    told = request.args.get("told")
    words = {
        **faults(),
        "email": _("An address such as %(example)s.", example="name@example.org"),
        "unsent": _("The mail server did not take the letter. The address is kept; try again later."),
    }
    fault = fault or (told if told == "unsent" else None)
    shown = words.get(fault or "")
    return render_template(
        "settings/email.html", address=address, fault=shown, at=fault, typed=typed, sent=told == "sent"
    ), status


@bp.post("/settings/email")
@_with_user
def set_email(user: CurrentUser) -> ResponseReturnValue:
    """Keep an address and send the letter that confirms it. The password is asked: an address opens the account."""
    now, typed = clock(), request.form.get("email", "")
    if user.login_name is None or not mails():
        return redirect(url_for("settings.page"), 303)
    fit, _who = check_password(
        lambda session: accounts.known_by_id(session, user.id), user.login_name, request.form.get("password", "")
    )
    if fit != "right":
        return _email_page(
            user, "old" if fit == "wrong" else "often", 422 if fit == "wrong" else 429, typed=typed[:254]
        )
    try:
        with transaction() as session:
            address = recovery.set_address(session, user.id, typed)
            tries = count_try(session, letter_subjects(address.lower()), now)
            hours = current_app.config["LINK_HOURS"]
            token = make_link(session, user.id, now=now, hours=hours, purpose="confirm") if tries else ""
    except BadInput:
        return _email_page(user, "email", 422, typed=typed[:254])
    if not token:
        return _email_page(user, "often", 429, typed=typed[:254])
    letter = _confirmation_letter(address, user.login_name, token)
    told = "sent" if mail.send(current_app.config, [letter]) else "unsent"
    return redirect(url_for("settings.email", told=told), 303)


def _confirmation_letter(address: str, name: str, token: str) -> mail.Letter:
    link = current_app.config["PUBLIC_URL"].rstrip("/") + url_for("accounts.confirmation", token=token)
    lines = (
        _(
            "The account of %(name)s at Qimma has this address for the day on which the password is forgotten.",
            name=name,
        ),
        _("This link confirms it:"),
        link,
        _("Whoever did not ask for it can leave it: nothing else is ever sent."),
    )
    return mail.Letter(address, _("Qimma: confirm this address"), "\n\n".join(lines) + "\n")


@bp.post("/settings/email/remove")
@_with_user
def remove_email(user: CurrentUser) -> ResponseReturnValue:
    with transaction() as session:
        recovery.remove_address(session, user.id)
    return redirect(url_for("settings.email"), 303)


# ---------------------------------------------------------------- where one is signed in


@bp.get("/settings/browsers")
@_with_user
def browsers(user: CurrentUser) -> ResponseReturnValue:
    with reading() as session:
        found = accounts.logins(session, user.id, this=this_login(), time_zone=user.time_zone, now=clock())
    open_ones = [one for one in found if not is_idle(user, one.seen_on or one.since, clock())]
    return render_template("settings/browsers.html", browsers=open_ones)


@bp.post("/settings/browsers/<handle>/end")
@_with_user
def end_browser(user: CurrentUser, handle: str) -> ResponseReturnValue:
    with transaction() as session:
        accounts.end_login(session, user.id, handle)
    return redirect(url_for("settings.browsers"), 303)


@bp.post("/settings/browsers/others/end")
@_with_user
def end_other_browsers(user: CurrentUser) -> ResponseReturnValue:
    with transaction() as session:
        accounts.end_other_logins(session, user.id, this=this_login())
    return redirect(url_for("settings.browsers"), 303)


# ---------------------------------------------------------------- one's data, and leaving


@bp.get("/settings/data")
@_with_user
def data(user: CurrentUser) -> ResponseReturnValue:
    return _data_page(user)


def _data_page(user: CurrentUser, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        has_password = accounts.known_by_id(session, user.id).user_id is not None
        legacies = copying.legacies(session, [user.id])
    words = {**faults(), "word": _("The word is not there: nothing was deleted.")}
    page = render_template(
        "settings/data.html", fault=words.get(fault or ""), has_password=has_password, legacies=legacies
    )
    return page, status


@bp.get("/settings/data.zip")
@_with_user
def everything(user: CurrentUser) -> ResponseReturnValue:
    """Sent while it is written, however much it is."""
    engine, now = engine_of(), clock()

    def pieces() -> Iterator[bytes]:
        with reading(engine) as session:
            yield from own_data.archive(session, user.id, now=now)

    name = f"qimma-{now.date().isoformat()}.zip"
    return Response(
        pieces(), mimetype="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@bp.post("/settings/delete")
@_with_user
def delete(user: CurrentUser) -> ResponseReturnValue:
    """Everything that is keyed by this person, for good. The password is asked, or a word where there is none."""
    with reading() as session:
        has_password = accounts.known_by_id(session, user.id).user_id is not None
    if has_password:
        fit, _who = check_password(
            lambda session: accounts.known_by_id(session, user.id),
            user.login_name or "",
            request.form.get("password", ""),
        )
        if fit != "right":
            return _data_page(user, "old" if fit == "wrong" else "often", 422 if fit == "wrong" else 429)
    elif request.form.get("word", "").strip().casefold() not in WORDS:
        return _data_page(user, "word", 422)
    with transaction() as session:
        copying.hand_over(session, [user.id], now=clock())
        leaving.erase(session, [user.id])
    return clear_login_cookie(redirect(url_for("settings.gone"), 303))


@bp.get("/gone")
def gone() -> ResponseReturnValue:
    return render_template("settings/gone.html")
