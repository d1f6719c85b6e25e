"""Moodle XML: every type that has a place here, what is refused and where, pictures, and the way out and back."""

from __future__ import annotations

import base64
import csv
from typing import Any

import pytest
from factories import every_kind, make_bank, make_question
from hypothesis import given
from hypothesis import strategies as st
from there_and_back import SHARED, a_question, all_held, needs_real_files

from questions import factbook, generate
from questions.bank import KINDS
from questions.errors import BadFile
from questions.formats import moodle_xml
from questions.formats.incoming import Incoming

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
MP3 = base64.b64encode(b"ID3" + b"\0" * 20).decode()


def quiz(*questions: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{chr(10).join(questions)}\n</quiz>'.encode()


def asked(kind: str, stem: str, body: str = "", form: str = "html") -> str:
    return (
        f'<question type="{kind}"><name><text>Q</text></name>'
        f'<questiontext format="{form}"><text><![CDATA[{stem}]]></text></questiontext>{body}</question>'
    )


def answer(text: str, fraction: object, feedback: str = "", more: str = "") -> str:
    why = f'<feedback format="html"><text>{feedback}</text></feedback>' if feedback else ""
    return f'<answer fraction="{fraction}" format="html"><text>{text}</text>{why}{more}</answer>'


def read(*questions: str) -> Incoming:
    return moodle_xml.read(quiz(*questions), "bank.xml")


def only(question: str) -> dict[str, Any]:
    incoming = read(question)
    assert (len(incoming.questions), incoming.held) == (1, 1), incoming.notes
    data = incoming.questions[0].model_dump(exclude_none=True, exclude_defaults=True)
    return {"kind": incoming.questions[0].kind} | {key: value for key, value in data.items() if key != "id"}


EN = {"stem": {"en": "Q?"}}
AB = ({"id": "a", "text": {"en": "a"}}, {"id": "b", "text": {"en": "b"}})


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            asked("multichoice", "<p>Q?</p>", "<single>true</single>" + answer("a", 0, "no") + answer("b", 100)),
            {"kind": "choice", **EN, "options": (AB[0] | {"feedback": {"en": "no"}}, AB[1]), "key": "b"},
        ),
        (
            asked(
                "multichoice", "Q?", "<shuffleanswers>0</shuffleanswers>" + answer("a", "33.33333") + answer("b", 100)
            ),
            {
                "kind": "choice",
                **EN,
                "options": (AB[0] | {"weight": 0.3333333}, AB[1]),
                "key": "b",
                "fixed_order": True,
            },
        ),
        (
            asked("multichoice", "Q?", "<single>false</single>" + answer("a", 50) + answer("b", 50)),
            {"kind": "multi_select", **EN, "options": AB, "keys": ("a", "b")},
        ),
        (
            asked("multichoiceset", "Q?", answer("a", 100) + answer("b", 0)),
            {"kind": "multi_select", **EN, "options": AB, "keys": ("a",)},
        ),
        (
            asked("truefalse", "Q?", answer("true", 0, "no") + answer("false", 100, "yes")),
            {"kind": "true_false", **EN, "key": False, "feedback": {"en": "no"}},
        ),
        (
            asked("shortanswer", "Q?", answer("Rome", 100, "yes") + answer("*Roma*", 50) + answer("*", 0)),
            {
                "kind": "typed",
                **EN,
                "answer": {"en": "Rome"},
                "accepted": ({"text": "Roma", "weight": 0.5},),
                "feedback": {"en": "yes"},
            },
        ),
        (
            asked("shortanswer", "The answer is _____.", answer("2 \\* 3", 100)),
            {"kind": "cloze", "stem": {"en": "The answer is ____."}, "answer": {"en": "2 * 3"}},
        ),
        (
            asked(
                "numerical",
                "Q?",
                answer("1.5", 100, "yes", "<tolerance>0.1</tolerance>")
                + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
                + "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>",
            ),
            {
                "kind": "typed",
                **EN,
                "feedback": {"en": "yes"},
                "answer": {"en": "1.5"},
                "answer_type": "number",
                "value": "1.5",
                "ranges": ({"low": 1.4, "high": 1.6},),
                "accepted": ({"text": "1.5 m"}, {"text": "150 cm"}),
            },
        ),
        (
            asked("calculatedsimple", "Q?", answer("12", 100)),
            {"kind": "typed", **EN, "answer": {"en": "12"}, "answer_type": "number", "value": "12"},
        ),
        (
            asked(
                "matching",
                "Q?",
                "".join(
                    f'<subquestion format="html"><text>{left}</text><answer><text>{right}</text></answer></subquestion>'
                    for left, right in (("a", "1"), ("b", "2"), ("", "3"), ("", ""))
                ),
            ),
            {
                "kind": "matching",
                **EN,
                "pairs": (
                    {"id": "a", "left": {"en": "a"}, "right": {"en": "1"}},
                    {"id": "b", "left": {"en": "b"}, "right": {"en": "2"}},
                ),
                "extra": ({"id": "x-3", "text": {"en": "3"}},),
            },
        ),
        (
            asked("essay", "Q?", "<graderinfo><text>Dates.</text></graderinfo>"),
            {"kind": "open", **EN, "feedback": {"en": "Dates."}},
        ),
        (
            asked("ordering", "Q?", answer("b", "2.0") + answer("a", "1.0")),
            {"kind": "ordering", **EN, "items": AB},
        ),
        (
            asked("cloze", "Q {1:MULTICHOICE_V:a~=b#yes}."),
            {
                "kind": "choice",
                "stem": {"en": "Q ____."},
                "options": (AB[0], AB[1] | {"feedback": {"en": "yes"}}),
                "key": "b",
            },
        ),
        (
            asked("cloze", "Q {:SA:=Rome~%50%Roma\\}#a\\~b} x"),
            {
                "kind": "cloze",
                "stem": {"en": "Q ____ x"},
                "answer": {"en": "Rome"},
                "accepted": ({"text": "Roma}", "weight": 0.5},),
                "feedback": {"en": "a~b"},
            },
        ),
        (
            asked("cloze", "Q {2:NM:=3:0.5}"),
            {
                "kind": "cloze",
                "stem": {"en": "Q ____"},
                "answer": {"en": "3"},
                "answer_type": "number",
                "value": "3",
                "ranges": ({"low": 2.5, "high": 3.5},),
            },
        ),
        (
            asked("cloze", "Q {1:MR:=a~=b~c}"),
            {
                "kind": "multi_select",
                "stem": {"en": "Q ____"},
                "options": (AB[0] | {"weight": 0.5}, AB[1] | {"weight": 0.5}, {"id": "c", "text": {"en": "c"}}),
                "keys": ("a", "b"),
            },
        ),
        (
            asked(
                "gapselect",
                "Q [[2]]",
                "".join(
                    f"<selectoption><text>{one}</text><group>{group}</group></selectoption>"
                    for one, group in (("a", 1), ("b", 1), ("c", 2))
                ),
            ),
            {"kind": "choice", "stem": {"en": "Q ____"}, "options": AB, "key": "b"},
        ),
    ],
)
def test_each_type_comes_in(question, expected):
    assert only(question) == expected


@pytest.mark.parametrize(
    ("question", "note"),
    [
        (asked("ddimageortext", "Q?"), "line 3 (Q): refused: unsupported: ddimageortext"),
        (asked("calculated", "Q {a}?", answer("{a}+1", 100)), "line 3 (Q): refused: unsupported: calculated"),
        (asked("ddwtos", "[[1]] [[2]]"), "line 3 (Q): refused: unsupported: ddwtos, 2 gaps"),
        (asked("multichoice", "Q?", answer("a", 100)), "line 3 (Q): refused: too-few-options"),
        (asked("multichoice", "Q?", answer("a", 50) + answer("b", 50)), "line 3 (Q): refused: no-answer"),
        (asked("multichoice", "Q?", answer("a", 100) + answer("a", 0)), "line 3 (Q): refused: same-options"),
        (asked("multichoice", "Q?", answer("a", "x") + answer("b", 0)), "line 3 (Q): refused: bad-number: x"),
        (asked("truefalse", "Q?", answer("true", 0) + answer("false", 0)), "line 3 (Q): refused: no-answer"),
        (asked("shortanswer", "Q?", answer("*", 100)), "line 3 (Q): refused: no-answer"),
        (asked("numerical", "Q?", answer("many", 100)), "line 3 (Q): refused: bad-number: many"),
        (asked("essay", " "), "line 3 (Q): refused: no-question"),
        ('<question type="essay"/>', "line 3: refused: no-question"),
        ("<question/>", "line 3: refused: unsupported: no type"),
        (asked("cloze", "Q"), "line 3 (Q): refused: no-answer: no gap"),
        (asked("cloze", "Q {1:SA:=a} {1:SA:=b}"), "line 3 (Q): refused: unsupported: 2 gaps"),
        (asked("cloze", "Q {1:MC}"), "line 3 (Q): refused: too-few-options"),
        (asked("cloze", "Q {1:NM:=zero}"), "line 3 (Q): refused: bad-number: zero"),
    ],
)
def test_what_cannot_come_in_is_told_with_its_line_and_the_rest_comes_in(question, note):
    incoming = read(question, asked("truefalse", "Good?", answer("true", 100) + answer("false", 0)))
    assert [str(one) for one in incoming.notes if one.level != "remark"] == [note]
    assert [one.stem.en for one in incoming.questions] == ["Good?"]


def test_settings_without_a_place_are_told_once():
    more = (
        "<defaultgrade>2</defaultgrade><penalty>0.1</penalty><hint><text>h</text></hint><usecase>1</usecase>"
        "<correctfeedback><text>Well done</text></correctfeedback>"
    )
    titled = asked("shortanswer", "Who?", answer("a", 100) + more).replace("<name><text>Q<", "<name><text>Title<")
    incoming = read(titled, titled.replace("Who?", "Which?"))
    assert [note.detail for note in incoming.notes] == [
        "title",
        "overall-feedback",
        "hints",
        "penalty",
        "grade",
        "case",
    ]


def test_categories_ids_and_tags_are_kept():
    incoming = read(
        '<question type="category"><category><text>$course$/top/A //B/C</text></category>'
        "<idnumber>ab</idnumber></question>",
        asked("essay", "Q1?", "<idnumber>f-1.why.open</idnumber><tags><tag><text>unit 2</text></tag></tags>"),
        '<question type="category"><category><text>$course$/top</text></category></question>',
        asked("essay", "Q2?", "<idnumber>T &amp; F</idnumber>"),
    )
    assert [(one.id, one.topic, one.tags) for one in incoming.questions if one.stem.en == "Q1?"] == [
        ("f-1.why.open", "ab", ("unit 2",))
    ]
    assert [(one.topic, one.tags) for one in incoming.questions[1:]] == [(None, ("idnumber:T & F",))]
    assert [(one.id, one.name.en) for one in incoming.topics] == [("ab", "A /B / C")]
    again = moodle_xml.write(make_bank(*incoming.questions), "en")
    assert b"<idnumber>T &amp; F</idnumber>" in again
    assert b"<idnumber>f-1.why.open</idnumber>" in again


# ---------------------------------------------------------------- pictures


def with_file(name: str, data: str, shown: str) -> str:
    return asked("essay", shown).replace(
        "</questiontext>", f'<file name="{name}" encoding="base64">{data}</file></questiontext>'
    )


@pytest.mark.parametrize(
    ("name", "data", "shown", "kept"),
    [
        ("a b.png", PNG, 'Q? <img src="@@PLUGINFILE@@/a%20b.png" alt="x">', ("a b.png", "image/png")),
        ("a.mp3", MP3, 'Q? <a href="@@PLUGINFILE@@/a.mp3">listen</a>', ("a.mp3", "audio/mpeg")),
        ("a.mp3", MP3, 'Q? <audio controls><source src="@@PLUGINFILE@@/a.mp3"></audio>', ("a.mp3", "audio/mpeg")),
        ("alone.png", f"\n{PNG[:10]}\n{PNG[10:]}\n", "Q?", ("alone.png", "image/png")),
    ],
)
def test_pictures_and_sounds_come_along(name, data, shown, kept):
    (question,) = read(with_file(name, data, shown)).questions
    assert [(one.name, one.type) for one in question.media] == [kept]
    assert question.media[0].data == "".join(data.split())


@pytest.mark.parametrize(
    ("question", "note", "stem"),
    [
        (with_file("a.png", base64.b64encode(b"<svg>").decode(), "Q?"), "media-refused: a.png", "Q?"),
        (with_file("a.pdf", base64.b64encode(b"%PDF-1.7").decode(), "Q?"), "media-refused: a.pdf", "Q?"),
        (with_file("a.png", "not base64!", "Q?"), "media-refused: a.png", "Q?"),
        (asked("essay", 'Q? <img src="@@PLUGINFILE@@/no.png" alt="a map">'), "media-missing: no.png", "Q? [a map]"),
        (asked("essay", 'Q? <img src="https://example.org/a.png">'), "media-missing: https://example.org/a.png", "Q?"),
    ],
)
def test_what_is_no_picture_stays_out_and_is_told(question, note, stem):
    incoming = read(question)
    assert [str(one) for one in incoming.notes] == [f"line 3 (Q): remark: {note}"]
    assert (incoming.questions[0].stem.en, incoming.questions[0].media) == (stem, ())


def test_an_option_that_is_a_picture_has_its_name_for_a_text():
    picture = f'<img src="data:image/png;base64,{PNG}" alt="flag of {{}}">'
    body = answer(f"<![CDATA[{picture.format('Mali')}]]>", 100) + answer("<![CDATA[<b>none</b>]]>", 0)
    (question,) = read(asked("multichoice", "Q?", body)).questions
    assert [one.text.en for one in question.options] == ["flag of Mali", "**none**"]
    assert len(question.media) == 1


# ---------------------------------------------------------------- files as they occur


ESSAY = '<question type="essay"><questiontext format="html"><text>{}</text></questiontext></question>'


@pytest.mark.parametrize(
    "data",
    [
        f"<quiz>{ESSAY}</quiz>".format("سؤال é؟").encode(),
        b"\xef\xbb\xbf" + quiz(ESSAY.format("سؤال é؟")),
        b"\n  " + quiz(ESSAY.format("سؤال é؟")),
        quiz(ESSAY.format("سؤال é؟")).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        quiz(ESSAY.format("سؤال é؟")).decode().replace("UTF-8", "windows-1256").encode("windows-1256"),
        quiz(ESSAY.format("سؤال &eacute;&#1567;")),
        quiz(ESSAY.format("<![CDATA[سؤال &eacute;؟]]>")),
        quiz(ESSAY.format("<p>سؤال <span>é؟</span></p>")),
        quiz(ESSAY.format("سؤال\x0b é؟")),
    ],
)
def test_files_of_all_kinds_are_read(data):
    incoming = moodle_xml.read(data, "bank.xml")
    assert [one.stem.ar for one in incoming.questions] == ["سؤال é؟"]


def test_a_lone_ampersand_and_an_undeclared_encoding_are_mended():
    assert only(ESSAY.format("A & B &nbsp; C?"))["stem"] == {"en": "A & B C?"}
    incoming = moodle_xml.read(quiz(ESSAY.format("Où est né l'élève ?")).decode().encode("cp1252"), "bank.xml")
    assert [str(note) for note in incoming.notes] == ["line 1: remark: encoding: windows-1252"]
    assert incoming.questions[0].stem.en == "Où est né l'élève ?"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "bank.xml: line 1: is not XML: no element found"),
        (b"{}", "bank.xml: line 1: is not XML: "),
        (
            b"<html><body/></html>",
            "bank.xml: is no question file of Moodle: begins with <html> where <quiz> is expected",
        ),
        (quiz(ESSAY.format("Q?"))[:-20], "bank.xml: line 3: is not XML: "),
        (quiz(ESSAY.format("Q?")) + b"\0", "bank.xml: line 4: is not XML: "),
        (quiz("<a>" * 100), "bank.xml: holds more than 60 elements within each other"),
    ],
)
def test_what_is_no_file_of_moodles_is_refused_with_its_line(data, problem):
    with pytest.raises(BadFile) as refusal:
        moodle_xml.read(data, "bank.xml")
    assert str(refusal.value).startswith(problem)


# ---------------------------------------------------------------- out and back


def test_what_is_written_is_what_moodle_reads():
    media = ({"name": "a b.png", "type": "image/png", "data": PNG},)
    question = make_question(
        "true_false", stem={"en": "x < **y**\nz"}, feedback={"en": "why"}, media=media, tags=("t",)
    )
    assert moodle_xml.write(make_bank(question), "en").decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
        '<question type="category">\n<category><text>$course$/top/Talks</text></category>\n'
        '<info format="html"><text></text></info>\n<idnumber>talks</idnumber>\n</question>\n'
        '<question type="truefalse">\n<name><text>x &lt; y z</text></name>\n'
        '<questiontext format="html"><text>&lt;p dir=&quot;ltr&quot; lang=&quot;en&quot;&gt;x &amp;lt; '
        "&lt;strong&gt;y&lt;/strong&gt;&lt;br&gt;z&lt;/p&gt;&lt;p&gt;&lt;img "
        "src=&quot;@@PLUGINFILE@@/a%20b.png&quot; alt=&quot;&quot;&gt;&lt;/p&gt;</text>"
        f'<file name="a b.png" path="/" encoding="base64">{PNG}</file></questiontext>\n'
        '<generalfeedback format="html"><text>&lt;p dir=&quot;ltr&quot; lang=&quot;en&quot;&gt;why&lt;/p&gt;</text>'
        "</generalfeedback>\n"
        "<defaultgrade>1</defaultgrade>\n<penalty>0.3333333</penalty>\n<hidden>0</hidden>\n"
        "<idnumber>f-1.speaker.true-false</idnumber>\n"
        '<answer fraction="0" format="moodle_auto_format"><text>true</text></answer>\n'
        '<answer fraction="100" format="moodle_auto_format"><text>false</text></answer>\n'
        "<tags><tag><text>t</text></tag></tags>\n</question>\n</quiz>\n"
    )


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_packaged_bank_comes_back_with_all_that_the_format_holds(lang):
    bank = generate.generate(factbook.load(generate.packaged()))
    incoming = moodle_xml.read(moodle_xml.write(bank, lang), "bank.xml")
    assert all_held(incoming.questions, lang) == all_held(bank.live, lang)
    assert incoming.notes == ()


@given(st.data(), st.sampled_from(["ar", "en"]))
def test_any_bank_comes_back_with_all_that_the_format_holds(data, lang):
    made = [data.draw(a_question(number, KINDS)) for number in range(data.draw(st.integers(1, 4)))]
    incoming = moodle_xml.read(moodle_xml.write(make_bank(*made), lang), "bank.xml")
    assert all_held(incoming.questions, lang) == all_held(made, lang)


def test_pictures_come_back_equal():
    media = (
        {"name": "خريطة 1.png", "type": "image/png", "data": PNG},
        {"name": "a.mp3", "type": "audio/mpeg", "data": MP3},
    )
    question = make_question(media=media)
    (back,) = moodle_xml.read(moodle_xml.write(make_bank(question), "ar"), "bank.xml").questions
    assert back.media == question.media


def test_what_the_format_cannot_carry_is_named():
    said = {question.kind: moodle_xml.losses(question, "en") for question in every_kind()}
    assert said["ordering"] == said["matching"] == said["cloze"] == ("other-language", "facts")
    assert said["typed"] == ("other-language", "sources", "facts", "answer-type")


# ---------------------------------------------------------------- real files


def manifest(form: str) -> list[tuple[str, int, int]]:
    if not SHARED.is_dir():
        return [("", 0, 0)]
    with (SHARED / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["format"] == form]
    return [(row["file"], int(row["items"]), int(row["reject"])) for row in rows]


@needs_real_files
@pytest.mark.parametrize(("file", "items", "bad"), manifest("Moodle XML"))
def test_a_real_file_gives_its_expected_counts(file, items, bad):
    incoming = moodle_xml.read((SHARED / file).read_bytes(), file)
    assert (incoming.held, incoming.refused) == (items, bad)
    assert [note for note in incoming.notes if note.level == "skipped"] == []


@needs_real_files
def test_the_pictures_of_real_files_survive():
    found = {
        file: [len(one.media) for one in moodle_xml.read((SHARED / "moodle_xml" / file).read_bytes(), file).questions]
        for file in ("multichoice.xml", "truefalse.xml")
    }
    assert found == {"multichoice.xml": [5], "truefalse.xml": [4, 4]}


def test_a_description_is_kept_as_a_question_that_no_quiz_asks():
    incoming = read(asked("description", "Read this."))
    ((question,), notes) = incoming.questions, [str(note) for note in incoming.notes]
    assert (question.kind, question.stem.en) == ("open", "Read this.")
    assert notes == ["line 3 (Q): remark: description", "line 3 (Q): remark: lost: title"]
