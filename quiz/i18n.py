"""Language and direction of the page; texts, dates and numbers in it. Flask-Babel stays behind this module."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from flask import Flask, g, request
from flask_babel import Babel, get_locale, gettext, ngettext
from markupsafe import Markup

from questions.grammar import date_text
from questions.texts import DIRECTION, LANGS, Bilingual, Lang, to_html

COOKIE = "qimma_lang"
_ = gettext
__all__ = ["COOKIE", "_", "init_app", "interface_language", "ngettext", "study_language"]


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=_choose_language, default_translation_directories="translations")
    app.jinja_env.globals.update(
        say=say, ui_lang=interface_language, ui_dir=interface_direction, other_lang=other_language
    )
    app.jinja_env.filters.update(day=day_text, percent=percent, num=number)


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
    # to_html escapes; what is put around it is ours.
    return Markup('<{0} lang="{1}" dir="{2}">{3}</{0}>').format(
        tag,
        own,
        DIRECTION[own],
        Markup(to_html(words, own)),  # noqa: S704
    )


def day_text(value: date | datetime) -> str:
    """A calendar day in words, as questions write it: both names of the month in Arabic."""
    day = date_text(value.date() if isinstance(value, datetime) else value, "day")
    return day.best(interface_language())[1]


def number(value: float) -> str:
    """A number of points: halves as they are, no needless decimals."""
    return f"{value:g}"


def percent(share: float) -> Markup:
    """A share as `80%`, kept together in a line of either direction."""
    return Markup("<bdi>{}%</bdi>").format(round(share * 100))
