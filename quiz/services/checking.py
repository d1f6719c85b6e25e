"""What is odd in a bank as a whole: doubles, missing translations, answers told. Looked for once a state of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questions import alike
from questions.bank import Question
from questions.texts import Lang
from quiz.models import QuestionRow
from quiz.services import banks

Check = Literal["exact", "near", "same", "missing", "told"]
SIZE = 50  # of a page
_FINDS: dict[Check, Callable[[list[Question], tuple[Lang, ...]], Sequence[Any]]] = {
    "exact": lambda live, languages: alike.exact(live),
    "near": alike.near,
    "same": lambda live, languages: alike.same_fact(live),
    "missing": alike.untranslated,
    "told": lambda live, languages: list(alike.told(live)),
}
CHECKS = tuple(_FINDS)


def find(session: Session, bank_id: str, check: Check) -> Sequence[Any]:
    """All that is found. Raises NotFound."""
    languages = banks.header(session, bank_id).languages
    # A revision or a retired question is another state; what was found in the last one is kept.
    state = session.execute(
        select(func.count(), func.sum(QuestionRow.number), func.max(QuestionRow.changed_at)).where(
            QuestionRow.bank_id == bank_id, QuestionRow.retired_at.is_(None), QuestionRow.hidden.is_(False)
        )
    ).one()
    key = (*state, languages)
    kept = _kept.get((bank_id, check))
    if kept is None or kept[0] != key:
        kept = _kept[bank_id, check] = (key, _FINDS[check](banks.live(session, bank_id), languages))
        while len(_kept) > _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
    return kept[1]


_MOST_KEPT = 20
_kept: dict[tuple[str, Check], tuple[tuple[Any, ...], Sequence[Any]]] = {}
