"""Reviews made in Anki come back, and a memory that goes to and fro is the same as one that stays."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import factories
import pytest
from both_sides import Site
from sqlalchemy import func, select

from questions.history import Rating, Review
from quiz import scheduling
from quiz.models import Card, ReviewLog

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def log(session):
    return session.execute(
        select(Card.point, ReviewLog.reviewed_ms, ReviewLog.day, ReviewLog.rating, ReviewLog.counted)
        .join(Card, Card.id == ReviewLog.card_id)
        .order_by(ReviewLog.reviewed_ms)
    ).all()


def replayed(session, learner):
    points = {}
    for point, *rest in log(session):
        points.setdefault(point, []).append(Review(rest[0], rest[1], Rating(rest[2]), rest[3]))
    return {point: scheduling.replay(reviews, retention=learner.retention) for point, reviews in points.items()}


@pytest.mark.parametrize("legacy", [True, False])
def test_reviews_made_in_anki_come_in_once_and_the_memories_follow(session, new_desk, tmp_path, legacy):
    site = Site(session, *factories.more(5), factories.make_question("multi_select"))
    dice = Random(3)  # noqa: S311
    site.review(dice, at=site.now - timedelta(days=9))
    before = len(log(session))
    desk = new_desk()
    desk.take(site.deck(tmp_path / "deck.apkg"))
    answers = desk.study(dice)
    file = desk.give(tmp_path / "back.apkg", legacy=legacy)
    merged = site.take(file)
    # The question over several facts feeds no memory here.
    assert (merged.new, merged.points, merged.known, merged.unscheduled) == (answers - 1, 5, before, 1)
    assert (answers, len(log(session))) == (6, before + 5)
    memories = site.memories()
    assert memories == replayed(session, site.learner)
    for point, card in desk.cards().items():
        if point in memories:
            assert card["s"] == pytest.approx(memories[point].stability, rel=0.01)
            assert card["d"] == pytest.approx(memories[point].difficulty, rel=0.01)
    again = site.take(file)
    assert (again.new, again.points, again.known) == (0, 0, before + 5)
    assert site.memories() == memories


def test_an_answer_taken_back_here_does_not_come_back(session, new_desk, tmp_path):
    site = Site(session, *factories.more(2))
    site.review(Random(3), at=site.now - timedelta(days=9))  # noqa: S311
    desk = new_desk()
    desk.take(site.deck(tmp_path / "deck.apkg"))
    row = session.scalars(select(ReviewLog).order_by(ReviewLog.reviewed_ms)).first()
    row.voided_at = site.now
    session.flush()
    assert site.take(desk.give(tmp_path / "back.apkg")).new == 0
    assert session.scalar(select(func.count()).select_from(ReviewLog).where(ReviewLog.voided_at.is_not(None))) == 1


def test_cramming_and_days_set_by_hand_are_left_out_and_counted(session, new_desk, tmp_path):
    site = Site(session, *factories.more(3))
    desk = new_desk()
    desk.take(site.deck(tmp_path / "deck.apkg"))
    first, second, _ = desk.col.find_cards("is:new")
    desk.col.sched.set_due_date([first], "5")
    filtered = desk.col.sched.get_or_create_filtered_deck(0)
    filtered.config.search_terms[0].search = f"cid:{second}"
    filtered.config.reschedule = False
    desk.col.decks.select(desk.col.sched.add_or_update_filtered_deck(filtered).id)
    desk.col.sched.answerCard(desk.col.sched.getCard(), 4)
    merged = site.take(desk.give(tmp_path / "back.apkg"))
    assert (merged.new, merged.manual, merged.crammed) == (0, 1, 1)
    assert site.memories() == {}


def test_a_hundred_days_to_and_fro_leave_the_memory_that_one_side_would_have(session, new_desk, tmp_path):
    """Ten days here, ten in Anki, and so on; each crossing is a download into an Anki that does not know the deck."""
    site = Site(session, *factories.more(8), new_per_day=3)
    dice = Random(7)  # noqa: S311
    made = {"here": 0, "there": 0}
    for _ in range(5):
        for _ in range(10):
            site.review(dice)
            site.age()
        crossed = len(log(session))
        desk = new_desk()
        desk.take(site.deck(tmp_path / "out.apkg"))
        for _ in range(10):
            made["there"] += desk.study(dice)
            desk.age()
            site.age()
        merged = site.take(desk.give(tmp_path / "in.apkg"))
        assert merged.known == crossed
        memories, cards = site.memories(), desk.cards()
        assert memories == replayed(session, site.learner)
        assert cards.keys() == memories.keys()
        for point, memory in memories.items():
            assert cards[point]["s"] == pytest.approx(memory.stability, rel=0.01)
            assert cards[point]["d"] == pytest.approx(memory.difficulty, rel=0.01)
        assert desk.col.fix_integrity()[1]
        made["here"] += merged.new
    # Each review that was made there is here, once.
    assert made["here"] == made["there"] > 20
