"""Merges an instructor's edit with newly generated text, field by field.

Three states of a question: what it was generated as when it was edited (base), what its facts give now
(generated), and what the instructor made of it (edited). A field that only one side changed takes that
side; a field that both changed keeps the edit and is a conflict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from questions.bank import QUESTION, Question

_ABSENT = object()
_ROWS = "#order"  # a list of things with ids becomes a mapping by id, and this field holds their order
# Fields that say what the right answer is.
_KEY_FIELDS = ("key", "keys", "answer", "value", "kind", "accepted", "ranges", f"items.{_ROWS}", "pairs")
# Fields that make sense only together: when the facts change one of the first, an edit of one of the second
# was meant for another answer. In a true/false question that holds the other way round too.
_TOGETHER = {
    "true_false": (("key",), ("key", "stem")),
    "typed": (("answer", "value"), ("answer", "value", "accepted", "ranges")),
    "cloze": (("answer", "value"), ("answer", "value", "accepted", "ranges")),
}


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that the facts and the instructor both changed. None: the field is not there."""

    field: str
    was: Any
    now: Any
    yours: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """The question that counts now, and what is left for a person to decide."""

    question: Question
    conflicts: tuple[FieldConflict, ...] = ()

    @property
    def key_in_doubt(self) -> bool:
        """Both changed the right answer: better no question than a wrong answer marked right."""
        return any(_within(conflict.field, _KEY_FIELDS) for conflict in self.conflicts)


def merge(base: Question, generated: Question, edited: Question) -> Merged:
    """The edit, with every change of the facts that does not touch what the instructor changed."""
    if generated in (base, edited):
        return Merged(edited)
    if edited == base:
        return Merged(generated)
    was, now, yours = fields(base), fields(generated), fields(edited)
    if _apart(base.kind, was, now, yours):
        return _whole(edited, was, now, yours)
    merged: dict[str, Any] = {}
    conflicts: list[FieldConflict] = []
    for field in dict.fromkeys((*yours, *now)):
        b, g, e = (state.get(field, _ABSENT) for state in (was, now, yours))
        if field.endswith(_ROWS) and field not in _KEY_FIELDS and g != b and e != b:
            value: Any = _merge_order(b, g, e)
        elif field == "accepted" and g != b and e != b:
            value, clash = _merge_accepted(b, g, e)
            if clash:
                conflicts.append(FieldConflict(field, *(None if state is _ABSENT else state for state in (b, g, e))))
        elif g in (b, e):
            value = e
        elif e == b:
            value = g
        else:
            value = e
            conflicts.append(FieldConflict(field, *(None if state is _ABSENT else state for state in (b, g, e))))
        if value is not _ABSENT:
            merged[field] = value
    _keep_edited_rows(merged, conflicts, yours)
    try:
        return Merged(from_fields(merged), tuple(conflicts))
    except ValidationError:
        # The two changes do not go together (an option gone that is now the key).
        return _whole(edited, was, now, yours)


def _whole(edited: Question, was: dict[str, Any], now: dict[str, Any], yours: dict[str, Any]) -> Merged:
    """The edit as it is, with every change of the facts as a conflict, and the right answer in doubt."""
    changed = [field for field in dict.fromkeys((*was, *now)) if was.get(field) != now.get(field)]
    if not any(_within(field, _KEY_FIELDS) for field in changed):
        changed.append("key")
    return Merged(edited, tuple(FieldConflict(name, was.get(name), now.get(name), yours.get(name)) for name in changed))


def _within(field: str, names: tuple[str, ...]) -> bool:
    return any(field == name or field.startswith(f"{name}.") for name in names)


def _apart(kind: str, was: dict[str, Any], now: dict[str, Any], yours: dict[str, Any]) -> bool:
    """Whether both changed parts of one thing to different ends: key and statement, answer and aliases."""
    if kind not in _TOGETHER:
        return False
    answers, meant = _TOGETHER[kind]
    by_facts = {field for field in was | now if was.get(field) != now.get(field)}
    by_edit = {field for field in was | yours if was.get(field) != yours.get(field)}
    if all(now.get(field) == yours.get(field) for field in by_facts | by_edit if _within(field, answers)):
        return False
    pairs = [(by_facts, by_edit), *([(by_edit, by_facts)] if kind == "true_false" else [])]
    return any(
        any(_within(field, answers) for field in one) and any(_within(field, meant) for field in other)
        for one, other in pairs
    )


def _merge_order(base: Any, generated: Any, edited: Any) -> Any:
    """The instructor's order, with rows that are new on the other side after it and rows dropped there left out."""
    base, generated, edited = ([] if state is _ABSENT else state for state in (base, generated, edited))
    gone = set(base) - set(generated)
    return [row for row in edited if row not in gone] + [
        row for row in generated if row not in edited and row not in base
    ]


def _merge_accepted(base: Any, generated: Any, edited: Any) -> tuple[list[Any], bool]:
    """The wordings that either side added, without those that either dropped; and whether the two disagree on one."""
    was, now, yours = (
        {(row["text"], row.get("lang")): row for row in ([] if state is _ABSENT else state)}
        for state in (base, generated, edited)
    )
    merged: list[Any] = []
    clash = False
    for wording in dict.fromkeys((*yours, *now)):
        b, g, e = (state.get(wording) for state in (was, now, yours))
        clash = clash or (e != b and g not in (b, e))
        row = g if e == b else e
        if row is not None:
            merged.append(row)
    return merged, clash


def _keep_edited_rows(merged: dict[str, Any], conflicts: list[FieldConflict], yours: dict[str, Any]) -> None:
    """A row that the facts dropped but the instructor had changed stays until someone decides."""
    for conflict in conflicts:
        parts = conflict.field.split(".")
        rows = merged.get(f"{parts[0]}.{_ROWS}")
        if rows is not None and len(parts) > 2:
            row, prefix = unescaped(parts[1]), f"{parts[0]}.{parts[1]}."
            own = {field: value for field, value in yours.items() if field.startswith(prefix)}
            if own and row not in rows:
                merged[f"{parts[0]}.{_ROWS}"] = [*rows, row]
                merged.update(own)


def fields(question: Question) -> dict[str, Any]:
    """The question as a flat mapping, "options.a.text.ar" to a value: what changes are counted in."""
    flat: dict[str, Any] = {}
    _flatten("", question.model_dump(mode="json", exclude_none=True), flat)
    return flat


def _flatten(path: str, value: Any, flat: dict[str, Any]) -> None:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            _flatten(f"{path}.{name}" if path else name, inner, flat)
    elif isinstance(value, list) and value and all(isinstance(row, dict) and "id" in row for row in value):
        flat[f"{path}.{_ROWS}"] = [row["id"] for row in value]
        for row in value:
            inner = {name: part for name, part in row.items() if name != "id"}
            _flatten(f"{path}.{_escaped(row['id'])}", inner, flat)
    else:
        flat[path] = value


def _escaped(row: str) -> str:
    return row.replace("%", "%25").replace(".", "%2e")


def unescaped(row: str) -> str:
    return row.replace("%2e", ".").replace("%25", "%")


def from_fields(flat: dict[str, Any]) -> Question:
    """The question of a flat mapping. Raises pydantic's ValidationError when it makes no whole question."""
    orders = {field.removesuffix(f".{_ROWS}"): rows for field, rows in flat.items() if field.endswith(_ROWS)}
    tree: dict[str, Any] = {}
    for field, value in flat.items():
        if field.endswith(_ROWS):
            continue
        *way, leaf = field.split(".")
        if not way and leaf in orders:
            continue  # an empty list beside rows of the other side
        node = tree
        for step in way:
            node = node.setdefault(step, {})
        node[leaf] = value
    for name, rows in orders.items():
        by_id = tree.get(name, {})
        tree[name] = [{"id": row, **by_id.get(_escaped(row), {})} for row in rows]
    return QUESTION.validate_python(tree)


def changed_fields(before: Question, after: Question) -> tuple[str, ...]:
    """The fields that differ, in the order of the question."""
    was, now = fields(before), fields(after)
    return tuple(field for field in dict.fromkeys((*now, *was)) if was.get(field) != now.get(field))
