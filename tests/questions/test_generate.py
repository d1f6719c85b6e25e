"""Facts to questions: always the same ones, with wrong options that are wrong."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from fact_files import (
    BOOK,
    ENTITIES,
    FACTS,
    bank,
    date,
    entity,
    event,
    fact,
    not_raised,
    number,
    option_ids,
    questions,
    raised,
    statement,
)

from questions.bank import digest
from questions.errors import BadFile
from questions.factbook import load
from questions.formats import bank_json
from questions.generate import from_folder, generate, packaged
from questions.item_models.table import TABLE
from questions.ledger import Line


def folder(tmp_path, name):
    place = tmp_path / name
    place.mkdir()
    return place


def test_the_same_facts_give_the_same_bytes(tmp_path):
    first, second = (bank_json.dump(bank(folder(tmp_path, name))) for name in ("a", "b"))
    assert first == second


def test_neither_the_order_of_facts_nor_their_files_matter(tmp_path):
    blocks = FACTS.split("\n[[fact]]")
    turned = "\n[[fact]]".join([blocks[0], *reversed(blocks[1:])])
    first = bank(folder(tmp_path, "a"))
    second = bank(folder(tmp_path, "b"), turned, facts="")
    assert bank_json.dump(first) == bank_json.dump(second)


DIGEST = (
    "import hashlib, pathlib, sys; "
    "from questions.formats import bank_json; from questions.generate import from_folder; "
    "print(hashlib.sha256(bank_json.dump(from_folder(pathlib.Path(sys.argv[1]))[1]).encode()).hexdigest())"
)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_gives_the_same_bytes(tmp_path, seed):
    here = hashlib.sha256(bank_json.dump(bank(tmp_path)).encode()).hexdigest()
    there = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", DIGEST, str(tmp_path)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert there.stdout.strip() == here


def test_an_id_is_made_of_fact_asked_field_and_item_model(tmp_path):
    assert sorted(questions(tmp_path)) == [
        "f-1.speaker.choice",
        "f-1.speaker.true-false",
        "f-1.speaker.typed",
        "f-2.weekday.choice",
        "f-2.weekday.typed",
        "f-2.when.choice",
        "f-2.when.typed",
        "f-3.when.choice",
        "f-3.when.typed",
        "f-4.count.choice",
        "f-4.count.true-false",
        "f-4.count.typed",
        "f-5.raised.choice",
        "f-5.raised.true-false",
        "f-6.raised.choice",
        "f-6.raised.true-false",
        "f-7.not_raised.choice",
        "f-7.not_raised.true-false",
        "f-8.not_raised.choice",
        "f-8.not_raised.true-false",
        "f-9.where.choice",
        "f-9.where.typed",
    ]


def test_a_new_wording_keeps_every_id(tmp_path):
    reworded = FACTS.replace("did the meeting take place", "was the meeting held").replace("The text of", "All of")
    assert list(questions(folder(tmp_path, "a"))) == list(questions(folder(tmp_path, "b"), facts=reworded))


def test_the_packaged_ids_follow_the_rule_and_the_table():
    book, packaged_bank = from_folder(packaged())
    parts = [question.id.split(".") for question in packaged_bank.live]
    assert {anchor for anchor, _, _ in parts} <= book.facts.keys() | book.sets.keys()
    offered = {(asked, model.replace("_", "-")) for (_, asked), names in TABLE.items() for model in names}
    from_table = {(asked, model) for _, asked, model in parts if model in {"choice", "true-false", "typed"}}
    assert from_table <= offered


def test_the_last_part_of_an_id_is_the_kind_of_question():
    _, packaged_bank = from_folder(packaged())
    wrong = [one.id for one in packaged_bank.live if one.id.split(".")[2] != one.kind.replace("_", "-")]
    assert wrong == []


@pytest.mark.parametrize(
    "more",
    [
        statement("f-x", "omar", "the river is low"),
        statement("f-x", "omar", "السد مفتوح"),
        date("f-x", "the parade", "2030-05-09"),
        raised("f-x", "ports"),
        not_raised("f-x", "ports"),
        event("f-x", "oslo"),
        number("f-x", 13),
        entity("zed", "person", "زيد", "Zed"),
        entity("rome", "city", "روما", "Rome"),
    ],
    ids=["statement", "same claim", "date", "raised", "not raised", "event", "number", "person", "city"],
)
def test_one_more_fact_or_name_displaces_at_most_one_option_of_a_question(tmp_path, more):
    before, after = questions(folder(tmp_path, "a")), questions(folder(tmp_path, "b"), more)
    gone = {
        name: option_ids(question) - option_ids(after[name])
        for name, question in before.items()
        if question.kind == "choice"
    }
    assert {name: ids for name, ids in gone.items() if len(ids) > 1} == {}


def rivals(tmp_path, name, *more, **changed) -> set[str]:
    question = questions(tmp_path, *more, **changed)[name]
    return option_ids(question) - {question.key}


PEOPLE = {"omar", "nils", "ada", "karim"}


def test_whoever_said_the_same_is_no_wrong_answer(tmp_path):
    assert rivals(tmp_path, "f-1.speaker.choice", statement("f-x", "omar", "السد مفتوح")) == PEOPLE - {"omar"}


def test_whoever_said_it_by_a_fact_marked_the_same_is_no_wrong_answer(tmp_path):
    same = statement("f-x", "nils", "nothing holds the water", 'same_as = ["f-1"]')
    assert rivals(tmp_path, "f-1.speaker.choice", same) == PEOPLE - {"nils"}


def test_whoever_reported_it_is_no_wrong_answer(tmp_path):
    said = statement("f-x", "layla", "the river is low", 'reported_by = "ada"')
    assert "ada" not in rivals(tmp_path, "f-x.speaker.choice", said)


def test_a_raised_matter_is_no_wrong_answer_to_what_was_raised(tmp_path):
    both = not_raised("f-x", "ports") + raised("f-y", "ports")
    assert rivals(tmp_path, "f-5.raised.choice", both) == {"visas", "rail"}


def test_of_a_matter_that_no_fact_speaks_of_nothing_is_known(tmp_path):
    assert rivals(tmp_path, "f-5.raised.choice") == {"visas", "rail"}
    assert rivals(tmp_path, "f-7.not_raised.choice") == {"dam", "fishing"}


def test_a_date_that_another_account_gives_is_no_wrong_answer(tmp_path):
    other = date("f-x", "the meeting", "2030-06-10")
    assert "2030-06-10" in rivals(folder(tmp_path, "a"), "f-2.when.choice")
    assert "2030-06-10" not in rivals(folder(tmp_path, "b"), "f-2.when.choice", other)


def test_a_number_that_another_fact_gives_is_no_wrong_answer(tmp_path):
    other = number("f-x", 13, 'same_as = ["f-4"]')
    assert rivals(folder(tmp_path, "a"), "f-4.count.choice") == {"n-11", "n-13", "n-14"}
    assert rivals(folder(tmp_path, "b"), "f-4.count.choice", other) == {"n-11", "n-14"}


def test_a_place_where_the_same_thing_was_too_is_no_wrong_answer(tmp_path):
    again = event("f-9", "oslo").replace('id = "f-9"', 'id = "f-x"')
    assert rivals(tmp_path, "f-9.where.choice", again) == {"tunis", "quito"}


@pytest.mark.parametrize(
    "more",
    [
        entity("harbour", "city", "الميناء", "the harbour", 'part_of = "basra"'),
        entity("quay", "city", "الرصيف", "the quay", 'part_of = "harbour"')
        + entity("harbour", "city", "الميناء", "the harbour", 'part_of = "basra"'),
    ],
    ids=["part", "part of a part"],
)
def test_a_part_is_never_beside_its_whole(tmp_path, more):
    few = ENTITIES.replace('id = "quito"\nkind = "city"', 'id = "quito"\nkind = "country"')
    assert rivals(folder(tmp_path, "a"), "f-9.where.choice", more, entities=few) == {"oslo", "tunis"}


def test_a_whole_is_never_beside_its_part(tmp_path):
    whole = ENTITIES.replace('id = "basra"', 'id = "basra"\npart_of = "oslo"')
    assert rivals(tmp_path, "f-9.where.choice", entities=whole) == {"tunis", "quito"}


ROLE = 'person = "{}"\nrole = {{ ar = "{}", en = "{}" }}'


def test_another_role_of_the_same_person_is_no_wrong_answer(tmp_path):
    facts = (
        fact("r-1", "person_role", ROLE.format("omar", "وزير المياه", "the minister of water")),
        fact("r-2", "person_role", ROLE.format("omar", "رئيس الوفد", "the head of the delegation")),
        fact("r-3", "person_role", ROLE.format("nils", "رئيس الوفد", "The head of the delegation")),
        fact("r-4", "person_role", ROLE.format("nils", "المبعوث", "the envoy")),
        fact("r-5", "person_role", ROLE.format("karim", "الحارس", "the guard")),
    )
    assert rivals(tmp_path, "r-1.role.choice", *facts) == {"r-4", "r-5"}


QUOTE = 'speaker = "{}"\nwords = {{ ar = "{}", en = "{}" }}\nabout = {{ ar = "النهر", en = "the river" }}'


def test_words_that_the_speaker_used_elsewhere_or_that_read_alike_are_no_wrong_answers(tmp_path):
    facts = (
        fact("q-1", "quote", QUOTE.format("layla", "هادئ", "calm")),
        fact("q-2", "quote", QUOTE.format("layla", "واسع", "wide")),
        fact("q-3", "quote", QUOTE.format("omar", "واسع", "Wide")),
        fact("q-4", "quote", QUOTE.format("nils", "بارد", "cold")),
        fact("q-5", "quote", QUOTE.format("ada", "بارد", "cold")),
        fact("q-6", "quote", QUOTE.format("karim", "عميق", "deep")),
    )
    found = rivals(tmp_path, "q-1.words.choice", *facts)
    assert found in ({"q-4", "q-6"}, {"q-5", "q-6"})


def test_a_word_stands_beside_words_and_a_phrase_beside_phrases(tmp_path):
    facts = (
        fact("q-1", "quote", QUOTE.format("layla", "هادئ", "calm")),
        fact("q-2", "quote", QUOTE.format("omar", "واسع", "wide")),
        fact("q-3", "quote", QUOTE.format("nils", "بارد", "cold")),
        fact("q-4", "quote", QUOTE.format("ada", "بحر صغير", "small sea")),
        fact("q-5", "quote", QUOTE.format("karim", "باب مفتوح", "open door")),
        fact("q-6", "quote", QUOTE.format("nils", "طريق طويل", "long road")),
    )
    found = questions(tmp_path, *facts)
    assert option_ids(found["q-1.words.choice"]) == {"q-1", "q-2", "q-3"}
    assert option_ids(found["q-4.words.choice"]) == {"q-4", "q-5", "q-6"}


def test_wrong_answers_of_about_the_key_s_length_come_first(tmp_path):
    foils = "".join(
        FOIL.format(name, ar, en)
        for name, ar, en in (
            ("a", "إن السد مغلق", "that the dam is shut"),
            (
                "b",
                "إن السد الذي بُني قبل مئة عام مغلق منذ الشتاء",
                "that the dam, a hundred years old, has long been shut",
            ),
            ("c", "لا", "no"),
            ("d", "إن السد قديم", "that the dam is old"),
            ("e", "إن السد جديد", "that the dam is new"),
        )
    )
    assert rivals(tmp_path, "f-x.claim.choice", statement("f-x", "omar", "السد مفتوح", foils)) == {"a", "d", "e"}


def test_wrong_answers_of_another_length_come_where_there_are_no_others(tmp_path):
    foils = "".join(FOIL.format(*row) for row in (("a", "إن السد مغلق", "that the dam is shut"), ("c", "لا", "no")))
    assert rivals(tmp_path, "f-x.claim.choice", statement("f-x", "omar", "السد مفتوح", foils)) == {"a", "c"}


VISIT = date("f-m", "the visit", "2030-07-01", 'precision = "month"')
TOUR = date("f-p", "the tour", "2030-07-01", 'precision = "part_of_month"\npart = "beginning"')


@pytest.mark.parametrize(
    ("name", "option", "ar", "en"),
    [
        (
            "f-2.when.choice",
            "2030-05-02",
            "2 مايو/أيار 2030: تاريخ لا يعطيه المقال هنا.",
            "2 May 2030: a date that the article does not give here.",
        ),
        ("f-2.when.choice", "2030-06-10", "نص الواقعة f-3.", "The text of fact f-3."),
        (
            "f-2.when.choice",
            "2030-05-04",
            "4 مايو/أيار 2030 هو تاريخ المقال نفسه.",
            "4 May 2030 is the date of the article itself.",
        ),
        ("f-m.when.choice", "2030-05", "مايو/أيار 2030: نص الواقعة f-2.", "May 2030: The text of fact f-2."),
        ("f-m.when.choice", "2030-06", "يونيو/حزيران 2030: نص الواقعة f-3.", "June 2030: The text of fact f-3."),
        (
            "f-p.when.choice",
            "2030-06-beginning",
            "بداية يونيو/حزيران 2030: نص الواقعة f-3.",
            "The beginning of June 2030: The text of fact f-3.",
        ),
        (
            "f-p.when.choice",
            "2030-07-end",
            "نهاية يوليو/تموز 2030: تاريخ لا يعطيه المقال هنا.",
            "The end of July 2030: a date that the article does not give here.",
        ),
    ],
)
def test_a_wrong_date_says_what_was_then_by_the_facts_and_else_no_more_than_is_known(tmp_path, name, option, ar, en):
    assert belongs(questions(tmp_path, VISIT, TOUR)[name], option) == (ar, en)


@pytest.mark.parametrize(
    ("more", "option", "ar", "en"),
    [
        ("", "day-1", "الثلاثاء: يوم لا يعطيه المقال هنا.", "Tuesday: a day that the article does not give here."),
        (date("f-x", "the parade", "2030-05-05"), "day-6", "الأحد: نص الواقعة f-x.", "Sunday: The text of fact f-x."),
        (
            date("f-x", "the parade", "2030-05-05").replace("The text of fact f-x", "The parade was on a Sunday"),
            "day-6",
            "الأحد: نص الواقعة f-x.",
            "The parade was on a Sunday.",
        ),
        (
            date("f-x", "the parade", "2030-05-01", 'precision = "month"'),
            "day-1",
            "الثلاثاء: يوم لا يعطيه المقال هنا.",
            "Tuesday: a day that the article does not give here.",
        ),
    ],
    ids=["no fact", "a day", "a day and its name", "a month"],
)
def test_a_wrong_weekday_says_what_was_on_it_by_the_facts(tmp_path, more, option, ar, en):
    assert belongs(questions(tmp_path, more)["f-2.weekday.choice"], option) == (ar, en)


def test_a_weekday_of_no_fact_may_be_that_of_the_article(tmp_path):
    later = BOOK.replace("date = 2030-05-04", "date = 2030-05-07")
    found = questions(tmp_path, book=later)["f-2.weekday.choice"]
    assert belongs(found, "day-1") == ("الثلاثاء هو يوم صدور المقال.", "Tuesday is the day of the article itself.")


def belongs(question, option_id):
    feedback = next(option.feedback for option in question.options if option.id == option_id)
    return feedback.ar, feedback.en


@pytest.mark.parametrize("names", [("f-a", "f-b"), ("f-b", "f-a")])
def test_where_a_wrong_number_belongs_does_not_hang_on_the_order_of_the_facts(tmp_path, names):
    found = questions(tmp_path, *(number(name, 13) for name in names))["f-4.count.choice"]
    assert belongs(found, "n-13") == ("نص الواقعة f-a.", "The text of fact f-a.")


def test_a_unit_is_asked_for_in_the_declared_languages_only(tmp_path):
    unit = 'en = { one = "day", other = "days" }'
    with pytest.raises(BadFile) as caught:
        questions(tmp_path, number("f-x", 3).replace(unit, ""))
    assert str(caught.value) == ('more.toml: fact "f-x", field unit.en: is missing; the book declares this language')


FOIL = '[[fact.foils.claim]]\nid = "{}"\ntext = {{ ar = "{}", en = "{}" }}\nwhy = {{ ar = "س", en = "x" }}\n'


def test_a_written_foil_that_a_fact_makes_true_is_left_out(tmp_path):
    foils = "".join(FOIL.format(*row) for row in (("a", "أ", "a"), ("b", "ب", "b"), ("c", "إن ج", "that ج")))
    facts = statement("s-1", "omar", "the river is low", foils) + statement("s-2", "omar", "ج")
    assert rivals(tmp_path, "s-1.claim.choice", facts) == {"a", "b"}


def test_with_fewer_than_two_honest_wrong_options_there_is_no_choice(tmp_path):
    few = re.sub(r'id = "(tunis|quito)"\nkind = "city"', r'id = "\1"\nkind = "country"', ENTITIES)
    found = questions(tmp_path, entities=few)
    assert "f-9.where.typed" in found
    assert "f-9.where.choice" not in found


def test_with_two_honest_wrong_options_there_are_three(tmp_path):
    few = ENTITIES.replace('id = "quito"\nkind = "city"', 'id = "quito"\nkind = "country"')
    assert option_ids(questions(tmp_path, entities=few)["f-9.where.choice"]) == {"basra", "oslo", "tunis"}


PART = '[[fact.parts]]\nid = "{}"\ntext = {{ ar = "{}", en = "{}" }}\n'
PARTS = 'did = { ar = "حضر", en = "were there" }\n' + PART.format("x", "س", "x") + PART.format("y", "ص", "y")


@pytest.mark.parametrize(("foils", "there"), [(("a",), False), (("a", "b"), True)])
def test_a_whole_is_asked_only_with_two_wrong_parts(tmp_path, foils, there):
    written = "".join(FOIL.format(name, name, name).replace("claim", "parts") for name in foils)
    found = questions(tmp_path, fact("c-1", "composition", PARTS + written))
    assert ("c-1.parts.multi-select" in found) is there


@pytest.mark.parametrize(
    ("name", "more", "ids"),
    [
        ("f-4.count.choice", "", ["n-11", "n-12", "n-13", "n-14"]),
        ("f-x.count.choice", number("f-x", 9, "near = [12, 3, 100]"), ["n-3", "n-9", "n-12", "n-100"]),
        ("f-2.when.choice", "", ["2030-05-02", "2030-05-03", "2030-05-04", "2030-06-10"]),
    ],
)
def test_numbers_and_dates_stand_in_a_row(tmp_path, name, more, ids):
    question = questions(tmp_path, more)[name]
    assert [option.id for option in question.options] == ids
    assert question.fixed_order


def test_weekdays_stand_from_sunday_on(tmp_path):
    question = questions(tmp_path)["f-2.weekday.choice"]
    assert [option.id for option in question.options] == ["day-6", "day-1", "day-3", "day-4"]


@pytest.mark.parametrize("value", [1, 2, 3])
def test_no_wrong_number_is_below_one(tmp_path, value):
    question = questions(tmp_path, number("f-x", value))["f-x.count.choice"]
    assert "n-0" not in option_ids(question)
    assert len(question.options) == 4


NAMES = {"Layla Hasan", "Omar Salem", "Nils Berg", "Ada Moore", "Karim Nour"}


@pytest.mark.parametrize("nr", range(10, 18))
def test_a_false_statement_changes_one_field_and_a_true_one_none(tmp_path, nr):
    question = questions(tmp_path, statement(f"f-{nr}", "omar", "the river is low"))[f"f-{nr}.speaker.true-false"]
    shape = r"In the river talks, it was (.+) who said that the river is low\."
    name = re.fullmatch(shape, question.stem.en)[1]
    assert name in NAMES
    assert question.key == (name == "Omar Salem")


def test_true_and_false_statements_are_both_there(tmp_path):
    many = "".join(statement(f"f-{nr}", "omar", f"the river is low {nr}") for nr in range(10, 30))
    keys = {question.key for question in questions(tmp_path, many).values() if question.kind == "true_false"}
    assert keys == {True, False}


def test_a_question_changed_when_the_ledger_says_so_and_in_1970_when_it_says_nothing(tmp_path):
    when = datetime(2030, 5, 5, tzinfo=UTC)
    bank(tmp_path)
    book = load(tmp_path)
    question = generate(book).live[0]
    other = generate(book).live[1]
    known = {question.id: Line(digest(question), when), other.id: Line("0" * 16, when)}
    entries = generate(book, known).entries
    assert [entry.changed.year for entry in entries[:3]] == [2030, 1970, 1970]


def test_a_question_carries_its_point_its_chain_of_voices_and_the_reason(tmp_path):
    question = questions(tmp_path, statement("f-x", "omar", "all is well", 'reported_by = "layla"'))[
        "f-x.speaker.choice"
    ]
    assert question.point == "f-x.speaker"
    assert question.sources[0].voice.en == "Omar Salem, as reported by Layla Hasan"
    assert (question.sources[0].para, question.sources[0].opening) == (1, "اجتمع الوزراء")
    assert question.feedback.en == "The text of fact f-x."


def test_typed_names_know_their_rivals(tmp_path):
    question = questions(tmp_path)["f-1.speaker.typed"]
    assert {"omar salem", "عمر سالم", "nils berg"} <= set(question.rivals)
    assert "layla hasan" not in question.rivals
