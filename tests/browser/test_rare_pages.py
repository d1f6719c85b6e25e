"""Pages that stand only after something has happened: a conflict, answers kept back, marks about to change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import every_kind, make_bank, make_question, make_user, more

from questions.responses import Unknown
from quiz import create_app, db
from quiz.models import INSTRUCTOR, BankRow, Editor, User
from quiz.security import open_login
from quiz.services import accounts, assignments, banks, classes, editing, study
from quiz.services.results import single

pytestmark = pytest.mark.browser
CHOICE = "/teach/banks/dam/questions/f-1.speaker.choice"
BANK = make_bank(*every_kind(), *more(2))


def sit_it(session, assignment_id, student, now):
    """A whole attempt without one right answer. Returns the sitting's id and that of its last answer."""
    sitting, last = assignments.start(session, assignment_id, learner=student, now=now), 0
    while (attempt := study.open_attempt(session, sitting, learner=student)) is not None:
        study.answer(session, last := attempt, learner=student, response=Unknown(), now=now)
        session.expire_all()
    return sitting, last


def fill(session, now):
    """A class that has worked, and a bank whose facts and whose instructor changed the same question."""
    banks.load(session, BANK, now=now)
    session.get_one(BankRow, "dam").state = "class"
    teacher = session.get_one(User, make_user(session, login_name="سلمى", name_key="salma", role=INSTRUCTOR))
    session.add(Editor(bank_id="dam", user_id=teacher.id, owner=True, at=now))
    group = classes.make(session, "10A العلوم", user=teacher, now=now)
    new = classes.NewStudent("Jean-Baptiste de la Fontaine-Rochefoucauld", accounts.hashed_pin("1234"), "2021007")
    student = session.get_one(User, classes.enrol(session, group, new, now=now))
    shown, kept = (
        assignments.give(session, group, assignments.Given("dam", title, **more), user=teacher, now=now)
        for title, more in (("Week 1", {}), ("Kept", {"feedback": "closed", "closes_at": now + timedelta(days=1)}))
    )
    _open, answer = sit_it(session, shown, student, now)
    sitting, _last = sit_it(session, kept, student, now)
    single.set_extra_time(session, group, student.id, 0.25, why="عسر القراءة", user=teacher, now=now)
    single.set_mark(session, shown, student.id, answer, 0.5, why="A wording of the book", user=teacher, now=now)
    mine = make_question(stem={"ar": "من أعلن؟", "en": "Who told the press?"})
    editing.save(session, "dam", mine, seen=1, author_id=teacher.id, now=now)
    theirs = make_question(stem={"ar": "من أعلن الفتح؟", "en": "Who announced it?"}, key="omar")
    banks.load(session, make_bank(theirs, *every_kind()[1:], *more(2)), now=now)
    paths = {
        "class": f"/teach/classes/{group}",
        "student": f"/teach/assignments/{shown}/students/{student.id}",
        "trial": f"/teach/assignments/{shown}/try?seed=1&n={len(BANK.entries)}",
        "kept": f"/sittings/{sitting}",
        "wrong": f"/teach/classes/{group}/assign",
    }
    return paths, {"teacher": open_login(session, teacher.id, now), "student": open_login(session, student.id, now)}


@pytest.fixture(scope="module")
def school(kinds):
    """(paths by name, logins by name), in the site of all kinds: its other visitors see nothing of the class's bank."""
    engine = db.make_engine(db.embedded_url(str(kinds.data)))
    app = create_app({"DATA_DIR": str(kinds.data)})
    with app.app_context(), db.transaction(engine) as session:
        filled = fill(session, datetime.now(UTC))
    engine.dispose()
    return filled


@pytest.fixture
def visit(school, kinds, sit):
    """visit(who, page): someone before a page, whatever is folded open, in Arabic, the wider of the two."""
    paths, logins = school

    def go(who, page):
        learner = sit(kinds, "ar", bypass_csp=True)
        learner.context.add_cookies([{"name": "qimma_login", "value": logins[who], "url": kinds.base}])
        learner.open(paths.get(page, page))
        learner.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        return learner

    return go


@pytest.mark.parametrize(
    ("who", "page", "holds"),
    [
        ("teacher", f"{CHOICE}/conflicts", ".three textarea"),
        ("teacher", f"{CHOICE}/history", ".diff del"),
        ("teacher", "class", ".journal"),
        ("teacher", "student", ".journal"),
        ("teacher", "trial", "h1 + .lead"),
        ("student", "kept", ".act a.main"),
        ("student", "/banks/kinds/anki?new=12&points=5&known=30&manual=1&crammed=4&unscheduled=2", "#told"),
    ],
)
def test_a_page_that_is_seldom_seen_is_open_to_everyone(visit, who, page, holds):
    learner = visit(who, page)
    assert learner.page.locator(holds).count()
    assert learner.faults_of() == {}


@pytest.mark.parametrize("deed", ["void", "regrade"])
def test_the_list_of_marks_that_would_change_is_open_to_everyone(visit, deed):
    learner = visit("teacher", CHOICE)
    learner.page.click(f"button[value={deed}]")
    learner.page.wait_for_url("**/marks")
    assert learner.faults_of() == {}


def test_an_assignment_says_what_does_not_fit_at_the_field(visit):
    learner = visit("teacher", "wrong")
    learner.page.fill("#closes_at", "2020-01-01T10:00")
    learner.page.fill("#count", "3")
    learner.page.click("main form.settings > button.main")
    learner.page.wait_for_selector("#closes_at[aria-invalid=true] ~ #fault")
    assert learner.page.input_value("#count") == "3"
    assert learner.faults_of() == {}
