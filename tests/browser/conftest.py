"""A real server with data of its own, a real Chromium, and a learner who sits before it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, sync_playwright

HEIGHT = {360: 640, 1280: 800}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QIMMA = [sys.executable, "-c", "from quiz.cli import main; main()"]


# What axe does not say: headings in order, no scrolling sideways, targets of 44 px.
RULER = """() => {
  const seen = selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility());
  const levels = seen('h1, h2, h3, h4').map(e => +e.tagName[1]);
  const targets = 'button, a.button, nav a, select, summary, .options label, .check, textarea, input:not([type])';
  return [
    ...(levels[0] !== 1 || levels.some((n, i) => n > levels[i - 1] + 1) ? [`headings: ${levels}`] : []),
    ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the window'] : []),
    ...seen(targets).filter(e => e.getBoundingClientRect().height < 44).map(e => 'small: ' + e.outerHTML.slice(0, 120)),
  ];
}"""


# ---------------------------------------------------------------- the site


@dataclass(frozen=True)
class Site:
    """A running server."""

    base: str
    link: str  # the instructor's one-time link
    data: Path

    def sql(self, statement: str, *values: object) -> None:
        """Move what only time moves."""
        with sqlite3.connect(self.data / "qimma.sqlite", timeout=5) as db:
            db.execute(statement, values)
        db.close()


def serve(data: Path, bank: Path | None = None) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {**os.environ, "QIMMA_DATA_DIR": str(data), "QIMMA_WORKERS": "1", "PYTHONUNBUFFERED": "1"}
    if bank:
        subprocess.run([*QIMMA, "bank", "import", str(bank)], env=env, check=True, capture_output=True)  # noqa: S603
    log = data / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen([*QIMMA, "serve", "--port", str(port)], env=env, stdout=out, stderr=out)  # noqa: S603
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/healthz", server, log)
        link = re.search(r"http\S+/link/\S+", log.read_text())
        assert link, log.read_text()
        yield Site(base, link.group(), data)
    finally:
        server.terminate()
        server.wait(15)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  (our own server)
        except OSError:  # not there yet, or too busy to say so
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"no answer from {address}: {log.read_text()}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as it comes, with the packaged bank."""
    yield from serve(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same with a question of every kind."""
    yield from serve(tmp_path_factory.mktemp("kinds"), Path(__file__).parent / "kinds.json")


# ---------------------------------------------------------------- the browser


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium() or playwright.chromium.executable_path
        if not Path(path).exists():
            missing = "NO BROWSER: nothing was tested in one. Install Chromium, or name one with CHROMIUM=/path/to/it"
            pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Learner:
    """Someone at a page: clicks, types, reads. What the browser complains of is kept in `faults`."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.faults: list[str] = []
        context.set_default_timeout(8000)
        context.on("console", lambda message: self._console(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", lambda request: self._request(request.url))
        self.page = context.new_page()

    def _console(self, kind: str, text: str) -> None:
        # A refusal that a test asks for is a page like others; everything else counts, the content policy's word too.
        if kind in {"error", "warning"} and not re.search(r"status of 4\d\d|net::ERR_FAILED", text):
            self.faults.append(text)

    def _request(self, address: str) -> None:
        if not address.startswith((self.site.base + "/", "data:", "about:")):
            self.faults.append(f"another host was asked: {address}")

    def open(self, path: str) -> None:
        self.page.goto(self.site.base + path)

    def new_tab(self) -> None:
        self.page.close()
        self.page = self.context.new_page()

    def start(self, topic: str) -> None:
        """Begin the quiz of one topic of the bank of kinds: one question."""
        self.open("/")
        self.page.locator(f'button[name=topic][value="{topic}"]').click()
        self.page.wait_for_selector("form.question")

    def choose(self) -> None:
        """Fill in any kind of question with the mouse, without thinking."""
        page = self.page
        for place in page.locator(".rows li").all():
            place.locator("select").select_option(index=1 + len(place.locator("xpath=preceding-sibling::li").all()))
        if page.locator("input.typed").count():
            page.fill("input.typed", "أمل نور")
        if page.locator(".options input").count():
            page.locator(".options input").first.check()

    def check(self) -> None:
        self.page.click("form.question button.main")
        self.page.wait_for_selector(".verdict")

    def go_on(self) -> None:
        """From a verdict to the next question, or to the end."""
        self.page.click(".answered .act a")
        self.page.wait_for_selector(".verdict", state="detached")

    def answer_by_keyboard(self) -> str:
        """Answer the open question and read the verdict, without the mouse. Gives the address of the verdict."""
        page = self.page
        page.wait_for_selector("form.question")
        if page.locator("input.typed").count():
            page.keyboard.type("Ushakov")
        elif page.locator(".rows select").count():
            for place in range(1, page.locator(".rows select").count() + 1):
                self.tab_to(f".rows li:nth-child({place}) select")
                for _ in range(place):
                    page.keyboard.press("ArrowDown")
            self.tab_to("form.question button.main")
        else:
            page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_selector(".verdict")
        return page.url

    def answer_by_mouse(self) -> str:
        self.page.wait_for_selector("form.question")
        self.choose()
        self.check()
        return self.page.url

    def quiz(self, answer: Callable[[], str], go_on: Callable[[], None], count: int = 10) -> list[str]:
        """Answer `count` questions; the addresses of their verdicts."""
        seen = []
        for _ in range(count):
            seen.append(answer())
            go_on()
        return seen

    def next_by_keyboard(self) -> None:
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".verdict", state="detached")

    def hold(self, key: str) -> None:
        """Hold a key down for a third of a second."""
        for _ in range(30):
            self.page.keyboard.down(key)
            self.page.wait_for_timeout(10)
        self.page.keyboard.up(key)

    def tab_to(self, selector: str) -> None:
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    def places(self) -> list[list[int]]:
        """Where the stem, the options (or what stands for them) and the button are: left, top, width, height."""
        seen = ".question .stem, .options label, .answered .options li, .rows li, .typed, .question .act .main"
        found: list[list[int]] = self.page.evaluate(
            "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect())"
            ".map(r => [r.left, r.top, r.width, r.height].map(Math.round))",
            seen,
        )
        return found

    def in_view(self, selector: str) -> bool:
        """Whether it is seen whole, without scrolling."""
        found: bool = self.page.evaluate(
            "s => { const r = document.querySelector(s).getBoundingClientRect();"
            " return r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth }",
            selector,
        )
        return found

    def answers_counted(self) -> str:
        """The number of answers on the page of progress."""
        self.open("/progress")
        return self.page.locator(".figures dd").first.inner_text()

    def faults_of(self, path: str | None = None) -> dict[str, list[str]]:
        """What is wrong with a page (the one that stands, or at `path`): narrow and wide, light and dark."""
        if path is not None:
            self.open(path)
        self.page.evaluate(Axe().axe_script)
        found = [f"{width} px: {fault}" for width in HEIGHT for fault in self._faults_at(width)]
        return {self.page.url.removeprefix(self.site.base): found} if found else {}

    def _faults_at(self, width: int) -> list[str]:
        self.page.set_viewport_size({"width": width, "height": HEIGHT[width]})
        found = self._axe("tag", WCAG) + self.page.evaluate(RULER)
        self.page.emulate_media(color_scheme="dark")
        found += [f"dark: {fault}" for fault in self._axe("rule", ["color-contrast"])]
        self.page.emulate_media(color_scheme="light")
        return found

    def _axe(self, kind: str, values: list[str]) -> list[str]:
        rules = self.page.evaluate(
            "o => axe.run(document, o).then(r => r.violations)",
            {"runOnly": {"type": kind, "values": values}, "resultTypes": ["violations"]},
        )
        return [f"{rule['id']}: {node['html'][:160]}" for rule in rules for node in rule["nodes"]]


@pytest.fixture
def sit(browser: Browser) -> Iterator[Callable[..., Learner]]:
    """sit(site, lang, width): a learner in a fresh browser. At the end: no complaint of its, no other host asked."""
    learners: list[Learner] = []

    def begin(site: Site, lang: str = "en", width: int = 1280, *, js: bool = True, **more: Any) -> Learner:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT[width]},
            java_script_enabled=js,
            reduced_motion="reduce",
            **more,
        )
        context.add_cookies([{"name": "qimma_lang", "value": lang, "url": site.base}])
        learners.append(Learner(context, site))
        return learners[-1]

    yield begin
    for learner in learners:
        learner.context.close()
    assert [fault for learner in learners for fault in learner.faults] == []


@pytest.fixture(scope="session")
def kept_login(browser: Browser) -> Callable[[Site], Any]:
    """What an instructor's browser keeps, once signed in by the link, which works once: one for all files of tests."""
    kept: dict[str, Any] = {}

    def keep(site: Site) -> Any:
        if site.link not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(site.link)
            page.click("main button.main")
            page.wait_for_url("**/teach/")
            kept[site.link] = context.storage_state()
            context.close()
        return kept[site.link]

    return keep
