"""A learner's days as dice throw them: quizzes and reviews of every kind, answered well, badly and by guess."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from factories import every_kind, make_bank, make_question, more
from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import Question
from questions.errors import Conflict
from questions.responses import Chosen, ChosenMany, Judged, Matched, Ordered, Response, Unknown, Written
from quiz.models import Card, SittingRow
from quiz.services import banks, study

BANK = make_bank(
    *every_kind(),
    *more(6),
    make_question("cloze", id="f-10.day.cloze", facts=("f-10",)),
    make_question("typed", id="f-11.day.typed", facts=("f-11",), stem={"en": "Who said event 11?"}),
    make_question("true_false", id="f-12.day.true-false", facts=("f-12",), stem={"en": "Event 12 was on a Monday."}),
)


def some_answer(question: Question, dice: Random) -> Response:
    """Right, close, wrong or none at all."""
    if dice.random() < 0.15:
        return Unknown()
    match question.kind:
        case "choice":
            return Chosen(option=dice.choice([question.key, *(option.id for option in question.options)]))
        case "true_false":
            return Judged(value=dice.random() < 0.5)
        case "typed" | "cloze":
            words = [question.answer.en or "", question.answer.ar or "", "Hasan", "no idea", ""]
            return Written(text=dice.choice(words))
        case "multi_select":
            return ChosenMany(options=tuple(option.id for option in question.options if dice.random() < 0.6))
        case "ordering":
            return Ordered(items=tuple(dice.sample([item.id for item in question.items], len(question.items))))
        case _:
            rights = [pair.id for pair in question.pairs]
            return Matched(pairs=tuple(zip(rights, dice.sample(rights, len(rights)), strict=True)))


class Life:
    """One learner and their clock."""

    def __init__(self, session: Session, learner: Any, dice: Random, now: datetime) -> None:
        self.session, self.learner, self.dice, self.now = session, learner, dice, now
        banks.load(session, BANK, now=now)

    def wait(self) -> None:
        """Until later today, or some days on."""
        self.now += timedelta(hours=self.dice.choice([2, 9, 24, 24, 49, 120]))

    def begin(self, kind: str) -> int | None:
        """A sitting; None when there is nothing to review."""
        if kind == "quiz":
            feedback: study.Feedback = self.dice.choice(["each", "end"])
            options = {"count": self.dice.choice([3, 5, None]), "seed": self.dice.randrange(99), "feedback": feedback}
            return study.start_quiz(self.session, "dam", learner=self.learner, now=self.now, **options)
        try:
            more = self.dice.random() < 0.3
            return study.start_review(self.session, "dam", learner=self.learner, now=self.now, more=more)
        except Conflict:
            return None

    def answer(self, attempt_id: int) -> None:
        self.now += timedelta(seconds=self.dice.choice([0, 0.4, 20]))
        page = study.attempt_page(self.session, attempt_id, learner=self.learner, now=self.now)
        said, guess = some_answer(page.question, self.dice), self.dice.random() < 0.2
        study.answer(self.session, attempt_id, learner=self.learner, response=said, guess=guess, now=self.now)
        self.session.expire_all()

    def sit(self, kind: str, most: int) -> None:
        """Answer at most so many questions of a new sitting, then end it."""
        sitting = self.begin(kind)
        if sitting is None:
            return
        for _ in range(most):
            attempt = study.open_attempt(self.session, sitting, learner=self.learner)
            if attempt is None:
                break
            self.answer(attempt)
        study.finish(self.session, sitting, learner=self.learner, now=self.now)
        self.session.expire_all()

    def set(self, **settings: Any) -> None:
        """Change settings, as the page of settings does."""
        for name, value in settings.items():
            setattr(self.learner, name, value)
        self.session.flush()
        study.reschedule(self.session, learner_id=self.learner.id)
        self.session.expire_all()

    # ------------------------------------------------------------ taking back

    def all_state(self, sitting_id: int) -> dict[str, Any]:
        """Every column of every card, the queue, and where the sitting stands."""
        session, learner, now = self.session, self.learner, self.now
        session.expire_all()
        sitting = session.get_one(SittingRow, (learner.id, sitting_id))
        opened = study.open_attempt(session, sitting_id, learner=learner)
        page = study.attempt_page(session, opened, learner=learner, now=now) if opened else None
        return {
            "cards": [tuple(row) for row in session.execute(select(Card.__table__).order_by(Card.learner_id, Card.id))],
            "plan now": study.review_plan(session, "dam", learner=learner, now=now),
            "plan with more": study.review_plan(session, "dam", learner=learner, now=now, more=True),
            "plan in a week": study.review_plan(session, "dam", learner=learner, now=now + timedelta(days=7)),
            "portion": study.portion(session, "dam", learner=learner, now=now),
            "sitting": (sitting.plan, sitting.planned, sitting.finished_at, sitting.points),
            "open": (page.question.id, page.number, page.practice, page.shown, page.starred) if page else None,
        }

    def undo_differences(self, answers: int) -> list[tuple[str, Any, Any]]:
        """Take back so many answers of reviews, each right after it was given: what is not as it was before."""
        found: list[tuple[str, Any, Any]] = []
        taken_back = 0
        while taken_back < answers:
            self.wait()
            if self.dice.random() < 0.3:
                self.sit("quiz", most=3)
            if self.dice.random() < 0.1:
                self.set(retention=self.dice.choice([0.85, 0.9, 0.95]))
            sitting = self.begin("review")
            while sitting is not None and taken_back < answers:
                attempt = study.open_attempt(self.session, sitting, learner=self.learner)
                if attempt is None:
                    break
                found += self._answer_and_undo(sitting, attempt)
                taken_back += 1
        return found

    def _answer_and_undo(self, sitting: int, attempt: int) -> list[tuple[str, Any, Any]]:
        before = self.all_state(sitting)
        at = self.now
        self.answer(attempt)
        reopened = study.undo(self.session, attempt, learner=self.learner, now=self.now)
        later, self.now = self.now, at
        after = self.all_state(sitting)
        self.now = later
        self.answer(reopened)
        return [(name, before[name], after[name]) for name in before if before[name] != after[name]]
