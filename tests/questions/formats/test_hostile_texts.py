"""Files that mean harm: refused or read within two seconds of work and without eating memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

M = 2**20
ROOT = Path(__file__).parents[3]
# Reads each file in a process of its own, and says how it ended, the seconds of work, and the growth in MiB.
CHILD = """
import importlib, os, resource, signal, sys, time
from questions.errors import BadFile
readers = {name: importlib.import_module("questions.formats." + name) for name in ("aiken", "gift", "moodle_xml")}
for line in sys.stdin:
    name, file = line.split()
    if os.fork():
        os.wait()
        continue
    signal.alarm(100)
    reader = readers[name]
    reader.read(b"<quiz/>" if name == "moodle_xml" else b"Q{T}", "warm")
    data = open(file, "rb").read()
    peak, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        incoming = reader.read(data, "f")
        ending = f"read {len(incoming.questions)} {incoming.skipped} {incoming.refused}"
    except BadFile as refusal:
        ending = str(refusal).splitlines()[0]
    spent, growth = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    print(ending[:300], round(spent, 2), growth // 1024, sep="|", flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def tried() -> Iterator[Callable[[str, bytes, Path], tuple[str, float, int]]]:
    run = [sys.executable, "-c", CHILD]
    with subprocess.Popen(run, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        assert child.stdin is not None
        assert child.stdout is not None
        asked, said = child.stdin, child.stdout

        def read(reader: str, data: bytes, folder: Path) -> tuple[str, float, int]:
            file = folder / "hostile"
            file.write_bytes(data)
            print(reader, file, file=asked, flush=True)
            ending, spent, growth = said.readline().strip().split("|")
            return ending, float(spent), int(growth)

        yield read


def quiz(body: bytes) -> bytes:
    return b'<?xml version="1.0"?><quiz>' + body + b"</quiz>"


def essay(stem: bytes) -> bytes:
    return b'<question type="essay"><questiontext format="html"><text>' + stem + b"</text></questiontext></question>"


TEXTS = {
    "100 MB of nothing": (b"\0" * 100 * M, "is larger than 8 MiB"),
    "nothing": (b"", "read 0 0 0"),
    "spaces": (b" " * 8 * M, "read 0 0 0"),
    "line ends": (b"\n" * 8 * M, ""),
    "NULs": (b"\0" * M, "is not text (a NUL, character 1)"),
    "one letter": (b"a" * 8 * M, "read 0 "),
    "one Arabic letter": ("س".encode() * 4 * M, "read 0 "),
    "a letter a line": (b"a\n" * 4 * M, "holds more than 250000 lines"),
    "a letter a block": (b"a\n\n" * 2 * M, ""),
    "backslashes": (b"\\" * 8 * M, "read 0 "),
    "answers": (b"q{" + b"~" * 7 * M + b"}", "read 0 "),
    "equals signs": (b"q{" + b"=" * 400_000 + b"}", "read 0 "),
    "colons": (b"::" * 4 * M, "read 0 "),
    "opening braces": (b"q{" * 90_000, "read 0 "),
    "closing braces": (b"}" * 8 * M, "read 0 "),
    "open blocks": (b"{\n\n" * 90_000, ""),
    "brackets in a comment": (b"//" + b"[id:" * M, "read 0 0 0"),
    "tags": ((b"[html]" + b"<b>" * 2_900 + b"{T}\n\n") * 900, ""),
    "open tags": (b"[html]" + b"<a href='" * 40_000 + b"{T}", ""),
    "spaces in a tag": (b"[html]<a" + b" " * 400_000 + b"x{T}", ""),
    "entities": ((b"[html]" + b"&amp;" * 20_000 + b"{T}\n\n") * 80, ""),
    "stars": (b"q{=" + b"**a" * 100_000 + b"}", ""),
    "languages": (b"\\{mlang ar\\}" * 20_000 + b"{T}", ""),
    "an answer": (b"q{=" + b"a" * 100_000 + b"}", "read 0 0 1"),
    "a tag": (b"// [tag:" + b"a" * 30_000 + b"]\nq{T}", "read 1 0 0"),
    "digits": (b"q{#" + b"9" * 400_000 + b"}", "read 0 0 1"),
    "options": (b"A) x\n" * 200_000, ""),
    "Latin-1 noise": (b"\xe9 " * 4 * M, ""),
}


@pytest.mark.parametrize("reader", ["gift", "aiken"])
@pytest.mark.parametrize("case", TEXTS)
def test_a_hostile_text_costs_little(tried, case, reader, tmp_path):
    data, expected = TEXTS[case]
    ending, spent, growth = tried(reader, data, tmp_path)
    assert expected in ending or reader == "aiken"
    assert spent < 2
    assert growth < 100


LAUGHS = b"".join(
    b'<!ENTITY lol%d "%s">' % (depth, b"&lol%d;" % (depth - 1) * 10 if depth else b"lol") for depth in range(10)
)
XML = {
    "100 MB of nothing": (b"\0" * 100 * M, "is larger than 64 MiB"),
    "nothing": (b"", "is not XML"),
    "billion laughs": (
        b'<?xml version="1.0"?><!DOCTYPE quiz [' + LAUGHS + b"]><quiz>&lol9;</quiz>",
        "has a DTD or entities of its own",
    ),
    "a file of the machine": (
        b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + quiz(essay(b"&x;"))[21:],
        "has a DTD or entities of its own",
    ),
    "a DTD elsewhere": (b'<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x"><quiz/>', "has a DTD or entities of its own"),
    "line ends": (quiz(b"\n" * 60 * M), "holds more than 1500000 lines"),
    "deep": (quiz(b"<a>" * M), "elements within each other"),
    "deep in a text": (quiz(essay(b"<i>" * M)), "elements within each other"),
    "elements": (quiz(b"<a/>" * 15 * M), "holds too much that is no question"),
    "questions": (quiz(b"<question/>" * 5 * M), "holds no question among its first 5,000 parts"),
    "elements of questions": (
        quiz((b'<question type="essay">' + b"<a/>" * 1_990 + b"</question>") * 8_000),
        "holds more elements than questions need",
    ),
    "a text": (quiz(essay(b"a" * 60 * M)), "holds a question of more than 2000000 letters"),
    "a picture": (
        quiz(essay(b'q</text><file name="x">' + b"A" * 60 * M + b"</file><text>")),
        "read 1 0 0",
    ),
    "an attribute": (quiz(b'<question a="' + b"a" * 60 * M + b'"/>'), "holds a tag or a comment that does not end"),
    "attributes": (quiz(b"<question" + b" a='1'" * M + b"/>"), "holds a tag or a comment that does not end"),
    "comments": (quiz(b"<!---->" * 8 * M), "read 0 0 0"),
    "a comment": (quiz(b"<!--" + b"- " * 30 * M), "holds a tag or a comment that does not end"),
    "instructions": (quiz(b"<?a?>" * 8 * M), "processing instructions"),
    "half a question": (quiz(essay(b"q"))[:-60], "is not XML"),
    "half a text": (b'<quiz><question type="essay"><questiontext><text><![CDATA[' + b"a" * M, "is not XML"),
    "tags": (quiz(essay(b"&lt;b&gt;" * 2_900) * 2_000), "holds more markup than questions need"),
    "entities": (quiz(essay(b"&amp;amp;" * 20_000) * 300), "holds more markup than questions need"),
    "ampersands": (quiz(b"&" * 15 * M), "is not XML"),
    "gaps": (quiz(essay(b"{1:SA:" * 300_000).replace(b"essay", b"cloze")), "read 0 0 1"),
    "another encoding": (b'<?xml version="1.0" encoding="utf-7"?><quiz/>', "read 0 0 0"),
    "no encoding": (b'<?xml version="1.0" encoding="no-such"?><quiz/>', "read 0 0 0"),
}


@pytest.mark.parametrize("case", XML)
def test_a_hostile_xml_costs_little(tried, case, tmp_path):
    data, expected = XML[case]
    ending, spent, growth = tried("moodle_xml", data, tmp_path)
    assert expected in ending
    assert spent < 2
    assert growth < 100
    assert "root:" not in ending
