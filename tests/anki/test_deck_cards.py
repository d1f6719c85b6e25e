"""What the learner sees: the cards as Anki renders them."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from export.anki.sides import as_typed
from questions.normalise import normalise

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


# ---------------------------------------------------------------- typed answers


RIGHT = re.compile(r"<code id=typeans><span class=typeGood>[^<]*</span></code>")


@pytest.mark.parametrize(
    ("house", "compared"),
    [
        ("ليلى الحسن", "ليلى الحسن"),
        ("وجهًا لوجه", "وجها لوجه"),
        ("بنّاءة", "بناءة"),
        ("«التيار الشمالي ٢»", "التيار الشمالي 2"),
        ("الحـــكومة", "الحكومة"),
        ("\u200fجنيف\u200f", "جنيف"),
        ("\ufefc\ufe91", "لاب"),  # letters in the forms of old documents
        ("**وكالة تاس**.", "وكالة تاس"),
        ("Jean‑Luc’s “plan”", "Jean-Luc&#x27;s plan"),
        ("3 km³", "3 km3"),
        ("the U.S.", "the U.S."),
        ("R&D <b>", "R&amp;D &lt;b&gt;"),
        ("…", "..."),
        ("«»", "«»"),
    ],
)
def test_what_anki_compares_is_what_hands_type(house, compared):
    assert as_typed(house) == compared


@pytest.mark.parametrize(
    ("house", "typed"),
    [
        ("وجهًا لوجه", "وجها لوجه"),
        ("وجهًا لوجه", "وجهًا لوجه"),
        ("«أوكرانيا»", "اوكرانيا"),
        ("٧ ديسمبر", "7 ديسمبر"),
        ("الحـكومة", "الحكومة"),
        ("\u200fجنيف", "جنيف"),
    ],
)
def test_anki_takes_it_for_right(desk, version, house, typed):
    changes = {"f-1.speaker.typed": {"answer": {"ar": house, "en": "x"}, "answer_type": "text"}}
    desk.import_bank(version(datetime(2026, 1, 11, tzinfo=UTC), changes))
    assert RIGHT.fullmatch(compared_with(desk, typed))
    back = sides(desk, "f-1.speaker", "Typed")[1]
    assert f'<span class="house">{house}</span>' in back


@pytest.mark.parametrize(
    ("lang", "also"),
    [
        ("ar", "<bdi>7 مايو 2030</bdi> · <bdi>7 أيار 2030</bdi> · <bdi>2030-05-07</bdi>"),
        ("en", "<bdi>2030-05-07</bdi>"),
    ],
)
def test_a_date_may_be_written_with_either_name_of_its_month(desk, version, lang, also):
    date = {
        "answer_type": "date", "value": "2030-05-07", "accepted": [],
        "answer": {"ar": "7 مايو/أيار 2030", "en": "7 May 2030"},
    }  # fmt: skip
    desk.import_bank(version(datetime(2026, 1, 11, tzinfo=UTC), {"f-1.speaker.typed": date}))
    assert desk.note("f-1.speaker")[f"Typed also {lang}"] == also


def compared_with(desk, typed):
    """The lines that Anki puts in the place of the field that was typed in."""
    return desk.col.compare_answer(desk.note("f-1.speaker")["Typed compare ar"], typed, False)


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser):
    return browser.new_page(viewport={"width": 360, "height": 640})


def document(desk, *sides, html="", body=""):
    """A side as Anki's window holds it."""
    style = desk.col.models.by_name("Qimma")["css"]
    shown = "".join(f'<div id="qa">{side}</div>' for side in sides)
    return f'<!doctype html><html class="{html}"><style>{style}</style><body class="card card1 {body}">{shown}'


def all_sides(desk):
    rendered = [desk.col.get_card(card).render_output() for card in desk.col.find_cards("")]
    return [side for shown in rendered for side in (shown.question_text, shown.answer_text)]


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
    page.close()
    assert all(asked == answered for asked, answered in seen)
    assert sorted(seen[0][0]) == ["Ada Moore", "Layla al-Hasan", "Nils Berg", "Omar Salem"]
    # With nowhere to leave the order for the back, one order serves the whole day.
    assert (len({tuple(asked) for asked, _ in seen}) > 1) == (address != "about:blank")


PAPER, NIGHT = "rgb(251, 250, 247)", "rgb(22, 24, 26)"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "html", "body", "paper"),
    [
        ("ar", "", "", PAPER),
        ("en", "", "nightMode", NIGHT),
        ("en", "mobile android linux chrome", "", PAPER),
        ("ar", "mobile android linux chrome", "night_mode nightMode", NIGHT),
        ("ar", "mobile android linux chrome night-mode", "night_mode", NIGHT),
        ("ar", "mobile iphone", "", PAPER),
        ("en", "mobile iphone nightMode", "", NIGHT),
    ],
)
def test_no_card_is_wider_than_a_small_phone_and_each_has_its_paper(desk, bank, page, lang, html, body, paper):
    desk.import_bank(bank, lang)
    page.set_content(document(desk, *all_sides(desk), html=html, body=body))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


# The texts in Arabic blocks whose last sign, a stop or a closing bracket, is not the leftmost thing of its line.
NOT_AT_THE_LEFT = """direction => {
  const found = { looked: 0, wrong: [] };
  for (const block of document.querySelectorAll('.stem, .task, .why, .said, .also, .source, li, .key')) {
    if (block.closest('[lang]').lang !== 'ar' || block.querySelector('div')) continue;
    if (direction) block.closest('[dir]').dir = direction;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let last = null;
    while (walker.nextNode()) if (walker.currentNode.textContent.trim()) last = walker.currentNode;
    const end = last.textContent.trimEnd().length;
    if (!/[^%][.؟!)»:]$/.test(last.textContent.trimEnd())) continue;
    found.looked += 1;
    const sign = document.createRange();
    sign.setStart(last, end - 1);
    sign.setEnd(last, end);
    const { left, top, bottom } = sign.getClientRects()[0];
    const all = document.createRange();
    all.selectNodeContents(block);
    const line = [...all.getClientRects()].filter(each => each.top < bottom - 4 && each.bottom > top + 4);
    if (line.some(each => each.left < left - 0.5)) found.wrong.push(block.textContent);
  }
  return found;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_arabic_lines_end_at_the_left(desk, bank, page, lang):
    desk.import_bank(bank, lang)
    page.set_content(document(desk, *all_sides(desk)))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = page.evaluate(NOT_AT_THE_LEFT, None)
    assert found["wrong"] == []
    assert found["looked"] == 26
    assert len(page.evaluate(NOT_AT_THE_LEFT, "ltr")["wrong"]) > 10  # it does see a text that runs the wrong way


@pytest.mark.browser
def test_an_arabic_blank_stands_in_its_place_with_the_stop_at_its_left(desk, bank, page):
    desk.import_bank(bank, "ar")
    front, back = sides(desk, "f-2.amount", "Cloze")
    page.set_content(document(desk, front, back))
    blank, stem = (page.locator(f".front {name}").first.bounding_box() for name in (".blank", ".stem"))
    assert page.locator(".front .stem").first.inner_text() == "تبلغ سعة السد ____."
    stop = page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector('.front .blank').nextSibling);
          return range.getBoundingClientRect().right;
        }"""
    )
    assert stop <= blank["x"] + 0.5
    assert blank["x"] > stem["x"]
    assert page.locator(".back .house").first.inner_text() == "تبلغ سعة السد 3 كيلومترات مكعّبة."


@pytest.mark.browser
@pytest.mark.parametrize(
    ("point", "template", "front", "back"),
    [
        (
            "f-1.speaker",
            "Choice",
            ["من قال إن السد سيُفتح في عام 2030 (بحسب Aurora News)؟",
             "نيلس برغ (Nils Berg)", "عمر سالم", "آدا مور", "ليلى الحسن"],
            ["ليلى الحسن ✓ إجابة صحيحة", "تحدّث عن الكهرباء وحدها.", "التوضيح: قالت ذلك أمام الصحافة في 3 مايو/أيار."],
        ),
        (
            "s-3.roles",
            "Matching",
            ["من صاحب كل منصب؟", "ما الذي يقابل كلًّا منها؟",
             "وزيرة المياه", "وزير الطاقة", "ليلى الحسن", "آدا مور", "عمر سالم"],
            ["وزيرة المياه — ليلى الحسن", "وزير الطاقة — عمر سالم", "آدا مور — بلا مقابل"],
        ),
    ],
)  # fmt: skip
def test_with_scripts_off_a_card_is_plain_text(desk, bank, browser, point, template, front, back):
    desk.import_bank(bank, "ar")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    seen = []
    for side in sides(desk, point, template):
        page.set_content(document(desk, side))
        seen.append([line.strip() for line in page.locator("body").inner_text().splitlines() if line.strip()])
    context.close()
    assert seen[0] == [*front, "المقابل بالإنجليزية"]
    assert set(back) <= set(seen[1])


def judged(desk, page, typed):
    """The line that the back adds to Anki's comparison, and what stands there in any case."""
    back = sides(desk, "f-1.speaker", "Typed")[1]
    shown = re.sub(r"\[\[type:[^\]]*\]\]", lambda _: f"<div>{compared_with(desk, typed)}</div>", back)
    page.set_content(document(desk, shown))
    assert page.locator(".back > .key .house").inner_text() == "ليلى الحسن"
    return page.locator(".back > p.mark").all_inner_texts()


FULL, PART = "✓ مقبولة: صيغة أخرى من الإجابة الصحيحة", "≈ إجابة قريبة، تُحسب جزئيًّا"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("ليلى الحسن", []),  # Anki itself says that it is right
        ("ليلي الحسن", [FULL]),
        ("ليــلى الحَسَن.", [FULL]),
        ("ليلى حسن", [FULL]),
        ("l. hasan", [FULL]),
        ("الحسن", [PART]),
        ("ليلى", []),
        ("عمر سالم", []),
        ("", []),
    ],
)
def test_the_back_says_when_another_form_counts(desk, bank, page, typed, line):
    desk.import_bank(bank, "ar")
    assert judged(desk, page, typed) == line


BARE = (files("export.anki") / "judge.js").read_text("utf-8")


@pytest.mark.browser
def test_the_card_makes_texts_comparable_as_the_site_does(page):
    texts = [
        "الحُكُومَةُ", "أُوكرانيا إلى آخر ٱلمساء", "مسؤول بيئيّ", "الحـــكومة", "ڤيينا", "گوگل", "٧/١٢/٢٠٢١",
        "«التيار الشمالي ٢»",
        "جنيف، سويسرا", "  Layla   al-Hasan. ", "Ali’s “plan”", "CAFÉ", "سماء زرقاء", "\u200fلندن\u200e", "ﻻ",
        "5,000", "۷",
    ]  # fmt: skip
    function = re.search(r"  var LETTERS = .*?\n  }\n", BARE, re.DOTALL)[0]
    made = page.evaluate(
        "([code, texts]) => { eval(code + 'window.bare = bare'); return texts.map(window.bare); }", [function, texts]
    )
    assert made == [normalise(text) for text in texts]
