"""Which words are words of the language: a slip that makes another real word is no slip.

The one module that knows pyspellchecker, for its lists of words only; its suggestions are not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from questions.normalise import normalise

COMMON = 100  # times that a word stands in the list's texts: rarer ones are misspellings too often
_TOKEN = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile(r"[\u0620-\u064a]")


RARER = 20  # times that a common misspelling is rarer than the word itself («الفديو», «الفيديو»)


@cache
def _counts(lang: str) -> Mapping[str, int]:
    from spellchecker import SpellChecker  # a fifth of a second, and only when someone slips

    counts: Mapping[str, int] = SpellChecker(language=lang, distance=1).word_frequency.dictionary
    return counts


def _lang(token: str) -> str:
    return "ar" if _ARABIC.search(token) else "en"


def _count(token: str) -> int:
    return _counts(_lang(token)).get(token, 0)


def real_words(text: str, *, beside: str = "") -> frozenset[str]:
    """Normal forms of those words of a text that are words of Arabic or English, as they are written.

    `beside` is the right answer: what is much rarer than its words is taken for a misspelling of them.
    """
    rightful = {"ar": 0, "en": 0}
    for token in _TOKEN.findall(beside.casefold()):
        rightful[_lang(token)] = max(_count(token), rightful[_lang(token)])
    return frozenset(
        normalise(token)
        for token in _TOKEN.findall(text.casefold())
        if _count(token) >= max(COMMON, rightful[_lang(token)] // RARER)
    )
