"""What cannot stand on a card is refused before anything is written, with its place."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime

import pytest

from export.anki import write_deck
from export.anki.notes import notes
from questions.errors import BadFile
from questions.formats import bank_json


@pytest.mark.parametrize(
    ("question", "changes", "message"),
    [
        (
            "essay-1",
            {"stem": {"ar": "سؤال", "en": "one\x1ftwo"}},
            'dam: question "essay-1", field stem.en: holds the control character U+001F, which Anki does not take',
        ),
        (
            "essay-1",
            {"stem": {"ar": "\u200f\u200b"}},
            'dam: question "essay-1", field stem.ar: holds nothing that can be seen',
        ),
        (
            "f-1.speaker.typed",
            {"answer": {"ar": "ليلى", "en": "\u200e"}},
            'dam: question "f-1.speaker.typed" (fact f-1), field answer.en: holds nothing that can be seen',
        ),
        (
            "only-arabic",
            {"options": [{"id": "tag", "text": {"ar": "وسم"}}, {"id": "none", "text": {"ar": "لا\x07"}}]},
            'dam: question "only-arabic", field options[1].text.ar: '
            "holds the control character U+0007, which Anki does not take",
        ),
        (
            "s-3.roles.matching",
            {"extra": [{"id": "ada", "text": {"en": "\u2060"}}]},
            'dam: question "s-3.roles.matching" (fact f-6), field extra[0].text.en: holds nothing that can be seen',
        ),
        (
            "f-1.speaker.choice",
            {"sources": [{"voice": {"ar": "ليلى"}, "opening": "قال\x00ت"}]},
            'dam: question "f-1.speaker.choice" (fact f-1), field sources[0].opening: '
            "holds the control character U+0000, which Anki does not take",
        ),
        (
            "only-english",
            {"media": [{"name": "map.png", "type": "image/png", "data": "not base64"}]},
            'dam: question "only-english", field media[0].data: map.png is missing, or is not base64',
        ),
        (
            "only-english",
            {"media": [{"name": "map.png", "type": "image/png", "data": "sha256:00"}]},
            'dam: question "only-english", field media[0].data: map.png is missing, or is not base64',
        ),
        (
            "f-2.amount.cloze",
            {"answer": {"ar": "3", "en": "3 ____ km³"}},
            'dam: question "f-2.amount.cloze" (fact f-2), field answer.en: holds a blank, ____, within the blank',
        ),
        (
            "f-2.amount.cloze",
            {"stem": {"ar": "سعته ____.", "en": "It holds ____ and {{c2::water}}."}},
            'dam: question "f-2.amount.cloze" (fact f-2), field stem.en: '
            "holds a gap of Anki's own, {{c1::...}}, which a card shows as it stands",
        ),
    ],
)
def test_a_bad_question_is_refused_with_its_place(version, question, changes, message):
    out = io.BytesIO()
    with pytest.raises(BadFile) as refused:
        write_deck(version(datetime(2026, 1, 11, tzinfo=UTC), {question: changes}), out, lang="ar")
    assert str(refused.value) == message
    assert out.getvalue() == b""


@pytest.mark.parametrize("stem", ["تبلغ سعة السد 3.", "____ من ____."])
def test_a_cloze_without_its_one_blank_is_refused_however_it_was_made(new_bank, bank, stem):
    whole = bank.entries[3].question
    cloze = whole.model_copy(update={"stem": whole.stem.model_copy(update={"ar": stem})})  # not looked at again
    with pytest.raises(BadFile) as refused:
        write_deck(
            bank.model_copy(update={"entries": (bank.entries[3].model_copy(update={"question": cloze}),)}),
            io.BytesIO(),
            lang="ar",
        )
    assert str(refused.value) == (
        'dam: question "f-2.amount.cloze" (fact f-2), field stem.ar: needs exactly one blank, ____'
    )


def test_a_field_that_the_bank_does_not_know_is_refused_with_its_question(bank):
    data = bank.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["entries"][0]["question"]["front"] = "Who?"
    with pytest.raises(BadFile, match=r'dam.json: entry 1, question "f-1.speaker.choice", field front: '):
        bank_json.load(json.dumps(data).encode(), "dam.json")


def marked(value):
    """The same question with markup in every text that it has."""
    match value:
        case dict():
            own = {
                "id",
                "name",
                "kind",
                "key",
                "keys",
                "data",
                "type",
                "lang",
                "topic",
                "weight",
                "answer_type",
                "value",
            }
            return {name: each if name in own else marked(each) for name, each in value.items()}
        case list():
            return [marked(each) for each in value]
        case str():
            return value + "<i>x</i>&nbsp;"
        case _:
            return value


def test_markup_in_any_text_of_any_kind_is_shown_as_text(new_bank, bank):
    data = bank.model_dump(mode="json", exclude_none=True, include={"entries"})
    entries = [entry | {"question": marked(entry["question"])} for entry in data["entries"]]
    rows = list(notes(new_bank(entries=entries), address="https://qimma.example/<i>", problems=[]))
    fields = "".join(row.fields for row in rows)
    assert fields.count("&lt;i&gt;x&lt;/i&gt;&amp;nbsp;") > 70
    assert set(re.findall(r"</?([a-z]+)", fields)) == {"bdi", "div", "img", "li", "ol", "span", "strong", "ul"}
    assert re.findall(r"&(?!amp;|lt;|gt;|quot;|#x27;|#91;)", fields) == []


def test_all_that_is_wrong_is_told_at_once(version):
    changes = {"essay-1": {"stem": {"en": "\x01"}}, "only-english": {"answer": {"en": "\u200b"}}}
    with pytest.raises(BadFile) as refused:
        write_deck(version(datetime(2026, 1, 11, tzinfo=UTC), changes), io.BytesIO(), lang="en")
    assert [problem.where for problem in refused.value.problems] == [
        'question "essay-1", field stem.en',
        'question "only-english", field answer.en',
    ]


def test_names_of_deck_and_topic_are_looked_at_too(new_bank):
    bad = new_bank(deck="Dam\x1f", topics=[{"id": "water", "name": {"ar": "\u200f"}}])
    with pytest.raises(BadFile) as refused:
        write_deck(bad, io.BytesIO(), lang="en")
    assert [(problem.where, problem.what) for problem in refused.value.problems] == [
        ("field deck", "holds the control character U+001F, which Anki does not take"),
        ('topic "water", field name.ar', "holds nothing that can be seen"),
    ]
