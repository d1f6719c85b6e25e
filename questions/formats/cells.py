"""Several things in one cell, and cells that a spreadsheet would run: written so that they are read back equal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from questions.bank import Accepted, Citation, Range
from questions.texts import Bilingual, Lang

_RUNS = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")  # what a spreadsheet takes for a formula
_SHARE = re.compile(r"\s*(?<!\\)\((\d{1,3}(?:\.\d+)?)\s*%\)$")
_PREFIX = re.compile(r"(ar|en):\s*")
_RANGE = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)\s*(?:\.\.|…)\s*(-?[\d.]+(?:e[+-]?\d+)?)")
_AROUND = re.compile(r"(-?[\d.]+)\s*(?:±|\+/-)\s*([\d.]+)")


def guarded(text: str) -> str:
    """The text with an apostrophe before what would be run as a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell


def joined(parts: Iterable[str], signs: str = ";؛|") -> str:
    """Parts in one cell, "a; b". Their own separators are escaped by a backslash, line breaks are written `\\n`."""
    return "; ".join(escaped(part, signs) for part in parts)


def escaped(part: str, signs: str) -> str:
    return re.sub(rf"[\\{re.escape(signs)}]", r"\\\g<0>", part).replace("\n", "\\n")


def parted(cell: str, signs: str = ";؛|") -> list[str]:
    """The parts of a cell, still escaped; empty ones are left out."""
    parts = re.split(rf"((?:[^\\{re.escape(signs)}\n]|\\.|\\$)*)", cell, flags=re.DOTALL)[1::2]
    return [part.strip() for part in parts if part.strip()]


def unescaped(part: str) -> str:
    """A part as it was. A backslash before a letter is one that somebody typed."""
    return re.sub(r"\\(n|[^A-Za-z0-9\s])", lambda at: "\n" if at[1] == "n" else at[1], part)


def listed(cell: str, signs: str = ";؛|") -> tuple[str, ...]:
    return tuple(unescaped(part) for part in parted(cell, signs))


def share(weight: float) -> str:
    return f" ({Decimal(repr(weight)) * 100:f}%)" if weight != 1 else ""


def accepted_cell(forms: Iterable[Accepted]) -> str:
    """As in "ar: حسن; en: Hasan (50%)"."""
    parts: list[str] = []
    for form in forms:
        text = escaped(form.text, ";؛|")
        if _SHARE.search(text):
            text = re.sub(r"\((?=[^(]*$)", r"\\(", text)
        if _PREFIX.match(text):
            text = text.replace(":", "\\:", 1)
        parts.append(f"{f'{form.lang}: ' if form.lang else ''}{text}{share(form.weight)}")
    return "; ".join(parts)


def accepted_forms(cell: str) -> list[dict[str, object]]:
    forms: list[dict[str, object]] = []
    for part in parted(cell):
        part, weight = _weighed(part)
        found = _PREFIX.match(part)
        lang: Lang | None = None if found is None else "ar" if found[1] == "ar" else "en"
        text = unescaped(part[found.end() :] if found else part)
        if text.strip():
            forms.append({"text": text, "lang": lang, "weight": weight})
    return forms


def ranges_cell(spans: Iterable[Range]) -> str:
    return "; ".join(f"{span.low!r}..{span.high!r}{share(span.weight)}" for span in spans)


def ranges_of(cell: str) -> list[dict[str, float]]:
    """From "1..2; 10 ± 0.5 (50%); 7". Raises ValueError for what is none of these."""
    spans: list[dict[str, float]] = []
    for part in parted(cell):
        bare, weight = _weighed(part)
        if found := _RANGE.fullmatch(bare):
            low, high = float(found[1]), float(found[2])
        elif found := _AROUND.fullmatch(bare):
            low, high = float(found[1]) - float(found[2]), float(found[1]) + float(found[2])
        else:
            low = high = float(bare)
        spans.append({"low": low, "high": high, "weight": weight})
    return spans


def _weighed(part: str) -> tuple[str, float]:
    found = _SHARE.search(part)
    if found is None:
        return part, 1.0
    try:
        return part[: found.start()], float(Decimal(found[1]) / 100)
    except InvalidOperation:
        return part, 1.0


def sources_cell(sources: Iterable[Citation]) -> str:
    """A line each: whose word in Arabic | in English | paragraph | its first words."""
    return "\n".join(
        " | ".join(
            escaped(text, "|")
            for text in (one.voice.ar or "", one.voice.en or "", str(one.para or ""), one.opening or "")
        )
        for one in sources
    )


def sources_of(cell: str) -> list[Citation]:
    """Raises ValueError when a line says nobody's name."""
    found: list[Citation] = []
    for line in cell.split("\n"):
        if line.strip():
            parts = [unescaped(part.strip()) for part in re.split(r"(?<!\\)\|", line)] + [""] * 3
            ar, en, para, opening = parts[:4]
            voice = Bilingual(ar=ar or None, en=en or None)
            found.append(Citation(voice=voice, para=int(para) if para else None, opening=opening or None))
    return found
