"""What became of a question: its history, conflicts with its facts, and a bad one retired, judged anew or made void."""

from __future__ import annotations

from typing import Any, cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadInput, Conflict
from quiz.db import reading, transaction
from quiz.routes import clock
from quiz.routes.editor import bp, desk_of, seen
from quiz.security import current_learner, instructors_only
from quiz.services import banks, editing, history, teaching, voiding

__all__ = ["bp"]  # the editor's own, with these pages in it


# ---------------------------------------------------------------- history


@bp.get("/questions/<question_id>/history")
@instructors_only
def past(bank_id: str, question_id: str) -> ResponseReturnValue:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        lines = history.revisions(session, bank_id, question_id)
    return render_template("instructor/history.html", bank=bank, lines=lines, question_id=question_id)


@bp.post("/questions/<question_id>/restore")
@instructors_only
def restore(bank_id: str, question_id: str) -> ResponseReturnValue:
    number = request.form.get("number", "")
    if not (number.isdecimal() and len(number) < 10):
        raise BadInput("number")
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        history.restore(
            session, bank_id, question_id, int(number), seen=seen(), author_id=current_learner().id, now=clock()
        )
    return redirect(url_for("editor.edit", bank_id=bank_id, question_id=question_id, saved="yes"), 303)


@bp.get("/questions/<question_id>/conflicts")
@instructors_only
def conflicts(bank_id: str, question_id: str) -> ResponseReturnValue:
    return _conflicts(bank_id, question_id)


@bp.post("/questions/<question_id>/conflicts")
@instructors_only
def settle(bank_id: str, question_id: str) -> ResponseReturnValue:
    """Decide fields that both sides changed; those that nobody decided wait on."""
    choices: dict[str, tuple[history.Choice, str]] = {}
    for name, choice in request.form.items():
        if name.startswith("choice:") and choice in {"mine", "fact", "anew"}:
            field = name.removeprefix("choice:")
            choices[field] = (cast(history.Choice, choice), request.form.get(f"anew:{field}", ""))
    number = seen()
    try:
        with transaction() as session:
            teaching.bank_to_edit(session, bank_id, current_learner())
            left = history.settle(
                session, bank_id, question_id, choices, seen=number, author_id=current_learner().id, now=clock()
            )
    except BadInput as error:
        return _conflicts(bank_id, question_id, fault=str(error), status=422)
    except Conflict:
        return _conflicts(bank_id, question_id, fault="changed", status=409)
    where = "editor.conflicts" if left else "editor.edit"
    return redirect(url_for(where, bank_id=bank_id, question_id=question_id, saved="yes"), 303)


def _conflicts(bank_id: str, question_id: str, *, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    desk = desk_of(bank_id, question_id)
    page = render_template(
        "instructor/conflicts.html",
        bank=desk.bank,
        editable=desk.editable,
        question=cast(editing.Editable, desk.editable).question,
        is_text=history.is_text,
        chosen=dict(request.form),
        fault=fault,
        saved=request.args.get("saved") == "yes",
    )
    return page, status


# ---------------------------------------------------------------- a bad question


@bp.post("/questions/<question_id>/state")
@instructors_only
def set_state(bank_id: str, question_id: str) -> ResponseReturnValue:
    """Retire a question, or bring it back."""
    do = request.form.get("do")
    if do not in {"retire", "back"}:
        raise BadInput("do")
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        voiding.set_retired(
            session, bank_id, question_id, retired=do == "retire", author_id=current_learner().id, now=clock()
        )
    return redirect(url_for("editor.edit", bank_id=bank_id, question_id=question_id), 303)


@bp.post("/questions/<question_id>/marks")
@instructors_only
def marks(bank_id: str, question_id: str) -> ResponseReturnValue:
    """First a list of whose marks change, and how; then, with "sure", the change itself."""
    action: Any = request.form.get("do")
    if action not in voiding.ACTIONS:
        raise BadInput("do")
    user, now = current_learner(), clock()
    if request.form.get("sure") == "yes":
        with transaction() as session:
            teaching.bank_to_edit(session, bank_id, user)
            changes = voiding.act(session, bank_id, question_id, action, author_id=user.id, now=now)
        return redirect(url_for("editor.edit", bank_id=bank_id, question_id=question_id, marks=len(changes)), 303)
    with transaction() as session:  # a trial that is rolled back
        teaching.bank_to_edit(session, bank_id, user)
        bank = banks.header(session, bank_id)
        editable = editing.open_question(session, bank_id, question_id)
        changes = voiding.look(session, bank_id, question_id, action, author_id=user.id, now=now)
    return render_template(
        "instructor/marks.html", bank=bank, question=editable.question, action=action, changes=changes
    )
