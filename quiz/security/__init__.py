"""Who a request comes from and what it may do: headers, bodies, CSRF, logins, links, roles, throttling."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from quiz.security import bodies, headers, logins
from quiz.security.bodies import let_go_by, takes_files
from quiz.security.halfway import First, Halfway, go_halfway, halfway, leave_halfway, seal_of, show_once, shown_once
from quiz.security.headers import POLICY
from quiz.security.links import came_by_link, make_link, may_set_password, use_link
from quiz.security.logins import (
    CurrentUser,
    browser_family,
    clear_login_cookie,
    close_login,
    current_learner,
    current_user,
    is_idle,
    is_there,
    open_login,
    set_login_cookie,
    this_login,
)
from quiz.security.roles import instructors_only, own_path
from quiz.security.secret import SECRET_FILE, secret_key
from quiz.security.throttle import (
    code_subjects,
    count_newcomer,
    count_try,
    count_wrong_code,
    forget,
    forget_name,
    guesses_codes,
    letter_subjects,
    room_subjects,
    subjects,
)

__all__ = [
    "POLICY",
    "SECRET_FILE",
    "CurrentUser",
    "First",
    "Halfway",
    "browser_family",
    "came_by_link",
    "clear_login_cookie",
    "close_login",
    "code_subjects",
    "count_newcomer",
    "count_try",
    "count_wrong_code",
    "current_learner",
    "current_user",
    "forget",
    "forget_name",
    "go_halfway",
    "guesses_codes",
    "halfway",
    "instructors_only",
    "is_idle",
    "is_there",
    "leave_halfway",
    "let_go_by",
    "letter_subjects",
    "make_link",
    "may_set_password",
    "open_login",
    "own_path",
    "room_subjects",
    "seal_of",
    "secret_key",
    "set_login_cookie",
    "show_once",
    "shown_once",
    "subjects",
    "takes_files",
    "this_login",
    "use_link",
]

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    https = urlsplit(app.config["PUBLIC_URL"]).scheme == "https"
    app.config.update(
        SESSION_COOKIE_NAME="__Host-qimma_form" if https else "qimma_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=https,
    )
    # Before anything of a form is read: a refusal is in the reader's language too, and only who may send files does.
    app.before_request(logins.load_user)
    app.before_request(bodies.open_to_files)
    app.before_request(bodies.refuse_nul)
    csrf.init_app(app)
    app.before_request(logins.note_use)
    app.after_request(headers.set_headers)
