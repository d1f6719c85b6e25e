"""What a learner sets: what is refused, what it costs, what follows from saving it; and digits."""

import re
import time
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from factories import make_bank, make_learner, more
from flask import g
from sqlalchemy import select

from questions.history import Memory, Rating, date_to_day
from questions.responses import Chosen
from quiz import db, i18n, scheduling
from quiz.models import Aim, Card, User
from quiz.services import accounts, banks, settings, study

TODAY = date(2026, 1, 12)
DAY = date_to_day(TODAY)
AS_MADE = settings.Settings("", 10, "en", 0.9, 20, "UTC", 4, "latn", {"dam": None})


# ---------------------------------------------------------------- what is asked for


def test_a_form_with_everything_is_taken():
    form = {
        "study_language": "ar", "new_per_day": "٢٥", "language": "ar", "retention": " 95 ", "reviews_per_day": "60",
        "time_zone": "Asia/Riyadh", "day_turns_at": "3", "digits": "arab", "exam-dam": "2026-02-01",
    }  # fmt: skip
    assert settings.check(form, AS_MADE, today=TODAY) == (
        settings.Settings("ar", 25, "ar", 0.95, 60, "Asia/Riyadh", 3, "arab", {"dam": date(2026, 2, 1)}),
        {},
    )


def test_what_is_left_out_stays_as_it_was():
    assert settings.check({}, AS_MADE, today=TODAY) == (AS_MADE, {})


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("study_language", "fr", "choice"),
        ("language", "", "choice"),
        ("digits", "thai", "choice"),
        ("new_per_day", "-1", "number"),
        ("new_per_day", "101", "number"),
        ("new_per_day", "ten", "number"),
        ("new_per_day", "", "number"),
        ("new_per_day", "9" * 5000, "number"),
        ("new_per_day", "1e3", "number"),
        ("new_per_day", "²", "number"),
        ("retention", "84", "number"),
        ("retention", "96", "number"),
        ("reviews_per_day", "4", "number"),
        ("reviews_per_day", "201", "number"),
        ("day_turns_at", "24", "number"),
        ("time_zone", "Mars/Base", "choice"),
        ("time_zone", "../../etc/passwd", "choice"),
        ("time_zone", "browser", "silent"),
        ("exam-dam", "tomorrow", "date"),
        ("exam-dam", "2026-02-30", "date"),
        ("exam-dam", "2026-01-11", "past"),
        ("exam-dam", "2036-01-01", "far"),
    ],
)
def test_what_does_not_fit_is_named_and_left_as_it_was(field, value, fault):
    assert settings.check({field: value}, AS_MADE, today=TODAY) == (AS_MADE, {field: fault})


def test_an_exam_on_a_bank_that_is_not_there_is_left_alone():
    assert settings.check({"exam-other": "2026-02-01"}, AS_MADE, today=TODAY) == (AS_MADE, {})


def test_the_time_zone_of_the_device_is_taken_where_it_says_one():
    wanted, wrong = settings.check({"time_zone": "browser", "zone": "Africa/Cairo"}, AS_MADE, today=TODAY)
    assert (wanted.time_zone, wrong) == ("Africa/Cairo", {})


def test_a_new_guests_time_zone_is_kept_where_there_is_such_a_one(session, now):
    zones = [
        session.get_one(User, accounts.new_guest(session, time_zone=zone, now=now)).time_zone
        for zone in ("Asia/Riyadh", "Mars/Base", None)
    ]
    assert zones == ["Asia/Riyadh", "UTC", "UTC"]


def test_whoever_begins_lives_where_their_browser_says(app, nobody):
    nobody.post("/banks/dam/quiz", form_key="k" * 24, size="5", zone="Asia/Riyadh")
    assert "Asia/Riyadh" in kept_zones(app)
    nobody.post("/start-afresh")
    nobody.post("/register", form_key="r" * 24, name="Amal", password="long enough", zone="Africa/Cairo")
    assert kept_zones(app) == {"Asia/Riyadh", "Africa/Cairo"}


def kept_zones(app):
    with db.reading(db.engine_of(app)) as session:
        return set(session.scalars(select(User.time_zone)))


# ---------------------------------------------------------------- what follows from it


def learnt(session, learner, now, *, points=6, days=3):
    """A learner who met some points of a bank, on several days."""
    banks.load(session, make_bank(*more(points)), now=now)
    for nr in range(days):
        at = now + timedelta(days=4 * nr)
        sitting = study.start_quiz(session, "dam", learner=learner, count=None, seed=1, now=at)
        while (attempt := study.open_attempt(session, sitting, learner=learner)) is not None:
            page = study.attempt_page(session, attempt, learner=learner, now=at)
            study.answer(session, attempt, learner=learner, response=Chosen(option=page.question.key), now=at)
    return now + timedelta(days=4 * days)


def due_days(session):
    return {
        row.point: (row.due, row.queue_day) for row in session.execute(select(Card.point, Card.due, Card.queue_day))
    }


def test_another_retention_moves_the_due_days_and_no_memory(session, now):
    learner = make_learner(session)
    learnt(session, learner, now)
    memories = session.execute(select(Card.point, Card.stability, Card.difficulty, Card.last_day, Card.reps)).all()
    before = settings.read(session, learner.id, language="en")
    wanted, _ = settings.check({"retention": "95"}, before, today=TODAY)
    earlier = due_days(session)
    settings.save(session, wanted, user_id=learner.id)
    session.expire_all()
    moved = due_days(session)
    assert [moved[point] < days for point, days in earlier.items()] == [True] * 6
    after = session.execute(select(Card.point, Card.stability, Card.difficulty, Card.last_day, Card.reps)).all()
    assert after == memories
    settings.save(session, before, user_id=learner.id)
    session.expire_all()
    assert due_days(session) == earlier


def test_retention_and_exam_saved_together_agree(session, now):
    learner = make_learner(session)
    learnt(session, learner, now)
    before = settings.read(session, learner.id, language="en")
    wanted, _ = settings.check({"retention": "85", "exam-dam": "2026-01-25"}, before, today=TODAY)
    settings.save(session, wanted, user_id=learner.id)
    session.expire_all()
    user = session.get_one(User, learner.id)
    kept = due_days(session)
    study.reschedule(session, learner_id=learner.id)
    session.expire_all()
    assert (user.retention, due_days(session)) == (0.85, kept)
    assert session.scalars(select(Aim.exam_day)).all() == [date_to_day(date(2026, 1, 25))]
    cleared, _ = settings.check({"exam-dam": ""}, wanted, today=TODAY)
    settings.save(session, cleared, user_id=learner.id)
    assert session.scalars(select(Aim.exam_day)).all() == []


def test_an_exam_that_is_over_can_stay(session, now):
    learner = make_learner(session)
    banks.load(session, make_bank(*more(2)), now=now)
    study.set_exam(session, "dam", DAY - 30, learner=learner)
    before = settings.read(session, learner.id, language="en")
    assert settings.check({"exam-dam": "2025-12-13"}, before, today=TODAY) == (before, {})


# ---------------------------------------------------------------- what it costs


def memories(count, *, stability=5.0, spread=30):
    """Points that were reviewed on each of the last days in turn."""
    return [
        Memory(stability + nr % 7, 5.0, DAY - nr % spread, DAY - nr % spread + 5, 2, 0)
        for nr in range(count)
    ]  # fmt: skip


def workload(found, **changes):
    usual = {"unseen": 0, "day": DAY, "retention": 0.9, "new_per_day": 0, "reviews_per_day": 200}
    return scheduling.workload(found, **{**usual, **changes})


def total(loads):
    return sum(load.reviews + load.new for load in loads)


def test_the_same_memories_cost_the_same():
    found = memories(80)
    assert workload(found) == workload(list(reversed(found)))
    assert len(workload(found)) == 28


def test_nothing_to_learn_costs_nothing():
    assert workload([], new_per_day=10) == (scheduling.Load(0, 0, 0),) * 28


def test_a_single_point_comes_when_it_is_due():
    memory = scheduling.review(None, Rating.GOOD, DAY)  # due in two days
    loads = workload([memory])
    assert [nr for nr, load in enumerate(loads, 1) if load.reviews] == [2, 13]


def test_new_points_come_day_by_day_until_there_is_none():
    loads = workload([], unseen=25, new_per_day=10)
    assert [load.new for load in loads[:4]] == [10, 10, 5, 0]


def test_no_day_asks_for_more_than_its_portion_and_the_rest_waits():
    loads = workload(memories(600), unseen=100, new_per_day=50, reviews_per_day=20)
    assert {load.reviews + load.new for load in loads} == {20}
    assert loads[-1].waiting > 50


def test_a_higher_retention_and_more_new_points_cost_more():
    found = memories(200)
    assert total(workload(found, retention=0.95)) > total(workload(found)) > total(workload(found, retention=0.85))
    assert total(workload(found, unseen=500, new_per_day=20)) > total(workload(found, unseen=500, new_per_day=5))


def test_an_exam_brings_every_point_up_in_the_three_days_before():
    found = [Memory(200.0, 5.0, DAY - 1, DAY + 199, 4, 0)] * 30
    assert [load.reviews for load in workload(found, exam_day=DAY + 10)[:10]] == [0, 0, 0, 0, 0, 0, 0, 0, 30, 0]
    assert total(workload(found)) == 0


def test_what_an_exam_brought_forward_and_was_not_reached_goes_back():
    found = [Memory(200.0, 5.0, DAY - 1, DAY + 199, 4, 0)] * 300
    loads = workload(found, exam_day=DAY + 10, reviews_per_day=20)
    assert loads[8].waiting > 200
    assert loads[10] == scheduling.Load(0, 0, 0)


def test_a_sample_stands_for_many_within_a_tenth():
    whole = workload(memories(4000), most=100_000, reviews_per_day=10_000, days=14)
    sampled = workload(memories(4000), most=1000, reviews_per_day=10_000, days=14)
    assert total(sampled) == pytest.approx(total(whole), rel=0.1)


def test_the_most_that_can_be_set_does_not_hold_the_server():
    found = memories(50_000)
    began = time.process_time()
    workload(found, unseen=50_000, new_per_day=100, retention=0.95, reviews_per_day=200, exam_day=DAY + 20)
    assert time.process_time() - began < 5


def test_the_cost_of_what_stands_is_the_learners_own(session, now):
    learner = make_learner(session)
    later = learnt(session, learner, now, points=40, days=1)
    before = settings.read(session, learner.id, language="en")
    dear, _ = settings.check({"retention": "95"}, before, today=TODAY)
    costs = [settings.cost(session, one, learner=learner, now=later) for one in (before, dear)]
    assert [week.number for week in costs[0].weeks] == [1, 2, 3, 4]
    assert sum(week.points for week in costs[1].weeks) > sum(week.points for week in costs[0].weeks)


# ---------------------------------------------------------------- the page


def test_the_page_asks_three_things_first(student):
    page = student.get("/settings")
    first, _more, rest = page.html.partition("<details")
    assert re.findall(r'<(?:select|input type="(?:number|date)")[^>]* name="([\w-]+)"', first) == [
        "study_language",
        "new_per_day",
        "exam-dam",
    ]
    assert 'name="retention"' in rest


def test_whoever_has_nothing_yet_is_shown_how_to_begin(nobody):
    page = nobody.get("/settings")
    assert (page.status, page.forms[1:]) == (200, [])
    assert "/" in page.links
    assert nobody.post("/settings", new_per_day="5").location == "/settings"


def test_what_costs_nothing_is_saved_at_once(app, student):
    form = student.get("/settings").form("/settings")
    page = student.send(form, study_language="ar", time_zone="Africa/Cairo", day_turns_at="5", digits="arab")
    assert (page.status, page.location) == (303, "/settings?saved=yes")
    assert "The settings are saved." in student.follow(page).text
    assert kept(app, student) == ("ar", 10, 0.9, "Africa/Cairo", 5, "arab")


def kept(app, visitor):
    columns = User.study_language, User.new_per_day, User.retention, User.time_zone, User.day_turns_at, User.digits
    with db.reading(db.engine_of(app)) as session:
        return tuple(session.execute(select(*columns).where(User.id == visitor.user_id)).one())


def test_what_costs_is_shown_before_it_is_saved(app, student):
    student.start()
    form = student.get("/settings").form("/settings")
    sent = student.send(form, new_per_day="3", retention="95", **{"exam-dam": "2026-02-01"})
    assert (sent.status, kept(app, student)) == (303, (None, 10, 0.9, "UTC", 4, "latn"))
    page = student.follow(sent)
    assert page.heading == "What it costs"
    assert page.text.count("With the new ones") == 1
    assert kept(app, student)[1] == 10
    change = next(link for link in page.links if link.startswith("/settings?"))
    fields = dict(student.get(change.replace("&amp;", "&")).form("/settings").fields)
    assert (fields["new_per_day"], fields["retention"], fields["exam-dam"]) == ("3", "95", "2026-02-01")
    saved = student.send(page.form("/settings"))
    assert (saved.location, kept(app, student)) == ("/settings?saved=yes", (None, 3, 0.95, "UTC", 4, "latn"))
    again = student.send(page.form("/settings"))  # sent twice
    assert (again.location, kept(app, student)) == ("/settings?saved=yes", (None, 3, 0.95, "UTC", 4, "latn"))


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_refusal_stands_at_its_field_with_what_was_typed(app, signed_in, lang):
    student = signed_in("student", lang)
    form = student.get("/settings").form("/settings")
    page = student.send(form, retention="99", new_per_day="<b>")
    assert page.status == 422
    for field in ("retention", "new_per_day"):
        assert re.search(rf'name="{field}" aria-invalid="true" aria-describedby="fault-{field}', page.html)
        assert f'id="fault-{field}"' in page.html
    assert 'value="&lt;b&gt;"' in page.html
    assert '<details class="fold" open>' in page.html
    assert kept(app, student)[2] == 0.9


def test_a_preview_of_what_does_not_fit_is_refused_too(student):
    assert student.get("/settings/preview?retention=12").status == 422
    assert student.get(f"/settings/preview?new_per_day={'9' * 999}&time_zone=%00").status in {400, 422}


def test_the_language_of_the_pages_is_kept_with_the_account(app, student):
    page = student.send(student.get("/settings").form("/settings"), language="ar")
    assert student.follow(page).lang == "ar rtl"
    student.client.delete_cookie("qimma_lang")
    assert student.get("/settings").lang == "ar rtl"


def test_digits_are_of_the_chosen_kind_on_every_arabic_page(signed_in):
    reader = signed_in("student", "ar", digits="arab")
    reader.start()
    for path in ("/", "/settings/browsers", "/settings/preview?new_per_day=20"):
        words = re.sub(r"<(script|style|option|code)\b.*?</\1>|<[^>]+>|&#?\w+;", " ", reader.get(path).html, flags=re.S)
        assert re.findall("[0-9]", words) == []
        assert re.findall("[٠-٩]", words)
    reader.client.set_cookie("qimma_lang", "en")
    assert re.findall("[٠-٩]", reader.get("/").text) == []


def test_digits_in_forms_and_addresses_stay_what_programs_read(signed_in):
    reader = signed_in("student", "ar", digits="arab")
    page = reader.start()
    assert re.search(r'action="/attempts/[0-9]+/answer"', page.html)
    assert dict(reader.get("/settings").form("/settings").fields)["new_per_day"] == "10"


def test_what_stands_in_a_template_is_written_anew_for_each_reader(signed_in):
    """`{{ 1 | num }}`: Jinja would work out a constant once, in the digits of whoever came first."""
    for chosen, one in (("latn", "1"), ("arab", "١"), ("latn", "1")):
        reader = signed_in("guest", "ar", digits=chosen)
        assert f"<kbd>{one}</kbd>" in reader.get("/").html


def test_shares_of_points_are_short_and_in_the_readers_digits(app):
    with app.test_request_context("/", headers={"Accept-Language": "ar"}):
        assert [i18n.number(value) for value in (3, 2.0, 0.5, 1 / 3, 12.345)] == ["3", "2", "0.5", "0.33", "12.35"]
        g.user = SimpleNamespace(digits="arab", language="ar")
        assert [i18n.number(value) for value in (3, 0.5, 1 / 3)] == ["٣", "٠٫٥", "٠٫٣٣"]


def test_a_time_zone_is_listed_once_by_its_city_in_the_readers_language(app):
    with app.test_request_context("/", headers={"Accept-Language": "ar"}):
        offered = dict(i18n.zones(["America/Nuuk", "Asia/Calcutta", "Asia/Kolkata", "Europe/Kyiv"], "Asia/Kolkata"))
        chosen = dict(i18n.zones(["Asia/Calcutta", "Asia/Kolkata"], "Asia/Calcutta"))
    assert offered == {
        "آسيا": [("Asia/Kolkata", "كالكتا")],
        "أوروبا": [("Europe/Kyiv", "كييف")],
        "الأمريكتان": [("America/Nuuk", "غودثاب")],
    }
    assert chosen == {"آسيا": [("Asia/Calcutta", "كالكتا"), ("Asia/Kolkata", "كالكتا")]}


def test_percents_of_arabic_digits_have_their_sign_on_the_left(app):
    with app.test_request_context("/", headers={"Accept-Language": "ar"}):
        assert i18n.percent(0.8) == "<bdi>80%</bdi>"
        g.user = SimpleNamespace(digits="arab", language="ar")
        assert i18n.percent(0.8) == '<bdi dir="rtl">٨٠٪</bdi>'
