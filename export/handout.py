"""A printable test with its answer page: one HTML file that stands alone and needs nothing from anywhere."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TypeVar, assert_never

from questions.bank import (
    MARK,
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    Item,
    MatchingQuestion,
    MultiSelectQuestion,
    OpenQuestion,
    Option,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.texts import DIRECTION, Bilingual, Lang, to_html

# On paper options have letters: in Arabic those of the old order.
LETTERS: dict[Lang, tuple[str, ...]] = {
    "ar": tuple(["أ", "ب", "ج", "د", "هـ", "و", "ز", "ح", "ط", "ي", "ك", "ل", "م", "ن", "س", "ع", "ف", "ص", "ق", "ر"]),
    "en": tuple("ABCDEFGHIJKLMNOPQRST"),
}
_WORDS: dict[Lang, dict[str, str]] = {
    "ar": {
        "name": "الاسم:",
        "date": "التاريخ:",
        "answers": "مفتاح الإجابة",
        "nr": "الرقم",
        "answer": "الإجابة",
        "true": "صواب",
        "false": "خطأ",
        "judge": "صواب أم خطأ؟",
        "all": "اختيار كل ما ينطبق.",
        "order": "ترقيم ما يلي بحسب الترتيب.",
        "match": "كتابة حرف ما يطابق كل عبارة.",
        "marked": "تُصحَّح باليد.",
        "version": "النموذج",
        "also": "ويُقبل:",
    },
    "en": {
        "name": "Name:",
        "date": "Date:",
        "answers": "Answers",
        "nr": "No.",
        "answer": "Answer",
        "true": "True",
        "false": "False",
        "judge": "True or false?",
        "all": "Choose all that apply.",
        "order": "Number these in order.",
        "match": "Write the letter of what belongs to each.",
        "marked": "To be marked by hand.",
        "version": "Version",
        "also": "Also accepted:",
    },
}
_BLANK = '<span class="blank" aria-label="…">________________</span>'


def style() -> str:
    """The stylesheet that each handout carries in itself."""
    return resources.files("export").joinpath("handout.css").read_text("utf-8").strip()


def write_handout(
    bank: Bank, lang: Lang, *, questions: Sequence[Question] | None = None, version: int = 1, answers: bool = True
) -> str:
    """Questions of the bank, all that are asked when none are named. Each version has its options in another order.

    The same bank, questions and version always give the same text.
    """
    words = _WORDS[lang]
    asked = tuple(bank.live if questions is None else questions)
    title = _say(bank.title, lang)
    parts = [
        f'<!doctype html>\n<html lang="{lang}" dir="{DIRECTION[lang]}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html.escape(bank.title.best(lang)[1])}</title>\n<style>{style()}</style>\n</head>\n<body>\n<main>",
        f"<h1>{title}</h1>",
        f'<p class="filled"><span>{words["name"]}</span><span>{words["date"]}</span></p>',
        '<ol class="questions">',
    ]
    for number, question in enumerate(asked, start=1):
        parts.append(f'<li><span class="nr">{number}.</span><div>{"".join(_asked(question, lang, version))}</div></li>')
    parts.append("</ol>")
    foot = f'<p class="version">{words["version"]} {version}</p>'
    parts.append(foot)
    if answers:
        parts.append(f'<section class="answers"><h2>{words["answers"]}</h2><table>')
        parts.append(f"<thead><tr><th>{words['nr']}</th><th>{words['answer']}</th></tr></thead><tbody>")
        for number, question in enumerate(asked, start=1):
            why = f'<span class="why">{_say(question.feedback, lang)}</span>' if question.feedback else ""
            parts.append(f"<tr><td>{number}</td><td>{_answer(question, lang, version)}{why}</td></tr>")
        parts.append(f"</tbody></table>{foot}</section>")
    parts.append("</main>\n</body>\n</html>\n")
    return "\n".join(parts)


def _say(text: Bilingual, lang: Lang) -> str:
    """A text in the paper's language, or in the one there is with its own direction."""
    own, words = text.best(lang)
    said = to_html(words, own)
    return said if own == lang else f'<span lang="{own}" dir="{DIRECTION[own]}">{said}</span>'


def _letter(place: int, lang: Lang) -> str:
    letters = LETTERS[lang]
    return letters[place] if place < len(letters) else str(place + 1)


def _lettered(texts: Sequence[Bilingual], lang: Lang) -> str:
    sign = ")" if lang == "en" else "-"
    lines = (
        f'<li><span class="letter">{_letter(place, lang)}{sign}</span><span>{_say(text, lang)}</span></li>'
        for place, text in enumerate(texts)
    )
    return f'<ol class="options{_columns(texts, lang)}">{"".join(lines)}</ol>'


def _columns(texts: Sequence[Bilingual], lang: Lang) -> str:
    """As many beside each other as the longest leaves room for."""
    longest = max((len(text.best(lang)[1]) for text in texts), default=0)
    return " four" if longest <= 16 and len(texts) != 3 else " two" if longest <= 42 else ""


def _boxed(texts: Sequence[Bilingual], lang: Lang, columns: str = "") -> str:
    lines = (f'<li><span class="box"></span><span>{_say(text, lang)}</span></li>' for text in texts)
    return f'<ol class="options{columns}">{"".join(lines)}</ol>'


def _asked(question: Question, lang: Lang, version: int) -> Iterator[str]:
    words = _WORDS[lang]
    stem = _say(question.stem, lang).replace(MARK, _BLANK)
    hint = {"true_false": "judge", "multi_select": "all", "ordering": "order", "matching": "match"}.get(question.kind)
    said = hint and words[hint].rstrip(".") in (question.stem.get(lang) or "")  # the question says so itself
    yield f'<p class="stem">{stem}{f" ({words[hint]})" if hint and not said else ""}</p>'
    for item in question.media:
        if item.type.startswith("image/"):
            yield f'<p><img src="data:{item.type};base64,{html.escape(item.data)}" alt=""></p>'
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            yield _lettered([option.text for option in ordered(question, version)], lang)
        case TrueFalseQuestion():
            yield _boxed([_judged(value) for value in (True, False)], lang, " four")
        case TypedQuestion():
            yield '<span class="line"></span>'
        case ClozeQuestion():
            pass
        case OrderingQuestion():
            yield _boxed([item.text for item in _shuffled(question.items, question.id, version)], lang)
        case MatchingQuestion():
            rights = [text for _, text in _rights(question, version)]
            left = _boxed([pair.left for pair in question.pairs], lang)
            yield f'<div class="sides">{left}{_lettered(rights, lang)}</div>'
        case OpenQuestion():
            yield '<span class="line"></span>' * 5
        case _:
            assert_never(question)


def _judged(value: bool) -> Bilingual:
    name = "true" if value else "false"
    return Bilingual(ar=_WORDS["ar"][name], en=_WORDS["en"][name])


def ordered(question: ChoiceQuestion | MultiSelectQuestion, version: int) -> list[Option]:
    """The options as this version prints them."""
    return list(question.options) if question.fixed_order else _shuffled(question.options, question.id, version)


def _rights(question: MatchingQuestion, version: int) -> list[tuple[str, Bilingual]]:
    sides = [*(_Side(pair.id, pair.right) for pair in question.pairs), *(_Side(x.id, x.text) for x in question.extra)]
    return [(side.id, side.text) for side in _shuffled(sides, question.id, version)]


def _answer(question: Question, lang: Lang, version: int) -> str:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            keys = question.rights
            places = enumerate(ordered(question, version))
            return _join(
                [
                    f"<strong>{_letter(place, lang)}</strong> {_say(option.text, lang)}"
                    for place, option in places
                    if option.id in keys
                ],
                lang,
            )
        case TrueFalseQuestion():
            return f"<strong>{_say(_judged(question.key), lang)}</strong>"
        case TypedQuestion() | ClozeQuestion():
            also = [
                f"<bdi>{html.escape(one.text)}</bdi>"
                for one in question.accepted
                if one.lang in (None, lang) and one.weight == 1
            ]
            more = f' <span class="why">{_WORDS[lang]["also"]} {_join(also, lang)}</span>' if also else ""
            return f"<strong>{_say(question.answer, lang)}</strong>{more}"
        case OrderingQuestion():
            right = {item.id: place for place, item in enumerate(question.items, start=1)}
            shown = _shuffled(question.items, question.id, version)
            return _join([f"<strong>{right[item.id]}</strong> {_say(item.text, lang)}" for item in shown], lang)
        case MatchingQuestion():
            letters = {name: _letter(place, lang) for place, (name, _) in enumerate(_rights(question, version))}
            return _join(
                [f"{_say(pair.left, lang)}: <strong>{letters[pair.id]}</strong>" for pair in question.pairs], lang
            )
        case OpenQuestion():
            return _WORDS[lang]["marked"]
    assert_never(question)


def _join(parts: list[str], lang: Lang) -> str:
    return ("؛ " if lang == "ar" else "; ").join(parts)


@dataclass(frozen=True, slots=True)
class _Side:
    id: str
    text: Bilingual


_Row = TypeVar("_Row", Option, Item, _Side)


def _shuffled(rows: Sequence[_Row], question_id: str, version: int) -> list[_Row]:
    """In an order that hangs on the version and the ids alone."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"{version}\0{question_id}\0{row.id}".encode()).digest())
