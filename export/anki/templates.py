"""The two sides of each card. They work without scripts; with them, options come in a new order each time, and a
typed answer is judged by all forms that are right.

A card exists where the stem of its kind is filled in some language, so nothing outside that condition may
show a field: Anki would make a card for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from questions.bank import Kind
from questions.texts import DIRECTION, Lang

_Block = Callable[[Kind, Lang, Lang | None], str]

LABELS: dict[Kind, str] = {
    "choice": "Choice",
    "multi_select": "Multi-select",
    "true_false": "True-false",
    "typed": "Typed",
    "cloze": "Cloze",
    "ordering": "Ordering",
    "matching": "Matching",
    "open": "Open",
}
OTHER: dict[Lang, Lang] = {"ar": "en", "en": "ar"}

# The line under the stem that says what to do, where the stem alone does not.
_TASK: dict[Kind, dict[Lang, str]] = {
    "true_false": {"ar": "صواب أم خطأ؟", "en": "True or false?"},
    "ordering": {"ar": "ما الترتيب الصحيح؟", "en": "In which order?"},
    "matching": {"ar": "ما الذي يقابل كلًّا منها؟", "en": "What belongs with what?"},
}
_WORDS: dict[Lang, dict[str, str]] = {
    "ar": {
        "gloss": "المقابل بالإنجليزية",
        "right": "الإجابة الصحيحة",
        "also": "صيغ مقبولة أيضًا",
        "full": "مقبولة: صيغة أخرى من الإجابة الصحيحة",
        "part": "إجابة قريبة، تُحسب جزئيًّا",
        "why": "التوضيح",
        "source": "المصدر",
        "link": "السؤال في الموقع",
    },
    "en": {
        "gloss": "In Arabic",
        "right": "Right answer",
        "also": "Also right",
        "full": "Accepted: another form of the right answer",
        "part": "Close: counts in part",
        "why": "Why",
        "source": "Source",
        "link": "This question on the site",
    },
}
_SHUFFLED_IN_FRONT: frozenset[Kind] = frozenset({"choice", "multi_select", "ordering", "matching"})
_SHUFFLED_BEHIND: frozenset[Kind] = frozenset({"choice", "multi_select"})


def field(kind: Kind, part: str, lang: Lang) -> str:
    return f"{LABELS[kind]} {part} {lang}"


def media(kind: Kind) -> str:
    return f"{LABELS[kind]} media"


def front(kind: Kind, lang: Lang) -> str:
    """The question in `lang`, or in the language that it has; the other one as a gloss."""
    script = _script("shuffle.js") if kind in _SHUFFLED_IN_FRONT else ""
    return _either(kind, lang, _front_block) + script


def back(kind: Kind, lang: Lang) -> str:
    script = _script("judge.js") if kind == "typed" else ""
    if kind in _SHUFFLED_BEHIND:
        script = _script("shuffle.js")
    return _either(kind, lang, _back_block) + script


def spare(name: str, lang: Lang) -> tuple[str, str]:
    """A template that makes no card until a later version fills its stem."""
    other = OTHER[lang]

    def sides(part: str) -> str:
        shown = _block(lang, f"{{{{{name} {part} {lang}}}}}")
        instead = _block(other, f"{{{{{name} {part} {other}}}}}")
        own, theirs = f"{name} stem {lang}", f"{name} stem {other}"
        return _given(own, shown) + _lacking(own, _given(theirs, instead))

    return sides("stem"), sides("stem") + '\n<hr id="answer">\n' + sides("answer")


@cache
def style() -> str:
    return (files("export.anki") / "card.css").read_text(encoding="utf-8")


@cache
def _script(name: str) -> str:
    return f"\n<script>\n{(files('export.anki') / name).read_text(encoding='utf-8')}</script>"


def _either(kind: Kind, lang: Lang, block: _Block) -> str:
    own, other = field(kind, "stem", lang), field(kind, "stem", OTHER[lang])
    with_gloss = block(kind, lang, OTHER[lang])
    alone = block(kind, OTHER[lang], None)
    return f"{_given(own, with_gloss)}\n{_lacking(own, _given(other, alone))}"


def _front_block(kind: Kind, lang: Lang, gloss: Lang | None) -> str:
    parts = [_stem(kind, lang), _show(media(kind)), *_asked(kind, lang)]
    if kind == "typed":
        parts.append(f'<div class="typing">{{{{type:nc:{field(kind, "compare", lang)}}}}}</div>')
    if gloss:
        parts.append(_gloss(kind, lang, [_stem(kind, gloss), *_asked(kind, gloss)]))
    return _card(kind, lang, "front", parts)


def _back_block(kind: Kind, lang: Lang, gloss: Lang | None) -> str:
    words = _WORDS[lang]
    parts = [] if kind == "cloze" else [_stem(kind, lang)]
    parts += [_show(media(kind)), '<hr id="answer">']
    if kind == "typed":
        said = f'data-full="✓ {words["full"]}" data-part="≈ {words["part"]}"'
        parts.append(f'<div class="typing" {said}>{{{{type:nc:{field(kind, "compare", lang)}}}}}</div>')
    parts += _answered(kind, lang)
    parts.append(_labelled("source", words["source"], f"Source {lang}"))
    parts.append(_given("Link", f'<p class="link"><a href="{{{{Link}}}}">{words["link"]}</a></p>'))
    if gloss:
        stem = [] if kind == "cloze" else [_stem(kind, gloss)]
        source = _labelled("source", _WORDS[gloss]["source"], f"Source {gloss}")
        parts.append(_gloss(kind, lang, [*stem, *_answered(kind, gloss), source]))
    return _card(kind, lang, "back", parts)


def _stem(kind: Kind, lang: Lang) -> str:
    return f'<div class="stem">{{{{{field(kind, "stem", lang)}}}}}</div>'


def _asked(kind: Kind, lang: Lang) -> list[str]:
    """What stands under the stem: a task, and the list to choose from or to sort."""
    parts = [f'<p class="task">{_TASK[kind][lang]}</p>'] if kind in _TASK else []
    match kind:
        case "choice" | "multi_select":
            parts.append(f"{{{{{field(kind, 'options', lang)}}}}}")
        case "ordering" | "matching":
            parts.append(f"{{{{{field(kind, 'items', lang)}}}}}")
    return parts


def _answered(kind: Kind, lang: Lang) -> list[str]:
    words = _WORDS[lang]
    answer = field(kind, "answer", lang)
    right = (
        f'<p class="key"><span class="mark">✓ {words["right"]}:</span> <span class="house">{{{{{answer}}}}}</span></p>'
    )
    parts: list[str] = []
    match kind:
        case "true_false" | "typed" | "cloze":
            parts.append(right)
        case "ordering" | "matching":
            parts.append(f'<p class="key"><span class="mark">✓ {words["right"]}:</span></p>{{{{{answer}}}}}')
        case "choice" | "multi_select":
            parts.append(f"{{{{{answer}}}}}")
        case "open":
            parts.append(_given(answer, right))
    if kind in ("typed", "cloze"):
        parts.append(_labelled("also", words["also"], field(kind, "also", lang)))
    parts.append(_labelled("why", words["why"], field(kind, "why", lang)))
    return parts


def _labelled(name: str, label: str, content: str) -> str:
    return _given(content, f'<p class="{name}"><b>{label}:</b> {{{{{content}}}}}</p>')


def _gloss(kind: Kind, lang: Lang, parts: list[str]) -> str:
    other = OTHER[lang]
    inside = "\n".join(parts)
    summary = _WORDS[lang]["gloss"]
    return _given(
        field(kind, "stem", other),
        f'<details class="gloss"><summary>{summary}</summary>'
        f'<div lang="{other}" dir="{DIRECTION[other]}">\n{inside}\n</div></details>',
    )


def _card(kind: Kind, lang: Lang, side: str, parts: list[str]) -> str:
    inside = "\n".join(part for part in parts if part)
    # The name by which front and back find the same order.
    named = f'data-card="{{{{Point}}}} {kind}" lang="{lang}" dir="{DIRECTION[lang]}"'
    return f'<div class="qimma {side} {kind}" {named}>\n{inside}\n</div>'


def _block(lang: Lang, inside: str) -> str:
    return f'<div class="qimma" lang="{lang}" dir="{DIRECTION[lang]}">{inside}</div>'


def _show(name: str) -> str:
    return f"{{{{{name}}}}}"


def _given(name: str, inside: str) -> str:
    return f"{{{{#{name}}}}}{inside}{{{{/{name}}}}}"


def _lacking(name: str, inside: str) -> str:
    return f"{{{{^{name}}}}}{inside}{{{{/{name}}}}}"
