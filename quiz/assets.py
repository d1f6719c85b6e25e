"""What pages are made of, and how it is sent: once for long, and compressed where nothing secret can show by it."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

_TEXTS = {"text/css", "text/javascript", "image/svg+xml"}
_LONG = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    # One version for all files: a module asks for another under the version that it came with itself.
    app.config["ASSETS_VERSION"] = version = _version(Path(app.static_folder or ""))

    @app.url_defaults
    def _versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", version)

    app.after_request(_keep)
    app.after_request(_compress)


def _version(folder: Path) -> str:
    seen = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        seen.update(file.name.encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()[:8]


def _keep(response: Response) -> Response:
    """A file under the version that it has never changes: not even asked for again."""
    if request.endpoint == "static" and request.args.get("v") == _own_version() and response.status_code == 200:
        response.headers["Cache-Control"] = _LONG
    return response


def _own_version() -> str:
    return str(current_app.config["ASSETS_VERSION"])


def _compress(response: Response) -> Response:
    if not (_is_file(response) or _is_bare(response)):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.method == "GET" and request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        data = response.get_data()
        response.set_data(_gzipped(data) if request.endpoint == "static" else gzip.compress(data, mtime=0))
        response.content_encoding = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # two encodings of one file
    return response


def _is_file(response: Response) -> bool:
    return request.endpoint == "static" and response.mimetype in _TEXTS


def _is_bare(response: Response) -> bool:
    """A page whose length tells nothing.

    How well a page can be compressed shows what is in it to whoever can add words of theirs to it again and again,
    from another site. No other site can send the script's header; and the first page of whoever has no login says
    back nothing that was sent, and holds nothing of anyone's.
    """
    if response.mimetype != "text/html":
        return False
    return "X-Swap" in request.headers or (request.endpoint == "explore.home" and g.get("user") is None)


@lru_cache(maxsize=16)
def _gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
