"""Rules of what is offered: one right answer, nothing that betrays it, nothing that is no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from questions.bank import ChoiceQuestion, MultiSelectQuestion, Question
from questions.grammar import MONTHS_AR, MONTHS_EN, WEEKDAYS_AR, WEEKDAYS_EN
from questions.lint.finding import Finding, content_words, habit, holds, normal
from questions.lint.vocabulary import ABSOLUTE, CATCH_ALL, SWEEPING
from questions.texts import LANGS, Bilingual, Lang, plain

_JOINT: dict[Lang, re.Pattern[str]] = {
    "en": re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*"),
    "ar": re.compile(r"\s*،\s*و?|\s+و\s*"),
}
_CHOICE, _SELECT, _KEYS = range(3, 5), range(5, 7), range(2, 5)


def check(question: Question) -> Iterator[Finding]:
    if not isinstance(question, ChoiceQuestion | MultiSelectQuestion):
        return
    keys = {question.key} if isinstance(question, ChoiceQuestion) else set(question.keys)
    yield from _number_of(question, keys)
    yield from _sentences(question, keys)
    for lang in LANGS:
        said = {option.id: option.text.get(lang) for option in question.options}
        whole = {name: text for name, text in said.items() if text is not None}
        yield from _alike(question, whole)
        yield from _no_answers(question, whole, lang)
        if len(whole) == len(said):
            yield from _betrayed(question, whole, keys, lang)
    if isinstance(question, ChoiceQuestion):
        yield from _in_a_row(question)


def _number_of(question: ChoiceQuestion | MultiSelectQuestion, keys: set[str]) -> Iterator[Finding]:
    count = len(question.options)
    if not question.facts:
        return
    if isinstance(question, ChoiceQuestion) and count not in _CHOICE:
        yield Finding(question.id, "option-count", f"has {count} options; expected 3 or 4")
    if isinstance(question, MultiSelectQuestion) and (count not in _SELECT or len(keys) not in _KEYS):
        yield Finding(
            question.id,
            "option-count",
            f"has {count} options, {len(keys)} of them right; expected 5 or 6, 2 to 4 right",
        )


def _sentences(question: ChoiceQuestion | MultiSelectQuestion, keys: set[str]) -> Iterator[Finding]:
    """Each wrong option says where it really belongs, and each says it of itself."""
    seen: dict[str, str] = {}
    for option in question.options:
        if option.id in keys:
            continue
        if option.feedback is None:
            if question.facts:
                yield Finding(question.id, "no-sentence", f"option {option.id} does not say where it really belongs")
            continue
        for lang in option.feedback.languages:
            form = f"{lang} {normal(option.feedback.get(lang) or '')}"
            if form in seen:
                what = f"options {seen[form]} and {option.id} have the same sentence ({lang})"
                yield Finding(question.id, "same-sentence", what, habit(question))
            seen[form] = option.id


def _alike(question: Question, said: dict[str, str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, text in said.items():
        form = normal(text)
        if form and form in seen:
            yield Finding(question.id, "same-options", f"options {seen[form]} and {name} read alike")
        seen[form] = name


def _no_answers(question: Question, said: dict[str, str], lang: Lang) -> Iterator[Finding]:
    """Catch-alls, and options made of other options."""
    forms = {name: normal(text) for name, text in said.items()}
    for name, text in said.items():
        if CATCH_ALL.fullmatch(forms[name]):
            yield Finding(question.id, "banned-option", f"option {name} ({lang}) is a catch-all", habit(question))
        parts = [normal(part) for part in _JOINT[lang].split(text)]
        if len(parts) > 1 and set(parts) <= set(forms.values()) - {forms[name]}:
            yield Finding(question.id, "banned-option", f"option {name} ({lang}) joins two others", habit(question))


# ---------------------------------------------------------------- what betrays the key


def _betrayed(
    question: ChoiceQuestion | MultiSelectQuestion, said: dict[str, str], keys: set[str], lang: Lang
) -> Iterator[Finding]:
    right = [text for name, text in said.items() if name in keys]
    wrong = [text for name, text in said.items() if name not in keys]
    if not wrong:
        return
    rivals = [form for form in map(normal, wrong) if not CATCH_ALL.fullmatch(form)]
    only_wrong = {found.group() for form in rivals if (found := ABSOLUTE[lang].search(form))}
    if only_wrong and not any(rule[lang].search(normal(text)) for rule in (ABSOLUTE, SWEEPING) for text in right):
        what = f"only wrong options ({lang}) are absolute: {', '.join(sorted(only_wrong))}"
        yield Finding(question.id, "absolute", what, habit(question), words=", ".join(sorted(only_wrong)))
    if not isinstance(question, ChoiceQuestion):
        return
    stem = question.stem.get(lang) or ""
    named = holds(normal(stem), normal(right[0]))
    if named:
        yield Finding(question.id, "answer-in-stem", f"stem.{lang} names the answer", habit(question))
    clue = content_words(plain(stem), lang) & content_words(right[0], lang)
    clue -= frozenset().union(*(content_words(text, lang) for text in wrong))
    if clue and not named:
        what = f"of the options only the key has the stem's words ({lang}): {', '.join(sorted(clue))}"
        yield Finding(question.id, "stem-word", what, habit(question), words=", ".join(sorted(clue)))
    longest = max(map(len, wrong))
    if len(right[0]) > max(1.6 * longest, longest + 12):
        yield Finding(question.id, "longest-key", f"the key is much the longest option in {lang}", "remark")


# ---------------------------------------------------------------- numbers and dates

_MONTH = {normal(name): index for index, name in enumerate(MONTHS_EN, 1)}
_MONTH |= {normal(one): index for index, name in enumerate(MONTHS_AR, 1) for one in (name, name.split("/")[0])}
_WEEKDAY = {normal(name): index for names in (WEEKDAYS_EN, WEEKDAYS_AR) for index, name in enumerate(names)}
_PART = {"the beginning of": 0, "the middle of": 1, "the end of": 2, "بدايه": 0, "منتصف": 1, "نهايه": 2}
_DATE = re.compile(rf"(?:(.+) )?({'|'.join(sorted(_MONTH, key=len, reverse=True))})(?: (\d{{3,4}}))?")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)((?:\s+[^\W\d]+){0,3})")


def _in_a_row(question: ChoiceQuestion) -> Iterator[Finding]:
    """Options that are all numbers or all dates stand sorted, stay so, and are of one precision."""
    rows = [_read(option.text) for option in question.options]
    if len({kind for kind, _, _ in rows}) > 1 or rows[0][0] == "text":
        return
    shapes = sorted({shape for _, shape, _ in rows})
    if len(shapes) > 1:
        yield Finding(question.id, "precision", f"options differ in precision: {'; '.join(shapes)}", habit(question))
        return
    places = [place for _, _, place in rows]
    from_sunday = [((place[0] + 1) % 7, *place[1:]) for place in places] if rows[0][0] == "weekday" else places
    if not question.fixed_order or (sorted(places) != places and sorted(from_sunday) != from_sunday):
        yield Finding(question.id, "unsorted", "options are not sorted, or may be shuffled", habit(question))


@lru_cache(maxsize=20_000)
def _read(text: Bilingual) -> tuple[str, str, tuple[float, ...]]:
    """(number, date, weekday or text; its precision or its noun; its place in the row)."""
    raw = plain(text.en or text.ar or "")
    form = normal(raw)
    if form in _WEEKDAY:
        return "weekday", "", (float(_WEEKDAY[form]),)
    date, number = _DATE.fullmatch(form), _NUMBER.fullmatch(raw)
    if number is not None and date is None:
        return "number", f"“{normal(number[2]).removesuffix('s')}”", (float(number[1].replace(",", "")),)
    if date is None:
        return "text", "", ()
    before, month, year = date[1] or "", _MONTH[date[2]], float(date[3] or 0)
    if before.isdigit():
        return "date", "a day", (year, month, float(before))
    if before in _PART:
        return "date", "a part of a month", (year, month, _PART[before])
    return ("date", "a month", (year, month)) if not before else ("text", "", ())
