"""The results of an assignment as its instructors read them: by student, by question, by topic; open sittings too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import ChoiceQuestion, MultiSelectQuestion, Question, TrueFalseQuestion
from questions.item_analysis import ItemFigures, item_figures, lures, remarks
from questions.responses import RESPONSE, Response
from questions.texts import Bilingual
from quiz.models import Assignment, Attempt, QuestionRevision, QuestionRow, SittingRow
from quiz.services import banks, classes
from quiz.services.assignments import ended
from quiz.services.results import sums
from quiz.services.study import questions_of

State = Literal["none", "open", "done"]
_ONE_ANSWER = {"choice", "true_false"}


@dataclass(frozen=True, slots=True)
class Sat:
    """One sitting of one student."""

    id: int
    answered: int
    planned: int
    points: float  # so far, while it is open
    finished: bool  # handed in, or left open when its time ran out
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A student. `grade` is the share of the whole mark, of the sitting that counts; None before the first one ends."""

    user_id: int
    name: str
    number: str | None
    section: str | None
    state: State
    sittings: tuple[Sat, ...]
    grade: float | None
    counts: int | None  # the sitting that makes the grade


@dataclass(frozen=True, slots=True)
class OptionLine:
    """How often an option was chosen, and how well those did on the other questions."""

    text: Bilingual
    key: bool
    chosen: int
    share: float  # of the answers
    rest: float  # mean share of the other marks


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question with its figures; None of what is not defined yet. `odd` and `lures` are what plain sentences say."""

    id: str
    question: Question
    answers: int  # given, in open sittings too
    right: float  # mean share of the mark of these
    figures: ItemFigures
    odd: tuple[str, ...]
    lures: tuple[Bilingual, ...]
    options: tuple[OptionLine, ...]
    blank: int  # handed in without any of the options; of questions with one answer
    voided: bool


@dataclass(frozen=True, slots=True)
class TopicLine:
    topic: str
    answers: int
    share: float


@dataclass(frozen=True, slots=True)
class Results:
    assignment: Assignment
    lines: tuple[Line, ...]
    questions: tuple[QuestionLine, ...]
    topics: tuple[TopicLine, ...]

    @property
    def grades(self) -> list[float]:
        return [line.grade for line in self.lines if line.grade is not None]

    @property
    def spread(self) -> list[int]:
        """How many grades lie in each tenth; a full mark in the last."""
        counts = [0] * 10
        for grade in self.grades:
            counts[min(int(grade * 10 + 1e-9), 9)] += 1
        return counts


def results(session: Session, row: Assignment, *, now: datetime) -> Results:
    """Everything about an assignment. Its students are those who are in the class now."""
    sittings = session.scalars(
        select(SittingRow)
        .where(SittingRow.assignment_id == row.id)
        .order_by(SittingRow.id)
        .execution_options(populate_existing=True)
    ).all()
    answers = _answers(session, row.id)
    held = list(dict.fromkeys(name for one in sittings for name in one.plan[: one.planned]))
    voided = sums.voided_among(session, row.bank_id, held)
    marks = {_key(one): _marks(one, answers.get(_key(one), []), voided) for one in sittings}
    done = {_key(one) for one in sittings if ended(one, now)}
    lines = _lines(session, row, sittings, answers, marks, done)
    questions = _questions(session, row, sittings, answers, marks, voided, done, held)
    topics: dict[str, list[float]] = {}
    for given in answers.values():
        for one in given:
            topics.setdefault(one.topic or "", []).append(1.0 if one.question_id in voided else one.share or 0.0)
    return Results(
        assignment=row,
        lines=tuple(lines),
        questions=tuple(questions),
        topics=tuple(
            sorted(
                (TopicLine(topic, len(shares), sum(shares) / len(shares)) for topic, shares in topics.items()),
                key=lambda one: (one.share, one.topic),
            )
        ),
    )


_Key = tuple[int, int]  # (learner, sitting)


def _key(sitting: SittingRow) -> _Key:
    return sitting.learner_id, sitting.id


def _answers(session: Session, assignment_id: int) -> dict[_Key, list[Attempt]]:
    rows = session.scalars(
        select(Attempt)
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(
            SittingRow.assignment_id == assignment_id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.learner_id, Attempt.sitting_id, Attempt.place)
        .execution_options(populate_existing=True)
    )
    found: dict[_Key, list[Attempt]] = {}
    for one in rows:
        found.setdefault((one.learner_id, one.sitting_id), []).append(one)
    return found


def _marks(sitting: SittingRow, answers: Sequence[Attempt], voided: set[str]) -> dict[str, float]:
    shares = {one.question_id: one.share or 0.0 for one in answers}
    held = dict.fromkeys(sitting.plan[: sitting.planned])
    return {name: 1.0 if name in voided else shares.get(name, 0.0) for name in held}


# ---------------------------------------------------------------- by student


def _lines(
    session: Session,
    row: Assignment,
    sittings: Sequence[SittingRow],
    answers: Mapping[_Key, Sequence[Attempt]],
    marks: Mapping[_Key, Mapping[str, float]],
    done: Set[_Key],
) -> list[Line]:
    own: dict[int, list[Sat]] = {}
    for sitting in sittings:
        key = _key(sitting)
        own.setdefault(sitting.learner_id, []).append(
            Sat(
                id=sitting.id,
                answered=len(answers.get(key, ())),
                planned=sitting.planned,
                points=sum(marks[key].values()),
                finished=key in done,
                started_at=sitting.started_at,
            )
        )
    lines = []
    for student in classes.students(session, row.class_id):
        sats = own.get(student.user_id, [])
        told = [sat for sat in sats if sat.finished and sat.planned]
        counts = _counting(told, row.counted)
        lines.append(
            Line(
                user_id=student.user_id,
                name=student.name,
                number=student.number,
                section=student.section,
                state="none" if not sats else "done" if len(told) == len(sats) else "open",
                sittings=tuple(sats),
                grade=counts.points / counts.planned if counts else None,
                counts=counts.id if counts else None,
            )
        )
    return lines


def _counting(done: Sequence[Sat], counted: str) -> Sat | None:
    if not done:
        return None
    match counted:
        case "first":
            return done[0]
        case "last":
            return done[-1]
        case _:
            return max(done, key=lambda sat: (sat.points / sat.planned, -sat.id))


# ---------------------------------------------------------------- by question


def _questions(
    session: Session,
    row: Assignment,
    sittings: Sequence[SittingRow],
    answers: Mapping[_Key, Sequence[Attempt]],
    marks: Mapping[_Key, Mapping[str, float]],
    voided: set[str],
    done: Set[_Key],
    held: Sequence[str],
) -> list[QuestionLine]:
    over = [_key(one) for one in sittings if _key(one) in done]
    figures = item_figures([marks[key] for key in over], dict.fromkeys(held, 1.0))
    waiting = [  # ended by time alone: not in the sums yet
        sums.Marks(row.id, row.bank_id, marks[key], {one.question_id: sums.options_in(one.response) for one in given})
        for sitting in sittings
        if sitting.finished_at is None and (key := _key(sitting)) in done
        for given in [answers.get(key, ())]
    ]
    running = sums.of_assignment(session, row.id, waiting)
    options = sums.options_of(session, row.id, waiting)
    bodies = session.execute(
        select(QuestionRow.id, QuestionRow.body).where(QuestionRow.bank_id == row.bank_id, QuestionRow.id.in_(held))
    )
    asked = {name: banks.parse(body) for name, body in bodies}
    rests = _rests(over, answers, marks)
    shares_of: dict[str, list[float]] = {}
    for one in (one for given in answers.values() for one in given):
        shares_of.setdefault(one.question_id, []).append(1.0 if one.question_id in voided else one.share or 0.0)
    found = []
    for name in held:
        question = asked[name]
        shares = shares_of.get(name, [])
        its = _as_summed(figures[name], running.get(name))
        chosen = rests.get(name, {})
        texts = _option_texts(session, row.bank_id, question, {*options.get(name, ()), *chosen})
        counts = {option: one.chosen for option, one in options.get(name, {}).items()}
        total = its.answers or 1
        others = max(len(held) - 1, 1)
        lures_of = lures(chosen, question.rights) if isinstance(question, ChoiceQuestion) else ()
        found.append(
            QuestionLine(
                id=name,
                question=question,
                answers=len(shares),
                right=sum(shares) / len(shares) if shares else 0.0,
                figures=its,
                odd=remarks(its) if name not in voided else (),
                lures=tuple(texts[option] for option in lures_of) if name not in voided else (),
                options=tuple(
                    OptionLine(
                        text=text,
                        key=_is_key(question, option),
                        chosen=counts.get(option, 0),
                        share=counts.get(option, 0) / total,
                        rest=options[name][option].rest / counts[option] / others if counts.get(option) else 0.0,
                    )
                    for option, text in texts.items()
                ),
                blank=max(its.answers - sum(counts.values()), 0) if question.kind in _ONE_ANSWER else 0,
                voided=name in voided,
            )
        )
    return found


def _as_summed(figures: ItemFigures, running: sums.Running | None) -> ItemFigures:
    """The figures with what the running sums say: they also hold the sittings of students who have left for good."""
    if running is None or running.answers == figures.answers:
        return figures
    own = sums.figures(running)
    return ItemFigures(own.answers, own.facility, own.spread, own.discrimination, figures.efficiency)


def _rests(
    done: Sequence[_Key],
    answers: Mapping[_Key, Sequence[Attempt]],
    marks: Mapping[_Key, Mapping[str, float]],
) -> dict[str, dict[str, list[float]]]:
    """By question and option: the other marks of each who chose it."""
    found: dict[str, dict[str, list[float]]] = {}
    for key in done:
        total = sum(marks[key].values())
        for one in answers.get(key, ()):
            rest = total - marks[key].get(one.question_id, 0.0)
            for option in sums.options_in(one.response):
                found.setdefault(one.question_id, {}).setdefault(option, []).append(rest)
    return found


def _is_key(question: Question, option: str) -> bool:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            return option in question.rights
        case TrueFalseQuestion():
            return option == str(question.key).lower()
        case _:
            return False


def _option_texts(session: Session, bank_id: str, question: Question, chosen: set[str]) -> dict[str, Bilingual]:
    """The options of a question by text, those of older revisions too where somebody chose them."""
    texts = _texts(question)
    missing = chosen - set(texts)
    if missing:
        older = session.scalars(
            select(QuestionRevision.body)
            .where(QuestionRevision.bank_id == bank_id, QuestionRevision.question_id == question.id)
            .order_by(QuestionRevision.number.desc())
        )
        for body in older:
            texts = {**{name: text for name, text in _texts(banks.parse(body)).items() if name in missing}, **texts}
    return texts


def _texts(question: Question) -> dict[str, Bilingual]:
    match question:
        case ChoiceQuestion() | MultiSelectQuestion():
            return {option.id: option.text for option in question.options}
        case TrueFalseQuestion():
            return {"true": Bilingual(ar="صواب", en="True"), "false": Bilingual(ar="خطأ", en="False")}
        case _:
            return {}


# ---------------------------------------------------------------- one student, and all grades of a class


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a student, in the order in which they were asked."""

    attempt: Attempt
    question: Question
    response: Response


def answers_of(session: Session, row: Assignment, user_id: int) -> dict[int, list[Answer]]:
    """By sitting."""
    attempts = session.scalars(
        select(Attempt)
        .join(SittingRow, (SittingRow.learner_id == Attempt.learner_id) & (SittingRow.id == Attempt.sitting_id))
        .where(
            SittingRow.assignment_id == row.id,
            Attempt.learner_id == user_id,
            Attempt.practice.is_(False),
            Attempt.answered_at.is_not(None),
            Attempt.withdrawn_at.is_(None),
        )
        .order_by(Attempt.sitting_id, Attempt.place)
    ).all()
    questions = questions_of(session, row.bank_id, attempts)
    found: dict[int, list[Answer]] = {}
    for one in attempts:
        found.setdefault(one.sitting_id, []).append(
            Answer(one, questions[one.id], RESPONSE.validate_json(one.response or ""))
        )
    return found


def grades(
    session: Session, rows: Sequence[Assignment], class_id: int, *, now: datetime
) -> list[tuple[classes.Student, list[float | None]]]:
    """Each student of a class with the grade, as a share, in each of some assignments."""
    by_student = [{line.user_id: line.grade for line in results(session, row, now=now).lines} for row in rows]
    return [
        (student, [found.get(student.user_id) for found in by_student])
        for student in classes.students(session, class_id)
    ]
