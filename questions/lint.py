"""Refuses a bad question. An error hides or refuses it, a remark is shown to the instructor."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

from questions.bank import (
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    MultiSelectQuestion,
    Question,
    TypedQuestion,
)
from questions.normalise import normalise
from questions.texts import LANGS, Bilingual, Lang

RUN = 8  # words in a row that count as copied
RUNS_FILE = "runs.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about a question."""

    question: str
    rule: str
    what: str
    level: Literal["error", "remark"] = "error"

    def __str__(self) -> str:
        return f'question "{self.question}": {self.what} [{self.rule}]'


_SLOT = re.compile(r"\{[a-z_.]*\}")
_BANNED = frozenset(
    map(
        normalise,
        (
            "all of the above",
            "none of the above",
            "جميع ما سبق",
            "كل ما سبق",
            "لا شيء مما سبق",
            "ليس مما سبق",
        ),
    )
)
_DEICTIC: dict[Lang, frozenset[str]] = {
    "en": frozenset({"yesterday", "tomorrow", "today", "recently", "nowadays"}),
    "ar": frozenset(map(normalise, ("أمس", "غدا", "مؤخرا", "حاليا"))),
}
_QUOTED = re.compile("«[^»]*»|“[^”]*”")
_EASTERN, _WESTERN = re.compile("[٠-٩]"), re.compile("[0-9]")


def lint(bank: Bank, *, runs: frozenset[str] = frozenset()) -> list[Finding]:
    """Everything that a program can see in a bank. `runs` are hashes of its document's runs of eight words."""
    findings: list[Finding] = []
    stems: dict[tuple[Lang, str], str] = {}
    for question in bank.live:
        findings += lint_question(question, bank, runs=runs)
        for lang in question.stem.languages:
            form = (lang, f"{question.kind} {question.stem.get(lang)} {_offered(question, lang)}")
            if form in stems:
                findings.append(Finding(question.id, "duplicate-stem", f'has the stem of "{stems[form]}"'))
            stems[form] = question.id
    return findings


def _offered(question: Question, lang: Lang) -> list[str]:
    """What tells two questions of one stem apart: "which of these was raised?" """
    options = question.options if isinstance(question, ChoiceQuestion | MultiSelectQuestion) else ()
    return sorted(option.text.get(lang) or "" for option in options)


def lint_question(question: Question, bank: Bank, *, runs: frozenset[str] = frozenset()) -> list[Finding]:
    """What is odd about one question by itself. Of the bank, its languages and document are looked at."""
    return [
        *_languages(question, bank),
        *_wording(question),
        *_answers(question),
        *_provenance(question, bank),
        *_copied(question, runs),
    ]


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Bilingual]]:
    """Every bilingual text in a question, with the path of its field."""
    if isinstance(value, Bilingual):
        yield path, value
    elif isinstance(value, tuple):
        for row in value:
            name = getattr(row, "id", "")
            yield from texts(row, f"{path}.{name}" if name else path)
    elif hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{path}.{name}" if path else name)


def _languages(question: Question, bank: Bank) -> Iterator[Finding]:
    for path, text in texts(question):
        for lang in bank.languages:
            if text.get(lang) is None:
                yield Finding(question.id, "missing-language", f"{path} has no {lang}")


def _wording(question: Question) -> Iterator[Finding]:
    for path, text in texts(question):
        for lang in text.languages:
            words = text.get(lang) or ""
            if _SLOT.search(words):
                yield Finding(question.id, "unresolved-slot", f"{path}.{lang} holds a slot: {words[:60]}")
    for lang in LANGS:
        said = "\n".join(text.get(lang) or "" for _, text in texts(question))
        if _EASTERN.search(said) and _WESTERN.search(said):
            yield Finding(question.id, "mixed-digits", f"its {lang} texts mix two kinds of digits")
    for lang in question.stem.languages:
        said = _QUOTED.sub(" ", question.stem.get(lang) or "")  # someone's own "today" is theirs
        deictic = _DEICTIC[lang] & set(normalise(said).split())
        if deictic:
            yield Finding(question.id, "deictic", f"stem.{lang} says {sorted(deictic)}: from when is it seen?")


def _answers(question: Question) -> Iterator[Finding]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            for lang in LANGS:
                seen: dict[str, str] = {}
                for option in question.options:
                    form = normalise(option.text.get(lang) or "")
                    if not form:
                        continue
                    if form in seen:
                        yield Finding(question.id, "same-options", f"options {seen[form]} and {option.id} read alike")
                    if form in _BANNED:
                        yield Finding(question.id, "banned-option", f"option {option.id} is a catch-all")
                    seen[form] = option.id
            if isinstance(question, ChoiceQuestion):
                yield from _longest_key(question)
        case TypedQuestion() | ClozeQuestion():
            for lang in question.stem.languages:
                answer = normalise(question.answer.get(lang) or "")
                if len(answer) > 2 and f" {answer} " in f" {normalise(question.stem.get(lang) or '')} ":
                    yield Finding(question.id, "answer-in-stem", f"stem.{lang} names the answer")
        case _:
            pass


def _longest_key(question: ChoiceQuestion) -> Iterator[Finding]:
    """A key that is much longer than every distractor is picked without knowing anything."""
    for lang in LANGS:
        lengths = {option.id: len(option.text.get(lang) or "") for option in question.options}
        longest = max(length for name, length in lengths.items() if name != question.key)
        if lengths[question.key] > max(1.6 * longest, longest + 12):
            yield Finding(question.id, "longest-key", f"the key is much the longest option in {lang}", "remark")


def _provenance(question: Question, bank: Bank) -> Iterator[Finding]:
    if bank.document is None or not question.facts:
        return
    if not question.sources:
        yield Finding(question.id, "no-source", "names no source")
    for source in question.sources:
        if source.para is None:
            yield Finding(question.id, "no-paragraph", "has a source without a paragraph")
    if question.feedback is None:
        yield Finding(question.id, "no-feedback", "has no sentence that says why")


def _copied(question: Question, runs: frozenset[str]) -> Iterator[Finding]:
    if not runs:
        return
    for path, text in texts(question):
        for lang in text.languages:
            found = runs & set(run_hashes(text.get(lang) or ""))
            if found:
                yield Finding(question.id, "copied", f"{path}.{lang} repeats {RUN} words of the document in a row")


def run_hashes(text: str) -> list[str]:
    """Hashes of every run of eight words of a text, in normal form. They cannot be read back."""
    words = normalise(text).split()
    runs = (" ".join(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
    return [hashlib.sha256(run.encode()).hexdigest()[:16] for run in runs]


def read_runs(folder: Traversable) -> frozenset[str]:
    """The hashes that lie beside a folder of fact files; none where there is no such file."""
    file = folder / RUNS_FILE
    return frozenset(json.loads(file.read_text("utf-8"))) if file.is_file() else frozenset()
