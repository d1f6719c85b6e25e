"""Questions of a bank that are too much alike: the same words, nearly the same, the same thing asked, answers told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from questions.assemble import Words, words_shown
from questions.bank import Question
from questions.lint import texts
from questions.normalise import normalise
from questions.small_words import unprefixed
from questions.texts import LANGS, Lang

NEAR = 88.0  # of a hundred, by which two stems are nearly the same
_RARE = 3  # of a stem's words, the rarest by which others are looked for
_CROWD = 400  # questions that share a word: by it alone none are compared
MOST_TELLING = 20  # questions that tell an answer which are named; of an answer that more tell, nothing is said


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions and how much they are alike, of a hundred."""

    one: Question
    other: Question
    likeness: float


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


def near(questions: Iterable[Question], lang: Lang) -> list[Pair]:
    """Pairs whose stems are nearly the same by edit distance, the likest first; those of one point are meant to be.

    Looked for among questions that share one of their stems' rarest words, so that ten thousand take seconds.
    """
    stems = {
        question.id: (question, _normal(words))
        for question in questions
        if (words := question.stem.get(lang)) is not None
    }
    counts = Counter(word for _question, stem in stems.values() for word in set(stem.split()))
    by_word: dict[str, list[str]] = defaultdict(list)
    for name, (_question, stem) in stems.items():
        for word in sorted(set(stem.split()), key=lambda word: (counts[word], word))[:_RARE]:
            if counts[word] <= _CROWD:
                by_word[word].append(name)
    pairs: dict[tuple[str, str], float] = {}
    for names in by_word.values():
        for place, name in enumerate(names[:-1]):
            others = {other: stems[other][1] for other in names[place + 1 :]}
            for _stem, score, other in process.extract(
                stems[name][1], others, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None
            ):
                pairs[min(name, other), max(name, other)] = score
    found = [Pair(stems[one][0], stems[other][0], score) for (one, other), score in pairs.items()]
    return sorted(
        (pair for pair in found if pair.one.point != pair.other.point and not _of_one_frame(pair)),
        key=lambda pair: (-pair.likeness, pair.one.id, pair.other.id),
    )


def _of_one_frame(pair: Pair) -> bool:
    """Whether facts gave both: "Who raised cybersecurity?" and "Who raised Ukraine?" are two questions of one form."""
    return bool(pair.one.facts and pair.other.facts)


def untranslated(questions: Iterable[Question], languages: Iterable[Lang]) -> list[tuple[Question, tuple[str, ...]]]:
    """Questions with a text that lacks one of the languages, and the fields that do ("stem.en")."""
    wanted = tuple(languages)
    out = []
    for question in questions:
        missing = tuple(f"{path}.{lang}" for path, text in texts(question) for lang in wanted if text.get(lang) is None)
        if missing:
            out.append((question, missing))
    return out


# ---------------------------------------------------------------- answers that others tell


@dataclass(frozen=True, slots=True)
class Told:
    """A question whose answer others name: no quiz has them together."""

    question: Question
    by: tuple[Question, ...]


def told(questions: Iterable[Question]) -> Iterator[Told]:
    """By the rule that quizzes are drawn by. An answer that very many name, as a country's, is left out."""
    rows = list(questions)
    siblings: dict[str, list[Question]] = defaultdict(list)
    for question in rows:
        siblings[question.point].append(question)
    words: dict[str, Words] = {question.id: words_shown(question, siblings[question.point]) for question in rows}
    by_word: dict[str, list[Question]] = defaultdict(list)
    for question in rows:
        seen = {form for word in set(words[question.id].shown.replace("|", " ").split()) for form in _forms(word)}
        for form in seen:
            by_word[form].append(question)
    for question in rows:
        telling: dict[str, Question] = {}
        for answer in words[question.id].answers:
            first = answer.split(" ", 1)[0]
            others = by_word.get(first, [])
            if len(others) > _CROWD:
                continue
            for other in others:
                apart = other.point != question.point and set(other.facts).isdisjoint(question.facts)
                if apart and words[other.id].tells(answer):
                    telling[other.id] = other
        if 0 < len(telling) <= MOST_TELLING:
            yield Told(question, tuple(telling.values()))


@lru_cache(maxsize=20_000)
def _forms(word: str) -> frozenset[str]:
    return frozenset((word, *unprefixed(word, word)))


@lru_cache(maxsize=50_000)
def _normal(text: str) -> str:
    return normalise(text)
