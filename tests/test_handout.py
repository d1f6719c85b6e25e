"""The handout: a test on paper with lettered options, and its answers on a page of their own."""

import re

import pytest
from factories import every_kind, make_bank, make_question

from export.handout import ordered, style, write_handout

PNG = "iVBORw0KGgo="


def halves(text):
    """The words of the questions and those of the answers."""
    body = text[text.index("<body>") :]
    asked, answers = body.split('<section class="answers">')
    return tuple(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)) for part in (asked, answers))


def test_options_are_lettered_and_the_answer_page_names_the_letter():
    question = make_question(fixed_order=True)
    asked, answers = halves(write_handout(make_bank(question), "en"))
    assert "A) Layla al-Hasan B) Omar Salem C) Nils Berg D) Ada Moore" in asked
    assert "1 A Layla al-Hasan She told the press." in answers


def test_arabic_letters_are_those_of_the_old_order():
    asked, answers = halves(write_handout(make_bank(make_question(fixed_order=True, key="ada")), "ar"))
    assert "أ- ليلى الحسن ب- عمر سالم ج- نيلس برغ د- آدا مور" in asked
    assert "1 د آدا مور" in answers


def test_nothing_of_the_answers_stands_among_the_questions():
    asked, _ = halves(write_handout(make_bank(make_question("typed"), make_question("cloze")), "en"))
    assert "Layla" not in asked
    assert re.search(r"holds _+ cubic", asked)


def test_every_kind_has_a_place_to_answer_and_an_answer():
    asked, answers = halves(write_handout(make_bank(*every_kind()), "en"))
    for words in ("True or false?", "Choose all that apply.", "Number these in order.", "Write the letter of what"):
        assert words in asked
    rows = re.findall(r"(?<!\S)([1-8]) (?=\S)", answers)
    assert rows[0] == "1"
    assert "To be marked by hand." in answers


def test_the_letters_of_the_answer_page_are_those_of_the_questions():
    for version in range(1, 30):
        question = make_question()
        asked, answers = halves(write_handout(make_bank(question), "en", version=version))
        letter = re.search(r"1 ([A-D]) Layla", answers)[1]
        assert f"{letter}) Layla al-Hasan" in asked


def test_versions_differ_in_the_order_of_the_options_alone():
    question = make_question()
    orders = {tuple(option.id for option in ordered(question, version)) for version in range(1, 30)}
    assert len(orders) > 10
    assert all(sorted(order) == ["ada", "layla", "nils", "omar"] for order in orders)
    assert write_handout(make_bank(), "en", version=4) == write_handout(make_bank(), "en", version=4)


def test_options_that_keep_their_order_keep_it_on_paper():
    question = make_question(fixed_order=True)
    assert {tuple(option.id for option in ordered(question, version)) for version in range(1, 30)} == {
        ("layla", "omar", "nils", "ada")
    }


def test_the_key_stands_at_each_place_about_equally_often():
    questions = [make_question(id=f"q-{n}") for n in range(400)]
    places = [[option.id for option in ordered(one, 1)].index("layla") for one in questions]
    assert all(70 < places.count(place) < 130 for place in range(4))


def test_a_matching_question_says_which_letter_belongs_to_which_side():
    asked, answers = halves(write_handout(make_bank(make_question("matching")), "en"))
    letters = dict(re.findall(r"the (minister|envoy): ([ABC])", answers))
    assert f"{letters['minister']}) Salma" in asked
    assert f"{letters['envoy']}) Karim" in asked


def test_the_answer_page_can_be_left_out():
    assert 'class="answers"' not in write_handout(make_bank(), "en", answers=False)


def test_the_page_stands_alone_and_prints():
    text = write_handout(make_bank(make_question(media=({"name": "a.png", "type": "image/png", "data": PNG},))), "ar")
    assert '<html lang="ar" dir="rtl">' in text
    assert f'src="data:image/png;base64,{PNG}"' in text
    assert not re.findall(r"<link|<script|src=\"(?!data:)|url\(", text)
    assert "@media print" in style()
    assert ".answers { break-before: page;" in style()


def test_a_question_without_the_papers_language_says_which_it_is_in():
    question = make_question("open", stem={"en": "What do both sides think?"})
    assert '<span lang="en" dir="ltr">What do both sides think?</span>' in write_handout(make_bank(question), "ar")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_a_question_says_is_text(text):
    bank = make_bank(make_question(stem={"en": text}), title={"en": text})
    made = write_handout(bank, "en")
    assert text not in made
    assert "<script" not in made
