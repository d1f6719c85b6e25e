"""A book in one language gives a bank in that language, word for word as the book in both does."""

from __future__ import annotations

import re

import pytest
import second_book

from questions.formats import bank_json
from questions.generate import from_folder
from questions.texts import Bilingual

LANGS = ["ar", "en"]


def sides(value):
    """Every text of a question."""
    if isinstance(value, Bilingual):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in sides(part)]
    fields = type(value).model_fields if hasattr(type(value), "model_fields") else ()
    return [text for name in fields for text in sides(getattr(value, name))]


def texts(bank, lang):
    return {question.id: [text.get(lang) for text in sides(question)] for question in bank.live}


@pytest.fixture(scope="module")
def bilingual():
    return from_folder(second_book.FOLDER)[1]


@pytest.fixture(params=LANGS)
def lang(request):
    return request.param


@pytest.fixture
def single(lang, tmp_path):
    return from_folder(second_book.in_one(lang, tmp_path))[1]


def test_every_text_is_that_of_the_book_in_both_languages(single, bilingual, lang):
    assert texts(single, lang) == texts(bilingual, lang)


def test_no_text_has_a_side_that_is_not_declared(single, lang):
    assert {text.languages for question in single.live for text in sides(question)} == {(lang,)}


def test_nothing_stands_for_a_missing_text(single):
    assert re.findall(r"None|\"\"|«»|“”", bank_json.dump(single)) == []


def test_accepted_answers_are_in_the_language_or_in_any(single, lang):
    typed = [question for question in single.live if question.kind in {"typed", "cloze"}]
    assert {form.lang for question in typed for form in question.accepted} == {lang}
    assert [form.text for question in typed if question.id == "f-005.count.typed" for form in question.accepted] == {
        "ar": ["مروحيتان", "مروحيتين", "2 مروحيات", "2 مروحية"],
        "en": ["2 helicopters", "2 helicopter"],
    }[lang]


def test_a_text_in_a_language_that_is_not_declared_is_left_out(single, lang, tmp_path_factory):
    written = from_folder(second_book.both_declaring(lang, tmp_path_factory.mktemp("both")))[1]
    assert texts(written, lang) == texts(single, lang)
    assert {text.languages for question in written.live for text in sides(question)} == {(lang,)}
