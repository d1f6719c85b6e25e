"""Numbers with a tolerance, as GIFT and Moodle XML write them. Decimals all the way: 3.1415 and 0.0005 stay exact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from questions.bank import ClozeQuestion, TypedQuestion
from questions.formats.asked import Asked, Refusal, written
from questions.texts import Bilingual

_NUMBER = re.compile(r"[-+]?(?:\d{1,30}(?:[.,]\d{0,30})?|[.,]\d{1,30})(?:[eE][-+]?\d{1,3})?")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫−–", "01234567890123456789.--")
_VALUE = re.compile(r"-?\d{1,15}(\.\d{1,9})?")


def read_number(text: str) -> Decimal | None:
    """A number as people write it: 3.14, 3,14, ٣٫١٤, 1e-3; None for anything else."""
    plain = text.translate(_DIGITS).replace(" ", "").replace("\u00a0", "")
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None


def show(number: Decimal) -> str:
    """Without an exponent or needless noughts."""
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers that are taken, and their share of the mark. `shown` is how the file has it, where that is a range."""

    low: Decimal
    high: Decimal
    share: float
    shown: str | None = None

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2

    @property
    def tolerance(self) -> Decimal:
        return (self.high - self.low) / 2


def span(text: str, share: float) -> Span:
    """`1822`, `1822:1` or `3.141..3.142`."""
    low, dots, high = text.partition("..")
    value, _, allowed = text.partition(":")
    first = read_number(low.strip() if dots else value.strip())
    second = read_number(high.strip()) if dots else read_number(allowed.strip() or "0")
    if first is None or second is None:
        raise Refusal("bad-number", text.strip()[:60])
    if not dots:
        return Span(first - abs(second), first + abs(second), share)
    return Span(min(first, second), max(first, second), share, f"{show(first)}–{show(second)}")


def number(asked: Asked, stem: Bilingual, spans: Sequence[Span]) -> dict[str, Any]:
    """A question whose answer is a number. The first span that takes an answer decides, as in Moodle."""
    right = next((one for one in spans if one.share >= 0.999), None)
    if right is None:
        raise Refusal("no-answer")
    value = show(right.middle)
    exact = len(spans) == 1 and right.low == right.high
    ranges = [
        {"low": float(one.low), "high": float(one.high), "weight": 1 if one.share >= 0.999 else max(0.0, one.share)}
        for one in spans
    ]
    return {
        **written(stem),
        "answer": asked.in_own(right.shown or value),
        "answer_type": "number",
        "value": value if _VALUE.fullmatch(value) else None,
        "ranges": [] if exact and _VALUE.fullmatch(value) else ranges,
    }


def spans_of(question: TypedQuestion | ClozeQuestion) -> list[Span]:
    """What a question of ours takes: its value first, then its ranges, unless one of them is centred on the value."""
    value = Decimal(question.value or "0")
    ends = [(Decimal(repr(one.low)), Decimal(repr(one.high)), one.weight) for one in question.ranges]
    spans = [Span(low, high, weight, f"{show(low)}–{show(high)}") for low, high, weight in ends]
    first = next((one for one in spans if one.share == 1), None)
    return spans if first is not None and first.middle == value else [Span(value, value, 1), *spans]
