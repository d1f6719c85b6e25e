"""Whatever befalls a class's marks, in whatever order: the running sums are those that a recount gives."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from factories import more
from school import NILS, OMAR, RIGHT, make_school
from sqlalchemy import select

from questions.errors import Conflict, NotFound
from questions.responses import Chosen, Unknown
from quiz.models import Attempt, ItemSum, OptionSum, QuestionRow, SittingRow
from quiz.services import assignments, banks, doctor, editing, study, voiding
from quiz.services.leaving import erase
from quiz.services.results import single

QUESTIONS = [f"f-{nr}.day.choice" for nr in range(10, 14)]
NAMES = ("answers", "marks", "squares", "rest", "rest_squares", "products")
MINUTE = timedelta(minutes=1)


class Class:
    """Students and their teacher, who do what chance says."""

    def __init__(self, session, now, chance):
        self.session, self.now, self.chance = session, now, chance
        self.school = make_school(session, now, questions=more(4), students=5)
        self.teacher, self.students = self.school.teacher, list(self.school.students)
        self.row = self.school.give(now, attempts=0, feedback="end", minutes=10, closes_at=now + timedelta(days=9))
        self.gone = Counter()  # what those left in the sums who left for good

    def sit(self):
        """To the end, or handed in before it, or left open, or left open until the time is up."""
        student = self.chance.choice(self.students)
        with suppress(NotFound):  # every question is void
            sitting = assignments.start(self.session, self.row.id, learner=student, now=self.now)
            for _ in range(self.chance.choice([1, 3, 4])):
                attempt = study.open_attempt(self.session, sitting, learner=student)
                if attempt is not None:
                    said = self.chance.choice([RIGHT, RIGHT, OMAR, NILS, Unknown()])
                    study.answer(self.session, attempt, learner=student, response=said, now=self.now)
                    self.session.expire_all()
            if self.chance.random() < 0.6:
                study.finish(self.session, sitting, learner=student, now=self.now)

    def time(self):
        self.now += 6 * MINUTE

    def mark(self):
        attempt = self.attempt()
        if attempt is not None:
            share, do = self.chance.choice([0, 0.5, 1]), {"why": "x", "user": self.teacher, "now": self.now}
            single.set_mark(self.session, self.row.id, attempt.learner_id, attempt.id, share, **do)

    def reopen(self):
        attempt = self.attempt()
        if attempt is not None:
            do = {"minutes": 5, "why": "x", "user": self.teacher, "now": self.now}
            with suppress(Conflict):  # every question is answered
                single.reopen(self.session, self.row.id, attempt.learner_id, attempt.sitting_id, **do)

    def attempt(self):
        found = self.session.scalars(
            select(Attempt).where(Attempt.answered_at.is_not(None)).order_by(Attempt.learner_id, Attempt.id)
        ).all()
        return self.chance.choice(found) if found else None

    def correct(self):
        row = self.session.get_one(QuestionRow, ("dam", self.chance.choice(QUESTIONS)))
        key = self.chance.choice(["layla", "omar", "nils"])
        question = banks.parse(row.body).model_copy(update={"key": key})
        editing.save(self.session, "dam", question, seen=row.number, author_id=self.teacher.id, now=self.now)
        self.act(row.id, "regrade")

    def void(self):
        self.act(self.chance.choice(QUESTIONS), self.chance.choice(["void", "unvoid"]))

    def act(self, question, action):
        self.session.flush()
        voiding.act(self.session, "dam", question, action, author_id=self.teacher.id, now=self.now)

    def leave(self):
        if len(self.students) > 3:
            student = self.students.pop()
            self.gone.update(self.recount(student.id))
            erase(self.session, [student.id])

    def recount(self, *learners):
        """From the answers alone."""
        self.session.expire_all()
        voided = set(self.session.scalars(select(QuestionRow.id).where(QuestionRow.voided_at.is_not(None))))
        found = Counter()
        for sitting in self.session.scalars(
            select(SittingRow).where(SittingRow.learner_id.in_(learners), SittingRow.finished_at.is_not(None))
        ):
            answers = self.session.scalars(
                select(Attempt).where(Attempt.sitting_id == sitting.id, Attempt.answered_at.is_not(None))
            ).all()
            shares = {one.question_id: one.share for one in answers}
            marks = {name: 1.0 if name in voided else shares.get(name, 0.0) for name in sitting.plan}
            total = sum(marks.values())
            assert sitting.points == pytest.approx(total)
            for name, mark in marks.items():
                rest = total - mark
                values = (1, mark, mark * mark, rest, rest * rest, mark * rest)
                found.update({(name, key): value for key, value in zip(NAMES, values, strict=True)})
            for one in answers:
                said = Chosen.model_validate_json(one.response).option if "chosen" in one.response else None
                if said is not None:
                    found.update(
                        {(one.question_id, said): 1, (one.question_id, said, "rest"): total - marks[one.question_id]}
                    )
        return found

    def sums(self):
        self.session.expire_all()
        found = Counter()
        for row in self.session.scalars(select(ItemSum)):
            found.update({(row.question_id, key): getattr(row, key) for key in NAMES})
        for row in self.session.scalars(select(OptionSum)):
            found.update({(row.question_id, row.option): row.chosen, (row.question_id, row.option, "rest"): row.rest})
        return found


@pytest.mark.parametrize("seed", range(3))
def test_sums_stay_those_of_a_recount(session, now, seed):
    chance = random.Random(seed)  # noqa: S311  (a class, not a secret)
    group = Class(session, now, chance)
    deeds = [group.sit] * 6 + [
        group.mark,
        group.mark,
        group.correct,
        group.void,
        group.void,
        group.reopen,
        group.time,
        group.leave,
    ]
    for _ in range(40):
        chance.choice(deeds)()
        expected = group.recount(*(one.id for one in group.students)) + group.gone
        found = group.sums()
        assert {key: found[key] for key in found | expected} == pytest.approx(
            {key: expected[key] for key in found | expected}, abs=1e-9
        )
    assert found != {}
    assert [check.name for check in doctor.CHECKS if check.mend and next(check.find(session), None)] == []
