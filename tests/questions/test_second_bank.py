"""An event that the program was not written for: its facts become questions of every kind, in both languages."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest
import second_book

from questions.facts import FACT_TYPES
from questions.formats import bank_json
from questions.generate import from_folder
from questions.grading import grade
from questions.responses import Written


@pytest.fixture(scope="module")
def generated():
    return from_folder(second_book.FOLDER)


@pytest.fixture(scope="module")
def questions(generated):
    return {question.id: question for question in generated[1].live}


def key_of(question):
    return next(option.text for option in question.options if option.id == question.key)


# ---------------------------------------------------------------- generation


def test_the_book_has_facts_of_every_type(generated):
    assert {fact.type for fact in generated[0].facts.values()} == set(FACT_TYPES)


def test_all_seven_item_models_come_out(questions):
    assert Counter(question.kind for question in questions.values()) == {
        "choice": 64,
        "typed": 36,
        "true_false": 35,
        "cloze": 3,
        "multi_select": 3,
        "matching": 2,
        "ordering": 1,
    }


DIGEST = (
    "import hashlib, pathlib, sys; "
    "from questions.formats import bank_json; from questions.generate import from_folder; "
    "print(hashlib.sha256(bank_json.dump(from_folder(pathlib.Path(sys.argv[1]))[1]).encode()).hexdigest())"
)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_gives_the_same_bytes(generated, seed):
    there = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", DIGEST, str(second_book.FOLDER)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert there.stdout.strip() == hashlib.sha256(bank_json.dump(generated[1]).encode()).hexdigest()


# ---------------------------------------------------------------- wording


@pytest.mark.parametrize(
    ("name", "ar", "en"),
    [
        ("f-006", "كلب واحد", "1 dog"),
        ("f-008", "ليلة واحدة", "1 night"),
        ("f-005", "مروحيتان", "2 helicopters"),
        ("f-003", "7 ساعات", "7 hours"),
        ("f-004", "11 متسلقًا", "11 climbers"),
        ("f-007", "100 متطوع", "100 volunteers"),
    ],
)
def test_a_number_and_its_noun_agree(questions, name, ar, en):
    answer = questions[f"{name}.count.typed"].answer
    assert (answer.ar, answer.en) == (ar, en)


@pytest.mark.parametrize(
    ("name", "ar", "en"),
    [
        ("f-002.when.choice", "15 فبراير/شباط 2031", "15 February 2031"),
        ("f-002.weekday.choice", "السبت", "Saturday"),
        ("f-020.when.choice", "أكتوبر/تشرين الأول 2029", "October 2029"),
        ("f-022.when.choice", "نهاية مارس/آذار 2031", "the end of March 2031"),
    ],
)
def test_a_date_is_told_at_its_precision(questions, name, ar, en):
    key = key_of(questions[name])
    assert (key.ar, key.en) == (ar, en)


@pytest.mark.parametrize(
    ("name", "ar", "en"),
    [
        (
            "f-029.claim.choice",
            "في الحديث عن إنقاذ جبل قرناس، ماذا قالت نجاة الصيرفي بشأن ما أخّر الفرقة؟",
            "On the Mount Qirnas rescue, what did Najat Sayrafi say regarding what had held the team up?",
        ),
        (
            "f-030.claim.choice",
            "في الحديث عن إنقاذ جبل قرناس، ماذا نفت مصلحة الأرصاد الجبلية بشأن الإنذار من العاصفة؟",
            "On the Mount Qirnas rescue, what did the Mountain Weather Service deny regarding the storm warning?",
        ),
        (
            "f-031.reported_by.choice",
            "في الحديث عن إنقاذ جبل قرناس، لمن الرواية القائلة إن هيا سلّوم أعربت عن الأمل في خروج المصابين خلال أسبوع؟",
            "On the Mount Qirnas rescue, whose account is it that Haya Salloum hoped that the injured would go home "
            "within a week?",
        ),
        (
            "f-035.content.choice",
            "في الحديث عن إنقاذ جبل قرناس، علامَ اتفقت البلديتان الجارتان بشأن انقطاع الإشارة؟",
            "On the Mount Qirnas rescue, what did the two neighbouring municipalities agree regarding the lack of "
            "signal?",
        ),
        (
            "f-037.speaker.choice",
            "في الحديث عن إنقاذ جبل قرناس، مَن استخدم كلمة «معجزة» في وصف عودة المجموعة كاملة؟",
            "On the Mount Qirnas rescue, who used the word “miracle” to describe the return of the whole group?",
        ),
        (
            "f-026.not_raised.choice",
            "في الحديث عن إنقاذ جبل قرناس، بحسب إذاعة الوادي، أيّ هذه الموضوعات **لم** يُطرح؟",
            "On the Mount Qirnas rescue, according to Valley Radio, which of these matters was **not** raised?",
        ),
        (
            "f-004.count.choice",
            "في إنقاذ جبل قرناس، كم متسلقًا أُنزل من الجبل؟",
            "In the Mount Qirnas rescue, how many climbers were brought down from the mountain?",
        ),
        (
            "f-001.how.cloze",
            "أنزلت فرقة الإنقاذ الجبلي المتسلقين العالقين من جبل قرناس ____ [وسيلة].",
            "The Mountain Rescue Team brought the stranded climbers down from Mount Qirnas ____ [means].",
        ),
    ],
)
def test_a_stem_reads_well_in_both_languages(questions, name, ar, en):
    stem = questions[name].stem
    assert (stem.ar, stem.en) == (ar, en)


def test_no_question_lacks_a_side(generated):
    text = bank_json.dump(generated[1])
    assert "None" not in text
    assert '""' not in text


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("name", "typed", "outcome", "reason"),
    [
        ("f-010.who.typed", "Wadee Mansour", "right", None),
        ("f-010.who.typed", "وديع منصور", "right", None),
        ("f-010.who.typed", "Mansour", "close", "which_one"),
        ("f-010.who.typed", "منصور", "close", "which_one"),
        ("f-010.who.typed", "Widad Mansour", "wrong", "another"),
        ("f-011.who.typed", "وديع منصور", "wrong", "another"),
        ("f-005.count.typed", "مروحيتين", "right", None),
        ("f-006.count.typed", "كلب واحد", "right", None),
        ("f-008.count.typed", "one night", "right", None),
        ("f-007.count.typed", "مئة متطوع", "right", None),
        ("f-004.count.typed", "أحد عشر متسلقًا", "right", None),
        ("f-004.count.typed", "12", "wrong", "wrong_number"),
        ("f-020.when.typed", "تشرين الأول 2029", "right", None),
        ("f-030.speaker.typed", "the weather service", "right", None),
        ("f-035.content.cloze", "أبراج النداء", "right", None),
    ],
)
def test_a_typed_answer_is_judged_by_the_book_s_own_names(questions, name, typed, outcome, reason):
    verdict = grade(questions[name], Written(text=typed))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_events_stand_in_the_order_of_their_dates(questions):
    assert [item.text.en for item in questions["set-order.order.ordering"].items] == [
        "the opening of the Falcon Hut on Mount Qirnas",
        "the issuing of the warning of the Qirnas storm",
        "the rescue of the climbers from Mount Qirnas",
        "the planned reopening of the north path on Mount Qirnas",
    ]


def test_what_was_raised_and_what_was_not_are_each_other_s_wrong_options(questions):
    raised, left_out = questions["set-raised.raised.multi-select"], questions["set-left-out.not_raised.multi-select"]
    assert set(raised.keys) == {"signal-gap", "path-closure", "guide-training"}
    assert {option.id for option in raised.options} - set(raised.keys) == {"rescue-cost", "insurance", "new-helicopter"}
    assert set(left_out.keys) == {"rescue-cost", "insurance"}
