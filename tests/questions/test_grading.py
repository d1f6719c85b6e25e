"""A response to each kind of question: its verdict, and what cannot be judged."""

import pytest
from factories import make_question

from questions.errors import BadInput
from questions.grading import Verdict, grade
from questions.responses import Chosen, ChosenMany, Judged, Matched, Ordered, Unknown, Written

OPTIONS = [{"id": name, "text": {"en": name}} for name in ("a", "b", "c", "d")]
STEM = {"en": "A question?"}
CHOICE = make_question("choice", stem=STEM, options=OPTIONS, key="a")
SELECT = make_question("multi_select", stem=STEM, options=OPTIONS, keys=("a", "b"))
ORDER = make_question(
    "ordering", stem=STEM, items=[{"id": name, "text": {"en": name}} for name in ("one", "two", "three", "four")]
)
MATCH = make_question(
    "matching",
    stem=STEM,
    pairs=[{"id": name, "left": {"en": name}, "right": {"en": name.upper()}} for name in ("a", "b", "c")],
    extra=[{"id": "x", "text": {"en": "X"}}],
)
TRUE = make_question("true_false", stem=STEM, key=True)
TYPED = make_question("typed", stem=STEM, answer={"en": "the dam"}, answer_type="text", accepted=())
CLOZE = make_question(
    "cloze", stem={"en": "They built ____."}, answer={"en": "the dam"}, answer_type="text", value=None
)
OPEN = make_question("open", stem=STEM)

RIGHT, WRONG = Verdict("right", 1.0), Verdict("wrong", 0.0)


@pytest.mark.parametrize(
    ("question", "response", "verdict"),
    [
        (CHOICE, Chosen(option="a"), RIGHT),
        (CHOICE, Chosen(option="b"), WRONG),
        (SELECT, ChosenMany(options=("a", "b")), RIGHT),
        (SELECT, ChosenMany(options=("b", "a")), RIGHT),
        (SELECT, ChosenMany(options=("a",)), WRONG),
        (SELECT, ChosenMany(options=("a", "b", "c")), WRONG),
        (SELECT, ChosenMany(options=()), WRONG),
        (TRUE, Judged(value=True), RIGHT),
        (TRUE, Judged(value=False), WRONG),
        (TYPED, Written(text="Dam"), RIGHT),
        (CLOZE, Written(text="a pond"), WRONG),
        (ORDER, Ordered(items=("one", "two", "three", "four")), RIGHT),
        (ORDER, Ordered(items=("one", "two", "four", "three")), Verdict("close", 0.5, "in_part")),
        (ORDER, Ordered(items=("two", "three", "one", "four")), Verdict("wrong", 0.25, "in_part")),
        (ORDER, Ordered(items=("four", "three", "two", "one")), WRONG),
        (MATCH, Matched(pairs=(("a", "a"), ("b", "b"), ("c", "c"))), RIGHT),
        (MATCH, Matched(pairs=(("a", "a"), ("b", "b"), ("c", "x"))), Verdict("close", 2 / 3, "in_part")),
        (MATCH, Matched(pairs=(("a", "a"), ("b", "c"), ("c", "b"))), Verdict("wrong", 1 / 3, "in_part")),
        (MATCH, Matched(pairs=(("a", "a"),)), Verdict("wrong", 1 / 3, "in_part")),
        (MATCH, Matched(pairs=()), WRONG),
    ],
)
def test_a_response_gets_its_verdict(question, response, verdict):
    assert grade(question, response) == verdict


@pytest.mark.parametrize("question", [CHOICE, SELECT, TRUE, TYPED, CLOZE, ORDER, MATCH], ids=lambda one: one.kind)
def test_not_knowing_is_an_honest_wrong_answer_to_any_kind(question):
    assert grade(question, Unknown()) == Verdict("wrong", 0.0, "unknown")


@pytest.mark.parametrize(
    ("weight", "verdict"),
    [
        (1, RIGHT),
        (0.5, Verdict("close", 0.5, "in_part")),
        (0, WRONG),
        (-0.5, WRONG),
    ],
)
def test_an_option_beside_the_key_is_worth_its_weight(weight, verdict):
    options = [*OPTIONS[:2], {**OPTIONS[2], "weight": weight}]
    question = make_question("choice", stem=STEM, options=options, key="a")
    assert grade(question, Chosen(option="c")) == verdict


@pytest.mark.parametrize(
    ("question", "response"),
    [
        (CHOICE, Chosen(option="z")),
        (SELECT, ChosenMany(options=("a", "z"))),
        (ORDER, Ordered(items=("one", "two", "three"))),
        (ORDER, Ordered(items=("one", "two", "three", "three"))),
        (ORDER, Ordered(items=("one", "two", "three", "z"))),
        (MATCH, Matched(pairs=(("a", "z"),))),
        (MATCH, Matched(pairs=(("z", "a"),))),
        (MATCH, Matched(pairs=(("x", "a"),))),
        (CHOICE, Written(text="a")),
        (TYPED, Chosen(option="a")),
        (TRUE, Chosen(option="a")),
        (OPEN, Written(text="an essay")),
    ],
)
def test_what_the_question_does_not_have_is_refused(question, response):
    with pytest.raises(BadInput):
        grade(question, response)


def test_shares_of_a_file_count_in_a_multi_select_and_never_below_nothing():
    options = [
        {"id": name, "text": {"en": name}, "weight": weight}
        for name, weight in (("a", 0.5), ("b", 0.5), ("c", -0.5), ("d", -1.0))
    ]
    question = make_question("multi_select", options=options, keys=["a", "b"])
    shares = [
        grade(question, ChosenMany(options=chosen)) for chosen in (("a", "b"), ("a",), ("a", "c"), ("a", "d"), ())
    ]
    assert [(one.outcome, one.share) for one in shares] == [
        ("right", 1),
        ("close", 0.5),
        ("wrong", 0),
        ("wrong", 0),
        ("wrong", 0),
    ]


def test_either_of_two_equal_right_sides_is_right():
    sides = (("a", "one", "odd"), ("b", "two", "even"), ("c", "three", "odd"))
    pairs = [{"id": name, "left": {"en": left}, "right": {"en": right}} for name, left, right in sides]
    question = make_question("matching", pairs=pairs, extra=[])
    made = Matched(pairs=(("a", "c"), ("b", "b"), ("c", "a")))
    assert grade(question, made).outcome == "right"
