"""Instructors: what waits, a bank's questions, mending one, deciding on appeals."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from questions import lint
from questions.bank import ClozeQuestion, Question, TypedQuestion
from questions.edits import fields, from_fields
from questions.errors import BadInput, Conflict
from questions.normalise import normalise
from questions.reading import read_date, read_numbers, read_weekday
from questions.texts import LANGS
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock
from quiz.security import current_learner, instructors_only
from quiz.services import appeals, banks, editing

bp = Blueprint("instructor", __name__, url_prefix="/teach")


@bp.get("/")
@instructors_only
def banks_page() -> ResponseReturnValue:
    with reading() as session:
        shelves = [
            (banks.header(session, bank_id), banks.holdings(session, bank_id)) for bank_id in banks.bank_ids(session)
        ]
        waiting = editing.waiting(session)
    return render_template("instructor/banks.html", shelves=shelves, waiting=waiting)


@bp.get("/banks/<bank_id>")
@instructors_only
def bank_page(bank_id: str) -> ResponseReturnValue:
    """A bank's questions, and before them what learners say of it."""
    return _bank_page(bank_id, told=_told(request.args.get("decided")))


def _bank_page(
    bank_id: str, *, told: str | None = None, fault: str | None = None, remark: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        bank = banks.header(session, bank_id)
        listed = editing.listing(session, bank_id)
        waiting = appeals.waiting(session, bank_id)
    topics = {topic.id: topic.name for topic in bank.topics}
    page = render_template(
        "instructor/bank.html",
        bank=bank,
        listed=listed,
        topics=topics,
        waiting=waiting,
        told=told,
        fault=fault,
        remark=remark,
    )
    return page, status


def _told(decided: str | None) -> str | None:
    """What a decision did, in words."""
    words: dict[str | None, str] = {
        "right": _("The answer is taken as right from now on."),
        "half": _("The answer is taken as half right from now on."),
        "leave": _("The appeal is closed; the answer is judged as before."),
        "before": _("This appeal had been decided before. Nothing was changed."),
        "closed": _("The message is closed."),
    }
    return words.get(decided)


@bp.get("/banks/<bank_id>/questions/<question_id>")
@instructors_only
def edit(bank_id: str, question_id: str) -> ResponseReturnValue:
    return _editor(bank_id, question_id)


@bp.post("/banks/<bank_id>/questions/<question_id>")
@instructors_only
def save(bank_id: str, question_id: str) -> ResponseReturnValue:
    """Save the form, or show it as a student would see it. What was typed is never lost to a fault."""
    with reading() as session:
        before = editing.open_question(session, bank_id, question_id).question
    typed, question, fault = _read_form(before)
    if fault is not None or question is None:
        return _editor(bank_id, question_id, typed=typed, fault=fault, status=422)
    if request.form.get("do") == "preview":
        return _editor(bank_id, question_id, typed=typed, preview=question)
    try:
        with transaction() as session:
            editing.save(
                session,
                bank_id,
                question,
                seen=int(request.form.get("seen", "0")),
                author_id=current_learner().id,
                now=clock(),
            )
    except Conflict:
        fault = _("Someone else saved this question while you were writing. Both texts are below.")
        return _editor(bank_id, question_id, typed=typed, fault=fault, status=409, theirs=True)
    except ValueError:
        return _editor(bank_id, question_id, typed=typed, fault=_("The form's revision number is damaged."), status=422)
    return redirect(url_for("instructor.edit", bank_id=bank_id, question_id=question_id, saved="yes"), 303)


@bp.post("/banks/<bank_id>/questions/<question_id>/appeal")
@instructors_only
def decide(bank_id: str, question_id: str) -> ResponseReturnValue:
    """Decide on what learners typed and say was right."""
    decision: appeals.Decision
    match request.form.get("do"):
        case "right" | "half" | "leave" as decision:
            pass
        case _:
            raise BadInput("do")
    seen = request.form.get("seen", "")
    with transaction() as session:
        done = appeals.decide(
            session,
            bank_id,
            question_id,
            request.form.get("answer", ""),
            decision,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            author_id=current_learner().id,
            now=clock(),
        )
    if done.refused is not None:
        status = 409 if done.refused in {"in_conflict", "changed"} else 422
        return _bank_page(bank_id, fault=_refused(done), remark=done.what, status=status)
    return _from_learners(bank_id, "before" if done.before else decision)


def _from_learners(bank_id: str, decided: str) -> ResponseReturnValue:
    return redirect(url_for("instructor.bank_page", bank_id=bank_id, decided=decided, _anchor="from-learners"), 303)


def _refused(done: appeals.Decided) -> str:
    """Why an answer is not taken, in words; the answer is kept apart in a line of either direction."""
    answer = f"\u2068{done.typed}\u2069"
    words: dict[appeals.Refusal | None, str] = {
        "another": _(
            "“%(answer)s” was not taken: it is another answer of this bank, or fits more than one.", answer=answer
        ),
        "several": _("“%(answer)s” was not taken: it names more than one answer.", answer=answer),
        "other_value": _(
            "“%(answer)s” was not taken: it says another number, day or date than the right answer. "
            "If the right answer itself is wrong, edit the question.",
            answer=answer,
        ),
        "no_use": _("“%(answer)s” was not taken: even as an accepted wording it would not count.", answer=answer),
        "faulty": _("“%(answer)s” was not taken: the question would have a fault.", answer=answer),
        "in_conflict": _(
            "This question was changed here, and so was its fact. Settle that first; the appeal stays open."
        ),
        "changed": _("Someone else changed the right answer meanwhile. The appeal stays open, beside the new answer."),
    }
    return words[done.refused]


@bp.post("/reports/<int:learner_id>/<int:report_id>/close")
@instructors_only
def close_report(learner_id: int, report_id: int) -> ResponseReturnValue:
    with transaction() as session:
        bank_id = editing.close_report(session, learner_id, report_id, now=clock())
    return _from_learners(bank_id, "closed")


def _editor(
    bank_id: str,
    question_id: str,
    *,
    typed: dict[str, str] | None = None,
    preview: Question | None = None,
    fault: str | None = None,
    status: int = 200,
    theirs: bool = False,
) -> ResponseReturnValue:
    with reading() as session:
        bank = banks.header(session, bank_id)
        editable = editing.open_question(session, bank_id, question_id)
    shown = preview or editable.question
    page = render_template(
        "instructor/edit.html",
        bank=bank,
        editable=editable,
        question=editable.question,
        typed=typed or {},
        preview=shown,
        fault=fault,
        theirs=theirs,
        remarks=lint.lint_question(shown, bank),
        conflicts={conflict.field: conflict for conflict in editable.conflicts},
        saved=request.args.get("saved") == "yes",
    )
    return page, status


def _text_fields(question: Question) -> list[str]:
    """The paths of the texts that the form shows, without the language: "stem", "options.a.text"."""
    return list(dict.fromkeys(field[:-3] for field in fields(question) if field.endswith((".ar", ".en"))))


def _read_form(before: Question) -> tuple[dict[str, str], Question | None, str | None]:
    """(what was typed, the question it makes, what is wrong with it)."""
    flat = fields(before)
    typed = {name: value for name, value in request.form.items() if name.startswith("text:") or name == "key"}
    for path in _text_fields(before):
        for lang in LANGS:
            name = f"text:{path}.{lang}"
            if name in typed:
                words = typed[name].strip()
                if words:
                    flat[f"{path}.{lang}"] = words.replace("\r\n", "\n")
                else:
                    flat.pop(f"{path}.{lang}", None)
    match before.kind:
        case "choice" if "key" in typed:
            flat["key"] = typed["key"]
        case "true_false" if "key" in typed:
            flat["key"] = typed["key"] == "true"
        case "multi_select":
            flat["keys"] = request.form.getlist("key")
        case "typed" | "cloze" if "text:accepted" in typed:
            flat["accepted"] = _accepted(typed["text:accepted"], flat.get("accepted", []))
        case _:
            pass
    try:
        if flat.get("value") is not None:
            flat["value"] = _value(from_fields(flat), before)
        return typed, from_fields(flat), None
    except BadInput:
        return typed, None, _("The right answer cannot be read as a number, a day or a date.")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return typed, None, _("This cannot be saved: something is missing or does not fit in “%(field)s”.", field=field)


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


def _value(question: Question, before: Question) -> str | None:
    """The number, date or weekday that answers are compared with: what the right answer says now.

    Raises BadInput when it says none, or another in each language.
    """
    assert isinstance(question, TypedQuestion | ClozeQuestion)  # noqa: S101  (no other kind has a value)
    assert isinstance(before, TypedQuestion | ClozeQuestion)  # noqa: S101
    if question.answer == before.answer:
        return before.value
    said = {_said(question.answer_type, question.answer.get(lang) or "") for lang in LANGS} - {None}
    if len(said) != 1:
        raise BadInput(f"the right answer must say one {question.answer_type}, the same in both languages")
    return said.pop()


def _accepted(lines: str, before: list[dict[str, object]]) -> list[dict[str, object]]:
    """One accepted wording a line; a wording that was there keeps its language and weight."""
    known = {str(row["text"]): row for row in before}
    words = dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip())
    return [known.get(word, {"text": word, "weight": 1}) for word in words]
