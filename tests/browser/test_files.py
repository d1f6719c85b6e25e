"""Bringing a file in, taking it back, and a bank as a file: what axe, the ruler and the line say of each page."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
LANGS = pytest.mark.parametrize("lang", ["ar", "en"])
WIDTHS = pytest.mark.parametrize("width", [360, 1280])
GIFT = """::Capital:: What is the capital of France? {=Paris ~Lyon ~Nice#In the south.}

::Broken:: What is this? {=Paris ~Lyon

ما أكبر كواكب المجموعة الشمسية؟ {=المشتري ~زحل ####المشتري أكبرها كتلة وحجمًا.}

Match {=cat -> قطة =dog -> كلب}

How much is 2.5 + 2.5? {#5:0.1}
"""


@pytest.fixture(scope="module")
def teacher(kept_login, kinds):
    """What an instructor's browser keeps, once signed in by the link."""
    return kept_login(kinds)


@LANGS
@WIDTHS
@pytest.mark.parametrize(
    "path",
    ["/banks/kinds/files", *(f"/banks/kinds/files/{kind}" for kind in ("json", "gift", "aiken", "anki", "handout"))],
)
def test_a_bank_as_a_file_is_open_to_everyone(kinds, sit, path, lang, width):
    assert sit(kinds, lang, width, bypass_csp=True).faults_of(path) == {}


@LANGS
@WIDTHS
def test_a_handout_is_open_to_everyone(kinds, sit, lang, width):
    assert sit(kinds, lang, width, bypass_csp=True).faults_of(f"/banks/kinds/handout?lang={lang}") == {}


@LANGS
@WIDTHS
def test_the_way_of_a_file_is_open_to_everyone(kinds, sit, teacher, tmp_path, lang, width):
    learner = sit(kinds, lang, width, bypass_csp=True, storage_state=teacher)
    found = learner.faults_of("/teach/import?bank=kinds")
    page = learner.page
    for name, data in (("half.apkg", b"PK\x03\x04half"), ("physics.gift", GIFT.encode())):
        (tmp_path / name).write_bytes(data)
        page.goto(f"{kinds.base}/teach/import?bank=kinds")
        page.set_input_files("#file", str(tmp_path / name))
        page.click("main button.main")
        page.wait_for_selector(".fault" if name == "half.apkg" else ".figures")
        found |= learner.faults_of()
    page.click("button[value=bring]")
    page.wait_for_url("**/imports/**")
    found |= learner.faults_of()
    page.click("form[action$=undo] button")
    page.wait_for_selector(".told")
    found |= learner.faults_of() | learner.faults_of("/teach/banks/kinds/imports")
    assert found == {}
