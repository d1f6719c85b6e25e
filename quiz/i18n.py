"""Language and direction of the page; texts, dates and numbers in it. Flask-Babel stays behind this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel.core import get_global
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
        arabic_digits=_arabic_digits,
    )
    said: dict[str, Callable[..., str]] = {
        "day": day_text,
        "moment": moment,
        "clock_field": clock_field,
        "percent": percent,
        "num": number,
        "digits": digits,
    }
    app.jinja_env.filters.update({name: _for_each_reader(call) for name, call in said.items()})
    for name in ("gettext", "ngettext"):
        app.jinja_env.globals[name] = _in_own_digits(cast(Callable[..., str], app.jinja_env.globals[name]))


def _for_each_reader(call: Callable[..., str]) -> Callable[..., str]:
    """A filter that is called whenever a page is made. Jinja works out `{{ 1 | num }}` once, for its first reader."""

    @pass_context
    def written(_context: Any, value: Any, *more: Any) -> str:
        return call(value, *more)

    return written


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


def _own_clock(value: datetime) -> datetime:
    user = g.get("user")
    return value.astimezone(ZoneInfo(user.time_zone if user is not None else "UTC"))


def clock_field(value: datetime | None) -> str:
    """A point in time on the reader's own clock, as a field of a form holds it."""
    return f"{_own_clock(value):%Y-%m-%dT%H:%M}" if value is not None else ""


def moment(value: datetime) -> str:
    """A point in time on the reader's own clock, to the minute."""
    local = _own_clock(value)
    return _("%(day)s at %(time)s", day=day_text(local), time=f"{local:%H:%M}")


def number(value: float, places: int = 2) -> str:
    """A number of points: halves as they are, a third as 0.33, no needless decimals."""
    text = f"{round(value, places):g}" if isinstance(value, float) else str(value)
    return digits(text.replace(".", "٫") if _arabic_digits() else text)


def percent(share: float) -> Markup:
    """A share as `80%`, kept together in a line of either direction."""
    text = number(round(share * 100))
    if _arabic_digits():
        return Markup('<bdi dir="rtl">{}٪</bdi>').format(text)  # these digits give a line no direction
    return Markup("<bdi>{}%</bdi>").format(text)


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


def zones(names: Iterable[str], chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones by part of the world, each as (name, city in the reader's language), in the order of the alphabet.

    Old names of a zone are left out, but for the one that was chosen.
    """
    locale, newer = get_locale(), get_global("zone_aliases")
    cities = {name: about["city"] for name, about in (locale.time_zones if locale else {}).items() if "city" in about}
    # CLDR keeps a city under the name that its zone had first: Calcutta's holds that of Asia/Kolkata.
    cities = {newer.get(name, name): city for name, city in cities.items()} | cities
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        region, _slash, place = name.partition("/")
        if name not in newer or name == chosen:
            city = cities.get(name) or place.replace("_", " ").replace("/", ", ")
            regions.setdefault(region, []).append((name, city))
    named = {"Atlantic": _("Atlantic Ocean"), "Indian": _("Indian Ocean")}
    for region, code in _REGIONS.items():
        named[region] = locale.territories.get(code, region) if locale else region
    return sorted(
        (named.get(region, region), sorted(places, key=lambda place: place[1])) for region, places in regions.items()
    )


def remember_language(response: Response, lang: str, *, secure: bool) -> None:
    """Keep the interface's language in the browser, where it also holds for whoever has no account."""
    response.set_cookie(COOKIE, lang, max_age=365 * 86400, httponly=True, samesite="Lax", secure=secure)
