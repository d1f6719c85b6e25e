"""Digits on the pages: of the kind that the reader chose, everywhere or nowhere."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser
BASE = "/banks/talks-2021-12-07"

# What is read on a page, but for runs in the other language, what the reader typed, and the choice between the kinds.
SEEN = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const own = node.parentElement;
    if (!own.closest('script, style, code, #words, [lang=en], .typed, #digits')) seen.push(node.data);
  }
  return seen.join('\\n');
}"""


# How lists are counted.
COUNTED = """() => [...new Set([...document.querySelectorAll('ol:not([dir=ltr] *)')]
  .map(list => getComputedStyle(list).listStyleType).filter(kind => kind !== 'none'))]"""


@pytest.fixture(scope="module")
def walk(browser, site):
    """The addresses of a learner's pages, with something on each of them, and what the browser keeps."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(8000)
    page = context.new_page()
    context.add_cookies([{"name": "qimma_lang", "value": "ar", "url": site.base}])
    seen = []
    for way in ('form[action$="/quiz"] button[name=size][value="5"]', 'form[action$="/review"] button'):
        page.goto(site.base)
        page.locator(way).first.click()
        for _ in range(3):
            page.wait_for_selector("form.question")
            seen.append(page.url)
            for at, place in enumerate(page.locator(".rows select").all(), 1):
                place.select_option(index=at)
            if page.locator("input.typed").count():
                page.fill("input.typed", "كييف")
            if page.locator(".options input").count():
                page.locator(".options input").first.check()
            page.click("form.question button.main")
            page.wait_for_selector(".verdict")
            page.goto(page.locator(".answered .act a").evaluate("link => link.href"))
        seen.append(page.url)  # an open question
        page.locator('form[action$="/finish"] button').click()
        page.wait_for_url("**/sittings/*")
        seen.append(page.url)
    who = page.evaluate("document.body.dataset.who")
    kept = context.storage_state()
    context.close()
    return [address.removeprefix(site.base) for address in seen], kept, int(who)


@pytest.mark.parametrize(
    ("lang", "chosen", "others"), [("ar", "arab", "0-9"), ("ar", "latn", "٠-٩"), ("en", "arab", "٠-٩")]
)
def test_a_page_never_mixes_two_kinds_of_digits(site, sit, walk, lang, chosen, others):
    pages, kept, who = walk
    site.sql("UPDATE users SET digits = ? WHERE id = ?", chosen, who)
    learner = sit(site, storage_state=kept)
    learner.context.add_cookies([{"name": "qimma_lang", "value": lang, "url": site.base}])
    mixed = {}
    for path in [
        *pages,
        "/",
        "/progress",
        "/settings",
        "/settings/preview?new_per_day=30",
        "/settings/data",
        "/register",
        "/forgot",
        f"{BASE}/anki",
        f"{BASE}/world",
        f"{BASE}/world?q=7",
        f"{BASE}/people/ushakov",
        f"{BASE}/facts/f-002",
        f"{BASE}/points/f-002.when",
        f"{BASE}/source",
        f"{BASE}/browse",
        f"{BASE}/browse?turned=1&n=3",
        f"{BASE}/browse?turned=1&kind=ordering",
        "/nothing-here",
    ]:
        learner.open(path)
        lines = [line.strip() for line in learner.page.evaluate(SEEN).split("\n") if re.search(f"[{others}]", line)]
        counted = learner.page.evaluate(COUNTED)
        if lines or counted not in ([], ["arabic-indic" if lang == "ar" and chosen == "arab" else "decimal"]):
            mixed[path] = lines[:5] + counted
    assert mixed == {}
