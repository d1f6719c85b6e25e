"""Which words are words of the language: a slip that makes another real word is no slip.

The one module that knows pyspellchecker, for its lists of words only; its suggestions are not used.
"""

from __future__ import annotations

import re
from functools import cache

from questions.normalise import normalise

COMMON = 100  # times that a word stands in the list's texts: rarer ones are misspellings too often
_TOKEN = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile(r"[\u0620-\u064a]")


@cache
def _words(lang: str) -> frozenset[str]:
    from spellchecker import SpellChecker  # a fifth of a second, and only when someone slips

    counts = SpellChecker(language=lang, distance=1).word_frequency.dictionary
    return frozenset(word for word, count in counts.items() if count >= COMMON)


def real_words(text: str) -> frozenset[str]:
    """Normal forms of those words of a text that are words of Arabic or English, as they are written."""
    tokens = _TOKEN.findall(text.casefold())
    return frozenset(normalise(token) for token in tokens if token in _words("ar" if _ARABIC.search(token) else "en"))
