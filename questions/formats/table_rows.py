"""One row of a sheet to one question: what its columns say, and what the cells themselves give away."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from questions.bank import MARK, Kind
from questions.formats import cells
from questions.formats.columns import Header
from questions.formats.incoming import Reading, language_of, slug
from questions.formats.table_cells import Cells, Refused
from questions.formats.table_options import KeyStyle, options_of, said_by
from questions.formats.table_words import FALSE, LEVELS, NO, NOT_HERE, TRUE, YES, kind_named
from questions.normalise import normalise
from questions.texts import LANGS, Bilingual

TAG_SIGNS = ";؛|,،"
_SHORT = 4  # words of an answer that one can be asked to type
_MARKED = re.compile(f"(?<!_){MARK}(?!_)")
_BLANKS = re.compile(r"_{3,}|(?<!\.)\.{4,}|…{2,}|(?:\. ){3,}\.")


def take(reading: Reading, row: Cells, header: Header, style: KeyStyle) -> None:
    """Take the row's question in, or note why not."""
    try:
        question = _question(row, header, style)
    except Refused as refusal:
        reading.refuse(row.place, refusal.code, refusal.detail)
        return
    except (ValidationError, ValueError) as error:
        reading.refuse(row.place, "not-understood", _reason(error))
        return
    if question is None:
        reading.skip(row.place, "unsupported", row.one("kind"))
        return
    before = len(reading.questions)
    question["topic"] = _topic(reading, row, header)
    reading.take(row.place, {key: value for key, value in question.items() if value not in (None, ())})
    if len(reading.questions) == before:
        return
    if row.cleaned:
        reading.remark(row.place, "cleaned")
    if row.one("media"):
        reading.remark(row.place, "media-missing", row.one("media")[:120])
    if row.one("time"):
        reading.lost(row.place, "time-limit")
    if row.one("points"):
        reading.lost(row.place, "points")
    if row.one("difficulty") and question.get("difficulty") is None:
        reading.lost(row.place, "difficulty")
    if row.one("kind") and kind_named(row.one("kind")) is None:
        reading.lost(row.place, "kind", row.one("kind")[:40])


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors(include_url=False)[0]["msg"])[:200]
    return str(error)[:200]


def _question(row: Cells, header: Header, style: KeyStyle) -> dict[str, Any] | None:
    named = normalise(row.one("kind"))
    if named in NOT_HERE:
        if named in {"poll", "survey", "slide", "content"}:
            return None
        raise Refused("unsupported", row.one("kind"))
    stem = row.texts("stem")
    if not stem:
        raise Refused("no-question")
    body = {"stem": Bilingual.model_validate(stem), **_shared(row, header)}
    body |= _asked(row, kind_named(row.one("kind")), stem, style)
    return body


def _shared(row: Cells, header: Header) -> dict[str, Any]:
    """What questions of every kind have."""
    why = row.texts("feedback")
    shared: dict[str, Any] = {
        "feedback": Bilingual.model_validate(why) if why else None,
        "tags": tuple(one for one in cells.listed(row.one("tags"), TAG_SIGNS) if one.strip()),
        "difficulty": _difficulty(row.one("difficulty"), own=header.origin == "qimma"),
    }
    if header.origin == "qimma":  # elsewhere an id says which row it is, and a source is a web page
        shared |= {
            "id": row.one("id") or None,
            "weight": row.one("weight") or None,
            "facts": cells.listed(row.one("facts")),
            "not_with": cells.listed(row.one("not-with")),
            "sources": tuple(cells.sources_of(row.one("sources"))),
        }
    return shared


def _difficulty(text: str, *, own: bool) -> float | None:
    if level := LEVELS.get(normalise(text)):
        return level
    try:
        level = float(text.replace(",", "."))
    except ValueError:
        return None
    # Elsewhere a whole number is a step of a scale that is not known here.
    return level if 0 <= level <= 1 and (own or level not in (0, 1)) else None


def _topic(reading: Reading, row: Cells, header: Header) -> str | None:
    own = row.one("topic") if header.origin == "qimma" else ""
    names = row.texts("topic-name")
    if own and not re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", own):
        names, own = names or {language_of(own): own}, slug(own, "t")
    if not own:
        return reading.topic(row.one("topic-name")[:500]) if names else None
    if own not in reading.topics:
        reading.topic(next(iter(names.values()), own), own)
        if names:
            reading.topics[own] = reading.topics[own].model_copy(update={"name": Bilingual.model_validate(names)})
    return own


def _asked(row: Cells, kind: Kind | None, stem: dict[str, str], style: KeyStyle) -> dict[str, Any]:
    """What a question of its kind has; the kind is found out where no column names it."""
    options, keys = options_of(row, style, kind)
    match kind:
        case "open":
            return {"kind": "open"} | _said_as_feedback(row)
        case "ordering" | "matching":
            return _listed(row, kind, options)
        case "typed" | "cloze":
            return _recalled(row, stem, options, kind, keys)
        case "true_false":
            return {"kind": "true_false", "key": _truth(row, options, keys)}
    if row.has("left"):
        return _listed(row, "matching", options)
    if not options or (len(options) == 1 and not keys and kind is None):
        return _without_options(row, stem, options, kind)
    if len(options) < 2:
        raise Refused("too-few-options")
    if not keys:
        raise (
            Refused("no-answer")
            if not row.one("key") and not row.one("answer")
            else Refused("bad-key", (row.one("key") or row.one("answer"))[:80])
        )
    _all_differ(options)
    if kind is None and len(options) == 2 and len(keys) == 1 and _is_truth(options):
        return {"kind": "true_false", "key": normalise(said_by(options[keys[0]])) in TRUE}
    return _choice(row, kind, options, keys)


def _choice(row: Cells, kind: Kind | None, options: list[dict[str, Any]], keys: list[int]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "options": tuple({name: value for name, value in one.items() if name != "number"} for one in options)
    }
    if row.one("fixed-order"):
        body["fixed_order"] = normalise(row.one("fixed-order")) in TRUE | YES
    if kind == "multi_select" or len(keys) > 1:
        return body | {"kind": "multi_select", "keys": tuple(options[at]["id"] for at in keys)}
    return body | {"kind": "choice", "key": options[keys[0]]["id"]}


def _without_options(
    row: Cells, stem: dict[str, str], options: list[dict[str, Any]], kind: Kind | None
) -> dict[str, Any]:
    """A question and its answer: to be judged true or false, to be typed when it is short, else to be thought over."""
    if kind in {"choice", "multi_select"}:
        raise Refused("too-few-options")
    answer = row.one("answer") or row.one("key")
    if not answer and not options:
        raise Refused("no-answer")
    asks = any(text.rstrip().endswith(("?", "؟")) for text in stem.values())
    if not options and not asks and normalise(answer) in TRUE | FALSE:
        return {"kind": "true_false", "key": normalise(answer) in TRUE}
    if not options and not row.has("accepted", "ranges") and len(answer.split()) > _SHORT:
        return {"kind": "open"} | _said_as_feedback(row)
    blank = all(len(_BLANKS.findall(text)) == 1 for text in stem.values())
    return _recalled(row, stem, options, "cloze" if blank else "typed", [])


def _said_as_feedback(row: Cells) -> dict[str, Any]:
    """The model answer of an open question, before what is said about it."""
    said = row.texts("answer") or row.texts("key")
    if not said:
        return {}
    why = row.texts("feedback")
    whole = {lang: "\n".join(filter(None, (said.get(lang), why.get(lang)))) for lang in LANGS}
    return {"feedback": Bilingual.model_validate({lang: text for lang, text in whole.items() if text})}


def _recalled(
    row: Cells, stem: dict[str, str], options: list[dict[str, Any]], kind: Kind, keys: list[int]
) -> dict[str, Any]:
    answer = row.texts("answer") or ({} if options else row.texts("key"))
    accepted = cells.accepted_forms(row.one("accepted"))
    if not answer and options:  # templates put each accepted answer into an option
        chosen = [options[at] for at in keys] or options
        answer = chosen[0]["text"].model_dump(exclude_none=True)
        accepted += [{"text": said_by(option)} for option in chosen[1:]]
    if not answer:
        raise Refused("no-answer")
    body: dict[str, Any] = {
        "kind": kind,
        "answer": Bilingual.model_validate(answer),
        "accepted": tuple(accepted),
        "ranges": tuple(cells.ranges_of(row.one("ranges"))),
        "rivals": cells.listed(row.one("rivals")),
        "answer_type": row.one("answer-type") or None,
        "value": row.one("value") or None,
    }
    if body["answer_type"] is None and all(re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text) for text in answer.values()):
        body |= {"answer_type": "number", "value": next(iter(answer.values()))}
    if kind == "cloze":
        blanks = {lang: _BLANKS.sub(MARK, text) for lang, text in stem.items() if not _MARKED.search(text)}
        body["stem"] = Bilingual.model_validate(stem | blanks)
    return body


def _listed(row: Cells, kind: Kind, options: list[dict[str, Any]]) -> dict[str, Any]:
    """Ordering and matching: the options in their right order, or beside their left sides."""
    if kind == "ordering":
        _all_differ(options)
        if len(options) < 2:
            raise Refused("too-few-options")
        return {"kind": "ordering", "items": tuple({"id": one["id"], "text": one["text"]} for one in options)}
    pairs: list[dict[str, Any]] = []
    extra: list[dict[str, Any]] = []
    for option in options:
        left = row.texts("left", option["number"])
        if left:
            pairs.append({"id": option["id"], "left": Bilingual.model_validate(left), "right": option["text"]})
        else:
            extra.append({"id": option["id"], "text": option["text"]})
    if len(pairs) < 2:
        raise Refused("too-few-options")
    return {"kind": "matching", "pairs": tuple(pairs), "extra": tuple(extra)}


def _truth(row: Cells, options: list[dict[str, Any]], keys: list[int]) -> bool:
    said = normalise(said_by(options[keys[0]])) if options and len(keys) == 1 else ""
    for word in (said, normalise(row.one("key")), normalise(row.one("answer"))):
        if word in TRUE | YES:
            return True
        if word in FALSE | NO:
            return False
    raise Refused("bad-key" if row.one("key") or row.one("answer") else "no-answer", row.one("key")[:80])


def _is_truth(options: list[dict[str, Any]]) -> bool:
    first, second = (normalise(said_by(option)) for option in options)
    return (first in TRUE and second in FALSE) or (first in FALSE and second in TRUE)


def _all_differ(options: list[dict[str, Any]]) -> None:
    """Two options that read alike cannot be told apart, wherever the right one is."""
    for lang in LANGS:
        said = [" ".join(text.split()) for option in options if (text := option["text"].get(lang))]
        twice = next((text for text in said if said.count(text) > 1), None)
        if twice is not None:
            raise Refused("same-options", twice[:80])
