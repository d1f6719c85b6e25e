"""What a class is given to do: when, how often, for how long, and what is kept from it meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import make_learner, make_question, make_user, more
from school import OMAR, RIGHT, make_school
from sqlalchemy import select

from questions.errors import BadInput, Conflict, NotFound
from questions.responses import Written
from quiz.models import INSTRUCTOR, Attempt, BankRow, Card, Editor, Entry, Member, ReviewLog, SittingRow, User
from quiz.services import assignments, figures, own_data, progress, study, taking, withholding, world
from quiz.services.results import single

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def school(session, now):
    return make_school(session, now)


def test_a_student_sits_the_same_quiz_as_the_others(school, now):
    row = school.give(now, count=3)
    first = school.sit(row, school.students[0], now)
    second = school.sit(row, school.students[1], now)
    assert first.plan == second.plan == row.plan["questions"]
    assert len(first.plan) == 3
    assert first.assignment_id == row.id


def test_a_quiz_that_is_drawn_for_each_differs_between_students(session, now):
    school = make_school(session, now, questions=more(30), students=6)
    row = school.give(now, count=5, same=False)
    plans = {tuple(school.sit(row, one, now).plan) for one in school.students}
    assert len(plans) > 1
    assert "questions" not in row.plan


def test_an_assignment_is_begun_once_and_gone_on_with(school, now):
    row, student = school.give(now), school.students[0]
    assert school.sit(row, student, now, RIGHT).id == school.sit(row, student, now).id


def test_no_more_attempts_than_were_given(school, now):
    row, student = school.give(now, attempts=2), school.students[0]
    for _ in range(2):
        school.sit(row, student, now, end=True)
    with pytest.raises(Conflict):
        school.sit(row, student, now)


def test_any_number_of_attempts(school, now):
    row, student = school.give(now, attempts=0), school.students[0]
    for _ in range(5):
        school.sit(row, student, now, end=True)
    assert len(assignments.turns(school.session, school.class_id, learner=student, now=now)[0].done) == 5


@pytest.mark.parametrize("at", [-1, 25])
def test_before_and_after_its_time_nobody_begins(school, now, at):
    row = school.give(now, opens_at=now, closes_at=now + DAY)
    with pytest.raises(Conflict):
        school.sit(row, school.students[0], now + at * HOUR)


def test_nobody_outside_of_the_class_begins_it(school, session, now):
    row, stranger = school.give(now), make_learner(session)
    for who in (stranger, school.teacher):
        with pytest.raises(NotFound):
            assignments.start(session, row.id, learner=who, now=now)
    session.get_one(Member, (school.class_id, school.students[0].id)).left_at = now
    with pytest.raises(NotFound):
        school.sit(row, school.students[0], now)
    assignments.withdraw(session, row.id, user=school.teacher, now=now)
    with pytest.raises(NotFound):
        school.sit(row, school.students[1], now)


def test_a_sitting_ends_with_its_time_limit_or_with_the_assignment(school, now):
    row = school.give(now, minutes=30, closes_at=now + DAY)
    assert school.sit(row, school.students[0], now).closes_at == now + timedelta(minutes=30)
    late = now + DAY - timedelta(minutes=10)
    assert school.sit(row, school.students[1], late).closes_at == now + DAY


def test_extra_time_is_part_of_the_limit_in_open_sittings_too(school, session, now):
    row = school.give(now, minutes=40)
    slow, quick = school.students[0], school.students[1]
    before = school.sit(row, slow, now)
    single.set_extra_time(session, school.class_id, slow.id, 0.5, why="dyslexia", user=school.teacher, now=now)
    assert before.closes_at == now + timedelta(minutes=60)
    single.allow(session, row.id, quick.id, minutes=5, why="the line broke", user=school.teacher, now=now)
    assert school.sit(row, quick, now).closes_at == now + timedelta(minutes=45)


def test_a_student_may_be_given_attempts_and_days_of_their_own(school, session, now):
    row, ill = school.give(now, closes_at=now + DAY), school.students[0]
    school.sit(row, ill, now, end=True)
    single.allow(
        session, row.id, ill.id, attempts=1, closes_at=now + 3 * DAY, why="was ill", user=school.teacher, now=now
    )
    assert school.sit(row, ill, now + 2 * DAY).finished_at is None
    with pytest.raises(Conflict):
        school.sit(row, school.students[1], now + 2 * DAY)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title": "  "}),
        ("closes_at", {"opens_at": datetime(2026, 2, 2, tzinfo=UTC), "closes_at": datetime(2026, 2, 1, tzinfo=UTC)}),
        ("past", {"closes_at": datetime(2026, 1, 12, 9, 0, tzinfo=UTC)}),
        ("feedback", {"feedback": "closed"}),
        ("feedback", {"feedback": "end"}),
        ("count", {"count": 0}),
        ("attempts", {"attempts": 21}),
        ("minutes", {"minutes": 0}),
        ("bank", {"bank_id": "nowhere"}),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(school, now, field, given):
    with pytest.raises(BadInput, match=field):
        school.give(now, **given)


def test_a_draft_is_given_to_nobody(school, session, now):
    session.get_one(BankRow, "dam").state = "draft"
    session.flush()
    with pytest.raises(BadInput, match="bank"):
        school.give(now)


def test_another_instructor_neither_gives_nor_sees(school, session, now):
    row = school.give(now)
    other = session.get_one(User, make_user(session, login_name="b", name_key="b", role=INSTRUCTOR))
    for do in (
        lambda: assignments.give(session, school.class_id, assignments.Given("dam", "x"), user=other, now=now),
        lambda: assignments.assignment_of(session, row.id, other),
        lambda: assignments.withdraw(session, row.id, user=other, now=now),
        lambda: single.allow(session, row.id, school.students[0].id, why="x", user=other, now=now),
    ):
        with pytest.raises(NotFound):
            do()


@pytest.mark.parametrize(("share", "points"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_a_class_says_what_a_close_answer_is_worth(session, now, share, points):
    school = make_school(session, now, questions=[make_question("typed")])
    row = school.give(now, close_share=share)
    sitting = school.sit(row, school.students[0], now, Written(text="Hasan"))
    assert sitting.points == points


# ---------------------------------------------------------------- what is kept back


def closed(school, now, **more):
    return school.give(now, feedback="closed", opens_at=now, closes_at=now + DAY, **more)


def test_after_closing_means_after_closing(school, session, now):
    row, student = closed(school, now), school.students[0]
    sitting = school.sit(row, student, now, RIGHT, OMAR, RIGHT, RIGHT)
    attempt = session.scalars(select(Attempt.id).where(Attempt.sitting_id == sitting.id)).first()
    before = study.attempt_page(session, attempt, learner=student, now=now + DAY - HOUR)
    assert (before.after, before.withheld) == (None, True)
    assert study.standing(session, sitting.id, learner=student, now=now).withheld_until == now + DAY
    assert assignments.turns(session, school.class_id, learner=student, now=now)[0].done[0].points is None
    after = study.attempt_page(session, attempt, learner=student, now=now + DAY)
    assert after.after.verdict.outcome == "right"
    assert assignments.turns(session, school.class_id, learner=student, now=now + DAY)[0].done[0].points == 3


def test_a_student_who_was_given_longer_keeps_it_from_the_others_too(school, session, now):
    row = closed(school, now)
    sitting = school.sit(row, school.students[0], now, RIGHT, RIGHT, RIGHT, RIGHT)
    single.allow(
        session, row.id, school.students[1].id, closes_at=now + 3 * DAY, why="ill", user=school.teacher, now=now
    )
    session.refresh(sitting)
    assert sitting.withheld_until == now + 3 * DAY
    assert withholding.closed_to(session, "dam", school.students[0].id, now=now + 2 * DAY)
    assert not withholding.closed_to(session, "dam", school.students[0].id, now=now + 3 * DAY)


def test_moving_the_end_moves_what_is_kept_back(school, session, now):
    row = closed(school, now)
    sitting = school.sit(row, school.students[0], now, RIGHT, RIGHT, RIGHT, RIGHT)
    school.change(row, now, opens_at=now, closes_at=now + 2 * DAY)
    session.refresh(sitting)
    assert sitting.withheld_until == now + 2 * DAY
    with pytest.raises(BadInput):
        school.change(row, now, closes_at=None)


def test_other_limits_reach_those_who_are_at_work(school, session, now):
    row, student = school.give(now, minutes=10), school.students[0]
    sitting = school.sit(row, student, now, RIGHT)
    school.change(row, now, title=" Week  2 ", minutes=20, attempts=2)
    session.expire_all()
    assert (row.title, sitting.closes_at) == ("Week 2", now + timedelta(minutes=20))
    school.change(row, now, minutes=None)
    session.expire_all()
    assert sitting.closes_at is None
    for what in ({"title": " "}, {"attempts": 21}, {"minutes": 0}, {"opens_at": now, "closes_at": now}):
        with pytest.raises(BadInput):
            school.change(row, now, **what)


def test_what_was_withdrawn_is_given_again(school, session, now):
    row, student = school.give(now), school.students[0]
    do = {"user": school.teacher, "now": now}
    for _ in range(2):
        assignments.withdraw(session, row.id, **do)
    with pytest.raises(NotFound):
        school.sit(row, student, now)
    assert assignments.of_class(session, school.class_id) == []
    assert assignments.of_class(session, school.class_id, withdrawn=True) == [row]
    for _ in range(2):
        assignments.withdraw(session, row.id, back=True, **do)
    assert school.sit(row, student, now).assignment_id == row.id
    written = session.scalars(select(Entry.what).order_by(Entry.id)).all()
    assert written[-2:] == ["withdrawn", "given-again"]


def test_no_number_tells_what_is_kept_back(school, session, now):
    row, student = closed(school, now), school.students[0]
    other = school.students[1]
    school.sit(row, student, now, RIGHT, RIGHT, RIGHT, RIGHT)
    school.sit(row, other, now, OMAR, OMAR, OMAR, OMAR)

    def told(who):
        drawn = figures.figures(session, "dam", learner=who, now=now)
        past = progress.past(session, "dam", learner=who, now=now)
        return (
            drawn.topics, drawn.scores, drawn.stages, drawn.difficult, drawn.recall, drawn.recognition, drawn.ahead,
            study.portion(session, "dam", learner=who, now=now),
            [(one.withheld, one.finished) for one in past.sittings],
            study.chosen(session, "dam", study.Filters(only="missed"), learner_id=who.id),
            list(session.scalars(select(Card.id).where(Card.learner_id == who.id))),
        )  # fmt: skip

    assert told(student) == told(other)
    answer = session.scalars(select(Attempt.id).where(Attempt.learner_id == student.id)).first()
    single.set_mark(session, row.id, student.id, answer, 0.5, why="x", user=school.teacher, now=now)
    archives = [b"".join(own_data.archive(session, who.id, now=now)) for who in (student, other)]
    for data in archives:
        import io
        import json
        import zipfile

        whole = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("qimma.json"))
        assert {one["outcome"] for one in whole["attempts"]} == {None}
        assert {one["points"] for one in whole["sittings"]} == {None}
        assert {one["share_after"] for one in whole["mark_changes"]} <= {None}


def test_memories_move_when_it_is_closed_each_answer_at_its_own_time(school, session, now):
    row, student = closed(school, now), school.students[0]
    sitting = school.sit(row, student, now, RIGHT, RIGHT, RIGHT, RIGHT)
    assert list(session.scalars(select(ReviewLog).where(ReviewLog.learner_id == student.id))) == []
    later = now + 2 * DAY
    study.start_quiz(session, "dam", learner=student, count=1, now=later)
    session.refresh(sitting)
    assert sitting.withheld_until is None
    rows = session.scalars(select(ReviewLog).where(ReviewLog.learner_id == student.id)).all()
    assert {row.day for row in rows} == {study.today(student, now)}
    assert len(rows) == 4
    assert {card.reps for card in session.scalars(select(Card).where(Card.learner_id == student.id))} == {1}


def test_memories_of_a_late_sitting_take_their_place_before_later_reviews(school, session, now):
    row, student = closed(school, now, count=1), school.students[0]
    sitting = school.sit(row, student, now, RIGHT)
    asked = sitting.plan[0]
    assignments.withdraw(session, row.id, user=school.teacher, now=now)  # the bank is free; the verdict waits
    tomorrow = now + HOUR * 20
    own = study.start_quiz(session, "dam", learner=student, count=None, now=tomorrow)
    while (attempt := study.open_attempt(session, own, learner=student)) is not None:
        study.answer(session, attempt, learner=student, response=RIGHT, now=tomorrow)
    study.start_quiz(session, "dam", learner=student, count=1, now=now + 2 * DAY)
    log = session.scalars(
        select(ReviewLog)
        .where(ReviewLog.learner_id == student.id, ReviewLog.question_id == asked)
        .order_by(ReviewLog.reviewed_ms)
    ).all()
    assert [one.day for one in log] == [study.today(student, now), study.today(student, tomorrow)]
    before = session.get_one(Card, (student.id, log[0].card_id)).stability
    study.recount(session, student.id, log[0].card_id)
    assert session.get_one(Card, (student.id, log[0].card_id)).stability == before


@pytest.mark.parametrize("feedback", ["end", "closed"])
def test_while_it_is_open_the_bank_is_closed_to_the_class_alone(school, session, now, feedback):
    school.give(now, feedback=feedback, opens_at=now + HOUR, closes_at=now + DAY)
    student, guest = school.students[0], make_learner(session)
    assert world.may_look(session, "dam", student, now=now)
    for who, may in ((student, False), (guest, True), (None, True), (school.teacher, True)):
        assert world.may_look(session, "dam", who, now=now + HOUR) is may
    assert world.may_look(session, "dam", student, now=now + DAY)


def test_an_assignment_that_tells_at_once_closes_nothing(school, session, now):
    school.give(now, closes_at=now + DAY)
    assert world.may_look(session, "dam", school.students[0], now=now)


def test_own_quizzes_and_reviews_leave_its_questions_out(school, session, now):
    row = closed(school, now, count=2)
    student = school.students[0]
    given = set(row.plan["questions"])
    others = {f"f-{nr}.day.choice" for nr in range(10, 14)} - given
    for sitting_id in (
        study.start_quiz(session, "dam", learner=student, count=None, now=now),
        study.start_review(session, "dam", learner=student, now=now),
    ):
        assert set(session.get_one(SittingRow, (student.id, sitting_id)).plan) == others
    assert study.portion(session, "dam", learner=student, now=now).new == 2
    assert study.portion(session, "dam", learner=student, now=now + DAY).new == 4
    stranger = make_learner(session)
    own = study.start_quiz(session, "dam", learner=stranger, count=None, now=now)
    assert len(session.get_one(SittingRow, (stranger.id, own)).plan) == 4


def test_another_way_to_ask_the_same_fact_is_left_out_too(session, now):
    school = make_school(session, now, questions=[make_question("choice"), make_question("typed"), *more(2)])
    row = school.give(now, kind="typed", feedback="closed", closes_at=now + DAY)
    assert row.plan["questions"] == ["f-1.speaker.typed"]
    own = study.start_quiz(session, "dam", learner=school.students[0], count=None, now=now)
    plan = session.get_one(SittingRow, (school.students[0].id, own)).plan
    assert set(plan) == {"f-10.day.choice", "f-11.day.choice"}


def test_when_everything_is_given_nothing_is_left_to_begin(school, session, now):
    closed(school, now, same=False)
    student = school.students[0]
    with pytest.raises(Conflict):
        study.start_quiz(session, "dam", learner=student, count=None, now=now)
    with pytest.raises(Conflict):
        study.start_review(session, "dam", learner=student, now=now)
    assert study.due_count(session, "dam", learner=student, now=now) == 0


def test_missed_questions_of_a_kept_back_sitting_are_not_gone_over(school, session, now):
    row, student = closed(school, now), school.students[0]
    sitting = school.sit(row, student, now, OMAR, RIGHT, RIGHT, RIGHT)
    with pytest.raises(Conflict):
        study.start_again(session, sitting.id, learner=student, now=now)
    again = study.start_again(session, sitting.id, learner=student, now=now + DAY)
    assert len(session.get_one(SittingRow, (student.id, again)).plan) == 1


def test_the_first_page_says_what_can_be_done_now(school, session, now):
    student = school.students[0]
    done = school.give(now, title="Done")
    school.give(now, title="Later", opens_at=now + DAY)
    school.give(now, title="Open", closes_at=now + DAY)
    school.sit(done, student, now, end=True)
    waits = assignments.waiting_for(session, learner=student, now=now)
    assert [(name, turn.title) for name, turn in waits] == [("10A", "Open")]


def test_a_class_bank_is_practised_by_those_who_were_given_it_once_it_is_open(school, session, now):
    session.get_one(BankRow, "dam").state = "class"
    session.add(Editor(bank_id="dam", user_id=school.teacher.id, at=now))
    session.flush()
    student, stranger = school.students[0], make_learner(session)
    assert taking.banks_to_practise(session, student, now=now) == []
    school.give(now, opens_at=now + DAY)  # an exam of next week is not read before
    assert not world.may_look(session, "dam", student, now=now)
    with pytest.raises(NotFound):
        taking.bank_to_practise(session, "dam", student, now=now)
    assert world.may_look(session, "dam", student, now=now + DAY)
    assert taking.banks_to_practise(session, student, now=now + DAY) == ["dam"]
    assert taking.bank_to_practise(session, "dam", student, now=now + DAY).id == "dam"
    assert not world.may_look(session, "dam", stranger, now=now + DAY)
    assert taking.banks_to_practise(session, stranger, now=now + DAY) == []
    with pytest.raises(NotFound):
        taking.bank_to_practise(session, "dam", stranger, now=now + DAY)


def test_a_reopened_attempt_keeps_the_bank_closed_until_it_ends(school, session, now):
    """Its time may be after the assignment's: nobody is told before it, and moving the end does not cut it off."""
    row, student, other = school.give(now, closes_at=now + DAY, feedback="closed"), *school.students[:2]
    sitting = school.sit(row, student, now, RIGHT, end=True)
    told = school.sit(row, other, now, RIGHT, end=True)
    late = now + DAY - HOUR
    single.reopen(session, row.id, student.id, sitting.id, minutes=120, why="power cut", user=school.teacher, now=late)
    session.expire_all()
    assert [withholding.closed_to(session, "dam", one.id, now=now + DAY) for one in (student, other)] == [True, True]
    assert told.withheld_until == sitting.withheld_until == sitting.closes_at == late + 2 * HOUR
    school.change(row, late, closes_at=now + DAY - HOUR / 2)
    session.expire_all()
    assert sitting.closes_at == late + 2 * HOUR
    study.finish(session, sitting.id, learner=student, now=now + DAY)
    assert not withholding.closed_to(session, "dam", other.id, now=now + DAY)
