"""The pages of a question and its verdict: what can be done there, and in which language it stands."""

import re

import pytest
from factories import make_bank, make_question, more
from sqlalchemy import select, update

from quiz import db
from quiz.models import Card, Passage, ReviewLog, Star, User
from quiz.services import banks


@pytest.fixture
def load(app, clock):
    def make(*questions, **bank):
        with db.transaction(db.engine_of(app)) as session:
            banks.load(session, make_bank(*questions, **bank), now=clock())

    return make


@pytest.fixture
def rows(app):
    """Of a table, in order of its ids."""

    def read(table):
        with db.reading(db.engine_of(app)) as session:
            return session.execute(select(table.__table__).order_by(table.id)).all()

    return read


def review(visitor):
    return visitor.follow(visitor.post("/banks/dam/review", form_key="v" * 24))


def choose(page, text):
    """The place of an option on the page."""
    return re.search(rf'value="(\d)" required><span[^>]*>\d</span><span[^>]*>{text}', page.html)[1]


def answer(visitor, page, text):
    return visitor.follow(visitor.send(page.form("/answer"), option=choose(page, text)))


def buttons(page):
    return [form.action.rpartition("/")[2] for form in page.forms if form.action.startswith("/attempts")]


# ---------------------------------------------------------------- next, undo, ratings


def test_next_leads_straight_to_the_open_question(load, student):
    load(*more(3))
    page = review(student)
    verdict = answer(student, page, "Layla al-Hasan")
    links = [link for link in verdict.links if link.startswith("/attempts/")]
    assert student.get(links[0]).status == 200
    assert "Question 2 of 3" in student.get(links[0]).text


def test_an_answer_of_a_review_is_taken_back_by_its_button(load, student, rows):
    load(*more(3))
    verdict = answer(student, review(student), "Omar Salem")
    assert "Again in this sitting." in verdict.text
    page = student.follow(student.send(verdict.form("/undo")))
    assert ("Question 1 of 3" in page.text, "/answer" in page.html) == (True, True)
    assert [card.reps for card in rows(Card)] == [0, 0, 0]
    again = student.send(verdict.form("/undo"))
    assert (again.status, student.follow(again).heading) == (303, page.heading)


def test_a_quiz_has_neither_undo_nor_ratings(load, student):
    load(*more(3))
    page = student.start("all")
    verdict = answer(student, page, "Layla al-Hasan")
    assert buttons(verdict) == ["star", "report"]
    attempt = re.search(r"/attempts/(\d+)/star", verdict.html)[1]
    assert student.post(f"/attempts/{attempt}/undo").status == 409
    assert student.post(f"/attempts/{attempt}/rating", rating="1").status == 409


def test_what_the_schedule_was_told_is_shown_and_corrected(load, student, rows):
    load(*more(3))
    verdict = answer(student, review(student), "Layla al-Hasan")
    assert "What the schedule was told: Good A guess Good" in verdict.text
    assert "Again in 2 days." in verdict.text
    page = student.follow(student.send(verdict.form("/rating"), rating="1"))
    assert "What the schedule was told: A guess" in page.text
    assert "Again tomorrow." in page.text
    assert [(row.rating, row.voided_at is None) for row in rows(ReviewLog)] == [(3, False), (1, True)]
    assert student.send(verdict.form("/rating"), rating="4").status == 422


def test_i_was_right_reaches_the_instructor_and_the_schedule(load, student, instructor, rows):
    load(make_question("typed"))
    page = review(student)
    verdict = student.follow(student.send(page.form("/answer"), text="Hasan"))
    student.send(verdict.form("/report"), kind="i_was_right")
    assert [(row.rating, row.voided_at is None) for row in rows(ReviewLog)] == [(2, False), (3, True)]
    assert "Hasan" in instructor.get("/teach/banks/dam/questions/f-1.speaker.typed").text


# ---------------------------------------------------------------- stars


def test_a_question_is_starred_before_its_answer_and_after(load, student, rows):
    load(*more(2))
    page = review(student)
    assert 'aria-pressed="false" data-key="KeyS"' in page.html
    starred = student.follow(student.send(page.form("/star")))
    student.send(page.form("/star"))
    assert 'aria-pressed="true" data-key="KeyS"' in starred.html
    assert [star.question_id for star in rows(Star)] == ["f-10.day.choice"]
    verdict = answer(student, starred, "Omar Salem")
    student.send(verdict.form("/star"))
    assert rows(Star) == []


# ---------------------------------------------------------------- languages


def other_side(page):
    found = re.search(r'<details class="gloss" data-key="KeyE">(.*?)</details>', page.html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip() if found else None


def test_before_the_answer_the_other_language_of_the_stem_alone_is_at_hand(load, student):
    load(make_question("choice"))
    page = review(student)
    assert other_side(page) == "In Arabic من أعلن فتح السد؟"
    assert page.html.count("ليلى الحسن") == 0


def test_after_the_answer_everything_stands_in_the_other_language(load, student):
    load(make_question("choice"))
    verdict = answer(student, review(student), "Omar Salem")
    words = other_side(verdict)
    assert [
        word in words for word in ("من أعلن فتح السد؟", "ليلى الحسن ✓", "تحدّث عن الكهرباء.", "أعلنته أمام الصحافة.")
    ] == [True] * 4


def test_a_gloss_from_which_the_answer_can_be_read_waits_for_the_answer(load, student):
    stem = {"ar": "ماذا أعلنت ليلى الحسن؟", "en": "Who announced it?"}
    load(make_question("typed", stem=stem))
    page = review(student)
    assert other_side(page) is None
    verdict = student.follow(student.send(page.form("/answer"), sure="unknown"))
    assert other_side(verdict).startswith("In Arabic ماذا أعلنت ليلى الحسن؟")


def test_a_bank_of_one_language_has_no_other(load, student):
    load(make_question("choice"), languages=("en",))
    page = review(student)
    assert other_side(page) is None
    assert other_side(answer(student, page, "Omar Salem")) is None


@pytest.mark.parametrize(
    ("study", "stem", "words"),
    [
        ("ar", '<span lang="ar" dir="rtl">أعلن عمر سالم فتح السد.</span>', ["صواب أم خطأ؟", "صواب", "خطأ"]),
        (
            "en",
            '<span lang="en" dir="ltr">Omar Salem announced the opening of the dam.</span>',
            ["True or false?", "True", "False"],
        ),
        (
            None,
            '<span lang="en" dir="ltr">Omar Salem announced the opening of the dam.</span>',
            ["True or false?", "True", "False"],
        ),
    ],
)
def test_questions_stand_in_the_language_of_study_on_a_page_in_that_of_the_interface(
    app, load, student, study, stem, words
):
    load(make_question("true_false"))
    with db.transaction(db.engine_of(app)) as session:
        session.execute(update(User).where(User.id == student.user_id).values(study_language=study))
    page = review(student)
    assert (page.lang, stem in page.html) == ("en ltr", True)
    assert [f">{word}</span>" in page.html for word in words] == [True] * 3
    assert other_side(page).startswith("In English" if study == "ar" else "In Arabic")


# ---------------------------------------------------------------- the source's own words


def test_the_sources_paragraph_stands_under_a_verdict_only(app, load, student):
    load(make_question("choice"))
    with db.transaction(db.engine_of(app)) as session:
        session.add_all(
            [
                Passage(bank_id="dam", para=4, text="قالت الوزيرة <b>إن</b> السد جاهز."),
                Passage(bank_id="dam", para=5, text="كلام آخر."),
            ]
        )
    page = review(student)
    assert "السد جاهز" not in page.html
    verdict = answer(student, page, "Omar Salem")
    assert '<blockquote lang="ar" dir="auto">قالت الوزيرة &lt;b&gt;إن&lt;/b&gt; السد جاهز.</blockquote>' in verdict.html
    assert "كلام آخر" not in verdict.html


# ---------------------------------------------------------------- the first page and the end


def test_the_first_page_says_done_only_when_no_review_is_open(load, student):
    load(*more(1))
    page = review(student)
    student.send(page.form("/answer"), sure="unknown")
    home = student.get("/")
    assert ("Go on with the review" in home.text, "Done for today." in home.text) == (True, False)


def test_the_first_page_of_a_small_bank_promises_no_more_than_it_has(load, student):
    load(*more(7))
    home = student.get("/")
    assert "7 questions, about 3 minutes." in home.text
    assert ("Start the quiz" in home.text, "of 10" in home.text, "of 20" in home.text) == (True, False, False)
    assert "Quiz of 5 questions" in home.text


def test_the_first_page_offers_the_portion_then_a_bit_more(load, student, clock):
    load(*more(14))
    assert "Start a quiz of 10" in student.get("/").text
    page = review(student)
    while "/answer" in page.html:
        verdict = answer(student, page, "Layla al-Hasan")
        page = student.get(next(link for link in verdict.links if re.match("/(attempts|sittings)/", link)))
    home = student.get("/")
    assert "Done for today. There is more tomorrow." in home.text
    more_form = next(form for form in home.forms if ("more", "1") in form.fields)
    assert "Question 1 of 4" in student.follow(student.send(more_form)).text
    clock.move(days=2)
    assert "10 facts to review today, 4 new facts, about 4 minutes." in student.get("/").text


def test_the_end_of_a_review_says_when_the_missed_come_back(load, student):
    load(*more(2))
    page = review(student)
    for text in ("Omar Salem", "Layla al-Hasan", "Layla al-Hasan"):
        verdict = answer(student, page, text)
        page = student.get(next(link for link in verdict.links if re.match("/(attempts|sittings)/", link)))
    assert (page.heading, "What was missed comes back tomorrow." in page.text) == ("1 of 2", True)
