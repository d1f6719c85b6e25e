"""A small bank with a question of every kind, and a desk with the real Anki on it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import both_sides
import pytest
from anki.collection import Collection, ImportAnkiPackageRequest

from export.anki import DeckSummary, write_deck
from questions.bank import QUESTION, Bank, Entry
from questions.texts import Lang

FIRST = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
PIXEL = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
).decode()

SOURCES = [
    {
        "voice": {"ar": "ليلى الحسن نقلًا عن مراسل Aurora News", "en": "Layla al-Hasan, after Aurora News"},
        "para": 4,
        "opening": "قالت الوزيرة",
    }
]
SPEAKER = {"facts": ["f-1"], "sources": SOURCES, "topic": "water", "weight": "core"}

QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "choice",
        "id": "f-1.speaker.choice",
        **SPEAKER,
        "tags": ["unit 2", 'say "hi"'],
        "stem": {
            "ar": "من قال إن **السد** سيُفتح في عام 2030 (بحسب Aurora News)؟",
            "en": "Who said that the **dam** opens in 2030?",
        },
        "options": [
            {"id": "layla", "text": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"}},
            {
                "id": "omar",
                "text": {"ar": "عمر سالم", "en": "Omar Salem"},
                "feedback": {"ar": "تحدّث عن الكهرباء وحدها.", "en": "He spoke of electricity only."},
            },
            {"id": "nils", "text": {"ar": "نيلس برغ (Nils Berg)", "en": "Nils Berg"}},
            {"id": "ada", "text": {"ar": "آدا مور", "en": "Ada Moore"}},
        ],
        "key": "layla",
        "feedback": {
            "ar": "قالت ذلك أمام الصحافة في 3 مايو/أيار.",
            "en": "She said so to the press on 3 May.",
        },
    },
    {
        "kind": "true_false",
        "id": "f-1.speaker.true-false",
        **SPEAKER,
        "key": False,
        "stem": {
            "ar": "قال عمر سالم إن السد سيُفتح في عام 2030.",
            "en": "Omar Salem said that the dam opens in 2030.",
        },
        "feedback": {"ar": "قالت ذلك ليلى الحسن.", "en": "Layla al-Hasan said it."},
    },
    {
        "kind": "typed",
        "id": "f-1.speaker.typed",
        **SPEAKER,
        "answer_type": "name",
        "stem": {
            "ar": "من قال إن السد سيُفتح في عام 2030؟ (الاسم واسم العائلة)",
            "en": "Who said it? (name and surname)",
        },
        "answer": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"},
        "accepted": [
            {"text": "ليلى حسن", "lang": "ar"},
            {"text": "Laila Hassan", "lang": "en"},
            {"text": "L. Hasan"},
            {"text": "الحسن", "lang": "ar", "weight": 0.5},
        ],
        "rivals": ["عمر سالم"],
    },
    {
        "kind": "cloze",
        "id": "f-2.amount.cloze",
        "facts": ["f-2"],
        "topic": "water",
        "stem": {"ar": "تبلغ سعة السد ____.", "en": "The dam holds ____ of water."},
        "answer": {"ar": "3 كيلومترات مكعّبة", "en": "3 km³"},
        "answer_type": "number",
        "value": "3",
        "ranges": [{"low": 2.5, "high": 3.5}],
        "feedback": {"ar": "بحسب الوزارة.", "en": "According to the ministry."},
    },
    {
        "kind": "multi_select",
        "id": "s-1.raised.multi-select",
        "facts": ["f-3", "f-4"],
        "topic": "talks",
        "stem": {
            "ar": "أيّ الموضوعات طُرح؟ اختيار كل ما ينطبق",
            "en": "Which matters were raised? Choose all that apply.",
        },
        "options": [
            {"id": "dam", "text": {"ar": "السد", "en": "the dam"}},
            {"id": "rail", "text": {"ar": "السكك", "en": "the railway"}},
            {
                "id": "visas",
                "text": {"ar": "التأشيرات", "en": "visas"},
                "feedback": {"ar": "لم تُطرح.", "en": "These were not raised."},
            },
        ],
        "keys": ["dam", "rail"],
    },
    {
        "kind": "ordering",
        "id": "s-2.order.ordering",
        "facts": ["f-5"],
        "topic": "talks",
        "stem": {"ar": "ما ترتيب الأحداث من الأقدم إلى الأحدث؟", "en": "What came first, and what next?"},
        "items": [
            {"id": "visit", "text": {"ar": "الزيارة", "en": "the visit"}},
            {"id": "talks", "text": {"ar": "المحادثات", "en": "the talks"}},
            {"id": "treaty", "text": {"ar": "المعاهدة", "en": "the treaty"}},
        ],
    },
    {
        "kind": "matching",
        "id": "s-3.roles.matching",
        "facts": ["f-6"],
        "stem": {"ar": "من صاحب كل منصب؟", "en": "Who holds which office?"},
        "pairs": [
            {
                "id": "layla",
                "left": {"ar": "وزيرة المياه", "en": "minister of water"},
                "right": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"},
            },
            {
                "id": "omar",
                "left": {"ar": "وزير الطاقة", "en": "minister of energy"},
                "right": {"ar": "عمر سالم", "en": "Omar Salem"},
            },
        ],
        "extra": [{"id": "ada", "text": {"ar": "آدا مور", "en": "Ada Moore"}}],
    },
    {
        "kind": "open",
        "id": "essay-1",
        "stem": {"ar": "ما رأي الطرفين في السد؟", "en": "What do both sides think of the dam?"},
        "feedback": {"ar": "يُذكر رأي كل طرف ومصدره.", "en": "Name each side's view and its source."},
    },
    {
        "kind": "choice",
        "id": "only-arabic",
        "stem": {"ar": "ما معنى <b> & \" ' في [sound:x.mp3]؟\u200f"},
        "options": [
            {"id": "tag", "text": {"ar": "وسم <b> & خط"}},
            {"id": "none", "text": {"en": "none & nothing"}},
        ],
        "key": "tag",
        "fixed_order": True,
    },
    {
        "kind": "typed",
        "id": "only-english",
        "stem": {"en": "Which river? {{Point}} <script>alert(1)</script>"},
        "answer": {"en": "R&D 'Nile'"},
        "media": [{"name": "map.png", "type": "image/png", "data": PIXEL}],
    },
]


def make_bank(**changes: Any) -> Bank:
    """The bank, or what became of it: `changes` are fields of the bank."""
    whole: dict[str, Any] = {
        "id": "dam",
        "deck": "Qimma::السد (2030)",
        "languages": ["ar", "en"],
        "title": {"ar": "محادثات السد", "en": "The dam talks"},
        "author": "Amal & Co",
        "licence": "CC BY 4.0",
        "document": {"title": {"ar": "خبر", "en": "News"}, "language": "ar"},
        "topics": [
            {"id": "water", "name": {"ar": "المياه", "en": "Water"}},
            {"id": "talks", "name": {"en": "Talks::rounds"}},
        ],
        "entries": [{"question": question, "changed": FIRST} for question in QUESTIONS],
    }
    return Bank.model_validate(whole | changes)


def make_version(changed: datetime, edits: dict[str, dict[str, Any]], **changes: Any) -> Bank:
    """The next version: `edits` maps question ids to new fields, and only these have changed."""
    entries = [
        Entry(
            question=QUESTION.validate_python(question | edits.get(question["id"], {})),
            changed=changed if question["id"] in edits else FIRST,
        )
        for question in QUESTIONS
    ]
    return make_bank(entries=entries, **changes)


class Desk:
    """One learner's Anki: a collection, and the import dialog as it stands when nobody touches a box."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.col = Collection(str(folder / "collection.anki2"))

    def import_bank(
        self, bank: Bank, lang: Lang = "ar", *, boxes: dict[str, bool] | None = None, **options: Any
    ) -> Any:
        """Import a bank's deck, with some `boxes` of the dialog ticked."""
        path = self.folder / "deck.apkg"
        path.write_bytes(package(bank, lang, **options)[0])
        presets = self.col._backend.get_import_anki_package_presets()
        for box, ticked in (boxes or {}).items():
            setattr(presets, box, ticked)
        request = ImportAnkiPackageRequest(package_path=str(path), options=presets)
        log = self.col.import_anki_package(request).log
        # Anki's Python side remembers note types; the desktop forgets them after each import.
        self.col.models._clear_cache()
        return log

    def note(self, point: str) -> Any:
        (note_id,) = self.col.find_notes(f'"Point:{point}"')
        return self.col.get_note(note_id)

    def card(self, point: str, template: str) -> Any:
        (card,) = [card for card in self.note(point).cards() if card.template()["name"] == template]
        return card


def package(bank: Bank, lang: Lang = "ar", address: str | None = None) -> tuple[bytes, DeckSummary]:
    out = io.BytesIO()
    summary = write_deck(bank, out, lang=lang, address=address)
    return out.getvalue(), summary


@pytest.fixture
def bank() -> Bank:
    return make_bank()


@pytest.fixture
def version() -> Callable[..., Bank]:
    return make_version


@pytest.fixture
def new_bank() -> Callable[..., Bank]:
    return make_bank


@pytest.fixture
def packed() -> Callable[..., tuple[bytes, DeckSummary]]:
    return package


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Anki with an empty collection."""
    desk = Desk(tmp_path)
    yield desk
    desk.col.close()


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[[], both_sides.Desk]]:
    """Another Anki with FSRS on at each call."""
    made: list[both_sides.Desk] = []

    def make() -> both_sides.Desk:
        made.append(both_sides.Desk(tmp_path / f"desk {len(made)}"))
        return made[-1]

    yield make
    for one in made:
        one.close()
