"""Refuses a bad question. An error hides or refuses it, a remark is shown to the instructor.

What every question must keep is an error in all; a habit of this house is an error only in a question that its
facts gave, and a remark in one that was written by hand or imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from questions.bank import Bank, Question
from questions.factbook import FactBook
from questions.lint import agreement, answers, options, phrasing, sources, stems, whole
from questions.lint.finding import Finding, texts
from questions.lint.phrasing import RUN, RUNS_FILE, read_runs, run_hashes
from questions.lint.truth import Truth

__all__ = ["RUN", "RUNS_FILE", "Finding", "lint", "lint_question", "read_runs", "run_hashes", "texts"]


def lint(bank: Bank, *, runs: frozenset[str] = frozenset(), book: FactBook | None = None) -> list[Finding]:
    """Everything that a program can see in a bank.

    `runs` are hashes of its document's runs of eight words; with the `book` that it was made of, what the questions
    say is held against the facts.
    """
    known = Truth(book) if book is not None else None
    findings = [finding for question in bank.live for finding in _of(question, bank, runs, known)]
    return [*findings, *whole.check(bank, book)]


def lint_question(
    question: Question, bank: Bank, *, runs: frozenset[str] = frozenset(), book: FactBook | None = None
) -> list[Finding]:
    """What is odd about one question by itself. Of the bank, its languages and document are looked at."""
    return list(_of(question, bank, runs, Truth(book) if book is not None else None))


def _of(question: Question, bank: Bank, runs: frozenset[str], known: Truth | None) -> Iterator[Finding]:
    said = tuple(texts(question))
    yield from phrasing.check(question, said, bank, runs)
    yield from stems.check(question, said)
    yield from options.check(question)
    yield from answers.check(question)
    yield from sources.check(question, said, bank, known)
    if known is not None:
        yield from agreement.check(question, known)
