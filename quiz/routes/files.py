"""Banks as files, for whoever may have them, and the pictures and sounds of their questions."""

from __future__ import annotations

import base64
import hashlib
import io
import re

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue

from export.files import KINDS, FileKind, both_languages, lost, write
from export.handout import style, write_handout
from questions import assemble
from questions.errors import BadInput
from questions.texts import LANGS, Lang
from quiz.db import reading
from quiz.i18n import interface_language
from quiz.routes import clock, file_words
from quiz.security import current_user
from quiz.services import banks, media, taking

bp = Blueprint("files", __name__)
_SIZES = (10, 20, 30)
_DIGEST = re.compile(r"[0-9a-f]{64}")


bp.add_app_template_global(media.digest_of, "media_digest")


@bp.get("/banks/<bank_id>/files")
def shelf(bank_id: str) -> ResponseReturnValue:
    """Every kind of file that the bank can be had as."""
    with reading() as session:
        bank = taking.bank_to_take(session, bank_id, current_user(), now=clock())
        held = banks.holdings(session, bank_id)
    return render_template(
        "files/shelf.html",
        bank=bank,
        held=held,
        kinds=KINDS,
        format_name=file_words.format_name,
        use_of=file_words.use_of,
    )


@bp.get("/banks/<bank_id>/files/<any(json,csv,xlsx,gift,moodle_xml,aiken,handout,anki):kind>")
def one_kind(bank_id: str, kind: FileKind) -> ResponseReturnValue:
    """What a file of this kind cannot carry, question by question, before it is had."""
    lang = _lang()
    with reading() as session:
        taking.bank_to_take(session, bank_id, current_user(), now=clock())
        bank = banks.whole(session, bank_id)
    missing = lost(bank, kind, lang)
    sums: dict[str, int] = {}
    for line in missing:
        for what in line.what:
            sums[what] = sums.get(what, 0) + 1
    return render_template(
        "files/kind.html",
        bank=bank,
        kind=kind,
        lang=lang,
        name=file_words.format_name(kind),
        use=file_words.use_of(kind),
        both=both_languages(kind),
        missing=missing,
        sums=sorted(sums.items(), key=lambda one: (-one[1], one[0])),
        loss_words=file_words.loss,
        total=len(bank.live),
        unasked=len(bank.entries) - len(bank.live),
        sizes=_SIZES,
    )


@bp.get("/banks/<bank_id>/files/<any(json,csv,xlsx,gift,moodle_xml,aiken,anki):kind>/file")
def take(bank_id: str, kind: FileKind) -> ResponseReturnValue:
    lang = _lang()
    with reading() as session:
        taking.bank_to_take(session, bank_id, current_user(), now=clock())
        bank = banks.whole(session, bank_id)
    made = write(bank, kind, lang, address=current_app.config["PUBLIC_URL"] or None)
    return send_file(io.BytesIO(made.data), mimetype=made.type, as_attachment=True, download_name=made.name)


@bp.get("/banks/<bank_id>/handout")
def handout(bank_id: str) -> ResponseReturnValue:
    """A test on paper: a page that stands alone, to print or to keep."""
    lang, size = _lang(), request.args.get("size", "all")
    version = request.args.get("version", 1, int)
    topic = request.args.get("topic") or None
    if size != "all" and size not in {str(count) for count in _SIZES}:
        raise BadInput("size")
    if not 0 < version < 1000:
        raise BadInput("version")
    with reading() as session:
        taking.bank_to_take(session, bank_id, current_user(), now=clock())
        bank = banks.whole(session, bank_id)
    asked = [question for question in bank.live if topic is None or question.topic == topic]
    if size != "all":
        # Each version asks the same: only the order of the options differs.
        asked = list(assemble.draw(asked, int(size), seed=1))
    text = write_handout(bank, lang, questions=asked, version=version)
    response = current_app.make_response(text)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    if request.args.get("keep") == "1":
        response.headers["Content-Disposition"] = f'attachment; filename="qimma-{bank_id}-{lang}-{version}.html"'
    return response


def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()


def _lang() -> Lang:
    given = request.args.get("lang", interface_language())
    for lang in LANGS:
        if given == lang:
            return lang
    raise BadInput("lang")


# ---------------------------------------------------------------- pictures and sounds


@bp.get("/banks/<bank_id>/media/<digest>")
def picture(bank_id: str, digest: str) -> Response:
    """A picture or sound of a question, for whoever may see the bank's questions. It can run nothing."""
    if not _DIGEST.fullmatch(digest):
        abort(404)
    with reading() as session:
        taking.bank_to_see(session, bank_id, current_user(), now=clock())
        found = media.file(session, bank_id, digest)
    response = send_file(io.BytesIO(found.data), mimetype=found.type, etag=digest, conditional=True)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
