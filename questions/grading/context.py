"""Words that add nothing to an answer, since the question itself brings them."""

from __future__ import annotations

from questions.bank import ClozeQuestion, TypedQuestion
from questions.normalise import normalise
from questions.small_words import ROLES, TITLES, unprefixed


def context(question: TypedQuestion | ClozeQuestion, *, names: bool = True) -> frozenset[str]:
    """Words that the question itself brings: of its stem and, with `names`, of its reason and the answer's names."""
    texts = [question.stem, *([question.answer, *filter(None, [question.feedback])] if names else [])]
    said = [text.get(lang) or "" for text in texts for lang in text.languages]
    said += [one.text for one in question.accepted if names]
    return frozenset(word for text in said for word in normalise(text).split())


def known_word(word: str, known: frozenset[str]) -> bool:
    """Whether a word is one of these, in another form perhaps («نشرها» of «نشرت»)."""
    if word in known or word in TITLES or word in ROLES or len(word) == 1:
        return True
    forms = {word, *unprefixed(word)}
    return any(
        min(len(form), len(other)) >= 3 and (form.startswith(other) or other.startswith(form))
        for form in forms
        for other in known
    )
