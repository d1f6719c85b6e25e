"""What the learner sees: the cards as Anki renders them."""

from __future__ import annotations

import os
import re
import shutil

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def sides(desk, point, template):
    shown = desk.card(point, template).render_output()
    return shown.question_text, shown.answer_text


def words(html):
    """As one reads it with scripts off and no style."""
    text = re.sub(r"<script>.*?</script>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text)
    return " ".join(text.split())


def test_a_choice_shows_its_options_and_behind_them_the_key_in_words(desk, bank):
    desk.import_bank(bank, "en")
    front, back = sides(desk, "f-1.speaker", "Choice")
    assert words(front).startswith(
        "Who said that the dam opens in 2030? Nils Berg Omar Salem Ada Moore Layla al-Hasan In Arabic من قال إن السد"
    )
    assert words(back).startswith(
        "Who said that the dam opens in 2030? Nils Berg Omar Salem He spoke of electricity only. Ada Moore "
        "Layla al-Hasan ✓ right answer Why: She said so to the press on 3 May. "
        "Source: Layla al-Hasan, after Aurora News, paragraph 4 (“ قالت الوزيرة ”) In Arabic"
    )


def test_an_arabic_choice_is_marked_and_sourced_in_arabic(desk, bank):
    desk.import_bank(bank, "ar")
    back = sides(desk, "f-1.speaker", "Choice")[1]
    assert "ليلى الحسن ✓ إجابة صحيحة التوضيح: قالت ذلك أمام الصحافة في 3 مايو/أيار. المصدر:" in words(back)
    assert "، الفقرة 4 (« قالت الوزيرة ») المقابل بالإنجليزية Who said" in words(back)


@pytest.mark.parametrize(
    ("point", "template", "front", "back"),
    [
        (
            "f-1.speaker",
            "True-false",
            "Omar Salem said that the dam opens in 2030. True or false?",
            "Omar Salem said that the dam opens in 2030. ✓ Right answer: false Why: Layla al-Hasan said it. Source:",
        ),
        (
            "f-1.speaker",
            "Typed",
            "Who said it? (name and surname) [[type:nc:Typed compare en]]",
            "Who said it? (name and surname) [[type:nc:Typed compare en]] ✓ Right answer: Layla al-Hasan "
            "Also right: Laila Hassan · L. Hasan Source:",
        ),
        (
            "f-2.amount",
            "Cloze",
            "The dam holds ____ of water.",
            "✓ Right answer: The dam holds 3 km³ of water. Also right: from 2.5 to 3.5 Why: According to the ministry.",
        ),
        (
            "s-1.raised",
            "Multi-select",
            "Which matters were raised? Choose all that apply. visas the railway the dam",
            "Which matters were raised? Choose all that apply. visas These were not raised. "
            "the railway ✓ right answer the dam ✓ right answer",
        ),
        (
            "s-2.order",
            "Ordering",
            "What came first, and what next? In which order? the visit the treaty the talks",
            "What came first, and what next? ✓ Right answer: the visit the talks the treaty",
        ),
        (
            "s-3.roles",
            "Matching",
            "Who holds which office? What belongs with what? minister of water minister of energy "
            "Layla al-Hasan Ada Moore Omar Salem",
            "Who holds which office? ✓ Right answer: minister of water — Layla al-Hasan "
            "minister of energy — Omar Salem Ada Moore — belongs to none",
        ),
        (
            "essay-1",
            "Open",
            "What do both sides think of the dam?",
            "What do both sides think of the dam? Why: Name each side&#x27;s view and its source.",
        ),
    ],
)
def test_each_kind_asks_and_answers(desk, bank, point, template, front, back):
    desk.import_bank(bank, "en")
    asked, answered = sides(desk, point, template)
    assert words(asked).startswith(front + " In Arabic")
    assert words(answered).startswith(back)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_no_front_says_which_answer_is_right(desk, bank, lang):
    desk.import_bank(bank, lang)
    cards = [desk.col.get_card(card) for card in desk.col.find_cards("")]
    fronts = " ".join(card.render_output().question_text for card in cards)
    signs = ["✓", 'class="right', 'class="said', 'class="why', 'class="source', "الإجابة", "Right answer"]
    assert [sign for sign in signs if sign in fronts] == []


def test_each_text_says_its_language_and_direction(desk, bank):
    desk.import_bank(bank, "ar")
    front = sides(desk, "f-1.speaker", "True-false")[0]
    assert 'data-card="f-1.speaker true_false" lang="ar" dir="rtl">' in front
    assert '<div lang="en" dir="ltr">\n<div class="stem">Omar Salem' in front


def test_a_question_without_the_study_language_is_shown_in_the_one_it_has(desk, bank):
    desk.import_bank(bank, "ar")
    front = sides(desk, "only-english", "Typed")[0]
    assert 'lang="en" dir="ltr"' in front
    assert words(front) == ("Which river? {{Point}} &lt;script&gt;alert(1)&lt;/script&gt; [[type:nc:Typed compare en]]")
    desk.import_bank(bank, "en")
    assert "<details" not in sides(desk, "only-arabic", "Choice")[0]


def test_what_looks_like_markup_stays_text(desk, bank):
    desk.import_bank(bank, "ar")
    front = sides(desk, "only-arabic", "Choice")[0]
    assert "&lt;" in front
    assert "<b>" not in front
    assert "&amp; &quot; &#x27;" in front
    assert desk.card("only-arabic", "Choice").render_output().question_av_tags == []
    assert '<bdi lang="en" dir="ltr">none &amp; nothing</bdi>' in front


def test_sorted_options_stay_in_their_order(desk, bank):
    desk.import_bank(bank, "ar")
    assert '<ol class="options"><li>وسم' in sides(desk, "only-arabic", "Choice")[0]


def test_a_card_links_to_the_site_only_if_it_has_an_address(desk, bank):
    desk.import_bank(bank, "en")
    assert "This question on the site" not in sides(desk, "f-1.speaker", "Choice")[1]


def test_the_link_names_bank_and_point(desk, bank):
    desk.import_bank(bank, "en", address="https://qimma.example/")
    back = sides(desk, "f-1.speaker", "Choice")[1]
    assert '<a href="https://qimma.example/banks/dam/points/f-1.speaker">This question on the site</a>' in back


def test_anki_compares_what_was_typed_without_vowel_marks(desk, bank):
    desk.import_bank(bank, "ar")
    house = desk.note("f-1.speaker")["Typed compare ar"]
    assert desk.col.compare_answer(house, "لَيلى الحَسَن", False) == (
        "<code id=typeans><span class=typeGood>ليلى الحسن</span></code>"
    )


@pytest.fixture
def browser():
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def options(page, html):
    """The options in the order in which they stand once the card's script has run."""
    page.evaluate("html => { document.body.innerHTML = html; }", html)
    page.evaluate("() => { for (const old of document.querySelectorAll('script')) eval(old.textContent); }")
    return [text.split(" ✓")[0].split("\n")[0] for text in page.locator(".qimma > .options > li").all_inner_texts()]


@pytest.mark.browser
@pytest.mark.parametrize("address", ["https://anki.test/", "about:blank"], ids=["with storage", "without"])
def test_options_are_shuffled_the_same_on_both_sides(desk, bank, browser, address):
    desk.import_bank(bank, "en")
    front, back = sides(desk, "f-1.speaker", "Choice")
    page = browser.new_page()
    page.route("**", lambda route: route.fulfill(body="<body></body>", content_type="text/html"))
    page.goto(address)
    seen = [(options(page, front), options(page, back)) for _ in range(12)]
    assert all(asked == answered for asked, answered in seen)
    assert sorted(seen[0][0]) == ["Ada Moore", "Layla al-Hasan", "Nils Berg", "Omar Salem"]
    # With nowhere to leave the order for the back, one order serves the whole day.
    assert (len({tuple(asked) for asked, _ in seen}) > 1) == (address != "about:blank")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_no_card_is_wider_than_a_small_phone(desk, bank, browser, lang):
    desk.import_bank(bank, lang)
    style = desk.col.models.by_name("Qimma")["css"]
    cards = [desk.col.get_card(card).render_output() for card in desk.col.find_cards("")]
    page = browser.new_page(viewport={"width": 360, "height": 640})
    for shown in cards:
        for side in (shown.question_text, shown.answer_text):
            page.set_content(f'<!doctype html><style>{style}</style><body class="card nightMode">{side}')
            assert page.evaluate("document.documentElement.scrollWidth") == 360
