"""Whether written words are the same, but for a light affix or a slip of the finger. Never by a similarity ratio."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from questions.reading import is_calendar_word, number_word
from questions.small_words import OPPOSITES, ROMAN, unprefixed


def same(typed: list[str], form: list[str], *, loose: bool = False, plurals: bool = False) -> bool:
    return len(typed) == len(form) and all(
        one == other or same_number(one, other) or (loose and alike(one, other, plurals=plurals))
        for one, other in zip(typed, form, strict=True)
    )


def alike(typed: str, form: str, *, plurals: bool = False) -> bool:
    """Whether a word is the form but for a light affix: alternatives that must equal the form, never a blind cut."""
    if not unprefixed(typed, typed).isdisjoint({form, form.removeprefix("ال") if len(form) > 4 else form}):
        return True
    if not plurals:
        return False
    shorter, longer = sorted((typed, form), key=len)
    return len(shorter) >= 4 and longer == shorter + ("s" if longer.isascii() else "ا")


def same_number(one: str, other: str) -> bool:
    """ "Minsk II", "Minsk 2", "the second Minsk": numbers in names are compared by value."""
    values = [number_word(one), number_word(other)]
    if values == [None, None]:
        return False
    first, second = (
        ROMAN.get(word) if value is None else value for word, value in zip((one, other), values, strict=True)
    )
    return first is not None and first == second


def least(slips: Iterable[int | None]) -> int | None:
    return min((slip for slip in slips if slip is not None), default=None)


def slip(typed: list[str], form: list[str], taken: frozenset[str] = frozenset()) -> int | None:
    """How many letters differ, if each word is the right one but for a slip: one from 5 letters, two from 9.

    None where a word is another one: a word of another answer (`taken`), a number, a month, an opposite.
    """
    if len(typed) != len(form):
        return None
    total = 0
    for one, other in zip(typed, form, strict=True):
        if one == other or alike(one, other):
            continue
        # Of four letters none, unless the rest of the answer vouches for it: "Jhon Sullivan".
        vouched = len(form) > 1 and sum(map(str.__eq__, typed, form)) == len(form) - 1
        allowed = 2 if len(other) > 8 else 1 if len(other) > 4 or (vouched and len(other) == 4) else 0
        distance = OSA.distance(one, other, score_cutoff=allowed)
        if distance > allowed or one in taken or _never_a_slip(one, other):
            return None
        total += distance
    return total


def _never_a_slip(one: str, other: str) -> bool:
    """Numbers, months and weekdays are no misspelling of each other, nor is a word one of its opposite."""
    if any(char.isdigit() for char in one + other) or number_word(one) is not None or is_calendar_word(one):
        return True
    shorter, longer = sorted((one, other), key=len)
    return any(longer in {prefix + shorter, prefix + shorter.removeprefix("ال")} for prefix in OPPOSITES)
