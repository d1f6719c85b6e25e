"""The project's own exceptions: every refusal that a person should read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file: where it is, and what was expected there."""

    file: str
    where: str  # 'fact "f-017", field topic'; empty when it is the file itself
    what: str
    # The same for a page, which says it in the reader's language: what is wrong, and in what field of what.
    code: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    block: str = ""
    name: str = ""
    field: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.where, self.what) if part)


class Unfit(ValueError):
    """What keeps values from going together, where a model finds it: in words, and as a code with what it speaks of."""

    def __init__(self, code: str, what: str, **params: str) -> None:
        super().__init__(what)
        self.code, self.params = code, params


class QuizError(Exception):
    """Parent of everything that the project refuses; its text is for the reader."""


class BadFile(QuizError):
    """A file cannot be taken; `problems` holds everything that was found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class NotFound(QuizError):
    """There is no such thing, or it is somebody else's: the answer is the same."""


class NotAllowed(QuizError):
    """An area that is not one's own."""


class Conflict(QuizError):
    """The thing has changed meanwhile, or is closed."""


class BadInput(QuizError):
    """What was sent cannot be taken; nothing was changed."""
