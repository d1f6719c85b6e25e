"""What pages may weigh, and how many requests they may take. How long they take is told by `make bench`."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])
SCRIPTS = sorted((Path(__file__).parents[2] / "quiz" / "static").glob("*.js"))


def follow(learner):
    """Every request from now on that comes to an end: its path, and its bytes both ways of the answer."""
    seen: list[tuple[str, int]] = []

    def note(request):
        sizes = request.sizes()
        path = request.url.removeprefix(learner.site.base).partition("?")[0]
        seen.append((f"{request.method} {path}", sizes["responseBodySize"] + sizes["responseHeadersSize"]))

    learner.context.on("requestfinished", note)
    return seen


@LANGS
def test_a_first_visit_takes_four_requests_and_twenty_kilobytes(site, sit, lang):
    learner = sit(site, lang)
    seen = follow(learner)
    learner.open("/")
    learner.page.wait_for_load_state("networkidle")
    learner.page.wait_for_timeout(5000)  # nothing comes later either
    assert sorted({what for what, _ in seen} - {"GET /static/icon.svg"}) == [
        "GET /",
        "GET /static/app.js",
        "GET /static/style.css",
    ]
    # The icon's request is not always counted: a kilobyte with its headers.
    assert sum(size for what, size in seen if "icon" not in what) < 20_000 - 1_200


def test_all_scripts_are_under_fifteen_kilobytes(site):
    assert [file.name for file in SCRIPTS] == ["app.js", "editor.js", "keyboard.js", "rows.js", "service-worker.js"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in SCRIPTS) < 15_000


def test_from_the_first_tap_to_the_question_is_one_request_and_so_is_a_verdict(site, sit):
    learner = sit(site)
    learner.open("/")
    learner.page.wait_for_load_state("networkidle")
    seen = follow(learner)
    learner.page.click("button.main")
    learner.page.wait_for_selector("form.question")
    learner.page.wait_for_timeout(300)
    own = [what for what, _ in seen if what.partition("/")[2].partition("/")[0] != "static"]
    assert len(own) == 1
    assert own[0].startswith("POST /banks/")
    seen.clear()
    learner.choose()
    learner.check()
    learner.page.wait_for_timeout(300)
    own = [what for what, _ in seen if what.partition("/")[2].partition("/")[0] != "static"]
    assert len(own) == 1
    assert own[0].endswith("/answer")
    assert all(size < 8_000 for _, size in seen)


def test_a_second_page_takes_what_it_is_made_of_from_the_browser(site, sit):
    learner = sit(site)
    learner.open("/")
    learner.page.wait_for_load_state("networkidle")
    learner.page.click("text=Sign in")
    learner.page.wait_for_load_state("networkidle")
    sent = learner.page.evaluate(
        "performance.getEntriesByType('resource').map(one => [new URL(one.name).pathname, one.transferSize])"
    )
    assert ["/static/app.js", 0] in sent
    assert ["/static/style.css", 0] in sent
    assert sum(size for _, size in sent) == 0
