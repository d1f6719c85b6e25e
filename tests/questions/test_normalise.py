import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.normalise import normalise


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("  Geneva ", "geneva"),
        ("GENÈVE", "geneve"),
        ("ＧＥＮＥＶＡ", "geneva"),
        ("al-Hasan", "al hasan"),
        ("O'Brien", "obrien"),
        ("Qurʾān", "quran"),
        ("Putin's aide", "putin aide"),
        ("the presidents’ call", "the presidents call"),
        ("أوشاكوف", "اوشاكوف"),
        ("إيران", "ايران"),
        ("آدا", "ادا"),
        ("مصطفى", "مصطفي"),
        ("القمة", "القمه"),
        ("مؤتمر", "موتمر"),
        ("هيئة", "هييه"),
        ("الثلاثاء", "الثلاثا"),
        ("مُحَادَثَاتٌ", "محادثات"),
        ("قمّـــة", "قمه"),
        ("ڤلاديمير", "فلاديمير"),
        ("گروزنی", "كروزني"),
        ("ﻻ", "لا"),
        ("٢٠٢١", "2021"),
        ("۲۰۲۱", "2021"),
        ("\u200f7 ديسمبر\u200e", "7 ديسمبر"),
        ("«النص»، قال", "النص قال"),
        ("؟!", ""),
        ("", ""),
    ],
)
def test_ways_of_typing_the_same_words_have_one_form(typed, form):
    assert normalise(typed) == form


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=12))
def test_a_normal_form_is_its_own_normal_form(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="ءاأإآىئؤةهيو '’s-", max_size=10))
def test_a_normal_form_of_hamzas_and_apostrophes_is_its_own_normal_form(text):
    assert normalise(normalise(text)) == normalise(text)
