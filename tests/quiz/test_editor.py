"""The editor: every kind of question in a form, rows that come and go, drafts, what is said while one types."""

import json
import re
from pathlib import Path

import pytest
from factories import QUESTIONS, make_bank, make_question, make_user
from sqlalchemy import select
from visitor import Visitor

from questions import lint
from questions.bank import Media
from quiz import db
from quiz.models import Draft, Editor, MediaRow, QuestionRow
from quiz.routes import wording
from quiz.security import open_login
from quiz.services import banks, drafts, editing
from quiz.services import question_form as forms
from quiz.services.question_reading import read

BANK = "/teach/banks/dam"
CHOICE = f"{BANK}/questions/f-1.speaker.choice"


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_form_that_nobody_touched_makes_the_question_that_it_shows(kind):
    question = make_question(kind)
    made = read(forms.of_question(question), kind=kind, question_id=question.id, before=question)
    assert (made.question, made.faults) == (question, ())


def test_every_packaged_question_comes_back_from_its_form():
    from questions import generate

    bank = generate.from_folder(generate.packaged())[1]
    apart = [
        question.id
        for question in bank.live
        if read(forms.of_question(question), kind=question.kind, question_id=question.id, before=question).question
        != question
    ]
    assert apart == []


# ---------------------------------------------------------------- new ones


FILLED = {
    "choice": ({"options": ["Layla", "Omar"]}, {"key": [0]}),
    "multi_select": ({"options": ["Layla", "Omar", "Ada"]}, {"key": [0, 2]}),
    "true_false": ({}, {"key": "false"}),
    "typed": ({}, {"text:answer.en": "Layla al-Hasan"}),
    "cloze": ({}, {"text:stem.en": "The dam holds ____.", "text:answer.en": "three", "answer_type": "number"}),
    "ordering": ({"items": ["first", "second"]}, {}),
    "matching": ({"pairs": [("minister", "Salma"), ("envoy", "Karim")], "extra": ["Nils"]}, {}),
    "open": ({}, {}),
}


def fill(form, kind):
    """What someone types into the empty form of a kind."""
    rows, more = FILLED[kind]
    changes = {"text:stem.en": "Who is asked?", **more}
    for name, texts in rows.items():
        ids = [value for field, value in form.fields if field == f"row:{name}"]
        for row, text in zip(ids, texts, strict=False):
            sides = text if isinstance(text, tuple) else (text,)
            for part, side in zip(forms.LISTS[name], sides, strict=False):
                changes[f"text:{name}.{row}.{part}.en"] = side
        if "key" in changes and name == "options":
            changes["key"] = [ids[place] for place in changes["key"]]
    return changes


@pytest.mark.parametrize("kind", FILLED)
def test_a_question_of_every_kind_can_be_written(app, instructor, kind):
    form = instructor.get(f"{BANK}/new/{kind}").form(f"/new/{kind}")
    page = instructor.send(form, do="save", **fill(form, kind))
    assert page.status == 303
    question_id = page.location.split("/")[-1].split("?")[0]
    with db.reading(db.engine_of(app)) as session:
        opened = editing.open_question(session, "dam", question_id)
    assert (opened.question.kind, opened.number, opened.history[0].why) == (kind, 1, "written")
    assert opened.question.stem.en in {"Who is asked?", "The dam holds ____."}
    assert instructor.follow(page).status == 200


def test_a_form_sent_twice_writes_one_question(app, instructor):
    form = instructor.get(f"{BANK}/new/open").form("/new/open")
    first = instructor.send(form, do="save", **fill(form, "open"))
    again = instructor.send(form, do="save", **fill(form, "open"))
    assert (first.status, first.location) == (again.status, again.location)
    with db.reading(db.engine_of(app)) as session:
        rows = session.scalars(select(QuestionRow.id).where(QuestionRow.kind == "open")).all()
    assert len([row for row in rows if row.startswith("q-")]) == 1


def test_a_written_question_outlives_the_next_load(app, instructor):
    form = instructor.get(f"{BANK}/new/true_false").form("/new/true_false")
    instructor.send(form, do="save", **fill(form, "true_false"))
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(), now=app.config["CLOCK"]())
        assert "Who is asked?" in [question.stem.en for question in banks.live(session, "dam")]


def test_an_unknown_kind_is_not_there(instructor):
    assert instructor.get(f"{BANK}/new/riddle").status == 404
    assert instructor.post(f"{BANK}/new/riddle", do="save").status == 404


# ---------------------------------------------------------------- rows


def test_a_row_is_added_moved_and_removed_without_saving(app, instructor):
    form = instructor.get(CHOICE).form(CHOICE)
    more = instructor.send(form, do="add:options").form(CHOICE)
    ids = [value for name, value in more.fields if name == "row:options"]
    assert ids[:4] == ["layla", "omar", "nils", "ada"]
    assert len(ids) == 5
    moved = instructor.send(more, do="up:options:omar").form(CHOICE)
    assert [value for name, value in moved.fields if name == "row:options"][:2] == ["omar", "layla"]
    less = instructor.send(moved, do="remove:options:nils").form(CHOICE)
    filled = instructor.send(less, do="save", **{f"text:options.{ids[4]}.text.en": "Mona Zaki"})
    assert filled.status == 303
    with db.reading(db.engine_of(app)) as session:
        question = editing.open_question(session, "dam", "f-1.speaker.choice").question
    assert [option.id for option in question.options] == ["omar", "layla", "ada", ids[4]]
    assert question.options[3].text.en == "Mona Zaki"
    assert question.options[0].feedback.en == "He spoke of electricity."


@pytest.mark.parametrize("do", ["add:facts", "up:options:nobody", "burn:options:omar", "remove:", "add:"])
def test_what_no_button_asks_is_refused(app, instructor, do):
    form = instructor.get(CHOICE).form(CHOICE)
    assert instructor.send(form, do=do).status == 422


def test_the_right_answer_cannot_be_removed_and_saved(instructor):
    form = instructor.get(CHOICE).form(CHOICE)
    less = instructor.send(form, do="remove:options:layla").form(CHOICE)
    page = instructor.send(less, do="save")
    assert page.status == 422
    assert "No right answer is marked." in page.text


def test_ranges_tags_topic_and_sources_are_read():
    question = make_question("cloze")
    form = forms.of_question(question) | {
        "ranges.low": ["٢٫٥", "", "9"],
        "ranges.high": ["3,5".replace(",", "."), "", "1"],
        "tags": ["water, dams، dams"],
        "topic": ["talks"],
        "row:sources": ["0"],
        "text:sources.0.voice.en": ["the ministry"],
        "sources.0.para": ["4"],
    }
    wrong = read(form, kind="cloze", question_id=question.id, before=question, topics=("talks", "water"))
    assert [(fault.field, fault.code) for fault in wrong.faults] == [("ranges.low", "range")]
    form["ranges.low"], form["ranges.high"] = ["٢٫٥"], ["3.5"]
    made = read(form, kind="cloze", question_id=question.id, before=question, topics=("talks", "water")).question
    assert [(span.low, span.high) for span in made.ranges] == [(2.5, 3.5)]
    assert (made.tags, made.topic) == (("water", "dams"), "talks")
    assert [(source.voice.en, source.para) for source in made.sources] == [("the ministry", 4)]


def test_every_fault_is_found_at_once():
    form = forms.blank("choice")
    made = read(form, kind="choice", question_id="q-1")
    assert {(fault.field, fault.code) for fault in made.faults} == {
        ("stem.ar", "empty"),
        ("row:options", "few"),
        ("key", "no_key"),
    }


# ---------------------------------------------------------------- while one types


def test_a_check_shows_what_students_will_see_and_remarks_by_field_and_writes_nothing(app, instructor):
    form = instructor.get(CHOICE).form(CHOICE)
    form.action = f"{BANK}/check"
    page = instructor.send(form, **{"text:stem.en": "Did Layla al-Hasan speak? Who else?"})
    assert page.status == 200
    assert "Did Layla al-Hasan speak?" in page.text
    assert 'data-beside="stem"' in page.html
    assert "Two things are asked at once." in page.text
    with db.reading(db.engine_of(app)) as session:
        assert editing.open_question(session, "dam", "f-1.speaker.choice").number == 1


def test_a_check_of_what_makes_no_question_says_why(instructor):
    page = instructor.post(f"{BANK}/check", about="new:choice")
    assert page.status == 200
    assert 'data-fault="key"' in page.html


@pytest.mark.parametrize("about", ["", "question:nope", "new:riddle", "fact:f-1"])
def test_a_check_of_nothing_is_not_there(instructor, about):
    assert instructor.post(f"{BANK}/check", about=about).status == 404


# ---------------------------------------------------------------- drafts


def keep(visitor, **form):
    return visitor.post(f"{BANK}/drafts", **{"about": "question:f-1.speaker.choice", "seen": "1", **form})


def test_a_draft_is_offered_on_return_and_on_another_device_and_gone_once_saved(app, instructor):
    assert keep(instructor, **{"text:stem.en": "Half a sen"}).status == 204
    other = Visitor(app.test_client())
    with app.test_request_context(), db.transaction() as session:
        other.client.set_cookie("qimma_login", open_login(session, instructor.user_id, app.config["CLOCK"]()))
    page = other.get(CHOICE)
    assert f"{CHOICE}?draft=1" in page.links
    assert "Half a sen" not in page.html
    assert f"{CHOICE}?draft=1" in other.get(BANK).links
    drafted = other.get(f"{CHOICE}?draft=1").form(CHOICE)
    assert dict(drafted.fields)["text:stem.en"] == "Half a sen"
    assert other.send(drafted, do="save").status == 303
    assert f"{CHOICE}?draft=1" not in other.get(CHOICE).links


def test_a_draft_begun_on_an_older_revision_shows_both_texts(app, instructor):
    keep(instructor, **{"text:stem.en": "Mine"})
    instructor.send(instructor.get(CHOICE).form(CHOICE), do="save", **{"text:stem.en": "Theirs"})
    keep(instructor, **{"text:stem.en": "Mine"})
    page = instructor.send(instructor.get(f"{CHOICE}?draft=1").form(CHOICE), do="save")
    assert page.status == 409
    assert "Mine" in page.html
    assert "Theirs" in page.html


def test_saving_the_same_text_twice_is_no_quarrel(instructor):
    form = instructor.get(CHOICE).form(CHOICE)
    pages = [instructor.send(form, do="save", **{"text:stem.en": "Who said it first?"}) for _ in range(2)]
    assert [page.status for page in pages] == [303, 303]
    assert " · revision 2 " in instructor.get(CHOICE).text


def test_of_two_who_save_the_second_sees_every_field_that_differs(instructor):
    form = instructor.get(CHOICE).form(CHOICE)
    instructor.send(form, do="save", key="ada", **{"text:options.nils.text.en": "Nils Bergen"})
    page = instructor.send(form, do="save", **{"text:options.omar.text.en": "Omar S. Salem"})
    assert page.status == 409
    assert "\u2068instructor\u2069 saved this question on 12 January 2026 at 09:00" in page.text
    for words in ("Nils Bergen", "Omar S. Salem", "Ada Moore"):
        assert f">{words}</td>" in page.html


def test_a_draft_can_be_thrown_away(app, instructor):
    keep(instructor, **{"text:stem.en": "Half"})
    page = instructor.send(instructor.get(CHOICE).form("/drafts/drop"))
    assert (page.status, page.location) == (303, CHOICE)
    with db.reading(db.engine_of(app)) as session:
        assert session.scalars(select(Draft)).all() == []


@pytest.mark.parametrize(
    "form", [{"about": ""}, {"about": "x" * 300}, {"about": "card:1"}, {"seen": "many"}, {"seen": "-1"}]
)
def test_a_draft_of_nothing_is_refused(app, instructor, form):
    assert keep(instructor, **form).status == 422
    with db.reading(db.engine_of(app)) as session:
        assert session.scalars(select(Draft)).all() == []


def test_a_draft_is_its_writers_alone(app, instructor, signed_in):
    keep(instructor, **{"text:stem.en": "Half"})
    other = signed_in("instructor", login_name="other", name_key="other")
    assert f"{CHOICE}?draft=1" not in other.get(CHOICE).links


def test_the_newest_draft_counts(session, now):
    banks.load(session, make_bank(), now=now)
    user = make_user(session)
    for words in ("one", "two"):
        drafts.keep(session, user, "dam", "new:choice", {"text:stem.en": [words]}, seen=0, now=now)
    kept = drafts.of(session, user, "dam", "new:choice")
    assert (kept.form, kept.seen) == ({"text:stem.en": ["two"]}, 0)
    drafts.drop(session, user, "dam", "new:choice")
    assert drafts.of(session, user, "dam", "new:choice") is None


# ---------------------------------------------------------------- whose bank


@pytest.fixture
def closed(app):
    """The bank has an editor of its own, who is somebody else."""
    with db.transaction(db.engine_of(app)) as session:
        user = make_user(session, login_name="owner", name_key="owner", role="instructor")
        session.add(Editor(bank_id="dam", user_id=user, owner=True, at=app.config["CLOCK"]()))


@pytest.mark.parametrize(
    "path",
    [
        BANK, CHOICE, f"{CHOICE}/history", f"{CHOICE}/conflicts", f"{BANK}/new/choice", f"{BANK}/checks",
        f"{BANK}/settings", f"{BANK}/facts/", f"{BANK}/facts/source", f"{BANK}/facts/named",
        f"{BANK}/facts/new/quote", f"{BANK}/source", "/teach/new-bank?of=dam",
    ],
)  # fmt: skip
def test_a_page_of_another_ones_bank_is_not_there(instructor, closed, path):
    assert instructor.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (CHOICE, {"do": "save", "seen": "1", "text:stem.en": "Mine now"}),
        (f"{CHOICE}/restore", {"number": "1", "seen": "1"}),
        (f"{CHOICE}/conflicts", {"seen": "1"}),
        (f"{CHOICE}/state", {"do": "retire"}),
        (f"{CHOICE}/marks", {"do": "void", "sure": "yes"}),
        (f"{CHOICE}/appeal", {"do": "right", "answer": "x", "seen": "1"}),
        (f"{BANK}/check", {"about": "question:f-1.speaker.choice"}),
        (f"{BANK}/drafts", {"about": "question:f-1.speaker.choice", "seen": "1"}),
        (f"{BANK}/drafts/drop", {"about": "question:f-1.speaker.choice"}),
        (f"{BANK}/many", {"do": "retire", "all": "yes"}),
        (f"{BANK}/many/1/undo", {}),
        (f"{BANK}/settings", {"title.en": "Mine", "state": "draft"}),
        (f"{BANK}/topics", {"title.en": "Mine"}),
        (f"{BANK}/topics/talks", {"title.en": "Mine"}),
        (f"{BANK}/facts/source", {"do": "save", "seen": "0"}),
        (f"{BANK}/facts/new/entity", {"do": "save", "seen": "0"}),
        (f"{BANK}/facts/named/x", {"do": "save", "seen": "0"}),
        (f"{BANK}/editors/1/own", {}),
        (f"{BANK}/editors/1/remove", {}),
        ("/teach/new-bank", {"of": "dam", "title.en": "Mine", "form_key": "k" * 24}),
        ("/teach/invite", {"bank": "dam", "form_key": "k" * 24}),
    ],
)
def test_nothing_of_another_ones_bank_is_changed(app, instructor, closed, path, form):
    before = json.dumps(everything(app), default=str)
    assert instructor.post(path, **form).status == 404
    assert json.dumps(everything(app), default=str) == before


def everything(app):
    from quiz.models import Base

    with db.reading(db.engine_of(app)) as session:
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
            if name != "logins"
        }


# ---------------------------------------------------------------- all that a question holds


def test_all_that_a_question_holds_comes_back_from_its_form():
    picture = {"name": "dam.png", "type": "image/png", "data": f"sha256:{'a' * 64}", "alt": "The dam"}
    whole = {
        "facts": ("f-1", "f-2"), "difficulty": 0.37, "weight": "core", "tags": ("water", "two words"),
        "media": (picture,), "not_with": ("f-9.speaker", "q-1"), "topic": "talks",
    }  # fmt: skip
    kinds = [
        make_question("choice", **whole, fixed_order=True, options=(
            {"id": "a", "text": {"en": "one"}, "weight": -0.33333}, {"id": "b", "text": {"en": "two"}, "weight": 1.0},
        ), key="b"),
        make_question("cloze", **whole, rivals=("eight",), ranges=({"low": 6, "high": 8, "weight": 0.5},)),
        make_question("typed", **whole, accepted=({"text": "Hasan", "lang": "en", "weight": 0.25},)),
        *(make_question(kind, **whole) for kind in ("multi_select", "true_false", "ordering", "matching", "open")),
    ]  # fmt: skip
    for question in kinds:
        form = forms.of_question(question) | {"media.add": [""]}
        made = read(form, kind=question.kind, question_id=question.id, before=question, topics=("talks",))
        assert (made.question, made.faults) == (question, ())


def test_shares_of_the_mark_pictures_and_what_it_is_kept_apart_from_are_changed():
    question = make_question("choice")
    files = {name: Media(name=f"{name}.png", type="image/png", data=f"sha256:{name}") for name in ("one", "two")}
    form = forms.of_question(question) | {
        "options.layla.weight": ["١٠٠"], "options.omar.weight": ["-50 %"], "not_with": ["f-2.day, q-1"],
        "row:media": ["one", "gone"], "media.one.alt": ["A dam"], "media.add": ["two"],
    }  # fmt: skip
    made = read(form, kind="choice", question_id=question.id, before=question, topics=("talks",), files=files).question
    assert [option.weight for option in made.options] == [1, -0.5, None, None]
    assert made.not_with == ("f-2.day", "q-1")
    assert [(item.name, item.alt) for item in made.media] == [("one.png", "A dam"), ("two.png", None)]
    form |= {"options.omar.weight": ["-150"], "options.ada.weight": ["much"], "not_with": ["No id!"]}
    wrong = read(form, kind="choice", question_id=question.id, before=question, topics=("talks",), files=files)
    assert {(fault.field, fault.code) for fault in wrong.faults} == {
        ("options.omar.weight", "share"), ("options.ada.weight", "number"), ("not_with", "id"),
    }  # fmt: skip


def test_a_picture_of_the_bank_is_added_to_a_question_and_removed(app, instructor):
    with db.transaction(db.engine_of(app)) as session:
        session.add(MediaRow(bank_id="dam", digest="a" * 64, name="dam.png", type="image/png", data=b"-"))
    form = instructor.get(CHOICE).form(CHOICE)
    more = instructor.send(form, do="add:media", **{"media.add": "a" * 64}).form(CHOICE)
    assert instructor.send(more, do="save", **{f"media.{'a' * 64}.alt": "The dam"}).status == 303
    with db.reading(db.engine_of(app)) as session:
        (item,) = editing.open_question(session, "dam", "f-1.speaker.choice").question.media
    assert (item.name, item.alt) == ("dam.png", "The dam")
    less = instructor.send(instructor.get(CHOICE).form(CHOICE), do=f"remove:media:{'a' * 64}").form(CHOICE)
    assert instructor.send(less, do="save").status == 303
    with db.reading(db.engine_of(app)) as session:
        assert editing.open_question(session, "dam", "f-1.speaker.choice").question.media == ()


def test_every_remark_has_words_in_arabic(app):
    rules = set()
    for file in (Path(lint.__file__).parent).glob("*.py"):
        rules |= set(re.findall(r'Finding\(\s*[^,]+,\s*"([a-z-]+)"|yield "([a-z-]+)"', file.read_text("utf-8")))
    names = {name for pair in rules for name in pair if name} | {"true-statement"}
    assert len(names) > 40
    with app.test_request_context(headers={"Cookie": "qimma_lang=ar"}):
        said = {name: wording.remark(name) for name in names}
        other = wording.remark("no such rule")
    assert [name for name, words in said.items() if words == other or re.search("[A-Za-z]", words)] == []
