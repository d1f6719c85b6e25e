"""The editor in a real browser: drafts, what is shown while one types, rows by keyboard; and two who save at once."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])
BANK = "/teach/banks/kinds"


@pytest.fixture(scope="module")
def teacher(kept_login, kinds):
    """What an instructor's browser keeps, once signed in by the link."""
    return kept_login(kinds)


def first_question(learner):
    learner.open(f"{BANK}?kind=choice")
    learner.page.locator("table.questions tbody th a").first.click()
    learner.page.wait_for_selector("form[data-editor]")
    return learner.page.url.removeprefix(learner.site.base)


def test_what_is_typed_is_a_draft_within_five_seconds_and_offered_again(kinds, sit, teacher):
    learner = sit(kinds, "en", storage_state=teacher)
    path = first_question(learner)
    with learner.page.expect_response(lambda answer: answer.url.endswith("/drafts"), timeout=5000):
        learner.page.locator("textarea").nth(1).fill("Half a thought that nobody saved")
    learner.page.close(run_before_unload=False)
    other = sit(kinds, "en", storage_state=teacher)
    other.open(path)
    other.page.click("text=Go on with it")
    assert other.page.locator("textarea").nth(1).input_value() == "Half a thought that nobody saved"
    other.page.click("form[data-editor] button.main")
    other.page.wait_for_selector("[role=status].told")
    assert other.page.locator("text=Go on with it").count() == 0


def test_what_is_typed_without_a_line_is_sent_when_there_is_one(kinds, sit, teacher):
    learner = sit(kinds, "en", storage_state=teacher)
    path = first_question(learner)
    learner.page.route("**/drafts", lambda route: route.abort())
    learner.page.locator("textarea").nth(1).fill("Typed in a tunnel")
    learner.page.wait_for_selector("[data-state] >> text=No line")
    learner.page.unroute("**/drafts")
    learner.new_tab()
    learner.open(path)
    learner.page.wait_for_url("**draft=1")
    assert learner.page.locator("textarea").nth(1).input_value() == "Typed in a tunnel"


def test_the_preview_and_the_remarks_follow_what_is_typed(kinds, sit, teacher):
    learner = sit(kinds, "en", storage_state=teacher)
    first_question(learner)
    learner.page.locator("textarea").nth(1).fill("Who is it? And why?")
    learner.page.wait_for_selector(".preview >> text=Who is it?")
    learner.page.wait_for_selector("[data-beside=stem] >> text=Two things are asked at once.")
    learner.page.locator("textarea").nth(1).fill("Who is it?")
    learner.page.wait_for_selector("[data-beside=stem] >> text=Two things", state="detached")


def test_a_question_is_written_by_keyboard_alone(kinds, sit, teacher):
    learner = sit(kinds, "en", storage_state=teacher)
    learner.open(f"{BANK}/new/ordering")
    page = learner.page
    learner.tab_to("textarea[name='text:stem.en']")
    page.keyboard.type("In which order?")
    for words in ("one", "two", "three", "four"):
        page.keyboard.press("Tab")
        while not page.evaluate("document.activeElement.matches('.option-edit textarea[lang=en]')"):
            page.keyboard.press("Tab")
        page.keyboard.type(words)
    learner.tab_to("button[value='add:items']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".option-edit >> nth=4 >> textarea[lang=ar]:focus")
    learner.tab_to(".option-edit textarea[lang=en]")
    page.keyboard.type("five")
    page.keyboard.press("Control+S")
    page.wait_for_selector("[role=status].told")
    assert page.locator(".preview").nth(1).locator("li").all_inner_texts() == ["one", "two", "three", "four", "five"]


def test_two_who_save_at_once_both_keep_their_text(kinds, sit, teacher):
    mine, theirs = (sit(kinds, "en", storage_state=teacher) for _ in range(2))
    path = first_question(mine)
    theirs.open(path)
    for learner, words in ((mine, "The first one's words"), (theirs, "The second one's words")):
        learner.page.locator("textarea").nth(1).fill(words)
        learner.page.click("form[data-editor] button.main")
        learner.page.wait_for_selector("[role=status].told, [role=alert]")
    assert "The first one's words" in theirs.page.inner_text("main")
    assert theirs.page.locator("textarea").nth(1).input_value() == "The second one's words"
    theirs.page.click("form[data-editor] button.main")
    theirs.page.wait_for_selector("[role=status].told")


@LANGS
def test_the_editor_works_without_the_script(kinds, sit, teacher, lang):
    learner = sit(kinds, lang, js=False, storage_state=teacher)
    learner.open(f"{BANK}/new/choice")
    page = learner.page
    before = page.locator("input[name='row:options']").count()
    page.click("button[value='add:options']")
    assert page.locator("input[name='row:options']").count() == before + 1
    page.locator("textarea[name='text:stem.en']").fill("Which one?")
    page.click("button[value=preview]")
    assert page.locator("textarea[name='text:stem.en']").input_value() == "Which one?"
    assert page.locator("[data-fault]").count() > 0


PAGES = [
    "/teach/", BANK, f"{BANK}?state=retired", f"{BANK}/checks?what=told", f"{BANK}/settings", "/teach/new-bank",
    "/teach/people",
    *(f"{BANK}/new/{kind}" for kind in ("choice", "multi_select", "true_false", "typed", "cloze", "matching", "open")),
]  # fmt: skip


@LANGS
@pytest.mark.parametrize("path", PAGES)
def test_the_teaching_pages_are_open_to_everyone(kinds, sit, teacher, path, lang):
    learner = sit(kinds, lang, bypass_csp=True, storage_state=teacher)
    assert learner.faults_of(path) == {}


@LANGS
def test_a_question_its_history_and_its_facts_are_open_to_everyone(kinds, sit, teacher, lang):
    learner = sit(kinds, lang, bypass_csp=True, storage_state=teacher)
    path = first_question(learner)
    mark = "UPDATE questions SET conflicts = ? WHERE bank_id = 'kinds' AND id = ?"
    kinds.sql(
        mark, '[{"field": "stem.en", "was": "Who?", "now": "Whom?", "yours": "Who, then?"}]', path.rsplit("/", 1)[1]
    )
    found = learner.faults_of() | learner.faults_of(f"{path}/history") | learner.faults_of(f"{path}/conflicts")
    assert learner.page.locator("fieldset.three").count() == 1
    kinds.sql(mark, "[]", path.rsplit("/", 1)[1])
    learner.open("/teach/")
    summit = learner.page.locator("ul.banks a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    (bank,) = (href for href in summit if "talks" in href)
    for page in ("facts/", "facts/f-004", "facts/new/quote", "facts/named", "facts/source"):
        found |= learner.faults_of(f"{bank}/{page}")
    assert found == {}
