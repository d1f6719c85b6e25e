"""What a file says of questions that are here already, laid onto them.

What the file's format cannot hold of a question stays as it is, and so does what was edited here since the same text
came in before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions import alike, edits, formats
from questions.bank import (
    Bank,
    ChoiceQuestion,
    Entry,
    MatchingQuestion,
    MultiSelectQuestion,
    OrderingQuestion,
    Question,
)
from questions.errors import BadFile
from questions.formats.incoming import content_id
from questions.texts import LANGS, Bilingual, Lang, plain
from quiz.models import QuestionRevision, QuestionRow
from quiz.services import media, stored

Write = Callable[[Bank, Lang], bytes]
AT_ONCE = 500
_MOST_OF_AN_ID = 50  # files that count from 1
_BY_HAND = re.compile(r"q-[0-9a-z]{9,}")  # ids of questions that were written here
TAKEN_BACK = "import-undone"  # why a revision is there
SAID = "x-"  # how ids begin that readers make of what a question says
LONG_AGO = datetime.fromtimestamp(0, UTC)  # when a question changed of which a file does not say it


def bases_of(
    session: Session,
    header: Bank,
    here: Mapping[str, Question],
    given: Iterable[Question],
    write: Write | None,
    name: str,
) -> dict[str, list[Question]]:
    """For questions that are here: what the file's format holds of each, and what a file said of it last.

    `write` writes the format; None when nobody can. `name` is the file's: a reader goes by its ending.
    """
    met = [question for question in given if question.id in here and question != here[question.id]]
    last = _last_said(session, header.id, [question.id for question in met])
    bases = {name: [question] for name, question in last.items()}
    if write is not None:
        unlike = [question for question in met if last.get(question.id) != question]
        for lang in LANGS:
            spoken = [here[question.id] for question in unlike if question.stem.best(lang)[0] == lang]
            for question in _reread(session, header, spoken, write, lang, name):
                bases.setdefault(question.id, []).insert(0, question)
    return bases


def _last_said(session: Session, bank_id: str, ids: Sequence[str]) -> dict[str, Question]:
    """What a file said of questions last, unless that was taken back."""
    last: dict[str, Question] = {}
    for part in chunks(ids):
        rows = session.execute(
            select(QuestionRevision.question_id, QuestionRevision.why, QuestionRevision.body)
            .where(
                QuestionRevision.bank_id == bank_id,
                QuestionRevision.question_id.in_(part),
                QuestionRevision.why.in_(("imported", TAKEN_BACK)),
            )
            .order_by(QuestionRevision.number)
        )
        newest = {row.question_id: row for row in rows}
        last |= {name: stored.parse(row.body) for name, row in newest.items() if row.why == "imported"}
    return last


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """No database takes any number of values at once."""
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


def _reread(
    session: Session, header: Bank, questions: Sequence[Question], write: Write, lang: Lang, name: str
) -> Iterable[Question]:
    """What is left of questions on their way through a format."""
    if not questions:
        return ()
    entries = tuple(Entry(question=question, changed=LONG_AGO) for question in questions)
    try:
        data = write(media.whole(session, header.model_copy(update={"entries": entries})), lang)
        left = [media.named(question) for question in formats.read_any(data, name).questions]
    except BadFile:  # a text that the format cannot hold at all
        return ()
    if len(left) == len(questions):  # in their order: a format without ids gives them back under others
        left = [
            one.model_copy(update={"id": own.id}) if one.id.startswith(SAID) else one
            for one, own in zip(left, questions, strict=True)
        ]
    return left


def same_here(here: Iterable[Question], given: Iterable[Question]) -> dict[str, str]:
    """For questions of a file without ids: the id of the one here that says the same in the file's language."""
    wanted = {key: question.id for question in given if question.id.startswith(SAID) for key in _keys(question)[:1]}
    if not wanted:
        return {}
    found: dict[str, str] = {}
    for question in here:
        for key in _keys(question):
            if key in wanted:
                found.setdefault(wanted[key], question.id)
    return found


def _keys(question: Question) -> list[tuple[str, ...]]:
    """What it says, in each language that it has: its own text, and those beside it in no order."""
    rows = [getattr(question, name, ()) for name in ("options", "items", "pairs")]
    beside = [row.left if hasattr(row, "left") else row.text for part in rows for row in part]
    return [
        (question.kind, _bare(question.stem, lang), *sorted(_bare(text, lang) for text in beside))
        for lang in LANGS
        if question.stem.get(lang)
    ]


def _bare(text: Bilingual, lang: Lang) -> str:
    return " ".join(plain(text.best(lang)[1]).split())


def apart(session: Session, bank_id: str, entries: Sequence[Entry]) -> list[Entry]:
    """Questions under ids that other questions of the bank have, under new ones: each file may have its "1".

    The same file finds them again: of the ids "1", "1-2", "1-3" a question has that of the one it could be.
    """
    taken = {entry.question.id for entry in entries}
    waiting = [entry.question for entry in entries if not entry.question.id.startswith(SAID)]
    names: dict[str, str] = {}
    for number in range(1, _MOST_OF_AN_ID):
        wanted = {f"{one.id}-{number}" if number > 1 else one.id: one for one in waiting}
        here = _bodies(session, bank_id, list(wanted))
        unlike = [name for name, body in here.items() if not _is_one(stored.parse(body), wanted[name])]
        last = _last_said(session, bank_id, unlike)
        others = {name for name in unlike if name not in last or not _is_one(last[name], wanted[name])}
        if number > 1:
            others |= taken.intersection(wanted)
            names |= {one.id: name for name, one in wanted.items() if name not in others}
            taken.update(names.values())
        waiting = [one for name, one in wanted.items() if name in others]
        if not waiting:
            break
    names |= {one.id: content_id(one.model_dump() | {"id": None}) for one in waiting}
    return [_renumbered(entry, names) for entry in entries] if names else list(entries)


def _bodies(session: Session, bank_id: str, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(ids):
        rows = session.execute(
            select(QuestionRow.id, QuestionRow.body).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(part))
        )
        found |= {row.id: row.body for row in rows}
    return found


def _is_one(here: Question, given: Question) -> bool:
    """An id that was made here names one question everywhere."""
    made_here = (bool(here.facts) and here.id.count(".") == 2) or _BY_HAND.fullmatch(here.id)
    return bool(made_here) or alike.could_be_one(here, given)


def _renumbered(entry: Entry, names: Mapping[str, str]) -> Entry:
    question = entry.question
    own, others = names.get(question.id), tuple(names.get(name, name) for name in question.not_with)
    if own is None and others == question.not_with:
        return entry
    changed = question.model_copy(update={"id": own or question.id, "not_with": others})
    return entry.model_copy(update={"question": changed})


def onto(here: Question, bases: Sequence[Question], given: Question) -> Question:
    """What a question becomes by what a file says of it: what the file says no differently than before stays."""
    if any(base == given for base in bases):
        return here
    if not bases or bases[0].kind != given.kind or here.kind != given.kind:
        return given
    held, said = _with_ids_of(here, bases[0]), _with_ids_of(here, given)
    merged = edits.merge(held, said, here)
    return said if merged.conflicts else merged.question


def _with_ids_of(here: Question, other: Question) -> Question:
    """The same options, under the ids that they have here: by what they say, else by their place."""
    match here, other:
        case ((ChoiceQuestion() | MultiSelectQuestion()), (ChoiceQuestion() | MultiSelectQuestion())):
            ids = _renamed(here.options, other.options)
            options = [option.model_copy(update={"id": ids[option.id]}) for option in other.options]
            if isinstance(other, ChoiceQuestion):
                return other.model_copy(update={"options": tuple(options), "key": ids[other.key]})
            return other.model_copy(update={"options": tuple(options), "keys": tuple(ids[key] for key in other.keys)})
        case OrderingQuestion(), OrderingQuestion():
            ids = _renamed(here.items, other.items)
            return other.model_copy(
                update={"items": tuple(item.model_copy(update={"id": ids[item.id]}) for item in other.items)}
            )
        case MatchingQuestion(), MatchingQuestion():
            # A pair and an extra side may not share an id, either.
            pairs = _renamed(here.pairs, other.pairs, others={item.id for item in here.extra})
            extra = _renamed(here.extra, other.extra, others={*pairs.values()})
            return other.model_copy(
                update={
                    "pairs": tuple(pair.model_copy(update={"id": pairs[pair.id]}) for pair in other.pairs),
                    "extra": tuple(item.model_copy(update={"id": extra[item.id]}) for item in other.extra),
                }
            )
        case _:
            return other


def _renamed(here: Sequence[Any], other: Sequence[Any], *, others: Collection[str] = ()) -> dict[str, str]:
    ids: dict[str, str] = {}
    free = {row.id: row for row in here}
    for row in other:
        twin = next((name for name, own in free.items() if _say_the_same(own, row)), None)
        if twin is not None:
            ids[row.id] = twin
            del free[twin]
    if len(here) == len(other):
        for own, row in zip(here, other, strict=True):
            if row.id not in ids and own.id in free:
                ids[row.id] = own.id
                del free[own.id]
    taken = {*ids.values(), *free, *others}
    for row in other:
        if row.id not in ids:
            ids[row.id] = next(name for name in _names(row.id) if name not in taken)
            taken.add(ids[row.id])
    return ids


def _names(own: str) -> Iterator[str]:
    """A row's own id, and ids like it."""
    yield own
    like = own[:60].rstrip("-_")
    yield f"{like}-new"
    yield from (f"{like}-new-{nr}" for nr in count(2))


def _say_the_same(one: Any, other: Any) -> bool:
    mine, theirs = (row.left if hasattr(row, "left") else row.text for row in (one, other))
    return any(mine.get(lang) and mine.get(lang) == theirs.get(lang) for lang in LANGS)
