"""Results of an assignment, one student's part in them, grades to take along, and a quiz tried as a student sees it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from export.grades import Grade, grades_csv, grades_xlsx
from questions.errors import BadInput, Conflict, NotFound
from quiz.db import reading, transaction
from quiz.i18n import _, interface_direction
from quiz.routes import clock
from quiz.routes.classes import point_in_time, rule_fault, whole_number
from quiz.routes.study import read_response
from quiz.security import current_learner, instructors_only
from quiz.services import assignments, banks, editing, teaching, trial
from quiz.services.results import single, table

bp = Blueprint("results", __name__, url_prefix="/teach")
LIVE = 10  # seconds between two looks at a class that works
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/assignments/<int:assignment_id>")
@instructors_only
def page(assignment_id: int) -> ResponseReturnValue:
    """By student, by question, by topic. With `live` the page comes again by itself, without a script too."""
    live = request.args.get("live") == "1"
    shown, status = _page(assignment_id)
    if live:
        response = Response(shown, status)
        response.headers["Refresh"] = str(LIVE)
        return response
    return shown, status


def _page(assignment_id: int, at: str = "", fault: str = "", status: int = 200) -> tuple[str, int]:
    user, now = current_learner(), clock()
    with reading() as session:
        row = assignments.assignment_of(session, assignment_id, user)
        group = teaching.class_of(session, row.class_id, user)
        found = table.results(session, row, now=now)
        bank = banks.header(session, row.bank_id)
        shown = render_template(
            "results/page.html",
            row=row,
            group=group,
            found=found,
            bank=bank,
            topics={topic.id: topic.name for topic in bank.topics},
            live=request.args.get("live") == "1",
            may_edit=row.bank_id in {one.id for one in teaching.banks_to_edit(session, user)},
            waiting=editing.waiting(session).get(row.bank_id, 0),
            at=at,
            fault=fault,
            now=now,
        )
        return shown, status


def _back(assignment_id: int) -> ResponseReturnValue:
    return redirect(url_for("results.page", assignment_id=assignment_id), 303)


@bp.post("/assignments/<int:assignment_id>/change")
@instructors_only
def change(assignment_id: int) -> ResponseReturnValue:
    try:
        rules = assignments.Rules(
            title=request.form.get("title", ""),
            opens_at=point_in_time("opens_at"),
            closes_at=point_in_time("closes_at"),
            attempts=whole_number("attempts") or 0,
            minutes=whole_number("minutes"),
        )
        with transaction() as session:
            assignments.change(session, assignment_id, rules, user=current_learner(), now=clock())
    except BadInput as fault:
        return _page(assignment_id, *rule_fault(str(fault)), 422)
    return _back(assignment_id)


@bp.post("/assignments/<int:assignment_id>/withdraw")
@instructors_only
def withdraw(assignment_id: int) -> ResponseReturnValue:
    back = request.form.get("back") == "1"
    with transaction() as session:
        assignments.withdraw(session, assignment_id, back=back, user=current_learner(), now=clock())
    return _back(assignment_id)


# ---------------------------------------------------------------- one student


@bp.get("/assignments/<int:assignment_id>/students/<int:user_id>")
@instructors_only
def student(assignment_id: int, user_id: int) -> ResponseReturnValue:
    return _student_page(assignment_id, user_id)


def _student_page(assignment_id: int, user_id: int, fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    user, now = current_learner(), clock()
    with reading() as session:
        row = assignments.assignment_of(session, assignment_id, user)
        found = table.results(session, row, now=now)
        line = next((one for one in found.lines if one.user_id == user_id), None)
        if line is None:
            raise NotFound("there is no such student")
        answers = table.answers_of(session, row, user_id)
        allowance = single.allowance_of(session, assignment_id, user_id)
        entries = [
            (entry, author)
            for entry, author in teaching.entries(session, class_id=row.class_id, most=500)
            if entry.user_id == user_id
        ]
        bank = banks.header(session, row.bank_id)
        shown = render_template(
            "results/student.html",
            row=row,
            line=line,
            answers=answers,
            voided={one.id for one in found.questions if one.voided},
            allowance=allowance,
            entries=entries,
            names={line.user_id: line.name},
            bank=bank,
            fault=fault,
        )
        return shown, status


def _for_student(assignment_id: int, user_id: int, do: Any) -> ResponseReturnValue:
    """Carry out what is done for one student, with a reason."""
    try:
        with transaction() as session:
            do(session, {"why": request.form.get("why", ""), "user": current_learner(), "now": clock()})
    except BadInput as fault:
        words = {
            "why": _("A reason is needed, of at most 500 letters: it is written down with what was done."),
            "share": _("A mark is a number from 0 to 100 per cent."),
        }
        said = words.get(str(fault), _("Something in this form does not fit."))
        return _student_page(assignment_id, user_id, said, 422)
    except Conflict:
        said = _("Every question of this attempt is answered. An attempt more can be given instead.")
        return _student_page(assignment_id, user_id, said, 409)
    return redirect(url_for("results.student", assignment_id=assignment_id, user_id=user_id), 303)


@bp.post("/assignments/<int:assignment_id>/students/<int:user_id>/allow")
@instructors_only
def allow(assignment_id: int, user_id: int) -> ResponseReturnValue:
    def do(session: Any, more: dict[str, Any]) -> None:
        single.allow(
            session,
            assignment_id,
            user_id,
            minutes=whole_number("minutes") or 0,
            attempts=whole_number("attempts") or 0,
            closes_at=point_in_time("closes_at"),
            **more,
        )

    return _for_student(assignment_id, user_id, do)


@bp.post("/assignments/<int:assignment_id>/students/<int:user_id>/sittings/<int:sitting_id>/reopen")
@instructors_only
def reopen(assignment_id: int, user_id: int, sitting_id: int) -> ResponseReturnValue:
    def do(session: Any, more: dict[str, Any]) -> None:
        single.reopen(session, assignment_id, user_id, sitting_id, minutes=whole_number("minutes"), **more)

    return _for_student(assignment_id, user_id, do)


@bp.post("/assignments/<int:assignment_id>/students/<int:user_id>/answers/<int:attempt_id>/mark")
@instructors_only
def mark(assignment_id: int, user_id: int, attempt_id: int) -> ResponseReturnValue:
    def do(session: Any, more: dict[str, Any]) -> None:
        share = whole_number("share")
        if share is None or share > 100:
            raise BadInput("share")
        single.set_mark(session, assignment_id, user_id, attempt_id, share / 100, **more)

    return _for_student(assignment_id, user_id, do)


# ---------------------------------------------------------------- grades


@bp.get("/classes/<int:class_id>/grades.<kind>")
@instructors_only
def grades(class_id: int, kind: str) -> ResponseReturnValue:
    """Grades of a class out of any maximum, each assignment a column."""
    user, now = current_learner(), clock()
    try:
        maximum = float(request.args.get("max", "100"))
    except ValueError:
        raise BadInput("max") from None
    if kind not in {"csv", "xlsx"}:
        raise NotFound("no such file")
    if not 0 < maximum <= 100_000:
        raise BadInput("max")
    with reading() as session:
        group = teaching.class_of(session, class_id, user)
        given = assignments.of_class(session, class_id)[::-1]
        found = table.grades(session, given, class_id, now=now)
        heads = [_("Name"), _("Student number"), _("Section"), *(one.title for one in given)]
        title = group.name
    lines = [Grade(one.name, one.number or "", one.section or "", shares) for one, shares in found]
    if kind == "csv":
        data, mimetype = grades_csv(heads, lines, maximum), "text/csv"
    else:
        rtl = interface_direction() == "rtl"
        data = grades_xlsx(heads, lines, maximum, title=title, right_to_left=rtl)
        mimetype = _XLSX
    response = Response(data, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=f"qimma-grades-{class_id}.{kind}")
    return response


# ---------------------------------------------------------------- try as a student


@bp.route("/assignments/<int:assignment_id>/try", methods=["GET", "POST"])
@instructors_only
def try_assignment(assignment_id: int) -> ResponseReturnValue:
    """Nothing is written: the answer is judged, shown and forgotten."""
    seed = _seed()
    with reading() as session:
        row = assignments.assignment_of(session, assignment_id, current_learner())
        plan = assignments.trial_plan(session, row, seed)
        return _trial(session, row.bank_id, plan, seed, url_for("results.page", assignment_id=assignment_id))


@bp.route("/banks/<bank_id>/try", methods=["GET", "POST"])
@instructors_only
def try_bank(bank_id: str) -> ResponseReturnValue:
    """The same of a bank, a draft too."""
    seed = _seed()
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        plan = trial.plan_of_bank(session, bank_id, seed)
        return _trial(session, bank_id, plan, seed, url_for("instructor.bank_page", bank_id=bank_id))


def _seed() -> int:
    """Which quiz it is; without one, that of this minute."""
    return request.args.get("seed", type=int) or int(clock().timestamp()) // 60


def _trial(session: Any, bank_id: str, plan: list[str], seed: int, back: str) -> ResponseReturnValue:
    place = request.args.get("n", 1, type=int)
    bank = banks.header(session, bank_id)
    if not plan or place == len(plan) + 1:
        return render_template("results/tried.html", count=len(plan), back=back)
    page = trial.page(session, bank_id, plan, place - 1, seed=seed % 10**9, now=clock())
    if request.method == "POST":
        response = read_response(page.question, page.shown)
        page = trial.page(session, bank_id, plan, place - 1, seed=seed % 10**9, response=response, now=clock())
    return render_template("results/try.html", page=page, question=page.question, bank=bank, seed=seed, back=back)
