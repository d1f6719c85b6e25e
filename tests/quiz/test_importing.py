"""Bringing files into banks through the site: a preview, the word to bring them in, a record, and taking it back."""

import csv
import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest
from factories import make_bank, make_question, make_user, more
from sqlalchemy import func, select
from visitor import Page
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from export.files import WRITERS, write
from questions.formats import bank_json
from questions.texts import Bilingual
from quiz import db
from quiz.models import (
    INSTRUCTOR,
    Attempt,
    BankRow,
    Editor,
    ImportedQuestion,
    ImportRow,
    QuestionRevision,
    QuestionRow,
    Upload,
    User,
)
from quiz.services import banks, editing, importing, imports, study, uploads

BANKS = Path(__file__).parents[3] / "shared" / "banks"
GIFT = """::Capital:: What is the capital of France? {=Paris ~Lyon ~Nice#In the south.}

::Broken:: What is this? {=Paris ~Lyon

The earth is round. {TRUE}
"""


@pytest.fixture
def look(app):
    """Reads the database."""

    def call(read):
        with db.reading(db.engine_of(app)) as session:
            return read(session)

    return call


@pytest.fixture
def another(signed_in):
    """Another instructor's browser."""
    return signed_in("instructor", login_name="another", name_key="another")


def send(visitor, data, name="questions.gift", bank="", **form):
    """As a browser sends it. The client's own way leaves its temporary file to the collector."""
    data = data.encode() if isinstance(data, str) else data
    fields = {"csrf_token": visitor.token, "bank": bank, **form, "file": FileStorage(io.BytesIO(data), name)}
    boundary, body = encode_multipart(fields)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return Page(visitor.client.post("/teach/import", data=body, content_type=kind))


def preview_of(visitor, data, name="questions.gift", bank="", **form):
    page = visitor.follow(send(visitor, data, name, bank, **form))
    assert page.status == 200, page.text
    return page


def form_of(page):
    return next(form for form in page.forms if "/uploads/" in form.action)


def bring(visitor, data, name="questions.gift", bank="", **form):
    """All the way: the page that tells what was brought in."""
    done = visitor.send(form_of(preview_of(visitor, data, name, bank, **form)), do="bring")
    assert done.status == 303, done.text
    return visitor.follow(done)


def bank_of(page):
    """The bank's id in a page's address of an import."""
    return re.search(r"/teach/banks/([^/]+)/imports", page.html)[1]


def figures(page):
    return {name: int(number) for name, number in re.findall(r"<dt>([^<]*)</dt><dd>([0-9]+)</dd>", page.html)}


def count(look, table):
    return look(lambda session: session.scalar(select(func.count()).select_from(table)))


def everything(look):
    """Every row of every table but for what merely keeps a file or counts a request."""
    tables = (BankRow, QuestionRow, QuestionRevision, ImportRow, ImportedQuestion, Editor)
    return look(lambda session: [sorted(map(repr, session.execute(select(table.__table__)).all())) for table in tables])


# ---------------------------------------------------------------- the preview


def test_a_preview_says_what_would_come_in_and_why_not_before_anything_is_written(instructor, look):
    before = everything(look)
    page = preview_of(instructor, GIFT, bank="dam")
    assert figures(page) == {"In the file": 3, "New": 2, "Skipped": 0, "Refused": 1}
    assert "line 3 «Broken» : a sign that opens something is never closed" in page.text
    assert "What is the capital of France? Paris ✓ Right answer Lyon Nice" in page.text
    assert "Bring in 2 questions" in page.text
    assert everything(look) == before


def test_a_preview_speaks_arabic(signed_in):
    page = preview_of(signed_in("instructor", lang="ar"), GIFT, bank="dam")
    assert page.lang == "ar rtl"
    assert "السطر 3" in page.text


def test_the_word_brings_in_what_the_preview_showed(instructor, look):
    page = bring(instructor, GIFT, bank="dam")
    assert figures(page) == {"In the file": 3, "New": 2, "Skipped": 0, "Refused": 1}
    assert [question.stem.en for question in look(lambda session: banks.live(session, "dam"))][-2:] == [
        "What is the capital of France?",
        "The earth is round.",
    ]
    made = look(lambda session: session.execute(select(ImportRow.name, ImportRow.author_id)).one())
    assert tuple(made) == ("questions.gift", instructor.user_id)
    assert count(look, ImportedQuestion) == 2
    assert count(look, Upload) == 0


def test_a_file_becomes_a_bank_of_its_own_which_is_a_draft_of_its_makers(instructor, look, nobody, another):
    page = bring(instructor, GIFT, name="Geo graphy.txt")
    new = bank_of(page)
    state, owner, header = look(
        lambda session: session.execute(
            select(BankRow.state, BankRow.owner_id, BankRow.header).where(BankRow.id == new)
        ).one()
    )
    assert (state, owner, header["title"], header["languages"]) == (
        "draft",
        instructor.user_id,
        {"en": "Geo graphy"},
        ["en"],
    )
    for path in (f"/banks/{new}/files", f"/banks/{new}/files/json/file"):
        assert nobody.get(path).status == 404
        assert another.get(path).status == 404
        assert instructor.get(path).status == 200


def test_a_new_bank_takes_the_name_that_is_given(instructor, look):
    new = bank_of(bring(instructor, GIFT, title="جغرافيا"))
    assert look(lambda session: banks.header(session, new)).title == Bilingual(ar="جغرافيا")


def test_a_bank_learns_the_language_of_what_is_brought_in_or_the_one_it_is_given(instructor):
    bank = bank_of(bring(instructor, "ما عاصمة مصر؟ {=القاهرة ~دمشق}"))
    settings = f"/teach/banks/{bank}/settings"
    questions = f"/teach/banks/{bank}/questions/"

    def first():
        return instructor.get(next(x for x in instructor.get(f"/teach/banks/{bank}").links if questions in x)).html

    assert 'name="text:stem.en"' not in first()
    other = bank_of(bring(instructor, "ما عاصمة سوريا؟ {=دمشق ~القاهرة}"))
    bring(instructor, "Capital of Iraq? {=Baghdad ~Basra}", bank=other)
    assert 'name="languages"' not in instructor.get(f"/teach/banks/{other}/settings").html
    instructor.send(instructor.get(settings).form(settings), languages="en")
    assert 'name="text:stem.en"' in first()


def test_sent_twice_it_comes_in_once(instructor, look):
    form = form_of(preview_of(instructor, GIFT, bank="dam"))
    first, second = instructor.send(form, do="bring"), instructor.send(form, do="bring")
    assert (first.status, second.status) == (303, 303)
    assert first.location == second.location
    assert count(look, ImportRow) == 1


def test_another_tab_finds_the_file_gone(instructor, look):
    preview = preview_of(instructor, GIFT, bank="dam")
    again = instructor.get(preview.forms[1].action)  # a form key of its own
    instructor.send(form_of(preview), do="bring")
    assert instructor.send(form_of(again), do="bring").status == 404
    assert count(look, ImportRow) == 1


def test_what_changed_since_the_preview_is_looked_at_again(instructor, look, app, now):
    data = write(make_bank(make_question(stem={"ar": "من؟", "en": "Who was it?"})), "csv", "en").data
    form = form_of(preview_of(instructor, data, "dam.csv", "dam"))
    with db.transaction(db.engine_of(app)) as session:
        row = session.get(QuestionRow, ("dam", "f-1.speaker.choice"))
        question = banks.parse(row.body).model_copy(update={"feedback": Bilingual(en="Edited meanwhile.")})
        editing.revise(session, row, question, why="edited", author_id=instructor.user_id, now=now)
    before = everything(look)
    page = instructor.send(form, do="bring")
    assert page.status == 409
    assert "The bank has changed since this page was opened." in page.text
    assert everything(look) == before
    assert instructor.send(form_of(page), do="bring").status == 303


def test_a_file_that_is_put_away_leaves_nothing(instructor, look):
    before = everything(look)
    page = preview_of(instructor, GIFT, bank="dam")
    assert instructor.send(form_of(page), do="drop").status == 303
    assert (everything(look), count(look, Upload)) == (before, 0)


def test_a_newer_file_takes_the_place_of_an_older_one(instructor, look):
    first = form_of(preview_of(instructor, GIFT, bank="dam"))
    preview_of(instructor, GIFT, bank="dam")
    assert count(look, Upload) == 1
    assert instructor.send(first, do="bring").status == 404


def test_a_file_that_nobody_decided_on_goes_after_a_day(instructor, look, app, clock):
    preview_of(instructor, GIFT, bank="dam")
    with db.transaction(db.engine_of(app)) as session:
        assert uploads.sweep(session, now=clock.move(hours=23)) == 0
        assert uploads.sweep(session, now=clock.move(hours=2)) == 1
    assert count(look, Upload) == 0


def test_the_whole_report_is_what_the_command_gives(instructor):
    page = preview_of(instructor, GIFT, bank="dam")
    path = next(link for link in page.links if link.endswith("report.json"))
    report = instructor.client.get(path).get_json()
    assert (report["held"], report["imported"], report["new"], report["skipped"], report["refused"]) == (3, 2, 2, 0, 1)
    assert report["notes"] == [
        {"unit": "line", "number": 3, "name": "Broken", "level": "refused", "code": "not-closed", "detail": "{"}
    ]


def test_a_long_file_is_looked_at_page_by_page(instructor):
    text = "\n\n".join(f"Question {n}? {{=yes{n} ~no{n}}}" for n in range(1, 46))
    page = preview_of(instructor, text, bank="dam")
    assert "Question 20?" in page.text
    assert "Question 21?" not in page.text
    further = next(link for link in page.links if "from=20" in link)
    assert "Question 21?" in instructor.get(further.replace("&amp;", "&")).text


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "gift", "moodle_xml", "aiken"])
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_bank_taken_along_and_brought_into_a_new_one_is_equal(instructor, kind, lang):
    sent = instructor.client.get(f"/banks/dam/files/{kind}/file?lang={lang}")
    name = re.search(r"filename=(\S+)", sent.headers["Content-Disposition"])[1]
    new = bank_of(bring(instructor, sent.data, name))
    again = instructor.client.get(f"/banks/{new}/files/{kind}/file?lang={lang}").data
    assert _alike(again, kind, new) == _alike(sent.data, kind, "dam")


def _alike(data, kind, bank_id):
    """What must be equal: all but the bank's own name, and the time in a workbook."""
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return [book.read(name) for name in sorted(book.namelist()) if "/worksheets/" in name]
    if kind == "json":
        bank = bank_json.load(data, "x.json")
        return [entry.question for entry in bank.entries], bank.topics
    return data


def test_all_kinds_come_back_from_an_anki_deck(instructor, look):
    sent = instructor.client.get("/banks/dam/files/anki/file?lang=en").data
    page = bring(instructor, sent, "dam.apkg")
    assert figures(page) == {"In the file": 12, "New": 12, "Skipped": 0, "Refused": 0}
    there, here = (
        {question.id: question.stem for question in look(lambda session, bank=bank: banks.live(session, bank))}
        for bank in ("dam", bank_of(page))
    )
    assert here == there


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "gift", "moodle_xml", "aiken", "anki"])
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_bank_brought_into_itself_changes_nothing(instructor, kind, lang, look):
    sent = instructor.client.get(f"/banks/dam/files/{kind}/file?lang={lang}")
    name = re.search(r"filename=(\S+)", sent.headers["Content-Disposition"])[1]
    page = preview_of(instructor, sent.data, name, "dam")
    assert "There is nothing to bring in: nothing would change." in page.text, page.text


def test_a_text_mended_elsewhere_in_one_language_leaves_the_rest_of_the_question(instructor, look):
    before = look(lambda session: banks.live(session, "dam", ["f-1.speaker.choice"]))[0]
    sent = instructor.client.get("/banks/dam/files/gift/file?lang=ar").data.decode()
    mended = sent.replace("من أعلن فتح السد؟", "من أعلن افتتاح السد؟").replace(">عمر سالم</p>", ">عمر السالم</p>", 1)
    page = preview_of(instructor, mended, "dam.gift", "dam")
    assert figures(page)["Changed"] == 1
    assert "من أعلن فتح السد؟ من أعلن افتتاح السد؟" in page.text
    instructor.send(form_of(page), do="bring")
    after = look(lambda session: banks.live(session, "dam", ["f-1.speaker.choice"]))[0]
    assert after.stem == Bilingual(ar="من أعلن افتتاح السد؟", en="Who announced the opening of the dam?")
    assert [option.id for option in after.options] == [option.id for option in before.options]
    assert after.options[1].text == Bilingual(ar="عمر السالم", en="Omar Salem")
    assert (after.sources, after.facts, after.key) == (before.sources, before.facts, before.key)


def test_a_key_moved_elsewhere_moves_here(instructor, look):
    sent = instructor.client.get("/banks/dam/files/gift/file?lang=en").data.decode()
    moved = re.sub(r"=(<p[^>]*>Layla al-Hasan)", r"~\1", sent, count=1)
    moved = re.sub(r"~(<p[^>]*>Nils Berg)", r"=\1", moved, count=1)
    bring(instructor, moved, "dam.gift", "dam")
    assert look(lambda session: banks.live(session, "dam", ["f-1.speaker.choice"]))[0].key == "nils"


def test_the_same_file_again_leaves_what_was_edited_here(instructor, look, app, now):
    bring(instructor, GIFT, bank="dam")
    with db.transaction(db.engine_of(app)) as session:
        row = session.scalars(select(QuestionRow).where(QuestionRow.body.contains("capital"))).one()
        question = banks.parse(row.body)
        stem = Bilingual(en=question.stem.en, ar="ما عاصمة فرنسا؟")
        editing.revise(session, row, question.model_copy(update={"stem": stem}), why="edited", author_id=None, now=now)
    page = preview_of(instructor, GIFT, bank="dam")
    assert figures(page)["Here already, the same"] == 2


def test_what_was_taken_back_can_be_brought_in_again(instructor):
    data = write(make_bank(make_question(stem={"ar": "من؟", "en": "Who was it?"})), "csv", "en").data
    take_back(instructor, bring(instructor, data, "dam.csv", "dam"))
    assert figures(preview_of(instructor, data, "dam.csv", "dam"))["Changed"] == 1


def test_an_older_file_goes_back_to_what_it_says(instructor, look):
    old, new = (
        write(make_bank(make_question(stem={"ar": "من؟", "en": words})), "csv", "en").data for words in ("Old?", "New?")
    )
    for data in (old, new, old):
        bring(instructor, data, "dam.csv", "dam")
    assert look(lambda session: banks.live(session, "dam"))[0].stem.en == "Old?"


def test_questions_that_are_here_can_be_left_as_they_are(instructor, look):
    data = write(
        make_bank(make_question(stem={"ar": "من؟", "en": "Who was it?"}), *more(1, first=90)), "csv", "en"
    ).data
    page = preview_of(instructor, data, "dam.csv", "dam")
    assert figures(page) == {"In the file": 2, "New": 1, "Changed": 1, "Skipped": 0, "Refused": 0}
    leave = next(link for link in page.links if "leave=1" in link).partition("#")[0]
    page = instructor.get(leave)
    assert figures(page) == {"In the file": 2, "New": 1, "Skipped": 1, "Refused": 0}
    instructor.send(form_of(page), do="bring")
    assert look(lambda session: banks.live(session, "dam", ["f-1.speaker.choice"]))[0].stem.en == (
        "Who announced the opening of the dam?"
    )


def test_topics_are_met_by_name_and_new_ones_made(instructor, look):
    text = "$CATEGORY: Talks\n\nOne? {=yes ~no}\n\n$CATEGORY: Weather\n\nTwo? {=rain ~sun}\n"
    bring(instructor, text, bank="dam")
    bank = look(lambda session: banks.whole(session, "dam"))
    assert [topic.name.en for topic in bank.topics] == ["Talks", "Water", "Weather"]
    assert [question.topic for question in bank.live[-2:]] == ["talks", "weather"]


def test_topics_of_two_files_that_both_count_from_one_stay_apart(instructor, look):
    light, sound = (f"// [topic:1]\n$CATEGORY: {name}\n\n{name}? {{=yes ~no}}\n" for name in ("Light", "Sound"))
    bring(instructor, light, bank="dam")
    bring(instructor, sound, bank="dam")
    assert "nothing would change" in preview_of(instructor, sound, bank="dam").text
    bank = look(lambda session: banks.whole(session, "dam"))
    assert [(topic.id, topic.name.en) for topic in bank.topics[2:]] == [("1", "Light"), ("sound", "Sound")]
    assert [question.topic for question in bank.live[-2:]] == ["1", "sound"]


# ---------------------------------------------------------------- whole banks


def test_a_bank_file_cannot_write_into_a_bank_that_was_not_chosen(instructor, look):
    before = look(lambda session: banks.whole(session, "dam"))
    changed = before.model_copy(update={"title": Bilingual(en="Mine now")})
    page = preview_of(instructor, bank_json.dump(changed), "dam.json")
    assert "A bank of this name is here already." in page.text
    new = bank_of(instructor.follow(instructor.send(form_of(page), do="bring")))
    assert new != "dam"
    assert look(lambda session: banks.whole(session, "dam")) == before
    assert look(lambda session: banks.header(session, new)).title == Bilingual(en="Mine now")


def test_a_bank_file_keeps_its_id_where_it_is_free(instructor, look):
    there = make_bank(id="river")
    assert bank_of(bring(instructor, bank_json.dump(there), "river.json")) == "river"
    assert look(lambda session: banks.whole(session, "river")) == there


def test_retired_questions_of_a_bank_file_stay_retired(instructor, look):
    there = make_bank(id="river")
    entries = (there.entries[0].model_copy(update={"retired": True}), *there.entries[1:])
    page = bring(instructor, bank_json.dump(there.model_copy(update={"entries": entries})), "river.json")
    assert figures(page) == {"In the file": 12, "New": 12, "Skipped": 0, "Refused": 0}
    assert len(look(lambda session: banks.live(session, "river"))) == 11


def test_a_bad_question_of_a_bank_file_is_refused_by_entry_and_the_others_come_in(instructor):
    raw = json.loads(bank_json.dump(make_bank(id="river")))
    raw["entries"][2]["question"]["stem"] = {}
    raw["entries"][4]["question"]["id"] = raw["entries"][3]["question"]["id"]
    page = preview_of(instructor, json.dumps(raw), "river.json")
    assert figures(page) == {"In the file": 12, "New": 10, "Skipped": 0, "Refused": 2}
    assert "entry 3 «f-1.speaker.typed» : it does not read as a question ( stem: a text needs at least one" in page.text
    assert "entry 5 «f-2.amount.cloze» : it does not read as a question (its id stands above)" in page.text


# ---------------------------------------------------------------- taken back


def take_back(visitor, page):
    return visitor.follow(visitor.send(page.form("/undo")))


def test_an_import_is_taken_back_as_if_it_had_not_been(instructor, look):
    before = look(lambda session: banks.whole(session, "dam"))
    rows = count(look, QuestionRow), count(look, QuestionRevision)
    page = take_back(instructor, bring(instructor, "$CATEGORY: Weather\n\n" + GIFT, bank="dam"))
    assert "2 new questions were removed." in page.text
    assert look(lambda session: banks.whole(session, "dam")) == before
    assert (count(look, QuestionRow), count(look, QuestionRevision)) == rows


def test_taking_back_again_changes_nothing(instructor, look):
    page = bring(instructor, GIFT, bank="dam")
    form = page.form("/undo")
    take_back(instructor, page)
    before = everything(look)
    assert instructor.send(form).status == 303
    assert everything(look) == before


def test_a_question_that_was_answered_meanwhile_is_retired_and_its_answer_stays(instructor, app, look, now):
    page = bring(instructor, GIFT, bank="dam")
    with db.transaction(db.engine_of(app)) as session:
        learner = session.get_one(User, make_user(session))
        sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
        attempt = study.open_attempt(session, sitting, learner=learner)
        row = session.get(Attempt, (learner.id, attempt))
        row.question_id = session.scalars(select(QuestionRow.id).where(QuestionRow.body.contains("capital"))).one()
    page = take_back(instructor, page)
    assert "1 new question was removed." in page.text
    assert "1 question was answered or edited meanwhile: it is retired, and its answers stay." in page.text
    assert "What is the capital of France?" not in [one.stem.en for one in look(lambda s: banks.live(s, "dam"))]
    assert "What is the capital of France?" in [
        entry.question.stem.en for entry in look(lambda s: banks.whole(s, "dam")).entries
    ]
    # The same file brings it back.
    assert figures(preview_of(instructor, GIFT, bank="dam"))["New"] == 1


def test_a_changed_question_gets_its_text_back_by_a_new_revision(instructor, look):
    data = write(make_bank(make_question(stem={"ar": "من؟", "en": "Who was it?"})), "csv", "en").data
    page = take_back(instructor, bring(instructor, data, "dam.csv", "dam"))
    assert "1 question has its text from before again." in page.text
    revisions = look(
        lambda session: session.execute(
            select(QuestionRevision.number, QuestionRevision.why)
            .where(QuestionRevision.question_id == "f-1.speaker.choice")
            .order_by(QuestionRevision.number)
        ).all()
    )
    assert [tuple(row) for row in revisions] == [(1, "generated"), (2, "imported"), (3, "import-undone")]
    assert look(lambda session: banks.live(session, "dam"))[0] == make_question()


@pytest.mark.parametrize(
    ("field", "said", "stem"),
    [
        ("feedback", "1 question has its text from before again.", "Who announced the opening of the dam?"),
        ("stem", "1 question was edited meanwhile in the same place and keeps its text.", "Edited since."),
    ],
)
def test_what_was_edited_since_stays_when_an_import_is_taken_back(instructor, app, look, now, field, said, stem):
    data = write(make_bank(make_question(stem={"ar": "من؟", "en": "Who was it?"})), "csv", "en").data
    page = bring(instructor, data, "dam.csv", "dam")
    with db.transaction(db.engine_of(app)) as session:
        row = session.get(QuestionRow, ("dam", "f-1.speaker.choice"))
        question = banks.parse(row.body)
        text = getattr(question, field).model_copy(update={"en": "Edited since."})
        edited = question.model_copy(update={field: text})
        editing.revise(session, row, edited, why="edited", author_id=None, now=now)
    assert said in take_back(instructor, page).text
    question = look(lambda session: banks.live(session, "dam"))[0]
    assert question.stem.en == stem
    assert getattr(question, field).en == "Edited since."


def test_a_retired_question_that_came_back_is_retired_again(instructor, app, look, now):
    with db.transaction(db.engine_of(app)) as session:
        session.get(QuestionRow, ("dam", "f-1.speaker.choice")).retired_at = now
    data = write(make_bank(make_question()), "csv", "en").data
    page = bring(instructor, data, "dam.csv", "dam")
    assert look(lambda session: banks.live(session, "dam"))[0].id == "f-1.speaker.choice"
    take_back(instructor, page)
    assert look(lambda session: banks.live(session, "dam"))[0].id != "f-1.speaker.choice"


def test_the_list_of_imports_names_each_file(instructor):
    assert "No file was brought into this bank yet." in instructor.get("/teach/banks/dam/imports").text
    page = bring(instructor, GIFT, bank="dam")
    assert "questions.gift" in instructor.get("/teach/banks/dam/imports").text
    take_back(instructor, page)
    assert "taken back" in instructor.get("/teach/banks/dam/imports").text


def test_on_either_database_a_file_comes_in_and_is_taken_back(session, now):
    banks.load(session, make_bank(), now=now)
    author = make_user(session, login_name="a", name_key="a", role=INSTRUCTOR)
    before = banks.whole(session, "dam")
    changed = write(
        make_bank(make_question(stem={"ar": "من؟", "en": "Who?"}), *more(1200, first=100)), "csv", "en"
    ).data
    brought = importing.read(changed, "dam.csv")
    planned = importing.plan(session, brought, bank_id="dam", writers=WRITERS)
    assert (len(planned.new), len(planned.changed), planned.skipped, planned.refused) == (1200, 1, 0, 0)
    made = importing.bring_in(session, planned, author_id=author, now=now)
    session.expire_all()
    assert len(banks.live(session, "dam")) == 1212
    done = imports.undo(session, "dam", made, author_id=author, now=now)
    assert (done.removed, done.retired, done.restored, done.kept) == (1200, 0, 1, 0)
    session.expire_all()
    after = banks.whole(session, "dam")
    assert [entry.question for entry in after.entries] == [entry.question for entry in before.entries]


def test_imports_that_build_on_each_other_are_taken_back_one_after_the_other(instructor, look):
    before = everything(look)[1]
    pages = [bring(instructor, f"// [id:1]\n{stem} {{=yes ~no}}", bank="dam") for stem in ("Is it?", "Is it so?")]
    for page in reversed(pages):
        form = next(form for form in page.forms if form.action.endswith("/undo"))
        assert instructor.send(form).status == 303
    assert everything(look)[1] == before


def gift(*questions):
    return "\n\n".join(f"// [id:{number}]\n{text}" for number, text in questions).encode()


def test_two_files_that_both_count_from_one_both_come_in_and_are_known_again(session, now):
    banks.load(session, make_bank(), now=now)
    author = make_user(session, login_name="a", name_key="a", role=INSTRUCTOR)

    def take(*questions):
        planned = importing.plan(session, importing.read(gift(*questions), "q.gift"), bank_id="dam", writers=WRITERS)
        importing.bring_in(session, planned, author_id=author, now=now)
        return len(planned.new), len(planned.changed), len(planned.same), planned.renamed

    first = ((1, "What is the capital of France? {=Paris ~Lyon ~Rome}"), (2, "Water is wet. {T}"))
    second = ((1, "What is the capital of Spain? {=Madrid ~Lyon ~Rome}"), (2, "Two plus two? {=four}"))
    assert take(*first) == (2, 0, 0, 0)
    assert take(*second) == (2, 0, 0, 2)
    assert take(*first) == (0, 0, 2, 0)
    assert take(*second) == (0, 0, 2, 0)
    # Another wording, and another answer, of what is here under numbers of its own.
    mended = ((1, "Which city is the capital of Spain? {=Madrid ~Lyon ~Rome}"), (2, "Two plus two? {=4}"))
    assert take(*mended) == (0, 2, 0, 0)
    assert {one.id: one.stem.en for one in banks.live(session, "dam", ["1", "2", "1-2", "2-2"])} == {
        "1": "What is the capital of France?",
        "2": "Water is wet.",
        "1-2": "Which city is the capital of Spain?",
        "2-2": "Two plus two?",
    }


# ---------------------------------------------------------------- whose it is


def test_a_learner_brings_nothing_in(student, nobody, look):
    before = everything(look)
    assert student.get("/teach/import").status == 403
    assert send(student, GIFT, bank="dam").status == 403
    assert send(nobody, GIFT, bank="dam").status == 303
    assert nobody.get("/teach/import").location == "/sign-in?next=/teach/import"
    assert (everything(look), count(look, Upload)) == (before, 0)


def test_someone_elses_bank_file_and_import_are_not_found(instructor, another, look):
    page = bring(instructor, GIFT)
    new = bank_of(page)
    assert send(another, GIFT, bank=new).status == 404
    assert another.get(f"/teach/banks/{new}/imports").status == 404
    assert another.post(page.form("/undo").action).status == 404
    mine = form_of(preview_of(instructor, GIFT, bank="dam"))
    assert another.get(mine.action).status == 404
    assert another.get(f"{mine.action}/report.json").status == 404
    assert another.post(mine.action, do="bring", form_key="k" * 24, seal="x").status == 404
    assert another.post(mine.action, do="drop").status == 404
    assert instructor.get(mine.action).status == 200


def test_an_import_of_one_bank_is_not_found_under_another(instructor):
    new = bank_of(bring(instructor, GIFT))
    form = bring(instructor, GIFT, bank="dam").form("/undo")
    assert instructor.post(form.action.replace("/dam/", f"/{new}/")).status == 404


def test_whoever_may_no_longer_edit_the_bank_brings_nothing_in(instructor, another, app, look):
    new = bank_of(bring(instructor, GIFT))
    with db.transaction(db.engine_of(app)) as session:
        session.add(Editor(bank_id=new, user_id=another.user_id, owner=False, at=app.config["CLOCK"]()))
    form = form_of(preview_of(another, "New? {=yes ~no}", bank=new))
    with db.transaction(db.engine_of(app)) as session:
        session.delete(session.get(Editor, (new, another.user_id)))
    assert another.send(form, do="bring").status == 404
    assert another.get(form.action).status == 404


# ---------------------------------------------------------------- files that mean harm


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<x>" + b" " * 150_000_000)
    return out.getvalue()


def climbing():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("../../collection.anki2", b"SQLite format 3\0")
    return out.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><quiz>&j;</quiz>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question>&x;</question></quiz>'
)
HOSTILE = {
    "nothing.gift": (b"", "The file is empty."),
    "zeros.gift": (b"\0" * 60_000_000, ""),
    "spaces.gift": (b" " * 60_000_000, ""),
    "braces.gift": (b"{" * 10_000_000, ""),
    "deep.json": (b"[" * 100_000, "The file is damaged, or only half of it is there."),
    "brackets.json": (b"[" * 5_000_000, "The file is too large, or says that it is."),
    "lists.json": (b'{"schema":"qimma-bank/1","entries":[' + b"[]," * 10_000_000 + b"0]}", "The file is too large"),
    "numbers.json": (b'{"schema":"qimma-bank/1","entries":[' + b"0," * 10_000_000 + b"0]}", "The file is too large"),
    "laughs.xml": (LAUGHS, "The file defines entities of its own, which no bank needs."),
    "outside.xml": (OUTSIDE, "The file defines entities of its own, which no bank needs."),
    "deep.xml": (b"<quiz>" + b"<a>" * 1_000_000, ""),
    "climbing.apkg": (climbing(), ""),
    "half.apkg": (climbing()[:60], "The file is damaged, or only half of it is there."),
    "odd.csv": (bytes(range(128, 256)) * 1000, ""),
    "program.xlsx": (b"MZ\x90\0" * 1000, ""),
}


@pytest.mark.parametrize("name", [*HOSTILE, "bomb.xlsx"])
def test_a_file_that_means_harm_is_refused_at_once_and_nothing_changes(instructor, look, name):
    data, said = HOSTILE.get(name) or (bomb(), "The file is too large, or says that it is.")
    before = everything(look)
    began = time.process_time()
    page = send(instructor, data, name, "dam")
    taken = time.process_time() - began
    assert page.status == 422, page.text
    assert said in page.text
    assert "Nothing was brought in." in page.text
    assert "/etc" not in page.text
    assert taken < 2
    assert (everything(look), count(look, Upload)) == (before, 0)


def test_a_file_of_a_hundred_megabytes_is_not_even_read(instructor):
    sent = {"CONTENT_LENGTH": str(100 * 2**20), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    began = time.perf_counter()
    page = instructor.client.post("/teach/import", environ_overrides=sent)
    assert page.status_code == 413
    assert "A file holds at most 64 MB." in page.text
    assert time.perf_counter() - began < 2


def test_only_an_instructors_import_may_be_large(instructor, student, nobody):
    for visitor in (student, nobody):
        assert send(visitor, b"x" * 300_000).status == 413
    assert instructor.post("/teach/banks/dam/imports/1/undo", more="x" * 300_000).status == 413
    big = GIFT + "// " + "x" * 300_000
    assert send(instructor, big, bank="dam").status == 303


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.gift", "passwd.gift"),
        ("C:\\fakepath\\mine.gift", "mine.gift"),
        ("<b>x</b>.gift", "b>.gift"),
        ("\u202egift.exe\u202e.gift", "gift.exe.gift"),
        ("a" * 500 + ".gift", "a" * 200),
    ],
)
def test_a_files_name_is_only_a_name(instructor, given, shown):
    page = preview_of(instructor, GIFT, given, "dam")
    assert f"{shown} · GIFT" in page.text


def test_without_a_file_the_form_says_so(instructor):
    page = instructor.post("/teach/import", bank="dam")
    assert (page.status, "No file was chosen." in page.text) == (422, True)


def test_what_a_question_says_is_text_and_runs_nothing(instructor):
    page = preview_of(instructor, "<script>alert(1)</script> Who? {=<img src\\=x onerror\\=alert(1)> ~b}", bank="dam")
    assert "<script>alert" not in page.html
    assert "onerror=alert" not in page.html


# ---------------------------------------------------------------- files of others


def _manifest():
    if not (BANKS / "MANIFEST.tsv").exists():
        return []
    with (BANKS / "MANIFEST.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if not row["file"].startswith("moodle_stats")]
    return [(row["file"], int(row["items"]), int(row["core"]), row["reject"]) for row in rows]


@pytest.mark.skipif(not BANKS.exists(), reason="the real files of ../shared/banks are not here")
@pytest.mark.parametrize(("file", "items", "core", "reject"), _manifest() or [("", 0, 0, "0")])
def test_a_real_file_is_accounted_for_to_the_last_question(instructor, file, items, core, reject):
    page = send(instructor, (BANKS / file).read_bytes(), Path(file).name, "dam")
    page = instructor.follow(page)
    found = figures(page)
    brought = sum(found.get(name, 0) for name in ("New", "Changed", "Here already, the same"))
    assert found["In the file"] == items
    assert brought + found["Skipped"] + found["Refused"] == items
    assert brought >= core
    assert str(found["Refused"]) in reject.split(" or ")
