"""The editor: one question in both languages, with its drafts, its history and its conflicts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions import lint
from questions.bank import Bank, Kind, Media, Question
from questions.errors import BadInput, Conflict, NotFound
from quiz.db import reading, transaction
from quiz.i18n import _, moment
from quiz.routes import clock, wording
from quiz.security import current_learner, instructors_only
from quiz.services import banks, drafts, editing, history, media, once, teaching
from quiz.services import question_form as forms
from quiz.services.copying import fresh_question_id, spoken
from quiz.services.question_reading import Fault, Read, read

bp = Blueprint("editor", __name__, url_prefix="/teach/banks/<bank_id>")
bp.context_processor(wording.for_templates)
_NOT_KEPT = {"csrf_token", "form_key", "do", "seen", "about", "zone"}


def form_values() -> forms.Form:
    """What the browser sent, but for what only carries it."""
    return {name: values for name, values in request.form.lists() if name not in _NOT_KEPT}


def seen() -> int:
    """The revision that the form showed. Raises BadInput."""
    text = request.form.get("seen", "")
    if not (text.isdecimal() and len(text) < 10):
        raise BadInput("seen")
    return int(text)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What an editor's page is about: a stored question, or one that is not written yet."""

    bank: Bank
    kind: Kind
    question_id: str
    editable: editing.Editable | None
    draft: drafts.Kept | None
    files: dict[str, Media]  # of the bank

    @property
    def about(self) -> str:
        return f"question:{self.question_id}" if self.editable else f"new:{self.kind}"

    @property
    def number(self) -> int:
        return self.editable.number if self.editable else 0

    def read(self, form: forms.Form) -> Read:
        return read(
            form,
            kind=self.kind,
            question_id=self.question_id,
            before=self.editable.question if self.editable else None,
            topics=(topic.id for topic in self.bank.topics),
            files=self.files,
        )


def desk_of(bank_id: str, question_id: str) -> _Desk:
    user = current_learner()
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, user)
        bank = banks.header(session, bank_id)
        editable = editing.open_question(session, bank_id, question_id)
        draft = drafts.of(session, user.id, bank_id, f"question:{question_id}")
        files = media.held(session, bank_id)
    bank = bank.model_copy(update={"languages": spoken(bank.languages, [editable.question])})
    return _Desk(bank, editable.question.kind, question_id, editable, draft, files)


def _new_desk(bank_id: str, kind: str) -> _Desk:
    user = current_learner()
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, user)
        bank = banks.header(session, bank_id)
        draft = drafts.of(session, user.id, bank_id, f"new:{kind}")
        files = media.held(session, bank_id)
    return _Desk(bank, forms.kind_of(kind), fresh_question_id(), None, draft, files)


# ---------------------------------------------------------------- a question that is there


@bp.get("/questions/<question_id>")
@instructors_only
def edit(bank_id: str, question_id: str) -> ResponseReturnValue:
    desk = desk_of(bank_id, question_id)
    if request.args.get("draft") == "1" and desk.draft:
        return _page(desk, dict(desk.draft.form), number=desk.draft.seen, drafted=True)
    return _page(desk)


@bp.post("/questions/<question_id>")
@instructors_only
def save(bank_id: str, question_id: str) -> ResponseReturnValue:
    """Save the form, change its rows, or show it as a student would see it. What was typed is never lost to a fault."""
    desk, form = desk_of(bank_id, question_id), form_values()
    do = request.form.get("do", "save")
    if do != "save":
        return _other(desk, form, do)
    made = desk.read(form)
    if made.question is None:
        return _page(desk, form, faults=made.faults, status=422)
    try:
        number = seen()
    except BadInput:
        return _page(desk, form, told=_("The form's revision number is damaged."), status=422)
    try:
        with transaction() as session:
            teaching.bank_to_edit(session, bank_id, current_learner())
            editing.save(session, bank_id, made.question, seen=number, author_id=current_learner().id, now=clock())
            drafts.drop(session, current_learner().id, bank_id, desk.about)
    except Conflict:
        # What they saved is what the next try is based on.
        desk = desk_of(bank_id, question_id)
        editable = cast(editing.Editable, desk.editable)
        if editable.question != made.question:
            return _page(desk, form, told=_meanwhile(editable), status=409, theirs=True)
    return redirect(url_for("editor.edit", bank_id=bank_id, question_id=question_id, saved="yes"), 303)


def _meanwhile(editable: editing.Editable) -> str:
    last = editable.history[0]
    if last.author is None:
        return _("Someone else saved this question while you were writing. Both texts are below.")
    return _(
        "%(name)s saved this question on %(when)s while you were writing. Both texts are below.",
        name=f"\u2068{last.author}\u2069",
        when=moment(last.at),
    )


# ---------------------------------------------------------------- a new one


@bp.get("/new/<kind>")
@instructors_only
def new(bank_id: str, kind: str) -> ResponseReturnValue:
    desk = _new_desk(bank_id, _known(kind))
    if request.args.get("draft") == "1" and desk.draft:
        return _page(desk, dict(desk.draft.form), drafted=True)
    return _page(desk, forms.blank(desk.kind))


@bp.post("/new/<kind>")
@instructors_only
def add(bank_id: str, kind: str) -> ResponseReturnValue:
    """Write the question. A form that was sent twice writes one."""
    desk, form = _new_desk(bank_id, _known(kind)), form_values()
    do = request.form.get("do", "save")
    if do != "save":
        return _other(desk, form, do)
    made = desk.read(form)
    if made.question is None:
        return _page(desk, form, faults=made.faults, status=422)
    user, key = current_learner(), request.form.get("form_key", "")
    location = url_for("editor.edit", bank_id=bank_id, question_id=desk.question_id, saved="yes")
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        done = once.claim(session, key, owner=user.id, now=clock())
        if done is None:
            editing.add(session, bank_id, made.question, author_id=user.id, now=clock())
            drafts.drop(session, user.id, bank_id, desk.about)
            once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    return redirect(done.location if done else location, 303)


def _known(kind: str) -> str:
    try:
        return forms.kind_of(kind)
    except BadInput:
        raise NotFound(f"there is no kind {kind!r}") from None


# ---------------------------------------------------------------- the page


def _other(desk: _Desk, form: forms.Form, do: str) -> ResponseReturnValue:
    """The form as it stands, with a row more or less, or with its preview."""
    number = request.form.get("seen", "")
    shown = int(number) if number.isdecimal() and len(number) < 10 else desk.number
    if do == "preview":
        return _page(desk, form, number=shown, faults=desk.read(form).faults)
    return _page(desk, form, number=shown, focus=forms.change(form, do))


def _page(
    desk: _Desk,
    form: forms.Form | None = None,
    *,
    number: int | None = None,
    faults: tuple[Fault, ...] = (),
    told: str | None = None,
    focus: str | None = None,
    status: int = 200,
    theirs: bool = False,
    drafted: bool = False,
) -> ResponseReturnValue:
    stored = desk.editable.question if desk.editable else None
    if form is None:
        form = forms.of_question(cast(Question, stored))
    made = desk.read(form)
    shown = made.question or stored
    page = render_template(
        "instructor/edit.html",
        bank=desk.bank,
        desk=desk,
        editable=desk.editable,
        form=form,
        number=desk.number if number is None else number,
        faults=_by_field(faults),
        told=told,
        focus=focus,
        theirs=history.difference(stored, made.question) if theirs and stored and made.question else (),
        drafted=drafted,
        preview=shown,
        remarks=_remarks(made.question, desk.bank),
        saved=request.args.get("saved") == "yes",
        answer_types=forms.ANSWER_TYPES,
        escaped=forms.escaped,
        files=_shown_files(desk, form),
    )
    return page, status


def _shown_files(desk: _Desk, form: forms.Form) -> list[tuple[str, Media]]:
    """The pictures and sounds that the form has, in its order."""
    own = {media.digest_of(item): item for item in desk.editable.question.media} if desk.editable else {}
    held = {**desk.files, **own}
    return [(name, held[name]) for name in dict.fromkeys(form.get("row:media", [])) if name in held]


def _by_field(faults: tuple[Fault, ...]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for one in faults:
        out[one.field].append(wording.fault(one.code))
    return dict(out)


def _remarks(question: Question | None, bank: Bank) -> dict[str, list[lint.Finding]]:
    """What the lint finds, by the field beside which it stands."""
    out: dict[str, list[lint.Finding]] = defaultdict(list)
    for finding in lint.lint_question(question, bank) if question else ():
        # One language's remark is the other's too.
        if all(finding.rule != other.rule for other in out[wording.field_of(finding)]):
            out[wording.field_of(finding)].append(finding)
    return dict(out)


@bp.post("/check")
@instructors_only
def check(bank_id: str) -> ResponseReturnValue:
    """A piece of a page, for what is being typed: the preview, and the remarks by field. Nothing is written."""
    about, form = request.form.get("about", ""), form_values()
    what, _colon, name = about.partition(":")
    desk = desk_of(bank_id, name) if what == "question" else _new_desk(bank_id, _known(name))
    made = desk.read(form)
    return render_template(
        "instructor/_checked.html",
        bank=desk.bank,
        preview=made.question,
        remarks=_remarks(made.question, desk.bank),
        faults=_by_field(made.faults),
    )


# ---------------------------------------------------------------- drafts


@bp.post("/drafts")
@instructors_only
def keep_draft(bank_id: str) -> ResponseReturnValue:
    """Keep what is being typed. Sent by the script every few seconds."""
    user = current_learner()
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        drafts.keep(session, user.id, bank_id, request.form.get("about", ""), form_values(), seen=seen(), now=clock())
    return "", 204


@bp.post("/drafts/drop")
@instructors_only
def drop_draft(bank_id: str) -> ResponseReturnValue:
    user, about = current_learner(), request.form.get("about", "")
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        drafts.drop(session, user.id, bank_id, about)
    return redirect(address_of(bank_id, about), 303)


def address_of(bank_id: str, about: str) -> str:
    """Where a draft goes on."""
    what, _colon, name = about.partition(":")
    if what == "question" and name:
        return url_for("editor.edit", bank_id=bank_id, question_id=name)
    if what == "fact" and name:
        return url_for("facts.edit", bank_id=bank_id, fact_id=name)
    if what == "entity" and name:
        return url_for("facts.entity", bank_id=bank_id, name=name)
    return url_for("instructor.bank_page", bank_id=bank_id)
