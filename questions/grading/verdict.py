"""What an answer is worth, and which written forms are taken for right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from questions.bank import ClozeQuestion, TypedQuestion
from questions.normalise import normalise

Outcome = Literal["right", "close", "wrong"]
# Why a typed answer is not simply right; pages put it into words.
Reason = Literal[
    "empty",
    "unknown",
    "spelling",
    "which_one",
    "another",
    "several",
    "part_missing",
    "other_order",
    "wrong_day",
    "wrong_month",
    "wrong_year",
    "wrong_number",
    "in_part",
    "extra",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. `share` is the part of the mark, 0 to 1."""

    outcome: Outcome
    share: float
    reason: Reason | None = None


RIGHT = Verdict("right", 1.0)
WRONG = Verdict("wrong", 0.0)


def close(reason: Reason) -> Verdict:
    return Verdict("close", 0.5, reason)


def wrong(reason: Reason) -> Verdict:
    return Verdict("wrong", 0.0, reason)


def weighed(weight: float) -> Verdict:
    return RIGHT if weight >= 1 else Verdict("close", weight, "in_part") if weight > 0 else WRONG


def accepted(question: TypedQuestion | ClozeQuestion, form_of: Callable[[str], str] = normalise) -> dict[str, float]:
    weights = {form_of(question.answer.get(lang) or ""): 1.0 for lang in question.answer.languages}
    for accepted in question.accepted:
        form = form_of(accepted.text)
        weights[form] = max(accepted.weight, weights.get(form, 0))
    return {form: weight for form, weight in weights.items() if form}
