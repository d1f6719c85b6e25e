"""Notes of our own decks: back to the questions that they were made of, by the same ids.

What a card does not show does not come back: ids of options, difficulty, sources, what a question may not stand with.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from questions.bank import KINDS, Kind
from questions.formats.apkg_file import AnkiNote, NoteType
from questions.formats.asked import TOPIC_ID, named, valid
from questions.formats.incoming import Code, Place, Reading, language_of
from questions.formats.markup import to_plain
from questions.texts import LANGS, Bilingual, Lang

_Keep = Callable[[str], "dict[str, str] | Code"]

_LABELS: dict[Kind, str] = {kind: kind.replace("_", "-").capitalize() for kind in KINDS}  # as in the names of fields
_OTHERS = re.compile(r'<bdi lang="(ar|en)" dir="(?:rtl|ltr)">(.*)</bdi>', re.DOTALL)  # a text in the other language
_RETIRED = '<span class="retired">'
_LINE = re.compile(r"<li( class=\"right\")?>(.*?)</li>", re.DOTALL)
_MARK = re.compile(r'\s*<span class="mark">(.*?)</span>', re.DOTALL)
_SAID = re.compile(r'<div class="said">(.*?)</div>', re.DOTALL)
_TO = re.compile(r'\s*<span class="to">(.*?)</span>\s*', re.DOTALL)
_FORM = re.compile(r"<bdi>(.*?)</bdi>(?: <bdi>\((\d+)%\)</bdi>)?", re.DOTALL)
_SPAN = re.compile(r"(?:from|من) (\S+) (?:to|إلى) (\S+)")
_FILE = re.compile(r'<img src="([^"]+)"(?: alt="([^"]*)")?[^<>]*>|\[sound:([^\]]+)\]')


class _Changed(Exception):
    """The note does not read as our decks write it."""


def is_own(kind: NoteType) -> bool:
    return {"Point", "Title ar", "Choice stem ar", "Choice stem en", "Matching items en"} <= set(kind.fields)


def take(reading: Reading, note: AnkiNote, keep: _Keep) -> None:
    """Take in the questions of one note, or note why not."""
    point = html.unescape(note.fields.get("Point", "")).strip()
    asked = [kind for kind in KINDS if any(note.fields.get(f"{_LABELS[kind]} stem {lang}") for lang in LANGS)]
    if not asked:
        reading.refuse(Place("note", note.number, point[:60]), "no-question")
    shared = _shared(reading, note)
    for kind in asked:
        own = _id(point, kind, alone=len(asked) == 1, generated=bool(shared["facts"]))
        place = Place("note", note.number, own[:60])
        if "qimma::retired" in note.tags or any(_RETIRED in text for text in _texts(note, kind, "stem").values()):
            reading.skip(place, "retired")
            continue
        try:
            question = {"id": own, **shared, **_question(note, kind), "media": _media(reading, note, kind, place, keep)}
        except (_Changed, ValidationError, ValueError) as error:
            reading.refuse(place, "not-understood", str(error)[:200] if isinstance(error, _Changed) else "")
            continue
        reading.take(place, {name: value for name, value in question.items() if value is not None})
        if any(note.fields.get(f"Source {lang}") for lang in LANGS):
            reading.lost(place, "sources")


def _id(point: str, kind: Kind, *, alone: bool, generated: bool) -> str:
    """A note stands for a point, or for one question that is its own."""
    dots = point.count(".")
    own = dots > 1 or (alone and (dots == 0 or not generated))
    return point if own else f"{point}.{kind.replace('_', '-')}"


def _shared(reading: Reading, note: AnkiNote) -> dict[str, Any]:
    """What the note's tags say of all its questions."""
    ours = [tag.split("::") for tag in note.tags if tag.startswith("qimma::")]
    told = {
        name: [parts[2] for parts in ours if parts[1] == name and len(parts) == 3]
        for name in ("topic", "fact", "weight")
    }
    topic = valid(TOPIC_ID, told["topic"][0] if told["topic"] else None)
    if topic:
        said = note.deck.rpartition("::")[2].strip()[:500] or topic
        names = [part.strip() for part in said.split(" | ")]
        reading.topic(said, topic)
        both = len(names) == 2 and all(names)
        name = Bilingual(ar=names[0], en=names[1]) if both else Bilingual(**{language_of(said): said})
        reading.topics[topic] = reading.topics[topic].model_copy(update={"name": name})
    return {
        "topic": topic,
        "facts": tuple(told["fact"]),
        "weight": told["weight"][0] if told["weight"] else None,
        "tags": tuple(tag for tag in note.tags if tag != "qimma" and not tag.startswith("qimma::")),
    }


def _texts(note: AnkiNote, kind: Kind, part: str) -> dict[Lang, str]:
    """The HTML of a part of a question, in the languages in which the question is."""
    label = _LABELS[kind]
    asked: list[Lang] = [lang for lang in LANGS if note.fields.get(f"{label} stem {lang}")]
    return {lang: text for lang in asked if (text := note.fields.get(f"{label} {part} {lang}", ""))}


def _bilingual(texts: dict[Lang, str]) -> Bilingual:
    """A text by language; one that is shown for want of the other is counted in its own."""
    found: dict[str, str] = {}
    for lang, text in texts.items():
        other = _OTHERS.fullmatch(text.strip())
        found[other[1] if other else lang] = _plain(other[2] if other else text)
    return Bilingual.model_validate({lang: text for lang, text in found.items() if text})


def _plain(source: str) -> str:
    """Our own HTML exactly as it was; what Anki's editor made of it otherwise, as near as can be."""
    bare = (
        re.sub(r"</?bdi[^<>]*>", "", source).replace("<strong>", "**").replace("</strong>", "**").replace("<br>", "\n")
    )
    return to_plain(source)[0] if "<" in bare else html.unescape(bare)


def _question(note: AnkiNote, kind: Kind) -> dict[str, Any]:
    stems = {
        lang: re.sub(r'<span class="blank">(.*?)</span>', r"\1", text)
        for lang, text in _texts(note, kind, "stem").items()
    }
    why = _texts(note, kind, "why")
    question: dict[str, Any] = {
        "kind": kind,
        "stem": _bilingual(stems),
        "feedback": _bilingual(why) if why else None,
    }
    answers = _texts(note, kind, "answer")
    match kind:
        case "choice" | "multi_select":
            return question | _options(kind, answers)
        case "true_false":
            said = {to_plain(text)[0] for text in answers.values()}
            if not said <= {"صواب", "true"} and not said <= {"خطأ", "false"}:
                raise _Changed("neither true nor false")
            return question | {"key": said <= {"صواب", "true"}}
        case "typed" | "cloze":
            return question | _recalled(note, kind, answers)
        case "ordering":
            items = _lists(answers)
            ids = named([text for text, _ in items], "i")
            return question | {
                "items": tuple({"id": own, "text": text} for own, (text, _) in zip(ids, items, strict=True))
            }
        case "matching":
            return question | _pairs(answers)
    return question


def _lists(answers: dict[Lang, str]) -> list[tuple[Bilingual, dict[Lang, tuple[str, str]]]]:
    """The lines of a list, by language side by side: their text, and the mark and the HTML of each."""
    lines = {lang: _LINE.findall(text) for lang, text in answers.items()}
    if not lines or len({len(found) for found in lines.values()}) != 1:
        raise _Changed("its two languages list different things")
    out: list[tuple[Bilingual, dict[Lang, tuple[str, str]]]] = []
    for at in range(len(next(iter(lines.values())))):
        row = {lang: found[at] for lang, found in lines.items()}
        texts = {lang: _SAID.sub("", _MARK.sub("", source)) for lang, (_, source) in row.items()}
        out.append((_bilingual(texts), row))
    return out


def _options(kind: Kind, answers: dict[Lang, str]) -> dict[str, Any]:
    lines = _lists(answers)
    ids = named([text for text, _ in lines], "o")
    options: list[dict[str, Any]] = []
    keys: list[str] = []
    for own, (text, row) in zip(ids, lines, strict=True):
        option: dict[str, Any] = {"id": own, "text": text}
        said = {lang: found[1] for lang, (_, source) in row.items() if (found := _SAID.search(source))}
        if said:
            option["feedback"] = _bilingual(said)
        right, source = next(iter(row.values()))
        if right:
            keys.append(own)
        elif "≈" in "".join(_MARK.findall(source)):
            option["weight"] = 0.5
        options.append(option)
    if not keys:
        raise _Changed("no option is marked as right")
    fixed = not any("shuffle" in text[:40] for text in answers.values())
    right_ones = {"key": keys[0]} if kind == "choice" else {"keys": tuple(keys)}
    return {"options": tuple(options), "fixed_order": fixed, **right_ones}


def _pairs(answers: dict[Lang, str]) -> dict[str, Any]:
    pairs: list[dict[str, Any]] = []
    extra: list[dict[str, Any]] = []
    for at, (_, row) in enumerate(_lists(answers), start=1):
        sides = {lang: _TO.split(source) for lang, (_, source) in row.items()}
        if any(len(parts) != 3 for parts in sides.values()):
            raise _Changed("a pair has no two sides")
        left = _bilingual({lang: parts[0] for lang, parts in sides.items()})
        if any(parts[2] for parts in sides.values()):
            right = _bilingual({lang: parts[2] for lang, parts in sides.items()})
            pairs.append({"id": str(at), "left": left, "right": right})
        else:
            extra.append({"id": str(at), "text": left})
    return {"pairs": tuple(pairs), "extra": tuple(extra)}


def _recalled(note: AnkiNote, kind: Kind, answers: dict[Lang, str]) -> dict[str, Any]:
    if kind == "cloze":
        filled = {
            lang: re.search(r'<span class="filled">(.*?)</span>', text, re.DOTALL) for lang, text in answers.items()
        }
        answers = {lang: found[1] for lang, found in filled.items() if found}
    if not answers:
        raise _Changed("its answer is missing")
    forms: dict[tuple[str, float], set[Lang]] = {}
    ranges: set[tuple[float, float]] = set()
    for lang, also in _texts(note, kind, "also").items():
        for text, share in _FORM.findall(also):
            forms.setdefault((_plain(text), float(share) / 100 if share else 1.0), set()).add(lang)
        ranges |= {(float(low), float(high)) for low, high in _SPAN.findall(_FORM.sub("", also))}
    answer = _bilingual(answers)
    question: dict[str, Any] = {
        "answer": answer,
        "accepted": tuple(
            {"text": text, "weight": weight, "lang": None if len(langs) == len(answers) > 1 else next(iter(langs))}
            for (text, weight), langs in forms.items()
        ),
        "ranges": tuple({"low": low, "high": high} for low, high in sorted(ranges)),
    }
    figures = {text for lang in LANGS if (text := answer.get(lang))}
    if len(figures) == 1 and re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", only := next(iter(figures))):
        question |= {"answer_type": "number", "value": only}
    return question


def _media(reading: Reading, note: AnkiNote, kind: Kind, place: Place, keep: _Keep) -> tuple[dict[str, str], ...]:
    found: list[dict[str, str]] = []
    for picture, alt, sound in _FILE.findall(note.fields.get(f"{_LABELS[kind]} media", "")):
        kept = keep(picture or sound)
        if isinstance(kept, dict):
            found.append(kept | ({"alt": html.unescape(alt)} if alt else {}))
        else:
            reading.remark(place, kept, (picture or sound)[:120])
    return tuple(found)
