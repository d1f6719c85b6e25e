"""Rules of the stem: it stands alone, asks one thing, and asks it positively."""

from __future__ import annotations

import re
from collections.abc import Iterator

from questions.bank import (
    MARK,
    ClozeQuestion,
    MultiSelectQuestion,
    OpenQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.lint.finding import QUOTED, Finding, Texts, habit, normal
from questions.lint.vocabulary import ASKING, CATCH_ALL, CHOOSE_ALL, CLEFT, DEICTIC, NOT, WHICH_IS_TRUE, WITHIN
from questions.texts import Lang

_EMPHASISED = re.compile(r"\*\*.+?\*\*", re.DOTALL)
_PARENTHESES = re.compile(r"\([^()]*\)")
_FORM = re.compile(r"\([^()]+\)\s*$")


def check(question: Question, said: Texts) -> Iterator[Finding]:
    for lang in question.stem.languages:
        stem = question.stem.get(lang) or ""
        for rule, what, *words in (*_points(said, lang), *_asks(question, stem, lang), *_denies(question, stem, lang)):
            yield Finding(question.id, rule, f"stem.{lang} {what}", habit(question), words="".join(words))


def _points(said: Texts, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Words whose meaning hangs on the day or the page; quoted ones are someone's own."""
    for path, text in said:
        part = path.partition(".")[0]
        if part in {"stem", "options", "items", "pairs", "extra"} and not path.endswith(".feedback"):
            words = normal(_PARENTHESES.sub(" ", QUOTED.sub(" ", text.get(lang) or "")))
            found = DEICTIC[lang].search(words)
            if found and not CATCH_ALL.fullmatch(words):
                yield (
                    "deictic",
                    f"({path}) says “{found.group().strip()}”: seen from when, or where?",
                    found.group().strip(),
                )


def _asks(question: Question, stem: str, lang: Lang) -> Iterator[tuple[str, ...]]:
    bare = QUOTED.sub(" ", stem)
    marks = len(re.findall("[؟?]", bare))
    if marks > 1:
        yield "two-questions", "asks more than one question"
    if WHICH_IS_TRUE[lang].search(normal(bare)):
        yield "which-is-true", "asks which is true; ask for the thing itself"
    if not question.facts:  # the form of a stem is the affair of whoever wrote it
        return
    if marks == 0 and not isinstance(question, TrueFalseQuestion | ClozeQuestion | OpenQuestion):
        yield "no-question", "does not ask: it has no question mark"
    match question:
        case MultiSelectQuestion() if not CHOOSE_ALL[lang].search(normal(bare)):
            yield "choose-all", "does not say to choose all that apply"
        case TypedQuestion() if not _FORM.search(stem):
            yield "no-form", "does not say at its end, in brackets, what form the answer has"
        case ClozeQuestion():
            before, _, after = stem.partition(MARK)
            if not before.strip(" «“\"'"):
                yield "blank-first", "begins with its blank"
            if not re.match(r"\s*\[[^\]]+\]", after):
                yield "no-label", "does not show what kind of thing is left out, as in ____ [city]"
        case _:
            pass


def _denies(question: Question, stem: str, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Absence is asked for with an emphasised word, and nothing else in the stem is denied."""
    if isinstance(question, ClozeQuestion):
        return
    bare = _PARENTHESES.sub(" ", QUOTED.sub(" ", stem))
    judged = isinstance(question, TrueFalseQuestion)
    main = _main_clause(normal(_EMPHASISED.sub(" ", bare)), lang, judged=judged)
    plain = [word for place, word in enumerate(main) if _denied(main, place, lang)]
    strong = [word for part in _EMPHASISED.findall(bare) for word in normal(part).split() if word in NOT[lang]]
    if judged:
        if plain or strong:
            word = (plain or strong)[0]
            yield "negative-statement", f"denies (“{word}”): a statement to be judged is positive", word
    elif plain and (strong or len(plain) > 1):
        yield "double-negation", "denies twice"
    elif plain:
        yield "quiet-negation", f"asks for absence without emphasis on “{plain[0]}” (**…**)", plain[0]
    elif len(strong) > 1:
        yield "double-negation", "denies twice"


def _denied(words: list[str], place: int, lang: Lang) -> bool:
    """Whether a word denies. "Chose not to" is something that was done."""
    following = words[place + 1] if place + 1 < len(words) else ""
    return words[place] in NOT[lang] and not (lang == "en" and following == "to")


def _main_clause(form: str, lang: Lang, *, judged: bool) -> list[str]:
    """The words of the stem's own clause: from the word that asks, or of a statement from its beginning."""
    if judged:
        cleft = CLEFT[lang].search(form)
        words, first = form[cleft.end() if cleft else 0 :].split(), 0
    else:
        words = form.split()
        words, first = words[next((place for place, word in enumerate(words) if word in ASKING[lang]), 0) :], 2
    end = next((place for place in range(first, len(words)) if words[place] in WITHIN[lang]), len(words))
    return words[:end]
