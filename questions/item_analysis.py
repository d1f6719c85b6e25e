"""Item analysis: how hard each question was, and how well it tells strong students from weak ones.

The measures are those of classical test theory, as Moodle's quiz statistics define them: facility, discrimination
index and discriminative efficiency, in per cent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One question's figures. None where they are not defined: nobody answered, or no mark differs from another."""

    answers: int
    facility: float | None  # mean mark, in per cent of the best
    spread: float | None  # standard deviation of the marks, in per cent of the best
    discrimination: float | None  # 100 times the correlation of the mark with the rest of the test
    efficiency: float | None  # 100 times the covariance with the rest over the greatest that these marks allow


def item_figures(marks: Sequence[Mapping[str, float]], best: Mapping[str, float]) -> dict[str, ItemFigures]:
    """The figures of each question of `best` (its greatest mark).

    `marks` has one mapping a sitting: question to mark. A question that a sitting did not hold is no part of its sums;
    what was held and not answered belongs in it with 0.
    """
    totals = [sum(sitting.values()) for sitting in marks]
    return {
        question: _figures(
            [(sitting[question], total - sitting[question]) for sitting, total in zip(marks, totals, strict=True)
             if question in sitting],
            most,
        )
        for question, most in best.items()
    }  # fmt: skip


def _figures(pairs: Sequence[tuple[float, float]], most: float) -> ItemFigures:
    count = len(pairs)
    if not count or not most:
        return ItemFigures(count, None, None, None, None)
    own, rest = [one for one, _ in pairs], [other for _, other in pairs]
    facility = 100 * sum(own) / count / most
    if count < 2:
        return ItemFigures(count, facility, None, None, None)
    variance, other = _covariance(own, own), _covariance(rest, rest)
    together, greatest = _covariance(own, rest), _covariance(sorted(own), sorted(rest))
    return ItemFigures(
        answers=count,
        facility=facility,
        spread=100 * sqrt(variance) / most,
        discrimination=100 * together / sqrt(variance * other) if variance * other > 0 else None,
        efficiency=100 * together / greatest if greatest > 0 else None,
    )


def _covariance(ones: Sequence[float], others: Sequence[float]) -> float:
    """Of a sample."""
    mean, other_mean = sum(ones) / len(ones), sum(others) / len(others)
    return sum((one - mean) * (other - other_mean) for one, other in zip(ones, others, strict=True)) / (len(ones) - 1)


# Below, what a plain sentence is said about.
HARD, EASY, WEAK = 30.0, 95.0, 10.0  # per cent
ENOUGH = 10  # answers from which a remark is worth making


def remarks(figures: ItemFigures) -> tuple[str, ...]:
    """What is odd about a question: `negative` (the weaker do better), `weak`, `hard`, `easy`."""
    if figures.answers < ENOUGH or figures.facility is None:
        return ()
    found = []
    if figures.discrimination is not None and figures.discrimination < 0:
        found.append("negative")
    elif figures.discrimination is not None and figures.discrimination < WEAK:
        found.append("weak")
    if figures.facility < HARD:
        found.append("hard")
    elif figures.facility > EASY:
        found.append("easy")
    return tuple(found)


def lures(chosen: Mapping[str, Sequence[float]], right: Collection[str]) -> tuple[str, ...]:
    """Wrong options that stronger students choose more often than what is right.

    `chosen` has the other marks of those who chose each option; the stronger half has them above the median. An option
    counts when two of that half at least chose it.
    """
    marks = sorted(mark for those in chosen.values() for mark in those)
    median = (marks[(len(marks) - 1) // 2] + marks[len(marks) // 2]) / 2 if marks else 0.0
    stronger = {option: sum(mark > median for mark in those) for option, those in chosen.items()}
    best = max(1, sum(stronger.get(option, 0) for option in right))
    return tuple(option for option, many in stronger.items() if option not in right and many > best)
