"""The article's world: people, days, who said what; its facts, its points, and the source's text."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
import second_book
from factories import make_learner
from sqlalchemy import func, select, update
from test_at_once import while_open

from questions.errors import BadInput, NotFound
from questions.generate import from_folder
from questions.responses import Unknown
from quiz import db
from quiz.models import BankRow, Base, Card, Passage, QuestionRow, SittingRow
from quiz.services import banks, study, world

BANK = "qirnas-2031"
BASE = f"/banks/{BANK}"
FORM = f"/teach{BASE}/source"
PAGES = [
    "/world",
    "/people/najat-sayrafi",
    "/people/valley-radio",
    "/facts/f-031",
    "/facts/f-041",
    "/points/f-001.who",
    "/points/set-order.order",
    "/source",
    "/browse",
]


@pytest.fixture(scope="module")
def made():
    return from_folder(second_book.FOLDER)


@pytest.fixture(scope="module")
def book(made):
    return made[0]


@pytest.fixture(scope="module")
def text(book):
    """The source as an instructor would paste it."""
    return "\n\n".join(f"{opening} وهذه تتمة الفقرة {nr}." for nr, opening in enumerate(openings(book), 1))


def openings(book):
    return book.header.document.openings


def load(session, made, now):
    book, bank = made
    banks.load(session, bank, book=book, packaged=True, now=now)


@pytest.fixture
def site(app, made, clock):
    """The site with this bank beside the small one, which has no facts."""
    with db.transaction(db.engine_of(app)) as session:
        load(session, made, clock())
    return app


def change(app, statement):
    with db.transaction(db.engine_of(app)) as session:
        session.execute(statement)


def contents(app):
    """Every row of every table."""
    with db.reading(db.engine_of(app)) as session:
        return {name: sorted(map(repr, session.execute(select(t)).all())) for name, t in Base.metadata.tables.items()}


def ids(entries):
    return [one.entry.fact_id if hasattr(one, "entry") else one.fact_id for one in entries]


# ---------------------------------------------------------------- what the facts tell


def test_every_fact_stands_in_the_world_once(book):
    whole = world.world(book)
    rest = (whole.days, whole.raised, whole.not_raised, whole.numbers, whole.agreed, whole.accounts, whole.course)
    found = [name for list_ in rest for name in ids(list_)]
    found += [name for _, rows in whole.said for name in ids(rows)]
    found += [fact for person in whole.people for fact, _ in person.roles]
    assert sorted(found) == sorted(book.facts)


def test_the_timeline_is_in_order_and_as_precise_as_the_facts(book):
    days = [(day.iso, day.date.en, day.weekday.en if day.weekday else None) for day in world.world(book).days]
    assert days == [
        ("2029-10", "October 2029", None),
        ("2031-02-13", "13 February 2031", None),
        ("2031-02-15", "15 February 2031", "Saturday"),
        ("2031-03", "the end of March 2031", None),
        ("2031-06", "June 2031", None),
    ]


def test_people_come_before_bodies_with_their_roles_and_how_often_they_speak(book):
    people = [(one.id, one.said, [role.en for _, role in one.roles]) for one in world.world(book).people]
    assert people == [
        ("najat-sayrafi", 3, ["the head of the Mountain Rescue Team"]),
        ("haya-salloum", 2, ["the doctor of the Mountain Rescue Team"]),
        ("bushra-ali", 1, ["the climbers' spokesperson"]),
        ("widad-mansour", 1, ["the keeper of the Falcon Hut"]),
        ("wadee-mansour", 0, ["the guide of the stranded climbers"]),
        ("fares-ghanem", 1, ["the pilot of the first helicopter"]),
        ("ramzi-dahir", 0, []),
        ("weather-service", 2, []),
        ("valley-radio", 0, []),
        ("climbing-club", 0, []),
        ("municipalities", 1, []),
    ]


def test_what_was_said_stands_by_topic_with_who_reported_it_and_how_firmly(book):
    said = {
        topic.en: [
            (one.entry.fact_id, one.strength, [name.id for name in one.speakers], one.reporter and one.reporter.id)
            for one in rows
        ]
        for topic, rows in world.world(book).said
    }
    assert said["The storm warning"] == [
        ("f-030", "denied", ["weather-service"], None),
        ("f-034", "promised", ["weather-service"], None),
    ]
    assert said["After the rescue"] == [
        ("f-031", "hoped", ["haya-salloum"], "valley-radio"),
        ("f-032", "stated", ["najat-sayrafi", "haya-salloum"], "valley-radio"),
        ("f-043", "promised", ["municipalities"], "valley-radio"),
    ]
    assert [row[1] for row in said["People"]] == ["quoted"] * 4


def test_what_was_raised_and_what_was_not_is_told_with_whose_word_it_is(book):
    whole = world.world(book)
    rows = [(one.name.en, one.excluded, one.entry.voice.en) for one in whole.not_raised]
    assert rows == [
        ("the cost of the operation", True, "Valley Radio"),
        ("insurance for climbers", True, "Valley Radio"),
        ("the purchase of a new helicopter", False, "Valley Radio"),
    ]
    first = whole.raised[0]
    assert (first.name.en, [name.id for name in first.by]) == ("the lack of signal on the slope", ["bushra-ali"])


def test_two_accounts_are_sentences_in_both_languages(book):
    (one,) = world.world(book).accounts
    assert [(name.id, account.ar, account.en) for name, account in one.sides] == [
        (
            "weather-service",
            "قالت مصلحة الأرصاد الجبلية إن الإنذار وصل قبل انطلاقهم.",
            "The Mountain Weather Service said that the warning came before they set out.",
        ),
        (
            "climbing-club",
            "قال نادي التسلق إن الإنذار وصل بعد انطلاقهم.",
            "The Climbing Club said that the warning came after they had set out.",
        ),
    ]


def test_what_the_article_itself_says_names_no_voice(book):
    assert world.entry(book.facts["f-003"], book).voice is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("الإشارة", ["f-023", "f-035"]),
        ("الاشاره", ["f-023", "f-035"]),  # no hamza, and another ending
        ("الإِشَارَةِ", ["f-023", "f-035"]),
        ("miracle", ["f-037"]),
        ("FALCON road", ["f-043"]),  # both words, in any order
        ("towers five", ["f-044"]),
        ("spokesperson", ["f-042"]),  # a role
        ("helicopter nowhere", []),
        ("؟!", None),  # nothing but signs is no search
        ("", None),
    ],
)
def test_a_search_finds_words_however_they_are_written(book, query, found):
    whole = world.world(book, query)
    rest = (whole.days, whole.raised, whole.not_raised, whole.numbers, whole.agreed, whole.accounts, whole.course)
    names = [name for list_ in rest for name in ids(list_)] + [n for _, rows in whole.said for n in ids(rows)]
    names += [fact for person in whole.people for fact, _ in person.roles]
    assert sorted(names) == (sorted(book.facts) if found is None else found)


def test_a_page_of_a_person_parts_their_words_from_what_others_say(book):
    page = world.person_page(book, "bushra-ali")
    assert (ids(page.said), ids(page.told), ids(page.named)) == (["f-037"], [], ["f-023"])
    voice = world.person_page(book, "valley-radio")
    assert ids(voice.told) == ["f-023", "f-024", "f-025", "f-026", "f-027", "f-028", "f-031", "f-032", "f-043"]
    assert [name.id for name in world.person_page(book, "wadee-mansour").alike] == ["widad-mansour"]


@pytest.mark.parametrize("name", ["marjana", "nobody-at-all"])
def test_only_people_and_voices_have_a_page(book, name):
    with pytest.raises(NotFound):
        world.person_page(book, name)


def test_a_fact_lists_its_points_under_their_plainest_question(made):
    book, bank = made
    page = world.fact_page(book, "f-001", bank.live)
    assert [(point.id, point.kinds, point.learned) for point in page.points] == [
        ("f-001.who", ("choice", "typed"), True),
        ("f-001.how", ("choice", "cloze"), True),
    ]
    assert page.points[1].stem.en == "How were the stranded climbers brought down from Mount Qirnas?"
    with pytest.raises(NotFound):
        world.fact_page(book, "f-999", bank.live)


# ---------------------------------------------------------------- memory


def test_a_learner_sees_when_a_point_comes_again_and_nobody_elses(session, made, now):
    load(session, made, now)
    learner, other = make_learner(session), make_learner(session)
    sitting = study.start_quiz(
        session, BANK, learner=learner, count=None, filters=study.Filters(point="f-001.who"), seed=1, now=now
    )
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=Unknown(), now=now)
    seen = {"points": ["f-001.who", "f-001.how"], "now": now}
    assert world.recall_of(session, BANK, **seen, learner=learner) == {"f-001.who": world.Recall(1, difficult=False)}
    assert world.recall_of(session, BANK, **seen, learner=other) == {}
    later = {**seen, "now": now + timedelta(days=40)}
    assert world.recall_of(session, BANK, **later, learner=learner)["f-001.who"].comes_back == 0
    session.execute(update(Card).values(lapses=4))
    assert world.recall_of(session, BANK, **seen, learner=learner)["f-001.who"].difficult


def test_after_an_exam_a_point_has_its_own_day_again(session, made, now):
    load(session, made, now)
    learner = make_learner(session)
    day = study.today(learner, now)
    session.add(
        Card(learner_id=learner.id, bank_id=BANK, point="f-001.who", stability=9.0, difficulty=5.0, last_day=day - 1,
             due=day + 8, queue_day=day + 2, reps=2)
    )  # fmt: skip
    session.flush()

    def comes_back():
        return world.recall_of(session, BANK, ["f-001.who"], learner=learner, now=now)["f-001.who"].comes_back

    assert comes_back() == 2
    study.set_exam(session, BANK, day - 5, learner=learner)
    session.execute(update(Card).values(due=day + 8, queue_day=day + 2))
    session.expire_all()
    assert comes_back() == 8


# ---------------------------------------------------------------- the source's text


def test_a_text_is_cut_at_blank_lines_or_else_at_lines():
    assert world.cut("أ ب\nج\r\n\r\n  د  \n \n\n", ["أ", "د"]) == ["أ ب ج", "د"]
    assert world.cut("أ ب\nج\n\nد\n", ["أ", "ج", "د"]) == ["أ ب", "ج", "د"]  # a new line begins a paragraph here
    assert world.cut("أ\nب\nج", ["أ", "ب"]) == ["أ", "ب", "ج"]
    assert world.cut(" \n\n ", ["أ"]) == []


def test_a_text_fits_when_each_paragraph_begins_as_the_facts_say():
    wanted = ["قالت الوزيرة", "وردًّا على ذلك"]
    assert world.misfit(["«قالت الوزيره» أمس", "وردا على ذلك، مضت"], wanted) is None
    assert world.misfit(["قالت الوزيرة"], wanted) == world.Misfit(1, 2)
    assert world.misfit(["العنوان", "قالت الوزيرة", "وردا على ذلك"], wanted) == world.Misfit(
        3, 2, 1, "العنوان", "قالت الوزيرة"
    )
    # A longer word is another word.
    assert world.misfit(["قالت الوزيرتان", "وردا على ذلك"], wanted) == world.Misfit(
        2, 2, 1, "قالت الوزيرتان", "قالت الوزيرة"
    )


def test_an_attached_text_is_replaced_and_taken_away(session, made, text, now):
    load(session, made, now)
    begins = openings(made[0])
    assert world.passage(session, BANK, 2) is None
    assert world.attach(session, BANK, text, openings=begins) == 8
    world.attach(session, BANK, text, openings=begins)
    assert session.scalar(select(func.count()).select_from(Passage)) == 8
    assert world.passage(session, BANK, 2) == "واستعان المنقذون وهذه تتمة الفقرة 2."
    world.attach(session, BANK, text.replace("تتمة", "بقية"), openings=begins)
    assert world.passage(session, BANK, 2) == "واستعان المنقذون وهذه بقية الفقرة 2."
    with pytest.raises(BadInput):
        world.attach(session, BANK, "شيء آخر", openings=begins)
    assert world.passage(session, BANK, 2) == "واستعان المنقذون وهذه بقية الفقرة 2."
    world.remove(session, BANK)
    world.remove(session, BANK)
    assert world.passages(session, BANK) == {}


def test_two_instructors_who_attach_at_once_leave_one_text(shared_engine, made, text, now):
    with db.transaction(shared_engine) as session:
        load(session, made, now)
    first, second = (
        lambda session, words=words: world.attach(session, BANK, words, openings=openings(made[0]))
        for words in (text, text.replace("تتمة", "بقية"))
    )
    assert while_open(shared_engine, first, second) == (8, 8)
    with db.reading(shared_engine) as session:
        assert world.passage(session, BANK, 1) == "أنزلت فرقة الإنقاذ وهذه بقية الفقرة 1."


# ---------------------------------------------------------------- the pages


@pytest.mark.parametrize("lang", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_world_is_open_to_anyone(site, signed_in, path, lang):
    page = signed_in("nobody", lang).get(BASE + path)
    assert (page.status, page.lang) == (200, {"ar": "ar rtl", "en": "en ltr"}[lang])


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_bank_in_one_language_is_shown_in_it(app, signed_in, clock, tmp_path, lang):
    with db.transaction(db.engine_of(app)) as session:
        load(session, from_folder(second_book.in_one("en", tmp_path)), clock())
    reader = signed_in("nobody", lang)
    assert [reader.get(BASE + path).status for path in PAGES] == [200] * len(PAGES)
    assert "The Climbing Club said that the warning came after" in reader.get(f"{BASE}/facts/f-041").text


@pytest.mark.parametrize("path", PAGES)
def test_looking_through_the_world_changes_nothing(site, student, path):
    before = contents(site)
    assert student.get(BASE + path).status == 200
    assert contents(site) == before


@pytest.mark.parametrize("path", PAGES)
def test_what_is_not_public_is_closed_to_everyone(site, signed_in, path):
    change(site, update(BankRow).where(BankRow.id == BANK).values(state="draft"))
    assert [signed_in(role).get(BASE + path).status for role in ("nobody", "student")] == [404, 404]


@pytest.mark.parametrize(
    "path", ["/people/marjana", "/facts/f-999", "/points/f-999.who", "/points/f-001", "/facts/f-1 '"]
)
def test_what_never_was_is_not_found(site, nobody, path):
    assert nobody.get(BASE + path).status == 404


def test_each_page_says_what_it_is_about(site, nobody):
    whole = nobody.get(f"{BASE}/world")
    assert "Saturday , 15 February 2031" in whole.text
    assert "paragraph 4 «وقالت رئيسة الفرقة…»" in whole.text
    assert f"{BASE}/facts/f-031" in whole.links
    assert f"{BASE}/people/valley-radio" in whole.links
    fact = nobody.get(f"{BASE}/facts/f-031")
    assert fact.heading == (
        "Valley Radio reported that Haya Salloum hoped that the injured would go home within a week."
    )
    assert '<p lang="ar" dir="rtl">نقلت إذاعة الوادي أن هيا سلّوم' in fact.html
    assert "Haya Salloum · a hope · reported by: Valley Radio" in fact.text
    person = nobody.get(f"{BASE}/people/wadee-mansour")
    assert (person.heading, "وديع منصور" in person.text) == ("Wadee Mansour", True)
    assert "Not to be confused with: Widad Mansour" in person.text


def test_a_search_shows_what_was_searched_for_and_never_as_markup(site, nobody):
    found = nobody.get(f"{BASE}/world?q=miracle")
    assert "1 entry found." in found.text
    assert f"{BASE}/facts/f-029" not in found.links
    nothing = nobody.get(f"{BASE}/world?q=<script>alert(1)</script>")
    assert nothing.status == 200
    assert "<script>alert" not in nothing.html
    assert "Nothing here holds" in nothing.text
    assert nobody.get(f"{BASE}/world?q={'a' * 5000}").status == 200


def test_a_long_section_is_cut_and_says_so(site, nobody, monkeypatch):
    monkeypatch.setattr("quiz.routes.world.SHOWN", 2)
    page = nobody.get(f"{BASE}/world")
    assert "1 more is not shown. A search finds it." in page.text
    assert "9 more are not shown. A search finds them." in page.text


def test_a_bank_without_facts_says_so_and_offers_its_cards(nobody):
    page = nobody.get("/banks/dam/world")
    assert "This bank was not made from facts" in page.text
    assert "/banks/dam/browse" in page.links
    assert nobody.get("/banks/dam/source").status == 404
    assert nobody.get("/banks/dam/points/f-1.speaker").status == 200


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/facts/f-001", {"f-001.who.choice", "f-001.who.typed", "f-001.how.choice", "f-001.how.cloze"}),
        ("/points/f-001.how", {"f-001.how.choice", "f-001.how.cloze"}),
        ("/points/set-order.order", {"set-order.order.ordering"}),
    ],
)
def test_ask_me_about_this_begins_a_quiz_of_its_questions(site, student, path, asked):
    form = student.get(BASE + path).form("/quiz")
    assert student.follow(student.send(form)).status == 200
    with db.reading(db.engine_of(site)) as session:
        assert set(session.scalars(select(SittingRow.plan)).one()) == asked


@pytest.mark.parametrize("choice", [{"fact": "f-999"}, {"point": "' OR 1=1"}])
def test_asking_about_what_is_not_there_begins_nothing(site, student, choice):
    page = student.post(f"{BASE}/quiz", form_key="k" * 24, size="all", **choice)
    assert (page.status, page.heading) == (409, "No question fits these choices")


def test_a_signed_in_learner_reads_their_own_memory_on_a_fact(site, student, signed_in):
    student.follow(student.send(student.get(f"{BASE}/points/f-001.how").form("/quiz")))
    with db.transaction(db.engine_of(site)) as session:
        me = session.scalars(select(SittingRow.learner_id)).one()
        session.add(
            Card(learner_id=me, bank_id=BANK, point="f-001.how", stability=3.0, difficulty=5.0, last_day=20465,
                 due=20468, queue_day=20468, reps=1, lapses=5)
        )  # fmt: skip
    page = student.get(f"{BASE}/facts/f-001")
    assert "Again in 3 days. A difficult fact" in page.text
    assert "Not learned yet." in page.text
    assert "Again in 3 days." in student.get(f"{BASE}/points/f-001.how").text
    assert "Again in" not in signed_in("nobody").get(f"{BASE}/facts/f-001").text
    assert "Not learned yet." not in signed_in("nobody").get(f"{BASE}/facts/f-001").text


# ---------------------------------------------------------------- points, as a deck leads to them


def test_every_note_of_the_deck_leads_to_a_page(new_app, made, clock, tmp_path):
    site = new_app(PUBLIC_URL="https://qimma.example/")
    with db.transaction(db.engine_of(site)) as session:
        load(session, made, clock())
    client = site.test_client()
    answer = client.get(f"{BASE}/deck.apkg", base_url="https://qimma.example")
    notes = zipfile.ZipFile(io.BytesIO(answer.data)).read("collection.anki2")
    paths = set(re.findall(rb"https://qimma\.example(/banks/qirnas-2031/points/[a-z0-9._-]+)", notes))
    assert len(paths) > 60
    assert {client.get(path.decode(), base_url="https://qimma.example").status_code for path in paths} == {200}


def test_a_point_that_is_asked_no_more_still_has_its_page(site, nobody, clock):
    change(site, update(QuestionRow).where(QuestionRow.point == "f-001.how").values(retired_at=clock()))
    page = nobody.get(f"{BASE}/points/f-001.how")
    assert (page.status, "This is not asked any more." in page.text) == (200, True)
    assert [form for form in page.forms if form.action.endswith("/quiz")] == []
    assert f"{BASE}/facts/f-001" in page.links


def test_a_question_in_doubt_shows_neither_a_quiz_nor_its_wording_twice(site, nobody):
    change(site, update(QuestionRow).where(QuestionRow.id == "f-001.how.choice").values(hidden=True))
    assert "1 question," in nobody.get(f"{BASE}/points/f-001.how").text
    assert "3 questions," in nobody.get(f"{BASE}/facts/f-001").text


def test_a_question_written_by_hand_is_a_point_of_its_own(app, nobody):
    assert nobody.get("/banks/dam/points/essay-1").status == 200
    # A deck has a second question of one kind as a note under its own id.
    assert (
        nobody.get("/banks/dam/points/f-1.speaker.typed").heading == "Which minister announced the opening of the dam?"
    )


# ---------------------------------------------------------------- the instructor's form


def test_a_pasted_text_is_looked_at_then_attached_then_shown(site, instructor, text):
    preview = instructor.post(FORM, do="preview", text=text)
    assert preview.status == 200
    assert "8 paragraphs, and each begins as the facts say." in preview.text
    with db.reading(db.engine_of(site)) as session:
        assert world.passages(session, BANK) == {}
    saved = instructor.send(preview.form(FORM), do="save")
    assert (saved.status, saved.location) == (303, f"{FORM}?done=save")
    assert "The text is attached" in instructor.follow(saved).text
    words = "وقالت رئيسة الفرقة وهذه تتمة الفقرة 4."
    shown = f'<blockquote lang="ar" dir="auto">{words}</blockquote>'
    for path in ("/facts/f-031", "/points/f-031.claim", "/source", "/browse?fact=f-031&turned=1"):
        assert instructor.get(BASE + path).html.count(shown) == 1
    removed = instructor.post(FORM, do="remove")
    assert removed.location == f"{FORM}?done=remove"
    assert words not in instructor.get(f"{BASE}/facts/f-031").text


def test_a_text_that_does_not_fit_is_refused_with_the_place_and_is_not_lost(site, instructor, text):
    short = text.partition("\n\n")[2]
    for do in ("preview", "save"):
        page = instructor.post(FORM, do=do, text=short)
        assert page.status == 422
        assert "Paragraphs in the text: 7. The facts were read from: 8." in page.text
        assert "The first that differs is paragraph 1." in page.text
        assert "«واستعان المنقذون وهذه تتمة الفقرة 2.»" in page.text
        assert short in page.html
    other = instructor.post(FORM, do="save", text=text.replace("وفي المساء", "وفي الصباح"))
    assert (other.status, "The first that differs is paragraph 6." in other.text) == (422, True)
    with db.reading(db.engine_of(site)) as session:
        assert world.passages(session, BANK) == {}


def test_an_attached_text_is_never_markup(site, instructor, text):
    evil = text.replace("وهذه", "</blockquote><script>alert(1)</script>")
    page = instructor.post(FORM, do="preview", text=evil)
    assert (page.status, "<script>alert" in page.html) == (200, False)
    assert instructor.send(page.form(FORM), do="save").status == 303
    for path in (FORM, f"{BASE}/source", f"{BASE}/facts/f-031", f"{BASE}/browse?fact=f-031"):
        page = instructor.get(path)
        assert ("<script>alert" in page.html, "&lt;script&gt;alert" in page.html) == (False, True)


def test_a_text_whose_facts_were_read_anew_is_reported(site, instructor, text):
    instructor.post(FORM, do="save", text=text)
    change(site, update(Passage).where(Passage.para == 3).values(text="كلام آخر"))
    assert "The facts were read anew from another text" in instructor.get(FORM).text


@pytest.mark.parametrize(
    ("role", "status", "location"),
    [("nobody", 303, "/sign-in?next="), ("guest", 303, "/sign-in?next="), ("student", 403, "")],
)
def test_only_an_instructor_attaches_a_text(site, signed_in, text, role, status, location):
    someone = signed_in(role)
    for page in (someone.get(FORM), someone.post(FORM, do="save", text=text), someone.post(FORM, do="remove")):
        assert (page.status, page.location.startswith(location)) == (status, True)
    with db.reading(db.engine_of(site)) as session:
        assert world.passages(session, BANK) == {}


def test_a_text_is_taken_only_from_the_sites_own_form(site, instructor, text):
    assert instructor.client.post(FORM, data={"do": "save", "text": text}).status_code == 400
    assert instructor.post(FORM, do="burn", text=text).status == 422
    assert instructor.post(FORM, do="save").status == 422
    with db.reading(db.engine_of(site)) as session:
        assert world.passages(session, BANK) == {}


def test_a_bank_without_facts_takes_no_text(app, instructor):
    assert "it has no source whose text could be attached" in instructor.get("/teach/banks/dam/source").text
    assert instructor.post("/teach/banks/dam/source", do="save", text="نص").status == 404
    assert instructor.post("/teach/banks/dam/source", do="remove").status == 404
    assert instructor.get("/teach/banks/none/source").status == 404


def test_the_banks_page_of_an_instructor_leads_to_the_form(site, instructor):
    assert FORM in instructor.get(f"/teach{BASE}").links
