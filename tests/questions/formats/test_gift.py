"""GIFT: what comes in, what is refused and where, and the way out and back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from factories import every_kind, make_bank, make_question
from hypothesis import given
from hypothesis import strategies as st
from there_and_back import SHARED, a_question, all_held, needs_real_files

from questions import factbook, generate
from questions.errors import BadFile
from questions.formats import gift
from questions.formats.incoming import Incoming
from questions.formats.markup import to_plain

WRITTEN = ("choice", "multi_select", "true_false", "typed", "cloze", "matching", "open")


def read(text: str) -> Incoming:
    return gift.read(text.encode(), "bank.gift")


def only(text: str) -> dict[str, Any]:
    """The one question of a text, without its id and without what has its usual value."""
    incoming = read(text)
    assert (len(incoming.questions), incoming.skipped, incoming.refused) == (1, 0, 0), incoming.notes
    data = incoming.questions[0].model_dump(exclude_none=True, exclude_defaults=True)
    return {"kind": incoming.questions[0].kind} | {key: value for key, value in data.items() if key != "id"}


def notes(text: str) -> list[str]:
    return [str(note) for note in read(text).notes]


def option(own: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": own, "text": {"en": text}, **more}


# ---------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "Who?{~Grant =no one ~Jefferson}",
            {
                "kind": "choice",
                "stem": {"en": "Who?"},
                "options": (option("grant", "Grant"), option("no-one", "no one"), option("jefferson", "Jefferson")),
                "key": "no-one",
            },
        ),
        (
            "Grant is {~buried#no =entombed#yes\n####Stones are tombs.} in a tomb.",
            {
                "kind": "choice",
                "stem": {"en": "Grant is ____ in a tomb."},
                "feedback": {"en": "Stones are tombs."},
                "options": (
                    option("buried", "buried", feedback={"en": "no"}),
                    option("entombed", "entombed", feedback={"en": "yes"}),
                ),
                "key": "entombed",
            },
        ),
        (
            "Who? {~%25%a ~%-10,5%b =c =d}",
            {
                "kind": "choice",
                "stem": {"en": "Who?"},
                "options": (
                    option("a", "a", weight=0.25),
                    option("b", "b", weight=-0.105),
                    option("c", "c"),
                    option("d", "d", weight=1.0),
                ),
                "key": "c",
            },
        ),
        (
            "Which two? {~%50%a ~%50%b ~%-100%c}",
            {
                "kind": "multi_select",
                "stem": {"en": "Which two?"},
                "options": (option("a", "a"), option("b", "b"), option("c", "c")),
                "keys": ("a", "b"),
            },
        ),
        (
            "Which two? {~%50%a ~%50%b ~c}",
            {
                "kind": "multi_select",
                "stem": {"en": "Which two?"},
                "options": (option("a", "a", weight=0.5), option("b", "b", weight=0.5), option("c", "c")),
                "keys": ("a", "b"),
            },
        ),
        ("The sun rises.{TRUE}", {"kind": "true_false", "stem": {"en": "The sun rises."}, "key": True}),
        ("The sun sets.{ f }", {"kind": "true_false", "stem": {"en": "The sun sets."}, "key": False}),
        ("تشرق الشمس من الشرق.{صواب}", {"kind": "true_false", "stem": {"ar": "تشرق الشمس من الشرق."}, "key": True}),
        (
            "It is so.{T#no, it is#right}",
            {"kind": "true_false", "stem": {"en": "It is so."}, "key": True, "feedback": {"en": "no, it is"}},
        ),
        (
            "Two and two are {=four =4 =%50%for =%0%five}.",
            {
                "kind": "cloze",
                "stem": {"en": "Two and two are ____."},
                "answer": {"en": "four"},
                "accepted": ({"text": "4"}, {"text": "for", "weight": 0.5}, {"text": "five", "weight": 0.0}),
            },
        ),
        ("Who?{=nobody}", {"kind": "typed", "stem": {"en": "Who?"}, "answer": {"en": "nobody"}}),
        ("Who?{nobody}", {"kind": "typed", "stem": {"en": "Who?"}, "answer": {"en": "nobody"}}),
        ("{=Asia} is large.", {"kind": "cloze", "stem": {"en": "____ is large."}, "answer": {"en": "Asia"}}),
        (
            "The capital is ..........{=Rome}",
            {"kind": "cloze", "stem": {"en": "The capital is ____"}, "answer": {"en": "Rome"}},
        ),
        (
            "When?{#1822}",
            {
                "kind": "typed",
                "stem": {"en": "When?"},
                "answer": {"en": "1822"},
                "answer_type": "number",
                "value": "1822",
            },
        ),
        (
            "Pi? {#3.1415:0.0005}.",
            {
                "kind": "typed",
                "stem": {"en": "Pi?"},
                "answer": {"en": "3.1415"},
                "answer_type": "number",
                "value": "3.1415",
                "ranges": ({"low": 3.141, "high": 3.142},),
            },
        ),
        (
            "Minus? {#-5..-1}",
            {
                "kind": "typed",
                "stem": {"en": "Minus?"},
                "answer": {"en": "-5–-1"},
                "answer_type": "number",
                "value": "-3",
                "ranges": ({"low": -5.0, "high": -1.0},),
            },
        ),
        (
            "When?{#\n =1822:0 #right\n =%50%١٨٢٢:2 #near\n ~#far off}",
            {
                "kind": "typed",
                "stem": {"en": "When?"},
                "feedback": {"en": "right"},
                "answer": {"en": "1822"},
                "answer_type": "number",
                "value": "1822",
                "ranges": ({"low": 1822.0, "high": 1822.0}, {"low": 1820.0, "high": 1824.0, "weight": 0.5}),
            },
        ),
        (
            "Match. {=Canada -> Ottawa =Italy->Rome = -> Oslo}",
            {
                "kind": "matching",
                "stem": {"en": "Match."},
                "pairs": (
                    {"id": "canada", "left": {"en": "Canada"}, "right": {"en": "Ottawa"}},
                    {"id": "italy", "left": {"en": "Italy"}, "right": {"en": "Rome"}},
                ),
                "extra": ({"id": "x-oslo", "text": {"en": "Oslo"}},),
            },
        ),
        ("Essay? {}", {"kind": "open", "stem": {"en": "Essay?"}}),
        (
            "Essay? {\n####Look for dates.}",
            {"kind": "open", "stem": {"en": "Essay?"}, "feedback": {"en": "Look for dates."}},
        ),
        (
            "Sort. {>0 ALL VERTICAL\n one\n two\n}",
            {
                "kind": "ordering",
                "stem": {"en": "Sort."},
                "items": ({"id": "one", "text": {"en": "one"}}, {"id": "two", "text": {"en": "two"}}),
            },
        ),
    ],
)
def test_each_kind_comes_in(text, question):
    assert only(text) == question


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Over\nthree \n lines?{T}", "Over three lines?"),
        ("A\\: b \\= c\\n\\~\\#\\{\\}\\\\ \\(x\\){T}", "A: b = c\n~#{}\\ \\(x\\)"),
        ("[html]<p>Is <b>x<sup>2</sup></b> &lt; y &amp; z?</p>{T}", "Is **x²** < y & z?"),
        ('[html]<p style\\="color\\:red">Is <!-- no --><em>it</em>?</p>{T}', "Is it?"),
        ('[html]<p class="a" style="color:#f00;a=b">Is it?</p>{T}', "Is it?"),
        ("[html]<p>What\nprints?</p>\n<pre>\n  f() \\{\n  \\}\n</pre>{T}", "What prints?\n  f() {\n  }"),
        ("[markdown]Is **it**\nso?{T}", "Is **it**\nso?"),
        ("[plain]a < b && <p>{T}", "a < b && <p>"),
        ("Is a < b and List<int> good?{T}", "Is a < b and List<int> good?"),
        ("Is it<br/>so &amp; so?{T}", "Is it\nso & so?"),
        ("::The title:: {T}", "The title"),
        ("::T::[moodle]Is it?{T}", "Is it?"),
        ("Is it?{ // here\n T // there\n}", "Is it?"),
        ("// comment\n  // another\nIs it?{\n// inside\nT}", "Is it?"),
    ],
)
def test_a_text_is_read_in_its_format(text, stem):
    assert only(text)["stem"] == {"en": stem}


def test_a_wrong_answer_may_hold_every_sign():
    question = only("Which?{~ \\~ #sign\n =\\=\n ~ \\#\\{\\} ~%20%\\\\}")
    assert [one["text"]["en"] for one in question["options"]] == ["~", "=", "#{}", "\\"]
    assert question["options"][0]["feedback"] == {"en": "sign"}


def test_formats_of_single_answers_are_their_own():
    question = only("[html]<b>Which</b>?{=[plain]<b> ~<i>x</i> ~[markdown]*y*#[html]<p>no</p>}")
    assert [one["text"]["en"] for one in question["options"]] == ["<b>", "x", "*y*"]
    assert question["options"][2]["feedback"] == {"en": "no"}


def test_ids_tags_and_categories_are_kept():
    incoming = read(
        "$CATEGORY: $course$/top/Physics/Light // Sound\n\n"
        "// question: 3  name: x\n// [id:f-1.who.choice] [tag:unit 2] [tag:a\\]b]\nQ1?{T}\n\n"
        "// [id:T & F]\nQ2?{F}\n\n"
        "// [topic:optics]\n$CATEGORY: $course$/top/البصريات\nQ3?{T}\n\n$CATEGORY: $course$/top\n\nQ4?{T}"
    )
    assert [(one.topic, one.tags) for one in incoming.questions] == [
        ("physics-light-sound", ("unit 2", "a]b")),
        ("physics-light-sound", ("idnumber:T & F",)),
        ("optics", ()),
        (None, ()),
    ]
    assert incoming.questions[0].id == "f-1.who.choice"
    assert [(one.id, one.name.ar or one.name.en) for one in incoming.topics] == [
        ("physics-light-sound", "Physics / Light / Sound"),
        ("optics", "البصريات"),
    ]


def test_two_names_that_look_alike_are_two_topics():
    incoming = read("$CATEGORY: C++\n\nQ1?{T}\n\n$CATEGORY: C#\n\nQ2?{T}")
    assert len({one.topic for one in incoming.questions}) == len(incoming.topics) == 2


def test_two_languages_that_moodle_marks_become_one_question():
    question = only("{mlang\\}?{T}".replace("{mlang\\}", "\\{mlang ar\\}من\\{mlang\\}\\{mlang en\\}Who\\{mlang\\}"))
    assert question["stem"] == {"ar": "من?", "en": "Who?"}
    spans = (
        '[html]<span lang\\="en" class\\="multilang">Who</span><span lang\\="ar" class\\="multilang">من</span>{~5 =6}'
    )
    assert only(spans)["options"][0] == {"id": "5", "text": {"ar": "5", "en": "5"}}


def test_a_text_without_letters_is_in_the_language_of_its_question():
    assert only("كم؟{~5 =Six}")["options"] == (
        {"id": "5", "text": {"ar": "5"}},
        {"id": "six", "text": {"ar": "Six"}},
    )


# ---------------------------------------------------------------- files as they occur


@pytest.mark.parametrize(
    "data",
    [
        "س؟{T}\r\n\r\nQ?{F}\r\n".encode(),
        "\ufeffس؟{T}\n\nQ?{F}".encode(),
        "س؟{T}\r\rQ?{F}\r".encode(),
        "س؟{T}\n\nQ?{F}".encode("utf-16"),
        b"\xfe\xff" + "س؟{T}\n\nQ?{F}".encode("utf-16-be"),
        "س؟{T}\nQ?{F}".encode(),  # the blank line was forgotten
        "س؟{\n\nT\n\n}\n\nQ?{F}".encode(),  # and here are too many
        'س؟{T}\n \t \nQ?{F}";'.encode(),
    ],
)
def test_lines_and_encodings_of_all_kinds_are_read(data):
    incoming = gift.read(data, "bank.gift")
    assert [(one.stem.ar or one.stem.en, one.key) for one in incoming.questions] == [("س؟", True), ("Q?", False)]
    assert incoming.held == 2


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("ما عاصمة مصر؟ {=القاهرة ~طنطا}", "windows-1256"),
        ("ما عاصمة مصر؟ {=القاهرة ~طنطا}", "iso-8859-6"),
        ("Où est né l'élève « André » ? {=à Orléans ~là}", "windows-1252"),
    ],
)
def test_an_older_encoding_is_read_and_told(text, encoding):
    incoming = gift.read(text.encode(encoding), "bank.gift")
    assert [str(note) for note in incoming.notes if note.code == "encoding"] == [
        f"line 1: remark: encoding: {encoding}"
    ]
    assert to_plain(text.partition("{")[0])[0] in str(incoming.questions[0].stem)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"Q\x00?{T}", "bank.gift: is not text (a NUL, character 2)"),
        ("سؤال؟{T}".encode()[:3], "bank.gift: is not UTF-8 text (byte 3)"),
        (b"\xff\xfeQ\x00?", "bank.gift: is not UTF-16 text (byte 5)"),
        ("س؟".encode() + "é".encode("cp1252") + b"{T}", "bank.gift: is not UTF-8 text (byte 5)"),
        (b"Q\x81\x8d?{T}", "bank.gift: is not UTF-8 text (byte 2)"),
    ],
)
def test_what_is_no_text_is_refused_with_its_byte(data, problem):
    with pytest.raises(BadFile) as refusal:
        gift.read(data, "bank.gift")
    assert str(refusal.value) == problem


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Just words.", "line 1 (Just words.): skipped: description"),
        ("\n\nQ?{~a =b", "line 3 (Q?): refused: not-closed: {"),
        ("Q? ~a =b}", "line 1 (Q? ~a =b}): refused: not-closed: }"),
        ("Q?{~a ~b}", "line 1 (Q?): refused: no-answer"),
        ("Q?{=a ~a}", "line 1 (Q?): refused: same-options"),
        ("Q?{~a ~ =b}", "line 1 (Q?): refused: no-answer: an empty option"),
        ("Q?{~%50%a}", "line 1 (Q?): refused: too-few-options"),
        ("Q?{=%50%a}", "line 1 (Q?): refused: no-answer"),
        ("Q?{#=four}", "line 1 (Q?): refused: bad-number: four"),
        ("Q?{#1..x}", "line 1 (Q?): refused: bad-number: 1..x"),
        ("Q?{#}", "line 1 (Q?): refused: no-answer"),
        ("Q?{=a->b =c->}", "line 1 (Q?): refused: no-answer: a pair without its right side"),
        ("A {=b} and {=c}.", "line 1 (A): refused: not-understood: several answers in braces"),
        ("{T}", "line 1: refused: no-question"),
        ("Q?{1:MC:=a~b}", "line 1 (Q?): refused: unsupported: cloze"),
        (
            "Q?{" + " ".join(f"~{at}" for at in range(25)) + " =z}",
            "line 1 (Q?): refused: not-understood: Tuple should have at most 20 items after validation, not 26",
        ),
    ],
)
def test_what_cannot_come_in_is_told_with_its_line_and_the_rest_comes_in(text, note):
    incoming = read(f"{text}\n\nGood?{{T}}")
    assert [str(one) for one in incoming.notes] == [note]
    assert [one.stem.en for one in incoming.questions] == ["Good?"]
    assert incoming.held == 2


def test_a_title_begins_a_question_that_no_blank_line_parts_from_a_broken_one():
    incoming = gift.read(b"::A::Not a {question\n::B::Good? {T}\n::C::Too? {=a ~b}", "a.gift")
    assert [str(one) for one in incoming.notes if one.level == "refused"] == ["line 1 (A): refused: not-closed: {"]
    assert [one.stem.en for one in incoming.questions] == ["Good?", "Too?"]


def test_a_lost_title_is_told_once_and_a_repeated_question_every_time():
    assert notes("::One::Q?{T}\n\n::Two::Q?{T}\n\n::Q::Q?{T}\n\nQ?{F}") == [
        "line 1 (One): remark: lost: title",
        "line 3 (Two): remark: duplicate: line 1 (One)",
        "line 5 (Q): remark: duplicate: line 1 (One)",
        "line 7 (Q?): remark: duplicate: line 1 (One)",
    ]


def test_signs_make_another_question():
    assert notes("2 > 1{T}\n\n2 < 1{F}") == []


def test_the_same_file_gives_the_same_ids():
    text = "Q?{T}\n\nQ?{T}\n\nس؟{=أ ~ب}"
    assert [one.id for one in read(text).questions] == [one.id for one in read(text).questions]
    assert len({one.id for one in read(text).questions}) == 3


def test_bidi_marks_and_tatweel_are_taken_out_with_a_remark():
    incoming = read("محـــمد \u200fهنا عام 1443 هـ؟{T}")
    assert incoming.questions[0].stem.ar == "محمد هنا عام 1443 هـ؟"
    assert [note.code for note in incoming.notes] == ["cleaned"]


# ---------------------------------------------------------------- out and back


def test_what_is_written_is_what_moodle_reads():
    bank = make_bank(
        make_question("choice", feedback=None, tags=("unit 2",)),
        make_question("typed", accepted=({"text": "50% *", "lang": "en", "weight": 0.5},)),
        make_question("cloze", ranges=({"low": 2.5, "high": 3.5},)),
    )
    assert gift.write(bank, "en").decode() == (
        "// [topic:talks]\n$CATEGORY: $course$/top/Talks\n\n"
        "// [id:f-1.speaker.choice] [tag:unit 2]\n"
        "::Who announced the opening of the dam?::"
        '[html]<p dir\\="ltr" lang\\="en">Who announced the opening of the dam?</p>{\n'
        '\t=<p dir\\="ltr" lang\\="en">Layla al-Hasan</p>\n'
        '\t~<p dir\\="ltr" lang\\="en">Omar Salem</p>#<p dir\\="ltr" lang\\="en">He spoke of electricity.</p>\n'
        '\t~<p dir\\="ltr" lang\\="en">Nils Berg</p>\n'
        '\t~<p dir\\="ltr" lang\\="en">Ada Moore</p>\n}\n\n'
        "// [id:f-1.speaker.typed]\n"
        "::Which minister announced the opening of the dam?::[html]"
        '<p dir\\="ltr" lang\\="en">Which minister announced the opening of the dam?</p>{\n'
        "\t=Layla al-Hasan\n\t=%50%50% \\*\n}\n\n"
        "// [topic:water]\n$CATEGORY: $course$/top/Water\n\n"
        "// [id:f-2.amount.cloze]\n"
        "::The dam holds ____ cubic kilometres.::"
        '[html]<p dir\\="ltr" lang\\="en">The dam holds ____ cubic kilometres.</p>{\n'
        "\t#\n\t=3:0.5\n}\n"
    )


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_packaged_bank_comes_back_with_all_that_gift_holds(lang):
    bank = generate.generate(factbook.load(generate.packaged()))
    incoming = gift.read(gift.write(bank, lang), "bank.gift")
    kept = [question for question in bank.live if question.kind != "ordering"]
    assert all_held(incoming.questions, lang) == all_held(kept, lang)
    assert incoming.notes == ()
    assert {(one.id, one.name.get(lang)) for one in incoming.topics} <= {
        (one.id, one.name.get(lang)) for one in bank.topics
    }


@given(st.data(), st.sampled_from(["ar", "en"]))
def test_any_bank_comes_back_with_all_that_gift_holds(data, lang):
    made = [data.draw(a_question(number, WRITTEN)) for number in range(data.draw(st.integers(1, 4)))]
    kept = [question for question in made if "left-out" not in gift.losses(question, lang)]
    incoming = gift.read(gift.write(make_bank(*made), lang), "bank.gift")
    assert all_held(incoming.questions, lang) == all_held(kept, lang)


def test_what_gift_cannot_carry_is_named():
    said = {question.kind: gift.losses(question, "en") for question in every_kind()}
    assert said == {
        "choice": ("other-language", "sources", "facts"),
        "true_false": ("other-language", "sources", "facts"),
        "typed": ("other-language", "sources", "facts", "answer-type"),
        "cloze": ("other-language", "facts"),
        "multi_select": ("other-language", "facts"),
        "ordering": ("left-out",),
        "matching": ("other-language", "facts"),
        "open": ("other-language",),
    }
    full = make_question(
        fixed_order=True, difficulty=0.7, weight="core", not_with=("f-9",), sources=(), facts=(), stem={"en": "Q"},
        media=({"name": "a.png", "type": "image/png", "data": "QUJD"},),
        options=({"id": "layla", "text": {"en": "A"}}, {"id": "b", "text": {"en": "B"}, "weight": 0.35}),
    )  # fmt: skip
    assert gift.losses(full, "en") == ("difficulty", "weight", "not-with", "shares", "media", "fixed-order")
    arrows = make_question("typed", answer={"en": "a->b"}, accepted=({"text": "c->d"},))
    assert gift.losses(arrows, "en") == ("left-out",)


# ---------------------------------------------------------------- real files

KIND = {"MC": {"choice", "multi_select"}, "TF": {"true_false"}, "Short": {"typed", "cloze"}, "Essay": {"open"},
        "Numerical": {"typed", "cloze"}, "Matching": {"matching"}}  # fmt: skip


def real() -> list[tuple[str, str]]:
    if not SHARED.is_dir():
        return [("", "")]
    pairs = [
        (f"gift/pegjs/{one.stem}.gift", f"gift/pegjs/{one.name}") for one in (SHARED / "gift/pegjs").glob("*.json")
    ]
    pairs += [(f"gift/{name}.gift", f"gift/EXPECTED_{name}.json") for name in ("qas_multichoice", "qas_shorts")]
    return [*sorted(pairs), ("gift/moodle_examples.txt", "gift/EXPECTED_moodle_examples.json")]


def plain(text: dict[str, str] | None) -> str | None:
    """A text of the expected parse as ours: without markup, its gap as ours."""
    if text is None:
        return None
    shown = to_plain(text["text"])[0] if text["format"] == "html" else text["text"]
    return re.sub(r"____ ?([.?])$", r"____\1", " ".join(re.sub("_{3,}", "____", shown).split()))


def same_stem(ours: str, theirs: str) -> bool:
    bare = " ".join(ours.split())
    return bare == theirs or f"{bare} ____." == theirs  # a full stop after "?" and the braces makes no gap


@needs_real_files
@pytest.mark.parametrize(("file", "expected"), real())
def test_a_real_file_reads_as_its_expected_parse(file, expected):
    whole = [one for one in json.loads((SHARED / expected).read_text("utf-8")) if one["type"] != "Category"]
    incoming = gift.read((SHARED / file).read_bytes(), file)
    assert (len(incoming.questions), incoming.skipped, incoming.refused) == (len(whole), 0, 0)
    for ours, theirs in zip(incoming.questions, whole, strict=True):
        assert ours.kind in KIND[theirs["type"]]
        assert same_stem(ours.stem.en or "", plain(theirs["stem"]) or "")
        if theirs["type"] == "MC":
            options = [(one.text.en, one.feedback.en if one.feedback else None) for one in ours.options]
            given = [(plain(one["text"]), plain(one["feedback"])) for one in theirs["choices"]]
            assert [(text, why and " ".join(why.split())) for text, why in options] == given
        if theirs["type"] == "TF":
            assert ours.key is theirs["isTrue"]
        if theirs["type"] == "Matching":
            given = [(plain(one["subquestion"]), one["subanswer"]) for one in theirs["matchPairs"]]
            assert [(one.left.en, one.right.en) for one in ours.pairs] == given
        if theirs["globalFeedback"]:
            assert " ".join((ours.feedback.en or "").split()) == plain(theirs["globalFeedback"])
