"""A bank of another event beside the summit's: it is checked, loaded and asked like any other."""

from __future__ import annotations

import re

import pytest
import second_book
from click.testing import CliRunner
from sqlalchemy import select

from questions.generate import from_folder, packaged
from questions.responses import Shown
from quiz import db
from quiz.cli import qimma
from quiz.models import Attempt, SittingRow
from quiz.services import banks

BANK = "qirnas-2031"
LANGS = ["ar", "en"]


def load(app, folder):
    book, bank = from_folder(folder)
    with db.transaction(db.engine_of(app)) as session:
        return banks.load(session, bank, book=book, now=app.config["CLOCK"]())


@pytest.fixture
def both(app):
    """The site with the summit's bank, and this one beside it."""
    load(app, packaged())
    load(app, second_book.FOLDER)
    return app


@pytest.fixture(params=LANGS)
def lang(request):
    return request.param


@pytest.fixture
def single(app, lang, tmp_path):
    """The site with this bank in one language."""
    folder = tmp_path / "book"
    folder.mkdir()
    load(app, second_book.in_one(lang, folder))
    return app


def right_form(question, shown, lang):
    """What someone sends who knows the answer."""
    place = {name: nr for nr, name in enumerate(shown.order, 1)}
    match question.kind:
        case "choice":
            return {"option": str(place[question.key])}
        case "multi_select":
            return {"option": [str(place[key]) for key in question.keys]}
        case "true_false":
            return {"option": "1" if question.key else "2"}
        case "ordering":
            return {f"place-{place[item.id]}": str(nr) for nr, item in enumerate(question.items, 1)}
        case "matching":
            rights = {name: nr for nr, name in enumerate(shown.rights, 1)}
            return {f"right-{place[pair.id]}": str(rights[pair.id]) for pair in question.pairs}
        case _:
            return {"text": question.answer.best(lang)[1]}


def answer_all(app, visitor, page, lang):
    """Answer a quiz to its end, rightly. Returns every page that was seen."""
    pages = [page]
    while found := re.search(r"/attempts/(\d+)/answer", pages[-1].html):
        with db.reading(db.engine_of(app)) as session:
            attempt = session.get_one(Attempt, (visitor.user_id, int(found[1])))
            question = banks.live(session, BANK, [attempt.question_id])[0]
            form = right_form(question, Shown.model_validate_json(attempt.shown), lang)
            sitting = attempt.sitting_id
        pages.append(visitor.follow(visitor.post(f"/attempts/{found[1]}/answer", **form)))
        pages.append(visitor.follow(visitor.get(f"/sittings/{sitting}")))
    return pages


def points(app, visitor):
    with db.reading(db.engine_of(app)) as session:
        sitting = session.scalars(select(SittingRow).where(SittingRow.learner_id == visitor.user_id)).one()
        return sitting.points, sitting.planned


# ---------------------------------------------------------------- checking


def check(folder):
    done = CliRunner().invoke(qimma, ["bank", "check", str(folder)])
    return done.exit_code, done.stdout


def test_the_book_is_without_error():
    assert check(second_book.FOLDER) == (0, "qirnas-2031: 43 facts, 144 questions, no error\n")


def test_the_book_in_one_language_is_without_error(tmp_path, lang):
    assert check(second_book.in_one(lang, tmp_path)) == (0, "qirnas-2031: 43 facts, 144 questions, no error\n")


# ---------------------------------------------------------------- both banks on one site


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("ar", ("إنقاذ جبل قرناس، 15 فبراير/شباط 2031", "محادثات بوتين وبايدن عبر الفيديو")),
        ("en", ("The Mount Qirnas rescue of 15 February 2031", "The Putin-Biden video talks of 7 December 2021")),
    ],
)
def test_both_banks_are_on_the_first_page(both, signed_in, lang, titles):
    text = signed_in("nobody", lang).get("/").text
    assert [title for title in titles if title not in text] == []


def test_loading_one_bank_leaves_the_other_as_it_was(both):
    with db.reading(db.engine_of(both)) as session:
        before = banks.whole(session, "talks-2021-12-07")
    again = load(both, second_book.FOLDER)
    assert (again.new, again.changed, again.same, again.retired) == (0, 0, 144, 0)
    with db.reading(db.engine_of(both)) as session:
        assert banks.whole(session, "talks-2021-12-07") == before


def test_a_whole_quiz_is_asked_in_one_language_and_right_answers_score_in_full(both, signed_in, lang):
    student = signed_in("student", lang)
    pages = answer_all(both, student, student.start("all", BANK), lang)
    assert {page.status for page in pages} == {200}
    assert points(both, student) == (144, 144)
    assert {"ar": "144 من 144", "en": "144 of 144"}[lang] in pages[-1].heading
    assert [page.heading for page in pages if "None" in page.text] == []


# ---------------------------------------------------------------- a bank in one language


@pytest.mark.parametrize("interface", LANGS)
def test_a_bank_in_one_language_is_asked_in_it_whatever_the_reader_s(single, signed_in, lang, interface):
    student = signed_in("student", interface)
    pages = answer_all(single, student, student.start("20", BANK), lang)
    html = " ".join(page.html for page in pages)
    assert points(single, student) == (20, 20)
    assert re.findall(r'\bNone\b|<span lang="\w+" dir="\w+"></span>|«»|“”', html) == []
    stems = re.findall(r'<h1 class="stem".*?</h1>', html, re.DOTALL)
    assert len(stems) == 40  # before the answer, and after it
    assert [stem for stem in stems if f'<span lang="{lang}"' not in stem] == []


@pytest.mark.parametrize(
    ("interface", "once", "twice"),
    [
        ("ar", "المصدر: المقال، الفقرة ", "المصدر: (the article|المقال)؛"),
        ("en", "Source: the article, paragraph ", "Source: (the article|المقال);"),
    ],
)
def test_the_article_is_named_once_in_a_bank_of_one_language(single, signed_in, lang, interface, once, twice):
    student = signed_in("student", interface)
    text = " ".join(page.text for page in answer_all(single, student, student.start("20", BANK), lang))
    assert once in text
    assert re.findall(twice, text) == []
