"""The table of a bank's questions: finding, sorting, changing many at once and taking that back."""

from datetime import timedelta

import pytest
from factories import make_bank, make_question, make_user

from questions.bank import Entry
from questions.errors import BadInput, NotFound
from quiz.models import QuestionRow
from quiz.services import banks, edit_many, editing, table, teaching

BANK = "/teach/banks/dam"
TEXTS = {
    "a": ("إعلان السدّ في القاهرة", "The dam was announced"),
    "b": ("الأسئلة عن المياه", "Questions on water"),
    "c": ("الســـؤال الأخير", "The last question"),
}


@pytest.fixture
def author(session, now):
    questions = [
        make_question(
            "open",
            id=f"q-{name}",
            stem={"ar": ar, "en": en},
            topic="water" if name == "b" else "talks",
            difficulty={"a": 0.1, "b": 0.5, "c": 0.9}[name],
            tags=("exam",) if name == "c" else (),
            facts=(),
        )
        for name, (ar, en) in TEXTS.items()
    ]
    banks.import_file(session, make_bank(*questions), now=now)
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


def found(session, **wanted):
    return [line.id[2:] for line in table.page(session, "dam", table.Filter(**wanted)).lines]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("اعلان", ["a"]),
        ("إِعْلان", ["a"]),
        ("الاسئله", ["b"]),
        ("السؤال", ["c"]),
        ("QUESTION", ["b", "c"]),
        ("question last", ["c"]),
        ("dam قاهرة", ["a"]),
        ("exam", ["c"]),
        ("q-b", ["b"]),
        ("%", ["a", "b", "c"]),
        ("nothing at all", []),
    ],
)
def test_a_search_finds_in_both_languages_without_regard_to_hamza_and_tashkeel(session, author, query, names):
    assert found(session, query=query) == names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"topic": "water"}, ["b"]),
        ({"topic": table.NO_TOPIC}, []),
        ({"kind": "open"}, ["a", "b", "c"]),
        ({"kind": "choice"}, []),
        ({"tag": "exam"}, ["c"]),
        ({"tag": "exa"}, []),
        ({"difficulty": "easy"}, ["a"]),
        ({"difficulty": "middling"}, ["b"]),
        ({"difficulty": "hard"}, ["c"]),
        ({"state": "live"}, ["a", "b", "c"]),
        ({"state": "retired"}, []),
        ({"state": "conflict"}, []),
        ({"state": "edited"}, []),
        ({"state": "voided"}, []),
        ({"state": "reported"}, []),
        ({"sort": "difficulty", "down": True}, ["c", "b", "a"]),
        ({"sort": "stem"}, ["a", "b", "c"]),
        ({"sort": "topic", "down": True}, ["b", "a", "c"]),
    ],
)
def test_the_table_is_filtered_and_sorted(session, author, wanted, names):
    assert found(session, **wanted) == names


def test_what_was_changed_and_retired_is_found_by_its_state(session, now, author):
    question = make_question("open", id="q-a", stem={"en": "Another"}, facts=())
    editing.save(session, "dam", question, seen=1, author_id=author, now=now)
    edit_many.change(session, "dam", ["q-b"], "retire", "", author_id=author, now=now)
    assert (found(session, state="edited"), found(session, state="retired")) == (["a"], ["b"])
    assert found(session, query="another") == ["a"]
    assert found(session, query="announced") == []


def test_a_page_beyond_the_last_is_the_last(session, author):
    page = table.page(session, "dam", table.Filter(page=99))
    assert (page.found, page.pages, page.filter.page, len(page.lines)) == (3, 1, 1, 3)


# ---------------------------------------------------------------- many at once


def values(session, field):
    return [getattr(question, field) for question in banks.live(session, "dam")]


@pytest.mark.parametrize(
    ("what", "value", "field", "after", "changed"),
    [
        ("topic", "water", "topic", ["water", "water", "water"], 2),
        ("topic", "", "topic", [None, None, None], 3),
        ("tag", "exam", "tags", [("exam",), ("exam",), ("exam",)], 2),
        ("untag", "exam", "tags", [(), (), ()], 1),
        ("difficulty", "0.3", "difficulty", [0.3, 0.3, 0.3], 3),
        ("weight", "core", "weight", ["core", "core", "core"], 3),
    ],
)
def test_many_are_changed_at_once_and_that_is_taken_back(session, now, author, what, value, field, after, changed):
    before = values(session, field)
    done = edit_many.change(session, "dam", ["q-a", "q-b", "q-c"], what, value, author_id=author, now=now)
    assert (done.changed, values(session, field)) == (changed, after)
    again = edit_many.change(session, "dam", ["q-a", "q-b", "q-c"], what, value, author_id=author, now=now)
    assert (again.changed, again.entry_id) == (0, None)
    undone = edit_many.undo(session, "dam", done.entry_id, author_id=author, now=now)
    assert (undone.changed, undone.left, values(session, field)) == (changed, 0, before)
    assert edit_many.undo(session, "dam", done.entry_id, author_id=author, now=now).changed == 0


def test_retired_questions_stay_so_when_their_bank_is_loaded_again_and_come_back_by_undo(session, now, author):
    banks.load(session, make_bank(id="facts"), now=now)
    done = edit_many.change(session, "facts", ["f-1.speaker.choice"], "retire", "", author_id=author, now=now)
    banks.load(session, make_bank(id="facts"), now=now + timedelta(days=1))
    assert "f-1.speaker.choice" not in [question.id for question in banks.live(session, "facts")]
    edit_many.undo(session, "facts", done.entry_id, author_id=author, now=now)
    assert "f-1.speaker.choice" in [question.id for question in banks.live(session, "facts")]


def test_taking_back_leaves_what_was_changed_since_alone(session, now, author):
    done = edit_many.change(session, "dam", ["q-a", "q-b", "q-c"], "topic", "water", author_id=author, now=now)
    row = session.get_one(QuestionRow, ("dam", "q-a"))
    reworded = banks.parse(row.body).model_copy(update={"topic": "rail"})
    editing.save(session, "dam", reworded, seen=row.number, author_id=author, now=now)
    row = session.get_one(QuestionRow, ("dam", "q-c"))
    stem = make_question("open", stem={"en": "Mended"}).stem
    mended = banks.parse(row.body).model_copy(update={"stem": stem})
    editing.save(session, "dam", mended, seen=row.number, author_id=author, now=now)
    undone = edit_many.undo(session, "dam", done.entry_id, author_id=author, now=now)
    assert (undone.changed, undone.left) == (1, 1)
    assert values(session, "topic") == ["rail", "water", "talks"]
    assert banks.live(session, "dam")[2].stem == stem


def test_an_edit_of_many_settles_no_conflict(session, now, author):
    banks.load(session, make_bank(id="facts"), now=now)
    mine = make_question(stem={"ar": "س", "en": "Mine"})
    editing.save(session, "facts", mine, seen=1, author_id=author, now=now)
    theirs = make_question(stem={"ar": "س", "en": "Theirs"})
    bank = make_bank(id="facts")
    entries = (Entry(question=theirs, changed=now), *bank.entries[1:])
    banks.load(session, bank.model_copy(update={"entries": entries}), now=now)
    edit_many.change(session, "facts", [mine.id], "tag", "exam", author_id=author, now=now)
    row = session.get_one(QuestionRow, ("facts", mine.id))
    assert len(row.conflicts) == 1
    assert banks.parse(row.body).tags == ("exam",)


@pytest.mark.parametrize(
    ("what", "value"), [("tag", ""), ("tag", "x" * 101), ("tag", "a,b"), ("difficulty", "2"), ("difficulty", "much"),
                        ("weight", "heavy"), ("burn", "")]
)  # fmt: skip
def test_what_cannot_be_is_refused(session, now, author, what, value):
    with pytest.raises(BadInput):
        edit_many.change(session, "dam", ["q-a"], what, value, author_id=author, now=now)


def test_what_was_done_in_another_bank_cannot_be_taken_back_here(session, now, author):
    done = edit_many.change(session, "dam", ["q-a"], "topic", "water", author_id=author, now=now)
    banks.load(session, make_bank(id="facts"), now=now)
    with pytest.raises(NotFound):
        edit_many.undo(session, "facts", done.entry_id, author_id=author, now=now)
    with pytest.raises(NotFound):
        edit_many.undo(session, "dam", 5, author_id=author, now=now)


def test_what_was_done_is_written_down(session, now, author):
    edit_many.change(session, "dam", ["q-a"], "topic", "water", author_id=author, now=now)
    ((entry, name),) = teaching.entries(session, bank_id="dam")
    assert (entry.what, entry.detail["do"], entry.detail["count"], name) == ("many", "topic", 1, "salma")


# ---------------------------------------------------------------- pages


def test_many_are_changed_by_the_form_and_taken_back(app, instructor):
    page = instructor.get(f"{BANK}?topic=talks")
    form = page.form("topic=talks")
    done = instructor.send(form, do="tag", all="yes", **{"value-tag": "exam"})
    assert done.status == 303
    told = instructor.follow(instructor.get(done.location) if done.location else done)
    assert "questions were changed" in told.text
    assert "exam" in instructor.get(f"{BANK}?tag=exam").text
    back = instructor.send(instructor.get(BANK).form("/undo"))
    assert back.status == 303
    assert instructor.get(f"{BANK}?tag=exam").text.count("Nothing fits.") == 1


def test_only_what_is_ticked_is_changed(app, instructor):
    form = instructor.get(BANK).form("/many")
    instructor.send(form, do="retire", all="", id=["f-1.speaker.choice"])
    page = instructor.get(f"{BANK}?state=retired")
    assert "1 question" in page.text
    assert f"{BANK}/questions/f-1.speaker.choice" in page.links


@pytest.mark.parametrize("query", ["page=0", "page=x", f"page={9**9}", "sort=x", "kind=x", "state=x", "q=%25", "tag=x"])
def test_a_strange_address_of_the_table_shows_the_table(instructor, query):
    assert instructor.get(f"{BANK}?{query}").status == 200


@pytest.mark.parametrize("form", [{"do": "burn"}, {"do": "topic", "value-topic": "nope"}, {}])
def test_a_strange_form_changes_nothing(instructor, form):
    assert instructor.post(f"{BANK}/many", all="yes", **form).status == 422
