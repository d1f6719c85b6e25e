"""The stem in the other language: offered before the answer only where nothing can be read from it."""

from __future__ import annotations

import pytest
from factories import QUESTIONS, make_question

from questions.gloss import gloss

STEM = {"ar": "من أعلن فتح السد؟", "en": "Who announced it?"}


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_the_other_language_of_a_stem_is_offered(kind):
    question = make_question(kind)
    assert (gloss(question, "ar"), gloss(question, "en")) == ("en", "ar")


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_stem_in_one_language_has_no_other(lang):
    assert gloss(make_question(stem={"en": "Who announced it?"}), lang) is None


@pytest.mark.parametrize(
    ("kind", "english"),
    [
        ("typed", "Who announced it: Layla al-Hasan or Omar Salem?"),
        ("typed", "Was it announced by LAYLA AL HASAN?"),
        ("typed", "Which of the Hasans announced it?"),
        ("choice", "Was it Omar Salem who announced it?"),
        ("choice", "Who announced it, as ada moore reported?"),
        ("multi_select", "Was the railway raised?"),
        ("matching", "Who is the minister?"),
        ("ordering", "When was the treaty?"),
    ],
)
def test_a_gloss_that_names_an_answer_or_an_option_is_off(kind, english):
    question = make_question(kind, stem={**STEM, "en": english})
    assert (gloss(question, "ar"), gloss(question, "en")) == (None, "ar")


def test_a_gloss_in_arabic_that_names_an_answer_joined_to_a_small_word_is_off():
    question = make_question("typed", stem={"ar": "هل أُعلن بحضور وليلى الحسن؟", "en": "Who announced it?"})
    assert (gloss(question, "en"), gloss(question, "ar")) == (None, "en")


@pytest.mark.parametrize(
    ("english", "offered"),
    [
        ("The dam, of 3 gates, holds ____.", None),
        ("The dam, of three gates, holds ____.", None),
        ("The dam, of 13 gates, holds ____.", "en"),
        ("The dam of 2030 holds ____.", "en"),
    ],
)
def test_a_number_is_told_by_figures_and_by_words(english, offered):
    question = make_question("cloze", stem={"ar": "تبلغ سعة السد ____.", "en": english})
    assert gloss(question, "ar") == offered


def test_what_an_option_says_turns_a_gloss_off_whether_it_is_right_or_not():
    stem = {**STEM, "en": "Who, according to Nils Berg, announced it?"}
    assert {gloss(make_question(stem=stem, key=key), "ar") for key in ("layla", "omar", "nils", "ada")} == {None}


def test_a_statement_may_be_read_in_either_language():
    assert gloss(make_question("true_false"), "en") == "ar"
