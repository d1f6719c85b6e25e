"""The rules of what is offered and what is typed, each with a question that breaks it, and a neighbour."""

from __future__ import annotations

import pytest
from lint_cases import (
    MATTERS,
    NAMES,
    asking,
    both,
    choice,
    cloze,
    matching,
    multi_select,
    offering,
    options,
    ordering,
    rules,
    typed,
)


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("same-options", choice(options=options(*NAMES[:2], ("c", "نيلس", "OMAR.")))),
        ("same-options", choice(options=options(*NAMES[:2], ("c", "لَيلى", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "All of the above")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "None of these")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "A and B")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "both")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "Layla and Omar")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "جميع ما سبق", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "لا شيء مما ذُكر", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "ليس مما سبق", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "كلا الوزيرين", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "أ وب", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "ليلى وعمر", "Nils")))),
        ("option-count", choice(options=options(*NAMES[:2]))),
        ("option-count", choice(options=options(*MATTERS))),
        ("option-count", multi_select(options=options(*MATTERS[:4]))),
        ("option-count", multi_select(keys=("a",))),
        ("option-count", multi_select(keys=("a", "b", "c", "d", "e"))),
        ("no-sentence", choice(options=options(*NAMES, silent="c"))),
        ("no-sentence", multi_select(options=options(*MATTERS, silent="e"))),
        (
            "same-sentence",
            choice(options=(*options(*NAMES[:2]), {**options(NAMES[1])[0], "id": "c", "text": both("نيلس", "Nils")})),
        ),
        ("answer-in-stem", asking(en="Layla was there: who said so?")),
        (
            "stem-word",
            asking(
                "ما الذي افتتحته وزيرة المياه؟",
                "What did the minister of water open?",
                options=options(
                    ("a", "السد", "the water works"), ("b", "الميناء", "the port"), ("c", "المدرسة", "the school")
                ),
            ),
        ),
        (
            "stem-word",
            asking(
                "ما الذي افتتحته وزيرة المياه؟",
                "What did the minister open?",
                options=options(
                    ("a", "محطة للمياه", "the works"), ("b", "الميناء", "the port"), ("c", "المدرسة", "the school")
                ),
            ),
        ),
        ("absolute", offering(("مفتوح", "open"), ("مغلق", "closed"), ("مغلق دائمًا", "locked"))),
        ("absolute", offering(("مفتوح", "open"), ("مغلق", "closed"), ("مقفل", "open to all ships"))),
        ("absolute", multi_select(options=options(*MATTERS[:4], ("e", "التأشيرات", "only visas")))),
    ],
)
def test_an_option_that_is_no_honest_rival_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        choice(options=options(*NAMES, ("d", "كريم", "Karim"))),
        choice(options=options(*NAMES, silent="a")),
        multi_select(options=options(*MATTERS, ("f", "السكك", "the railway")), keys=("a", "b", "c", "d")),
        offering(
            ("السد والميناء", "the dam and the port"),
            ("الميناء والمطار", "the port and the airport"),
            ("الجسر", "the bridge"),
        ),
        offering(("لكل السفن", "for every ship"), ("للقوارب", "for boats"), ("لكل الصيادين", "for every fisher")),
        offering(("مساءً", "in the evening"), ("طوال الليل", "all night"), ("ليومين كل عام", "two days every year")),
        asking(
            "ما الذي افتتحته وزيرة المياه؟",
            "What did the minister of water open?",
            options=options(
                ("a", "محطة المياه", "the water works"),
                ("b", "سد المياه", "the water dam"),
                ("c", "المدرسة", "the school"),
            ),
        ),
        choice(options=options(*NAMES[:2], ("c", "نيلس", "Nils the son of Berg the elder"))),
    ],
)
def test_an_honest_rival_is_let_be(question):
    assert rules(question) == []


@pytest.mark.parametrize(
    "name", ["ليلى التي قالت ذلك أمام الصحافة وفي القاعة", "ليلى الحسن بن سعيد"], ids=["far", "a little"]
)
def test_a_key_much_longer_than_the_rest_is_a_remark(name):
    question = choice(options=options(("a", name, "Layla"), *NAMES[1:]))
    assert rules(question) == [("longest-key", "remark")]


MAY, JUNE, JULY = ("مايو/أيار 2021", "May 2021"), ("يونيو/حزيران 2021", "June 2021"), ("يوليو/تموز 2021", "July 2021")
SIXTH, TENTH = ("6 يونيو/حزيران 2021", "6 June 2021"), ("10 يونيو/حزيران 2021", "10 June 2021")


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("unsorted", offering(("1", "1"), ("12", "12"), ("3", "3"), fixed_order=True)),
        ("unsorted", offering(("1", "1"), ("3", "3"), ("12", "12"))),
        ("unsorted", offering(MAY, JULY, JUNE, fixed_order=True)),
        ("unsorted", offering(TENTH, SIXTH, ("7 يوليو/تموز 2021", "7 July 2021"), fixed_order=True)),
        (
            "unsorted",
            offering(("الاثنين", "Monday"), ("الجمعة", "Friday"), ("الأربعاء", "Wednesday"), fixed_order=True),
        ),
        ("precision", offering(MAY, SIXTH, JULY, fixed_order=True)),
        ("precision", offering(("نهاية مايو/أيار 2021", "the end of May 2021"), JUNE, JULY, fixed_order=True)),
        ("precision", offering(("يوم واحد", "1 day"), ("سنتان", "2 years"), ("3 أيام", "3 days"), fixed_order=True)),
    ],
)
def test_numbers_and_dates_out_of_line_are_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        offering(("3", "3"), ("7", "7"), ("12", "12"), fixed_order=True),
        offering(MAY, JUNE, JULY, fixed_order=True),
        offering(SIXTH, TENTH, ("7 يوليو/تموز 2021", "7 July 2021"), fixed_order=True),
        offering(("الأحد", "Sunday"), ("الاثنين", "Monday"), ("الجمعة", "Friday"), fixed_order=True),
        offering(("أبولو 13", "Apollo 13"), ("أبولو 11", "Apollo 11"), ("أبولو 12", "Apollo 12")),
    ],
)
def test_numbers_and_dates_in_line_are_let_be(question):
    assert rules(question) == []


# ---------------------------------------------------------------- typed, cloze, ordering, matching


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("answer-in-stem", typed(stem=both("مَن قال ذلك؟ (الاسم)", "Who said so, Layla Hasan or Omar? (name)"))),
        ("answer-in-stem", typed(stem=both("هل قالت لَيلى الحسن ذلك؟ (الاسم)", "Who said so? (name)"))),
        ("answer-in-stem", typed(stem=both("مَن قال ذلك لليلى؟ (الاسم)", "Who said so? (name)"))),
        (
            "answer-in-stem",
            typed(stem=both("مَن قال؟ (الاسم)", "Who said so to Umm Omar? (name)"), accepted=({"text": "Umm Omar"},)),
        ),
        ("answer-in-stem", cloze(en="The dam of Basra is in ____ [city].")),
        ("answer-in-stem", cloze(ar="يقع سد البصرة في ____ [مدينة].")),
        (
            "answer-in-stem",
            cloze(en="It ended in ____ [war].", answer=both("نزاع", "the Second War"), answer_type="text"),
        ),
        ("long-answer", typed(answer=both("ليلى", "Layla the daughter of Hasan"))),
        ("long-answer", cloze(answer=both("البصرة القديمة على ضفة النهر", "Basra"))),
        ("row-count", ordering(("a", "اللقاء", "the meeting"), ("b", "الزيارة", "the visit"))),
        (
            "same-sides",
            ordering(("a", "اللقاء", "the meeting"), ("b", "الزيارة", "the visit"), ("c", "اللِّقاء", "the vote")),
        ),
        ("row-count", matching(*NAMES[:2])),
        ("row-count", matching(facts=("f-1", "f-2"))),
        ("no-extra", matching(extra=0)),
        ("no-extra", matching(extra=2)),
        ("same-sides", matching(*NAMES[:2], ("c", "عمر", "Nils"))),
        ("answer-in-stem", matching(*NAMES[:2], ("c", "نيلس", "Nils of office c"))),
    ],
)
def test_an_answer_that_is_given_away_or_out_of_form_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        typed(
            stem=both("كم ساعة استمر اللقاء؟ (عدد)", "How many hours did the meeting last? (a number)"),
            answer=both("ساعتان", "2 hours"),
            answer_type="number",
            value="2",
            accepted=({"text": "ساعة", "lang": "ar"},),
        ),
        typed(
            stem=both("متى كان ذلك؟ (اليوم والشهر والسنة)", "When was it? (day, month and year)"),
            answer=both("7 ديسمبر/كانون الأول 2021 م", "Tuesday, 7 December 2021 AD"),
            answer_type="date",
            value="2021-12-07",
        ),
        cloze(en="The dam is in ____ [city], said Basrawi."),
    ],
)
def test_an_answer_that_the_stem_only_resembles_is_let_be(question):
    assert rules(question) == []
