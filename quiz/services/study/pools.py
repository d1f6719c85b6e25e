"""The questions of a bank made ready for drawing, kept from one quiz to the next while the bank stays as it is."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.orm import Session

from questions.assemble import Pool
from quiz.models import QuestionRevision, QuestionRow
from quiz.services import banks

KEPT = 8  # banks

# Of each database: the pools of the banks that were last drawn from, and the state of the bank that each is of.
_pools: WeakKeyDictionary[Engine, dict[str, tuple[tuple[Any, ...], Pool]]] = WeakKeyDictionary()
# No question comes, goes or changes without moving one of these: what comes or changes has a revision more, what goes
# is one less. First and last id tell one bank of a name from another after it. No text is read.
_REVISIONS = select(func.count()).where(QuestionRevision.bank_id == bindparam("bank")).scalar_subquery()
_STATE = select(
    func.count(),
    _REVISIONS,
    func.max(QuestionRow.changed_at),
    func.min(QuestionRow.id),
    func.max(QuestionRow.id),
).where(QuestionRow.bank_id == bindparam("bank"), QuestionRow.retired_at.is_(None), QuestionRow.hidden.is_(False))


def pool_of(session: Session, bank_id: str) -> Pool:
    """What can be asked of a bank now."""
    state = tuple(session.execute(_STATE, {"bank": bank_id}).one())
    kept = _pools.setdefault(session.get_bind().engine, {})
    found = kept.pop(bank_id, None)
    if found is None or found[0] != state:
        found = (state, Pool(banks.live(session, bank_id)))
    kept[bank_id] = found
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)
    return found[1]
