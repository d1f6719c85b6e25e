"""What a new version of a deck will bring to those who have an older package of it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

from export.anki.notes import RETIRED, notes
from questions.anki_ids import guid
from questions.bank import Bank
from questions.errors import BadFile, Problem
from questions.formats.apkg_file import open_package
from questions.formats.apkg_own import is_own


@dataclass(slots=True)
class Comparison:
    """Notes by the point that they ask, in the bank's order."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)  # changed, and now with the tag
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # other than in the package, but not newer: Anki keeps what it has
    gone: list[str] = field(default_factory=list)  # not in the bank any more: Anki keeps them


def compare(bank: Bank, old: bytes, name: str, *, address: str | None = None) -> Comparison:
    """Lay the bank beside a package that was written of it earlier, or exported from Anki, in either format.

    Raises BadFile for what is no package, is damaged or is of another bank, and for a bank that cannot be a deck.
    """
    had: dict[str, tuple[str, int, bool, list[str]]] = {}
    with open_package(old, name) as package:
        for note in package.notes:
            if note.type is None or not is_own(note.type):
                continue
            point = html.unescape(next(iter(note.fields.values())))
            if note.guid == guid(bank.id, point):
                had[note.guid] = point, note.mod, RETIRED in note.tags, list(note.fields.values())
    if not had:
        raise BadFile([Problem(name, "", f"holds no note of the bank {bank.id!r}")])
    problems: list[Problem] = []
    found = Comparison()
    for made in notes(bank, address=address, problems=problems):
        before = had.pop(made.guid, None)
        if before is None:
            found.new.append(made.name)
        elif made.mod > before[1]:
            (found.retired if made.retired and not before[2] else found.changed).append(made.name)
        else:
            (found.same if made.fields.split("\x1f") == before[3] else found.kept).append(made.name)
    if problems:
        raise BadFile(problems)
    found.gone = [point for point, *_ in had.values()]
    return found
