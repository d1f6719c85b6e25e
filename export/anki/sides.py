"""What a question says on its card, in one language, as HTML: its stem, its list, the answer and why."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import assert_never

from export.anki.check import file_of, unfit
from questions.bank import (
    MARK,
    ChoiceQuestion,
    ClozeQuestion,
    Item,
    MatchingQuestion,
    Media,
    MultiSelectQuestion,
    OpenQuestion,
    Option,
    OrderingQuestion,
    Question,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.grammar import MONTHS_AR
from questions.texts import DIRECTION, Bilingual, Lang, plain, to_html

_RIGHT: dict[Lang, str] = {"ar": "✓ إجابة صحيحة", "en": "✓ right answer"}
_CLOSE: dict[Lang, str] = {"ar": "≈ إجابة قريبة", "en": "≈ close"}
_TRUTH: dict[Lang, dict[bool, str]] = {
    "ar": {True: "صواب", False: "خطأ"},
    "en": {True: "true", False: "false"},
}
_NONE: dict[Lang, str] = {"ar": "بلا مقابل", "en": "belongs to none"}
_RETIRED: dict[Lang, str] = {"ar": "سؤال مسحوب: لم يعد يُطرح", "en": "Retired question: no longer asked"}
# Texts with nothing in them to look at twice, as most are: they are their own HTML.
_BARE: dict[Lang, re.Pattern[str]] = {
    "ar": re.compile(r"[\u0620-\u064a0-9][\u0620-\u0652\u0660-\u06690-9 .,:;!?()/%،؛؟«»-]*"),
    "en": re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:;!?()/%-]*"),
}
# What keyboards lack, and what they have instead: no quotes, no tatweel.
_KEYS = str.maketrans("’‘ʼ‐‑‒–—−", "'''------", '«»“”„‟"ـ')
_SUFFIX = re.compile(r"[a-z0-9]{1,5}")


class UnfitError(Exception):
    """A text cannot stand on a card; `check.problems_of` says which, and why."""


@lru_cache(maxsize=1024)  # entities come again and again as options
def safe(text: str, lang: Lang = "en") -> str:
    """Text as HTML in which Anki finds nothing to act upon.

    Raises UnfitError if there is nothing to be seen in it, or if Anki could not keep it.
    """
    if _BARE[lang].fullmatch(text):
        return text
    if unfit(text):
        raise UnfitError
    # Anki reads [sound:...], [latex] and [[type:...]] even out of escaped text.
    return to_html(text, lang).replace("[", "&#91;")


def show(text: Bilingual, lang: Lang) -> str:
    """The text in `lang`; in the other language, isolated, where there is no other."""
    own = text.ar if lang == "ar" else text.en
    if own is not None:
        return safe(own, lang)
    other, there = text.best(lang)
    return f'<bdi lang="{other}" dir="{DIRECTION[other]}">{safe(there, other)}</bdi>'


def one_line(text: Bilingual, lang: Lang) -> str:
    """The text without its markup, for places that show none."""
    own, there = text.best(lang)
    if _BARE[own].fullmatch(there):
        return there
    return html.escape(plain(there).replace("\n", " ")).replace("[", "&#91;")


@lru_cache(maxsize=1024)
def as_typed(text: str) -> str:
    """An answer as hands type it: in plain letters, digits and signs. Anki compares letter by letter, and the learner
    sees the house spelling elsewhere on the card."""
    bare = "".join(
        str(unicodedata.digit(char)) if char.isdecimal() else char
        for char in unicodedata.normalize("NFKC", plain(text)).translate(_KEYS)
        if unicodedata.category(char) not in {"Cf", "Mn"}
    )
    bare = " ".join(bare.split())
    # A full stop that ends an answer is left out when typing, those of an abbreviation are not.
    bare = bare.removesuffix(".") if bare.count(".") == 1 else bare
    return html.escape(bare or plain(text)).replace("[", "&#91;")


def mixed(question: Question) -> tuple[Option | Item, ...]:
    """What a question lists, in an order that says nothing about the key, the same in both languages.

    It stays as it is when another option is added.
    """
    listed: Iterable[Option | Item]
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            listed = question.options
            if question.fixed_order:
                return question.options
        case OrderingQuestion():
            listed = question.items
        case MatchingQuestion():
            listed = (*(Item(id=pair.id, text=pair.right) for pair in question.pairs), *question.extra)
        case _:
            return ()
    # A hash is all the chance there is: the same on every machine, and in every build.
    return tuple(sorted(listed, key=lambda each: hashlib.sha256(f"{question.id} {each.id}".encode()).digest()))


def sides(question: Question, listed: tuple[Option | Item, ...], lang: Lang, *, retired: bool) -> tuple[str, ...]:
    """The texts of a question's fields in `lang`, in the order of `note_type.PARTS`."""
    stem = show(question.stem, lang)
    why = show(question.feedback, lang) if question.feedback else ""
    if retired:
        stem = f'<span class="retired">{_RETIRED[lang]}</span>{stem}'
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            return stem, *_choices(question, listed, lang), why
        case TrueFalseQuestion():
            return stem, _TRUTH[lang][question.key], why
        case TypedQuestion():
            answer = show(question.answer, lang)
            return stem, as_typed(question.answer.best(lang)[1]), answer, _also(question, lang), why
        case ClozeQuestion():
            answer = show(question.answer, lang)
            if stem.count(MARK) != 1 or MARK in answer:
                raise UnfitError
            blank = stem.replace(MARK, f'<span class="blank">{MARK}</span>')
            filled = stem.replace(MARK, f'<span class="filled">{answer}</span>')
            return blank, as_typed(question.answer.best(lang)[1]), filled, _also(question, lang), why
        case OrderingQuestion():
            return stem, *_order(question, listed, lang), why
        case MatchingQuestion():
            return stem, *_matches(question, listed, lang), why
        case OpenQuestion():
            return stem, "", why
    assert_never(question)


def media_name(item: Media) -> str:
    """A file name of the content's own: two files of one name stay two, one file shown twice is kept once."""
    suffix = item.name.rpartition(".")[2].lower()
    if not _SUFFIX.fullmatch(suffix) or suffix == item.name.lower():
        suffix = item.type.partition("/")[2].partition("+")[0][:5]
    return f"qimma-{hashlib.sha256(media_bytes(item)).hexdigest()[:16]}.{suffix}"


def media_bytes(item: Media) -> bytes:
    data = file_of(item)
    if not data:
        raise UnfitError
    return data


def shown_media(item: Media) -> str:
    name = media_name(item)
    return (
        f"[sound:{name}]"
        if item.type.startswith("audio/")
        else f'<img src="{name}" alt="{html.escape(item.alt or "")}">'
    )


def _choices(
    question: ChoiceQuestion | MultiSelectQuestion, listed: tuple[Option | Item, ...], lang: Lang
) -> tuple[str, str]:
    keys = (question.key,) if isinstance(question, ChoiceQuestion) else question.keys
    asked = ""
    answered = ""
    for option in listed:
        assert isinstance(option, Option)  # noqa: S101  (what `mixed` gives for these kinds)
        text = show(option.text, lang)
        asked += f"<li>{text}</li>"
        said = f'<div class="said">{show(option.feedback, lang)}</div>' if option.feedback else ""
        if option.id in keys:
            answered += f'<li class="right">{text} <span class="mark">{_RIGHT[lang]}</span>{said}</li>'
        elif option.weight is not None and option.weight > 0:
            answered += f'<li>{text} <span class="mark">{_CLOSE[lang]}</span>{said}</li>'
        else:
            answered += f"<li>{text}{said}</li>"
    start = '<ol class="options">' if question.fixed_order else '<ol class="options shuffle">'
    return f"{start}{asked}</ol>", f"{start}{answered}</ol>"


def _also(question: TypedQuestion | ClozeQuestion, lang: Lang) -> str:
    dated = question.answer_type == "date"
    if not question.accepted and not question.ranges and not dated:
        return ""
    house = question.answer.best(lang)[1]
    forms = [
        f"<bdi>{safe(form.text, form.lang or 'en')}</bdi>"
        + (f" <bdi>({form.weight:.0%})</bdi>" if form.weight < 1 else "")
        for form in question.accepted
        if form.lang in (None, lang) and form.weight > 0 and form.text != house
    ]
    if dated:
        forms += [f"<bdi>{safe(form, lang)}</bdi>" for form in _dates(house, question.value)]
    for span in question.ranges:
        if span.weight > 0:
            low, high = f"{span.low:g}", f"{span.high:g}"
            forms.append(f"من {low} إلى {high}" if lang == "ar" else f"from {low} to {high}")
    return " · ".join(dict.fromkeys(forms))


def _dates(house: str, value: str | None) -> Iterator[str]:
    """A date as it may be written too: with one of the two names of its month, and in digits."""
    for month in MONTHS_AR:
        if month in house:
            yield from (house.replace(month, name) for name in month.split("/"))
    if value:
        yield value


def _order(question: OrderingQuestion, listed: tuple[Option | Item, ...], lang: Lang) -> tuple[str, str]:
    return (
        f'<ul class="options shuffle">{_lines(listed, lang)}</ul>',
        f"<ol>{_lines(question.items, lang)}</ol>",
    )


def _matches(question: MatchingQuestion, listed: tuple[Option | Item, ...], lang: Lang) -> tuple[str, str]:
    left = "".join(f"<li>{show(pair.left, lang)}</li>" for pair in question.pairs)
    pairs = "".join(
        f'<li>{show(pair.left, lang)} <span class="to">—</span> {show(pair.right, lang)}</li>'
        for pair in question.pairs
    )
    extra = "".join(
        f'<li>{show(item.text, lang)} <span class="to">— {_NONE[lang]}</span></li>' for item in question.extra
    )
    asked = f'<div class="sides"><ol>{left}</ol><ul class="shuffle">{_lines(listed, lang)}</ul></div>'
    return asked, f'<ul class="pairs">{pairs}{extra}</ul>'


def _lines(listed: Iterable[Option | Item], lang: Lang) -> str:
    return "".join(f"<li>{show(each.text, lang)}</li>" for each in listed)
