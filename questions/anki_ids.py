"""By what Anki knows a bank's questions: on which note each stands, and which of its cards it is. Fixed for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from questions.bank import Kind

# The kinds by the number of their card. Learners' cards hang on the order.
CARDS: tuple[Kind, ...] = (
    "choice", "multi_select", "true_false", "typed", "cloze", "ordering", "matching", "open",
)  # fmt: skip
ORD: dict[Kind, int] = {kind: ordinal for ordinal, kind in enumerate(CARDS)}
_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;<=>?@[]^_`{|}~"


class Asked(Protocol):
    """What a note needs to know of a question."""

    @property
    def id(self) -> str: ...
    @property
    def point(self) -> str: ...
    @property
    def kind(self) -> Kind: ...


Q = TypeVar("Q", bound=Asked)


def guid(bank_id: str, name: str) -> str:
    """By what Anki knows a note for ever: genanki's `guid_for("qimma", bank_id, name)`, in a fraction of its time."""
    number = int.from_bytes(hashlib.sha256(f"qimma__{bank_id}__{name}".encode()).digest()[:8])
    digits = ""
    while number:
        number, digit = divmod(number, 91)
        digits = _DIGITS[digit] + digits
    return digits


def by_note(asked: Iterable[Q]) -> Iterator[tuple[str, list[Q]]]:
    """Questions by point, each kind once, under the name that the note's GUID is made of.

    A point that is asked twice in one way has no second card for it: that question becomes a note of its own,
    under its own id. Which one it is hangs on the ids alone, never on the order of the bank.
    """
    grouped: dict[str, list[Q]] = {}
    for question in asked:
        grouped.setdefault(question.point, []).append(question)
    for point, members in grouped.items():
        if len({question.kind for question in members}) == len(members):
            yield point, members
            continue
        kept: dict[Kind, Q] = {}
        for question in sorted(members, key=_claim):
            kept.setdefault(question.kind, question)
        chosen = {question.id for question in kept.values()}
        yield point, [question for question in members if question.id in chosen]
        yield from ((question.id, [question]) for question in members if question.id not in chosen)


def _claim(question: Asked) -> tuple[bool, bool, str]:
    """Smallest first: the question that is its own point, then the one of the model named like its kind."""
    model = question.id.rpartition(".")[2]
    return question.id != question.point, model != question.kind.replace("_", "-"), question.id


def places(bank_id: str, asked: Iterable[Q]) -> Iterator[tuple[str, int, Q]]:
    """Each question of a bank with its note's GUID and the number of its card."""
    for name, questions in by_note(asked):
        note = guid(bank_id, name)
        for question in questions:
            yield note, ORD[question.kind], question
