"""What can be chosen for a quiz: which questions, when verdicts come, how long it may take."""

import re
from datetime import timedelta

import pytest
from factories import make_bank, make_learner, make_question, more
from sqlalchemy import func, select
from visitor import Visitor

from questions.errors import Conflict
from questions.responses import Chosen, Judged, Unknown, Written
from quiz import db
from quiz.models import Attempt, Base, Card, ReviewLog, SittingRow
from quiz.services import banks, study

RIGHT, WRONG = Chosen(option="layla"), Chosen(option="omar")


@pytest.fixture
def learner(session):
    return make_learner(session)


def contents(app):
    with db.reading(db.engine_of(app)) as session:
        return {name: sorted(map(repr, session.execute(select(t)).all())) for name, t in Base.metadata.tables.items()}


def start(session, learner, now, **options):
    return study.start_quiz(
        session, "dam", learner=learner, count=options.pop("count", None), seed=1, now=now, **options
    )


def answer_all(session, sitting, learner, now, said):
    """Answer to the end; `said` gives the response to a question."""
    while (attempt := study.open_attempt(session, sitting, learner=learner)) is not None:
        page = study.attempt_page(session, attempt, learner=learner, now=now)
        study.answer(session, attempt, learner=learner, response=said(page.question), now=now)
        session.expire_all()


def ids(session, learner, **filters):
    chosen = study.chosen(session, "dam", study.Filters(**filters), learner_id=learner.id if learner else None)
    return [question.id for question in chosen]


# ---------------------------------------------------------------- which questions


@pytest.fixture
def met(session, learner, now):
    """Four questions, the first answered right, the second wrong, the third starred."""
    banks.load(session, make_bank(*more(3), make_question("typed", topic="water")), now=now)
    sitting = start(session, learner, now, filters=study.Filters(kind="choice"))
    for _ in range(2):
        attempt = study.open_attempt(session, sitting, learner=learner)
        page = study.attempt_page(session, attempt, learner=learner, now=now)
        first = page.question.id == "f-10.day.choice"
        study.answer(session, attempt, learner=learner, response=RIGHT if first else WRONG, now=now)
        session.expire_all()
    study.finish(session, sitting, learner=learner, now=now)
    study.star(session, "dam", "f-12.day.choice", learner=learner, on=True, now=now)
    session.expire_all()
    return session.get_one(SittingRow, (learner.id, sitting)).plan


def test_a_quiz_is_drawn_from_a_topic_or_a_kind(session, learner, met):
    assert ids(session, learner, topic="water") == ["f-1.speaker.typed"]
    assert ids(session, learner, kind="typed") == ["f-1.speaker.typed"]
    assert ids(session, learner, topic="water", kind="choice") == []


def test_a_quiz_is_drawn_from_what_was_missed_not_met_or_starred(session, learner, met):
    wrong = [name for name in met[:2] if name != "f-10.day.choice"]
    assert ids(session, learner, only="missed") == sorted(wrong)
    assert ids(session, learner, only="new") == [*sorted(met[2:]), "f-1.speaker.typed"]
    assert ids(session, learner, only="starred") == ["f-12.day.choice"]


def test_what_was_missed_and_then_right_is_missed_no_more(session, learner, now, met):
    sitting = start(session, learner, now, filters=study.Filters(only="missed"))
    answer_all(session, sitting, learner, now, lambda question: RIGHT)
    assert ids(session, learner, only="missed") == []


def test_someone_else_has_missed_and_starred_nothing(session, met):
    other = make_learner(session)
    assert (ids(session, other, only="missed"), ids(session, other, only="starred")) == ([], [])
    assert (ids(session, None, only="missed"), len(ids(session, None, only="new"))) == ([], 4)


def test_choices_that_fit_no_question_are_refused(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    with pytest.raises(Conflict):
        start(session, learner, now, filters=study.Filters(only="starred"))
    assert session.scalar(select(func.count()).select_from(SittingRow)) == 0


def test_a_star_is_put_once_and_taken_away(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    for on in (True, True):
        study.star(session, "dam", "f-10.day.choice", learner=learner, on=on, now=now)
    assert study.starred(session, "dam", learner=learner) == {"f-10.day.choice"}
    for on in (False, False):
        study.star(session, "dam", "f-10.day.choice", learner=learner, on=on, now=now)
    assert study.starred(session, "dam", learner=learner) == set()


# ---------------------------------------------------------------- verdicts at the end

KINDS = (make_question("choice"), make_question("typed"), make_question("true_false"), *more(2))
SAID = {
    True: {"choice": RIGHT, "typed": Written(text="Layla al-Hasan"), "true_false": Judged(value=False)},
    False: {"choice": WRONG, "typed": Unknown(), "true_false": Judged(value=True)},
}


@pytest.mark.parametrize("right", [True, False])
def test_what_is_withheld_moves_no_memory_before_the_end(session, learner, now, right):
    banks.load(session, make_bank(*KINDS), now=now)
    sitting = start(session, learner, now, feedback="end")
    for _ in range(4):
        attempt = study.open_attempt(session, sitting, learner=learner)
        page = study.attempt_page(session, attempt, learner=learner, now=now)
        study.answer(session, attempt, learner=learner, response=SAID[right][page.question.kind], now=now)
        session.expire_all()
        told = study.attempt_page(session, attempt, learner=learner, now=now)
        assert (told.answered, told.withheld, told.after) == (True, True, None)
    rows = [session.scalar(select(func.count()).select_from(table)) for table in (Card, ReviewLog)]
    assert rows == [0, 0]
    assert ids(session, learner, only="missed") == []
    assert study.portion(session, "dam", learner=learner, now=now).begun is False


def test_at_the_end_the_memories_are_told_each_answer_at_its_own_time(session, learner, now):
    banks.load(session, make_bank(*more(3)), now=now)
    sitting = start(session, learner, now, feedback="end")
    at = now
    for response in (RIGHT, WRONG, RIGHT):
        attempt = study.open_attempt(session, sitting, learner=learner)
        study.answer(session, attempt, learner=learner, response=response, now=at)
        at += timedelta(days=1)
    session.expire_all()
    log = session.scalars(select(ReviewLog).order_by(ReviewLog.reviewed_ms)).all()
    assert [(row.day, row.rating, row.counted) for row in log] == [(20465, 3, True), (20466, 1, True), (20467, 3, True)]
    assert [card.due - card.last_day for card in session.scalars(select(Card).order_by(Card.last_day))] == [2, 1, 2]


def test_a_point_that_was_reviewed_meanwhile_is_not_reviewed_again_by_what_was_withheld(session, learner, now):
    banks.load(session, make_bank(*more(2)), now=now)
    sitting = start(session, learner, now, feedback="end")
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=WRONG, now=now)
    later = now + timedelta(days=1)
    answer_all(session, start(session, learner, later), learner, later, lambda question: RIGHT)
    study.finish(session, sitting, learner=learner, now=later)
    session.expire_all()
    log = session.execute(select(ReviewLog.rating, ReviewLog.counted).order_by(ReviewLog.reviewed_ms)).all()
    assert [tuple(row) for row in log] == [(3, True), (3, True), (1, False)]


def test_the_end_lists_every_answer_where_verdicts_were_withheld(session, learner, now):
    banks.load(session, make_bank(*more(3)), now=now)
    sitting = start(session, learner, now, feedback="end")
    plan = list(session.get_one(SittingRow, (learner.id, sitting)).plan)
    answer_all(session, sitting, learner, now, lambda question: RIGHT if question.id == plan[0] else WRONG)
    end = study.end_of(session, sitting, learner=learner, now=now)
    assert [(line.question.id, line.outcome) for line in end.lines] == list(
        zip(plan, ("right", "wrong", "wrong"), strict=True)
    )
    assert (end.withheld, end.comes_back, end.together) == (True, 1, True)


def withheld_walk(new_app, monkeypatch, question, place):
    """All pages from the start of a quiz with verdicts at the end to its last question, without ids and tokens."""
    ids = iter(range(1000, 9000))
    for module in ("sittings", "asking"):
        monkeypatch.setattr(f"quiz.services.study.{module}.new_id", lambda: next(ids))
    monkeypatch.setattr("secrets.randbits", lambda bits: 7)
    app = new_app()
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(question, *more(2)), now=app.config["CLOCK"]())
    visitor = Visitor(app.test_client())
    page = visitor.start("all", feedback="end")
    pages, locations = [page.html], []
    while "/answer" in page.html and page.html.count("Question 3 of 3") == 0:
        attempt = re.search(r"/attempts/(\d+)/answer", page.html)[1]
        sent = visitor.post(f"/attempts/{attempt}/answer", option=place, text="Layla al-Hasan")
        again = visitor.post(f"/attempts/{attempt}/answer", option=place, text="Layla al-Hasan")
        told = visitor.post(f"/attempts/{attempt}/report", kind="i_was_right")
        rated = visitor.post(f"/attempts/{attempt}/rating", rating="3")
        undone = visitor.post(f"/attempts/{attempt}/undo")
        locations += [(answer.status, answer.location) for answer in (sent, again, told, rated, undone)]
        pages += [visitor.follow(visitor.get(f"/attempts/{attempt}")).html]
        page = visitor.follow(sent)
        sitting = re.search(r"/sittings/(\d+)/finish", page.html)[1]
        pages += [page.html, visitor.get("/").html, visitor.follow(visitor.get(f"/sittings/{sitting}")).html]
    return [
        re.sub(r'name="(csrf_token|form_key)" value="[^"]+"| data-who="\d+"', "", html) for html in pages
    ], locations


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("choice", {"key": "omar", "options": tuple({"id": name, "text": {"en": name}} for name in ("layla", "omar"))}),
        ("true_false", {"key": True}),
        ("typed", {"answer": {"en": "Omar Salem"}, "accepted": ()}),
    ],
)
def test_until_the_end_no_page_differs_by_the_key(new_app, monkeypatch, kind, changes):
    same = {"feedback": None, **({"options": changes["options"]} if "options" in changes else {})}
    one = withheld_walk(
        new_app, monkeypatch, make_question(kind, **{**same, **({"key": "layla"} if kind == "choice" else {})}), "1"
    )
    other = withheld_walk(new_app, monkeypatch, make_question(kind, **{**same, **changes}), "1")
    assert one == other
    assert len(one[0]) > 8
    assert not any(word in html for html in one[0] for word in ('class="outcome', "Again tomorrow", "Your answer"))


def test_after_the_end_every_verdict_can_be_read(app, nobody):
    page = nobody.start("5", feedback="end")
    while "/answer" in page.html:
        page = nobody.follow(nobody.send(page.form("/answer"), sure="unknown"))
    links = [link for link in page.links if re.fullmatch(r"/attempts/\d+", link)]
    assert "All answers" in page.text
    assert len(links) == 5
    assert "Wrong" in nobody.get(links[0]).text


# ---------------------------------------------------------------- a time limit


@pytest.fixture
def timed(app, student):
    """A quiz of five minutes, its first question."""
    return student.start("5", minutes="5")


def test_a_question_says_how_much_time_is_left(app, student, timed, clock):
    clock.move(minutes=1, seconds=30)
    sitting = re.search(r"/sittings/(\d+)/finish", timed.html)[1]
    page = student.follow(student.get(f"/sittings/{sitting}"))
    assert "Time left: 4 minutes" in page.text
    assert '<time data-closes="2026-01-12T09:05:00+00:00">' in page.html
    assert "Time left" not in Visitor(app.test_client()).start().text


def test_an_answer_after_the_time_ends_the_sitting_and_does_not_count(app, student, timed, clock):
    clock.move(minutes=5, seconds=6)
    page = student.follow(student.send(timed.form("/answer"), sure="unknown"))
    assert "The time was up." in page.text
    assert page.heading == "0 of 5"
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).where(Attempt.answered_at.is_not(None))) == 0
        assert session.scalars(select(SittingRow.points)).one() == 0


def test_an_answer_on_its_way_when_the_time_ends_counts(app, student, timed, clock):
    clock.move(minutes=5, seconds=4)
    student.send(timed.form("/answer"), sure="unknown")
    with db.reading(db.engine_of(app)) as session:
        assert session.scalar(select(func.count()).where(Attempt.answered_at.is_not(None))) == 1


def test_when_the_time_is_up_one_button_shows_the_result_and_reading_changes_nothing(app, student, timed, clock):
    clock.move(minutes=5)
    before = contents(app)
    attempt = re.search(r"/attempts/(\d+)/answer", timed.html)[1]
    page = student.follow(student.get(f"/attempts/{attempt}"))
    home = student.get("/")
    assert (page.heading, "The time of your quiz is up." in home.text) == ("The time is up", True)
    assert contents(app) == before
    sitting = re.search(r"/sittings/(\d+)/finish", page.html)[1]
    for form in (page.form("/finish"), home.form(f"/sittings/{sitting}/finish")):
        assert student.follow(student.send(form)).heading == "0 of 5"


def test_a_quiz_that_was_done_in_time_says_nothing_of_the_time(student, timed, clock):
    page = timed
    while "/answer" in page.html:
        verdict = student.follow(student.send(page.form("/answer"), sure="unknown"))
        page = student.get(next(link for link in verdict.links if "/attempts/" in link or "/sittings/" in link))
    clock.move(hours=1)
    assert "The time was up" not in student.get(page.response.request.path).text


# ---------------------------------------------------------------- the form


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"kind": "nope"}, 422),
        ({"kind": "open"}, 409),
        ({"only": "everything"}, 422),
        ({"feedback": "never"}, 422),
        ({"minutes": "7"}, 422),
        ({"minutes": "-5"}, 422),
        ({"minutes": "5.0"}, 422),
        ({"topic": "nope"}, 404),
        ({"only": "starred"}, 409),
        ({"only": "missed", "topic": "talks"}, 409),
        ({"only": "new", "topic": "talks", "kind": "choice", "feedback": "end", "minutes": "5", "size": "20"}, 303),
        ({"only": "", "topic": "", "kind": "", "feedback": "", "minutes": ""}, 303),
    ],
)
def test_the_form_of_choices_is_checked(app, nobody, form, status):
    page = nobody.post("/banks/dam/quiz", form_key="k" * 24, **{"size": "5", **form})
    assert page.status == status
    rows = contents(app)
    assert [len(rows[table]) for table in ("users", "sittings")] == [1 if status == 303 else 0] * 2


def test_the_first_page_offers_every_choice(nobody):
    page = nobody.get("/").html
    names = re.findall(r'<select id="(\w+)-dam"', page)
    assert names == ["size", "topic", "kind", "only", "feedback", "minutes"]
    assert re.findall(r'<option value="(\w+)">', page[page.index('id="kind-dam"') :])[:7] == [
        "choice", "multi_select", "true_false", "typed", "cloze", "ordering", "matching",
    ]  # fmt: skip
