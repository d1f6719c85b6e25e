"""An instructor at the editor: preview, save, both texts when two save, and what becomes of a saved text."""

import io
import json
import re
import zipfile

import pytest
from factories import make_bank, make_question, more
from visitor import Visitor

from quiz import db
from quiz.services import banks, editing

EDITOR = "/teach/banks/dam/questions/"
CHOICE = EDITOR + "f-1.speaker.choice"
WORDS = {"text:stem.ar": "من تحدّث عن الافتتاح؟", "text:stem.en": "Who spoke of the opening?"}


@pytest.fixture
def save(app, instructor):
    """Opens a question's form, changes some fields of it and sends it."""

    def send(path=CHOICE, do="save", **changes):
        form = instructor.get(path).form(path)
        return instructor.send(form, do=do, **changes)

    return send


def question_of(app, question_id="f-1.speaker.choice"):
    with db.reading(db.engine_of(app)) as session:
        return editing.open_question(session, "dam", question_id)


def test_a_saved_text_is_in_the_next_quiz_and_the_next_deck(app, instructor, save, signed_in):
    page = save(**WORDS)
    assert (page.status, page.location) == (303, f"{CHOICE}?saved=yes")
    with db.transaction(db.engine_of(app)) as session:
        whole = banks.whole(session, "dam")
        kept = make_bank(*(entry.question for entry in whole.entries if entry.question.id == "f-1.speaker.choice"))
        banks.import_file(session, kept.model_copy(update={"id": "only"}), now=app.config["CLOCK"]())
    assert "Who spoke of the opening?" in signed_in("guest", "en").start("all", bank="only").text
    assert "من تحدّث عن الافتتاح؟" in signed_in("guest", "ar").start("all", bank="only").text
    deck = zipfile.ZipFile(io.BytesIO(instructor.get("/banks/dam/deck.apkg").response.data))
    assert b"Who spoke of the opening?" in deck.read("collection.anki2")
    assert "من تحدّث عن الافتتاح؟".encode() in deck.read("collection.anki2")


def test_a_saved_text_outlives_the_next_load(app, instructor, save):
    save(**WORDS)
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(), now=app.config["CLOCK"]())
    assert "Who spoke of the opening?" in instructor.get("/teach/banks/dam").text


def test_a_preview_writes_nothing_and_shows_both_languages(app, save):
    page = save(do="preview", **WORDS)
    assert page.status == 200
    assert page.html.count("Who spoke of the opening?") == 2  # in the form, and as students see it
    assert page.html.count("من تحدّث عن الافتتاح؟") == 2
    assert question_of(app).number == 1


def test_sending_the_form_as_it_stands_changes_nothing(app, save):
    assert save().status == 303
    assert question_of(app).number == 1


@pytest.mark.parametrize(
    "kind", ["choice", "true_false", "typed", "cloze", "multi_select", "ordering", "matching", "open"]
)
def test_a_question_of_every_kind_can_be_mended(app, save, kind):
    question = make_question(kind)
    stem = {"cloze": "It holds ____ of it."}.get(kind, "Another wording")
    assert save(EDITOR + question.id, **{"text:stem.en": stem}).status == 303
    assert question_of(app, question.id).question == make_question(kind, stem={"ar": question.stem.ar, "en": stem})


@pytest.mark.parametrize(
    ("kind", "fields", "changes"),
    [
        ("choice", {"key": "omar"}, {"key": "omar"}),
        ("true_false", {"key": "true"}, {"key": True}),
        ("multi_select", {"key": ["rail", "visas"]}, {"keys": ("rail", "visas")}),
        (
            "typed",
            {"text:accepted.right.any": "L. Hasan"},
            {"accepted": ({"text": "Hasan", "lang": "en", "weight": 0.5}, {"text": "L. Hasan"})},
        ),
        (
            "cloze",
            {"text:answer.ar": "سبعة", "text:answer.en": "seven"},
            {"answer": {"ar": "سبعة", "en": "seven"}, "value": "7"},
        ),
    ],
)
def test_another_right_answer_is_the_one_that_counts(app, save, kind, fields, changes):
    question = make_question(kind)
    assert save(EDITOR + question.id, **fields).status == 303
    assert question_of(app, question.id).question == make_question(kind, **changes)


@pytest.mark.parametrize(
    ("kind", "before", "fields", "value"),
    [
        (
            "date",
            {"answer": {"en": "7 December 2021"}, "value": "2021-12-07"},
            {"text:answer.en": "8 December 2021"},
            "2021-12-08",
        ),
        (
            "date",
            {"answer": {"en": "7 December 2021"}, "value": "2021-12-07"},
            {"text:answer.en": "December 2021"},
            "2021-12",
        ),
        ("weekday", {"answer": {"ar": "الثلاثاء"}, "value": "1"}, {"text:answer.ar": "الأربعاء"}, "2"),
    ],
)
def test_a_date_or_a_weekday_is_read_anew(app, save, kind, before, fields, value):
    question = make_question("typed", id="when", answer_type=kind, accepted=(), **before)
    with db.transaction(db.engine_of(app)) as session:
        banks.import_file(session, make_bank(question), now=app.config["CLOCK"]())
    assert save(EDITOR + "when", **fields).status == 303
    assert question_of(app, "when").question.value == value


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("choice", {"key": "nobody"}),
        ("choice", {"text:stem.ar": " ", "text:stem.en": ""}),
        ("choice", {"text:options.omar.text.ar": "", "text:options.omar.text.en": ""}),
        ("choice", {"text:stem.en": "x" * 20_001}),
        ("choice", {"seen": "many"}),
        ("multi_select", {"key": []}),
        ("cloze", {"text:stem.en": "No blank is left."}),
        ("cloze", {"text:answer.en": "seven"}),
        ("cloze", {"text:answer.en": "many", "text:answer.ar": "كثير"}),
    ],
)
def test_what_makes_no_question_is_shown_again_with_its_fault(app, save, kind, fields):
    question = make_question(kind)
    page = save(EDITOR + question.id, **{"text:feedback.en": "Typed with care.", **fields})
    assert page.status == 422
    assert 'role="alert"' in page.html
    assert question_of(app, question.id).number == 1


def test_of_two_who_save_the_second_sees_both_texts(app, instructor, save):
    form = instructor.get(CHOICE).form(CHOICE)
    save(**{"text:stem.en": "The first one's words"})
    page = instructor.send(form, do="save", **{"text:stem.en": "The second one's words"})
    assert page.status == 409
    assert "The first one&#39;s words" in page.html
    assert "The second one&#39;s words" in page.html
    assert question_of(app).question.stem.en == "The first one's words"


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_conflict_shows_what_was_what_is_and_whats_yours(app, signed_in, save, lang):
    save(**WORDS)
    with db.transaction(db.engine_of(app)) as session:
        stem = {"ar": "من أعلن فتح السد؟", "en": "Who announced it?"}
        banks.load(session, make_bank(make_question(stem=stem), *more(4)), now=app.config["CLOCK"]())
    other = signed_in("instructor", lang, login_name="other", name_key="other")
    assert f"{CHOICE}/conflicts" in other.get(CHOICE).links
    page = other.get(f"{CHOICE}/conflicts")
    assert "Who announced the opening of the dam?" in page.text
    assert "Who announced it?" in page.text
    assert "Who spoke of the opening?" in page.text


def test_markup_that_someone_typed_is_text(app, instructor, save, signed_in):
    attack = '"><script>alert(1)</script>{{ 7*7 }}<img src=x onerror=alert(1)>'
    save(**{"text:stem.ar": attack, "text:stem.en": attack})
    pages = [instructor.get(CHOICE), instructor.get("/teach/banks/dam"), save(do="preview")]
    assert [page.html.count("<script>alert") + page.html.count("<img") + page.text.count(" 49") for page in pages] == [
        0,
        0,
        0,
    ]


def test_a_report_reaches_the_instructor_and_is_closed_by_them(app, instructor, student):
    question = student.start("5")
    verdict = student.follow(student.send(question.form("/answer"), sure="unknown"))
    told = student.send(verdict.form("/report"), kind="question_wrong", note="<b>The minister</b> said it.")
    assert student.follow(told).status == 200
    waiting = instructor.get("/teach/banks/dam")
    assert "<b>The minister</b> said it." in waiting.text
    closed = instructor.follow(instructor.send(waiting.form("/close")))
    assert "The minister" not in closed.text


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_quiz_is_taken_from_the_first_page_to_its_end(signed_in, lang):
    visitor = signed_in("guest", lang)
    page = visitor.follow(visitor.send(visitor.get("/").form("/banks/dam/quiz"), size="5"))
    asked = []
    while any(form.action.endswith("/answer") for form in page.forms):
        asked.append(page.heading)
        verdict = visitor.follow(visitor.send(page.form("/answer"), sure="unknown"))
        page = visitor.follow(
            visitor.get(next(link for link in verdict.links if re.match("/(attempts|sittings)/", link)))
        )
    assert len(set(asked)) == 5
    assert page.form("/missed").action in page.html
    again = visitor.follow(visitor.send(page.form("/missed")))
    assert again.heading == asked[0]
    assert visitor.get("/progress").status == 200


def test_the_whole_bank_can_be_written_out_after_an_edit(app, save):
    save(**WORDS)
    with db.reading(db.engine_of(app)) as session:
        whole = json.loads(banks.whole(session, "dam").model_dump_json())
    assert whole["entries"][0]["question"]["stem"] == {"ar": "من تحدّث عن الافتتاح؟", "en": "Who spoke of the opening?"}


def test_a_visitor_reads_what_a_form_holds(app):
    """The tests' own reader: what a browser would send."""
    form = Visitor(app.test_client()).get("/sign-in").form("/sign-in")
    assert [name for name, _ in form.fields] == ["csrf_token", "zone", "next", "name", "password"]
