"""A class in a real browser: made, joined by phone without a script, given a quiz, its results read."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])


@pytest.fixture(scope="module")
def instructor(kept_login, site):
    """What an instructor's browser keeps, once signed in by the link."""
    return kept_login(site)


def make_class(teacher, name="10A"):
    """Returns (the class's path, its code, the path of an assignment)."""
    teacher.open("/teach/classes/")
    teacher.page.fill("#name", name)
    teacher.page.click("main form button")
    teacher.page.wait_for_url(re.compile(r"/classes/\d+"))
    path = teacher.page.url.removeprefix(teacher.site.base)
    code = teacher.page.locator(".code").first.inner_text()
    teacher.open(f"{path}/assign")
    teacher.page.fill("#title", "الأسبوع 1, week 1")
    teacher.page.fill("#count", "3")
    teacher.page.select_option("#kind", "choice")
    teacher.page.click("main form.settings > button.main")
    teacher.page.wait_for_url(re.compile(r"/assignments/\d+"))
    return path, code, teacher.page.url.removeprefix(teacher.site.base)


def join(student, code, name):
    student.open(f"/join/{code}")
    student.page.fill("#name", name)
    student.page.fill("#pin", "1234")
    student.page.click("button[value=new]")
    student.page.wait_for_selector(".turn-of")


def sit_quiz(student, count=3):
    student.page.click(".turn-of form button")
    for _ in range(count):
        student.page.wait_for_selector("form.question")
        student.page.locator("[name=option]").first.check()
        student.page.click("form.question button.main")
        student.page.wait_for_selector(".answered")
        student.page.click(".answered a.main")
    student.page.wait_for_selector("main h1")


@LANGS
def test_a_class_from_its_making_to_its_results(site, sit, instructor, lang):
    teacher = sit(site, lang, storage_state=instructor, bypass_csp=True)
    path, code, results = make_class(teacher, f"10A {lang}")
    student = sit(site, lang, 360, js=False)
    join(student, code, "ليلى Layla")
    sit_quiz(student)
    watcher = sit(site, lang, bypass_csp=True)
    found = watcher.faults_of("/join") | watcher.faults_of(f"/join/{code}")
    join(watcher, code, "Omar")
    found |= watcher.faults_of() | watcher.faults_of("/")
    for page in (
        "/teach/classes/",
        path,
        f"{path}/roster",
        f"{path}/cards",
        f"{path}/assign",
        results,
        f"{results}/try",
    ):
        found |= teacher.faults_of(page)
    teacher.open(results)
    teacher.page.click("#by-student ~ .scroll a:has-text('Layla')")
    teacher.page.wait_for_url(re.compile("/students/"))
    found |= teacher.faults_of()
    assert found == {}
    assert "3" in teacher.page.locator("section p").first.inner_text()


def test_a_class_list_comes_in_by_paste_and_its_cards_open_the_class(site, sit, instructor):
    teacher = sit(site, "en", storage_state=instructor, bypass_csp=True)
    path, code, _results = make_class(teacher, "List")
    teacher.open(f"{path}/roster")
    teacher.page.fill("#text", "name\tnumber\tsection\nAda Lovelace\t7\tA\nAda Lovelace\t8\tB\n")
    teacher.page.click("form[enctype] button")
    teacher.page.wait_for_selector("button[value=save]")
    assert teacher.faults_of() == {}
    teacher.page.click("button[value=save]")
    teacher.page.wait_for_selector("#students")
    teacher.open(f"{path}/cards")
    pin = teacher.page.locator(".pins .code").first.inner_text()
    student = sit(site, "en", 360)
    student.open(f"/join/{code}")
    student.page.fill("#name", "ada lovelace")
    student.page.fill("#pin", pin)
    student.page.click("button[value=again]")
    student.page.wait_for_selector(".turn-of")
    assert student.page.locator("bdi.who").inner_text() == "Ada Lovelace"
