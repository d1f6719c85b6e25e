"""The next version of the deck comes to a learner who has studied, edited, tagged and suspended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from export.anki import compare
from questions.generate import from_folder, packaged

LATER = datetime(2026, 2, 1, tzinfo=UTC)
MUCH_LATER = datetime(2027, 1, 1, tzinfo=UTC)
CHANGED = {"f-1.speaker.choice": {"stem": {"ar": "من أعلن موعد فتح السد؟", "en": "Who named the date of the dam?"}}}
POINTS = [
    "essay-1",
    "f-1.speaker",
    "f-2.amount",
    "only-arabic",
    "only-english",
    "s-1.raised",
    "s-2.order",
    "s-3.roles",
]


def study(desk, count):
    """Answer so many cards: Good, then Hard, in turn."""
    for number in range(count):
        card = desk.col.sched.getCard()
        desk.col.sched.answerCard(card, 3 if number % 2 else 2)


def schedules(desk):
    rows = "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, flags, data from cards"
    return desk.col.db.all(rows), desk.col.db.all("select * from revlog order by id")


@pytest.fixture
def studied(desk, bank):
    """A collection that studied the first version; notes were edited, tagged and flagged, cards suspended and moved."""
    desk.import_bank(bank)
    desk.col.decks.select(desk.col.decks.id_for_name("Qimma::السد (2030)"))
    study(desk, 6)
    edited = desk.note("essay-1")
    edited["Open why en"] = "My own words."
    desk.col.update_note(edited)
    desk.col.tags.bulk_add([desk.note("s-3.roles").id], "mine")
    desk.col.sched.suspend_cards([desk.card("s-2.order", "Ordering").id, desk.card("f-1.speaker", "Typed").id])
    desk.col.set_user_flag_for_cards(3, [desk.card("f-2.amount", "Cloze").id, desk.card("f-1.speaker", "Choice").id])
    elsewhere = desk.col.decks.id("Mine")
    desk.col.set_deck([desk.card("only-arabic", "Choice").id, desk.card("f-1.speaker", "True-false").id], elsewhere)
    return desk


def test_a_changed_question_updates_its_note_and_doubles_none(studied, version):
    log = studied.import_bank(version(LATER, CHANGED))
    assert (len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting)) == (0, 1, 7, 0)
    assert studied.note("f-1.speaker")["Choice stem en"] == "Who named the date of the dam?"
    assert sorted(studied.col.get_note(note)["Point"] for note in studied.col.find_notes("")) == POINTS


def test_an_update_never_touches_a_schedule(studied, version):
    before = schedules(studied)
    assert len(before[1]) == 6
    studied.import_bank(version(LATER, CHANGED))
    assert schedules(studied) == before


def test_what_the_learner_did_to_unchanged_notes_stays(studied, version):
    studied.import_bank(version(LATER, CHANGED))
    assert studied.note("essay-1")["Open why en"] == "My own words."
    assert "mine" in studied.note("s-3.roles").tags
    assert studied.card("s-2.order", "Ordering").queue == -1
    assert studied.card("f-2.amount", "Cloze").user_flag() == 3
    assert studied.col.decks.name(studied.card("only-arabic", "Choice").did) == "Mine"


def test_cards_of_a_changed_note_stay_suspended_flagged_and_where_they_were_moved(studied, version):
    studied.import_bank(version(LATER, CHANGED))
    assert studied.card("f-1.speaker", "Typed").queue == -1
    assert studied.card("f-1.speaker", "Choice").user_flag() == 3
    assert studied.col.decks.name(studied.card("f-1.speaker", "True-false").did) == "Mine"


def test_a_note_that_the_learner_edited_after_it_changed_stays_the_learner_s(studied, version):
    log = studied.import_bank(version(LATER, {"essay-1": {"feedback": {"en": "The bank's new words."}}}))
    assert len(log.updated) == 0
    assert studied.note("essay-1")["Open why en"] == "My own words."


def test_the_same_version_again_changes_nothing(studied, bank):
    before = schedules(studied)
    log = studied.import_bank(bank)
    assert (len(log.new), len(log.updated), len(log.duplicate)) == (0, 0, 8)
    assert schedules(studied) == before


def test_a_new_point_and_a_new_way_of_asking_arrive_as_new_cards(studied, new_bank, bank):
    question = bank.entries[3].question
    added = [
        {"question": question.model_copy(update={"id": "f-9.amount.cloze"}), "changed": LATER},
        {
            "question": question.model_copy(update={"id": "f-1.speaker.cloze", "topic": "water"}),
            "changed": LATER,
        },
    ]
    log = studied.import_bank(new_bank(entries=[*bank.entries, *added]))
    assert (len(log.new), len(log.updated)) == (1, 1)
    assert studied.card("f-9.amount", "Cloze").type == 0
    card = studied.card("f-1.speaker", "Cloze")
    assert (card.type, studied.col.decks.name(card.did)) == (0, "Qimma::السد (2030)::المياه | Water")
    assert list(studied.col.get_empty_cards().notes) == []
    assert studied.col.fix_integrity()[1]


def test_a_retired_point_comes_once_more_with_its_tag(studied, new_bank, bank, packed):
    retired = bank.entries[3].model_copy(update={"retired": True, "changed": LATER})
    after = new_bank(entries=[*bank.entries[:3], retired, *bank.entries[4:]])
    assert packed(after)[1].retired == 1
    log = studied.import_bank(after)
    assert (len(log.new), len(log.updated)) == (0, 1)
    note = studied.note("f-2.amount")
    assert "qimma::retired" in note.tags
    assert note["Cloze stem en"] == (
        '<span class="retired">Retired question: no longer asked</span>'
        'The dam holds <span class="blank">____</span> of water.'
    )


def test_a_point_with_one_retired_question_keeps_its_card_and_gets_no_tag(studied, new_bank, bank):
    retired = bank.entries[1].model_copy(update={"retired": True, "changed": LATER})
    studied.import_bank(new_bank(entries=[bank.entries[0], retired, *bank.entries[2:]]))
    note = studied.note("f-1.speaker")
    assert "qimma::retired" not in note.tags
    assert "qimma::kind::true_false" not in note.tags
    assert note["True-false stem en"].startswith('<span class="retired">Retired question: no longer asked</span>')
    assert list(studied.col.get_empty_cards().notes) == []


def test_an_update_in_the_other_language_keeps_the_language_chosen_first(studied, version):
    before = studied.col.models.by_name("Qimma")
    log = studied.import_bank(version(LATER, CHANGED), "en")
    after = studied.col.models.by_name("Qimma")
    assert len(log.updated) == 1
    assert studied.note("f-1.speaker")["Choice stem ar"] == "من أعلن موعد فتح السد؟"
    assert (after["tmpls"], after["css"], after["sortf"]) == (before["tmpls"], before["css"], before["sortf"])
    assert [name.name for name in studied.col.models.all_names_and_ids() if name.name.startswith("Qimma")] == ["Qimma"]
    front = studied.card("f-1.speaker", "True-false").render_output().question_text
    assert front.index("قال عمر سالم") < front.index("<details") < front.index("Omar Salem said")


def test_a_learner_s_own_template_stays(studied, version):
    model = studied.col.models.by_name("Qimma")
    model["tmpls"][0]["qfmt"] = "Mine: {{Choice stem ar}}"
    studied.col.models.update_dict(model)
    log = studied.import_bank(version(LATER, CHANGED))
    assert len(log.updated) == 1
    assert studied.col.models.by_name("Qimma")["tmpls"][0]["qfmt"] == "Mine: {{Choice stem ar}}"


def test_new_templates_reach_those_who_did_not_edit_theirs(studied, bank, monkeypatch):
    monkeypatch.setattr("export.anki.package.STAMP", 1_767_225_602)
    monkeypatch.setattr("export.anki.templates.style", lambda: ".card { color: teal; }")
    before = schedules(studied)
    log = studied.import_bank(bank)
    assert (len(log.updated), len(log.conflicting)) == (0, 0)
    assert studied.col.models.by_name("Qimma")["css"] == ".card { color: teal; }"
    assert schedules(studied) == before


def test_two_banks_share_the_note_type_and_no_note(studied, new_bank):
    log = studied.import_bank(new_bank(id="other", deck="Other"))
    assert (len(log.new), len(log.duplicate), len(log.conflicting)) == (8, 0, 0)
    assert len(studied.col.models.all_names_and_ids()) == 7


# ---------------------------------------------------------------- the summit's bank, whole


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_later_summit_updates_in_place_and_costs_nothing(desk, packed, lang):
    before = from_folder(packaged())[1]
    desk.import_bank(before, lang)
    desk.col.decks.select(desk.col.decks.id_for_name(before.deck))
    study(desk, 20)
    kept = schedules(desk)
    entries = [
        entry.model_copy(update={"changed": MUCH_LATER, "retired": number % 30 == 0} if number % 10 == 0 else {})
        for number, entry in enumerate(before.entries)
    ]
    added = [
        entry.model_copy(
            update={
                "question": entry.question.model_copy(update={"id": f"x-{entry.question.id}"}),
                "changed": MUCH_LATER,
            }
        )
        for entry in before.entries[:3]
    ]
    after = before.model_copy(update={"entries": (*entries[:-5], *added)})
    told = compare(after, packed(before, lang)[0], "before.apkg")
    log = desk.import_bank(after, lang)
    assert (len(log.new), len(log.updated)) == (len(told.new), len(told.changed) + len(told.retired)) == (2, 32)
    assert [log.conflicting, log.first_field_match, log.missing_notetype] == [[], [], []]
    assert schedules(desk)[1] == kept[1]
    assert set(map(tuple, kept[0])) - set(map(tuple, schedules(desk)[0])) == set()
    assert list(desk.col.get_empty_cards().notes) == []
    assert desk.col.fix_integrity() == ("Database rebuilt and optimized.", True)
