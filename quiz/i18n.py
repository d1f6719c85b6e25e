"""Language and direction of the page; texts, dates and numbers in it. Flask-Babel stays behind this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast

from flask import Flask, g, request
from flask_babel import Babel, force_locale, get_locale
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext
from jinja2 import pass_context
from markupsafe import Markup
from werkzeug.wrappers import Response

from questions.grammar import date_text
from questions.texts import DIRECTION, LANGS, Bilingual, Lang, to_html

COOKIE = "qimma_lang"

# Digits of a text; what may hold others that are none: Latin runs, tags, character references.
_DIGITS = re.compile(r"<bdi lang.*?</bdi>|<[^>]*>|&#?\w+;|[0-9]+")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# How the time zones' names begin, and CLDR's number for that part of the world.
_REGIONS = {
    "Africa": "002",
    "America": "019",
    "Antarctica": "AQ",
    "Asia": "142",
    "Australia": "AU",
    "Europe": "150",
    "Pacific": "009",
}


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=_choose_language, default_translation_directories="translations")
    app.jinja_env.globals.update(
        say=say,
        ui_lang=interface_language,
        ui_dir=interface_direction,
        other_lang=other_language,
        study_lang=study_language,
        text_dir=DIRECTION.get,
    )
    app.jinja_env.filters.update(day=day_text, percent=percent, num=number, digits=digits)
    for name in ("gettext", "ngettext"):
        app.jinja_env.globals[name] = _in_own_digits(cast(Callable[..., str], app.jinja_env.globals[name]))


def _in_own_digits(call: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def said(context: Any, *texts: Any, **variables: Any) -> str:
        return digits(call(context, *texts, **variables))

    return said


def _(text: str, **variables: object) -> str:
    """A text of the interface in the reader's language."""
    return digits(_gettext(text, **variables))


def ngettext(one: str, many: str, num: int, **variables: object) -> str:
    """A counted text, in the form that its number takes."""
    return digits(_ngettext(one, many, num, **variables))


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Texts in another language than the page's: a letter, in that of whom it goes to."""
    with force_locale(lang):
        yield


def _choose_language() -> str:
    """The reader's choice; else their browser's; else Arabic, the language of the first bank."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGS:
        return chosen
    user = g.get("user")
    if user is not None and user.language in LANGS:
        return cast(str, user.language)
    return request.accept_languages.best_match(LANGS) or "ar"


def interface_language() -> Lang:
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "ar"


def interface_direction() -> str:
    return DIRECTION[interface_language()]


def other_language() -> Lang:
    return "en" if interface_language() == "ar" else "ar"


def study_language() -> Lang:
    """The language in which questions are asked: the learner's choice, else that of the interface."""
    user = g.get("user")
    if user is not None and user.study_language in LANGS:
        return cast(Lang, user.study_language)
    return interface_language()


def say(text: Bilingual | None, lang: Lang | None = None, tag: str = "span") -> Markup:
    """A text in the language of study, or in the one there is; with its own lang and dir, escaped."""
    if text is None:
        return Markup()
    own, words = text.best(lang or study_language())
    html = to_html(words, own)
    # to_html escapes; what is put around it is ours.
    return Markup('<{0} lang="{1}" dir="{2}">{3}</{0}>').format(
        tag,
        own,
        DIRECTION[own],
        Markup(digits(html) if own == "ar" else html),  # noqa: S704
    )


def day_text(value: date | datetime) -> str:
    """A calendar day in words, as questions write it: both names of the month in Arabic."""
    day = date_text(value.date() if isinstance(value, datetime) else value, "day")
    return digits(day.best(interface_language())[1])


def number(value: float) -> str:
    """A number of points: halves as they are, no needless decimals."""
    return digits(str(value) if isinstance(value, int) else f"{value:g}")


def percent(share: float) -> Markup:
    """A share as `80%`, kept together in a line of either direction."""
    sign = "٪" if _arabic_digits() else "%"
    return Markup("<bdi>{}{}</bdi>").format(number(round(share * 100)), sign)


def digits(text: str) -> str:
    """The text with the digits that its reader chose: ٠-٩ in Arabic pages only, never both on one."""
    if not _arabic_digits():
        return text
    changed = _DIGITS.sub(
        lambda found: found[0].translate(_ARABIC_DIGITS) if found[0][0] not in "<&" else found[0], text
    )
    return type(text)(changed)  # Markup stays Markup


def _arabic_digits() -> bool:
    user = g.get("user")
    return user is not None and user.digits == "arab" and interface_language() == "ar"


def zones(names: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones by part of the world, each as (name, city in the reader's language), in the order of the alphabet."""
    locale = get_locale()
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        region, _slash, place = name.partition("/")
        city = locale.time_zones.get(name, {}).get("city") if locale else None
        regions.setdefault(region, []).append((name, city or place.replace("_", " ").replace("/", ", ")))
    named = {"Atlantic": _("Atlantic Ocean"), "Indian": _("Indian Ocean")}
    for region, code in _REGIONS.items():
        named[region] = locale.territories.get(code, region) if locale else region
    return sorted(
        (named.get(region, region), sorted(places, key=lambda place: place[1])) for region, places in regions.items()
    )


def remember_language(response: Response, lang: str, *, secure: bool) -> None:
    """Keep the interface's language in the browser, where it also holds for whoever has no account."""
    response.set_cookie(COOKIE, lang, max_age=365 * 86400, httponly=True, samesite="Lax", secure=secure)
