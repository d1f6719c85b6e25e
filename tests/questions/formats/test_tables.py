"""Sheets in our own layout: there and back, safe to open, and documented."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions import factbook, generate
from questions.bank import QUESTION, Bank
from questions.formats import table_out, tables
from questions.formats.columns import OWN, Column
from questions.texts import LANGS
from tests.factories import every_kind, make_bank, make_question

ROOT = Path(__file__).parents[3]
WAYS = {
    "csv": (table_out.write_csv, tables.read_csv),
    "xlsx": (table_out.write_xlsx, tables.read_xlsx),
}


# ---------------------------------------------------------------- there and back

LETTERS = "abzAZ09 éßابتةىأء٣،؛؟:;|,.'\"=+-@\\/()[]{}<>&%#*~^$!?\n\t«»—_😀"
TEXT = st.text(st.sampled_from(LETTERS.replace("_", "")), min_size=1, max_size=12).filter(str.strip)
BOTH = st.one_of(
    st.builds(lambda ar, en: {"ar": ar, "en": en}, TEXT, TEXT),
    TEXT.map(lambda t: {"en": t}),
    TEXT.map(lambda t: {"ar": t}),
)
SHARE = st.sampled_from((1.0, 0.5, 0.1, 1 / 3, 0.0, 0.07))
NUMBER = st.floats(-1e9, 1e9, allow_nan=False)
SHARED = st.fixed_dictionaries(
    {
        "stem": BOTH,
        "feedback": st.none() | BOTH,
        "facts": st.lists(TEXT.map(str.strip), max_size=2).map(tuple),
        "tags": st.lists(TEXT, max_size=3).map(tuple),
        "topic": st.sampled_from((None, "talks", "water")),
        "weight": st.sampled_from(("core", "detail")),
        "difficulty": st.floats(0, 1),
        "not_with": st.lists(st.sampled_from(("f-1", "f-2.x", "a.b.c_d")), max_size=2, unique=True).map(tuple),
        "sources": st.lists(
            st.fixed_dictionaries({"voice": BOTH, "para": st.none() | st.integers(1, 99), "opening": st.none() | TEXT}),
            max_size=2,
        ).map(tuple),
    }
)


def one_line(text: str) -> str:
    return " ".join(text.split())


def listed(*names: str, smallest: int = 2) -> st.SearchStrategy[list[dict[str, object]]]:
    """Options, items or sides that differ in each language and by id."""
    return st.lists(
        st.fixed_dictionaries(
            {"id": TEXT, **{name: st.builds(lambda a, b: {"ar": a, "en": b}, TEXT, TEXT) for name in names}}
        ),
        min_size=smallest,
        max_size=5,
        unique_by=(
            lambda one: one["id"].strip(),
            lambda one: one_line(one[names[-1]]["ar"]),
            lambda one: one_line(one[names[-1]]["en"]),
        ),
    )


@st.composite
def questions(draw):
    kind = draw(
        st.sampled_from(("choice", "multi_select", "true_false", "typed", "cloze", "ordering", "matching", "open"))
    )
    body = {"kind": kind, "id": "q-1", **draw(SHARED)}
    if kind in {"choice", "multi_select"}:
        chosen = draw(listed("text"))
        for option in chosen:
            option["feedback"] = draw(st.none() | BOTH)
            option["weight"] = draw(st.none() | st.floats(-1, 1))
        ids = [option["id"] for option in chosen]
        body |= {"options": tuple(chosen), "fixed_order": draw(st.booleans())}
        if kind == "choice":
            body["key"] = draw(st.sampled_from(ids))
        else:
            body["keys"] = tuple(draw(st.lists(st.sampled_from(ids), min_size=1, unique=True)))
    elif kind == "true_false":
        body["key"] = draw(st.booleans())
    elif kind in {"typed", "cloze"}:
        if kind == "cloze":
            body["stem"] = {lang: f"{text} ____ {text}" for lang, text in body["stem"].items()}
        form = {"text": TEXT, "lang": st.sampled_from((None, *LANGS)), "weight": SHARE}
        span = st.tuples(NUMBER, NUMBER, SHARE).map(
            lambda one: {"low": min(one[:2]), "high": max(one[:2]), "weight": one[2]}
        )
        body |= {
            "answer": draw(BOTH),
            "accepted": tuple(draw(st.lists(st.fixed_dictionaries(form), max_size=3))),
            "ranges": tuple(draw(st.lists(span, max_size=2))),
            "rivals": tuple(draw(st.lists(TEXT, max_size=2))),
            **draw(
                st.sampled_from(
                    (
                        {"answer_type": "text"},
                        {"answer_type": "name"},
                        {"answer_type": "number", "value": "2.5"},
                        {"answer_type": "date", "value": "2021-12"},
                    )
                )
            ),
        }
    elif kind == "ordering":
        body["items"] = tuple(draw(listed("text")))
    elif kind == "matching":
        body["pairs"] = tuple(draw(listed("left", "right")))
        taken = {pair["id"].strip() for pair in body["pairs"]}
        body["extra"] = tuple(one for one in draw(listed("text", smallest=0)) if one["id"].strip() not in taken)
    return QUESTION.validate_python(body)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", LANGS)
@given(question=questions())
def test_any_question_comes_back_equal(way, lang, question):
    write, back = WAYS[way]
    assert back(write(make_bank(question), lang), "a").questions == (question,)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", LANGS)
def test_the_packaged_bank_comes_back_equal_with_its_topics(way, lang):
    bank = generate.generate(factbook.load(generate.packaged()))
    write, back = WAYS[way]
    incoming = back(write(bank, lang), "a")
    assert incoming.questions == bank.live
    assert set(incoming.topics) == {topic for topic in bank.topics if topic.id in {one.topic for one in bank.live}}
    assert incoming.notes == ()


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_bank_is_a_sheet_to_fill_in(way):
    write, back = WAYS[way]
    incoming = back(write(make_bank(entries=()), "ar"), "a")
    assert (incoming.held, incoming.notes) == (0, ())


def test_pictures_are_what_a_sheet_loses():
    media = ({"name": "a.png", "type": "image/png", "data": "AAAA"},)
    question = make_question(media=media)
    assert table_out.losses(question, "en") == ("media",)
    incoming = tables.read_csv(table_out.write_csv(make_bank(question), "en"), "a")
    assert incoming.questions == (question.model_copy(update={"media": ()}),)


def test_retired_questions_are_not_written():
    bank = make_bank(make_question())
    retired = bank.model_copy(
        update={"entries": tuple(one.model_copy(update={"retired": True}) for one in bank.entries)}
    )
    assert tables.read_csv(table_out.write_csv(retired, "en"), "a").questions == ()


def test_a_csv_opens_in_excel_with_both_languages_beside_each_other():
    data = table_out.write_csv(make_bank(make_question("open")), "en")
    assert data.startswith(
        b"\xef\xbb\xbfid,kind,topic,topic_name_ar,topic_name_en,stem_ar,stem_en,option1_ar,option1_en,"
    )
    assert data.endswith(b",detail,0.5\r\n")


def test_headings_are_written_in_arabic_too():
    rows = list(csv.reader(io.StringIO(table_out.write_csv(make_bank(make_question()), "ar").decode("utf-8-sig"))))
    assert rows[0][5:9] == ["السؤال (عربي)", "السؤال (إنجليزي)", "الخيار 1 (عربي)", "الخيار 1 (إنجليزي)"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'=", "''-", "＝"])
def test_no_cell_can_be_run_as_a_formula(start):
    bank = make_bank(make_question("open", stem={"en": f"{start}cmd|' /C calc'!A0"}))
    cells = [cell for row in csv.reader(io.StringIO(table_out.write_csv(bank).decode("utf-8-sig"))) for cell in row]
    book = openpyxl.load_workbook(io.BytesIO(table_out.write_xlsx(bank)))
    cells += [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell for cell in cells if cell[:1] in "=+-@＝" and cell] == []
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}
    assert tables.read_csv(table_out.write_csv(bank), "a").questions == bank.live
    assert tables.read_xlsx(table_out.write_xlsx(bank), "a").questions == bank.live


def test_what_looks_like_an_escape_of_excel_is_kept():
    bank = make_bank(make_question("open", stem={"en": "What is _x0041_ and _x000D_?"}))
    assert tables.read_xlsx(table_out.write_xlsx(bank), "a").questions == bank.live


@pytest.mark.parametrize("column", OWN)
def test_the_readme_names_every_column(column):
    named = table_out.heading(Column(column, 1), "en")
    assert f"`{named}" in (ROOT / "questions/formats/README.md").read_text("utf-8")


def test_every_kind_is_among_those_that_are_tried():
    bank = Bank.model_validate(make_bank(*every_kind()).model_dump(by_alias=True))
    assert tables.read_csv(table_out.write_csv(bank, "en"), "a").questions == bank.live
