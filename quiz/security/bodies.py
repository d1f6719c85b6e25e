"""What is read of a request before any view sees it: how large it may be, and no NUL anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import abort, current_app, g, request

P = ParamSpec("P")
R = TypeVar("R")
_ROOM = 64 * 1024  # bytes of a body around its file
_MOST_GONE_BY = 256 * 2**20


def takes_files(largest: int, *, of_learners: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view whose bodies may be larger than a form's, for instructors or for all.

    Files are written to disk as they come.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.takes_files = (largest + _ROOM, of_learners)  # type: ignore[attr-defined]  # read where the limit is raised
        return view

    return mark


def open_to_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    largest, of_learners = getattr(view, "takes_files", (None, False))
    if largest is not None and (of_learners or (g.user is not None and g.user.is_instructor)):
        request.max_content_length = largest


def let_go_by() -> None:
    """Take in what is still sent of a body that is refused: a browser that is cut off shows no page with the reason."""
    stream = request.environ["wsgi.input"]
    for _ in range(_MOST_GONE_BY // _ROOM):
        if not stream.read(_ROOM):
            return


def refuse_nul() -> None:
    """No text holds a NUL, and PostgreSQL takes none: such an address is none, and such a form damaged."""
    if "\0" in request.path:
        abort(404)
    if any("\0" in text for pair in request.values.items(multi=True) for text in pair):
        abort(400)
