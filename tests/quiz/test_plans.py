"""How the databases would find what is asked for among very many rows: by an index, and of one learner or class."""

import re
from datetime import timedelta

import pytest
from factories import make_bank, make_learner, more
from sqlalchemy import event, insert

from questions.responses import Chosen, Unknown
from quiz.models import INSTRUCTOR, LEARNER_TABLES, Member, User
from quiz.services import assignments, banks, classes, figures, progress, study, teaching
from quiz.services.results import table

# These grow with the learners too.
MANY = {*LEARNER_TABLES, "users", "logins"}
# By what rows may be looked up: one learner's, one class's, one assignment's.
OWN = ("learner_id", "user_id", "assignment_id", "class_id")


class Plans:
    """The statements of some calls, and how the database would carry them out."""

    def __init__(self, session):
        self.connection, self.seen = session.connection(), {}
        self.sqlite = self.connection.dialect.name == "sqlite"

    def __enter__(self):
        event.listen(self.connection, "before_cursor_execute", self._see)
        return self

    def __exit__(self, *_error):
        event.remove(self.connection, "before_cursor_execute", self._see)

    def _see(self, _connection, _cursor, statement, parameters, _context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            self.seen.setdefault(statement, parameters[0] if many else parameters)

    def slow(self):
        """Statements that would look at rows of others, each with the steps that do."""
        cursor = self.connection.connection.cursor()
        if not self.sqlite:
            for way in ("seqscan", "hashjoin", "mergejoin"):  # these are for rows that are few
                cursor.execute(f"SET LOCAL enable_{way} = off")
            # As if each page were of millions of rows: what the planner reckons with. It goes with the transaction.
            cursor.execute("UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE relname = ANY(%s)", [list(MANY)])
        steps = self._of_sqlite if self.sqlite else self._of_postgresql
        found = {" ".join(one.split()): list(steps(cursor, one, given)) for one, given in self.seen.items()}
        return {statement: steps for statement, steps in found.items() if steps}

    def _of_sqlite(self, cursor, statement, given):
        for *_numbers, step in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall():
            how = re.match(r"(SCAN|SEARCH) (\w+?)(_\d+)?\b(.*)", step)
            if how and how[2] in MANY and not (how[1] == "SEARCH" and by_own(how[2], how[4])):
                yield step

    def _of_postgresql(self, cursor, statement, given):
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
        waiting = [cursor.fetchone()[0][0]["Plan"]]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            name = node.get("Relation Name")
            by = node.get("Index Cond", node.get("Recheck Cond", ""))
            if name in MANY and "Scan" in node["Node Type"] and not by_own(name, by):
                yield f"{node['Node Type']} of {name}: {by}"


def by_own(name, condition):
    """Whether an index is asked for what is someone's own."""
    return any(column in condition for column in ("id" if name == "users" else OWN[0], *OWN))


@pytest.fixture
def plans(session):
    return Plans(session)


@pytest.fixture
def amal(session, now):
    """A learner with a quiz behind them, half of it missed, and a memory of it."""
    banks.load(session, make_bank(*more(8)), now=now)
    learner = make_learner(session)
    before = now - timedelta(days=9)
    sitting = study.start_quiz(session, "dam", learner=learner, count=8, now=before)
    for nr in range(8):
        attempt = study.open_attempt(session, sitting, learner=learner)
        said = Unknown() if nr % 2 else Chosen(option="layla")
        study.answer(session, attempt, learner=learner, response=said, now=before)
    return learner


def test_no_step_of_an_answer_looks_at_rows_of_others(session, plans, amal, now):
    with plans:
        quiz = study.start_quiz(session, "dam", learner=amal, count=2, now=now)
        review = study.start_review(session, "dam", learner=amal, now=now)
        for sitting in (quiz, quiz, review):
            attempt = study.open_attempt(session, sitting, learner=amal)
            study.attempt_page(session, attempt, learner=amal, now=now)
            study.answer(session, attempt, learner=amal, response=Unknown(), now=now)
            study.attempt_page(session, attempt, learner=amal, now=now)
        study.undo(session, attempt, learner=amal, now=now)
        study.finish(session, review, learner=amal, now=now)
        study.end_of(session, quiz, learner=amal, now=now)
        progress.summary(session, quiz, learner=amal)
    assert len(plans.seen) > 20
    assert plans.slow() == {}


def test_no_step_of_the_first_page_or_of_progress_looks_at_rows_of_others(session, plans, amal, now):
    study.start_quiz(session, "dam", learner=amal, count=2, now=now)
    with plans:
        study.open_sitting(session, learner=amal)
        study.portion(session, "dam", learner=amal, now=now)
        study.due_count(session, "dam", learner=amal, now=now)
        assignments.waiting_for(session, learner=amal, now=now)
        classes.of_student(session, amal.id)
        for only in ("missed", "new", "starred"):
            study.chosen(session, "dam", study.Filters(only=only), learner_id=amal.id)
        progress.banks_of(session, learner=amal)
        progress.past(session, "dam", learner=amal, now=now)
        figures.figures(session, "dam", learner=amal, now=now)
    assert len(plans.seen) > 15
    assert plans.slow() == {}


def test_no_step_of_a_class_or_of_its_results_looks_at_rows_of_others(session, plans, amal, now):
    teacher = User(role=INSTRUCTOR, created_at=now)
    session.add(teacher)
    session.flush()
    class_id = classes.make(session, "ours", user=teacher, now=now)
    session.execute(insert(Member).values(class_id=class_id, user_id=amal.id, name="Amal", extra_time=0, joined_at=now))
    given = assignments.Given(bank_id="dam", title="ours", count=2)
    given_id = assignments.give(session, class_id, given, user=teacher, now=now)
    with plans:
        sitting = assignments.start(session, given_id, learner=amal, now=now)
        for _ in range(2):
            attempt = study.open_attempt(session, sitting, learner=amal)
            study.answer(session, attempt, learner=amal, response=Unknown(), now=now)
        row = assignments.assignment_of(session, given_id, teacher)
        table.results(session, row, now=now)
        table.answers_of(session, row, amal.id)
        table.grades(session, [row], class_id, now=now)
        classes.taught_by(session, teacher)
        classes.students(session, class_id)
        classes.left(session, class_id)
        assignments.begun_in(session, class_id)
        teaching.entries(session, class_id=class_id)
    assert len(plans.seen) > 30
    assert plans.slow() == {}
