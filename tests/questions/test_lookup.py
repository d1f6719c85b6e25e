"""The order in which candidates are taken, and whose names a name could be meant for."""

from __future__ import annotations

from itertools import islice

import pytest
from fact_files import BOOK, ENTITIES, FACTS, TOPICS, book, entity

from questions.lookup import SMALL, Pool

SIZES = [12, SMALL, SMALL + 1, 4 * SMALL]
QUESTIONS = [f"f-{number}.who.choice" for number in range(300)]


def pool(size: int, *more: str) -> Pool[str]:
    return Pool((name, name) for name in [*(f"person-{number}" for number in range(size)), *more])


def taken(candidates: Pool[str], question: str) -> list[str]:
    return list(islice(candidates.for_question(question), 3))


@pytest.mark.parametrize("size", SIZES)
def test_every_candidate_comes_once(size):
    assert sorted(pool(size).for_question("f-1.who.choice")) == sorted(f"person-{number}" for number in range(size))


@pytest.mark.parametrize("size", [size for size in SIZES if size != SMALL])
def test_one_more_candidate_displaces_at_most_one_of_those_taken(size):
    before, after = pool(size), pool(size, "newcomer")
    lost = [len(set(taken(before, name)) - set(taken(after, name))) for name in QUESTIONS]
    assert set(lost) <= {0, 1}


@pytest.mark.parametrize("size", SIZES)
def test_questions_do_not_all_take_the_same(size):
    assert len({tuple(taken(pool(size), name)) for name in QUESTIONS[:40]}) > 20


def test_the_order_of_the_file_says_nothing():
    names = [f"person-{number}" for number in range(4 * SMALL)]
    backwards = Pool((name, name) for name in reversed(names))
    assert [taken(backwards, name) for name in QUESTIONS] == [taken(pool(4 * SMALL), name) for name in QUESTIONS]


CROWD = "".join(entity(f"extra-{number}", "person", f"شخص{number}", f"Qwert{number}zxcv") for number in range(SMALL))
ALIKE = entity("layla-2", "person", "ليلي الحسني", "Leyla Hasani")
SURNAME = entity("sami", "person", "سامي سالم", "Sami Salem")


def test_in_a_small_book_everybody_else_could_be_meant(tmp_path):
    small = book(tmp_path)
    assert [one.id for one in small.lookup.namesakes(small.entities["layla"])] == ["omar", "nils", "ada", "karim"]


@pytest.mark.parametrize(("name", "alike"), [("layla", ["layla-2"]), ("omar", ["sami"])])
def test_in_a_large_one_those_whose_names_are_alike(tmp_path, name, alike):
    large = book(tmp_path, book=BOOK, topics=TOPICS, entities=ENTITIES + ALIKE + SURNAME + CROWD, facts=FACTS)
    assert [one.id for one in large.lookup.namesakes(large.entities[name])] == alike


def test_parts_of_parts_are_within_the_whole(tmp_path):
    chain = entity("gate", "matter", "البوابة", "the gate", 'part_of = "dam"')
    chain += entity("bolt", "matter", "المزلاج", "the bolt", 'part_of = "gate"')
    lookup = book(tmp_path, chain).lookup
    assert lookup.within("dam") == {"gate", "bolt"}
    assert lookup.wholes("bolt") == {"gate", "dam"}
    assert lookup.within("bolt") == frozenset()
