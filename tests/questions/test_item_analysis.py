"""Facility, discrimination and efficiency, against figures worked out by hand and those that Moodle publishes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from questions.item_analysis import ItemFigures, item_figures, lures, remarks

MOODLE = Path(__file__).parents[2].parent / "shared" / "banks" / "moodle_stats"


def test_figures_worked_out_by_hand():
    marks = [{"a": 1, "b": 1, "c": 2}, {"a": 1, "b": 0, "c": 1}, {"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 1, "c": 1}]
    found = item_figures(marks, {"a": 1, "b": 1, "c": 2})
    assert found["a"].facility == 50
    assert found["a"].spread == pytest.approx(57.735027)
    assert found["a"].discrimination == pytest.approx(44.721360)
    assert found["a"].efficiency == pytest.approx(50)
    assert found["c"].discrimination == pytest.approx(100)
    assert found["c"].efficiency == pytest.approx(100)


@pytest.mark.parametrize(
    ("marks", "figures"),
    [
        ([], ItemFigures(0, None, None, None, None)),
        ([{"a": 1}], ItemFigures(1, 100, None, None, None)),
        ([{"a": 1, "b": 1}, {"a": 1, "b": 0}], ItemFigures(2, 100, 0, None, None)),
    ],
)
def test_figures_that_are_not_defined_are_none(marks, figures):
    assert item_figures(marks, {"a": 1})["a"] == figures


def test_a_question_worth_nothing_has_no_figures():
    assert item_figures([{"a": 0}, {"a": 0}], {"a": 0})["a"] == ItemFigures(2, None, None, None, None)


def test_a_sitting_that_did_not_hold_a_question_is_no_part_of_its_figures():
    marks = [{"a": 1, "b": 1}, {"b": 1}, {"a": 0, "b": 0}]
    assert item_figures(marks, {"a": 1, "b": 1})["a"].answers == 2


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (ItemFigures(20, 50, 50, 40, 50), ()),
        (ItemFigures(20, 50, 50, -1, -2), ("negative",)),
        (ItemFigures(20, 50, 50, 5, 5), ("weak",)),
        (ItemFigures(20, 20, 50, 40, 50), ("hard",)),
        (ItemFigures(20, 99, 50, 40, 50), ("easy",)),
        (ItemFigures(9, 0, 0, -50, None), ()),
        (ItemFigures(20, None, None, None, None), ()),
    ],
)
def test_what_is_odd_is_said(figures, said):
    assert remarks(figures) == said


def test_a_wrong_option_that_the_stronger_choose_is_named():
    chosen = {"key": [3, 4], "b": [8, 9], "c": [1, 2], "d": [9]}
    assert lures(chosen, {"key"}) == ("b",)
    assert lures(chosen, {"key", "b"}) == ()
    assert lures({"b": [8, 9]}, {"key"}) == ()
    assert lures({}, {"key"}) == ()


def test_two_strong_students_who_are_wrong_are_not_more_than_many_who_are_right():
    assert lures({"key": [5, 6, 8, 9, 9], "b": [9, 9], "c": [1, 2, 3]}, {"key"}) == ()


@pytest.mark.skipif(not MOODLE.is_dir(), reason="Moodle's published attempts lie beside the repository, not in it")
def test_figures_equal_moodles_to_six_digits():
    marks: list[dict[str, float]] = []
    best: dict[str, float] = {}
    with (MOODLE / "mdl_question_states.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["slot"] == "1":  # one attempt after the other
                marks.append({})
            marks[-1][row["slot"]] = float(row["mark"] or 0)
            best[row["slot"]] = float(row["maxmark"])
    found = item_figures(marks, best)
    for expected in json.loads((MOODLE / "EXPECTED_mdl_question_states.json").read_text("utf-8")):
        ours = found[str(expected["slot"])]
        for name, theirs in (
            ("facility", "facility_pct"),
            ("discrimination", "discrimination_index_pct"),
            ("efficiency", "discriminative_efficiency_pct"),
        ):
            assert getattr(ours, name) == (
                None if expected[theirs] is None else pytest.approx(expected[theirs], rel=1e-6)
            ), (expected["slot"], name)
