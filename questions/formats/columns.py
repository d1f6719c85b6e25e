"""What the columns of a sheet hold, by their headings in English or Arabic: ours, Kahoot's, Blooket's and others'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from questions.formats.sheet import Row
from questions.normalise import normalise
from questions.texts import Lang

Field = Literal[
    "id",
    "number",  # of the row: says nothing
    "kind",
    "topic",
    "topic-name",
    "stem",
    "key",
    "answer",
    "accepted",
    "ranges",
    "answer-type",
    "value",
    "rivals",
    "feedback",
    "tags",
    "weight",
    "difficulty",
    "fixed-order",
    "facts",
    "sources",
    "not-with",
    "option",
    "option-id",
    "option-feedback",
    "option-weight",
    "left",
    "options",  # all of them in one cell
    "wrong",
    "time",
    "points",
    "media",
]
Origin = Literal["qimma", "kahoot", "blooket", "other"]
_BLOOKET_KIND = 9  # the place of a column
MOST_ABOVE = 40  # rows above the headings, and these


@dataclass(frozen=True, slots=True)
class Column:
    """`number` counts options from 1; 0 where there is but one such column."""

    field: Field
    number: int = 0
    lang: Lang | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The headings of a table: what each column holds, by its place, and in which row they stand."""

    row: Row
    columns: dict[int, Column]
    origin: Origin


# The columns of our own layout, in their order, as they are written: in English and in Arabic.
OWN: dict[Field, tuple[str, str]] = {
    "id": ("id", "المعرّف"),
    "kind": ("kind", "النوع"),
    "topic": ("topic", "رمز الموضوع"),
    "topic-name": ("topic_name", "الموضوع"),
    "stem": ("stem", "السؤال"),
    "option": ("option{}", "الخيار {}"),
    "option-id": ("option{}_id", "معرّف الخيار {}"),
    "option-feedback": ("option{}_feedback", "توضيح الخيار {}"),
    "option-weight": ("option{}_weight", "وزن الخيار {}"),
    "left": ("left{}", "الطرف {}"),
    "key": ("key", "الإجابة الصحيحة"),
    "answer": ("answer", "الجواب"),
    "accepted": ("accepted", "إجابات مقبولة"),
    "ranges": ("ranges", "حدود العدد"),
    "answer-type": ("answer_type", "نوع الجواب"),
    "value": ("value", "القيمة"),
    "rivals": ("rivals", "إجابات غير مقبولة"),
    "feedback": ("feedback", "التوضيح"),
    "tags": ("tags", "الوسوم"),
    "weight": ("weight", "الأهمية"),
    "difficulty": ("difficulty", "الصعوبة"),
    "fixed-order": ("fixed_order", "ترتيب ثابت"),
    "facts": ("facts", "الحقائق"),
    "sources": ("sources", "المصادر"),
    "not-with": ("not_with", "ليس مع"),
}
LANGUAGE: dict[Lang, tuple[str, str]] = {"ar": ("_ar", " (عربي)"), "en": ("_en", " (إنجليزي)")}

_OTHERS: dict[Field, str] = {
    "number": "no|nr|num|number|question number|question no|question nr|q no|q num|serial|sl no|s no|index|order|"
    "question order|رقم|الرقم|رقم السؤال|م|ت|مسلسل|التسلسل|الرقم التسلسلي",
    "id": "question id|qid|uuid|guid|المعرف",
    "kind": "type|question type|item type|format|questiontype|نوع السؤال|نوع",
    "topic-name": "topic|topics|category|categories|subject|unit|chapter|section|module|lesson|domain|theme|area|"
    "الفئة|التصنيف|المحور|الوحدة|الفصل|الباب|الدرس|المادة|القسم|موضوع|الموضوع|المجال|tema|categoria",
    "stem": "vorderseite|recto|anverso|word|الوجه|الوجه الأمامي|الكلمة|"
    "question|questions|question text|question title|question stem|question statement|title text|text|prompt|"
    "statement|term|front|q|ques|query|item|question content|نص السؤال|سؤال|الأسئلة|العبارة|المصطلح|pregunta|"
    "preguntas|frage|domanda|pergunta|soal|pertanyaan|вопрос|soru|enunciado",
    "key": "correct|correct answer|correct answers|correct option|correct options|correct choice|correct answer s|"
    "correct option s|right answer|right answers|right option|correct index|correct answer index|correct answer number|"
    "correct letter|answer key|answerkey|ans key|correctanswer|correct response|right|true answer|"
    "correct ans|رقم الإجابة الصحيحة|رقم الاجابة|الجواب الصحيح|الإجابات الصحيحة|الصحيح|الصحيحة|"
    "مفتاح الإجابة|الخيار الصحيح|البديل الصحيح|الاختيار الصحيح|اجابة صحيحة|رمز الإجابة|المفتاح|respuesta correcta|"
    "richtige antwort|bonne reponse|reponse correcte|risposta corretta|resposta correta|kunci jawaban|"
    "jawaban benar|правильный ответ|dogru cevap|jawaban",
    "answer": "rückseite|verso|reverso|الظهر|الوجه الخلفي|"
    "answers|ans|solution|definition|back|response|meaning|translation|reply|الإجابة|إجابة|جواب|الحل|"
    "التعريف|المعنى|الترجمة|respuesta|antwort|reponse|risposta|resposta|ответ|cevap",
    "accepted": "accepted answers|also accepted|alternative answers|alternatives|alternate answers|synonyms|"
    "other answers|الإجابات المقبولة|أجوبة مقبولة|صيغ مقبولة|مرادفات|بدائل مقبولة",
    "feedback": "explanation|explanations|answer explanation|rationale|reason|why|comment|comments|general feedback|"
    "feedback text|justification|note|notes|الشرح|شرح|التعليل|التعليق|تعليق|التفسير|تفسير|شرح الإجابة|"
    "تغذية راجعة|التغذية الراجعة|explicacion|ملاحظات|السبب|التبرير",
    "tags": "tag|labels|label|keywords|keyword|وسوم|الكلمات المفتاحية|كلمات مفتاحية|وسم",
    "difficulty": "difficulty level|level|difficultylevel|hardness|مستوى الصعوبة|المستوى|صعوبة|مستوى|درجة الصعوبة",
    "options": "options|choices|answer options|answer choices|alternatives list|الخيارات|البدائل|الاختيارات",
    "wrong": "wrong|incorrect|wrong answer|wrong answers|wrong option|incorrect answer|incorrect answers|"
    "incorrect option|incorrect options|incorrect choice|distractor|distractors|distracter|false answer|"
    "wrong choice|bad answer|decoy|خاطئ|خاطئة|إجابة خاطئة|الإجابة الخاطئة|إجابات خاطئة|الإجابات الخاطئة|خيار خاطئ|"
    "الخيار الخاطئ|جواب خاطئ|مشتت|المشتت|المشتتات|خطأ|respuesta incorrecta|falsche antwort|mauvaise reponse",
    "time": "time|time limit|time in seconds|timer|timelimit|seconds|duration|time sec|time allowed|الوقت|الزمن|المدة|"
    "الوقت بالثواني|زمن الإجابة|tiempo|tiempo limite|zeit|waktu|time limit seconds",
    "points": "points|point|marks|mark|score|scores|xp|xp value|grade|الدرجة|الدرجات|النقاط|العلامة|نقاط|درجة|puntos",
    "media": "image|image link|image url|picture|media|media url|img|image id|photo|video|video link|audio|audio url|"
    "question image|attachment|link|url|img link|صورة|الصورة|رابط الصورة|رابط|وسائط|imagen",
    "weight": "importance",
    "facts": "fact",
    "sources": "source|reference|references|المصدر|المرجع",
}
_OPTION = (
    "option|answer|choice|alternative|response|possible answer|answer option|answer choice|opt|ans|variant|"
    "option text|answer text|a|r|"
    "الخيار|خيار|البديل|بديل|الاختيار|اختيار|الإجابة|إجابة|الجواب|جواب|opcion|respuesta|reponse|antwort|risposta|"
    "resposta|alternativa|opsi|pilihan|jawaban|вариант|secenek|proposition|choix"
)
_OPTION_FEEDBACK = "feedback|explanation|option feedback|answer feedback|تغذية راجعة للخيار|شرح الخيار"
_MATCH_LEFT = "left|premise|match left"
_MATCH_RIGHT = "right|match right|المقابل"

_LETTERS = {letter: place for place, letter in enumerate("abcdefghij", start=1)}
_ARABIC_LETTERS = {"ا": 1, "ب": 2, "ج": 3, "د": 4, "ه": 5, "و": 6, "ز": 7, "ح": 8}
_ORDINALS = {
    normalise(word): place
    for place, words in enumerate(
        (
            "الأول الأولى first",
            "الثاني الثانية second",
            "الثالث الثالثة third",
            "الرابع الرابعة fourth",
            "الخامس الخامسة fifth",
            "السادس السادسة sixth",
        ),
        start=1,
    )
    for word in words.split()
}
_LANG_NAMES: dict[Lang, str] = {
    "ar": "ar arabic arab عربي عربية العربية العربي بالعربية بالعربي ع",
    "en": "en english eng إنجليزي إنجليزية الإنجليزية الإنجليزي بالإنجليزية بالإنجليزي انكليزي بالإنكليزية",
}
_LANG_WORDS: dict[str, Lang] = {normalise(word): lang for lang, names in _LANG_NAMES.items() for word in names.split()}
# What templates add to a heading: "(Optional)", " - max 75 characters", a second line.
_TAIL = re.compile(
    r"\s*(\n|[-–—]\s*(max|choose|at least|\d)|\((max|opt|req|sec|only|choose|at least|in |comma|اختياري)).*",
    re.IGNORECASE | re.DOTALL,
)
_BESIDE = re.compile(r"\([^()]*\)|\*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z]([a-z]|$))|(?<=[A-Za-z])(?=\d)|(?<=[\u0620-\u064a])(?=[\d\u0660-\u0669])")
_ASKS = re.compile(r"question|stem|سوال|اسيله|pregunta|frage")


def _table() -> tuple[dict[str, Field], dict[str, Field]]:
    """Fields by heading: of columns that stand once, and of those that are numbered."""
    single: dict[str, Field] = {}
    numbered: dict[str, Field] = {}
    for field, words in _OTHERS.items():
        single |= {normalise(word): field for word in words.split("|")}
    numbered |= {normalise(word): "option-feedback" for word in _OPTION_FEEDBACK.split("|")}
    numbered |= {normalise(word): "left" for word in _MATCH_LEFT.split("|")}
    numbered |= {normalise(word): "option" for word in (*_OPTION.split("|"), *_MATCH_RIGHT.split("|"))}
    numbered |= {normalise(word): "wrong" for word in _OTHERS["wrong"].split("|")}
    for field, names in OWN.items():
        for name in names:
            (numbered if "{}" in name else single)[normalise(name.replace("{}", " "))] = field
    return single, numbered


_SINGLE, _NUMBERED = _table()


def column(heading: str) -> Column | None:
    """What a column with this heading holds; None when the heading is not known."""
    heading = heading.strip()
    if not heading or len(heading) > 150:
        return None
    if "#" in heading or "№" in heading:
        bare = normalise(_TAIL.sub("", heading))
        return Column("key") if "correct" in bare else Column("number") if bare in {"", "question", "q"} else None
    words = normalise(_CAMEL.sub(" ", _TAIL.sub("", heading))).split()
    lang = next((_LANG_WORDS[word] for word in words if word in _LANG_WORDS and len(words) > 1), None)
    words = [word for word in words if len(words) == 1 or word not in _LANG_WORDS]
    name = " ".join(words)
    if name in _SINGLE:
        return Column(_SINGLE[name], lang=lang)
    numbers = [(place, _counted(word, alone=len(words) == 1)) for place, word in enumerate(words)]
    found = [(place, number) for place, number in numbers if number]
    if len(found) == 1:
        place, number = found[0]
        rest = " ".join(words[:place] + words[place + 1 :])
        field: Field | None = "option" if not rest else _NUMBERED.get(rest)
        if field is not None and number <= 40:
            return Column(field, number, lang)
    if _NUMBERED.get(name) == "wrong":
        return Column("wrong", 0, lang)
    bare = _BESIDE.sub(" ", heading)  # "Correct Answer (1-4)", "Question*"
    return column(bare) if bare.strip() != heading else None


def _counted(word: str, *, alone: bool) -> int:
    if word.isdigit():
        return int(word) if len(word) < 3 else 0
    if word in _ORDINALS:
        return 0 if alone else _ORDINALS[word]
    return _LETTERS.get(word) or _ARABIC_LETTERS.get(word) or 0


def find_header(rows: list[Row]) -> Header | None:
    """The first row of headings: it names the question and something that answers it, or says its kind."""
    title = ""
    for at, row in enumerate(rows[:MOST_ABOVE]):
        columns = _headings(row)
        if columns:
            below = _headings(rows[at + 1]) if at + 1 < len(rows) else {}
            if len(below) > len(columns):  # headings of two rows, the upper ones merged over both
                row, columns = rows[at + 1], below
            return Header(row, _completed(row, columns), _origin(row, columns, title))
        title += " ".join(row.cells)[:500].casefold()
    return None


def _headings(row: Row) -> dict[int, Column]:
    """What the columns hold when the row is one of headings."""
    columns = {place: found for place, cell in enumerate(row.cells) if (found := column(cell))}
    fields = {found.field for found in columns.values()}
    answers = {"option", "wrong", "key", "answer", "options", "kind", "left"} & fields
    enough = len(columns) * 3 >= sum(bool(cell.strip()) for cell in row.cells)
    return columns if "stem" in fields and answers and enough else {}


def _origin(row: Row, columns: dict[int, Column], title: str) -> Origin:
    said = " ".join(row.cells).casefold()
    fields = {found.field for found in columns.values()}
    if "kind" in fields and any(found.field == "stem" and found.lang for found in columns.values()):
        return "qimma"
    if "blooket" in title or "only include answer #" in said:
        return "blooket"
    options = sum(found.field == "option" for found in columns.values())
    if "max 120 characters" in said or (options == 4 and {"time", "key"} <= fields and "kind" not in fields):
        return "kahoot"
    return "other"


def _completed(row: Row, columns: dict[int, Column]) -> dict[int, Column]:
    """The columns with repeated names counted, and with the options whose headings were overwritten."""
    out: dict[int, Column] = {}
    wrong = 0
    # "Text, Question": of two that could be the question it is the one that says so.
    certain = {
        found.lang: place
        for place, found in columns.items()
        if found.field == "stem" and _ASKS.search(normalise(row.cells[place]))
    }
    for place, found in columns.items():
        if found.field == "wrong" and not found.number:
            wrong += 1
            found = Column("wrong", wrong, found.lang)
        if found.field == "stem" and certain.get(found.lang, place) != place:
            continue
        if found not in out.values():
            out[place] = found
    # Blooket's template with answers pasted over "Answer 2" to "Answer 4": all that stands between them and the time.
    options = [place for place, found in out.items() if found.field == "option"]
    if "only include answer #" in " ".join(row.cells).casefold() and not "".join(row.cells[_BLOOKET_KIND:]).strip():
        out[_BLOOKET_KIND] = Column("kind")  # Blooket's says "typing" there, and gives it no heading
    ends = [place for place, found in out.items() if found.field in {"time", "key"}]
    if len(options) == 1 and len(ends) == 2 and options[0] < min(ends) <= options[0] + 5:
        for number, place in enumerate(range(options[0] + 1, min(ends)), start=out[options[0]].number + 1):
            out[place] = Column("option", number)
    return out
