"""What the script gets in one round trip, and how files are sent."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import redirect, request
from visitor import Page, Visitor

SWAP = {"X-Swap": "kit"}


def by_script(visitor, form, **changes):
    """Send a form as the script does."""
    return Page(visitor.client.post(form.action, data={**dict(form.fields), **changes}, headers=SWAP))


def main_of(page):
    """What is in the page, but for the tokens of its forms."""
    found = re.search(r"<main.*?</main>", page.html, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]+"', "", found[0]) if found else ""


@pytest.fixture
def app(new_app):
    return new_app(TESTING=True)  # one of its own: it gets addresses that others do not have


@pytest.fixture
def asking(app):
    """The same site with a few addresses that lead elsewhere."""
    app.add_url_rule("/test/away", view_func=lambda: redirect("https://example.org/", 303), endpoint="away")
    app.add_url_rule("/test/beside", view_func=lambda: redirect("//example.org/", 303), endpoint="beside")
    app.add_url_rule("/test/round", view_func=lambda: redirect("/test/round", 302), endpoint="round")
    app.add_url_rule("/test/long", view_func=lambda: redirect("/test/say?a=%D8%A3%20b#c", 303), endpoint="long")
    app.add_url_rule(
        "/test/say", view_func=lambda: f"{request.method} {request.args['a']} {request.get_data()!r}", endpoint="say"
    )
    return app


def test_without_the_header_a_form_is_answered_by_a_redirect(student):
    assert student.send(student.start(kind="choice").form("/answer"), option="1").status == 303


def test_with_it_the_verdict_itself_comes_under_its_own_address(student):
    question = student.start(kind="choice")
    form = question.form("/answer")
    verdict = by_script(student, form, option="1")
    assert verdict.status == 200
    assert verdict.headers["Content-Location"] == form.action.removesuffix("/answer")
    assert main_of(verdict) == main_of(student.get(verdict.headers["Content-Location"]))


def test_the_first_tap_signs_a_guest_in_and_shows_the_question_at_once(app):
    visitor = Visitor(app.test_client())
    form = next(form for form in visitor.get("/").forms if form.action == "/banks/dam/quiz")
    question = by_script(visitor, form, size="5")
    assert question.status == 200
    assert "Question 1 of 5" in question.text
    assert "qimma_login=" in "".join(question.headers.getlist("Set-Cookie"))
    # And the browser goes on as that guest.
    assert visitor.get(question.headers["Content-Location"]).status == 200


def test_a_refusal_stays_one(student):
    form = student.start(kind="choice").form("/answer")
    assert by_script(student, form, option="99").status == 422
    fields = {name: value for name, value in form.fields if name != "csrf_token"}
    assert student.client.post(form.action, data=fields, headers=SWAP).status_code == 400


@pytest.mark.parametrize(
    ("path", "location"), [("/test/away", "https://example.org/"), ("/test/beside", "//example.org/")]
)
def test_it_never_follows_out_of_the_site(asking, path, location):
    page = Visitor(asking.test_client()).get(path, headers=SWAP)
    assert (page.status, page.location) == (303, location)


def test_a_circle_comes_to_an_end(asking):
    assert Visitor(asking.test_client()).get("/test/round", headers=SWAP).status == 302


def test_what_is_asked_for_next_is_a_plain_get_of_the_address(asking):
    response = asking.test_client().get("/test/long", headers=SWAP, data=b"sent", content_type="text/plain")
    assert response.text == "GET أ b b''"


def test_only_the_script_gets_pages_compressed_and_whoever_has_no_login_the_first_one(app, student):
    nobody = app.test_client()
    zip_ = {"Accept-Encoding": "gzip"}

    def encoding(client, path, **headers):
        return client.get(path, headers={**zip_, **headers}).headers.get("Content-Encoding")

    assert encoding(nobody, "/") == "gzip"
    assert encoding(nobody, "/sign-in?next=/progress") is None
    assert encoding(student.client, "/") is None
    assert encoding(student.client, "/progress") is None
    assert encoding(student.client, "/progress", **SWAP) == "gzip"
    whole = student.client.get("/progress", headers={**zip_, **SWAP})
    assert "<main" in gzip.decompress(whole.data).decode()


# ---------------------------------------------------------------- files


def test_a_file_under_its_version_is_kept_for_good_and_any_other_is_asked_for_again(app):
    visitor = Visitor(app.test_client())
    address = re.search(r'href="(/static/style.css\?v=\w+)"', visitor.get("/").html)[1]
    assert visitor.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.get("/static/style.css").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/static/style.css?v=other").headers["Cache-Control"] == "no-cache"
    assert "Cache-Control" not in visitor.get(address.replace("style", "nothing")).headers


def test_the_worker_sees_the_whole_site_and_is_new_whenever_a_file_is(app):
    client = app.test_client()
    version = re.search(r"/static/style.css\?v=(\w+)", client.get("/").text)[1]
    worker = client.get("/service-worker.js")
    assert worker.mimetype == "text/javascript"
    assert worker.text.startswith(f'const VERSION = "{version}";')
    assert worker.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("lang", "first"), [("en", "The site cannot be reached"), ("ar", "تعذّر الوصول إلى الموقع")])
def test_the_page_for_when_the_site_cannot_be_reached_holds_nothing_of_anyone(signed_in, lang, first):
    page = signed_in("student", lang).get("/offline")
    assert page.heading == first
    assert page.forms == []
    assert page.headers.getlist("Set-Cookie") == []
    assert "data-who" not in page.html


def test_every_page_says_whose_it_is_to_its_owner_alone(app, student):
    assert f'data-who="{student.user_id}"' in student.get("/").html
    assert "data-who" not in app.test_client().get("/").text
