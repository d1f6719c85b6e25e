"""Instructors mending questions, and what learners tell them."""

from datetime import timedelta

import pytest
from factories import make_attempt, make_bank, make_learner, make_question, make_user
from sqlalchemy import func, select

from questions.errors import BadInput, Conflict, NotFound
from questions.responses import Chosen
from quiz.models import QuestionRevision, Report
from quiz.services import banks, editing, study, table

MENDED = make_question(stem={"ar": "من أعلن؟", "en": "Who spoke of the opening?"})


@pytest.fixture
def author(session, now):
    banks.load(session, make_bank(make_question()), now=now)
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


def test_a_saved_text_is_the_one_that_counts(session, now, author):
    number = editing.save(session, "dam", MENDED, seen=1, author_id=author, now=now)
    opened = editing.open_question(session, "dam", MENDED.id)
    assert (number, opened.number, opened.question) == (2, 2, MENDED)
    assert [(line.number, line.why, line.author, line.changed) for line in opened.history] == [
        (2, "edited", "salma", ("stem.ar", "stem.en")),
        (1, "generated", None, ()),
    ]
    listed = table.page(session, "dam", table.Filter()).lines
    assert [(line.id, line.edited) for line in listed] == [(MENDED.id, True)]


def test_saving_what_is_there_changes_nothing(session, now, author):
    assert editing.save(session, "dam", make_question(), seen=1, author_id=author, now=now) == 1
    assert session.scalar(select(func.count()).select_from(QuestionRevision)) == 1


@pytest.mark.parametrize("seen", [0, 1, 3, 2**70])
def test_whoever_saves_on_an_older_revision_sees_the_newer_one(session, now, author, seen):
    editing.save(session, "dam", MENDED, seen=1, author_id=author, now=now)
    with pytest.raises(Conflict):
        editing.save(session, "dam", make_question(key="omar"), seen=seen, author_id=author, now=now)
    assert banks.live(session, "dam") == [MENDED]


def test_an_unknown_question_is_not_found(session, now, author):
    with pytest.raises(NotFound):
        editing.open_question(session, "dam", "f-9.day.choice")
    with pytest.raises(NotFound):
        editing.save(session, "dam", make_question(id="f-9.day.choice"), seen=1, author_id=author, now=now)


# ---------------------------------------------------------------- reports


@pytest.fixture
def learner(session, author):
    return make_learner(session)


def answered(session, learner, now):
    attempt = make_attempt(session, learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=Chosen(option="omar"), now=now)
    return attempt


def tell(session, attempt, learner, now, note="It was Omar.", kind="question_wrong"):
    editing.report(session, attempt, learner_id=learner.id, kind=kind, note=note, now=now)
    session.flush()


def test_a_report_waits_for_the_instructor_with_what_was_answered(session, learner, now):
    tell(session, answered(session, learner, now), learner, now, note=" It was Omar. ")
    (line,) = editing.open_reports(session)
    assert (line.note, line.kind, line.question_id, line.at) == (
        "It was Omar.",
        "question_wrong",
        "f-1.speaker.choice",
        now,
    )
    assert line.answer == '{"kind":"chosen","option":"omar"}'
    assert table.page(session, "dam", table.Filter()).lines[0].reports == 1


def test_a_report_sent_again_is_one_report_with_the_newest_note(session, learner, now):
    attempt = answered(session, learner, now)
    tell(session, attempt, learner, now)
    tell(session, attempt, learner, now + timedelta(minutes=1), note="It was Nils.")
    tell(session, attempt, learner, now + timedelta(minutes=2), note="", kind="i_was_right")
    assert [line.note for line in editing.open_reports(session)] == ["It was Nils.", ""]


def test_a_closed_report_waits_no_longer_until_it_is_sent_again(session, learner, now):
    attempt = answered(session, learner, now)
    tell(session, attempt, learner, now)
    (line,) = editing.open_reports(session)
    editing.close_report(session, learner.id, line.id, now=now)
    session.flush()
    assert editing.open_reports(session) == []
    tell(session, attempt, learner, now + timedelta(days=1))
    assert len(editing.open_reports(session)) == 1


def test_a_question_is_reported_after_its_answer_only(session, learner, now):
    attempt = make_attempt(session, learner=learner, now=now)
    with pytest.raises(Conflict):
        tell(session, attempt, learner, now)


def test_someone_elses_question_cannot_be_reported(session, learner, now):
    attempt = answered(session, make_learner(session), now)
    with pytest.raises(NotFound):
        tell(session, attempt, learner, now)
    with pytest.raises(NotFound):
        editing.close_report(session, learner.id, 5, now=now)


def test_a_long_note_is_refused(session, learner, now):
    attempt = answered(session, learner, now)
    with pytest.raises(BadInput):
        tell(session, attempt, learner, now, note="x" * 1001)
    assert session.scalar(select(func.count()).select_from(Report)) == 0
