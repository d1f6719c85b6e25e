"""Leaving: everything about a person handed out whole, or deleted whole; and guests of whom nothing is left."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from types import NoneType

import pytest
from factories import make_attempt, make_bank, make_learner, make_question, make_user, more
from sqlalchemy import func, insert, select, update
from test_at_once import while_open
from visitor import Visitor

from questions.bank import QUESTION
from questions.errors import NotFound
from questions.responses import Chosen, ChosenMany, Judged, Matched, Ordered, Unknown, Written
from quiz import db, security
from quiz.models import (
    LEARNER_TABLES,
    Base,
    Card,
    Idempotency,
    Link,
    Login,
    QuestionRevision,
    ReviewLog,
    User,
)
from quiz.services import accounts, banks, editing, leaving, once, own_data, study

TABLES = Base.metadata.tables
BY_PERSON = (
    "members",
    "teachers",
    "editors",
    "drafts",
    "allowances",
    "uploads",
    "second_factors",
    "recovery_codes",
)  # rows that are nothing without the person
CONTENT = {"classes", "assignments", "banks", "questions", "question_revisions", "facts", "fact_revisions", "passages"}


def lived(app, session, now, **user):
    """A learner with a row in every table that can hold one."""
    learner = make_learner(session, **user)
    attempt = make_attempt(session, make_question(), *more(2), learner=learner, now=now)
    study.answer(session, attempt, learner=learner, response=Chosen(option="omar"), now=now)
    editing.report(session, attempt, learner_id=learner.id, kind="question_wrong", note="=1+1 مرحبا", now=now)
    study.star(session, "dam", "f-1.speaker.choice", learner=learner, on=True, now=now)
    study.set_exam(session, "dam", 20500, learner=learner)
    once.claim(session, f"k{learner.id}" + "k" * 20, owner=learner.id, now=now)
    security.make_link(session, learner.id, now=now, hours=72)
    with app.test_request_context():
        security.open_login(session, learner.id, now)
    in_a_class(session, learner, attempt, now)
    session.flush()
    return learner


def in_a_class(session, learner, attempt, now):
    """What classes and editing keep by the person: a place, an allowance, a draft, a mark that was changed."""
    for table, row in {
        "classes": {"id": learner.id, "name": "7b", "created_at": now},
        "assignments": {
            "id": learner.id, "class_id": learner.id, "bank_id": "dam", "title": "Week 1", "plan": {}, "attempts": 1,
            "feedback": "each", "counted": "best", "close_share": 0.5, "created_at": now,
        },
        "members": {
            "class_id": learner.id, "user_id": learner.id, "name": "Amal", "extra_time": 0.0, "joined_at": now,
        },
        "teachers": {"class_id": learner.id, "user_id": learner.id, "at": now},
        "editors": {"bank_id": "dam", "user_id": learner.id, "at": now},
        "drafts": {"user_id": learner.id, "bank_id": "dam", "about": "new:choice", "seen": 0, "form": {}, "at": now},
        "uploads": {"id": learner.id, "user_id": learner.id, "name": "a.csv", "data": b"a", "at": now},
        "second_factors": {"user_id": learner.id, "salt": "salt", "since": now, "last_step": 1},
        "recovery_codes": {"user_id": learner.id, "code_hash": "hash"},
        "fittings": {
            "learner_id": learner.id, "id": 6, "at": now, "reviews": 1000, "unseen": 200, "loss_before": 0.5,
            "loss_after": 0.4, "kept": True,
        },
        "allowances": {
            "assignment_id": learner.id, "user_id": learner.id, "extra_minutes": 5, "extra_attempts": 0, "why": "ill",
            "at": now,
        },
        "mark_changes": {
            "learner_id": learner.id, "id": 5, "attempt_id": attempt, "share_before": 0.0, "share_after": 1.0,
            "cause": "hand", "why": "=1", "at": now,
        },
    }.items():  # fmt: skip
        session.execute(insert(TABLES[table]).values({name: row[name] for name in row if name in TABLES[table].c}))


def rows_of(session, user_id):
    """How many rows each table holds of a person."""
    counts = {}
    for name, table in TABLES.items():
        columns = [table.c.learner_id] if "learner_id" in table.c else []
        columns += [key.parent for key in table.foreign_keys if key.column.table.name == "users"]
        columns += [table.c[column] for column in ("owner", "user_id") if name == "idempotency"]
        columns += [table.c.id] if name == "users" else []
        if columns:
            own = [column == user_id for column in columns]
            counts[name] = session.scalar(
                select(func.count()).select_from(table).where(own[0] if len(own) == 1 else own[0] | own[1])
            )
    return counts


# ---------------------------------------------------------------- deleting


def test_a_learner_has_rows_everywhere_before_they_leave(app, session, now):
    counts = rows_of(session, lived(app, session, now).id)
    assert {name for name, count in counts.items() if count} == {
        *LEARNER_TABLES, "users", "logins", "links", "idempotency", *BY_PERSON,
    }  # fmt: skip


def test_nothing_is_left_of_whoever_leaves_and_all_of_everyone_else(app, session, now):
    learner = lived(app, session, now, login_name="Amal", name_key="amal")
    other = lived(app, session, now)
    before = rows_of(session, other.id)
    content = {name: session.scalar(select(func.count()).select_from(TABLES[name])) for name in CONTENT}
    gone = learner.id
    leaving.erase(session, [gone])
    assert set(rows_of(session, gone).values()) == {0}
    assert rows_of(session, other.id) == before
    assert {name: session.scalar(select(func.count()).select_from(TABLES[name])) for name in CONTENT} == content


def test_the_name_of_whoever_left_is_free_again(session, now):
    made = accounts.credentials("Amal", "long enough")
    leaving.erase(session, [accounts.register(session, made, now=now)])
    assert accounts.register(session, made, now=now)


def test_what_an_instructor_wrote_stays_without_a_name(session, now):
    author = make_user(session, login_name="salma", name_key="salma", role="instructor")
    banks.load(session, make_bank(*more(2)), now=now)
    session.execute(update(banks.BankRow).values(owner_id=author))
    question = next(iter(banks.live(session, "dam")))
    mended = QUESTION.validate_python(question.model_dump() | {"stem": {"ar": "أي يوم؟", "en": "Which day?"}})
    editing.save(session, "dam", mended, seen=1, author_id=author, now=now)
    leaving.erase(session, [author])
    assert banks.live(session, "dam", [question.id]) == [mended]
    assert set(session.scalars(select(QuestionRevision.author_id))) == {None}
    assert session.scalars(select(banks.BankRow.owner_id)).all() == [None]


def test_every_reference_to_a_person_is_deleted_or_emptied():
    """A table that comes later is a learner's, is deleted by name, or lets go of the person."""
    references = [
        (name, key.parent) for name, table in TABLES.items() for key in table.foreign_keys
        if key.column.table.name == "users"
    ]  # fmt: skip
    assert [
        f"{name}.{column.name}"
        for name, column in references
        if name not in {*LEARNER_TABLES, "logins", "links", *BY_PERSON} and not column.nullable
    ] == []


def test_leaving_twice_changes_nothing_more(app, session, now):
    gone = lived(app, session, now).id
    leaving.erase(session, [gone])
    leaving.erase(session, [gone])
    assert set(rows_of(session, gone).values()) == {0}


def test_an_answer_and_a_leaving_at_once_leave_nothing(shared_engine, now):
    """Whichever is first: the other waits for it, and finds all of it or nobody."""
    for turn in range(2):
        with db.transaction(shared_engine) as session:
            learner = make_learner(session)
            attempt = make_attempt(session, *more(3), learner=learner, now=now)

        def answer(session, learner=learner, attempt=attempt):
            return study.answer(session, attempt, learner=learner, response=Unknown(), now=now)

        def leave(session, learner=learner):
            return leaving.erase(session, [learner.id])

        first, second = (answer, leave) if turn == 0 else (leave, answer)
        results = while_open(shared_engine, first, second)
        assert isinstance(results[turn == 0], NoneType)
        assert turn == 0 or isinstance(results[1], NotFound)
        with db.reading(shared_engine) as session:
            assert set(rows_of(session, learner.id).values()) == {0}


# ---------------------------------------------------------------- the page that deletes


def everyone(app):
    with db.reading(db.engine_of(app)) as session:
        return session.scalar(select(func.count()).select_from(User))


@pytest.fixture
def amal(app):
    visitor = Visitor(app.test_client())
    visitor.post("/register", name="Amal", password="long enough", form_key="r" * 24)
    return visitor


def test_an_account_is_deleted_with_its_password_only(app, amal):
    amal.start()
    assert amal.post("/settings/delete", password="wrong one").status == 422
    assert amal.post("/settings/delete", word="delete").status == 422
    assert everyone(app) == 1
    page = amal.post("/settings/delete", password="long enough")
    assert (page.status, page.location, everyone(app)) == (303, "/gone", 0)
    assert amal.client.get_cookie("qimma_login") is None
    assert amal.post("/settings/delete", password="long enough").location == "/settings"  # a second click


def test_a_password_for_deleting_is_not_tried_without_end(app, amal):
    statuses = [amal.post("/settings/delete", password="wrong one").status for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert amal.post("/settings/delete", password="long enough").status == 429
    assert everyone(app) == 1


@pytest.mark.parametrize("word", ["delete", " DELETE ", "حذف"])
def test_a_guest_is_deleted_by_a_word(app, nobody, word):
    nobody.start()
    assert nobody.post("/settings/delete", word="no").status == 422
    assert nobody.post("/settings/delete", word="").status == 422
    page = nobody.post("/settings/delete", word=word)
    assert (page.location, everyone(app)) == ("/gone", 0)


def test_starting_afresh_leaves_the_guest_and_makes_a_new_one(app, nobody):
    nobody.follow(nobody.send(nobody.start().form("/answer"), sure="unknown"))
    token = nobody.client.get_cookie("qimma_login").value
    page = nobody.post("/start-afresh")
    assert (page.status, page.location) == (303, "/")
    assert "question 2 of 5" not in nobody.get("/").text
    nobody.client.set_cookie("qimma_login", token)
    assert "question 2 of 5" not in nobody.get("/").text
    nobody.post("/banks/dam/quiz", form_key="n" * 24, size="5")
    assert everyone(app) == 2


def test_home_says_whose_progress_it_is(nobody, signed_in):
    assert "Not yours?" not in nobody.get("/").text
    nobody.start()
    assert "Not yours? Start afresh" in nobody.get("/").text
    page = signed_in("student").get("/")
    assert "The progress here is that of student" in page.text
    assert "Not yours? Sign out" in page.text


# ---------------------------------------------------------------- guests of whom nothing is left


def guest(session, now, *, days, answers=False, remembered=True):
    """A guest who came some days ago."""
    then = now - timedelta(days=days)
    learner = make_learner(session, created_at=then)
    attempt = make_attempt(session, learner=learner, now=then)
    if answers:
        study.answer(session, attempt, learner=learner, response=Unknown(), now=then)
    if remembered:
        session.execute(
            insert(Login).values(
                token_hash=str(learner.id), user_id=learner.id, created_at=then, expires_at=then + timedelta(days=180)
            )
        )
    return learner.id


@pytest.mark.parametrize(
    ("is_swept", "days", "more_of"),
    [
        (True, 31, {}),
        (False, 29, {}),
        (False, 31, {"answers": True}),
        (True, 31, {"answers": True, "remembered": False}),
        (False, 29, {"answers": True, "remembered": False}),
        (True, 181, {"answers": True}),
    ],
)
def test_a_guest_goes_after_thirty_days(session, now, is_swept, days, more_of):
    guest(session, now, days=days, **more_of)
    assert leaving.sweep(session, now=now) == is_swept
    assert session.scalar(select(func.count()).select_from(User)) == 1 - is_swept


def test_an_account_is_never_swept(session, now):
    make_user(session, login_name="amal", name_key="amal", created_at=now - timedelta(days=900))
    make_user(session, role="instructor", created_at=now - timedelta(days=900))
    assert leaving.sweep(session, now=now) == 0
    assert session.scalar(select(func.count()).select_from(User)) == 2


def test_what_is_worth_nothing_any_more_goes_too(app, session, now):
    learner = lived(app, session, now, login_name="amal", name_key="amal")
    leaving.sweep(session, now=now + timedelta(days=4))
    assert [session.scalar(select(func.count()).select_from(table)) for table in (Login, Link)] == [1, 0]
    leaving.sweep(session, now=now + timedelta(days=181))
    assert session.scalar(select(func.count()).select_from(Login)) == 0
    assert rows_of(session, learner.id)["attempts"] == 2


# ---------------------------------------------------------------- everything handed out


def unpacked(session, user_id, now):
    """The archive's JSON, and its CSV files as lists of rows."""
    packed = zipfile.ZipFile(io.BytesIO(b"".join(own_data.archive(session, user_id, now=now))))
    assert packed.testzip() is None
    tables = {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
        for name in packed.namelist()
        if name.endswith(".csv")
    }
    return json.loads(packed.read("qimma.json")), tables


def test_every_table_of_a_learner_is_handed_out_whole(app, session, now):
    learner = lived(app, session, now, login_name="Amal", name_key="amal")
    lived(app, session, now)
    whole, tables = unpacked(session, learner.id, now)
    counts = rows_of(session, learner.id)
    expected = {name: counts[name] for name in (*LEARNER_TABLES, "logins", "links", "allowances")}
    expected |= {"account": 1, "classes": counts["members"]}
    expected |= {"second_factor": counts["second_factors"], "recovery_codes": counts["recovery_codes"]}
    assert {name: len(rows) for name, rows in whole.items() if name != "made_at"} == expected
    assert {name: len(rows) for name, rows in tables.items()} == expected
    assert min(expected.values()) > 0


@pytest.mark.parametrize("name", LEARNER_TABLES)
def test_every_column_of_a_learners_table_is_handed_out(app, session, now, name):
    learner = lived(app, session, now)
    whole, tables = unpacked(session, learner.id, now)
    columns = {column.name for column in TABLES[name].columns}
    assert columns - set(whole[name][0]) == columns - set(tables[name][0]) == set()


def test_no_secret_is_handed_out(app, session, now):
    learner = lived(app, session, now, login_name="Amal", name_key="amal", password_hash="the hash")
    whole, _ = unpacked(session, learner.id, now)
    text = json.dumps(whole)
    hashes = [*session.scalars(select(Login.token_hash)), *session.scalars(select(Link.token_hash)), "the hash"]
    assert [secret for secret in hashes if secret in text] == []


def test_an_answer_is_handed_out_with_its_question(app, session, now):
    learner = lived(app, session, now)
    whole, tables = unpacked(session, learner.id, now)
    first = {"question_en", "answer_en", "question_ar", "answer_ar", "outcome"}
    assert {name: whole["attempts"][0][name] for name in first} == {
        "question_en": "Who announced the opening of the dam?",
        "answer_en": "Omar Salem",
        "question_ar": "من أعلن فتح السد؟",
        "answer_ar": "عمر سالم",
        "outcome": "wrong",
    }
    assert tables["attempts"][0]["question_ar"] == "من أعلن فتح السد؟"
    assert (whole["attempts"][1]["answer_en"], whole["attempts"][1]["outcome"]) == (None, None)
    assert whole["aims"][0]["exam_day"] == "2026-02-16"
    assert whole["attempts"][0]["id"].isdecimal()


def test_no_cell_is_taken_for_a_formula(app, session, now):
    learner = lived(app, session, now)
    whole, tables = unpacked(session, learner.id, now)
    assert (whole["reports"][0]["note"], tables["reports"][0]["note"]) == ("=1+1 مرحبا", "'=1+1 مرحبا")


@pytest.mark.parametrize(
    ("kind", "response", "words"),
    [
        ("multi_select", ChosenMany(options=("fish", "visas")), "fishing; visas"),
        ("true_false", Judged(value=False), "false"),
        ("typed", Written(text="Layla"), "Layla"),
        ("cloze", Unknown(), ""),
        (
            "ordering",
            Ordered(items=("vote", "visit", "meeting", "treaty")),
            "the vote; the visit; the meeting; the treaty",
        ),
        (
            "matching",
            Matched(pairs=(("minister", "guard"), ("envoy", "minister"))),
            "the minister = Nabil; the envoy = Salma",
        ),
    ],
)
def test_every_kind_of_answer_has_words(kind, response, words):
    assert own_data.answer_text(make_question(kind), response, "en") == words


def test_what_comes_at_the_end_of_a_sitting_is_kept_back_until_then(session, now):
    learner = make_learner(session)
    banks.load(session, make_bank(make_question(), *more(2)), now=now)
    sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=now, feedback="end")
    attempt = study.open_attempt(session, sitting, learner=learner)
    key = study.attempt_page(session, attempt, learner=learner, now=now).question.key
    study.answer(session, attempt, learner=learner, response=Chosen(option=key), now=now)
    whole, _ = unpacked(session, learner.id, now)
    first = whole["attempts"][0]
    assert (first["outcome"], first["share"], first["reason"], whole["review_log"]) == (None, None, None, [])
    assert [card for card in whole["cards"] if card["reps"]] == []
    study.finish(session, sitting, learner=learner, now=now)
    session.expire_all()
    whole, _ = unpacked(session, learner.id, now)
    assert (whole["attempts"][0]["outcome"], len(whole["review_log"]), whole["cards"][0]["reps"]) == ("right", 1, 1)


def test_the_archive_is_one_persons_download(app, student, signed_in):
    student.start()
    response = student.client.get("/settings/data.zip")
    whole = json.loads(zipfile.ZipFile(io.BytesIO(response.data)).read("qimma.json"))
    assert [row["login_name"] for row in whole["account"]] == ["student"]
    assert len(whole["attempts"]) == 1
    assert response.headers["Content-Disposition"] == 'attachment; filename="qimma-2026-01-12.zip"'
    assert signed_in("nobody").get("/settings/data.zip").location == "/settings"


def test_a_long_history_is_sent_in_pieces(session, now):
    learner = make_learner(session)
    banks.load(session, make_bank(*more(2)), now=now)
    session.execute(insert(Card).values(learner_id=learner.id, id=1, bank_id="dam", point="f-10.day", reps=0, lapses=0))
    session.execute(
        insert(ReviewLog),
        [
            {
                "learner_id": learner.id, "id": nr, "card_id": 1, "question_id": f"q-{nr * 7919}", "reviewed_ms": nr,
                "day": 20000, "rating": 3, "counted": False, "guess": False, "kind": "quiz",
            }
            for nr in range(1, 3001)
        ],
    )  # fmt: skip
    pieces = list(own_data.archive(session, learner.id, now=now))
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 2
    assert session.scalar(select(func.count()).select_from(Idempotency)) == 0
