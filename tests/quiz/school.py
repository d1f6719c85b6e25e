"""A class, its teacher and its students, for tests of what they do together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from factories import make_bank, make_user, more
from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.responses import Chosen, Response, Unknown
from quiz.models import INSTRUCTOR, Assignment, Attempt, SittingRow, User
from quiz.services import accounts, assignments, banks, classes, study

RIGHT, OMAR, NILS = Chosen(option="layla"), Chosen(option="omar"), Chosen(option="nils")
PIN_HASH = accounts.hashed_pin("1234")


@dataclass
class School:
    """Everything about a class at work; times are given by hand."""

    session: Session
    teacher: User
    class_id: int
    students: list[User]

    def give(self, now: datetime, **more: Any) -> Assignment:
        given = assignments.Given(**{"bank_id": "dam", "title": "Quiz", **more})
        made = assignments.give(self.session, self.class_id, given, user=self.teacher, now=now)
        return self.session.get_one(Assignment, made)

    def change(self, row: Assignment, now: datetime, **more: Any) -> None:
        names = ("title", "opens_at", "closes_at", "attempts", "minutes")
        rules = assignments.Rules(**{**{name: getattr(row, name) for name in names}, **more})
        assignments.change(self.session, row.id, rules, user=self.teacher, now=now)

    def sit(
        self, row: Assignment, student: User, now: datetime, *said: Response | None, end: bool = False
    ) -> SittingRow:
        """Begin, and answer question by question in the bank's order of the plan; None leaves the rest open."""
        sitting = assignments.start(self.session, row.id, learner=student, now=now)
        for response in said:
            attempt = study.open_attempt(self.session, sitting, learner=student)
            assert attempt is not None
            study.answer(self.session, attempt, learner=student, response=response or Unknown(), now=now)
        if end:
            study.finish(self.session, sitting, learner=student, now=now)
        self.session.expire_all()
        return self.session.get_one(SittingRow, (student.id, sitting))

    def answer_by(self, row: Assignment, student: User, now: datetime, said: dict[str, Response]) -> SittingRow:
        """A whole sitting, answered by question id."""
        sitting = assignments.start(self.session, row.id, learner=student, now=now)
        while (attempt := study.open_attempt(self.session, sitting, learner=student)) is not None:
            asked = self.session.scalars(
                select(Attempt.question_id).where(Attempt.learner_id == student.id, Attempt.id == attempt)
            ).one()
            study.answer(self.session, attempt, learner=student, response=said.get(asked, Unknown()), now=now)
        self.session.expire_all()
        return self.session.get_one(SittingRow, (student.id, sitting))


def make_school(session: Session, now: datetime, *, students: int = 3, questions: Any = None) -> School:
    banks.load(session, make_bank(*(questions or more(4))), now=now)
    teacher = session.get_one(
        User, make_user(session, login_name="teacher", name_key="teacher", role=INSTRUCTOR, time_zone="Asia/Qatar")
    )
    class_id = classes.make(session, "10A", user=teacher, now=now)
    made = [
        classes.enrol(session, class_id, classes.NewStudent(f"Student {nr:02}", PIN_HASH, str(100 + nr)), now=now)
        for nr in range(1, students + 1)
    ]
    return School(session, teacher, class_id, [session.get_one(User, one) for one in made])
