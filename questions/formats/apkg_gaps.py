"""The gaps of an Anki cloze: `{{c1::answer::hint}}`, one within another too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from questions.formats.markup import to_plain

GAP = re.compile(r"\{\{c(\d{1,3}(?:,\d{1,3}){0,20})::|\}\}")
BLANK = "\ue100"  # stands where the answer is wanted, until the text is plain
_DEEPEST = 20


@dataclass(slots=True)
class Gap:
    """What is hidden when one of its numbers is asked."""

    numbers: frozenset[int]
    parts: list[str | Gap] = field(default_factory=list)
    hint: str = ""

    def all_numbers(self) -> set[int]:
        """Its own numbers, and those of the gaps within it."""
        return set(self.numbers).union(*(part.all_numbers() for part in self.parts if isinstance(part, Gap)))


def cloze_parts(source: str) -> list[str | Gap]:
    """Text and gaps in turn. A gap that is never closed is text."""
    stack: list[list[str | Gap]] = [[]]
    gaps: list[Gap] = []
    end = 0
    for found in GAP.finditer(source):
        stack[-1].append(source[end : found.start()])
        end = found.end()
        if found[1] and len(gaps) < _DEEPEST:
            gaps.append(Gap(frozenset(int(number) for number in found[1].split(","))))
            stack.append(gaps[-1].parts)
        elif not found[1] and gaps:
            gap = gaps.pop()
            stack.pop()
            _take_hint(gap)
            stack[-1].append(gap)
        else:
            stack[-1].append(found[0])
    stack[-1].append(source[end:])
    return [part for level in stack for part in level]


def _take_hint(gap: Gap) -> None:
    for at, part in enumerate(gap.parts):
        if isinstance(part, str) and "::" in part:
            text, _, hint = part.partition("::")
            gap.parts[at:] = [text]
            gap.hint = " ".join(to_plain(hint)[0].split())
            return


def shown_with(parts: list[str | Gap], number: int, hidden: list[str]) -> str:
    """The text with the gaps of this number blank, and all others filled; what the blanks hide goes to `hidden`."""
    out: list[str] = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif number in part.numbers:
            hidden.append(shown_with(part.parts, 0, []))
            out.append(f"{BLANK} [{part.hint}]" if part.hint else BLANK)
        else:
            out.append(shown_with(part.parts, number, hidden))
    return "".join(out)
