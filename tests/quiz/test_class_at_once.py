"""Forty students work at once, each in a browser of their own, while their teacher looks on."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from factories import more
from school import make_school
from sqlalchemy import func, select
from test_results import same, sums_as_they_are, sums_worked_out
from visitor import Visitor

from quiz import db
from quiz.models import ReviewLog, SittingRow, User
from quiz.security import open_login

STUDENTS, QUESTIONS = 40, 3


def test_forty_students_at_once(new_app, shared_engine, clock):
    """Every answer counts once, and the sums are those of the attempts."""
    app = new_app(DATABASE_URL=shared_engine.url.render_as_string(hide_password=False), SECRET_KEY="s" * 32)
    with app.test_request_context(), db.transaction(db.engine_of(app)) as session:
        school = make_school(session, clock(), students=STUDENTS, questions=more(12))
        row = school.give(clock(), count=QUESTIONS, same=False, closes_at=clock() + timedelta(hours=1))
        given = row.id
        tokens = [open_login(session, one.id, clock()) for one in school.students]
        teacher = open_login(session, school.teacher.id, clock())

    def browser(token):
        one = Visitor(app.test_client())
        one.client.set_cookie("qimma_login", token)
        return one

    def work(nr):
        chance, student = random.Random(nr), browser(tokens[nr])  # noqa: S311
        page = student.follow(student.post(f"/assignments/{given}/start", form_key=f"k{nr:03}" + "x" * 20))
        for _ in range(QUESTIONS):
            form = page.form("/answer")
            choice = chance.choice(["1", "2", "3", "4"])
            told = student.send(form, option=choice)
            assert student.send(form, option="1").status == 303  # a double click
            page = student.follow(told)
            page = student.get(next(link for link in page.links if "/attempts/" in link or "/sittings/" in link))
            page = student.follow(page)
        return page.heading

    def look(_):
        return browser(teacher).get(f"/teach/assignments/{given}?live=1").status

    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(look, nr) for nr in range(3)]
        ends = list(pool.map(work, range(STUDENTS)))
    assert {one.result() for one in looks} == {200}
    assert all(" of 3" in end for end in ends)
    with db.reading(db.engine_of(app)) as session:
        assert (
            session.scalar(select(func.count()).select_from(SittingRow).where(SittingRow.finished_at.is_not(None)))
            == 40
        )
        found = sums_as_they_are(session, given)
        same(found, sums_worked_out(session, given))
        assert sum(values[0] for values in found[0].values()) == STUDENTS * QUESTIONS
        assert session.scalar(select(func.count()).select_from(ReviewLog)) == STUDENTS * QUESTIONS
        assert session.scalar(select(func.count()).select_from(User)) == STUDENTS + 1
