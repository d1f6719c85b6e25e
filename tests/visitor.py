"""Someone at a browser without JavaScript: reads pages, fills in forms as they stand, follows where they lead."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)  # what would be sent if nobody touched it
    offered: list[tuple[str, str]] = field(default_factory=list)  # radio buttons, check boxes, choices of a list


class _Reader(HTMLParser):
    """Forms, links and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: Form | None = None
        self._area: tuple[str, list[str]] | None = None
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(has.get("action", ""), has.get("method", "get"))
            self.forms.append(self._open)
        elif tag == "a" and "href" in has:
            self.links.append(has["href"])
        elif self._open is None:
            return
        elif tag == "input" and has.get("type") in {"radio", "checkbox"}:
            self._open.offered.append((has["name"], has["value"]))
            if "checked" in has:
                self._open.fields.append((has["name"], has["value"]))
        elif tag == "input" and "name" in has:
            self._open.fields.append((has["name"], has.get("value", "")))
        elif tag == "textarea":
            self._area = (has["name"], [])
        elif tag == "select":
            self._list = has["name"]
        elif tag == "option":
            self._open.offered.append((self._list, has.get("value", "")))
            if "selected" in has:
                self._open.fields.append((self._list, has.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._area and self._open:
            name, words = self._area
            self._open.fields.append((name, "".join(words)))
            self._area = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area:
            self._area[1].append(data)


class Page:
    """What came back."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.location = response.headers.get("Location", "")
        body = response.get_data()
        response.close()
        self.html = body.decode() if response.mimetype == "text/html" else ""
        reader = _Reader()
        reader.feed(self.html)
        self.forms = reader.forms
        self.links = reader.links
        self.text = re.sub(r"\s+", " ", " ".join(reader.words))

    @property
    def lang(self) -> str:
        """The language that the page says it is in."""
        found = re.search(r'<html lang="(\w+)" dir="(\w+)"', self.html)
        return " ".join(found.groups()) if found else ""

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.html, re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""

    def form(self, action: str) -> Form:
        """The form that is sent to an address, or to one that ends so."""
        return next(form for form in self.forms if form.action.endswith(action))


class Visitor:
    def __init__(self, client: FlaskClient, lang: str = "en") -> None:
        self.client = client
        self.user_id = 0
        self._token = ""
        client.set_cookie("qimma_lang", lang)

    def get(self, path: str, **more: Any) -> Page:
        return Page(self.client.get(path, **more))

    @property
    def token(self) -> str:
        """The token that every form of this browser carries."""
        if not self._token:
            self._token = dict(self.get("/sign-in").form("/sign-in").fields)["csrf_token"]
        return self._token

    def post(self, path: str, **form: Any) -> Page:
        """Send fields, with the browser's token."""
        return Page(self.client.post(path, data={"csrf_token": self.token, **form}))

    def send(self, form: Form, **changes: Any) -> Page:
        """Send a form as it stands on the page, but for the fields that were touched."""
        fields: dict[str, Any] = {}
        for name, value in form.fields:
            fields.setdefault(name, []).append(value)
        return Page(self.client.post(form.action, data={**fields, **changes}))

    def follow(self, page: Page) -> Page:
        """Where a page sends the browser, until it stays."""
        while page.status in {302, 303}:
            page = self.get(page.location)
        return page

    def start(self, size: str = "5", bank: str = "dam", **form: Any) -> Page:
        """Begin a quiz and read its first question."""
        form = {"form_key": "k" * 24, "size": size, **form}
        return self.follow(self.post(f"/banks/{bank}/quiz", **form))
