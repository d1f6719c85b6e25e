"""Picks the questions of a quiz: no siblings, no give-aways, a spread of topics. Seeded: it can be drawn again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from questions.bank import ChoiceQuestion, ClozeQuestion, Question, TypedQuestion
from questions.normalise import normalise
from questions.texts import LANGS, Bilingual


def draw(questions: Iterable[Question], count: int | None, seed: int) -> tuple[Question, ...]:
    """`count` questions for a quiz, or all of them (None), in the order in which they are asked.

    A drawn quiz holds no two questions of one fact or of one stem, none that names another's answer in the same
    topic, and goes through the topics in turn. Fewer come back when the bank has no more that go together.
    Asking for all gives every question, siblings far apart.
    """
    ranked = sorted(
        (question for question in questions if question.kind != "open"),
        key=lambda question: _rank(seed, question.id),
    )
    if count is None:
        return tuple(_apart(ranked))
    chosen: list[Question] = []
    facts: set[str] = set()
    barred: set[str] = set()
    stems: set[Bilingual] = set()
    for question in _in_turn(ranked):
        if len(chosen) == count:
            break
        own = {question.id, question.point, question.anchor, *question.facts}
        if own & facts or own & barred or facts & set(question.not_with) or question.stem in stems:
            continue
        if any(_reveals(other, question) or _reveals(question, other) for other in chosen):
            continue
        chosen.append(question)
        facts |= own
        stems.add(question.stem)
        barred |= set(question.not_with)
    return tuple(_recognised_first(chosen))


def _rank(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:8]


def _in_turn(ranked: Sequence[Question]) -> Iterable[Question]:
    """Topics in turn, and within a topic the kinds in turn."""
    topics: dict[str, dict[str, list[Question]]] = {}
    for question in ranked:
        topics.setdefault(question.topic or "", {}).setdefault(question.kind, []).append(question)
    queues = [list(_merge(list(kinds.values()))) for kinds in topics.values()]
    return _merge(queues)


def _merge(queues: list[list[Question]]) -> Iterable[Question]:
    place = 0
    while any(place < len(queue) for queue in queues):
        for queue in queues:
            if place < len(queue):
                yield queue[place]
        place += 1


def _apart(ranked: Sequence[Question]) -> Iterable[Question]:
    """Every question; the second of a fact only after the first of every fact."""
    rounds: list[list[Question]] = []
    seen: dict[str, int] = {}
    for question in ranked:
        turn = seen.get(question.anchor, 0)
        seen[question.anchor] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(question)
    for one_round in rounds:
        yield from _in_turn(one_round)


def _recognised_first(chosen: list[Question]) -> list[Question]:
    """A quiz opens with a choice, where it has one: the first answer should be a tap away."""
    for place, question in enumerate(chosen):
        if question.kind == "choice":
            return [question, *chosen[:place], *chosen[place + 1 :]]
    return chosen


def _reveals(one: Question, other: Question) -> bool:
    """Whether one's stem names the other's answer, in the same topic."""
    if one.topic != other.topic:
        return False
    keys, stems = _key_forms(other), _forms(one.stem)
    return any(key in stem for key in keys for stem in stems)


@lru_cache(maxsize=20_000)
def _forms(text: Bilingual) -> tuple[str, ...]:
    return tuple(f" {normalise(text.get(lang) or '')} " for lang in LANGS)


def _key_forms(question: Question) -> tuple[str, ...]:
    match question:
        case ChoiceQuestion():
            text = next(option.text for option in question.options if option.id == question.key)
        case TypedQuestion() | ClozeQuestion():
            text = question.answer
        case _:
            return ()
    return tuple(form for form in _forms(text) if len(form.strip()) >= 4)
