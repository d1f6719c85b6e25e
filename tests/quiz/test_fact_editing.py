"""Facts in a form: what would come of them, saving, and what a newer set of files makes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import make_user
from sqlalchemy import select

from questions import factbook, generate
from questions.errors import BadFile, Conflict, NotFound
from questions.facts import FACT_TYPES
from quiz import db
from quiz.models import FactRevision, FactRow, QuestionRow
from quiz.services import banks, editing, fact_form, fact_rows, facts_editing

BOOK, BANK = generate.from_folder(generate.packaged())
FACT = next(fact for fact in BOOK.facts.values() if fact.type == "number")
PATH = f"/teach/banks/{BANK.id}/facts"


@pytest.fixture
def author(session, now):
    banks.load(session, BANK, book=BOOK, packaged=True, now=now)
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


def form_of(fact):
    return fact_form.of_body(fact_form.fields_of(fact.type), fact_rows.dumped(fact))


def changed(fact=FACT, **fields):
    """The fact that its form makes, after someone typed into it."""
    form = form_of(fact) | {name: [value] for name, value in fields.items()}
    return facts_editing.read(fact.type, fact.id, form, fact_rows.dumped(fact))


def save(session, author, now, fact, seen=1):
    return facts_editing.save(session, BANK.id, fact, seen=seen, author_id=author, now=now)


@pytest.mark.parametrize("kind", FACT_TYPES)
def test_every_packaged_fact_comes_back_from_its_form(kind):
    facts = [fact for fact in BOOK.facts.values() if fact.type == kind]
    apart = []
    for fact in facts:
        made = facts_editing.read(kind, fact.id, form_of(fact), fact_rows.dumped(fact))
        if made.model_copy(update={"status": fact.status, "reviewed_by": fact.reviewed_by}) != fact:
            apart.append(fact.id)
    assert apart == []
    assert fact_form.blank(fact_form.fields_of(kind))


def test_what_is_missing_is_said_by_field():
    problems = facts_editing.read("quote", "own-1", {"para": ["x"]}, None)
    assert {problem.field for problem in problems} >= {"para", "text", "topic", "speaker", "words", "about"}


def test_what_would_come_of_it_is_told_and_nothing_written(session, now, author):
    fact = changed(value=str(FACT.value + 3))
    outcome = facts_editing.outcome(session, BANK.id, fact)
    assert outcome.problems == ()
    assert outcome.changed
    assert all(one.before != one.after for one in outcome.changed)
    assert session.get_one(FactRow, (BANK.id, FACT.id)).number == 1


def test_a_saved_fact_makes_its_questions_anew(session, now, author):
    fact = changed(value=str(FACT.value + 3))
    expected = facts_editing.outcome(session, BANK.id, fact)
    loaded = save(session, author, now, fact)
    assert (loaded.changed, loaded.retired, loaded.new) == (
        len(expected.changed), len(expected.vanished), len(expected.new),
    )  # fmt: skip
    assert banks.facts_of(session, BANK.id).facts[FACT.id].value == FACT.value + 3
    for one in expected.changed:
        row = session.get_one(QuestionRow, (BANK.id, one.after.id))
        assert banks.parse(row.body) == one.after
    revision = session.scalars(select(FactRevision).where(FactRevision.number == 2)).one()
    assert (revision.fact_id, revision.why, revision.author_id) == (FACT.id, "edited", author)


def test_saving_what_is_there_changes_nothing(session, now, author):
    fact = FACT.model_copy()
    loaded = save(session, author, now, fact)
    assert (loaded.changed, loaded.retired, loaded.new) == (0, 0, 0)
    assert session.get_one(FactRow, (BANK.id, FACT.id)).number == 1


def test_an_instructors_words_outlive_a_change_of_the_fact(session, now, author):
    fact = changed(value=str(FACT.value + 3))
    name = facts_editing.outcome(session, BANK.id, fact).changed[0].before.id
    opened = editing.open_question(session, BANK.id, name)
    feedback = {"ar": "توضيح آخر.", "en": "Another reason."}
    mine = opened.question.model_copy(update={"feedback": type(opened.question.stem)(**feedback)})
    editing.save(session, BANK.id, mine, seen=1, author_id=author, now=now)
    save(session, author, now, fact)
    assert editing.open_question(session, BANK.id, name).question.feedback.en == "Another reason."


def test_of_two_who_save_a_fact_the_second_is_told(session, now, author):
    save(session, author, now, changed(value=str(FACT.value + 3)))
    with pytest.raises(Conflict):
        save(session, author, now, changed(value=str(FACT.value + 4)))


def test_a_fact_that_refers_to_nobody_is_refused(session, now, author):
    with pytest.raises(BadFile):
        save(session, author, now, FACT.model_copy(update={"topic": "nope"}))
    assert facts_editing.outcome(session, BANK.id, FACT.model_copy(update={"topic": "nope"})).problems


# ---------------------------------------------------------------- new ones, and taking out


def new_quote():
    person = next(iter(BOOK.people))
    form = {
        "para": ["1"],
        "topic": [next(iter(BOOK.topics))],
        "speaker": [person],
        "text:text.ar": ["قال إنها قمة."],
        "text:text.en": ["He called it a summit of sorts."],
        "text:words.ar": ["قمة"],
        "text:words.en": ["summit"],
        "text:about.ar": ["اللقاء"],
        "text:about.en": ["the meeting"],
    }
    return facts_editing.read("quote", facts_editing.new_fact_id(), form, None)


def test_a_new_fact_has_questions_and_outlives_the_next_release(session, now, author):
    fact = new_quote()
    loaded = save(session, author, now, fact, seen=0)
    assert loaded.new > 0
    banks.load(session, BANK, book=BOOK, packaged=True, now=now + timedelta(days=1))
    assert fact.id in banks.facts_of(session, BANK.id).facts
    assert any(question.anchor == fact.id for question in banks.live(session, BANK.id))


def test_an_edited_fact_is_merged_with_a_newer_release_field_by_field(session, now, author):
    save(session, author, now, changed(value=str(FACT.value + 3)))
    text = FACT.text.model_copy(update={"en": "The newer release says it so."})
    newer = replace(BOOK, facts={**BOOK.facts, FACT.id: FACT.model_copy(update={"text": text})})
    banks.load(session, generate.generate(newer), book=newer, packaged=True, now=now + timedelta(days=1))
    kept = banks.facts_of(session, BANK.id).facts[FACT.id]
    assert (kept.value, kept.text.en) == (FACT.value + 3, "The newer release says it so.")
    again = banks.load(session, generate.generate(newer), book=newer, packaged=True, now=now + timedelta(days=2))
    assert (again.changed, again.new, again.retired) == (0, 0, 0)


def test_loading_the_same_files_again_leaves_an_edit_alone(session, now, author):
    save(session, author, now, changed(value=str(FACT.value + 3)))
    before = banks.live(session, BANK.id)
    loaded = banks.load(session, BANK, book=BOOK, packaged=True, now=now + timedelta(days=1))
    assert (loaded.changed, loaded.new, loaded.retired) == (0, 0, 0)
    assert banks.live(session, BANK.id) == before


def test_a_fact_taken_out_stays_out_and_its_questions_are_retired(session, now, author):
    lonely = next(
        fact
        for fact in BOOK.facts.values()
        if not facts_editing.outcome(session, BANK.id, None, removed=fact.id).problems
    )
    vanished = facts_editing.outcome(session, BANK.id, None, removed=lonely.id).vanished
    loaded = facts_editing.remove(session, BANK.id, lonely.id, seen=1, author_id=author, now=now)
    assert loaded.retired == len(vanished) > 0
    banks.load(session, BANK, book=BOOK, packaged=True, now=now + timedelta(days=1))
    assert lonely.id not in banks.facts_of(session, BANK.id).facts
    assert not any(question.anchor == lonely.id for question in banks.live(session, BANK.id))
    with pytest.raises(NotFound):
        facts_editing.remove(session, BANK.id, "f-999", seen=1, author_id=author, now=now)


def test_a_book_that_was_changed_elsewhere_is_checked_as_files_are():
    factbook.check(BOOK)
    facts = {name: fact for name, fact in BOOK.facts.items() if name != next(iter(BOOK.sets.values())).facts[0]}
    with pytest.raises(BadFile):
        factbook.check(replace(BOOK, facts=facts))


# ---------------------------------------------------------------- pages


@pytest.fixture
def summit(app):
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, BANK, book=BOOK, packaged=True, now=app.config["CLOCK"]())


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_fact_is_looked_at_and_then_saved(summit, signed_in, lang):
    visitor = signed_in("instructor", lang)
    address = f"{PATH}/{FACT.id}"
    form = visitor.get(address).form(address)
    looked = visitor.send(form, do="look", value=str(FACT.value + 3))
    assert looked.status == 200
    done = visitor.send(looked.form(address), do="save", value=str(FACT.value + 3))
    assert done.status == 303
    assert visitor.follow(done).status == 200
    again = visitor.send(looked.form(address), do="save", value=str(FACT.value + 3))
    assert again.location == done.location
    late = visitor.send(form, do="save", value=str(FACT.value + 5), form_key="n" * 24)
    assert late.status == 409


@pytest.mark.parametrize("kind", [*FACT_TYPES, "entity"])
def test_the_form_of_every_type_opens(summit, instructor, kind):
    page = instructor.get(f"{PATH}/new/{kind}")
    assert page.status == 200
    empty = instructor.send(page.form(f"/new/{kind}"), do="look" if kind != "entity" else "save")
    assert empty.status == 422


def test_rows_of_a_fact_come_and_go(summit, instructor):
    form = instructor.get(f"{PATH}/new/composition").form("/new/composition")
    more = instructor.send(form, do="add:parts").form("/new/composition")
    rows = [value for name, value in more.fields if name == "row:parts"]
    assert len(rows) == 4
    less = instructor.send(more, do=f"remove:parts:{rows[0]}").form("/new/composition")
    assert [value for name, value in less.fields if name == "row:parts"] == rows[1:]


def test_facts_are_searched_without_regard_to_hamza(summit, instructor):
    assert FACT.id in instructor.get(f"{PATH}/?q={FACT.id}").text
    assert "0 facts" in instructor.get(f"{PATH}/?q=xyzzy").text


@pytest.mark.parametrize("path", [f"{PATH}/nope", f"{PATH}/new/nope", f"{PATH}/named/nope"])
def test_a_fact_that_is_none_is_not_there(summit, instructor, path):
    assert instructor.get(path).status == 404


@pytest.mark.parametrize(
    "form", [{"do": "burn", "seen": "1"}, {"do": "look", "seen": "x"}, {"do": "add:", "seen": "1"}]
)
def test_a_strange_form_of_a_fact_is_refused(summit, instructor, form):
    assert instructor.post(f"{PATH}/{FACT.id}", **form).status == 422
