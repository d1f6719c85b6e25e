"""Which questions go together in a quiz."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from factories import make_question

from questions.assemble import Pool, draw
from questions.bank import Question
from questions.generate import from_folder, packaged
from questions.normalise import normalise
from questions.texts import Bilingual


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


# ---------------------------------------------------------------- give-aways

LAYLA = {"ar": "ليلى الحسن", "en": "Layla al-Hasan"}


def keyed(name: str = "f-1.who.typed", **more: Any) -> Question:
    """A typed question; its answer is Layla al-Hasan, unless another is given."""
    return ask(name, "typed", **{"answer": LAYLA, "accepted": (), **more})


def together(*questions: Question) -> bool:
    """Whether all of them come in one quiz, whichever is drawn first."""
    lengths = {len(draw(questions, len(questions), seed)) for seed in range(8)}
    assert len(lengths) == 1
    return lengths == {len(questions)}


@pytest.mark.parametrize(
    "stem",
    [
        {"en": "What did Layla al-Hasan say?"},
        {"en": "What was LAYLA AL-HASAN's word?"},
        {"ar": "ماذا قالت ليلى الحسن؟"},
        {"ar": "ما الذي نُقل لليلى الحسن؟"},
        {"ar": "من تحدّث مع عمر وليلى الحسن؟"},
    ],
    ids=["name", "other letters", "Arabic", "joined li", "joined wa"],
)
@pytest.mark.parametrize("topic", ["talks", "water"], ids=["same topic", "other topic"])
def test_no_stem_names_the_answer_of_another_question(stem, topic):
    assert not together(keyed(topic="talks"), ask("f-2.what.choice", topic=topic, stem=stem))


@pytest.mark.parametrize("kind", ["choice", "typed", "cloze"])
def test_an_answer_is_given_away_whether_it_is_chosen_or_written(kind):
    more = {} if kind == "choice" else {"answer": LAYLA, "accepted": ()}
    naming = ask("f-2.what.choice", stem={"en": "What did Layla al-Hasan say?"}, key="omar")
    assert not together(ask(f"f-1.who.{kind}", kind, **more), naming)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("true_false", {"stem": {"en": "Layla al-Hasan opened the dam."}}),
        ("cloze", {"stem": {"en": "Layla al-Hasan opened the ____."}, "answer": {"en": "dam"}}),
        (
            "ordering",
            {"items": ({"id": "a", "text": {"en": "the rise of Layla al-Hasan"}}, {"id": "b", "text": {"en": "May"}})},
        ),
        (
            "matching",
            {
                "pairs": (
                    {"id": "a", "left": {"en": "the envoy of Layla al-Hasan"}, "right": {"en": "Nabil"}},
                    {"id": "b", "left": {"en": "the guard"}, "right": {"en": "Karim"}},
                )
            },
        ),
        (
            "multi_select",
            {
                "options": (
                    {"id": "a", "text": {"en": "a tower"}},
                    {"id": "b", "text": {"en": "a dam that Layla al-Hasan built"}},
                ),
                "keys": ("a",),
            },
        ),
    ],
    ids=["statement", "sentence with a blank", "thing to order", "side of a pair", "option that says more"],
)
def test_whatever_a_question_states_gives_an_answer_away(kind, more):
    naming = ask(f"f-2.what.{kind.replace('_', '-')}", kind, **more)
    assert not together(keyed(), naming)


@pytest.mark.parametrize("name", ["Layla al-Hasan", "The Layla al-Hasan"])
def test_a_name_among_options_gives_nothing_away(name):
    options = ({"id": "omar", "text": {"en": "Omar Salem"}}, {"id": "layla", "text": {"en": name}})
    assert together(keyed(), ask("f-2.what.choice", options=options, key="omar"))


@pytest.mark.parametrize(
    ("accepted", "goes"),
    [
        ({"text": "the Minister"}, False),
        ({"text": "الوزيرة", "lang": "ar"}, False),
        ({"text": "the Minister", "weight": 0.5}, True),
        ({"text": "the Envoy"}, True),
        ({"text": "dam"}, True),
    ],
    ids=["another name", "another Arabic name", "half right", "elsewhere", "short"],
)
def test_other_right_answers_give_it_away_too(accepted, goes):
    stem = {"ar": "أين كان السدّ بالوزيرة؟", "en": "Where was the dam of the Minister?"}
    assert together(keyed(accepted=(accepted,)), ask("f-2.what.choice", stem=stem, key="omar")) is goes


def test_a_name_that_is_a_rivals_too_gives_nothing_away():
    shared = keyed(accepted=({"text": "Hasan"},), rivals=("hasan",))
    assert together(shared, ask("f-2.what.choice", stem={"en": "What did Karim Hasan say?"}, key="omar"))


@pytest.mark.parametrize(
    ("answer", "stem", "goes"),
    [
        ({"en": "the climate"}, {"en": "Who spoke of climate?"}, False),
        ({"en": "climate"}, {"en": "Who spoke of the climate?"}, False),
        ({"ar": "المناخ"}, {"ar": "من وعد بمناخ أفضل؟"}, False),
        ({"ar": "مناخ"}, {"ar": "من تحدّث عن المناخ؟"}, False),
        ({"ar": "المناخ"}, {"ar": "من المسؤول للمناخ؟"}, False),
        ({"en": "rain"}, {"en": "Who took the train?"}, True),
        ({"en": "rain"}, {"en": "Who saw rainbows?"}, True),
        ({"ar": "نهر"}, {"ar": "من رأى الأنهر؟"}, True),
        ({"en": "May"}, {"en": "Who came in May?"}, True),
    ],
    ids=["less", "article", "joined", "Arabic article", "li and article", "end", "beginning", "inside", "short"],
)
def test_whole_words_are_looked_for_and_articles_are_nothing(answer, stem, goes):
    assert together(keyed(answer=answer), ask("f-2.what.choice", stem=stem, key="omar")) is goes


def test_the_answer_of_a_statement_is_known_from_its_siblings():
    statement = ask("f-1.who.true-false", "true_false", stem={"en": "Karim opened the dam."})
    naming = ask("f-2.what.choice", stem={"en": "What did Layla al-Hasan say?"}, key="omar")
    assert len(draw((statement, keyed(), naming), 3, 1)) == 1
    assert together(statement, naming)


def test_an_answer_that_the_question_names_itself_is_told_by_no_other():
    options = ({"id": "t", "text": {"en": "True"}}, {"id": "f", "text": {"en": "False"}})
    questions = [
        ask(f"f-{nr}.so.choice", stem={"en": f"True or false: {nr} is odd."}, options=options, key="t")
        for nr in range(1, 6)
    ]
    assert together(*questions)


PAIRS = {
    "pairs": (
        {"id": "a", "left": LAYLA, "right": {"ar": "وزيرة المياه", "en": "the minister of water"}},
        {"id": "b", "left": {"ar": "كريم", "en": "Karim"}, "right": {"ar": "المبعوث", "en": "the envoy"}},
    ),
    "extra": (),
}


@pytest.mark.parametrize(
    ("other", "goes"),
    [
        (keyed(stem={"en": "Who is minister of water?"}), False),
        (keyed(stem={"en": "Who opened the dam?"}), True),
        (ask("f-2.what.choice", stem={"en": "What did the minister of water Layla al-Hasan say?"}, key="omar"), False),
        (ask("f-2.what.choice", stem={"en": "What did the minister of water say?"}, key="omar"), True),
    ],
    ids=["asks for one side", "asks for it elsewhere", "names both", "names one"],
)
def test_a_pair_is_asked_for_once(other, goes):
    assert together(ask("s-1.pairs.matching", "matching", facts=("f-8",), **PAIRS), other) is goes


@pytest.mark.parametrize("seed", range(10))
def test_an_answer_that_most_stems_name_is_left_out_rather_than_all_of_them(seed):
    stems = [
        ask(f"f-{nr}.what.true-false", "true_false", stem={"en": f"In Layla al-Hasan's talks, {nr}."})
        for nr in range(2, 32)
    ]
    drawn = draw((keyed(), *stems), 10, seed)
    assert len(drawn) == 10
    assert "f-1.who.typed" not in ids(drawn)


# ---------------------------------------------------------------- spread


@pytest.mark.parametrize("seed", range(5))
def test_topics_come_in_turn(seed):
    drawn = draw(MANY, 8, seed)
    topics = [question.topic for question in drawn]
    assert {*topics[:4]} == {*topics[4:]} == {"t-0", "t-1", "t-2", "t-3"}


@pytest.mark.parametrize("seed", range(5))
def test_kinds_come_in_turn_within_a_topic(seed):
    mixed = [
        ask(f"f-{nr}.who.{kind.replace('_', '-')}", kind, topic="t", **answered(nr, kind))
        for nr, kind in enumerate(["typed"] * 9 + ["true_false"] * 9)
    ]
    kinds = [question.kind for question in draw(mixed, 6, seed)]
    assert kinds.count("typed") == kinds.count("true_false") == 3


def answered(nr: int, kind: str) -> dict[str, Any]:
    """An answer that no other question has, where the kind has one."""
    return {"answer": {"en": f"Speaker {nr}"}, "accepted": ()} if kind == "typed" else {}


@pytest.mark.parametrize("seed", range(5))
def test_a_quiz_opens_with_a_choice_where_it_has_one(seed):
    mixed = [ask(f"f-{nr}.who.true-false", "true_false") for nr in range(9)] + [ask("f-9.who.choice")]
    assert draw(mixed, 10, seed)[0].id == "f-9.who.choice"


@pytest.mark.parametrize("seed", range(5))
def test_a_topic_is_not_asked_for_one_answer_twice_where_it_has_others(seed):
    same = [keyed(f"f-{nr}.who.typed", topic="t") for nr in range(4)]
    others = [keyed(f"f-{nr}.who.typed", topic="t", answer={"en": f"Speaker {nr}"}) for nr in range(4, 8)]
    drawn = draw((*same, *others), 5, seed)
    assert len({question.answer.en for question in drawn}) == 5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("much", "little"),
    [
        ({"difficulty": 0.3}, {"difficulty": 0.7}),
        (
            {"sources": ({"voice": {"en": "the report"}, "para": 1},)},
            {"sources": ({"voice": {"en": "it"}, "para": 2},)},
        ),
    ],
    ids=["difficulty", "paragraph"],
)
def test_of_the_next_few_one_is_taken_that_the_quiz_has_little_of(much, little, seed):
    mixed = [
        ask(f"f-{nr}.so.true-false", "true_false", topic="t", **(little if nr % 3 == 0 else much)) for nr in range(24)
    ]
    drawn = ids(draw(mixed, 6, seed))
    assert len([name for name in drawn if name in ids(mixed[::3])]) == 3


@pytest.mark.parametrize("seed", range(5))
def test_a_topic_of_four_times_the_questions_is_asked_twice_as_often(seed):
    large = [ask(f"f-{nr}.so.true-false", "true_false", topic="large") for nr in range(200)]
    small = [ask(f"g-{nr}.so.true-false", "true_false", topic="small") for nr in range(50)]
    topics = [question.topic for question in draw((*large, *small), 30, seed)]
    assert (topics.count("large"), topics.count("small")) == (20, 10)


@pytest.fixture(scope="module")
def summit() -> Pool:
    return Pool(SUMMIT)


SUMMIT = from_folder(packaged())[1].live


@pytest.mark.parametrize("seed", range(50))
def test_a_quiz_of_the_summit_touches_all_of_it(summit, seed):
    drawn = summit.draw(20, seed)
    assert len(drawn) == 20
    assert len({question.topic for question in drawn}) >= 8  # of 9
    assert len({question.kind for question in drawn}) >= 4  # of 7
    assert len({source.para for question in drawn for source in question.sources}) >= 11  # of 25
    assert {question.difficulty < 0.4 for question in drawn} == {True, False}
    assert {question.difficulty >= 0.6 for question in drawn} == {True, False}
    assert [question for question in drawn if 0.4 <= question.difficulty < 0.6] != []
    assert max(Counter(question.kind for question in drawn).values()) <= 10


@pytest.fixture(scope="module")
def quizzes(summit) -> list[tuple[Question, ...]]:
    return [summit.draw(20, seed) for seed in range(200)]


def test_a_quiz_of_the_summit_is_never_short(quizzes):
    assert {len(quiz) for quiz in quizzes} == {20}


def test_over_many_quizzes_nearly_every_question_of_the_summit_comes(quizzes):
    drawn = {question.id for quiz in quizzes for question in quiz}
    # The date and the form of the talks stand in nearly every stem.
    assert len([name for name in ids(SUMMIT) if name not in drawn]) <= 25


def test_over_many_quizzes_no_question_of_the_summit_comes_nearly_every_time(quizzes):
    often = Counter(question.id for quiz in quizzes for question in quiz)
    assert max(often.values()) <= 130


def key_texts(question: Question) -> set[str]:
    """The right answers of a question in normal form, as far as they are words."""
    texts = [option.text for option in getattr(question, "options", ()) if option.id == getattr(question, "key", None)]
    texts += [question.answer] if hasattr(question, "answer") else []
    forms = {normalise(text.get(lang)) for text in texts for lang in ("ar", "en")}
    return {form for form in forms if len(form) >= 4}


def clashes(drawn) -> list[tuple[str, str]]:
    """Pairs of one fact, of `not_with`, of one stem, or of which one names the other's answer: looked for plainly."""
    return [
        (one.id, other.id)
        for one in drawn
        for other in drawn
        if one is not other
        and (
            {one.anchor, *one.facts} & {other.anchor, *other.facts}
            or {one.anchor, *one.facts, one.point, one.id} & set(other.not_with)
            or one.stem == other.stem
            or any(
                f" {form} " in f" {normalise(one.stem.get(lang))} "
                for form in key_texts(other)
                for lang in ("ar", "en")
            )
        )
    ]


def test_in_no_quiz_of_the_summit_do_two_clash(quizzes):
    assert [pair for quiz in quizzes for pair in clashes(quiz)] == []


# ---------------------------------------------------------------- drawing again


def test_the_same_seed_draws_the_same_quiz():
    assert ids(draw(MANY, 10, 7)) == ids(draw(tuple(reversed(MANY)), 10, 7))


def test_a_seed_draws_this_quiz_on_every_machine():
    assert ids(draw(MANY, 6, 2026)) == [
        "f-14.who.choice",
        "f-19.when.choice",
        "f-5.when.choice",
        "f-32.when.choice",
        "f-30.when.choice",
        "f-15.when.choice",
    ]


def test_another_seed_draws_another_quiz():
    assert len({tuple(ids(draw(MANY, 10, seed))) for seed in range(20)}) == 20


def more(nr: int) -> Question:
    """A question that the summit does not have, of one of its topics and kinds."""
    like = SUMMIT[nr * 3]
    stem = {"ar": f"{like.stem.ar} {nr}", "en": f"{like.stem.en} {nr}"}
    return like.model_copy(
        update={"id": f"x-{nr}.new.choice", "facts": (f"x-{nr}",), "not_with": (), "stem": Bilingual(**stem)}
    )


def test_one_question_more_moves_little(summit):
    kept = [len({*ids(summit.draw(20, nr))} & {*ids(draw((*SUMMIT, more(nr)), 20, nr))}) for nr in range(40)]
    assert sum(kept) / 40 >= 19
    assert kept.count(20) >= 28


def test_one_question_less_moves_only_quizzes_near_it(summit):
    kept = [
        len({*ids(summit.draw(20, nr))} & {*ids(draw((*SUMMIT[:nr], *SUMMIT[nr + 1 :]), 20, nr))}) for nr in range(40)
    ]
    assert sum(kept) / 40 >= 19
    assert kept.count(20) >= 28


def test_no_question_is_luckier_than_others():
    first = Counter(draw(MANY, 1, seed)[0].id for seed in range(4000))
    assert len(first) == 80
    assert min(first.values()) >= 20  # of 50 that chance would give
    assert max(first.values()) <= 90


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
    pool = Pool(large)
    assert len(pool.draw(20, 1)) == 20
    assert len(pool.draw(None, 1)) == 10_000


@pytest.mark.parametrize("seed", range(8))
def test_a_topic_that_was_left_is_looked_through_before_a_quiz_stays_short(seed):
    telling = [
        ask(f"a-{nr}.so.true-false", "true_false", stem={"en": f"{nr}: Layla al-Hasan spoke."}, topic="water")
        for nr in range(6)
    ]
    told = [keyed(f"b-{nr}.who.typed", topic="talks") for nr in range(60)]
    others = [keyed(f"c-{nr}.who.typed", topic="talks", answer={"en": f"Speaker {nr}"}) for nr in range(5)]
    assert len(draw((*telling, *told, *others), 11, seed)) == 11
