"""How long a deck takes, beside the leanest writer of the same notes, and beside genanki used as its guide says."""

from __future__ import annotations

import hashlib
import html
import sqlite3
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from unittest import mock

import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from export.anki import write_deck
from export.anki.notes import Note, notes
from questions.bank import Bank, ChoiceQuestion, TypedQuestion
from questions.texts import LANGS, Bilingual, Lang

NOTES = 10_000
ROUNDS = 3


def run(count: int = NOTES, rounds: int = ROUNDS) -> list[tuple[str, float, float, str]]:
    """Rows of name, figure, floor and unit; the best of a few rounds each, taken in turn."""
    bank = synthetic_bank(count)
    ready = list(notes(bank, address=None, problems=[]))
    writers: dict[str, Callable[[BinaryIO], object]] = {
        "ours": lambda out: write_deck(bank, out, lang="ar"),
        "ours, ready": lambda out: write_ready(bank, ready, out),
        "direct": lambda out: direct(direct_rows(bank), out),
        "direct, ready": lambda out: direct(ready_rows(ready), out),
        "genanki": lambda out: plain_genanki(bank, out),
    }
    taken = {name: [took(write) for _ in range(rounds)] for name, write in writers.items()}
    best = {name: min(seconds for seconds, _ in rounds) for name, rounds in taken.items()}
    size = {name: rounds[0][1] / 1e6 for name, rounds in taken.items()}
    peak = {name: peak_of(writers[name]) / 1e6 for name in ("ours", "genanki")}
    return [
        (f"Anki deck, {notes_of(ready)}: rows and zip", best["ours, ready"], best["direct, ready"], "s"),
        ("... with its texts, beside a direct writer", best["ours"], best["direct"], "s"),
        ("... with its texts, beside plain genanki", best["ours"], best["genanki"], "s"),
        ("... memory, beside plain genanki", peak["ours"], peak["genanki"], "MB"),
        ("... file, beside plain genanki", size["ours"], size["genanki"], "MB"),
    ]


def notes_of(ready: list[Note]) -> str:
    return f"{len(ready):,} notes"


def write_ready(bank: Bank, ready: list[Note], out: BinaryIO) -> None:
    """Ours without the making of texts."""
    with mock.patch("export.anki.package.notes", return_value=iter(ready)):
        write_deck(bank, out, lang="ar")


def took(write: Callable[[BinaryIO], object]) -> tuple[float, int]:
    """Seconds of the processor, and the size of what was written."""
    with tempfile.TemporaryFile() as out:
        start = time.process_time()
        write(out)
        return time.process_time() - start, out.seek(0, 2)


def peak_of(write: Callable[[BinaryIO], object]) -> int:
    tracemalloc.start()
    with tempfile.TemporaryFile() as out:
        write(out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def synthetic_bank(notes: int) -> Bank:
    """A choice and a typed question for each point, in both languages, of the length of real ones."""
    changed = datetime(2026, 1, 1, tzinfo=UTC)
    entries: list[dict[str, Any]] = []
    for number in range(notes):
        said = {"ar": f"المتحدث رقم {number % 97}", "en": f"Speaker number {number % 97}"}
        others = [{"ar": f"المتحدث رقم {100 + n}", "en": f"Speaker number {100 + n}"} for n in range(3)]
        shared = {
            "facts": [f"f-{number}"],
            "topic": f"t-{number % 10}",
            "feedback": {
                "ar": "قال ذلك أمام الصحافة بعد المحادثات.",
                "en": "It was said to the press after the talks.",
            },
            "sources": [{"voice": said, "para": 1 + number % 25}],
        }
        stem = {
            "ar": f"من قال إن البند رقم {number} سيُناقش في الجولة التالية من المحادثات؟",
            "en": f"Who said that item number {number} would be discussed in the next round of talks?",
        }
        options = [
            {"id": "key", "text": said},
            *({"id": f"o{n}", "text": text} for n, text in enumerate(others)),
        ]
        choice = {
            "kind": "choice",
            "id": f"f-{number}.speaker.choice",
            "stem": stem,
            "options": options,
            "key": "key",
        }
        typed = {"kind": "typed", "id": f"f-{number}.speaker.typed", "stem": stem, "answer": said}
        entries += [{"question": each | shared, "changed": changed} for each in (choice, typed)]
    topics = [{"id": f"t-{n}", "name": {"ar": f"موضوع {n}", "en": f"Topic {n}"}} for n in range(10)]
    return Bank.model_validate(
        {
            "id": "bench",
            "deck": "Bench",
            "languages": ["ar", "en"],
            "title": {"en": "Bench"},
            "topics": topics,
            "entries": entries,
        }
    )


FIRST, CHANGED, DECK = 1_600_000_000_000, 1_767_225_600, 2**52  # numbers as long as Anki's are
Row = tuple[str, str, str, str, int]  # GUID, tags, fields, title and checksum of a note that has two cards


def direct(rows: Iterator[Row], out: BinaryIO) -> None:
    """The shortest way from rows to a package: into a database, and that into a zip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection"
        db = sqlite3.connect(path, isolation_level=None)
        for setting in ("page_size = 16384", "journal_mode = OFF", "synchronous = OFF"):
            db.execute(f"PRAGMA {setting}")
        tables, begin, indexes = APKG_SCHEMA.partition("CREATE INDEX")
        db.executescript(tables + APKG_COL)
        db.execute("BEGIN")
        numbered = ((FIRST + place * 2, *row) for place, row in enumerate(rows))
        db.executemany(
            f"INSERT INTO notes VALUES (?, ?, {FIRST}, {CHANGED}, -1, ?, ?, ?, ?, 0, '')",  # noqa: S608
            numbered,
        )
        (count,) = db.execute("SELECT count(*) FROM notes").fetchone()
        cards = ((FIRST + place * 2 + n, FIRST + place * 2, n, place) for place in range(count) for n in (0, 1))
        db.executemany(
            f"INSERT INTO cards VALUES (?, ?, {DECK}, ?, {CHANGED}, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",  # noqa: S608
            cards,
        )
        db.execute("COMMIT")
        db.executescript(begin + indexes)
        db.close()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
            package.write(path, "collection.anki2")
            package.writestr("media", "{}")


def checksum(point: str) -> int:
    return int.from_bytes(hashlib.sha1(point.encode(), usedforsecurity=False).digest()[:4])


def ready_rows(ready: list[Note]) -> Iterator[Row]:
    return ((note.guid, note.tags, note.fields, note.titles["ar"], checksum(note.name)) for note in ready)


def direct_rows(bank: Bank) -> Iterator[Row]:
    """The same texts in the same HTML, made by the shortest way that is still safe."""
    return (direct_row(choice, typed) for choice, typed in pairs(bank))


WIDTH = 95  # fields of a note


def pairs(bank: Bank) -> Iterator[tuple[ChoiceQuestion, TypedQuestion]]:
    questions = iter(bank.live)
    return zip(questions, questions, strict=True)  # type: ignore[arg-type]  # as the bank was made


def direct_row(choice: ChoiceQuestion, typed: TypedQuestion) -> Row:
    escape = html.escape
    point = choice.point
    fields = [point]
    for lang in LANGS:
        stem, why = escape(choice.stem.get(lang)), escape(choice.feedback.get(lang))
        asked = answered = ""
        for option in choice.options:
            text = escape(option.text.get(lang))
            asked += f"<li>{text}</li>"
            if option.id == choice.key:
                answered += f'<li class="right">{text} <span class="mark">✓ right answer</span></li>'
            else:
                answered += f"<li>{text}</li>"
        source = f"{escape(choice.sources[0].voice.get(lang))}, paragraph {choice.sources[0].para}"
        answer, typed_stem = escape(typed.answer.get(lang)), escape(typed.stem.get(lang))
        fields += [
            stem, source, stem, f'<ol class="options shuffle">{asked}</ol>',
            f'<ol class="options shuffle">{answered}</ol>', why, typed_stem, answer, answer,
            escape(typed.feedback.get(lang)),
        ]  # fmt: skip
    tags = (
        f" qimma qimma::weight::{choice.weight} qimma::topic::{choice.topic} qimma::kind::choice qimma::kind::typed "
        f"qimma::para::{choice.sources[0].para:02} qimma::fact::{choice.facts[0]} "
    )
    text = "\x1f".join(fields) + "\x1f" * (WIDTH - len(fields))
    return genanki.guid_for("bench", point), tags, text, fields[1], checksum(point)


def plain_genanki(bank: Bank, out: BinaryIO) -> None:
    """The same texts as genanki's own guide has them written: escaped, one note a point, two templates."""
    names = ["Title", "Source", "Choice stem", "Options", "Answer", "Choice why"]
    names += ["Typed stem", "Typed compare", "Typed answer", "Typed why"]
    fields = [f"{name} {lang}" for name in names for lang in LANGS]
    back = "{{Choice why ar}}{{Choice why en}}{{Source ar}}{{Source en}}"
    model = genanki.Model(
        1_234_567_890,
        "Bench",
        fields=[{"name": name} for name in fields],
        templates=[
            {"name": "Choice", "qfmt": "{{Choice stem ar}}{{Options ar}}", "afmt": "{{Answer ar}}" + back},
            {
                "name": "Typed",
                "qfmt": "{{Typed stem ar}}{{type:Typed compare ar}}",
                "afmt": "{{Typed answer ar}}" + back,
            },
        ],
    )
    decks = {topic.id: genanki.Deck(2_000_000_000 + n, f"Bench::{topic.id}") for n, topic in enumerate(bank.topics)}
    for choice, typed in pairs(bank):
        decks[choice.topic].add_note(
            genanki.Note(
                model,
                [text for both in zip(*(texts(choice, typed, lang) for lang in LANGS), strict=True) for text in both],
                guid=genanki.guid_for("bench", choice.point),
                tags=[f"topic::{choice.topic}", f"fact::{choice.anchor}", "kind::choice", "kind::typed"],
            )
        )
    genanki.Package(list(decks.values())).write_to_file(out, timestamp=1_767_225_600)


def texts(choice: ChoiceQuestion, typed: TypedQuestion, lang: Lang) -> list[str]:
    """The fields of a note in one language, in the plainest way that is still safe."""

    def shown(text: Bilingual) -> str:
        return html.escape(text.best(lang)[1])

    options = "".join(f"<li>{shown(option.text)}</li>" for option in choice.options)
    answer = "".join(
        f"<li>{shown(option.text)}{' ✓' if option.id == choice.key else ''}</li>" for option in choice.options
    )
    stem, why = shown(choice.stem), shown(choice.feedback)
    source = f"{shown(choice.sources[0].voice)}, {choice.sources[0].para}"
    question = [stem, f"<ol>{options}</ol>", f"<ol>{answer}</ol>", why]
    return [
        stem,
        source,
        *question,
        shown(typed.stem),
        shown(typed.answer),
        shown(typed.answer),
        shown(typed.feedback),
    ]


if __name__ == "__main__":
    for name, figure, floor, unit in run(int(sys.argv[1]) if len(sys.argv) > 1 else NOTES):
        print(f"{name}: {figure:.2f} {unit}, {floor:.2f} {unit}, {figure / floor:.2f} times")
