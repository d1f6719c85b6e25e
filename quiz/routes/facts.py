"""Facts in a form: what would come of a change first, then the change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadFile, BadInput, Conflict, NotFound
from questions.factbook import FactBook
from questions.facts import FACT_TYPES
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock, wording
from quiz.routes.editor import form_values, seen
from quiz.routes.fact_words import fact_words
from quiz.security import current_learner, instructors_only
from quiz.services import banks, drafts, fact_form, facts_editing, once, stored, teaching

bp = Blueprint("facts", __name__, url_prefix="/teach/banks/<bank_id>/facts")
bp.context_processor(wording.for_templates)
bp.context_processor(fact_words)
SHOWN = 100


@bp.get("/")
@instructors_only
def listing(bank_id: str) -> ResponseReturnValue:
    """The facts behind a bank, or what a search finds of them."""
    query = request.args.get("q", "")[:200]
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book = facts_editing.book_of(session, bank_id)
    words = stored.search_form(query).split()
    found = [
        fact
        for fact in book.facts.values()
        if all(word in stored.search_form(f"{fact.text.ar} {fact.text.en} {fact.id}") for word in words)
    ]
    page = request.args.get("page", "1")
    pages = max(1, -(-len(found) // SHOWN))
    number = min(max(int(page) if page.isdecimal() and len(page) < 6 else 1, 1), pages)
    return render_template(
        "instructor/facts.html",
        bank=bank,
        book=book,
        facts=found[(number - 1) * SHOWN : number * SHOWN],
        count=len(found),
        query=query,
        page=number,
        pages=pages,
        types=FACT_TYPES,
    )


@bp.get("/<fact_id>")
@instructors_only
def edit(bank_id: str, fact_id: str) -> ResponseReturnValue:
    user = current_learner()
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, user)
        row = facts_editing.fact_row(session, bank_id, fact_id)
        draft = drafts.of(session, user.id, bank_id, f"fact:{fact_id}")
        old = request.args.get("revision", "")
        body = next(
            (one.body for one in facts_editing.revisions(session, bank_id, fact_id) if str(one.number) == old),
            row.body,
        )
        kind, number = row.body["type"], row.number
    if request.args.get("draft") == "1" and draft:
        return _page(bank_id, kind, dict(draft.form), fact_id=fact_id, number=draft.seen, drafted=True)
    fields = fact_form.fields_of(kind)
    return _page(bank_id, kind, fact_form.of_body(fields, body), fact_id=fact_id, number=number, draft=draft)


@bp.get("/new/<kind>")
@instructors_only
def new(bank_id: str, kind: str) -> ResponseReturnValue:
    fields = _fields(kind)
    user = current_learner()
    with reading() as session:
        draft = drafts.of(session, user.id, bank_id, f"new:fact-{kind}")
    if request.args.get("draft") == "1" and draft:
        return _page(bank_id, kind, dict(draft.form), drafted=True)
    return _page(bank_id, kind, fact_form.blank(fields), draft=draft)


def _fields(kind: str) -> tuple[fact_form.Field, ...]:
    if kind not in (*FACT_TYPES, "entity"):
        raise NotFound(f"there is no type {kind!r}")
    return fact_form.fields_of(kind)


@bp.post("/<fact_id>")
@instructors_only
def save(bank_id: str, fact_id: str) -> ResponseReturnValue:
    """Look at what would come of it, change rows, save, or take the fact out."""
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        kind = facts_editing.fact_row(session, bank_id, fact_id).body["type"]
    return _sent(bank_id, kind, fact_id)


@bp.post("/new/<kind>")
@instructors_only
def add(bank_id: str, kind: str) -> ResponseReturnValue:
    _fields(kind)
    return _sent(bank_id, kind, None)


def _sent(bank_id: str, kind: str, fact_id: str | None) -> ResponseReturnValue:
    form, do, user = form_values(), request.form.get("do", "look"), current_learner()
    number = seen()
    if do.partition(":")[0] in {"add", "remove"} and ":" in do:
        return _page(bank_id, kind, form, fact_id=fact_id, number=number, focus=fact_form.change(form, do))
    if kind == "entity":
        return _add_entity(bank_id, form)
    out = fact_id if do in {"take-out", "sure-take-out"} else None
    outcome = None
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, user)
        before = facts_editing.fact_row(session, bank_id, fact_id).body if fact_id else None
        made = facts_editing.read(kind, fact_id or facts_editing.new_fact_id(), form, before)
        fact = None if out or isinstance(made, list) else made
        if do == "take-out" or (do == "look" and fact is not None):
            outcome = facts_editing.outcome(session, bank_id, fact, removed=out)
    if isinstance(made, list) and out is None:
        return _page(bank_id, kind, form, fact_id=fact_id, number=number, problems=made, status=422)
    if outcome is not None:
        status = 422 if outcome.problems else 200
        return _page(bank_id, kind, form, fact_id=fact_id, number=number, outcome=outcome, out=bool(out), status=status)
    if do not in {"save", "sure-take-out"}:
        raise BadInput("do")
    about = f"fact:{fact_id}" if fact_id else f"new:fact-{kind}"
    key, now = request.form.get("form_key", ""), clock()
    try:
        with transaction() as session:
            teaching.bank_to_edit(session, bank_id, user)
            done = once.claim(session, key, owner=user.id, now=now)
            if done is None:
                if out:
                    loaded = facts_editing.remove(session, bank_id, out, seen=number, author_id=user.id, now=now)
                    location = url_for("facts.listing", bank_id=bank_id, retired=loaded.retired)
                elif fact is None:
                    raise BadInput("fact")
                else:
                    loaded = facts_editing.save(session, bank_id, fact, seen=number, author_id=user.id, now=now)
                    location = url_for(
                        "facts.edit",
                        bank_id=bank_id,
                        fact_id=fact.id,
                        new=loaded.new,
                        changed=loaded.changed,
                        retired=loaded.retired,
                    )
                drafts.drop(session, user.id, bank_id, about)
                once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    except BadFile as error:
        problems = [facts_editing.Problem(one.where, one.what) for one in error.problems]
        return _page(bank_id, kind, form, fact_id=fact_id, number=number, problems=problems, status=422)
    except Conflict:
        told = _("Someone else saved this fact while you were writing. Your text is below; theirs is in the history.")
        with reading() as session:
            row = facts_editing.fact_row(session, bank_id, fact_id or "")
            latest = row.number
        return _page(bank_id, kind, form, fact_id=fact_id, number=latest, told=told, status=409)
    return redirect(done.location if done else location, 303)


def _add_entity(bank_id: str, form: fact_form.Form) -> ResponseReturnValue:
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        made = facts_editing.add_entity(session, bank_id, form)
    if isinstance(made, list):
        return _page(bank_id, "entity", form, problems=made, status=422)
    return redirect(url_for("facts.listing", bank_id=bank_id, named="yes"), 303)


def _page(
    bank_id: str,
    kind: str,
    form: fact_form.Form,
    *,
    fact_id: str | None = None,
    number: int = 0,
    problems: list[facts_editing.Problem] | None = None,
    outcome: facts_editing.Outcome | None = None,
    out: bool = False,
    focus: str | None = None,
    told: str | None = None,
    drafted: bool = False,
    draft: drafts.Kept | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book: FactBook = facts_editing.book_of(session, bank_id)
        lines: list[Any] = facts_editing.revisions(session, bank_id, fact_id) if fact_id else []
        retired = fact_id is not None and facts_editing.fact_row(session, bank_id, fact_id).retired_at is not None
    page = render_template(
        "instructor/fact.html",
        bank=bank,
        book=book,
        kind=kind,
        fields=fact_form.fields_of(kind),
        form=form,
        fact_id=fact_id,
        number=number,
        problems=[*(problems or []), *(outcome.problems if outcome else ())],
        outcome=outcome,
        out=out,
        focus=focus,
        told=told,
        drafted=drafted,
        draft=draft,
        lines=lines,
        retired=retired,
        about=f"fact:{fact_id}" if fact_id else f"new:fact-{kind}",
    )
    return page, status
