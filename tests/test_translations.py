"""The Arabic of the interface: nothing is missing, and it keeps the rules of the house."""

from __future__ import annotations

import re
from collections.abc import Callable
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
TRANSLATIONS = ROOT / "quiz" / "translations"
PO = TRANSLATIONS / "ar" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
MARKS = "\u064b-\u0652\u0670"

# What the reader finds on a button of Anki's or on a key, or types as it stands.
LATIN = ("AnkiDroid", "AnkiMobile", "Update notes", "If newer", "Merge note types", "Enter", "qimma bank load")
LATIN += (
    "HOST=0.0.0.0",
    "QIMMA_PUBLIC_URL",
    "QIMMA_PROXIES=1",
    "CSV",
    "Excel",
    "UTF-8",
    "UTC",
    ".xlsx",
    ".csv",
    "JSON",
    "XLSX",
    "{n}",
)
LATIN += ("Kahoot", "Blooket", "GIFT", "Moodle XML", "Aiken")  # settings and kinds of file, as they stand elsewhere
# Written with a mark, since without it another reading comes to mind first.
MARKED = """
    أُرسلت وتُرسَل يُرسَل أُجيب تُفتح موثّقة يُرى ثوانٍ متعهَّد
    قِمّة أيّ اسمٌ وكلمةُ أُرسل استُعمل بُني تُحدَّث تُحدَّد تُعدّ حُفظ حُفظت عُدِّل وعُدِّلت قُرئ وُجدت يُحسب يُحفظ يُذكر يُستعمل يضِع
    معدَّل المعدَّلة والمحدَّثة التقدّم تقدّمي التنقّل المدرّس مدرّس المدرّسون للمدرّسين النصّان تحقّق تعذّر تعذّرت سيطّلع مستحقّة
    يتغيّر يحمّل يخصّ يصحّ يغيّر تقدّمك المدرّسين المستحقّة أُبلغ التعلّم المميَّزة تصفّح تعلّم قلّت
    أُنجز التذكّر والتذكّر التعرّف المتوقَّع بالمتوقَّع تُسأل تُنسَ كُتبت نُسيت
    أُعيد أُغلق أُلغي أُنشئ تبيّن تفرّق تُسحب تُسند تُطبع تُعلن تُغلق سُحب سُلّمت صُحّح عُدّلت عُشر فُتح لديّ نُظر وتُستثنى يغيّرها يفرّق
    يُستورد يُستوردون يُسند يُغلق يُفتح يُقرأ
    أُزيل أُضيف تبدّل مؤكَّد مستحقّتان يُحذف يُرفَق يُسجَّل ويُقدَّم
    أيّها المتكلّم المحرّرون المخاطَب المرسِل المشتِّت المعرّف المعلَّم المعلَّمة النصّين باقٍ بدّ بنصّها
    تتغيّر تتّسع تتّسق تدلّ تغيّر تغيّرت تُترك تُحذف تُحفظ تُرك تُصعّب تُطرح تُعتمد تُقرَّب تُملأ حدّ حُذف
    حُذفت ذُكر زلّة ساعةً ستتغيّر سيتغيّر سيُستورد سيُسحب سُحبا سُحبت سُمّي صفّان طُرح عُدِّلا عُدِّلت غيّرته
    فتدلّ فتُرك فُتحت قُرّبت كلّ كُتب للتعلّم لمَ مؤنّث ماهيّته متخطّاة متعلّم مثنّى محرّر محرّروه مذكّر مرتّبة
    مستعمَل مشتِّتا مصنَّف معدَّلا معدَّلان معدَّلة معرّفاتها معرّفه معلَّمة مكرّر مكرّرة ملفَّ ملمَّح منفيّ
    مَن نصّا نصّاهما نصّك نصّه نصّها نصّي نصّيهما والمحرّرون وقُرئ ويُرسل ويُقبل يبيّن يتّسع يتّسق يدلّ يعرّفها
    يُبحث يُترك يُجب يُحسم يُختار يُختر يُرسل يُسحب يُسحبان يُطرح يُعدَّل يُقارن يُقبل يُكتب يُكمل
"""
MARKED += " يُحتسب يُحتسبا تُحتسب تُحتسبا تُضَف أُضيفت حُدّد حُدّدا حُدّدت أُجريت يُفعَّل رُوجع"
MARKED += """
    التحقّق التثبّت مفعَّل ويُنصح يُنصح يدرّس تُعرض يجرَّب توقّعت توقّعته استُخلص يتوقّع يُعتدّ تُحسب تُستخلص أُوقف تُخمَّن تُرى ويتبدّل يبقَ
"""
LATIN += ("TOTP", "Aegis", "FreeOTP", "Google Authenticator", "QR")
LATIN += ("FSRS", "Include scheduling information", "apkg")
IMPERATIVES = re.compile(
    r"\b[وف]?(?:ابدأ|ابدئي|اختر|اختاري|اضغط|اضغطي|انقر|انقري|أجب|أجيبي|احفظ|احفظي|أدخل|أدخلي|اكتب|اكتبي|حاول|حاولي|عد|عودي|"
    r"ارجع|ارجعي|افتح|افتحي|انتظر|انتظري|أعد|أعيدي|راجع|راجعي|تابع|تابعي|أرسلي|نزل|نزلي|حمل|حملي|استورد|استوردي|اترك|اتركي|"
    r"سجلي|يرجى|الرجاء|أنت|متأكد|تختار|تعرف)\b"
)
DONE = re.compile(r"\b[وف]?(?:تم|تمت|يتم|سيتم)\b")


def read_catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="ar")


def sentences(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def name(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else str(message.id)


def bare(text: str) -> str:
    return re.sub(f"[{MARKS}]", "", text)


MESSAGES = [message for message in read_catalogue() if message.id]
PLURALS = [message for message in MESSAGES if message.pluralizable]


def faults(find: Callable[[str], object]) -> dict[str, object]:
    """What is found in each Arabic sentence, where something is."""
    return {
        sentence: found
        for message in MESSAGES
        for sentence in sentences(message)
        if sentence and (found := find(sentence))
    }


def test_the_catalogue_holds_every_string_of_the_interface_and_no_other() -> None:
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = {
        text
        for folder in ("quiz", "questions", "templates")
        for _, _, text, _, _ in extract_from_dir(ROOT / folder, methods, options)
    }
    held = {message.id for message in MESSAGES}
    assert (found - held, held - found) == (set(), set()), "run make catalogue, then translate what is new"


def test_no_string_is_without_arabic() -> None:
    assert [name(message) for message in MESSAGES if not all(map(str.strip, sentences(message)))] == []


def test_no_string_is_fuzzy_or_left_over() -> None:
    catalogue = read_catalogue()
    assert [name(message) for message in catalogue if message.id and message.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_a_counted_string_has_six_forms() -> None:
    assert PLURALS != []
    assert [name(message) for message in PLURALS if len(sentences(message)) != 6] == []


def test_the_arabic_has_the_placeholders_of_the_english() -> None:
    """None, one and two are said in words: those forms need no number."""
    assert [
        (name(message), sentence)
        for message in MESSAGES
        for place, sentence in enumerate(sentences(message))
        if set(PLACEHOLDER.findall(sentence))
        != set(PLACEHOLDER.findall(message.id[-1] if message.pluralizable else message.id))
        and not (message.pluralizable and place < 3 and "%(num)d" not in sentence)
    ] == []


def test_no_sentence_has_a_broken_placeholder() -> None:
    assert faults(lambda sentence: "%" in PLACEHOLDER.sub("", sentence)) == {}


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "لا أسئلة"),
        (1, "سؤال واحد"),
        (2, "سؤالان"),
        (3, "3 أسئلة"),
        (10, "10 أسئلة"),
        (11, "11 سؤالًا"),
        (99, "99 سؤالًا"),
        (100, "100 سؤال"),
        (102, "102 سؤال"),
        (103, "103 أسئلة"),
        (111, "111 سؤالًا"),
    ],
)
def test_questions_are_counted_as_arabic_counts(number: int, sentence: str) -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        arabic = GNUTranslations(file)
    assert arabic.ngettext("%(num)d question", "%(num)d questions", number) % {"num": number} == sentence


def test_the_compiled_catalogue_is_that_of_the_written_one() -> None:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue())
    assert PO.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run make catalogue"


def test_latin_letters_stand_only_in_names_that_the_reader_looks_for() -> None:
    known = re.compile("|".join(map(re.escape, LATIN)))
    assert faults(lambda sentence: re.findall("[A-Za-z]+", known.sub("", PLACEHOLDER.sub("", sentence)))) == {}


def test_nobody_is_ordered_about_or_taken_for_a_man() -> None:
    assert faults(lambda sentence: IMPERATIVES.findall(bare(sentence))) == {}


def test_what_was_done_is_said_with_its_own_verb() -> None:
    assert faults(lambda sentence: DONE.findall(bare(sentence))) == {}


def test_punctuation_and_quotation_marks_are_arabic() -> None:
    assert faults(lambda sentence: re.findall("[,;?\"'“”‘’]", sentence)) == {}


def test_digits_are_of_one_kind() -> None:
    assert faults(lambda sentence: re.findall("[٠-٩۰-۹]", sentence)) == {}


def test_vowel_marks_stand_only_where_they_help() -> None:
    """The tanwin of «سؤالًا» is spelling, and stands before the alef."""
    known = set(MARKED.split())
    spelled = re.compile(f"\u064bا(?![\u0621-\u064a{MARKS}])")
    assert (
        faults(
            lambda sentence: [
                word
                for word in re.findall(f"[\u0621-\u064a{MARKS}]+", spelled.sub("ا", sentence))
                if word != bare(word) and word not in known
            ]
        )
        == {}
    )
