"""How long a quiz of twenty takes to draw from 10,000 questions, beside shuffling them and taking the first twenty."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from questions.assemble import Pool, draw
from questions.bank import Question
from questions.generate import from_folder, packaged
from questions.texts import Bilingual

QUESTIONS = 10_000
SEEDS = range(50)


def run() -> list[tuple[str, float, float, str]]:
    """Rows of name, figure, floor and unit."""
    bank = copies(QUESTIONS)
    pool = Pool(bank)
    floor = statistics.median(times(lambda seed: shuffled(bank, seed)))
    kept, at_once = times(lambda seed: pool.draw(20, seed)), times(lambda seed: draw(bank, 20, seed))
    return [
        (f"quiz of 20 from {QUESTIONS} questions", statistics.median(kept), floor, "ms"),
        ("  the slowest of 50", max(kept), floor, "ms"),
        ("  nothing kept from one to the next", statistics.median(at_once), floor, "ms"),
    ]


def times(drawn: Callable[[int], object]) -> list[float]:
    """Milliseconds, a seed each."""
    taken = []
    for seed in SEEDS:
        start = time.perf_counter()
        drawn(seed)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def shuffled(bank: list[Question], seed: int) -> list[Question]:
    order = list(bank)
    random.Random(seed).shuffle(order)  # noqa: S311  (no secret)
    return order[:20]


def copies(number: int) -> list[Question]:
    """The summit's questions again and again, each time of other facts and with a number in the stem."""
    bank = from_folder(packaged())[1].live
    return [copy(question, turn) for turn in range(number // len(bank) + 1) for question in bank][:number]


def copy(question: Question, turn: int) -> Question:
    anchor, _, rest = question.id.partition(".")
    return question.model_copy(
        update={
            "id": f"{anchor}-{turn}.{rest}",
            "facts": tuple(f"{fact}-{turn}" for fact in question.facts),
            "not_with": tuple(f"{fact}-{turn}" for fact in question.not_with),
            "stem": Bilingual(ar=f"{turn}: {question.stem.ar}", en=f"{turn}: {question.stem.en}"),
        }
    )


if __name__ == "__main__":
    for name, figure, floor, unit in run():
        print(f"{name}: {figure:.1f} {unit}, shuffling {floor:.1f} {unit}, {figure / floor:.1f} times")
