"""Every address of the teaching area, with ids of things that are there, as somebody whose things they are not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import more
from school import RIGHT, make_school
from sqlalchemy import select
from visitor import Visitor

from quiz import db
from quiz.models import Attempt, BankRow, Editor
from quiz.security import open_login
from quiz.services import inviting

# Of the area itself: each instructor has these of their own.
OWN = {
    "/teach/", "/teach/classes/", "/teach/import", "/teach/new-bank", "/teach/people", "/teach/invite",
}  # fmt: skip


@pytest.fixture
def there(app, clock):
    """The ids of a class at work on a bank that is open to it alone."""
    with app.test_request_context(), db.transaction(db.engine_of(app)) as session:
        school = make_school(session, clock(), questions=more(4))
        session.get_one(BankRow, "dam").state = "class"
        session.add(Editor(bank_id="dam", user_id=school.teacher.id, owner=True, at=clock()))
        session.flush()
        row = school.give(clock(), feedback="closed", closes_at=clock() + timedelta(days=1))
        student = school.students[0]
        sitting = school.sit(row, student, clock(), RIGHT)
        return {
            "bank_id": "dam",
            "class_id": school.class_id,
            "assignment_id": row.id,
            "user_id": student.id,
            "learner_id": student.id,
            "sitting_id": sitting.id,
            "attempt_id": session.scalars(select(Attempt.id).order_by(Attempt.id)).first(),
            "question_id": "f-10.day.choice",
            "code": "x" * 6,
            "kind": "choice",
            "token": inviting.invite(session, author_id=school.teacher.id, class_id=school.class_id, now=clock()),
            "student": open_login(session, student.id, clock()),
        }


def addresses(app, there, prefixes):
    """(method, address) of every rule below these, filled with what is there."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefixes) and rule.rule not in OWN:
            known = {name: there.get(name, 1 if "int" in rule.rule else "x") for name in rule.arguments}
            if rule.rule.endswith((".<kind>", "<any(json,csv,xlsx,gift,moodle_xml,aiken,handout,anki):kind>")):
                known["kind"] = "csv"
            elif "file" in rule.endpoint and "kind" in known:
                known["kind"] = "json"
            with app.test_request_context():
                built = rule.build(known, append_unknown=False)
            assert built is not None, rule.rule
            yield from ((method, built[1]) for method in sorted(rule.methods & {"GET", "POST"}))


FIELDS = {
    "why": "x", "share": "50", "title": "x", "rating": "3", "kind": "question_wrong", "on": "1", "do": "regrade",
    "seen": "1", "number": "1", "decision": "right", "form": "x", "state": "retired", "option": "1",
}  # fmt: skip


def statuses(app, browser, there, prefixes):
    """What each address answers, by status."""
    found = {}
    for nr, (method, address) in enumerate(addresses(app, there, prefixes)):
        form = {**FIELDS, "form_key": f"k{nr:03}" + "x" * 20}
        page = browser.get(address) if method == "GET" else browser.post(address, **form)
        found.setdefault(page.status, []).append(f"{method} {address}")
    return found


LEARNERS = ("/banks/", "/sittings", "/attempts", "/classes", "/assignments")


@pytest.mark.parametrize(
    ("role", "prefixes", "answers"),
    [
        # What else is 422 reads the form first: it says nothing of what is there.
        ("instructor", ("/teach/",), {404, 422}),
        ("student", ("/teach/",), {403}),
        ("nobody", ("/teach/",), {303}),
        ("instructor", LEARNERS, {404, 422}),
        ("student", LEARNERS, {404, 422}),
        ("nobody", LEARNERS, {404, 422}),
    ],
)
def test_what_is_somebody_elses_is_not_there(app, there, signed_in, role, prefixes, answers):
    stranger = signed_in(role, **({"login_name": "other", "name_key": "other"} if role != "nobody" else {}))
    found = statuses(app, stranger, there, prefixes)
    assert set(found) == answers
    assert all(one.startswith("POST ") for one in found.get(422, ()))


def test_a_bank_shows_nothing_to_a_class_that_works_on_it(app, there):
    student = Visitor(app.test_client())
    student.client.set_cookie("qimma_login", there["student"])
    found = {address for address in addresses(app, there, ("/banks/",)) if address[0] == "GET"}
    assert {student.get(address).status for _get, address in found} == {404}
    assert len(found) >= 12
    assert student.get(f"/classes/{there['class_id']}").status == 200
