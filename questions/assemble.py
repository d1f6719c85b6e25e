"""Picks the questions of a quiz: no siblings, no give-aways, a spread of topics, kinds, difficulty and paragraphs.

Seeded: a quiz can be drawn again. What is left to chance goes by hashes of ids, so that it is the same on every
machine and one question more moves little.
"""

from __future__ import annotations

import hashlib
import heapq
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, zip_longest
from math import ceil, sqrt
from operator import attrgetter
from zlib import crc32

from questions.bank import (
    KINDS,
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
    TypedQuestion,
    question_id,
)
from questions.normalise import normalise
from questions.small_words import idle
from questions.texts import LANGS, Bilingual

WINDOW = 8  # of a topic's next questions, the one that spreads best is taken
NEAR = 64  # of a topic's questions are put in order at first: hardly ever are more looked at
PATIENCE = 12  # questions of a topic that may be turned away before the others go on without it
KEPT = 20_000  # questions of a pool whose words are kept
SAMPLE = 16  # questions that tell whether most of a bank names a key
SHORT = 4  # a key of fewer letters stands in a text by chance
_MASK = 2**64 - 1
_JOINED = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "وك", "فب", "فل")  # what Arabic writes in one with a word
_BEFORE = frozenset((*_JOINED, *(f"{letters}ال" for letters in _JOINED), "لل", "ولل", "فلل"))


def draw(questions: Iterable[Question], count: int | None, seed: int) -> tuple[Question, ...]:
    """A quiz of these questions: `Pool.draw`, for whoever draws once."""
    return Pool(questions).draw(count, seed)


class Pool:
    """The questions of a bank made ready for drawing, to be kept while the bank does not change."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self._questions: dict[str, Question] = {}
        self._topics: dict[str, list[Question]] = {}
        self._hashes: dict[str, array[int]] = {}  # each in one piece, since every draw goes through all of it
        self._shown: dict[str, Words] = {}  # of questions that were looked at: they come again in other draws
        for question in questions:
            self._questions[question.id] = question
            topic = question.topic or ""
            if question.kind == "open":
                continue
            if topic not in self._topics:
                self._topics[topic], self._hashes[topic] = [], array("L")
            self._topics[topic].append(question)
            self._hashes[topic].append(crc32(question.id.encode()))

    def draw(self, count: int | None, seed: int) -> tuple[Question, ...]:
        """`count` questions for a quiz, or all of them (None), in the order in which they are asked.

        A drawn quiz holds no two questions of one fact or of one stem, and none that gives another's answer away.
        It goes through the topics, the large ones oftener, and of a topic's next questions takes one whose kind,
        difficulty and paragraph it has not had enough of. Fewer come back when no more go together.
        Asking for all gives every question, siblings far apart.
        """
        factor = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8], "big") | 1
        lines = [_Line(group, self._hashes[topic], factor) for topic, group in self._topics.items()]
        lines.sort(key=attrgetter("luck"))
        if count is None:
            return tuple(_apart([list(line.rest) for line in lines]))
        quiz = _Quiz(count)
        heads = [question for line in lines for question in line.heads(ceil(SAMPLE / len(lines)))][:SAMPLE]
        sample = [(question.anchor, _said(question)) for question in heads]
        quiz.fill(lines, self._words, put_off=lambda question, words: _is_common(question, words, sample))
        if len(quiz.chosen) < count:
            for line in lines:
                line.again()
            quiz.fill(lines, self._words)
        return tuple(_recognised_first(quiz.chosen))

    def __len__(self) -> int:
        return len(self._questions)

    def _words(self, question: Question) -> Words:
        found = self._shown.get(question.id)
        if found is None:
            found = self._words_of(question)
            if len(self._shown) < KEPT:
                self._shown[question.id] = found
        return found

    def _words_of(self, question: Question) -> Words:
        # What one question of a point takes for right names the answer of all.
        anchor, _, asked = question.point.partition(".")
        names = [question_id(anchor, asked, kind) for kind in KINDS] if asked else [question.id]
        return words_shown(question, [self._questions[name] for name in names if name in self._questions])


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A question whose turn may come."""

    question: Question
    names: frozenset[str]  # what `not_with` may call it by
    traits: tuple[tuple[str, str], ...]  # of each, a quiz should have some, and not much of one


class _Line:
    """The questions of a topic, waiting in the order of a seed."""

    def __init__(self, group: list[Question], hashes: array[int], factor: int) -> None:
        ranked = _ranked(group, hashes, factor)
        self.luck, first = next(ranked)
        self.rest: Iterator[Question] = chain([first], (question for _, question in ranked))
        self._size = len(group)
        self.taken = 0
        self._window: list[_Waiting] = []
        self._seen = 0  # of the quiz, when the window was last looked through
        self.put_off: list[Question] = []
        self.turned_away = 0

    @property
    def turn(self) -> float:
        """The least comes next: every topic once, then a topic of four times the questions twice as often."""
        return (self.taken + 0.5) / sqrt(self._size) if self.taken else 0

    def heads(self, count: int) -> list[Question]:
        heads = list(islice(self.rest, count))
        self.rest = chain(heads, self.rest)
        return heads

    def next(self, quiz: _Quiz) -> _Waiting | None:
        """Of the next few that the quiz is open to, the one that spreads best."""
        if self._seen != len(quiz.chosen):
            self._window = [waiting for waiting in self._window if quiz.is_open_to(waiting)]
            self._seen = len(quiz.chosen)
        while len(self._window) < WINDOW and (question := next(self.rest, None)) is not None:
            waiting = _Waiting(question, _names(question), _traits(question))
            if quiz.is_open_to(waiting):
                self._window.append(waiting)
        if not self._window:
            return None
        best = min(self._window, key=quiz.crowding)
        self._window.remove(best)
        return best

    def again(self) -> None:
        """Let those that were put off wait behind the others."""
        self.rest, self.put_off = chain(self.rest, self.put_off), []


def _ranked(group: list[Question], hashes: array[int], factor: int) -> Iterator[tuple[tuple[int, str], Question]]:
    """Questions by the rank that a seed's factor gives the hashes of their ids."""
    near = NEAR * _MASK // len(group)
    for low, high in ((0, near), (near, _MASK + 1)):
        part = [
            (rank, group[place].id, place)
            for place, number in enumerate(hashes)
            if low <= (rank := number * factor & _MASK) < high
        ]
        yield from (((rank, name), group[place]) for rank, name, place in sorted(part))


class _Quiz:
    """A quiz in the making, with what it has had of each thing."""

    def __init__(self, count: int) -> None:
        self.count = count
        # How many of one of these a quiz may have before it has much of it.
        self._shares = {"kind": ceil(count / 5), "difficulty": ceil(count / 3), "para": ceil(count / 10), "answer": 1}
        self._had: Counter[tuple[str, str]] = Counter()
        self.chosen: list[Question] = []
        self._names: set[str] = set()
        self._barred: set[str] = set()
        self._stems: set[tuple[str | None, str | None]] = set()
        self._words: list[Words] = []
        self._shown = ""
        self._answers: set[str] = set()

    def fill(
        self,
        lines: list[_Line],
        read: Callable[[Question], Words],
        put_off: Callable[[Question, Words], bool] | None = None,
    ) -> None:
        """Take from the topics in turn what goes together. `put_off` leaves some, and barren topics, for later."""
        turns = [(line.turn, place) for place, line in enumerate(lines)]
        heapq.heapify(turns)
        while turns and len(self.chosen) < self.count:
            place = turns[0][1]
            line = lines[place]
            if (put_off and line.turned_away == PATIENCE) or (waiting := line.next(self)) is None:
                heapq.heappop(turns)
                continue
            words = read(waiting.question)
            if self.gives_away(words):
                line.turned_away += 1
            elif put_off and put_off(waiting.question, words):
                line.put_off.append(waiting.question)
            else:
                self._take(waiting, words)
                line.taken += 1
                heapq.heapreplace(turns, (line.turn, place))

    def _take(self, waiting: _Waiting, words: Words) -> None:
        question = waiting.question
        self.chosen.append(question)
        self._names |= waiting.names
        self._barred.update(question.not_with)
        self._stems.add((question.stem.ar, question.stem.en))
        self._had.update(waiting.traits)
        self._words.append(words)
        self._shown += words.shown
        self._answers |= words.answers

    def is_open_to(self, waiting: _Waiting) -> bool:
        """Whether none of its facts, of what it is kept apart from, or of its stem is in the quiz."""
        question = waiting.question
        return (
            self._names.isdisjoint(waiting.names)
            and self._names.isdisjoint(question.not_with)
            and self._barred.isdisjoint(waiting.names)
            and (question.stem.ar, question.stem.en) not in self._stems
        )

    def crowding(self, waiting: _Waiting) -> int:
        """How far it would take the quiz beyond the share of a kind, difficulty, paragraph or answer."""
        return sum(max(0, self._had[trait] + 1 - self._shares[trait[0]]) for trait in waiting.traits)

    def gives_away(self, words: Words) -> bool:
        """Whether it tells the answer of a chosen question, or one of those tells its own."""
        # Most answers stand nowhere: seen at once in all that is shown, before it is asked where and how.
        told = [answer for answer in self._answers if answer in words.shown]
        tells = [answer for answer in words.answers if answer in self._shown]
        return (
            any(words.tells(answer) for answer in told)
            or any(other.tells(answer) for answer in tells for other in self._words)
            or any(other.tells_pair(pair) for pair in words.pairs for other in self._words)
            or any(words.tells_pair(pair) for other in self._words for pair in other.pairs)
        )


def _names(question: Question) -> frozenset[str]:
    return frozenset((question.id, question.point, question.anchor, *question.facts))


def _traits(question: Question) -> tuple[tuple[str, str], ...]:
    band = "easy" if question.difficulty < 0.4 else "middling" if question.difficulty < 0.6 else "hard"
    paras = {("para", str(source.para)) for source in question.sources if source.para is not None}
    answer = _answer(question)
    # Of one topic, to ask again for an answer just given is little of a question.
    given = [("answer", f"{question.topic}\0{answer.ar}\0{answer.en}")] if answer is not None else []
    return (("kind", question.kind), ("difficulty", band), *paras, *given)


def _answer(question: Question) -> Bilingual | None:
    match question:
        case ChoiceQuestion():
            return next(option.text for option in question.options if option.id == question.key)
        case TypedQuestion() | ClozeQuestion():
            return question.answer
        case _:
            return None


def _apart(lines: list[list[Question]]) -> Iterator[Question]:
    """Every question; the second of a fact only after the first of every fact, and each time topics in turn."""
    rounds: list[dict[str, list[Question]]] = []
    seen: Counter[str] = Counter()
    for question in chain.from_iterable(lines):
        if seen[question.anchor] == len(rounds):
            rounds.append({})
        rounds[seen[question.anchor]].setdefault(question.topic or "", []).append(question)
        seen[question.anchor] += 1
    for topics in rounds:
        for row in zip_longest(*topics.values()):
            yield from filter(None, row)


def _recognised_first(chosen: list[Question]) -> list[Question]:
    """A quiz opens with a choice, where it has one: the first answer should be a tap away."""
    for place, question in enumerate(chosen):
        if question.kind == "choice":
            return [question, *chosen[:place], *chosen[place + 1 :]]
    return chosen


# ---------------------------------------------------------------- give-aways


@dataclass(frozen=True, slots=True)
class Words:
    """What a question shows before it is answered, and what would give it away; all in normal form."""

    said: str  # what states something: the stem, things to be put in order
    offered: tuple[str, ...]  # options and sides: each one among others
    shown: str  # all of that
    answers: frozenset[str]  # each tells the answer where it is named
    pairs: tuple[tuple[str, str], ...]  # each tells a part of it where both are named together

    def tells(self, answer: str) -> bool:
        """Whether it names an answer. As an option among others it does not, but for an option that says more."""
        return _named(answer, self.said) or any(_named_in_passing(answer, option) for option in self.offered)

    def tells_pair(self, pair: tuple[str, str]) -> bool:
        """Whether it names both sides of a pair, or asks of one for the other."""
        return all(side in self.answers or _named(side, self.said) for side in pair)


def _named(words: str, text: str) -> bool:
    """Whether words stand in a text as whole words, of which Arabic may join the first to small ones before it."""
    place = text.find(f"{words} ")
    while place >= 0:
        if text[text.rfind(" ", 0, place) + 1 : place] in _BEFORE:
            return True
        place = text.find(f"{words} ", place + 1)
    return False


def _named_in_passing(words: str, option: str) -> bool:
    return _named(words, option) and any(
        not idle(word) for word in option.replace(words, " ", 1).split() if word not in _BEFORE
    )


def _is_common(question: Question, words: Words, sample: list[tuple[str, str]]) -> bool:
    """Whether most questions name its answer, as far as these anchors and stems show."""
    others = [said for anchor, said in sample if anchor != question.anchor]
    naming = sum(any(answer in said and _named(answer, said) for answer in words.answers) for said in others)
    return 2 * naming > len(others)


def words_shown(question: Question, siblings: list[Question]) -> Words:
    said = _said(question)
    offered = tuple(f" {form} " for text in _offered(question) for form in _forms(text))
    answers = {answer for sibling in siblings for answer in _answers(sibling)}
    pairs = question.pairs if isinstance(question, MatchingQuestion) else ()
    return Words(
        said=said,
        offered=offered,
        shown=f"{said}|{'|'.join(offered)}",
        # An answer that the question names itself ("true or false?") is not told by another.
        answers=frozenset(answer for answer in answers if not _named(answer, said)),
        pairs=tuple(
            (_bare(left), _bare(right))
            for pair in pairs
            for left, right in zip(_forms(pair.left), _forms(pair.right), strict=False)
        ),
    )


def _said(question: Question) -> str:
    items = question.items if isinstance(question, OrderingQuestion) else ()
    texts = (question.stem, *(item.text for item in items))
    return f" {' | '.join(form for text in texts for form in _forms(text))} "


def _offered(question: Question) -> Iterator[Bilingual]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            yield from (option.text for option in question.options)
        case MatchingQuestion():
            yield from (side for pair in question.pairs for side in (pair.left, pair.right))
            yield from (item.text for item in question.extra)


def _answers(question: Question) -> Iterator[str]:
    """The answer in normal form, without its article, and what else is right; but nothing that is short."""
    forms: set[str] = set()
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            keys = question.keys if isinstance(question, MultiSelectQuestion) else (question.key,)
            forms = {form for option in question.options if option.id in keys for form in _forms(option.text)}
        case TypedQuestion() | ClozeQuestion():
            accepted = {_normal(accepted.text) for accepted in question.accepted if accepted.weight == 1}
            # A surname that two people share names neither.
            forms = {*_forms(question.answer), *accepted} - set(question.rivals)
    return (_bare(form) for form in forms if len(form) >= SHORT)


def _bare(form: str) -> str:
    """Without its article, where enough is left to know it by."""
    first, _, rest = form.partition(" ")
    if first in {"the", "a", "an"} and len(rest) >= SHORT:
        return rest
    return form.removeprefix("ال") if len(first) > SHORT else form


def _forms(text: Bilingual) -> list[str]:
    return [_normal(said) for lang in LANGS if (said := text.get(lang))]


def _normal(text: str) -> str:
    return " ".join(filter(None, map(_normal_word, text.split())))


@lru_cache(maxsize=20_000)
def _normal_word(word: str) -> str:
    """Kept by the word: the texts of a bank are many, its words few."""
    return normalise(word)
