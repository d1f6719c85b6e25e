"""Pictures and sounds of questions: kept once, shown with the permission of their bank, and taken along."""

import base64
import hashlib
import io
import json
import zipfile

import pytest
from factories import make_bank, make_question
from sqlalchemy import func, select
from test_importing import bring, preview_of, take_back

from questions.formats import bank_json
from quiz import db
from quiz.models import BankRow, MediaRow, QuestionRow
from quiz.services import banks, copying, media

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OGG = b"OggS" + bytes(range(200))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
DIGEST = hashlib.sha256(PNG).hexdigest()
SOUND = hashlib.sha256(OGG).hexdigest()


def item(data, name="flag.png", kind="image/png", **more):
    return {"name": name, "type": kind, "data": base64.b64encode(data).decode(), **more}


def shown(*items, **changes):
    return make_question(media=items, **changes)


@pytest.fixture
def put(app, clock):
    """Brings a bank with files in, as a file of ours."""

    def call(*questions, **changes):
        with db.transaction(db.engine_of(app)) as session:
            banks.import_file(session, make_bank(*questions, **changes), now=clock())

    return call


def test_a_file_is_kept_once_and_questions_name_it(session, now):
    second = make_question("open", media=(item(PNG, "again.png"),))
    banks.import_file(session, make_bank(shown(item(PNG)), second), now=now)
    assert session.execute(select(MediaRow.digest, MediaRow.type, MediaRow.data)).one() == (DIGEST, "image/png", PNG)
    bodies = session.scalars(select(QuestionRow.body)).all()
    assert all(f"sha256:{DIGEST}" in body for body in bodies)
    assert not any(base64.b64encode(PNG).decode() in body for body in bodies)


def test_a_bank_leaves_with_its_files_and_comes_back_equal(session, now):
    there = make_bank(shown(item(PNG, alt="A flag"), item(OGG, "hymn.ogg", "audio/ogg")))
    banks.import_file(session, there, now=now)
    assert banks.whole(session, "dam").entries == there.entries
    loaded = banks.import_file(session, there, now=now)
    assert (loaded.new, loaded.changed, loaded.same) == (0, 0, 1)


@pytest.mark.parametrize("data", [SVG, b"<html><script>alert(1)</script>", b"MZ\x90\0", b"\0"])
def test_what_is_no_picture_or_sound_by_its_content_is_not_kept(session, now, data):
    banks.import_file(session, make_bank(shown(item(data))), now=now)
    assert session.scalar(select(func.count()).select_from(MediaRow)) == 0
    assert banks.live(session, "dam")[0].media == ()


def test_a_files_type_is_what_it_holds_whatever_it_calls_itself(session, now):
    banks.import_file(session, make_bank(shown(item(PNG, "x.svg", "image/svg+xml"))), now=now)
    assert session.scalars(select(MediaRow.type)).one() == "image/png"
    assert banks.live(session, "dam")[0].media[0].type == "image/png"


def test_a_file_cannot_name_what_another_bank_holds(session, now):
    banks.import_file(session, make_bank(shown(item(PNG))), now=now)
    stolen = {"name": "a.png", "type": "image/png", "data": f"sha256:{DIGEST}"}
    banks.import_file(session, make_bank(shown(stolen), id="other"), now=now)
    with pytest.raises(Exception, match="no such picture"):
        media.file(session, "other", DIGEST)
    assert banks.whole(session, "other").entries[0].question.media == ()


# ---------------------------------------------------------------- the address


def test_a_picture_comes_as_what_it_is_and_can_run_nothing(nobody, put):
    put(shown(item(PNG)))
    page = nobody.client.get(f"/banks/dam/media/{DIGEST}")
    assert (page.status_code, page.mimetype, page.data) == (200, "image/png", PNG)
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert page.headers["Content-Disposition"] == "inline"
    assert page.headers["Cache-Control"] == "private, max-age=3600"


def test_a_sound_is_sent_in_parts_and_not_twice(nobody, put):
    put(shown(item(OGG, "hymn.ogg", "audio/ogg")))
    part = nobody.client.get(f"/banks/dam/media/{SOUND}", headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, OGG[4:10])
    again = nobody.client.get(f"/banks/dam/media/{SOUND}", headers={"If-None-Match": f'"{SOUND}"'})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["x", "0" * 64, DIGEST.upper(), DIGEST[:-1], f"{DIGEST}0", "..%2f..%2fsecret"])
def test_another_address_holds_nothing(nobody, put, path):
    put(shown(item(PNG)))
    assert nobody.get(f"/banks/dam/media/{path}").status == 404
    assert nobody.get(f"/banks/nope/media/{DIGEST}").status == 404


def test_a_drafts_pictures_are_its_editors(app, put, nobody, student, instructor, signed_in):
    put(shown(item(PNG)))
    with db.transaction(db.engine_of(app)) as session:
        session.get(BankRow, "dam").state = "draft"
        copying.add_editor(session, "dam", instructor.user_id, owner=True, now=app.config["CLOCK"]())
    other = signed_in("instructor", login_name="other", name_key="other")
    found = [visitor.get(f"/banks/dam/media/{DIGEST}").status for visitor in (nobody, student, other, instructor)]
    assert found == [404, 404, 404, 200]


# ---------------------------------------------------------------- where it is shown


def test_a_question_shows_its_picture_before_the_answer_and_after(student, put):
    put(shown(item(PNG, "the-answer.png", alt="A green flag"), item(OGG, "hymn.ogg", "audio/ogg")), id="flags")
    before = student.start(bank="flags", size="all")
    form = next(form for form in before.forms if "/attempts/" in form.action and ("option", "1") in form.offered)
    after = student.follow(student.send(form, option="1"))
    assert "Right answer" in after.text
    for page in (before, after):
        assert f'<img src="/banks/flags/media/{DIGEST}" alt="A green flag">' in page.html
        assert f'<audio controls preload="none" src="/banks/flags/media/{SOUND}"' in page.html
        assert "the-answer" not in page.html


def test_a_preview_shows_pictures_that_are_not_stored_yet(instructor, put):
    data = bank_json.dump(make_bank(shown(item(PNG), item(SVG, "bad.svg", "image/svg+xml")), id="flags"))
    page = preview_of(instructor, data, "flags.json")
    assert f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}"' in page.html
    assert "entry 1 «f-1.speaker.choice» : a picture or sound is too large, or of a kind that is not kept" in page.text
    assert page.html.count("data:image") == 1
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


def test_pictures_go_along_to_anki(instructor, put):
    put(shown(item(PNG)))
    deck = instructor.client.get("/banks/dam/files/anki/file?lang=en").data
    with zipfile.ZipFile(io.BytesIO(deck)) as package:
        index = json.loads(package.read("media"))
        assert [package.read(number) for number in index] == [PNG]


def test_taking_an_import_back_takes_its_pictures_along(instructor, app):
    page = bring(instructor, bank_json.dump(make_bank(shown(item(PNG), id="new-1"))), "dam.json", "dam")
    assert instructor.get(f"/banks/dam/media/{DIGEST}").status == 200
    take_back(instructor, page)
    assert instructor.get(f"/banks/dam/media/{DIGEST}").status == 404
