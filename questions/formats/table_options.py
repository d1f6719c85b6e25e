"""The options of a row, and which of them its key names: by number, by letter or by words."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from questions.bank import Kind
from questions.formats.asked import named
from questions.formats.cells import listed
from questions.formats.incoming import in_language
from questions.formats.table_cells import Cells, Refused
from questions.normalise import normalise
from questions.texts import LANGS, Bilingual

KeyStyle = Literal["number", "from-zero", "text"]

_LABEL = re.compile(r"^\s*\(?(?:[A-Ha-h]|[أابجدهـ]{1,2}|\d)\s*[).:\-]\s+")  # "A) ", "ب. "
_NAMES = re.compile(
    r"\b(option|answer|choice|alternative|خيار|الخيار|البديل)(?=[\s_-]*[A-Ja-j\d\u0621-\u064a]\b)", re.IGNORECASE
)


def said_by(option: dict[str, Any]) -> str:
    text: Bilingual = option["text"]
    return text.en or text.ar or ""


def option_texts(row: Cells) -> list[str]:
    """The options as the file has them, for finding out how it names the right one."""
    return [said_by(option) for option in _numbered(row)] or [said_by(option) for option in _in_one_cell(row)]


def options_of(row: Cells, style: KeyStyle, kind: Kind | None) -> tuple[list[dict[str, Any]], list[int]]:
    """The options, and which of them are right."""
    wrong = [texts for number in range(1, row.count("wrong") + 1) if (texts := row.texts("wrong", number))]
    if wrong and not row.has("option"):
        if len(wrong) == 1:  # one cell may hold them all
            lang, text = next(iter(wrong[0].items()))
            wrong = [{lang: part} for part in listed(text, "|;؛\n")]
        right = row.texts("key") or row.texts("answer")
        if not right:
            raise Refused("no-answer")
        both = [Bilingual.model_validate(text) for text in (right, *wrong)]
        return _with_ids([{"id": "", "text": text, "number": at} for at, text in enumerate(both, start=1)]), [0]
    options = _with_ids(_numbered(row) or _in_one_cell(row))
    said = "\n".join((row.texts("key") or row.texts("answer")).values()) if options else ""
    keys = _keys(said, options, style) if kind not in {"ordering", "matching"} else []
    return options, keys


def _with_ids(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An option without an id of its own is named by what it says."""
    ids = named([option["text"] for option in options], "o")
    return [option | {"id": option["id"] or own} for option, own in zip(options, ids, strict=True)]


def _numbered(row: Cells) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = []
    for number in range(1, row.count("option") + 1):
        texts = row.texts("option", number)
        if texts:
            option: dict[str, Any] = {
                "id": row.one("option-id", number),
                "text": Bilingual.model_validate(texts),
                "number": number,
            }
            if feedback := row.texts("option-feedback", number):
                option["feedback"] = Bilingual.model_validate(feedback)
            if weight := row.one("option-weight", number):
                option["weight"] = float(weight.replace(",", "."))
            options.append(option)
    return options


def _in_one_cell(row: Cells) -> list[dict[str, Any]]:
    """Options that stand in one cell: a list in JSON, a line each, or parted by | or ; or commas."""
    text = row.one("options")
    if not text:
        return []
    parts: list[str] = []
    if text.startswith("["):
        try:
            loaded = json.loads(text)
            parts = [str(one.get("text", "") if isinstance(one, dict) else one) for one in loaded]
        except (ValueError, RecursionError):
            parts = re.findall(r"'([^']*)'", text)
    if not parts:
        sign = next((sign for sign in ("\n", "|", ";", "؛", ",", "،") if sign in text), "\n")
        parts = text.split(sign)
    parts = [part.strip() for part in parts if part.strip()]
    if all(_LABEL.match(part) for part in parts):
        parts = [_LABEL.sub("", part) for part in parts]
    return [
        {"id": "", "text": in_language(part, row.lang), "number": at} for at, part in enumerate(parts, start=1) if part
    ]


def _keys(said: str, options: list[dict[str, Any]], style: KeyStyle) -> list[int]:
    """Which options are right, by their numbers, letters or words; none when what is said names no option."""
    if not said or not options:
        return []
    if style == "text" and (exact := _by_words(said.split("\n"), options)):
        return exact
    bare = _NAMES.sub("", re.sub(r"^\s*(\d+)[.,]0+\s*$", r"\1", said))  # a spreadsheet's 1,0
    parts = [part for part in re.split(r"[\s,;،؛|/&+]+|\band\b|\bو\b", bare) if part]
    if re.fullmatch(r"\d\.\d", said) and not said.endswith("0"):  # a spreadsheet took "1,3" for a number
        parts = said.split(".")
    places = [_place(part, options, from_zero=style == "from-zero") for part in parts]
    if parts and all(place is not None for place in places):
        return list(dict.fromkeys(place for place in places if place is not None))
    return (
        _by_words([said], options)
        or _by_words(re.split(r"\s*[\n|;؛]\s*", said), options)
        or _by_words(re.split(r"\s*[,،]\s*", said), options)
        or _by_letters(said, options)
    )


def _by_letters(said: str, options: list[dict[str, Any]]) -> list[int]:
    """Letters that nothing parts: "AC"."""
    if not re.fullmatch(r"[A-J]{2,8}", said) or len(set(said)) < len(said):
        return []
    places = [_place(letter, options, from_zero=False) for letter in said]
    return [place for place in places if place is not None] if None not in places else []


def _by_words(parts: list[str], options: list[dict[str, Any]]) -> list[int]:
    """The options that read like these; all of the parts must name one."""
    found: set[int] = set()
    for part in filter(None, (part.strip() for part in parts)):
        bare = _LABEL.sub("", part)
        at = next((at for at, option in enumerate(options) if part in _forms(option)), None)
        if at is None:
            loose = {normalise(part), normalise(bare)} - {""}
            at = next(
                (at for at, option in enumerate(options) if loose & {normalise(one) for one in _forms(option)}), None
            )
        if at is None:
            return []
        found.add(at)
    return sorted(found)


def _forms(option: dict[str, Any]) -> set[str]:
    return {text for lang in LANGS if (text := option["text"].get(lang))}


_LETTER = {letter: at for at, letter in enumerate("abcdefghij", start=1)} | {
    letter: at for at, letter in enumerate("ابجدهوزح", start=1)
}


def _place(part: str, options: list[dict[str, Any]], *, from_zero: bool) -> int | None:
    """Where the option stands that a number or a letter names: 2, 2.0, "2,0", B, (b), ب, Option 2."""
    bare = normalise(re.sub(r"[.,]0+$", "", part).strip("().[]:- "))
    counted = bare.isdigit() and len(bare) < 3
    number = int(bare) + from_zero if counted else _LETTER.get(bare, 0)
    return next((at for at, option in enumerate(options) if option["number"] == number), None)
