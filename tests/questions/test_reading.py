import pytest

from questions.normalise import normalise
from questions.reading import TypedDate, numeric, read_date, read_numbers, read_weekday


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("7", 7),
        ("٧", 7),
        ("۷", 7),
        ("007", 7),
        ("7th", 7),
        ("10,000", 10_000),
        ("10٬000", 10_000),
        ("10 000", 10_000),
        ("1,234,567", 1_234_567),
        ("2.5", 2.5),
        ("2,5", 2.5),
        ("٢٫٥", 2.5),
        (".5", 0.5),
        ("-3", -3),
        ("minus three", -3),
        ("zero", 0),
        ("seven", 7),
        ("Seventh", 7),
        ("twelve", 12),
        ("twenty", 20),
        ("twenty-five", 25),
        ("twenty fifth", 25),
        ("thirtieth", 30),
        ("ninety nine", 99),
        ("a hundred", 100),
        ("two hundred", 200),
        ("two hundred and five", 205),
        ("nineteen hundred", 1900),
        ("three thousand", 3000),
        ("3 thousand", 3000),
        ("two thousand and twenty-one", 2021),
        ("two million five hundred thousand", 2_500_000),
        ("صفر", 0),
        ("واحد", 1),
        ("واحدة", 1),
        ("اثنان", 2),
        ("اثنتين", 2),
        ("سبعة", 7),
        ("السابعة", 7),
        ("ثماني", 8),
        ("عشر", 10),
        ("أحد عشر", 11),
        ("إحدى عشرة", 11),
        ("اثنا عشر", 12),
        ("اثنتي عشرة", 12),
        ("خمسة عشر", 15),
        ("الخامس عشر", 15),
        ("عشرون", 20),
        ("خمسة وعشرون", 25),
        ("خمسة و عشرين", 25),
        ("السابع والعشرون", 27),
        ("مئة", 100),
        ("مائة وخمسة", 105),
        ("مئتان", 200),
        ("ثلاثمئة وخمسة وستون", 365),
        ("ثمانمائة", 800),
        ("خمس مئة", 500),
        ("ألف", 1000),
        ("ألفان وواحد وعشرون", 2021),
        ("ثلاثة آلاف وأربعمئة", 3400),
        ("٣ آلاف", 3000),
        ("مليونان وخمسمئة ألف", 2_500_000),
    ],
)
def test_a_number_is_read_in_digits_and_in_words(typed, number):
    numbers, _ = read_numbers(numeric(typed))
    assert numbers == [number]


@pytest.mark.parametrize(
    ("typed", "numbers", "rest"),
    [
        ("2 hours", [2], ["hours"]),
        ("2hours", [2], ["hours"]),
        ("ساعتان", [], ["ساعتان"]),
        ("3ساعات", [3], ["ساعات"]),
        ("five or six", [5, 6], ["or"]),
        ("five and six", [5, 6], ["and"]),
        ("5-6", [5, 6], []),
        ("one two", [1, 2], []),
        ("سبعة أو ثمانية", [7, 8], ["او"]),
        ("5%", [5], ["percent"]),
        (">5", [5], ["than"]),
        ("5+", [5], ["than"]),
        ("half", [], ["half"]),
        ("one two thousand", [1, 2000], []),
        ("", [], []),
    ],
)
def test_other_words_and_further_numbers_are_told_apart(typed, numbers, rest):
    assert read_numbers(numeric(typed)) == (numbers, rest)


SEVENTH = TypedDate(day=7, month=12, year=2021)


@pytest.mark.parametrize(
    "typed",
    [
        "7 December 2021",
        "7 DEC 2021",
        "7 Dec. 2021",
        "December 7, 2021",
        "December 7th 2021",
        "2021 December 7",
        "7december2021",
        "7 Dec '21",
        "7 Dec 21",
        "seventh December two thousand twenty one",
        "seventh December twenty twenty-one",
        "2021-12-07",
        "2021/12/7",
        "2021 12 7",
        "٢٠٢١-١٢-٠٧",
        "7 ديسمبر 2021",
        "٧ ديسمبر ٢٠٢١",
        "7 كانون الأول 2021",
        "7 كانون أول 2021",
        "7 ديسمبر/كانون الأول 2021",
        "7 ديسمبر (كانون الأول) 2021",
        "7 دجنبر 2021",
        "7 ديسمبر 2021م",
        "7ديسمبر2021",
        "السابع ديسمبر 2021",
        "سبعة ديسمبر ألفين وواحد وعشرين",
    ],
)
def test_a_whole_date_is_read_in_the_usual_ways(typed):
    assert read_date(typed) == SEVENTH


@pytest.mark.parametrize(
    "typed", ["7/12/2021", "07-12-2021", "7.12.21", "7 12 2021", "7 / 12 / 2021", "٧/١٢/٢٠٢١", "7،12،2021"]
)
def test_in_figures_the_day_comes_first_and_the_other_order_is_kept(typed):
    assert read_date(typed) == TypedDate(day=7, month=12, year=2021, swapped=(12, 7))


@pytest.mark.parametrize(
    ("typed", "day", "month", "year"),
    [
        ("12/25/2021", 25, 12, 2021),
        ("12/2021", None, 12, 2021),
        ("2021-12", None, 12, 2021),
        ("December 2021", None, 12, 2021),
        ("ديسمبر 2021", None, 12, 2021),
        ("7 December", 7, 12, None),
        ("December", None, 12, None),
        ("2021", None, None, 2021),
        ("7", 7, None, None),
        ("7 December 99", 7, 12, 1999),
        ("31/12/1999", 31, 12, 1999),
        ("اثنين ديسمبر 2021", 2, 12, 2021),
        ("أحد عشر ديسمبر 2021", 11, 12, 2021),
        ("الحادي والعشرون ديسمبر 2021", 21, 12, 2021),
    ],
)
def test_a_part_of_a_date_is_read_as_such(typed, day, month, year):
    assert read_date(typed) == TypedDate(day=day, month=month, year=year)


@pytest.mark.parametrize(
    ("typed", "weekday"),
    [
        ("Tuesday 7 December 2021", 1),
        ("الثلاثاء، 7 ديسمبر 2021", 1),
        ("الاثنين 7 ديسمبر 2021", 0),
        ("اثنين 7 ديسمبر 2021", 0),
        ("أحد 7 ديسمبر 2021", 6),
    ],
)
def test_a_weekday_beside_a_date_is_kept_apart(typed, weekday):
    assert read_date(typed) == TypedDate(day=7, month=12, year=2021, weekday=weekday)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "0 December 2021",
        "32/1/2021",
        "13/13/2021",
        "00/00/2021",
        "7-8 December 2021",
        "7 or 8 December 2021",
        "7 December or January 2021",
        "7 ديسمبر كانون الثاني 2021",
        "2020 2021",
        "Monday Tuesday 7 December 2021",
    ],
)
def test_no_date_or_more_than_one_is_none(typed):
    assert read_date(typed) is None


@pytest.mark.parametrize(
    ("typed", "word"), [("7 Decembr", "decembr"), ("7 ديسمر", "ديسمر"), ("7 Novenber", "novenber")]
)
def test_a_month_is_never_guessed_at(typed, word):
    assert read_date(typed) == TypedDate(day=7, rest=(word,))


MONTHS = [
    (1, "January", "Jan", "يناير", "كانون الثاني", "جانفي"),
    (2, "February", "Feb", "فبراير", "شباط", "فيفري"),
    (3, "March", "Mar", "مارس", "آذار", "مارس"),
    (4, "April", "Apr", "أبريل", "نيسان", "أفريل"),
    (5, "May", "May", "مايو", "أيار", "ماي"),
    (6, "June", "Jun", "يونيو", "حزيران", "جوان"),
    (7, "July", "Jul", "يوليو", "تموز", "جويلية"),
    (8, "August", "Aug", "أغسطس", "آب", "غشت"),
    (9, "September", "Sept", "سبتمبر", "أيلول", "شتنبر"),
    (10, "October", "Oct", "أكتوبر", "تشرين الأول", "أكتوبر"),
    (11, "November", "Nov", "نوفمبر", "تشرين الثاني", "نونبر"),
    (12, "December", "Dec", "ديسمبر", "كانون الأول", "دجنبر"),
]


@pytest.mark.parametrize(("month", "name"), [(row[0], name) for row in MONTHS for name in row[1:]])
def test_every_month_is_known_by_all_its_names(month, name):
    assert read_date(f"3 {name} 2021") == TypedDate(day=3, month=month, year=2021)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("Tuesday", 1),
        ("on Tues.", 1),
        ("الثلاثاء", 1),
        ("ثلاثاء", 1),
        ("الإثنين", 0),
        ("الاحد", 6),
        ("Monday Tuesday", None),
        ("someday", None),
    ],
)
def test_one_weekday_is_read(typed, day):
    assert read_weekday(normalise(typed)) == day
