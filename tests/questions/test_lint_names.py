"""The rules on voices, the event and names: what a stem says beside what it asks, held against the book."""

from __future__ import annotations

import pytest
from fact_files import (
    ENTITIES,
    FACTS,
    book,
    entity,
    questions,
    raised,
)
from lint_cases import (
    BY_LAYLA,
    LAYLA,
    NILS,
    OMAR,
    asked,
    both,
    disagreements,
)

from questions.bank import Question
from questions.texts import Bilingual

CLAIM = asked(
    "f-1.claim.choice",
    ("f-1", "إن السد مفتوح", "that السد مفتوح"),
    ("x", "إن الجسر مفتوح", "that الجسر مفتوح"),
    ("y", "إن الميناء مفتوح", "that الميناء مفتوح"),
    more=BY_LAYLA,
)


def restated(question: Question, ar: str, en: str) -> Question:
    return question.model_copy(update={"stem": Bilingual(ar=ar, en=en)})


@pytest.mark.parametrize(
    ("rule", "stem"),
    [
        (
            "no-attribution",
            ("في محادثات النهر، أيّ هذه الموضوعات جرى تناوله؟", "In the river talks, which was taken up?"),
        ),
        ("no-event", ("بحسب عمر سالم، أيّ هذه الموضوعات جرى تناوله؟", "According to Omar Salem, which was taken up?")),
        (
            "event-twice",
            (
                "في محادثات النهر، بحسب عمر سالم، أيّ هذه الموضوعات جرى تناوله في محادثات النهر؟",
                "In the river talks, according to Omar Salem, which was taken up in the river talks?",
            ),
        ),
    ],
)
def test_a_stem_names_the_event_once_and_whose_word_it_is(rule, stem, tmp_path):
    by_omar = raised("f-20", "ports", 'source = "omar"')
    question, known = questions(tmp_path, by_omar)["f-20.raised.choice"], book(tmp_path, by_omar)
    assert disagreements(question, known) == []
    assert disagreements(restated(question, *stem), known) == [rule]


def test_the_speaker_is_named_where_something_else_is_asked_for(tmp_path):
    known = book(tmp_path)
    nameless = CLAIM.model_copy(
        update={"stem": Bilingual(ar="في محادثات النهر، ماذا قيل؟", en="In the river talks, what was said?")}
    )
    assert (disagreements(CLAIM, known), disagreements(nameless, known)) == ([], ["no-attribution"])


def test_an_event_is_not_missed_in_a_fact_that_is_outside_it(tmp_path):
    outside = FACTS.replace('id = "f-9"', 'id = "f-9"\nsetting = "none"')
    question = questions(tmp_path, facts=outside)["f-9.where.choice"]
    assert disagreements(question, book(tmp_path, facts=outside)) == []


CALLED = ENTITIES.replace('id = "layla"', 'id = "layla"\naliases.en = ["the Envoy"]\naliases.ar = ["السيدة"]')


@pytest.mark.parametrize("voice", [("بحسب السيدة، ", "talking of visas, "), ("", "according to the Envoy, ")])
def test_the_one_asked_for_is_not_named_by_another_name(voice, tmp_path):
    question = asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=voice)
    assert disagreements(question, book(tmp_path, entities=CALLED)) == ["answer-in-stem"]


NAMESAKE = entity("sara", "person", "سارة سالم", "Sara Salem")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=("بحسب سالم، ", "according to Nils, ")), ["bare-surname"]),
        (
            asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=("كما نُقل لسالم، ", "as Nils was told, ")),
            ["bare-surname"],
        ),
        (asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=("", "as Salem was told, ")), ["bare-surname"]),
        (asked("f-1.speaker.choice", LAYLA, ("omar", "عمر سالم", "Salem"), NILS), ["bare-surname"]),
        (asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=("كما قيل لسارة سالم، ", "as Sara Salem was told, ")), []),
        (asked("f-1.speaker.choice", LAYLA, OMAR, NILS, more=("", "as Berg was told, ")), []),
    ],
)
def test_people_who_share_a_surname_are_named_in_full(question, found, tmp_path):
    assert disagreements(question, book(tmp_path, NAMESAKE)) == found


SPELT = ENTITIES.replace('id = "oslo"', 'id = "oslo"\naliases.en = ["Osslo", "Osloer"]\naliases.ar = ["أوصلو"]')


@pytest.mark.parametrize(
    ("ar", "en", "found"),
    [
        ("سافرت إلى اوسلو.", "She went home.", ["spelling"]),
        ("سافرت إلى أوصلو.", "She went home.", ["spelling"]),
        ("سافرت إلى البصره.", "She went home.", ["spelling"]),
        ("عادت.", "She went to Osslo.", ["spelling"]),
        ("سافرت لأوسلو وأُوسْلُو وبالبصرة.", "She went to Oslo, like an Osloer.", []),
    ],
)
def test_a_name_is_written_as_the_house_writes_it(ar, en, found, tmp_path):
    known = book(tmp_path, entities=SPELT)
    question = asked("f-1.speaker.choice", LAYLA, OMAR, NILS, feedback=both(ar, en))
    assert disagreements(question, known) == found
