"""A new learner imports the deck into the real Anki, with the import dialog as it stands."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from questions.bank import Citation
from questions.generate import from_folder, packaged


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
        "<br>الترخيص: <bdi>CC BY 4.0</bdi><br>النسخة: <bdi>a4cd5c2c</bdi><br>التاريخ: <bdi>2026-01-10</bdi>"
        "<br>عدد الملحوظات: <bdi>8</bdi><br>للعثور على المسحوب: <bdi>tag:qimma::retired</bdi></p>"
        '<p lang="en" dir="ltr"><b><bdi>The dam talks</bdi></b><br>Author: <bdi>Amal &amp; Co</bdi>'
        "<br>Licence: <bdi>CC BY 4.0</bdi><br>Version: <bdi>a4cd5c2c</bdi><br>Date: <bdi>2026-01-10</bdi>"
        "<br>Notes: <bdi>8</bdi><br>To find retired ones: <bdi>tag:qimma::retired</bdi></p>"
    )


def test_an_update_brings_its_own_version_into_the_description(desk, bank, version):
    desk.import_bank(bank)
    first = desk.col.decks.by_name("Qimma::السد (2030)")["desc"]
    desk.import_bank(version(datetime(2026, 2, 1, tzinfo=UTC), {"essay-1": {}}))
    second = desk.col.decks.by_name("Qimma::السد (2030)")["desc"]
    assert "Date: <bdi>2026-01-10</bdi>" in first
    assert "Date: <bdi>2026-02-01</bdi>" in second
    assert first.partition("Version:")[2][:20] != second.partition("Version:")[2][:20]


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


def test_new_cards_come_as_one_would_teach(desk, bank, new_bank):
    """Core facts first; recognising, then several facts together, then recalling; what is retired at the end."""
    retired = bank.entries[7].model_copy(update={"retired": True})
    desk.import_bank(new_bank(entries=[*bank.entries[:7], retired, *bank.entries[8:]]))
    cards = [desk.col.get_card(card) for card in desk.col.find_cards("", order="c.due")]
    assert [(card.note()["Point"], card.template()["name"]) for card in cards] == [
        ("f-1.speaker", "Choice"),
        ("f-1.speaker", "True-false"),
        ("f-1.speaker", "Typed"),
        ("only-arabic", "Choice"),
        ("s-1.raised", "Multi-select"),
        ("s-3.roles", "Matching"),
        ("s-2.order", "Ordering"),
        ("f-2.amount", "Cloze"),
        ("only-english", "Typed"),
        ("essay-1", "Open"),
    ]
    assert [card.due for card in cards] == list(range(1, 11))


def test_within_a_step_paragraphs_follow_the_source(desk, bank, new_bank):
    entries = [
        {"question": bank.entries[0].question.model_copy(update=changes), "changed": bank.entries[0].changed}
        for changes in (
            {"id": "f-9.who.choice", "sources": ()},
            {"id": "f-8.who.choice", "sources": (Citation(voice={"en": "A"}, para=12),)},
            {"id": "f-7.who.choice", "sources": (Citation(voice={"en": "B"}, para=3),), "topic": "talks"},
            {"id": "f-6.who.choice", "sources": (Citation(voice={"en": "A"}, para=3),), "weight": "detail"},
        )
    ]
    desk.import_bank(new_bank(entries=entries))
    cards = [desk.col.get_card(card) for card in desk.col.find_cards("", order="c.due")]
    assert [card.note()["Point"] for card in cards] == ["f-7.who", "f-8.who", "f-9.who", "f-6.who"]


@pytest.mark.parametrize(
    "boxes",
    [{"with_scheduling": True}, {"with_deck_configs": True}, {"merge_notetypes": True}],
    ids=["learning progress", "presets", "merged note types"],
)
def test_whichever_box_is_ticked_the_same_notes_arrive_and_an_update_updates(desk, bank, version, boxes):
    assert len(desk.import_bank(bank, boxes=boxes).new) == 8
    log = desk.import_bank(version(datetime(2026, 2, 1, tzinfo=UTC), {"essay-1": {}}), boxes=boxes)
    assert (len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting)) == (0, 1, 7, 0)
    assert desk.col.card_count() == 10
    assert desk.col.fix_integrity() == ("Database rebuilt and optimized.", True)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_whole_summit_arrives_with_nothing_empty(desk, lang):
    log = desk.import_bank(from_folder(packaged())[1], lang)
    assert len(log.new) == 146
    assert [log.duplicate, log.conflicting, log.first_field_match, log.empty_first_field] == [[], [], [], []]
    assert desk.col.card_count() == 317
    assert list(desk.col.get_empty_cards().notes) == []
    assert desk.col.fix_integrity() == ("Database rebuilt and optimized.", True)


def test_a_note_was_last_changed_when_its_newest_question_was(desk, version):
    later = datetime(2026, 1, 11, tzinfo=UTC)
    desk.import_bank(version(later, {"f-1.speaker.typed": {}}))
    assert desk.note("f-1.speaker").mod == 1_768_089_600
    assert desk.note("f-2.amount").mod == 1_768_046_400


def test_pictures_come_along(desk, bank):
    desk.import_bank(bank)
    assert desk.note("only-english")["Typed media"] == '<img src="qimma-497790947d466676.png" alt="">'
    assert desk.col.media.have("qimma-497790947d466676.png")


def test_two_pictures_of_one_name_stay_two_and_a_sound_is_played(desk, version):
    other = base64.b64encode(b"\x89PNG\r\n\x1a\nanother").decode()
    media = [
        {"name": "map.png", "type": "image/png", "data": other, "alt": 'the "map"'},
        {"name": "voice.mp3", "type": "audio/mpeg", "data": base64.b64encode(b"ID3 sound").decode()},
    ]
    desk.import_bank(version(datetime(2026, 1, 11, tzinfo=UTC), {"essay-1": {"media": media}}))
    shown, played = desk.note("essay-1")["Open media"].split("[sound:")
    picture = shown.split('"')[1]
    assert shown == f'<img src="{picture}" alt="the &quot;map&quot;">'
    assert (desk.folder / "collection.media" / picture).read_bytes() == base64.b64decode(other)
    assert desk.col.media.have("qimma-497790947d466676.png")
    assert (desk.folder / "collection.media" / played.rstrip("]")).read_bytes() == b"ID3 sound"
    assert len(desk.card("essay-1", "Open").render_output().question_av_tags) == 1
    checked = desk.col.media.check()
    assert (list(checked.missing), list(checked.unused)) == ([], [])


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
