"""Whether two questions of one id may be one question at two times."""

from __future__ import annotations

import pytest

from questions.alike import could_be_one
from questions.bank import Question
from questions.formats import gift


def asked(text: str) -> Question:
    (question,) = gift.read(text.encode(), "a.gift").questions
    return question


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("Capital of France? {=Paris ~Lyon}", "Capital of Spain? {=Madrid ~Lyon}", False),
        ("Capital of France? {=Paris ~Lyon}", "Which is the capital of France? {=Paris ~Lyon}", True),
        ("Capital of France? {=Paris ~Lyon}", "Capital of France? {=Lyon ~Paris}", True),  # the key was mended
        ("Choose the right one. {=Paris ~Lyon}", "Choose the right one. {=iron ~gold}", False),
        ("Two plus two? {=four}", "Two plus two? {=4}", True),
        ("Two plus two? {=four}", "How much is two plus two? {=four}", True),
        ("Water is wet. {T}", "The moon is a star. {T}", False),
        ("The earth goes around the sun. {T}", "The earth goes round the sun. {T}", True),
        ("Discuss the treaty of 1648. {}", "Discuss the causes of the war. {}", False),
        ("Who? {=Paris ~Lyon}", "مَن؟ {=باريس ~ليون}", False),
        ("Match. {=a -> b =c -> d}", "Match. {=e -> b =f -> d}", False),
    ],
)
def test_the_stem_or_the_answer_tells(one, other, may):
    assert could_be_one(asked(one), asked(other)) is may
    assert could_be_one(asked(other), asked(one)) is may
