"""The article's world to look through, cards to turn, and the source's text that an instructor attaches."""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from questions.bank import KINDS, Bank
from questions.errors import BadInput, NotFound
from quiz.db import reading, transaction
from quiz.routes import clock
from quiz.security import current_learner, current_user, instructors_only
from quiz.services import banks, study, teaching, world

bp = Blueprint("world", __name__)
SHOWN = 200  # entries of a section; a search finds the others
_LAST_CARD = 10**6


@bp.get("/banks/<bank_id>/world")
def whole(bank_id: str) -> ResponseReturnValue:
    """All that the facts tell, or what a search finds of it."""
    query = request.args.get("q", "").strip()[: world.LONGEST_QUERY]
    with reading() as session:
        bank = world.opened(session, bank_id, current_user(), now=clock())
        book = banks.facts_of(session, bank_id)
    found = world.world(book, query) if book else None
    return render_template("world/whole.html", bank=bank, world=found, query=query, shown=SHOWN)


@bp.get("/banks/<bank_id>/people/<entity_id>")
def person(bank_id: str, entity_id: str) -> ResponseReturnValue:
    with reading() as session:
        bank, book = world.with_facts(session, bank_id, current_user(), now=clock())
    return render_template("world/person.html", bank=bank, page=world.person_page(book, entity_id), shown=SHOWN)


@bp.get("/banks/<bank_id>/facts/<fact_id>")
def fact(bank_id: str, fact_id: str) -> ResponseReturnValue:
    """A fact, whose word it is, and what is asked of it."""
    user = current_user()
    with reading() as session:
        bank, book = world.with_facts(session, bank_id, current_user(), now=clock())
        page = world.fact_page(
            book, fact_id, study.chosen(session, bank_id, study.Filters(fact=fact_id), learner_id=None)
        )
        points = [point.id for point in page.points]
        recall = world.recall_of(session, bank_id, points, learner=user, now=clock()) if user else {}
        words = world.passage(session, bank_id, page.entry.para)
    return render_template("world/fact.html", bank=bank, page=page, recall=recall, words=words)


@bp.get("/banks/<bank_id>/points/<point>")
def point(bank_id: str, point: str) -> ResponseReturnValue:
    """What a card of the Anki deck is about: the address that the deck links to."""
    user = current_user()
    with reading() as session:
        bank = world.opened(session, bank_id, current_user(), now=clock())
        page = world.point_page(session, bank_id, point)
        recall = world.recall_of(session, bank_id, [page.point.id], learner=user, now=clock()) if user else {}
        words = world.passages(session, bank_id, [one.para for one in page.facts])
    return render_template("world/point.html", bank=bank, page=page, recall=recall, words=words)


@bp.get("/banks/<bank_id>/source")
def source(bank_id: str) -> ResponseReturnValue:
    """The paragraphs of the source, each with what was read from it."""
    with reading() as session:
        bank, book = world.with_facts(session, bank_id, current_user(), now=clock())
        paragraphs = world.paragraphs(session, bank_id, book)
    return render_template("world/source.html", bank=bank, paragraphs=paragraphs, shown=SHOWN)


# ---------------------------------------------------------------- cards to turn


@bp.get("/banks/<bank_id>/browse")
def browse(bank_id: str) -> ResponseReturnValue:
    """One card, and the way to the next. Nothing is counted or written."""
    user, asked = current_user(), request.args
    with reading() as session:
        bank = world.opened(session, bank_id, current_user(), now=clock())
        filters = _filters(bank)
        number = min(max(asked.get("n", 1, type=int), 1), _LAST_CARD)
        card = world.card(session, bank_id, filters, number, learner_id=user.id if user else None)
        kinds = study.kinds_in(session, bank_id)
    return render_template(
        "world/browse.html",
        bank=bank,
        card=card,
        kinds=kinds,
        filters=filters,
        kept=_kept(filters),
        turned=asked.get("turned") == "1",
    )


@bp.post("/banks/<bank_id>/stars")
def star(bank_id: str) -> ResponseReturnValue:
    """Star the question of a card, or take its star away; then the card again."""
    learner, form = current_learner(), request.form
    if form.get("on") not in {"0", "1"}:
        raise BadInput("on")
    with transaction() as session:
        filters = _filters(world.opened(session, bank_id, current_user(), now=clock()))
        study.star(session, bank_id, form.get("question", ""), learner=learner, on=form["on"] == "1", now=clock())
    number = min(max(form.get("n", 1, type=int), 1), _LAST_CARD)
    kept: dict[str, Any] = {**_kept(filters), "turned": "1" if form.get("turned") == "1" else None}
    return redirect(url_for("world.browse", bank_id=bank_id, n=number, **kept), 303)


def _filters(bank: Bank) -> study.Filters:
    """The choice of cards, from the address or the form. Raises BadInput, NotFound for an unknown topic."""
    given = {name: request.values.get(name) or None for name in ("topic", "kind", "only", "fact", "point")}
    if given["topic"] is not None and given["topic"] not in {topic.id for topic in bank.topics}:
        raise NotFound("there is no such topic")
    if given["kind"] not in (None, *KINDS) or given["only"] not in (None, *get_args(study.Only)):
        raise BadInput("kind or only")
    return study.Filters(
        topic=given["topic"],
        kind=given["kind"],
        only=cast(study.Only | None, given["only"]),
        fact=given["fact"],
        point=given["point"],
    )


def _kept(filters: study.Filters) -> dict[str, str]:
    """The choice as an address carries it."""
    named = ("topic", "kind", "only", "fact", "point")
    return {name: value for name in named if (value := getattr(filters, name)) is not None}


# ---------------------------------------------------------------- the source's text


@bp.get("/teach/banks/<bank_id>/source")
@instructors_only
def source_form(bank_id: str) -> ResponseReturnValue:
    return _source_form(bank_id)


@bp.post("/teach/banks/<bank_id>/source")
@instructors_only
def save_source(bank_id: str) -> ResponseReturnValue:
    """Show a pasted text in paragraphs, keep it, or take the present one away. A text that does not fit is not lost."""
    text, do = request.form.get("text", ""), request.form.get("do")
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
    match do:
        case "remove":
            with transaction() as session:
                world.openings_of(session, bank_id)
                world.remove(session, bank_id)
        case "preview" | "save":
            with reading() as session:
                openings = world.openings_of(session, bank_id)
            parts = world.cut(text, openings)
            fault = world.misfit(parts, openings)
            if fault is not None:
                return _source_form(bank_id, text=text, fault=fault, status=422)
            if do == "preview":
                return _source_form(bank_id, text=text, parts=parts)
            with transaction() as session:
                # Read anew: the facts may have been loaded again since.
                world.attach(session, bank_id, text, openings=world.openings_of(session, bank_id))
        case _:
            raise BadInput("do")
    return redirect(url_for("world.source_form", bank_id=bank_id, done=do), 303)


def _source_form(
    bank_id: str,
    *,
    text: str | None = None,
    parts: list[str] | None = None,
    fault: world.Misfit | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        bank = banks.header(session, bank_id)
        book = banks.facts_of(session, bank_id)
        kept = list(world.passages(session, bank_id).values())
    openings = book.header.document.openings if book else ()
    page = render_template(
        "world/attach.html",
        bank=bank,
        openings=openings,
        text=text,
        parts=parts,
        kept=kept,
        # The facts may have been read anew from another text since this one was attached.
        stale=bool(kept) and world.misfit(kept, openings) is not None,
        fault=fault,
        done=request.args.get("done"),
    )
    return page, status
