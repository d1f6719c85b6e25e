"""Progress on its way to Anki: what the real Anki makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import factories
import pytest
from both_sides import Site
from sqlalchemy import update

from export.anki import note_type
from questions import anki_ids
from questions.history import Rating
from quiz import scheduling
from quiz.models import QuestionRow
from quiz.services import anki_progress, study

SUSPENDED = "tag:qimma is:new is:suspended -tag:qimma::retired"  # as the page tells it
QUESTIONS = (*factories.every_kind(), *factories.more(6))


# What goes out is the same from both databases.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def site(session):
    return Site(session, *QUESTIONS, retention=0.88, new_per_day=12, reviews_per_day=150)


@pytest.fixture
def studied(site):
    """Four reviews in thirty days, some with misses and practice after them."""
    dice = Random(4)  # noqa: S311
    for days in (30, 28, 20, 3):
        site.review(dice, at=site.now - timedelta(days=days))
    return site


def fuzz(days):
    """How far Anki's own intervals stray from what FSRS says."""
    if days < 2.5:
        return 0
    near, middle, far = min(days, 7) - 2.5, max(min(days, 20) - 7, 0), max(days - 20, 0)
    return 1 + 0.15 * near + 0.1 * middle + 0.05 * far


def test_anki_has_the_memories_the_days_and_the_log_and_its_check_changes_nothing(studied, new_desk, tmp_path):
    desk = new_desk()
    desk.take(studied.deck(tmp_path / "deck.apkg"))
    cards, memories = desk.cards(), studied.memories()
    today = study.today(studied.learner, studied.now)
    assert len(memories) == 8
    assert cards.keys() == memories.keys()
    for point, memory in memories.items():
        card = cards[point]
        assert card["s"] == pytest.approx(memory.stability, rel=0.01)
        assert card["d"] == pytest.approx(memory.difficulty, rel=0.01)
        assert (card["due"] - desk.col.sched.today, card["ivl"]) == (memory.due - today, memory.due - memory.last_day)
        # What Anki gets when it reckons the memory anew, from the log alone.
        anew = desk.col.compute_memory_state(card["id"])
        assert anew.stability == pytest.approx(memory.stability, rel=0.01)
        assert anew.difficulty == pytest.approx(memory.difficulty, rel=0.01)
        states = desk.col._backend.get_scheduling_states(card["id"])
        for rating, state in ((Rating.HARD, states.hard), (Rating.GOOD, states.good), (Rating.EASY, states.easy)):
            after = scheduling.review(memory, rating, today, retention=0.88)
            exact = after.due - today
            assert abs(state.normal.review.scheduled_days - exact) <= fuzz(exact) + 1
    before = desk.rows()
    said, fine = desk.col.fix_integrity()
    assert (said, fine) == ("Database rebuilt and optimized.", True)
    assert desk.rows() == before


def test_one_card_of_a_point_goes_on_and_its_siblings_come_suspended(studied, new_desk, tmp_path):
    desk = new_desk()
    desk.take(studied.deck(tmp_path / "deck.apkg"))
    note = desk.col.get_note(desk.col.find_notes("Point:f-1.speaker")[0])
    assert anki_ids.ORD == note_type.ORD
    state = {card.template()["name"]: (card.type, card.queue) for card in note.cards()}
    assert state == {"Choice": (0, -1), "True-false": (0, -1), "Typed": (2, 2)}
    assert len(desk.col.find_cards("tag:qimma::paused is:suspended")) == 2
    assert len(desk.col.find_cards(SUSPENDED)) == 2
    # All reviews, whatever question they came from, are on the card that goes on.
    assert desk.col.db.scalar("SELECT count(DISTINCT cid) FROM revlog") == 8


def test_suspended_siblings_are_still_found_when_an_update_took_their_tag(studied, new_desk, tmp_path):
    desk = new_desk()
    desk.take(studied.deck(tmp_path / "deck.apkg"))
    studied.session.execute(update(QuestionRow).values(changed_at=studied.now + timedelta(minutes=1)))
    desk.take(studied.deck(tmp_path / "update.apkg", progress=False), progress=False)
    assert len(desk.col.find_cards("tag:qimma::paused")) == 0
    assert len(desk.col.find_cards(SUSPENDED)) == 2


def test_the_preset_goes_on_as_the_site_did(studied, new_desk, tmp_path):
    desk = new_desk()
    desk.take(studied.deck(tmp_path / "deck.apkg"))
    decks = [deck for deck in desk.col.decks.all_names_and_ids() if deck.name.startswith("Qimma::dam")]
    presets = [desk.col.decks.config_dict_for_deck_id(deck.id) for deck in decks]
    told = {
        (p["name"], p["desiredRetention"], p["new"]["perDay"], p["rev"]["perDay"], tuple(p["new"]["delays"]))
        for p in presets
    }
    assert told == {("dam", 0.88, 12, 150, ())}
    assert {tuple(round(number, 4) for number in preset["fsrsParams6"]) for preset in presets} == {
        scheduling.numbers(None)
    }


def test_progress_reaches_cards_that_are_new_to_anki_and_no_others(studied, new_desk, tmp_path):
    """Why it is never offered as an update."""
    file = studied.deck(tmp_path / "deck.apkg")
    fresh, had = new_desk(), new_desk()
    had.take(studied.deck(tmp_path / "plain.apkg", progress=False), progress=False)
    before = had.rows()[1]
    fresh.take(file)
    had.take(file)
    assert len(fresh.cards()) == 8
    assert [row[:8] for row in had.rows()[1]] == [row[:8] for row in before]
    assert had.cards() == {}


def test_without_the_boxes_the_deck_comes_without_the_progress(studied, new_desk, tmp_path):
    desk = new_desk()
    desk.take(studied.deck(tmp_path / "deck.apkg"), progress=False)
    assert (desk.cards(), desk.rows()[2]) == ({}, [])
    assert desk.col.find_cards("is:new") != []


IN_ZONE = """
import sys
from anki.collection import Collection, ImportAnkiPackageRequest
col = Collection(sys.argv[1])
options = col._backend.get_import_anki_package_presets()
options.with_scheduling = True
col.import_anki_package(ImportAnkiPackageRequest(package_path=sys.argv[2], options=options))
print(col.db.scalar("SELECT due FROM cards WHERE type = 2") - col.sched.today)
col.close()
"""


def test_a_day_is_the_same_day_in_anki_wherever_the_learner_is(session, tmp_path):
    said, expected = [], []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # fourteen hours before Greenwich, and eleven after it
        site = Site(session, *factories.more(1), time_zone=zone, day_turns_at=0)
        site.review(Random(4), at=site.now - timedelta(days=1))  # noqa: S311
        (point,) = anki_progress.progress_of(session, "dam", learner=site.learner).points
        at_desk = (datetime.now(UTC).astimezone(ZoneInfo(zone)) - timedelta(hours=4)).date()  # where days turn at four
        expected.append(point.steps[-1].after.due - (at_desk - date(1970, 1, 1)).days)
        # Anki looks at the machine's zone when it starts.
        file = site.deck(tmp_path / f"{len(said)}.apkg")
        said.append(
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", IN_ZONE, str(tmp_path / f"{len(said)}.anki2"), str(file)],
                env={**os.environ, "TZ": zone},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    assert [int(one.communicate()[0]) for one in said] == expected


def test_a_point_of_which_nothing_counts_yet_stays_new_and_keeps_its_log(session, new_desk, tmp_path):
    site = Site(session, factories.make_question("true_false"))
    site.review(Random(4), at=site.now - timedelta(days=1))  # noqa: S311
    assert site.memories() == {}
    desk = new_desk()
    desk.take(site.deck(tmp_path / "deck.apkg"))
    assert desk.cards() == {}
    assert [row[3:5] + row[6:9:2] for row in desk.rows()[2]] == [[2, 0, 0, 3]]


def test_the_same_progress_gives_the_same_bytes(studied, tmp_path):
    assert studied.deck(tmp_path / "one").read_bytes() == studied.deck(tmp_path / "two").read_bytes()
