import pytest
from pydantic import ValidationError

from questions.texts import Bilingual, plain, to_html


@pytest.mark.parametrize(
    ("text", "lang", "html"),
    [
        ("a < b & c", "en", "a &lt; b &amp; c"),
        ('<script>alert("x")</script>', "en", "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"),
        ("it's", "en", "it&#x27;s"),
        ("was **not** raised", "en", "was <strong>not</strong> raised"),
        ("**<b>** & **c**", "en", "<strong>&lt;b&gt;</strong> &amp; <strong>c</strong>"),
        ("two ** stars", "en", "two ** stars"),
        ("****", "en", "****"),
        ("one\ntwo\r\nthree", "en", "one<br>two<br>three"),
        ("**over\ntwo lines**", "en", "<strong>over<br>two lines</strong>"),
        ("وكالة TASS قالت", "ar", 'وكالة <bdi lang="en">TASS</bdi> قالت'),
        ("برنامج Nord Stream 2، ثم", "ar", 'برنامج <bdi lang="en">Nord Stream 2</bdi>، ثم'),
        ("بين R&D والأمن", "ar", 'بين <bdi lang="en">R&amp;D</bdi> والأمن'),
        ("اسمه Müller.", "ar", 'اسمه <bdi lang="en">Müller</bdi>.'),
        ("**لم** يُطرح <", "ar", "<strong>لم</strong> يُطرح &lt;"),
        ("the word (سد) is used", "en", 'the word (<bdi lang="ar">سد</bdi>) is used'),
        ("in قمة جنيف, 3 days", "en", 'in <bdi lang="ar">قمة جنيف</bdi>, 3 days'),
        ("no 12,5 marks", "en", "no 12,5 marks"),
    ],
)
def test_text_becomes_safe_html_with_the_other_script_isolated(text, lang, html):
    assert to_html(text, lang) == html


def test_plain_text_loses_its_markup_only():
    assert plain("was **not** raised ** here") == "was not raised ** here"


def test_a_text_in_no_language_cannot_be_built():
    with pytest.raises(ValidationError, match="at least one language"):
        Bilingual()


@pytest.mark.parametrize("empty", ["", "   ", "\n"])
def test_an_empty_text_is_none(empty):
    with pytest.raises(ValidationError):
        Bilingual(ar=empty, en="x")


def test_a_reader_gets_the_language_that_there_is():
    both, one = Bilingual(ar="سد", en="dam"), Bilingual(en="dam")
    assert (both.best("ar"), both.best("en")) == (("ar", "سد"), ("en", "dam"))
    assert (one.best("ar"), one.languages) == (("en", "dam"), ("en",))
