"""What an update will bring, said before anybody imports it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from anki.collection import ExportAnkiPackageOptions

from export.anki import compare
from questions.errors import BadFile
from questions.texts import Bilingual

LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def after(new_bank, bank):
    """The next version: one question mended, one retired, one without a newer time, one gone and one more."""
    entries = list(bank.entries)
    entries[0] = entries[0].model_copy(update={"changed": LATER})
    entries[3] = entries[3].model_copy(update={"changed": LATER, "retired": True})
    entries[5] = entries[5].model_copy(
        update={"question": entries[5].question.model_copy(update={"tags": ("x",), "feedback": Bilingual(en="So.")})}
    )
    more = entries[3].question.model_copy(update={"id": "f-9.amount.cloze"})
    return new_bank(entries=[*entries[:9], {"question": more, "changed": LATER}])


def told(found):
    return found.new, found.changed, found.retired, found.same, found.kept, found.gone


EXPECTED = (
    ["f-9.amount"],
    ["f-1.speaker"],
    ["f-2.amount"],
    ["s-1.raised", "s-3.roles", "essay-1", "only-arabic"],
    ["s-2.order"],
    ["only-english"],
)


def test_new_changed_retired_and_the_rest_are_told_apart(bank, after, packed):
    assert told(compare(after, packed(bank)[0], "old.apkg")) == EXPECTED


@pytest.mark.parametrize("legacy", [True, False], ids=["old format", "new format"])
def test_a_package_that_came_out_of_anki_will_do(desk, bank, after, legacy):
    desk.import_bank(bank)
    path = desk.folder / "out.apkg"
    desk.col.export_anki_package(
        out_path=str(path),
        limit=None,
        options=ExportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True, with_media=True, legacy=legacy),
    )
    assert told(compare(after, path.read_bytes(), "out.apkg")) == EXPECTED


def test_what_it_tells_is_what_anki_does(desk, bank, after):
    desk.import_bank(bank)
    log = desk.import_bank(after)
    assert (len(log.new), len(log.updated), len(log.duplicate)) == (1, 2, 5)


def test_what_was_retired_before_is_not_retired_once_more(after, packed):
    found = compare(after, packed(after)[0], "old.apkg")
    assert (found.retired, found.changed, len(found.same)) == ([], [], 8)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (lambda packed, bank: packed(bank.model_copy(update={"id": "other"}))[0], "holds no note of the bank 'dam'"),
        (lambda packed, bank: packed(bank)[0][:3000], "is not a whole zip archive"),
        (lambda packed, bank: b"", "is not a whole zip archive"),
    ],
    ids=["another bank", "cut short", "empty"],
)
def test_another_bank_s_package_or_a_damaged_one_is_refused(bank, packed, data, what):
    with pytest.raises(BadFile, match=f"^old.apkg: {what}"):
        compare(bank, data(packed, bank), "old.apkg")
