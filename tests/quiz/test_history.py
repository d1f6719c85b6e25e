"""A question's history: differences, restoring, and deciding what both sides changed."""

import pytest
from factories import make_bank, make_question, make_user, more

from questions.errors import BadInput, Conflict, NotFound
from quiz.services import banks, editing, history

ID = "f-1.speaker.choice"
BANK = "/teach/banks/dam"
CHOICE = f"{BANK}/questions/{ID}"
MINE = {"ar": "من أعلن؟", "en": "Who told the press?"}
FACTS = {"ar": "من أعلن فتح السد؟", "en": "Who announced it?"}


@pytest.fixture
def author(session, now):
    banks.load(session, make_bank(make_question(), *more(3)), now=now)
    return make_user(session, login_name="salma", name_key="salma", role="instructor")


def save(session, author, now, seen=1, **changes):
    return editing.save(session, "dam", make_question(**changes), seen=seen, author_id=author, now=now)


def reload(session, now, **changes):
    banks.load(session, make_bank(make_question(**changes), *more(3)), now=now)
    return session.get_one(banks.QuestionRow, ("dam", ID))


def test_each_revision_says_what_it_changed_who_and_when(session, now, author):
    save(session, author, now, stem=MINE, key="omar")
    newest, first = history.revisions(session, "dam", ID)
    assert (newest.number, newest.author, newest.at, newest.why) == (2, "salma", now, "edited")
    assert [(one.field, one.before, one.after) for one in newest.differences] == [
        ("stem.ar", "من أعلن فتح السد؟", "من أعلن؟"),
        ("stem.en", "Who announced the opening of the dam?", "Who told the press?"),
        ("key", "layla", "omar"),
    ]
    assert (first.number, first.differences) == (1, ())


def test_restoring_appends_a_copy(session, now, author):
    save(session, author, now, stem=MINE)
    assert history.restore(session, "dam", ID, 1, seen=2, author_id=author, now=now) == 3
    opened = editing.open_question(session, "dam", ID)
    assert (opened.question, opened.number, opened.history[0].why) == (make_question(), 3, "restored")
    assert history.restore(session, "dam", ID, 3, seen=3, author_id=author, now=now) == 3


def test_restoring_what_is_not_there_or_on_an_old_page_is_refused(session, now, author):
    save(session, author, now, stem=MINE)
    with pytest.raises(NotFound):
        history.restore(session, "dam", ID, 9, seen=2, author_id=author, now=now)
    with pytest.raises(NotFound):
        history.restore(session, "dam", "f-9.day.choice", 1, seen=1, author_id=author, now=now)
    with pytest.raises(Conflict):
        history.restore(session, "dam", ID, 1, seen=1, author_id=author, now=now)


# ---------------------------------------------------------------- conflicts


@pytest.fixture
def row(session, now, author):
    """Both changed the stem, and the facts brought another reason."""
    save(session, author, now, stem=MINE)
    return reload(session, now, stem={"ar": MINE["ar"], "en": FACTS["en"]}, feedback={"ar": "لأنها قالت.", "en": "So."})


def test_each_field_is_kept_taken_or_written_anew(session, now, author, row):
    assert [conflict["field"] for conflict in row.conflicts] == ["stem.en"]
    for choice, words, stem in (("anew", "Who spoke?", "Who spoke?"),):
        left = history.settle(
            session, "dam", ID, {"stem.en": (choice, words)}, seen=row.number, author_id=author, now=now
        )
        assert (left, banks.parse(row.body).stem.en) == (0, stem)
    assert row.conflicts == []
    assert history.revisions(session, "dam", ID)[0].why == "settled"


@pytest.mark.parametrize(("choice", "stem"), [("mine", MINE["en"]), ("fact", FACTS["en"])])
def test_a_decision_holds_at_the_next_load(session, now, author, row, choice, stem):
    history.settle(session, "dam", ID, {"stem.en": (choice, "")}, seen=row.number, author_id=author, now=now)
    after = reload(
        session, now, stem={"ar": MINE["ar"], "en": FACTS["en"]}, feedback={"ar": "لأنها قالت.", "en": "So."}
    )
    assert (banks.parse(after.body).stem.en, after.conflicts) == (stem, [])


def test_what_is_not_decided_waits_on(session, now, author):
    save(session, author, now, stem=MINE)
    row = reload(session, now, stem=FACTS | {"ar": "من فتح السد؟"})
    assert len(row.conflicts) == 2
    left = history.settle(session, "dam", ID, {"stem.ar": ("fact", "")}, seen=row.number, author_id=author, now=now)
    assert (left, [conflict["field"] for conflict in row.conflicts]) == (1, ["stem.en"])
    assert banks.parse(row.body).stem.ar == "من فتح السد؟"


def test_a_question_whose_key_is_in_doubt_comes_back_with_the_decision(session, now, author):
    save(session, author, now, key="omar")
    row = reload(session, now, key="nils")
    assert (row.hidden, [conflict["field"] for conflict in row.conflicts]) == (True, ["key"])
    history.settle(session, "dam", ID, {"key": ("fact", "")}, seen=row.number, author_id=author, now=now)
    assert (row.hidden, banks.parse(row.body).key) == (False, "nils")


def test_choices_that_do_not_go_together_are_refused(session, now, author):
    save(session, author, now, key="omar")
    question = make_question()
    rows = [option.model_dump() for option in question.options if option.id != "omar"]
    row = reload(session, now, options=rows, key="nils")
    wrong = {conflict["field"]: ("fact", "") for conflict in row.conflicts if conflict["field"] != "key"}
    with pytest.raises(BadInput):
        history.settle(session, "dam", ID, wrong, seen=row.number, author_id=author, now=now)
    right = {conflict["field"]: ("fact", "") for conflict in row.conflicts}
    assert history.settle(session, "dam", ID, right, seen=row.number, author_id=author, now=now) == 0
    assert [option.id for option in banks.parse(row.body).options] == ["layla", "nils", "ada"]


def test_an_empty_new_text_and_an_old_page_are_refused(session, now, author, row):
    with pytest.raises(BadInput, match=r"stem\.en"):
        history.settle(session, "dam", ID, {"stem.en": ("anew", " ")}, seen=row.number, author_id=author, now=now)
    with pytest.raises(Conflict):
        history.settle(session, "dam", ID, {"stem.en": ("mine", "")}, seen=1, author_id=author, now=now)


# ---------------------------------------------------------------- pages


def test_the_history_page_shows_differences_and_restores(app, instructor):
    instructor.send(instructor.get(CHOICE).form(CHOICE), do="save", **{"text:stem.en": "Who told the press?"})
    page = instructor.get(f"{CHOICE}/history")
    assert "Who announced the opening of the dam?" in page.text
    assert "Who told the press?" in page.text
    assert instructor.follow(instructor.send(page.form("/restore"))).status == 200
    assert "Who told the press?" not in instructor.get(BANK).text


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_page_of_conflicts_has_three_columns_and_decides(app, signed_in, lang):
    from quiz import db

    visitor = signed_in("instructor", lang)
    visitor.send(visitor.get(CHOICE).form(CHOICE), do="save", **{"text:stem.en": "Mine"})
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(make_question(stem=FACTS), *more(3)), now=app.config["CLOCK"]())
    page = visitor.get(f"{CHOICE}/conflicts")
    for words in ("Who announced the opening of the dam?", "Who announced it?", "Mine"):
        assert words in page.text
    done = visitor.send(page.form("/conflicts"), **{"choice:stem.en": "fact"})
    assert (done.status, done.location) == (303, f"{CHOICE}?saved=yes")
    assert "Who announced it?" in visitor.get(CHOICE).html
