"""How long a deck of 10,000 notes takes, beside plain genanki writing as many notes of the same texts."""

from __future__ import annotations

import html
import io
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import genanki

from export.anki import write_deck
from questions.bank import Bank, ChoiceQuestion, TypedQuestion
from questions.texts import LANGS, Bilingual, Lang

NOTES = 10_000
ROUNDS = 3


def run() -> list[tuple[str, float, float, str]]:
    """Rows of name, figure, floor and unit; the best of a few rounds each."""
    bank = synthetic_bank(NOTES)
    ours = best(lambda: write_deck(bank, io.BytesIO(), lang="ar"))
    with tempfile.TemporaryDirectory() as folder:
        plain = best(lambda: plain_genanki(bank, Path(folder)))
    return [(f"Anki deck of {NOTES} notes", ours, plain, "s")]


def best(build: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        build()
        times.append(time.perf_counter() - start)
    return min(times)


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


def plain_genanki(bank: Bank, folder: Path) -> None:
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
    for choice, typed in zip(bank.live[::2], bank.live[1::2], strict=True):
        decks[choice.topic].add_note(
            genanki.Note(
                model,
                [text for both in zip(*(texts(choice, typed, lang) for lang in LANGS), strict=True) for text in both],
                guid=genanki.guid_for("bench", choice.point),
                tags=[f"topic::{choice.topic}", f"fact::{choice.anchor}", "kind::choice", "kind::typed"],
            )
        )
    genanki.Package(list(decks.values())).write_to_file(folder / "plain.apkg", timestamp=1_767_225_600)


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
    for name, figure, floor, unit in run():
        print(f"{name}: {figure:.2f} {unit}, plain genanki {floor:.2f} {unit}, {figure / floor:.2f} times")
