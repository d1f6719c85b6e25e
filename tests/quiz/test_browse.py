"""Cards to turn: a question on the front, its answer on the back, nothing counted."""

import re

import pytest
from factories import make_bank, make_question, more
from sqlalchemy import select
from test_world import contents

from quiz import db
from quiz.models import Star
from quiz.services import banks, study

BROWSE = "/banks/dam/browse"


def sides(page):
    """What stands before a card is turned, and what stands behind."""
    front, back = re.search(r'<div class="question.*?(?=<details)|$', page.html, re.DOTALL), page.html
    return front[0], back[back.index('<details class="turn"') : back.index("</details>")]


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def only(app, *questions):
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(*questions), now=app.config["CLOCK"]())


# ---------------------------------------------------------------- both sides


@pytest.mark.parametrize(
    ("kind", "front", "back"),
    [
        ("choice", ["Who announced", "Layla al-Hasan", "Omar Salem", "Ada Moore"], ["Layla al-Hasan", "She told"]),
        ("true_false", ["True or false?", "Omar Salem announced"], ["False"]),
        ("typed", ["Which minister"], ["Layla al-Hasan"]),
        ("cloze", ["The dam holds ____ cubic"], ["3"]),
        ("multi_select", ["Which matters", "the railway", "fishing", "visas"], ["the railway", "fishing"]),
        ("ordering", ["In which order", "the vote"], ["the visit the meeting the treaty the vote"]),
        ("matching", ["the minister", "the envoy", "Salma", "Nabil"], ["the minister : Salma", "the envoy : Karim"]),
    ],
)
def test_a_card_of_each_kind_asks_on_its_front_and_answers_on_its_back(nobody, kind, front, back):
    page = nobody.get(f"{BROWSE}?kind={kind}")
    before, behind = map(plain, sides(page))
    assert [words for words in front if words not in before] == []
    assert [words for words in back if words not in behind] == []


def test_the_back_names_the_source_and_says_why(nobody):
    _, behind = map(plain, sides(nobody.get(f"{BROWSE}?kind=choice")))
    assert "She told the press." in behind
    assert "Layla al-Hasan ; the article, paragraph 4 ( «قالت الوزيرة…» )" in behind


def test_the_front_is_the_same_whichever_option_is_right(app, nobody):
    def front(key):
        only(app, make_question(key=key))
        return sides(nobody.get(BROWSE))[0]

    assert front("layla") == front("omar") == front("ada")


def test_an_ordering_never_stands_in_its_right_order(app, nobody):
    items = [{"id": name, "text": {"ar": name, "en": name}} for name in ("first", "second")]
    for nr in range(6):
        only(app, make_question("ordering", id=f"s-{nr}.order.ordering", items=items))
        assert "second first" in plain(sides(nobody.get(BROWSE))[0])


def test_a_card_is_turned_without_a_script(nobody):
    assert '<details class="turn">' in nobody.get(BROWSE).html
    assert '<details class="turn" open>' in nobody.get(f"{BROWSE}?turned=1").html


def test_a_card_is_read_in_the_language_of_study(signed_in):
    page = signed_in("student", study_language="ar").get(f"{BROWSE}?kind=true_false")
    before, behind = map(plain, sides(page))
    assert "صواب أم خطأ؟ أعلن عمر سالم فتح السد." in before
    assert "خطأ" in behind


def test_what_a_person_marks_is_no_card(nobody):
    pages = [nobody.get(f"{BROWSE}?n={n}").text for n in range(1, 12)]
    assert [text for text in pages if "What do both sides think?" in text] == []
    assert "Card 11 of 11" in pages[10]


# ---------------------------------------------------------------- one after the other


def test_one_goes_from_card_to_card_and_back(nobody):
    page = nobody.get(f"{BROWSE}?topic=water&n=2")
    assert "Card 2 of 2" in page.text
    assert [link for link in page.links if "n=" in link] == [f"{BROWSE}?n=1&topic=water"]
    first = nobody.get(f"{BROWSE}?topic=water")
    assert [link for link in first.links if "n=" in link] == [f"{BROWSE}?n=2&topic=water"]
    assert "The first card" in first.text


@pytest.mark.parametrize(("lang", "ahead"), [("en", "ArrowRight"), ("ar", "ArrowLeft")])
def test_the_arrow_that_points_ahead_leads_to_the_next_card(signed_in, lang, ahead):
    page = signed_in("nobody", lang).get(f"{BROWSE}?n=5")
    assert re.search(r'data-key="(\w+)"[^>]*n=6', page.html)[1] == ahead


@pytest.mark.parametrize(
    ("n", "card"), [("0", 1), ("-3", 1), ("99", 11), ("9" * 30, 11), ("x", 1), ("", 1), ("2.5", 1), ("٣", 3)]
)
def test_a_number_that_no_card_has_leads_to_the_nearest(nobody, n, card):
    page = nobody.get(f"{BROWSE}?n={n}")
    assert (page.status, f"Card {card} of 11" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ("topic=none", 404),
        ("kind=essay", 422),
        ("only=wrong", 422),
        ("fact=f-1'--", 200),
        ("point=%3Cscript%3E", 200),
        ("only=missed", 200),
        ("only=starred", 200),
        ("topic=&kind=&only=", 200),
    ],
)
def test_a_choice_that_makes_no_sense_is_answered_plainly(nobody, choice, status):
    page = nobody.get(f"{BROWSE}?{choice}")
    assert (page.status, "<script>" in page.html) == (status, False)


def test_when_no_card_fits_the_page_says_so_and_offers_the_choice(nobody):
    page = nobody.get(f"{BROWSE}?only=missed")
    assert page.heading == "No card fits these choices"
    assert '<option value="missed" selected>' in page.html
    assert BROWSE in page.links


def test_what_is_chosen_stays_chosen(nobody):
    page = nobody.get(f"{BROWSE}?topic=water&kind=cloze&only=new")
    assert re.findall(r'value="(\w+)" selected', page.html) == ["water", "cloze", "new"]


# ---------------------------------------------------------------- one's own cards


def test_a_learner_turns_those_that_were_missed_or_not_met(app, student):
    only(app, *more(2))
    page = student.start("all")
    student.follow(student.send(page.form("/answer"), option="1", sure="guess"))
    with db.reading(db.engine_of(app)) as session:
        met = study.chosen(session, "dam", study.Filters(only="new"), learner_id=student.user_id)
    page = student.get(f"{BROWSE}?only=new")
    assert "Card 1 of 1" in page.text
    assert met[0].stem.en in page.text


def test_what_a_quiz_still_withholds_is_no_missed_card(app, student):
    only(app, make_question("true_false"))
    page = student.start("all", feedback="end")
    assert student.get(f"{BROWSE}?only=missed").heading == "No card fits these choices"
    student.follow(student.send(page.form("/answer"), option="1"))
    assert "Card 1 of 1" in student.get(f"{BROWSE}?only=missed").text


def test_turning_cards_changes_nothing(app, student):
    before = contents(app)
    for query in ("", "?n=3&turned=1", "?only=missed", "?kind=matching"):
        student.get(BROWSE + query)
    assert contents(app) == before


def stars(app):
    with db.reading(db.engine_of(app)) as session:
        return [tuple(row) for row in session.execute(select(Star.learner_id, Star.question_id))]


def test_a_star_is_set_and_taken_away_where_one_is(app, student):
    page = student.get(f"{BROWSE}?kind=choice&n=2&turned=1")
    form = page.form("/stars")
    starred = student.send(form)
    assert (starred.status, starred.location) == (303, f"{BROWSE}?n=2&kind=choice&turned=1")
    student.send(form)
    assert stars(app) == [(student.user_id, "f-10.day.choice")]
    page = student.get(f"{BROWSE}?only=starred")
    assert ("Card 1 of 1" in page.text, 'aria-pressed="true"' in page.html) == (True, True)
    student.send(page.form("/stars"))
    assert stars(app) == []
    assert student.get(f"{BROWSE}?only=starred").heading == "No card fits these choices"


def test_a_star_is_ones_own(app, student, signed_in):
    student.send(student.get(BROWSE).form("/stars"))
    other = signed_in("guest")
    assert 'aria-pressed="false"' in other.get(BROWSE).html
    assert "★" not in signed_in("nobody").get(BROWSE).html
    assert [form for form in signed_in("nobody").get(BROWSE).forms if form.action.endswith("/stars")] == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"on": "1", "question": "f-99.none"}, 404),
        ({"on": "1"}, 404),
        ({"question": "f-1.speaker.choice"}, 422),
        ({"on": "2", "question": "f-1.speaker.choice"}, 422),
        ({"on": "1", "question": "f-1.speaker.choice", "kind": "essay"}, 422),
        ({"on": "1", "question": "f-1.speaker.choice", "topic": "none"}, 404),
    ],
)
def test_a_star_on_nothing_is_refused(app, student, form, status):
    assert student.post("/banks/dam/stars", **form).status == status
    assert student.post("/banks/none/stars", **form).status in {404, 422}
    assert stars(app) == []


def test_a_star_needs_a_login_and_the_sites_own_form(app, student, nobody):
    form = {"on": "1", "question": "f-1.speaker.choice"}
    assert nobody.post("/banks/dam/stars", **form).status == 404
    assert student.client.post("/banks/dam/stars", data=form).status_code == 400
    assert stars(app) == []
