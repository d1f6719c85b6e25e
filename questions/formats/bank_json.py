"""Qimma's own bank file: JSON, complete. README.md beside this file describes every field."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from questions.bank import KINDS, SCHEMA, Bank
from questions.errors import BadFile, Problem

LARGEST = 64 * 1024 * 1024  # bytes


def dump(bank: Bank) -> str:
    """The bank as text: the same bank always gives the same bytes. Fields without a value are left out."""
    data = bank.model_dump(mode="json", exclude_none=True, by_alias=True)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def load(data: bytes, name: str) -> Bank:
    """Read a bank file.

    Raises BadFile naming the file, question, field and what was expected, for everything that is wrong.
    """
    if len(data) > LARGEST:
        raise BadFile([Problem(name, "", f"is larger than {LARGEST // 2**20} MiB")])
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadFile([Problem(name, "", f"is not UTF-8 text (byte {error.start + 1})")]) from None
    except (ValueError, RecursionError) as error:
        raise BadFile([Problem(name, "", f"is not JSON: {error}")]) from None
    if not isinstance(raw, dict):
        raise BadFile([Problem(name, "", "is not a bank: expected an object with schema, id, title and entries")])
    if raw.get("schema") != SCHEMA:
        given = raw.get("schema")
        raise BadFile([Problem(name, "field schema", f"is {given!r}; this version reads {SCHEMA!r}")])
    try:
        return Bank.model_validate(raw)
    except ValidationError as error:
        raise BadFile([_problem(name, raw, fault) for fault in error.errors(include_url=False)]) from None


def _problem(name: str, raw: dict[str, Any], fault: Any) -> Problem:
    path = list(fault["loc"])
    where = ""
    if len(path) >= 2 and path[0] == "entries" and isinstance(path[1], int):
        where = f"entry {path[1] + 1}"
        entry = raw["entries"][path[1]] if isinstance(raw.get("entries"), list) else None
        question = entry.get("question") if isinstance(entry, dict) else None
        if isinstance(question, dict) and isinstance(question.get("id"), str):
            where += f', question "{question["id"][:80]}"'
        path = [part for part in path[2:] if part not in KINDS and part != "question"]
    field = ".".join(str(part) for part in path)
    what = str(fault.get("ctx", {}).get("error", fault["msg"]))
    return Problem(name, ", ".join(part for part in (where, f"field {field}" if field else "") if part), what)
