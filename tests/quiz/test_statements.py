"""How often a page asks the database: as often with many rows as with few."""

import re
from datetime import timedelta

import pytest
import second_book
from factories import make_bank, make_question, make_user, more
from sqlalchemy import event
from visitor import Visitor

from questions.generate import from_folder, packaged
from questions.responses import Chosen, Unknown
from quiz import db
from quiz.models import User
from quiz.security import open_login
from quiz.services import banks, editing, study, world

AREAS = {"study", "explore", "progress", "settings", "world", "accounts", "transfers", "health"}
# One by one, question after question, while they are sent: everything that there is of a person.
STREAMED = "/settings/data.zip"
PLACES = {
    "<int:sitting_id>": "{sitting}", "<int:attempt_id>": "{attempt}", "<entity_id>": "{person}", "<fact_id>": "{fact}",
    "<point>": "{point}", "<token>": "some-token",
}  # fmt: skip
MORE = [
    "/progress?bank=days", "/sittings/{open}", "/attempts/{open_attempt}", "/banks/{book}/points/{set}",
    "/banks/{book}/world?q=a", "/banks/days/browse?only=missed&turned=1", "/banks/{book}/browse?n=3&turned=1",
    "/settings/preview?new_per_day=20", "/banks/days/browse?only=starred",
]  # fmt: skip


class Site:
    """The site with one learner, who did little or much with a small bank or a large one."""

    def __init__(self, app, *, much, book):
        self.app, self.now = app, app.config["CLOCK"]()
        self.places = {"book": book[1].id}
        self.engine = db.engine_of(app)
        with db.transaction(self.engine) as session:
            banks.load(session, book[1], book=book[0], now=self.now)
            text = "\n\n".join(book[0].header.document.openings)
            world.attach(session, book[1].id, text, openings=book[0].header.document.openings)
            banks.load(session, make_bank(*more(40 if much else 4), id="days"), now=self.now)
            amal = session.get_one(
                User, make_user(session, login_name="Amal", name_key="amal", password_hash="x", email="a@example.org")
            )
            self.live(session, amal, times=8 if much else 1, answers=20 if much else 2)
            with app.test_request_context():
                tokens = [open_login(session, amal.id, self.now) for _ in range(9 if much else 1)]
        self.place(book[0])
        self.visitor = Visitor(app.test_client())
        self.visitor.client.set_cookie("qimma_login", tokens[0])

    def live(self, session, amal, *, times, answers):
        """Quizzes on as many days, half of it missed; then one that is still open."""
        self.now -= timedelta(days=times)
        for _ in range(times):
            sitting = study.start_quiz(session, "days", learner=amal, count=answers, now=self.now)
            for nr in range(answers):
                attempt = study.open_attempt(session, sitting, learner=amal)
                said = Unknown() if nr % 2 == 0 else Chosen(option="layla")
                study.answer(session, attempt, learner=amal, response=said, now=self.now)
                editing.report(session, attempt, learner_id=amal.id, kind="question_wrong", note="", now=self.now)
                question = study.attempt_page(session, attempt, learner=amal, now=self.now).question
                study.star(session, "days", question.id, learner=amal, on=True, now=self.now)
                session.expire_all()
            self.now += timedelta(days=1)
        self.places |= {"sitting": sitting, "attempt": attempt}
        opened = study.start_review(session, "days", learner=amal, more=True, now=self.now)
        self.places |= {"open": opened, "open_attempt": study.open_attempt(session, opened, learner=amal)}

    def place(self, book):
        self.places |= {"person": sorted(book.people)[0], "fact": sorted(book.facts)[0]}
        with db.reading(self.engine) as session:
            live = banks.live(session, self.places["book"])
        self.places["point"] = next(one.point for one in live if len(one.facts) == 1)
        self.places["set"] = max(live, key=lambda one: len(one.facts)).point

    def statements(self, path):
        path = path.format(**self.places)
        assert self.visitor.get(path).status in {200, 303}, path  # what is kept from page to page is read
        seen = []
        event.listen(self.engine, "before_cursor_execute", listener := lambda *call: seen.append(call[2]))
        self.visitor.get(path)
        event.remove(self.engine, "before_cursor_execute", listener)
        return [" ".join(one.split()) for one in seen if not one.startswith("PRAGMA")]


@pytest.fixture(scope="module")
def books():
    return from_folder(second_book.FOLDER), from_folder(packaged())


@pytest.fixture
def few_and_many(new_app, books):
    small, large = books
    return Site(new_app(), much=False, book=small), Site(new_app(), much=True, book=large)


def addresses(app):
    """Every page of the student's site."""
    rules = {
        rule.rule for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.partition(".")[0] in AREAS
        and not rule.rule.startswith("/teach") and rule.rule != STREAMED
    }  # fmt: skip
    paths = []
    for rule in sorted(rules):
        for place, name in PLACES.items():
            rule = rule.replace(place, name)
        paths += [rule.replace("<bank_id>", "days"), rule.replace("<bank_id>", "{book}")]
    facts = ("{person}", "{fact}", "{point}", "/source")
    return sorted({path for path in paths if not ("/days/" in path and any(one in path for one in facts))})


def test_no_page_asks_more_often_where_there_is_more(few_and_many):
    few, many = few_and_many
    paths = [*addresses(few.app), *MORE]
    assert len(paths) > 35
    assert [path for path in paths if re.search(r"<[^>]+>", path)] == []
    grown = {}
    for path in paths:
        one, other = few.statements(path), many.statements(path)
        if len(one) < len(other):
            grown[path] = (
                len(one),
                len(other),
                sorted({text for text in other if other.count(text) > one.count(text)}),
            )
    assert grown == {}


@pytest.mark.parametrize("path", ["/settings", "/settings/preview?new_per_day=20", "/progress", "/settings/data"])
def test_no_page_asks_more_often_where_there_are_more_banks(new_app, books, path):
    few, many = (Site(new_app(), much=False, book=books[0]) for _ in range(2))
    with db.transaction(many.engine) as session:
        amal = session.query(User).where(User.login_name == "Amal").one()
        for nr in range(6):
            banks.load(session, make_bank(make_question(), id=f"bank-{nr}"), now=many.now)
            study.start_quiz(session, f"bank-{nr}", learner=amal, count=1, now=many.now)
        study.start_quiz(session, "days", learner=amal, count=1, now=many.now)
    assert len(few.statements(path)) >= len(many.statements(path))
