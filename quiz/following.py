"""One round trip for the script: the page that a request leads to comes in the answer to the request itself.

Without the script's header there is a redirect, as ever. What comes instead of it is the very page at its address: it
is asked for through the whole application, as the same browser would.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from quiz.logs import REQUEST_ID

MOST = 4  # redirects in a row


class Following:
    """A WSGI application around another."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_X_SWAP" not in environ:
            return self.app(environ, start_response)
        asked = dict(environ)  # as it came: the application notes things in its own
        response = Response.from_app(self.app, environ, buffered=True)
        set_cookies: list[str] = []
        for _ in range(MOST):
            target = response.headers.get("Location", "")
            if response.status_code not in {302, 303} or not target.startswith("/") or target.startswith("//"):
                break
            set_cookies += response.headers.getlist("Set-Cookie")
            asked[REQUEST_ID] = response.headers.get("X-Request-Id")  # one to whoever reads the log
            response = Response.from_app(self.app, _get(asked, target, set_cookies), buffered=True)
            response.headers["Content-Location"] = target
        for cookie in set_cookies:
            response.headers.add("Set-Cookie", cookie)
        return response(asked, start_response)


def _get(asked: WSGIEnvironment, target: str, set_cookies: list[str]) -> dict[str, Any]:
    """What the browser would send next: a GET, with the cookies that it has just been given before its older ones."""
    path, _, query = target.partition("#")[0].partition("?")
    given = [cookie.partition(";")[0] for cookie in reversed(set_cookies)]
    environ = {name: value for name, value in asked.items() if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}}
    return environ | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(path.removeprefix(asked.get("SCRIPT_NAME", ""))).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "HTTP_COOKIE": "; ".join(filter(None, [*given, asked.get("HTTP_COOKIE", "")])),
        "wsgi.input": BytesIO(),
    }
