"""Losing the line: an answer that waits, whose it is, and the page that stands in for all others meanwhile."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator

import pytest
from conftest import Learner, Site

pytestmark = pytest.mark.browser
KEPT = "() => localStorage.getItem('qimma-answers')"


class Line:
    """What lies between a browser and the site: it can be cut, and mended."""

    def __init__(self, to: int) -> None:
        self.to, self.open = to, True
        self.pairs: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                here, _ = self.door.accept()
            except OSError:
                return
            if not self.open:
                here.close()
                continue
            there = socket.create_connection(("127.0.0.1", self.to))
            self.pairs += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        self.open = False
        for one in self.pairs:
            _end(one)
        self.pairs.clear()

    def mend(self) -> None:
        self.open = True


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    _end(one)
    _end(other)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        one.close()


@pytest.fixture
def line(kinds: Site) -> Iterator[Line]:
    made = Line(int(kinds.base.rpartition(":")[2]))
    yield made
    made.cut()
    made.door.close()


@pytest.fixture
def far(kinds: Site, line: Line) -> Site:
    """The same site at the other end of the line."""
    return Site(f"http://127.0.0.1:{line.port}", kinds.link, kinds.data)


@pytest.fixture
def sit_far(sit, far):
    """A learner at the other end; what the browser says of a lost line is no fault."""

    def begin(lang: str = "en", width: int = 1280, **more: object) -> Learner:
        learner = sit(far, lang, width, **more)
        learner.faults = _Without("net::ERR_", learner.faults)
        return learner

    return begin


class _Without(list[str]):
    def __init__(self, what: str, faults: list[str]) -> None:
        super().__init__(faults)
        self.what = what

    def append(self, fault: str) -> None:
        if self.what not in fault:
            super().append(fault)


def answers(site: Site, learner: Learner) -> int:
    """How many answers the server has of this learner."""
    who = learner.page.locator("body").get_attribute("data-who")
    with sqlite3.connect(site.data / "qimma.sqlite", timeout=5) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM attempts WHERE learner_id = ? AND answered_at IS NOT NULL", (int(who or 0),)
        ).fetchone()
    db.close()
    return int(count)


def lose(learner: Learner, line: Line) -> None:
    """Answer the open question after the line is gone."""
    line.cut()
    learner.choose()
    learner.page.click("form.question button.main")
    learner.page.wait_for_selector(".line")


@pytest.mark.parametrize(("lang", "words"), [("en", "No line. The answer is kept"), ("ar", "انقطع الاتصال")])
def test_an_answer_waits_for_the_line_and_then_shows_its_verdict(far, line, sit_far, lang, words):
    learner = sit_far(lang)
    learner.start("choice")
    lose(learner, line)
    assert words in learner.page.locator(".line").inner_text()
    assert words in learner.page.locator("#live").inner_text()
    assert answers(far, learner) == 0
    line.mend()
    learner.page.wait_for_selector(".verdict")
    assert learner.page.evaluate(KEPT) is None
    assert answers(far, learner) == 1


def test_an_answer_that_arrived_though_its_verdict_did_not_counts_once(far, line, sit_far):
    learner = sit_far()
    learner.start("choice")
    learner.choose()

    def arrive_but_not_return(route):
        if line.open and not sent:
            route.fetch()  # the server has it
            sent.append(True)
            line.cut()
            route.abort()
        else:
            route.continue_()

    sent: list[bool] = []
    learner.page.route("**/answer", arrive_but_not_return)
    learner.page.click("form.question button.main")
    learner.page.wait_for_selector(".line")
    assert answers(far, learner) == 1
    line.mend()
    learner.page.wait_for_selector(".verdict")
    assert answers(far, learner) == 1


def test_an_answer_that_was_left_waiting_is_sent_at_the_next_visit(far, line, sit_far):
    learner = sit_far()
    learner.start("typed")
    lose(learner, line)
    learner.new_tab()
    line.mend()
    learner.open("/progress")
    learner.page.click(".line a")
    learner.page.wait_for_selector(".verdict")
    assert learner.page.evaluate(KEPT) is None
    assert answers(far, learner) == 1


def test_a_waiting_answer_is_sent_when_its_own_page_is_opened_again(far, line, sit_far):
    learner = sit_far()
    learner.start("typed")
    asked = learner.page.url
    lose(learner, line)
    learner.new_tab()
    line.mend()
    learner.page.goto(asked)
    learner.page.wait_for_selector(".verdict")
    assert answers(far, learner) == 1


def test_a_guess_that_waits_stays_a_guess(line, sit_far):
    learner = sit_far()
    learner.start("choice")
    line.cut()
    learner.page.check("text=Layla al-Hasan")
    learner.page.click("form.question button.quiet")
    learner.page.wait_for_selector(".line")
    line.mend()
    learner.page.wait_for_selector(".verdict.right")
    assert "a guess" in learner.page.locator(".again").inner_text()


def test_signing_out_forgets_what_waits(line, sit_far):
    learner = sit_far()
    learner.start("choice")
    lose(learner, line)
    learner.new_tab()
    learner.context.route("**/answer", lambda route: route.abort())
    line.mend()
    learner.open("/")
    assert learner.page.evaluate(KEPT) is not None
    learner.page.click(".whose summary")
    learner.page.click(".whose form button")
    learner.page.wait_for_load_state()
    assert learner.page.evaluate(KEPT) is None


def test_the_next_person_sends_nothing_of_the_one_before(far, line, sit_far):
    learner = sit_far()
    learner.start("choice")
    lose(learner, line)
    learner.new_tab()
    learner.context.clear_cookies()  # the login ran out, and someone else begins
    line.mend()
    sent = []
    learner.context.on("request", lambda request: sent.append(request.url))
    learner.start("typed")
    assert [address for address in sent if address.endswith("/answer")] == []
    assert learner.page.evaluate(KEPT) is None
    assert answers(far, learner) == 0


def test_a_form_that_begins_a_quiz_says_that_there_is_no_line_and_keeps_its_page(line, sit_far):
    learner = sit_far()
    learner.start("choice")
    learner.open("/")
    line.cut()
    learner.page.locator("button[name=topic]").first.click()
    learner.page.wait_for_selector(".line")
    assert "Nothing was sent" in learner.page.locator(".line").inner_text()
    line.mend()
    learner.page.locator("button[name=topic]").first.click()
    learner.page.wait_for_selector("form.question")


# ---------------------------------------------------------------- the worker


def settle(learner: Learner) -> None:
    """Until the worker is there."""
    learner.page.evaluate("navigator.serviceWorker.ready.then(() => true)")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_without_a_line_a_page_in_both_languages_stands_in(line, sit_far, lang):
    learner = sit_far(lang)
    learner.start("choice")
    settle(learner)
    line.cut()
    learner.open("/progress")
    first, second = learner.page.locator("section").all()
    texts = {
        first.get_attribute("lang"): first.inner_text(),
        second.get_attribute("lang"): second.inner_text(),
    }
    assert first.get_attribute("lang") == lang
    assert "The site cannot be reached" in texts["en"]
    assert "تعذّر الوصول إلى الموقع" in texts["ar"]
    # With its stylesheet: the worker has kept that too.
    assert learner.page.evaluate("getComputedStyle(document.querySelector('.button.main')).minBlockSize") == "52px"
    line.mend()
    learner.page.click(".button.main")
    learner.page.wait_for_selector(".figures")


def test_the_page_comes_by_itself_when_the_line_is_back(line, sit_far):
    learner = sit_far()
    learner.start("choice")
    settle(learner)
    line.cut()
    learner.open("/progress")
    line.mend()
    learner.page.evaluate("dispatchEvent(new Event('online'))")
    learner.page.wait_for_selector(".figures")


def test_the_worker_keeps_no_page_of_a_person(kinds, sit):
    learner = sit(kinds)
    learner.start("choice")
    settle(learner)
    for path in ("/", "/progress", "/settings"):
        learner.open(path)
    kept = learner.page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async name =>
          (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname)))).flat().sort()"""
    )
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline"]
    text = learner.page.evaluate("caches.match('/offline').then(page => page.text())")
    assert "csrf_token" not in text
    assert "data-who" not in text


@pytest.mark.parametrize(("lang", "name", "direction"), [("en", "Qimma", "ltr"), ("ar", "قمة", "rtl")])
def test_it_can_be_kept_as_an_app(kinds, sit, lang, name, direction):
    learner = sit(kinds, lang)
    learner.start("choice")
    learner.open("/")
    link = learner.page.locator("link[rel=manifest]").get_attribute("href")
    about = learner.page.evaluate("link => fetch(link).then(answer => answer.json())", link)
    assert (about["name"], about["lang"], about["dir"]) == (name, lang, direction)
    assert (about["start_url"], about["display"]) == ("/", "standalone")
    found = learner.page.evaluate(
        """icons => Promise.all(icons.map(async icon => {
          const image = await createImageBitmap(await (await fetch(icon.src)).blob());
          return `${image.width}x${image.height} ${icon.purpose}`; }))""",
        [icon for icon in about["icons"] if icon["sizes"] != "any"],
    )
    assert found == ["192x192 any", "512x512 any", "512x512 maskable"]
    client = learner.context.new_cdp_session(learner.page)
    assert client.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )
    assert client.send("Page.getAppManifest")["errors"] == []
