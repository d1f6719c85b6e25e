"""A question that was corrected, got a second key or was voided: who changes, and what moves with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import make_learner, make_question, make_user, more
from school import NILS, OMAR, RIGHT, make_school
from sqlalchemy import event, func, select
from test_results import same, sums_as_they_are, sums_worked_out

from questions.errors import NotFound
from questions.responses import Unknown, Written
from quiz import db
from quiz.models import (
    INSTRUCTOR,
    Attempt,
    Base,
    Card,
    Entry,
    ItemSum,
    MarkChange,
    QuestionRow,
    Report,
    ReviewLog,
    SittingRow,
    User,
)
from quiz.services import appeals, banks, editing, study
from quiz.services.results import single, sums
from quiz.services.results.regrade import regrade

QUESTION = "f-10.day.choice"


@pytest.fixture
def school(session, now):
    return make_school(session, now, questions=more(2))


@pytest.fixture
def sat(school, now):
    """An assignment that three students have sat: the first was right, the others chose Omar and nobody."""
    row = school.give(now)
    for student, said in zip(school.students, (RIGHT, OMAR, Unknown()), strict=True):
        school.answer_by(row, student, now, {QUESTION: said})
    return row


def correct(session, now, author, **changes):
    """Save another text of the question, as an editor does."""
    row = session.get_one(QuestionRow, ("dam", QUESTION))
    question = banks.parse(row.body).model_copy(update=changes)
    editing.save(session, "dam", question, seen=row.number, author_id=author.id, now=now)
    session.flush()


def points(session, school, row):
    session.expire_all()
    return [
        session.scalars(
            select(SittingRow.points).where(SittingRow.learner_id == one.id, SittingRow.assignment_id == row.id)
        ).one()
        for one in school.students
    ]


def run(session, school, now, **more):
    return regrade(session, "dam", QUESTION, author_id=school.teacher.id, now=now, **more)


def test_the_list_comes_first_and_changes_nothing(session, school, sat, now):
    before = sums_as_they_are(session, sat.id)
    correct(session, now, school.teacher, key="omar")
    changes = run(session, school, now)
    assert [(one.student, one.before, one.after) for one in changes] == [
        ("Student 01", 1.0, 0.0),
        ("Student 02", 0.0, 1.0),
    ]
    assert points(session, school, sat) == [1, 0, 0]
    assert sums_as_they_are(session, sat.id) == before
    assert session.scalar(select(func.count()).select_from(MarkChange)) == 0


def test_a_list_can_be_had_before_the_question_is_saved(session, school, sat, now):
    asked = banks.parse(session.get_one(QuestionRow, ("dam", QUESTION)).body).model_copy(update={"key": "omar"})
    assert len(run(session, school, now, question=asked)) == 2
    assert [one.after for one in run(session, school, now, void=True)] == [1.0, 1.0]
    assert session.get_one(QuestionRow, ("dam", QUESTION)).voided_at is None


def test_a_corrected_key_moves_marks_points_and_sums(session, school, sat, now):
    correct(session, now, school.teacher, key="omar")
    run(session, school, now, dry=False)
    assert points(session, school, sat) == [0, 1, 0]
    same(sums_as_they_are(session, sat.id), sums_worked_out(session, sat.id))
    changes = session.scalars(select(MarkChange).order_by(MarkChange.id)).all()
    assert [(one.cause, one.share_before, one.share_after) for one in changes] == [
        ("corrected", 1.0, 0.0),
        ("corrected", 0.0, 1.0),
    ]
    assert {one.author_id for one in changes} == {school.teacher.id}
    assert run(session, school, now) == []


def test_a_second_key_adds_and_takes_nothing_away(session, school, sat, now):
    options = banks.parse(session.get_one(QuestionRow, ("dam", QUESTION)).body).options
    weighed = tuple(one.model_copy(update={"weight": 1.0}) if one.id in {"omar", "layla"} else one for one in options)
    correct(session, now, school.teacher, options=weighed)
    assert [(one.student, one.after) for one in run(session, school, now, dry=False)] == [("Student 02", 1.0)]
    assert points(session, school, sat) == [1, 1, 0]
    assert set(banks.parse(session.get_one(QuestionRow, ("dam", QUESTION)).body).rights) == {"layla", "omar"}


def test_a_voided_question_counts_in_full_for_all_and_is_asked_no_more(session, school, sat, now):
    run(session, school, now, dry=False, void=True)
    assert points(session, school, sat) == [1, 1, 1]
    row = session.get_one(QuestionRow, ("dam", QUESTION))
    assert (row.voided_at, row.retired_at) == (now, now)
    assert {one.cause for one in session.scalars(select(MarkChange))} == {"void"}
    items, _options = sums_as_they_are(session, sat.id)
    assert items[QUESTION][:3] == [3, pytest.approx(3), pytest.approx(3)]
    later = school.give(now)
    assert QUESTION not in later.plan["questions"]


def test_a_voided_question_counts_for_those_who_never_came_to_it(session, now):
    school = make_school(session, now, questions=more(2))
    row = school.give(now)
    for student in school.students:
        school.sit(row, student, now, end=True)
    assert [one.after for one in run(session, school, now, void=True)] == [1.0, 1.0, 1.0]
    run(session, school, now, void=True, dry=False)
    assert points(session, school, row) == [1, 1, 1]
    assert run(session, school, now, void=True) == []


def test_what_was_voided_can_be_taken_back(session, school, sat, now):
    student = school.students[0]
    school.sit(school.give(now, title="open"), student, now, end=True)  # two sittings that hold it, one not answered
    before = [points(session, school, sat), sums_as_they_are(session, sat.id)]
    run(session, school, now, dry=False, void=True)
    run(session, school, now, dry=False, void=False)
    assert session.get_one(QuestionRow, ("dam", QUESTION)).voided_at is None
    assert points(session, school, sat) == before[0]
    same(sums_as_they_are(session, sat.id), before[1])


def test_a_sitting_that_ends_after_the_voiding_has_the_full_mark_too(session, now):
    school = make_school(session, now, questions=more(1))
    row, student = school.give(now), school.students[0]
    sitting = school.sit(row, student, now)
    run(session, school, now, dry=False, void=True)
    study.answer(
        session, study.open_attempt(session, sitting.id, learner=student), learner=student, response=NILS, now=now
    )
    session.expire_all()
    assert session.get_one(SittingRow, (student.id, sitting.id)).points == 1
    assert sums.of_assignment(session, row.id)[QUESTION].marks == 1


def test_a_mark_changed_by_hand_stays(session, school, sat, now):
    attempt = session.scalars(
        select(Attempt).where(Attempt.learner_id == school.students[1].id, Attempt.question_id == QUESTION)
    ).one()
    single.set_mark(session, sat.id, attempt.learner_id, attempt.id, 0.25, why="orally", user=school.teacher, now=now)
    correct(session, now, school.teacher, key="omar")
    assert [one.student for one in run(session, school, now, dry=False)] == ["Student 01"]
    session.refresh(attempt)
    assert attempt.share == 0.25


def test_an_option_that_is_gone_keeps_its_verdict(session, school, sat, now):
    options = banks.parse(session.get_one(QuestionRow, ("dam", QUESTION)).body).options
    correct(session, now, school.teacher, options=tuple(one for one in options if one.id != "omar"))
    assert run(session, school, now, dry=False) == []


def test_memories_are_told_anew_and_replay_to_the_same(session, school, sat, now):
    one, two = school.students[:2]
    correct(session, now, school.teacher, key="omar")
    run(session, school, now + timedelta(days=3), dry=False)
    for student, ratings in ((one, [(3, True), (1, False)]), (two, [(1, True), (3, False)])):
        rows = session.scalars(
            select(ReviewLog)
            .where(ReviewLog.learner_id == student.id, ReviewLog.question_id == QUESTION)
            .order_by(ReviewLog.reviewed_ms)
        ).all()
        assert [(row.rating, row.voided_at is not None) for row in rows] == ratings
        assert len({row.day for row in rows}) == 1
        card = session.get_one(Card, (student.id, rows[0].card_id))
        before = (card.stability, card.due, card.reps)
        study.recount(session, student.id, card.id)
        assert (card.stability, card.due, card.reps) == before


def test_a_review_that_came_later_stays_later(session, now):
    school = make_school(session, now, questions=more(1))
    row, student = school.give(now), school.students[0]
    school.sit(row, student, now, OMAR)
    tomorrow = now + timedelta(days=1)
    own = study.start_quiz(session, "dam", learner=student, count=None, now=tomorrow)
    study.answer(
        session, study.open_attempt(session, own, learner=student), learner=student, response=RIGHT, now=tomorrow
    )
    asked = banks.parse(session.get_one(QuestionRow, ("dam", QUESTION)).body).options
    weighed = tuple(one.model_copy(update={"weight": 1.0}) if one.id in {"omar", "layla"} else one for one in asked)
    correct(session, tomorrow, school.teacher, options=weighed)
    run(session, school, tomorrow, dry=False)
    rows = session.execute(
        select(ReviewLog.day, ReviewLog.rating, ReviewLog.counted)
        .where(ReviewLog.learner_id == student.id, ReviewLog.voided_at.is_(None))
        .order_by(ReviewLog.reviewed_ms)
    ).all()
    day = study.today(student, now)
    assert [tuple(one) for one in rows] == [(day, 3, True), (day + 1, 3, True)]


def test_of_a_voided_question_a_memory_is_told_nothing(session, school, sat, now):
    run(session, school, now, dry=False, void=True)
    student = school.students[1]
    live = session.scalars(
        select(ReviewLog).where(
            ReviewLog.learner_id == student.id, ReviewLog.question_id == QUESTION, ReviewLog.voided_at.is_(None)
        )
    ).all()
    assert live == []
    assert session.scalars(select(Card.reps).where(Card.learner_id == student.id, Card.point == "f-10.day")).one() == 0


def test_self_study_is_regraded_too_and_names_nobody(session, school, now):
    learner = make_learner(session)
    own = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now)
    while (attempt := study.open_attempt(session, own, learner=learner)) is not None:
        study.answer(session, attempt, learner=learner, response=OMAR, now=now)
    correct(session, now, school.teacher, key="omar")
    changes = run(session, school, now, dry=False)
    assert [(one.student, one.before, one.after) for one in changes] == [(None, 0.0, 1.0)]
    session.expire_all()
    assert session.get_one(SittingRow, (learner.id, own)).points == 1


def test_names_are_for_those_who_teach_them(session, school, sat, now):
    other = session.get_one(User, make_user(session, login_name="b", name_key="b", role=INSTRUCTOR))
    correct(session, now, school.teacher, key="omar")
    changes = regrade(session, "dam", QUESTION, author_id=other.id, now=now)
    assert {one.student for one in changes} == {None}
    assert len(changes) == 2


def test_a_regrade_is_in_the_journal_of_bank_and_class(session, school, sat, now):
    correct(session, now, school.teacher, key="omar")
    run(session, school, now, dry=False)
    entries = session.scalars(select(Entry).where(Entry.what == "regraded")).all()
    assert {(one.class_id, one.detail["changed"]) for one in entries} == {(None, 2), (school.class_id, 2)}


def test_a_question_that_is_not_there(session, school, now):
    with pytest.raises(NotFound):
        regrade(session, "dam", "nothing", author_id=school.teacher.id, now=now)


def test_the_student_sees_the_corrected_question_and_why(session, school, sat, now):
    student = school.students[0]
    attempt = session.scalars(
        select(Attempt.id).where(Attempt.learner_id == student.id, Attempt.question_id == QUESTION)
    ).one()
    feedback = make_question(feedback={"ar": "صُحّح.", "en": "Corrected: it was Omar."}).feedback
    correct(session, now, school.teacher, key="omar", feedback=feedback)
    unchanged = study.attempt_page(session, attempt, learner=student, now=now)
    assert (unchanged.question.key, unchanged.after.change) == ("layla", None)
    run(session, school, now, dry=False)
    page = study.attempt_page(session, attempt, learner=student, now=now)
    assert (page.question.key, page.question.feedback) == ("omar", feedback)
    assert (page.after.verdict.outcome, page.after.change.cause) == ("wrong", "corrected")


def test_withheld_sittings_are_regraded_without_a_word(session, school, now):
    row = school.give(now, feedback="closed", closes_at=now + timedelta(days=1))
    student = school.students[0]
    sitting = school.answer_by(row, student, now, {QUESTION: OMAR})
    correct(session, now, school.teacher, key="omar")
    run(session, school, now, dry=False)
    attempt = session.scalars(select(Attempt.id).where(Attempt.sitting_id == sitting.id)).first()
    assert study.attempt_page(session, attempt, learner=student, now=now).after is None
    assert session.scalar(select(func.count()).select_from(ReviewLog)) == 0
    session.expire_all()
    assert session.get_one(SittingRow, (student.id, sitting.id)).points == 1


# ---------------------------------------------------------------- appeals


@pytest.fixture
def appealed(session, now):
    """Two students typed a name that the question does not know, and one of them appealed."""
    school = make_school(session, now, questions=[make_question("typed"), *more(1)])
    row = school.give(now, kind="typed")
    for student in school.students[:2]:
        school.sit(row, student, now, Written(text="Madam Layla H"))
    student = school.students[0]
    attempt = session.scalars(select(Attempt).where(Attempt.learner_id == student.id)).one()
    editing.report(session, attempt.id, learner_id=student.id, kind="i_was_right", note="", now=now)
    session.flush()
    return school, row, attempt


@pytest.mark.parametrize(("decision", "mark"), [("right", 1.0), ("half", 0.5), ("leave", 0.0)])
def test_a_decision_regrades_all_who_typed_it_and_the_student_sees_it(session, appealed, now, decision, mark):
    school, row, attempt = appealed
    done = appeals.decide(
        session, "dam", attempt.question_id, "madam layla h", decision, seen=1, author_id=school.teacher.id, now=now
    )
    assert (done.refused, done.before) == (None, False)
    session.expire_all()
    sittings = session.scalars(select(SittingRow).where(SittingRow.assignment_id == row.id)).all()
    assert [one.points for one in sittings] == [mark, mark]
    if mark:
        assert session.scalars(select(ItemSum.marks)).one() == pytest.approx(2 * mark)
    assert session.scalars(select(Report.decision)).one() == decision
    after = study.attempt_page(session, attempt.id, learner=school.students[0], now=now).after
    assert after.decision == decision
    assert (after.change.cause if after.change else None) == ("appeal" if mark else None)


def test_a_regrade_looks_everything_up_by_an_index(now):
    """As long as nobody scans a table, a bank that a thousand classes were given is regraded as fast as this one."""
    engine = db.make_engine("sqlite://")
    Base.metadata.create_all(engine)
    plans = []

    def explain(_conn, cursor, statement, values, _context, _many):
        if statement.startswith("SELECT"):
            plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())

    with db.transaction(engine) as session:
        school = make_school(session, now, questions=more(2), students=1)
        school.answer_by(school.give(now), school.students[0], now, {QUESTION: OMAR})
        event.listen(engine, "before_cursor_execute", explain)
        for void in (True, False):
            run(session, school, now, dry=False, void=void)
    engine.dispose()
    assert len(plans) > 20
    assert [one for one in plans if one.startswith("SCAN ") and "CONSTANT" not in one and "subquery" not in one] == []
