"""What someone might try who wants the key before the answer, another's data, or the site to fall over."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from urllib.parse import quote

import pytest
from factories import make_bank, make_learner, make_question, more
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from test_at_once import while_open
from test_site import contents
from visitor import Page, Visitor

from questions.responses import Chosen, Unknown, Written
from quiz import db, security
from quiz.models import Card, User
from quiz.services import accounts, banks, leaving, own_data, study
from quiz.services import settings as own_settings

ORDERING = {"items": tuple({"id": str(nr), "text": {"en": f"event {nr}"}} for nr in range(1, 6))}


def load(app, *questions, **changes):
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(*questions, **changes), now=app.config["CLOCK"]())


# ---------------------------------------------------------------- anything that a browser can send

ODD = [
    "", "0", "-1", "x", "\0", "\ud800", "\u202e\u2066", "é", "ﷺ", "١٢", "1e9", "NaN", str(2**70), "9" * 5000,
    "a" * 3000, "<script>alert(1)</script>", "' OR 1=1 --", "%s%(link)s{0}", "../../etc/passwd", "//evil.example",
    "/\\evil.example", "/\t/evil.example", "https://evil.example", "/[", "javascript:alert(1)", "[]", "{}",
    "a\r\nSet-Cookie: x=1",
        "right/UTC", "posixrules", "2026-13-45", "0001-01-01", "9999-12-31", "starred", "end", "yes", "k" * 24, "layla",
]  # fmt: skip
NAMES = (
    "name", "password", "old", "next", "bring", "zone", "lang", "form_key", "size", "topic", "kind", "only", "fact",
    "point", "feedback", "minutes", "more", "option", "text", "place-1", "right-1", "sure", "rating", "on", "note",
    "question", "n", "turned", "who", "email", "word", "seen", "page", "bank", "q", "told", "saved", "study_language",
    "new_per_day", "language", "retention", "reviews_per_day", "time_zone", "day_turns_at", "digits", "exam-dam", "do",
)  # fmt: skip
values = st.sampled_from(ODD) | st.text(max_size=12)
fields = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), values, max_size=4)
headers = st.dictionaries(
    st.sampled_from(
        ["Accept-Language", "Accept-Encoding", "User-Agent", "Referer", "Origin", "X-Swap", "X-Forwarded-For", "Range",
         "X-Forwarded-Host", "If-None-Match", "If-Modified-Since", "Content-Type", "Cookie", "Host", "Accept"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    max_size=2,
)  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"]


def sendable(text):
    """As a browser writes it into an address or a body: lone surrogates as their bytes."""
    return text.encode("utf-8", "surrogatepass")


class Fuzzed:
    """A learner in the middle of a review, whose browser sends nonsense."""

    def __init__(self, app, visitor):
        self.app, self.visitor = app, visitor
        self.rules = sorted({rule.rule for rule in app.url_map.iter_rules()})
        page = visitor.follow(visitor.post("/banks/dam/review", form_key="k" * 24))
        self.own = {"attempt": re.search(r"/attempts/(\d+)", page.html)[1]}
        self.own["sitting"] = re.search(r"/sittings/(\d+)", page.html)[1]

    def path(self, rule, odd, real):
        """The address with what is there in its places, or with something odd."""
        there = {"<bank_id>": "dam", "<int:attempt_id>": self.own["attempt"], "<int:sitting_id>": self.own["sitting"]}
        for place in re.findall(r"<[^>]+>", rule):
            rule = rule.replace(place, there[place] if real and place in there else quote(sendable(odd), safe=""))
        return rule

    def send(self, method, path, query, form, sent):
        asked = "&".join(f"{quote(sendable(name))}={quote(sendable(value))}" for name, value in query.items())
        # The token must be right, or nothing but the refusal is tried.
        body = "&".join(
            f"{quote(sendable(name))}={quote(sendable(value))}"
            for name, value in {**form, "csrf_token": self.visitor.token}.items()
        )
        response = self.visitor.client.open(
            f"{path}?{asked}",
            method=method,
            data=body if method not in {"GET", "HEAD", "TRACE"} else None,
            headers={"Content-Type": "application/x-www-form-urlencoded", **sent},
        )
        page = Page(response)
        assert page.status < 500
        # Nobody is sent off the site, and no header holds what was put in.
        if page.status != 308:  # a slash too many: the same address at the very host that was asked
            assert re.fullmatch(r"|/(?!/)[!-~]*", page.location), page.location
        assert page.headers.get("X-Content-Type-Options") == "nosniff"
        assert "<script>alert" not in page.html
        return page


@pytest.fixture
def fuzzed(app, student):
    return Fuzzed(app, student)


@settings(
    max_examples=250,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_nothing_that_a_browser_can_send_breaks_the_site(fuzzed, data):
    rule = data.draw(st.sampled_from(fuzzed.rules))
    path = fuzzed.path(rule, data.draw(values), data.draw(st.booleans()))
    method = data.draw(st.sampled_from(["GET", "POST", "POST", *METHODS]))
    fuzzed.send(method, path, data.draw(fields), data.draw(fields), data.draw(headers))


@pytest.mark.parametrize("odd", ODD[::3], ids=lambda odd: ascii(odd)[:20])
def test_no_field_of_any_form_breaks_the_site(fuzzed, odd):
    """Every field at once, at every address, with what is there in the address."""
    everything = dict.fromkeys(NAMES, odd)
    for rule in fuzzed.rules:
        path = fuzzed.path(rule, odd, real=True)
        fuzzed.send("GET", path, everything if len(odd) < 100 else {}, {}, {})
        fuzzed.send("POST", path, {}, everything if len(odd) < 4000 else {"option": odd, "page": odd}, {})


@pytest.mark.parametrize("method", METHODS)
def test_asking_in_another_way_changes_nothing_but_where_it_is_meant_to(app, fuzzed, method):
    before = contents(app)
    for rule in fuzzed.rules:
        page = fuzzed.send(method, fuzzed.path(rule, "x", real=True), {}, {"csrf_token": "wrong"}, {})
        assert page.status in {200, 204, 303, 308, 400, 403, 404, 405, 409, 422, 501}, rule
    if method in {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE"}:
        # Codes of classes that are tried in the address are counted, lest they be guessed.
        assert {**contents(app), "failures": []} == {**before, "failures": []}


def test_a_form_of_many_fields_is_read_or_refused_at_once(student):
    assert student.client.post("/sign-in", data=b"a=1&" * 60_000).status_code in {400, 413}
    assert student.client.post("/sign-in", data=b"[" * 200_000, content_type="application/json").status_code == 400


# ---------------------------------------------------------------- the key before the answer


def test_the_order_of_options_is_not_told_by_the_address(session, now):
    """Whoever knows that a file numbers its items as they follow each other could work the order out."""
    learner = make_learner(session)
    banks.load(session, make_bank(make_question("ordering", **ORDERING)), now=now)
    told = 0
    for _ in range(12):
        sitting = study.start_quiz(session, "dam", learner=learner, count=1, now=now)
        attempt = study.open_attempt(session, sitting, learner=learner)
        shown = study.attempt_page(session, attempt, learner=learner, now=now).shown.order
        guess = sorted("12345", key=lambda name: hashlib.sha256(f"{attempt}\0{name}".encode()).digest())
        told += tuple(guess) == shown
    assert told < 4


def exported(visitor):
    packed = zipfile.ZipFile(io.BytesIO(visitor.client.get("/settings/data.zip").data))
    return json.loads(packed.read("qimma.json")), packed


def test_ones_own_data_tells_nothing_of_what_is_still_to_be_answered(app, student):
    load(app, make_question("ordering", **ORDERING), *more(1), id="order")
    student.start("all", bank="order", feedback="end")
    whole, packed = exported(student)
    opened = whole["attempts"][0]
    assert (opened["shown"], opened["response"], opened["outcome"]) == (None, None, None)
    assert (whole["sittings"][0]["plan"], whole["sittings"][0]["seed"]) == (None, None)
    assert '"order"' not in packed.read("attempts.csv").decode()


def walked(new_app, monkeypatch, key):
    """What can be read while verdicts are withheld, after the same answer to a question with this key."""
    ids = iter(range(10**6, 10**7))
    for module in ("sittings", "asking"):
        monkeypatch.setattr(f"quiz.services.study.{module}.new_id", lambda: next(ids))
    monkeypatch.setattr("secrets.randbits", lambda bits: 7)
    app = new_app()
    options = tuple({"id": name, "text": {"en": name}} for name in ("layla", "omar"))
    load(app, make_question("choice", key=key, options=options, feedback=None), *more(2), id="days")
    visitor = Visitor(app.test_client())
    page = visitor.start("all", bank="days", feedback="end")
    for _ in range(2):
        page = visitor.follow(visitor.send(page.form("/answer"), option="1"))
    attempt = re.search(r"/attempts/(\d+)/answer", page.html)[1]
    visitor.post(f"/attempts/{attempt}/star", on="1")
    paths = [
        "/", "/progress", "/progress?bank=days", "/settings/preview?new_per_day=20&retention=95", "/settings",
        "/banks/days/browse?only=missed", "/banks/days/browse?only=new", "/banks/days/browse?only=starred",
        f"/attempts/{attempt}", "/settings/data",
    ]  # fmt: skip
    seen = [visitor.get(path).html for path in paths]
    seen += [json.dumps(exported(visitor)[0], ensure_ascii=False)]
    refused = [
        (page.status, page.location)
        for page in (
            visitor.post("/banks/days/quiz", size="all", only="missed", form_key="m" * 24),
            visitor.post(f"/attempts/{attempt}/undo"),
            visitor.post(f"/attempts/{attempt}/rating", rating="1"),
            visitor.post(f"/attempts/{attempt}/report", kind="i_was_right"),
        )
    ]
    return [re.sub(r'(csrf_token|form_key)" value="[^"]+"|\d{10,}', "", text) for text in seen], refused


def test_while_verdicts_are_withheld_nothing_on_the_site_differs_by_the_key(new_app, monkeypatch):
    one, other = walked(new_app, monkeypatch, "layla"), walked(new_app, monkeypatch, "omar")
    assert one == other
    assert [len(text.encode()) for text in one[0]] == [len(text.encode()) for text in other[0]]


# ---------------------------------------------------------------- two things at once


def test_an_answer_that_waits_for_new_settings_is_scheduled_by_them(shared_engine, now):
    with db.transaction(shared_engine) as session:
        learner = make_learner(session)
        banks.load(session, make_bank(*more(2)), now=now)
        for day in (0, 3):
            at = now + timedelta(days=day)
            sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=at)
            attempt = study.open_attempt(session, sitting, learner=learner)
            if day == 0:
                study.answer(session, attempt, learner=learner, response=Chosen(option="layla"), now=at)
                session.expire_all()
        session.flush()
        session.refresh(learner)
        session.expunge(learner)

    def save(session):
        wanted = own_settings.read(session, learner.id, language="en")
        changed = {"retention": "85", "time_zone": "Pacific/Auckland"}
        wanted, wrong = own_settings.check(changed, wanted, today=now.date())
        assert wrong == {}
        own_settings.save(session, wanted, user_id=learner.id)

    def answer(session):  # by someone whose request began before the settings were saved
        return study.answer(session, attempt, learner=learner, response=Chosen(option="layla"), now=at)

    while_open(shared_engine, save, answer)
    with db.transaction(shared_engine) as session:
        user = session.get_one(User, learner.id)
        assert user.retention == 0.85
        cards = select(Card.point, Card.stability, Card.due, Card.queue_day, Card.reps).order_by(Card.point)
        before = session.execute(cards).all()
        for card in session.scalars(select(Card)).all():
            study.recount(session, user.id, card.id)
        assert session.execute(cards).all() == before


LEAVING = {
    "/banks/dam/quiz": {"size": "5", "form_key": "n" * 24},
    "/banks/dam/review": {"form_key": "n" * 24},
    "/sittings/{sitting}/missed": {"form_key": "n" * 24},
    "/sittings/{sitting}/finish": {},
    "/attempts/{attempt}/answer": {"sure": "unknown"},
    "/attempts/{attempt}/star": {"on": "1"},
    "/attempts/{attempt}/undo": {},
    "/attempts/{attempt}/rating": {"rating": "3"},
    "/attempts/{attempt}/report": {"kind": "question_wrong"},
    "/banks/dam/stars": {"question": "f-1.speaker.choice", "on": "1"},
    "/settings": {"new_per_day": "3", "seen": "yes", "exam-dam": "2026-05-01"},
    "/settings/email": {"email": "a@example.org", "password": "long enough"},
    "/settings/email/remove": {},
    "/settings/delete": {"word": "delete", "password": "long enough"},
    "/settings/browsers/others/end": {},
    "/password": {"password": "long enough", "old": "long enough"},
    "/language": {"lang": "ar"},
    "/register": {"name": "Amal", "password": "long enough", "form_key": "n" * 24},
    "/sign-in": {"name": "Amal", "password": "long enough"},
    "/sign-out": {},
}
READING = [
    "/", "/progress", "/settings", "/settings/preview", "/settings/email", "/settings/browsers", "/settings/data",
    "/settings/data.zip", "/password", "/sign-in", "/sittings/{sitting}", "/attempts/{attempt}", "/banks/dam/browse",
]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "path"), [*(("student", path) for path in (*LEAVING, *READING)), ("guest", "/settings/delete")]
)
def test_whoever_is_deleted_in_another_tab_meanwhile_gets_a_plain_answer(app, signed_in, role, path):
    def leave():
        with db.transaction() as session:
            leaving.erase(session, [visitor.user_id])

    visitor = signed_in(role)
    fuzzed = Fuzzed(app, visitor)
    visitor.post(f"/attempts/{fuzzed.own['attempt']}/answer", sure="unknown")
    path, form = path.format(**fuzzed.own), LEAVING.get(path)
    at_once = app.before_request_funcs[None]
    at_once.append(leave)  # between the look at who asks and the answer
    try:
        page = visitor.get(path) if form is None else visitor.post(path, **form)
    finally:
        at_once.remove(leave)
    assert page.status in {200, 303, 404, 409, 422}
    with db.reading(db.engine_of(app)) as session:
        assert session.get(User, visitor.user_id) is None
    assert visitor.get("/").status == 200


# ---------------------------------------------------------------- words that are more than words

HOSTILE = '"><img src=x onerror=alert(1)>\u202e</svg><script>alert(1)</script>{{ 7919*7907 }}%(name)s'


def test_hostile_words_of_a_bank_are_words_on_every_page(app, student):
    text = {"ar": f"ع {HOSTILE}", "en": f"a {HOSTILE}"}
    options = tuple({"id": name, "text": text, "feedback": text} for name in ("layla", "omar"))
    load(
        app,
        make_question("choice", stem=text, options=options, feedback=text, topic="hostile"),
        make_question("matching", stem=text, topic="hostile"),
        id="hostile",
        title=text,
        description=text,
        topics=({"id": "hostile", "name": text}, {"id": "water", "name": text}),
        document={"title": text, "language": "ar"},
    )
    pages = [student.start("all", bank="hostile")]
    for _ in range(4):
        forms = [form for form in pages[-1].forms if form.action.endswith("/answer")]
        pages += [student.follow(student.send(forms[0], sure="unknown"))] if forms else []
        pages += [
            student.follow(
                student.get(next(link for link in pages[-1].links if "/attempts/" in link or "/sit" in link))
            )
        ]
    sitting = next(page for page in pages if "/sittings/" in page.html)
    student.post(f"/sittings/{re.search(r'/sittings/([0-9]+)', sitting.html)[1]}/finish")
    pages += [
        student.get(path)
        for path in ("/", "/progress?bank=hostile", "/banks/hostile/browse", "/banks/hostile/browse?turned=1",
                     "/settings", "/settings/preview?new_per_day=20", "/banks/hostile/anki", "/banks/hostile/world",
                     "/banks/hostile/points/f-1.speaker")
    ]  # fmt: skip
    assert {page.status for page in pages} == {200}
    assert "&lt;img" in pages[0].html
    for page in pages:
        assert not re.search(
            r"<img src=x|<script>alert|</svg><|62615533|alert\(1\)\">", page.html.replace("data-who", "")
        )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＠x"])
def test_no_answer_is_a_formula_in_ones_own_data(session, now, text):
    learner = make_learner(session)
    banks.load(session, make_bank(make_question("typed")), now=now)
    sitting = study.start_quiz(session, "dam", learner=learner, count=1, now=now)
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=Written(text=text), now=now)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(own_data.archive(session, learner.id, now=now))))
    (row,) = csv.DictReader(io.StringIO(packed.read("attempts.csv").decode("utf-8-sig"), newline=""))
    assert row["answer_en"] == f"'{text}"


def test_a_link_holds_no_host_that_the_browser_named(app, student):
    student.start()
    for path in ("/", "/progress", "/settings", "/banks/dam/anki", "/sign-in", "/register", "/nope"):
        page = Page(student.client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}))
        assert "evil.example" not in page.html + page.location


def test_an_address_is_not_the_one_that_the_browser_says(app):
    """Tries are counted by the line that they come over, whatever a header says."""
    counted = set()
    for forwarded in ("1.2.3.4", "5.6.7.8", ""):
        with app.test_request_context(headers={"X-Forwarded-For": forwarded, "Forwarded": f"for={forwarded}"}):
            counted.add(security.subjects("amal")["address"])
    assert len(counted) == 1


# ---------------------------------------------------------------- logins


def test_a_login_that_was_planted_is_worth_nothing_once_its_user_has_a_name(app, nobody):
    """Whoever knew a guest's cookie does not come into the account that the guest becomes."""
    nobody.start()
    planted = nobody.client.get_cookie("qimma_login").value
    nobody.post("/register", name="Amal", password="long enough", form_key="r" * 24)
    assert nobody.client.get_cookie("qimma_login").value != planted
    other = Visitor(app.test_client())
    other.client.set_cookie("qimma_login", planted)
    assert "Amal" not in other.get("/").text


@pytest.mark.parametrize(
    "zone", ["right/UTC", "posixrules", "../../etc/passwd", "localtime", "Factory", "EST5EDT" * 20]
)
def test_a_time_zone_that_nobody_lives_in_is_left_out(app, nobody, zone):
    nobody.start(zone=zone)
    with db.reading(db.engine_of(app)) as session:
        assert session.scalars(select(User.time_zone)).all() == ["UTC"]


def test_undo_gains_nothing_but_another_answer(session, now):
    """The key is known after a verdict; an answer that follows an undo is the only one that counts, on the same day."""
    learner = make_learner(session)
    banks.load(session, make_bank(*more(2)), now=now)
    sitting = study.start_review(session, "dam", learner=learner, now=now)
    attempt = study.open_attempt(session, sitting, learner=learner)
    study.answer(session, attempt, learner=learner, response=Unknown(), now=now)
    session.expire_all()
    reopened = study.undo(session, attempt, learner=learner, now=now)
    study.answer(session, reopened, learner=learner, response=Chosen(option="layla"), now=now)
    session.expire_all()
    card = session.scalars(select(Card).where(Card.reps > 0)).one()
    assert (card.reps, card.lapses) == (1, 0)


def test_hostile_names_are_refused_or_shown_as_they_are(app, nobody):
    for nr, name in enumerate(("a\u202eb", "a\u2066b", "a\u200fb", "a\nb\r\nBcc: x", "a\ud800b", "a\0b")):
        sent = nobody.client.post(
            "/register",
            data=b"csrf_token=%s&name=%s&password=long+enough&form_key=%s"
            % (nobody.token.encode(), quote(sendable(name)).encode(), b"n" * (20 + nr)),
            content_type="application/x-www-form-urlencoded",
        )
        assert sent.status_code in {303, 400, 422}
        with db.reading(db.engine_of(app)) as session:
            names = [found for found in session.scalars(select(User.login_name)) if found]
        assert not any(re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\r\n\0]", found) for found in names)
        nobody.client.delete_cookie("qimma_login")
    made = accounts.credentials('<b>"&Amal', "long enough")
    assert made.name == '<b>"&Amal'
