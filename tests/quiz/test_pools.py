"""What is kept of a bank between two quizzes, and when it is read anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import make_bank, make_learner, make_question, more
from sqlalchemy.orm import Session

from quiz import db
from quiz.models import Base, QuestionRow, SittingRow
from quiz.services import banks, study
from quiz.services.study.pools import KEPT, pool_of


def planned(session, now, **how) -> set[str]:
    """The questions of a quiz that is begun now."""
    learner = make_learner(session)
    sitting = study.start_quiz(session, "dam", learner=learner, now=now, **{"count": 20, "seed": 1, **how})
    return set(session.get_one(SittingRow, (learner.id, sitting)).plan)


FIVE = {"f-10.day.choice", "f-11.day.choice", "f-12.day.choice", "f-13.day.choice", "f-14.day.choice"}


@pytest.fixture
def loaded(session, now) -> None:
    banks.load(session, make_bank(*more(5)), now=now)


@pytest.mark.usefixtures("loaded")
def test_a_bank_is_read_once_while_it_stays_as_it_is(session):
    assert pool_of(session, "dam") is pool_of(session, "dam")


@pytest.mark.usefixtures("loaded")
def test_a_new_question_is_asked(session, now):
    assert planned(session, now) == FIVE
    banks.load(session, make_bank(*more(6)), now=now)
    assert planned(session, now) == {*FIVE, "f-15.day.choice"}


@pytest.mark.usefixtures("loaded")
def test_a_question_that_vanished_is_asked_no_more(session, now):
    assert planned(session, now) == FIVE
    banks.load(session, make_bank(*more(4)), now=now)
    assert planned(session, now) == FIVE - {"f-14.day.choice"}


@pytest.mark.usefixtures("loaded")
def test_one_for_another_is_noticed(session, now):
    assert planned(session, now) == FIVE
    banks.load(session, make_bank(*more(5, first=11)), now=now)
    assert planned(session, now) == {*FIVE, "f-15.day.choice"} - {"f-10.day.choice"}


@pytest.mark.usefixtures("loaded")
def test_a_hidden_question_is_asked_no_more(session, now):
    assert planned(session, now) == FIVE
    session.get_one(QuestionRow, ("dam", "f-12.day.choice")).hidden = True
    session.flush()
    assert planned(session, now) == FIVE - {"f-12.day.choice"}


@pytest.mark.usefixtures("loaded")
def test_a_question_is_kept_apart_as_its_newest_revision_says(session, now):
    assert planned(session, now) == FIVE
    row = session.get_one(QuestionRow, ("dam", "f-12.day.choice"))
    apart = banks.parse(row.body).model_copy(update={"not_with": ("f-10", "f-11", "f-13", "f-14")})
    banks.revise(session, row, apart, base=None, why="edited", author_id=None, now=now + timedelta(hours=1))
    session.flush()
    assert planned(session, now) in (FIVE - {"f-12.day.choice"}, {"f-12.day.choice"})


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("filters", [study.Filters(kind="typed"), study.Filters(topic="water")], ids=["kind", "topic"])
def test_a_filtered_quiz_is_drawn_from_what_passes(session, now, filters):
    banks.import_file(session, make_bank(make_question("typed", topic="water")), now=now)
    assert planned(session, now, filters=filters) == {"f-1.speaker.typed"}


@pytest.mark.usefixtures("loaded")
def test_the_same_seed_gives_the_same_quiz_again(session, now):
    assert planned(session, now, count=3, seed=7) == planned(session, now, count=3, seed=7)


@pytest.fixture
def elsewhere() -> Iterator[Session]:
    """Another database."""
    engine = db.make_engine("sqlite://")
    Base.metadata.create_all(engine)
    with db.transaction(engine) as session:
        yield session
    engine.dispose()


@pytest.mark.usefixtures("loaded")
def test_two_databases_are_told_apart(session, elsewhere, now):
    banks.load(elsewhere, make_bank(make_question()), now=now)
    assert planned(session, now) == FIVE
    assert planned(elsewhere, now) == {"f-1.speaker.choice"}
    assert planned(session, now) == FIVE


def test_only_the_last_banks_are_kept(session, now):
    for nr in range(KEPT + 1):
        banks.load(session, make_bank(*more(2), id=f"bank-{nr}"), now=now)
    pools = [pool_of(session, f"bank-{nr}") for nr in range(KEPT + 1)]
    again = [pool_of(session, f"bank-{nr}") is pools[nr] for nr in range(KEPT, -1, -1)]
    assert again == [True] * KEPT + [False]
