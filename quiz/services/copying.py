"""Banks made and copied, who may change them, and to whom they are open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Table, delete, insert, literal, select
from sqlalchemy.orm import Session

from questions import factbook
from questions.bank import SCHEMA, Bank, Question, TopicName
from questions.errors import BadInput, NotFound
from questions.facts import Topic
from questions.source import in_all
from questions.texts import LANGS, Bilingual, Lang
from quiz.ids import new_id
from quiz.models import (
    BankRow,
    Editor,
    FactRevision,
    FactRow,
    MediaRow,
    Passage,
    QuestionRevision,
    QuestionRow,
    User,
)
from quiz.services import banks, fact_rows, teaching

State = Literal["draft", "class", "public"]
STATES: tuple[State, ...] = ("draft", "class", "public")
LONGEST_TITLE = 200
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def make(
    session: Session, title: Bilingual, *, languages: tuple[Lang, ...] = LANGS, author_id: int, now: datetime
) -> str:
    """An empty bank, a draft of its maker's. Returns its id."""
    bank = empty(title, languages)
    session.add(BankRow(id=bank.id, header=banks.header_of(bank), state="draft", owner_id=author_id, created_at=now))
    session.flush()
    add_editor(session, bank.id, author_id, owner=True, now=now)
    return bank.id


def copy(session: Session, bank_id: str, title: Bilingual, *, author_id: int, now: datetime) -> str:
    """The same questions and facts as a bank of one's own. Memories and Anki notes do not follow. Returns its id."""
    source = session.get(BankRow, bank_id)
    if source is None:
        raise NotFound(f"there is no bank {bank_id!r}")
    new = _new_bank_id(title)
    named = {"id": new, "title": title.model_dump(exclude_none=True), "deck": _deck(title)}
    header = banks.header_of(Bank.model_validate({**source.header, **named}))
    book = None
    if source.book is not None:
        was = factbook.from_json(source.book, ())
        # A book has all its languages in every text.
        whole = title if set(was.header.languages) <= set(title.languages) else was.header.title
        book = factbook.to_json(
            replace(was, header=was.header.model_copy(update={"id": new, "title": whole, "deck": named["deck"]}))
        )
    session.add(
        BankRow(
            id=new, header=header, book=book, state="draft", owner_id=author_id, copied_from=bank_id, created_at=now
        )
    )
    session.flush()
    add_editor(session, new, author_id, owner=True, now=now)
    _copy_rows(session, bank_id, new, author_id=author_id, now=now)
    return new


def _copy_rows(session: Session, old: str, new: str, *, author_id: int, now: datetime) -> None:
    """What counts now, as first revisions, with the generated texts that it is merged with later."""
    _copied(session, _table(QuestionRow), old, bank_id=new, number=1, changed_at=now)
    _copied(session, _table(FactRow), old, bank_id=new, number=1)
    for model in (MediaRow, Passage):
        _copied(session, _table(model), old, bank_id=new)
    first: dict[str, Any] = {"bank_id": new, "number": 1, "author_id": author_id, "at": now}
    for revision, row, column in ((QuestionRevision, QuestionRow, "question_id"), (FactRevision, FactRow, "fact_id")):
        table, kept = _table(revision), _table(row)
        query = (
            select(*(_value(table, one.name, {**first, "why": "copied"}) for one in table.columns))
            .select_from(table)
            .join(
                kept,
                (kept.c.bank_id == table.c.bank_id)
                & (kept.c.id == table.c[column])
                & (kept.c.number == table.c.number),
            )
            .where(table.c.bank_id == old)
        )
        session.execute(insert(table).from_select([one.name for one in table.columns], query))


def _copied(session: Session, table: Table, old: str, **changes: Any) -> None:
    query = select(*(_value(table, column.name, changes) for column in table.columns)).where(table.c.bank_id == old)
    session.execute(insert(table).from_select([column.name for column in table.columns], query))


def _value(table: Table, name: str, changes: dict[str, Any]) -> Any:
    return literal(changes[name], table.c[name].type).label(name) if name in changes else table.c[name]


def _table(model: type[Any]) -> Table:
    table: Table = model.__table__
    return table


def empty(title: Bilingual, languages: tuple[Lang, ...]) -> Bank:
    """A bank to be, with an id that no other has."""
    return Bank(schema=SCHEMA, id=_new_bank_id(title), title=title, deck=_deck(title), languages=languages)


def spoken(languages: Iterable[Lang], questions: Iterable[Question]) -> tuple[Lang, ...]:
    """Languages, and those in which questions are asked."""
    found = set(languages).union(*(question.stem.languages for question in questions))
    return tuple(lang for lang in LANGS if lang in found)


def named_anew(bank: Bank) -> Bank:
    """The same bank as another one: Anki's notes and memories do not go along."""
    return bank.model_copy(update={"id": _new_bank_id(bank.title), "deck": _deck(bank.title)})


def _new_bank_id(title: Bilingual) -> str:
    """A readable beginning where there are Latin letters, and an end that no other bank has."""
    plain = re.sub(r"[^a-z0-9]+", "-", (title.en or "").casefold()).strip("-")[:40].strip("-")
    return f"{plain or 'bank'}-{base36(new_id())[-8:]}"


def fresh_question_id() -> str:
    """The id of a question that is written by hand: never used before."""
    return f"q-{base36(new_id())}"


def base36(number: int) -> str:
    out = ""
    while number:
        number, digit = divmod(number, 36)
        out = _DIGITS[digit] + out
    return out or "0"


def _deck(title: Bilingual) -> str:
    return title.best("ar")[1]


def rename(session: Session, row: BankRow, title: Bilingual, description: Bilingual | None) -> None:
    """The deck keeps its name: Anki knows it by that."""
    bank = Bank.model_validate(row.header).model_copy(update={"title": title, "description": description})
    row.header = banks.header_of(bank)
    if row.book is not None:
        book = factbook.from_json(row.book, ())
        book = fact_rows.with_original(book, "header", book.header)
        whole = in_all(title, book.header.languages)
        row.book = factbook.to_json(replace(book, header=book.header.model_copy(update={"title": whole})))
    session.flush()


def speak(session: Session, row: BankRow, languages: Iterable[Lang]) -> None:
    """Let its questions be written in more languages; none is taken away. A book of facts has those it began with."""
    if row.book is None:
        bank = Bank.model_validate(row.header)
        both = tuple(lang for lang in LANGS if lang in {*bank.languages, *languages})
        row.header = banks.header_of(bank.model_copy(update={"languages": both}))
        session.flush()


def set_state(session: Session, row: BankRow, state: str) -> None:
    """Raises BadInput."""
    if state not in STATES:
        raise BadInput("state")
    row.state = state
    session.flush()


def topic(session: Session, row: BankRow, name: Bilingual) -> str:
    """The id of a bank's topic of that name, made when it is new."""
    bank = Bank.model_validate(row.header)
    for known in bank.topics:
        if any(name.get(lang) and name.get(lang) == known.name.get(lang) for lang in LANGS):
            return known.id
    made = TopicName(id=f"t-{base36(new_id())[-8:]}", name=name)
    row.header = banks.header_of(bank.model_copy(update={"topics": (*bank.topics, made)}))
    session.flush()
    return made.id


def rename_topic(session: Session, row: BankRow, topic_id: str, name: Bilingual) -> None:
    """Raises NotFound."""
    bank = Bank.model_validate(row.header)
    topics = {topic.id: topic for topic in bank.topics}
    if topic_id not in topics:
        raise NotFound(f"there is no topic {topic_id!r}")
    topics[topic_id] = TopicName(id=topic_id, name=name)
    row.header = banks.header_of(bank.model_copy(update={"topics": tuple(topics.values())}))
    if row.book is not None and topic_id in (book := factbook.from_json(row.book, ())).topics:
        book = fact_rows.with_original(book, f"topic {topic_id}", book.topics[topic_id])
        renamed = Topic(id=topic_id, name=in_all(name, book.header.languages))
        row.book = factbook.to_json(replace(book, topics={**book.topics, topic_id: renamed}))
    session.flush()


# ---------------------------------------------------------------- editors


@dataclass(frozen=True, slots=True)
class EditorLine:
    user_id: int
    name: str | None
    owner: bool
    since: datetime


def editors(session: Session, bank_id: str) -> list[EditorLine]:
    rows = session.execute(
        select(Editor, User.login_name)
        .join(User, User.id == Editor.user_id)
        .where(Editor.bank_id == bank_id)
        .order_by(Editor.owner.desc(), Editor.at)
    )
    return [EditorLine(editor.user_id, name, editor.owner, editor.at) for editor, name in rows]


def add_editor(session: Session, bank_id: str, user_id: int, *, owner: bool = False, now: datetime) -> None:
    """Adding again changes nothing but makes an owner of an editor where that is meant."""
    editor = session.get(Editor, (bank_id, user_id))
    if editor is None:
        session.add(Editor(bank_id=bank_id, user_id=user_id, owner=owner, at=now))
    else:
        editor.owner = editor.owner or owner
    session.flush()


def make_owner(session: Session, bank_id: str, user_id: int) -> None:
    """Of one of its editors. Raises NotFound."""
    editor = session.get(Editor, (bank_id, user_id))
    if editor is None:
        raise NotFound("there is no such editor")
    editor.owner = True
    session.flush()


def remove_editor(session: Session, bank_id: str, user_id: int) -> None:
    """Raises BadInput when they are the last owner: nobody could then decide on the bank."""
    # The editors' rows are taken first, so that two owners do not remove each other at once.
    rows = session.scalars(select(Editor).where(Editor.bank_id == bank_id).with_for_update()).all()
    if not any(row.owner for row in rows if row.user_id != user_id) and any(row.user_id == user_id for row in rows):
        raise BadInput("last-owner")
    session.execute(delete(Editor).where(Editor.bank_id == bank_id, Editor.user_id == user_id))


@dataclass(frozen=True, slots=True)
class Legacy:
    """What becomes of a bank when its only owner leaves: an editor takes it over, or (None) the administrators."""

    bank_id: str
    title: Bilingual
    heir_id: int | None
    heir: str | None


def legacies(session: Session, user_ids: Sequence[int]) -> list[Legacy]:
    """The banks that have no other owner, each with whoever of its editors is one the longest."""
    banks_ = select(Editor.bank_id).where(Editor.user_id.in_(user_ids), Editor.owner)
    rows = session.execute(
        select(Editor, User.login_name)
        .join(User, User.id == Editor.user_id)
        .where(Editor.bank_id.in_(banks_), Editor.user_id.not_in(user_ids))
        .order_by(Editor.bank_id, Editor.at, Editor.user_id)
    ).all()
    owned = {editor.bank_id for editor, _name in rows if editor.owner}
    heirs: dict[str, tuple[int, str | None]] = {}
    for editor, name in rows:
        heirs.setdefault(editor.bank_id, (editor.user_id, name))
    titles = banks.headers(session, set(session.scalars(banks_)) - owned)
    return [Legacy(bank_id, bank.title, *heirs.get(bank_id, (None, None))) for bank_id, bank in sorted(titles.items())]


def hand_over(session: Session, user_ids: Sequence[int], *, now: datetime) -> None:
    """Before people leave: what they alone own passes to its longest editor; and it is written down."""
    for one in legacies(session, user_ids):
        if one.heir_id is not None:
            session.get_one(Editor, (one.bank_id, one.heir_id)).owner = True
        teaching.journal(session, "owner", author_id=one.heir_id, now=now, bank_id=one.bank_id)
    session.flush()
