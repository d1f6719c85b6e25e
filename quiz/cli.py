"""The qimma command. What a subcommand needs is imported when it runs, so that `qimma --help` is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import click

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from questions.bank import Bank
    from questions.formats.incoming import Note
    from quiz.doctor import Finding

# Exit status: the input was refused; what was named does not exist (2 is click's, for usage).
REFUSED, MISSING = 1, 3
DATABASE = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}  # whose refusals are about the database, in one line


def main() -> None:
    """Run the command; a refusal is a line on standard error and an exit status, never a traceback."""
    try:
        qimma.main(prog_name="qimma", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted; nothing was changed.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        lines, status = _refusal(error)
        for line in lines:
            click.echo(line, err=True)
        sys.exit(status)


def _refusal(error: Exception) -> tuple[list[str], int]:
    """What is said of an error, and with which status the command ends. One that nobody expected is raised on."""
    from questions.errors import BadFile, NotFound, QuizError

    if isinstance(error, NotFound):
        return [f"Error: {error}"], MISSING
    if isinstance(error, BadFile):
        return [*map(str, error.problems), f"Error: {len(error.problems)} problem(s); nothing was changed."], REFUSED
    if isinstance(error, QuizError | RuntimeError):
        return [f"Error: {error}"], REFUSED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return [f"Error: {where}{error.strerror or error}"], REFUSED
    if isinstance(error, UnicodeEncodeError):
        return ["Error: an argument is not UTF-8 text"], REFUSED
    if type(error).__module__.split(".")[0] in DATABASE:
        what = str(getattr(error, "orig", None) or error).splitlines()[0]
        return [f"Error: the database: {what}"], REFUSED
    raise error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qimma")
def qimma() -> None:
    """Quizzes and spaced repetition from sourced facts, on the web and in Anki.

    The database and the secret lie in QIMMA_DATA_DIR. Begin with: qimma serve
    """


def _now() -> datetime:
    return datetime.now(UTC)


def _settings() -> dict[str, Any]:
    from quiz import read_settings

    return read_settings()


def _engine() -> Engine:
    from quiz import db

    settings = _settings()
    if not settings["DATABASE_URL"]:
        _path(settings["DATA_DIR"]).mkdir(parents=True, exist_ok=True, mode=0o700)
    return db.make_engine(settings["DATABASE_URL"] or db.embedded_url(settings["DATA_DIR"]))


@contextmanager
def _ready(*, load_packaged: bool = True) -> Iterator[Engine]:
    """A database with today's schema and, if it has no bank yet, the packaged one in it."""
    from quiz import db, starting
    from quiz.services import banks

    engine = _engine()
    try:
        starting.bring_up_to_date(engine)
        with db.reading(engine) as session:
            empty = load_packaged and not banks.bank_ids(session)
        if empty:
            _load(engine, None)
        yield engine
    finally:
        engine.dispose()


def _load(engine: Engine, folder: Path | None) -> tuple[str, Any]:
    from questions import generate
    from quiz import starting

    book, bank = generate.from_folder(folder or generate.packaged())
    with _progress("Loading", len(bank.entries)) as tick:
        loaded = starting.load(engine, book, bank, packaged=folder is None, now=_now(), tick=tick)
    return bank.id, loaded


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error for long work, on a terminal only."""
    if length < 2000 or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


# ---------------------------------------------------------------- serve


@qimma.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Run the site.

    Brings the database up to date first. The first start prints a one-time link for the instructor.
    """
    from quiz import db, security, starting
    from quiz.serving import address_in_use, run

    settings = _settings()
    if address_in_use(host, port):
        raise click.ClickException(
            f"port {port} is in use; another one: qimma serve --port {port + 1} (make serve PORT={port + 1})"
        )
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  (compared, not bound)
    base = (settings["PUBLIC_URL"] or f"http://{here}:{port}").rstrip("/")
    security.secret_key(settings)
    with _ready(load_packaged=False) as engine:
        if not db.is_newer(engine):  # an older bank would undo what the new version loaded
            _load(engine, None)
        starting.sweep(engine, now=_now())
        link = starting.first_link(engine, now=_now(), hours=settings["LINK_HOURS"])
    if link:
        name, token = link
        click.echo(f"Instructor, sign in once with:  {base}/link/{token}")
        click.echo(f"(lost it? qimma user link {name})")
    click.echo(f"Qimma is at  {base}    (Ctrl-C stops it)")
    run(host, port, workers=settings["WORKERS"], threads=settings["THREADS"])


# ---------------------------------------------------------------- bank


@qimma.group()
def bank() -> None:
    """Question banks: check, load, release, export, import."""


def _path(name: str) -> Path:
    from pathlib import Path  # here, since it would be a tenth of `qimma --help`

    return Path(name)


class Place(click.Path):
    """What lies somewhere, as a Path."""

    def coerce_path_result(self, value: Any) -> Any:
        return _path(os.fsdecode(value))


FOLDER = click.argument("folder", required=False, type=Place(exists=True, file_okay=False))


@bank.command()
@FOLDER
def check(folder: Path | None) -> None:
    """Check fact files and the questions that come of them.

    FOLDER holds book.toml and other *.toml files; without it the packaged bank is checked. Every problem is
    printed with its file, fact and field. Exit status 1 when there is an error; remarks alone do not fail.
    """
    from questions import generate, ledger, lint
    from questions.errors import BadFile, Problem

    place = folder or generate.packaged()
    book, made = generate.from_folder(place)
    findings = lint.lint(made, runs=lint.read_runs(place), book=book)
    for finding in findings:
        if finding.level == "remark":
            click.echo(f"remark: {finding}", err=True)
    problems = [
        Problem(made.id, finding.where, f"{finding.what} [{finding.rule}]")
        for finding in findings
        if finding.level == "error"
    ]
    known = ledger.read(place)
    if known or folder is None:
        stale = ledger.differences(known, made.live)
        problems += [
            Problem(ledger.FILE, f'question "{name}"', "has changed since the release; run: qimma bank release")
            for name in stale
        ]
    if problems:
        raise BadFile(problems)
    click.echo(f"{made.id}: {len(book.facts)} facts, {len(made.entries)} questions, no error")


@bank.command()
@FOLDER
def coverage(folder: Path | None) -> None:
    """Show what of the document is asked: for each paragraph its facts, for each fact its questions.

    At the end come the points that are asked in one way only, and core facts that are never asked from memory.
    """
    from questions import coverage, generate

    book, made = generate.from_folder(folder or generate.packaged())
    report = coverage.coverage(book, made)
    questions = {asked.fact: asked.questions for asked in report.facts}
    for paragraph in report.paragraphs:
        click.echo(f"paragraph {paragraph.number} ({paragraph.opening}): {len(paragraph.facts)} facts")
        for fact in paragraph.facts:
            click.echo(f"  {fact}: {', '.join(questions[fact]) or 'not asked'}")
    click.echo(f"asked in one way only: {', '.join(report.one_way) or 'none'}")
    click.echo(f"core, never asked from memory: {', '.join(report.core_without_recall) or 'none'}")


@bank.command()
@click.argument("folder", type=Place())
def new(folder: Path) -> None:
    """Write a commented skeleton of fact files into FOLDER, which must be new or empty.

    It is a small book that passes `qimma bank check`; put your own event in its place.
    """
    from importlib import resources

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is not empty; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    for file in (resources.files("questions") / "skeleton").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    click.echo(f"{folder}: edit the files, then run: qimma bank check {folder}")


@bank.command()
@FOLDER
def load(folder: Path | None) -> None:
    """Load a bank into the database, or bring it up to date there.

    Edits by instructors are kept: they are merged with the new text, field by field.
    """
    from questions import generate, lint
    from questions.errors import BadFile, Problem

    if folder is not None:
        book, made = generate.from_folder(folder)
        findings = lint.lint(made, runs=lint.read_runs(folder), book=book)
        errors = [finding for finding in findings if finding.level == "error"]
        if errors:
            raise BadFile([Problem(made.id, "", str(finding)) for finding in errors])
    with _ready(load_packaged=False) as engine:
        name, loaded = _load(engine, folder)
    click.echo(
        f"{name}: {loaded.new} new, {loaded.changed} changed, {loaded.same} as before, {loaded.retired} retired, "
        f"{loaded.conflicts} with conflicts"
    )


@bank.command()
@FOLDER
def release(folder: Path | None) -> None:
    """Write ledger.json: when each question last changed.

    To be run before a bank is given to others, and committed. Anki tells by these times which notes are newer.
    """
    from questions import generate, ledger

    place = folder or _path(str(generate.packaged()))
    _, made = generate.from_folder(place)
    before = ledger.read(place)
    after = ledger.renew(before, made.live, _now())
    (place / ledger.FILE).write_text(ledger.dump(after), encoding="utf-8")
    changed = sum(1 for name, line in after.items() if before.get(name) != line)
    click.echo(f"{made.id}: {len(after)} questions in the ledger, {changed} new or changed")


OUT = click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File to write; - is standard output.",
)
BANK = click.option("--bank", "bank_id", help="The bank's id; the first bank when left out.")


@contextmanager
def _output(out: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears whole or not at all."""
    if out == "-":
        import shutil
        import tempfile

        with tempfile.TemporaryFile() as file:  # a zip written straight into a pipe has other bytes
            yield file
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
        return
    target = _path(out)
    partial = target.with_name(f".{target.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _bank(bank_id: str | None) -> Bank:
    """A bank as it counts now, instructors' edits included."""
    from questions.errors import NotFound
    from quiz import db
    from quiz.services import banks

    with _ready() as engine, db.reading(engine) as session:
        ids = banks.bank_ids(session)
        if not ids:
            raise NotFound("there is no bank; load one with: qimma bank load")
        return banks.whole(session, bank_id or ids[0])


@bank.command("export")
@OUT
@BANK
def export_bank(out: str, bank_id: str | None) -> None:
    """Write a bank as a file (JSON, complete), instructors' edits included."""
    from questions.formats import bank_json

    text = bank_json.dump(_bank(bank_id))
    with _output(out) as file:
        file.write(text.encode())


@bank.command("import")
@click.argument("file", type=Place(exists=True, dir_okay=False))
@click.option("--into", "bank_id", help="The bank that takes the questions in; a bank of their own when left out.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and write nothing.")
@click.option(
    "--report",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the counts and notes are said.",
)
def import_bank(file: Path, bank_id: str | None, dry_run: bool, report: str) -> None:
    """Bring in questions: a bank file, CSV, XLSX (Kahoot's and Blooket's too), GIFT, Moodle XML, Aiken, Anki packages.

    A bank that `qimma bank export` wrote goes into the bank of its id. Good questions come in; each that is skipped or
    refused is named with its line, row or entry and the reason. Nothing is removed, and instructors can take the
    import back as a whole.
    """
    from export.files import WRITERS
    from questions.formats.incoming import LARGEST
    from quiz import db
    from quiz.services import banks, importing

    if file.stat().st_size > LARGEST:
        raise click.ClickException(f"{file.name} is larger than {LARGEST // 2**20} MiB")
    brought = importing.read(file.read_bytes(), file.name)
    with _ready() as engine, (db.reading if dry_run else db.transaction)(engine) as session:
        own = brought.bank.id if brought.bank is not None and bank_id is None else None
        if bank_id is not None:
            banks.header(session, bank_id)
        elif own in banks.bank_ids(session):
            bank_id = own
        plan = importing.plan(session, brought, bank_id=bank_id, writers=WRITERS, renew=own is not None)
        if not dry_run:
            importing.bring_in(session, plan, author_id=None, now=_now())
    _tell(plan.report() | {"bank": plan.header.id, "dry_run": dry_run}, plan.notes, report)


def _tell(counts: dict[str, Any], notes: tuple[Note, ...], form: str) -> None:
    import json

    if form == "json":
        click.echo(json.dumps(counts, ensure_ascii=False, indent=1))
        return
    for note in notes:
        click.echo(f"{counts['file']}: {note}", err=True)
    rest = "".join(f", {counts[name]} {name}" for name in ("skipped", "refused") if counts[name])
    click.echo(
        f"{counts['bank']}: {counts['new']} new, {counts['changed']} changed, {counts['same']} as before, "
        f"{counts['retired']} retired{rest}{'; nothing was written' if counts['dry_run'] else ''}"
    )


# ---------------------------------------------------------------- export


@qimma.group()
def export() -> None:
    """Files for other programs."""


@export.command()
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File to write; - is standard output. Not needed with --compare.",
)
@BANK
@click.option(
    "--lang",
    type=click.Choice(["ar", "en"]),
    default="ar",
    show_default=True,
    help="The language that the cards show first.",
)
@click.option("--address", help="The site's address, to which cards link; QIMMA_PUBLIC_URL when left out.")
@click.option(
    "--compare",
    "old",
    type=Place(exists=True, dir_okay=False),
    help="An older package: say note by note what an update from it brings.",
)
def anki(out: str | None, bank_id: str | None, lang: str, address: str | None, old: Path | None) -> None:
    """Write an Anki deck (.apkg) with every question of a bank.

    Import it in Anki with its default boxes; a later deck updates the notes in place and keeps their schedule.
    """
    from export.anki import compare, write_deck

    if out is None and old is None:
        raise click.UsageError("Missing option '-o' / '--output', or '--compare'.")
    if address and not address.startswith(("https://", "http://")):
        raise click.BadParameter("an address begins with https:// or http://", param_hint="--address")
    made = _bank(bank_id)
    address = address or _settings()["PUBLIC_URL"] or None
    if old is not None:
        found = compare(made, old.read_bytes(), old.name, address=address)
        for what in ("new", "changed", "retired", "kept", "gone"):
            for point in getattr(found, what):
                click.echo(f"{what}\t{point}", err=out == "-")
        click.echo(
            f"{made.id}: {len(found.new)} new, {len(found.changed)} changed, {len(found.retired)} retired, "
            f"{len(found.same)} as before"
            + (f", {len(found.kept)} other but no newer: Anki keeps its own" if found.kept else "")
            + (f", {len(found.gone)} no longer in the bank: Anki keeps them" if found.gone else ""),
            err=True,
        )
    if out is None:
        return
    with _output(out) as file:
        summary = write_deck(
            made,
            file,
            lang=lang,  # type: ignore[arg-type]  # click checked the choice
            address=address,
        )
    click.echo(f"{made.id}: {summary.notes} notes, {summary.cards} cards, {summary.decks} decks", err=True)


# ---------------------------------------------------------------- user


@qimma.group()
def user() -> None:
    """People who sign in."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["student", "instructor", "admin"]), default="student", show_default=True)
@click.password_option(help="Asked for when left out.")
def add(name: str, role: str, password: str) -> None:
    """Make an account with a name and a password."""
    from questions.errors import BadInput
    from quiz import db
    from quiz.services import accounts

    words = {
        "name": "a name has 2 to 60 letters",
        "password": "a password has at least 8 characters",
        "common": "this password is among the first that are tried",
        "taken": f"the name {name!r} is taken",
    }
    try:
        made = accounts.credentials(name, password)
        with _ready() as engine, db.transaction(engine) as session:
            accounts.register(session, made, role=role, now=_now())
    except BadInput as fault:
        raise click.ClickException(words[str(fault)]) from None
    click.echo(f"{name}: {role}")


@user.command()
@click.argument("name")
@click.option("--base", default=None, help="The site's address; QIMMA_PUBLIC_URL, or http://127.0.0.1:8000.")
def link(name: str, base: str | None) -> None:
    """Print a new one-time link that signs NAME in. An older one stops working."""
    from quiz import db, security
    from quiz.services import accounts

    settings = _settings()
    with _ready() as engine, db.transaction(engine) as session:
        token = security.make_link(session, accounts.by_name(session, name), now=_now(), hours=settings["LINK_HOURS"])
    address = base or settings["PUBLIC_URL"] or "http://127.0.0.1:8000"
    click.echo(f"{address.rstrip('/')}/link/{token}")


@user.command("drop-factor")
@click.argument("name")
def drop_factor(name: str) -> None:
    """Switch off NAME's second factor, for whoever has lost both the device and the recovery codes."""
    from questions.errors import Conflict
    from quiz import db
    from quiz.services import accounts, second_factor, teaching

    with _ready() as engine, db.transaction(engine) as session:
        user_id = accounts.by_name(session, name)
        if not second_factor.is_on(session, user_id):
            raise Conflict(f"{name}: there is no second factor")
        second_factor.switch_off(session, user_id)
        teaching.journal(session, "second-factor-off", author_id=None, now=_now(), user_id=user_id)
    click.echo(f"{name}: the password alone signs in again")


# ---------------------------------------------------------------- db


@qimma.group("db")
def database() -> None:
    """The database."""


@database.command()
def upgrade() -> None:
    """Bring the schema up to date; make it when there is none."""
    from quiz import db, starting

    engine = _engine()
    before = db.current_revision(engine)
    starting.bring_up_to_date(engine)
    after = db.current_revision(engine)
    engine.dispose()
    click.echo(f"schema {after}" if before == after else f"schema {before or 'none'} -> {after}")


REPLACE = click.option("--replace", is_flag=True, help="Put it in place of all that is there.")


@database.command("copy")
@click.argument("address")
@REPLACE
def copy_database(address: str, replace: bool) -> None:
    """Copy everything into the database at ADDRESS (postgresql://... or sqlite:///...), and compare.

    The site may run on meanwhile; what is answered after the start is not in the copy.
    """
    from quiz import db, moving

    source, target = _engine(), db.make_engine(address)
    try:
        _tell_moved(moving.copy(source, target, replace=replace, tick=_tick))
    finally:
        source.dispose()
        target.dispose()


@database.command()
@click.argument("file", type=Place(dir_okay=False))
def backup(file: Path) -> None:
    """Write everything into FILE, which must not be there yet. The site may run on meanwhile."""
    from quiz import moving

    engine = _engine()
    try:
        moving.back_up(engine, file, tick=_tick)
    finally:
        engine.dispose()
    click.echo(f"{file}: {file.stat().st_size / 2**20:.1f} MiB")


@database.command()
@click.argument("file", type=Place(exists=True, dir_okay=False))
@REPLACE
def restore(file: Path, replace: bool) -> None:
    """Bring everything back from a backup, in one step: all of it or nothing."""
    from quiz import moving

    engine = _engine()
    try:
        moved = moving.restore(file, engine, replace=replace, tick=_tick)
    finally:
        engine.dispose()
    click.echo(f"{sum(moved.values())} rows in {len(moved)} tables are back")


def _tick(table: str, rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"{table}: {rows}", err=True)


def _tell_moved(moved: dict[str, Any]) -> None:
    rows = sum(one.rows for one in moved.values())
    click.echo(f"{rows} rows in {len(moved)} tables; counts and checksums agree")


@database.command()
def sweep() -> None:
    """Delete guests of whom nothing is left to come.

    Those who answered nothing in thirty days, and those whom no browser remembers any more, thirty days after their
    last question. Every start of the site does this too.
    """
    from quiz import starting

    with _ready() as engine:
        click.echo(f"guests deleted: {starting.sweep(engine, now=_now())}")


# ---------------------------------------------------------------- doctor


@qimma.command("doctor")
@click.option("--mend", "mends", is_flag=True, help="Put right what can be put right safely, after a backup.")
def examine(mends: bool) -> None:
    """Check everything that can be checked: settings, files, schema, rows, memories, points and sums.

    One line each: ok, or fault with how many there are and the first of them. The site may run on meanwhile.
    Exit status 1 when a fault is left.
    """
    from quiz import db, doctor

    settings = _settings()
    file = _path(settings["DATA_DIR"]) / db.DATABASE_FILE
    if not settings["DATABASE_URL"] and not file.exists():
        raise click.ClickException(f"there is no database at {file}; qimma serve makes one")
    engine = _engine()
    try:
        found = _tell_findings(doctor.examine(engine, settings))
        if mends and any(one.count and one.mendable for one in found):
            backup = doctor.mend(engine, settings, found, now=_now())
            click.echo(f"Mended{f'; as it was before: {backup}' if backup else ''}. Looking again:")
            found = _tell_findings(doctor.examine(engine, settings))
    finally:
        engine.dispose()
    if any(one.count for one in found):
        sys.exit(REFUSED)


def _tell_findings(findings: Iterable[Finding]) -> list[Finding]:
    """A line each, as it comes."""
    found = []
    for one in findings:
        found.append(one)
        more = ", ..." if one.count > len(one.first) and one.first else ""
        can = " (qimma doctor --mend)" if one.mendable else ""
        said = f"{one.count} {one.what}: {', '.join(one.first)}{more}{can}" if one.count else ""
        click.echo(f"fault  {one.name}: {said}" if one.count else f"ok     {one.name}")
    return found
