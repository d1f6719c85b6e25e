"""What learners say of a bank, gathered for whoever mends it, and what becomes of "I was right"."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from questions import edits, grading, lint
from questions.bank import Accepted, ClozeQuestion, Question, TypedQuestion
from questions.errors import Conflict, NotFound
from questions.normalise import normalise
from questions.reading import numeric, read_numbers, read_weekday
from questions.responses import RESPONSE, Written
from questions.small_words import unprefixed
from questions.texts import Lang
from quiz.models import QuestionRevision, QuestionRow, Report
from quiz.services import banks, editing
from quiz.services.editing import APPEAL, ReportLine
from quiz.services.results.regrade import regrade

log = logging.getLogger(__name__)

Decision = Literal["right", "half", "leave"]
WEIGHT: dict[Decision, float] = {"right": 1, "half": 0.5}
# Why an answer is not taken; pages put it into words.
Refusal = Literal["another", "several", "other_value", "no_use", "faulty", "in_conflict", "changed"]
_LISTED = re.compile(r"[/(),،;؛|]|\b(?:or|أو|أم)\b", re.IGNORECASE)
_OTHER_VALUE = {"wrong_number", "wrong_day", "wrong_month", "wrong_year"}


@dataclass(frozen=True, slots=True)
class Appeal:
    """An answer that learners say was right, however many of them typed it."""

    question: Question  # as it is now
    number: int  # of its revision
    typed: str  # as the first of them typed it
    form: str  # its normal form, which is what makes answers one
    learners: int
    verdicts: tuple[grading.Outcome, ...]  # that were given; more than one when the question changed in between
    share: float  # of the mark that it would get now
    since: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What a learner wrote about a question, or an appeal without an answer to take."""

    report: ReportLine
    question: Question


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an instructor in a bank, the oldest first."""

    appeals: tuple[Appeal, ...]
    words: tuple[Word, ...]


def waiting(session: Session, bank_id: str) -> Waiting:
    """Raises NotFound."""
    banks.header(session, bank_id)
    reports = editing.open_reports(session, bank_id)
    rows = {
        row.id: row
        for row in session.scalars(
            select(QuestionRow).where(
                QuestionRow.bank_id == bank_id, QuestionRow.id.in_({report.question_id for report in reports})
            )
        )
    }
    together: dict[tuple[str, str], list[ReportLine]] = {}
    words: list[Word] = []
    for report in reports:
        form = normalise(typed_in(report))
        if form:
            together.setdefault((report.question_id, form), []).append(report)
        else:
            words.append(Word(report, banks.parse(rows[report.question_id].body)))
    appeals = tuple(_appeal(rows[question_id], form, found) for (question_id, form), found in together.items())
    return Waiting(appeals, tuple(words))


def _appeal(row: QuestionRow, form: str, reports: list[ReportLine]) -> Appeal:
    question, typed = banks.parse(row.body), typed_in(reports[0])
    return Appeal(
        question=question,
        number=row.number,
        typed=typed,
        form=form,
        learners=len({report.learner_id for report in reports}),
        # The column holds what grading gave.
        verdicts=tuple(dict.fromkeys(cast(grading.Outcome, report.outcome) for report in reports)),
        share=_verdict(question, typed).share,
        since=reports[0].at,
    )


def typed_in(report: ReportLine) -> str:
    """The answer that is said to be right, in one line; empty where nothing was typed."""
    response = RESPONSE.validate_json(report.answer) if report.kind == APPEAL and report.answer else None
    return _one_line(response.text) if isinstance(response, Written) else ""


def _one_line(text: str) -> str:
    """Without line breaks, control characters and marks of direction: the editor has one wording a line."""
    plain = {"Cc": " ", "Cf": ""}
    return " ".join("".join(plain.get(unicodedata.category(char), char) for char in text).split())


def _verdict(question: Question, typed: str) -> grading.Verdict:
    """What an answer is worth by a question as it is now, which may have become one of another kind."""
    return grading.grade(question, Written(text=typed)) if _recalled(question) else grading.WRONG


def _recalled(question: Question) -> bool:
    return isinstance(question, TypedQuestion | ClozeQuestion)


# ---------------------------------------------------------------- deciding


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision. Where it was refused, nothing was written and the appeal still waits."""

    typed: str = ""
    before: bool = False  # nobody waited: it had been decided
    refused: Refusal | None = None
    what: str = ""  # what lint said


def decide(
    session: Session,
    bank_id: str,
    question_id: str,
    form: str,
    decision: Decision,
    *,
    seen: int,
    author_id: int,
    now: datetime,
) -> Decided:
    """Take an answer as right or half right from now on, or leave it; and close its appeals.

    `form` is the answer's normal form, `seen` the revision that the instructor judged by. Deciding again changes
    nothing. Answers that were given are judged anew. Raises NotFound.
    """
    # Whoever decides on a question waits for whoever is deciding; learners' answers to it do not.
    row = session.get(QuestionRow, (bank_id, question_id), populate_existing=True, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"there is no question {question_id!r}")
    reports = [
        report
        for report in editing.reports_of(session, bank_id, question_id)
        if form and normalise(typed_in(report)) == form
    ]
    if not reports:
        return Decided(before=True)
    typed = typed_in(reports[0])
    if decision != "leave":
        refused, what = _take(session, row, typed, WEIGHT[decision], seen=seen, author_id=author_id, now=now)
        if refused is not None:
            return Decided(typed, refused=refused, what=what)
        regrade(session, bank_id, question_id, author_id=author_id, now=now, dry=False, cause="appeal")
    session.execute(
        update(Report)
        .where(
            tuple_(Report.learner_id, Report.id).in_([(report.learner_id, report.id) for report in reports]),
            Report.closed_at.is_(None),
        )
        .values(closed_at=now, decision=decision)
    )
    log.info("an appeal on question %s of %s decided: %s", question_id, bank_id, decision)
    return Decided(typed)


def _take(
    session: Session, row: QuestionRow, typed: str, weight: float, *, seen: int, author_id: int, now: datetime
) -> tuple[Refusal | None, str]:
    """Make an answer an accepted wording, merged with what was saved since the instructor looked."""
    current = banks.parse(row.body)
    if _verdict(current, typed).share >= weight:
        return None, ""
    if row.conflicts:  # a revision would settle them unseen
        return "in_conflict", ""
    shown = session.scalar(
        select(QuestionRevision.body).where(
            QuestionRevision.bank_id == row.bank_id,
            QuestionRevision.question_id == row.id,
            QuestionRevision.number == seen,
        )
    )
    if shown is None or not _recalled(current) or not _recalled(banks.parse(shown)):
        return "changed", ""
    merged = edits.merge(banks.parse(shown), current, _accepting(banks.parse(shown), typed, weight))
    if merged.conflicts:
        return "changed", ""
    refused = _refusal(current, merged.question, typed, weight)
    if refused is not None:
        return refused, ""
    bank = banks.header(session, row.bank_id)
    known = {finding.what for finding in lint.lint_question(current, bank)}
    for finding in lint.lint_question(merged.question, bank):
        if finding.level == "error" and finding.what not in known:
            return "faulty", finding.rule
    try:
        editing.revise(session, row, merged.question, why="appeal", author_id=author_id, now=now)
    except Conflict:
        return "changed", ""
    return None, ""


def _accepting(question: Question, typed: str, weight: float) -> Question:
    """The question with one more accepted wording, in place of one that reads the same."""
    assert isinstance(question, TypedQuestion | ClozeQuestion)  # noqa: S101  (as `_recalled` says)
    form = normalise(typed)
    others = tuple(accepted for accepted in question.accepted if normalise(accepted.text) != form)
    return question.model_copy(update={"accepted": (*others, Accepted(text=typed, lang=_lang(typed), weight=weight))})


def _lang(text: str) -> Lang | None:
    """The language whose letters a text has; None for bare digits, which are of both."""
    names = [unicodedata.name(char, "") for char in text if char.isalpha()]
    if any(name.startswith("ARABIC") for name in names):
        return "ar"
    return "en" if any(name.startswith("LATIN") for name in names) else None


def _refusal(question: Question, taken: Question, typed: str, weight: float) -> Refusal | None:
    """Why an answer cannot be accepted: by what grading makes of it before, and after."""
    assert isinstance(question, TypedQuestion | ClozeQuestion)  # noqa: S101  (as `_recalled` says)
    reason = _verdict(question, typed).reason
    # «أم» is "or", and the first half of a name: a list is what holds something that counts by itself.
    if reason == "several" and (
        question.answer_type == "number" or any(_verdict(question, part).share for part in _LISTED.split(typed))
    ):
        return "several"
    if reason == "which_one" or (reason == "another" and question.answer_type != "number"):
        return "another"
    if reason in _OTHER_VALUE or _says_another_value(question, typed):
        return "other_value"
    return "no_use" if _verdict(taken, typed).share < weight else None


def _says_another_value(question: TypedQuestion | ClozeQuestion, typed: str) -> bool:
    """Where grading gives up before it compares: beside a word that it does not know, or in a weekday."""
    if question.value is None:
        return False
    if question.answer_type == "number":
        numbers: Iterable[float] = read_numbers(numeric(typed))[0]
        return any(number != float(question.value) for number in numbers)
    if question.answer_type == "weekday":
        words = normalise(typed).split()
        days = {read_weekday(form) for word in words for form in unprefixed(word, word)} - {None}
        return not days <= {int(question.value)}
    return False
