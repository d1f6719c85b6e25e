"""An address for a forgotten password: letters through a real mail server, and what nobody learns from them."""

import re
import socketserver
import threading
from email import message_from_bytes, policy
from queue import Empty, Queue

import pytest
from factories import make_bank, make_user
from sqlalchemy import select
from visitor import Visitor

from questions.errors import BadInput
from quiz import create_app, db, mail
from quiz.models import User
from quiz.services import accounts, banks, recovery


class Server(socketserver.ThreadingTCPServer):
    """A mail server that takes every letter but those to "full@"."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters = Queue()
        self.signed_in = []

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def next(self):
        return self.letters.get(timeout=5)


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            match line.split(" ")[0].upper(), line:
                case "EHLO", _:
                    self.say("250-here", "250 AUTH PLAIN")
                case "AUTH", _:
                    self.server.signed_in.append(line)
                    self.say("235 in")
                case "RCPT", text if "full@" in text:
                    self.say("452 full")
                case "DATA", _:
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.letters.put(message_from_bytes(b"".join(lines), policy=policy.default))
                    self.say("250 taken")
                case "QUIT", _:
                    return self.say("221 bye")
                case _:
                    self.say("250 fine")

    def say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def site(new_app, server, tmp_path, empty_file, clock):
    """A site that writes letters. Its database is a file: they are sent beside the request."""
    file = tmp_path / "site.sqlite"
    file.write_bytes(empty_file.read_bytes())
    app = new_app(
        DATABASE_URL=f"sqlite:///{file}",
        MAIL_URL=server.url,
        MAIL_FROM="Qimma <qimma@example.org>",
        PUBLIC_URL="http://quiz.example.org/",
    )
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(), now=clock())
    return app


@pytest.fixture
def amal(site):
    visitor = Visitor(site.test_client())
    visitor.post("/register", name="Amal", password="long enough", form_key="r" * 24)
    return visitor


def link_in(letter):
    return re.search(r"http://quiz\.example\.org(/\S+)", letter.get_content())[1]


def confirmed(amal, server, email="amal@example.org"):
    """Leave an address and open the letter."""
    sent = amal.post("/settings/email", email=email, password="long enough")
    assert sent.location == "/settings/email?told=sent"
    link = link_in(server.next())
    page = amal.get(link)
    return amal.send(page.form(link))


def nothing(server):
    with pytest.raises(Empty):
        server.letters.get(timeout=0.5)


# ---------------------------------------------------------------- leaving an address


def test_an_address_is_confirmed_by_the_letter_that_goes_there(site, amal, server):
    amal.post("/settings/email", email=" Amal@example.org ", password="long enough")
    letter = server.next()
    assert (letter["To"], letter["From"]) == ("Amal@example.org", "Qimma <qimma@example.org>")
    assert "The account of Amal at Qimma" in letter.get_content()
    assert "not confirmed yet" in amal.get("/settings/email").text
    link = link_in(letter)
    amal.get(link)  # a preview does not spend it
    assert amal.send(amal.get(link).form(link)).location == "/confirmed"
    assert "Amal@example.org , confirmed" in amal.get("/settings/email").text
    assert amal.post(link).status == 404


def test_an_address_asks_for_the_password(amal, server):
    assert amal.post("/settings/email", email="amal@example.org", password="wrong one").status == 422
    assert [amal.post("/settings/email", email="a@b.cd", password="wrong").status for _ in range(10)][-1] == 429
    nothing(server)


@pytest.mark.parametrize(
    "email",
    ["", "amal", "amal@", "@example.org", "a@b", "a b@example.org", "a@example.org\r\nBcc: x@example.org",
     "a@example.org,b@example.org", "<a@example.org>", "x" * 65 + "@example.org", "a@" + "x" * 260 + ".org",
     "أمل@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(session, email):
    with pytest.raises(BadInput, match=r"^email$"):
        recovery.set_address(session, make_user(session), email)


def test_an_address_that_is_none_is_said_at_its_field(amal, server):
    page = amal.post("/settings/email", email="amal at home", password="long enough")
    assert (page.status, "An address such as name@example.org." in page.text) == (422, True)
    nothing(server)


def test_another_address_is_confirmed_anew_and_ends_the_link_before(amal, server):
    amal.post("/settings/email", email="old@example.org", password="long enough")
    older = link_in(server.next())
    amal.post("/settings/email", email="new@example.org", password="long enough")
    server.next()
    assert amal.post(older).status == 404
    assert "not confirmed yet" in amal.get("/settings/email").text


def test_a_removed_address_is_gone(site, amal, server):
    confirmed(amal, server)
    amal.post("/settings/email/remove")
    with db.reading(db.engine_of(site)) as session:
        assert session.execute(select(User.email, User.email_confirmed_at)).one() == (None, None)


def test_a_mail_server_that_refuses_is_told_of(amal):
    page = amal.follow(amal.post("/settings/email", email="full@example.org", password="long enough"))
    assert "The mail server did not take the letter." in page.text


def test_a_mail_server_that_is_away_is_told_of(server):
    server.shutdown()
    server.server_close()
    assert not mail.send({"MAIL_URL": server.url, "MAIL_FROM": "a@b.cd"}, [mail.Letter("x@example.org", "s", "t")])


def test_nobody_is_flooded_with_letters(amal, server):
    places = [amal.post("/settings/email", email="a@example.org", password="long enough").status for _ in range(4)]
    assert places == [303, 303, 303, 429]


# ---------------------------------------------------------------- a forgotten password


@pytest.mark.parametrize("who", ["Amal", " aMAL ", "amal@example.org", "AMAL@EXAMPLE.ORG"])
def test_a_link_signs_in_whoever_forgot_and_a_new_password_is_set_without_the_old(site, amal, server, who):
    confirmed(amal, server)
    lost = Visitor(site.test_client())
    assert lost.post("/forgot", who=who).location == "/forgot/sent"
    letter = server.next()
    assert letter["To"] == "amal@example.org"
    link = link_in(letter)
    signed = lost.send(lost.get(link).form(link))
    assert signed.location == "/password"
    page = lost.follow(signed)
    assert [name for name, _ in page.form("/password").fields] == ["csrf_token", "username", "password"]
    assert lost.send(page.form("/password"), password="another one").location == "/password?saved=yes"
    assert amal.get("/password").status == 303  # other browsers are signed out
    assert lost.post("/password", password="a third one").status == 422  # from now on it is asked again
    assert lost.post(link).status == 404


def test_the_old_password_is_asked_again_after_an_hour(site, amal, server, clock):
    confirmed(amal, server)
    amal.post("/forgot", who="Amal")
    link = link_in(server.next())
    amal.post(link)
    clock.move(minutes=61)
    assert amal.post("/password", password="another one").status == 422


def test_a_browser_that_came_by_a_link_cannot_set_the_password_of_the_next_login(site, amal, server):
    confirmed(amal, server)
    amal.post("/forgot", who="Amal")
    amal.post(link_in(server.next()))
    other = Visitor(site.test_client())
    other.post("/register", name="Omar", password="long enough", form_key="s" * 24)
    amal.client.set_cookie("qimma_login", other.client.get_cookie("qimma_login").value)
    assert amal.post("/password", password="another one").status == 422


def test_a_link_grows_old_in_two_hours(site, amal, server, clock):
    confirmed(amal, server)
    amal.post("/forgot", who="Amal")
    link = link_in(server.next())
    clock.move(hours=2)
    assert amal.post(link).status == 404


@pytest.mark.parametrize("who", ["Amal", "Nobody", "nobody@example.org", "amal@example.org"])
def test_the_answer_is_the_same_whoever_is_asked_for(site, amal, server, who):
    """Known, unknown, and known without a confirmed address."""
    amal.post("/settings/email", email="amal@example.org", password="long enough")
    server.next()
    asking = Visitor(site.test_client())
    page = asking.post("/forgot", who=who)
    assert (page.status, page.location) == (303, "/forgot/sent")
    nothing(server)  # nothing goes to an address before it is confirmed


@pytest.mark.parametrize("who", ["Amal", "Nobody"])
def test_asking_again_and_again_has_to_wait_and_keeps_nobody_from_signing_in(site, amal, server, who, clock):
    confirmed(amal, server)
    asking = Visitor(site.test_client())
    assert [asking.post("/forgot", who=who).status for _ in range(4)] == [303, 303, 303, 429]
    assert asking.post("/sign-in", name="Amal", password="long enough").status == 303
    clock.move(minutes=15)
    assert asking.post("/forgot", who=who).status == 303


def test_the_link_leads_to_the_site_whatever_host_was_asked(site, amal, server):
    confirmed(amal, server)
    asking = Visitor(site.test_client())
    asking.client.post(
        "/forgot",
        data={"who": "Amal", "csrf_token": asking.token},
        headers={"X-Forwarded-Host": "evil.example", "X-Host": "evil.example"},
    )
    assert "evil.example" not in server.next().get_content()


@pytest.mark.parametrize(
    ("language", "subject"), [("ar", "قمة: رابط لتسجيل الدخول"), ("en", "Qimma: a link to sign in")]
)
def test_a_letter_is_in_the_language_of_whom_it_goes_to(site, amal, server, language, subject):
    confirmed(amal, server)
    amal.send(amal.get("/settings").form("/settings"), language=language)
    asking = Visitor(site.test_client(), "en" if language == "ar" else "ar")
    asking.post("/forgot", who="Amal")
    letter = server.next()
    assert letter["Subject"] == subject
    assert "Amal" in letter.get_content()
    assert "%" not in letter.get_content()


def test_an_address_of_two_accounts_opens_each(site, amal, server, clock):
    confirmed(amal, server)
    with db.transaction(db.engine_of(site)) as session:
        made = accounts.register(session, accounts.credentials("Omar", "long enough"), now=clock())
        recovery.set_address(session, made, "amal@example.org")
        recovery.confirm(session, made, now=clock())
    amal.post("/forgot", who="amal@example.org")
    letters = [server.next().get_content() for _ in range(2)]
    assert [name for name in ("Amal", "Omar") if sum(f"account of {name}" in text for text in letters) == 1] == [
        "Amal",
        "Omar",
    ]


def test_a_site_that_sends_no_letters_says_who_can_help(app, student):
    page = student.get("/forgot")
    assert "qimma user link NAME" in page.text
    assert student.post("/forgot", who="Amal").location == "/forgot"
    assert "/settings/email" not in student.get("/settings").links
    assert student.get("/settings/email").location == "/settings"
    assert student.post("/settings/email", email="a@b.cd").location == "/settings"


# ---------------------------------------------------------------- what the operator sets


def test_letters_are_handed_over_with_a_name_and_a_password(server):
    address = server.url.replace("://", "://qimma:p%40ss@")
    assert mail.send({"MAIL_URL": address, "MAIL_FROM": "a@b.cd"}, [mail.Letter("x@example.org", "s", "t")])
    assert server.signed_in == ["AUTH PLAIN AHFpbW1hAHBAc3M="]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"MAIL_URL": "http://mail.example.org"}, "QIMMA_MAIL_URL must be"),
        ({"MAIL_URL": "smtp://"}, "QIMMA_MAIL_URL must be"),
        ({"MAIL_FROM": ""}, "QIMMA_MAIL_FROM must be"),
        ({"PUBLIC_URL": ""}, "QIMMA_PUBLIC_URL must be"),
    ],
)
def test_settings_with_which_no_letter_could_be_sent_stop_the_start(tmp_path, settings, problem):
    fine = {"MAIL_URL": "smtp://mail.example.org", "MAIL_FROM": "a@b.cd", "PUBLIC_URL": "https://quiz.example.org"}
    usual = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "sqlite://", "SECRET_KEY": "given"}
    with pytest.raises(RuntimeError, match=problem):
        create_app({**usual, **fine, **settings})
