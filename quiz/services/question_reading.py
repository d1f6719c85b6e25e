"""Reads the form of a question: the question that it makes, or every fault that keeps it from being one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, cast

from questions.bank import MARK, QUESTION, Kind, Media, Question, QuestionBase
from questions.normalise import normalise
from questions.reading import read_date, read_numbers, read_weekday
from questions.texts import LANGS, Lang
from quiz.services.media import digest_of
from quiz.services.question_form import ACCEPTED, ANSWER_TYPES, LISTS, LISTS_OF, MOST, escaped, percent

# What is wrong with a field; pages put it into words.
Code = Literal["empty", "few", "no_key", "blank", "value", "long", "number", "range", "share", "topic", "id", "other"]
LONGEST = 20_000
_ID = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*(\.[a-z0-9]+([-_][a-z0-9]+)*){0,2}")
_FEWEST = {"options": 2, "items": 2, "pairs": 2, "extra": 0}
_PART = 0.5


@dataclass(frozen=True, slots=True)
class Fault:
    field: str  # its name in the form, without "text:"
    code: Code


@dataclass(frozen=True, slots=True)
class Read:
    """The question that a form makes, or what keeps it from being one."""

    question: Question | None
    faults: tuple[Fault, ...] = ()


class _Reader:
    """Reads one form; every fault is found at once."""

    def __init__(self, form: Mapping[str, list[str]], before: dict[str, Any]) -> None:
        self.form, self.before = form, before
        self.faults: list[Fault] = []

    def one(self, name: str) -> str | None:
        values = self.form.get(name)
        return values[0].strip().replace("\r\n", "\n") if values else None

    def fault(self, field: str, code: Code) -> None:
        self.faults.append(Fault(field, code))

    def text(self, path: str, *, needed: bool, before: Any = None) -> dict[str, str] | None:
        """Both sides of a text. A side that the form does not have stays as it was."""
        said: dict[str, str] = {}
        for lang in LANGS:
            words = self.one(f"text:{path}.{lang}")
            if words is None:
                words = (before or {}).get(lang) or ""
            if len(words) > LONGEST:
                self.fault(f"{path}.{lang}", "long")
            if words:
                said[lang] = words
        if not said and needed:
            self.fault(f"{path}.ar", "empty")
        return said or None

    def share(self, field: str, before: float | None, *, least: int = 0, text: str | None = None) -> float | None:
        """A share of the mark, in hundredths. None where there is none."""
        words = self.one(field) if text is None else text
        if words is None or words == percent(before):
            return before
        if not words:
            return None
        try:
            share = _number(words.replace("%", "").replace("٪", "").strip()) / 100
        except ValueError:
            self.fault(field, "number")
            return before
        if not least <= share <= 1:
            self.fault(field, "share")
        return share

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a list, in the order of the form; one in which nothing was written yet is left out."""
        before = {row["id"]: row for row in self.before.get(name) or ()}
        wanted = self.form.get(f"row:{name}")
        ids = list(before) if wanted is None else list(dict.fromkeys(wanted))
        out = []
        for row in ids:
            known = before.get(row, {})
            if not row or len(row) > 200:
                continue
            parts = {
                part: self.text(
                    f"{name}.{escaped(row)}.{part}",
                    needed=bool(known) and part != "feedback",
                    before=known.get(part),
                )
                for part in LISTS[name]
            }
            if not known and not any(parts.values()):
                continue
            for part in LISTS[name]:
                if parts[part] is None and part != "feedback" and not known:
                    self.fault(f"{name}.{escaped(row)}.{part}.ar", "empty")
            kept = {key: value for key, value in known.items() if key not in LISTS[name]}
            if name == "options":
                kept["weight"] = self.share(f"options.{escaped(row)}.weight", known.get("weight"), least=-1)
            out.append({**kept, "id": row, **{part: text for part, text in parts.items() if text}})
        if len(out) < _FEWEST[name]:
            self.fault(f"row:{name}", "few")
        return out[:MOST]


def read(
    form: Mapping[str, list[str]],
    *,
    kind: Kind,
    question_id: str,
    before: Question | None = None,
    topics: Iterable[str] = (),
    files: Mapping[str, Media] | None = None,
) -> Read:
    """The question that a form makes. What the form does not show of `before` stays as it was.

    `files` are the bank's pictures and sounds, by what they are asked for.
    """
    dumped = before.model_dump(mode="json", exclude_none=True) if before is not None else {}
    if before is not None and before.kind != kind:  # what only the other kind has is left behind
        dumped = {name: value for name, value in dumped.items() if name in QuestionBase.model_fields}
    reader = _Reader(form, dumped)
    body: dict[str, Any] = {**dumped, "id": question_id, "kind": kind}
    body["stem"] = reader.text("stem", needed=True, before=dumped.get("stem"))
    body["feedback"] = reader.text("feedback", needed=False, before=dumped.get("feedback"))
    for name in LISTS_OF.get(kind, ()):
        body[name] = reader.rows(name)
    _read_key(reader, body, kind)
    if kind in {"typed", "cloze"}:
        _read_recalled(reader, body, before)
    if kind == "cloze":
        for lang, words in (body["stem"] or {}).items():
            if words.count(MARK) != 1:
                reader.fault(f"stem.{lang}", "blank")
    if kind in {"choice", "multi_select"} and "row:options" in form:
        body["fixed_order"] = reader.one("fixed_order") == "yes"
    _read_more(reader, body, topics)
    if "media.add" in form or "row:media" in form:
        held = {digest_of(item): item for item in before.media} if before is not None else {}
        body["media"] = _media(reader, {**(files or {}), **held})
    if reader.faults:
        return Read(None, tuple(reader.faults))
    try:
        return Read(QUESTION.validate_python({name: value for name, value in body.items() if value is not None}))
    except ValueError:  # what the checks above do not know of
        return Read(None, (Fault("", "other"),))


def _read_key(reader: _Reader, body: dict[str, Any], kind: Kind) -> None:
    keys = reader.form.get("key", [])
    options = [option["id"] for option in body.get("options", ())]
    match kind:
        case "choice":
            if "key" in reader.form or "key" not in body:
                body["key"] = keys[0] if keys else None
            if body["key"] not in options:
                reader.fault("key", "no_key")
        case "multi_select":
            body["keys"] = [option for option in options if option in keys]
            if not body["keys"] or set(keys) - set(options):
                reader.fault("key", "no_key")
            elif set(body["keys"]) == set((reader.before or {}).get("keys", ())):
                body["keys"] = reader.before["keys"]  # their order says nothing
        case "true_false":
            if keys:
                body["key"] = keys[0] == "true"
            if not isinstance(body.get("key"), bool):
                reader.fault("key", "no_key")
        case _:
            pass


def _read_recalled(reader: _Reader, body: dict[str, Any], before: Question | None) -> None:
    body["answer"] = reader.text("answer", needed=True, before=body.get("answer"))
    wanted = reader.one("answer_type")
    body["answer_type"] = wanted if wanted in ANSWER_TYPES else body.get("answer_type", "text")
    if any(name.startswith("text:accepted.") for name in reader.form):
        body["accepted"] = _accepted(reader, body.get("accepted") or [])
    if "ranges.low" in reader.form or "ranges.high" in reader.form:
        body["ranges"] = _ranges(reader, body.get("ranges") or [])
    if body["answer_type"] in {"text", "name"}:
        body["value"] = None
        return
    answer = body["answer"] or {}
    was = before.model_dump(mode="json", exclude_none=True) if before is not None else {}
    if was.get("answer_type") == body["answer_type"] and was.get("answer") == answer:
        body["value"] = was.get("value")
        return
    said = {_said(body["answer_type"], words) for words in answer.values()} - {None}
    if len(said) == 1:
        body["value"] = said.pop()
    elif answer:
        reader.fault("answer.ar", "value")


def _said(kind: str, text: str) -> str | None:
    """The one number, weekday or date (at its precision) in a text, as `value` has it; None when there is none."""
    if kind == "date":
        date = read_date(text)
        if date is None or date.year is None or date.month is None:
            return None
        return f"{date.year:04}-{date.month:02}" + (f"-{date.day:02}" if date.day else "")
    words = normalise(text)
    if kind == "weekday":
        day = read_weekday(words)
        return None if day is None else str(day)
    numbers = read_numbers(words)[0]
    return str(numbers[0]) if len(numbers) == 1 else None


def _accepted(reader: _Reader, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One wording a line; one that was there keeps its place and its share of the mark."""
    known = {(row["text"], row.get("lang") or "any"): (place, row) for place, row in enumerate(before)}
    found: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    for share in ("right", "part"):
        for lang in ACCEPTED:
            for line in (reader.one(f"text:accepted.{share}.{lang}") or "").splitlines():
                words = line.strip()
                if not words:
                    continue
                place, row = known.get((words, lang), (len(before) + len(found), {}))
                weight = row.get("weight", 1)
                if (weight == 1) is not (share == "right"):
                    weight = 1 if share == "right" else _PART
                own = {} if lang == "any" else {"lang": cast(Lang, lang)}
                found.setdefault((words, lang), (place, {"text": words, **own, "weight": weight}))
    rows = [row for _place, row in sorted(found.values(), key=lambda one: one[0])]
    said = {(row["text"], row.get("lang"), row["weight"]) for row in rows}
    # A wording that stands twice is no change.
    return before if said == {(row["text"], row.get("lang"), row.get("weight", 1)) for row in before} else rows


def _ranges(reader: _Reader, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    known = {(row["low"], row["high"]): row for row in before}
    shares = reader.form.get("ranges.weight", [])
    lows, highs = reader.form.get("ranges.low", []), reader.form.get("ranges.high", [])
    for low, high, share in zip_longest(lows, highs[: len(lows)], shares[: len(lows)], fillvalue=""):
        if not low.strip() and not high.strip():
            continue
        try:
            ends = (_number(low), _number(high))
        except ValueError:
            reader.fault("ranges.low", "number")
            continue
        if ends[0] > ends[1]:
            reader.fault("ranges.low", "range")
            continue
        was = known.get(ends, {"low": ends[0], "high": ends[1], "weight": 1})
        weight = reader.share("ranges.weight", was["weight"], text=share.strip()) if shares else was["weight"]
        out.append({**was, "weight": 1 if weight is None else weight})
    return out


def _number(text: str) -> float:
    """Of any kind of digits. Raises ValueError."""
    plain = normalise(text.replace("٫", ".").replace("−", "-").replace(".", "p").replace("-", "m")).replace(" ", "")
    if not re.fullmatch(r"m?\d{1,15}(p\d{1,9})?", plain):
        raise ValueError(text)
    return float(plain.replace("p", ".").replace("m", "-"))


def _read_more(reader: _Reader, body: dict[str, Any], topics: Iterable[str]) -> None:
    """Topic, weight, difficulty, tags and sources."""
    topic = reader.one("topic")
    if topic is not None and topic != (body.get("topic") or ""):
        if topic and topic not in set(topics):
            reader.fault("topic", "topic")
        body["topic"] = topic or None
    weight = reader.one("weight")
    if weight in {"core", "detail"}:
        body["weight"] = weight
    difficulty = reader.one("difficulty")
    if difficulty:
        try:
            body["difficulty"] = min(max(float(difficulty), 0.0), 1.0)
        except ValueError:
            reader.fault("difficulty", "number")
    tags = reader.one("tags")
    if tags is not None:
        body["tags"] = list(dict.fromkeys(tag for part in re.split("[,،\n]", tags) if (tag := " ".join(part.split()))))
        if any(len(tag) > 100 for tag in body["tags"]):
            reader.fault("tags", "long")
    apart = reader.one("not_with")
    if apart is not None:
        names = list(dict.fromkeys(apart.replace(",", " ").replace("،", " ").split()))
        if any(not _ID.fullmatch(name) for name in names):
            reader.fault("not_with", "id")
        body["not_with"] = names
    if "row:sources" in reader.form or any(name.startswith("text:sources.") for name in reader.form):
        body["sources"] = _sources(reader, body.get("sources") or [])


def _media(reader: _Reader, files: Mapping[str, Media]) -> list[dict[str, Any]]:
    """The files that the form names, each with what it shows; the one that was chosen to be added comes last."""
    names = dict.fromkeys((*reader.form.get("row:media", []), *filter(None, reader.form.get("media.add", [])[:1])))
    out = []
    for name in names:
        if name in files:
            alt = reader.one(f"media.{name}.alt")
            item = files[name] if alt is None else files[name].model_copy(update={"alt": alt or None})
            out.append(item.model_dump(mode="json", exclude_none=True))
    return out


def _sources(reader: _Reader, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for row in dict.fromkeys(reader.form.get("row:sources", [])):
        known = before[int(row)] if row.isdecimal() and len(row) < 4 and int(row) < len(before) else {}
        voice = reader.text(f"sources.{row}.voice", needed=bool(known), before=known.get("voice"))
        para = reader.one(f"sources.{row}.para") or ""
        if not known and not voice and not para:
            continue
        if para and not (para.isdecimal() and 0 < int(para[:6]) < 100_000):
            reader.fault(f"sources.{row}.para", "number")
            continue
        if voice is None:
            if not known:
                reader.fault(f"sources.{row}.voice.ar", "empty")
            continue
        number = int(para) if para else None
        opening = reader.one(f"sources.{row}.opening")
        if opening is None:
            opening = known.get("opening") if known.get("para") == number else None
        source = {"voice": voice, "para": number, "opening": opening or None}
        out.append({name: value for name, value in source.items() if value is not None})
    return out
