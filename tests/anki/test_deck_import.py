"""A new learner imports the deck into the real Anki, with the import dialog as it stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


def test_every_note_is_new_and_none_is_refused(desk, bank):
    log = desk.import_bank(bank)
    assert len(log.new) == 8
    assert [log.updated, log.duplicate, log.conflicting, log.first_field_match] == [[], [], [], []]
    assert [log.missing_notetype, log.missing_deck, log.empty_first_field] == [[], [], []]


def test_each_question_has_its_card_and_no_card_is_empty(desk, bank):
    desk.import_bank(bank)
    cards = [desk.col.get_card(card) for card in desk.col.find_cards("")]
    assert sorted((card.note()["Point"], card.template()["name"]) for card in cards) == [
        ("essay-1", "Open"),
        ("f-1.speaker", "Choice"),
        ("f-1.speaker", "True-false"),
        ("f-1.speaker", "Typed"),
        ("f-2.amount", "Cloze"),
        ("only-arabic", "Choice"),
        ("only-english", "Typed"),
        ("s-1.raised", "Multi-select"),
        ("s-2.order", "Ordering"),
        ("s-3.roles", "Matching"),
    ]
    assert list(desk.col.get_empty_cards().notes) == []


def test_anki_makes_no_card_of_its_own_when_a_note_is_edited(desk, bank):
    desk.import_bank(bank)
    note = desk.note("f-1.speaker")
    note["Choice why en"] = "Because."
    desk.col.update_note(note)
    assert [card.template()["name"] for card in note.cards()] == ["Choice", "True-false", "Typed"]


def test_the_database_check_finds_nothing(desk, bank):
    desk.import_bank(bank)
    assert desk.col.fix_integrity() == ("Database rebuilt and optimized.", True)


def test_topics_are_decks_below_the_bank_s(desk, bank):
    desk.import_bank(bank)
    assert [deck.name for deck in desk.col.decks.all_names_and_ids()] == [
        "Default",
        "Qimma",
        "Qimma::السد (2030)",
        "Qimma::السد (2030)::Talks: rounds",
        "Qimma::السد (2030)::المياه | Water",
    ]
    card = desk.card("f-1.speaker", "Typed")
    assert desk.col.decks.name(card.did) == "Qimma::السد (2030)::المياه | Water"
    assert desk.col.decks.name(desk.card("essay-1", "Open").did) == "Qimma::السد (2030)"


def test_the_deck_says_what_it_is(desk, bank):
    desk.import_bank(bank)
    assert desk.col.decks.by_name("Qimma::السد (2030)")["desc"] == (
        '<p lang="ar" dir="rtl"><b><bdi>محادثات السد</bdi></b><br>المؤلف: <bdi>Amal &amp; Co</bdi>'
        "<br>الترخيص: <bdi>CC BY 4.0</bdi><br>النسخة: <bdi>2026-01-10</bdi>"
        "<br>عدد الملحوظات: <bdi>8</bdi></p>"
        '<p lang="en" dir="ltr"><b><bdi>The dam talks</bdi></b><br>Author: <bdi>Amal &amp; Co</bdi>'
        "<br>Licence: <bdi>CC BY 4.0</bdi><br>Version: <bdi>2026-01-10</bdi><br>Notes: <bdi>8</bdi></p>"
    )


def test_tags_say_topic_kinds_weight_paragraph_and_fact(desk, bank):
    desk.import_bank(bank)
    assert desk.note("f-1.speaker").tags == [
        "qimma",
        "qimma::fact::f-1",
        "qimma::kind::choice",
        "qimma::kind::true_false",
        "qimma::kind::typed",
        "qimma::para::04",
        "qimma::topic::water",
        "qimma::weight::core",
        "say-hi",
        "unit-2",
    ]


def test_new_cards_come_in_the_order_of_the_bank(desk, bank):
    desk.import_bank(bank)
    cards = [desk.col.get_card(card) for card in desk.col.find_cards("", order="c.due, c.ord")]
    assert [card.note()["Point"] for card in cards] == [
        "f-1.speaker",
        "f-1.speaker",
        "f-1.speaker",
        "f-2.amount",
        "s-1.raised",
        "s-2.order",
        "s-3.roles",
        "essay-1",
        "only-arabic",
        "only-english",
    ]


def test_a_note_was_last_changed_when_its_newest_question_was(desk, version):
    later = datetime(2026, 1, 11, tzinfo=UTC)
    desk.import_bank(version(later, {"f-1.speaker.typed": {}}))
    assert desk.note("f-1.speaker").mod == 1_768_089_600
    assert desk.note("f-2.amount").mod == 1_768_046_400


def test_pictures_come_along(desk, bank):
    desk.import_bank(bank)
    assert desk.note("only-english")["Typed media"] == '<img src="qimma-497790947d466676.png" alt="">'
    assert desk.col.media.have("qimma-497790947d466676.png")


def test_a_point_asked_twice_in_one_way_gives_the_second_a_note_of_its_own(desk, new_bank, bank):
    again = bank.entries[0].question.model_copy(update={"id": "f-1.speaker.choice-2"})
    twice = new_bank(entries=[{"question": again, "changed": bank.entries[0].changed}, *bank.entries])
    assert len(desk.import_bank(twice).new) == 9
    assert [card.template()["name"] for card in desk.note("f-1.speaker").cards()] == [
        "Choice",
        "True-false",
        "Typed",
    ]
    assert [card.template()["name"] for card in desk.note("f-1.speaker.choice-2").cards()] == ["Choice"]
    assert desk.note("f-1.speaker").guid == "qdz3hc>$dX"


def test_what_is_written_is_counted(bank, packed):
    summary = packed(bank)[1]
    assert (summary.notes, summary.cards, summary.decks, summary.retired) == (8, 10, 3, 0)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_bank_without_questions_is_a_deck_without_notes(desk, new_bank, lang):
    assert list(desk.import_bank(new_bank(entries=[]), lang).new) == []
