"""When each question of a packaged bank last changed: `ledger.json` beside the fact files.

`qimma bank release` writes it; lint checks it. Nothing is ever removed from it, so that no id is used twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.resources.abc import Traversable

from questions.bank import Question, digest
from questions.errors import BadFile, Problem

FILE = "ledger.json"


@dataclass(frozen=True, slots=True)
class Line:
    """What the ledger says of one question."""

    digest: str
    changed: datetime
    retired: bool = False


Ledger = dict[str, Line]


def read(folder: Traversable) -> Ledger:
    """The ledger of a folder of fact files; empty where there is none. Raises BadFile on a damaged one."""
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        rows = json.loads(file.read_bytes())
        return {
            name: Line(
                str(row["digest"]),
                _instant(row["changed"]),
                bool(row["retired"]),
            )
            for name, row in rows.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadFile([Problem(FILE, "", f"is damaged ({error}); restore it from version control")]) from None


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC")
    return when.astimezone(UTC)


def renew(ledger: Ledger, questions: Iterable[Question], now: datetime) -> Ledger:
    """The ledger after a release: unchanged questions keep their time, vanished ones are marked retired."""
    stamp = now.astimezone(UTC).replace(microsecond=0)
    new: Ledger = {}
    for question in questions:
        old, now_digest = ledger.get(question.id), digest(question)
        same = old is not None and old.digest == now_digest and not old.retired
        new[question.id] = old if old is not None and same else Line(now_digest, stamp)
    for name, old in ledger.items():
        if name not in new:
            new[name] = old if old.retired else replace(old, changed=stamp, retired=True)
    return dict(sorted(new.items()))


def differences(ledger: Ledger, questions: Iterable[Question]) -> list[str]:
    """Ids of questions that were changed, added or removed since the ledger was written."""
    current = {question.id: digest(question) for question in questions}
    known = {name: line.digest for name, line in ledger.items() if not line.retired}
    return sorted(name for name in current.keys() | known.keys() if current.get(name) != known.get(name))


def dump(ledger: Ledger) -> str:
    rows = {name: {**asdict(line), "changed": line.changed.isoformat()} for name, line in sorted(ledger.items())}
    return json.dumps(rows, indent=0, ensure_ascii=False) + "\n"
