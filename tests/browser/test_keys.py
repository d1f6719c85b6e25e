"""Keys on the page of a question, and where the focus goes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_a_number_chooses_and_space_answers_and_goes_on(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.keyboard.press("Digit2")
    assert learner.page.locator(".options input:checked").get_attribute("value") == "2"
    learner.page.keyboard.press("Space")
    learner.page.wait_for_selector(".verdict")
    learner.page.keyboard.press("Space")
    learner.page.wait_for_url("**/sittings/*")
    assert learner.page.locator("h1").inner_text().endswith("of 1")


def test_a_number_takes_back_a_choice_among_several(kinds, sit):
    learner = sit(kinds)
    learner.start("multi-select")
    learner.page.keyboard.press("1")
    learner.page.keyboard.press("3")
    learner.page.keyboard.press("1")
    assert [one.get_attribute("value") for one in learner.page.locator(".options input:checked").all()] == ["3"]


def test_g_answers_as_a_guess_on_an_arabic_keyboard_too(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.check("text=Layla al-Hasan")
    learner.page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ل', code: 'KeyG', bubbles: true}))"
    )
    learner.page.wait_for_selector(".verdict.right")
    assert "a guess" in learner.page.locator(".again").inner_text()


def test_in_a_text_field_every_key_writes(kinds, sit):
    learner = sit(kinds)
    learner.start("typed")
    learner.page.keyboard.type("g 1?2")
    assert learner.page.input_value("input.typed") == "g 1?2"
    assert not learner.page.locator("dialog").is_visible()


@pytest.mark.parametrize("topic", ["choice", "typed"])
def test_enter_held_down_sends_once_and_stops_at_the_verdict(kinds, sit, topic):
    learner = sit(kinds)
    learner.start(topic)
    learner.choose()
    learner.hold("Enter")
    assert learner.page.locator(".verdict").is_visible()
    assert learner.answers_counted() == "1"


def test_a_key_with_nothing_chosen_sends_nothing(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.keyboard.press("Enter")
    learner.page.keyboard.press("9")
    assert learner.page.locator("form.question").is_visible()


def test_the_focus_stands_on_next_after_an_answer_and_says_the_verdict(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.check("text=Layla al-Hasan")
    learner.check()
    assert learner.page.evaluate("document.activeElement.innerText") == "See the result"
    told = learner.page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert learner.page.locator(f"#{told.split()[0]}").inner_text().split() == ["✓", "Right"]


def test_the_hint_of_the_keys_is_shown_once(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    assert learner.page.locator(".hint").is_visible()
    learner.page.reload()
    assert not learner.page.locator(".hint").is_visible()


def test_a_question_mark_lists_the_keys_and_they_can_be_turned_off(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.keyboard.press("?")
    assert learner.page.locator("dialog").is_visible()
    learner.page.click("text=Turn them off")
    learner.page.keyboard.press("2")
    assert learner.page.locator(".options input:checked").count() == 0
    learner.page.click("[data-keys]")
    learner.page.click("text=Use the keys")
    learner.page.keyboard.press("2")
    assert learner.page.locator(".options input:checked").count() == 1


def test_a_finger_gets_no_word_of_keys_and_no_keyboard_over_the_question(kinds, sit):
    learner = sit(kinds, width=360, has_touch=True, is_mobile=True)
    learner.start("typed")
    assert not learner.page.locator(".hint").is_visible()
    assert not learner.page.locator("[data-keys]").is_visible()
    assert learner.page.evaluate("document.activeElement.matches('input.typed')") is False
