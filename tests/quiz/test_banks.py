"""Banks in the database: loading, regenerating under an instructor's edits, files in and out."""

from datetime import UTC, datetime, timedelta

import pytest
from factories import RELEASED, make_bank, make_question, make_user, more
from sqlalchemy import select

from questions.errors import NotFound
from questions.formats import bank_json
from questions.generate import from_folder, packaged
from quiz.models import QuestionRevision, QuestionRow
from quiz.services import banks, editing

STEM = {"ar": "من أعلن الافتتاح؟", "en": "Who announced it?"}
MENDED = {"ar": "من أعلن؟", "en": "Who spoke of the opening?"}
UNRELEASED = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def author(session):
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


def row_of(session, question_id="f-1.speaker.choice"):
    return session.get_one(QuestionRow, ("dam", question_id))


def revisions(session, question_id="f-1.speaker.choice"):
    return session.scalars(
        select(QuestionRevision).where(QuestionRevision.question_id == question_id).order_by(QuestionRevision.number)
    ).all()


def load(session, now, *questions, **more_of):
    return banks.load(session, make_bank(*questions, **more_of), now=now)


def edit(session, author, now, **changes):
    row = row_of(session)
    question = banks.parse(row.body).model_copy(update={})
    edited = make_question(**{**question.model_dump(), **changes})
    return editing.save(session, "dam", edited, seen=row.number, author_id=author, now=now)


def counts(loaded):
    return (loaded.new, loaded.changed, loaded.same, loaded.retired, loaded.conflicts)


# ---------------------------------------------------------------- loading


def test_loading_the_same_bank_again_changes_nothing(session, now):
    first = banks.load(session, make_bank(), now=now)
    before = banks.whole(session, "dam")
    again = banks.load(session, make_bank(), now=now + timedelta(days=1))
    assert (counts(first), counts(again)) == ((12, 0, 0, 0, 0), (0, 0, 12, 0, 0))
    assert banks.whole(session, "dam") == before
    assert {revision.number for revision in session.scalars(select(QuestionRevision))} == {1}


def test_a_question_changed_when_its_release_says_so(session, now):
    load(session, now, make_question(), changed=RELEASED)
    assert row_of(session).changed_at == RELEASED


def test_a_question_that_no_release_knows_changed_when_it_was_loaded(session, now):
    load(session, now, make_question(), changed=UNRELEASED)
    assert row_of(session).changed_at == now


def test_a_corrected_fact_appends_a_revision(session, now):
    load(session, now, make_question())
    later = RELEASED + timedelta(days=5)
    loaded = load(session, now, make_question(stem=STEM), changed=later)
    first, second = revisions(session)
    assert counts(loaded) == (0, 1, 0, 0, 0)
    assert (first.body, second.changed, second.why) == (
        first.generated,
        ["stem.ar", "stem.en"],
        "regenerated",
    )
    assert (row_of(session).number, row_of(session).changed_at) == (2, later)
    assert banks.live(session, "dam")[0].stem.en == "Who announced it?"


def test_a_vanished_question_is_retired_and_comes_back(session, now):
    load(session, now, make_question(), *more(1))
    gone = load(session, now + timedelta(days=1), *more(1))
    assert counts(gone) == (0, 0, 1, 1, 0)
    assert [question.id for question in banks.live(session, "dam")] == ["f-10.day.choice"]
    assert row_of(session).changed_at == now + timedelta(days=1)
    back = load(session, now + timedelta(days=2), make_question(), *more(1))
    assert counts(back) == (0, 1, 1, 0, 0)
    assert [question.id for question in banks.live(session, "dam")] == ["f-1.speaker.choice", "f-10.day.choice"]


def test_what_was_written_by_hand_does_not_vanish_with_the_facts(session, now):
    by_hand = make_question("typed", id="by-hand-1", facts=(), sources=())
    load(session, now, make_question())
    banks.import_file(session, make_bank(by_hand), now=now)
    load(session, now, *more(1))
    assert {question.id for question in banks.live(session, "dam")} == {"by-hand-1", "f-10.day.choice"}


# ---------------------------------------------------------------- under an instructor's edits


def test_an_edit_is_kept_and_the_fact_reaches_the_fields_that_it_left_alone(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, stem=MENDED)
    loaded = load(session, now, make_question(feedback={"ar": "جديد.", "en": "New."}))
    question = banks.live(session, "dam")[0]
    assert (question.stem.en, question.feedback.en) == ("Who spoke of the opening?", "New.")
    assert (counts(loaded), row_of(session).conflicts) == ((0, 1, 0, 0, 0), [])
    assert [revision.why for revision in revisions(session)] == ["generated", "edited", "regenerated"]


def test_an_edited_question_is_newer_than_the_release_it_is_merged_with(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, stem=MENDED)
    assert row_of(session).changed_at == now
    later = now + timedelta(days=3)
    load(session, later, make_question(feedback={"en": "New."}), changed=RELEASED)
    assert row_of(session).changed_at == later


def test_a_field_that_both_changed_stays_the_instructors_and_is_listed(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, stem={**MENDED, "ar": "من أعلن فتح السد؟"})
    loaded = load(session, now, make_question(stem={"ar": "من أعلن فتح السد؟", "en": "Who announced it?"}))
    assert counts(loaded) == (0, 1, 0, 0, 1)
    assert row_of(session).conflicts == [
        {
            "field": "stem.en",
            "was": "Who announced the opening of the dam?",
            "now": "Who announced it?",
            "yours": "Who spoke of the opening?",
        }
    ]
    assert (row_of(session).hidden, banks.live(session, "dam")[0].stem.en) == (False, "Who spoke of the opening?")


def test_a_changed_key_under_an_edited_key_hides_the_question(session, now, author):
    load(session, now, make_question(), *more(1))
    edit(session, author, now, key="omar")
    load(session, now, make_question(key="nils"), *more(1))
    assert row_of(session).hidden
    assert [question.id for question in banks.live(session, "dam")] == ["f-10.day.choice"]


def test_saving_settles_the_conflict_and_shows_the_question_again(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, key="omar")
    load(session, now, make_question(key="nils"))
    edit(session, author, now)
    assert (row_of(session).hidden, row_of(session).conflicts) == (False, [])
    load(session, now, make_question(key="nils"))
    assert (row_of(session).hidden, banks.live(session, "dam")[0].key) == (False, "omar")


def test_a_conflict_waits_through_later_loads(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, key="omar", stem=MENDED)
    load(session, now, make_question(key="nils", stem=STEM))
    load(session, now, make_question(key="nils", stem=STEM, feedback={"en": "Something else."}))
    load(session, now, *more(1))
    load(session, now, make_question(key="nils", stem=STEM, feedback={"en": "Something else."}))
    assert row_of(session).hidden
    assert sorted(conflict["field"] for conflict in row_of(session).conflicts) == ["key", "stem.ar", "stem.en"]
    assert banks.live(session, "dam") == []


def test_a_conflict_is_over_when_the_fact_comes_round_to_the_edit(session, now, author):
    load(session, now, make_question())
    edit(session, author, now, key="omar")
    load(session, now, make_question(key="nils"))
    load(session, now, make_question(key="omar"))
    assert (row_of(session).hidden, row_of(session).conflicts) == (False, [])


def test_an_edit_of_a_retired_question_is_there_when_it_comes_back(session, now, author):
    load(session, now, make_question(), *more(1))
    edit(session, author, now, stem=MENDED)
    load(session, now, *more(1))
    load(session, now, make_question(), *more(1))
    assert banks.live(session, "dam")[0].stem.en == "Who spoke of the opening?"


def test_revisions_are_only_ever_added(session, now, author):
    load(session, now, make_question())
    seen = [(revision.number, revision.body, revision.why) for revision in revisions(session)]
    edit(session, author, now, stem=MENDED)
    load(session, now, make_question(stem=STEM))
    banks.import_file(session, make_bank(make_question(stem={"en": "From a file"})), now=now)
    load(session, now, *more(1))
    after = [(revision.number, revision.body, revision.why) for revision in revisions(session)]
    assert after[:1] == seen
    assert [line[0] for line in after] == [1, 2, 3, 4]
    assert [line[2] for line in after] == ["generated", "edited", "regenerated", "imported"]


# ---------------------------------------------------------------- files


def test_a_bank_that_was_written_out_and_read_elsewhere_is_the_same(session, now, author):
    load(session, now, make_question(), make_question("matching"), make_question("open"), *more(2))
    edit(session, author, now, stem=MENDED)
    load(session, now, make_question(), make_question("matching"), make_question("open"), *more(1))
    there = banks.whole(session, "dam")
    elsewhere = bank_json.load(bank_json.dump(there).encode(), "dam.json").model_copy(update={"id": "copy"})
    banks.import_file(session, elsewhere, now=now + timedelta(days=9))
    copied = banks.whole(session, "copy")
    assert copied.entries == there.entries
    assert [entry.retired for entry in copied.entries] == [False, False, False, False, True]
    assert copied.model_copy(update={"id": "dam"}) == there


def test_importing_a_file_again_changes_nothing(session, now, author):
    load(session, now, make_question(), *more(2))
    edit(session, author, now, key="omar")
    load(session, now, make_question(key="nils"), *more(1))  # one hidden, one retired
    there = banks.whole(session, "dam")
    loaded = banks.import_file(session, there, now=now + timedelta(days=1))
    assert counts(loaded) == (0, 0, 3, 0, 0)
    assert banks.whole(session, "dam") == there
    assert row_of(session).hidden


def test_importing_a_newer_text_takes_over_its_time(session, now):
    banks.import_file(session, make_bank(make_question(), changed=RELEASED), now=now)
    newer = RELEASED + timedelta(days=2)
    banks.import_file(session, make_bank(make_question(stem=STEM), changed=newer), now=now)
    assert (row_of(session).changed_at, row_of(session).number) == (newer, 2)


def test_importing_an_older_text_is_a_change_of_now(session, now):
    banks.import_file(session, make_bank(make_question(), changed=RELEASED), now=now)
    older = RELEASED - timedelta(days=2)
    banks.import_file(session, make_bank(make_question(stem=STEM), changed=older), now=now)
    assert row_of(session).changed_at == now


def test_importing_leaves_alone_what_the_file_does_not_hold(session, now):
    load(session, now, make_question(), *more(1))
    loaded = banks.import_file(session, make_bank(make_question("cloze")), now=now)
    assert counts(loaded) == (1, 0, 0, 0, 0)
    assert len(banks.live(session, "dam")) == 3


def test_an_imported_text_over_a_generated_one_is_an_edit_of_it(session, now):
    load(session, now, make_question())
    banks.import_file(session, make_bank(make_question(stem=MENDED)), now=now)
    load(session, now, make_question(feedback={"en": "New."}))
    question = banks.live(session, "dam")[0]
    assert (question.stem.en, question.feedback.en) == ("Who spoke of the opening?", "New.")


# ---------------------------------------------------------------- reading


def test_an_unknown_bank_is_not_found(session):
    with pytest.raises(NotFound, match="there is no bank 'nope'"):
        banks.whole(session, "nope")


def test_what_a_bank_holds_leaves_out_what_cannot_be_asked(session, now):
    load(session, now, make_question("cloze"), make_question("open"), *more(3))
    load(session, now, make_question("cloze"), make_question("open"), *more(2))
    held = banks.holdings(session, "dam")
    assert (held.questions, held.facts, held.topics) == (3, 0, (("talks", 2), ("water", 1)))
    assert held.whole == 4


def test_the_facts_behind_a_bank_are_read_back_from_its_tables(session, now):
    book, bank = from_folder(packaged())
    banks.load(session, bank, book=book, now=now)
    found = banks.facts_of(session, bank.id)
    assert (found.header, found.entities, found.topics, found.sets) == (
        book.header,
        book.entities,
        book.topics,
        book.sets,
    )
    assert found.facts == book.facts
    assert banks.facts_of(session, bank.id) is found


def test_a_bank_without_facts_has_no_book(session, now):
    banks.load(session, make_bank(), now=now)
    assert banks.facts_of(session, "dam") is None
