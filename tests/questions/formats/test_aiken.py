"""Aiken: good questions come in, bad ones are told with their line, in Arabic letters too."""

from __future__ import annotations

import pytest
from factories import every_kind, make_bank, make_question
from hypothesis import given
from hypothesis import strategies as st
from there_and_back import SHARED, a_question, needs_real_files, texts

from questions import factbook, generate
from questions.errors import BadFile
from questions.formats import aiken
from questions.formats.incoming import Incoming
from questions.texts import plain

GOOD = "Good?\nA) x\nB) y\nANSWER: B\n"


def read(text: str) -> Incoming:
    return aiken.read(text.encode(), "bank.txt")


@pytest.mark.parametrize(
    ("text", "stem", "options", "right"),
    [
        ("Who?\nA) a\nB) b\nANSWER: B", "Who?", ["a", "b"], ["b"]),
        ("Who?\r\nA. a\r\nB. b\r\nANSWER: A\r\n", "Who?", ["a", "b"], ["a"]),
        ("Who?\nA)a\nB)b (no space)\nAnswer:B", "Who?", ["a", "b (no space)"], ["b (no space)"]),
        ("Who?\na) a\nb) b\nc) c\nanswer: c", "Who?", ["a", "b", "c"], ["c"]),
        ("Who?\n(A) a\n(B) b\nCorrect answer: A", "Who?", ["a", "b"], ["a"]),
        ("Who?\nA: a\nB: b\nANSWER: B) b", "Who?", ["a", "b"], ["b"]),
        ("Who?\nA) a\nB) b\nANSWER: B — b", "Who?", ["a", "b"], ["b"]),
        ("Who?\n\nA) a\n\nB) b\n\nANSWER: b", "Who?", ["a", "b"], ["b"]),
        (
            "Who is it\nof all?\nA) a that\n   goes on\nB) b\nANSWER: B",
            "Who is it\nof all?",
            ["a that goes on", "b"],
            ["b"],
        ),
        (
            'Is <html class="x"> & so?\nA) True\nB) False\nANSWER: A',
            'Is <html class="x"> & so?',
            ["True", "False"],
            ["True"],
        ),
        ("من؟\nأ) سلمى\nب) كريم\nج) نبيل\nالإجابة: ج", "من؟", ["سلمى", "كريم", "نبيل"], ["نبيل"]),
        ("من؟\nا- سلمى\nب- كريم\nالجواب: أ", "من؟", ["سلمى", "كريم"], ["سلمى"]),
        ("من؟\nأ. سلمى\nب. كريم\nالإجابة الصحيحة: كريم", "من؟", ["سلمى", "كريم"], ["كريم"]),
        ("من؟\nA) سلمى\nB) كريم\nANSWER: A", "من؟", ["سلمى", "كريم"], ["سلمى"]),
        ("Who?\nA) a\nB) b\nC) c\nANSWER: A, C", "Who?", ["a", "b", "c"], ["a", "c"]),
        ("Who?\nA) a\nB) b\nC) c\nANSWER: AC", "Who?", ["a", "b", "c"], ["a", "c"]),
        ("من؟\nأ) ا\nب) ب\nج) ج\nالإجابة: أ و ج", "من؟", ["ا", "ب", "ج"], ["ا", "ج"]),
    ],
)
def test_a_question_comes_in(text, stem, options, right):
    incoming = read(f"\ufeff{text}")
    (question,) = incoming.questions
    assert incoming.held == 1
    lang = question.stem.languages[0]
    keys = [question.key] if question.kind == "choice" else question.keys
    assert question.stem.get(lang) == stem
    assert [one.text.get(lang) for one in question.options] == options
    assert [one.text.get(lang) for one in question.options if one.id in keys] == right


def test_feedback_stands_after_the_answer():
    (question,) = read("Who?\nA) a\nB) b\nANSWER: B\nFEEDBACK: As it is.\n\n" + GOOD).questions[:1]
    assert question.feedback.en == "As it is."


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Who?\nA) a\nANSWER: A", "line 1 (Who?): refused: too-few-options"),
        ("\n\nA) not started\n\nANSWER: A", "line 3 (not started): refused: no-question"),
        ("Who?\nA) a\nB) b\n", "line 1 (Who?): refused: no-answer"),
        ("Who?\n", None),
        ("Who?\nA) a\nB) b\nANSWER: D", "line 1 (Who?): refused: bad-key: D"),
        ("Who?\nA) a\nB) b\nANSWER:", "line 1 (Who?): refused: no-answer"),
        ("Who?\nA) a\nB) a\nANSWER: B", "line 1 (Who?): refused: same-options"),
        ("Who?\nA)\nB) a\nANSWER: B", "line 1 (Who?): refused: too-few-options"),
    ],
)
def test_what_cannot_come_in_is_told_and_the_rest_comes_in(text, note):
    incoming = read(f"{text}\n\n{GOOD}")
    assert [str(one) for one in incoming.notes] == ([note] if note else [])
    assert len(incoming.questions) == 1
    assert incoming.questions[0].stem.en in {"Good?", "Who?\nGood?"}


@pytest.mark.parametrize("asks", ["A. Lincoln was what?", "(A) or (B)?"])
def test_a_question_that_begins_like_an_option_is_one(asks):
    (question,) = read(f"{asks}\nA. President\nB. Actor\nANSWER: A").questions
    assert (question.stem.en, [one.text.en for one in question.options]) == (asks, ["President", "Actor"])


def test_a_question_without_options_at_the_end_is_told():
    assert [str(note) for note in read(f"{GOOD}\nWho?").notes] == ["line 6 (Who?): refused: no-answer"]
    assert [str(note) for note in read(f"{GOOD}\nThe end.").notes] == ["line 6 (The end.): skipped: description"]


def test_what_is_no_text_is_refused():
    with pytest.raises(BadFile, match=r"bank\.txt: is not text \(a NUL, character 1\)"):
        aiken.read(b"\0\0", "bank.txt")


def test_what_is_written_is_what_moodle_reads():
    assert aiken.write(make_bank(*every_kind()), "ar").decode() == (
        "من أعلن فتح السد؟\nA) ليلى الحسن\nB) عمر سالم\nC) نيلس برغ\nD) آدا مور\nANSWER: A\n"
    )


def held(question, lang):
    def line(text):
        return {own: " ".join(plain(said).split()) for own, said in texts(text, lang).items()}

    return line(question.stem), [(line(one.text), one.id == question.key) for one in question.options]


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_choices_of_the_packaged_bank_come_back(lang):
    bank = generate.generate(factbook.load(generate.packaged()))
    incoming = aiken.read(aiken.write(bank, lang), "bank.txt")
    choices = [question for question in bank.live if question.kind == "choice"]
    assert [str(held(one, lang)) for one in incoming.questions] == [str(held(one, lang)) for one in choices]


@given(st.data())
def test_any_choices_come_back(data):
    made = [data.draw(a_question(number, ("choice",))) for number in range(data.draw(st.integers(1, 3)))]
    lang = data.draw(st.sampled_from(["ar", "en"]))
    kept = [question for question in made if "left-out" not in aiken.losses(question, lang)]
    incoming = aiken.read(aiken.write(make_bank(*made), lang), "bank.txt")
    assert [len(one.options) for one in incoming.questions] == [len(one.options) for one in kept]
    said = [[(next(iter(text.values())), key) for text, key in held(one, lang)[1]] for one in kept]
    back = [[(next(iter(text.values())), key) for text, key in held(one, lang)[1]] for one in incoming.questions]
    assert back == said


def test_what_aiken_cannot_carry_is_named():
    said = {question.kind: aiken.losses(question, "en") for question in every_kind()}
    assert said.pop("choice") == ("other-language", "feedback", "option-feedback", "sources", "facts", "topic")
    assert set(said.values()) == {("left-out",)}
    assert aiken.losses(make_question(stem={"en": "A. Lincoln was what?"}), "en") == ("left-out",)


@needs_real_files
@pytest.mark.parametrize(
    ("file", "good", "bad"), [("moodle_aiken_errors.txt", 2, 3), ("moodle_questions.aiken.txt", 2, 0)]
)
def test_a_real_file_gives_its_expected_counts(file, good, bad):
    incoming = aiken.read((SHARED / "aiken" / file).read_bytes(), file)
    assert (len(incoming.questions), incoming.skipped, incoming.refused) == (good, 0, bad)
