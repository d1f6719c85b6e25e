"""What cannot stand on a card is refused before anything is written, with its place."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from export.anki import write_deck
from questions.errors import BadFile


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
            'dam: question "f-1.speaker.typed", field answer.en: holds nothing that can be seen',
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
            'dam: question "s-3.roles.matching", field extra[0].text.en: holds nothing that can be seen',
        ),
        (
            "f-1.speaker.choice",
            {"sources": [{"voice": {"ar": "ليلى"}, "opening": "قال\x00ت"}]},
            'dam: question "f-1.speaker.choice", field sources[0].opening: '
            "holds the control character U+0000, which Anki does not take",
        ),
        (
            "only-english",
            {"media": [{"name": "map.png", "type": "image/png", "data": "not base64"}]},
            'dam: question "only-english", field media[0].data: map.png is not base64',
        ),
    ],
)
def test_a_bad_question_is_refused_with_its_place(version, question, changes, message):
    out = io.BytesIO()
    with pytest.raises(BadFile) as refused:
        write_deck(version(datetime(2026, 1, 11, tzinfo=UTC), {question: changes}), out, lang="ar")
    assert str(refused.value) == message
    assert out.getvalue() == b""


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
