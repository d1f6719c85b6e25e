"""Banks made and copied, their editors and state, invitations, logins, and what is odd in a bank."""

from datetime import timedelta

import pytest
from factories import make_bank, make_question, make_user
from sqlalchemy import func, select

from questions import alike, generate
from questions.errors import BadInput, Conflict, NotFound
from questions.texts import Bilingual
from quiz import db
from quiz.models import (
    ADMIN,
    BankRow,
    Card,
    Editor,
    FactRevision,
    Invitation,
    QuestionRevision,
    QuestionRow,
    Teacher,
    User,
)
from quiz.models.classes import ClassRow
from quiz.services import banks, copying, editing, inviting, leaving, teaching

TITLE = Bilingual(ar="بنكي", en="My own bank")


class Person:
    def __init__(self, id, role="instructor"):
        self.id, self.role = id, role


@pytest.fixture
def salma(session, now):
    return Person(make_user(session, login_name="salma", name_key="salma", role="instructor"))


@pytest.fixture
def karim(session, now):
    return Person(make_user(session, login_name="karim", name_key="karim", role="instructor"))


@pytest.fixture
def summit(session, now):
    book, bank = generate.from_folder(generate.packaged())
    banks.load(session, bank, book=book, packaged=True, now=now)
    return bank


# ---------------------------------------------------------------- whose a bank is


def test_a_bank_is_its_makers_and_a_draft(session, now, salma, karim):
    made = copying.make(session, TITLE, author_id=salma.id, now=now)
    row = teaching.bank_to_edit(session, made, salma)
    assert (row.state, row.owner_id, made.startswith("my-own-bank-")) == ("draft", salma.id, True)
    with pytest.raises(NotFound):
        teaching.bank_to_edit(session, made, karim)
    assert [row.id for row in teaching.banks_to_edit(session, karim)] == []
    assert teaching.bank_to_edit(session, made, Person(karim.id, ADMIN)).id == made


def test_the_packaged_bank_is_every_instructors_but_nobody_owns_it(session, now, salma):
    for packaged in (False, True):  # of an older site nobody had asked whether it is
        banks.load(session, make_bank(), packaged=packaged, now=now)
    assert teaching.bank_to_edit(session, "dam", salma).id == "dam"
    with pytest.raises(NotFound):
        teaching.owned_bank(session, "dam", salma)
    assert teaching.owned_bank(session, "dam", Person(salma.id, ADMIN)).id == "dam"


def test_a_class_is_its_teachers(session, now, salma, karim):
    session.add(ClassRow(id=7, name="A", created_at=now))
    session.flush()
    session.add(Teacher(class_id=7, user_id=salma.id, at=now))
    session.flush()
    assert teaching.class_of(session, 7, salma).id == 7
    assert teaching.class_of(session, 7, Person(karim.id, ADMIN)).id == 7
    with pytest.raises(NotFound):
        teaching.class_of(session, 7, karim)
    with pytest.raises(NotFound):
        teaching.class_of(session, 8, salma)


def test_the_last_owner_cannot_go(session, now, salma, karim):
    made = copying.make(session, TITLE, author_id=salma.id, now=now)
    copying.add_editor(session, made, karim.id, now=now)
    with pytest.raises(BadInput):
        copying.remove_editor(session, made, salma.id)
    copying.remove_editor(session, made, karim.id)
    copying.remove_editor(session, made, karim.id)
    assert [line.name for line in copying.editors(session, made)] == ["salma"]


def test_another_bank_without_editors_is_the_administrators(session, now, salma):
    banks.load(session, make_bank(), now=now)
    assert teaching.banks_to_edit(session, salma) == []
    with pytest.raises(NotFound):
        teaching.bank_to_edit(session, "dam", salma)
    assert [row.id for row in teaching.banks_to_edit(session, Person(salma.id, ADMIN))] == ["dam"]


def test_what_a_leaver_alone_owns_passes_to_its_longest_editor_or_to_the_administrators(session, now, salma, karim):
    shared, alone, both = (
        copying.make(session, Bilingual(en=name), author_id=salma.id, now=now) for name in ("Shared", "Alone", "Both")
    )
    mona = Person(make_user(session, login_name="mona", name_key="mona", role="instructor"))
    copying.add_editor(session, shared, mona.id, now=now + timedelta(days=2))
    copying.add_editor(session, shared, karim.id, now=now + timedelta(days=1))
    copying.add_editor(session, both, karim.id, owner=True, now=now)
    told = {one.bank_id: one.heir for one in copying.legacies(session, [salma.id])}
    assert told == {shared: "karim", alone: None}
    copying.hand_over(session, [salma.id], now=now)
    leaving.erase(session, [salma.id])
    assert teaching.owns(session, shared, karim)
    assert not teaching.owns(session, shared, mona)
    assert {row.id for row in teaching.banks_to_edit(session, mona)} == {shared}
    assert teaching.bank_to_edit(session, alone, Person(karim.id, ADMIN)).id == alone
    assert [entry.what for entry, _ in teaching.entries(session, bank_id=alone)] == ["owner"]
    token = inviting.invite(session, author_id=mona.id, bank_id=alone, now=now)
    inviting.accept(session, token, user_id=mona.id, now=now)
    assert teaching.owns(session, alone, mona)


# ---------------------------------------------------------------- copies


def test_a_copy_has_all_that_counts_and_goes_its_own_way(session, now, salma, summit):
    mended = editing.open_question(session, summit.id, summit.live[0].id).question.model_copy(
        update={"stem": Bilingual(ar="سؤال", en="Mended")}
    )
    editing.save(session, summit.id, mended, seen=1, author_id=salma.id, now=now)
    made = copying.copy(session, summit.id, TITLE, author_id=salma.id, now=now)
    assert banks.live(session, made) == banks.live(session, summit.id)
    assert banks.facts_of(session, made).facts == banks.facts_of(session, summit.id).facts
    copy, source = banks.header(session, made), banks.header(session, summit.id)
    assert (copy.title, copy.deck, copy.topics) == (TITLE, "بنكي", source.topics)
    assert copy.deck != source.deck
    assert session.get_one(BankRow, made).copied_from == summit.id
    question = mended.model_copy(update={"stem": Bilingual(ar="سؤال", en="Only here")})
    editing.save(session, made, question, seen=1, author_id=salma.id, now=now)
    assert "Only here" not in [question.stem.en for question in banks.live(session, summit.id)]
    # An edit that the copy brought along is still one when its facts are loaded again.
    book = banks.facts_of(session, made)
    loaded = banks.load(session, generate.generate(book), book=book, now=now)
    assert (loaded.changed, loaded.new, loaded.retired) == (0, 0, 0)
    assert "Only here" in [question.stem.en for question in banks.live(session, made)]


def test_no_memory_follows_a_copy(session, now, salma, summit):
    learner = make_user(session)
    session.add(Card(learner_id=learner, bank_id=summit.id, point="f-001.how"))
    session.flush()
    made = copying.copy(session, summit.id, TITLE, author_id=salma.id, now=now)
    assert session.scalar(select(func.count()).select_from(Card).where(Card.bank_id == made)) == 0
    revisions = session.scalars(select(QuestionRevision.number).where(QuestionRevision.bank_id == made)).all()
    facts = session.scalars(select(FactRevision.why).where(FactRevision.bank_id == made)).all()
    assert (set(revisions), set(facts)) == ({1}, {"copied"})


def test_a_bank_that_is_not_there_cannot_be_copied(session, now, salma):
    with pytest.raises(NotFound):
        copying.copy(session, "nope", TITLE, author_id=salma.id, now=now)


def test_renaming_leaves_the_decks_name(session, now, salma):
    made = copying.make(session, TITLE, author_id=salma.id, now=now)
    copying.rename(session, session.get_one(BankRow, made), Bilingual(en="Other"), None)
    bank = banks.header(session, made)
    assert (bank.title.en, bank.deck) == ("Other", "بنكي")


def test_a_topic_is_made_once(session, now, salma):
    row = session.get_one(BankRow, copying.make(session, TITLE, author_id=salma.id, now=now))
    first = copying.topic(session, row, Bilingual(ar="مياه", en="Water"))
    assert copying.topic(session, row, Bilingual(en="Water")) == first
    assert [topic.name.en for topic in banks.header(session, row.id).topics] == ["Water"]


# ---------------------------------------------------------------- invitations


def test_an_invitation_opens_the_area_and_its_bank_once(session, now, salma):
    made = copying.make(session, TITLE, author_id=salma.id, now=now)
    token = inviting.invite(session, author_id=salma.id, bank_id=made, now=now)
    guest = make_user(session, login_name="mona", name_key="mona")
    assert inviting.read(session, token, now=now).by == "salma"
    inviting.accept(session, token, user_id=guest, now=now)
    assert session.get_one(User, guest).role == "instructor"
    assert teaching.bank_to_edit(session, made, Person(guest)).id == made
    with pytest.raises(NotFound):
        teaching.owned_bank(session, made, Person(guest))
    copying.make_owner(session, made, guest)
    assert teaching.owned_bank(session, made, Person(guest)).id == made
    inviting.accept(session, token, user_id=guest, now=now)
    other = make_user(session, login_name="omar", name_key="omar")
    with pytest.raises(Conflict):
        inviting.accept(session, token, user_id=other, now=now)
    assert session.get_one(User, other).role == "student"


def test_an_old_unknown_or_guests_invitation_opens_nothing(session, now, salma):
    token = inviting.invite(session, author_id=salma.id, now=now)
    user, guest = (
        make_user(session, login_name="mona", name_key="mona"),
        make_user(session, login_name=None, name_key=None),
    )
    with pytest.raises(Conflict):
        inviting.accept(session, token, user_id=user, now=now + timedelta(days=8))
    with pytest.raises(Conflict):
        inviting.accept(session, token, user_id=guest, now=now)
    with pytest.raises(NotFound):
        inviting.read(session, "nope", now=now)
    pupil = make_user(session, login_name="ali", name_key="ali", realm="class-7")
    with pytest.raises(Conflict):
        inviting.accept(session, token, user_id=pupil, now=now)


def test_an_invitation_from_page_to_page(app, instructor, student):
    page = instructor.get("/teach/people")
    shown = instructor.follow(instructor.send(page.form("/invite")))
    link = shown.html.split('class="invite" dir="ltr">')[1].split("<")[0]
    path = "/" + link.split("/", 3)[3]
    assert student.get("/teach/").status == 403
    opened = student.get(path)
    assert "instructor" in opened.text
    assert student.send(opened.form(path)).status == 303
    assert student.get("/teach/").status == 200
    with db.reading(db.engine_of(app)) as session:
        assert link.rsplit("/", 1)[1] not in session.scalars(select(Invitation.token_hash)).one()


def test_an_invitation_sends_a_stranger_to_sign_in(app, instructor, nobody):
    shown = instructor.follow(instructor.send(instructor.get("/teach/people").form("/invite")))
    path = "/" + shown.html.split('class="invite" dir="ltr">')[1].split("<")[0].split("/", 3)[3]
    assert nobody.get(path).status == 200
    assert nobody.post(path).location == f"/sign-in?next={path}"
    assert nobody.get("/invitation/nope").status == 404


# ---------------------------------------------------------------- pages


def make(visitor, **form):
    page = visitor.get("/teach/new-bank")
    return visitor.send(page.form("/new-bank"), **{"title.en": "My own bank", **form})


def test_a_bank_is_made_by_a_form_and_twice_sent_once(app, instructor, signed_in):
    page = instructor.get("/teach/new-bank")
    first = instructor.send(page.form("/new-bank"), **{"title.ar": "بنكي"})
    again = instructor.send(page.form("/new-bank"), **{"title.ar": "بنكي"})
    assert (first.status, first.location) == (303, again.location)
    assert instructor.follow(first).heading == "بنكي"
    other = signed_in("instructor", login_name="other", name_key="other")
    assert other.get(first.location).status == 404
    assert "بنكي" not in other.get("/teach/").text


@pytest.mark.parametrize("title", ["", " ", "x" * 201])
def test_a_bank_needs_a_title(instructor, title):
    assert make(instructor, **{"title.en": title}).status == 422


def test_the_packaged_way_of_copying_says_what_does_not_follow(instructor):
    page = instructor.get("/teach/new-bank?of=dam")
    assert "Memories and Anki notes do not follow a copy" in page.text
    made = instructor.send(page.form("/new-bank"), **{"title.en": "Copy"})
    names = {link.rsplit("/", 1)[1] for link in instructor.get("/teach/banks/dam").links if "/questions/" in link}
    copied = instructor.follow(made)
    assert copied.heading == "Copy"
    assert {link.rsplit("/", 1)[1] for link in copied.links if "/questions/" in link} == names


def test_state_and_title_are_set_by_the_owner(app, instructor, nobody):
    path = make(instructor).location
    form = instructor.get(f"{path}/settings").form("/settings")
    assert nobody.get(f"/banks/{path.rsplit('/', 1)[1]}/anki").status == 404
    assert instructor.send(form, state="public", **{"title.en": "Renamed"}).status == 303
    assert instructor.get(path).heading == "Renamed"
    assert nobody.get(f"/banks/{path.rsplit('/', 1)[1]}/anki").status == 200
    assert instructor.send(form, state="secret").status == 422


def test_an_editor_who_does_not_own_it_changes_no_state(app, instructor, signed_in):
    path = make(instructor).location
    bank_id = path.rsplit("/", 1)[1]
    other = signed_in("instructor", login_name="other", name_key="other")
    with db.transaction(db.engine_of(app)) as session:
        session.add(Editor(bank_id=bank_id, user_id=other.user_id, owner=False, at=app.config["CLOCK"]()))
    assert other.get(f"{path}/settings").status == 200
    assert other.post(f"{path}/settings", state="public", **{"title.en": "My own bank"}).status == 404
    assert other.post(f"{path}/editors/{instructor.user_id}/remove").status == 404
    assert other.post(f"{path}/editors/{other.user_id}/own").status == 404
    assert other.post("/teach/invite", bank=bank_id, form_key="k" * 24).status == 404
    assert other.post(f"{path}/editors/{other.user_id}/remove").location == "/teach/"
    assert other.get(path).status == 404
    assert instructor.post(f"{path}/editors/{instructor.user_id}/remove").status == 422
    assert instructor.post(f"{path}/editors/{other.user_id}/own").status == 404


def test_an_owner_makes_another_one_and_may_then_leave(app, instructor, signed_in):
    path = make(instructor).location
    other = signed_in("instructor", login_name="other", name_key="other")
    with db.transaction(db.engine_of(app)) as session:
        copying.add_editor(session, path.rsplit("/", 1)[1], other.user_id, now=app.config["CLOCK"]())
    assert instructor.send(instructor.get(f"{path}/settings").form("/own")).status == 303
    assert instructor.post(f"{path}/editors/{instructor.user_id}/remove").location == "/teach/"
    assert "other · owner" in other.get(f"{path}/settings").text


def test_deleting_an_account_says_what_becomes_of_its_banks(app, instructor, signed_in):
    path = make(instructor).location
    assert "the administrators" in instructor.get("/settings/data").text
    assert instructor.post("/settings/delete", word="delete").status == 303
    other = signed_in("instructor", login_name="other", name_key="other")
    assert other.get(path).status == 404


def test_an_administrator_sees_and_ends_logins_and_nobody_else_does(app, instructor, student, signed_in):
    admin = signed_in("instructor", login_name="root", name_key="root")
    with db.transaction(db.engine_of(app)) as session:
        session.get_one(User, admin.user_id).role = ADMIN
    page = admin.get("/teach/people")
    assert "student" in page.text
    form = next(form for form in page.forms if f"/people/{student.user_id}/" in form.action)
    assert "student" not in instructor.get("/teach/people").text
    assert instructor.post(form.action).status == 404
    assert student.get("/settings/browsers").status == 200
    assert admin.send(form).status == 303
    assert student.get("/settings/browsers").status != 200


# ---------------------------------------------------------------- a bad question


def answered(visitor, learner):
    page = learner.start("5")
    while True:
        verdict = learner.follow(learner.send(page.form("/answer"), sure="unknown"))
        link = next(link for link in verdict.links if link.startswith(("/attempts/", "/sittings/")))
        page = learner.follow(learner.get(link))
        if not any(form.action.endswith("/answer") for form in page.forms):
            return


def test_a_question_is_made_void_after_a_list_of_whose_marks_change(app, instructor, student):
    answered(instructor, student)
    with db.reading(db.engine_of(app)) as session:
        from quiz.models import Attempt

        name = session.scalars(select(Attempt.question_id).where(Attempt.outcome == "wrong")).first()
    path = f"/teach/banks/dam/questions/{name}"
    form = instructor.get(path).form("/marks")
    listed = instructor.send(form, do="void")
    assert listed.status == 200
    assert "1 mark would change" in listed.text
    with db.reading(db.engine_of(app)) as session:
        assert session.get_one(QuestionRow, ("dam", name)).voided_at is None
    done = instructor.send(listed.form("/marks"), do="void")
    assert done.location == f"{path}?marks=1"
    with db.transaction(db.engine_of(app)) as session:
        row = session.get_one(QuestionRow, ("dam", name))
        assert (row.voided_at is not None, row.withdrawn) == (True, True)
        banks.load(session, make_bank(), now=app.config["CLOCK"]())
        assert name not in [question.id for question in banks.live(session, "dam")]
    back = instructor.send(
        instructor.send(instructor.get(path).form("/marks"), do="unvoid").form("/marks"), do="unvoid"
    )
    assert back.location == f"{path}?marks=1"
    with db.reading(db.engine_of(app)) as session:
        assert name in [question.id for question in banks.live(session, "dam")]


def test_a_question_is_retired_and_brought_back(app, instructor):
    path = "/teach/banks/dam/questions/f-1.speaker.choice"
    instructor.send(instructor.get(path).form("/state"), do="retire")
    with db.transaction(db.engine_of(app)) as session:
        banks.load(session, make_bank(), now=app.config["CLOCK"]())
        assert "f-1.speaker.choice" not in [question.id for question in banks.live(session, "dam")]
    instructor.send(instructor.get(path).form("/state"), do="back")
    with db.reading(db.engine_of(app)) as session:
        assert "f-1.speaker.choice" in [question.id for question in banks.live(session, "dam")]
    assert instructor.post(f"{path}/state", do="burn").status == 422
    assert instructor.post(f"{path}/marks", do="burn").status == 422


# ---------------------------------------------------------------- checks


def plain(name, ar, en, **changes):
    return make_question("open", id=name, facts=(), topic=None, stem={"ar": ar, "en": en}, **changes)


def test_what_is_said_twice_is_found_whatever_its_vowels():
    rows = [plain("a", "من أعلنَ؟", "Who spoke?"), plain("b", "من اعلن؟", "Who spoke?"), plain("c", "متى؟", "When?")]
    assert [[one.id for one in group] for group in alike.exact(rows)] == [["a", "b"]]


def test_what_is_nearly_the_same_is_found():
    rows = [
        plain("a", "س", "Who announced the opening of the great dam?"),
        plain("b", "ص", "Who announced the opening of the grand dam?"),
        plain("c", "ط", "In which city did the ministers meet?"),
    ]
    (group,) = alike.near(rows, ("ar", "en"))
    assert [question.id for question in group.questions] == ["a", "b"]
    assert 90 < group.likeness < 100


def test_of_questions_that_facts_gave_by_one_form_none_is_a_double_of_another():
    given = [
        make_question("open", id=name, facts=("f-1",), stem={"en": f"Who announced the opening of the {what} dam?"})
        for name, what in (("f-1.a.open", "great"), ("f-2.a.open", "grand"))
    ]
    assert alike.near(given, ("en",)) == []
    own = make_question("open", id="own", facts=(), stem={"en": "Who announced the opening of the grand dams?"})
    assert {question.id for question in alike.near([*given, own], ("en",))[0].questions} >= {"own", "f-2.a.open"}


def test_what_lacks_a_language_is_found_with_its_field():
    rows = [make_question("open", id="a", stem={"en": "Only English"}), plain("b", "س", "Both")]
    assert [(question.id, fields) for question, fields in alike.untranslated(rows, ("ar", "en"))] == [
        ("a", ("stem.ar",))
    ]


def test_an_answer_that_another_question_tells_is_found():
    rows = [
        make_question(
            "typed", facts=(), id="a", stem={"en": "Who spoke?"}, answer={"en": "Layla al-Hasan"}, accepted=()
        ),
        plain("b", "س", "Why did Layla al-Hasan announce the opening?"),
        plain("c", "س", "Where was it?"),
    ]
    assert [(one.question.id, [by.id for by in one.by]) for one in alike.told(rows)] == [("a", ["b"])]


@pytest.mark.parametrize("what", ["exact", "near", "same", "missing", "told", "strange"])
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_page_of_checks_opens(signed_in, what, lang):
    assert signed_in("instructor", lang).get(f"/teach/banks/dam/checks?what={what}").status == 200
