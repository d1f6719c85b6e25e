"""Which questions go together in a quiz."""

from __future__ import annotations

from typing import Any

import pytest
from factories import make_question

from questions.assemble import draw
from questions.bank import Question


def ask(name: str, kind: str = "choice", **more: Any) -> Question:
    """A question of its own fact and stem."""
    anchor = name.split(".")[0]
    fields = {"id": name, "facts": (anchor,), "stem": {"en": f"What of {name}? {'____' if kind == 'cloze' else ''}"}}
    return make_question(kind, **{**fields, **more})


def ids(questions) -> list[str]:
    return [question.id for question in questions]


MANY = tuple(ask(f"f-{nr}.{asked}.choice", topic=f"t-{nr % 4}") for nr in range(40) for asked in ("who", "when"))


@pytest.mark.parametrize("seed", range(5))
def test_no_two_questions_of_a_fact_go_together(seed):
    drawn = draw(MANY, 20, seed)
    assert len({question.anchor for question in drawn}) == len(drawn) == 20


@pytest.mark.parametrize("seed", range(5))
def test_a_question_over_several_facts_goes_with_none_of_them(seed):
    whole = ask("s-1.raised.multi-select", "multi_select", facts=("f-1", "f-2"))
    drawn = draw((whole, ask("f-1.who.choice"), ask("f-2.who.choice"), ask("f-3.who.choice")), 10, seed)
    assert set(ids(drawn)) in (
        {"s-1.raised.multi-select", "f-3.who.choice"},
        {"f-1.who.choice", "f-2.who.choice", "f-3.who.choice"},
    )


@pytest.mark.parametrize("barred", ["f-2", "f-2.who", "f-2.who.choice"], ids=["fact", "point", "question"])
@pytest.mark.parametrize("seed", range(6))
def test_what_gives_a_question_away_is_not_asked_with_it(barred, seed):
    drawn = draw((ask("f-1.who.choice", not_with=(barred,)), ask("f-2.who.choice")), 2, seed)
    assert len(drawn) == 1


@pytest.mark.parametrize("seed", range(6))
def test_only_the_point_that_is_named_is_kept_apart(seed):
    drawn = draw((ask("f-1.who.choice", not_with=("f-2.when",)), ask("f-2.who.choice")), 2, seed)
    assert len(drawn) == 2


@pytest.mark.parametrize("seed", range(6))
def test_no_two_questions_of_one_stem_go_together(seed):
    stem = {"en": "Which of these was raised?"}
    assert len(draw((ask("f-1.raised.choice", stem=stem), ask("f-2.raised.choice", stem=stem)), 2, seed)) == 1


NAMES_IT = {"stem": {"ar": "ماذا قالت ليلى الحسن؟", "en": "What did Layla al-Hasan say?"}}


@pytest.mark.parametrize(("topic", "together"), [("talks", 1), ("water", 2)], ids=["same topic", "other topic"])
@pytest.mark.parametrize("seed", range(4))
def test_no_stem_names_the_answer_of_another_question_of_its_topic(topic, together, seed):
    asked = ask("f-1.who.choice", topic="talks")
    assert len(draw((asked, ask("f-2.what.choice", topic=topic, **NAMES_IT)), 2, seed)) == together


@pytest.mark.parametrize("kind", ["typed", "cloze"])
def test_a_stem_that_names_a_written_answer_gives_it_away_too(kind):
    asked = ask(f"f-1.who.{kind}", kind, topic="talks", answer={"ar": "ليلى الحسن", "en": "Layla al-Hasan"})
    assert len(draw((asked, ask("f-2.what.choice", topic="talks", **NAMES_IT)), 2, 1)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_topics_come_in_turn(seed):
    drawn = draw(MANY, 8, seed)
    topics = [question.topic for question in drawn]
    assert {*topics[:4]} == {*topics[4:]} == {"t-0", "t-1", "t-2", "t-3"}


@pytest.mark.parametrize("seed", range(5))
def test_kinds_come_in_turn_within_a_topic(seed):
    mixed = [
        ask(f"f-{nr}.who.{kind}", name, topic="t")
        for nr, (kind, name) in enumerate([("choice", "choice")] * 9 + [("true-false", "true_false")] * 9)
    ]
    kinds = [question.kind for question in draw(mixed, 6, seed)]
    assert kinds.count("choice") == kinds.count("true_false") == 3


@pytest.mark.parametrize("seed", range(5))
def test_a_quiz_opens_with_a_choice_where_it_has_one(seed):
    mixed = [ask(f"f-{nr}.who.true-false", "true_false") for nr in range(9)] + [ask("f-9.who.choice")]
    assert draw(mixed, 10, seed)[0].id == "f-9.who.choice"


def test_the_same_seed_draws_the_same_quiz():
    assert ids(draw(MANY, 10, 7)) == ids(draw(tuple(reversed(MANY)), 10, 7))


def test_another_seed_draws_another_quiz():
    assert len({tuple(ids(draw(MANY, 10, seed))) for seed in range(20)}) == 20


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_a_quiz_is_as_long_as_asked_for(count):
    assert len(draw(MANY, count, 1)) == count


def test_fewer_come_where_no_more_go_together():
    assert len(draw(MANY, 100, 1)) == 40


def test_all_is_every_question_once():
    assert sorted(ids(draw(MANY, None, 3))) == sorted(ids(MANY))


def test_all_asks_every_fact_once_before_it_comes_back_to_one():
    drawn = draw(MANY, None, 3)
    assert len({question.anchor for question in drawn[:40]}) == len({question.anchor for question in drawn[40:]}) == 40


@pytest.mark.parametrize("count", [5, None])
def test_what_a_person_marks_is_never_drawn(count):
    assert draw((ask("essay", "open"),), count, 1) == ()


def test_a_large_bank_is_drawn_from():
    large = tuple(ask(f"f-{nr}.who.choice", topic=f"t-{nr % 9}") for nr in range(10_000))
    assert len(draw(large, 20, 1)) == 20
    assert len(draw(large, None, 1)) == 10_000
