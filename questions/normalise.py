"""Arabic and English text made comparable. For comparison only: the house spelling is what is shown."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "ڤ": "ف",
        "پ": "ب",
        "چ": "ج",
        "گ": "ك",
        "ک": "ك",
        "ھ": "ه",
        "ہ": "ه",
    }
)
_NOTHING = frozenset("ـ'’‘`ʼʾʿ")  # tatweel, apostrophes, and the half rings of transliterations
_POSSESSIVE = re.compile(r"(?<=\w)['’`ʼ]s\b")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """One form for all the ways of typing the same words.

    Folds case, width, vowel marks, accents, tatweel, bidi controls, hamza seats, alef maqsura, ta marbuta and
    digits of any script; hyphens and punctuation become spaces, apostrophes and the English possessive nothing.
    """
    out: list[str] = []
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for char in unicodedata.normalize("NFKD", _POSSESSIVE.sub("", folded)).translate(_LETTERS):
        category = unicodedata.category(char)
        if category in {"Mn", "Me", "Cf"} or char in _NOTHING:
            continue
        if category == "Nd":
            out.append(str(unicodedata.digit(char)))
        elif category[0] in "LN":
            out.append(char)
        else:
            out.append(" ")
    words = _SPACE.sub(" ", "".join(out)).strip().split(" ")
    return " ".join(_final_hamza(word) for word in words)


def _final_hamza(word: str) -> str:
    while len(word) > 2 and word.endswith("ء"):
        word = word[:-1]
    return word
