"""The rules for every text: whole, well set, and our own. Each with a question that breaks it, and a neighbour."""

from __future__ import annotations

import pytest
from lint_cases import (
    NAMES,
    asking,
    both,
    choice,
    options,
    rules,
)

from questions.lint import RUN, read_runs, run_hashes


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("missing-language", choice(stem={"en": "Who said so?"})),
        ("missing-language", choice(options=(*options(*NAMES[:2]), {**options(NAMES[2])[0], "text": {"ar": "نيلس"}}))),
        ("missing-language", choice(feedback={"ar": "لأنها قالته."})),
        ("unresolved-slot", asking(en="Who said {claim}?")),
        ("unresolved-slot", asking(en="Who said {}?")),
        ("unresolved-slot", choice(feedback=both("لأن None قالته.", "She said so."))),
        ("unresolved-slot", choice(feedback=both("قالت {name.ar} ذلك.", "She said so."))),
        ("doubled", asking(en="Who  said so?")),
        ("doubled", asking(ar="بحسب المقال،، مَن قال ذلك؟")),
        ("doubled", asking(ar="بحسب المقال، ، مَن قال ذلك؟")),
        ("doubled", asking(ar="مَن قال ذلك ؟")),
        ("doubled", choice(feedback=both("لأنها قالته..", "She said so."))),
        ("doubled", choice(feedback=both("لأنها قالت «».", "She said so."))),
        ("punctuation", asking(ar="بحسب المقال, مَن قال ذلك؟")),
        ("punctuation", choice(feedback=both("قالته; ثم مضت.", "She said so."))),
        ("punctuation", choice(feedback=both("لأنها قالته.", "She said so، and went."))),
        ("markup", asking(en="Who said **so?")),
        ("one-month-name", asking(ar="مَن قال ذلك في يونيو 2021؟")),
        ("one-month-name", asking(ar="مَن قال ذلك في 7 آذار؟")),
        ("one-month-name", asking(ar="مَن قال ذلك في ديسمبر/تشرين الأول 2021؟")),
        ("one-month-name", choice(feedback=both("قالته في كانون الأول.", "She said so."))),
        ("vowelled", choice(feedback=both("لِأَنَّهَا قَالَتْهُ أَمَامَ الصِّحَافَةِ.", "She said so."))),
        ("mixed-digits", asking("مَن قال 3 أو ٤؟", "Who said 3 or 4?")),
        ("mixed-digits", asking("مَن قال 3؟", "Who said 3?", feedback=both("٣.", "3."))),
    ],
)
def test_a_text_that_is_not_whole_or_not_well_set_is_found(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "question",
    [
        asking(en="None of the ministers spoke. Who said so?"),
        asking(ar="مَن قال ذلك في ديسمبر/كانون الأول 2021؟"),
        asking(ar="مَن قال ذلك في اكتوبر/تشرين الأول 2021؟"),
        asking(ar="مَن مارس الضغط؟", en="Who put on pressure?"),
        asking(ar="مَن ذكر «ثورة يوليو»؟", en="Who named the “July revolution”?"),
        asking(ar="مَن ذكر 1,000 سد؟", en="Who named 1,000 dams?"),
        asking(ar="مَن ذكر شركة Nile, Inc؟", en="Who named Nile, Inc?"),
        asking(ar="مَن قال ذلك **أولًا**...؟", en="Who said so **first**...?"),
        choice(feedback=both("قالته ثمّ غادرتِ القاعةَ مساءً.", "She said so.")),
        asking("مَن قال ٣؟", "Who said 3?"),
    ],
)
def test_a_text_that_only_looks_so_is_let_be(question):
    assert rules(question) == []


COPY = "قالت الوزيرة إن السد سوف يفتح في الربيع القادم"


@pytest.mark.parametrize(
    "question",
    [
        asking(f"هل {COPY} كله؟"),
        choice(feedback=both("قالتِ الوزيرةُ: إنّ السدّ سوف يُفتح في الرّبيع القادم.", "She said so.")),
    ],
    ids=["as it is", "with marks"],
)
def test_eight_words_of_the_document_in_a_row_are_found(question):
    runs = frozenset(run_hashes(f"في البداية {COPY} كما وعدت"))
    assert ("copied", "error") in rules(question, runs=runs)


def test_seven_words_of_the_document_are_no_copy():
    seven = " ".join(COPY.split()[:7])
    assert rules(asking(f"هل {seven}؟"), runs=frozenset(run_hashes(COPY))) == []


def test_a_text_has_as_many_runs_as_places_to_begin_one():
    assert (RUN, len(run_hashes(COPY)), run_hashes("سبع كلمات")) == (8, 2, [])


def test_the_hashes_beside_the_facts_are_read(tmp_path):
    assert read_runs(tmp_path) == frozenset()
    (tmp_path / "runs.json").write_text('["abc", "def"]', "utf-8")
    assert read_runs(tmp_path) == {"abc", "def"}
