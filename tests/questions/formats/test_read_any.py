"""A file of any kind: found out by what is in it, and refused in time when it is made to harm."""

from __future__ import annotations

import csv
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from questions.errors import BadFile
from questions.formats import WRITTEN, losses, read_any, write
from questions.formats.bank_json import dump, read_bank
from tests.factories import every_kind, make_bank, make_question

BANKS = Path(__file__).parents[4] / "shared/banks"
GIFT = b"// a comment\n::Q1:: 2+2 {=4 ~5}\n"
AIKEN = b"Which river?\nA. Nile\nB. Tigris\nANSWER: A\n"
MOODLE = (
    b'<?xml version="1.0"?><quiz><question type="truefalse"><name><text>n</text></name><questiontext format="html">'
    b'<text>The Nile is long.</text></questiontext><answer fraction="100"><text>true</text></answer>'
    b'<answer fraction="0"><text>false</text></answer></question></quiz>'
)
CSV = b"question,answer\nWhat?,that\n"


def manifest() -> list[dict[str, str]]:
    file = BANKS / "MANIFEST.tsv"
    if not file.exists():
        return []
    rows = csv.DictReader(io.StringIO(file.read_text("utf-8")), delimiter="\t")
    return [row for row in rows if not row["file"].startswith("moodle_stats")]


@pytest.mark.skipif(not BANKS.exists(), reason="the real files lie in ../shared/banks, beside the checkout")
@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["file"])
def test_every_real_file_is_accounted_for(row):
    path = BANKS / row["file"]
    incoming = read_any(path.read_bytes(), path.name)
    assert len(incoming.questions) + incoming.skipped + incoming.refused == int(row["items"])
    assert len(incoming.questions) >= int(row["core"])


@pytest.mark.parametrize(
    ("data", "filename", "form"),
    [
        (GIFT, "a.gift", "gift"),
        (GIFT, "a.txt", "gift"),
        (GIFT, "upload", "gift"),
        (GIFT, "a.csv", "gift"),
        (AIKEN, "a.txt", "aiken"),
        (AIKEN, "a.gift", "aiken"),
        ("أي نهر؟\nأ. النيل\nب. دجلة\nالإجابة: أ\n".encode(), "a.txt", "aiken"),
        (MOODLE, "a.xml", "moodle_xml"),
        (MOODLE, "a.csv", "moodle_xml"),
        (b"\xef\xbb\xbf" + MOODLE, "a", "moodle_xml"),
        (CSV, "a.csv", "csv"),
        (CSV, "a.txt", "csv"),
        (CSV.decode().encode("utf-16"), "a.xls", "csv"),
        (dump(make_bank()).encode(), "a.json", "json"),
        (dump(make_bank()).encode(), "a.txt", "json"),
        (write(make_bank(), "xlsx", "en"), "a.zip", "xlsx"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(data, filename, form):
    incoming = read_any(data, filename)
    assert incoming.format == form
    assert incoming.questions


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b" \n\n\t ", "is empty"),
        (bytes(5000), "is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is an old Excel file (.xls)"),
        (b"%PDF-1.7", "is a PDF"),
        (b"SQLite format 3\0", "is a bare database"),
        (b"A text.\nOf two lines.\n", "csv: holds no table of questions"),
    ],
)
def test_what_is_no_bank_is_refused_with_a_reason(data, problem):
    with pytest.raises(BadFile) as refusal:
        read_any(data, "upload.bin")
    assert problem in str(refusal.value)


@pytest.mark.parametrize("name", ["word/document.xml", "content.xml", "anything"])
def test_a_zip_of_another_kind_is_named(name):
    with pytest.raises(BadFile, match=r"Word document|LibreOffice document|neither an Excel workbook nor"):
        read_any(zipped({name: b"x"}), "a.zip")


@pytest.mark.parametrize("name", WRITTEN)
def test_each_format_that_is_written_is_read_back(name):
    bank = make_bank(*every_kind())
    incoming = read_any(write(bank, name, "en"), f"bank{WRITTEN[name].suffix}")
    assert incoming.format == name
    kept = [question.kind for question in bank.live if "left-out" not in losses(question, name, "en")]
    assert sorted(question.kind for question in incoming.questions) == sorted(kept)


def test_json_loses_nothing():
    media = ({"name": "a.png", "type": "image/png", "data": "iVBORw0KGgo="},)
    bank = make_bank(*every_kind(), make_question(id="q-2", stem={"en": "Which?"}, media=media))
    assert read_any(write(bank, "json", "en"), "a.json").questions == bank.live


# ---------------------------------------------------------------- files that are made to harm


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def sheet(rows: str, shared: str = "<sst/>", before: str = "", **more: bytes) -> bytes:
    text = "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' for one in ("Question", "Answer"))
    link = '<Relationship Id="r1" Type="t/worksheet" Target="worksheets/sheet1.xml"/>'
    return zipped(
        {
            "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{link}</Relationships>".encode(),
            "xl/sharedStrings.xml": shared.encode(),
            "xl/worksheets/sheet1.xml": (
                f"{before}<worksheet><sheetData><row>{text}</row><row>{text}</row>{rows}</sheetData></worksheet>"
            ).encode(),
            **more,
        }
    )


def lying() -> bytes:
    """An archive whose only entry says that it has a hundred bytes, and unpacks to ninety million."""
    data = bytearray(zipped({"xl/workbook.xml": b" " * 90_000_000}))
    listed = data.find(b"PK\x01\x02")
    for place in (22, listed + 24):
        data[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(data)


def shared() -> bytes:
    """An archive of two thousand entries that all are the same bytes, twenty million unpacked."""
    data = zipped({"xl/workbook00.xml": b"0" * 20_000_000})
    listed = data.find(b"PK\x01\x02")
    entry, end = data[listed : data.find(b"PK\x05\x06")], bytearray(data[-22:])
    entries = b"".join(entry.replace(b"workbook00", b"w%09d" % number) for number in range(2000))
    end[8:12] = (2000).to_bytes(2, "little") * 2
    end[12:16] = len(entries).to_bytes(4, "little")
    return data[:listed] + entries + bytes(end)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "a hundred megabytes of nothing": (lambda: bytes(100 * 2**20), "is larger than 64 MiB"),
    "sixty megabytes of nothing": (lambda: bytes(60 * 2**20), "is empty"),
    "sixty megabytes of lines": (lambda: b"\n" * (60 * 2**20), "is empty"),
    "sixty megabytes of text": (lambda: b"question,answer\n" * (4 * 2**20), "is larger than"),
    "thirty megabytes of lines": (lambda: b"question,answer\n" + b"ab;" * 10_000_000, "has a line of more than"),
    "a line of commas": (lambda: b"," * (15 * 2**20), "has a line of more than 1000000 letters"),
    "too many rows": (lambda: b"question,answer\n" + b"a,b\n" * 60_000, "has more than 50000 rows"),
    "thousands that are none": (lambda: b"question,a,b,key\n" + b"q,a,b,7\n" * 20_000, "holds no question among"),
    "quotes that open again and again": (lambda: b"question,answer\n" + b'x",""",\n' * 200_000, "has more than"),
    "an unclosed quote and much after it": (lambda: b'question,answer\n"' + b"b\n" * 600_000, "has more than"),
    "noise": (lambda: os.urandom(2**20), "is not"),
    "an entry too large": (lambda: sheet("<row/>" + " " * 100_000_000), "unpacks to more than 250 times its size"),
    "more than the limit in all": (
        lambda: sheet("", **{f"x{number}": bytes(7_900_000) for number in range(18)}),
        "unpacks to more than 128 MiB",
    ),
    "an entry that lies of its size": (lying, "is damaged"),
    "entries that share their bytes": (shared, "unpacks to more than 128 MiB"),
    "very many entries": (
        lambda: sheet("", **{f"x{number}": b"" for number in range(51_000)}),
        "more than 50000 entries",
    ),
    "a path that climbs": (lambda: sheet("", **{"../../etc/cron.d/x": b"x"}), "points outside the archive"),
    "a path from the root": (lambda: sheet("", **{"/etc/cron.d/x": b"x"}), "points outside the archive"),
    "billion laughs": (lambda: sheet("<row><c><v>&b;</v></c></row>", before=LAUGHS), "declares a document type"),
    "an entity from outside": (
        lambda: sheet("<row><c><v>&a;</v></c></row>", before=OUTSIDE),
        "declares a document type",
    ),
    "laughs among the shared texts": (lambda: sheet("", shared=f"{LAUGHS}<sst/>"), "declares a document type"),
    "sixteen thousand columns": (
        lambda: sheet(f"<row>{'<c><v>1</v></c>' * 16_384}</row>"),
        "has more than 512 columns",
    ),
    "the last cell there is": (
        lambda: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "has more than 512 columns",
    ),
    "many cells": (
        lambda: sheet("".join(f"<row><c><v>{number}</v></c></row>" for number in range(60_000))),
        "has more than 50000 rows with text",
    ),
    "many shared texts": (
        lambda: sheet("", shared=f"<sst>{''.join(f'<si><t>{number}</t></si>' for number in range(700_000))}</sst>"),
        "600000 texts",
    ),
    "many empty cells between": (
        lambda: b"question,answer\n" + (b"q" + b"," * 500 + b"x\n") * 20_000,
        "too many empty ones",
    ),
    "an encoding that nobody knows": (
        lambda: sheet("", before='<?xml version="1.0" encoding="UTj-8"?>'),
        "is not sound XML: unknown encoding",
    ),
    "half a workbook": (lambda: sheet("")[:-200], "is not a whole zip archive"),
    "half a sheet": (lambda: sheet("<row><c>"), "is not sound XML"),
    "half a character": (lambda: "question,answer\n".encode("utf-16")[:-1], "is not UTF-16 text"),
}


def peak() -> int:
    """The most memory that this process has held, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read as Linux tells it")
@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_file_is_refused_in_two_seconds_without_much_memory(name):
    made, problem = HARMFUL[name]
    data = made()
    read_any(CSV, "warm.csv")
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # begin to measure
    before, start = peak(), time.process_time()
    with pytest.raises(BadFile) as refusal:
        read_any(data, "upload")
    assert time.process_time() - start < 2
    assert peak() - before < 100 * 2**20
    assert problem in str(refusal.value)


def test_a_million_empty_rows_are_read_past():
    data = sheet("".join(f'<row r="{number}"/>' for number in range(3, 1_048_577)))
    start = time.process_time()
    assert len(read_any(data, "a.xlsx").questions) == 1
    assert time.process_time() - start < 2


def test_half_a_pair_of_surrogates_in_an_id_is_told_in_letters_that_a_page_can_hold():
    whole = json.loads(dump(make_bank(make_question())))
    whole["entries"][0]["question"]["id"] = "\ud800x"
    _, incoming = read_bank(json.dumps(whole).encode(), "a.json")
    assert (incoming.refused, [note.place.name for note in incoming.notes]) == (1, ["?x"])


# ---------------------------------------------------------------- found by mutating files (tests/bench/fuzz.py)


def test_an_empty_row_in_a_sheet_without_headings_is_no_question():
    rows = [f"{nr},Which river is number {nr}?,the Nile,the Tigris,the Jordan,1" for nr in range(1, 6)]
    incoming = read_any("\n".join([*rows[:3], "7", *rows[3:], ""]).encode(), "a.csv")
    assert len(incoming.questions) == 5


def test_what_a_file_says_of_half_a_sign_can_be_shown():
    text = dump(make_bank()).replace('"id": "f-1.speaker.choice"', '"id": "\\ud800"')
    notes = read_any(text.encode(), "a.json").notes
    assert [note.place.name for note in notes] == ["?"]
