"""What a question is after a way through another tool's format, and questions to send on that way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from questions.bank import QUESTION, Question
from questions.texts import Bilingual, Lang

SHARED = Path(__file__).parents[4] / "shared" / "banks"
needs_real_files = pytest.mark.skipif(
    not SHARED.is_dir(), reason="real files stand in ../shared/banks, which is not here"
)
SHARES = (0.9, 0.75, 0.6666667, 0.5, 0.3333333, 0.25, 0.1, 0.05)


def texts(text: Bilingual | None, lang: Lang) -> dict[str, str] | None:
    """The text in one language; in the other where there is no other."""
    if text is None:
        return None
    own, said = text.best(lang)
    return {own: said}


def held(question: Question, lang: Lang) -> dict[str, Any]:
    """What GIFT and Moodle XML hold of a question, ids of options apart: these are made from their texts."""
    data: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "stem": texts(question.stem, lang),
        "feedback": texts(question.feedback, lang),
        "topic": question.topic,
        "tags": question.tags,
    }
    match question.kind:
        case "choice":
            data["options"] = [
                (texts(one.text, lang), texts(one.feedback, lang), one.id == question.key or one.weight or 0)
                for one in question.options
            ]
        case "multi_select":
            weighed = any(one.weight for one in question.options)
            even = round(1 / len(question.keys), 7)
            if all(one.weight in (None, even) and one.id in question.keys for one in question.options):
                weighed = False  # even shares and nothing wrong to choose: the same as none
            data["options"] = [
                (
                    texts(one.text, lang),
                    texts(one.feedback, lang),
                    one.id in question.keys,
                    (one.weight or (even if one.id in question.keys else 0)) if weighed else 0,
                )
                for one in question.options
            ]
        case "true_false":
            data["key"] = question.key
        case "typed" | "cloze":
            data |= _recalled(question, lang)
        case "ordering":
            data["items"] = [texts(one.text, lang) for one in question.items]
        case "matching":
            data["pairs"] = [(texts(one.left, lang), texts(one.right, lang)) for one in question.pairs]
            data["extra"] = [texts(one.text, lang) for one in question.extra]
    return data


def _recalled(question: Any, lang: Lang) -> dict[str, Any]:
    answer = question.answer.best(lang)[1]
    if question.answer_type == "number" and answer == question.value:
        spans = [(one.low, one.high, one.weight) for one in question.ranges]
        exact = (float(question.value), float(question.value), 1)
        return {"value": question.value, "ranges": [one for one in spans if one != exact]}
    wordings = {answer: 1.0}
    for one in question.accepted:
        if one.lang in (None, lang):
            wordings.setdefault(one.text, one.weight)
    return {"answers": wordings}


def all_held(questions: Iterable[Question], lang: Lang) -> list[dict[str, Any]]:
    return [held(question, lang) for question in questions]


# ---------------------------------------------------------------- questions to send

_LETTERS = "ابتثج حخدذ رزسةىئ abcXYZ éß 0123 ~=#{}:\\%*<>&\"'->/[]().,;?!؟،«»\n"


def _tidy(text: str) -> str:
    """With single spaces and lines, as HTML has them, and without what is a gap or emphasis."""
    lines = [" ".join(line.split()) for line in text.replace("**", "*").replace(".....", ".").split("\n")]
    return "\n".join(line for line in lines if line).replace("**", "*")


@st.composite
def words(draw: st.DrawFn, langs: tuple[Lang, ...], start: str = "", line: bool = False) -> dict[str, str]:
    made = {}
    for lang in langs:
        said = _tidy(draw(st.text(_LETTERS, max_size=25)))
        made[lang] = f"{start}{' '.join(said.split()) if line else said}".strip() or "x"
    return made


@st.composite
def a_question(draw: st.DrawFn, number: int, kinds: tuple[str, ...]) -> Question:
    langs = draw(st.sampled_from([("ar", "en"), ("ar", "en"), ("ar",), ("en",)]))
    kind = draw(st.sampled_from(kinds))

    def text(start: str = "", line: bool = False) -> dict[str, str]:
        return draw(words(langs, start, line))

    data: dict[str, Any] = {
        "id": f"q-{number}.asked.{kind.replace('_', '-')}",
        "kind": kind,
        "stem": text("Q "),
        "feedback": draw(st.none() | words(langs, "why ")),
        "topic": draw(st.sampled_from([None, "talks", "water"])),
        "tags": draw(st.sampled_from([(), ("unit 2",), ("قمة", "a]b\\")])),
    }
    count = draw(st.integers(2, 5))
    some = range(count)
    match kind:
        case "choice" | "multi_select":
            keys = draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=1 if kind == "choice" else count))
            weighed = draw(st.booleans())
            data["options"] = [
                {
                    "id": f"o{at}",
                    "text": text(f"{at}"),
                    "feedback": draw(st.none() | words(langs, "for ")),
                    "weight": draw(st.sampled_from(SHARES)) * (1 if at in keys or kind == "choice" else -1)
                    if weighed and (kind == "multi_select" or at not in keys)
                    else None,
                }
                for at in some
            ]
            data |= {"key": f"o{min(keys)}"} if kind == "choice" else {"keys": [f"o{at}" for at in sorted(keys)]}
        case "true_false":
            data["key"] = draw(st.booleans())
        case "typed" | "cloze":
            if kind == "cloze":
                data["stem"] = {lang: f"{said} ____ x" for lang, said in data["stem"].items()}
            data |= draw(a_number(langs) | some_wordings(langs))
        case "ordering":
            data["items"] = [{"id": f"i{at}", "text": text(f"{at}")} for at in some]
        case "matching":
            data["pairs"] = [{"id": f"p{at}", "left": text(f"{at}"), "right": text(f"r{at}", line=True)} for at in some]
            data["extra"] = [{"id": f"e{at}", "text": text(f"e{at}", line=True)} for at in range(count - 2)]
    return QUESTION.validate_python(data)


@st.composite
def a_number(draw: st.DrawFn, langs: tuple[Lang, ...]) -> dict[str, Any]:
    value = draw(st.sampled_from(["0", "3", "-12", "3.1415", "1822", "0.000001", "-0.5"]))
    by = draw(st.sampled_from([None, 0.0005, 1, 2.5]))
    ranges = [] if by is None else [{"low": round(float(value) - by, 9), "high": round(float(value) + by, 9)}]
    ranges += draw(st.sampled_from([[], [{"low": -3, "high": 17.5, "weight": 0.5}]]))
    return {"answer": dict.fromkeys(langs, value), "answer_type": "number", "value": value, "ranges": ranges}


@st.composite
def some_wordings(draw: st.DrawFn, langs: tuple[Lang, ...]) -> dict[str, Any]:
    accepted = [
        {"text": draw(words(("en",), line=True))["en"], "lang": lang, "weight": weight}
        for lang, weight in draw(
            st.lists(st.tuples(st.sampled_from([None, *langs]), st.sampled_from([1, 0, *SHARES])), max_size=3)
        )
    ]
    return {"answer": draw(words(langs, line=True)), "accepted": accepted}
