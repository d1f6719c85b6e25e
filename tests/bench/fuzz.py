"""Each importer given mutated files: `python -m tests.bench.fuzz FORMAT MINUTES [SEED]`.

A file is read, laid beside a bank, taken in, and written out again, as the site does it. Whatever is raised but a plain
refusal, and whatever takes long, is a find: it is printed, and its file kept in the folder of the run.
"""

from __future__ import annotations

import io
import json
import random
import re
import sqlite3
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import zstandard
from anki.collection import Collection, ExportAnkiPackageOptions, ImportAnkiPackageRequest

from export.anki import write_deck
from export.files import WRITERS
from questions.errors import QuizError
from questions.formats import WRITTEN, apkg_reviews, write
from quiz import db
from quiz.services import banks, importing
from tests.factories import RELEASED, make_bank

SHARED = Path(__file__).parents[3] / "shared" / "banks"
REAL = {
    "gift": ("gift/**/*.gift", "gift/*.txt"),
    "aiken": ("aiken/*.txt",),
    "moodle_xml": ("moodle_xml/**/*.xml",),
    "csv": ("csv/*.csv",),
    "xlsx": ("csv/*.xlsx",),
}
SUFFIX = {name: one.suffix for name, one in WRITTEN.items()} | {"apkg": ".apkg", "reviews": ".apkg"}
LARGEST_SEED = 60_000  # bytes: of longer ones a part
SLOW = 5.0  # seconds of work on one file
ODD = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "\u202e".encode(), b"\r",
    "\ufdfa".encode() * 40, b"-0", b"NaN", b"1e999", b"9" * 400, b"{", b"}", b"{{c1::", b"}}", b"~%", b"%50%", b"=",
    b"#1:", b"..", b"::", b"$CATEGORY: ", b"ANSWER: ", b"[html]", b"]]>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;", b"&#0;", b"&#xD800;", b"<script>", b'<img src="a.png">', b'"', b'""', b";", b",", b"\t", b"\\", b"\x1f",
    b"\\u0000", b"\\ud800", b"null", b"[]", b"-1", b"true", "ـ".encode() * 30, "٣".encode(), b"{1:SHORTANSWER:=", b"|",
    b"\n\n", b"->", b"/", b"<![CDATA[",
)  # fmt: skip


def seeds(name: str) -> list[bytes]:
    """Real files of the format where they are there, and ours: a bank with every kind of question."""
    found = [file.read_bytes() for pattern in REAL.get(name, ()) for file in sorted(SHARED.glob(pattern))]
    if name in {"apkg", "reviews"}:
        out = io.BytesIO()
        write_deck(make_bank(), out, lang="ar")
        return [out.getvalue(), _repacked(out.getvalue()), _by_anki(out.getvalue())]
    return [*found, write(make_bank(), name, "ar"), write(make_bank(), name, "en")]  # type: ignore[arg-type]


def _repacked(deck: bytes) -> bytes:
    """The same deck as newer versions of Anki pack it, with a log of reviews."""
    with zipfile.ZipFile(io.BytesIO(deck)) as old:
        held = {one: old.read(one) for one in old.namelist()}
    for one in [one for one in held if one.startswith("collection.")]:
        with closing(sqlite3.connect(":memory:")) as raw:
            raw.deserialize(held[one])
            raw.execute(
                "INSERT OR IGNORE INTO revlog SELECT 1700000000000 + id % 100000, id, -1, 3, 1, 1, 99, 1, 1 FROM cards"
            )
            raw.commit()
            held[one] = raw.serialize()
    held["collection.anki21"] = held.get("collection.anki21", held["collection.anki2"])
    return _zip(held)


def _by_anki(deck: bytes) -> bytes:
    """The same deck once Anki has taken it in and given it out again, in its newer format."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "deck.apkg"
        file.write_bytes(deck)
        anki = Collection(str(Path(folder) / "collection.anki2"))
        anki.import_anki_package(ImportAnkiPackageRequest(package_path=str(file)))
        anki.export_anki_package(
            out_path=str(file), options=ExportAnkiPackageOptions(with_media=True, with_scheduling=True), limit=None
        )
        anki.close()
        return file.read_bytes()


def _zip(held: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in held.items():
            archive.writestr(one, data)
    return out.getvalue()


# ---------------------------------------------------------------- mutation


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """What is in a zip archive is mutated inside more often than around."""
    if data.startswith(b"PK") and chance.random() < 0.9:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            held = {one: archive.read(one) for one in archive.namelist()}
        for _ in range(chance.choice((1, 1, 2))):
            one = chance.choice(list(held))
            held[one] = _inside(held[one], chance)
        if chance.random() < 0.05:
            held[chance.choice(("../../up", "a" * 300, "media", "collection.anki21b", "meta"))] = held.pop(one)
        return _zip(held)
    if chance.random() < 0.7 and data.startswith((b"{", b"<")):
        return _value(data, chance)
    return _bytes(data, others, chance)


def _value(data: bytes, chance: random.Random) -> bytes:
    """JSON or XML in which some values are others and all the rest is well-formed."""
    places = list(re.finditer(rb'(?<=>)[^<>]+(?=<)|"(?:[^"\\]|\\.)*"|(?<=[:\[,] )-?[0-9.]+', data))
    for place in sorted(
        chance.sample(places, min(chance.choice((1, 1, 2, 5)), len(places))), key=lambda one: -one.start()
    ):
        odd = chance.choice((chance.choice(ODD), chance.choice(places)[0], chance.choice(places)[0]))
        text = odd.decode("utf-8", "replace")
        if data.startswith(b"<"):
            new = (chance.choice((text, text.strip('"'))).replace("<", "&lt;")).encode()
            new = b'"' + new.replace(b'"', b"") + b'"' if place[0].startswith(b'"') else new
        else:
            new = chance.choice(
                (json.dumps(text).encode(), odd if odd[:1] in b'"-0123456789' else b"null", b"[]", b"1e400")
            )
        data = data[: place.start()] + new + data[place.end() :]
    return data


def _inside(data: bytes, chance: random.Random) -> bytes:
    if data.startswith(b"SQLite") and chance.random() < 0.7:
        try:
            return _rows(data, chance)
        except sqlite3.Error:  # mutated before, and no database any more
            return data
    if data.startswith(b"\x28\xb5\x2f\xfd") and chance.random() < 0.7:
        try:
            with zstandard.ZstdDecompressor().stream_reader(data) as unpacked:
                return zstandard.compress(_inside(unpacked.read(), chance))
        except zstandard.ZstdError:  # the same
            return data
    return _bytes(data, [data], chance)


def _rows(data: bytes, chance: random.Random) -> bytes:
    """A database in which some value, or some column, is another."""
    # What Anki writes is in a mode that a database in memory cannot be in.
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.deserialize(data[:18] + b"\1\1" + data[20:])
        raw.create_collation("unicase", lambda one, other: (one > other) - (one < other))
        tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for _ in range(chance.choice((1, 1, 3))):
            table = chance.choice([one for one in tables if not one.startswith("sqlite_")])
            columns = [row[1] for row in raw.execute(f'PRAGMA table_info("{table}")')]
            row = raw.execute(f'SELECT rowid, * FROM "{table}" ORDER BY random() LIMIT 1').fetchone()  # noqa: S608
            if row is None:
                continue
            nr = chance.randrange(len(columns))
            old = row[nr + 1]
            if isinstance(old, str):
                new: object = _bytes(old.encode(), [old.encode()], chance).decode("utf-8", "replace")
            else:
                new = chance.choice((None, -1, 0, 2**63 - 1, 1.5, "x", b"\xff\0", "", 10**9))
            where = "" if chance.random() < 0.1 else f" WHERE rowid = {row[0]}"
            try:
                raw.execute(f'UPDATE OR REPLACE "{table}" SET "{columns[nr]}" = ?{where}', (new,))  # noqa: S608
            except sqlite3.Error:
                continue
        raw.commit()
        return raw.serialize()


def _bytes(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    if len(data) > LARGEST_SEED and not data.startswith((b"PK", b"SQLite")):
        begin = chance.randrange(len(data) - LARGEST_SEED)
        data = (data[:2000] if chance.random() < 0.5 else b"") + data[begin : begin + LARGEST_SEED]
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at, other = chance.randrange(len(out) + 1), chance.choice(others)
        end = min(len(out), at + chance.choice((1, 2, 8, 60, 400)))
        match chance.randrange(9):
            case 0:
                out[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end] * chance.choice((1, 2, 40))
            case 3:
                del out[at:]
            case 4:
                begin = chance.randrange(len(other) + 1)
                out[at:end] = other[begin : begin + chance.choice((8, 60, 400, 3000))]
            case 5:
                lines = bytes(out).split(b"\n")
                chance.shuffle(lines)
                out = bytearray(b"\n".join(lines[: chance.randrange(len(lines)) + 1]))
            case 6:
                out = bytearray(
                    bytes(out)
                    .decode("utf-8", "replace")
                    .encode(chance.choice(("utf-16", "cp1256", "utf-8")), "replace")
                )
            case _:
                out[at : chance.choice((at, end))] = chance.choice(ODD)
    return bytes(out)


# ---------------------------------------------------------------- what is done with a file


def trier(name: str) -> Callable[[bytes, str], None]:
    if name == "reviews":
        with zipfile.ZipFile(io.BytesIO(seeds("apkg")[1])) as archive, closing(sqlite3.connect(":memory:")) as raw:
            raw.deserialize(archive.read("collection.anki21"))
            guids = {row[0] for row in raw.execute("SELECT guid FROM notes")}

        def reviews(data: bytes, file: str) -> None:
            apkg_reviews.read_reviews(data, file, guids)

        return reviews
    engine = db.make_engine("sqlite://")
    db.upgrade(engine)
    with db.transaction(engine) as session:
        banks.load(session, make_bank(), now=RELEASED)

    def whole(data: bytes, file: str) -> None:
        brought = importing.read(data, file)
        with db.transaction(engine) as session:
            for bank_id in ("dam", None):
                plan = importing.plan(session, brought, bank_id=bank_id, writers=WRITERS)
                json.dumps(plan.report(), ensure_ascii=False).encode()
                importing.bring_in(session, plan, author_id=None, now=RELEASED)
                there = banks.whole(session, plan.header.id)
                for written in WRITTEN if len(data) % 4 == 0 else ():  # slow, and seldom at fault
                    try:
                        write(there, written, "en")
                    except QuizError:
                        continue
            session.rollback()

    return whole


def main() -> None:
    name, minutes = sys.argv[1], float(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    chance, folder = random.Random(seed), Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))  # noqa: S311
    given, attempt = seeds(name), trier(name)
    ends: dict[str, int] = {}
    finds: set[str] = set()
    until = time.monotonic() + minutes * 60
    print(f"{name}: seed {seed}, {len(given)} files to begin with, finds in {folder}", flush=True)
    while time.monotonic() < until:
        data, how = mutated(chance.choice(given), given, chance), "taken"
        begun = time.process_time()
        try:
            attempt(data, f"f{SUFFIX[name]}" if chance.random() < 0.9 else "f.txt")
        except QuizError:
            how = "refused"
        except Exception as fault:
            how, last = "FAILED", traceback.extract_tb(fault.__traceback__)
            ours = [one for one in last if "/quiz/" in one.filename or "/questions/" in one.filename] or last
            where = f"{type(fault).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
            if where not in finds:
                finds.add(where)
                file = folder / f"{len(finds)}{SUFFIX[name]}"
                file.write_bytes(data)
                print(f"{where}: {str(fault)[:300]} ({file})", flush=True)
        spent = time.process_time() - begun
        if spent > SLOW:
            file = folder / f"slow-{spent:.0f}{SUFFIX[name]}"
            file.write_bytes(data)
            print(f"{spent:.1f} s of work ({file})", flush=True)
        ends[how] = ends.get(how, 0) + 1
    print(f"{name}: {sum(ends.values())} files in {minutes:g} minutes: {ends}", flush=True)


if __name__ == "__main__":
    main()
