"""Every address of the site, by role and in both languages: what opens, what is refused, what stays as it was."""

import re
from urllib.parse import quote, unquote

import pytest
from factories import QUESTIONS, make_bank, make_question, more
from sqlalchemy import select
from visitor import Page, Visitor

from quiz import db, security
from quiz.models import Base, User
from quiz.security import throttle
from quiz.services import banks

LANGS = ["ar", "en"]
DIRECTION = {"ar": "ar rtl", "en": "en ltr"}
QUESTION = "f-1.speaker.choice"
OPEN = [
    "/", "/register", "/sign-in", "/progress", "/banks/dam/anki", "/link/some-token", "/settings", "/forgot",
    "/forgot/sent", "/confirm/some-token", "/confirmed", "/gone",
]  # fmt: skip
TEACHING = [
    "/teach/", "/teach/banks/dam", f"/teach/banks/dam/questions/{QUESTION}", "/teach/banks/dam/new/typed",
    f"/teach/banks/dam/questions/{QUESTION}/history", f"/teach/banks/dam/questions/{QUESTION}/conflicts",
    "/teach/banks/dam/checks", "/teach/banks/dam/settings", "/teach/new-bank", "/teach/people",
]  # fmt: skip
POSTS = [
    "/register", "/sign-in", "/sign-out", "/language", "/password", "/link/some-token", "/banks/dam/quiz",
    "/banks/dam/review", "/sittings/{sitting}/missed", "/sittings/{sitting}/finish", "/attempts/{attempt}/answer",
    "/attempts/{attempt}/report", "/attempts/{attempt}/undo", "/attempts/{attempt}/rating", "/attempts/{attempt}/star",
    f"/teach/banks/dam/questions/{QUESTION}", "/teach/reports/1/2/close",
    f"/teach/banks/dam/questions/{QUESTION}/appeal", "/start-afresh", "/forgot", "/confirm/some-token", "/settings",
    "/settings/email", "/settings/email/remove", "/settings/browsers/some-token/end", "/settings/browsers/others/end",
    "/settings/delete",
    f"/teach/banks/dam/questions/{QUESTION}/conflicts", f"/teach/banks/dam/questions/{QUESTION}/restore",
    f"/teach/banks/dam/questions/{QUESTION}/state", f"/teach/banks/dam/questions/{QUESTION}/marks",
    "/teach/banks/dam/check", "/teach/banks/dam/drafts", "/teach/banks/dam/drafts/drop", "/teach/banks/dam/many",
    "/teach/banks/dam/many/1/undo", "/teach/banks/dam/settings", "/teach/banks/dam/topics",
    "/teach/banks/dam/topics/some-token", "/teach/banks/dam/facts/source", "/teach/banks/dam/facts/named/some-token",
    "/teach/banks/dam/editors/1/own", "/teach/banks/dam/editors/1/remove", "/teach/banks/dam/new/some-token",
    "/teach/banks/dam/facts/some-token", "/teach/banks/dam/facts/new/some-token",
    "/teach/new-bank", "/teach/invite", "/invitation/some-token",
    "/teach/people/1/some-token/end",
    "/join/some-token", "/assignments/1/start", "/teach/classes/", "/teach/classes/1/code", "/teach/classes/1/close",
    "/teach/classes/1/roster", "/teach/classes/1/assign", "/teach/classes/1/students/1/pin",
    "/teach/classes/1/students/1/extra", "/teach/classes/1/students/1/remove", "/teach/classes/1/students/1/back",
    "/teach/assignments/1/change", "/teach/assignments/1/withdraw", "/teach/assignments/1/try", "/teach/banks/dam/try",
    "/teach/assignments/1/students/1/allow", "/teach/assignments/1/students/1/sittings/1/reopen",
    "/teach/assignments/1/students/1/answers/1/mark", "/banks/dam/stars", "/teach/banks/dam/source",
    "/teach/import", "/teach/uploads/1", "/teach/banks/dam/imports/1/undo", "/banks/dam/anki",
    "/sign-in/code", "/settings/second-factor/prepare", "/settings/second-factor/on", "/settings/second-factor/codes",
    "/settings/second-factor/off", "/teach/people/1/second-factor/off", "/settings/schedule",
    "/settings/schedule/usual",
]  # fmt: skip
ROLES = ["nobody", "guest", "student", "instructor"]


def contents(app):
    """Every row of every table."""
    with db.reading(db.engine_of(app)) as session:
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


@pytest.fixture
def going_on(app, student):
    """A student in the middle of a quiz of choices: the ids of the sitting and of the open question."""
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(*more(6), id="days"), now=app.config["CLOCK"]())
    page = student.start(bank="days")
    attempt = re.search(r"/attempts/(\d+)/answer", page.html)[1]
    sitting = re.search(r"/sittings/(\d+)/finish", page.html)[1]
    return {"sitting": sitting, "attempt": attempt}


# ---------------------------------------------------------------- what opens to whom


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", OPEN)
def test_a_page_opens_to_everyone_in_their_language(signed_in, role, lang, path):
    page = signed_in(role, lang).get(path)
    assert (page.status, page.lang) == (200, DIRECTION[lang])
    assert page.heading


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", TEACHING)
def test_the_teaching_area_opens_to_an_instructor(signed_in, lang, path):
    page = signed_in("instructor", lang).get(path)
    assert (page.status, page.lang) == (200, DIRECTION[lang])


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", TEACHING)
def test_the_teaching_area_is_closed_to_a_student(signed_in, lang, path):
    page = signed_in("student", lang).get(path)
    assert (page.status, page.lang) == (403, DIRECTION[lang])


@pytest.mark.parametrize("role", ["nobody", "guest"])
@pytest.mark.parametrize("path", TEACHING)
def test_the_teaching_area_sends_others_to_sign_in_and_back(signed_in, role, path):
    page = signed_in(role).get(path)
    assert (page.status, page.location) == (303, f"/sign-in?next={quote(path, safe='/')}")


def test_the_forms_of_the_teaching_area_are_closed_too(app, signed_in):
    nobody, student = signed_in("nobody"), signed_in("student")
    token = student.token
    before = contents(app)
    for path in (path for path in POSTS if path.startswith("/teach")):
        page = nobody.post(path, do="save", seen="1")
        assert (path, page.status, page.location) == (path, 303, "/sign-in?next=/teach/")
        assert (path, student.post(path, csrf_token=token, do="save", seen="1").status) == (path, 403)
    assert contents(app) == before


def test_the_password_page_is_for_those_with_a_name(signed_in):
    assert signed_in("student").get("/password").status == 200
    assert signed_in("guest").get("/password").location == "/sign-in"
    assert signed_in("nobody").get("/password").location == "/sign-in"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ROLES)
def test_what_someone_else_does_is_not_there(app, signed_in, going_on, role, lang):
    other = signed_in(role, lang, **({"login_name": "other", "name_key": "other"} if role == "student" else {}))
    token = other.token
    before = contents(app)
    pages = [
        other.get("/sittings/{sitting}".format(**going_on)),
        other.get("/attempts/{attempt}".format(**going_on)),
        other.post("/attempts/{attempt}/answer".format(**going_on), csrf_token=token, option="1"),
        other.post("/attempts/{attempt}/report".format(**going_on), csrf_token=token, kind="question_wrong"),
        other.post("/attempts/{attempt}/undo".format(**going_on), csrf_token=token),
        other.post("/attempts/{attempt}/rating".format(**going_on), csrf_token=token, rating="3"),
        other.post("/attempts/{attempt}/star".format(**going_on), csrf_token=token, on="1"),
        other.post("/sittings/{sitting}/finish".format(**going_on), csrf_token=token),
    ]
    assert [(page.status, page.lang) for page in pages] == [(404, DIRECTION[lang])] * 8
    assert contents(app) == before


def test_a_bank_that_is_not_public_is_not_there(app, nobody):
    with db.transaction(db.engine_of(app)) as session:
        session.get(banks.BankRow, "dam").state = "draft"
    assert nobody.get("/banks/dam/anki").status == nobody.post("/banks/dam/anki").status == 404
    assert nobody.get("/banks/dam/deck.apkg").status == 404
    assert nobody.post("/banks/dam/quiz", form_key="k" * 24, size="5").status == 404
    assert "The dam talks" not in nobody.get("/").text


# ---------------------------------------------------------------- forms


@pytest.mark.parametrize("lang", LANGS)
def test_a_form_without_its_token_is_refused_and_changes_nothing(app, student, going_on, lang):
    student.client.set_cookie("qimma_lang", lang)
    before = contents(app)
    for path in POSTS:
        page = Page(student.client.post(path.format(**going_on), data={"option": "1", "size": "5"}))
        assert (path, page.status, page.lang) == (path, 400, DIRECTION[lang])
    assert contents(app) == before


def test_every_address_that_takes_a_form_was_tried(app):
    known = {re.sub(r"\{\w+\}", "<>", path.replace(QUESTION, "<>").replace("dam", "<>")) for path in POSTS}
    known = {re.sub(r"some-token|(?<=/)[12](?=/|$)", "<>", path) for path in known}
    rules = {re.sub(r"<[^>]+>", "<>", rule.rule) for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert rules == known


def test_a_token_of_another_browser_is_refused(app, signed_in):
    mine, theirs = signed_in("guest"), signed_in("guest")
    page = mine.client.post("/banks/dam/quiz", data={"csrf_token": theirs.token, "form_key": "k" * 24})
    assert page.status_code == 400


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_is_in_the_language_of_the_account(app, signed_in, lang):
    student = signed_in("student", language=lang)
    student.client.delete_cookie("qimma_lang")
    page = Page(student.client.post("/banks/dam/quiz", headers={"Accept-Language": "fr"}))
    assert (page.status, page.lang) == (400, DIRECTION[lang])


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/banks/nope/quiz", {"size": "5"}, 404),
        ("/banks/nope/review", {}, 404),
        ("/banks/dam/quiz", {"size": "7"}, 422),
        ("/banks/dam/quiz", {"size": str(2**70)}, 422),
        ("/banks/dam/quiz", {"size": "-5"}, 422),
        ("/banks/dam/quiz", {"size": "5", "topic": "nope"}, 404),
        ("/banks/dam/quiz", {"size": "5", "form_key": ""}, 422),
        ("/banks/dam/quiz", {"size": "5", "form_key": "short"}, 422),
        ("/banks/dam/quiz", {"size": "5", "form_key": "k" * 20 + "\0"}, 400),
        ("/attempts/{attempt}/answer", {"option": "9"}, 422),
        ("/attempts/{attempt}/answer", {"option": "0"}, 422),
        ("/attempts/{attempt}/answer", {"option": "-1"}, 422),
        ("/attempts/{attempt}/answer", {"option": str(2**70)}, 422),
        ("/attempts/{attempt}/answer", {"option": "9" * 5000}, 422),
        ("/attempts/{attempt}/answer", {"option": "layla"}, 422),
        ("/attempts/{attempt}/answer", {"option": "\0"}, 400),
        ("/attempts/{attempt}/report", {"kind": "hello"}, 422),
        ("/attempts/{attempt}/rating", {"rating": "5"}, 422),
        ("/attempts/{attempt}/rating", {}, 422),
        ("/attempts/{attempt}/rating", {"rating": "3"}, 404),
        ("/attempts/{attempt}/star", {"on": "yes"}, 422),
        ("/attempts/{attempt}/undo", {}, 409),
        ("/attempts/5/star", {"on": "1"}, 404),
        ("/attempts/5/undo", {}, 404),
        ("/attempts/5/rating", {"rating": "3"}, 404),
        ("/attempts/{attempt}/report", {"kind": "question_wrong"}, 409),
        ("/attempts/5/answer", {"option": "1"}, 404),
        (f"/attempts/{2**70}/answer", {"option": "1"}, 404),
        (f"/sittings/{2**63}/finish", {}, 404),
        ("/sittings/{sitting}/missed", {}, 409),
        ("/language", {"lang": "fr"}, 422),
        ("/progress", {}, 405),
        ("/no/such/address", {}, 404),
    ],
)
def test_bad_input_gets_a_page_that_says_so_and_changes_nothing(app, student, going_on, path, form, status, lang):
    student.client.set_cookie("qimma_lang", lang)
    before = contents(app)
    page = student.post(path.format(**going_on), **{"form_key": "n" * 24, **form})
    assert (page.status, page.lang) == (status, DIRECTION[lang])
    assert page.heading
    assert contents(app) == before


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "path", ["/banks/dam/quiz", "/sign-in", "/register", "/attempts/{attempt}/answer", "/language"]
)
def test_a_body_of_a_megabyte_is_refused(app, student, going_on, path, lang):
    student.client.set_cookie("qimma_lang", lang)
    before = contents(app)
    page = student.post(path.format(**going_on), text="x" * 2**20)
    assert (page.status, page.lang) == (413, DIRECTION[lang])
    assert contents(app) == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", "", "x" * 300])
def test_a_body_of_another_kind_is_refused(app, student, going_on, kind):
    before = contents(app)
    answered = student.client.post(
        "/attempts/{attempt}/answer".format(**going_on), data=b'{"option": 1}', content_type=kind
    )
    assert answered.status_code == 400
    assert contents(app) == before


def test_an_answer_to_a_question_that_was_answered_changes_nothing(app, student, going_on):
    student.post("/attempts/{attempt}/answer".format(**going_on), sure="unknown")
    before = contents(app)
    page = student.post("/attempts/{attempt}/answer".format(**going_on), sure="unknown")
    assert (page.status, page.location) == (303, "/attempts/{attempt}".format(**going_on))
    assert contents(app) == before


def test_an_answer_after_the_end_is_refused(app, student, going_on):
    student.post("/sittings/{sitting}/finish".format(**going_on))
    before = contents(app)
    assert student.post("/attempts/{attempt}/answer".format(**going_on), sure="unknown").status == 409
    assert student.get("/attempts/{attempt}".format(**going_on)).location == "/sittings/{sitting}".format(**going_on)
    assert contents(app) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/banks/nope/anki", 404),
        ("/banks/nope/deck.apkg", 404),
        ("/banks/dam/deck.apkg?lang=fr", 422),
        ("/banks/dam/deck.apkg?lang=%00", 400),
        ("/banks/%00/anki", 404),
        ("/banks/%ED%A0%80/anki", 404),
        ("/banks/%FF/anki?lang=%FF", 404),
        (f"/banks/{'x' * 3000}/anki", 404),
        (f"/sittings/{2**70}", 404),
        (f"/attempts/{2**63}", 404),
        ("/attempts/-1", 404),
        ("/attempts/%D9%A1", 404),
        ("/sittings/0", 404),
        ("/teach/banks/nope", 404),
        ("/teach/banks/dam/questions/nope", 404),
        ("/teach/banks/dam/questions/%00", 404),
        ("/teach/banks/dam/questions/%ED%A0%80", 404),
        ("/sign-out", 405),
        ("/static/../config.py", 404),
        ("/static/%2e%2e/config.py", 404),
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_an_address_that_is_none_gets_a_page_that_says_so(signed_in, path, status, lang):
    page = signed_in("instructor", lang).get(path)
    assert (page.status, page.lang) == (status, DIRECTION[lang])


STRANGE = [
    "",
    "0",
    "-1",
    "x",
    "ء",
    "%00",
    "%FF",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "..",
    "%2F",
    "'",
    "%3Cb%3E",
    str(2**70),
    "a" * 2000,
]


FIELDS = (
    "name", "next", "size", "option", "seen", "text:stem.ar", "form_key", "lang", "kind", "note", "password", "old",
    "key", "do", "sure", "topic", "bring", "on", "rating", "feedback", "minutes", "only", "more",
)  # fmt: skip
ORDINARY = {200, 303, 308, 400, 403, 404, 405, 409, 422, 429}


def statuses(visitor, app, strangest=STRANGE):
    """What every address answers, asked and sent to, with something strange in each of its places."""
    seen = set()
    for rule in {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"}:
        for strange in strangest:
            path = re.sub(r"<[^>]+>", strange, rule)
            seen.add(visitor.get(f"{path}?lang={strange}&next={strange}&told={strange}&saved={strange}").status)
            seen.add(visitor.post(path, **dict.fromkeys(FIELDS, unquote(strange))).status)
    return seen


@pytest.mark.parametrize(
    ("role", "strangest"),
    # Nearly all is closed to the first two, whatever is in it.
    [("nobody", ["%00", "x"]), ("guest", ["0", "%FF"]), ("student", STRANGE[::3]), ("instructor", STRANGE)],
)
def test_no_address_fails_whatever_is_put_in_it(app, signed_in, role, strangest):
    assert statuses(signed_in(role), app, strangest) <= ORDINARY


def test_the_site_runs_on_postgresql_too(new_app, emptied):
    app = new_app(DATABASE_URL=emptied.url.render_as_string(hide_password=False), SECRET_KEY="given")
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(), now=app.config["CLOCK"]())
    visitor = Visitor(app.test_client())
    verdict = visitor.follow(visitor.send(visitor.start().form("/answer"), sure="unknown"))
    assert verdict.status == 200
    assert visitor.post("/register", name="ﷺ" * 20, password="long enough", form_key="r" * 24).status == 422
    assert visitor.post("/register", name="Amal", password="long enough", form_key="r" * 24).status == 303
    assert "Amal" in visitor.get("/progress").text
    assert statuses(visitor, app, ["0", "%00", str(2**70)]) <= ORDINARY


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "qimma_login=\xff\xfe"},
        {"Cookie": "qimma_login=" + "x" * 5000},
        {"Cookie": "qimma_form=broken.token.here; qimma_lang=xx"},
        {"Accept-Language": "\xff;q=x, *;q=0"},
        {"Accept-Encoding": ";;;"},
        {"Referer": "::"},
        {"Range": "bytes=9-1"},
        {"If-None-Match": '"'},
    ],
)
def test_broken_headers_break_no_page(app, headers):
    answered = app.test_client().get("/", headers=headers)
    assert answered.status_code == 200


@pytest.mark.parametrize("lang", LANGS)
def test_a_review_with_nothing_left_says_so_and_leaves_no_guest_behind(app, nobody, lang):
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(make_question("open"), id="essays"), now=app.config["CLOCK"]())
    nobody.client.set_cookie("qimma_lang", lang)
    page = nobody.post("/banks/essays/review", form_key="k" * 24)
    assert (page.status, page.lang) == (409, DIRECTION[lang])
    assert page.heading
    assert contents(app)["users"] == []


# ---------------------------------------------------------------- reading never writes


def test_opening_pages_changes_nothing(app, instructor, signed_in):
    """Every address that a page links to, from every page, as each role; and the questions on the way."""
    student = signed_in("student", login_name="crawler", name_key="crawler")
    student.start("5")
    student.post("/sign-in", name="x", password="y")
    visitors = [signed_in("nobody"), signed_in("guest"), student, instructor]
    before = contents(app)
    seen = [crawl(visitor) for visitor in visitors]
    assert contents(app) == before
    assert [len(paths) > 5 for paths in seen] == [True] * 4
    assert len(seen[3]) > 15


def crawl(visitor: Visitor) -> set[str]:
    waiting, seen = ["/", "/register", "/progress", "/link/x", "/password", "/healthz"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/") or path.startswith("/static/"):
            continue
        seen.add(path)
        page = visitor.get(path)
        assert page.status in {200, 303}, path
        waiting += [link.partition("#")[0] or path for link in page.links]
        waiting += [form.action for form in page.forms if form.method == "get"]
        waiting += [page.location] if page.location else []
    return seen


# ---------------------------------------------------------------- the key stays where it is


KEYS = {
    "choice": {
        "key": "omar",
        "options": tuple({**option, "feedback": None} for option in QUESTIONS["choice"]["options"]),
    },
    "true_false": {"key": True},
    "typed": {"answer": {"ar": "عمر سالم", "en": "Omar Salem"}, "accepted": ()},
    "cloze": {"answer": {"ar": "7", "en": "7"}, "value": "7"},
    "multi_select": {"keys": ("visas",)},
    "ordering": {
        "items": (
            {"id": "vote", "text": {"ar": "التصويت", "en": "the vote"}},
            {"id": "treaty", "text": {"ar": "المعاهدة", "en": "the treaty"}},
            {"id": "visit", "text": {"ar": "الزيارة", "en": "the visit"}},
            {"id": "meeting", "text": {"ar": "اللقاء", "en": "the meeting"}},
        )
    },
}


def question_page(new_app, monkeypatch, lang, question):
    """The page of a quiz's one question, with the ids that every run gives and without its tokens."""
    ids = iter(range(1000, 2000))
    for module in ("sittings", "asking"):
        monkeypatch.setattr(f"quiz.services.study.{module}.new_id", lambda: next(ids))
    monkeypatch.setattr("secrets.randbits", lambda bits: 7)
    app = new_app()
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(question), now=app.config["CLOCK"]())
    page = Visitor(app.test_client(), lang).start("all")
    assert page.status == 200
    return re.sub(r'name="csrf_token" value="[^"]+"| data-who="\d+"', "", page.html)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KEYS)
def test_a_question_looks_the_same_whichever_answer_is_right(new_app, monkeypatch, kind, lang):
    feedback = {"feedback": {"ar": "تفسير مختلف.", "en": "Another reason."}}
    one = question_page(new_app, monkeypatch, lang, make_question(kind))
    other = question_page(new_app, monkeypatch, lang, make_question(kind, **KEYS[kind], **feedback))
    assert one == other


@pytest.mark.parametrize("lang", LANGS)
def test_a_matching_names_its_sides_by_place(new_app, monkeypatch, lang):
    """Which right belongs to which left is told by nothing but what they say."""
    page = question_page(new_app, monkeypatch, lang, make_question("matching"))
    assert re.findall(r'name="(right-\d)"', page) == ["right-1", "right-2"]
    assert re.findall(r'<option value="(\d*)"', page) == ["", "1", "2", "3"] * 2
    assert re.findall(r"minister\b(?!<)|envoy\b(?!<)", re.sub(r">[^<]+<", "><", page)) == []


@pytest.mark.parametrize("kind", ["choice", "multi_select", "true_false", "ordering"])
def test_a_question_names_its_options_by_place(new_app, monkeypatch, kind):
    question = make_question(kind)
    page = question_page(new_app, monkeypatch, "en", question)
    ids = [option.id for option in getattr(question, "options", ())] + [
        item.id for item in getattr(question, "items", ())
    ]
    attributes = re.sub(r">[^<]+<", "><", page)
    assert [name for name in ids if name in attributes] == []


# ---------------------------------------------------------------- twice, and again


def test_a_school_begins_at_once_and_nobody_makes_people_without_end(app, nobody, signed_in, monkeypatch):
    monkeypatch.setitem(throttle.MOST_BY_SUBJECT, "newcomer", 3)
    begun = [signed_in("nobody").post("/banks/dam/quiz", form_key=f"{nr}" * 24, size="5").status for nr in range(3)]
    assert begun == [303] * 3
    assert nobody.post("/banks/dam/quiz", form_key="n" * 24, size="5").status == 429
    assert nobody.post("/register", form_key="r" * 24, name="Amal", password="long enough").status == 429
    assert signed_in("guest").post("/banks/dam/quiz", form_key="g" * 24, size="5").status == 303


def test_a_double_click_on_start_makes_one_guest_and_one_sitting(app, nobody):
    token = nobody.token
    form = {"csrf_token": token, "form_key": "k" * 24, "size": "5"}
    one = nobody.client.post("/banks/dam/quiz", data=form)
    nobody.client.delete_cookie("qimma_login")  # the browser gave up on the first answer
    two = nobody.client.post("/banks/dam/quiz", data=form)
    assert (one.status_code, one.location) == (303, two.location)
    assert nobody.get(two.location).status == 303
    rows = contents(app)
    assert [len(rows[table]) for table in ("users", "sittings", "attempts")] == [1, 1, 1]


def test_a_start_form_sent_again_never_signs_in_to_an_account(app, nobody):
    nobody.start()
    nobody.post("/register", name="Amal", password="long enough", form_key="r" * 24)
    nobody.post("/sign-out")
    again = nobody.post("/banks/dam/quiz", form_key="k" * 24, size="5")
    assert again.status == 303
    assert nobody.get("/password").location == "/sign-in"
    assert nobody.get(again.location).status == 404


def test_a_double_click_on_register_makes_one_account_and_signs_in(app, nobody):
    nobody.start()
    form = {"name": "Amal", "password": "long enough", "form_key": "r" * 24}
    one = nobody.post("/register", **form)
    nobody.client.delete_cookie("qimma_login")
    two = nobody.post("/register", **form)
    assert (one.status, one.location, two.status, two.location) == (303, "/progress", 303, "/progress")
    assert "Amal" in nobody.get("/password").text
    assert len(contents(app)["users"]) == 1


def test_a_register_form_sent_again_with_another_password_signs_nobody_in(app, nobody):
    form = {"name": "Amal", "password": "long enough", "form_key": "r" * 24}
    nobody.post("/register", **form)
    nobody.post("/sign-out")
    assert nobody.post("/register", **{**form, "password": "guessed it"}).status == 422
    assert nobody.get("/password").location == "/sign-in"


def test_a_restart_loses_nothing(new_app, tmp_path, empty_file):
    file = tmp_path / "site.sqlite"
    file.write_bytes(empty_file.read_bytes())
    settings = {"DATABASE_URL": f"sqlite:///{file}"}
    first = new_app(**settings)
    with db.transaction(db.engine_of(first)) as session:
        banks.load(session, make_bank(*more(6)), now=first.config["CLOCK"]())
    visitor = Visitor(first.test_client())
    question = visitor.start("5")
    form = question.form("/answer")
    login = visitor.client.get_cookie("qimma_login").value
    cookie = visitor.client.get_cookie("qimma_form").value

    again = Visitor(new_app(**settings).test_client())
    again.client.set_cookie("qimma_login", login)
    again.client.set_cookie("qimma_form", cookie)
    # The form that was open through the restart is still good.
    verdict = again.follow(again.send(form, option="1"))
    assert verdict.status == 200
    assert "question 2 of 5" in again.get("/").text


# ---------------------------------------------------------------- headers and cookies


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nope", "/healthz", "/static/style.css", "/banks/dam/deck.apkg", "/teach/"]
)
def test_every_answer_carries_the_headers(nobody, path):
    headers = nobody.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nope", "/progress"])
def test_no_page_is_kept_on_the_way(nobody, path):
    assert nobody.get(path).headers["Cache-Control"] == "no-store"


def cookies_set(app):
    """The flags of every cookie that the site ever sets."""
    visitor = Visitor(app.test_client())
    visitor.client.delete_cookie("qimma_lang")
    base = app.config["PUBLIC_URL"] or "http://localhost"
    page = visitor.get("/sign-in", base_url=base)
    token = dict(page.form("/sign-in").fields)["csrf_token"]
    form = {"csrf_token": token, "form_key": "k" * 24, "size": "5", "lang": "en"}
    headers = {"Referer": f"{base}/"}
    responses = [
        page.response,
        visitor.client.post("/banks/dam/quiz", data=form, base_url=base, headers=headers),
        visitor.client.post("/language", data=form, base_url=base, headers=headers),
        visitor.client.post("/sign-out", data=form, base_url=base, headers=headers),
    ]
    lines = [line for response in responses for line in response.headers.getlist("Set-Cookie")]
    return sorted(
        (line.partition("=")[0], *sorted({"HttpOnly", "Secure", "SameSite=Lax"} & set(line.split("; "))))
        for line in lines
    )


def test_cookies_are_out_of_scripts_reach_and_stay_on_this_site(app):
    flags = ("HttpOnly", "SameSite=Lax")
    assert cookies_set(app) == [
        ("qimma_form", *flags), ("qimma_lang", *flags), ("qimma_login", *flags), ("qimma_login", *flags),
    ]  # fmt: skip


def test_cookies_of_a_site_with_https_travel_encrypted(new_app):
    """And those that count have names that a neighbour's site cannot give to its own."""
    flags = ("HttpOnly", "SameSite=Lax", "Secure")
    assert cookies_set(new_app(PUBLIC_URL="https://quiz.example.org")) == [
        ("__Host-qimma_form", *flags), ("__Host-qimma_login", *flags), ("__Host-qimma_login", *flags),
        ("qimma_lang", *flags),
    ]  # fmt: skip


def test_an_encrypted_site_says_so(nobody):
    secure = nobody.get("/", base_url="https://quiz.example.org").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in nobody.get("/").headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "evil",
        "",
        "/\t/evil",
        "/x\r\nA: b",
        "\u0000/",
    ],
)
def test_nobody_is_sent_off_the_site(app, target):
    with app.test_request_context():
        assert security.own_path(target) == "/"


@pytest.mark.parametrize("target", ["/teach/", "/banks/dam/anki?lang=ar", "/progress"])
def test_a_path_of_the_site_is_gone_on_to(nobody, target):
    assert nobody.post("/language", lang="en", next=target).location == target


# ---------------------------------------------------------------- signing in and out


@pytest.fixture
def amal(app):
    """A named account with a password, not signed in."""
    visitor = Visitor(app.test_client())
    visitor.post("/register", name="Amal", password="long enough", form_key="r" * 24)
    visitor.post("/sign-out")
    return visitor


def test_signing_out_ends_the_login_for_good(app, amal):
    amal.post("/sign-in", name="Amal", password="long enough")
    stolen = amal.client.get_cookie("qimma_login").value
    assert amal.get("/password").status == 200
    amal.post("/sign-out")
    assert amal.client.get_cookie("qimma_login") is None
    amal.client.set_cookie("qimma_login", stolen)
    assert amal.get("/password").status == 303


def test_a_login_ends_by_itself(app, amal, clock):
    app.config["IDLE_DAYS"] = 365
    amal.post("/sign-in", name="Amal", password="long enough")
    clock.move(days=179)
    assert amal.get("/password").status == 200
    clock.move(days=1)
    assert amal.get("/password").status == 303


def test_another_password_signs_other_browsers_out(app, amal):
    amal.post("/sign-in", name="Amal", password="long enough")
    other = Visitor(app.test_client())
    other.post("/sign-in", name="amal", password="long enough")
    assert amal.post("/password", old="wrong", password="even longer").status == 422
    assert other.get("/password").status == 200
    assert amal.post("/password", old="long enough", password="even longer").location == "/password?saved=yes"
    assert (amal.get("/password").status, other.get("/password").status) == (200, 303)


@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_name_and_a_wrong_password_get_one_message(amal, lang):
    amal.client.set_cookie("qimma_lang", lang)
    pages = [
        amal.post("/sign-in", name="Amal", password="wrong one"),
        amal.post("/sign-in", name="Omar", password="long enough"),
    ]
    words = {re.sub(r"Amal|Omar|[\w.-]{60,}", "", page.html) for page in pages}
    assert ([page.status for page in pages], len(words)) == ([422, 422], 1)


@pytest.mark.parametrize("name", ["Amal", "Omar"])
def test_a_name_that_is_tried_too_often_has_to_wait(amal, clock, name):
    statuses = [amal.post("/sign-in", name=name, password="wrong one").status for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert amal.post("/sign-in", name="Amal", password="long enough").status == {"Amal": 429, "Omar": 303}[name]
    clock.move(minutes=15)
    assert amal.post("/sign-in", name="Amal", password="long enough").status == 303


def test_an_address_that_tries_many_names_has_to_wait(amal):
    statuses = [amal.post("/sign-in", name=f"name {nr}", password="wrong one").status for nr in range(51)]
    assert statuses == [422] * 50 + [429]
    assert amal.post("/sign-in", name="Amal", password="long enough").status == 429


def test_signing_in_brings_a_guests_answers_along_when_asked_to(app, amal):
    guest = Visitor(app.test_client())
    guest.follow(guest.send(guest.start().form("/answer"), sure="unknown"))
    assert "1 answer" in guest.get("/sign-in").text
    guest.post("/sign-in", name="Amal", password="long enough", bring="yes")
    assert "question 2 of 5" in guest.get("/").text
    assert len(contents(app)["users"]) == 1


def test_signing_in_leaves_a_guests_answers_when_not_asked_to(app, amal):
    guest = Visitor(app.test_client())
    guest.start()
    guest.post("/sign-in", name="Amal", password="long enough")
    assert "question 1 of 5" not in guest.get("/").text
    assert len(contents(app)["users"]) == 2


@pytest.mark.parametrize(("role", "target"), [("instructor", "/teach/"), ("student", "/password")])
def test_a_link_is_spent_by_its_button_not_by_its_page(app, nobody, clock, role, target):
    with db.transaction(db.engine_of(app)) as session:
        user = User(login_name="salma", name_key="salma", role=role, created_at=clock())
        session.add(user)
        session.flush()
        token = security.make_link(session, user.id, now=clock(), hours=72)
    nobody.get(f"/link/{token}")
    page = nobody.get(f"/link/{token}")
    signed = nobody.send(page.form(f"/link/{token}"))
    assert (signed.status, signed.location) == (303, target)
    assert nobody.follow(signed).status == 200
    nobody.client.delete_cookie("qimma_login")
    assert nobody.post(f"/link/{token}").status == 404
    assert nobody.client.get_cookie("qimma_login") is None
