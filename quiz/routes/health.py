"""Addresses that machines ask: whether the site answers, and what a browser needs to keep it as an app."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from questions.texts import DIRECTION, LANGS
from quiz import db
from quiz.i18n import _, in_language, interface_language

bp = Blueprint("health", __name__)
PAPER = "#fbfaf7"  # as in the stylesheet
ICONS = [
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),  # whatever shape a telephone cuts it to
    ("icon.svg", "any", "any"),
]


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, {"Content-Type": "text/plain"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """A request would be answered: the database is there, with the schema that this program needs."""
    lacking = db.lacking(db.engine_of())
    return f"{lacking or 'ok'}\n", 503 if lacking else 200, {"Content-Type": "text/plain"}


@bp.get("/service-worker.js")
def service_worker() -> ResponseReturnValue:
    """At the root, since it may only see to what lies below its own address; new whenever any file is."""
    script = (Path(current_app.static_folder or "") / "service-worker.js").read_text("utf-8")
    script = f'const VERSION = "{current_app.config["ASSETS_VERSION"]}";\n{script}'
    return script, 200, {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache"}


@bp.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    lang = interface_language()
    icons = [
        {"src": url_for("static", filename=name), "sizes": sizes, "purpose": purpose} for name, sizes, purpose in ICONS
    ]
    about = {
        "id": "/",
        "name": _("Qimma"),
        "short_name": _("Qimma"),
        "description": _("Quizzes and reviews from sourced facts, in Arabic and English"),
        "lang": lang,
        "dir": DIRECTION[lang],
        "start_url": url_for("explore.home"),
        "scope": url_for("explore.home"),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return current_app.json.response(about), 200, {"Content-Type": "application/manifest+json"}


@bp.get("/offline")
def offline() -> ResponseReturnValue:
    """What the service worker keeps for when the site cannot be reached: nothing of anyone's in it.

    In both languages, the reader's first: the worker keeps one page, and cannot read what was chosen since.
    """
    said = {}
    for lang in sorted(LANGS, key=lambda one: one != interface_language()):
        with in_language(lang):
            said[lang] = [
                _("The site cannot be reached"),
                _("There seems to be no line. What was answered before is kept; the page opens when the line is back."),
                _("Try again"),
            ]
    return render_template("offline.html", said=said)
