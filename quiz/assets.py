"""The stylesheet and the script, sent compressed. Pages are not: what is secret in them would show in their length."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if request.endpoint != "static" or response.mimetype not in {"text/css", "text/javascript"}:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.method == "GET" and request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        response.set_data(_gzipped(response.get_data()))
        response.content_encoding = "gzip"
        etag, _ = response.get_etag()
        response.set_etag(etag or "", weak=True)  # two encodings of one file
    return response


@lru_cache(maxsize=8)
def _gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
