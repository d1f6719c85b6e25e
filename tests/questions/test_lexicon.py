"""Which words are words: what keeps a slip apart from another word."""

from __future__ import annotations

import pytest

from questions.lexicon import real_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("energy enemy", {"energy", "enemy"}),
        ("Energey, enemey", set()),
        ("الطاقة البطاقة", {"الطاقه", "البطاقه"}),
        ("الطاققة", set()),
        ("7 2021", set()),
        ("", set()),
    ],
)
def test_words_of_both_languages_are_known_as_they_are_written(text, words):
    assert real_words(text) == words
