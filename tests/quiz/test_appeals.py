""" "I was right": what reaches the instructor, what a decision does, and what it leaves alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import make_attempt, make_bank, make_learner, make_question, make_user
from sqlalchemy import func, select

from questions import grading
from questions.bank import Accepted
from questions.errors import NotFound
from questions.responses import Unknown, Written
from quiz import db
from quiz.models import Attempt, QuestionRevision, QuestionRow, Report
from quiz.services import appeals, banks, editing, study

TYPED = make_question("typed", rivals=("omar salem", "salma", "عمر سالم"))
SAYS_SO = {"kind": "i_was_right", "note": ""}


def load(session, now, *questions):
    banks.load(session, make_bank(*questions), packaged=True, now=now)


def claim(session, text, now, question=TYPED, learner=None):
    """Someone types an answer and says that it was right."""
    learner = learner or make_learner(session)
    attempt = make_attempt(session, question, learner=learner, now=now)
    response = Unknown() if text is None else Written(text=text)
    study.answer(session, attempt, learner=learner, response=response, now=now)
    editing.report(session, attempt, learner_id=learner.id, now=now, **SAYS_SO)
    session.flush()
    return learner, attempt


def decide(session, now, form, decision="right", question=TYPED, seen=1, author_id=None):
    author_id = author_id or make_user(session, role="instructor")
    return appeals.decide(session, "dam", question.id, form, decision, seen=seen, author_id=author_id, now=now)


def the_question(session, question=TYPED):
    return editing.open_question(session, "dam", question.id).question


def revisions(session):
    return session.scalar(select(func.count()).select_from(QuestionRevision))


def graded(session, text, question=TYPED):
    verdict = grading.grade(the_question(session, question), Written(text=text))
    return verdict.outcome, verdict.share


# ---------------------------------------------------------------- what waits


def test_answers_that_read_the_same_are_one_appeal_and_the_oldest_comes_first(session, now):
    claim(session, "Umm Karim", now)
    claim(session, "الوزيرة أمّ كريم", now + timedelta(minutes=1))
    claim(session, " UMM  KARIM! ", now + timedelta(minutes=2))
    waiting = appeals.waiting(session, "dam")
    assert [(one.typed, one.form, one.learners, one.since) for one in waiting.appeals] == [
        ("Umm Karim", "umm karim", 2, now),
        ("الوزيرة أمّ كريم", "الوزيره ام كريم", 1, now + timedelta(minutes=1)),
    ]
    assert {(one.question, one.number, one.verdicts, one.share) for one in waiting.appeals} == {
        (TYPED, 1, ("wrong",), 0)
    }


def test_someone_who_says_it_twice_is_one_learner(session, now):
    learner, _ = claim(session, "Umm Karim", now)
    claim(session, "umm karim", now, learner=learner)
    assert [one.learners for one in appeals.waiting(session, "dam").appeals] == [1]


def test_the_same_answer_to_another_question_is_another_appeal(session, now):
    other = make_question("typed", id="f-7.speaker.typed", facts=("f-7",))
    load(session, now, TYPED, other)
    claim(session, "Umm Karim", now)
    claim(session, "Umm Karim", now, question=other)
    assert [one.question.id for one in appeals.waiting(session, "dam").appeals] == [TYPED.id, other.id]


@pytest.mark.parametrize("text", [None, "؟؟!", ""])
def test_an_appeal_without_an_answer_waits_among_the_words(session, now, text):
    claim(session, text, now)
    waiting = appeals.waiting(session, "dam")
    assert (waiting.appeals, [word.report.kind for word in waiting.words]) == ((), ["i_was_right"])


def test_what_a_learner_wrote_about_the_question_waits_beside_the_appeals(session, now):
    learner, attempt = claim(session, "Umm Karim", now)
    editing.report(session, attempt, learner_id=learner.id, kind="question_wrong", note="Two said it.", now=now)
    session.flush()
    waiting = appeals.waiting(session, "dam")
    assert [(word.report.note, word.question) for word in waiting.words] == [("Two said it.", TYPED)]
    assert editing.waiting(session) == {"dam": 2}


def test_an_answer_that_an_edit_made_right_says_so(session, now):
    claim(session, "Umm Karim", now)
    mended = make_question("typed", accepted=({"text": "Umm Karim"},))
    editing.save(session, "dam", mended, seen=1, author_id=make_user(session), now=now)
    assert [(one.verdicts, one.share) for one in appeals.waiting(session, "dam").appeals] == [(("wrong",), 1)]


def test_a_typed_answer_is_shown_in_one_line_without_marks_of_direction(session, now):
    claim(session, "Umm\r\n\u202e Karim\u2028", now)
    assert [one.typed for one in appeals.waiting(session, "dam").appeals] == ["Umm Karim"]


def test_an_unknown_bank_is_not_found(session, now):
    with pytest.raises(NotFound):
        appeals.waiting(session, "nope")


# ---------------------------------------------------------------- taking


@pytest.mark.parametrize(
    ("text", "form", "decision", "accepted"),
    [
        ("Umm Karim", "umm karim", "right", {"text": "Umm Karim", "lang": "en"}),
        ("الوزيرة أمّ كريم", "الوزيره ام كريم", "right", {"text": "الوزيرة أمّ كريم", "lang": "ar"}),
        ("Umm Karim", "umm karim", "half", {"text": "Umm Karim", "lang": "en", "weight": 0.5}),
        ("№ 5", "no 5", "right", {"text": "№ 5"}),
    ],
)
def test_an_answer_that_is_taken_is_an_accepted_wording_in_its_language(session, now, text, form, decision, accepted):
    claim(session, text, now)
    assert decide(session, now, form, decision) == appeals.Decided(text)
    assert the_question(session).accepted == (*TYPED.accepted, Accepted(**accepted))
    assert appeals.waiting(session, "dam").appeals == ()


def test_a_taken_answer_is_a_revision_with_who_when_and_why(session, now):
    claim(session, "Umm Karim", now)
    author = make_user(session, login_name="salma", name_key="salma", role="instructor")
    decide(session, now + timedelta(hours=1), "umm karim", author_id=author)
    newest = editing.open_question(session, "dam", TYPED.id).history[0]
    assert (newest.number, newest.author, newest.at, newest.why, newest.changed) == (
        2,
        "salma",
        now + timedelta(hours=1),
        "appeal",
        ("accepted",),
    )


@pytest.mark.parametrize(
    ("decision", "verdict"), [("right", ("right", 1)), ("half", ("close", 0.5)), ("leave", ("wrong", 0))]
)
def test_the_next_learner_who_types_it_is_judged_by_the_decision(session, now, decision, verdict):
    claim(session, "Umm Karim", now)
    decide(session, now, "umm karim", decision)
    assert graded(session, "umm karim") == verdict


def test_an_answer_that_is_taken_is_judged_anew_and_its_learner_sees_it(session, now):
    learner, attempt = claim(session, "Umm Karim", now)
    decide(session, now, "umm karim")
    after = study.attempt_page(session, attempt, learner=learner, now=now).after
    assert (after.verdict.outcome, after.decision, after.change.cause) == ("right", "right", "appeal")


@pytest.mark.parametrize("decision", ["right", "leave"])
def test_the_end_of_the_sitting_leads_to_what_was_looked_at_again(session, now, decision):
    learner, attempt = claim(session, "Umm Karim", now)
    sitting = session.get_one(Attempt, (learner.id, attempt)).sitting_id
    assert [line.looked_at for line in study.end_of(session, sitting, learner=learner, now=now).lines] == [False]
    decide(session, now, "umm karim", decision)
    assert [line.looked_at for line in study.end_of(session, sitting, learner=learner, now=now).lines] == [True]


def test_half_right_may_become_right(session, now):
    claim(session, "Hasan", now)
    decide(session, now, "hasan")
    assert the_question(session).accepted == (Accepted(text="Hasan", lang="en"),)


@pytest.mark.parametrize(("text", "decision"), [("Layla al-Hasn", "half"), ("Hasan", "half"), ("ليلى حسن", "right")])
def test_what_is_judged_so_already_is_closed_without_a_revision(session, now, text, decision):
    claim(session, text, now)
    form = appeals.waiting(session, "dam").appeals[0].form
    assert decide(session, now, form, decision).refused is None
    assert (revisions(session), appeals.waiting(session, "dam").appeals) == (1, ())


def test_leaving_an_answer_changes_no_question(session, now):
    claim(session, "Umm Karim", now)
    decide(session, now, "umm karim", "leave")
    assert (revisions(session), the_question(session), editing.open_reports(session)) == (1, TYPED, [])


def test_a_decision_is_for_one_answer_and_not_for_others(session, now):
    claim(session, "Umm Karim", now)
    claim(session, "Umm Salem", now)
    decide(session, now, "umm karim", "leave")
    assert [one.typed for one in appeals.waiting(session, "dam").appeals] == ["Umm Salem"]


# ---------------------------------------------------------------- deciding once


@pytest.mark.parametrize("second", ["right", "half", "leave"])
def test_deciding_again_changes_nothing(session, now, second):
    claim(session, "Umm Karim", now)
    decide(session, now, "umm karim")
    closed = session.scalar(select(Report.closed_at))
    again = decide(session, now + timedelta(days=1), "umm karim", second, seen=2)
    assert again == appeals.Decided(before=True)
    assert (revisions(session), session.scalar(select(Report.closed_at))) == (2, closed)


def test_an_appeal_that_was_decided_is_not_opened_by_sending_it_again(session, now):
    learner, attempt = claim(session, "Umm Karim", now)
    decide(session, now, "umm karim", "leave")
    editing.report(session, attempt, learner_id=learner.id, now=now, **SAYS_SO)
    session.flush()
    assert editing.open_reports(session) == []


def test_an_answer_that_was_left_may_be_claimed_by_the_next_learner(session, now):
    claim(session, "Umm Karim", now)
    decide(session, now, "umm karim", "leave")
    claim(session, "Umm Karim", now)
    assert [one.learners for one in appeals.waiting(session, "dam").appeals] == [1]


@pytest.mark.parametrize("form", ["", "nobody typed it", "Umm Karim"])
def test_what_nobody_claims_is_not_decided(session, now, form):
    claim(session, "Umm Karim", now)
    assert decide(session, now, form) == appeals.Decided(before=True)
    assert (revisions(session), len(editing.open_reports(session))) == (1, 1)


def test_an_unknown_question_is_not_found(session, now):
    claim(session, "Umm Karim", now)
    with pytest.raises(NotFound):
        decide(session, now, "umm karim", question=make_question())


# ---------------------------------------------------------------- what is refused

NUMBER = make_question("cloze")
WEEKDAY = make_question("typed", answer={"en": "Tuesday"}, accepted=(), answer_type="weekday", value="1")
DATE = make_question("typed", answer={"en": "7 December 2021"}, accepted=(), answer_type="date", value="2021-12-07")
NAMESAKE = make_question("typed", accepted=({"text": "Hasan"},), rivals=("hasan", "karim hasan"))


@pytest.mark.parametrize(
    ("question", "text", "refused"),
    [
        (TYPED, "Omar Salem", "another"),
        (TYPED, "the minister Salma", "another"),
        (TYPED, "عمر سالم", "another"),
        (NAMESAKE, "Hasan", "another"),
        (TYPED, "Layla al-Hasan or Omar Salem", "several"),
        (TYPED, "Layla al-Hasan, Omar Salem", "several"),
        (NUMBER, "4", "other_value"),
        (NUMBER, "four billions", "other_value"),
        (NUMBER, "3 or 4", "several"),
        (WEEKDAY, "Wednesday", "other_value"),
        (WEEKDAY, "on that Wednesday", "other_value"),
        (DATE, "8 December 2021", "other_value"),
        (DATE, "7 November 2021", "other_value"),
        (DATE, "7 December 2020", "other_value"),
        (TYPED, "I don't know", "no_use"),
    ],
)
def test_what_is_another_answer_is_not_taken_and_waits_on(session, now, question, text, refused):
    claim(session, text, now, question=question)
    appeal = appeals.waiting(session, "dam").appeals[0]
    done = decide(session, now, appeal.form, question=question)
    assert (done.typed, done.refused) == (text, refused)
    assert (revisions(session), the_question(session, question)) == (1, question)
    assert appeals.waiting(session, "dam").appeals == (appeal,)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (NUMBER, "three billions"),
        (WEEKDAY, "the second weekday"),
        (DATE, "7 December of that year"),
        (TYPED, "L. Hsn"),
    ],
)
def test_what_says_the_same_in_other_words_is_taken(session, now, question, text):
    claim(session, text, now, question=question)
    appeal = appeals.waiting(session, "dam").appeals[0]
    assert decide(session, now, appeal.form, question=question).refused is None
    assert graded(session, text, question) == ("right", 1)


# ---------------------------------------------------------------- beside other edits


def edit(session, now, seen=1, **changes):
    question = make_question("typed", rivals=TYPED.rivals, **changes)
    editing.save(session, "dam", question, seen=seen, author_id=make_user(session), now=now)


def test_an_edit_that_came_in_between_is_kept(session, now):
    claim(session, "Umm Karim", now)
    edit(session, now, stem={"ar": "من أعلنت؟", "en": "Who said it?"}, accepted=({"text": "Mrs Hasan"},))
    assert decide(session, now, "umm karim", seen=1).refused is None
    question = the_question(session)
    assert (question.stem.en, [accepted.text for accepted in question.accepted]) == (
        "Who said it?",
        ["Umm Karim", "Mrs Hasan"],
    )


@pytest.mark.parametrize("seen", [1, 0, 9])
def test_an_answer_to_what_the_instructor_did_not_see_is_not_taken(session, now, seen):
    claim(session, "Umm Karim", now)
    edit(session, now, answer={"en": "Ada Moore"}, accepted=())
    assert decide(session, now, "umm karim", seen=seen).refused == "changed"
    assert (revisions(session), len(appeals.waiting(session, "dam").appeals)) == (2, 1)


def test_a_question_in_conflict_is_settled_first(session, now):
    claim(session, "Umm Karim", now)
    edit(session, now, answer={"en": "Ada Moore"}, accepted=())
    load(session, now, make_question("typed", rivals=TYPED.rivals, answer={"en": "Eve Moore"}, accepted=()))
    assert decide(session, now, "umm karim", seen=3).refused == "in_conflict"
    row = session.get(QuestionRow, ("dam", TYPED.id))
    assert (row.number, row.hidden, [conflict["field"] for conflict in row.conflicts]) == (
        3,
        True,
        ["answer.ar", "answer.en", "accepted"],
    )


def test_an_accepted_wording_outlives_the_next_load_and_takes_what_the_facts_add(session, now):
    claim(session, "Umm Karim", now)
    decide(session, now, "umm karim")
    more = (*TYPED.accepted, Accepted(text="Mrs Hasan", lang="en"))
    loaded = make_question("typed", rivals=TYPED.rivals, accepted=more, feedback={"en": "She told the press."})
    load(session, now, loaded)
    question, row = the_question(session), session.get(QuestionRow, ("dam", TYPED.id))
    assert [accepted.text for accepted in question.accepted] == ["Hasan", "Umm Karim", "Mrs Hasan"]
    assert (question.feedback.en, row.conflicts, row.hidden) == ("She told the press.", [], False)


def test_an_answer_for_a_retired_question_leaves_it_retired(session, now):
    claim(session, "Umm Karim", now)
    load(session, now, make_question())
    assert decide(session, now, "umm karim").refused is None
    assert editing.open_question(session, "dam", TYPED.id).retired


# ---------------------------------------------------------------- at the same time


def together(engine, *jobs):
    def run(job):
        with db.transaction(engine) as session:
            return job(session)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def test_two_who_decide_at_once_make_one_revision(shared_engine, now):
    with db.transaction(shared_engine) as session:
        claim(session, "Umm Karim", now)
        author = make_user(session)
    job = lambda session: decide(session, now, "umm karim", author_id=author).before  # noqa: E731
    assert sorted(together(shared_engine, *[job] * 4)) == [False, True, True, True]
    with db.reading(shared_engine) as session:
        assert revisions(session) == 2


def test_two_answers_that_are_taken_at_once_are_both_kept(shared_engine, now):
    with db.transaction(shared_engine) as session:
        claim(session, "Umm Karim", now)
        claim(session, "Umm Salem", now)
        author = make_user(session)
    jobs = [
        lambda session, form=form: decide(session, now, form, author_id=author).refused
        for form in ("umm karim", "umm salem")
    ]
    assert together(shared_engine, *jobs) == [None, None]
    with db.reading(shared_engine) as session:
        assert {accepted.text for accepted in the_question(session).accepted} == {"Hasan", "Umm Karim", "Umm Salem"}


def test_a_double_click_is_one_appeal(shared_engine, now):
    with db.transaction(shared_engine) as session:
        learner = make_learner(session)
        attempt = make_attempt(session, TYPED, learner=learner, now=now)
        study.answer(session, attempt, learner=learner, response=Written(text="Umm Karim"), now=now)
        me = learner.id
    job = lambda session: editing.report(session, attempt, learner_id=me, now=now, **SAYS_SO)  # noqa: E731
    assert together(shared_engine, *[job] * 4) == [None] * 4
    with db.reading(shared_engine) as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1


# ---------------------------------------------------------------- the page

BANK = "/teach/banks/dam"
APPEAL = f"{BANK}/questions/{TYPED.id}/appeal"


@pytest.fixture
def say(app, student):
    """The bank's one question is a typed one; a student types an answer and says that it was right."""
    with db.transaction(db.engine_of(app)) as session:
        load(session, app.config["CLOCK"](), TYPED)

    def send(text="Umm <b>Karim</b>", visitor=student):
        question = visitor.start("all")
        verdict = visitor.follow(visitor.send(question.form("/answer"), text=text))
        return visitor.follow(visitor.send(verdict.form("/report"), kind="i_was_right"))

    return send


def stored(app):
    with db.reading(db.engine_of(app)) as session:
        return the_question(session).accepted, revisions(session), len(editing.open_reports(session))


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "1 learner · 12 January 2026"), ("ar", "واحد من الطلبة · 12 يناير/كانون الثاني 2026")],
)
def test_an_appeal_is_on_the_banks_page_without_a_name(signed_in, student, say, lang, said):
    assert say().status == 200
    page = signed_in("instructor", lang).get(BANK)
    assert "Umm <b>Karim</b>" in page.text
    assert TYPED.stem.get(lang) in page.text
    assert said in page.text
    assert "student" not in page.form(APPEAL).action + page.text.replace("Try as a student", "")
    assert str(student.user_id) not in page.html


@pytest.mark.parametrize(("lang", "counted"), [("en", "1 message"), ("ar", "بلاغ واحد")])
def test_the_page_of_banks_says_where_something_waits(signed_in, say, lang, counted):
    say()
    page = signed_in("instructor", lang).get("/teach/")
    assert counted in page.text
    assert f"{BANK}#from-learners" in page.links


@pytest.mark.parametrize(
    ("do", "weight", "told"),
    [
        ("right", 1, "The answer is taken as right from now on."),
        ("half", 0.5, "The answer is taken as half right from now on."),
    ],
)
def test_a_taken_answer_is_in_the_next_quiz_and_in_the_history(app, instructor, say, do, weight, told):
    say()
    sent = instructor.send(instructor.get(BANK).form(APPEAL), do=do)
    assert (sent.status, sent.location) == (303, f"{BANK}?decided={do}#from-learners")
    page = instructor.follow(sent)
    assert told in page.text
    assert "Umm <b>Karim</b>" not in page.text
    accepted = Accepted(text="Umm <b>Karim</b>", lang="en", weight=weight)
    assert stored(app) == ((*TYPED.accepted, accepted), 14, 0)
    editor = instructor.get(f"{BANK}/questions/{TYPED.id}")
    assert "an appeal accepted · instructor" in editor.text
    fields = dict(editor.form(TYPED.id).fields)
    shown = [fields[f"text:accepted.{share}.en"] for share in ("right", "part")]
    assert shown == {1: ["Umm <b>Karim</b>", "Hasan"], 0.5: ["", "Hasan\nUmm <b>Karim</b>"]}[weight]


def test_a_decision_that_is_sent_twice_is_one(app, instructor, say):
    say()
    form = instructor.get(BANK).form(APPEAL)
    instructor.send(form, do="right")
    before = stored(app)
    again = instructor.follow(instructor.send(form, do="leave"))
    assert "This appeal had been decided before. Nothing was changed." in again.text
    assert stored(app) == before


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_what_is_refused_is_said_and_waits_on(app, signed_in, say, lang):
    say("Omar Salem")
    before = stored(app)
    visitor = signed_in("instructor", lang)
    page = visitor.send(visitor.get(BANK).form(APPEAL), do="right")
    assert (page.status, page.html.count('role="alert"')) == (422, 1)
    assert "\u2068Omar Salem\u2069" in page.text
    fields = [dict(one.form(APPEAL).fields) for one in (page, visitor.get(BANK))]
    assert [one | {"csrf_token": ""} for one in fields] == [fields[0] | {"csrf_token": ""}] * 2  # it tells the second
    assert stored(app) == before


@pytest.mark.parametrize("seen", ["", "1x", "9" * 30, "٣", "-1"])
def test_a_damaged_form_takes_nothing(app, instructor, say, seen):
    say()
    before = stored(app)
    assert instructor.send(instructor.get(BANK).form(APPEAL), do="right", seen=seen).status == 409
    assert instructor.send(instructor.get(BANK).form(APPEAL), do="burn").status == 422
    assert stored(app) == before


@pytest.mark.parametrize("path", [f"{BANK}/questions/nope/appeal", f"/teach/banks/nope/questions/{TYPED.id}/appeal"])
def test_a_decision_on_what_is_not_there_is_not_found(instructor, say, path):
    say()
    assert instructor.post(path, do="right", answer="umm karim", seen="1").status == 404


@pytest.mark.parametrize(
    ("role", "status", "location"),
    [("nobody", 303, "/sign-in?next=/teach/"), ("guest", 303, "/sign-in?next=/teach/"), ("student", 403, "")],
)
def test_only_an_instructor_decides(app, signed_in, say, role, status, location):
    say()
    before = stored(app)
    other = {"login_name": "other", "name_key": "other"} if role == "student" else {}
    page = signed_in(role, **other).post(APPEAL, do="right", answer="umm b karim b", seen="1")
    assert (page.status, page.location) == (status, location)
    assert stored(app) == before


def test_a_message_is_closed_on_the_banks_page(instructor, student, say):
    say()
    question = student.start("all", form_key="another-form-of-a-page")
    verdict = student.follow(student.send(question.form("/answer"), sure="unknown"))
    student.post(verdict.form("/report").action, kind="question_wrong", note="Two <i>said</i> it.")
    page = instructor.get(BANK)
    assert "Two <i>said</i> it." in page.text
    closed = instructor.follow(instructor.send(page.form("/close")))
    assert "The message is closed." in closed.text
    assert "Two <i>said</i> it." not in closed.text
    assert "Umm <b>Karim</b>" in closed.text
