"""What can be wrong with a fact, or with a book of them: in the words of its files, and as codes for pages."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from questions.errors import Problem, Unfit
from questions.facts import FACT_TYPES

# What can be wrong between the parts of a book. Pages say the same by the code.
WORDS = {
    "unknown": '{kind} "{target}" is not known',
    "no-paragraph": "paragraph {para} does not exist; the document has {count}",
    "no-language": "is missing; the book declares this language",
    "wrong-type": 'fact "{fact}" is of type {type}; expected {wanted}',
    "no-label": 'fact "{fact}" has no label, the event as a noun',
    "mixed-pairs": "pairs are of facts of one type",
    "no-order": "two of the dates are equal or overlap: there is no one order",
    "extra-right": '"{extra}" belongs to one of the pairs',
    "extra-kind": "is for words and statements; give others the facts of another role or date",
    "same-matter": 'fact "{fact}" has the matter of another one',
    "matter-right": 'fact "{fact}": "{matter}" is also {right}',
}

# What pydantic finds, by the code that pages know.
_PYDANTIC = {
    **dict.fromkeys(("missing", "string_too_short", "string_type", "model_type", "dict_type"), "missing"),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "number"),
    **dict.fromkeys(("date_from_datetime_parsing", "date_parsing", "date_type", "date_from_datetime_inexact"), "date"),
    "greater_than_equal": "number",
    "too_short": "few",
    "too_long": "many",
    "string_too_long": "long",
    "literal_error": "choice",
}


def _code(fault: Any) -> tuple[str, dict[str, str]]:
    error = fault.get("ctx", {}).get("error")
    if isinstance(error, Unfit):
        return error.code, error.params
    return _PYDANTIC.get(fault["type"], "other"), {}


def plain_words(fault: Any) -> str:
    """A pydantic error in the words of someone who writes fact files."""
    kind, context, given = fault["type"], fault.get("ctx", {}), fault.get("input")
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this kind of block; is it misspelt?"
        case "literal_error":
            return f"{given!r} is not one of {context.get('expected')}"
        case "union_tag_invalid":
            return f"{context.get('tag')!r} is not a type of fact; expected one of {', '.join(FACT_TYPES)}"
        case "union_tag_not_found":
            return f"type is missing; expected one of {', '.join(FACT_TYPES)}"
        case "string_pattern_mismatch":
            return f"{given!r} is not an id: small Latin letters, digits and hyphens, as in f-017"
        case "value_error":
            return str(context.get("error", fault["msg"]))
        case _:
            return f"{fault['msg']} (given: {str(given)[:60]!r})"


def faults_of(error: ValueError) -> list[Problem]:
    """Each fault of a fact or an entity that could not be made."""
    if not isinstance(error, ValidationError):
        return [Problem("", "", str(error), "other")]
    return [
        Problem(
            "",
            "",
            plain_words(fault),
            *_code(fault),
            field=".".join(_step(part) for part in fault["loc"] if part not in (*FACT_TYPES, "[key]")),
        )
        for fault in error.errors(include_url=False)
    ]


def _step(part: int | str) -> str:
    """Rows are counted from one."""
    return str(part + 1 if isinstance(part, int) else part)
