"""The questions of a bank made ready for drawing, kept from one quiz to the next while the bank stays as it is."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.orm import Session

from questions.assemble import Pool
from quiz.models import QuestionRevision, QuestionRow
from quiz.services import banks

KEPT = 8  # pools
MOST = 100_000  # questions in them, but for a single larger bank

_Name = tuple[str, str | None, str | None]  # bank, topic, kind
# Of each database: the pools that were last drawn from, and the state of the bank that each is of.
_pools: WeakKeyDictionary[Engine, dict[_Name, tuple[tuple[Any, ...], Pool]]] = WeakKeyDictionary()
LIVE = (QuestionRow.retired_at.is_(None), QuestionRow.hidden.is_(False))
# No question comes, goes or changes without moving one of these: what comes or changes has a revision more, what goes
# is one less. First and last id tell one bank of a name from another after it. No text is read.
_REVISIONS = select(func.count()).where(QuestionRevision.bank_id == bindparam("bank")).scalar_subquery()
_STATE = select(
    func.count(),
    _REVISIONS,
    func.max(QuestionRow.changed_at),
    func.min(QuestionRow.id),
    func.max(QuestionRow.id),
).where(QuestionRow.bank_id == bindparam("bank"), *LIVE)


def pool_of(session: Session, bank_id: str, *, topic: str | None = None, kind: str | None = None) -> Pool:
    """What can be asked of a bank now; or of one topic, or one kind of question."""
    state = tuple(session.execute(_STATE, {"bank": bank_id}).one())
    kept = _pools.setdefault(session.get_bind().engine, {})
    name = (bank_id, topic, kind)
    found = kept.pop(name, None)
    if found is None or found[0] != state:
        query = select(QuestionRow.body).where(QuestionRow.bank_id == bank_id, *LIVE)
        query = query.where(QuestionRow.topic == topic) if topic is not None else query
        query = query.where(QuestionRow.kind == kind) if kind is not None else query
        bodies = session.scalars(query.order_by(QuestionRow.place, QuestionRow.id))
        found = (state, Pool(banks.parse(body) for body in bodies))
    kept[name] = found
    for oldest in list(kept)[:-1]:
        if len(kept) > KEPT or sum(len(pool) for _, pool in list(kept.values())) > MOST:
            kept.pop(oldest, None)
    return found[1]
