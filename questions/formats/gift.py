"""GIFT, Moodle's text format, read. `gift_out` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from questions.bank import MARK, Bank, Question
from questions.errors import BadFile, Problem
from questions.formats import asked as kinds
from questions.formats import gift_out
from questions.formats.asked import QUESTION_ID, TOPIC_ID, Answer, Asked, Refusal, topic_name, valid
from questions.formats.decoding import decode
from questions.formats.incoming import MOST, Incoming, Loss, Place, Reading, language_of
from questions.formats.numbers import Span, number, span
from questions.normalise import normalise
from questions.texts import Bilingual, Lang

MOST_LINES = 250_000
_LONGEST_BLOCK, _WIDEST_BLOCK = 2_000, 500_000  # lines and letters of one question
_CODES = "~=#{}:\\n"  # what a backslash protects; kept as letters of the private area while the text is taken apart
_BACK = str.maketrans({chr(0xE000 + at): "\n" if char == "n" else char for at, char in enumerate(_CODES)})
_HIDE = str.maketrans({char: chr(0xE000 + at) for at, char in enumerate(_CODES[:-2])})
_TAG = re.compile(r"""<[A-Za-z][A-Za-z0-9]*(?:\s+[\w:-]+=(?:"[^"<>]*"|'[^'<>]*'))+\s*/?>""")
_META = re.compile(r"\[(id|tag|topic):((?:\\.|[^\\\]]){0,500})\]")
_FORM = re.compile(r"\s*\[(html|moodle|plain|markdown|moodle_auto_format|auto)\]", re.IGNORECASE)
_SHARE = re.compile(r"\s*%\s*(-?\d{1,3}(?:[.,]\d{1,9})?)\s*%")
_BLANKS = re.compile(r"\s*")
_TITLED = re.compile(r"::[^:{}]{1,200}::")
_CATEGORY = re.compile(r"\$CATEGORY\s*:", re.IGNORECASE)
_TRUE = frozenset(("t", "true", "صواب", "صح", "صحيح"))
_FALSE = frozenset(("f", "false", "خطأ", "خطا"))


@dataclass(slots=True)
class _Block:
    """Lines that stand together, without comments."""

    line: int
    lines: list[str] = field(default_factory=list)
    own: str | None = None
    tags: list[str] = field(default_factory=list)
    topic: str | None = None
    size: int = 0
    long: bool = False

    def add(self, line: int, written: str) -> None:
        if len(self.lines) >= _LONGEST_BLOCK or self.size + len(written) > _WIDEST_BLOCK:
            self.long, written = True, written[:60]
        if not self.lines:
            self.line = line
        if not self.long or not self.lines:
            self.lines.append(written)
            self.size += len(written)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    @property
    def braces(self) -> str:
        """The braces that count, in their order."""
        return "".join(_braces(line) for line in self.lines)


def read(data: bytes, name: str) -> Incoming:
    """Read a GIFT file.

    Raises BadFile when it is no text, or too much of it.
    """
    text, older = decode(data, name)
    if text.count("{") - text.count("\\{") > MOST or text.count("\n\n") > 10 * MOST:
        raise BadFile([Problem(name, "", f"holds more than {MOST} questions")])
    reading = Reading("gift")
    if older:
        reading.remark(Place("line", 1), "encoding", older)
    usual, topic, held = language_of(text[:100_000]), None, 0
    for block in _joined(_blocks(text, name)):
        if _CATEGORY.match(block.lines[0] if block.lines else ""):
            topic = _topic(reading, block)
        else:
            for part in _parts(block):
                held += 1
                reading.count(name, held)
                _take(reading, part, topic, usual)
    return reading.done()


def write(bank: Bank, lang: Lang) -> bytes:
    return gift_out.write(bank, lang)


def losses(question: Question, lang: Lang) -> tuple[Loss, ...]:
    return gift_out.losses(question, lang)


# ---------------------------------------------------------------- lines to questions


def _blocks(text: str, name: str) -> Iterator[_Block]:
    """The blocks of a file, parted by blank lines; a category is one of its own."""
    place, line, lines = 0, 1, 0
    block: _Block | None = None
    while True:
        found = _BLANKS.match(text, place)
        start = found.end() if found else place
        gap = text.count("\n", place, start)
        line += gap
        if block is not None and (gap > 1 or start == len(text)):
            yield block
            block = None
        if start == len(text):
            return
        begin, end = max(place, text.rfind("\n", place, start) + 1), text.find("\n", start)
        place = end if end >= 0 else len(text)
        indented, written = text[begin:place].rstrip(), text[start:place].rstrip()
        lines += 1
        if lines > MOST_LINES:
            raise BadFile([Problem(name, f"line {line}", f"holds more than {MOST_LINES} lines")])
        block = block or _Block(line)
        if written.startswith("//"):
            _comment(block, written)
        elif _CATEGORY.match(written):
            if block.lines:
                yield block
                block = _Block(line)
            block.lines.append(written)
            yield block
            block = None
        else:
            block.add(line, indented)


def _comment(block: _Block, written: str) -> None:
    for what, value in _META.findall(written[:5_000]):
        plain = re.sub(r"\\(.)", r"\1", value).strip()
        if what == "id":
            block.own = plain
        elif what == "topic":
            block.topic = plain
        elif plain:
            block.tags.append(plain)


def _braces(text: str) -> str:
    return re.sub(r"[^{}]+", "", _protected(text)) if "{" in text or "}" in text else ""


def _joined(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Blocks, those joined that blank lines inside the braces parted."""
    held: list[_Block] = []  # one that is open, and what stands between it and its end
    for block in blocks:
        braces = block.braces
        if held and braces.startswith("}"):
            for part in (*held[1:], block):
                for at, written in enumerate(part.lines):
                    held[0].add(part.line + at, written)
            block, braces, held = held[0], held[0].braces, []
        elif held and not braces and len(held) < 50 and not _CATEGORY.match(block.lines[0] if block.lines else ""):
            held.append(block)
            continue
        yield from held
        held = [block] if braces.endswith("{") else []
        if not held:
            yield block
    yield from held


def _parts(block: _Block) -> Iterator[_Block]:
    """The questions of a block: one, unless somebody forgot the blank line between two."""
    left = block.braces.count("{")
    if block.long or left < 2:
        yield block
        return
    part, braces = _Block(block.line, own=block.own, tags=block.tags), ""
    for at, line in enumerate(block.lines):
        if part.lines and _TITLED.match(line):  # a title begins a question, whatever the one above lacks
            yield part
            part, braces = _Block(block.line + at), ""
        part.add(block.line + at, line)
        own = _braces(line)
        braces, left = braces + own, left - own.count("{")
        if braces == "{}" and left and re.search(r"\}[^\w{}]*$", _protected(line)):
            yield part
            part, braces = _Block(block.line + at + 1), ""
    if part.lines:
        yield part


def _protected(text: str) -> str:
    """With what a backslash protects, and the signs inside HTML tags, out of the way."""
    hidden = text
    for at, char in sorted(enumerate(_CODES), key=lambda one: one[1] != "\\"):  # the backslash itself first
        hidden = hidden.replace(f"\\{char}", chr(0xE000 + at))
    return _TAG.sub(lambda found: found[0].translate(_HIDE), hidden) if "<" in hidden else hidden


def _plain(text: str, form: str) -> str:
    soft = text if form != "moodle" else " ".join(line.strip() for line in text.split("\n"))
    return soft.translate(_BACK).strip()


# ---------------------------------------------------------------- a question


def _topic(reading: Reading, block: _Block) -> str | None:
    name = topic_name(" ".join(_CATEGORY.sub("", block.text, count=1).split()))
    return reading.topic(name, valid(TOPIC_ID, block.topic)) if name else None


def _take(reading: Reading, block: _Block, topic: str | None, usual: Lang) -> None:
    if not block.lines:
        return
    text = _protected(block.text)
    title, text = _title(text)
    place = Place("line", block.line, " ".join(_plain(title or text.partition("{")[0], "moodle").split())[:60])
    asked = Asked(reading, place, usual)
    try:
        if block.long:
            raise Refusal("not-understood", f"longer than {_LONGEST_BLOCK} lines")
        body = _question(asked, title, text)
    except Refusal as refusal:
        if refusal.code == "description":
            reading.skip(place, "description")
        else:
            reading.refuse(place, refusal.code, refusal.detail)
        return
    except ValidationError as error:  # a text that none of ours may be
        reading.refuse(place, "not-understood", str(error.errors(include_url=False)[0]["msg"])[:200])
        return
    own = valid(QUESTION_ID, block.own)
    tags = [*block.tags, *([f"idnumber:{block.own}"] if block.own and own is None else [])]
    reading.take(place, {**body, "id": own, "topic": topic, "tags": tags, "media": list(asked.media.values())})


def _title(text: str) -> tuple[str, str]:
    if not text.startswith("::"):
        return "", text
    end = text.find("::", 2)
    return ("", text) if end < 0 else (text[2:end].strip(), text[end + 2 :].strip())


def _form(text: str, usual: str) -> tuple[str, str]:
    """The format that a text names, and the rest of it."""
    found = _FORM.match(text)
    if found is None:
        return usual, text
    named = found[1].lower()
    return ("moodle" if named in {"moodle_auto_format", "auto"} else named), text[found.end() :]


def _question(asked: Asked, title: str, text: str) -> dict[str, Any]:
    form, text = _form(text, "moodle")
    opened, closed = text.find("{"), text.find("}")
    if opened < 0:
        raise Refusal("description" if closed < 0 else "not-closed", "" if closed < 0 else "}")
    if closed < opened:
        raise Refusal("not-closed", "{" if closed < 0 else "}")
    before, body, after = text[:opened], text[opened + 1 : closed].strip(), text[closed + 1 :]
    if "{" in body or re.search("[{}]", after):
        raise Refusal("not-understood", "several answers in braces")
    gap = _has_words(after) or (after.strip() in {".", "!", "?", "؟", "،", ","} and not _ended(before))
    body, _, general = body.partition("####")
    body = body.strip()
    bare = re.sub(r"(?m)(?:^|\s)//.*$", "", body) if "//" in body else body
    body = bare if _judged(bare) else body  # a remark behind the T, as some tools allow
    closed_kind = body and not _judged(body) and not body.startswith(">") and not _matching(body)
    if gap:
        after = after.lstrip()
        space = "" if after[:1] in tuple(".,;:!?،؛؟)]") else " "
        before = f"{before.rstrip()} {MARK if closed_kind else ''}{space}{after}"
    shown = _plain(before, form)
    if not shown and title:
        shown, title = _plain(title, "moodle"), ""
    stem = asked.stem(shown, form)
    if title and normalise(_plain(title, "moodle").rstrip("….")) not in normalise(stem.ar or stem.en or ""):
        asked.lost("title")
    why = _text(asked, general, form) if general.strip() else None
    return {"stem": stem, "feedback": why, **_kind(asked, stem, body, form, why)}


def _has_words(text: str) -> bool:
    return re.search(r"\w", re.sub(r"<[^<>]*>", "", text)) is not None


def _ended(text: str) -> bool:
    return re.search(r"[.?!:؟]\s*$", re.sub(r"</?[a-z][^<>]*>", "", text)) is not None or not _has_words(text)


def _text(asked: Asked, text: str, usual: str) -> Bilingual | None:
    form, rest = _form(text, usual)
    return asked.text(_plain(rest, form), form)


def _judged(body: str) -> bool | None:
    """True and false as a pair would be: None when the body is neither."""
    word = body.partition("#")[0].strip().casefold()
    return word in _TRUE | _FALSE or None


def _matching(body: str) -> bool:
    chunks = _chunks(body)
    return "~" not in body and len(chunks) > 1 and all("->" in chunk for _, chunk in chunks)


def _chunks(body: str) -> list[tuple[str, str]]:
    """The answers with the sign that each begins with."""
    pieces = re.split("([~=])", body)
    first = [("", pieces[0])] if pieces[0].strip() else []
    return first + list(zip(pieces[1::2], pieces[2::2], strict=True))


def _kind(asked: Asked, stem: Bilingual, body: str, form: str, why: Bilingual | None) -> dict[str, Any]:
    if not body:
        return {"kind": "open"}
    if re.match(r"\d*:[A-Z_]+:", body):
        raise Refusal("unsupported", "cloze")
    if body.startswith("#"):
        return _number(asked, stem, body[1:], form, why)
    if body.startswith(">"):
        return _ordering(asked, body, form)
    if _judged(body):
        return _true_false(asked, body, form, why)
    if _matching(body):
        return _pairs(asked, _chunks(body), form)
    found = _chunks(body)
    if any(sign == "~" for sign, _ in found):
        if not found[0][0]:
            asked.tell("lost", f"text: {_plain(found.pop(0)[1], 'moodle')[:60]}")
        answers = [_answer(asked, sign, chunk, form) for sign, chunk in found]
        single = any(sign == "=" for sign, _ in found)
        return kinds.choice(answers) if single else kinds.multi_select(answers)
    answers = [_answer(asked, sign or "=", chunk, form, typed=True) for sign, chunk in found]
    short = kinds.short(asked, stem, answers)
    return {**short, "feedback": kinds.reason(asked, why, answers, first=True)}


def _share(sign: str, chunk: str) -> tuple[float, str]:
    found = _SHARE.match(chunk)
    if found is None:
        return (1.0 if sign == "=" else 0.0), chunk
    return round(float(found[1].replace(",", ".")) / 100, 7), chunk[found.end() :]


def _answer(asked: Asked, sign: str, chunk: str, form: str, *, typed: bool = False) -> Answer:
    share, rest = _share(sign, chunk)
    text, _, feedback = rest.partition("#")
    own, shown = _form(text, form)
    said = _text(asked, feedback, own) if feedback.strip() else None
    if typed:
        return Answer(None, share, said, raw=_plain(shown, "moodle"))
    return Answer(asked.text(_plain(shown, own), own), share, said)


def _true_false(asked: Asked, body: str, form: str, why: Bilingual | None) -> dict[str, Any]:
    word, _, rest = body.partition("#")
    given = [_text(asked, one, form) for one in rest.split("#")[:2]] if rest.strip() else []
    answers = [Answer(None, 0, one) for one in given]
    key = word.strip().casefold() in _TRUE
    return {"kind": "true_false", "key": key, "feedback": kinds.reason(asked, why, answers, first=True)}


def _pairs(asked: Asked, chunks: list[tuple[str, str]], form: str) -> dict[str, Any]:
    sides = [chunk.partition("->") for _, chunk in chunks]
    return kinds.matching(
        [(_text(asked, left, form), asked.typed(_plain(right, form))) for left, _, right in sides], asked
    )


def _number(asked: Asked, stem: Bilingual, body: str, form: str, why: Bilingual | None) -> dict[str, Any]:
    spans: list[Span] = []
    answers: list[Answer] = []
    for sign, chunk in _chunks(body):
        share, rest = _share(sign or "=", chunk)
        text, _, feedback = rest.partition("#")
        answers.append(Answer(None, share, _text(asked, feedback, form) if feedback.strip() else None))
        if text.strip() not in {"", "*"}:
            spans.append(span(_plain(text, "moodle"), share))
    return {**number(asked, stem, spans), "feedback": kinds.reason(asked, why, answers, first=True)}


def _ordering(asked: Asked, body: str, form: str) -> dict[str, Any]:
    """The form that Moodle's ordering questions have in GIFT: settings on the first line, then an item a line."""
    head, *lines = body[1:].split("\n")
    if re.match(r"\s*[1-9]", head):
        asked.lost("some-items")
    return kinds.ordering([_text(asked, line, form) for line in lines if line.strip()])
