"""A book begun in a bank made by hand; people, things, topics and the source changed, and kept for later files."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import make_user
from second_book import FOLDER
from sqlalchemy import select

from questions import generate
from questions.errors import BadFile, Conflict, NotFound
from questions.texts import Bilingual
from quiz.models import BankRow, Entry
from quiz.routes import fact_words
from quiz.services import banks, book_editing, copying, fact_form, facts_editing

SOURCE = {
    "text:title.ar": ["فيضان المدينة"], "text:title.en": ["The flood in town"],
    "text:event.ar": ["فيضان عام 1953"], "text:event.en": ["the flood of 1953"],
    "published": ["1953-02-03"], "language": ["en"],
    "openings": ["The water came at night and nobody was awake to see it.\nBy dawn it was gone."],
}  # fmt: skip
PERSON = {
    "kind": ["person"], "gender": ["f"], "number": ["singular"],
    "text:name.ar": ["ليلى حسن"], "text:name.en": ["Layla Hasan"],
    "text:note.ar": ["عمدة المدينة."], "text:note.en": ["Mayor of the town."],
}  # fmt: skip


@pytest.fixture
def author(session):
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


@pytest.fixture
def bank_id(session, now, author):
    """A bank made by hand, with a topic."""
    made = copying.make(session, Bilingual(en="Floods", ar="فيضانات"), author_id=author, now=now)
    copying.topic(session, session.get_one(BankRow, made), Bilingual(en="Water"))
    return made


def put(session, bank_id, author, now, kind, form, name=None, seen=None):
    desk = book_editing.desk(session, bank_id, kind, name)
    part = book_editing.read(desk, book_editing.form_of(desk) | form)
    seen = desk.stamp if seen is None else seen
    loaded = book_editing.save(session, bank_id, desk, part, seen=seen, author_id=author, now=now)
    return loaded, getattr(part, "id", None)


def test_a_bank_made_by_hand_gets_facts_and_their_questions(session, now, author, bank_id):
    put(session, bank_id, author, now, "source", SOURCE)
    _, layla = put(session, bank_id, author, now, "entity", PERSON)
    book = facts_editing.book_of(session, bank_id)
    (topic,) = book.topics
    assert book.header.document.openings == ("The water came", "By dawn it was gone.")
    assert book.header.event.within == Bilingual(ar="في فيضان عام 1953", en="In the flood of 1953")
    fact = facts_editing.read(
        "quote", facts_editing.new_fact_id(),
        {
            "para": ["1"], "topic": [topic], "speaker": [layla],
            "text:text.ar": ["سمّته العمدة ليلًا طويلًا."], "text:text.en": ["The mayor called it a long night."],
            "text:words.ar": ["ليل طويل"], "text:words.en": ["long night"],
            "text:about.ar": ["الفيضان"], "text:about.en": ["the flood"],
        },
        None,
    )  # fmt: skip
    loaded = facts_editing.save(session, bank_id, fact, seen=0, author_id=author, now=now)
    assert loaded.new > 0
    asked = banks.live(session, bank_id)
    assert {question.topic for question in asked} == {topic}
    assert banks.header(session, bank_id).document.title.en == "The flood in town"


def test_a_changed_name_shows_its_questions_first_and_then_changes_them(session, now, author):
    book, bank = generate.from_folder(FOLDER)
    banks.load(session, bank, book=book, now=now)
    person = next(one for one in book.entities.values() if one.kind == "person")
    desk = book_editing.desk(session, bank.id, "entity", person.id)
    part = book_editing.read(desk, book_editing.form_of(desk) | {"text:name.en": ["Somebody Else"]})
    outcome = book_editing.look(session, desk, part)
    assert outcome.changed
    assert not outcome.problems
    loaded, _ = put(session, bank.id, author, now, "entity", {"text:name.en": ["Somebody Else"]}, name=person.id)
    assert loaded.changed == len(outcome.changed)
    assert [entry.detail["before"]["name"]["en"] for entry in session.scalars(select(Entry))] == [person.name.en]
    with pytest.raises(Conflict):
        put(session, bank.id, author, now, "entity", {"text:name.en": ["A Third"]}, name=person.id, seen=desk.stamp)
    with pytest.raises(NotFound):
        book_editing.desk(session, bank.id, "entity", "nobody")


def test_what_was_changed_is_merged_with_newer_files_field_by_field(session, now, author):
    book, bank = generate.from_folder(FOLDER)
    banks.load(session, bank, book=book, now=now)
    person, topic = next(iter(book.entities.values())), next(iter(book.topics.values()))
    row = session.get_one(BankRow, bank.id)
    put(session, bank.id, author, now, "entity", {"text:name.en": ["Somebody Else"]}, name=person.id)
    copying.rename_topic(session, row, topic.id, Bilingual(ar="موضوعنا", en="Our topic"))
    copying.topic(session, row, Bilingual(en="Of our own"))
    copying.rename(session, row, Bilingual(ar="عنوان", en="Our title"), None)
    note = Bilingual(ar="ملاحظة أحدث.", en="A newer note.")
    newer = replace(book, entities={**book.entities, person.id: person.model_copy(update={"note": note})})
    for day in (1, 2):
        loaded = banks.load(session, generate.generate(newer), book=newer, now=now + timedelta(days=day))
    assert (loaded.new, loaded.changed, loaded.retired) == (0, 0, 0)
    kept = facts_editing.book_of(session, bank.id).entities[person.id]
    assert (kept.name.en, kept.note) == ("Somebody Else", note)
    header = banks.header(session, bank.id)
    names = [one.name.en for one in header.topics]
    assert (names[0], names[-1], header.title.en) == ("Our topic", "Of our own", "Our title")


def test_a_book_that_would_not_be_whole_is_refused(session, now, author, bank_id):
    put(session, bank_id, author, now, "source", SOURCE)
    with pytest.raises(BadFile):
        put(session, bank_id, author, now, "entity", PERSON | {"text:name.en": [""]})
    desk = book_editing.desk(session, bank_id, "source", None)
    faults = book_editing.read(desk, {"published": ["soon"], "language": ["la"]})
    found = {(one.field, one.code) for one in faults}
    assert {("title", "missing"), ("published", "date"), ("language", "choice"), ("openings", "missing")} <= found


def test_a_source_comes_back_from_its_form(session, now, author, bank_id):
    put(session, bank_id, author, now, "source", SOURCE)
    before = facts_editing.book_of(session, bank_id)
    loaded, _ = put(session, bank_id, author, now, "source", {})
    assert loaded == banks.Loaded()
    assert facts_editing.book_of(session, bank_id) == before
    assert fact_form.fields_of("source")


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_book_is_begun_and_a_person_added_from_page_to_page(app, signed_in, lang):
    visitor = signed_in("instructor", lang)
    made = visitor.send(visitor.get("/teach/new-bank").form("/new-bank"), **{"title.en": "Floods", "title.ar": "سيول"})
    facts = f"{made.location}/facts/"
    assert f"{facts}source" in visitor.get(facts).links
    form = visitor.get(f"{facts}source").form("/source")
    empty = visitor.send(form, do="save")
    assert empty.status == 422
    begun = visitor.send(form, do="save", **SOURCE)
    assert begun.status == 303
    person = visitor.send(visitor.get(f"{facts}new/entity").form("/new/entity"), do="save", **PERSON)
    assert visitor.follow(person).status == 200, person.text[:800]
    listed = visitor.get(f"{facts}named")
    path = next(link for link in listed.links if "/named/own-" in link)
    looked = visitor.send(visitor.get(path).form(path), do="look", **{"text:name.en": "Laila Hassan"})
    assert looked.status == 200
    assert visitor.send(looked.form(path), do="save").status == 303
    late = visitor.send(looked.form(path), do="save", form_key="n" * 24, **{"text:name.en": "Third"})
    assert late.status == 409
    topic = visitor.send(visitor.get(f"{made.location}/settings").form("/topics"), **{"title.en": "Water"})
    name = visitor.follow(topic).forms
    rename = next(form for form in name if "/topics/t-" in form.action)
    assert visitor.send(rename, **{"title.en": "Waters"}).status == 303
    assert "Waters" in visitor.get(f"{facts}new/quote").html
    assert visitor.send(rename, **{"title.en": ""}).status == 422
    draft = visitor.post(f"{made.location}/drafts", about=path.replace(f"{facts}named/", "entity:"), seen="1")
    assert draft.status == 204
    assert f"{path}?draft=1" in visitor.get(made.location).links


def test_every_fault_of_a_book_has_words_in_arabic(app):
    """None of what files can say wrong is left in English on a page."""
    from questions.errors import Problem
    from questions.faults import _PYDANTIC, WORDS
    from quiz.routes.fact_words import problem_words

    codes = {*WORDS, *_PYDANTIC.values(), "other", "no-text", "not-arabic", "blank-asked", "blank-place", "foils"}
    codes |= {"asks", "part", "weekday", "slot", "seven-words", "same-ids"}
    params = dict.fromkeys(("kind", "target", "para", "count", "fact", "extra", "matter", "right", "asked"), "1")
    params |= {"lang": "ar", "type": "quote", "wanted": "date or number"}
    with app.test_request_context(headers={"Cookie": "qimma_lang=ar"}):
        said = {code: problem_words(Problem("", "", "English", code, params)) for code in codes}
    latin = {code: words for code, words in said.items() if any("a" <= letter <= "z" for letter in words)}
    assert set(latin) == {"slot"}  # {n}
    assert [code for code, words in said.items() if words == said["other"]] == ["other"]


def test_every_choice_of_the_forms_of_facts_has_words_in_arabic(app):
    def choices(fields):
        return {one for field in fields for one in (*field.choices, *choices(field.fields))}

    with app.test_request_context(headers={"Cookie": "qimma_lang=ar"}):
        forms = [fact_form.fields_of(kind) for kind in (*fact_form.MODELS, *fact_form.BESIDES)]
        words = {one: str(fact_words.choice_name(one)) for fields in forms for one in choices(fields)}
    assert words
    assert {one: said for one, said in words.items() if said.isascii()} == {}
