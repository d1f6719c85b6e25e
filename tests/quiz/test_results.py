"""Results of a class: sums equal to a recomputation, Moodle's figures of Moodle's attempts, grades that run nothing."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
from factories import make_question, make_user, more
from openpyxl import load_workbook
from school import NILS, OMAR, RIGHT, make_school
from sqlalchemy import func, select

from export.grades import Grade, grades_csv, grades_xlsx
from questions.errors import BadInput, Conflict, NotFound
from questions.item_analysis import item_figures
from questions.responses import Judged
from quiz import db
from quiz.models import (
    INSTRUCTOR,
    Assignment,
    Attempt,
    BankRow,
    Card,
    Editor,
    Entry,
    ItemSum,
    MarkChange,
    OptionSum,
    ReviewLog,
    SittingRow,
    User,
)
from quiz.services import assignments, classes, study
from quiz.services.leaving import erase
from quiz.services.results import single, sums, table

MOODLE = Path(__file__).parents[2].parent / "shared" / "banks" / "moodle_stats"
DAY = timedelta(days=1)
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=cmd|'/c calc'!A0"]


def sums_as_they_are(session, assignment_id):
    session.expire_all()
    items = {
        row.question_id: [row.answers, row.marks, row.squares, row.rest, row.rest_squares, row.products]
        for row in session.scalars(select(ItemSum).where(ItemSum.assignment_id == assignment_id))
    }
    options = {
        (row.question_id, row.option): [row.chosen, row.rest]
        for row in session.scalars(select(OptionSum).where(OptionSum.assignment_id == assignment_id))
        if row.chosen
    }
    return items, options


def sums_worked_out(session, assignment_id):
    """The same from the attempts alone."""
    items, options = {}, {}
    sittings = session.scalars(
        select(SittingRow).where(SittingRow.assignment_id == assignment_id, SittingRow.finished_at.is_not(None))
    )
    for sitting in sittings:
        rows = session.scalars(
            select(Attempt).where(
                Attempt.learner_id == sitting.learner_id,
                Attempt.sitting_id == sitting.id,
                Attempt.answered_at.is_not(None),
            )
        ).all()
        marks = {**dict.fromkeys(sitting.plan, 0.0), **{row.question_id: row.share for row in rows}}
        total = sum(marks.values())
        for name, mark in marks.items():
            rest = total - mark
            own = items.setdefault(name, [0] * 6)
            for nr, value in enumerate((1, mark, mark * mark, rest, rest * rest, mark * rest)):
                own[nr] += value
        for row in rows:
            response = json.loads(row.response)
            if response["kind"] == "chosen":
                own = options.setdefault((row.question_id, response["option"]), [0, 0.0])
                own[0] += 1
                own[1] += total - row.share
    return items, options


def same(found, expected):
    assert found[0].keys() == expected[0].keys()
    assert found[1].keys() == expected[1].keys()
    for one, other in zip(found, expected, strict=True):
        for key, values in other.items():
            assert one[key] == pytest.approx(values, abs=1e-9), key


def test_a_sitting_is_added_once_when_it_finishes(session, now):
    school = make_school(session, now)
    row, student = school.give(now), school.students[0]
    sitting = school.sit(row, student, now, RIGHT)
    assert sums_as_they_are(session, row.id) == ({}, {})
    for _ in range(3):
        study.finish(session, sitting.id, learner=student, now=now)
    assert {values[0] for values in sums_as_they_are(session, row.id)[0].values()} == {1}


def test_an_own_quiz_adds_to_no_sum(session, now):
    school = make_school(session, now)
    school.give(now)
    own = study.start_quiz(session, "dam", learner=school.students[0], count=1, now=now)
    study.finish(session, own, learner=school.students[0], now=now)
    assert session.scalar(select(func.count()).select_from(ItemSum)) == 0


def test_figures_from_sums_equal_those_from_all_marks(session, now):
    school = make_school(session, now, students=12, questions=more(6))
    row = school.give(now)
    chance = random.Random(3)  # noqa: S311
    for student in school.students:
        school.sit(row, student, now, *[chance.choice([RIGHT, RIGHT, OMAR]) for _ in range(6)])
    marks = [
        dict(sums.marks_of(session, one).marks)
        for one in session.scalars(select(SittingRow).where(SittingRow.assignment_id == row.id))
    ]
    whole = item_figures(marks, dict.fromkeys(row.plan["questions"], 1.0))
    for name, running in sums.of_assignment(session, row.id).items():
        own = sums.figures(running)
        for field in ("answers", "facility", "spread", "discrimination"):
            assert getattr(own, field) == pytest.approx(getattr(whole[name], field), rel=1e-9), field


def read_moodle():
    marks, best = [], {}
    with (MOODLE / "mdl_question_states.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["slot"] == "1":
                marks.append({})
            best[row["slot"]] = float(row["maxmark"])
            marks[-1][row["slot"]] = float(row["mark"] or 0)
    return marks, best


@pytest.mark.skipif(not MOODLE.is_dir(), reason="Moodle's published attempts lie beside the repository, not in it")
def test_moodles_attempts_give_moodles_figures(session, now):
    """Fed into the running sums sitting by sitting. Efficiency, which needs sorted marks, is worked out when asked."""
    marks, best = read_moodle()
    names = {slot: f"f-{10 + nr}.day.choice" for nr, slot in enumerate(best)}
    school = make_school(session, now, questions=more(len(best)))
    row = school.give(now)
    for own in marks:
        named = {names[slot]: mark for slot, mark in own.items()}
        sums.add(session, sums.Marks(row.id, "dam", named, {}))
    found = {name: sums.figures(one) for name, one in sums.of_assignment(session, row.id).items()}
    whole = item_figures(marks, best)
    for expected in json.loads((MOODLE / "EXPECTED_mdl_question_states.json").read_text("utf-8")):
        slot = str(expected["slot"])
        own = found[names[slot]]
        if best[slot]:
            assert own.facility / best[slot] == pytest.approx(expected["facility_pct"], rel=1e-6)
        for value, theirs in (
            (own.discrimination, "discrimination_index_pct"),
            (whole[slot].efficiency, "discriminative_efficiency_pct"),
        ):
            assert value == (None if expected[theirs] is None else pytest.approx(expected[theirs], rel=1e-6)), slot


# ---------------------------------------------------------------- what is read


def test_results_by_student_question_and_topic_live(session, now):
    school = make_school(session, now, questions=more(4))
    row = school.give(now)
    one, two, _three = school.students
    school.sit(row, one, now, RIGHT, RIGHT, RIGHT, OMAR)
    school.sit(row, two, now, RIGHT, OMAR)
    found = table.results(session, row, now=now)
    assert [(line.state, line.grade) for line in found.lines] == [("done", 0.75), ("open", None), ("none", None)]
    assert [sat.answered for line in found.lines for sat in line.sittings] == [4, 2]
    assert sum(question.answers for question in found.questions) == 6
    assert {question.figures.answers for question in found.questions} == {1}
    assert [(topic.topic, topic.answers, round(topic.share, 3)) for topic in found.topics] == [("talks", 6, 0.667)]
    assert found.spread == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize(("counted", "grade"), [("best", 1.0), ("last", 0.5), ("first", 0.0)])
def test_which_of_several_attempts_counts(session, now, counted, grade):
    school = make_school(session, now, questions=more(2))
    row, student = school.give(now, attempts=3, counted=counted), school.students[0]
    for said in ((OMAR, OMAR), (RIGHT, RIGHT), (RIGHT, OMAR)):
        school.sit(row, student, now, *said)
    assert table.results(session, row, now=now).lines[0].grade == grade


def test_options_are_named_by_their_text_with_how_those_did_who_chose_them(session, now):
    school = make_school(session, now, students=4, questions=more(3))
    row = school.give(now)
    first, *others = row.plan["questions"]
    for student, said, rest in zip(school.students, (RIGHT, OMAR, OMAR, NILS), (OMAR, RIGHT, RIGHT, OMAR), strict=True):
        school.answer_by(row, student, now, {first: said, **dict.fromkeys(others, rest)})
    line = next(one for one in table.results(session, row, now=now).questions if one.id == first)
    assert line.blank == 0
    assert [(one.text.en, one.key, one.chosen, one.share, one.rest) for one in line.options] == [
        ("Layla al-Hasan", True, 1, 0.25, 0.0),
        ("Omar Salem", False, 2, 0.5, 1.0),
        ("Nils Berg", False, 1, 0.25, 0.0),
        ("Ada Moore", False, 0, 0.0, 0.0),
    ]
    assert [text.en for text in line.lures] == ["Omar Salem"]


def test_a_true_false_question_names_its_two_answers(session, now):
    school = make_school(session, now, questions=[make_question("true_false"), *more(1)])
    row = school.give(now)
    school.answer_by(row, school.students[0], now, {"f-1.speaker.true-false": Judged(value=True)})
    line = next(one for one in table.results(session, row, now=now).questions if one.question.kind == "true_false")
    assert [(one.text.en, one.key, one.chosen) for one in line.options] == [("True", False, 1), ("False", True, 0)]


def test_a_sitting_that_was_left_open_counts_as_ended_at_once_and_is_written_down_later(session, now):
    """Looking changes nothing: what is seen is what will be written when its student begins anything."""
    school = make_school(session, now, questions=more(4))
    row = school.give(now, minutes=10, attempts=2)
    first, second, _third = school.students
    school.sit(row, second, now, OMAR, RIGHT, RIGHT, RIGHT)
    sitting = school.sit(row, first, now, RIGHT, RIGHT)
    later = now + timedelta(minutes=10, seconds=6)
    seen = table.results(session, row, now=later)
    assert [(line.state, line.grade) for line in seen.lines] == [("done", 0.5), ("done", 0.75), ("none", None)]
    assert {one.figures.answers for one in seen.questions} == {2}
    assert session.get_one(SittingRow, (first.id, sitting.id)).finished_at is None
    assert assignments.start(session, row.id, learner=first, now=later) != sitting.id  # the second attempt
    session.expire_all()
    assert session.get_one(SittingRow, (first.id, sitting.id)).points == 2
    same(sums_as_they_are(session, row.id), sums_worked_out(session, row.id))
    written = table.results(session, row, now=later)
    assert [one.figures for one in written.questions] == [one.figures for one in seen.questions]
    assert [one.options for one in written.questions] == [one.options for one in seen.questions]


def test_sums_of_a_student_who_left_for_good_stay_without_a_name(session, now):
    school = make_school(session, now, questions=more(2))
    row = school.give(now)
    for student in school.students[:2]:
        school.sit(row, student, now, RIGHT, OMAR)
    erase(session, [school.students[0].id])
    line = table.results(session, row, now=now).questions[0]
    assert line.figures.answers == 2
    assert [one.name for one in classes.students(session, school.class_id)] == ["Student 02", "Student 03"]


# ---------------------------------------------------------------- for one student


def test_a_mark_changed_by_hand_moves_sums_points_and_the_page_of_the_student(session, now):
    school = make_school(session, now, questions=more(2))
    row, student = school.give(now), school.students[0]
    sitting = school.sit(row, student, now, OMAR, RIGHT)
    attempt = session.scalars(select(Attempt).where(Attempt.outcome == "wrong")).one()
    single.set_mark(session, row.id, student.id, attempt.id, 0.5, why="half right", user=school.teacher, now=now)
    session.expire_all()
    assert session.get_one(SittingRow, (student.id, sitting.id)).points == 1.5
    same(sums_as_they_are(session, row.id), sums_worked_out(session, row.id))
    after = study.attempt_page(session, attempt.id, learner=student, now=now).after
    assert (after.change.cause, after.change.why, after.verdict.outcome) == ("hand", "half right", "close")
    entry = session.scalars(select(Entry).where(Entry.what == "marked")).one()
    assert (entry.user_id, entry.author_id, entry.detail["why"]) == (student.id, school.teacher.id, "half right")


@pytest.mark.parametrize(("share", "why"), [(1.5, "x"), (-0.1, "x"), (0.5, ""), (0.5, "x" * 501)])
def test_a_mark_has_a_reason_and_bounds(session, now, share, why):
    school = make_school(session, now, questions=more(1))
    row, student = school.give(now), school.students[0]
    school.sit(row, student, now, OMAR)
    attempt = session.scalars(select(Attempt.id)).one()
    with pytest.raises(BadInput):
        single.set_mark(session, row.id, student.id, attempt, share, why=why, user=school.teacher, now=now)
    assert session.scalar(select(func.count()).select_from(MarkChange)) == 0


def test_a_reopened_attempt_goes_on_where_it_stood_and_is_added_once(session, now):
    school = make_school(session, now, questions=more(4))
    row, student = school.give(now, feedback="end", closes_at=now + 5 * DAY), school.students[0]
    sitting = school.sit(row, student, now, RIGHT, RIGHT, end=True)
    told = select(func.count()).select_from(ReviewLog).where(ReviewLog.voided_at.is_(None))
    assert session.scalar(told) == 2
    later = now + DAY
    single.reopen(
        session, row.id, student.id, sitting.id, minutes=15, why="the line broke", user=school.teacher, now=later
    )
    session.expire_all()
    assert sums_as_they_are(session, row.id)[1] == {}
    assert session.scalar(told) == 0
    assert sitting.closes_at == later + timedelta(minutes=15)
    school.sit(row, student, later, RIGHT, RIGHT)
    assert session.get_one(SittingRow, (student.id, sitting.id)).points == 4
    same(sums_as_they_are(session, row.id), sums_worked_out(session, row.id))
    assert session.scalar(told) == 4
    assert {card.reps for card in session.scalars(select(Card))} == {1}


def test_an_attempt_with_every_question_answered_is_not_reopened(session, now):
    school = make_school(session, now, questions=more(1))
    row, student = school.give(now), school.students[0]
    sitting = school.sit(row, student, now, RIGHT)
    with pytest.raises(Conflict):
        single.reopen(session, row.id, student.id, sitting.id, minutes=5, why="x", user=school.teacher, now=now)


def test_another_instructor_changes_nothing(session, now):
    school = make_school(session, now, questions=more(2))
    row, student = school.give(now), school.students[0]
    sitting = school.sit(row, student, now, RIGHT, end=True)
    attempt = session.scalars(select(Attempt.id).where(Attempt.answered_at.is_not(None))).one()
    other = session.get_one(User, make_user(session, login_name="b", name_key="b", role=INSTRUCTOR))
    mine = make_school_of(session, other, now)
    for do in (
        lambda: single.set_mark(session, row.id, student.id, attempt, 1, why="x", user=other, now=now),
        lambda: single.reopen(session, row.id, student.id, sitting.id, minutes=1, why="x", user=other, now=now),
        # By an assignment of their own: the answer is not one of it.
        lambda: single.set_mark(session, mine.id, student.id, attempt, 1, why="x", user=other, now=now),
        lambda: single.reopen(session, mine.id, student.id, sitting.id, minutes=1, why="x", user=other, now=now),
        lambda: single.allow(session, mine.id, student.id, why="x", user=other, now=now),
    ):
        with pytest.raises(NotFound):
            do()


def make_school_of(session, teacher, now):
    class_id = classes.make(session, "Other", user=teacher, now=now)
    made = assignments.give(session, class_id, assignments.Given("dam", "Mine"), user=teacher, now=now)
    return session.get_one(Assignment, made)


# ---------------------------------------------------------------- grades


def test_grades_out_of_any_maximum(session, now):
    school = make_school(session, now, questions=more(3))
    rows = [school.give(now, title="A"), school.give(now, title="B")]
    school.sit(rows[0], school.students[0], now, RIGHT, RIGHT, OMAR)
    found = table.grades(session, rows, school.class_id, now=now)
    assert [(one.name, shares) for one, shares in found][:2] == [
        ("Student 01", [2 / 3, None]),
        ("Student 02", [None, None]),
    ]
    lines = [Grade(one.name, one.number or "", "", shares) for one, shares in found]
    data = grades_csv(["Name", "Number", "Section", "A", "B"], lines, 20)
    assert data.decode("utf-8-sig").splitlines()[1] == "Student 01,101,,13.33,"
    assert data[:3] == b"\xef\xbb\xbf"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_never_runs_as_a_formula(name):
    grade = [Grade(name, name, name, [0.5])]
    cells = next(
        csv.reader(io.StringIO(grades_csv(["a", "b", "c", name], grade, 10).decode("utf-8-sig").split("\n", 1)[1]))
    )
    assert {cell[0] for cell in cells[:3]} == {"'"}
    book = load_workbook(io.BytesIO(grades_xlsx(["a", "b", "c", name], grade, 10, title="x", right_to_left=False)))
    assert {cell.data_type for row in book.active.rows for cell in row} <= {"s", "n"}
    assert book.active["D2"].value == 5


def test_the_sheet_of_an_arabic_class_runs_from_right_to_left():
    data = grades_xlsx(["الاسم"], [Grade("ليلى", "", "", [])], 10, title="الصف: [أ]/1", right_to_left=True)
    sheet = load_workbook(io.BytesIO(data)).active
    assert (sheet.title, sheet.sheet_view.rightToLeft, sheet["A2"].value) == ("الصف أ1", True, "ليلى")


# ---------------------------------------------------------------- pages


def post_class(instructor, **more):
    made = instructor.send(instructor.get("/teach/classes/").form("/teach/classes/"), name="10A")
    given = instructor.send(instructor.get(made.location + "/assign").form("/assign"), title="Quiz 1", **more)
    return made.location, given.location


def begin(browser, class_url):
    page = browser.get(class_url)
    return browser.follow(browser.send(next(form for form in page.forms if form.action.endswith("/start"))))


def test_the_page_of_results_follows_a_class_without_a_script(app, instructor, student, clock):
    class_url, results = post_class(instructor)
    code = instructor.get(class_url).html.split('class="code" dir="ltr">')[1][:6]
    student.post(f"/join/{code}", do="join")
    mine = class_url.replace("/teach", "")
    question = begin(student, mine)
    student.send(question.form("/answer"), sure="unknown")
    page = instructor.get(results + "?live=1")
    assert page.headers["Refresh"] == "10"
    assert "At work now 1" in page.text
    assert "1 of 9" in page.text
    assert "Refresh" not in instructor.get(results).headers


def test_a_kept_back_quiz_shows_nothing_until_it_is_closed(app, instructor, student, clock):
    until = (clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    class_url, _results = post_class(instructor, feedback="closed", closes_at=until, count="1", kind="true_false")
    code = instructor.get(class_url).html.split('class="code" dir="ltr">')[1][:6]
    student.post(f"/join/{code}", do="join")
    question = begin(student, class_url.replace("/teach", ""))
    attempt = question.form("/answer").action.removesuffix("/answer")
    end = student.follow(student.send(question.form("/answer"), option="1"))
    assert end.heading == "The answers are in"
    assert student.follow(student.get(attempt)).heading == "The answers are in"
    assert "Handed in; the result is told later" in student.get(class_url.replace("/teach", "")).text
    for path in ("world", "browse", "anki", "deck.apkg", "source", "points/f-1.speaker", "facts/f-1", "people/x"):
        assert student.get(f"/banks/dam/{path}").status == 404, path
    assert student.get("/").status == 200
    clock.move(hours=1)
    assert student.get("/banks/dam/anki").status == 200
    assert "Wrong" in student.get(attempt).text


def test_a_bank_of_the_class_is_on_the_first_page_of_its_students_alone(app, instructor, student, signed_in, clock):
    with app.test_request_context(), db.transaction() as session:
        session.get_one(BankRow, "dam").state = "class"
        session.add(Editor(bank_id="dam", user_id=instructor.user_id, at=clock()))
    class_url, _results = post_class(instructor)
    code = instructor.get(class_url).html.split('class="code" dir="ltr">')[1][:6]
    assert "/banks/dam/browse" not in student.get("/").links
    student.post(f"/join/{code}", do="join")
    assert "/banks/dam/browse" in student.get("/").links
    assert student.get("/banks/dam/browse").status == 200
    assert "Question 1 of" in student.start().text
    assert student.follow(student.post("/banks/dam/review", form_key="r" * 24)).status == 200
    assert "exam-dam" in student.get("/settings").html
    stranger = signed_in("guest")
    assert stranger.post("/banks/dam/quiz", form_key="k" * 24, size="5").status == 404
    assert "/banks/dam/browse" not in stranger.get("/").links
    post_class(instructor)  # another class
    exam = instructor.get(class_url + "/assign").form("/assign")
    instructor.send(exam, title="Exam", feedback="closed", closes_at="2026-01-13T09:00")
    home = student.get("/")
    assert "/banks/dam/browse" not in home.links
    assert "its questions are asked there alone" in home.text


def test_rules_that_do_not_fit_are_said_at_their_field_and_stay_typed(instructor):
    _class_url, results = post_class(instructor)
    form = instructor.get(results).form("/change")
    page = instructor.send(form, title="Renamed", opens_at="2026-02-02T09:00", closes_at="2026-02-01T09:00")
    assert page.status == 422
    assert {"title": "Renamed", "closes_at": "2026-02-01T09:00"}.items() <= dict(page.form("/change").fields).items()
    assert re.search(
        'id="closes_at"[^>]* aria-invalid="true" aria-describedby="fault"><p class="fault" id="fault">', page.html
    )


def test_what_is_done_for_a_student_needs_a_reason_and_is_shown(app, instructor, student, clock):
    class_url, results = post_class(instructor, attempts="1")
    code = instructor.get(class_url).html.split('class="code" dir="ltr">')[1][:6]
    student.post(f"/join/{code}", do="join")
    question = begin(student, class_url.replace("/teach", ""))
    attempt = question.form("/answer").action.split("/")[2]
    student.send(question.form("/answer"), sure="unknown")
    page = f"{results}/students/{student.user_id}"
    assert instructor.post(f"{page}/answers/{attempt}/mark", share="50").status == 422
    assert instructor.post(f"{page}/answers/{attempt}/mark", share="101", why="x").status == 422
    assert instructor.post(f"{page}/answers/{attempt}/mark", share="x", why="x").status == 422
    assert instructor.post(f"{page}/answers/{attempt}/mark", share="50", why="asked unclearly").status == 303
    assert "A mark was changed from 0% to 50%" in instructor.get(page).text
    assert "asked unclearly" in student.get(f"/attempts/{attempt}").text
    assert instructor.post(f"{page}/allow", attempts="1", why="was ill").status == 303
    assert "was ill" in instructor.get(page).text


@pytest.mark.parametrize("maximum", ["0", "-5", "nan", "inf", "x", "1e9"])
def test_a_maximum_that_is_none_is_refused(instructor, maximum):
    class_url, _results = post_class(instructor)
    assert instructor.get(f"{class_url}/grades.csv?max={maximum}").status == 422
    assert instructor.get(f"{class_url}/grades.pdf").status == 404


def counts(app):
    from quiz import db
    from quiz.models import LEARNER_TABLES, Base

    with app.test_request_context(), db.reading() as session:
        names = (*LEARNER_TABLES, "users", "item_sums", "option_sums")
        return {name: session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) for name in names}


def test_a_trial_records_nothing(app, instructor):
    _class_url, results = post_class(instructor, count="3")
    before = counts(app)
    for start in (f"{results}/try", "/teach/banks/dam/try"):
        page = instructor.get(start)
        assert "nothing of it is kept" in page.text
        for _ in range(12):
            form = next((form for form in page.forms if "try" in form.action), None)
            if form is None:
                break
            told = instructor.send(form, sure="unknown")
            assert "Wrong" in told.text
            page = instructor.get(next(link for link in told.links if "n=" in link))
        assert page.heading == "The end of the trial"
    assert counts(app) == before


def test_a_draft_is_tried_by_its_editors_alone(app, instructor, signed_in):
    from quiz import db
    from quiz.models import BankRow, Editor

    with app.test_request_context(), db.transaction() as session:
        session.get_one(BankRow, "dam").state = "draft"
        session.add(Editor(bank_id="dam", user_id=instructor.user_id, at=session.get_one(BankRow, "dam").created_at))
    assert instructor.get("/teach/banks/dam/try").status == 200
    other = signed_in("instructor", login_name="other", name_key="other")
    assert other.get("/teach/banks/dam/try").status == 404


def test_a_form_that_is_sent_twice_gives_once(app, instructor):
    made = instructor.send(instructor.get("/teach/classes/").form("/teach/classes/"), name="10A")
    form = instructor.get(made.location + "/assign").form("/assign")
    first, second = (instructor.send(form, title="Quiz 1") for _ in range(2))
    assert first.location == second.location
