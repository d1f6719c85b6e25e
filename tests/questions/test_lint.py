"""Lint, question by question: sound ones, where they come from, and what binds a person who writes one."""

from __future__ import annotations

import pytest
from factories import make_bank, make_question
from lint_cases import (
    BY_HAND,
    MATTERS,
    NAMES,
    asking,
    both,
    choice,
    cloze,
    matching,
    multi_select,
    options,
    ordering,
    rules,
    true_false,
    typed,
)

from questions.lint import lint_question

NOTHING_SAID = {"voice": {"ar": "المقال", "en": "the article"}}


@pytest.mark.parametrize(
    "question",
    [choice(), multi_select(), typed(), cloze(), true_false(), ordering(), matching(), make_question("open")],
    ids=lambda one: one.kind,
)
def test_nothing_is_odd_about_a_sound_question(question):
    assert rules(question) == []


# ---------------------------------------------------------------- where it comes from


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("no-source", choice(sources=())),
        ("no-paragraph", choice(sources=(NOTHING_SAID,))),
        ("no-opening", choice(sources=({**NOTHING_SAID, "para": 3},))),
        ("no-feedback", choice(feedback=None)),
    ],
)
def test_a_question_that_does_not_say_where_it_comes_from_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


# ---------------------------------------------------------------- what a person wrote


def by_hand(**more: object) -> dict[str, object]:
    return {**BY_HAND, "feedback": None, **more}


@pytest.mark.parametrize(
    "question",
    [
        choice(**by_hand(options=options(*NAMES[:2], silent="ab"))),
        choice(**by_hand(options=options(*MATTERS, ("f", "السكك", "the railway"), silent="abcdef"))),
        asking("صاحب القول هو", "The one who said so was", **by_hand()),
        typed(
            stem=both("مَن قال ذلك؟", "Who said so?"), answer=both("ليلى", "Layla the daughter of Hasan"), **by_hand()
        ),
        cloze("____ فيها السد.", "____ has the dam.", **by_hand()),
        matching(*NAMES[:2], extra=0, **by_hand()),
        ordering(("a", "اللقاء", "the meeting"), ("b", "الزيارة", "the visit"), **by_hand()),
    ],
    ids=lambda one: one.kind,
)
def test_the_form_of_a_question_is_the_affair_of_whoever_wrote_it(question):
    assert rules(question) == []


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("unresolved-slot", asking(en="What does {x} mean in Python?", **by_hand())),
        ("deictic", asking(en="Who said so yesterday?", **by_hand())),
        ("one-month-name", asking(ar="مَن قال ذلك في يونيو؟", **by_hand())),
        ("quiet-negation", asking(en="Which of these did not speak?", **by_hand())),
        ("negative-statement", true_false(en="Layla did not say so.", **by_hand())),
        ("banned-option", choice(**by_hand(options=options(*NAMES[:2], ("c", "نيلس", "None of the above"))))),
        ("answer-in-stem", cloze(en="The dam of Basra is in ____.", **by_hand())),
    ],
)
def test_a_habit_of_the_house_is_a_remark_on_what_a_person_wrote(rule, question):
    assert rules(question) == [(rule, "remark")]


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("missing-language", choice(stem={"en": "Who said so?"}, **by_hand())),
        ("same-options", choice(**by_hand(options=options(*NAMES[:2], ("c", "نيلس", "OMAR."))))),
        ("same-sides", matching(*NAMES[:2], ("c", "عمر", "Nils"), **by_hand())),
    ],
)
def test_what_makes_a_question_unanswerable_is_an_error_whoever_wrote_it(rule, question):
    assert rules(question) == [(rule, "error")]


def test_a_finding_reads_as_a_sentence():
    finding = lint_question(choice(feedback=None), make_bank())[0]
    assert str(finding) == 'question "f-1.speaker.choice": has no sentence that says why [no-feedback]'
