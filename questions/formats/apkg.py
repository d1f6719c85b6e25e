"""Anki packages in: each note becomes a question, a cloze note one for each of its gaps; our own decks come back."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from questions.bank import MARK
from questions.errors import BadFile, Problem
from questions.formats import apkg_own
from questions.formats.apkg_file import AnkiNote, Media, NoteType, Template, open_package
from questions.formats.apkg_gaps import BLANK, GAP, Gap, cloze_parts, shown_with
from questions.formats.asked import named, sniff
from questions.formats.incoming import Code, Incoming, Place, Reading, language_of
from questions.formats.markup import clean, to_plain
from questions.normalise import normalise
from questions.texts import Bilingual, Lang

_NOTES = 50_000
_TEXT = 32_000_000  # letters of all notes
_ALL_MEDIA = 40_000_000  # bytes kept of a package
_SHORT = 4  # words of an answer that one can be asked to type
_LONGEST_GAP = 12  # words
_MOST_GAPS = 50
_STATES = frozenset(("leech", "marked"))  # how a learner stands with a note, not what it is about
_SOUND = re.compile(r"\[sound:([^\]\n]{1,200})\]")
_MARKED = re.compile(r"[<&\[]")
_FIELD = re.compile(r"\{\{([^{}]+)\}\}")
_TRUE = {normalise(word) for word in ("true", "صح", "صواب", "صحيح")}
_FALSE = {normalise(word) for word in ("false", "خطأ", "خاطئ", "غلط")}
_SHOWN = {
    "picture": Bilingual(ar="ما الذي في الصورة؟", en="What does the picture show?"),
    "sound": Bilingual(ar="ما الذي يُسمع؟", en="What is heard?"),
}


class _Refused(Exception):
    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def read(data: bytes, name: str) -> Incoming:
    """Raises BadFile for what is no Anki package, or is damaged."""
    reading = Reading("apkg")
    with open_package(data, name) as package:
        if package.count > _NOTES:
            raise BadFile([Problem(name, "", f"holds more than {_NOTES} notes")])
        letters, decks = 0, _Decks()
        budget = _Budget(_ALL_MEDIA)
        for note in package.notes:
            reading.count(name, note.number)
            reading.spend(sum(text.count("<") for text in note.fields.values()))
            letters += sum(len(text) for text in note.fields.values())
            if letters > _TEXT:
                raise BadFile([Problem(name, "", f"holds more than {_TEXT} letters of text")])
            if note.type is not None and apkg_own.is_own(note.type):
                apkg_own.take(reading, note, lambda file: _kept(package.media, file, budget))
            else:
                _Taken(reading, note, package.media, budget, decks).take()
    return reading.done(decks.title)


@dataclass(slots=True)
class _Budget:
    """How many bytes of media may still be kept."""

    left: int


@dataclass(slots=True)
class _Decks:
    """The name of the deck that all notes lie in, which is what the package calls itself."""

    parts: list[str] | None = None

    def meet(self, deck: str) -> None:
        parts = deck.split("::")
        if self.parts is None:
            self.parts = parts
        else:
            same = [one for one, other in zip(self.parts, parts, strict=False) if one == other]
            self.parts = same if self.parts[: len(same)] == same else []

    @property
    def title(self) -> str | None:
        return "::".join(self.parts) or None if self.parts else None


def _kept(media: Media, name: str, budget: _Budget) -> dict[str, str] | Code:
    """A picture or sound as it is kept with a question, or why it is not."""
    data = media.read(name)
    if data is None:
        return "media-missing"
    packed = base64.b64encode(data).decode("ascii")
    kind = sniff(packed) if 0 < len(data) <= budget.left else None
    if kind is None:
        return "media-refused"
    budget.left -= len(data)
    return {"name": re.sub(r"[/\\\x00-\x1f]", "_", name)[-120:], "type": kind, "data": packed}


@dataclass(slots=True)
class _Taken:
    """One note of any type while it becomes questions."""

    reading: Reading
    note: AnkiNote
    files: Media
    budget: _Budget
    decks: _Decks
    place: Place = field(init=False)
    media: list[dict[str, str]] = field(default_factory=list)
    cleaned: bool = False
    lang: Lang = "en"

    def take(self) -> None:
        first = next((plain for text in self.note.fields.values() if (plain := _named_by(text))), "")
        self.place = Place("note", self.note.number, " ".join(first.split())[:60])
        self.lang = language_of(first if any(char.isalpha() for char in first) else " ".join(self.note.fields.values()))
        self.decks.meet(self.note.deck)
        try:
            if self.note.type is None:
                raise _Refused("not-understood", "its note type is missing")
            if self.note.type.occlusion or any("image-occlusion:" in text for text in self.note.fields.values()):
                raise _Refused("unsupported", "image occlusion")
            if "image occlusion" in self.note.type.name.casefold():
                raise _Refused("unsupported", "image occlusion")
            if self.note.type.cloze:
                self._clozes(self.note.type)
            else:
                self._ours(self._asked(self.note.type))
                if self.note.cards > 1:
                    self.reading.lost(self.place, "other-cards")
        except _Refused as refusal:
            self.reading.refuse(self.place, refusal.code, refusal.detail)
        except ValidationError as error:
            self.reading.refuse(self.place, "not-understood", str(error.errors(include_url=False)[0]["msg"])[:200])

    def _ours(self, question: dict[str, Any]) -> None:
        """Hand a question over, with what every question of the note has."""
        before = len(self.reading.questions)
        tags = tuple(tag for tag in self.note.tags if tag.casefold() not in _STATES)
        question = {**question, "tags": tags, "media": tuple(self.media), "topic": self._topic()}
        self.reading.take(self.place, {key: value for key, value in question.items() if value is not None})
        if self.cleaned and len(self.reading.questions) > before:
            self.reading.remark(self.place, "cleaned")
            self.cleaned = False

    def _topic(self) -> str | None:
        deck = self.note.deck
        return self.reading.topic(deck.replace("::", " · ")[:500]) if deck and deck != "Default" else None

    # ------------------------------------------------------------ texts and media

    def text(self, source: str, *, shown: bool) -> str:
        """A field as our text. What it shows goes along when it stands on the asking side."""
        if not _MARKED.search(source):
            text, cleaned = clean(" ".join(source.split()))
            self.cleaned = self.cleaned or cleaned
            return text[:20_000]
        bare = _SOUND.sub(lambda found: self._keep(found[1], "", shown=shown), source)
        text, cleaned = to_plain(bare, lambda address, alt: self._keep(address, alt, shown=shown))
        self.cleaned = self.cleaned or cleaned
        return text[:20_000].strip()

    def _keep(self, name: str, alt: str, *, shown: bool) -> str:
        if not shown:
            self.reading.lost(self.place, "answer-media")
        elif not any(one["name"] == name for one in self.media):
            kept = _kept(self.files, name, self.budget)
            if isinstance(kept, dict):
                self.media.append(kept | ({"alt": alt[:500]} if alt else {}))
            else:
                self.reading.remark(self.place, kept, name[:120])
        return " "

    def own(self, text: str) -> Bilingual:
        return Bilingual(**{self.lang: text})

    # ------------------------------------------------------------ fronts and backs

    def _asked(self, kind: NoteType) -> dict[str, Any]:
        if {"Q_1", "Answers"} <= set(kind.fields):
            return self._choice()
        asking, answering, typed = _sides(kind, self.note)
        stem = self._stem([self.text(self.note.fields[name], shown=True) for name in asking])
        said = [text for name in answering if (text := self.text(self.note.fields[name], shown=False))]
        if not said:
            raise _Refused("no-answer")
        answer, rest = said[0], "\n".join(said[1:])
        asks = any(text.rstrip().endswith(("?", "؟")) for text in (stem.ar, stem.en) if text)
        if normalise(answer) in _TRUE | _FALSE and not asks:
            why = self.own(rest) if rest else None
            return {"kind": "true_false", "stem": stem, "key": normalise(answer) in _TRUE, "feedback": why}
        if typed or ("\n" not in answer and len(answer.split()) <= _SHORT):
            return self._typed(stem, answer, rest)
        return {"kind": "open", "stem": stem, "feedback": self.own("\n".join(said)[:20_000])}

    def _stem(self, texts: list[str]) -> Bilingual:
        stem = "\n".join(filter(None, texts))[:20_000]
        if stem:
            return self.own(stem)
        if not self.media:
            raise _Refused("no-question")
        return _SHOWN["picture" if self.media[0]["type"].startswith("image/") else "sound"]

    def _typed(self, stem: Bilingual, answer: str, rest: str) -> dict[str, Any]:
        answer = " ".join(answer.replace("**", "").split())
        question: dict[str, Any] = {"kind": "typed", "stem": stem, "answer": self.own(answer)}
        if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", answer):
            question |= {"answer_type": "number", "value": answer}
        return question | ({"feedback": self.own(rest)} if rest else {})

    def _choice(self) -> dict[str, Any]:
        """The note type "AllInOne": options in Q_1 to Q_5, and a 1 in Answers for each that is right."""
        fields = self.note.fields
        stem = self._stem([self.text(fields.get("Question", ""), shown=True)])
        listed = [self.text(text, shown=False) for name, text in fields.items() if re.fullmatch(r"Q_\d{1,2}", name)]
        right = [mark == "1" for mark in to_plain(fields["Answers"])[0].split()]
        texts = [(self.own(text), key) for text, key in zip(listed, right, strict=False) if text]
        ids = named([text for text, _ in texts], "o")
        keys = tuple(own for own, (_, key) in zip(ids, texts, strict=True) if key)
        if len(texts) < 2 or not keys:
            raise _Refused("too-few-options" if len(texts) < 2 else "no-answer")
        if len({normalise(text.ar or text.en or "") for text, _ in texts}) < len(texts):
            raise _Refused("same-options")
        why = self.text(fields.get("Sources", "") + fields.get("Extra 1", ""), shown=False)
        question: dict[str, Any] = {
            "stem": stem,
            "options": tuple({"id": own, "text": text} for own, (text, _) in zip(ids, texts, strict=True)),
            "feedback": self.own(why) if why else None,
        }
        one = len(keys) == 1
        return question | ({"kind": "choice", "key": keys[0]} if one else {"kind": "multi_select", "keys": keys})

    # ------------------------------------------------------------ cloze

    def _clozes(self, kind: NoteType) -> None:
        """A question for each numbered gap of the note, with the others filled in."""
        source = next((text for text in self.note.fields.values() if GAP.search(text)), None)
        if source is None:
            raise _Refused("no-answer", "it has no gap")
        parts = cloze_parts(source)
        numbers = sorted(set().union(*(gap.all_numbers() for gap in parts if isinstance(gap, Gap))))
        if not numbers or len(numbers) > _MOST_GAPS:
            raise _Refused("not-understood" if numbers else "not-closed", "{{")
        others = [text for text in self.note.fields.values() if text is not source]
        extra = "\n".join(text for one in others if (text := self.text(one, shown=False)))
        start = self.place
        for number in numbers:
            self.place = Place("note", start.number, f"c{number} {start.name}"[:60])
            try:
                self._ours(self._cloze(parts, number, extra))
            except _Refused as refusal:
                self.reading.refuse(self.place, refusal.code, refusal.detail)

    def _cloze(self, parts: list[str | Gap], number: int, extra: str) -> dict[str, Any]:
        hidden: list[str] = []
        shown = shown_with(parts, number, hidden)
        answers = [self.text(text, shown=False) for text in hidden]
        if not answers[0]:
            raise _Refused("no-answer")
        stem, blank = self.text(shown, shown=True).replace("____", "___"), BLANK
        why = self.own(extra[:20_000]) if extra else None
        same = len({normalise(answer) for answer in answers}) == 1
        if not same or len(answers[0].split()) > _LONGEST_GAP or blank not in stem:
            whole = "; ".join(answers)
            said = f"{whole}\n{extra}".strip()[:20_000]
            return {"kind": "open", "stem": self.own(stem.replace(blank, MARK)), "feedback": self.own(said)}
        first = stem.replace(f"**{blank}**", blank).replace(blank, MARK, 1).replace(blank, "…")
        question = self._typed(self.own(first), answers[0], "")
        return question | {"kind": "cloze", "feedback": why}


def _named_by(source: str) -> str:
    return to_plain(source[:2000])[0] if _MARKED.search(source[:2000]) else source[:200].strip()


def _sides(kind: NoteType, note: AnkiNote) -> tuple[list[str], list[str], bool]:
    """The fields that ask, those that answer, and whether the answer is typed; as the note's first card has them."""
    at = note.ordinal if note.ordinal < len(kind.templates) else 0
    template = kind.templates[at] if kind.templates else Template("", "")
    known = {name.casefold(): name for name in kind.fields}

    def fields(side: str) -> tuple[list[str], list[str]]:
        shown: dict[str, None] = {}
        typed: dict[str, None] = {}
        for tag in _FIELD.findall(side):
            if tag[:1] in "#^/!":
                continue
            *filters, name = tag.strip().split(":")
            if field_name := known.get(name.strip().casefold()):
                (typed if any(one.strip() == "type" for one in filters) else shown)[field_name] = None
        return list(shown), list(typed)

    asking, typed = fields(template.front)
    if not any(note.fields.get(name, "").strip() for name in asking):
        asking = [next(iter(kind.fields), "")]
    answering, back_typed = fields(template.back)
    answering = [*typed, *back_typed, *answering, *(name for name in kind.fields if not answering and not typed)]
    return (
        [name for name in asking if note.fields.get(name, "").strip()],
        [name for name in dict.fromkeys(answering) if name not in asking and note.fields.get(name, "").strip()],
        bool(typed),
    )
