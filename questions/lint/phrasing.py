"""Rules that hold for every text of a question: whole, well set, and our own."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources.abc import Traversable

from questions.bank import Bank, Question
from questions.grammar import MONTHS_AR
from questions.lint.finding import Finding, Texts, habit, normal
from questions.texts import LANGS, Lang

RUN = 8  # words in a row that count as copied
RUNS_FILE = "runs.json"

# A slot that a template left open: braces, or Python's word for nothing.
_SLOT = re.compile(r"[{}]|\bNone\b(?! of\b)")
_DOUBLED = re.compile(
    r"[^\S\n]{2,}|[،,]\s*[،,.]|[؛;:]\s*[؛;:]|[؟?]\s*[؟?]|(?<!\.)\.\s?\.(?!\.)|\s[،؛؟,;?](?=\s|$)|«\s*»|“\s*”|\(\s*\)"
)
_EASTERN, _WESTERN = re.compile("[٠-٩۰-۹]"), re.compile("[0-9]")
_ARABIC = "\u0620-\u064a"
# The other script's punctuation, but for that inside a run of the other script and between digits.
_PUNCTUATION: dict[Lang, re.Pattern[str]] = {
    "ar": re.compile(r"(?<![A-Za-z])[?;]|(?<![A-Za-z0-9]),|(?<=[0-9]),(?![0-9])"),
    "en": re.compile(rf"(?<![{_ARABIC}])[؟،؛]"),
}
_MONTH_NAMES = [tuple(month.split("/")) for month in MONTHS_AR]
_TASHKEEL = re.compile("[\u064e\u064f\u0650\u0652]")  # shadda and tanwin are written in careful prose
_MARKUP = "**"


def _spelled(name: str) -> str:
    """A month's name in any of its spellings: with or without hamza on the first letter."""
    return f"[اأإ]{name[1:]}" if name[0] in "اأإ" else name


_BOTH = re.compile(
    "|".join(
        rf"{_spelled(one)}\s?/\s?{_spelled(other)}|{_spelled(other)}\s?/\s?{_spelled(one)}"
        for one, other in _MONTH_NAMES
    )
)
# Alone these are words of their own as well: "practised", "came back", a car. A day or a year beside them tells.
_AMBIGUOUS = {"مارس", "آذار", "مايو", "أيار", "آب", "نيسان", "تموز"}
_SURE = "|".join(_spelled(name) for pair in _MONTH_NAMES for name in pair if name not in _AMBIGUOUS)
_MAYBE = "|".join(_spelled(name) for name in sorted(_AMBIGUOUS))
_ONE_MONTH = re.compile(
    rf"(?<![{_ARABIC}])[وبل]?(?:{_SURE})(?![{_ARABIC}])"
    rf"|(?:[0-9٠-٩]\s|شهر\s)(?:{_MAYBE})(?![{_ARABIC}])|(?<![{_ARABIC}])[وبل]?(?:{_MAYBE})\s[0-9٠-٩]{{4}}"
)
_NAMES = re.compile("«[^»]*»")  # a name or quotation that a month is a part of: «ثورة يوليو»


def check(question: Question, said: Texts, bank: Bank, runs: frozenset[str]) -> Iterator[Finding]:
    for path, text in said:
        for lang in bank.languages:
            if text.get(lang) is None:
                yield Finding(question.id, "missing-language", f"{path} has no {lang}")
        for lang in text.languages:
            words = text.get(lang) or ""
            for rule, what in _faults(words, lang):
                yield Finding(question.id, rule, f"{path}.{lang} {what}: {words[:60]}", habit(question))
            if runs and not runs.isdisjoint(_hashes(words)):
                yield Finding(question.id, "copied", f"{path}.{lang} repeats {RUN} words of the document in a row")
    for lang in LANGS:
        whole = "\n".join(text.get(lang) or "" for _, text in said)
        if _EASTERN.search(whole) and _WESTERN.search(whole):
            yield Finding(question.id, "mixed-digits", f"its {lang} texts mix two kinds of digits", habit(question))


@lru_cache(maxsize=20_000)
def _faults(words: str, lang: Lang) -> tuple[tuple[str, str], ...]:
    return tuple(_faults_of(words, lang))


def _faults_of(words: str, lang: Lang) -> Iterator[tuple[str, str]]:
    if _SLOT.search(words):
        yield "unresolved-slot", "holds a slot that nothing was put in"
    if _DOUBLED.search(words):
        yield "doubled", "has a space or a mark too many"
    if _PUNCTUATION[lang].search(words):
        yield "punctuation", "has the other script's comma, semicolon or question mark"
    if words.count(_MARKUP) % 2 or _MARKUP * 2 in words:
        yield "markup", "has emphasis that does not close"
    if lang == "ar":
        if _ONE_MONTH.search(_BOTH.sub(" ", _NAMES.sub(" ", words))):
            yield "one-month-name", "gives a month by one of its two names"
        letters = sum(unicodedata.category(char) == "Lo" for char in words)
        if letters > 10 and len(_TASHKEEL.findall(words)) > letters / 4:
            yield "vowelled", "is vowelled throughout"


def run_hashes(text: str) -> list[str]:
    """Hashes of every run of eight words of a text, in normal form. They cannot be read back."""
    words = normal(text).split()
    runs = (" ".join(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
    return [hashlib.sha256(run.encode()).hexdigest()[:16] for run in runs]


@lru_cache(maxsize=20_000)
def _hashes(text: str) -> frozenset[str]:
    return frozenset(run_hashes(text))


def read_runs(folder: Traversable) -> frozenset[str]:
    """The hashes that lie beside a folder of fact files; none where there is no such file."""
    file = folder / RUNS_FILE
    return frozenset(json.loads(file.read_text("utf-8"))) if file.is_file() else frozenset()
