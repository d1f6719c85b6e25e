"""What a file says, laid onto what is here: whatever becomes of it is a question that can be read again."""

import pytest
from factories import make_question

from questions.bank import QUESTION, canonical
from quiz.services.laying import onto


def matching(pairs, extra):
    """A matching question whose pairs and extra sides have these ids and say these things."""
    return make_question(
        "matching",
        pairs=tuple({"id": one, "left": {"en": f"left {one}"}, "right": {"en": said}} for one, said in pairs),
        extra=tuple({"id": one, "text": {"en": said}} for one, said in extra),
    )


@pytest.mark.parametrize(
    ("pairs", "extra"),
    [
        (
            [("a", "1"), ("x", "2"), ("b", "3")],
            [("y", "other"), ("c", "4")],
        ),  # a pair with the id of an extra side here
        ([("a", "1"), ("b", "2"), ("y", "3")], [("x", "4"), ("z", "5")]),
        ([("p", "1"), ("q", "2")], [("a", "4")]),
        ([("a-new", "1"), ("x-new", "2"), ("x", "7")], [("a", "4"), ("b", "8")]),
    ],
)
def test_pairs_and_extra_sides_never_share_an_id(pairs, extra):
    here = matching([("a", "1"), ("b", "2")], [("x", "other")])
    became = onto(here, [matching([("m", "1"), ("n", "2")], [("o", "third")])], matching(pairs, extra))
    assert QUESTION.validate_json(canonical(became)) == became
