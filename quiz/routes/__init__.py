"""HTTP only: one blueprint an area. The one table that turns what services raise into pages stands here."""

from __future__ import annotations

import logging
import secrets
import time
from datetime import datetime

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from questions.errors import BadFile, BadInput, Conflict, NotAllowed, NotFound, QuizError
from quiz import db, logs, security
from quiz.i18n import _

log = logging.getLogger("quiz.requests")
_STATUS: dict[type[QuizError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    BadInput: 422,
    BadFile: 422,
}
_QUIET = {"static", "health.healthz", "health.readyz"}
_MOST = 50  # problems of a file that a page lists


def clock() -> datetime:
    """The time of this request: read once, in the route."""
    now: datetime = current_app.config["CLOCK"]()
    return now


def init_app(app: Flask) -> None:
    from quiz.routes import (
        accounts,
        bank_admin,
        classes,
        explore,
        facts,
        files,
        health,
        importing,
        instructor,
        joining,
        progress,
        results,
        revisions,
        second_factor,
        settings,
        study,
        transfers,
        world,
    )

    for module in (
        accounts,
        bank_admin,
        classes,
        revisions,
        explore,
        facts,
        files,
        health,
        importing,
        instructor,
        joining,
        progress,
        results,
        second_factor,
        settings,
        study,
        transfers,
        world,
    ):
        app.register_blueprint(module.bp)
    app.register_error_handler(QuizError, _quiz_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    app.before_request(_begin)
    app.after_request(_log)
    app.context_processor(lambda: {"user": g.get("user")})
    app.jinja_env.globals["form_key"] = lambda: secrets.token_urlsafe(24)


def _begin() -> None:
    g.began = time.perf_counter()


def _log(response: Response) -> Response:
    response.headers["X-Request-Id"] = logs.request_id()
    if request.endpoint not in _QUIET:
        began = g.get("began")
        taken = round((time.perf_counter() - began) * 1000) if began else 0
        # The endpoint, not the address: addresses hold ids and tokens.
        told = {"method": request.method, "endpoint": request.endpoint, "status": response.status_code, "ms": taken}
        log.info("request", extra={"fields": told})
    return response


def _page(status: int, title: str, what: str) -> ResponseReturnValue:
    return render_template("error.html", status=status, title=title, what=what), status


def _quiz_error(error: QuizError) -> ResponseReturnValue:
    if isinstance(error, BadFile):  # of a file that is brought in, the form's own page tells; this one was to leave
        from quiz.routes import file_words

        title = _("This file cannot be made")
        what = _("Some texts cannot stand in it. An instructor of the bank can mend them, or retire their questions.")
        problems = [(one.where, file_words.unfit(one)) for one in error.problems]
        return render_template("error.html", status=422, title=title, what=what, problems=problems[:_MOST]), 422
    return _by_status(_STATUS[type(error)])


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        _("This form is out of date"),
        _("Nothing was changed. Go back, reload the page and send it again."),
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _by_status(error.code)


def _by_status(status: int) -> ResponseReturnValue:
    match status:
        case 400:
            title, what = (
                _("This request could not be read"),
                _("Nothing was changed. Go back and try again."),
            )
        case 401 | 403:
            title, what = _("This area is for instructors"), _("An instructor's account opens it.")
        case 404:
            title, what = (
                _("There is nothing here"),
                _("The address is wrong, or what was here belongs to someone else."),
            )
        case 405:
            title, what = (
                _("This address is not used in this way"),
                _("Nothing was changed. Go back and try again."),
            )
        case 409:
            title, what = (
                _("This has changed meanwhile"),
                _("Nothing was changed by this request. Open the page again to see where it stands."),
            )
        case 413:
            title = _("This is too large")
            what = _("Nothing was changed. A form holds at most 256 kB.")
            most = (request.max_content_length or 0) // 2**20
            if most:
                security.let_go_by()
                what = _("Nothing was changed. A file holds at most %(n)d MB.", n=most)
        case 422:
            title, what = (
                _("This answer does not fit the question"),
                _("Nothing was changed. Go back, choose among what is shown and send it again."),
            )
        case 429:
            title, what = _("Too many attempts"), _("Wait a quarter of an hour, then try again.")
        case 503:
            title, what = (
                _("The site is busy"),
                _("What was sent may not have been saved. Wait a moment and send it again: nothing counts twice."),
            )
        case _:
            title, what = _("This did not work"), _("Go back and try again.")
    return _page(status, title, what)


def _failure(error: Exception) -> ResponseReturnValue:
    if db.is_out_of_reach(error):
        log.exception("the database did not answer, or takes nothing in")
        return _by_status(503)
    if g.get("user") is not None and not security.is_there(g.user.id):
        # Someone who deleted everything in another tab while this was under way.
        log.info("the request of someone who is gone: %s", type(error).__name__)
        return _by_status(409)
    log.exception("unhandled")
    if current_app.testing:
        raise error
    return _page(500, _("Something went wrong here"), _("What was answered before is kept. Go back and try again."))
