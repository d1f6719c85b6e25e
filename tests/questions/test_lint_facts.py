"""The rules that hold a question against the facts of its book. A second right answer comes of one more fact."""

from __future__ import annotations

from typing import Any

import pytest
from fact_files import (
    ENTITIES,
    FACTS,
    book,
    date,
    event,
    fact,
    not_raised,
    number,
    questions,
    raised,
    statement,
)
from factories import make_bank
from lint_cases import (
    ADA,
    BY_LAYLA,
    IN_TALKS,
    LAYLA,
    NILS,
    OMAR,
    asked,
    both,
    disagreements,
    matching,
    ordering,
    true_false,
    typed,
)

from questions.bank import Question
from questions.lint import lint

WORDS = fact(
    "f-30",
    "quote",
    'speaker = "layla"\nwords = { ar = "ماء للناس", en = "water for people" }\nabout = { ar = "السد", en = "the dam" }',
)
ROLE = fact("f-40", "person_role", 'person = "layla"\nrole = { ar = "وزيرة المياه", en = "the minister of water" }')
ACCOUNTS = fact(
    "f-50",
    "source_conflict",
    """matter = { ar = "السد", en = "the dam" }
account_a = { ar = "إن السد مغلق", en = "that it is closed" }
source_a = "layla"
account_b = { ar = "إن السد ممتلئ", en = "that it is full" }
source_b = "omar"
""",
)
PARTS = fact(
    "f-60",
    "composition",
    """did = { ar = "يدخل في الاتفاق", en = "belong to the agreement" }
parts = [
  { id = "a", text = { ar = "الري", en = "watering" } },
  { id = "b", text = { ar = "الشرب", en = "drinking" } },
]
""",
)
TOLD = statement("f-70", "layla", "السد آمن", 'reported_by = "omar"')
BROUGHT = raised("f-80", "ports", 'by = ["layla"]')
AGREED = fact(
    "f-90",
    "agreement",
    """parties = ["layla", "omar"]
on = { ar = "السد", en = "the dam" }
content = { ar = "على فتحه", en = "to open it" }
""",
)
FOILED = (WORDS, ROLE, ACCOUNTS, PARTS, TOLD, BROUGHT, AGREED)


CLAIM = asked(
    "f-1.claim.choice",
    ("f-1", "إن السد مفتوح", "that السد مفتوح"),
    ("x", "إن الجسر مفتوح", "that الجسر مفتوح"),
    ("y", "إن الميناء مفتوح", "that الميناء مفتوح"),
    more=BY_LAYLA,
)
QUOTER = asked("f-30.speaker.choice", LAYLA, OMAR, NILS)
QUOTED = asked(
    "f-30.words.choice",
    ("f-30", "«ماء للناس»", "“water for people”"),
    ("x", "«نهر للجميع»", "“a river for us”"),
    ("y", "«حياة جديدة»", "“new life”"),
    more=BY_LAYLA,
)
HOLDER = asked("f-40.who.choice", LAYLA, OMAR, NILS)
OFFICE = asked(
    "f-40.role.choice",
    ("f-40", "وزيرة المياه", "the minister of water"),
    ("x", "رئيسة الوفد", "the head of the delegation"),
    ("y", "سفيرة النرويج", "the ambassador of Norway"),
)
ACCOUNT = asked("f-50.account_a.choice", LAYLA, NILS, ADA)
MEMBERS = asked("f-60.parts.choice", ("a", "الري", "watering"), ("x", "الصيد", "fishing"), ("y", "الملاحة", "sailing"))
TELLER = asked("f-70.reported_by.choice", OMAR, NILS, ADA, more=BY_LAYLA)
RAISER = asked("f-80.by.choice", LAYLA, OMAR, NILS)
CONTENT = asked(
    "f-90.content.choice",
    ("f-90", "على فتحه", "to open it"),
    ("x", "على إغلاقه", "to close it"),
    ("y", "على توسيعه", "to widen it"),
)
MADE = (CLAIM, QUOTER, QUOTED, HOLDER, OFFICE, ACCOUNT, MEMBERS, TELLER, RAISER, CONTENT)


@pytest.fixture
def known(tmp_path):
    return book(tmp_path, *FOILED)


@pytest.mark.parametrize("question", MADE, ids=lambda one: one.id)
def test_a_question_that_agrees_with_the_facts_is_sound(question, known):
    assert disagreements(question, known) == []


def test_generated_questions_agree_with_the_facts_they_were_made_of(tmp_path):
    known = book(tmp_path)
    made = questions(tmp_path)
    assert lint(make_bank(*made.values()), book=known) == []


# ---------------------------------------------------------------- true distractors


def of(name: str, person: str, words: str) -> str:
    return (
        WORDS.replace("f-30", name)
        .replace('"layla"', f'"{person}"')
        .replace("ماء للناس", words)
        .replace("water for people", words)
    )


def role(name: str, person: str, ar: str, en: str, more: str = "") -> str:
    return fact(name, "person_role", f'person = "{person}"\nrole = {{ ar = "{ar}", en = "{en}" }}\n{more}')


@pytest.mark.parametrize(
    ("question", "one_more"),
    [
        (CLAIM, statement("f-20", "layla", "الجسر مفتوح")),
        (CLAIM, statement("f-20", "layla", "الجسر مفتوح للسفن")),
        (CLAIM, statement("f-20", "layla", "الجِسْر مفتوح")),
        (CONTENT, AGREED.replace("f-90", "f-20").replace("على فتحه", "على إغلاقه").replace("to open it", "to shut it")),
        (CONTENT, statement("f-20", "omar", "x").replace("that x", "to close it").replace("إن x", "على أن يغلق")),
        (QUOTER, of("f-20", "omar", "ماء للناس")),
        (QUOTER, statement("f-20", "nils", "السد «ماء للناس»")),
        (QUOTED, of("f-20", "layla", "نهر للجميع")),
        (QUOTED, statement("f-20", "layla", "السد «نهر للجميع» من أهله")),
        (HOLDER, role("f-20", "omar", "وزيرة المياه", "the water minister")),
        (OFFICE, role("f-20", "layla", "رئيسة الوفد", "the leader")),
        (ACCOUNT, ACCOUNTS.replace("f-50", "f-20").replace('"layla"', '"nils"')),
        (ACCOUNT, statement("f-20", "nils", "السد مغلق")),
        (MEMBERS, PARTS.replace("f-60", "f-20").replace("الشرب", "الصيد").replace("drinking", "to fish")),
        (TELLER, TOLD.replace("f-70", "f-20").replace('"omar"', '"nils"')),
        (RAISER, BROUGHT.replace("f-80", "f-20").replace('"layla"', '"omar"')),
        (RAISER, BROUGHT.replace("f-80", "f-20").replace('by = ["layla"]', 'source = "nils"')),
    ],
)
def test_an_option_that_another_fact_makes_right_is_found(question, one_more, tmp_path):
    assert disagreements(question, book(tmp_path, *FOILED, one_more)) == ["true-distractor"]


@pytest.mark.parametrize(
    ("question", "one_more"),
    [
        (CLAIM, statement("f-20", "omar", "الجسر مفتوح")),
        (CLAIM, statement("f-20", "layla", "لا الجسر مفتوح")),
        (QUOTER, of("f-20", "omar", "نهر للجميع")),
        (QUOTED, of("f-20", "omar", "نهر للجميع")),
        (HOLDER, role("f-20", "omar", "وزير المياه", "the former minister of water")),
        (OFFICE, role("f-20", "omar", "رئيسة الوفد", "the head of the delegation")),
        (ACCOUNT, ACCOUNTS.replace("f-50", "f-20").replace('source_b = "omar"', 'source_b = "nils"')),
        (
            MEMBERS,
            PARTS.replace("f-60", "f-20").replace("الشرب", "الصيد").replace("يدخل", "يخرج").replace("belong", "come"),
        ),
        (RAISER, BROUGHT.replace("f-80", "f-20").replace('"layla"', '"omar"').replace('"ports"', '"dam"')),
    ],
)
def test_a_fact_under_another_stem_makes_no_option_right(question, one_more, tmp_path):
    assert disagreements(question, book(tmp_path, *FOILED, one_more)) == []


def test_an_office_held_at_another_date_is_another_question(tmp_path):
    then, later = "at = 2030-05-03", "at = 2031-05-03"
    held = role("f-40", "layla", "وزيرة المياه", "the minister of water", then)
    at_once = book(tmp_path, held, role("f-20", "omar", "وزيرة المياه", "the minister of water", then))
    assert disagreements(HOLDER, at_once) == ["true-distractor"]
    apart = book(tmp_path, held, role("f-20", "omar", "وزيرة المياه", "the minister of water", later))
    assert disagreements(HOLDER, apart) == []


@pytest.mark.parametrize(
    ("name", "one_more"),
    [
        ("f-1.speaker.choice", statement("f-20", "omar", "السد مفتوح")),
        ("f-1.speaker.choice", statement("f-20", "omar", "الماء يجري", 'same_as = ["f-1"]')),
        ("f-2.when.choice", date("f-20", "the meeting", "2030-06-10")),
        ("f-2.weekday.choice", date("f-20", "the meeting", "2030-05-05")),
        (
            "f-4.count.choice",
            number("f-20", 13).replace("لقاء f-20", "لقاء f-4").replace("f-20 meeting", "f-4 meeting"),
        ),
        ("f-5.raised.choice", raised("f-20", "visas")),
        ("f-7.not_raised.choice", not_raised("f-20", "dam")),
        ("f-9.where.choice", event("f-20", "oslo").replace("لقاء f-20", "لقاء f-9")),
    ],
)
def test_an_option_of_a_generated_question_that_a_new_fact_makes_right_is_found(name, one_more, tmp_path):
    question = questions(tmp_path)[name]
    assert disagreements(question, book(tmp_path, one_more)) == ["true-distractor"]


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("f-9.where.choice", ('"oslo"', '"basra"')),
        ("f-9.where.choice", ('"basra"', '"oslo"')),
        ("f-5.raised.choice", ('"rail"', '"dam"')),
    ],
    ids=["a part of the key", "the whole of the key", "a part of what was raised"],
)
def test_a_whole_and_its_part_are_no_rivals(name, whole, tmp_path):
    question = questions(tmp_path)[name]
    within = ENTITIES.replace(f"id = {whole[0]}", f"id = {whole[0]}\npart_of = {whole[1]}")
    assert disagreements(question, book(tmp_path, entities=within)) == ["true-distractor"]


def test_an_alias_of_the_key_is_no_rival(tmp_path):
    called = ENTITIES.replace('id = "layla"', 'id = "layla"\naliases.en = ["Lady Hasan"]')
    question = asked("f-1.speaker.choice", LAYLA, OMAR, ("x", "السيدة", "Lady Hasan"))
    assert disagreements(question, book(tmp_path, entities=called)) == ["true-distractor"]


# ---------------------------------------------------------------- the key, and what stands beside it


@pytest.mark.parametrize("name", ["f-1.speaker.choice", "f-2.when.choice", "f-4.count.choice", "f-9.where.choice"])
def test_a_key_that_no_fact_makes_right_is_found(name, tmp_path):
    question: Any = questions(tmp_path)[name]
    other = next(option.id for option in question.options if option.id != question.key)
    assert "false-key" in disagreements(question.model_copy(update={"key": other}), book(tmp_path))


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        (
            "unproved-distractor",
            asked(
                "f-5.raised.choice",
                ("dam", "السد", "the dam"),
                ("rail", "السكك الحديدية", "the railway"),
                ("ports", "الموانئ", "the ports"),
            ),
        ),
        ("other-kind", asked("f-1.speaker.choice", LAYLA, OMAR, ("oslo", "أوسلو", "Oslo"))),
        ("other-kind", asked("f-1.speaker.choice", LAYLA, OMAR, ("x", "الحارس", "the guard"))),
    ],
)
def test_a_rival_of_which_nothing_is_known_or_of_another_kind_is_found(rule, question, tmp_path):
    assert disagreements(question, book(tmp_path)) == [rule]


def test_a_typed_answer_is_right_by_the_facts_and_takes_nobody_else(tmp_path):
    known = book(tmp_path)
    stem = both("في محادثات النهر، مَن قال ذلك؟ (الاسم)", "In the river talks, who said so? (name)")
    fields = {"id": "f-1.speaker.typed", "stem": stem}
    assert disagreements(typed(**fields, accepted=({"text": "Lady Hasan"},)), known) == []
    assert disagreements(typed(**fields, accepted=({"text": "omar salem"},)), known) == ["accepts-another"]
    assert disagreements(typed(**fields, answer=both("نيلس برغ", "Nils Berg")), known) == ["false-key"]


# ---------------------------------------------------------------- true or false


@pytest.mark.parametrize(
    ("name", "one_more"),
    [
        ("f-1.speaker.true-false", statement("f-20", "nils", "السد مفتوح")),
        ("f-7.not_raised.true-false", raised("f-20", "visas")),
    ],
)
def test_a_statement_marked_false_that_a_fact_bears_out_is_found(name, one_more, tmp_path):
    question: Any = questions(tmp_path)[name]
    assert question.key is False
    assert disagreements(question, book(tmp_path)) == []
    assert disagreements(question, book(tmp_path, one_more)) == ["true-statement"]


def judged(name: str, ar: str, en: str, *, key: bool) -> Question:
    return true_false(f"{IN_TALKS[0]}{ar}", f"{IN_TALKS[1]}{en}", id=name, facts=(name.partition(".")[0],), key=key)


@pytest.mark.parametrize(
    ("name", "ar", "en", "key"),
    [
        ("f-1.claim.true-false", "قالت ليلى الحسن إن السد مفتوح.", "Layla Hasan said that السد مفتوح.", True),
        ("f-1.claim.true-false", "قالت ليلى الحسن إن الجسر مفتوح.", "Layla Hasan said that الجسر مفتوح.", False),
        (
            "f-1.speaker.true-false",
            "كان عمر سالم هو مَن قال إن السد مفتوح.",
            "it was Omar Salem who said that السد مفتوح.",
            False,
        ),
        ("f-4.count.true-false", "استمر اللقاء 12 يومًا.", "the meeting lasted 12 days.", True),
        ("f-4.count.true-false", "استمر اللقاء 11 يومًا.", "the meeting lasted 11 days.", False),
        ("f-40.who.true-false", "كانت ليلى الحسن وزيرة المياه.", "Layla Hasan was the minister of water.", True),
        ("f-40.who.true-false", "كان عمر سالم وزيرة المياه.", "Omar Salem was the minister of water.", False),
        (
            "f-30.speaker.true-false",
            "كان عمر سالم هو مَن استخدم عبارة «ماء للناس».",
            "it was Omar Salem who used “water for people”.",
            False,
        ),
        (
            "f-90.content.true-false",
            "اتفقت ليلى الحسن وعمر سالم على فتحه.",
            "Layla Hasan and Omar Salem agreed to open it.",
            True,
        ),
        ("f-5.raised.true-false", "كان مما جرى تناوله السد.", "the matters taken up included the dam.", True),
    ],
)
def test_a_statement_is_judged_by_the_facts(name, ar, en, key, known):
    assert disagreements(judged(name, ar, en, key=key), known) == []
    turned = "true-statement" if key else "false-key"
    assert disagreements(judged(name, ar, en, key=not key), known) == [turned]


def test_who_passed_a_thing_on_does_not_bear_out_that_he_said_it(known):
    en = "according to Omar Salem, it was Nils Berg who said that السد آمن."
    ar = "بحسب عمر سالم، كان نيلس برغ هو مَن قال إن السد آمن."
    assert disagreements(judged("f-70.speaker.true-false", ar, en, key=False), known) == []


# ---------------------------------------------------------------- ordering and matching


ORDER = """
[[set]]
id = "set-order"
asked = "order"
facts = ["f-2", "f-3", "f-20"]
topic = "course"
"""
LABELLED = FACTS.replace('id = "f-2"', 'id = "f-2"\nlabel = { ar = "اللقاء", en = "the meeting" }').replace(
    'id = "f-3"', 'id = "f-3"\nlabel = { ar = "التصويت", en = "the vote" }'
)


MEETING, VOTE, VISIT = (
    ("f-2", "اللقاء", "the meeting"),
    ("f-3", "التصويت", "the vote"),
    ("f-20", "الزيارة", "the visit"),
)


@pytest.mark.parametrize(
    ("rows", "when", "found"),
    [
        ((MEETING, VISIT, VOTE), '2030-05-01\nprecision = "part_of_month"\npart = "end"', []),
        ((MEETING, VOTE, VISIT), '2030-06-01\nprecision = "part_of_month"\npart = "middle"', []),
        ((MEETING, VOTE, VISIT), '2030-07-01\nprecision = "month"', []),
        ((MEETING, VISIT, VOTE), '2030-07-01\nprecision = "month"', ["equal-dates"]),
    ],
)
def test_what_is_put_in_order_stands_in_order(rows, when, found, tmp_path):
    visit = date("f-20", "the visit", when, 'label = { ar = "الزيارة", en = "the visit" }')
    known = book(tmp_path, visit, ORDER, facts=LABELLED)
    question = ordering(*rows, id="set-order.order.ordering", facts=("f-2", "f-3", "f-20"))
    assert disagreements(question, known) == found


def roles(third: str = "nils") -> Question:
    sides = {"layla": (LAYLA, "الأول"), "omar": (OMAR, "الثاني"), third: (NILS, "الثالث")}
    pairs = tuple(
        {"id": f"f-4{place}", "left": both(ar, en), "right": both(office, office)}
        for place, ((_, ar, en), office) in enumerate(sides.values())
    )
    return matching(id="set-1.pairs.matching", pairs=pairs, extra=1)


OFFICES = [
    role("f-40", "layla", "الأول", "الأول"),
    role("f-41", "omar", "الثاني", "الثاني"),
    role("f-42", "nils", "الثالث", "الثالث"),
]


def test_a_right_side_belongs_to_one_left_side(tmp_path):
    assert disagreements(roles(), book(tmp_path, *OFFICES)) == []
    another = role("f-43", "layla", "الثاني", "الثاني")
    assert disagreements(roles(), book(tmp_path, *OFFICES, another)) == ["true-distractor"]
    assert disagreements(roles(), book(tmp_path, *OFFICES[:2], role("f-42", "nils", "الرابع", "الرابع"))) == [
        "false-key"
    ]


def test_the_answer_left_over_belongs_to_nobody(tmp_path):
    held = role("f-43", "omar", "المنصب س0", "office x0")
    assert disagreements(roles(), book(tmp_path, *OFFICES, held)) == ["true-distractor"]
