"""What the site writes down of itself: a line of JSON each, with the id of its request and nothing personal."""

from __future__ import annotations

import json
import logging
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request

REQUEST_ID = "qimma.request_id"  # in a request's environment
_GIVEN = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_OF_ROWS = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)  # what a database says of the row that it refused


def request_id() -> str:
    """The id of this request: the one that a proxy gave it where proxies are believed, or a new one."""
    environ = request.environ
    if not environ.get(REQUEST_ID):
        given = environ.get("HTTP_X_REQUEST_ID", "") if "werkzeug.proxy_fix.orig" in environ else ""
        environ[REQUEST_ID] = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    found: str = environ[REQUEST_ID]
    return found


class Lines(logging.Formatter):
    """A record as one line of JSON. Fields beside the message: `log.info("request", extra={"fields": {...}})`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = request_id()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = _OF_ROWS.sub(r"\1: (left out)", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def to_stderr() -> None:
    """Have everything from INFO up written there."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
