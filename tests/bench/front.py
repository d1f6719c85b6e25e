"""A slow phone on a slow line, in a real Chromium: from a tap to what is read, beside a page with one stylesheet."""

from __future__ import annotations

import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
SLOWDOWN = 4
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}

# From a tap until the frame that shows what it leads to has been painted.
TAP = """([tapped, awaited]) => new Promise(done => {
  const began = performance.now();
  const observer = new MutationObserver(() => {
    if (!document.querySelector(awaited)) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  observer.observe(document.documentElement, {childList: true, subtree: true});
  document.querySelector(tapped).click();
})"""
ROUND_TRIP = """async address => { const began = performance.now();
  await (await fetch(address, {cache: 'no-store'})).text(); return performance.now() - began }"""
WATCH = """() => { window.slowest = 0; new PerformanceObserver(list => list.getEntries().forEach(
  one => { if (one.interactionId) window.slowest = Math.max(window.slowest, one.duration) }
)).observe({type: 'event', durationThreshold: 16}) }"""
LOADED = "() => performance.getEntriesByType('paint').find(one => one.name === 'first-contentful-paint').startTime"

BARE = b"""<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>Bare</title><link rel=icon href=data:,><link rel=stylesheet href=/bare.css><h1>Bare</h1><form>
<p><label><input type=radio name=one>one</label><p><label><input type=radio name=one>two</label></form>"""


class _Bare(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        css = self.path == "/bare.css"
        body = b"body { font: 1rem/1.5 serif }" if css else BARE
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if css else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def run() -> list[tuple[str, float, float, str]]:
    """Nothing where there is no browser."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import FLAGS, find_chromium, serve

    chromium = find_chromium()
    if chromium is None:
        return []
    bare = ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    threading.Thread(target=bare.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        running = serve(Path(folder))
        site = next(running)
        try:
            ours = _ours(browser, site.base)
            floor = _floor(browser, f"http://127.0.0.1:{bare.server_port}")
        finally:
            browser.close()
            running.close()
            bare.shutdown()
    return [
        ("slow phone: the first page is read", ours["first"], floor["first"], "ms"),
        ("slow phone: from the tap to the question", ours["question"], floor["first"], "ms"),
        ("slow phone: from the answer to its verdict", ours["verdict"], floor["trip"], "ms"),
        ("slow phone: an option is chosen (INP)", ours["choose"], floor["choose"], "ms"),
        ("first visit, all that is sent", ours["weight"], floor["weight"], "kB"),
    ]


def _phone(browser: Any, base: str) -> tuple[Any, float]:
    """A page that has been opened on the slow phone, and what was sent to it, in kB."""
    page = browser.new_context(**PHONE).new_page()
    requests: list[Any] = []
    page.on("requestfinished", lambda request: requests.append(request))
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.emulateNetworkConditions", LINE)
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(base)
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in requests]
    return page, sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes) / 1000


def _ours(browser: Any, base: str) -> dict[str, float]:
    page, weight = _phone(browser, base)
    found = {"first": page.evaluate(LOADED), "weight": weight}
    found["question"] = page.evaluate(TAP, ["button.main", "form.question"])
    page.evaluate(WATCH)
    verdicts: list[float] = []
    chosen: list[float] = []
    while page.locator("form.question").count():
        options = page.locator(".options input")
        if options.count():
            options.first.check()
            page.wait_for_timeout(300)
            chosen.append(page.evaluate("window.slowest"))
            button = "form.question button.main"
        else:
            button = "form.question button[value=unknown]"
        verdicts.append(page.evaluate(TAP, [button, ".verdict"]))
        page.evaluate(TAP, [".answered .act a", "form.question, h1[data-focus]"])
    page.context.close()
    return found | {"verdict": median(verdicts), "choose": max(chosen, default=0) or 16}


def _floor(browser: Any, base: str) -> dict[str, float]:
    page, weight = _phone(browser, base)
    found = {"first": page.evaluate(LOADED), "weight": weight}
    found["trip"] = median(page.evaluate(ROUND_TRIP, f"{base}/bare.css") for _ in range(5))
    page.evaluate(WATCH)
    for option in page.locator("input").all():
        option.check()
        page.wait_for_timeout(300)
    found["choose"] = page.evaluate("window.slowest") or 16
    page.context.close()
    return found
