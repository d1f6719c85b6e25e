"""A fact as a form, with the fields of its type's own model: a new field of a fact is a new field of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from questions.errors import BadInput
from questions.facts import FACT_TYPES, FOILED, AnyFact, Entity, Fact
from questions.source import Source
from questions.texts import LANGS, Bilingual, Value
from quiz.ids import new_id
from quiz.services.copying import base36

Form = dict[str, list[str]]
Shape = Literal[
    "both", "text", "lines", "number", "numbers", "date", "flag", "choice", "choices", "entity", "entities", "topic",
    "facts", "group", "rows",
]  # fmt: skip
_ENTITY = {
    "source", "reported_by", "where", "how", "person", "of", "matter", "addressee", "speaker", "parties", "who", "by",
    "source_a", "source_b", "entity", "part_of", "confusable_with",
}  # fmt: skip
_FACTS = {"contradicts", "same_as", "not_with"}
_NOT_SHOWN = {"id", "type", "status", "reviewed_by"}
MODELS: dict[str, type[Fact]] = dict(zip(FACT_TYPES, get_args(AnyFact), strict=True))
MOST_ROWS = 12


BESIDES: dict[str, type[Value]] = {"entity": Entity, "source": Source}  # what facts refer to


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. `name` is what it is called in the model, `path` where it stands in the fact."""

    name: str
    path: str
    shape: Shape
    needed: bool
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()  # of a group; of a row, with the row's id after the path


def fields_of(kind: str) -> tuple[Field, ...]:
    """The form of a type of fact, or of what facts refer to ("entity", "source"). Raises BadInput."""
    if kind in BESIDES:
        return tuple(_fields(BESIDES[kind], ""))
    if kind not in MODELS:
        raise BadInput("type")
    return tuple(_fields(MODELS[kind], "", kind))


def _fields(model: type[Value], path: str, kind: str = "") -> Iterator[Field]:
    for name, info in model.model_fields.items():
        at = f"{path}{name}"
        if (name in _NOT_SHOWN and not (model is Entity and name == "kind")) or (name == "asked" and not path):
            continue
        if name == "foils":
            for asked in sorted(FOILED.get(kind, ())):
                yield Field("foils", f"foils.{asked}", "rows", False, fields=tuple(_fields(_row_model(info), "")))
        elif name == "asks":
            yield from (Field(f"asks_{asked}", f"asks.{asked}", "both", False) for asked in MODELS[kind].points)
        elif name == "asked":
            yield Field(name, at, "choice", True, MODELS[kind].points)
        else:
            yield _field(name, at, info.annotation, info.is_required(), kind)


def _row_model(info: Any) -> type[Value]:
    """The model of the rows of `foils`: a mapping to tuples of it."""
    model: type[Value] = get_args(get_args(info.annotation)[1])[0]
    return model


def _field(name: str, path: str, annotation: Any, needed: bool, kind: str) -> Field:
    annotation = _bare(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Field(name, path, "choice", needed, tuple(str(one) for one in args))
    if annotation is Bilingual:
        return Field(name, path, "both", needed)
    if name in _FACTS:
        return Field(name, path, "facts", needed)
    if name in _ENTITY:
        return Field(name, path, "entities" if origin is tuple else "entity", needed)
    if name == "topic":
        return Field(name, path, "topic", needed)
    if origin is tuple:
        inner = _bare(args[0])
        if isinstance(inner, type) and issubclass(inner, Value):
            return Field(name, path, "rows", needed, fields=tuple(_fields(inner, "", kind)))
        return Field(name, path, "numbers" if inner is int else "lines", needed)
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return Field(name, path, "group", needed, fields=tuple(_fields(annotation, f"{path}.", kind)))
    shapes: dict[Any, Shape] = {bool: "flag", int: "number", date: "date"}
    return Field(name, path, shapes.get(annotation, "text"), needed)


def _bare(annotation: Any) -> Any:
    """Without None and without pydantic's constraints."""
    if get_origin(annotation) in {Union, UnionType}:
        return _bare(next(one for one in get_args(annotation) if one is not type(None)))
    return _bare(annotation.__origin__) if hasattr(annotation, "__metadata__") else annotation


# ---------------------------------------------------------------- a fact as a form


def of_body(fields: tuple[Field, ...], body: Mapping[str, Any]) -> Form:
    form: Form = {}
    _put(form, fields, body, "")
    return form


def _put(form: Form, fields: tuple[Field, ...], body: Mapping[str, Any], before: str) -> None:
    for field in fields:
        value = _at(body, field.path)
        name = before + field.path
        match field.shape:
            case "both":
                for lang in LANGS:
                    form[f"text:{name}.{lang}"] = [(value or {}).get(lang) or ""]
            case "group":
                _put(form, field.fields, body, before)
            case "rows":
                form[f"row:{name}"] = [row["id"] for row in value or ()]
                for row in value or ():
                    _put(form, field.fields, row, f"{name}.{row['id']}.")
            case "entities":
                form[name] = list(value or ())
            case "lines":
                form[name] = ["\n".join(value or ())]
            case "facts" | "numbers":
                form[name] = [", ".join(str(one) for one in value or ())]
            case "flag":
                form[name] = ["yes"] if value else []
            case _:
                form[name] = ["" if value is None else str(value)]


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def blank(fields: tuple[Field, ...]) -> Form:
    form = of_body(fields, {})
    for field in fields:
        if field.shape == "rows":
            form[f"row:{field.path}"] = [_row_id() for _ in range(3)]
        if field.shape == "choice" and not field.needed and field.choices:
            form[field.path] = [_usual(field)]
    return form


def _usual(field: Field) -> str:
    return {"weight": "detail", "setting": "within", "strength": "stated"}.get(field.name, field.choices[0])


def change(form: Form, do: str) -> str | None:
    """Add or remove a row, as a button asks: "add:parts", "remove:foils.claim:<id>". Raises BadInput."""
    what, _colon, rest = do.partition(":")
    path, _colon, row = rest.partition(":")
    rows = form.setdefault(f"row:{path}", [])
    if what == "add" and path:
        if len(rows) < MOST_ROWS:
            rows.append(_row_id())
        return f"{path}.{rows[-1]}.text.ar"
    if what == "remove" and row in rows:
        rows.remove(row)
        return None
    raise BadInput("do")


def _row_id() -> str:
    return f"r-{base36(new_id())[-10:]}"


# ---------------------------------------------------------------- a form as a fact


def read(fields: tuple[Field, ...], form: Mapping[str, list[str]]) -> dict[str, Any]:
    """The body that a form makes, without what was left empty. What it must hold, the model says afterwards."""
    body: dict[str, Any] = {}
    for field in fields:
        value = _value(field, form, field.path)
        if value not in (None, [], {}, ""):
            node = body
            *way, leaf = field.path.split(".")
            for step in way:
                node = node.setdefault(step, {})
            node[leaf] = value
    return body


def _value(field: Field, form: Mapping[str, list[str]], name: str) -> Any:
    match field.shape:
        case "both":
            sides = {lang: _one(form, f"text:{name}.{lang}") for lang in LANGS}
            return {lang: words for lang, words in sides.items() if words}
        case "group":
            prefix = name.removesuffix(field.path)
            inner = {
                one.path.rpartition(".")[2]: value
                for one in field.fields
                if (value := _value(one, form, prefix + one.path)) not in (None, [], {}, "")
            }
            # A choice that has always one value does not make a group that was left empty.
            return (
                inner
                if any(one.shape != "choice" for one in field.fields if one.path.rpartition(".")[2] in inner)
                else None
            )
        case "rows":
            return [
                row
                for one in dict.fromkeys(form.get(f"row:{name}", []))
                if len(row := _row(field, form, name, one)) > 1
            ]
        case "entities":
            return list(dict.fromkeys(one for one in form.get(name, []) if one))
        case "lines":
            return [line for part in _one(form, name).splitlines() if (line := part.strip())]
        case "facts":
            return [part for part in _one(form, name).replace(",", " ").replace("،", " ").split()]
        case "numbers":
            parts = _one(form, name).replace(",", " ").replace("،", " ").split()
            return [int(part) if part.removeprefix("-").isdecimal() and len(part) < 16 else part for part in parts]
        case "number":
            words = _one(form, name)
            return int(words) if words.isdecimal() and len(words) < 16 else words
        case "flag":
            return True if _one(form, name) == "yes" else None
        case _:
            return _one(form, name)


def _row(field: Field, form: Mapping[str, list[str]], name: str, row: str) -> dict[str, Any]:
    out: dict[str, Any] = {"id": row}
    for one in field.fields:
        value = _value(one, form, f"{name}.{row}.{one.path}")
        if value not in (None, [], {}, ""):
            out[one.path] = value
    return out


def _one(form: Mapping[str, list[str]], name: str) -> str:
    values = form.get(name)
    return values[0].strip().replace("\r\n", "\n") if values else ""
