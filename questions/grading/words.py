"""Typed names and other words."""

from __future__ import annotations

import re

from questions.bank import ClozeQuestion, TypedQuestion
from questions.grading.context import context, known_word
from questions.grading.slips import alike, least, same, slip
from questions.grading.verdict import RIGHT, WRONG, Verdict, accepted, close, weighed, wrong
from questions.lexicon import real_words
from questions.normalise import normalise
from questions.reading import number_word
from questions.small_words import BESIDE, DIRECTIONS, NATIONAL, NEGATIONS, OR, ROLES, TITLES, content

MOST_OF_A_DESCRIPTION = 3  # words
_PARTS = re.compile(r"[/(),،;؛\n\r|]+")


_YEARS = re.compile(r"\d{4}(?: \d{4})?")  # "(1939-1945)" only says when


def written_words(question: TypedQuestion | ClozeQuestion, typed: str, text: str) -> Verdict:
    """One answer said twice ("Geneva (جنيف)") is one answer; the right one beside another is a list."""
    parts = [part for part in map(normalise, _PARTS.split(text)) if part and not _YEARS.fullmatch(part)]
    if len(parts) > 1:
        verdicts = [_words(question, part, part) for part in parts]
        if all(verdict.outcome == "right" for verdict in verdicts):
            return RIGHT
        rights = sum(verdict.outcome == "right" for verdict in verdicts)
        if rights and any(verdict.reason in {"another", "several"} for verdict in verdicts):
            return wrong("several")
    return _words(question, parts[0] if len(parts) == 1 else typed, text)


def _words(question: TypedQuestion | ClozeQuestion, typed: str, text: str) -> Verdict:
    words, is_name = typed.split(), question.answer_type == "name"
    weights, rivals = accepted(question), [rival for rival in question.rivals if rival]
    if typed not in weights and typed not in rivals:
        # Between two answers; «أم كريم» begins with a mother.
        if set(words[1:-1]) & OR and not any(set(form.split()) & OR for form in weights):
            return wrong("several")
        if set(words) & NEGATIONS and not any(set(form.split()) & NEGATIONS for form in weights):
            return WRONG
    keys = [(content(form.split()), weight) for form, weight in weights.items() if not _opposed(words, form)]
    others = [content(rival.split()) for rival in rivals]
    readings = _readings(words, is_name=is_name)
    # The nearest reading decides: as typed before without its title, letter by letter before with an affix.
    for said in readings:
        for loose in (False, True):
            own = [weight for key, weight in keys if _fits(said, key, loose=loose, is_name=is_name)]
            other = any(_fits(said, rival, loose=loose, is_name=is_name) for rival in others)
            if own:
                return close("which_one") if other else weighed(max(own))
            if other:
                return close("which_one") if is_name and _shared(said, question, others) else wrong("another")
    if is_name and _shared(readings[-1], question, others):
        return close("which_one")
    if is_name and _has_middle_names(readings[-1], question, others):
        return RIGHT
    taken = frozenset(word for rival in others for word in rival)
    nearest = least(slip(said, key, taken) for said in readings for key, weight in keys if weight > 0)
    if nearest is None:
        return _with_more(question, words, keys, others) or WRONG
    # Looked up only now: a slip that makes another word of the language is another answer ("energy", "enemy"). In an
    # answer of several words the others vouch for it, and a proper name has no such neighbours.
    if len(readings[-1]) == 1 and (not is_name or real_words(f"{question.answer.ar} {question.answer.en}")):
        taken |= real_words(text, beside=f"{question.answer.ar} {question.answer.en}")
        nearest = least(slip(said, key, taken) for said in readings for key, weight in keys if weight > 0)
    elsewhere = least(slip(said, rival) for said in readings for rival in others)
    if nearest is None:
        return WRONG
    return close("spelling") if elsewhere is None or nearest < elsewhere else wrong("another")


def _with_more(
    question: TypedQuestion | ClozeQuestion,
    words: list[str],
    keys: list[tuple[list[str], float]],
    others: list[list[str]],
) -> Verdict | None:
    """The whole answer among more words. Right when the rest comes from the question itself, close when it does not.

    None where the answer is not in it, or only describes another one ("Biden's adviser"), or a number is.
    """
    said, is_name = _without_described(words, others), question.answer_type == "name"
    found = [
        (key, weight, at) for key, weight in keys if weight > 0 and (at := _place(said, key, loose=is_name)) is not None
    ]
    if not found:
        return None
    key, weight, at = max(found, key=lambda one: (one[1], len(one[0])))
    rest = said[:at] + said[at + len(key) :]
    if any(number_word(word) is not None for word in rest):
        return None
    brought = context(question)
    unknown = [word for word in rest if not known_word(word, brought) and not (is_name and _of_a_nation(word))]
    named = {word for form in others for word in form}
    joined = "and" in words or any(_is_joined(word, named | brought) for word in unknown)
    if (joined and rest) or any(_named_too(words, said, form) and not set(form) <= set(key) for form in others):
        return wrong("several")
    # "Igor Putin": before the surname alone stands somebody else's first name.
    if len(key) == 1 and at and said[at - 1] in unknown and _is_part(key[0], question):
        return wrong("another")
    if key in others:
        return close("which_one")
    # A whole name of several words may be described in any words: "Naguib Mahfouz, the novelist".
    described = len(key) > 1 and len(unknown) <= MOST_OF_A_DESCRIPTION
    return weighed(weight) if not unknown or described else close("extra")


def _is_joined(word: str, known: set[str] | frozenset[str]) -> bool:
    """ "And" before a word of its own: «وغربا», not «واشنطن»."""
    return word.startswith("و") and len(word) > 3 and (word[1:] in known or bool(real_words(word[1:])))


def _of_a_nation(word: str) -> bool:
    """«الكرملين الروسي», "the Russian Kremlin": an adjective that tells nothing apart."""
    return (word.startswith("ال") and word.endswith(("ي", "يه")) and len(word) >= 6) or word in NATIONAL


def _is_part(word: str, question: TypedQuestion | ClozeQuestion) -> bool:
    """Whether a word is the last of several that the name has."""
    return any(len(name) > 1 and name[-1] == word for name in _names(question))


def _named_too(words: list[str], said: list[str], form: list[str]) -> bool:
    """Whether another answer is named beside the right one; "in Washington", "with Biden" only say where and whom."""
    place = _place(said, form)
    return place is not None and not any(
        (words[at] in BESIDE and same(words[at + 1 : at + 1 + len(form)], form, loose=True))
        or (words[at][:1] == "ل" and words[at][1:] == form[0])  # «قال لبوتين»
        for at in range(len(words))
    )


def _place(said: list[str], form: list[str], *, loose: bool = True) -> int | None:
    """Where a form stands in what was typed, word by word."""
    if not form or max(map(len, form)) < 3:
        return None
    for at in range(len(said) - len(form) + 1):
        if same(said[at : at + len(form)], form, loose=loose):
            return at
    return None


def _without_described(words: list[str], others: list[list[str]]) -> list[str]:
    """What is left without "Putin's aide", «مساعد بوتين», "adviser to Biden": they describe, and do not name.

    Before a role in English, after it in Arabic or after "to" and "of", stands whose it is.
    """
    names = {word for rival in others for word in rival}
    left: list[str | None] = list(words)
    for at, word in enumerate(words):
        if word not in ROLES:
            continue
        follows = not word.isascii() or words[at + 1 : at + 2] in (["to"], ["of"], ["for"])
        whose = at - 1 if not follows else at + (1 if not word.isascii() else 2)
        if 0 <= whose < len(words):
            # Whoever is described by is no answer, be it the right one: "Biden's adviser" is not Biden.
            left[whose] = None
            step = 1 if follows else -1
            while 0 <= whose + step < len(words) and words[whose + step] in names and words[whose] in names:
                whose += step
                left[whose] = None
    return content([word for word in left if word is not None])


def _readings(words: list[str], *, is_name: bool) -> list[list[str]]:
    """The words as typed but for those that say nothing; and of a name, without its title too."""
    said = content(words)
    untitled = said
    # "President of Russia" is no title with a name.
    while is_name and len(untitled) > 1 and untitled[0] in TITLES and f"{untitled[0]} of " not in " ".join(words):
        untitled = untitled[1:]
    return [said] if untitled == said else [said, untitled]


def _bare(name: list[str]) -> list[str]:
    """A name without the Latin article, which is written or not, and without initials between its words."""
    inner = [word for word in name[1:-1] if len(word) > 1 or not word.isascii()]
    whole = [*name[:1], *inner, *name[1:][-1:]]
    return [word for word in whole if word not in {"al", "el"}] or whole


def _opposed(words: list[str], form: str) -> bool:
    """Whether both name a direction, and not the same: "to Russia" is not "from Russia"."""
    ways, own = set(words) & DIRECTIONS, set(form.split()) & DIRECTIONS
    return bool(ways and own) and ways != own


def _fits(said: list[str], form: list[str], *, loose: bool, is_name: bool) -> bool:
    if is_name and loose:
        said, form = _bare(said), _bare(form)
    if "".join(said) == "".join(form) or same(said, form, loose=loose, plurals=True):
        return True
    return is_name and sorted(said) == sorted(form)  # surname first


def _shared(said: list[str], question: TypedQuestion | ClozeQuestion, others: list[list[str]]) -> bool:
    """Whether what was typed is the surname, or more but not all of a name, and of another one of the bank too."""

    def part_of(name: list[str]) -> bool:
        if len(said) == 1:
            return len(name) > 1 and alike(said[0], name[-1])
        return len(said) < len(name) and said == [word for word in name if word in said]

    return any(map(part_of, _names(question))) and any(map(part_of, others))


def _has_middle_names(said: list[str], question: TypedQuestion | ClozeQuestion, others: list[list[str]]) -> bool:
    """ "Joseph Robinette Biden" of "Joseph Biden": the name in full, with names between that are nobody else's."""
    taken = {word for form in others for word in form}
    said = [word for word in said if word not in {"jr", "sr", "junior", "senior"}]
    names = [*_names(question), *(normalise(one.text).split() for one in question.accepted)]
    return any(
        len(name) == 2 and len(said) == 3 and [said[0], said[-1]] == name and said[1] not in taken for name in names
    )


def _names(question: TypedQuestion | ClozeQuestion) -> list[list[str]]:
    return [normalise(question.answer.get(lang) or "").split() for lang in question.answer.languages]
