"""A question as a form: every kind, both languages, with lists whose rows come and go.

A form is what a browser sends, each name with its values; a stored question, a draft and a form that was refused are
shown in the same way. Rows of a list stand in the order of the `row:` fields, and are known by ids, never by place.
"""

from __future__ import annotations

from questions.bank import KINDS, ClozeQuestion, Kind, Question, TypedQuestion
from questions.errors import BadInput
from questions.texts import LANGS, Bilingual
from quiz.ids import new_id
from quiz.services import media
from quiz.services.copying import base36

Form = dict[str, list[str]]
LISTS: dict[str, tuple[str, ...]] = {
    "options": ("text", "feedback"),
    "items": ("text",),
    "pairs": ("left", "right"),
    "extra": ("text",),
}
LISTS_OF: dict[Kind, tuple[str, ...]] = {
    "choice": ("options",),
    "multi_select": ("options",),
    "ordering": ("items",),
    "matching": ("pairs", "extra"),
}
ANSWER_TYPES = ("text", "name", "number", "date", "weekday")
ACCEPTED = ("ar", "en", "any")
MOST = 20


def escaped(row: str) -> str:
    return row.replace("%", "%25").replace(".", "%2e")


# ---------------------------------------------------------------- a question as a form


def of_question(question: Question) -> Form:
    """What the editor shows of a stored question."""
    form: Form = {}
    _put(form, "stem", question.stem)
    _put(form, "feedback", question.feedback)
    for name in LISTS_OF.get(question.kind, ()):
        rows = getattr(question, name)
        form[f"row:{name}"] = [row.id for row in rows]
        for row in rows:
            for part in LISTS[name]:
                _put(form, f"{name}.{escaped(row.id)}.{part}", getattr(row, part))
            if name == "options":
                form[f"options.{escaped(row.id)}.weight"] = [percent(row.weight)]
    match question.kind:
        case "choice":
            form["key"] = [question.key]
        case "true_false":
            form["key"] = ["true" if question.key else "false"]
        case "multi_select":
            form["key"] = list(question.keys)
        case "typed" | "cloze":
            _put_recalled(form, question)
        case _:
            pass
    if question.kind in {"choice", "multi_select"} and getattr(question, "fixed_order", False):
        form["fixed_order"] = ["yes"]
    form["topic"] = [question.topic or ""]
    form["weight"] = [question.weight]
    form["difficulty"] = [f"{question.difficulty:g}"]
    form["tags"] = [", ".join(question.tags)]
    for number, source in enumerate(question.sources):
        _put(form, f"sources.{number}.voice", source.voice)
        form[f"sources.{number}.para"] = [str(source.para or "")]
        form[f"sources.{number}.opening"] = [source.opening or ""]
    form["row:sources"] = [str(number) for number in range(len(question.sources))]
    form["not_with"] = [" ".join(question.not_with)]
    form["row:media"] = [media.digest_of(item) for item in question.media]
    for item in question.media:
        form[f"media.{media.digest_of(item)}.alt"] = [item.alt or ""]
    return form


def percent(share: float | None) -> str:
    """A share of the mark as the form has it."""
    return "" if share is None else f"{share * 100:g}"


def blank(kind: Kind) -> Form:
    """The form of a question that nobody has written yet."""
    form: Form = {"weight": ["detail"], "difficulty": ["0.5"], "topic": [""], "answer_type": ["text"]}
    for name, count in (("options", 4), ("items", 4), ("pairs", 3), ("extra", 1)):
        if name in LISTS_OF.get(kind, ()):
            form[f"row:{name}"] = [_row_id() for _ in range(count)]
    return form


def _put(form: Form, path: str, text: Bilingual | None) -> None:
    for lang in LANGS:
        form[f"text:{path}.{lang}"] = [(text.get(lang) if text else None) or ""]


def _put_recalled(form: Form, question: TypedQuestion | ClozeQuestion) -> None:
    _put(form, "answer", question.answer)
    form["answer_type"] = [question.answer_type]
    for share, wanted in (("right", True), ("part", False)):
        for lang in ACCEPTED:
            said = [
                accepted.text
                for accepted in question.accepted
                if (accepted.lang or "any") == lang and (accepted.weight == 1) is wanted
            ]
            form[f"text:accepted.{share}.{lang}"] = ["\n".join(said)]
    form["ranges.low"] = [f"{span.low:g}" for span in question.ranges]
    form["ranges.high"] = [f"{span.high:g}" for span in question.ranges]
    form["ranges.weight"] = [percent(span.weight) for span in question.ranges]


# ---------------------------------------------------------------- rows that come and go


def change(form: Form, do: str) -> str | None:
    """Add, remove or move a row, as a button asks ("add:options", "up:items:<id>"). The field to go on in, if any.

    Raises BadInput on what no button of ours asks.
    """
    what, _colon, rest = do.partition(":")
    name, _colon, row = rest.partition(":")
    rows = form.setdefault(f"row:{name}", [])
    if what == "add" and name == "ranges":
        form.setdefault("ranges.low", []).append("")
        form.setdefault("ranges.high", []).append("")
        form.setdefault("ranges.weight", []).append("100")
        return "ranges.low"
    if name == "media" and what in {"add", "remove"}:
        chosen = form.pop("media.add", [""])[:1]
        rows[:] = dict.fromkeys(
            [*rows, *filter(None, chosen)] if what == "add" else [one for one in rows if one != row]
        )
        form["media.add"] = [""]
        return None
    if name == "sources" and what in {"add", "remove"}:
        if what == "add":
            new = str(max((int(one) for one in rows if one.isdecimal() and len(one) < 4), default=-1) + 1)
            rows.append(new)
            return f"sources.{new}.voice.ar"
        rows[:] = [one for one in rows if one != row]
        return None
    if name not in LISTS:
        raise BadInput("do")
    if what == "add":
        if len(rows) < MOST:
            rows.append(_row_id())
        return f"{name}.{escaped(rows[-1])}.{LISTS[name][0]}.ar"
    if row not in rows or what not in {"remove", "up", "down"}:
        raise BadInput("do")
    place = rows.index(row)
    if what == "remove":
        rows.remove(row)
        form["key"] = [key for key in form.get("key", []) if key != row]
        return None
    other = place + (1 if what == "down" else -1)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    return f"{name}.{escaped(row)}.{LISTS[name][0]}.ar"


def _row_id() -> str:
    return f"o-{base36(new_id())[-10:]}"


def kind_of(name: str) -> Kind:
    """Raises BadInput."""
    if name not in KINDS:
        raise BadInput("kind")
    return name
