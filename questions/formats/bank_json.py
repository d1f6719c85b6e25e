"""Qimma's own bank file: JSON, complete. README.md beside this file describes every field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from questions.bank import KINDS, QUESTION, SCHEMA, Bank, Entry, Question
from questions.errors import BadFile, Problem
from questions.formats.asked import sniff
from questions.formats.incoming import MOST, Incoming, Place, Reading

LARGEST = 64 * 1024 * 1024  # bytes
MOST_PARTS = 500_000  # lists and objects: some 20,000 questions that have everything


def dump(bank: Bank) -> str:
    """The bank as text: the same bank always gives the same bytes. Fields without a value are left out."""
    data = bank.model_dump(mode="json", exclude_none=True, by_alias=True)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def load(data: bytes, name: str) -> Bank:
    """Read a bank file.

    Raises BadFile naming the file, question, field and what was expected, for everything that is wrong.
    """
    return _bank(_raw(data, name), name)


def read(data: bytes, name: str) -> Incoming:
    """The questions that are asked of a bank of which some may be wrong: those are refused, the others come in."""
    return read_bank(data, name)[1]


def read_bank(data: bytes, name: str) -> tuple[Bank, Incoming]:
    """The same, and with it the bank itself with every sound question, also those that are retired."""
    raw = _raw(data, name)
    entries = raw.get("entries", [])
    bank = _bank({**raw, "entries": []} if isinstance(entries, list) else raw, name)
    nul = b"\\u0000" in data  # a sign that no database keeps
    if nul and any("\0" in text for text in _strings({**raw, "entries": None})):
        raise BadFile([Problem(name, "", "is not text (a NUL)")])
    if len(entries) > MOST:
        raise BadFile([Problem(name, "", f"holds more than {MOST} questions")])
    reading = Reading("json", topics={topic.id: topic for topic in bank.topics})
    sound: list[Entry] = []
    ids: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        question = entry.get("question") if isinstance(entry, dict) else None
        own = question.get("id") if isinstance(question, dict) else None
        place = Place("entry", number, _sendable(own[:60]) if isinstance(own, str) else "")
        if nul and any("\0" in text for text in _strings(question)):
            reading.refuse(place, "not-understood", "NUL")
            continue
        try:
            valid = QUESTION.validate_python(question)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in fault["loc"] if part not in KINDS)
            what = str(fault.get("ctx", {}).get("error", fault["msg"]))
            reading.refuse(place, "not-understood", f"{field}: {what}"[:200] if field else what[:200])
            continue
        if valid.id in ids:
            reading.refuse(place, "not-understood", "its id stands above")
            continue
        ids.add(valid.id)
        unsound = [item for item in valid.media if sniff(item.data) is None]
        for item in unsound:
            reading.remark(place, "media-refused", item.name)
        if unsound:
            kept = tuple(item for item in valid.media if item not in unsound)
            valid = valid.model_copy(update={"media": kept})
        sound.append(_entry(valid, entry))
        if entry.get("retired"):
            reading.skip(place, "retired")
        else:
            reading.take(place, valid.model_dump())
    return bank.model_copy(update={"entries": tuple(sound)}), reading.done(bank.title.best("en")[1])


def _sendable(text: str) -> str:
    """Half a pair of surrogates, which JSON can name, stands on no page and in no database."""
    return text.encode("utf-8", "replace").decode()


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in (*value, *value.values()):
                yield from _strings(one)
        case list():
            for one in value:
                yield from _strings(one)


def _entry(question: Question, raw: dict[str, Any]) -> Entry:
    """A question with its time; one whose time cannot be read changed long ago."""
    retired = bool(raw.get("retired"))
    try:
        return Entry.model_validate({"question": question, "changed": raw.get("changed"), "retired": retired})
    except ValidationError:
        return Entry(question=question, changed=datetime.fromtimestamp(0, UTC), retired=retired)


def _raw(data: bytes, name: str) -> dict[str, Any]:
    if len(data) > LARGEST:
        raise BadFile([Problem(name, "", f"is larger than {LARGEST // 2**20} MiB")])
    # Empty lists and objects take a hundred times their letters once they are read: a bank has words between them.
    parts = data.count(b"[") + data.count(b"{")
    if parts > MOST_PARTS or (len(data) > 2**20 and parts + data.count(b",") > len(data) // 8):
        raise BadFile([Problem(name, "", f"holds more than {MOST_PARTS} lists and objects, or little else")])
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
    return raw


def _bank(raw: dict[str, Any], name: str) -> Bank:
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
