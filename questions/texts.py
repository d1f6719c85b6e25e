"""Texts in two languages, and the little markup that they may carry."""

from __future__ import annotations

import html
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from questions.errors import Unfit

Lang = Literal["ar", "en"]
LANGS: tuple[Lang, ...] = ("ar", "en")
DIRECTION: dict[Lang, str] = {"ar": "rtl", "en": "ltr"}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class Value(BaseModel):
    """A frozen value that takes no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Value):
    """One text in Arabic, in English, or in both; never in neither."""

    ar: Text | None = None
    en: Text | None = None

    @model_validator(mode="after")
    def _some_language(self) -> Self:
        if self.ar is None and self.en is None:
            raise Unfit("no-text", "a text needs at least one language: ar or en")
        return self

    def get(self, lang: Lang) -> str | None:
        return self.ar if lang == "ar" else self.en

    def best(self, lang: Lang) -> tuple[Lang, str]:
        """The text in `lang`, or in the language that there is; with the language it is in."""
        own = self.get(lang)
        if own is not None:
            return lang, own
        other: Lang = "en" if lang == "ar" else "ar"
        text = self.get(other)
        assert text is not None  # noqa: S101  (a Bilingual without a text cannot be built)
        return other, text

    @property
    def languages(self) -> tuple[Lang, ...]:
        return tuple(lang for lang in LANGS if self.get(lang) is not None)


_STRONG = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
# Runs of the other script: letters, and what may stand between two of them.
_FOREIGN: dict[Lang, tuple[Lang, re.Pattern[str]]] = {
    "ar": ("en", re.compile(r"[A-Za-zÀ-ɏ](?:[A-Za-zÀ-ɏ0-9 .,'&/-]*[A-Za-zÀ-ɏ0-9])?")),
    "en": ("ar", re.compile(r"[\u0620-\u064a](?:[\u0620-\u065f\u0660-\u0669 .،/-]*[\u0620-\u065f])?")),
}


def to_html(text: str, lang: Lang) -> str:
    """Text as safe HTML: escaped, `**word**` emphasised, lines kept, the other script isolated."""
    parts: list[str] = []
    for index, part in enumerate(_STRONG.split(text)):
        escaped = _isolate(part, lang)
        parts.append(f"<strong>{escaped}</strong>" if index % 2 else escaped)
    return "".join(parts).replace("\r\n", "\n").replace("\n", "<br>")


def _isolate(text: str, lang: Lang) -> str:
    other, foreign = _FOREIGN[lang]
    pieces: list[str] = []
    end = 0
    for run in foreign.finditer(text):
        pieces.append(html.escape(text[end : run.start()]))
        pieces.append(f'<bdi lang="{other}">{html.escape(run.group())}</bdi>')
        end = run.end()
    return "".join(pieces) + html.escape(text[end:])


def plain(text: str) -> str:
    """The text without its markup."""
    return _STRONG.sub(r"\1", text)
