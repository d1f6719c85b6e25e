"""Moodle XML, read. `moodle_xml_out` writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from questions.bank import MARK, Bank, Question
from questions.errors import BadFile
from questions.formats import asked as kinds
from questions.formats import cloze, moodle_xml_out, xml_nodes
from questions.formats.asked import QUESTION_ID, TOPIC_ID, Answer, Asked, Refusal, topic_name, valid
from questions.formats.incoming import Incoming, Loss, Place, Reading, language_of
from questions.formats.numbers import Span, number, read_number, show
from questions.formats.xml_nodes import Node
from questions.normalise import normalise
from questions.texts import Bilingual, Lang

_FORMS = {"moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown", "html": "html"}
_YES = frozenset(("1", "true", "yes"))
_ID_NUMBER = "idnumber:"  # a tag that carries an id of somebody else's
_STANDARD = frozenset(
    map(
        normalise,
        (
            "Your answer is correct.",
            "Your answer is partially correct.",
            "Your answer is incorrect.",
            "إجابتك صحيحة.",
            "إجابتك صحيحة جزئيا.",
            "إجابتك خاطئة.",
            "",
        ),
    )
)


def read(data: bytes, name: str) -> Incoming:
    """Read a file of Moodle XML.

    Raises BadFile when it is no XML or not Moodle's, and for anything that XML can do against its reader.
    """
    try:
        return _read(data, name, "")
    except BadFile:
        better = xml_nodes.mended(data, name)
        if better is None:
            raise
        return _read(better[0], name, better[1])


def write(bank: Bank, lang: Lang) -> bytes:
    return moodle_xml_out.write(bank, lang)


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    return moodle_xml_out.losses(question, lang)


def _read(data: bytes, name: str, older: str) -> Incoming:
    reading, topic = Reading("moodle_xml"), None
    if older:
        reading.remark(Place("line", 1), "encoding", older)
    usual: Lang = language_of(data[:200_000].decode("utf-8", "ignore"))
    for held, node in enumerate(xml_nodes.questions(data, name)):
        reading.count(name, held)
        if node.attributes.get("type") == "category":
            topic = _topic(reading, node)
        else:
            _take(reading, node, topic, usual)
    return reading.done()


def _topic(reading: Reading, node: Node) -> str | None:
    path = " ".join(node.said("category").split())
    name, own = topic_name(path), " ".join(node.said("idnumber").split())
    if not name:
        return None
    kept = valid(TOPIC_ID, own)
    if own and kept is None:
        reading.lost(Place("line", node.line, name[:60]), "idnumber", own[:80])
    return reading.topic(name, kept)


def _take(reading: Reading, node: Node, topic: str | None, usual: Lang) -> None:
    title = " ".join(node.said("name").split())
    begins = " ".join(re.sub(r"<[^<>]*>", " ", node.said("questiontext")[:500]).split())
    place = Place("line", node.line, (title or begins)[:60])
    asked = Asked(reading, place, usual)
    kind = node.attributes.get("type", "")
    try:
        read_kind = _KINDS.get(kind)
        if read_kind is None:
            raise Refusal("unsupported", kind[:60] or "no type")
        body = read_kind(asked, node)
    except Refusal as refusal:
        reading.refuse(place, refusal.code, refusal.detail)
        return
    except ValidationError as error:  # a text that none of ours may be
        reading.refuse(place, "not-understood", str(error.errors(include_url=False)[0]["msg"])[:200])
        return
    if kind == "description":
        reading.remark(place, "description")  # kept as a question that no quiz asks
    if title and normalise(title.rstrip("….")) not in normalise(
        str(body["stem"].ar or "") + str(body["stem"].en or "")
    ):
        asked.lost("title")
    _settings(asked, node)
    own = " ".join(node.said("idnumber").split())
    kept = valid(QUESTION_ID, own)
    tags = [one.shown.strip() for tags in node.all("tags") for one in tags.all("tag")]
    tags += [f"{_ID_NUMBER}{own}"] if own and kept is None else []
    _rest_of_files(asked, node)
    reading.take(
        place,
        {
            **body,
            "id": kept,
            "topic": topic,
            "tags": list(dict.fromkeys(tag for tag in tags if tag)),
            "media": list(asked.media.values()),
        },
    )


# ---------------------------------------------------------------- texts


def _text(asked: Asked, node: Node | None) -> Bilingual | None:
    """A text with its format and its files."""
    if node is None or not node.shown.strip():
        return None
    asked.files.update(_files(node))
    return asked.text(node.shown.strip(), _form(node))


def _form(node: Node) -> str:
    return _FORMS.get(node.attributes.get("format", ""), "moodle")


def _files(node: Node) -> dict[str, str]:
    return {one.attributes.get("name", ""): one.text for one in node.all("file") if one.attributes.get("name")}


def _rest_of_files(asked: Asked, node: Node) -> None:
    """Files that no text shows come along too."""
    known = set(asked.media)
    for one in node.children:
        for name, data in _files(one).items():
            if name not in known and data.strip():
                asked.keep(name, data)


def _answers(asked: Asked, node: Node, *, typed: bool = False) -> list[Answer]:
    found: list[Answer] = []
    for one in node.all("answer"):
        fraction = read_number(one.attributes.get("fraction", "0").strip() or "0")
        if fraction is None:
            raise Refusal("bad-number", one.attributes["fraction"][:60])
        share = round(float(fraction) / 100, 7)
        said = _text(asked, one.child("feedback"))
        text = None if typed else _text(asked, one)
        found.append(Answer(text, share, said, raw=one.shown.strip()))
    return found


def _settings(asked: Asked, node: Node) -> None:
    """What a question of Moodle's has besides, and has no place here: told once a file."""
    for tag in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        if normalise(re.sub(r"<[^<>]*>", " ", node.said(tag)[:2000])) not in _STANDARD:
            asked.lost("overall-feedback")
    if any(hint.shown.strip() for hint in node.all("hint")):
        asked.lost("hints")
    penalty, grade = read_number(node.said("penalty") or "0"), read_number(node.said("defaultgrade") or "1")
    if penalty and not (penalty == 1 or abs(penalty - Decimal("0.3333333")) < Decimal("0.00001")):
        asked.lost("penalty")
    if grade is not None and grade not in (0, 1):
        asked.lost("grade")
    if node.said("hidden") == "1":
        asked.lost("hidden")
    if node.said("usecase") == "1":
        asked.lost("case")
    if node.said("responsetemplate"):
        asked.lost("template")


# ---------------------------------------------------------------- kinds


def _asks(asked: Asked, node: Node) -> tuple[Bilingual, Bilingual | None]:
    """The question and the sentence why: in this order, as the question settles the language."""
    text = node.child("questiontext")
    if text is None or not text.shown.strip():
        raise Refusal("no-question")
    asked.files.update(_files(text))
    return asked.stem(text.shown.strip(), _form(text)), _why(asked, node)


def _why(asked: Asked, node: Node) -> Bilingual | None:
    return _text(asked, node.child("generalfeedback"))


def _multichoice(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    answers = _answers(asked, node)
    single = node.said("single").lower() in {"", *_YES}
    return {"stem": stem, "feedback": why, **_order(node), **(kinds.choice if single else kinds.multi_select)(answers)}


def _all_or_nothing(asked: Asked, node: Node) -> dict[str, Any]:
    """Question types in which each right answer is written as 100 %, and the exact set counts."""
    stem, why = _asks(asked, node)
    answers = _answers(asked, node)
    right = sum(answer.share > 0 for answer in answers)
    for answer in answers:
        answer.share = 1 / right if answer.share > 0 else -1
    return {"stem": stem, "feedback": why, **_order(node), **kinds.multi_select(answers)}


def _order(node: Node) -> dict[str, Any]:
    return {"fixed_order": node.said("shuffleanswers").lower() in {"0", "false", "no"}}


def _true_false(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    answers = _answers(asked, node, typed=True)
    judged = [(one.raw.strip().lower(), one) for one in answers]
    right = [word for word, one in judged if one.share >= 0.999]
    if len(right) != 1 or right[0] not in {"true", "false"}:
        raise Refusal("no-answer" if not right else "bad-key", ", ".join(right)[:60])
    # The feedback of the wrong answer says why; that of the right one mostly praises.
    ordered = [one for _, one in sorted(judged, key=lambda pair: pair[1].share)]
    reason = kinds.reason(asked, why, ordered, first=True)
    return {"stem": stem, "kind": "true_false", "key": right[0] == "true", "feedback": reason}


def _short(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    answers = _answers(asked, node, typed=True)
    reason = kinds.reason(asked, why, answers, first=True)
    return {"stem": stem, **kinds.short(asked, stem, answers), "feedback": reason}


def _numerical(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    answers = _answers(asked, node, typed=True)
    spans: list[Span] = []
    for one, answer in zip(node.all("answer"), answers, strict=True):
        if answer.raw in {"*", ""}:
            continue
        value, tolerance = read_number(answer.raw), read_number(one.said("tolerance") or "0")
        if value is None or tolerance is None:
            raise Refusal("bad-number", (answer.raw if value is None else one.said("tolerance"))[:60])
        spans.append(Span(value - abs(tolerance), value + abs(tolerance), answer.share))
    body = number(asked, stem, spans)
    reason = kinds.reason(asked, why, answers, first=True)
    return {"stem": stem, **body, "accepted": _with_units(asked, node, spans), "feedback": reason}


def _with_units(asked: Asked, node: Node, spans: list[Span]) -> list[dict[str, Any]]:
    """The right value in each unit that the file knows: 1.5 m, 150 cm."""
    units = [unit for units in node.all("units") for unit in units.all("unit")]
    value = next(one.middle for one in spans if one.share >= 0.999)
    left = node.said("unitsleft") in _YES
    found = []
    for unit in units[:20]:
        name, factor = " ".join(unit.said("unit_name").split()), read_number(unit.said("multiplier") or "1")
        if not name or factor is None or abs(factor.adjusted()) > 30:
            continue
        amount = show(value * factor)
        found.append({"text": f"{name}{amount}" if left else f"{amount} {name}"})
    if node.said("unitgradingtype") not in {"", "0"}:
        asked.lost("unit-penalty")
    return found


def _calculated(asked: Asked, node: Node) -> dict[str, Any]:
    """Plain when nothing in it is drawn by chance."""
    if any(read_number(one.shown.strip().lstrip("=")) is None for one in node.all("answer")):
        raise Refusal("unsupported", node.attributes["type"])
    return _numerical(asked, node)


def _matching(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    sides = [(_text(asked, one), asked.typed(one.said("answer"))) for one in node.all("subquestion")]
    sides = [(left, right) for left, right in sides if left is not None or right]
    return {"stem": stem, "feedback": why, **kinds.matching(sides, asked)}


def _essay(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    return {"stem": stem, "kind": "open", "feedback": why or _text(asked, node.child("graderinfo"))}


def _cloze(asked: Asked, node: Node) -> dict[str, Any]:
    text = node.child("questiontext")
    if text is None:
        raise Refusal("no-question")
    asked.files.update(_files(text))
    return cloze.question(asked, text.shown.strip(), _form(text), lambda: _why(asked, node))


def _ordering(asked: Asked, node: Node) -> dict[str, Any]:
    stem, why = _asks(asked, node)
    if node.said("selecttype") not in {"", "0", "ALL"}:
        asked.lost("some-items")
    places = [(one, read_number(one.attributes.get("fraction", "").strip() or "0")) for one in node.all("answer")]
    ordered = sorted(places, key=lambda pair: pair[1] or Decimal(0))
    return {"stem": stem, "feedback": why, **kinds.ordering([_text(asked, one) for one, _ in ordered])}


def _one_gap(asked: Asked, node: Node) -> dict[str, Any]:
    """Words dragged or selected into gaps: a choice, when there is one gap."""
    text = node.child("questiontext")
    source = "" if text is None else text.shown
    gaps = re.findall(r"\[\[(\d{1,3})\]\]", source)
    boxes = [*node.all("dragbox"), *node.all("selectoption")]
    if text is None or len(gaps) != 1 or not 0 < int(gaps[0]) <= len(boxes):
        raise Refusal("unsupported", f"{node.attributes['type']}, {len(gaps)} gaps")
    asked.files.update(_files(text))
    right = boxes[int(gaps[0]) - 1]
    stem = asked.stem(source.replace(f"[[{gaps[0]}]]", MARK).strip(), _form(text))
    group = [box for box in boxes if box.said("group") == right.said("group")]
    answers = [Answer(asked.text(box.said("text"), "html"), float(box is right)) for box in group]
    return {"stem": stem, "feedback": _why(asked, node), **_order(node), **kinds.choice(answers)}


_KINDS: dict[str, Callable[[Asked, Node], dict[str, Any]]] = {
    "multichoice": _multichoice,
    "multichoiceset": _all_or_nothing,
    "oumultiresponse": _all_or_nothing,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "calculated": _calculated,
    "calculatedsimple": _calculated,
    "matching": _matching,
    "match": _matching,
    "ddmatch": _matching,
    "description": _essay,
    "essay": _essay,
    "essayautograde": _essay,
    "cloze": _cloze,
    "multianswer": _cloze,
    "ordering": _ordering,
    "gapselect": _one_gap,
    "ddwtos": _one_gap,
}
