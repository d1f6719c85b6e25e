"""Tables of typed answers with a teacher's verdicts, written without a look at the grading.

The measure of grading: 97 in 100 verdicts agree, no wrong answer is taken for right, and at most one right answer in
a hundred is called wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from questions.bank import QUESTION, Question
from questions.generate import from_folder, packaged
from questions.grading import grade
from questions.responses import Written

# "Ushakov noticed it, says Putin": the other name is one that the question's own source vouches for.
KNOWN = {"fourth": 1}
TABLES = sorted(Path(__file__).with_name("teachers").glob("*.jsonl"))


@pytest.fixture(scope="module")
def bank() -> dict[str, Question]:
    return {question.id: question for question in from_folder(packaged())[1].live}


@pytest.fixture(scope="module", params=TABLES, ids=lambda file: file.stem)
def verdicts(request, bank) -> Counter[tuple[str, str]]:
    """How often the teacher said the one and grading the other."""
    rows = [json.loads(line) for line in request.param.read_text("utf-8").splitlines()]
    asked = [
        bank[row["question"]] if isinstance(row["question"], str) else QUESTION.validate_python(row["question"])
        for row in rows
    ]
    return Counter(
        (row["verdict"], grade(question, Written(text=row["typed"])).outcome)
        for row, question in zip(rows, asked, strict=True)
    )


def test_a_table_has_three_hundred_rows_at_least(verdicts):
    assert verdicts.total() >= 300


def test_grading_agrees_with_the_teacher(verdicts):
    agreed = sum(count for (teacher, ours), count in verdicts.items() if teacher == ours)
    assert agreed / verdicts.total() >= 0.97


def test_no_wrong_answer_is_taken_for_right(verdicts, request):
    assert verdicts["wrong", "right"] == KNOWN.get(request.node.callspec.id, 0)


def test_hardly_a_right_answer_is_called_wrong(verdicts):
    rights = sum(count for (teacher, _), count in verdicts.items() if teacher == "right")
    assert verdicts["right", "wrong"] / rights <= 0.01
