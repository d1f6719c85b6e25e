"""Facts in a form, and what they refer to: what would come of a change first, then the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.errors import BadFile, BadInput, Conflict, NotFound, Problem
from questions.facts import FACT_TYPES
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock, wording
from quiz.routes.editor import form_values, seen
from quiz.routes.fact_words import fact_words
from quiz.security import current_learner, instructors_only
from quiz.services import banks, book_editing, drafts, fact_form, facts_editing, once, stored, teaching

bp = Blueprint("facts", __name__, url_prefix="/teach/banks/<bank_id>/facts")
bp.context_processor(wording.for_templates)
bp.context_processor(fact_words)
SHOWN = 100
_PARTS = ("entity", "source")


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a form is about: a fact, or something that facts refer to; `name` is None while it is new."""

    bank_id: str
    kind: str
    name: str | None = None

    @property
    def is_fact(self) -> bool:
        return self.kind not in _PARTS

    @property
    def about(self) -> str:
        """By which its draft is kept."""
        if self.name is None:
            return f"new:fact-{self.kind}"
        return f"fact:{self.name}" if self.is_fact else f"{self.kind}:{self.name}"

    @property
    def address(self) -> str:
        if self.kind == "source":
            return url_for("facts.source", bank_id=self.bank_id)
        if self.name is None:
            return url_for("facts.new", bank_id=self.bank_id, kind=self.kind)
        if self.kind == "entity":
            return url_for("facts.entity", bank_id=self.bank_id, name=self.name)
        return url_for("facts.edit", bank_id=self.bank_id, fact_id=self.name)


@bp.get("/")
@instructors_only
def listing(bank_id: str) -> ResponseReturnValue:
    """The facts behind a bank, or what a search finds of them; or how to begin with them."""
    query = request.args.get("q", "")[:200]
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book = facts_editing.book_in(session, bank_id)
    words = stored.search_form(query).split()
    found = [
        fact
        for fact in (book.facts.values() if book else ())
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


@bp.get("/named")
@instructors_only
def named(bank_id: str) -> ResponseReturnValue:
    """Whom and what facts speak of."""
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book = facts_editing.book_of(session, bank_id)
    return render_template("instructor/named.html", bank=bank, book=book)


# ---------------------------------------------------------------- the form


@bp.get("/<fact_id>")
@instructors_only
def edit(bank_id: str, fact_id: str) -> ResponseReturnValue:
    return _opened(_fact(bank_id, fact_id))


@bp.get("/source")
@instructors_only
def source(bank_id: str) -> ResponseReturnValue:
    """What the facts were read from; with it a book is begun."""
    return _opened(_Subject(bank_id, "source", book_editing.HEADER))


@bp.get("/named/<name>")
@instructors_only
def entity(bank_id: str, name: str) -> ResponseReturnValue:
    return _opened(_Subject(bank_id, "entity", name))


@bp.get("/new/<kind>")
@instructors_only
def new(bank_id: str, kind: str) -> ResponseReturnValue:
    return _opened(_new(bank_id, kind))


@bp.post("/<fact_id>")
@instructors_only
def save(bank_id: str, fact_id: str) -> ResponseReturnValue:
    """Look at what would come of it, change rows, save, or take the fact out."""
    return _sent(_fact(bank_id, fact_id))


@bp.post("/source")
@instructors_only
def save_source(bank_id: str) -> ResponseReturnValue:
    return _sent(_Subject(bank_id, "source", book_editing.HEADER))


@bp.post("/named/<name>")
@instructors_only
def save_entity(bank_id: str, name: str) -> ResponseReturnValue:
    return _sent(_Subject(bank_id, "entity", name))


@bp.post("/new/<kind>")
@instructors_only
def add(bank_id: str, kind: str) -> ResponseReturnValue:
    return _sent(_new(bank_id, kind))


def _fact(bank_id: str, fact_id: str) -> _Subject:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        return _Subject(bank_id, facts_editing.fact_row(session, bank_id, fact_id).body["type"], fact_id)


def _new(bank_id: str, kind: str) -> _Subject:
    if kind not in (*FACT_TYPES, "entity"):
        raise NotFound(f"there is no type {kind!r}")
    return _Subject(bank_id, kind)


def _desk(session: Any, subject: _Subject) -> book_editing.Desk:
    teaching.bank_to_edit(session, subject.bank_id, current_learner())
    return book_editing.desk(session, subject.bank_id, cast(book_editing.Kind, subject.kind), subject.name)


def _opened(subject: _Subject) -> ResponseReturnValue:
    user, number = current_learner(), 0
    with reading() as session:
        teaching.bank_to_edit(session, subject.bank_id, user)
        draft = drafts.of(session, user.id, subject.bank_id, subject.about)
        if not subject.is_fact:
            desk = _desk(session, subject)
            form, number = book_editing.form_of(desk), desk.stamp
        elif subject.name is None:
            form = fact_form.blank(fact_form.fields_of(subject.kind))
        else:
            row = facts_editing.fact_row(session, subject.bank_id, subject.name)
            old = request.args.get("revision", "")
            revisions = facts_editing.revisions(session, subject.bank_id, subject.name)
            body = next((one.body for one in revisions if str(one.number) == old), row.body)
            form, number = fact_form.of_body(fact_form.fields_of(subject.kind), body), row.number
    if request.args.get("draft") == "1" and draft:
        return _page(subject, dict(draft.form), number=draft.seen, drafted=True)
    return _page(subject, form, number=number, draft=draft)


def _sent(subject: _Subject) -> ResponseReturnValue:
    form, do = form_values(), request.form.get("do", "look")
    number = seen()
    if do.partition(":")[0] in {"add", "remove"} and ":" in do:
        return _page(subject, form, number=number, focus=fact_form.change(form, do))
    out = subject.name if subject.is_fact and do in {"take-out", "sure-take-out"} else None
    if out is None and do not in {"look", "save"}:
        raise BadInput("do")
    made, outcome = _read(subject, form, do, out)
    if isinstance(made, list):
        return _page(subject, form, number=number, problems=made, status=422)
    if outcome is not None:
        status = 422 if outcome.problems else 200
        return _page(subject, form, number=number, outcome=outcome, out=bool(out), status=status)
    try:
        return redirect(_save(subject, made, out, number), 303)
    except BadFile as error:
        return _page(subject, form, number=number, problems=error.problems, status=422)
    except Conflict:
        told = _("Someone else saved this fact while you were writing. Your text is below; theirs is in the history.")
        if not subject.is_fact:
            told = _("Someone else saved this while you were writing. Your text is below; saving it replaces theirs.")
        with reading() as session:
            if subject.is_fact:
                number = facts_editing.fact_row(session, subject.bank_id, subject.name or "").number
            else:
                number = _desk(session, subject).stamp
        return _page(subject, form, number=number, told=told, status=409)


def _read(
    subject: _Subject, form: fact_form.Form, do: str, out: str | None
) -> tuple[Any | list[Problem], facts_editing.Outcome | None]:
    """What the form makes, or what keeps it from that; and, where that was asked for, what would come of it."""
    bank_id, name = subject.bank_id, subject.name
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        if not subject.is_fact:
            desk = _desk(session, subject)
            part = book_editing.read(desk, form)
            looked = do == "look" and not isinstance(part, list)
            return part, book_editing.look(session, desk, cast(book_editing.Part, part)) if looked else None
        before = facts_editing.fact_row(session, bank_id, name).body if name else None
        if out:
            wanted = do == "take-out"
            return None, facts_editing.outcome(session, bank_id, None, removed=out) if wanted else None
        facts_editing.book_of(session, bank_id)
        made = facts_editing.read(subject.kind, name or facts_editing.new_fact_id(), form, before)
        if isinstance(made, list) or do != "look":
            return made, None
        return made, facts_editing.outcome(session, bank_id, made)


def _save(subject: _Subject, made: Any, out: str | None, number: int) -> str:
    """Where to go on. A form that was sent twice saves once."""
    bank_id, user, now, key = subject.bank_id, current_learner(), clock(), request.form.get("form_key", "")
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        done = once.claim(session, key, owner=user.id, now=now)
        if done is not None:
            return done.location
        how: dict[str, Any] = {"seen": number, "author_id": user.id, "now": now}
        if out:
            loaded = facts_editing.remove(session, bank_id, out, **how)
            location = url_for("facts.listing", bank_id=bank_id, retired=loaded.retired)
        else:
            if subject.is_fact:
                loaded = facts_editing.save(session, bank_id, made, **how)
                saved = _Subject(bank_id, subject.kind, made.id)
            else:
                loaded = book_editing.save(session, bank_id, _desk(session, subject), made, **how)
                saved = _Subject(bank_id, subject.kind, subject.name or made.id)
            sums = f"new={loaded.new}&changed={loaded.changed}&retired={loaded.retired}"
            location = f"{saved.address}?{sums}"
        drafts.drop(session, user.id, bank_id, subject.about)
        once.settle(session, key, owner=user.id, user_id=user.id, location=location)
    return location


def _page(
    subject: _Subject,
    form: fact_form.Form,
    *,
    number: int = 0,
    problems: list[Problem] | None = None,
    outcome: facts_editing.Outcome | None = None,
    out: bool = False,
    focus: str | None = None,
    told: str | None = None,
    drafted: bool = False,
    draft: drafts.Kept | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    bank_id, fact_id = subject.bank_id, subject.name if subject.is_fact else None
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book = facts_editing.book_in(session, bank_id)
        if book is None and subject.kind != "source":
            raise NotFound("this bank was not made from facts")
        lines: list[Any] = facts_editing.revisions(session, bank_id, fact_id) if fact_id else []
        retired = fact_id is not None and facts_editing.fact_row(session, bank_id, fact_id).retired_at is not None
    page = render_template(
        "instructor/fact.html",
        bank=bank,
        book=book,
        kind=subject.kind,
        subject=subject,
        fields=fact_form.fields_of(subject.kind),
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
    )
    return page, status
