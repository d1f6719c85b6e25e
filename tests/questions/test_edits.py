"""An instructor's edit meets newly generated text: what is taken, what is kept, what a person must decide."""

from __future__ import annotations

from typing import Any

import pytest
from factories import every_kind, make_question
from hypothesis import given
from hypothesis import strategies as st

from questions.bank import Question
from questions.edits import FieldConflict, changed_fields, fields, from_fields, merge

A, B, C, D, E = ({"id": name, "text": {"en": name.upper()}} for name in "abcde")


def choice(**more: Any) -> Question:
    fields: dict[str, Any] = {"stem": {"ar": "سؤال؟", "en": "A question?"}, "options": (A, B, C), "key": "a"}
    return make_question("choice", **{**fields, "feedback": {"en": "Why."}, **more})


BASE = choice()


def test_an_untouched_question_follows_its_facts():
    generated = choice(stem={"ar": "سؤال جديد؟", "en": "A new question?"})
    merged = merge(BASE, generated, BASE)
    assert (merged.question, merged.conflicts) == (generated, ())


def test_an_edit_stands_while_the_facts_say_the_same():
    edited = choice(stem={"ar": "سؤال؟", "en": "My question?"})
    merged = merge(BASE, BASE, edited)
    assert (merged.question, merged.conflicts) == (edited, ())


def test_an_edit_that_the_facts_come_to_agree_with_is_no_conflict():
    same = choice(key="b", stem={"en": "A better question?"})
    merged = merge(BASE, same, same)
    assert (merged.question, merged.conflicts) == (same, ())


def test_changes_of_different_fields_are_both_taken():
    merged = merge(BASE, choice(feedback={"en": "The new reason."}), choice(stem={"ar": "سؤالي؟", "en": "A question?"}))
    assert merged.question == choice(feedback={"en": "The new reason."}, stem={"ar": "سؤالي؟", "en": "A question?"})
    assert merged.conflicts == ()


def test_the_two_languages_of_a_text_are_two_fields():
    merged = merge(
        BASE,
        choice(stem={"ar": "سؤال؟", "en": "A corrected question?"}),
        choice(stem={"ar": "سؤالي؟", "en": "A question?"}),
    )
    assert merged.question.stem.ar == "سؤالي؟"
    assert merged.question.stem.en == "A corrected question?"
    assert merged.conflicts == ()


def test_a_field_that_both_changed_keeps_the_edit_and_is_a_conflict():
    merged = merge(BASE, choice(feedback={"en": "Now."}), choice(feedback={"en": "Yours."}))
    assert merged.question.feedback.en == "Yours."
    assert merged.conflicts == (FieldConflict("feedback.en", "Why.", "Now.", "Yours."),)
    assert not merged.key_in_doubt


def test_a_field_that_the_facts_dropped_and_the_edit_changed_is_a_conflict():
    merged = merge(BASE, choice(feedback=None), choice(feedback={"en": "Yours."}))
    assert merged.conflicts == (FieldConflict("feedback.en", "Why.", None, "Yours."),)


def test_a_key_that_both_changed_hides_the_question():
    merged = merge(BASE, choice(key="b"), choice(key="c"))
    assert merged.question.key == "c"
    assert merged.conflicts == (FieldConflict("key", "a", "b", "c"),)
    assert merged.key_in_doubt


def test_a_key_that_only_the_facts_changed_is_taken():
    merged = merge(BASE, choice(key="b"), choice(feedback={"en": "Yours."}))
    assert (merged.question.key, merged.question.feedback.en, merged.conflicts) == ("b", "Yours.", ())


@pytest.mark.parametrize(
    ("base", "generated", "edited", "options"),
    [
        ((A, B, C), (A, B, C, D), (A, B, C), "abcd"),
        ((A, B, C), (A, B, C), (A, B, C, D), "abcd"),
        ((A, B, C), (A, B, C, D), (A, B, C, E), "abced"),
        ((A, B, C), (A, B), (C, B, A), "ba"),
        ((A, B, C), (A, B, C), (A, B), "ab"),
        ((A, B, C), (A, B, C, D), (A, B), "abd"),
        ((A, B, C), (A, B, D), (A, B, C), "abd"),
        ((A, B, C), (C, B, A), (A, B, C), "cba"),
        ((A, B, C), (C, B, A), (B, A, C), "bac"),
        ((A, B, C), (A, B, C, D), (C, B, A), "cbad"),
    ],
    ids=[
        "added by the facts",
        "added by the edit",
        "one added by each",
        "removed by the facts, reordered by the edit",
        "removed by the edit",
        "removed by the edit, one added by the facts",
        "replaced by the facts",
        "reordered by the facts",
        "reordered by both",
        "reordered by the edit, one added by the facts",
    ],
)
def test_options_come_and_go_one_by_one(base, generated, edited, options):
    merged = merge(
        choice(options=base),
        choice(options=generated, feedback={"en": "Now."}),
        choice(options=edited, difficulty=0.9),
    )
    assert "".join(option.id for option in merged.question.options) == options
    assert (merged.question.feedback.en, merged.question.difficulty) == ("Now.", 0.9)
    assert merged.conflicts == ()


def test_an_option_that_the_facts_dropped_but_the_edit_changed_stays_until_someone_decides():
    mine = {"id": "c", "text": {"en": "C, in my words"}, "feedback": {"en": "It is D's."}}
    merged = merge(choice(options=(A, B, C)), choice(options=(A, B)), choice(options=(A, B, mine)))
    assert [option.id for option in merged.question.options] == ["a", "b", "c"]
    assert merged.question.options[2].text.en == "C, in my words"
    assert [conflict.field for conflict in merged.conflicts] == ["options.c.text.en"]


def test_an_option_that_the_edit_dropped_but_the_facts_changed_stays_dropped():
    new = {"id": "c", "text": {"en": "C, corrected"}}
    merged = merge(choice(options=(A, B, C)), choice(options=(A, B, new)), choice(options=(A, B)))
    assert [option.id for option in merged.question.options] == ["a", "b"]
    assert merged.conflicts == (FieldConflict("options.c.text.en", "C", "C, corrected", None),)
    assert not merged.key_in_doubt


@pytest.mark.parametrize(
    ("generated", "edited"),
    [
        ({"options": (A, B)}, {"key": "c"}),
        ({"key": "c"}, {"options": (A, B)}),
    ],
    ids=["the facts drop the edit's key", "the edit dropped the facts' key"],
)
def test_changes_that_do_not_go_together_leave_the_edit_whole_and_hide_it(generated, edited):
    merged = merge(BASE, choice(**generated), choice(**edited))
    assert merged.question == choice(**edited)
    assert merged.key_in_doubt


STATEMENT = {"ar": "قال عمر ذلك.", "en": "Omar said it."}
OTHER = {"ar": "قالت ليلى ذلك.", "en": "Layla said it."}
REWORDED = {"ar": "صاحب القول عمر.", "en": "Omar said it."}


@pytest.mark.parametrize(
    ("generated", "edited"),
    [
        ({"stem": OTHER, "key": True}, {"stem": REWORDED, "key": False}),
        ({"stem": OTHER, "key": False}, {"stem": STATEMENT, "key": True}),
        ({"stem": STATEMENT, "key": True}, {"stem": REWORDED, "key": False}),
    ],
    ids=["new statement under a reworded one", "new statement under a judged one", "judged anew under a reworded one"],
)
def test_a_statement_and_whether_it_is_true_are_never_taken_from_two_sides(generated, edited):
    base = make_question("true_false", stem=STATEMENT, key=False)
    merged = merge(base, make_question("true_false", **generated), make_question("true_false", **edited))
    assert merged.question == make_question("true_false", **edited)
    assert merged.key_in_doubt


def test_the_wording_of_a_statement_may_change_on_both_sides():
    base = make_question("true_false", stem=STATEMENT, key=False)
    generated = make_question("true_false", stem={**STATEMENT, "en": "It was Omar who said it."}, key=False)
    merged = merge(base, generated, make_question("true_false", stem=REWORDED, key=False))
    assert (merged.question.stem.ar, merged.question.stem.en) == ("صاحب القول عمر.", "It was Omar who said it.")
    assert not merged.key_in_doubt


def typed(answer: str, value: str, *accepted: str, **more: Any) -> Question:
    return make_question(
        "typed",
        answer={"en": answer},
        answer_type="number",
        value=value,
        accepted=[{"text": text} for text in accepted],
        **more,
    )


def test_aliases_that_were_written_for_another_answer_hide_the_question():
    merged = merge(typed("2 hours", "2"), typed("3 hours", "3"), typed("2 hours", "2", "a couple of hours"))
    assert merged.question == typed("2 hours", "2", "a couple of hours")
    assert merged.key_in_doubt


@pytest.mark.parametrize(
    ("generated", "edited", "merged"),
    [
        (["two", "a pair"], ["two", "a couple"], ["two", "a couple", "a pair"]),
        (["a pair"], ["two", "a couple"], ["a couple", "a pair"]),
        (["two", "a pair"], ["a couple"], ["a couple", "a pair"]),
        (["a pair"], ["a couple", "a pair"], ["a couple", "a pair"]),
        ([], ["two", "a couple"], ["a couple"]),
        (["two", "a pair"], [], ["a pair"]),
    ],
    ids=["both added", "one dropped and added", "the other did", "both the same", "all dropped", "all taken out"],
)
def test_wordings_that_either_side_added_or_dropped_are_merged(generated, edited, merged):
    found = merge(typed("2", "2", "two"), typed("2", "2", *generated), typed("2", "2", *edited))
    assert (found.question, found.conflicts) == (typed("2", "2", *merged), ())


@pytest.mark.parametrize("edited", [{"accepted": [{"text": "Hasan", "lang": "en"}]}, {"accepted": []}])
def test_a_wording_that_the_two_weigh_differently_hides_the_question(edited):
    generated = make_question("typed", accepted=[{"text": "Hasan", "lang": "en", "weight": 0.25}])
    merged = merge(make_question("typed"), generated, make_question("typed", **edited))
    assert merged.question == make_question("typed", **edited)
    assert [conflict.field for conflict in merged.conflicts] == ["accepted"]
    assert merged.key_in_doubt


def test_a_new_answer_is_taken_where_the_edit_is_of_something_else():
    merged = merge(typed("2", "2"), typed("3", "3"), typed("2", "2", feedback={"en": "Yours."}))
    assert merged.question == typed("3", "3", feedback={"en": "Yours."})


def ordering(*names: str) -> Question:
    return make_question("ordering", items=[{"id": name, "text": {"en": name.upper()}} for name in names])


@pytest.mark.parametrize(
    ("generated", "edited"),
    [("bac", "cab"), ("dabc", "acb"), ("ab", "cba")],
    ids=["two orders", "one more in front", "one less"],
)
def test_an_order_to_be_given_is_a_key(generated, edited):
    merged = merge(ordering(*"abc"), ordering(*generated), ordering(*edited))
    assert [item.id for item in merged.question.items] == list(edited)
    assert merged.key_in_doubt


def test_rows_that_the_edit_emptied_and_the_facts_added_to_can_be_merged():
    extra = ({"id": "x", "text": {"en": "X"}}, {"id": "y", "text": {"en": "Y"}})
    merged = merge(
        make_question("matching", extra=extra[:1]),
        make_question("matching", extra=extra),
        make_question("matching", extra=()),
    )
    assert [item.id for item in merged.question.extra] == ["y"]


@pytest.mark.parametrize("name", ["2030.05", "50%", "a%2eb", "#order", "n-1"])
def test_any_id_of_an_option_survives_the_way_to_fields_and_back(name):
    question = choice(options=(A, {"id": name, "text": {"en": "odd"}}, {"id": name + ".", "text": {"en": "odder"}}))
    assert from_fields(fields(question)) == question


@pytest.mark.parametrize("question", every_kind(), ids=lambda one: one.kind)
def test_a_question_of_any_kind_survives_the_way_to_fields_and_back(question):
    assert from_fields(fields(question)) == question


def test_the_fields_that_differ_are_named():
    assert changed_fields(BASE, choice(key="b", feedback=None)) == ("key", "feedback.en")


WORDS = st.sampled_from(["one", "two", "three", "four"])
ROWS = st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True)


@st.composite
def states(draw) -> Question:
    rows = draw(ROWS)
    return choice(
        stem={"ar": draw(WORDS), "en": draw(WORDS)},
        feedback=draw(st.none() | st.fixed_dictionaries({"en": WORDS})),
        options=[{"id": name, "text": {"en": draw(WORDS)}} for name in rows],
        key=draw(st.sampled_from(rows)),
        tags=draw(st.lists(WORDS, max_size=2, unique=True)),
    )


@given(states(), states())
def test_without_a_change_of_the_facts_the_edit_is_what_counts(base, edited):
    assert merge(base, base, edited).question == edited


@given(states(), states())
def test_without_an_edit_the_facts_are_what_counts(base, generated):
    assert merge(base, generated, base).question == generated


@given(states(), states(), states())
def test_nothing_of_an_edit_is_lost(base, generated, edited):
    was, yours = fields(base), fields(edited)
    merged = fields(merge(base, generated, edited).question)
    mine = {field: value for field, value in yours.items() if was.get(field) != value and not field.endswith("#order")}
    assert {field: merged.get(field) for field in mine} == mine


@given(states(), states(), states())
def test_every_difference_from_the_edit_is_a_change_of_the_facts(base, generated, edited):
    merged = merge(base, generated, edited).question
    now, yours = fields(generated), fields(edited)
    taken = {field: value for field, value in fields(merged).items() if yours.get(field) != value}
    assert {field: now.get(field) for field in taken if not field.endswith("#order")} == {
        field: value for field, value in taken.items() if not field.endswith("#order")
    }


@given(states(), states(), states())
def test_what_an_edit_took_out_stays_out(base, generated, edited):
    gone = fields(base).keys() - fields(edited).keys()
    assert gone & fields(merge(base, generated, edited).question).keys() == set()
