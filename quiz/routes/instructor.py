"""Instructors: their banks and what waits, a bank's questions as a table, deciding on appeals."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.bank import KINDS
from questions.errors import BadInput
from quiz.db import reading, transaction
from quiz.i18n import _, ngettext
from quiz.routes import clock, wording
from quiz.security import current_learner, instructors_only
from quiz.services import appeals, banks, drafts, edit_many, editing, second_factor, table, teaching

bp = Blueprint("instructor", __name__, url_prefix="/teach")
bp.context_processor(wording.for_templates)


@bp.get("/")
@instructors_only
def banks_page() -> ResponseReturnValue:
    user = current_learner()
    with reading() as session:
        rows = teaching.banks_to_edit(session, user)
        shelves = [(banks.header(session, row.id), banks.holdings(session, row.id), row) for row in rows]
        waiting = editing.waiting(session)
        bare = second_factor.may_have(session, user.id) and not second_factor.is_on(session, user.id)
        return render_template("instructor/banks.html", shelves=shelves, waiting=waiting, bare=bare)


@bp.get("/banks/<bank_id>")
@instructors_only
def bank_page(bank_id: str) -> ResponseReturnValue:
    """A bank's questions, and before them what learners say of it."""
    return _bank_page(bank_id, told=_told(request.args.get("decided")))


def _wanted() -> table.Filter:
    """What the address asks the table for; what it cannot be is left out."""
    asked = request.args
    kind, state, sort, page = (asked.get(name, "") for name in ("kind", "state", "sort", "page"))
    difficulty = asked.get("difficulty", "")
    return table.Filter(
        query=asked.get("q", "")[: table.LONGEST_QUERY],
        topic=asked.get("topic", "")[:80],
        kind=kind if kind in KINDS else "",
        state=state if state in table.STATES else "",
        tag=asked.get("tag", "")[:100],
        difficulty=difficulty if difficulty in table.BANDS else "",
        sort=sort if sort in table.SORTS else "place",
        down=asked.get("down") == "1",
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


def filter_args(wanted: table.Filter, **changes: Any) -> dict[str, Any]:
    """The same table in an address, but for what changes."""
    args = {
        "q": wanted.query,
        "topic": wanted.topic,
        "kind": wanted.kind,
        "state": wanted.state,
        "tag": wanted.tag,
        "difficulty": wanted.difficulty,
        "sort": wanted.sort if wanted.sort != "place" else "",
        "down": "1" if wanted.down else "",
        **changes,
    }
    return {name: value for name, value in args.items() if value not in ("", None)}


def _bank_page(
    bank_id: str, *, told: str | None = None, fault: str | None = None, status: int = 200
) -> ResponseReturnValue:
    user, wanted = current_learner(), _wanted()
    with reading() as session:
        row = teaching.bank_to_edit(session, bank_id, user)
        bank = banks.header(session, bank_id)
        found = table.page(session, bank_id, wanted)
        attention = table.attention(session, bank_id)
        tags = table.tags(session, bank_id)
        waiting = appeals.waiting(session, bank_id)
        open_drafts = drafts.all_of(session, user.id, bank_id)
        deeds = teaching.entries(session, bank_id=bank_id, most=10)
        undone = edit_many.undone(session, bank_id)
        owns = teaching.owns(session, bank_id, user)
        page = render_template(
            "instructor/bank.html",
            bank=bank,
            row=row,
            owns=owns,
            found=found,
            filter=found.filter,
            filter_args=filter_args,
            attention=attention,
            tags=tags,
            kinds=KINDS,
            topics={topic.id: topic.name for topic in bank.topics},
            waiting=waiting,
            drafts=open_drafts,
            draft_address=_draft_address,
            deeds=deeds,
            undone=undone,
            told=told or _many_told(),
            fault=fault,
        )
    return page, status


def _draft_address(bank_id: str, about: str) -> str:
    what, _colon, name = about.partition(":")
    match what:
        case "question":
            return url_for("editor.edit", bank_id=bank_id, question_id=name, draft=1)
        case "new" if name in KINDS:
            return url_for("editor.new", bank_id=bank_id, kind=name, draft=1)
        case "new":
            return url_for("facts.new", bank_id=bank_id, kind=name.removeprefix("fact-"), draft=1)
        case "entity":
            return url_for("facts.entity", bank_id=bank_id, name=name, draft=1)
        case "source":
            return url_for("facts.source", bank_id=bank_id, draft=1)
        case _:
            return url_for("facts.edit", bank_id=bank_id, fact_id=name, draft=1)


def _many_told() -> str | None:
    """What an edit of many questions did, in words."""
    changed, left = (request.args.get(name, "") for name in ("changed", "left"))
    if not (changed.isdecimal() and len(changed) < 7):
        return None
    said = ngettext("%(num)d question was changed.", "%(num)d questions were changed.", int(changed))
    if left.isdecimal() and len(left) < 7 and int(left):
        said += " " + ngettext(
            "%(num)d stays as it is: someone changed the same thing since.",
            "%(num)d stay as they are: someone changed the same thing since.",
            int(left),
        )
    return said


# ---------------------------------------------------------------- many at once


@bp.post("/banks/<bank_id>/many")
@instructors_only
def change_many(bank_id: str) -> ResponseReturnValue:
    """Change one thing in the questions that were ticked, or in all that the table finds."""
    user, form, now = current_learner(), request.form, clock()
    what: Any = form.get("do", "")
    value = form.get(f"value-{what}", "")
    wanted = _wanted()
    with transaction() as session:
        row = teaching.bank_to_edit(session, bank_id, user)
        ids = table.ids(session, bank_id, wanted) if form.get("all") == "yes" else form.getlist("id")[: edit_many.MOST]
        if what == "topic" and value not in {"", *(topic.id for topic in banks.header(session, bank_id).topics)}:
            raise BadInput("topic")
        done = edit_many.change(session, row.id, ids, what, value, author_id=user.id, now=now)
    return redirect(
        url_for("instructor.bank_page", bank_id=bank_id, **filter_args(wanted, changed=done.changed), _anchor="table"),
        303,
    )


@bp.post("/banks/<bank_id>/many/<int:entry_id>/undo")
@instructors_only
def undo_many(bank_id: str, entry_id: int) -> ResponseReturnValue:
    user = current_learner()
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        done = edit_many.undo(session, bank_id, entry_id, author_id=user.id, now=clock())
    return redirect(
        url_for("instructor.bank_page", bank_id=bank_id, changed=done.changed, left=done.left, _anchor="table"), 303
    )


# ---------------------------------------------------------------- what learners say


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
        teaching.bank_to_edit(session, bank_id, current_learner())
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
        return _bank_page(bank_id, fault=_refused(done), status=status)
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
        "faulty": " ".join(
            (
                _("“%(answer)s” was not taken: the question would have a fault.", answer=answer),
                wording.remark(done.what) if done.what else "",
            )
        ),
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
        teaching.bank_to_edit(session, bank_id, current_learner())  # else nothing is closed
    return _from_learners(bank_id, "closed")
