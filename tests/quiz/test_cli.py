"""The qimma command: what it says, what it writes, and how it ends."""

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import click
import pytest
from factories import make_bank, make_question, more

from questions import generate
from questions.formats import bank_json
from quiz import db
from quiz.cli import main
from quiz.cli import qimma as command
from quiz.services import accounts, banks

BOOK = """
id = "dam"
deck = "Qimma::dam"
languages = ["en"]
title.en = "The dam talks"
"""


@pytest.fixture
def data(tmp_path, monkeypatch, empty_file):
    """The data folder, with a database that has the schema and the small bank."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / db.DATABASE_FILE).write_bytes(empty_file.read_bytes())
    monkeypatch.setenv("QIMMA_DATA_DIR", str(folder))
    monkeypatch.delenv("QIMMA_DATABASE_URL", raising=False)
    monkeypatch.delenv("QIMMA_PUBLIC_URL", raising=False)
    engine = db.make_engine(db.embedded_url(str(folder)))
    with db.transaction(engine) as session:
        banks.load(session, make_bank(make_question(), *more(2)), now=datetime(2026, 1, 12, tzinfo=UTC))
    engine.dispose()
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command as the shell does: (exit status, standard output, standard error)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["qimma", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    return call


@pytest.fixture
def stored(data):
    """What the database holds now."""

    def read(query):
        engine = db.make_engine(db.embedded_url(str(data)))
        with db.reading(engine) as session:
            found = query(session)
        engine.dispose()
        return found

    return read


def commands(group=command, path=()):
    """Every command and group, by its words."""
    yield path
    for name, one in sorted(group.commands.items()):
        if isinstance(one, click.Group):
            yield from commands(one, (*path, name))
        else:
            yield (*path, name)


COMMANDS = list(commands())


def test_these_are_the_commands():
    assert [" ".join(path) for path in COMMANDS] == [
        "", "bank", "bank check", "bank coverage", "bank export", "bank import", "bank load", "bank new",
        "bank release", "db", "db backup", "db copy", "db restore", "db sweep", "db upgrade", "doctor", "export",
        "export anki", "serve", "user", "user add", "user drop-factor",
        "user link",
    ]  # fmt: skip


def test_help_loads_nothing_that_it_does_not_need():
    asked = "import sys; from quiz.cli import main; sys.argv[1:] = ['--help']; main(); print(sorted(sys.modules))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout  # noqa: S603
    slow = ("flask", "sqlalchemy", "pydantic", "alembic", "openpyxl", "fsrs", "genanki", "pathlib", "questions.errors")
    assert [name for name in slow if f"'{name}'" in said] == []
    assert "'click'" in said


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_teaches_itself(run, path):
    status, out, _ = run(*path, "--help")
    assert (status, out.startswith(f"Usage: qimma {' '.join(path)}".rstrip())) == (0, True)
    assert len(out.splitlines()) > 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["bank", "nope"],
        ["bank", "export"],
        ["serve", "--port", "0"],
        ["export", "anki", "-o", "x", "--lang", "fr"],
        ["user", "add"],
    ],
)
def test_a_mistyped_command_ends_with_2(run, data, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "Error: " in err


def test_the_command_runs_from_a_shell():
    done = subprocess.run([sys.executable, "-m", "quiz", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("qimma, version ")


# ---------------------------------------------------------------- fact files


def test_the_packaged_bank_has_no_error(run):
    status, out, _ = run("bank", "check")
    assert status == 0
    assert out.startswith("talks-2021-12-07: ")
    assert out.endswith(" questions, no error\n")


def test_every_problem_of_a_broken_folder_is_named_at_once(run, tmp_path):
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "topics.toml").write_text("[[topic]]\nid = 'A B'\n", encoding="utf-8")
    (tmp_path / "facts.toml").write_text("[[fact]\n", encoding="utf-8")
    status, out, err = run("bank", "check", tmp_path)
    *problems, last = err.splitlines()
    assert (status, out) == (1, "")
    assert {line.partition(":")[0] for line in problems} >= {"book.toml", "facts.toml"}
    assert last == f"Error: {len(problems)} problem(s); nothing was changed."


@pytest.mark.parametrize("what", ["check", "load", "release"])
def test_a_folder_without_a_book_is_refused(run, data, tmp_path, what):
    empty = tmp_path / "empty"
    empty.mkdir()
    status, out, err = run("bank", what, empty)
    problems = "empty: no fact files (*.toml) here\nError: 1 problem(s); nothing was changed.\n"
    assert (status, out, err) == (1, "", problems)
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("what", ["check", "load", "release"])
def test_a_folder_that_is_not_there_is_a_mistyped_command(run, data, tmp_path, what):
    assert run("bank", what, tmp_path / "nowhere")[0] == 2


@pytest.fixture
def copied(tmp_path):
    """The packaged fact files, in a folder that may be written to."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for file in generate.packaged().iterdir():
        if file.name.endswith((".toml", ".json")):
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_a_release_writes_down_what_changed_and_nothing_the_second_time(run, copied):
    (copied / "ledger.json").unlink()
    first = run("bank", "release", copied)
    ledger = (copied / "ledger.json").read_bytes()
    again = run("bank", "release", copied)
    count = len(json.loads(ledger))
    assert first == (0, f"talks-2021-12-07: {count} questions in the ledger, {count} new or changed\n", "")
    assert again == (0, f"talks-2021-12-07: {count} questions in the ledger, 0 new or changed\n", "")
    assert (copied / "ledger.json").read_bytes() == ledger


def test_a_bank_that_changed_since_its_release_fails_the_check(run, copied):
    run("bank", "release", copied)
    ledger = json.loads((copied / "ledger.json").read_text("utf-8"))
    name = min(ledger)
    ledger[name]["digest"] = "0" * 16
    (copied / "ledger.json").write_text(json.dumps(ledger), encoding="utf-8")
    status, _, err = run("bank", "check", copied)
    assert status == 1
    assert f'ledger.json: question "{name}": has changed since the release; run: qimma bank release' in err


def test_loading_again_changes_nothing(run, data):
    first, again = run("bank", "load"), run("bank", "load")
    assert (first[0], again[0]) == (0, 0)
    new = first[1].split()[1]
    assert first[1] == f"talks-2021-12-07: {new} new, 0 changed, 0 as before, 0 retired, 0 with conflicts\n"
    assert again[1] == f"talks-2021-12-07: 0 new, 0 changed, {new} as before, 0 retired, 0 with conflicts\n"


# ---------------------------------------------------------------- bank files


def test_a_bank_is_written_to_standard_output_and_to_a_file_alike(run, data, tmp_path):
    status, out, err = run("bank", "export", "-o", "-")
    assert (status, err) == (0, "")
    assert run("bank", "export", "-o", tmp_path / "dam.json", "--bank", "dam") == (0, "", "")
    assert (tmp_path / "dam.json").read_text("utf-8") == out
    assert [entry["question"]["id"] for entry in json.loads(out)["entries"]] == [
        "f-1.speaker.choice", "f-10.day.choice", "f-11.day.choice",
    ]  # fmt: skip


def test_an_exported_bank_is_imported_as_it_was(run, data, tmp_path, stored):
    run("bank", "export", "-o", tmp_path / "dam.json")
    assert run("bank", "import", tmp_path / "dam.json") == (0, "dam: 0 new, 0 changed, 3 as before, 0 retired\n", "")
    copy = bank_json.load((tmp_path / "dam.json").read_bytes(), "dam.json").model_copy(update={"id": "copy"})
    (tmp_path / "copy.json").write_text(bank_json.dump(copy), encoding="utf-8")
    assert run("bank", "import", tmp_path / "copy.json") == (0, "copy: 3 new, 0 changed, 0 as before, 0 retired\n", "")
    assert stored(lambda session: banks.whole(session, "copy")) == copy


LIES = {
    "not-json": (b"{", "is not JSON: "),
    "not-text": (b"\xff\xfe\x00", "is not UTF-8 text (byte 1)"),
    "empty": (b"", "is not JSON: "),
    "a-list": (b"[]", "is not a bank: expected an object with schema, id, title and entries"),
    "deep": (b"[" * 100_000, "is not JSON: "),
    "no-schema": (b"{}", "field schema: is None; this version reads 'qimma-bank/1'"),
    "another-schema": (
        b'{"schema": "qimma-bank/9"}',
        "field schema: is 'qimma-bank/9'; this version reads 'qimma-bank/1'",
    ),
    "a-lie": (b'{"schema": "qimma-bank/1", "id": "dam"}', "field title: Field required"),
    "no-entries": (b'{"schema": "qimma-bank/1", "id": "dam", "entries": 7}', "field title: Field required"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_is_no_bank_is_refused_whole(run, data, tmp_path, stored, name):
    content, problem = LIES[name]
    before = stored(lambda session: banks.whole(session, "dam"))
    (tmp_path / "bank.json").write_bytes(content)
    status, out, err = run("bank", "import", tmp_path / "bank.json")
    assert (status, out) == (1, "")
    assert err.splitlines()[0].startswith(f"bank.json: {problem}")
    assert err.splitlines()[-1].endswith("problem(s); nothing was changed.")
    assert stored(lambda session: (banks.bank_ids(session), banks.whole(session, "dam"))) == (["dam"], before)


def test_a_bad_question_in_a_file_is_named_by_entry_and_field(run, data, tmp_path, stored):
    raw = json.loads(bank_json.dump(make_bank(make_question(), *more(1))))
    raw["entries"][0]["question"]["key"] = "nobody"
    raw["entries"][1]["question"]["stem"] = {}
    (tmp_path / "bank.json").write_text(json.dumps(raw), encoding="utf-8")
    status, _, err = run("bank", "import", tmp_path / "bank.json")
    assert (status, err.splitlines()) == (
        0,
        [
            "bank.json: entry 1 (f-1.speaker.choice): refused: not-understood: key 'nobody' is not the id of an option",
            "bank.json: entry 2 (f-10.day.choice): refused: not-understood: "
            "stem: a text needs at least one language: ar or en",
        ],
    )


@pytest.mark.parametrize("what", [["bank", "export"], ["export", "anki"]])
def test_an_unknown_bank_ends_with_3_and_writes_no_file(run, data, tmp_path, what):
    status, out, err = run(*what, "-o", tmp_path / "out", "--bank", "nope")
    assert (status, out, err) == (3, "", "Error: there is no bank 'nope'\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", [["bank", "export"], ["export", "anki"]])
def test_a_file_that_cannot_be_written_is_said_in_one_line(run, data, tmp_path, what):
    status, _, err = run(*what, "-o", tmp_path / "nowhere" / "out")
    assert (status, len(err.splitlines()), err.startswith("Error: ")) == (1, 1, True)


def test_a_deck_is_written_to_a_file_and_nothing_is_left_beside_it(run, data, tmp_path):
    out = tmp_path / "decks"
    out.mkdir()
    status, said, err = run("export", "anki", "-o", out / "dam.apkg", "--lang", "en")
    assert (status, said, err) == (0, "", "dam: 3 notes, 3 cards, 2 decks\n")
    assert [file.name for file in out.iterdir()] == ["dam.apkg"]
    assert "collection.anki2" in zipfile.ZipFile(out / "dam.apkg").namelist()


def test_a_deck_in_a_pipe_has_the_bytes_of_one_in_a_file(run, data, tmp_path, monkeypatch):
    run("export", "anki", "-o", tmp_path / "dam.apkg")
    reading, writing = os.pipe()
    with open(reading, "rb") as end, open(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert run("export", "anki", "-o", "-")[0] == 0
        pipe.close()
        assert end.read() == (tmp_path / "dam.apkg").read_bytes()


# ---------------------------------------------------------------- people and the database


def test_guests_of_whom_nothing_is_left_are_swept(run, data, stored):
    engine = db.make_engine(db.embedded_url(str(data)))
    with db.transaction(engine) as session:
        accounts.new_guest(session, now=datetime(2026, 1, 1, tzinfo=UTC))
        kept = accounts.new_guest(session, now=datetime.now(UTC))
    engine.dispose()
    assert run("db", "sweep") == (0, "guests deleted: 1\n", "")
    assert run("db", "sweep") == (0, "guests deleted: 0\n", "")
    assert stored(lambda session: accounts.learner(session, kept).id) == kept


def test_an_account_is_made_and_can_sign_in(run, data, stored):
    assert run("user", "add", "Salma", "--role", "instructor", "--password", "long enough") == (
        0,
        "Salma: instructor\n",
        "",
    )
    who = stored(lambda session: accounts.known(session, name="salma"))
    assert accounts.fits(who, "long enough")
    assert stored(lambda session: accounts.teaches(session, who.user_id))


@pytest.mark.parametrize(
    ("name", "password", "problem"),
    [
        ("Salma", "short", "a password has at least 8 characters"),
        ("S", "long enough", "a name has 2 to 60 letters"),
        ("\udcff\udcfe", "long enough", "a name has 2 to 60 letters"),
        ("SALMA", "long enough", "the name 'SALMA' is taken"),
    ],
)
def test_an_account_that_cannot_be_is_refused(run, data, name, password, problem):
    run("user", "add", "salma", "--password", "long enough")
    assert run("user", "add", name, "--password", password) == (1, "", f"Error: {problem}\n")


def test_a_new_link_is_printed_with_the_sites_address(run, data, monkeypatch):
    run("user", "add", "salma", "--password", "long enough")
    plain, based = run("user", "link", "SALMA"), run("user", "link", "salma", "--base", "http://here:8123/")
    monkeypatch.setenv("QIMMA_PUBLIC_URL", "https://quiz.example.org")
    public = run("user", "link", "salma")
    assert [plain[1].rpartition("/")[0], based[1].rpartition("/")[0], public[1].rpartition("/")[0]] == [
        "http://127.0.0.1:8000/link", "http://here:8123/link", "https://quiz.example.org/link",
    ]  # fmt: skip


def test_an_unknown_user_ends_with_3(run, data):
    assert run("user", "link", "Nobody") == (3, "", "Error: there is no user named 'Nobody'\n")


@pytest.mark.parametrize("arguments", [["user", "link", "\udcff"], ["bank", "export", "-o", "-", "--bank", "\udcff"]])
def test_an_argument_that_is_not_text_is_refused_in_one_line(run, data, arguments):
    assert run(*arguments) == (1, "", "Error: an argument is not UTF-8 text\n")


def test_the_schema_is_made_and_then_left_alone(run, tmp_path, monkeypatch):
    monkeypatch.setenv("QIMMA_DATA_DIR", str(tmp_path / "new"))
    assert run("db", "upgrade") == (0, "schema none -> 0004\n", "")
    assert run("db", "upgrade") == (0, "schema 0004\n", "")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("nonsense", 1),
        ("mysql+nothing://here/x", 1),
        ("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", 1),
        ("sqlite:////nowhere/at/all/x.sqlite", 1),
    ],
)
def test_a_database_that_does_not_answer_is_said_in_one_line(run, data, monkeypatch, url, status):
    monkeypatch.setenv("QIMMA_DATABASE_URL", url)
    ended, out, err = run("db", "upgrade")
    assert (ended, out, len(err.splitlines())) == (status, "", 1)
    assert err.startswith("Error: the database: ")


def test_a_file_that_is_no_database_is_said_in_one_line(run, data):
    (data / db.DATABASE_FILE).write_bytes(b"not a database" * 100)
    status, _, err = run("bank", "export", "-o", "-")
    assert (status, err) == (1, "Error: the database: file is not a database\n")


def test_a_schema_of_a_later_version_is_used_and_left_as_it_is(run, data):
    engine = db.make_engine(db.embedded_url(str(data)))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    status, _, err = run("bank", "export", "-o", "-")
    assert (status, err) == (0, "")
    assert run("db", "upgrade") == (0, "schema 9999\n", "")


@pytest.mark.parametrize("name", ["WORKERS", "LINK_HOURS", "MAX_CONTENT_LENGTH"])
def test_a_setting_that_must_be_a_number_is_said_in_one_line(run, data, monkeypatch, name):
    monkeypatch.setenv(f"QIMMA_{name}", "many")
    assert run("user", "link", "x")[1:] == ("", f"Error: QIMMA_{name} must be a whole number, not 'many'\n")


def test_a_database_server_needs_a_secret_that_was_given(run, data, monkeypatch):
    monkeypatch.setenv("QIMMA_DATABASE_URL", "postgresql://here/qimma")
    status, _, err = run("serve", "--port", "8997")
    assert (status, err) == (
        1,
        "Error: QIMMA_SECRET_KEY must be set when QIMMA_DATABASE_URL names a database server\n",
    )


def test_a_new_book_is_a_skeleton_that_passes_the_check(run, tmp_path):
    folder = tmp_path / "book"
    assert run("bank", "new", folder)[0] == 0
    assert sorted(file.name for file in folder.iterdir()) == ["book.toml", "entities.toml", "facts.toml"]
    assert run("bank", "check", folder)[:2] == (0, "my-event: 4 facts, 14 questions, no error\n")


def test_a_new_book_is_never_written_over_files(run, tmp_path):
    (tmp_path / "mine.toml").write_text("mine", "utf-8")
    status, _, said = run("bank", "new", tmp_path)
    assert (status, "is not empty; nothing was written" in said) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]


def test_coverage_names_what_is_asked_in_one_way_only(run, tmp_path):
    folder = tmp_path / "book"
    run("bank", "new", folder)
    lines = run("bank", "coverage", folder)[1].splitlines()
    assert lines[0] == "paragraph 1 (The mayor opened): 2 facts"
    assert lines[2] == "  f-002: f-002.when.choice, f-002.when.typed"
    assert lines[-2:] == ["asked in one way only: f-001.role", "core, never asked from memory: none"]


# ---------------------------------------------------------------- questions from elsewhere

SHEET = """::Capital:: What is the capital of France? {=Paris ~Lyon ~Nice}

::Broken:: What is this? {=Paris ~Lyon

The earth is round. {TRUE}
"""


@pytest.fixture
def sheet(tmp_path):
    file = tmp_path / "geo.gift"
    file.write_text(SHEET, encoding="utf-8")
    return file


def test_a_dry_run_says_what_would_come_of_a_file_and_writes_nothing(run, data, stored, sheet):
    before = stored(lambda session: banks.whole(session, "dam"))
    status, out, err = run("bank", "import", sheet, "--into", "dam", "--dry-run", "--report", "json")
    report = json.loads(out)
    assert (status, err, report["bank"], report["dry_run"]) == (0, "", "dam", True)
    assert [report[name] for name in ("held", "imported", "new", "changed", "same", "skipped", "refused")] == [
        3, 2, 2, 0, 0, 0, 1,
    ]  # fmt: skip
    assert report["notes"] == [
        {"unit": "line", "number": 3, "name": "Broken", "level": "refused", "code": "not-closed", "detail": "{"}
    ]
    assert stored(lambda session: (banks.bank_ids(session), banks.whole(session, "dam"))) == (["dam"], before)


def test_questions_come_into_the_bank_that_is_named_and_each_refusal_has_its_line(run, data, stored, sheet):
    status, out, err = run("bank", "import", sheet, "--into", "dam")
    assert (status, out) == (0, "dam: 2 new, 0 changed, 0 as before, 0 retired, 1 refused\n")
    assert err == "geo.gift: line 3 (Broken): refused: not-closed: {\n"
    assert len(stored(lambda session: banks.live(session, "dam"))) == 5


def test_questions_without_a_bank_become_a_draft_of_their_own(run, data, stored, sheet):
    status, out, _ = run("bank", "import", sheet)
    name = out.partition(":")[0]
    assert (status, name != "dam") == (0, True)
    assert stored(lambda session: (banks.state(session, name), banks.header(session, name).title.en)) == (
        "draft",
        "geo",
    )


def test_a_bank_that_is_not_there_takes_nothing_in(run, data, sheet):
    assert run("bank", "import", sheet, "--into", "nope") == (3, "", "Error: there is no bank 'nope'\n")


# ---------------------------------------------------------------- doctor


@pytest.fixture
def hurt(data, stored):
    """Has a statement done in the database; the folder and the bank are as a site has them."""
    data.chmod(0o700)

    def do(statement):
        with closing(sqlite3.connect(data / db.DATABASE_FILE)) as raw:
            raw.execute(statement)
            raw.commit()

    do("UPDATE banks SET packaged = 1")
    return do


def test_the_doctor_says_a_line_for_each_thing_that_is_sound(run, hurt):
    status, out, err = run("doctor")
    assert (status, err, {line.split()[0] for line in out.splitlines()}) == (0, "", {"ok"})
    assert len(out.splitlines()) == 13


def test_the_doctor_ends_with_1_while_a_fault_is_left(run, hurt):
    hurt("UPDATE questions SET body = '{}' WHERE id = 'f-10.day.choice'")
    status, out, _ = run("doctor", "--mend")
    assert status == 1
    assert "fault  questions: 1 cannot be read whole: dam/f-10.day.choice\n" in out


def test_the_doctor_mends_and_looks_again(run, hurt, data):
    data.chmod(0o755)
    assert run("doctor")[0] == 1
    status, out, _ = run("doctor", "--mend")
    assert (status, data.stat().st_mode & 0o777) == (0, 0o700)
    assert f"fault  files: 1 are open to others: {data} is 755 (qimma doctor --mend)\n" in out
    assert "Mended. Looking again:" in out


def test_where_there_is_no_database_the_doctor_makes_none(run, tmp_path, monkeypatch):
    monkeypatch.setenv("QIMMA_DATA_DIR", str(tmp_path / "none"))
    status, _, err = run("doctor")
    assert (status, "there is no database at" in err, (tmp_path / "none").exists()) == (1, True, False)
