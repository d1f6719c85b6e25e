"""Questions of a bank that are too much alike: the same words, nearly the same, the same thing asked, answers told."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from questions.assemble import words_shown
from questions.bank import ChoiceQuestion, MultiSelectQuestion, OpenQuestion, Question, TrueFalseQuestion
from questions.lint import texts
from questions.normalise import normalise
from questions.small_words import unprefixed
from questions.texts import LANGS, Lang

NEAR = 88.0  # of a hundred, by which two stems are nearly the same
_REWORDED = 60.0  # and by which one may be the other, said in other words, where the answer is the same
_SHORTER = NEAR / (200 - NEAR)  # the least length of a stem that may be so near, by the other's
_RARE = 3  # of a stem's words, the rarest by which others are looked for
_CROWD = 400  # questions that share a word: by it alone none are compared
_MOST = 4_000  # stems of rare words together that are compared; more are one form filled in
MOST_TELLING = 20  # questions that tell an answer which are named; of an answer that more tell, nothing is said


def exact(questions: Iterable[Question]) -> list[tuple[Question, ...]]:
    """Groups that say the same in normal form: stem, options and answer."""
    return _groups(questions, _said)


def same_fact(questions: Iterable[Question]) -> list[tuple[Question, ...]]:
    """Groups that ask for the same point of a fact in the same way."""
    return _groups(questions, lambda question: f"{question.point} {question.kind}")


def _groups(questions: Iterable[Question], key: Callable[[Question], str]) -> list[tuple[Question, ...]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        found[key(question)].append(question)
    return [tuple(group) for group in found.values() if len(group) > 1]


def _said(question: Question) -> str:
    words = [
        _normal(text.get(lang) or "") for path, text in texts(question) for lang in LANGS if "feedback" not in path
    ]
    return "|".join((question.kind, words[0] if words else "", *sorted(words[1:])))


@dataclass(frozen=True, slots=True)
class Near:
    """Questions whose stems are nearly the same, and how near the nearest two are, of a hundred."""

    questions: tuple[Question, ...]
    likeness: float


@dataclass(slots=True)
class _Stem:
    """A stem in normal form, with every question that has it."""

    form: str
    questions: list[Question]
    free: bool = False  # whether one of them was not made from facts


def near(questions: Iterable[Question], languages: Iterable[Lang]) -> list[Near]:
    """Groups of questions whose stems are nearly the same by edit distance, the likest first.

    Looked for among stems that share one of their rarest words; what was found to be alike is not compared again. Facts
    give many questions by one form ("Who raised cybersecurity?", "Who raised Ukraine?"): among those none is a double.
    """
    rows = list(questions)
    heads = {question.id: question.id for question in rows}
    scores: dict[str, float] = defaultdict(float)

    def head(name: str) -> str:
        while heads[name] != name:
            heads[name] = name = heads[heads[name]]
        return name

    def join(one: Question, other: Question, score: float) -> None:
        if one.point == other.point or (one.facts and other.facts):
            return
        first, second = head(one.id), head(other.id)
        heads[second] = first
        scores[first] = max(scores[first], scores[second], score)

    for lang in languages:
        stems: dict[str, _Stem] = {}
        for question in rows:
            if form := _normal(question.stem.get(lang) or ""):
                stem = stems.setdefault(form, _Stem(form, []))
                stem.questions.append(question)
                stem.free = stem.free or not question.facts
        for stem in stems.values():
            for question in stem.questions[1:]:
                join(stem.questions[0], question, 100)
        if any(stem.free for stem in stems.values()):
            for bucket in _buckets(list(stems.values())):
                _compare(bucket, head, join)
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in rows:
        groups[head(question.id)].append(question)
    found = [Near(tuple(group), scores[name]) for name, group in groups.items() if len(group) > 1]
    return sorted(found, key=lambda group: (-group.likeness, group.questions[0].id))


def _buckets(stems: list[_Stem]) -> Iterator[list[_Stem]]:
    """Stems by each of their rarest words; by two of them together where many have one."""
    words = [sorted(set(stem.form.split())) for stem in stems]
    counts = Counter(word for own in words for word in own)
    by_word: dict[str, list[_Stem]] = defaultdict(list)
    for stem, own in zip(stems, words, strict=True):
        rarest = sorted(own, key=lambda word: (counts[word], word))[:_RARE]
        keys = [word for word in rarest if counts[word] <= _CROWD]
        for key in keys or [" ".join(rarest)]:
            by_word[key].append(stem)
    return (bucket for bucket in by_word.values() if 1 < len(bucket) <= _MOST and any(stem.free for stem in bucket))


def _compare(
    bucket: list[_Stem], head: Callable[[str], str], join: Callable[[Question, Question, float], None]
) -> None:
    by_form = {stem.form: stem for stem in bucket}
    left = sorted(by_form, key=len)
    while len(left) > 1:
        queue = [left.pop()]
        while queue and left:
            one = by_form[queue.pop()]
            # Those much longer or shorter cannot be near.
            first, last = (bisect_left(left, len(one.form) * ratio, key=len) for ratio in (_SHORTER, 1.001 / _SHORTER))
            others = left[first:last] if one.free else [form for form in left[first:last] if by_form[form].free]
            found: set[str] = set()
            near_ones = process.extract(one.form, others, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
            for form, score, _place in near_ones:
                join(*_apart(one, by_form[form]), score)
                if head(one.questions[0].id) == head(by_form[form].questions[0].id):
                    found.add(form)
            if found:
                queue += found
                left = [form for form in left if form not in found]


def _apart(one: _Stem, other: _Stem) -> tuple[Question, Question]:
    """Of each stem a question, of which facts gave one at most."""
    mine = next((question for question in one.questions if not question.facts), one.questions[0])
    theirs = next((question for question in other.questions if not question.facts), other.questions[0])
    return mine, theirs


def untranslated(questions: Iterable[Question], languages: Iterable[Lang]) -> list[tuple[Question, tuple[str, ...]]]:
    """Questions with a text that lacks one of the languages, and the fields that do ("stem.en")."""
    wanted = tuple(languages)
    out = []
    for question in questions:
        missing = tuple(f"{path}.{lang}" for path, text in texts(question) for lang in wanted if text.get(lang) is None)
        if missing:
            out.append((question, missing))
    return out


def could_be_one(one: Question, other: Question) -> bool:
    """Whether two questions of one id may be one question at two times: other tools count theirs anew in each file."""
    lang = next((lang for lang in LANGS if one.stem.get(lang) and other.stem.get(lang)), None)
    beside, others = _beside(one), _beside(other)
    if lang is None or (beside and others and beside.isdisjoint(others)):
        return False
    stem, said = _normal(one.stem.get(lang) or ""), _normal(other.stem.get(lang) or "")
    right, meant = _right(one), _right(other)
    if stem == said:
        shown, seen = ({item.data for item in question.media} for question in (one, other))
        return right == meant or shown == seen
    least = NEAR if isinstance(one, TrueFalseQuestion | OpenQuestion) else _REWORDED
    return one.kind == other.kind and right == meant and fuzz.ratio(stem, said) >= least


def _beside(question: Question) -> set[str]:
    """What stands beside the stem to be chosen, ordered or paired."""
    rows = [row for name in ("options", "items", "pairs") for row in getattr(question, name, ())]
    words = [row.left if hasattr(row, "left") else row.text for row in rows]
    return {_normal(said) for text in words for lang in LANGS if (said := text.get(lang))}


def _right(question: Question) -> object:
    match question:
        case ChoiceQuestion():
            keys: tuple[str, ...] = (question.key,)
        case MultiSelectQuestion():
            keys = question.keys
        case TrueFalseQuestion():
            return question.key
        case _:
            answer = getattr(question, "answer", None)
            return answer and _normal(answer.best("en")[1])
    texts_of = {option.id: option.text for option in question.options}
    return {_normal(texts_of[key].best("en")[1]) for key in keys}


# ---------------------------------------------------------------- answers that others tell


@dataclass(frozen=True, slots=True)
class Told:
    """A question whose answer others name: no quiz has them together."""

    question: Question
    by: tuple[Question, ...]


def told(questions: Iterable[Question]) -> Iterator[Told]:
    """By the rule that quizzes are drawn by. An answer that very many name, as a country's, is left out."""
    rows = list(questions)
    points = [question.point for question in rows]
    siblings: dict[str, list[Question]] = defaultdict(list)
    for question, point in zip(rows, points, strict=True):
        siblings[point].append(question)
    words = [words_shown(question, siblings[point]) for question, point in zip(rows, points, strict=True)]
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, shown in enumerate(words):
        for form in {form for word in set(shown.shown.replace("|", " ").split()) for form in _forms(word)}:
            by_word[form].append(place)
    tellers: dict[str, list[int]] = {}
    for answer in {answer for shown in words for answer in shown.answers}:
        places = min((by_word.get(word, []) for word in answer.split()), key=len, default=[])
        named = [place for place in places if answer in words[place].shown] if len(places) <= _CROWD else []
        tellers[answer] = [place for place in named if words[place].tells(answer)]
    for place, question in enumerate(rows):
        facts = set(question.facts)
        telling: set[int] = set()
        for answer in words[place].answers:
            others = {
                other
                for other in tellers[answer]
                if points[other] != points[place] and facts.isdisjoint(rows[other].facts)
            }
            telling |= others if len(others) <= MOST_TELLING else set()
        if telling:
            yield Told(question, tuple(rows[other] for other in sorted(telling)))


@lru_cache(maxsize=20_000)
def _forms(word: str) -> frozenset[str]:
    return frozenset((word, *unprefixed(word, word)))


def _normal(text: str) -> str:
    return " ".join(filter(None, map(_normal_word, text.split())))


@lru_cache(maxsize=50_000)
def _normal_word(word: str) -> str:
    """Kept by the word: the texts of a bank are many, its words few."""
    return normalise(word)
