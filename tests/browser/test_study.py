"""A review, a quiz against the clock and one with verdicts at the end, as a learner sits them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])


def review(learner):
    learner.open("/")
    learner.page.locator('form[action$="/review"] button').first.click()
    learner.page.wait_for_selector("form.question")


def quiz(learner, **choices):
    """A quiz of five, by the form of choices."""
    learner.open("/")
    learner.page.locator(".choices summary").first.click()
    form = learner.page.locator("form.choose").first
    for name, value in {"size": "5", **choices}.items():
        form.locator(f"select[name={name}]").select_option(value)
    form.locator("button").click()
    learner.page.wait_for_selector("form.question")


@LANGS
def test_a_review_and_its_verdict_are_open_to_everyone(site, sit, lang):
    learner = sit(site, lang, bypass_csp=True)
    review(learner)
    learner.page.keyboard.press("e")
    assert learner.page.locator("details.gloss").get_attribute("open") is not None
    found = learner.faults_of()
    learner.choose()
    learner.check()
    learner.page.keyboard.press("e")
    rating = learner.page.locator("details.rating summary")
    if rating.count():
        rating.click()
    found |= learner.faults_of()
    assert found == {}


@LANGS
def test_the_choices_of_a_quiz_are_open_to_everyone(site, sit, lang):
    learner = sit(site, lang, bypass_csp=True)
    learner.open("/")
    learner.page.locator(".choices summary").first.click()
    assert learner.faults_of() == {}


@LANGS
def test_a_quiz_against_the_clock_is_open_to_everyone_to_its_end(site, sit, lang):
    learner = sit(site, lang, bypass_csp=True)
    quiz(learner, minutes="5", feedback="end")
    found = learner.faults_of()
    site.sql("UPDATE sittings SET closes_at = started_at WHERE finished_at IS NULL")
    learner.page.reload()
    found |= learner.faults_of()
    learner.page.click("main button.main")
    found |= learner.faults_of()
    assert found == {}
    assert learner.page.locator("h1").inner_text().startswith("0")


@pytest.mark.parametrize("js", [True, False])
def test_verdicts_wait_for_the_end(site, sit, js):
    learner = sit(site, js=js)
    quiz(learner, feedback="end")
    for _ in range(5):
        learner.choose()
        before = learner.page.url
        learner.page.click("form.question button.main")
        learner.page.wait_for_url(lambda url, before=before: url != before)
        assert learner.page.locator(".verdict").count() == 0
    assert learner.page.locator(".missed li").count() == 5
    learner.page.locator(".missed a").first.click()
    learner.page.wait_for_selector(".verdict")


@pytest.mark.parametrize("js", [True, False])
def test_the_last_answer_of_a_review_is_taken_back(site, sit, js):
    learner = sit(site, js=js)
    review(learner)
    stem = learner.page.locator(".stem").inner_text()
    learner.choose()
    learner.check()
    if js:
        learner.page.keyboard.press("u")
    else:
        learner.page.click('form[action$="/undo"] button')
    learner.page.wait_for_selector("form.question")
    assert learner.page.locator(".stem").inner_text() == stem


def test_s_stars_a_question_and_leaves_it_open(site, sit):
    learner = sit(site)
    review(learner)
    learner.page.keyboard.press("s")
    learner.page.wait_for_selector(".star [aria-pressed=true]")
    learner.choose()
    learner.check()
    assert learner.page.locator(".star [aria-pressed=true]").count() == 1
