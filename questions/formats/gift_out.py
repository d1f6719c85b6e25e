"""GIFT, written in one language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from questions.bank import (
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    MultiSelectQuestion,
    OpenQuestion,
    OrderingQuestion,
    Question,
    TopicName,
    TrueFalseQuestion,
    TypedQuestion,
)
from questions.formats import outgoing
from questions.formats.incoming import Loss
from questions.formats.markup import to_html
from questions.formats.numbers import show, spans_of
from questions.texts import Bilingual, Lang, plain

_TITLE = 60  # letters


def write(bank: Bank, lang: Lang) -> bytes:
    """The live questions that GIFT knows, each with its id and tags in a comment that Moodle reads too."""
    parts: list[str] = []
    last: TopicName | None = None
    for topic, question in outgoing.by_topic(bank):
        if "left-out" in losses(question, lang):
            continue
        if topic != last:
            parts.append(_category(topic, lang))
            last = topic
        parts.append(_question(question, lang))
    return "\n".join(parts).encode()


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    """What GIFT cannot carry of a question."""
    if isinstance(question, OrderingQuestion) or _arrows(question, lang):
        return ("left-out",)
    found = list(outgoing.common_losses(question, lang))
    if question.media:
        found.append("media")
    if isinstance(question, ChoiceQuestion | MultiSelectQuestion) and question.fixed_order:
        found.append("fixed-order")
    return tuple(found)


def _arrows(question: Question, lang: Lang) -> bool:
    """Answers with "->" in each would be read as pairs, and GIFT has no sign against it."""
    if not isinstance(question, TypedQuestion | ClozeQuestion) or outgoing.as_number(question, lang):
        return False
    given = outgoing.answers(question, lang)
    return len(given) > 1 and all("->" in text for text, _ in given)


def escape(text: str) -> str:
    out = text.replace("\\", "\\\\")
    for sign in "~=#{}:":
        out = out.replace(sign, f"\\{sign}")
    return out.replace("\n", "\\n")


def _category(topic: TopicName | None, lang: Lang) -> str:
    if topic is None:
        return "$CATEGORY: $course$/top\n"
    name = " ".join(topic.name.best(lang)[1].split()).replace("/", "//")
    return f"// [topic:{topic.id}]\n$CATEGORY: $course$/top/{name}\n"


def _html(text: Bilingual, lang: Lang) -> str:
    own, shown = text.best(lang)
    return escape(to_html(shown, own))


def _question(question: Question, lang: Lang) -> str:
    tags = "".join(f" [tag:{_bracketed(' '.join(tag.split()))}]" for tag in question.tags)
    title = " ".join(plain(question.stem.best(lang)[1]).split())
    title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"
    why = [f"####{_html(question.feedback, lang)}"] if question.feedback else []
    body = "".join(f"\n\t{line}" for line in (*_answers(question, lang), *why))
    shown = f"::{escape(title)}::[html]{_html(question.stem, lang)}"
    return f"// [id:{question.id}]{tags}\n{shown}{{{body}{chr(10) if body else ''}}}\n"


def _bracketed(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _answers(question: Question, lang: Lang) -> Iterator[str]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            yield from _options(question, lang)
        case TrueFalseQuestion():
            yield "TRUE" if question.key else "FALSE"
        case TypedQuestion() | ClozeQuestion():
            if outgoing.as_number(question, lang):
                yield from _numbers(question, lang)
            else:
                for text, weight in outgoing.answers(question, lang):
                    share = "" if weight == 1 and not text.startswith("%") else f"%{outgoing.share(weight)}%"
                    yield f"={share}{escape(text).replace('*', chr(92) + '*')}"
        case MatchingQuestion():
            for pair in question.pairs:
                yield f"={_html(pair.left, lang)} -> {escape(pair.right.best(lang)[1])}"
            for one in question.extra:
                yield f"= -> {escape(one.text.best(lang)[1])}"
        case OpenQuestion() | OrderingQuestion():
            return
        case _:
            assert_never(question)


def _options(question: ChoiceQuestion | MultiSelectQuestion, lang: Lang) -> Iterator[str]:
    single = isinstance(question, ChoiceQuestion)
    for option, share in zip(question.options, outgoing.option_shares(question), strict=True):
        if isinstance(question, ChoiceQuestion) and option.id == question.key:
            sign = "="
        else:
            sign = "~" if not share and single else f"~%{outgoing.share(share)}%"
        feedback = f"#{_html(option.feedback, lang)}" if option.feedback else ""
        yield f"{sign}{_html(option.text, lang)}{feedback}"


def _numbers(question: TypedQuestion | ClozeQuestion, lang: Lang) -> Iterator[str]:
    yield "#"
    for span in spans_of(question):
        share = "" if span.share == 1 else f"%{outgoing.share(span.share)}%"
        if span.shown == question.answer.best(lang)[1]:
            yield f"={share}{show(span.low)}..{show(span.high)}"
        else:
            yield f"={share}{show(span.middle)}:{show(span.tolerance)}"
