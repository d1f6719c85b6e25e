"""One whole quiz, from the first page to the score: by keyboard alone, and without JavaScript."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
VIEWS = pytest.mark.parametrize(("lang", "width"), [("ar", 360), ("ar", 1280), ("en", 360), ("en", 1280)])


@VIEWS
def test_a_quiz_of_ten_goes_by_keyboard_alone(site, sit, lang, width):
    learner = sit(site, lang, width)
    learner.open("/")
    learner.tab_to("button.main")
    learner.page.keyboard.press("Enter")
    seen = learner.quiz(learner.answer_by_keyboard, learner.next_by_keyboard)
    assert len(set(seen)) == 10
    assert learner.page.locator("html").get_attribute("dir") == {"ar": "rtl", "en": "ltr"}[lang]
    assert "10" in learner.page.locator("h1").inner_text()
    assert learner.answers_counted() == "10"


@VIEWS
def test_a_quiz_of_ten_goes_without_javascript(site, sit, lang, width):
    learner = sit(site, lang, width, js=False)
    learner.open("/")
    learner.page.click("button.main")
    seen = learner.quiz(learner.answer_by_mouse, learner.go_on)
    assert len(set(seen)) == 10
    assert "10" in learner.page.locator("h1").inner_text()
    assert learner.answers_counted() == "10"


def test_the_missed_ones_are_gone_over_again(kinds, sit):
    learner = sit(kinds)
    learner.start("typed")
    learner.answer_by_mouse()
    learner.go_on()
    learner.page.click("button.main")
    assert learner.page.locator(".stem").inner_text().startswith("Who is the minister of water?")


@pytest.mark.parametrize("js", [True, False])
def test_a_double_click_on_the_answer_counts_once_and_shows_the_verdict(kinds, sit, js):
    learner = sit(kinds, js=js)
    learner.start("choice")
    asked = learner.page.url
    learner.choose()
    learner.page.dblclick("form.question button.main")
    learner.page.wait_for_selector(".verdict")
    assert learner.page.url == asked
    assert learner.answers_counted() == "1"


def test_a_second_press_on_the_first_button_begins_one_quiz(site, sit):
    learner = sit(site)
    learner.open("/")
    learner.page.dblclick("button.main")
    learner.page.wait_for_selector("form.question")
    learner.open("/progress")
    assert learner.page.locator("tbody tr").count() == 1


def test_reload_and_back_after_the_answer_change_nothing(site, sit):
    learner = sit(site)
    learner.open("/")
    learner.page.click("button.main")
    first = learner.answer_by_mouse()
    verdict = learner.page.locator(".answered").inner_text()
    learner.page.reload()
    assert learner.page.locator(".answered").inner_text() == verdict
    learner.go_on()
    learner.page.go_back()
    learner.page.wait_for_selector(".verdict")
    assert (learner.page.url, learner.page.locator(".answered").inner_text()) == (first, verdict)
    assert learner.answers_counted() == "1"


def test_a_closed_tab_goes_on_where_it_was(site, sit):
    learner = sit(site)
    learner.open("/")
    learner.page.click("button.main")
    learner.answer_by_mouse()
    learner.go_on()
    asked = learner.page.url
    learner.new_tab()
    learner.open("/")
    assert "question 2 of 10" in learner.page.locator("main").inner_text()
    learner.page.click(".start a.main")
    assert learner.page.url == asked


def test_an_answer_is_not_lost_when_the_script_cannot_send_it(kinds, sit):
    learner = sit(kinds)
    learner.start("typed")
    learner.page.route(
        "**/answer", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    learner.page.fill("input.typed", "Layla al-Hasan")
    learner.page.click("form.question button.main")
    learner.page.wait_for_selector(".verdict.right")
    assert learner.answers_counted() == "1"


def test_a_guess_is_sent_as_one_when_the_script_cannot_send_it(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.route(
        "**/answer", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    learner.page.check("text=Layla al-Hasan")
    learner.page.click("form.question button.quiet")
    learner.page.wait_for_selector(".verdict.right")
    assert "a guess" in learner.page.locator(".again").inner_text()


def test_the_page_of_a_question_says_nothing_of_the_key(kinds, sit):
    learner = sit(kinds)
    learner.start("long")
    options = learner.page.locator(".options input")
    assert [option.get_attribute("value") for option in options.all()] == ["1", "2", "3", "4"]
    assert {option.evaluate("o => o.getAttributeNames().join()") for option in options.all()} == {
        "type,name,value,required"
    }
    assert {item.get_attribute("class") for item in learner.page.locator(".options label").all()} == {None}
    html = learner.page.content()
    assert "villagers asked" not in html  # feedback of an option
    assert "press conference; " not in html  # the reason


@pytest.mark.parametrize("kind", ["ordering", "matching"])
def test_rows_are_answered_by_keyboard_alone(kinds, sit, kind):
    learner = sit(kinds)
    learner.start(kind)
    learner.answer_by_keyboard()
    assert learner.answers_counted() == "1"
