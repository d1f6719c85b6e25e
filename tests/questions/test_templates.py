"""Sentences that the templates write, in full: agreement, case and gender in Arabic, the same thing in English."""

from __future__ import annotations

import pytest
import second_book
from fact_files import book, date, entity, fact, number, option_ids, questions

from questions.errors import BadFile
from questions.generate import from_folder
from questions.grading import grade
from questions.item_models.asks import asks
from questions.responses import Written

# Parties that are two, or many; and a third woman.
PARTIES = "".join(
    (
        entity("noor", "person", "نور حداد", "Noor Haddad", 'gender = "f"'),
        entity("water-board", "organisation", "هيئة المياه", "the Water Board", 'gender = "f"'),
        entity("dam-agency", "organisation", "وكالة السدود", "the Dam Agency", 'gender = "f"'),
        entity("river-news", "organisation", "إذاعة النهر", "River News", 'gender = "f"'),
        entity(
            "banks", "organisation", "الضفتان", "the two banks", 'gender = "f"\nnumber = "dual"\noblique.ar = "الضفتين"'
        ),
        entity("councils", "organisation", "المجلسان", "the two councils", 'number = "dual"\noblique.ar = "المجلسين"'),
        entity("boatmen", "organisation", "المراكبيون", "the boatmen", 'number = "plural"\noblique.ar = "المراكبيين"'),
        entity("nations", "organisation", "الأمم النهرية", "the River Nations", 'gender = "f"\nnumber = "plural"'),
        entity("brothers", "person", "الأخوان سعد", "the Saad brothers", 'number = "dual"\noblique.ar = "الأخوين سعد"'),
    )
)


def said(tmp_path, *facts):
    return questions(tmp_path, PARTIES, *facts)


def stem(found, name):
    return (found[name].stem.ar, found[name].stem.en)


CLAIM = """
about = { ar = "السد", en = "the dam" }
claim = { ar = "إن السد مفتوح", en = "that the dam is open" }
"""


def told(name, speakers, more=""):
    listed = ", ".join(f'"{speaker}"' for speaker in speakers)
    return fact(name, "statement", f"speaker = [{listed}]{CLAIM}{more}")


def asks_of(tmp_path, *facts):
    known = book(tmp_path, PARTIES, *facts)
    return list(asks(known.facts["f-x"], known))


# ---------------------------------------------------------------- who said it, and whose account it is


@pytest.mark.parametrize(
    ("speakers", "ar", "en"),
    [
        (["layla"], "ليلى الحسن قالت", "Layla Hasan"),
        (["layla", "ada"], "ليلى الحسن وآدا مور قالتا", "Layla Hasan and Ada Moore"),
        (["layla", "omar"], "ليلى الحسن وعمر سالم قالا", "Layla Hasan and Omar Salem"),
        (["omar", "layla"], "عمر سالم وليلى الحسن قالا", "Omar Salem and Layla Hasan"),
        (["layla", "ada", "noor"], "ليلى الحسن وآدا مور ونور حداد قلن", "Layla Hasan, Ada Moore and Noor Haddad"),
        (["layla", "ada", "omar"], "ليلى الحسن وآدا مور وعمر سالم قالوا", "Layla Hasan, Ada Moore and Omar Salem"),
        (["water-board", "dam-agency"], "هيئة المياه ووكالة السدود قالتا", "the Water Board and the Dam Agency"),
        (["banks"], "الضفتين قالتا", "the two banks"),
        (["councils"], "المجلسين قالا", "the two councils"),
        (["boatmen"], "المراكبيين قالوا", "the boatmen"),
        (["nations"], "الأمم النهرية قالت", "the River Nations"),
        (["banks", "omar"], "الضفتين وعمر سالم قالوا", "the two banks and Omar Salem"),
    ],
)
def test_whose_account_it_is_names_the_speakers_in_the_oblique_and_agrees_with_them(tmp_path, speakers, ar, en):
    found = said(tmp_path, told("f-x", speakers, 'reported_by = "river-news"'))
    assert stem(found, "f-x.reported_by.typed") == (
        f"عن محادثات النهر، لمن الرواية القائلة إن {ar} إن السد مفتوح؟ (اسم الجهة)",
        f"On the river talks, whose account is it that {en} said that the dam is open? (the name of the body)",
    )


@pytest.mark.parametrize(
    ("speaker", "ar", "en"),
    [
        ("layla", "كانت ليلى الحسن هي مَن قالت", "it was Layla Hasan who said"),
        ("omar", "كان عمر سالم هو مَن قال", "it was Omar Salem who said"),
        ("brothers", "كان الأخوان سعد هما مَن قالا", "it was the Saad brothers who said"),
        ("water-board", "كانت هيئة المياه هي التي قالت", "it was the Water Board that said"),
        ("banks", "كانت الضفتان هما اللتان قالتا", "it was the two banks that said"),
        ("councils", "كان المجلسان هما اللذان قالا", "it was the two councils that said"),
        ("boatmen", "كان المراكبيون هم الذين قالوا", "it was the boatmen that said"),
        ("nations", "كانت الأمم النهرية هي التي قالت", "it was the River Nations that said"),
    ],
)
def test_a_speaker_who_is_singled_out_is_one_two_or_many(tmp_path, speaker, ar, en):
    asked = [one for one in asks_of(tmp_path, told("f-x", [speaker])) if one.asked == "speaker"]
    sentence = asked[0].statement(asked[0].answer)
    assert (sentence.ar, sentence.en) == (
        f"في محادثات النهر، {ar} إن السد مفتوح.",
        f"In the river talks, {en} that the dam is open.",
    )


QUOTE = 'speaker = "{}"\nwords = {{ ar = "{}", en = "{}" }}\nabout = {{ ar = "النهر", en = "the river" }}'


@pytest.mark.parametrize(
    ("speaker", "ar"),
    [
        ("banks", "كانت الضفتان هما اللتان استخدمتا كلمة «هادئ» في وصف النهر"),
        ("boatmen", "كان المراكبيون هم الذين استخدموا كلمة «هادئ» في وصف النهر"),
        ("ada", "كانت آدا مور هي مَن استخدمت كلمة «هادئ» في وصف النهر"),
    ],
)
def test_whoever_used_the_words_is_one_two_or_many(tmp_path, speaker, ar):
    asked = asks_of(tmp_path, fact("f-x", "quote", QUOTE.format(speaker, "هادئ", "calm")))[0]
    assert asked.statement(asked.answer).ar == f"في محادثات النهر، {ar}."


def test_before_its_subject_a_verb_is_singular_and_the_name_stays_as_it_is(tmp_path):
    found = said(tmp_path, told("f-x", ["banks"], FOILS))
    assert stem(found, "f-x.claim.choice") == (
        "في محادثات النهر، ماذا قالت الضفتان بشأن السد؟",
        "In the river talks, what did the two banks say regarding the dam?",
    )


FOILS = "".join(
    f'[[fact.foils.claim]]\nid = "{name}"\ntext = {{ ar = "إن السد {ar}", en = "that the dam is {name}" }}\n'
    f'why = {{ ar = "لا {ar}.", en = "Not {name}." }}\n'
    for name, ar in (("dry", "جاف"), ("shut", "مغلق"), ("old", "قديم"))
)


# ---------------------------------------------------------------- after a preposition


@pytest.mark.parametrize(
    ("source", "ar", "en", "alone"),
    [
        ("banks", "بحسب الضفتين", "according to the two banks", "الضفتان"),
        ("boatmen", "بحسب المراكبيين", "according to the boatmen", "المراكبيون"),
        ("water-board", "بحسب هيئة المياه", "according to the Water Board", "هيئة المياه"),
    ],
)
def test_according_to_takes_the_oblique_name_and_the_source_by_itself_does_not(tmp_path, source, ar, en, alone):
    found = said(tmp_path, number("f-x", 12, f'source = "{source}"'))
    assert stem(found, "f-x.count.choice") == (
        f"في محادثات النهر، {ar}، كم يومًا استمر لقاء f-x؟",
        f"In the river talks, {en}, how many days did the f-x meeting last?",
    )
    assert found["f-x.count.choice"].sources[0].voice.ar == alone


def test_a_matter_that_someone_brought_up_is_named_in_the_oblique(tmp_path):
    matter = entity("locks", "matter", "الهويسان", "the two locks", 'number = "dual"\noblique.ar = "الهويسين"')
    raised = fact("f-x", "topic_raised", 'matter = "locks"\nby = ["omar"]')
    assert stem(said(tmp_path, matter, raised), "f-x.by.choice") == (
        "في محادثات النهر، مَن أثار موضوع الهويسين؟",
        "In the river talks, who brought up the two locks?",
    )


@pytest.mark.parametrize("typed", ["الضفتان", "الضفتين"])
def test_a_name_is_right_in_either_form(tmp_path, typed):
    question = said(tmp_path, told("f-x", ["banks"]))["f-x.speaker.typed"]
    assert grade(question, Written(text=typed)).outcome == "right"


@pytest.mark.parametrize(
    ("oblique", "problem"),
    [
        ('oblique.en = "the banks"\noblique.ar = "الضفتين"', "field oblique.en: is not a field of this kind of block"),
        ('oblique.ar = "the banks"', "field oblique: is not written in Arabic"),
        ('oblique = "الضفتين"', "field oblique: "),
    ],
)
def test_the_oblique_form_is_arabic_and_nothing_else(tmp_path, oblique, problem):
    with pytest.raises(BadFile) as caught:
        book(tmp_path, entity("shores", "organisation", "الضفتان", "the shores", oblique))
    assert problem in str(caught.value)


# ---------------------------------------------------------------- who was what


ROLE = 'person = "{}"\nrole = {{ ar = "{}", en = "{}" }}'
MINISTER = fact("r-1", "person_role", ROLE.format("layla", "وزيرة المياه", "the minister of water"))
ENVOY = fact("r-2", "person_role", ROLE.format("omar", "مبعوث النهر", "the envoy of the river"))
HEAD = fact("r-3", "person_role", ROLE.format("ada", "رئيسة الوفد", "the head of the delegation"))
GUIDE = fact("r-4", "person_role", ROLE.format("noor", "مرشدة الوفد", "the guide of the delegation"))
GUARD = fact("r-5", "person_role", ROLE.format("nils", "حارس السد", "the guard of the dam"))
ROLES = (MINISTER, ENVOY, HEAD, GUIDE, GUARD)


@pytest.mark.parametrize(
    ("name", "ar", "en"),
    [
        (
            "r-1.who.choice",
            "مَن كانت وزيرة المياه وقت محادثات النهر؟",
            "Who was the minister of water at the time of the river talks?",
        ),
        (
            "r-1.who.typed",
            "مَن كانت وزيرة المياه وقت محادثات النهر؟ (الاسم واسم العائلة)",
            "Who was the minister of water at the time of the river talks? (name and surname)",
        ),
        (
            "r-2.who.choice",
            "مَن كان مبعوث النهر وقت محادثات النهر؟",
            "Who was the envoy of the river at the time of the river talks?",
        ),
        (
            "r-1.role.choice",
            "ما صفة ليلى الحسن وقت محادثات النهر؟",
            "What was Layla Hasan's role at the time of the river talks?",
        ),
        (
            "r-4.role.choice",
            "ما صفة نور حداد وقت محادثات النهر؟",
            "What was Noor Haddad's role at the time of the river talks?",
        ),
    ],
)
def test_a_role_is_asked_for_in_words_that_fit_any_role(tmp_path, name, ar, en):
    assert stem(said(tmp_path, *ROLES), name) == (ar, en)


def test_beside_a_woman_s_role_stand_women_and_beside_a_man_s_men(tmp_path):
    found = said(tmp_path, *ROLES)
    assert option_ids(found["r-1.who.choice"]) == {"layla", "ada", "noor"}
    assert option_ids(found["r-2.who.choice"]) == {"omar", "nils", "karim"}


def test_beside_a_woman_s_role_stand_women_s_roles(tmp_path):
    found = said(tmp_path, *ROLES)
    assert option_ids(found["r-1.role.choice"]) == {"r-1", "r-3", "r-4"}
    assert "r-2.role.choice" not in found  # one man's role besides: too few


def test_with_one_other_woman_a_woman_s_role_is_no_choice(tmp_path):
    found = questions(tmp_path, MINISTER)
    assert "r-1.who.choice" not in found
    assert stem(found, "r-1.who.typed")[0] == "مَن كانت وزيرة المياه وقت محادثات النهر؟ (الاسم واسم العائلة)"


@pytest.mark.parametrize("nr", range(10, 16))
def test_a_statement_of_a_role_names_someone_whom_its_words_fit(tmp_path, nr):
    role = fact(f"r-{nr}", "person_role", ROLE.format("layla", "وزيرة المياه", "the minister of water"))
    sentence = said(tmp_path, role)[f"r-{nr}.who.true-false"].stem
    assert (sentence.ar, sentence.en) in {
        (
            f"كانت {ar} وزيرة المياه وقت محادثات النهر.",
            f"{en} was the minister of water at the time of the river talks.",
        )
        for ar, en in (("ليلى الحسن", "Layla Hasan"), ("آدا مور", "Ada Moore"), ("نور حداد", "Noor Haddad"))
    }


def test_a_body_that_is_two_were_what_they_were(tmp_path):
    host = fact("f-x", "person_role", ROLE.format("councils", "مضيفَي المحادثات", "the hosts"))
    who, role = asks_of(tmp_path, host)
    sentence = who.statement(who.answer)
    assert (sentence.ar, sentence.en) == (
        "كان المجلسان مضيفَي المحادثات وقت محادثات النهر.",
        "The two councils were the hosts at the time of the river talks.",
    )
    assert (role.stem.ar, role.stem.en) == (
        "ما صفة المجلسين وقت محادثات النهر؟",
        "What was the two councils' role at the time of the river talks?",
    )


# ---------------------------------------------------------------- sets


SET = '[[set]]\nid = "set-x"\nasked = "{}"\nfacts = [{}]\nothers = [{}]\ntopic = "water"\n'
LABEL = 'label = {{ ar = "{0}", en = "the {0}" }}\n{1}'


def dated(setting):
    return "".join(
        date(f"d-{day}", f"step {day}", f"2030-05-0{day}", LABEL.format(f"step {day}", setting)) for day in (1, 2, 3, 4)
    )


@pytest.mark.parametrize(
    ("setting", "ar", "en"),
    [
        (
            'setting = "none"',
            "ما ترتيب هذه الأحداث من الأقدم إلى الأحدث؟",
            "What is the order of these events, from the earliest to the latest?",
        ),
        (
            'setting = "within"',
            "عن محادثات النهر، ما ترتيب هذه الأحداث من الأقدم إلى الأحدث؟",
            "On the river talks, what is the order of these events, from the earliest to the latest?",
        ),
    ],
)
def test_an_order_says_what_it_is_about_where_its_events_do_not(tmp_path, setting, ar, en):
    found = said(tmp_path, dated(setting), SET.format("order", '"d-1", "d-2", "d-3"', ""))
    assert stem(found, "set-x.order.ordering") == (ar, en)


@pytest.mark.parametrize(
    ("setting", "ar", "en"),
    [
        ('setting = "none"', "ما تاريخ كل من هذه الأحداث؟", "What is the date of each of these events?"),
        (
            'setting = "about"',
            "عن محادثات النهر، ما تاريخ كل من هذه الأحداث؟",
            "On the river talks, what is the date of each of these events?",
        ),
    ],
)
def test_dates_to_be_matched_say_what_they_are_about_where_their_events_do_not(tmp_path, setting, ar, en):
    found = said(tmp_path, dated(setting), SET.format("pairs", '"d-1", "d-2", "d-3"', '"d-4"'))
    assert stem(found, "set-x.pairs.matching") == (ar, en)


def test_roles_to_be_matched_are_asked_for_in_words_that_fit_any_role(tmp_path):
    found = said(tmp_path, *ROLES, SET.format("pairs", '"r-1", "r-3", "r-4"', '"r-2"'))
    assert stem(found, "set-x.pairs.matching") == (
        "ما صفة كل من هؤلاء وقت محادثات النهر؟",
        "What was the role of each of these at the time of the river talks?",
    )


# ---------------------------------------------------------------- the second book


@pytest.fixture(scope="module")
def second():
    return {question.id: question for question in from_folder(second_book.FOLDER)[1].live}


@pytest.mark.parametrize(
    ("name", "ar", "en"),
    [
        (
            "f-009.who.choice",
            "مَن كانت رئيسة فرقة الإنقاذ الجبلي وقت إنقاذ جبل قرناس؟",
            "Who was the head of the Mountain Rescue Team at the time of the Mount Qirnas rescue?",
        ),
        (
            "f-010.role.choice",
            "ما صفة وديع منصور وقت إنقاذ جبل قرناس؟",
            "What was Wadee Mansour's role at the time of the Mount Qirnas rescue?",
        ),
        (
            "f-011.who.true-false",
            "كانت بشرى العلي حارسة كوخ الصقر وقت إنقاذ جبل قرناس.",
            "Bushra Ali was the keeper of the Falcon Hut at the time of the Mount Qirnas rescue.",
        ),
        (
            "f-032.reported_by.choice",
            "في الحديث عن إنقاذ جبل قرناس، لمن الرواية القائلة إن نجاة الصيرفي وهيا سلّوم قالتا إن الإصابات كلها طفيفة؟",
            "On the Mount Qirnas rescue, whose account is it that Najat Sayrafi and Haya Salloum said that all the "
            "injuries were slight?",
        ),
        (
            "f-043.reported_by.choice",
            "في الحديث عن إنقاذ جبل قرناس، لمن الرواية القائلة إن البلديتين الجارتين وعدتا بشق طريق إلى الكوخ؟",
            "On the Mount Qirnas rescue, whose account is it that the two neighbouring municipalities promised to "
            "build a road to the hut?",
        ),
        (
            "f-043.claim.choice",
            "في الحديث عن إنقاذ جبل قرناس، بحسب إذاعة الوادي، بمَ وعدت البلديتان الجارتان بشأن كوخ الصقر؟",
            "On the Mount Qirnas rescue, according to Valley Radio, what did the two neighbouring municipalities "
            "promise regarding the Falcon Hut?",
        ),
        (
            "f-044.count.choice",
            "في الحديث عن إنقاذ جبل قرناس، بحسب البلديتين الجارتين، كم برجًا سيُنصب على السفح؟",
            "On the Mount Qirnas rescue, according to the two neighbouring municipalities, how many towers would be "
            "put up on the slope?",
        ),
    ],
)
def test_the_second_book_reads_well(second, name, ar, en):
    assert stem(second, name) == (ar, en)


WOMEN = {"najat-sayrafi", "haya-salloum", "bushra-ali", "widad-mansour"}
MEN = {"wadee-mansour", "fares-ghanem", "ramzi-dahir"}


@pytest.mark.parametrize(
    ("name", "people"),
    [("f-009", WOMEN), ("f-010", MEN), ("f-011", WOMEN), ("f-012", WOMEN), ("f-013", MEN), ("f-042", WOMEN)],
)
def test_in_the_second_book_no_gender_gives_a_role_away(second, name, people):
    assert option_ids(second[f"{name}.who.choice"]) <= people
