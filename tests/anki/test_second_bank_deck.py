"""A deck of another event beside the summit's, in the real Anki; and one that is written in one language."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import second_book

from questions.generate import from_folder, packaged

DECK = "Qimma::إنقاذ جبل قرناس | Mount Qirnas rescue"
LANGS = ["ar", "en"]


@pytest.fixture(scope="module")
def rescue():
    return from_folder(second_book.FOLDER)[1]


@pytest.fixture(scope="module")
def summit():
    return from_folder(packaged())[1]


def words(html):
    """As one reads it with scripts off and no style."""
    text = re.sub(r"<script>.*?</script>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def all_sides(desk):
    """Both sides of every card."""
    rendered = [desk.col.get_card(card).render_output() for card in desk.col.find_cards("")]
    return [(shown.question_text, shown.answer_text) for shown in rendered]


# ---------------------------------------------------------------- beside the summit's deck


def test_its_notes_are_all_new_and_none_is_refused(desk, rescue):
    log = desk.import_bank(rescue)
    assert len(log.new) == 70
    assert [log.updated, log.duplicate, log.conflicting, log.first_field_match] == [[], [], [], []]
    assert [log.missing_notetype, log.missing_deck, log.empty_first_field] == [[], [], []]
    assert Counter(desk.col.get_card(card).template()["name"] for card in desk.col.find_cards("")) == {
        "Choice": 64,
        "Typed": 36,
        "True-false": 35,
        "Cloze": 3,
        "Multi-select": 3,
        "Matching": 2,
        "Ordering": 1,
    }


@pytest.mark.parametrize("order", [("summit", "rescue"), ("rescue", "summit")])
def test_neither_deck_touches_the_other(desk, request, order):
    first, second = (desk.import_bank(request.getfixturevalue(name)) for name in order)
    assert [second.updated, second.duplicate, second.conflicting, second.first_field_match] == [[], [], [], []]
    assert desk.col.note_count() == len(first.new) + len(second.new)
    assert len(desk.col.find_notes(f'"deck:{DECK}::*"')) == 70
    assert [kind.name for kind in desk.col.models.all_names_and_ids() if kind.name.startswith("Qimma")] == ["Qimma"]


def test_its_topics_are_decks_below_its_own(desk, summit, rescue):
    desk.import_bank(summit)
    desk.import_bank(rescue)
    names = [deck.name for deck in desk.col.decks.all_names_and_ids()]
    assert [name for name in names if name.startswith(DECK)] == [
        DECK,
        f"{DECK}::الأشخاص | People",
        f"{DECK}::الإنذار من العاصفة | The storm warning",
        f"{DECK}::سير الإنقاذ | How the rescue went",
        f"{DECK}::ما بعد الإنقاذ | After the rescue",
    ]


@pytest.mark.parametrize("point", ["f-002.when", "set-order.order"])
def test_a_point_of_the_same_name_in_both_banks_is_two_notes(desk, summit, rescue, point):
    desk.import_bank(summit)
    desk.import_bank(rescue)
    twins = [desk.col.get_note(note) for note in desk.col.find_notes(f'"Point:{point}"')]
    assert len({note.guid for note in twins}) == 2
    assert {desk.col.decks.name(note.cards()[0].did).split("::")[1] for note in twins} == {
        "بوتين وبايدن 2021 | Putin-Biden 2021",
        "إنقاذ جبل قرناس | Mount Qirnas rescue",
    }


@pytest.mark.parametrize(
    ("lang", "front", "back"),
    [
        (
            "ar",
            "في إنقاذ جبل قرناس، كم مروحية استخدم المنقذون؟ (عدد)",
            "✓ الإجابة الصحيحة: مروحيتان",
        ),
        (
            "en",
            "In the Mount Qirnas rescue, how many helicopters did the rescuers use? (a number)",
            "✓ Right answer: 2 helicopters",
        ),
    ],
)
def test_a_card_asks_and_answers_in_the_language_of_study(desk, rescue, lang, front, back):
    desk.import_bank(rescue, lang)
    shown = desk.card("f-005.count", "Typed").render_output()
    assert words(shown.question_text).startswith(front)
    assert back in words(shown.answer_text)


@pytest.mark.parametrize("lang", LANGS)
def test_a_card_holds_the_other_language_as_a_gloss(desk, rescue, lang):
    desk.import_bank(rescue, lang)
    front = words(desk.card("f-030.claim", "Choice").render_output().question_text)
    assert "ماذا نفت مصلحة الأرصاد الجبلية بشأن الإنذار من العاصفة؟" in front
    assert "what did the Mountain Weather Service deny regarding the storm warning?" in front
    assert "أن يكون الإنذار قد تأخر" in front
    assert "that the warning had come late" in front


# ---------------------------------------------------------------- in one language


@pytest.fixture(params=LANGS)
def lang(request):
    return request.param


@pytest.fixture
def single(lang, tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    return from_folder(second_book.in_one(lang, folder))[1]


@pytest.mark.parametrize("study", LANGS)
def test_a_bank_in_one_language_gives_the_same_notes_and_no_empty_card(desk, single, study):
    log = desk.import_bank(single, study)
    assert len(log.new) == 70
    assert list(desk.col.get_empty_cards().notes) == []
    assert desk.col.fix_integrity() == ("Database rebuilt and optimized.", True)


@pytest.mark.parametrize("study", LANGS)
def test_nothing_stands_on_a_card_for_a_text_that_is_not_there(desk, single, study):
    desk.import_bank(single, study)
    html = " ".join(side for card in all_sides(desk) for side in card)
    assert re.findall(r"\bNone\b|«»|“”|<li></li>|<div class=\"(?:stem|why)\"></div>|<details", html) == []


@pytest.mark.parametrize("study", LANGS)
def test_every_front_is_in_the_bank_s_language(desk, single, lang, study):
    desk.import_bank(single, study)
    fronts = [front for front, _ in all_sides(desk)]
    assert len(fronts) == 144
    assert [front for front in fronts if f'lang="{lang}"' not in front] == []


def test_its_note_has_no_field_in_the_other_language(desk, single, lang):
    desk.import_bank(single)
    other = {"ar": " en", "en": " ar"}[lang]
    note = desk.note("f-030.claim")
    assert {name for name in note.keys() if name.endswith(other) and note[name]} == {f"Title{other}", f"Source{other}"}  # noqa: SIM118
