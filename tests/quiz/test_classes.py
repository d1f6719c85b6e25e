"""Classes: joining with a name and a PIN, class lists, PIN cards, and what a stranger cannot do."""

from __future__ import annotations

import io
import re

import pytest
from factories import make_user
from openpyxl import Workbook
from school import make_school
from sqlalchemy import func, select

from questions.errors import BadFile, BadInput, Conflict, NotFound
from quiz import db
from quiz.models import INSTRUCTOR, ClassRow, Entry, Login, Member, User
from quiz.security import throttle
from quiz.services import accounts, classes, roster

PUBLIC = "https://quiz.school.example"


@pytest.fixture
def taught(instructor):
    """A class's page address and its join code."""
    made = instructor.send(instructor.get("/teach/classes/").form("/teach/classes/"), name="10A")
    code = re.search(r'class="code" dir="ltr">(\w+)', instructor.get(made.location).html)[1]
    return made.location, code


def join(browser, code, name="Layla", pin="1234", do="new", **more):
    return browser.post(f"/join/{code}", name=name, pin=pin, do=do, **more)


def members(app, query=None):
    with app.test_request_context(), db.reading() as session:
        return list(session.scalars(query if query is not None else select(Member.name).order_by(Member.name)))


# ---------------------------------------------------------------- joining


def test_a_student_joins_with_a_name_and_a_pin_and_comes_back_on_another_machine(app, taught, signed_in):
    first, second = signed_in("nobody"), signed_in("nobody")
    there = first.follow(join(first, taught[1]))
    assert there.heading == "10A"
    back = second.follow(join(second, taught[1].lower(), do="again"))
    assert back.heading == "10A"
    assert members(app) == ["Layla"]


def test_the_code_is_typed_as_it_was_heard(taught, nobody):
    code = taught[1]
    assert nobody.get(f"/join?code={code[:3].lower()}-{code[3:]}").location == f"/join/{code}"
    assert nobody.get("/join?code=ZZZZZZ").status == 404
    assert nobody.get("/join/ZZZZZZ").status == 404


def test_a_double_click_joins_once(app, taught, nobody):
    join(nobody, taught[1])
    again = join(nobody, taught[1])
    assert again.status == 303
    assert members(app) == ["Layla"]


def test_digits_of_every_kind_are_one_pin(taught, signed_in):
    join(signed_in("nobody"), taught[1], pin="١٢٣٤")
    assert join(signed_in("nobody"), taught[1], pin="1234", do="again").status == 303


@pytest.mark.parametrize(
    ("name", "pin"), [("L", "1234"), ("Layla", "123"), ("Layla", "12a4"), ("La\u0007yla", "1234"), ("x" * 61, "1234")]
)
def test_what_is_no_name_or_no_pin_is_refused(app, taught, nobody, name, pin):
    assert join(nobody, taught[1], name=name, pin=pin).status == 422
    assert members(app) == []


def test_a_wrong_pin_and_an_unknown_name_get_the_same_answer(taught, signed_in):
    join(signed_in("nobody"), taught[1])
    wrong = join(signed_in("nobody"), taught[1], pin="9999", do="again")
    unknown = join(signed_in("nobody"), taught[1], name="Nobody", pin="9999", do="again")
    assert wrong.status == unknown.status == 422
    assert "do not go together" in wrong.text
    assert "do not go together" in unknown.text


def test_two_students_share_a_name_and_their_pins_tell_them_apart(app, taught, signed_in):
    one, two = signed_in("nobody"), signed_in("nobody")
    join(one, taught[1], pin="1111", number="7")
    refused = join(two, taught[1], pin="2222")
    assert refused.status == 422
    assert "student number" in refused.text
    assert join(two, taught[1], pin="2222", number="7").status == 422
    assert join(two, taught[1], pin="2222", number="8").status == 303
    assert members(app, select(Member.number).order_by(Member.number)) == ["7", "8"]
    join(signed_in("nobody"), taught[1], pin="2222", do="again")
    ids = members(app, select(Login.user_id).join(Member, Member.user_id == Login.user_id).where(Member.number == "8"))
    assert len(ids) == 2


def test_another_number_is_another_student_also_with_the_same_pin(app, taught, signed_in):
    join(signed_in("nobody"), taught[1], number="7")
    assert join(signed_in("nobody"), taught[1], number="8").status == 303
    assert members(app, select(Member.number).order_by(Member.number)) == ["7", "8"]


def test_two_with_one_name_and_one_pin_are_told_apart_by_the_number(app, session, taught, signed_in):
    for number in ("7", "8"):
        join(signed_in("nobody"), taught[1], pin=f"111{number}", number=number)
    with app.test_request_context(), db.transaction() as inside:
        inside.execute(User.__table__.update().values(password_hash=accounts.hashed_pin("5555")))
    asked = join(signed_in("nobody"), taught[1], pin="5555", do="again")
    assert asked.status == 422
    assert "The student number tells them apart" in asked.text
    assert join(signed_in("nobody"), taught[1], pin="5555", do="again", number="8").status == 303


def test_guessing_pins_is_throttled_and_a_whole_class_at_one_address_is_not(taught, signed_in, clock):
    join(signed_in("nobody"), taught[1], pin="1234")
    guesser = signed_in("nobody")
    tries = [join(guesser, taught[1], pin=f"{nr:04}", do="again").status for nr in range(12)]
    assert tries[:9] == [422] * 9
    assert tries[-1] == 429
    assert join(guesser, taught[1], pin="1234", do="again").status == 429
    assert join(signed_in("nobody"), taught[1], name="Someone else").status == 303
    clock.move(minutes=16)
    assert join(guesser, taught[1], pin="1234", do="again").status == 303


def test_one_who_fails_on_purpose_keeps_nobody_out_of_a_school_that_shares_an_address(taught, signed_in, monkeypatch):
    monkeypatch.setitem(throttle.MOST_BY_SUBJECT, "room", 5)
    monkeypatch.setattr("quiz.security.throttle.FIRST_TRIES", 8)
    join(signed_in("nobody"), taught[1])
    for nr in range(5):
        join(signed_in("nobody"), taught[1], name=f"Victim {nr}", do="again")
    assert join(signed_in("nobody"), taught[1], name="Victim 0", do="again").status == 429
    assert join(signed_in("nobody"), taught[1], do="again").status == 303  # a name that nobody failed with
    assert [join(signed_in("nobody"), taught[1], name=f"No {nr}").status for nr in range(4)] == [303, 303, 429, 429]


def test_a_new_pin_can_be_used_at_once_after_many_wrong_ones(app, taught, instructor, signed_in):
    join(signed_in("nobody"), taught[1])
    for nr in range(10):
        join(signed_in("nobody"), taught[1], pin=f"{nr:04}", do="again")
    (user_id,) = members(app, select(Member.user_id))
    made = instructor.post(f"{taught[0]}/students/{user_id}/pin")
    (pin,) = card_pins(instructor.get(made.location))
    assert join(signed_in("nobody"), taught[1], pin=pin, do="again").status == 303


def test_guessing_codes_is_throttled(taught, nobody, clock, monkeypatch):
    monkeypatch.setitem(throttle.MOST_BY_SUBJECT, "join code", 5)
    wrong = [f"/join/ZZZZ{nr:02}" for nr in range(3)] + [f"/join?code=ZZZZ{nr:02}" for nr in range(2)]
    assert [nobody.get(path).status for path in wrong] == [404] * 5
    assert nobody.get(f"/join/{taught[1]}").status == 429
    assert join(nobody, taught[1]).status == 429
    clock.move(minutes=16)
    assert nobody.get(f"/join/{taught[1]}").status == 200


def test_a_student_of_a_class_changes_the_pin_and_comes_back_with_it(taught, signed_in):
    student = signed_in("nobody")
    join(student, taught[1])
    for new in ("abcdefgh", "123"):  # what the door would not take
        assert student.post("/password", old="1234", password=new).status == 422
    assert student.post("/password", old="٩٩٩٩", password="5678").status == 422
    assert student.post("/password", old="١٢٣٤", password="٥٦٧٨").status == 303
    assert join(signed_in("nobody"), taught[1], pin="1234", do="again").status == 422
    assert join(signed_in("nobody"), taught[1], pin="5678", do="again").status == 303


def test_a_student_lives_where_the_browser_is_from_the_first_sign_in_on(app, taught, signed_in):
    join(signed_in("nobody"), taught[1], zone="Asia/Qatar")
    join(signed_in("nobody"), taught[1], zone="Europe/Oslo", do="again")
    join(signed_in("nobody"), taught[1], name="Omar", zone="Nowhere/Land")
    zones = select(User.time_zone).join(Member, Member.user_id == User.id).order_by(Member.name)
    assert members(app, zones) == ["Asia/Qatar", "UTC"]


def test_joining_while_signed_in_asks_nothing_more(app, taught, student):
    page = student.get(f"/join/{taught[1]}")
    assert "Signed in as" in page.text
    assert student.follow(student.post(f"/join/{taught[1]}", do="join")).heading == "10A"
    assert student.post(f"/join/{taught[1]}", do="join").status == 303
    assert members(app) == ["student"]


def test_a_guest_may_bring_the_answers_along(app, taught, signed_in):
    guest = signed_in("guest")
    question = guest.start()
    guest.send(question.form("/answer"), sure="unknown")
    page = guest.get(f"/join/{taught[1]}")
    assert "Bring along the 1 answer" in page.text
    join(guest, taught[1], bring="yes")
    assert guest.get("/progress").status == 200
    assert "Answers" in guest.get("/progress").text


def test_a_closed_class_lets_its_students_in_and_nobody_new(app, taught, instructor, signed_in):
    join(signed_in("nobody"), taught[1])
    instructor.post(f"{taught[0]}/close", closed="1")
    assert join(signed_in("nobody"), taught[1], name="Omar").status == 409
    assert join(signed_in("nobody"), taught[1], do="again").status == 303
    assert members(app) == ["Layla"]
    instructor.post(f"{taught[0]}/close", closed="0")
    assert join(signed_in("nobody"), taught[1], name="Omar").status == 303


def test_an_old_code_leads_nowhere(taught, instructor, nobody):
    instructor.post(f"{taught[0]}/code")
    assert nobody.get(f"/join/{taught[1]}").status == 404


def test_a_pin_opens_one_class_alone(taught, signed_in):
    join(signed_in("nobody"), taught[1])
    page = signed_in("nobody").post("/sign-in", name="Layla", password="1234")
    assert page.status == 422


# ---------------------------------------------------------------- the address


def test_without_an_address_for_phones_the_page_says_so_and_prints_no_link(taught, instructor):
    page = instructor.get(taught[0])
    assert "Phones cannot reach this site" in page.text
    assert "<svg" not in page.html
    assert f"/join/{taught[1]}" not in page.html
    assert "http" not in instructor.get(f"{taught[0]}/cards").text


@pytest.mark.parametrize(
    "address", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]", "http://0.0.0.0:80"]
)
def test_an_address_of_this_computer_alone_is_none(new_app, clock, address):
    from quiz.routes.classes import join_address

    app = new_app(PUBLIC_URL=address)
    with app.test_request_context():
        assert join_address("ABCDEF") is None


def test_a_proxy_that_the_site_does_not_know_of_is_said(taught, instructor):
    assert "QIMMA_PROXIES" not in instructor.get(taught[0]).text
    assert "QIMMA_PROXIES=1" in instructor.get(taught[0], headers={"X-Forwarded-For": "192.0.2.1"}).text


def test_with_an_address_it_has_a_link_and_a_qr_code(new_app, clock):
    from export.qr import qr_svg
    from quiz.routes.classes import join_address

    app = new_app(PUBLIC_URL=PUBLIC + "/")
    with app.test_request_context():
        assert join_address("ABCDEF") == f"{PUBLIC}/join/ABCDEF"
    drawn = qr_svg("https://x.example/join/A", 'a "name" <b>')
    assert drawn.startswith("<svg")
    assert "<b>" not in drawn
    assert "style=" not in drawn


# ---------------------------------------------------------------- class lists


def test_a_class_list_is_looked_at_then_brought_in_once(app, taught, instructor):
    text = "الاسم;الرقم الجامعي;الشعبة\nليلى;12;أ\nعمر;13;ب\n;14;ب\nسلمى;12;أ\n"
    seen = instructor.post(f"{taught[0]}/roster", text=text)
    assert "2 new students" in seen.text
    assert "Row 4:" in seen.text
    assert "Row 5:" in seen.text
    assert members(app) == []
    form = next(form for form in seen.forms if dict(form.fields).get("text"))
    for _ in range(2):
        instructor.send(form, do="save")
    assert members(app) == ["عمر", "ليلى"]


def test_lines_and_refused_rows_are_all_that_a_list_holds():
    found = roster.read(b"name,number\nAda,1\n,2\nBob,1\nEve,\n", "list.csv")
    assert [(one.name, one.number) for one in found.lines] == [("Ada", "1"), ("Eve", None)]
    assert found.refused == ((3, "name", "2"), (4, "twice", "Bob · 1"))


def test_a_list_without_heads_is_names_numbers_sections():
    found = roster.read("ليلى الحسن\t١٢\tأ\n".encode(), "list.csv")
    assert found.lines == (roster.Line(1, "ليلى الحسن", "12", "أ"),)


def test_an_excel_list_with_long_numbers():
    book = Workbook()
    book.active.append(["Student ID", "Name", "Group"])
    book.active.append([20260001, "Ada", "A"])
    out = io.BytesIO()
    book.save(out)
    assert roster.read(out.getvalue(), "list.xlsx").lines == (roster.Line(2, "Ada", "20260001", "A"),)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\x00\x01\x02\x03" * 50])
def test_what_is_no_table_is_refused(data, taught, instructor):
    with pytest.raises(BadFile):
        roster.read(data, "list.xlsx")
    page = instructor.client.post(
        f"{taught[0]}/roster",
        data={"csrf_token": instructor.token, "file": (io.BytesIO(data or b"\n"), "list.xlsx")},
    )
    assert page.status_code == 422


def test_a_list_gives_numbers_to_those_who_joined_before_it(session, now):
    school = make_school(session, now, students=0)
    classes.enrol(session, school.class_id, classes.NewStudent("Ada Lovelace", "x"), now=now)
    matched = roster.match(session, school.class_id, roster.read(b"name,number\nada lovelace,5\nBob,6\n", "x").lines)
    assert [line.name for line in matched.new] == ["Bob"]
    assert [line.number for line, _user in matched.changed] == ["5"]
    made = roster.prepare(matched.new, "key")
    roster.bring_in(session, school.class_id, made, matched.changed, user=school.teacher, now=now)
    assert [(one.name, one.number) for one in classes.students(session, school.class_id)] == [
        ("Ada Lovelace", "5"),
        ("Bob", "6"),
    ]


def test_a_number_is_one_students(session, now):
    school = make_school(session, now, students=1)
    with pytest.raises(BadInput, match="number"):
        classes.enrol(session, school.class_id, classes.NewStudent("Other", "x", "101"), now=now)
    assert session.scalar(select(func.count()).select_from(User).where(User.login_name == "Other")) == 0


# ---------------------------------------------------------------- PINs


def card_pins(page):
    return re.findall(r'PIN: <strong class="code" dir="ltr">(\d{6})', re.sub(r"\s+", " ", page.html))


def test_cards_hold_pins_that_open_the_class_and_can_be_printed_again(taught, instructor, signed_in):
    seen = instructor.post(f"{taught[0]}/roster", text="name,number\nAda,1\nAda,2\n")
    instructor.send(next(form for form in seen.forms if dict(form.fields).get("text")), do="save")
    pins = card_pins(instructor.get(f"{taught[0]}/cards"))
    assert len(set(pins)) == 2
    assert card_pins(instructor.get(f"{taught[0]}/cards")) == pins
    for pin in pins:
        assert join(signed_in("nobody"), taught[1], name="Ada", pin=pin, do="again").status == 303


def test_a_new_pin_ends_the_old_one_and_its_logins(app, taught, instructor, signed_in):
    student = signed_in("nobody")
    there = join(student, taught[1]).location
    user_id = members(app, select(Member.user_id))[0]
    made = instructor.post(f"{taught[0]}/students/{user_id}/pin")
    (pin,) = card_pins(instructor.get(made.location))
    assert student.get(there).status == 404
    assert join(signed_in("nobody"), taught[1], do="again").status == 422
    assert join(signed_in("nobody"), taught[1], pin=pin, do="again").status == 303
    assert "A new PIN." in instructor.get(taught[0]).text


def test_the_password_of_an_account_of_the_site_is_not_a_teachers_to_reset(app, taught, instructor, student):
    student.post(f"/join/{taught[1]}", do="join")
    assert instructor.post(f"{taught[0]}/students/{student.user_id}/pin").status == 409


def test_a_pin_is_worked_out_from_the_sites_key():
    assert classes.made_pin("a", 1, 1) == classes.made_pin("a", 1, 1)
    assert len({classes.made_pin(key, user, serial) for key in "ab" for user in (1, 2) for serial in (1, 2)}) == 8


# ---------------------------------------------------------------- whose a class is


def test_an_administrator_sees_every_class(app, taught, signed_in):
    admin = signed_in("instructor", login_name="admin", name_key="admin")
    with app.test_request_context(), db.transaction() as session:
        session.get_one(User, admin.user_id).role = "admin"
    assert admin.get(taught[0]).status == 200
    assert taught[0] in admin.get("/teach/classes/").links


def test_a_student_who_is_taken_out_is_out(app, taught, instructor, signed_in):
    student = signed_in("nobody")
    there = join(student, taught[1]).location
    user_id = members(app, select(Member.user_id))[0]
    instructor.post(f"{taught[0]}/students/{user_id}/remove")
    assert student.get(there).status == 404
    assert join(signed_in("nobody"), taught[1], do="again").status == 422


def test_a_student_who_was_taken_out_is_let_back_in_with_the_number(session, now):
    school = make_school(session, now, students=2)
    one, two = school.students
    do = {"user": school.teacher, "now": now}
    classes.remove(session, school.class_id, one.id, **do)
    classes.close(session, school.class_id, closed=True, **do)
    assert classes.left(session, school.class_id) == [(one.id, "Student 01")]
    for _ in range(2):
        classes.let_back(session, school.class_id, one.id, **do)
    classes.remove(session, school.class_id, two.id, **do)
    classes.member_of(session, school.class_id, one.id).number = "102"  # which was the other's
    classes.let_back(session, school.class_id, two.id, **do)
    assert [one.number for one in classes.students(session, school.class_id)] == ["102", None]
    with pytest.raises(NotFound):
        classes.let_back(session, school.class_id, school.teacher.id, **do)


def test_what_is_done_is_written_down(session, now):
    school = make_school(session, now, students=1)
    classes.renew_code(session, school.class_id, user=school.teacher, now=now)
    classes.close(session, school.class_id, closed=True, user=school.teacher, now=now)
    classes.close(session, school.class_id, closed=True, user=school.teacher, now=now)
    classes.remove(session, school.class_id, school.students[0].id, user=school.teacher, now=now)
    entries = session.execute(select(Entry.what, Entry.author_id).order_by(Entry.id)).all()
    assert [what for what, _author in entries] == ["class-made", "code-renewed", "class-closed", "removed"]
    assert {author for _what, author in entries} == {school.teacher.id}


def test_the_code_of_a_class_is_its_own(session, now):
    school = make_school(session, now)
    code = session.get_one(ClassRow, school.class_id).join_code
    assert classes.by_code(session, f" {code[:3].lower()}-{code[3:]} ").id == school.class_id
    for wrong in ("", "   ", "ABC", "x" * 500):
        with pytest.raises(NotFound):
            classes.by_code(session, wrong)


def test_a_class_that_is_full_takes_nobody(session, now, monkeypatch):
    school = make_school(session, now, students=2)
    monkeypatch.setattr(classes, "MOST_MEMBERS", 2)
    with pytest.raises(Conflict):
        classes.enrol(session, school.class_id, classes.NewStudent("Third", "x"), now=now)
    other = make_user(session, login_name="x", name_key="x", role=INSTRUCTOR)
    with pytest.raises(Conflict):
        classes.join(session, school.class_id, user_id=other, name="x", now=now)


def test_an_instructor_asks_another_to_teach_the_class_too(taught, instructor, signed_in):
    other, stranger = (signed_in(role, login_name=role[:3], name_key=role[:3]) for role in ("student", "instructor"))
    assert stranger.post("/teach/invite", **{"form_key": "k" * 24, "class": taught[0].rsplit("/", 1)[-1]}).status == 404
    page = instructor.follow(instructor.send(instructor.get(taught[0]).form("/teach/invite")))
    (path,) = re.findall(r"/invitation/[\w-]+", page.html)
    assert other.follow(other.post(path)).heading == "10A"
    assert ">stu<" in instructor.get(taught[0]).html
    assert instructor.get(taught[0]).html.count(path) == 1  # shown to whoever made it
    assert path not in other.get(taught[0]).html
    assert stranger.get(taught[0]).status == 404
