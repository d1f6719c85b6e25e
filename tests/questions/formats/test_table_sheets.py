"""Sheets that others made: templates of other tools, plain tables, their faults, and what Excel does to cells."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from questions.errors import BadFile
from questions.formats import tables
from questions.formats.incoming import Incoming

BANKS = Path(__file__).parents[4] / "shared/banks"


def read(text: str, encoding: str = "utf-8") -> Incoming:
    return tables.read_csv(text.encode(encoding), "a.csv")


def workbook(*rows: tuple[object, ...], **more: tuple[tuple[object, ...], ...]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(row)
    for title, lines in more.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def notes(incoming: Incoming) -> list[str]:
    return [str(note) for note in incoming.notes]


def options(question) -> list[str]:
    return [option.text.best("en")[1] for option in question.options]


def key(question) -> str:
    return next(option.text.best("en")[1] for option in question.options if option.id == question.key)


# ---------------------------------------------------------------- real files


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("blooket_template.csv", ("blooket", 11, 0, 0)),
        ("kahoot_KahootQuizTemplate.xlsx", ("kahoot", 1, 0, 0)),
        ("qas_kahoot.csv", ("kahoot", 4, 0, 1)),
    ],
)
def test_real_files_hold_what_is_expected(file, counts):
    path = BANKS / "csv" / file
    if not path.exists():
        pytest.skip(f"{path} is not here: the real files lie beside the checkout")
    reader = tables.read_xlsx if file.endswith("xlsx") else tables.read_csv
    incoming = reader(path.read_bytes(), file)
    assert (incoming.format, len(incoming.questions), incoming.skipped, incoming.refused) == counts


# ---------------------------------------------------------------- templates of other tools

KAHOOT = (
    (None, "Quiz template"),
    (None, "Add questions, at least two answer alternatives, time limit and choose correct answers (at least one)."),
    (),
    (
        None,
        "Question - max 120 characters",
        "Answer 1 - max 75 characters",
        "Answer 2 - max 75 characters",
        "Answer 3 - max 75 characters",
        "Answer 4 - max 75 characters",
        "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
        "Correct answer(s) - choose at least one",
    ),
)


def test_kahoots_template_comes_in_and_its_empty_rows_are_no_faults():
    empty = tuple((number,) for number in range(4, 101))
    incoming = tables.read_xlsx(
        workbook(
            *KAHOOT,
            (1, "Which river?", "Nile", "Tigris", None, None, 20, 1),
            (2, "Which are primes?", 2, 3, 4, -2.5, 30, "1,2"),
            (3, "The Nile is long.", "True", "False", None, None, 20, 2),
            *empty,
        ),
        "a.xlsx",
    )
    river, primes, nile = incoming.questions
    assert incoming.format == "kahoot"
    assert (river.kind, options(river), key(river)) == ("choice", ["Nile", "Tigris"], "Nile")
    assert (primes.kind, options(primes), primes.keys) == ("multi_select", ["2", "3", "4", "-2.5"], ("2", "3"))
    assert (nile.kind, nile.key) == ("true_false", False)
    assert notes(incoming) == [
        "row 1: remark: example: rows 1-2",
        "row 5: remark: lost: time-limit",
        "row 8: remark: example: 97 rows",
    ]


def test_several_right_answers_that_excel_took_for_a_number_are_several():
    incoming = tables.read_xlsx(workbook(*KAHOOT, (1, "Which?", "a", "b", "c", None, 20, 1.3)), "a.xlsx")
    assert incoming.questions[0].keys == ("a", "c")


def test_blookets_template_comes_in_with_answers_pasted_over_its_headings():
    incoming = read(
        '"Blooket\nImport Template",,,,,,,\n'
        "Question #,Question Text,Answer 1,Pie chart,Bar chart,Area,"
        '"Time Limit (sec)\n(Max: 300 seconds)","Correct Answer(s)\n(Only include Answer #)"\n'
        "2,Which is round?,Pie chart,Bar chart,Area,Line,20,1\n"
        "3,Which has bars?,Pie chart,Bar chart,,,20,2\n"
        "4,Which is typed?,Pie,,,,20,\n"
        "5,,,,,,20,\n"
    )
    assert incoming.format == "blooket"
    assert [one.kind for one in incoming.questions] == ["choice", "choice", "typed"]
    assert options(incoming.questions[0]) == ["Pie chart", "Bar chart", "Area", "Line"]
    assert key(incoming.questions[1]) == "Bar chart"
    assert (incoming.skipped, incoming.refused) == (0, 0)


def test_quizizz_template_comes_in_without_its_row_of_instructions():
    incoming = read(
        "Question Text,Question Type,Option 1,Option 2,Option 3,Correct Answer,"
        "Time in seconds,Image Link,Answer explanation\n"
        '"Text of the question\n\n(required)","Question Type","Text for option 1",,,,,,\n'
        "Which river?,Multiple Choice,Nile,Tigris,,1,30,,It is long.\n"
        'Which are even?,Checkbox,2,3,4,"1,3",30,https://example.org/a.png,\n'
        "The longest is the ____.,Fill-in-the-Blank,Nile,the Nile,,,30,,\n"
        "What do you think?,Open-Ended,,,,,30,,\n"
        "Which do you like?,Poll,a,b,,,30,,\n"
        "Draw it,Draw,,,,,30,,\n"
    )
    kinds = [one.kind for one in incoming.questions]
    assert kinds == ["choice", "multi_select", "typed", "open"]
    assert incoming.questions[0].feedback.en == "It is long."
    assert incoming.questions[2].accepted[0].text == "the Nile"
    assert notes(incoming) == [
        "row 3: remark: lost: time-limit",
        "row 4: remark: media-missing: https://example.org/a.png",
        "row 7: skipped: unsupported: Poll",
        "row 8: refused: unsupported: Draw",
        "row 2: remark: example: 1 rows",
    ]


def test_gimkits_template_comes_in():
    incoming = read(
        "Gimkit Spreadsheet Import Template,,,,\n"
        "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2 (Optional),Incorrect Answer 3 (Optional)\n"
        "1+1?,2,3,4,5\n"
    )
    assert (options(incoming.questions[0]), key(incoming.questions[0])) == (["2", "3", "4", "5"], "2")


def test_notes_that_anki_wrote_as_text_come_in():
    incoming = read("#separator:tab\n#html:true\n#tags column:3\nWhich <b>river</b>?\tthe Nile\tgeo africa\n")
    assert incoming.questions[0].stem.en == "Which **river**?"
    assert (incoming.questions[0].answer.en, incoming.questions[0].tags) == ("the Nile", ("geo", "africa"))


# ---------------------------------------------------------------- plain sheets

RIVERS = [["Nile", "Tigris", "Jordan"], ["Tigris", "Jordan", "Nile"]]


EGYPT, IRAQ = "Which flows in Egypt?", "Which flows in Iraq?"


@pytest.mark.parametrize(
    "rows",
    [
        (f"{EGYPT},Nile,Tigris,Jordan", f"{IRAQ},Tigris,Jordan,Nile"),
        ("Question,Right answer,Wrong 1,Wrong 2", f"{EGYPT},Nile,Tigris,Jordan", f"{IRAQ},Tigris,Jordan,Nile"),
        ("question;correct;wrong;wrong", f"{EGYPT};Nile;Tigris;Jordan", f"{IRAQ};Tigris;Jordan;Nile"),
        (
            "No.\tQuestion\tA\tB\tC\tAnswer",
            f"1\t{EGYPT}\tNile\tTigris\tJordan\tA",
            f"2\t{IRAQ}\tTigris\tJordan\tNile\ta)",
        ),
        (f"1,{EGYPT},Nile,Tigris,Jordan,1", f"2,{IRAQ},Tigris,Jordan,Nile,1"),
        ("Question,Options,Answer", f"{EGYPT},Nile|Tigris|Jordan,Nile", f"{IRAQ},Tigris|Jordan|Nile,Tigris"),
        (
            "questionText,options,correctAnswer",
            f'{EGYPT},"[""Nile"",""Tigris"",""Jordan""]",0',
            f'{IRAQ},"[""Tigris"",""Jordan"",""Nile""]",0',
        ),
        (
            "sep=;",
            "question;option_a;option_b;option_c;correct_option",
            f"{EGYPT};Nile;Tigris;Jordan;Option A",
            f"{IRAQ};Tigris;Jordan;Nile;1,0",
        ),
        (
            "Answer,optionA,optionB,optionC,Question",
            f"nile,Nile,Tigris,Jordan,{EGYPT}",
            f"TIGRIS,Tigris,Jordan,Nile,{IRAQ}",
        ),
    ],
)
def test_plain_sheets_come_in_whatever_their_headings(rows):
    incoming = read("\n".join(rows))
    assert [one.stem.en for one in incoming.questions] == [EGYPT, IRAQ]
    assert [options(one) for one in incoming.questions] == RIVERS
    assert [key(one) for one in incoming.questions] == ["Nile", "Tigris"]
    assert (incoming.skipped, incoming.refused) == (0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1256"])
def test_arabic_sheets_with_semicolons_come_in(encoding):
    incoming = read(
        "م;السؤال;الخيار أ;الخيار ب;الخيار ج;الإجابة الصحيحة;التوضيح\n"
        "1;أي نهر يجري في مصر؟;النيل;دجلة;الأردن;أ;يصب في البحر المتوسط\n"
        "2;أي نهر يجري في العراق؟;النيل;دجلة;الأردن;دجلة;\n",
        encoding,
    )
    egypt, iraq = incoming.questions
    assert (egypt.stem.ar, egypt.stem.en) == ("أي نهر يجري في مصر؟", None)
    assert ([one.text.ar for one in egypt.options], key(egypt)) == (["النيل", "دجلة", "الأردن"], "النيل")
    assert (egypt.feedback.ar, key(iraq)) == ("يصب في البحر المتوسط", "دجلة")
    assert notes(incoming) == (["row 1: remark: encoding: windows-1256"] if encoding == "windows-1256" else [])


def test_numbers_and_ordinals_of_arabic_headings_are_understood():
    incoming = read("السؤال,الخيار الأول,الخيار الثاني,خيار٣,رقم الإجابة الصحيحة\nكم؟,٥,٦,٧,٣\n")
    assert key(incoming.questions[0]) == "٧"


def test_an_answer_alone_is_typed_or_thought_over_or_judged():
    incoming = read(
        "question,answer\n"
        "Which river flows in Egypt?,the Nile\n"
        "Why does it flood?,Because of the summer rains in Ethiopia\n"
        "The Nile flows north.,TRUE\n"
        "The Nile flows into the ______.,Mediterranean\n"
        "How long is it?,6650\n"
    )
    kinds = [one.kind for one in incoming.questions]
    assert kinds == ["typed", "open", "true_false", "cloze", "typed"]
    assert incoming.questions[1].feedback.en == "Because of the summer rains in Ethiopia"
    assert incoming.questions[3].stem.en == "The Nile flows into the ____."
    assert (incoming.questions[4].answer_type, incoming.questions[4].value) == ("number", "6650")


def test_a_number_that_is_also_the_text_of_an_option_is_read_as_the_sheet_reads_it():
    by_text = read("question,a,b,c,answer\n2+2?,2,3,4,4\n1+1?,2,3,4,2\nWho?,x,y,z,y\n")
    by_number = read("question,a,b,c,answer\n2+2?,2,4,5,2\nWho?,x,y,z,1\n")
    assert [key(one) for one in by_text.questions] == ["4", "2", "y"]
    assert [key(one) for one in by_number.questions] == ["4", "x"]


def test_what_may_be_a_number_or_a_text_is_a_text_and_told():
    incoming = read("question,choices,correct answer\n2+2?,2|3|4|5,4\n")
    assert (key(incoming.questions[0]), notes(incoming)) == ("4", ["row 2: remark: ambiguous-key: 4"])


def test_letters_that_nothing_parts_name_several_options():
    incoming = read("question,a,b,c,answer\nWhich?,x,y,z,AC\nWho?,x,y,z,AD\n")
    assert [incoming.questions[0].keys, notes(incoming)] == [("x", "z"), ["row 3: refused: bad-key: AD"]]


def test_a_sheet_without_headings_is_read_as_cards_are_and_told():
    incoming = read("chien,dog\nchat,cat\n")
    assert [(one.stem.en, one.answer.en) for one in incoming.questions] == [("chien", "dog"), ("chat", "cat")]
    assert notes(incoming) == ["row 1: remark: no-headings"]


def test_blookets_typed_questions_are_typed():
    incoming = read(
        '"Blooket\nImport Template",,,,,,,,,\n'
        'Question #,Question Text,Answer 1,Answer 2,"Answer 3\n(Optional)","Answer 4\n(Optional)",'
        '"Time Limit (sec)\n(Max: 300 seconds)","Correct Answer(s)\n(Only include Answer #)",,\n'
        "1,Solve x,14,x=14,,,60,,,typing\n2,Which?,a,b,,,20,2,,\n"
    )
    typed, chosen = incoming.questions
    assert (typed.kind, typed.answer.en, typed.accepted[0].text, key(chosen)) == ("typed", "14", "x=14", "b")


def test_cells_merged_over_rows_hold_for_each_and_hidden_sheets_are_told_of():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("الوحدة", "السؤال", "الخيارات", None, "الإجابة"),
        (None, None, "أ", "ب", None),
        ("الأولى", "مَن؟", "س", "ص", "أ"),
        (None, "ما؟", "س", "ص", "ب"),
    ):
        sheet.append(row)
    for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:E2", "A3:A4"):
        sheet.merge_cells(cells)
    book.create_sheet("Secret").append(("question", "answer"))
    book["Secret"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    incoming = tables.read_xlsx(out.getvalue(), "a.xlsx")
    assert [(one.stem.ar, one.topic, key(one)) for one in incoming.questions] == [
        ("مَن؟", incoming.topics[0].id, "س"),
        ("ما؟", incoming.topics[0].id, "ص"),
    ]
    assert notes(incoming)[-1] == "row 1 (Secret): remark: hidden-sheet: Secret"


def test_both_languages_come_in_from_columns_that_say_so():
    incoming = read(
        "النوع,السؤال (عربي),question_en,الخيار 1 بالعربية,option1_en,الخيار 2 بالعربية,option2_en,key,accepted,tags\n"
        'choice,أي نهر؟,Which river?,النيل,Nile,دجلة,Tigris,1,,"africa, water"\n'
    )
    question = incoming.questions[0]
    assert question.stem.model_dump() == {"ar": "أي نهر؟", "en": "Which river?"}
    assert [one.text.model_dump() for one in question.options] == [
        {"ar": "النيل", "en": "Nile"},
        {"ar": "دجلة", "en": "Tigris"},
    ]
    assert question.tags == ("africa", "water")


def test_accepted_answers_say_their_language_and_share():
    incoming = read(
        "question,answer,accepted,ranges\nWho?,Layla al-Hasan,en: Hasan (50%); ar: ليلى,\n"
        "How long?,10,,9.5..10.5; 12 ± 1 (25%)\n"
    )
    who, long = incoming.questions
    assert [(one.text, one.lang, one.weight) for one in who.accepted] == [("Hasan", "en", 0.5), ("ليلى", "ar", 1.0)]
    assert [(one.low, one.high, one.weight) for one in long.ranges] == [(9.5, 10.5, 1.0), (11.0, 13.0, 0.25)]


def test_text_from_a_word_processor_is_cleaned_with_a_remark():
    incoming = read("question,answer\n\u202bما لون السمـــاء\u200f؟\u202c,أزرق\nمتى كانت سنة 1443 هـ؟,2022\n")
    assert [one.stem.ar for one in incoming.questions] == ["ما لون السماء؟", "متى كانت سنة 1443 هـ؟"]
    assert notes(incoming) == ["row 2: remark: cleaned"]


def test_topics_levels_and_unknown_columns_are_kept_or_told_of():
    incoming = read(
        "Category,Question,Answer,Difficulty,Points,Author\nC++,What?,that,easy,5,me\nC#,Who?,them,7,5,me\n"
    )
    assert [one.name.en for one in incoming.topics] == ["C++", "C#"]
    assert [one.difficulty for one in incoming.questions] == [0.25, 0.5]
    assert notes(incoming) == [
        "row 2: remark: lost: points",
        "row 2: remark: lost: column: Author",
        "row 3: remark: lost: difficulty",
    ]


def test_ids_of_other_tools_are_not_ours():
    assert read("id,question,answer\n1,What?,that\n").questions[0].id.startswith("x-")
    assert read("id,kind,stem_en,answer_en\nq-1,typed,What?,that\n").questions[0].id == "q-1"


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (",a,b,1", "no-question"),
        ("Q?,a,,1", "too-few-options"),
        ("Q?,a,b,", "no-answer"),
        ("Q?,,,", "no-answer"),
        ("Q?,a,b,3", "bad-key: 3"),
        ("Q?,a,b,c", "bad-key: c"),
        ("Q?,a, a ,1", "same-options: a"),
    ],
)
def test_a_bad_row_is_refused_and_the_good_ones_come_in(row, note):
    incoming = read(f"question,option1,option2,correct\n{row}\nGood?,a,b,1\n")
    assert len(incoming.questions) == 1
    assert notes(incoming) == [f"row 2: refused: {note}"]


def test_options_that_differ_by_a_sign_or_a_case_are_two():
    assert options(read("question,a,b,correct\nWhich?,x > 1,x < 1,2\n").questions[0]) == ["x > 1", "x < 1"]
    assert key(read("question,a,b,correct\nWhich?,mg,Mg,Mg\n").questions[0]) == "Mg"


def test_a_quote_that_is_never_closed_takes_its_own_row_only():
    incoming = read('question,answer\nFirst?,one\n"never closed,two\nSecond?,three\nLast?,"four"\n')
    assert [one.stem.en for one in incoming.questions] == ["First?", "Second?", "Last?"]
    assert notes(incoming) == ['row 3: refused: not-closed: "']


def test_a_cell_longer_than_any_is_refused_with_its_row():
    incoming = read(f'question,answer\n"{"x" * 200_000},a\nGood?,yes\n')
    assert ([one.stem.en for one in incoming.questions], incoming.refused) == (["Good?"], 1)


def test_lines_and_quotes_within_cells_are_kept():
    incoming = read('question,answer\r\n"Two\r\nlines, ""quoted""?",yes\r\n5" pipe?,that\r\n')
    assert [one.stem.en for one in incoming.questions] == ['Two\nlines, "quoted"?', '5" pipe?']


def test_rows_are_numbered_as_a_spreadsheet_does():
    assert notes(read('question,answer\n"a\nb",c\n\n,x\n')) == ["row 4: refused: no-question"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "holds no table of questions"),
        (b"This is a text.\nIt is no table.\n", "holds no table of questions"),
        (b"name,grade\nLayla,5\nOmar,6\n", None),
        (b"\x81\x8d\x8f\xff\xfe\x00", "is not UTF-8 text (byte 1)"),
        ("question,answer\nما,لا\n".encode("utf-16")[:-1], "is not UTF-16 text"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data, problem):
    if problem is None:
        assert tables.read_csv(data, "a.csv").held == 3  # question and answer, as far as a program can see
        return
    with pytest.raises(BadFile, match=re.escape(problem)):
        tables.read_csv(data, "a.csv")


# ---------------------------------------------------------------- Excel


DAY = dt.datetime(2021, 12, 7)  # noqa: DTZ001  (a sheet knows no zone)


def test_what_excel_makes_of_cells_is_read_as_it_is_shown():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Question", "Answer"])
    values = (3, 2.5, 0.1 + 0.2, True, DAY, DAY.replace(hour=14, minute=30), 0.5, "=1+1", 1e20)
    for number, value in enumerate(values):
        sheet.append([f"Question {number}?", value])
    sheet["B8"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    incoming = tables.read_xlsx(out.getvalue(), "a.xlsx")
    assert [one.answer.en for one in incoming.questions] == [
        "3", "2.5", "0.3", "TRUE", "2021-12-07", "2021-12-07 14:30", "50%", "=1+1", "100000000000000000000",
    ]  # fmt: skip


def test_all_sheets_of_a_workbook_come_in_and_say_their_name():
    data = workbook(
        ("question", "answer"),
        ("One?", "1"),
        Second=(("السؤال", "الإجابة"), ("اثنان؟", "2"), (None, "3")),
        Notes=(("by hand",),),
    )
    incoming = tables.read_xlsx(data, "a.xlsx")
    assert [one.stem.best("en")[1] for one in incoming.questions] == ["One?", "اثنان؟"]
    assert notes(incoming) == [
        "row 3 (Second): refused: no-question",
        "row 1 (Notes): remark: not-understood: 1 rows",
    ]


def test_a_workbook_with_prefixed_names_and_inline_texts_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/workbook.xml", '<x:workbook><x:sheets><x:sheet name="S" r:id="r1"/></x:sheets></x:workbook>')
        link = '<Relationship Id="r1" Type="t/worksheet" Target="/xl/worksheets/sheet1.xml"/>'
        book.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{link}</Relationships>")
        cell = '<x:c t="inlineStr"><x:is><x:r><x:t>{}</x:t></x:r><x:r><x:t>{}</x:t></x:r></x:is></x:c>'
        rows = "".join(
            f"<x:row>{cell.format(*one)}{cell.format(*two)}</x:row>"
            for one, two in ((("Ques", "tion"), ("Ans", "wer")), (("Wh", "at?"), ("th", "at")))
        )
        book.writestr("xl/worksheets/sheet1.xml", f"<x:worksheet><x:sheetData>{rows}</x:sheetData></x:worksheet>")
    question = tables.read_xlsx(out.getvalue(), "a.xlsx").questions[0]
    assert (question.stem.en, question.answer.en) == ("What?", "that")


def test_a_row_of_a_number_alone_in_a_sheet_without_headings_is_passed_over():
    rows = ["1,Which river runs here,Nile,Amu,Don,1", "2,Which lake lies there,Van,Tana,Chad,2", "3"]
    rows.append("4,Which sea is it,Red,Black,White,3")
    incoming = tables.read_csv("\n".join(rows).encode(), "a.csv")
    assert [(one.stem.en, one.key) for one in incoming.questions] == [
        ("Which river runs here", "nile"),
        ("Which lake lies there", "tana"),
        ("Which sea is it", "white"),
    ]
