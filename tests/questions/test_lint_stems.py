"""The rules of the stem, each with a question that breaks it and nothing else, and a neighbour."""

from __future__ import annotations

import pytest
from lint_cases import (
    asking,
    both,
    choice,
    cloze,
    multi_select,
    offering,
    rules,
    true_false,
    typed,
)


@pytest.mark.parametrize(
    "words",
    [
        "yesterday",
        "in today's speech",
        "last week",
        "last Monday",
        "in the next few months",
        "two days ago",
        "recently",
        "in the text above",
        "as mentioned earlier",
        "this year",
        "so far",
        "next May",
    ],
)
def test_english_words_that_hang_on_the_day_or_the_page_are_found(words):
    assert rules(asking(en=f"Who said so {words}?")) == [("deictic", "error")]


@pytest.mark.parametrize(
    "words",
    [
        "أمس",
        "غدًا",
        "هذا الأسبوع",
        "الأسبوع الماضي",
        "في الشهر المقبل",
        "قبل أيام",
        "منذ سنوات",
        "قبل عام",
        "الآن",
        "مؤخرًا",
        "كما ورد أعلاه",
        "حتى اليوم",
        "هذه السنة",
        "والثلاثاء الماضي",
    ],
)
def test_arabic_words_that_hang_on_the_day_or_the_page_are_found(words):
    assert rules(asking(ar=f"مَن قال ذلك {words}؟")) == [("deictic", "error")]


@pytest.mark.parametrize(
    "question",
    [
        asking(en="How long did the talks last?"),
        asking(en="Who said “today”?", ar="مَن قال «أمس»؟"),
        asking(en="How high above sea level is the dam?"),
        asking(en="Which of these may be said?"),
        asking(ar="مَن قال ذلك قبل عام 2014؟"),
        asking(ar="مَن قال ذلك قبل أيام من اللقاء؟"),
        asking(ar="في أي يوم قال ذلك؟ (اليوم والشهر والسنة)"),
        asking(ar="أيّ هذه الموضوعات طُرح؟"),
        choice(feedback=both("قالته أمس.", "She said so yesterday.")),
    ],
)
def test_a_word_that_points_at_nothing_outside_is_let_be(question):
    assert rules(question) == []


def test_an_option_stands_alone_too():
    question = offering(("في المساء", "in the evening"), ("في الصباح", "in the morning"), ("أمس", "yesterday"))
    assert rules(question) == [("deictic", "error")]


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("no-question", asking(en="The one who said so")),
        ("no-question", multi_select(stem=both("الموضوعات (كل ما ينطبق)", "The matters. Choose all that apply."))),
        ("two-questions", asking(en="Who said so? And when?")),
        ("which-is-true", asking(en="Which of these statements is true?")),
        ("which-is-true", asking(ar="أي العبارات التالية صحيحة؟")),
        ("choose-all", multi_select(stem=both("أيّ هذه الموضوعات طُرح؟", "Which were raised? Choose all that apply."))),
        ("choose-all", multi_select(stem=both("أيّ هذه طُرح؟ (كل ما ينطبق)", "Which were raised?"))),
        ("no-form", typed(stem=both("مَن قال ذلك؟ (الاسم)", "Who said so?"))),
        ("no-form", typed(stem=both("مَن قال ذلك؟", "Who said so? (name)"))),
        ("blank-first", cloze("«____ [مدينة]» فيها السد.")),
        ("blank-first", cloze(en="____ [city] has the dam.")),
        ("no-label", cloze(en="The dam lies in ____.")),
        ("no-label", cloze(ar="يقع السد في ____ مدينة.")),
    ],
)
def test_a_stem_that_does_not_ask_as_its_kind_should_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        asking(en="There are two accounts of it. Whose is the account that she asked “who?”?"),
        asking(en="Which of these statements did she make?"),
        cloze(en="The talks: the dam lies in ____ [city]."),
    ],
)
def test_a_stem_that_asks_once_and_plainly_is_let_be(question):
    assert rules(question) == []


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("quiet-negation", asking(en="Which of these did not speak?")),
        ("quiet-negation", asking(ar="أيّ هؤلاء لم يتكلم؟")),
        ("quiet-negation", asking(en="Who of them spoke, except for Omar?")),
        ("double-negation", asking(en="Which of these did **not** speak, and never came?")),
        ("double-negation", asking(ar="أيّ هؤلاء **لم** يتكلم **ولم** يحضر؟")),
        ("negative-statement", true_false(en="Layla did not say so.")),
        ("negative-statement", true_false(ar="لم تقل ليلى ذلك.")),
        ("negative-statement", true_false(en="It was Layla who never spoke.")),
        ("negative-statement", true_false(ar="كانت ليلى هي التي **لم** تتكلم.")),
    ],
)
def test_absence_that_is_asked_for_in_passing_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        asking("أيّ هؤلاء **لم** يتكلم؟", "Which of these did **not** speak?"),
        asking("مَن قال إن السد لم يُفتح؟", "Who said that the dam was not open?"),
        asking("مَن استخدم عبارة «لن نفعل»؟", "Who used the words “we will not”?"),
        true_false("قالت ليلى إن السد لم يُفتح.", "Layla said that the dam was not open."),
        true_false("كانت ليلى هي مَن قال إنه لم يُفتح.", "It was Layla who said that it was not open."),
        true_false(en="Layla chose not to speak of it."),
    ],
)
def test_what_others_deny_is_no_absence_that_is_asked_for(question):
    assert rules(question) == []
