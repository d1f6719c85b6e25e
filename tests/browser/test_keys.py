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


# ---------------------------------------------------------------- the other keys


def test_s_stars_the_question_and_takes_the_star_away(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.page.keyboard.press("Digit2")
    learner.page.keyboard.press("KeyS")
    learner.page.wait_for_selector(".star [aria-pressed=true]")
    # What was chosen stays.
    assert learner.page.locator(".options input:checked").get_attribute("value") == "2"
    learner.page.keyboard.press("KeyS")
    learner.page.wait_for_selector(".star [aria-pressed=false]")


def test_e_shows_and_hides_the_other_language(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    gloss = learner.page.locator("details.gloss")
    learner.page.keyboard.press("KeyE")
    assert gloss.get_attribute("open") is not None
    learner.page.keyboard.press("KeyE")
    assert gloss.get_attribute("open") is None


def test_u_takes_the_last_answer_of_a_review_back(kinds, sit):
    learner = sit(kinds)
    learner.start("typed")
    learner.choose()
    learner.check()
    learner.page.click(".site form button.plain")  # ends the quiz
    learner.page.wait_for_url("**/sittings/*")
    kinds.sql("UPDATE cards SET queue_day = 1")
    learner.open("/")
    learner.page.click("text=Review what is due")
    learner.page.wait_for_selector("form.question")
    stem = learner.page.locator(".stem").inner_text()
    learner.choose()
    learner.check()
    learner.page.keyboard.press("KeyU")
    learner.page.wait_for_selector("form.question")
    assert learner.page.locator(".stem").inner_text() == stem


# ---------------------------------------------------------------- rows


def rows(learner):
    return [text.split("\n")[0] for text in learner.page.locator(".rows label").all_inner_texts()]


def places(learner):
    return [one.input_value() for one in learner.page.locator(".rows select").all()]


def test_a_row_is_moved_by_its_buttons_and_says_where_it_is(kinds, sit):
    learner = sit(kinds)
    learner.start("ordering")
    one, two, *others = rows(learner)
    learner.page.click("li:nth-child(1) [data-move=down]")
    assert rows(learner) == [two, one, *others]
    assert places(learner) == [str(n) for n in range(1, len(others) + 3)]
    assert learner.page.locator("#live").inner_text() == f"{one}: place 2 of {len(others) + 2}"
    learner.page.click("li:nth-child(2) [data-move=up]")
    assert rows(learner) == [one, two, *others]
    # At the end there is nowhere to go.
    learner.page.click("li:nth-child(1) [data-move=up]")
    assert rows(learner) == [one, two, *others]


def test_arrow_keys_move_the_row_whose_button_has_the_focus_and_the_focus_goes_along(kinds, sit):
    learner = sit(kinds)
    learner.start("ordering")
    one, two, *others = rows(learner)
    learner.page.wait_for_selector("[data-move=down]")  # which the script puts there
    learner.tab_to("[data-move=down]")
    learner.page.keyboard.press("ArrowDown")
    learner.page.keyboard.press("ArrowDown")
    assert rows(learner) == [two, others[0], one, *others[1:]]
    assert learner.page.evaluate("document.activeElement.closest('li').querySelector('label').innerText.trim()") == one
    learner.page.keyboard.press("ArrowUp")
    assert rows(learner) == [two, one, *others]


def test_places_chosen_by_number_hold_when_a_row_is_moved_afterwards(kinds, sit):
    learner = sit(kinds)
    learner.start("ordering")
    first, *_, last = rows(learner)
    learner.page.locator(".rows select").last.select_option("1")
    learner.page.locator(".rows li", has_text=first).locator("[data-move=down]").click()
    assert rows(learner)[0] == last
    assert rows(learner)[2] == first


def test_a_mouse_drags_a_row(kinds, sit):
    learner = sit(kinds)
    learner.start("ordering")
    one, *others = rows(learner)
    boxes = [row.bounding_box() for row in learner.page.locator(".rows li").all()]
    mouse = learner.page.mouse
    mouse.move(boxes[0]["x"] + 30, boxes[0]["y"] + 26)
    mouse.down()
    mouse.move(boxes[-1]["x"] + 30, boxes[-1]["y"] + boxes[-1]["height"] - 4, steps=12)
    mouse.up()
    assert rows(learner) == [*others, one]
    assert places(learner) == [str(n) for n in range(1, len(others) + 2)]


def test_a_finger_drags_a_row_after_a_moment_and_scrolls_before(kinds, sit):
    learner = sit(kinds, width=360, has_touch=True, is_mobile=True)
    learner.start("ordering")
    one, two, *others = rows(learner)
    client = learner.context.new_cdp_session(learner.page)
    boxes = [row.bounding_box() for row in learner.page.locator(".rows li").all()]
    x, top, end = boxes[0]["x"] + 40, boxes[0]["y"] + 20, boxes[1]["y"] + boxes[1]["height"] - 4

    def touch(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for y in points]})

    touch("touchStart", top)
    touch("touchMove", end)
    touch("touchEnd")
    assert rows(learner) == [one, two, *others]
    learner.page.evaluate("scrollTo(0, 0)")
    touch("touchStart", top)
    learner.page.wait_for_timeout(400)
    for step in range(1, 9):
        touch("touchMove", top + (end - top) * step / 8)
    touch("touchEnd")
    assert rows(learner) == [two, one, *others]


def test_two_taps_make_a_pair_and_the_next_row_comes_by_itself(kinds, sit):
    learner = sit(kinds, width=360, has_touch=True, is_mobile=True)
    learner.start("matching")
    page = learner.page
    chosen = ".rows li:has-text('{}') option:checked"
    page.tap(".rows label >> text=Amal Nour")
    page.tap(".rights >> text=minister of water")
    assert page.locator(".picked label").inner_text() == "Layla al-Hasan"
    assert page.locator("#live").inner_text() == "Amal Nour: minister of water"
    # What is taken by another row leaves the one that had it.
    page.tap(".rights >> text=minister of water")
    assert page.locator(chosen.format("Layla")).inner_text() == "minister of water"
    page.tap(".rights >> text=the dam's engineer")
    assert page.locator(chosen.format("Amal")).inner_text() == "the dam's engineer"
    page.tap("form.question button.main")
    page.wait_for_selector(".verdict.right")


def test_what_goes_with_a_row_is_dragged_onto_it(kinds, sit):
    learner = sit(kinds)
    learner.start("matching")
    page = learner.page
    row, right = page.locator(".rows li", has_text="Amal Nour"), page.locator(".rights >> text=minister of water")
    start, end = right.bounding_box(), row.bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 60, steps=3)
    page.mouse.up()  # on nothing
    assert page.locator(".rows option:checked", has_text="minister").count() == 0
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 20, steps=5)
    assert page.locator(".target label").inner_text() == "Amal Nour"
    page.mouse.up()
    assert row.locator("option:checked").inner_text() == "minister of water"
    assert right.bounding_box() == start


# ---------------------------------------------------------------- an Arabic keyboard on the screen


def test_letters_go_in_at_the_caret_and_are_taken_out(kinds, sit):
    learner = sit(kinds, "ar")
    learner.start("typed")
    page = learner.page
    page.click(".board")
    for letter in ("ن", "و", "ر"):
        page.click(f'#board [value="{letter}"]')
    page.keyboard.press("Home")
    page.click('#board [value="أ"]')
    page.click('#board [value=" "]')
    assert page.input_value("input.typed") == "أ نور"
    page.click('#board [value="⌫"]')
    assert page.input_value("input.typed") == "أنور"
    # The field keeps the focus: Enter answers.
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")


def test_the_keyboard_goes_by_keys_too_and_escape_puts_it_away(kinds, sit):
    learner = sit(kinds, "ar")
    learner.start("typed")
    page = learner.page
    page.click(".board")
    learner.tab_to("#board button")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("input.typed") == "س"
    page.keyboard.press("Escape")
    assert not page.locator("#board").is_visible()
    assert page.evaluate("document.activeElement.matches('input.typed')")


def test_only_who_types_arabic_with_a_mouse_at_hand_is_offered_a_keyboard(kinds, sit):
    english = sit(kinds, "en")
    english.start("typed")
    finger = sit(kinds, "ar", 360, has_touch=True, is_mobile=True)
    finger.start("typed")
    desk = sit(kinds, "ar")
    desk.start("typed")
    desk.page.wait_for_selector(".board")
    assert [learner.page.locator(".board").count() for learner in (english, finger, desk)] == [0, 0, 1]


# ---------------------------------------------------------------- time, and the zone


def test_the_last_minute_is_said_and_at_the_end_the_page_says_so_without_an_answer(kinds, sit):
    learner = sit(kinds)
    learner.open("/")
    learner.page.click(".choices summary")
    learner.page.locator(".choices select[name=minutes]").first.select_option(index=1)
    learner.page.locator(".choices form button").first.click()
    learner.page.wait_for_selector("form.question")
    assert learner.page.locator("[data-closes]").inner_text().endswith("minutes")
    left = learner.page.evaluate(
        "(new Date(document.querySelector('[data-closes]').dataset.closes) - Date.now()) / 1000"
    )
    learner.page.clock.install()
    learner.page.reload()
    learner.page.clock.run_for((left - 58) * 1000)
    assert learner.page.locator("#live").inner_text() == "One minute left."
    assert learner.page.locator("[data-closes]").inner_text().endswith("seconds")
    kinds.sql("UPDATE sittings SET closes_at = '2026-01-01 00:00:00.000000' WHERE closes_at IS NOT NULL")
    learner.page.clock.run_for(60_000)
    learner.page.wait_for_url("**/sittings/*")
    assert "time is up" in learner.page.locator("h1").inner_text()
    assert learner.answers_counted() == "0"


def test_the_device_says_its_time_zone(kinds, sit):
    learner = sit(kinds, timezone_id="Africa/Cairo")
    learner.start("choice")
    learner.open("/settings")
    assert learner.page.locator("[data-zone]").input_value() == "Africa/Cairo"
