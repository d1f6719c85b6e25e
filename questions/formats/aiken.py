"""Aiken: a question, its options lettered A) or A., and «ANSWER: A». Read and written; Arabic letters too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from questions.bank import Bank, ChoiceQuestion, Question
from questions.errors import BadFile, Problem
from questions.formats import asked as kinds
from questions.formats.asked import Answer, Asked, Refusal
from questions.formats.decoding import decode
from questions.formats.incoming import Code, Incoming, Loss, Place, Reading, language_of
from questions.texts import Lang, plain

MOST_LINES = 250_000
_LONGEST = 20_000  # letters of a text
LETTERS: dict[Lang, tuple[str, ...]] = {
    "en": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "ar": ("أ", "ب", "ج", "د", "هـ", "و", "ز", "ح", "ط", "ي", "ك", "ل", "م", "ن", "س", "ع", "ف", "ص", "ق", "ر"),
}
_PLACES = {letter: at for letters in LETTERS.values() for at, letter in enumerate(letters)} | {"ا": 0, "إ": 0, "ه": 4}
_OPTION = re.compile(r"\(?([A-Za-z]|هـ|[أإابجدهوزحطيكلمنسعفصقر])\s?[).:\-–—]\)?(?:\s+|(?=\S))(.*)", re.DOTALL)
_ANSWER = re.compile(
    r"(?:(?:CORRECT\s+)?ANSWERS?|ANS|KEY|(?:الإجابة|الاجابة|الجواب|الإجابات|الحل|جواب)(?:\s+الصحيح(?:ة|تان)?)?)\s*[:：=]\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_FEEDBACK = re.compile(r"(?:FEEDBACK|EXPLANATION|RATIONALE|التوضيح|الشرح|التعليل)\s*[:：]\s*(.*)", re.IGNORECASE)
_SEVERAL = re.compile(r"[\s,;،؛/&+]+|\band\b|\bو\b", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    """A question as its lines come in."""

    line: int
    stem: list[str] = field(default_factory=list)
    options: list[tuple[int, str]] = field(default_factory=list)  # which letter, text
    answer: str | None = None
    feedback: list[str] = field(default_factory=list)


def read(data: bytes, name: str) -> Incoming:
    """Read an Aiken file.

    Raises BadFile when it is no text, or too much of it.
    """
    text, older = decode(data, name)
    reading = Reading("aiken")
    if older:
        reading.remark(Place("line", 1), "encoding", older)
    usual = language_of(text[:100_000])
    for held, draft in enumerate(_drafts(text, name)):
        reading.count(name, held)
        _take(reading, draft, usual)
    return reading.done()


def _lines(text: str, name: str) -> Iterator[tuple[int, str, bool]]:
    """Lines that say something: their number, what they say, whether a blank line stands before."""
    blanks = re.compile(r"\s*")
    place, line, count = 0, 1, 0
    while True:
        found = blanks.match(text, place)
        start = found.end() if found else place
        gap = text.count("\n", place, start)
        if start == len(text):
            return
        line += gap
        end = text.find("\n", start)
        place = end if end >= 0 else len(text)
        count += 1
        if count > MOST_LINES:
            raise BadFile([Problem(name, f"line {line}", f"holds more than {MOST_LINES} lines")])
        yield line, text[start : min(place, start + _LONGEST + 1)].strip(), gap > 1


def _drafts(text: str, name: str) -> Iterator[_Draft]:
    draft: _Draft | None = None
    begun_with = ""
    for line, said, parted in _lines(text, name):
        answer, option, why = _ANSWER.match(said), _OPTION.match(said), _FEEDBACK.match(said)
        if draft is not None and draft.answer is not None and not (why and not parted):
            yield draft
            draft = None
        if answer:
            draft = draft or _Draft(line)
            draft.answer = answer[1].strip()
        elif why and draft is not None and (draft.options or draft.answer is not None):
            draft.feedback.append(why[1])
        elif option and _is_option(draft, option[1]):
            if draft is not None and not draft.stem and len(draft.options) == 1 and _place(option[1]) == 0:
                draft.stem, draft.options = [begun_with], []  # "A. Lincoln was ...": what begins again is the question
            draft = draft or _Draft(line)
            begun_with = said
            draft.options.append((_place(option[1]), option[2]))
        elif draft is not None and draft.options and not parted and len(draft.options[-1][1]) < _LONGEST:
            at, begun = draft.options[-1]
            draft.options[-1] = (at, f"{begun} {said}")  # an option that goes on in the next line
        else:
            if draft is not None and draft.options:  # never answered
                yield draft
                draft = None
            draft = draft or _Draft(line)
            if len(draft.stem) < 1_000:
                draft.stem.append(said)
    if draft is not None:
        yield draft


def _place(letter: str) -> int:
    return _PLACES.get(letter.upper(), _PLACES.get(letter, -1))


def _is_option(draft: _Draft | None, letter: str) -> bool:
    """A capital always is; a small or an Arabic letter, which may begin a sentence, when it is the next one."""
    at = _place(letter)
    if letter.isascii() and letter.isupper():
        return at == 0 or draft is not None
    return at == (len(draft.options) if draft else 0)


def _take(reading: Reading, draft: _Draft, usual: Lang) -> None:
    shown = draft.stem[0] if draft.stem else draft.options[0][1] if draft.options else draft.answer or ""
    place = Place("line", draft.line, shown[:60])
    asked = Asked(reading, place, usual)
    try:
        if not draft.stem:
            raise Refusal("no-question")
        if draft.answer is None:
            _unanswered(draft)
        stem = asked.stem("\n".join(draft.stem), "plain")
        answers = [Answer(asked.text(text, "plain"), 0) for _, text in draft.options]
        keys = _keys(draft)
        feedback = asked.text("\n".join(draft.feedback), "plain")
        if len(answers) < 2:
            raise Refusal("too-few-options")
        for at in keys:
            answers[at].share = 1 / len(keys)
        body = kinds.choice(answers) if len(keys) == 1 else kinds.multi_select(answers)
    except Refusal as refusal:
        if refusal.code == "description":
            reading.skip(place, "description")
        else:
            reading.refuse(place, refusal.code, refusal.detail)
        return
    except ValidationError as error:  # a text that none of ours may be
        reading.refuse(place, "not-understood", str(error.errors(include_url=False)[0]["msg"])[:200])
        return
    for option in body["options"]:
        option.pop("weight", None)  # Aiken knows none: the exact set counts
    reading.take(place, {"stem": stem, "feedback": feedback, **body})


def _unanswered(draft: _Draft) -> None:
    if draft.options:
        raise Refusal("no-answer")
    asks = any(re.search(r"[?؟:]\s*$", line) for line in draft.stem)
    code: Code = "no-answer" if asks else "description"
    raise Refusal(code)


def _keys(draft: _Draft) -> list[int]:
    """Which options are right: «B», «B) text», «A, C», «AC», or the text of an option."""
    answer = (draft.answer or "").strip()
    letters = [at for at, _ in draft.options]
    texts = [" ".join(text.split()).casefold() for _, text in draft.options]
    lettered = _OPTION.match(answer)
    if lettered and _place(lettered[1]) in letters:
        parts = [lettered[1]]
    else:
        parts = [part.strip("().") for part in _SEVERAL.split(answer) if part.strip("().")]
        if len(parts) == 1 and re.fullmatch(r"[A-Z]{2,8}", parts[0]):
            parts = list(parts[0])
    if not parts:
        raise Refusal("no-answer")
    places = [_place(part) for part in parts]
    if all(at in letters for at in places):
        return sorted({letters.index(at) for at in places})
    if " ".join(answer.split()).casefold() in texts:
        return [texts.index(" ".join(answer.split()).casefold())]
    raise Refusal("bad-key" if len(draft.options) > 1 else "too-few-options", answer[:60])


# ---------------------------------------------------------------- out


def write(bank: Bank, lang: Lang) -> bytes:
    """The questions with one right answer of many. Capital Latin letters: Moodle reads no others."""
    kept = (one for one in bank.live if isinstance(one, ChoiceQuestion) and losses(one, lang) != ("left-out",))
    return "\n".join(_written(one, lang) for one in kept).encode()


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _written(question: ChoiceQuestion, lang: Lang) -> str:
    letters = LETTERS["en"]
    options = [f"{letters[at]}) {_line(one.text.best(lang)[1])}\n" for at, one in enumerate(question.options)]
    key = [option.id for option in question.options].index(question.key)
    return f"{_line(question.stem.best(lang)[1])}\n{''.join(options)}ANSWER: {letters[key]}\n"


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    """What Aiken cannot carry of a question: nearly everything but its words and its key."""
    begins = _line(question.stem.best(lang)[1])
    if not isinstance(question, ChoiceQuestion) or any(one.match(begins) for one in (_OPTION, _ANSWER, _FEEDBACK)):
        return ("left-out",)  # no choice, or a question that would be read as an option: "A. Lincoln was ..."
    texts = [question.stem.best(lang)[1], *(option.text.best(lang)[1] for option in question.options)]
    there: dict[Loss, object] = {
        "other-language": len(question.stem.languages) == 2,
        "media": question.media,
        "feedback": question.feedback,
        "option-feedback": any(option.feedback for option in question.options),
        "sources": question.sources,
        "facts": question.facts,
        "topic": question.topic,
        "tags": question.tags,
        "difficulty": question.difficulty != 0.5,
        "weight": question.weight != "detail",
        "not-with": question.not_with,
        "fixed-order": question.fixed_order,
        "shares": any(option.weight for option in question.options if option.id != question.key),
        "lines": any("\n" in text for text in texts),
        "emphasis": any(plain(text) != text for text in texts),
    }
    return tuple(loss for loss, has in there.items() if has)
