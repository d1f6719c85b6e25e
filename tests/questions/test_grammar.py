from datetime import date

import pytest

from questions.facts import Entity, Unit
from questions.grammar import (
    agreement,
    capitalised,
    counted,
    date_text,
    how_many,
    it_was,
    joined,
    oblique,
    past,
    past_after,
    possessive,
    said_by,
    weekday_text,
    what_ar,
    what_en,
)

HOUR = Unit.model_validate(
    {
        "ar": {
            "singular": "ساعة",
            "accusative": "ساعة",
            "dual": "ساعتان",
            "dual_oblique": "ساعتين",
            "plural": "ساعات",
            "gender": "f",
        },
        "en": {"one": "hour", "other": "hours"},
    }
)
DAY = Unit.model_validate(
    {
        "ar": {
            "singular": "يوم",
            "accusative": "يومًا",
            "dual": "يومان",
            "dual_oblique": "يومين",
            "plural": "أيام",
            "gender": "m",
        },
        "en": {"one": "day", "other": "days"},
    }
)


@pytest.mark.parametrize(
    ("number", "feminine", "masculine", "english"),
    [
        (0, "0 ساعة", "0 يوم", "0 hours"),
        (1, "ساعة واحدة", "يومًا واحدًا", "1 hour"),
        (2, "ساعتين", "يومين", "2 hours"),
        (3, "3 ساعات", "3 أيام", "3 hours"),
        (10, "10 ساعات", "10 أيام", "10 hours"),
        (11, "11 ساعة", "11 يومًا", "11 hours"),
        (99, "99 ساعة", "99 يومًا", "99 hours"),
        (100, "100 ساعة", "100 يوم", "100 hours"),
        (101, "101 ساعة", "101 يوم", "101 hours"),
        (102, "102 ساعة", "102 يوم", "102 hours"),
        (103, "103 ساعات", "103 أيام", "103 hours"),
        (111, "111 ساعة", "111 يومًا", "111 hours"),
        (1000, "1000 ساعة", "1000 يوم", "1000 hours"),
    ],
)
def test_a_counted_noun_takes_the_form_that_its_number_asks_for(number, feminine, masculine, english):
    assert (counted(number, HOUR).ar, counted(number, DAY).ar) == (feminine, masculine)
    assert counted(number, HOUR).en == english


@pytest.mark.parametrize(("number", "text"), [(1, "يوم واحد"), (2, "يومان"), (3, "3 أيام")])
def test_a_counted_noun_that_stands_alone_is_in_the_nominative(number, text):
    assert counted(number, DAY, alone=True).ar == text


@pytest.mark.parametrize(
    ("lang", "ar", "en", "asked_ar", "asked_en"),
    [("ar", "3 أيام", None, "كم يومًا", None), ("en", None, "3 days", None, "how many days")],
)
def test_a_noun_of_one_language_is_counted_in_that_one(lang, ar, en, asked_ar, asked_en):
    unit = Unit.model_validate({lang: getattr(DAY, lang)})
    assert (counted(3, unit).ar, counted(3, unit).en) == (ar, en)
    assert (how_many(unit).ar, how_many(unit).en) == (asked_ar, asked_en)


def test_a_noun_of_no_language_is_none():
    with pytest.raises(ValueError, match="a unit needs at least one language: ar or en"):
        Unit.model_validate({})


def party(gender: str, number: str = "singular", kind: str = "person", **more: object) -> Entity:
    text = {"ar": "س", "en": "x"}
    fields = {"id": "x", "kind": kind, "name": text, "note": text, "gender": gender, "number": number, **more}
    return Entity.model_validate(fields)


def person(gender: str) -> Entity:
    return party(gender)


@pytest.mark.parametrize(
    ("verb", "feminine"),
    [
        ("قال", "قالت"),
        ("نفى", "نفت"),
        ("دعا", "دعت"),
        ("ألمح إلى", "ألمحت إلى"),
        ("عبّر عن الأمل في", "عبّرت عن الأمل في"),
    ],
)
def test_a_past_verb_agrees_with_the_subject_after_it(verb, feminine):
    assert past(verb, person("f")) == feminine
    assert past(verb, person("m")) == verb
    assert past(verb, None) == verb


@pytest.mark.parametrize(
    ("verb", "both_men", "both_women", "men", "women"),
    [
        ("قال", "قالا", "قالتا", "قالوا", "قلن"),
        ("نفى", "نفيا", "نفتا", "نفوا", "نفين"),
        ("دعا", "دعوا", "دعتا", "دعوا", "دعون"),
        ("راعى", "راعيا", "راعتا", "راعوا", "راعين"),
        ("أفاد", "أفادا", "أفادتا", "أفادوا", "أفدن"),
        ("شدّد", "شدّدا", "شدّدتا", "شدّدوا", "شدّدن"),
        ("ردّ", "ردّا", "ردّتا", "ردّوا", "رددن"),
        ("أعلن", "أعلنا", "أعلنتا", "أعلنوا", "أعلنّ"),
        ("بدأ", "بدآ", "بدأتا", "بدؤوا", "بدأن"),
        ("ناقش", "ناقشا", "ناقشتا", "ناقشوا", "ناقشن"),
        ("ألمح إلى", "ألمحا إلى", "ألمحتا إلى", "ألمحوا إلى", "ألمحن إلى"),
    ],
)
def test_a_past_verb_agrees_with_the_subjects_before_it_in_number_too(verb, both_men, both_women, men, women):
    he, she = party("m"), party("f")
    assert (past_after(verb, he), past_after(verb, she)) == (verb, past(verb, she))
    assert (past_after(verb, he, he), past_after(verb, she, she)) == (both_men, both_women)
    assert (past_after(verb, he, he, he), past_after(verb, she, she, she)) == (men, women)
    assert (past_after(verb, party("m", "dual")), past_after(verb, party("f", "dual"))) == (both_men, both_women)
    assert (past_after(verb, she, he), past_after(verb, she, she, he)) == (both_men, men)


HE, SHE, IT = party("m"), party("f"), party("f", kind="organisation")


@pytest.mark.parametrize(
    ("subjects", "agreed"),
    [
        ([HE], ("m", "singular")),
        ([SHE, HE], ("m", "dual")),
        ([SHE, SHE, SHE], ("f", "plural")),
        ([IT, IT], ("f", "dual")),
        ([IT, IT, IT], ("f", "singular")),
        ([IT, IT, SHE], ("f", "plural")),
        ([IT, IT, HE], ("m", "plural")),
        ([party("f", "dual", "organisation")], ("f", "dual")),
        ([party("f", "dual", "organisation"), SHE], ("f", "plural")),
        ([party("m", "plural", "organisation")], ("m", "plural")),
        ([party("f", "plural", "organisation")], ("f", "singular")),
        ([party("f", "plural", "country")], ("f", "singular")),
        ([party("m", "plural", "matter")], ("f", "singular")),
        ([party("m", "dual", "matter")], ("m", "dual")),
        ([party("f", "plural", "country"), IT], ("f", "dual")),
    ],
)
def test_several_agree_as_one_two_or_many_and_many_things_as_one_feminine(subjects, agreed):
    assert agreement(*subjects) == agreed


def test_before_many_things_a_verb_is_feminine():
    assert past("كان", party("m", "plural", "matter")) == "كانت"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (HE, "هو مَن"),
        (SHE, "هي مَن"),
        (party("m", "dual"), "هما مَن"),
        (party("f", "plural"), "هن مَن"),
        (IT, "هي التي"),
        (party("m", kind="organisation"), "هو الذي"),
        (party("m", "dual", "organisation"), "هما اللذان"),
        (party("f", "dual", "organisation"), "هما اللتان"),
        (party("m", "plural", "organisation"), "هم الذين"),
        (party("f", "plural", "organisation"), "هي التي"),
    ],
)
def test_whoever_is_singled_out_has_a_pronoun_and_a_relative_of_their_own(subject, words):
    assert it_was(subject) == words


def test_a_name_after_a_preposition_changes_only_where_the_book_says_so():
    two = party("f", "dual", name={"ar": "الضفتان", "en": "the banks"}, oblique={"ar": "الضفتين"})
    assert (oblique(two), two.name.ar, oblique(HE)) == ("الضفتين", "الضفتان", "س")


@pytest.mark.parametrize(("name", "owned"), [("Ada Moore", "Ada Moore's"), ("the United States", "the United States'")])
def test_what_is_someone_s_has_an_s_unless_the_name_ends_in_one(name, owned):
    assert possessive(name) == owned


@pytest.mark.parametrize(
    ("day", "precision", "part", "ar", "en"),
    [
        (date(2021, 12, 7), "day", None, "7 ديسمبر/كانون الأول 2021", "7 December 2021"),
        (date(2022, 1, 1), "day", None, "1 يناير/كانون الثاني 2022", "1 January 2022"),
        (date(2021, 6, 1), "month", None, "يونيو/حزيران 2021", "June 2021"),
        (date(2021, 11, 1), "part_of_month", "end", "نهاية نوفمبر/تشرين الثاني 2021", "the end of November 2021"),
        (date(2021, 8, 1), "part_of_month", "middle", "منتصف أغسطس/آب 2021", "the middle of August 2021"),
        (date(2021, 4, 1), "part_of_month", "beginning", "بداية أبريل/نيسان 2021", "the beginning of April 2021"),
    ],
)
def test_a_date_is_said_at_its_precision_with_both_arabic_month_names(day, precision, part, ar, en):
    text = date_text(day, precision, part)
    assert (text.ar, text.en) == (ar, en)


@pytest.mark.parametrize(("day", "ar", "en"), [(0, "الاثنين", "Monday"), (6, "الأحد", "Sunday")])
def test_a_weekday_is_counted_from_monday(day, ar, en):
    assert (weekday_text(day).ar, weekday_text(day).en) == (ar, en)


@pytest.mark.parametrize(
    ("names", "lang", "phrase"),
    [
        (["أ"], "ar", "أ"),
        (["أ", "ب", "ج"], "ar", "أ وب وج"),
        (["A"], "en", "A"),
        (["A", "B"], "en", "A and B"),
        (["A", "B", "C"], "en", "A, B and C"),
    ],
)
def test_names_are_joined_as_one_phrase(names, lang, phrase):
    assert joined(names, lang) == phrase


def test_only_the_first_letter_is_raised():
    assert (capitalised("in the US"), capitalised("")) == ("In the US", "")


@pytest.mark.parametrize(
    ("verb", "claim", "asked"),
    [
        ("قال", "إن النهر جفّ", "ماذا قال الوزير"),
        ("اقترح", "بناء سد", "ماذا اقترح الوزير"),
        ("شدّد", "على أن النهر جفّ", "علامَ شدّد الوزير"),
        ("أشار", "إلى جفاف النهر", "إلامَ أشار الوزير"),
        ("أعرب", "عن القلق", "عمَّ أعرب الوزير"),
        ("اشتكى", "من الجفاف", "ممَّ اشتكى الوزير"),
        ("وعد", "ببناء سد", "بمَ وعد الوزير"),
        ("ألمح إلى", "بناء سد", "إلامَ ألمح الوزير"),
        ("عبّر عن الأمل في", "بناء سد", "فيمَ عبّر الوزير عن الأمل"),
    ],
)
def test_what_was_said_is_asked_in_arabic_by_the_preposition_of_the_verb(verb, claim, asked):
    assert what_ar(verb, "الوزير", claim) == asked


@pytest.mark.parametrize(
    ("verb", "claim", "asked"),
    [
        ("said", "that the river was dry", "what did the minister say"),
        ("hoped", "for rain", "what did the minister hope for"),
        ("took into account", "the drought", "what did the minister take into account"),
        ("had complained", "of the drought", "what had the minister complained of"),
        ("pleaded", "for rain", "what was it that the minister pleaded for"),
    ],
)
def test_what_was_said_is_asked_in_english_with_the_base_of_a_known_verb(verb, claim, asked):
    assert what_en(verb, "the minister", claim) == asked


def test_a_feminine_verb_keeps_its_preposition_in_the_question():
    assert what_ar("أفادت", "الوزيرة", "بأن النهر جفّ") == "بمَ أفادت الوزيرة"


def test_the_subject_of_an_arabic_verb_stands_after_its_first_word():
    assert said_by("عبّرت عن الأمل في", "الوزيرة") == "عبّرت الوزيرة عن الأمل في"
