"""Who may enter an area, and where someone may be sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from quiz.security.logins import current_user

P = ParamSpec("P")
R = TypeVar("R")


def instructors_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """An area for instructors: a guest is sent to sign in, anyone else gets a 403."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        user = current_user()
        if user is None or (user.is_guest and not user.is_instructor):
            # Only a page can be gone on to: a form that was sent is lost.
            target = request.full_path.rstrip("?") if request.method == "GET" else url_for("instructor.banks_page")
            return redirect(url_for("accounts.sign_in", next=target), 303)
        if not user.is_instructor:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def own_path(target: str | None) -> str:
    """A path of this site to go on to; the first page for anything else."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and target.isprintable():
            return target
    return url_for("explore.home")
