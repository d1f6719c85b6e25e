"""Every mistake in a fact file is named with its file, its block, its field and what was expected."""

import pytest
from fact_files import BOOK, ENTITIES, FACTS, date, entity, fact, not_raised, number, raised, statement, written

from questions import factbook
from questions.errors import BadFile


def problems(folder, *more, **changed) -> list[str]:
    with pytest.raises(BadFile) as refusal:
        factbook.load(written(folder, *more, **changed))
    return [str(problem) for problem in refusal.value.problems]


def test_a_whole_folder_becomes_a_book(tmp_path):
    book = factbook.load(written(tmp_path))
    assert (book.header.id, len(book.entities), len(book.topics), len(book.facts)) == ("river-2030", 14, 2, 9)
    assert [entity.id for entity in book.lookup.by_kind["city"]] == ["basra", "oslo", "tunis", "quito"]
    assert book.name("layla").en == "Layla Hasan"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    written(tmp_path)
    (tmp_path / "facts.toml").write_text(FACTS, "utf-8-sig")
    assert len(factbook.load(tmp_path).facts) == 9


FOIL = '[[fact.foils.{}]]\nid = "x"\ntext = {{ ar = "س", en = "x" }}\nwhy = {{ ar = "س", en = "x" }}'
SET = """
[[set]]
id = "{}"
asked = "raised"
facts = {}
others = {}
topic = "water"
"""
UNIT_OF_ONE_FORM = """
value = 2
did = { ar = "استمر", en = "did it last" }
sentence = { ar = "استمر {n}", en = "it lasted {n}" }
[fact.unit]
en = { one = "day", other = "days" }
"""
PART = '[[fact.parts]]\nid = "{}"\ntext = {{ ar = "س", en = "x" }}\n'
DID = 'did = { ar = "س", en = "x" }\n'


def order(when: str, more: str) -> str:
    """A visit at some time, to be put in order with the meeting of 3 May and the vote of 10 June 2030."""
    visit = date("f-x", "the visit", when, f'{more}\nlabel = {{ ar = "الزيارة", en = "the visit" }}')
    return visit + '\n[[set]]\nid = "s-o"\nasked = "order"\nfacts = ["f-2", "f-3", "f-x"]\ntopic = "course"\n'


def pairs(extra: str) -> str:
    """Three statements, and a fourth name that may belong to none."""
    more = statement("f-x", "omar", "السد مغلق") + statement("f-y", "nils", "النهر جاف")
    rows = 'asked = "pairs"\nfacts = ["f-1", "f-x", "f-y"]\ntopic = "water"'
    return f'{more}\n[[set]]\nid = "s-p"\n{rows}\nextra = "{extra}"\n'


MISTAKES = [
    (
        "a field that is missing",
        fact("f-x", "date", 'did = { ar = "س", en = "x" }'),
        'more.toml: fact "f-x", field value: is missing',
    ),
    (
        "a field that there is not",
        raised("f-x", "dam", "colour = 1"),
        'more.toml: fact "f-x", field colour: is not a field of this kind of block; is it misspelt?',
    ),
    (
        "a field named like a type of fact",
        entity("x", "city", "س", "x", 'number = "many"'),
        "more.toml: entity \"x\", field number: 'many' is not one of 'singular', 'dual' or 'plural'",
    ),
    (
        "a word that is not one of the few",
        raised("f-x", "dam", 'strength = "shouted"'),
        "more.toml: fact \"f-x\", field strength: 'shouted' is not one of 'stated', 'hoped', 'hinted', 'proposed', "
        "'promised', 'agreed' or 'denied'",
    ),
    (
        "a type that there is not",
        fact("f-x", "rumour", ""),
        "more.toml: fact \"f-x\": 'rumour' is not a type of fact; expected one of event, date, number, person_role, "
        "topic_raised, topic_not_raised, statement, agreement, quote, composition, source_conflict",
    ),
    (
        "no type",
        '[[fact]]\nid = "f-x"',
        'more.toml: fact "f-x": type is missing; expected one of event, date, number, person_role, topic_raised, '
        "topic_not_raised, statement, agreement, quote, composition, source_conflict",
    ),
    (
        "a block that there is not",
        '[[rumour]]\nid = "x"',
        'more.toml: block "rumour": is not known; expected [[entity]], [[topic]], [[set]], [[fact]]',
    ),
    (
        "a block in single brackets",
        '[topic]\nid = "x"',
        'more.toml: block "topic": is not known; expected [[entity]], [[topic]], [[set]], [[fact]]',
    ),
    ("a list of something else", "fact = [1]", "more.toml: fact number 1: "),
    ("an id with capitals", raised("F_X", "dam"), "more.toml: fact \"F_X\", field id: 'F_X' is not an id: "),
    (
        "an id that is used already",
        raised("f-1", "dam"),
        'more.toml: fact "f-1": this id is already used in facts.toml; ids are never used twice',
    ),
    (
        "an id that a fact has and a set too",
        SET.format("f-1", '["f-5", "f-6"]', '["f-7", "f-8"]'),
        'more.toml: set "f-1": this id is already used in facts.toml; ids are never used twice',
    ),
    (
        "an unknown topic",
        fact("f-x", "topic_raised", 'matter = "dam"').replace("water", "weather"),
        'more.toml: fact "f-x", field topic: topic "weather" is not known',
    ),
    (
        "an unknown matter",
        raised("f-x", "moon"),
        'more.toml: fact "f-x", field matter: entity "moon" is not known',
    ),
    (
        "an unknown speaker",
        statement("f-x", "nobody", "all is well"),
        'more.toml: fact "f-x", field speaker: entity "nobody" is not known',
    ),
    (
        "an unknown source",
        raised("f-x", "dam", 'source = "nobody"'),
        'more.toml: fact "f-x", field source: entity "nobody" is not known',
    ),
    (
        "an unknown fact",
        raised("f-x", "dam", 'not_with = ["f-99"]'),
        'more.toml: fact "f-x", field not_with: fact "f-99" is not known',
    ),
    (
        "an unknown whole",
        entity("x", "city", "س", "x", 'part_of = "moon"'),
        'more.toml: entity "x", field part_of: entity "moon" is not known',
    ),
    (
        "a paragraph past the end",
        raised("f-x", "dam").replace("para = 1", "para = 4"),
        'more.toml: fact "f-x", field para: paragraph 4 does not exist; the document has 3',
    ),
    (
        "a paragraph before the beginning",
        raised("f-x", "dam").replace("para = 1", "para = 0"),
        'more.toml: fact "f-x", field para: Input should be greater than or equal to 1',
    ),
    (
        "a language that is missing",
        raised("f-x", "dam").replace('ar = "نص الواقعة f-x.", ', ""),
        'more.toml: fact "f-x", field text.ar: is missing; the book declares this language',
    ),
    (
        "a language that is missing deep inside",
        statement("f-x", "omar", "all is well", FOIL.format("claim").replace('why = { ar = "س", ', "why = { ")),
        'more.toml: fact "f-x", field foils.claim.1.why.ar: is missing; the book declares this language',
    ),
    (
        "no language",
        entity("x", "city", "س", "x").replace('{ ar = "س", en = "x" }', "{}"),
        'more.toml: entity "x", field name: a text needs at least one language: ar or en',
    ),
    (
        "one form of a counted noun alone",
        fact("f-x", "number", UNIT_OF_ONE_FORM),
        'more.toml: fact "f-x", field unit.ar: is missing',
    ),
    (
        "a sentence without its slot",
        number("f-x", 3).replace("استمر اللقاء {n}", "استمر اللقاء"),
        'more.toml: fact "f-x": sentence needs {n} where the number and its unit stand',
    ),
    (
        "an asked field that is not there",
        fact("f-x", "event", 'asks.how = { ar = "س", en = "x" }'),
        'more.toml: fact "f-x": asks.how is written, but the fact has no how',
    ),
    (
        "a part of a month without its precision",
        date("f-x", "it", "2030-05-01", 'part = "end"'),
        'more.toml: fact "f-x": part is written exactly when precision is "part_of_month"',
    ),
    (
        "a weekday of a month",
        date("f-x", "it", "2030-05-01", 'precision = "month"\nask_weekday = true'),
        'more.toml: fact "f-x": ask_weekday needs precision "day"',
    ),
    (
        "a long quotation",
        fact(
            "f-x",
            "quote",
            'speaker = "omar"\nabout = { ar = "س", en = "x" }\n'
            'words = { ar = "س", en = "one two three four five six seven eight" }',
        ),
        'more.toml: fact "f-x": words are at most seven; say the rest in our own',
    ),
    (
        "foils of what is never asked",
        statement("f-x", "omar", "all is well", FOIL.format("clam")),
        'more.toml: fact "f-x": foils.clam is of no use: only answers in words take written foils',
    ),
    (
        "foils of what is no answer in words",
        statement("f-x", "omar", "all is well", FOIL.format("speaker")),
        'more.toml: fact "f-x": foils.speaker is of no use: only answers in words take written foils',
    ),
    (
        "parts that share an id",
        fact("f-x", "composition", DID + PART.format("x") + PART.format("x")),
        'more.toml: fact "f-x": two of parts and foils.parts share an id',
    ),
    (
        "a whole of one part",
        fact("f-x", "composition", DID + PART.format("x")),
        'more.toml: fact "f-x", field parts: Tuple should have at least 2 items',
    ),
    (
        "a part without a text",
        fact("f-x", "composition", DID + PART.format("x") + '[[fact.parts]]\nid = "y"'),
        'more.toml: fact "f-x", field parts.2.text: is missing',
    ),
    (
        "a set of facts of another type",
        SET.format("s-x", '["f-1", "f-5"]', '["f-7", "f-8"]'),
        'more.toml: set "s-x", field facts: fact "f-1" is of type statement; expected topic_raised',
    ),
    (
        "a set whose others are right",
        SET.format("s-x", '["f-5", "f-6"]', '["f-7", "f-6"]'),
        'more.toml: set "s-x", field others: fact "f-6" is of type topic_raised; expected topic_not_raised',
    ),
    (
        "a set whose other is raised by another fact",
        raised("f-x", "visas") + SET.format("s-x", '["f-5", "f-6"]', '["f-7", "f-8"]'),
        'more.toml: set "s-x", field others: fact "f-7": "visas" is also topic_raised',
    ),
    (
        "a set with a matter twice",
        not_raised("f-x", "visas") + SET.format("s-x", '["f-5", "f-6"]', '["f-7", "f-x"]'),
        'more.toml: set "s-x", field others: fact "f-x" has the matter of another one',
    ),
    (
        "a set of an unknown fact",
        SET.format("s-x", '["f-5", "f-99"]', '["f-7", "f-8"]'),
        'more.toml: set "s-x", field facts: fact "f-99" is not known',
    ),
    (
        "an order of dates of which one is within another",
        order("2030-05-01", 'precision = "month"'),
        'more.toml: set "s-o", field facts: two of the dates are equal or overlap: there is no one order',
    ),
    (
        "an order of a day within a part of a month",
        order("2030-06-01", 'precision = "part_of_month"\npart = "beginning"'),
        'more.toml: set "s-o", field facts: two of the dates are equal or overlap: there is no one order',
    ),
    (
        "an extra answer that belongs to a pair",
        pairs("layla"),
        'more.toml: set "s-p", field extra: "layla" belongs to one of the pairs',
    ),
    (
        "an extra answer of an unknown name",
        pairs("nobody"),
        'more.toml: set "s-p", field extra: entity "nobody" is not known',
    ),
    ("a file that is no TOML", "[[fact]\nid = 1", "more.toml: is not TOML: "),
]


@pytest.mark.parametrize(("more", "problem"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_what_was_expected(tmp_path, more, problem):
    found = problems(tmp_path, more)
    assert [one for one in found if one.startswith(problem)], found


def test_everything_that_is_wrong_is_found_at_once(tmp_path):
    found = problems(tmp_path, raised("f-x", "moon"), statement("f-1", "omar", "no"), book=BOOK + "colour = 1")
    assert found == [
        "book.toml: field document.colour: is not a field of this kind of block; is it misspelt?",
        'more.toml: fact "f-1": this id is already used in facts.toml; ids are never used twice',
        'more.toml: fact "f-x", field matter: entity "moon" is not known',
    ]


def test_text_that_is_not_utf_8_is_named(tmp_path):
    written(tmp_path)
    (tmp_path / "facts.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(BadFile, match=r"facts\.toml: is not UTF-8 text \(byte 6\)"):
        factbook.load(tmp_path)


@pytest.mark.parametrize(
    ("book", "problem"),
    [
        (BOOK.replace("date = 2030-05-04\n", ""), "book.toml: field document.date: is missing"),
        (BOOK.split("[event]")[0], "book.toml: field event: is missing"),
        (BOOK.replace('ar = "محادثات النهر", en = "The river talks"', 'en = "The river talks"'),
         "book.toml: field title.ar: is missing; the book declares this language"),
        (BOOK.replace("2030-05-04", '"soon"'), "book.toml: field document.date: "),
    ],
)  # fmt: skip
def test_the_header_is_checked_like_the_rest(tmp_path, book, problem):
    assert [one for one in problems(tmp_path, book=book) if one.startswith(problem)]


def test_a_book_without_its_header_says_what_is_missing(tmp_path):
    (tmp_path / "entities.toml").write_text(ENTITIES, "utf-8")
    with pytest.raises(BadFile, match=r"book\.toml: is missing: it says what the book is"):
        factbook.load(tmp_path)


@pytest.mark.parametrize("name", ["empty", "nowhere"])
def test_a_folder_without_fact_files_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match=rf"{name}: no fact files \(\*\.toml\) here"):
        factbook.load(tmp_path / name)
