"""Banks as files: what each cannot carry is said first, and only who may have one gets it."""

import csv
import io
import json
from datetime import timedelta

import pytest
from factories import make_bank, make_question
from school import make_school

from export.files import KINDS, losses, lost
from questions.formats import bank_json
from quiz import db
from quiz.models import BankRow, Member
from quiz.services import banks, copying

FILES = [kind for kind in KINDS if kind != "handout"]


def state(app, name, editor=None):
    with db.transaction(db.engine_of(app)) as session:
        session.get(BankRow, "dam").state = name
        if editor:
            copying.add_editor(session, "dam", editor, owner=True, now=app.config["CLOCK"]())


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_shelf_leads_to_a_page_of_each_kind(signed_in, lang):
    visitor = signed_in("nobody", lang)
    page = visitor.get("/banks/dam/files")
    links = [link for link in page.links if link.startswith("/banks/dam/files/")]
    assert links == [f"/banks/dam/files/{kind}" for kind in KINDS]
    assert [visitor.get(link).status for link in links] == [200] * 8


def test_what_a_format_cannot_carry_is_said_question_by_question(nobody):
    page = nobody.get("/banks/dam/files/aiken?lang=en")
    assert "Of 12 questions something is left out." in page.text
    assert "the question itself: this format has no such kind: 7 questions" in page.text
    assert "Who holds which office? the question itself: this format has no such kind" in page.text
    assert "Who announced the opening of the dam? the other language" in page.text


def test_that_retired_questions_are_in_the_json_file_alone_is_said(instructor):
    question = next(link for link in instructor.get("/teach/banks/dam").links if "/questions/" in link)
    assert instructor.post(f"{question}/state", do="retire").status == 303
    assert "1 retired or hidden question is left out" in instructor.get("/banks/dam/files/csv").text
    assert "retired" not in instructor.get("/banks/dam/files/json").text


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx"])
def test_our_own_formats_carry_everything(nobody, kind):
    assert "Nothing is lost: it carries every question whole." in nobody.get(f"/banks/dam/files/{kind}").text


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"difficulty": 0.9}, "anki", ("difficulty",)),
        ({"not_with": ("f-2.amount",)}, "anki", ("not-with",)),
        ({}, "handout", ("other-language", "option-feedback")),
        (
            {"media": ({"name": "a.ogg", "type": "audio/ogg", "data": "T2dnUw=="},)},
            "handout",
            ("other-language", "media", "option-feedback"),
        ),
    ],
)
def test_cards_and_paper_lose_what_they_cannot_show(changes, kind, said):
    assert losses(make_question(**changes), kind, "en") == said


def test_retired_questions_are_no_loss():
    bank = make_bank()
    retired = tuple(entry.model_copy(update={"retired": True}) for entry in bank.entries)
    assert lost(bank.model_copy(update={"entries": retired}), "aiken", "en") == []


@pytest.mark.parametrize("kind", FILES)
def test_a_file_comes_with_a_name_and_is_never_shown_as_a_page(nobody, kind):
    page = nobody.client.get(f"/banks/dam/files/{kind}/file?lang=en")
    assert page.status_code == 200
    assert page.headers["Content-Disposition"].startswith("attachment; filename=qimma-dam")
    assert page.mimetype != "text/html"


def test_the_whole_bank_file_is_the_bank(nobody, app):
    sent = nobody.client.get("/banks/dam/files/json/file").data
    with db.reading(db.engine_of(app)) as session:
        assert bank_json.load(sent, "dam.json") == banks.whole(session, "dam")


def test_a_sheet_opens_in_excel_with_headings_in_the_readers_language(nobody):
    sent = nobody.client.get("/banks/dam/files/csv/file?lang=ar").data
    assert sent.startswith(b"\xef\xbb\xbf")
    head = next(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    assert any("السؤال" in cell for cell in head)


@pytest.mark.parametrize("path", ["files", "files/json", "files/gift/file", "handout", "files/anki/file"])
def test_a_draft_is_its_editors(app, nobody, student, instructor, signed_in, path):
    state(app, "draft", instructor.user_id)
    other = signed_in("instructor", login_name="other", name_key="other")
    found = [visitor.get(f"/banks/dam/{path}").status for visitor in (nobody, student, other, instructor)]
    assert found == [404, 404, 404, 200]


@pytest.mark.parametrize("path", ["files", "files/json", "files/gift/file", "handout"])
def test_a_bank_of_a_class_is_closed_to_strangers(app, nobody, student, instructor, path):
    state(app, "class", instructor.user_id)
    assert [visitor.get(f"/banks/dam/{path}").status for visitor in (nobody, student, instructor)] == [404, 404, 200]


def test_while_a_class_works_no_file_of_the_bank_reaches_it(app, student, signed_in, clock):
    other = signed_in("student", login_name="other", name_key="other")
    with db.transaction(db.engine_of(app)) as session:
        school = make_school(session, clock())
        session.add(Member(class_id=school.class_id, user_id=student.user_id, name="S", joined_at=clock()))
        school.give(clock(), feedback="closed", closes_at=clock() + timedelta(days=1))
    paths = ("files", "files/json", "files/anki/file", "files/csv/file", "handout", "anki")
    assert [student.get(f"/banks/dam/{path}").status for path in paths] == [404] * 6
    assert {other.get(f"/banks/dam/{path}").status for path in paths} == {200}
    clock.move(days=2)
    assert {student.get(f"/banks/dam/{path}").status for path in paths} == {200}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/banks/nope/files", 404),
        ("/banks/dam/files/pdf", 404),
        ("/banks/dam/files/handout/file", 404),
        ("/banks/dam/files/gift?lang=fr", 422),
        ("/banks/dam/files/gift/file?lang=fr", 422),
        ("/banks/dam/handout?size=7", 422),
        ("/banks/dam/handout?size=9999999999999", 422),
        ("/banks/dam/handout?version=0", 422),
        ("/banks/dam/handout?version=1000", 422),
    ],
)
def test_another_request_is_refused(nobody, path, status):
    assert nobody.get(path).status == status


def test_a_handout_is_a_page_of_its_own_that_may_load_nothing(nobody):
    page = nobody.get("/banks/dam/handout?lang=ar&version=3&size=all")
    assert page.lang == "ar rtl"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    assert "النموذج 3" in page.text
    kept = nobody.client.get("/banks/dam/handout?lang=en&version=3&keep=1")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="qimma-dam-en-3.html"'


def test_a_handout_of_one_topic_asks_no_other(nobody):
    text = nobody.get("/banks/dam/handout?lang=en&topic=water").text
    assert "Who holds which office?" in text
    assert "Who announced" not in text


def test_the_report_of_a_preview_and_of_the_command_have_the_same_fields(instructor):
    from test_importing import GIFT, preview_of

    page = preview_of(instructor, GIFT, bank="dam")
    path = next(link for link in page.links if link.endswith("report.json"))
    assert list(json.loads(instructor.client.get(path).data)) == sorted(
        [
            "bank", "changed", "changes", "file", "format", "held", "imported", "new", "notes", "refused", "renamed",
            "retired", "same", "skipped",
        ]
    )  # fmt: skip
