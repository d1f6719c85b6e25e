"""Each rule, with a question that breaks it and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from factories import make_bank, make_question

from questions.bank import Bank, Entry, Question
from questions.lint import RUN, lint, lint_question, read_runs, run_hashes

SOURCE = {"voice": {"ar": "المقال", "en": "the article"}, "para": 1, "opening": "قالت"}
SOUND: dict[str, Any] = {
    "feedback": {"ar": "لأنها قالته.", "en": "She said so."},
    "facts": ("f-1",),
    "sources": (SOURCE,),
    "stem": {"ar": "مَن قال ذلك؟", "en": "Who said so?"},
}
NAMES = (("a", "ليلى", "Layla"), ("b", "عمر", "Omar"), ("c", "نيلس", "Nils"))


def options(*rows: tuple[str, str, str]) -> tuple[dict[str, Any], ...]:
    return tuple({"id": name, "text": {"ar": ar, "en": en}} for name, ar, en in rows)


def choice(**more: Any) -> Question:
    return make_question("choice", **{**SOUND, "options": options(*NAMES), "key": "a", **more})


def typed(**more: Any) -> Question:
    fields = {"answer": {"ar": "ليلى الحسن", "en": "Layla Hasan"}, "accepted": (), **more}
    return make_question("typed", **{**SOUND, **fields})


def rules(question: Question, **more: Any) -> list[tuple[str, str]]:
    return sorted({(finding.rule, finding.level) for finding in lint_question(question, make_bank(question), **more)})


@pytest.mark.parametrize("question", [choice(), typed()], ids=lambda one: one.kind)
def test_nothing_is_odd_about_a_sound_question(question):
    assert rules(question) == []


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("missing-language", choice(stem={"en": "Who said so?"})),
        ("missing-language", choice(options=(*options(*NAMES[:2]), {"id": "c", "text": {"ar": "نيلس"}}))),
        ("missing-language", choice(feedback={"ar": "لأنها قالته."})),
        ("unresolved-slot", choice(stem={"ar": "مَن قال ذلك؟", "en": "Who said {claim}?"})),
        ("unresolved-slot", choice(feedback={"ar": "قالت {name.ar} ذلك.", "en": "She said so."})),
        ("mixed-digits", choice(stem={"ar": "مَن قال 3 أو ٤؟", "en": "Who said 3 or 4?"})),
        ("mixed-digits", choice(stem={"ar": "مَن قال 3؟", "en": "Who said 3?"}, feedback={"ar": "٣.", "en": "3."})),
        ("deictic", choice(stem={"ar": "مَن قال ذلك؟", "en": "Who said so yesterday?"})),
        ("deictic", choice(stem={"ar": "مَن قال ذلك أمس؟", "en": "Who said so?"})),
        ("deictic", choice(stem={"ar": "مَن قال ذلك غدًا؟", "en": "Who said so?"})),
        ("same-options", choice(options=options(*NAMES[:2], ("c", "نيلس", "OMAR.")))),
        ("same-options", choice(options=options(*NAMES[:2], ("c", "لَيلى", "Nils")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "نيلس", "All of the above")))),
        ("banned-option", choice(options=options(*NAMES[:2], ("c", "جميع ما سبق", "Nils")))),
        ("answer-in-stem", typed(stem={"ar": "مَن قال ذلك؟", "en": "Who said so, Layla Hasan or Omar?"})),
        ("answer-in-stem", typed(stem={"ar": "هل قالت لَيلى الحسن ذلك؟", "en": "Who said so?"})),
        (
            "answer-in-stem",
            make_question(
                "cloze",
                **{**SOUND, "stem": {"ar": "السد في ____.", "en": "The dam of Basra is in ____."}},
                answer={"ar": "البصرة", "en": "Basra"},
                answer_type="name",
                value=None,
            ),
        ),
        ("no-source", choice(sources=())),
        ("no-paragraph", choice(sources=({"voice": {"ar": "المقال", "en": "the article"}},))),
        ("no-feedback", choice(feedback=None)),
    ],
)  # fmt: skip
def test_a_question_that_breaks_one_rule_is_found_by_that_rule(rule, question):
    assert rules(question) == [(rule, "error")]


@pytest.mark.parametrize(
    "name", ["ليلى التي قالت ذلك كله وأكثر منه أمام الصحافة", "ليلى الحسن بن سعيد"], ids=["far", "a little"]
)
def test_a_key_much_longer_than_the_rest_is_a_remark(name):
    question = choice(options=options(("a", name, "Layla"), *NAMES[1:]))
    assert rules(question) == [("longest-key", "remark")]


def test_a_wrong_option_may_be_the_longest():
    question = choice(options=options(*NAMES[:2], ("c", "نيلس", "Nils the son of Berg the elder")))
    assert rules(question) == []


def test_a_question_of_no_fact_needs_no_source():
    assert rules(choice(facts=(), sources=(), feedback=None)) == []


COPY = "قالت الوزيرة إن السد سوف يفتح في الربيع القادم"


@pytest.mark.parametrize(
    "question",
    [
        choice(stem={"ar": f"هل {COPY}؟", "en": "Who said so?"}),
        choice(feedback={"ar": "قالتِ الوزيرةُ: إنّ السدّ سوف يُفتح في الرّبيع القادم.", "en": "She said so."}),
    ],
    ids=["as it is", "with marks"],
)
def test_eight_words_of_the_document_in_a_row_are_found(question):
    runs = frozenset(run_hashes(f"في البداية {COPY} كما وعدت"))
    assert rules(question, runs=runs) == [("copied", "error")]


def test_seven_words_of_the_document_are_no_copy():
    seven = " ".join(COPY.split()[:7])
    question = choice(stem={"ar": f"هل {seven}؟", "en": "Who said so?"})
    assert rules(question, runs=frozenset(run_hashes(COPY))) == []


def test_a_text_has_as_many_runs_as_places_to_begin_one():
    assert (RUN, len(run_hashes(COPY)), run_hashes("سبع كلمات")) == (8, 2, [])


def test_the_hashes_beside_the_facts_are_read(tmp_path):
    assert read_runs(tmp_path) == frozenset()
    (tmp_path / "runs.json").write_text('["abc", "def"]', "utf-8")
    assert read_runs(tmp_path) == {"abc", "def"}


def found(bank: Bank) -> list[tuple[str, str]]:
    return sorted({(finding.question, finding.rule) for finding in lint(bank)})


def test_two_questions_of_one_stem_are_found():
    one, other = choice(id="f-1.speaker.choice"), choice(id="f-2.speaker.choice")
    assert found(make_bank(one, other)) == [("f-2.speaker.choice", "duplicate-stem")]


@pytest.mark.parametrize(
    "other",
    [
        choice(id="f-2.speaker.choice", options=options(*NAMES[:2], ("d", "آدا", "Ada"))),
        typed(id="f-2.speaker.typed"),
    ],
    ids=["other options", "another kind"],
)
def test_what_is_offered_tells_two_questions_of_one_stem_apart(other):
    assert found(make_bank(choice(id="f-1.speaker.choice"), other)) == []


def test_a_retired_question_is_left_alone():
    bank = make_bank(choice(sources=()))
    retired = Entry(question=bank.live[0], changed=bank.entries[0].changed, retired=True)
    assert found(bank.model_copy(update={"entries": (retired,)})) == []


def test_a_bank_of_one_language_needs_no_other():
    question = choice(
        stem={"en": "Who?"}, feedback={"en": "So."}, options=[{"id": n, "text": {"en": en}} for n, _, en in NAMES]
    )
    source = {"voice": {"en": "the article"}, "para": 1}
    bank = make_bank(question.model_copy(update={"sources": choice(sources=(source,)).sources}), languages=("en",))
    assert found(bank) == []


def test_a_finding_reads_as_a_sentence():
    finding = lint_question(choice(feedback=None), make_bank())[0]
    assert str(finding) == 'question "f-1.speaker.choice": has no sentence that says why [no-feedback]'
