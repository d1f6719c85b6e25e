"""Files that are brought into a bank: read, laid beside what is there, and taken in as a whole.

Nothing is written before someone has seen what would come of it. What a format cannot hold of a question that is here
already stays as it is; so does what was edited here since the same file came in last.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from questions import edits, formats
from questions.bank import (
    Bank,
    Entry,
    Question,
    TopicName,
    canonical,
)
from questions.errors import Conflict
from questions.formats import bank_json
from questions.formats.incoming import Incoming, Note, Place, language_of, slug
from questions.normalise import normalise
from questions.texts import LANGS, Bilingual
from quiz.models import BankRow, ImportedQuestion, ImportRow, QuestionRow
from quiz.services import banks, copying, media, teaching
from quiz.services.laying import AT_ONCE, LONG_AGO, SAID, Write, apart, bases_of, chunks, onto, same_here

log = logging.getLogger(__name__)
MOST_NOTES = 2_000  # kept with an import
_COUNTED = re.compile(r"[a-z]?[-_]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Brought:
    """A file, read. Our own bank file says more than the questions: `bank` has all of it."""

    name: str
    incoming: Incoming
    bank: Bank | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        if self.bank is not None:
            return self.bank.entries
        return tuple(Entry(question=question, changed=LONG_AGO) for question in self.incoming.questions)

    @property
    def title(self) -> Bilingual:
        """What the file calls itself, else its name."""
        if self.bank is not None:
            return self.bank.title
        words = self.incoming.title or PurePath(self.name).stem.strip()[:200] or self.name[:200] or "?"
        return Bilingual(**{language_of(words): words})


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is here already, and what it would become."""

    entry: Entry
    before: Question
    number: int
    retired: bool  # it is not asked at the moment

    @property
    def differences(self) -> tuple[tuple[str, Any, Any], ...]:
        was, now = edits.fields(self.before), edits.fields(self.entry.question)
        return tuple(
            (name, was.get(name), now.get(name)) for name in edits.changed_fields(self.before, self.entry.question)
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What bringing a file in would do, before anything is done."""

    brought: Brought
    header: Bank  # of the bank as it would be, without questions
    is_new_bank: bool
    new: tuple[Entry, ...] = ()
    changed: tuple[Change, ...] = ()
    same: tuple[Question, ...] = ()
    left: tuple[Question, ...] = ()  # would change, and are left as they are by choice
    topics: tuple[TopicName, ...] = field(default=())  # new ones
    renamed: int = 0  # of the new: under other ids than the file's, which other questions have

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.brought.incoming.notes

    @property
    def imported(self) -> int:
        return len(self.new) + len(self.changed) + len(self.same)

    @property
    def has_other_id(self) -> bool:
        """Whether a whole bank comes in under another id than its file's: it starts afresh."""
        return self.brought.bank is not None and self.brought.bank.id != self.header.id

    @property
    def retired(self) -> int:
        """Of the changed: those that are asked here and are retired in the file."""
        return sum(change.entry.retired for change in self.changed)

    @property
    def refused(self) -> int:
        return self.brought.incoming.refused

    @property
    def skipped(self) -> int:
        return self.held - self.imported - self.refused

    @property
    def held(self) -> int:
        """Retired questions of a bank file are noted as skipped by its reader, and do come in here."""
        return self.brought.incoming.held

    @property
    def seal(self) -> str:
        """Changes when what would be done does: what was looked at is what is brought in."""
        sealed = hashlib.sha256(("" if self.is_new_bank else self.header.id).encode())
        for entry in self.new:
            sealed.update(f"\n{canonical(entry.question)}{entry.retired}".encode())
        for change in self.changed:
            sealed.update(f"\n{change.number} {canonical(change.entry.question)}{change.entry.retired}".encode())
        return sealed.hexdigest()[:32]

    def report(self) -> dict[str, Any]:
        """The same counts and notes for a page, a record and `qimma bank import --report json`."""
        return {
            "file": self.brought.name,
            "format": self.brought.incoming.format,
            "bank": self.header.id if not self.is_new_bank else None,
            "held": self.held,
            "imported": self.imported,
            "new": len(self.new),
            "changed": len(self.changed) - self.retired,
            "retired": self.retired,
            "same": len(self.same),
            "renamed": self.renamed,
            "skipped": self.skipped,
            "refused": self.refused,
            "changes": [
                {"id": change.entry.question.id, "fields": [name for name, _, _ in change.differences]}
                for change in self.changed
            ],
            "notes": [
                {
                    "unit": note.place.unit,
                    "number": note.place.number,
                    "name": note.place.name,
                    "level": note.level,
                    "code": note.code,
                    "detail": note.detail,
                }
                for note in self.notes
            ],
        }


def read(data: bytes, name: str) -> Brought:
    """Read a file of any format. Raises BadFile when it is none, or is damaged as a whole."""
    if not name.lower().endswith(".json"):
        incoming = formats.read_any(data, name)
        if incoming.format != "json":
            return Brought(name, incoming)
    bank, incoming = bank_json.read_bank(data, name)
    # Retired questions come in too, and stay retired: they are no loss.
    kept = tuple(note for note in incoming.notes if (note.level, note.code) != ("skipped", "retired"))
    retired = tuple(entry.question for entry in bank.entries if entry.retired)
    return Brought(name, replace(incoming, notes=kept, questions=(*incoming.questions, *retired)), bank)


def plan(
    session: Session,
    brought: Brought,
    *,
    bank_id: str | None,
    title: Bilingual | None = None,
    writers: Mapping[str, Write],
    leave: bool = False,
    renew: bool = False,
) -> Plan:
    """Lay a file beside a bank that is here, or beside a new one. `leave`: what is here already is not touched.

    `writers` write the formats that are read: with them it is known what of a question a file could not hold.
    `renew`: the bank file's title and the like count from then on.
    """
    row = session.get(BankRow, bank_id) if bank_id is not None else None
    header = Bank.model_validate(row.header) if row is not None else _new_header(session, brought, title)
    if renew and row is not None and brought.bank is not None:
        unknown = {topic.id: topic for topic in (*brought.bank.topics, *header.topics)}
        header = brought.bank.model_copy(update={"entries": (), "topics": tuple(unknown.values())})
    topics = _topics(header, brought)
    entries = _entries(brought, header, topics)
    if row is not None and any(entry.question.id.startswith(SAID) for entry in entries):
        entries = _known(session, header.id, entries)
    given = {entry.question.id for entry in entries}
    if row is not None and (brought.bank is None or brought.bank.id != header.id):
        entries = apart(session, header.id, entries)
    rows = _rows(session, header.id, entries) if row is not None else {}
    complete = brought.bank is not None
    current = {name: banks.parse(found.body) for name, found in rows.items()}
    bases: dict[str, list[Question]] = {}
    if current and not complete:
        write = writers.get(brought.incoming.format)
        bases = bases_of(session, header, current, (entry.question for entry in entries), write, brought.name)
    new: list[Entry] = []
    changed: list[Change] = []
    same: list[Question] = []
    left: list[Question] = []
    for entry in entries:
        here = rows.get(entry.question.id)
        if here is None:
            new.append(entry)
            continue
        before, retired = current[here.id], here.retired_at is not None
        question = entry.question if complete else onto(before, bases.get(before.id, ()), entry.question)
        if question == before and (retired or here.hidden) == entry.retired:
            same.append(before)
        elif leave:
            left.append(before)
        else:
            changed.append(Change(entry.model_copy(update={"question": question}), before, here.number, retired))
    used = {entry.question.topic for entry in (*new, *(change.entry for change in changed))}
    known = {topic.id for topic in header.topics}
    fresh = tuple(topic for topic in topics.values() if topic.id in used and topic.id not in known)
    written = [*(entry.question for entry in new), *(change.entry.question for change in changed)]
    languages = copying.spoken(header.languages, written)
    return Plan(
        brought=brought,
        header=header.model_copy(update={"topics": (*header.topics, *fresh), "languages": languages}),
        is_new_bank=row is None,
        new=tuple(new),
        changed=tuple(changed),
        same=tuple(same),
        left=tuple(left),
        topics=fresh,
        renamed=sum(entry.question.id not in given for entry in new),
    )


def _new_header(session: Session, brought: Brought, title: Bilingual | None) -> Bank:
    """A bank file keeps its id where it is free, so that Anki notes and memories made elsewhere go on with it."""
    if brought.bank is not None:
        bank = brought.bank.model_copy(update={"entries": (), "title": title or brought.bank.title})
        return bank if session.get(BankRow, bank.id) is None else copying.named_anew(bank)
    return copying.empty(title or brought.title, copying.spoken((), brought.incoming.questions) or LANGS)


def _topics(header: Bank, brought: Brought) -> dict[str, TopicName]:
    """For each topic of the file, by its id there, the bank's of that id or that name; a new one otherwise."""
    by_id = {topic.id: topic for topic in header.topics}
    by_name = {normalise(text): topic for topic in header.topics for lang in LANGS if (text := topic.name.get(lang))}
    found: dict[str, TopicName] = {}
    for topic in brought.incoming.topics:
        names = (by_name.get(normalise(text)) for lang in LANGS if (text := topic.name.get(lang)))
        here, alike = by_id.get(topic.id), next(filter(None, names), None)
        if here is not None and here is not alike and _COUNTED.fullmatch(topic.id):  # the "1" of another file
            here = alike or topic.model_copy(update={"id": slug(topic.name.best("en")[1], "t")})
        found[topic.id] = here or alike or topic
    return found


def _entries(brought: Brought, header: Bank, topics: dict[str, TopicName]) -> list[Entry]:
    """What the file gives, with the bank's topics, and its pictures named as stored questions name them."""
    out: list[Entry] = []
    known = {topic.id for topic in header.topics}
    for entry in brought.entries:
        topic = entry.question.topic
        question = media.named(entry.question)
        if topic in topics and topics[topic].id != topic:
            question = question.model_copy(update={"topic": topics[topic].id})
        elif topic is not None and topic not in topics and topic not in known:
            topics[topic] = TopicName(id=topic, name=Bilingual(en=topic))
        out.append(entry.model_copy(update={"question": question}))
    return out


def _known(session: Session, bank_id: str, entries: list[Entry]) -> list[Entry]:
    """Questions without ids under those of the bank, where it has the same ones."""
    own = _rows(session, bank_id, entries)
    strangers = [entry.question for entry in entries if entry.question.id not in own]
    ids = same_here(banks.live(session, bank_id), strangers)
    taken = {entry.question.id for entry in entries}
    out: list[Entry] = []
    for entry in entries:
        known = ids.get(entry.question.id)
        if known is not None and known not in taken:
            taken.add(known)
            entry = entry.model_copy(update={"question": entry.question.model_copy(update={"id": known})})
        out.append(entry)
    return out


def _rows(session: Session, bank_id: str, entries: Sequence[Entry]) -> dict[str, Row[Any]]:
    rows: dict[str, Row[Any]] = {}
    for ids in chunks([entry.question.id for entry in entries]):
        found = session.execute(
            select(
                QuestionRow.id, QuestionRow.number, QuestionRow.body, QuestionRow.retired_at, QuestionRow.hidden
            ).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(ids))
        )
        rows |= {row.id: row for row in found}
    return rows


# ---------------------------------------------------------------- taking it in


def bring_in(session: Session, planned: Plan, *, author_id: int | None, now: datetime) -> int:
    """Do what was planned, all of it or nothing. Returns the import's id.

    Raises Conflict when the bank's id was taken meanwhile.
    """
    header = planned.header
    if planned.is_new_bank:
        if session.get(BankRow, header.id) is not None:
            raise Conflict("the bank's id was taken meanwhile")
        # Whoever brings a whole bank in at the command line has decided on it.
        state = "public" if author_id is None and planned.brought.bank is not None else "draft"
        row = BankRow(id=header.id, header=banks.header_of(header), state=state, owner_id=author_id, created_at=now)
        session.add(row)
        session.flush()
        if author_id is not None:
            copying.add_editor(session, header.id, author_id, owner=True, now=now)
    states = _states(session, header.id, [change.before.id for change in planned.changed])
    entries = (*planned.new, *(change.entry for change in planned.changed))
    shown = {media.digest_of(item) for entry in entries for item in entry.question.media}
    held = (entry.question for entry in planned.brought.entries if shown.intersection(_digests(entry.question)))
    files = media.keep(session, header.id, held)
    banks.import_file(session, header.model_copy(update={"entries": entries}), now=now, author_id=author_id)
    report = planned.report()
    report |= {
        "bank": header.id,
        "notes": report["notes"][:MOST_NOTES],
        "states": states,
        "topics": [topic.id for topic in planned.topics] if not planned.is_new_bank else [],
        "media": files,
    }
    made = ImportRow(bank_id=header.id, name=planned.brought.name[:200], report=report, author_id=author_id, at=now)
    session.add(made)
    session.flush()
    before = {change.before.id: change.number for change in planned.changed}
    for first in range(0, len(entries), AT_ONCE):
        session.add_all(
            ImportedQuestion(
                import_id=made.id,
                bank_id=header.id,
                question_id=entry.question.id,
                before=before.get(entry.question.id),
            )
            for entry in entries[first : first + AT_ONCE]
        )
        session.flush()
    if author_id is not None:
        detail = {"import": str(made.id), "file": planned.brought.name[:200], "questions": len(entries)}
        teaching.journal(session, "imported", author_id=author_id, now=now, bank_id=header.id, detail=detail)
    log.info("%s questions brought into bank %s", len(entries), header.id)
    return made.id


def _digests(question: Question) -> list[str]:
    return [media.digest_of(item) for item in media.sound(question)]


def notes_of(report: Mapping[str, Any]) -> list[Note]:
    """The notes of a kept report."""
    return [
        Note(Place(note["unit"], note["number"], note["name"]), note["level"], note["code"], note["detail"])
        for note in report["notes"]
    ]


def _states(session: Session, bank_id: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """How questions stood that an import changes, where they stood otherwise than plainly asked."""
    states: dict[str, dict[str, Any]] = {}
    for chunk in chunks(ids):
        for row in session.scalars(
            select(QuestionRow).where(QuestionRow.bank_id == bank_id, QuestionRow.id.in_(chunk))
        ):
            if row.retired_at is not None or row.hidden or row.conflicts:
                states[row.id] = {
                    "retired": row.retired_at is not None,
                    "withdrawn": row.withdrawn,
                    "hidden": row.hidden,
                    "conflicts": row.conflicts,
                }
    return states
