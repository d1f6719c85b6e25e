"""What can be asked of a fact: the stem, the answer, and the same thing as a statement.

Templates stand here once for all item models. A stem is "<setting>, <according to>, <question>?"; the setting is
the book's short form of the event, so that every stem stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from questions.factbook import FactBook
from questions.facts import (
    AgreementFact,
    AnyFact,
    CompositionFact,
    DateFact,
    Entity,
    EventFact,
    NumberFact,
    PersonRoleFact,
    QuoteFact,
    SourceConflictFact,
    StatementFact,
    TopicNotRaisedFact,
    TopicRaisedFact,
    iso,
    span,
)
from questions.grammar import (
    Part,
    Precision,
    agreement,
    capitalised,
    counted,
    date_text,
    how_many,
    it_was,
    joined,
    oblique,
    past,
    past_after,
    possessive,
    said_by,
    weekday_text,
    what_ar,
    what_en,
)
from questions.item_models.frame import Frame
from questions.texts import Bilingual


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date at the precision at which it is asked."""

    day: date
    precision: Precision
    part: Part | None = None

    @property
    def id(self) -> str:
        return iso(self.day, self.precision, self.part)

    @property
    def span(self) -> tuple[date, date]:
        return span(self.day, self.precision, self.part)

    @property
    def text(self) -> Bilingual:
        return date_text(self.day, self.precision, self.part)


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday 0."""

    index: int


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """An answer in words, whose rivals are the fact's own foils."""

    id: str
    text: Bilingual


Answer = Entity | DateValue | Weekday | Number | Phrase


@dataclass(frozen=True, slots=True)
class Ask:
    """One askable field of a fact (a point), ready to be put in any item model."""

    fact: AnyFact
    asked: str
    stem: Bilingual
    answer: Answer
    statement: Callable[[Answer], Bilingual] | None = None  # the fact with this answer put in
    holds: bool | None = None  # whether the statement with the right answer is true; None: a rival may be put in

    @property
    def point(self) -> str:
        return f"{self.fact.id}.{self.asked}"


def text_of(answer: Answer) -> Bilingual:
    match answer:
        case Entity():
            return answer.name
        case DateValue() | Phrase():
            return answer.text
        case Weekday():
            return weekday_text(answer.index)
        case Number():
            return Bilingual(ar=str(answer.value), en=str(answer.value))
        case _:
            assert_never(answer)


_VERBS: dict[str, Bilingual] = {
    "stated": Bilingual(ar="قال", en="said"),
    "hoped": Bilingual(ar="عبّر عن الأمل في", en="hoped"),
    "hinted": Bilingual(ar="ألمح إلى", en="hinted"),
    "proposed": Bilingual(ar="اقترح", en="proposed"),
    "promised": Bilingual(ar="وعد", en="promised"),
    "agreed": Bilingual(ar="اتفق على", en="agreed"),
    "denied": Bilingual(ar="نفى", en="denied"),
}
_AGREED: dict[str, Bilingual] = {
    "agreed": Bilingual(ar="اتفق", en="agreed"),
    "to_be_started": Bilingual(ar="اتفق", en="agreed"),
    "proposed": Bilingual(ar="اقترح", en="proposed"),
    "promised": Bilingual(ar="وعد", en="promised"),
}


def asks(fact: AnyFact, book: FactBook) -> Iterator[Ask]:
    """Every field of the fact that can be asked for, each once."""
    frame = Frame(fact, book)
    match fact:
        case EventFact():
            yield from _event(fact, frame)
        case DateFact():
            yield from _date(fact, frame)
        case NumberFact():
            yield _number(fact, frame)
        case PersonRoleFact():
            yield from _person_role(fact, frame)
        case TopicRaisedFact():
            yield from _topic_raised(fact, frame)
        case TopicNotRaisedFact():
            yield _topic_not_raised(fact, frame)
        case StatementFact():
            yield from _statement(fact, frame)
        case AgreementFact():
            yield _agreement(fact, frame)
        case QuoteFact():
            yield from _quote(fact, frame)
        case SourceConflictFact():
            yield from _source_conflict(fact, frame)
        case CompositionFact():
            return  # asked whole, by multi-select
        case _:
            assert_never(fact)


def _event(fact: EventFact, frame: Frame) -> Iterator[Ask]:
    voice = frame.voice()
    words = {"who": ("مَن", "who"), "where": ("أين", "where"), "how": ("كيف", "how")}
    for asked in ("who", "where", "how"):
        rest = fact.asks.get(asked)
        if rest is None or (asked == "who" and len(fact.who) != 1):
            continue
        answer = {"who": fact.who[0] if fact.who else None, "where": fact.where, "how": fact.how}[asked]
        assert answer is not None  # noqa: S101  (asks.<asked> needs the field: checked with the fact)
        ar, en = words[asked]
        stem = frame.put(f"{ar} {rest.ar}", f"{en} {rest.en}", voice=voice)
        yield Ask(fact, asked, stem, frame.entity(answer))


def _date(fact: DateFact, frame: Frame) -> Iterator[Ask]:
    ar, en = {
        "day": ("في أي تاريخ", "on what date"),
        "month": ("في أي شهر وسنة", "in which month and year"),
        "part_of_month": ("في أي جزء من أي شهر", "in which part of which month"),
    }[fact.precision]
    voice = frame.voice()
    stem = frame.put(f"{ar} {fact.did.ar}", f"{en} {fact.did.en}", voice=voice)
    yield Ask(fact, "when", stem, DateValue(fact.value, fact.precision, fact.part))
    if fact.ask_weekday:
        stem = frame.put(
            f"في أي يوم من أيام الأسبوع {fact.did.ar}", f"on which day of the week {fact.did.en}", voice=voice
        )
        yield Ask(fact, "weekday", stem, Weekday(fact.value.weekday()))


def _number(fact: NumberFact, frame: Frame) -> Ask:
    voice = frame.voice()

    def statement(answer: Answer) -> Bilingual:
        assert isinstance(answer, Number)  # noqa: S101  (rivals of a number are numbers)
        said = counted(answer.value, fact.unit)
        return frame.put(
            (fact.sentence.ar or "").replace("{n}", said.ar or ""),
            (fact.sentence.en or "").replace("{n}", said.en or ""),
            voice=voice,
            end=".",
        )

    asked = how_many(fact.unit)
    stem = frame.put(f"{asked.ar} {fact.did.ar}", f"{asked.en} {fact.did.en}", voice=voice)
    return Ask(fact, "count", stem, Number(fact.value), statement)


def _person_role(fact: PersonRoleFact, frame: Frame) -> Iterator[Ask]:
    person, event = frame.entity(fact.person), frame.book.header.event.name

    def statement(answer: Answer) -> Bilingual:
        assert isinstance(answer, Entity)  # noqa: S101  (rivals of a person are persons)
        was = "was" if agreement(answer)[1] == "singular" else "were"
        return Bilingual(
            ar=f"{past('كان', answer)} {answer.name.ar} {fact.role.ar} وقت {event.ar}.",
            en=capitalised(f"{answer.name.en} {was} {fact.role.en} at the time of {event.en}."),
        )

    # An Arabic role is of the gender of whoever holds it: the verb says no more than the role does, and
    # rivals are of that gender.
    stem = Bilingual(
        ar=f"مَن {past('كان', person)} {fact.role.ar} وقت {event.ar}؟",
        en=f"Who was {fact.role.en} at the time of {event.en}?",
    )
    yield Ask(fact, "who", stem, person, statement)
    # Of a president and of a guide alike: not all roles are offices.
    stem = Bilingual(
        ar=f"ما صفة {oblique(person)} وقت {event.ar}؟",
        en=f"What was {possessive(person.name.en or '')} role at the time of {event.en}?",
    )
    yield Ask(fact, "role", stem, Phrase(fact.id, fact.role))


def _raised(frame: Frame) -> Callable[[Answer], Bilingual]:
    def statement(answer: Answer) -> Bilingual:
        name = text_of(answer)
        return frame.put(
            f"كان من بين ما جرى تناوله {name.ar}",
            f"the matters taken up included {name.en}",
            voice=frame.voice(),
            end=".",
        )

    return statement


def _topic_raised(fact: TopicRaisedFact, frame: Frame) -> Iterator[Ask]:
    matter, voice = frame.entity(fact.matter), frame.voice()

    # "Taken up", not "raised": a matter that was only mentioned is a wrong answer too.
    stem = frame.put("أيّ هذه الموضوعات جرى تناوله", "which of these matters was taken up", voice=voice)
    yield Ask(fact, "raised", stem, matter, _raised(frame), holds=True)
    if len(fact.by) == 1:
        voice = frame.voice(without=fact.by)
        stem = frame.put(f"مَن أثار موضوع {oblique(matter)}", f"who brought up {matter.name.en}", voice=voice)
        yield Ask(fact, "by", stem, frame.entity(fact.by[0]))


def _topic_not_raised(fact: TopicNotRaisedFact, frame: Frame) -> Ask:
    ar, en = {
        "excluded": ("أيّ هذه الموضوعات **لم** يُطرح", "which of these matters was **not** raised"),
        "not_taken_up": (
            "أيّ هذه الموضوعات ذُكر وقيل إنه **لم** يُناقَش",
            "which of these matters was mentioned, but is said **not** to have been discussed",
        ),
    }[fact.kind]
    stem = frame.put(ar, en, voice=frame.voice())
    # What was left out gives the false statements of this kind, what was raised the true ones.
    statement = _raised(frame) if fact.kind == "excluded" else None
    return Ask(fact, "not_raised", stem, frame.entity(fact.matter), statement, holds=False)


def _statement(fact: StatementFact, frame: Frame) -> Iterator[Ask]:
    verb = fact.verb or _VERBS[fact.strength]
    speakers = frame.names(fact.speaker)
    first = frame.entity(fact.speaker[0])
    agreeing = past(verb.ar or "", first)
    voice = frame.voice(without=fact.speaker)

    if len(fact.speaker) == 1:

        def by(answer: Answer) -> Bilingual:
            assert isinstance(answer, Entity)  # noqa: S101  (rivals of a speaker are entities)
            return frame.put(
                f"{past('كان', answer)} {answer.name.ar} {it_was(answer)} "
                f"{past_after(verb.ar or '', answer)} {fact.claim.ar}",
                f"it was {answer.name.en} {_which(answer)} {verb.en} {fact.claim.en}",
                voice=voice,
                end=".",
            )

        stem = frame.put(f"مَن {verb.ar} {fact.claim.ar}", f"who {verb.en} {fact.claim.en}", voice=voice)
        yield Ask(fact, "speaker", stem, first, by)

    if fact.reported_by is not None and fact.reported_by not in fact.speaker:
        told = joined([oblique(frame.entity(name)) for name in fact.speaker], "ar")
        said = past_after(verb.ar or "", *map(frame.entity, fact.speaker))
        stem = frame.put(
            f"لمن الرواية القائلة إن {told} {said} {fact.claim.ar}",
            f"whose account is it that {speakers.en} {verb.en} {fact.claim.en}",
            told_of=True,
        )
        yield Ask(fact, "reported_by", stem, frame.entity(fact.reported_by))

    def saying(answer: Answer) -> Bilingual:
        said = text_of(answer)
        return frame.put(
            f"{said_by(agreeing, speakers.ar or '')} {said.ar}",
            f"{speakers.en} {verb.en} {said.en}",
            voice=voice,
            end=".",
        )

    stem = frame.put(
        f"{what_ar(agreeing, speakers.ar or '', fact.claim.ar or '')} بشأن {fact.about.ar}",
        f"{what_en(verb.en or '', speakers.en or '', fact.claim.en or '')} regarding {fact.about.en}",
        voice=voice,
    )
    yield Ask(fact, "claim", stem, Phrase(fact.id, fact.claim), saying)


def _which(answer: Entity) -> str:
    """The relative pronoun after "it was ...": "who" of a person, "that" of a body."""
    return "who" if answer.kind == "person" else "that"


def _agreement(fact: AgreementFact, frame: Frame) -> Ask:
    verb, parties, voice = _AGREED[fact.agreed], frame.names(fact.parties), frame.voice(without=fact.parties)
    agreeing = past(verb.ar or "", frame.entity(fact.parties[0]))

    def statement(answer: Answer) -> Bilingual:
        said = text_of(answer)
        return frame.put(
            f"{agreeing} {parties.ar} {said.ar}", f"{parties.en} {verb.en} {said.en}", voice=voice, end="."
        )

    stem = frame.put(
        f"{what_ar(agreeing, parties.ar or '', fact.content.ar or '')} بشأن {fact.on.ar}",
        f"{what_en(verb.en or '', parties.en or '', fact.content.en or '')} regarding {fact.on.en}",
        voice=voice,
    )
    return Ask(fact, "content", stem, Phrase(fact.id, fact.content), statement)


def _quote(fact: QuoteFact, frame: Frame) -> Iterator[Ask]:
    speaker, voice = frame.entity(fact.speaker), frame.voice(without=(fact.speaker,))
    phrase = Bilingual(ar="كلمة", en="word") if fact.one_word else Bilingual(ar="عبارة", en="words")

    def by(answer: Answer) -> Bilingual:
        assert isinstance(answer, Entity)  # noqa: S101  (rivals of a speaker are entities)
        return frame.put(
            f"{past('كان', answer)} {answer.name.ar} {it_was(answer)} "
            f"{past_after('استخدم', answer)} {phrase.ar} «{fact.words.ar}» في وصف {fact.about.ar}",
            f"it was {answer.name.en} {_which(answer)} used the {phrase.en} “{fact.words.en}” "
            f"to describe {fact.about.en}",
            voice=voice,
            end=".",
        )

    stem = frame.put(
        f"مَن استخدم {phrase.ar} «{fact.words.ar}» في وصف {fact.about.ar}",
        f"who used the {phrase.en} “{fact.words.en}” to describe {fact.about.en}",
        voice=voice,
    )
    yield Ask(fact, "speaker", stem, speaker, by)
    stem = frame.put(
        f"بأي {phrase.ar} {past('وصف', speaker)} {speaker.name.ar} {fact.about.ar}",
        f"with which {phrase.en} did {speaker.name.en} describe {fact.about.en}",
        voice=voice,
    )
    words = Bilingual(ar=f"«{fact.words.ar}»", en=f"“{fact.words.en}”")
    yield Ask(fact, "words", stem, Phrase(fact.id, words))


def _source_conflict(fact: SourceConflictFact, frame: Frame) -> Iterator[Ask]:
    for asked, account, source in (
        ("account_a", fact.account_a, fact.source_a),
        ("account_b", fact.account_b, fact.source_b),
    ):
        stem = frame.put(
            f"هناك روايتان عن {fact.matter.ar}. لمن الرواية القائلة {account.ar}",
            f"there are two accounts of {fact.matter.en}. Whose is the account {account.en}",
        )
        yield Ask(fact, asked, stem, frame.entity(source))
