"""The one note type, "Qimma". Its id, its fields and the names of its templates are frozen.

Anki compares the names and the order of fields and templates: with one renamed, moved or added, every note
that learners already have is refused as a conflict. What a later version needs goes into the spare ones. The
*text* of templates and style may change; `STAMP` is then raised, and Anki brings the new text to those who
did not edit theirs.
"""

from __future__ import annotations

from typing import Any

import genanki  # type: ignore[import-untyped]  # it ships no types

from export.anki import templates
from questions.bank import Kind
from questions.texts import LANGS, Lang

NOTE_TYPE_ID = 1_638_874_800_521  # fixed for ever: learners' notes point at it
NAME = "Qimma"

# When the text of templates and style last changed, in seconds. The same for both study languages: an update
# that was downloaded in the other language is then not newer, and the learner's choice stands. Raising it
# brings the language of the next download, so it is raised seldom; and by one, so that it stays older than any
# template that a learner edited.
STAMP = 1_767_225_601

# What a question of each kind puts on its card, each in both languages. The order is frozen too.
PARTS: dict[Kind, tuple[str, ...]] = {
    "choice": ("stem", "options", "answer", "why"),
    "multi_select": ("stem", "options", "answer", "why"),
    "true_false": ("stem", "answer", "why"),
    "typed": ("stem", "compare", "answer", "also", "why"),
    "cloze": ("stem", "compare", "answer", "also", "why"),
    "ordering": ("stem", "items", "answer", "why"),
    "matching": ("stem", "items", "answer", "why"),
    "open": ("stem", "answer", "why"),
}
SPARE_TEMPLATES = ("Other 1", "Other 2")


def _fields() -> tuple[str, ...]:
    names = ["Point", "Title ar", "Title en", "Source ar", "Source en", "Paragraph", "Link"]
    for kind, parts in PARTS.items():
        names += [templates.field(kind, part, lang) for part in parts for lang in LANGS]
        names.append(templates.media(kind))
    names += [f"{name} {part} {lang}" for name in SPARE_TEMPLATES for part in ("stem", "answer") for lang in LANGS]
    names += [f"Extra {number} {lang}" for number in (1, 2, 3, 4) for lang in LANGS]
    return tuple(names)


FIELDS = _fields()
TEMPLATES = (*(templates.LABELS[kind] for kind in PARTS), *SPARE_TEMPLATES)
PLACE: dict[str, int] = {name: place for place, name in enumerate(FIELDS)}
ORD: dict[Kind, int] = {kind: ordinal for ordinal, kind in enumerate(PARTS)}


def title_place(lang: Lang) -> int:
    """Which field Anki's browser lists and sorts notes by."""
    return PLACE[f"Title {lang}"]


class _NoteType(genanki.Model):  # type: ignore[misc]  # its base is untyped
    # genanki finds these by rendering each template once for every field: seconds, for what is known here.
    _req: list[list[object]]


def note_type(lang: Lang) -> Any:
    """The note type with `lang` shown first and the other language as its gloss."""
    model = _NoteType(
        NOTE_TYPE_ID,
        NAME,
        fields=[_field(place, name) for place, name in enumerate(FIELDS)],
        templates=[_template(ordinal, name, lang) for ordinal, name in enumerate(TEMPLATES)],
        css=templates.style(),
        sort_field_index=title_place(lang),
    )
    model._req = [
        [ordinal, "any", [PLACE[f"{name} stem {each}"] for each in LANGS]] for ordinal, name in enumerate(TEMPLATES)
    ]
    return model


def _field(place: int, name: str) -> dict[str, object]:
    return {
        "name": name,
        "id": NOTE_TYPE_ID * 1000 + place,
        "rtl": name.endswith(" ar"),
        "font": "Arial",
        "collapsed": not name.endswith((" stem ar", " stem en", " answer ar", " answer en")),
    }


def _template(ordinal: int, name: str, lang: Lang) -> dict[str, object]:
    if name in SPARE_TEMPLATES:
        front, back = templates.spare(name, lang)
    else:
        kind = tuple(PARTS)[ordinal]
        front, back = templates.front(kind, lang), templates.back(kind, lang)
    return {"name": name, "id": NOTE_TYPE_ID * 1000 + 500 + ordinal, "qfmt": front, "afmt": back}
