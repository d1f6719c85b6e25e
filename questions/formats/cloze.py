"""Moodle's embedded answers, `{1:SHORTANSWER:=Paris~%50%paris}`: a text with one gap becomes one question."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from questions.bank import MARK
from questions.formats import asked as kinds
from questions.formats.asked import Answer, Asked, Refusal
from questions.formats.numbers import number, span
from questions.texts import Bilingual

_GAP = re.compile(r"\{(\d{0,4}):([A-Z_]{2,24})(?::|(?=\}))((?:\\.|[^\\}]){0,20000})\}", re.DOTALL)
_CHOICE = frozenset(
    ("MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS", "MULTICHOICE_VS",
     "MCVS", "MULTICHOICE_HS", "MCHS")
)  # fmt: skip
_MANY = frozenset(
    ("MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH", "MULTIRESPONSE_S", "MRS", "MULTIRESPONSE_HS", "MRHS")
)
_SHORT = frozenset(("SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"))
_NUMBER = frozenset(("NUMERICAL", "NM"))
_SHARE = re.compile(r"\s*%\s*(-?\d{1,3}(?:[.,]\d{1,9})?)\s*%")


def question(asked: Asked, source: str, form: str, why: Callable[[], Bilingual | None]) -> dict[str, Any]:
    """The question of a text with one embedded answer.

    Raises Refusal for none, for several, and for one that cannot be marked.
    """
    if source.count("{") > 200:
        raise Refusal("unsupported", "more than 200 gaps")
    gaps = list(_GAP.finditer(source))
    if not gaps:
        raise Refusal("no-answer", "no gap")
    if len(gaps) > 1:
        raise Refusal("unsupported", f"{len(gaps)} gaps")
    gap = gaps[0]
    kind = gap[2]
    stem = asked.stem(f"{source[: gap.start()]}{MARK}{source[gap.end() :]}", form)
    general = why()
    given = [] if not gap[3].strip() else [_answer(asked, one, form) for one in re.split(r"(?<!\\)~", gap[3])]
    if kind in _CHOICE or kind in _MANY:
        if len(given) < 2:
            raise Refusal("too-few-options")
        body = kinds.choice(given) if kind in _CHOICE else kinds.multi_select(_evened(given))
        return {"stem": stem, "feedback": general, **body}
    reason = kinds.reason(asked, general, given, first=True)
    if kind in _NUMBER:
        spans = [span(one.raw, one.share) for one in given if one.raw not in {"", "*"}]
        return {"stem": stem, **number(asked, stem, spans), "feedback": reason}
    if kind in _SHORT:
        return {"stem": stem, **kinds.short(asked, stem, given), "feedback": reason}
    raise Refusal("unsupported", kind)


def _answer(asked: Asked, source: str, form: str) -> Answer:
    text = source.strip()
    share, right = 0.0, text.startswith("=")
    found = _SHARE.match(text)
    if right:
        share, text = 1.0, text[1:]
    elif found:
        share, text = round(float(found[1].replace(",", ".")) / 100, 7), text[found.end() :]
    shown, _, feedback = re.sub(r"\\#", "\ue002", text).partition("#")
    plain = _unescaped(shown)
    said = asked.text(_unescaped(feedback), form) if feedback.strip() else None
    return Answer(asked.text(plain, form), share, said, raw=plain)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).replace("\ue002", "#").strip()


def _evened(answers: list[Answer]) -> list[Answer]:
    """In a choice of several each right one is written as 100 %: they share the mark."""
    right = sum(answer.share > 0 for answer in answers)
    for answer in answers:
        answer.share = answer.share / right if answer.share >= 0.999 and right else answer.share
    return answers
