"""The article's world and the cards in a real browser: open to everyone, in order, usable by keyboard alone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])
BASE = "/banks/talks-2021-12-07"
FORM = f"/teach{BASE}/source"
PATHS = [
    "/world",
    "/world?q=putin",
    "/world?q=nothing-like-it",
    "/people/ushakov",
    "/facts/f-056",
    "/facts/f-069",
    "/points/f-002.when",
    "/points/set-order.order",
    "/source",
    "/browse",
    "/browse?kind=matching&turned=1",
    "/browse?kind=ordering&turned=1",
    "/browse?kind=true_false&turned=1",
    "/browse?only=starred",
]


@LANGS
@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_the_world_is_open_to_everyone(site, sit, path, lang):
    learner = sit(site, lang, bypass_csp=True)
    assert learner.faults_of(BASE + path) == {}


@LANGS
def test_what_a_learner_has_of_it_is_open_to_everyone(site, sit, lang):
    learner = sit(site, lang, bypass_csp=True)
    learner.open(f"{BASE}/facts/f-056")
    learner.page.click("main button.main")
    learner.page.wait_for_selector("form.question")
    found = learner.faults_of(f"{BASE}/facts/f-056")
    learner.open(f"{BASE}/browse")
    learner.page.click(".choices summary")
    assert found | learner.faults_of() == {}


@pytest.fixture(scope="module")
def instructor(kept_login, kinds):
    """What an instructor's browser keeps, once signed in by the link."""
    return kept_login(kinds)


@LANGS
def test_the_form_for_the_sources_text_is_open_to_everyone(kinds, sit, instructor, lang):
    teacher = sit(kinds, lang, bypass_csp=True, storage_state=instructor)
    found = teacher.faults_of(FORM) | teacher.faults_of("/teach/banks/kinds/source")
    page = teacher.page
    teacher.open(f"{BASE}/source")
    begun = page.locator(".opening").all_inner_texts()
    teacher.open(FORM)
    page.fill("#text", "\n".join(begun[1:]))
    page.click("button[value=preview]")
    assert page.locator("[role=alert]").count() == 1
    found |= teacher.faults_of()
    page.fill("#text", "\n".join(begun))
    page.click("button[value=preview]")
    page.wait_for_selector("button[value=save]")
    found |= teacher.faults_of()
    page.click("button[value=save]")
    page.wait_for_selector("[role=status]")
    found |= teacher.faults_of() | teacher.faults_of(f"{BASE}/source") | teacher.faults_of(f"{BASE}/facts/f-056")
    teacher.open(FORM)
    page.click("button[value=remove]")
    page.wait_for_selector("[role=status]")
    assert found | teacher.faults_of() == {}


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(("lang", "ahead", "back"), [("en", "Right", "Left"), ("ar", "Left", "Right")])
def test_arrows_go_from_card_to_card_as_the_page_is_read(site, sit, lang, ahead, back):
    learner = sit(site, lang)
    learner.open(f"{BASE}/browse?n=4")
    learner.page.keyboard.press(f"Arrow{ahead}")
    learner.page.wait_for_url("**/browse?n=5")
    learner.page.keyboard.press(f"Arrow{back}")
    learner.page.wait_for_url("**/browse?n=4")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_turn_a_card_and_turn_it_back(site, sit, key):
    learner = sit(site)
    learner.open(f"{BASE}/browse?n=4")
    answer = learner.page.locator(".turn .why").first
    assert not answer.is_visible()
    learner.page.keyboard.press(key)
    assert answer.is_visible()
    learner.page.keyboard.press(key)
    assert not answer.is_visible()


def test_a_link_under_the_focus_keeps_its_meaning(site, sit):
    learner = sit(site)
    learner.open(f"{BASE}/browse?n=4")
    learner.tab_to("a[rel=next]")
    learner.page.keyboard.press("Enter")
    learner.page.wait_for_url("**/browse?n=5")
    assert not learner.page.locator(".turn .why").first.is_visible()


def test_s_stars_a_card_and_the_card_stays(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    learner.open("/banks/kinds/browse?n=3")
    learner.page.keyboard.press("s")
    learner.page.wait_for_selector(".star [aria-pressed=true]")
    assert learner.page.url.endswith("/browse?n=3")
    learner.page.keyboard.press("s")
    learner.page.wait_for_selector(".star [aria-pressed=false]")


# ---------------------------------------------------------------- without a script, and on a phone


def test_the_world_is_searched_and_a_card_turned_without_a_script(site, sit):
    learner = sit(site, "ar", 360, js=False)
    learner.open(f"{BASE}/world")
    learner.page.fill("#q", "اوشاكوف")
    learner.page.click(".search button")
    assert learner.page.locator(".people .name").all_inner_texts() == ["يوري أوشاكوف"]
    learner.open(f"{BASE}/browse")
    learner.page.click(".turn summary")
    assert learner.page.locator(".turn .why").first.is_visible()
    learner.page.click("a[rel=next]")
    assert learner.page.url.endswith("n=2")


@LANGS
def test_the_buttons_of_a_card_are_under_the_thumb(site, sit, lang):
    learner = sit(site, lang, 360)
    learner.open(f"{BASE}/browse?n=4")
    assert learner.in_view("a[rel=next]")


@LANGS
def test_the_marks_of_the_timeline_stand_on_its_line(site, sit, lang):
    """Mirrored with the page: the line is at the edge where reading begins."""
    learner = sit(site, lang, 360)
    learner.open(f"{BASE}/world")
    at_left = learner.page.evaluate(
        "() => { const line = document.querySelector('.timeline').getBoundingClientRect(),"
        " day = document.querySelector('.timeline time').getBoundingClientRect();"
        " return day.left - line.left > line.right - day.right }"
    )
    assert at_left == (lang == "en")
