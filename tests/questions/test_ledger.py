"""When each question of a packaged bank last changed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from factories import make_question

from questions import ledger
from questions.bank import digest
from questions.errors import BadFile
from questions.ledger import Line

FIRST = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2030, 2, 1, 12, 0, tzinfo=UTC)
ONE = make_question("choice", id="f-1.who.choice")
ONE_CHANGED = make_question("choice", id="f-1.who.choice", difficulty=0.9)
TWO = make_question("typed", id="f-2.who.typed")


def test_a_first_release_stamps_every_question():
    new = ledger.renew({}, [ONE, TWO], FIRST)
    assert new == {"f-1.who.choice": Line(digest(ONE), FIRST), "f-2.who.typed": Line(digest(TWO), FIRST)}


def test_an_unchanged_question_keeps_its_time_and_a_changed_one_gets_a_new_one():
    new = ledger.renew(ledger.renew({}, [ONE, TWO], FIRST), [ONE_CHANGED, TWO], LATER)
    assert (new["f-1.who.choice"].changed, new["f-2.who.typed"].changed) == (LATER, FIRST)


def test_a_vanished_question_is_marked_and_never_forgotten():
    gone = ledger.renew(ledger.renew({}, [ONE, TWO], FIRST), [TWO], LATER)
    long_gone = ledger.renew(gone, [TWO], LATER + timedelta(days=9))
    assert gone["f-1.who.choice"] == long_gone["f-1.who.choice"] == Line(digest(ONE), LATER, retired=True)


def test_a_question_that_comes_back_is_new_again():
    gone = ledger.renew(ledger.renew({}, [ONE], FIRST), [], LATER)
    back = ledger.renew(gone, [ONE], LATER + timedelta(days=9))
    assert back["f-1.who.choice"] == Line(digest(ONE), LATER + timedelta(days=9))


def test_times_are_whole_seconds_of_utc():
    east = datetime(2030, 1, 1, 15, 0, 0, 999, tzinfo=timezone(timedelta(hours=3)))
    assert ledger.renew({}, [ONE], east)["f-1.who.choice"].changed == FIRST


def test_what_was_written_is_read_back(tmp_path):
    new = ledger.renew(ledger.renew({}, [ONE, TWO], FIRST), [TWO], LATER)
    (tmp_path / "ledger.json").write_text(ledger.dump(new), "utf-8")
    assert ledger.read(tmp_path) == new
    assert ledger.dump(ledger.read(tmp_path)) == ledger.dump(new)


def test_without_a_file_nothing_is_known(tmp_path):
    assert ledger.read(tmp_path) == {}


def test_differences_name_what_changed_came_and_went():
    known = ledger.renew({}, [ONE, TWO], FIRST)
    three = make_question("choice", id="f-3.who.choice")
    assert ledger.differences(known, [ONE_CHANGED, three]) == ["f-1.who.choice", "f-2.who.typed", "f-3.who.choice"]
    assert ledger.differences(known, [ONE, TWO]) == []


def test_what_is_retired_is_no_difference_until_it_comes_back():
    gone = ledger.renew(ledger.renew({}, [ONE, TWO], FIRST), [TWO], LATER)
    assert ledger.differences(gone, [TWO]) == []
    assert ledger.differences(gone, [ONE, TWO]) == ["f-1.who.choice"]


LINE = '{"digest": "0123456789abcdef", "changed": "%s", "retired": false}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"f-1": 1}',
        b'{"f-1": {"digest": "0"}}',
        b'{"f-1": {"digest": "0", "changed": 5, "retired": false}}',
        ('{"f-1": ' + LINE % "yesterday" + "}").encode(),
        ('{"f-1": ' + LINE % "2030-01-01T12:00:00" + "}").encode(),
        b"\xff",
    ],
)
def test_a_damaged_ledger_is_refused_with_advice(tmp_path, content):
    (tmp_path / "ledger.json").write_bytes(content)
    with pytest.raises(BadFile, match=r"ledger\.json: is damaged \(.*\); restore it from version control"):
        ledger.read(tmp_path)
