"""Files that instructors bring into banks: a preview, the word to bring them in, and taking them back."""

from __future__ import annotations

import io
import re

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from export.files import WRITERS
from questions.bank import Bank, Media
from questions.errors import BadFile, BadInput, Conflict, NotFound
from questions.formats.incoming import LARGEST
from questions.formats.sheet import MOST_WITH_TEXT
from quiz.db import reading, transaction
from quiz.i18n import _
from quiz.routes import clock, file_words, wording
from quiz.security import POLICY, current_learner, instructors_only, takes_files
from quiz.services import banks, copying, importing, imports, media, once, teaching, uploads

bp = Blueprint("importing", __name__, url_prefix="/teach")
bp.context_processor(wording.for_templates)
AT_ONCE = 20  # questions of a preview's page
MOST_LINES = 500  # of a page; the report has all
_SHOWN_INLINE = 1_500_000  # letters of pictures that a preview carries in itself
# A preview shows pictures that are not stored yet, within the page itself.
_PREVIEW_POLICY = POLICY.replace("img-src 'self'", "img-src 'self' data:").replace(
    "media-src 'self'", "media-src 'self' data:"
)


@bp.get("/import")
@instructors_only
def import_form() -> ResponseReturnValue:
    return _import_form(request.args.get("bank"))


def _import_form(
    chosen: str | None, *, refusal: BadFile | None = None, fault: str = "", name: str = ""
) -> ResponseReturnValue:
    with reading() as session:
        shelves = [Bank.model_validate(row.header) for row in teaching.banks_to_edit(session, current_learner())]
    page = render_template(
        "files/import.html",
        shelves=shelves,
        chosen=chosen,
        problems=file_words.problems(refusal) if refusal else [],
        fault=fault,
        name=name,
        title=request.form.get("title", ""),
        largest=file_words.LARGEST_MIB,
        largest_text=file_words.LARGEST_TEXT_MIB,
        most_rows=f"{MOST_WITH_TEXT:,}",
    )
    return page, 422 if refusal or fault else 200


@bp.post("/import")
@takes_files(LARGEST)
@instructors_only
def upload() -> ResponseReturnValue:
    """Take a file to look at. Nothing of it is brought in yet; one that cannot be read is not kept."""
    chosen = request.form.get("bank") or None
    sent = request.files.get("file")
    name = _file_name(sent.filename if sent else None)
    if sent is None or not name:
        return _import_form(chosen, fault=_("No file was chosen."))
    title = request.form.get("title", "").strip()
    if len(title) > copying.LONGEST_TITLE:
        return _import_form(chosen, fault=_("The name is too long."))
    user = current_learner()
    if chosen is not None:
        with reading() as session:
            teaching.bank_to_edit(session, chosen, user)
    with sent.stream as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        data = stream.read(size)  # of a known size it is read in one piece, not in two copies
    try:
        importing.read(data, name)
    except BadFile as refusal:
        return _import_form(chosen, refusal=refusal, name=name)
    with transaction() as session:
        if chosen is not None:
            teaching.bank_to_edit(session, chosen, user)
        upload_id = uploads.keep(session, user.id, data, name=name, bank_id=chosen, title=title or None, now=clock())
    return redirect(url_for("importing.preview", upload_id=upload_id), 303)


def _file_name(given: str | None) -> str:
    """The last part of what the browser calls the file, without signs that nobody sees."""
    last = re.split(r"[/\\]", given or "")[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200]


@bp.get("/uploads/<int:upload_id>")
@instructors_only
def preview(upload_id: int) -> ResponseReturnValue:
    """What would come of a file. Reads only."""
    return _preview(upload_id, leave=request.args.get("leave") == "1")


def _preview(upload_id: int, *, leave: bool, fault: str = "", status: int = 200) -> ResponseReturnValue:
    kept, brought = _read(upload_id)
    with reading() as session:
        planned = uploads.planned(session, kept, brought, current_learner(), writers=WRITERS, leave=leave)
    start = max(request.args.get("from", 0, int), 0)
    shown = planned.new[start : start + AT_ONCE]
    notes = {
        level: [note for note in planned.notes if note.level == level] for level in ("refused", "skipped", "remark")
    }
    page = current_app.make_response(
        render_template(
            "files/preview.html",
            upload_id=upload_id,
            plan=planned,
            report=planned.report(),
            target=None if planned.is_new_bank else planned.header,
            taken=planned.is_new_bank and planned.has_other_id,
            format=file_words.format_name(planned.brought.incoming.format),
            shown=shown,
            start=start,
            at_once=AT_ONCE,
            inline=_inline(planned, [entry.question.id for entry in shown]),
            refused=file_words.lines(notes["refused"], together=False),
            skipped=file_words.lines(notes["skipped"], together=True),
            remarks=file_words.lines(notes["remark"], together=True),
            leave=leave,
            fault=fault,
        )
    )
    page.headers["Content-Security-Policy"] = _PREVIEW_POLICY
    page.status_code = status
    return page


def _read(upload_id: int) -> tuple[uploads.Kept, importing.Brought]:
    """A file of theirs, and what it says. Raises NotFound."""
    with reading() as session:
        kept = uploads.of(session, upload_id, current_learner().id)
    return kept, importing.read(kept.data, kept.name)


def _inline(planned: importing.Plan, ids: list[str]) -> dict[str, str]:
    """Pictures and sounds of questions that are not stored yet, as far as a page can carry them."""
    found: dict[str, str] = {}
    letters = 0
    for question in (entry.question for entry in planned.brought.entries if entry.question.id in ids):
        for item in media.sound(question):
            letters += len(item.data)
            if letters > _SHOWN_INLINE:
                return found
            found[media.digest_of(item)] = _address(item)
    return found


def _address(item: Media) -> str:
    return f"data:{item.type};base64,{item.data}"


@bp.get("/uploads/<int:upload_id>/report.json")
@instructors_only
def report(upload_id: int) -> ResponseReturnValue:
    """The whole report, for whoever has more notes than a page can list."""
    kept, brought = _read(upload_id)
    with reading() as session:
        planned = uploads.planned(session, kept, brought, current_learner(), writers=WRITERS)
    return planned.report()


@bp.post("/uploads/<int:upload_id>")
@instructors_only
def decide(upload_id: int) -> ResponseReturnValue:
    """Bring the file in as the preview showed it, or put it away."""
    user, now, leave = current_learner(), clock(), request.form.get("leave") == "1"
    if request.form.get("do") == "drop":
        with transaction() as session:
            uploads.drop(session, upload_id, user.id)
        return redirect(url_for("importing.import_form"), 303)
    if request.form.get("do") != "bring":
        raise BadInput("do")
    key = request.form.get("form_key", "")
    try:
        found = _read(upload_id)
    except NotFound:  # brought in already, perhaps by the first copy of this request
        found = None
    try:
        with transaction() as session:
            done = once.claim(session, key, owner=user.id, now=now)
            if done is not None:
                return redirect(done.location, 303)
            uploads.drop(session, upload_id, user.id)
            assert found is not None  # noqa: S101  (what can be dropped was there)
            planned = uploads.planned(session, *found, user, writers=WRITERS, leave=leave)
            if planned.seal != request.form.get("seal"):
                raise Conflict("the bank changed since the preview")
            import_id = importing.bring_in(session, planned, author_id=user.id, now=now)
            place = url_for("importing.one_import", bank_id=planned.header.id, import_id=import_id)
            once.settle(session, key, owner=user.id, user_id=user.id, location=place)
    except Conflict:
        fault = _("The bank has changed since this page was opened. Nothing was brought in; this is how it stands now.")
        return _preview(upload_id, leave=leave, fault=fault, status=409)
    return redirect(place, 303)


@bp.get("/banks/<bank_id>/imports")
@instructors_only
def all_imports(bank_id: str) -> ResponseReturnValue:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        listed, bank = imports.listing(session, bank_id), banks.header(session, bank_id)
    return render_template("files/imports.html", bank=bank, listed=listed, format_name=file_words.format_name)


@bp.get("/banks/<bank_id>/imports/<int:import_id>")
@instructors_only
def one_import(bank_id: str, import_id: int) -> ResponseReturnValue:
    with reading() as session:
        teaching.bank_to_edit(session, bank_id, current_learner())
        found, bank = imports.of(session, bank_id, import_id), banks.header(session, bank_id)
    notes = importing.notes_of(found.report)
    return render_template(
        "files/one_import.html",
        bank=bank,
        line=found,
        report=found.report,
        format=file_words.format_name(found.report["format"]),
        refused=file_words.lines([note for note in notes if note.level == "refused"], together=False),
        skipped=file_words.lines([note for note in notes if note.level == "skipped"], together=True),
        remarks=file_words.lines([note for note in notes if note.level == "remark"], together=True),
    )


@bp.post("/banks/<bank_id>/imports/<int:import_id>/undo")
@instructors_only
def undo(bank_id: str, import_id: int) -> ResponseReturnValue:
    user = current_learner()
    with transaction() as session:
        teaching.bank_to_edit(session, bank_id, user)
        imports.undo(session, bank_id, import_id, author_id=user.id, now=clock())
    return redirect(url_for("importing.one_import", bank_id=bank_id, import_id=import_id), 303)
