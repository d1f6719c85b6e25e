"""Moodle XML, written in one language."""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterator
from typing import assert_never

from questions.bank import (
    Bank,
    ChoiceQuestion,
    ClozeQuestion,
    MatchingQuestion,
    Media,
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

_NAME = 60  # letters
_ID_NUMBER = "idnumber:"
_TYPES = {
    "choice": "multichoice",
    "multi_select": "multichoice",
    "true_false": "truefalse",
    "ordering": "ordering",
    "matching": "matching",
    "open": "essay",
}


def write(bank: Bank, lang: Lang) -> bytes:
    """The live questions with their topics as categories; ids go as `idnumber`."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    last: TopicName | None = None
    for topic, question in outgoing.by_topic(bank):
        if topic != last:
            parts.append(_category(topic, lang))
            last = topic
        parts.append("\n".join(_question(question, lang)))
    return "\n".join([*parts, "</quiz>", ""]).encode()


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    """What Moodle XML cannot carry of a question."""
    return tuple(outgoing.common_losses(question, lang))


def _x(text: str) -> str:
    return html.escape(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text), quote=True)


def _category(topic: TopicName | None, lang: Lang) -> str:
    name = "" if topic is None else f"/{' '.join(topic.name.best(lang)[1].split()).replace('/', '//')}"
    own = "" if topic is None else topic.id
    return (
        f'<question type="category">\n<category><text>$course$/top{_x(name)}</text></category>\n'
        f'<info format="html"><text></text></info>\n<idnumber>{_x(own)}</idnumber>\n</question>'
    )


def _text(tag: str, text: Bilingual | None, lang: Lang, extra: str = "", fraction: str = "") -> str:
    shown = ""
    if text is not None:
        own, said = text.best(lang)
        shown = to_html(said, own)
    given = f' fraction="{fraction}"' if fraction else ""
    return f'<{tag}{given} format="html"><text>{_x(shown + extra)}</text>'


def _files(media: tuple[Media, ...]) -> tuple[str, str]:
    """The elements that show a question's pictures and sounds, and the files themselves."""
    shown, files = [], []
    for one in media:
        address = f"@@PLUGINFILE@@/{urllib.parse.quote(one.name)}"
        if one.type.startswith("image/"):
            shown.append(f'<p><img src="{address}" alt="{html.escape(one.alt or "")}"></p>')
        else:
            shown.append(f'<p><audio controls="controls" src="{address}"></audio></p>')
        files.append(f'<file name="{_x(one.name)}" path="/" encoding="base64">{one.data}</file>')
    return "".join(shown), "\n".join(files)


def _question(question: Question, lang: Lang) -> Iterator[str]:
    name = " ".join(plain(question.stem.best(lang)[1]).split())
    shown, files = _files(question.media)
    own = next((tag[len(_ID_NUMBER) :] for tag in question.tags if tag.startswith(_ID_NUMBER)), question.id)
    yield f'<question type="{_type(question, lang)}">'
    yield f"<name><text>{_x(name if len(name) <= _NAME else f'{name[: _NAME - 1].rstrip()}…')}</text></name>"
    yield f"{_text('questiontext', question.stem, lang, shown)}{files}</questiontext>"
    yield f"{_text('generalfeedback', question.feedback, lang)}</generalfeedback>"
    yield "<defaultgrade>1</defaultgrade>\n<penalty>0.3333333</penalty>\n<hidden>0</hidden>"
    yield f"<idnumber>{_x(own)}</idnumber>"
    yield from _body(question, lang)
    tags = [tag for tag in question.tags if not tag.startswith(_ID_NUMBER)]
    if tags:
        yield f"<tags>{''.join(f'<tag><text>{_x(tag)}</text></tag>' for tag in tags)}</tags>"
    yield "</question>"


def _type(question: Question, lang: Lang) -> str:
    if isinstance(question, TypedQuestion | ClozeQuestion):
        return "numerical" if outgoing.as_number(question, lang) else "shortanswer"
    return _TYPES[question.kind]


def _body(question: Question, lang: Lang) -> Iterator[str]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            yield f"<single>{str(isinstance(question, ChoiceQuestion)).lower()}</single>"
            yield f"<shuffleanswers>{str(not question.fixed_order).lower()}</shuffleanswers>"
            yield "<answernumbering>abc</answernumbering>"
            for option, share in zip(question.options, outgoing.option_shares(question), strict=True):
                answer = _text("answer", option.text, lang, fraction=outgoing.share(share))
                yield f"{answer}{_text('feedback', option.feedback, lang)}</feedback></answer>"
        case TrueFalseQuestion():
            for value in ("true", "false"):
                yield _typed(value, 1 if (value == "true") is question.key else 0)
        case TypedQuestion() | ClozeQuestion():
            yield from _written(question, lang)
        case OrderingQuestion():
            yield "<layouttype>VERTICAL</layouttype>\n<selecttype>ALL</selecttype>\n<selectcount>0</selectcount>"
            yield "<gradingtype>ABSOLUTE_POSITION</gradingtype>\n<showgrading>SHOW</showgrading>"
            yield "<numberingstyle>none</numberingstyle>"
            for place, item in enumerate(question.items, 1):
                yield f"{_text('answer', item.text, lang, fraction=str(place))}</answer>"
        case MatchingQuestion():
            yield "<shuffleanswers>true</shuffleanswers>"
            for pair in question.pairs:
                right = _x(pair.right.best(lang)[1])
                yield f"{_text('subquestion', pair.left, lang)}<answer><text>{right}</text></answer></subquestion>"
            for one in question.extra:
                right = _x(one.text.best(lang)[1])
                yield f"{_text('subquestion', None, lang)}<answer><text>{right}</text></answer></subquestion>"
        case OpenQuestion():
            yield "<responseformat>editor</responseformat>\n<responserequired>1</responserequired>"
            yield "<responsefieldlines>10</responsefieldlines>\n<attachments>0</attachments>"
        case _:
            assert_never(question)


def _written(question: TypedQuestion | ClozeQuestion, lang: Lang) -> Iterator[str]:
    if outgoing.as_number(question, lang):
        for span in spans_of(question):
            yield _typed(show(span.middle), span.share, f"<tolerance>{show(span.tolerance)}</tolerance>")
        return
    yield "<usecase>0</usecase>"
    for text, weight in outgoing.answers(question, lang):
        yield _typed(text.replace("*", "\\*"), weight)


def _typed(text: str, weight: float, more: str = "") -> str:
    share = outgoing.share(weight)
    return f'<answer fraction="{share}" format="moodle_auto_format"><text>{_x(text)}</text>{more}</answer>'
