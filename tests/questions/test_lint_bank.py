"""The rules that look at a bank as a whole."""

from __future__ import annotations

from time import perf_counter

import pytest
from fact_files import FACTS, book, fact, questions, statement
from factories import make_bank
from lint_cases import BY_HAND, NAMES, both, choice, options, true_false, typed

from questions.bank import Bank, Entry, Question
from questions.lint import lint


def found(bank: Bank, **more: object) -> list[tuple[str, str]]:
    return sorted({(finding.question, finding.rule) for finding in lint(bank, **more)})


# ---------------------------------------------------------------- duplicates


def test_two_questions_of_one_stem_are_found():
    one, other = choice(id="f-1.speaker.choice"), choice(id="f-2.speaker.choice", facts=("f-2",))
    assert found(make_bank(one, other)) == [("f-2.speaker.choice", "duplicate-stem")]


def test_a_stem_is_the_same_however_it_is_dressed():
    one = choice(id="f-1.speaker.choice")
    other = choice(id="f-2.speaker.choice", facts=("f-2",), stem=both("من قال ذلك؟", "Who **said** so?"))
    assert found(make_bank(one, other)) == [("f-2.speaker.choice", "duplicate-stem")]


@pytest.mark.parametrize(
    "other",
    [
        choice(id="f-2.speaker.choice", facts=("f-2",), options=options(*NAMES[:2], ("d", "آدا", "Ada"))),
        typed(id="f-2.speaker.typed", facts=("f-2",)),
    ],
    ids=["other options", "another kind"],
)
def test_what_is_offered_tells_two_questions_of_one_stem_apart(other):
    assert found(make_bank(choice(id="f-1.speaker.choice"), other)) == []


def test_a_duplicate_among_questions_that_people_wrote_is_a_remark():
    one, other = choice(id="one", **BY_HAND), choice(id="other", **BY_HAND)
    assert [(finding.rule, finding.level) for finding in lint(make_bank(one, other))] == [
        ("duplicate-stem", "remark"),
        ("duplicate-stem", "remark"),
    ]


def test_a_retired_question_is_left_alone():
    bank = make_bank(choice(sources=()))
    retired = Entry(question=bank.live[0], changed=bank.entries[0].changed, retired=True)
    assert found(bank.model_copy(update={"entries": (retired,)})) == []


def test_a_bank_of_one_language_needs_no_other():
    rows = [{"id": n, "text": {"en": en}, "feedback": {"en": f"Another, {n}."}} for n, _, en in NAMES]
    source = {"voice": {"en": "the article"}, "para": 1, "opening": "She said"}
    question = choice(stem={"en": "Who?"}, feedback={"en": "So."}, options=rows, sources=(source,))
    assert found(make_bank(question, languages=("en",))) == []


# ---------------------------------------------------------------- the longest option


EVEN = (("b", "عمرو", "Omars"), ("c", "نيلس", "Nils"))


def numbered(count: int, longest: int) -> tuple[Question, ...]:
    """So many choices of three; in the first `longest` of them the key is longer than the rest, in English."""
    return tuple(
        choice(
            id=f"f-{n}.speaker.choice",
            facts=(f"f-{n}",),
            stem=both(f"مَن قال ذلك رقم {n}؟", f"Who said number {n}?"),
            options=options(("a", "ليلى", "Layla H" if n < longest else "Layl"), *EVEN),
        )
        for n in range(count)
    )


def test_a_bank_whose_keys_are_mostly_longest_is_found():
    findings = lint(make_bank(*numbered(90, 46)))
    assert [str(finding) for finding in findings] == [
        'bank "dam": the longest option (en) is the key of 46 of 90 choices; chance is 30 [longest-key-share]'
    ]


@pytest.mark.parametrize(("count", "longest"), [(90, 43), (90, 30), (3, 3), (400, 170)])
def test_a_share_that_chance_may_give_is_let_be(count, longest):
    assert found(make_bank(*numbered(count, longest))) == []


def test_in_a_large_bank_ten_points_over_chance_are_too_many():
    assert found(make_bank(*numbered(400, 175))) == [("dam", "longest-key-share")]


# ---------------------------------------------------------------- what is asked of a fact


def test_a_fact_asked_by_true_or_false_alone_is_found():
    alone = true_false(id="f-1.speaker.true-false")
    assert found(make_bank(alone)) == [("f-1.speaker.true-false", "only-true-false")]
    assert found(make_bank(alone, choice())) == []
    assert found(make_bank(true_false(id="by-hand", **BY_HAND))) == []


def test_a_point_to_keep_apart_from_must_be_there():
    assert found(make_bank(choice(not_with=("f-9",)))) == [("f-1.speaker.choice", "not-with")]
    other = typed(id="f-9.speaker.typed", facts=("f-9",), stem=both("مَن؟ (الاسم)", "Who? (name)"))
    assert found(make_bank(choice(not_with=("f-9",)), other)) == []
    assert found(make_bank(choice(not_with=("f-9.speaker",)), other)) == []


CORE = FACTS.replace('id = "f-5"', 'id = "f-5"\nweight = "core"').replace('id = "f-1"', 'id = "f-1"\nweight = "core"')
BLANK = """
blank.asked = "raised"
blank.text = { ar = "الواقعة", en = "fact" }
blank.label = { ar = "شيء", en = "thing" }
"""


def test_a_core_fact_is_recognised_and_recalled(tmp_path):
    known = book(tmp_path, facts=CORE)
    made = questions(tmp_path, facts=CORE)
    assert found(make_bank(*made.values()), book=known) == [("f-5", "no-recall")]
    recalled = [question for name, question in made.items() if not name.startswith(("f-1.speaker.c", "f-1.speaker.tr"))]
    assert ("f-1", "no-recognition") in found(make_bank(*recalled), book=known)


def test_a_core_fact_with_a_blank_is_recalled(tmp_path):
    blanked = CORE.replace('matter = "dam"', f'matter = "dam"{BLANK}')
    made = questions(tmp_path, facts=blanked)
    assert "f-5.raised.cloze" in made
    assert ("f-5", "no-recall") not in found(make_bank(*made.values()), book=book(tmp_path, facts=blanked))


def test_a_fact_that_nothing_asks_is_found(tmp_path):
    whole = """did = { ar = "يدخل فيه", en = "belong to it" }
parts = [
  { id = "a", text = { ar = "الري", en = "watering" } },
  { id = "b", text = { ar = "الشرب", en = "drinking" } },
]
"""
    silent = fact("f-20", "composition", whole)
    made = questions(tmp_path, silent)
    findings = lint(make_bank(*made.values()), book=book(tmp_path, silent))
    assert [str(finding) for finding in findings] == ['fact "f-20": no question rests on this fact [unasked]']


SET = """
[[set]]
id = "set-raised"
asked = "raised"
facts = ["f-5", "f-6"]
others = ["f-7", "f-8", "f-20"]
topic = "water"
"""


def test_a_wrong_option_does_not_ask_its_fact(tmp_path):
    other = fact("f-20", "topic_not_raised", 'matter = "ports"')
    made = questions(tmp_path, other, SET)
    assert made["set-raised.raised.multi-select"].facts == ("f-5", "f-6", "f-7", "f-8", "f-20")
    without = [question for name, question in made.items() if not name.startswith("f-20")]
    assert ("f-20", "unasked") in found(make_bank(*without), book=book(tmp_path, other, SET))


# ---------------------------------------------------------------- time


def many(count: int) -> Bank:
    return make_bank(
        *(
            choice(
                id=f"f-{n}.speaker.choice",
                facts=(f"f-{n}",),
                stem=both(f"مَن قال ذلك رقم {n}؟", f"Who said number {n}?"),
                feedback=both(f"قالته رقم {n}.", f"She said number {n}."),
            )
            for n in range(count)
        )
    )


def test_time_grows_with_the_number_of_questions():
    """Ten times the questions, at most thirty times the time: what is quadratic takes a hundred times."""
    small, large = many(150), many(1500)
    lint(small)
    began = perf_counter()
    lint(small)
    between = perf_counter()
    lint(large)
    assert perf_counter() - between < 30 * max(between - began, 0.01)


def test_one_speaker_of_many_claims_costs_no_more_than_many_speakers(tmp_path):
    claims = [statement(f"f-{n}", "layla", f"السد رقم {n} مفتوح") for n in range(100, 400)]
    known, made = book(tmp_path, *claims), questions(tmp_path, *claims)
    began = perf_counter()
    lint(make_bank(*made.values()), book=known)
    assert perf_counter() - began < 10
