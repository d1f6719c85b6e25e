"""The bank file: what is written is read back equal, and what cannot be read says where and why."""

from __future__ import annotations

import json
import re
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from factories import every_kind, make_bank, make_question
from pydantic import BaseModel

import questions.formats
from questions.bank import KINDS, Bank
from questions.errors import BadFile
from questions.formats import bank_json

FULL = {
    "feedback": {"ar": "لأنّ <b> & «ذلك»", "en": 'Because "so" \u200f & <b>'},
    "sources": ({"voice": {"ar": "المقال", "en": "the article"}, "para": 3, "opening": "قالت"},),
    "weight": "core",
    "difficulty": 0.7,
    "tags": ("unit 2", "قمة"),
    "media": ({"name": "map.png", "type": "image/png", "data": "QUJD" * 30_000},),
    "not_with": ("f-9", "f-9.who", "f-9.who.choice"),
}
OPTIONS = [
    {"id": "a", "text": {"ar": "أ", "en": "A"}, "weight": 1},
    {"id": "b.1", "text": {"ar": "ب", "en": "B"}, "weight": -0.5, "feedback": {"ar": "لا.", "en": "No."}},
]
ALL = (
    *every_kind(),
    make_question("choice", id="full-choice", **FULL, options=OPTIONS, key="a", fixed_order=True),
    make_question("open", id="only-arabic", stem={"ar": "سؤال؟"}),
    make_question("open", id="only-english", stem={"en": "A question?"}),
    make_question(
        "typed",
        id="full-typed",
        **{**FULL, "media": ()},
        answer={"en": "3.14"},
        accepted=({"text": "pi", "lang": "en", "weight": 0.5}, {"text": "ط"}),
        ranges=({"low": 3, "high": 3.2, "weight": 0.5}, {"low": -1e9, "high": 1}),
        answer_type="number",
        value="3.14",
        rivals=("e",),
    ),
    make_question("typed", id="a-day", answer_type="date", value="2030-05-03", answer={"en": "3 May 2030"}),
    make_question("typed", id="a-month", answer_type="date", value="2030-05", answer={"en": "May 2030"}),
    make_question("typed", id="a-weekday", answer_type="weekday", value="6", answer={"en": "Sunday"}),
)


def there_and_back(bank: Bank) -> Bank:
    return bank_json.load(bank_json.dump(bank).encode(), "bank.json")


@pytest.mark.parametrize("question", ALL, ids=lambda one: one.id)
def test_a_question_comes_back_equal(question):
    bank = make_bank(question)
    assert there_and_back(bank) == bank


def test_every_kind_is_among_them():
    assert {question.kind for question in ALL} == set(KINDS)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"languages": ("en",), "title": {"en": "Only English"}, "topics": ()},
        {"document": None, "description": {"ar": "وصف"}, "licence": "CC BY 4.0", "author": "A & B"},
        {
            "document": {
                "title": {"en": "A report"},
                "publisher": {"en": "The Valley Paper"},
                "date": "2030-05-04",
                "language": "ar",
                "after": {"en": "an agency"},
                "link": "https://example.org/report?a=1&b=2",
            }
        },
        {"entries": ()},
        {
            "entries": (
                {"question": make_question("open"), "changed": "2030-05-04T15:00:00+03:00", "retired": True},
                {"question": make_question("choice"), "changed": datetime(1970, 1, 1, tzinfo=UTC)},
            )
        },
    ],
)
def test_a_bank_comes_back_equal(changes):
    bank = make_bank(**changes)
    assert there_and_back(bank) == bank


def test_the_same_bank_gives_the_same_bytes():
    bank = make_bank(*ALL)
    assert bank_json.dump(there_and_back(bank)) == bank_json.dump(bank)


def test_a_byte_order_mark_does_not_matter():
    bank = make_bank()
    assert bank_json.load(b"\xef\xbb\xbf" + bank_json.dump(bank).encode(), "bank.json") == bank


def problems(data: bytes | dict[str, Any]) -> list[str]:
    with pytest.raises(BadFile) as refusal:
        bank_json.load(data if isinstance(data, bytes) else json.dumps(data).encode(), "bank.json")
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "bank.json: is not JSON: "),
        (b"{", "bank.json: is not JSON: "),
        (b"<html>", "bank.json: is not JSON: "),
        (b'{"a": ' + b"9" * 5000 + b"}", "bank.json: is not JSON: "),
        (b"[" * 100_000, "bank.json: is not JSON: "),
        (b'{"a": "\xe9"}', "bank.json: is not UTF-8 text (byte 8)"),
        (b"[]", "bank.json: is not a bank: expected an object with schema, id, title and entries"),
        (b"null", "bank.json: is not a bank: "),
        (b"{}", "bank.json: field schema: is None; this version reads 'qimma-bank/1'"),
        (
            b'{"schema": "qimma-bank/2"}',
            "bank.json: field schema: is 'qimma-bank/2'; this version reads 'qimma-bank/1'",
        ),
        (b'{"schema": ["qimma-bank/1"]}', "bank.json: field schema: is ['qimma-bank/1']; "),
        (b'{"schema": "qimma-bank/1"}', "bank.json: field id: Field required"),
        (b'{"schema": "qimma-bank/1", "entries": 5}', "bank.json: field entries: "),
        (b'{"schema": "qimma-bank/1", "entries": [5]}', "bank.json: entry 1: "),
        (b'{"schema": "qimma-bank/1", "entries": {"0": {}}}', "bank.json: field entries: "),
    ],
)
def test_what_is_no_bank_file_is_refused_in_plain_words(data, problem):
    assert [one for one in problems(data) if one.startswith(problem)]


def broken(kind: str, /, **changes: Any) -> dict[str, Any]:
    """A bank file whose second question has a wrong field."""
    data = json.loads(bank_json.dump(make_bank(make_question("open"), make_question(kind, id="q-2"))))
    data["entries"][1]["question"] |= changes
    return data


TWICE = [{"id": "a", "text": {"en": "A"}}] * 2
PLACE = 'bank.json: entry 2, question "q-2"'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (broken("choice", colour="red"), f"{PLACE}, field colour: Extra inputs are not permitted"),
        (broken("choice", key="z"), f"{PLACE}: key 'z' is not the id of an option"),
        (broken("choice", options=TWICE), f"{PLACE}: two options share an id"),
        (broken("choice", stem={}), f"{PLACE}, field stem: a text needs at least one language: ar or en"),
        (broken("choice", stem="Who?"), f"{PLACE}, field stem: "),
        (broken("choice", difficulty=2), f"{PLACE}, field difficulty: Input should be less than or equal to 1"),
        (broken("choice", difficulty=float("nan")), f"{PLACE}, field difficulty: "),
        (broken("choice", weight="heavy"), f"{PLACE}, field weight: Input should be 'core' or 'detail'"),
        (
            broken("choice", media=[{"name": "../x", "type": "image/png", "data": "A"}]),
            f"{PLACE}, field media.0.name: ",
        ),
        (broken("choice", media=[{"name": "x", "type": "text/html", "data": "A"}]), f"{PLACE}, field media.0.type: "),
        (broken("choice", kind="essay"), f"{PLACE}: Input tag 'essay' found using 'kind'"),
        (broken("choice", kind="true_false"), f"{PLACE}, field key: "),
        (broken("multi_select", keys=["rail", "z"]), f"{PLACE}: keys ['z'] are not ids of options"),
        (broken("multi_select", keys=[]), f"{PLACE}, field keys: "),
        (broken("multi_select", keys=["rail", "rail"]), f"{PLACE}: a key stands twice"),
        (broken("typed", answer=None), f"{PLACE}, field answer: "),
        (
            broken("typed", answer_type="date"),
            f"{PLACE}: value '' is not a day or a month, as in 2021-12-07 or 2021-12",
        ),
        (
            broken("typed", answer_type="date", value="2021-02-30"),
            f"{PLACE}: value '2021-02-30' is not a day or a month",
        ),
        (broken("typed", answer_type="date", value="20210207"), f"{PLACE}: value '20210207' is not a day or a month"),
        (broken("typed", answer_type="weekday", value="7"), f"{PLACE}: value '7' is not a weekday"),
        (broken("typed", answer_type="number", value="two"), f"{PLACE}: value 'two' is not a number"),
        (broken("typed", ranges=[{"low": 2, "high": 1}]), f"{PLACE}, field ranges.0: low is above high"),
        (broken("typed", ranges=[{"low": float("nan"), "high": 1}]), f"{PLACE}, field ranges.0.low: "),
        (broken("typed", ranges=[{"low": 0, "high": float("inf")}]), f"{PLACE}, field ranges.0.high: "),
        (broken("typed", accepted=[{"text": "x", "weight": 2}]), f"{PLACE}, field accepted.0.weight: "),
        (broken("cloze", stem={"en": "No blank."}), f"{PLACE}: stem.en needs exactly one blank, ____"),
        (broken("ordering", items=TWICE), f"{PLACE}: two items share an id"),
        (broken("matching", extra=[{"id": "minister", "text": {"en": "x"}}]), f"{PLACE}: two sides share an id"),
        (broken("choice", id="Q 2"), 'bank.json: entry 2, question "Q 2", field id: '),
        (broken("choice", id="essay-1"), "bank.json: question ids stand twice: essay-1"),
    ],
)
def test_a_wrong_field_is_named_with_its_entry_and_question(data, problem):
    assert [one for one in problems(data) if one.startswith(problem)], problems(data)


def test_a_time_without_an_offset_is_refused():
    data = json.loads(bank_json.dump(make_bank()))
    data["entries"][0]["changed"] = "2030-05-04T15:00:00"
    found = problems(data)
    assert [one for one in found if "field changed: Input should have timezone info" in one]


def test_a_lone_half_of_a_character_is_refused():
    data = bank_json.dump(make_bank()).replace('"The dam talks"', '"\\ud800"')
    assert [one for one in problems(data.encode()) if one.startswith("bank.json: field title.en: ")]


def test_a_sign_that_no_database_keeps_refuses_its_question_alone():
    questions = [
        {"id": name, "kind": "true_false", "stem": {"en": text}, "key": True}
        for name, text in (("bad", "a\0b"), ("good", "ab"))
    ]
    data = {**json.loads(bank_json.dump(make_bank())), "entries": [{"question": one} for one in questions]}
    incoming = bank_json.read(json.dumps(data).encode(), "a.json")
    assert [one.id for one in incoming.questions] == ["good"]
    assert [str(note) for note in incoming.notes] == ["entry 1 (bad): refused: not-understood: NUL"]
    with pytest.raises(BadFile, match="a NUL"):
        bank_json.read(json.dumps({**data, "author": "\0"}).encode(), "a.json")


def test_everything_that_is_wrong_is_named_at_once():
    data = broken("choice", colour="red", stem={})
    data["deck"] = ""
    assert len(problems(data)) == 3


def models(annotation: Any) -> set[type[BaseModel]]:
    """Every model that an annotation reaches."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = [field.annotation for field in annotation.model_fields.values()]
        return {annotation}.union(*map(models, inner))
    if get_origin(annotation) is not None or isinstance(annotation, types.UnionType):
        return set().union(*map(models, get_args(annotation)))
    return set()


FIELDS = sorted(
    {(model.__name__, field.alias or name) for model in models(Bank) for name, field in model.model_fields.items()}
)


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_the_readme_beside_the_format_describes_every_field(model, field):
    readme = (Path(questions.formats.__file__).parent / "README.md").read_text("utf-8")
    assert re.search(rf"`{field}`", readme), f"{model}.{field}"


def test_models_of_every_kind_are_looked_at():
    names = {model for model, _ in FIELDS}
    assert {"ChoiceQuestion", "MatchingQuestion", "Range", "Accepted", "Media", "Citation", "BankDocument"} <= names
