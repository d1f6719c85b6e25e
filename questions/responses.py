"""What a learner sends, by kind of question, and what was shown to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from questions.texts import Value

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LONGEST = 500  # characters of a written answer


class Chosen(Value):
    kind: Literal["chosen"] = "chosen"
    option: _Id


class ChosenMany(Value):
    kind: Literal["chosen_many"] = "chosen_many"
    options: tuple[_Id, ...]


class Judged(Value):
    kind: Literal["judged"] = "judged"
    value: bool


class Written(Value):
    kind: Literal["written"] = "written"
    text: Annotated[str, StringConstraints(max_length=LONGEST)]


class Ordered(Value):
    """Ids of the items, first to last."""

    kind: Literal["ordered"] = "ordered"
    items: tuple[_Id, ...]


class Matched(Value):
    """(left id, right id) for each left side."""

    kind: Literal["matched"] = "matched"
    pairs: tuple[tuple[_Id, _Id], ...]


class Unknown(Value):
    """ "I don't know": an honest answer, and a wrong one."""

    kind: Literal["unknown"] = "unknown"


Response = Annotated[Chosen | ChosenMany | Judged | Written | Ordered | Matched | Unknown, Field(discriminator="kind")]
RESPONSE: TypeAdapter[Response] = TypeAdapter(Response)


class Shown(Value):
    """Which revision of a question was shown, and in which order: what an answer is graded against."""

    revision: int
    order: tuple[_Id, ...] = ()  # options, items or left sides, by id
    rights: tuple[_Id, ...] = ()  # right sides of a matching
