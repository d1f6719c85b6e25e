"""Words that cells of sheets hold: true and false, kinds of questions, how hard one is."""

from __future__ import annotations

from questions.bank import KINDS, Kind
from questions.normalise import normalise

TRUE = {
    normalise(word) for word in ("true", "t", "صح", "صواب", "صحيح", "صحيحة", "verdadero", "vrai", "richtig", "benar")
}
FALSE = {normalise(word) for word in ("false", "f", "خطأ", "خاطئ", "خاطئة", "غلط", "falso", "faux", "falsch", "salah")}
YES = {normalise(word) for word in ("yes", "y", "1", "نعم")}
NO = {normalise(word) for word in ("no", "n", "0", "لا")}
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "choice",
        "multiple|multiple choice|multiplechoice|mc|mcq|mcqs|single choice|single|single select|single answer|choose|"
        "multiple choice question|quiz|radio|choice|sc|single correct|اختيار من متعدد|اختيار|متعدد|اختيار واحد|"
        "اختيار من متعدد واحد",
    ),
    (
        "multi_select",
        "checkbox|checkboxes|multiple select|multi select|multiselect|multiple answers|multiple answer|"
        "multiple response|multiple correct|msq|mr|ma|mcq multiple|select all|"
        "اختيار متعدد|إجابات متعددة|متعدد الإجابات",
    ),
    (
        "true_false",
        "true false|truefalse|true or false|tf|t f|boolean|bool|صح وخطأ|صح خطأ|صواب وخطأ|صواب خطأ|صح أو خطأ|"
        "صح أم خطأ|صواب أو خطأ|صواب أم خطأ",
    ),
    (
        "typed",
        "typed|fill in the blank|fill in|fill in the blanks|fill blank|fillblank|fib|fill|"
        "short answer|shortanswer|short|"
        "type answer|typing|identification|enum|enumeration|one word|text|numeric|numerical|number|short text|blank|"
        "إجابة قصيرة|أكمل|اكمل الفراغ|ملء الفراغ|املأ الفراغ|إكمال|اكمال",
    ),
    ("cloze", "cloze|gap|gap fill|فراغ"),
    ("ordering", "ordering|order|sequence|reorder|ranking|sorting|puzzle|ترتيب|رتب"),
    ("matching", "matching|match|pairs|match the following|مطابقة|توصيل|مزاوجة|صل"),
    (
        "open",
        "open|open ended|openended|essay|long answer|paragraph|long text|free text|subjective|descriptive|"
        "مقالي|سؤال مقالي|مفتوح|إجابة طويلة|مقال",
    ),
)
KIND_NAMES: dict[str, Kind] = {normalise(word): kind for kind, words in _KINDS for word in words.split("|")}
KIND_NAMES |= {normalise(kind): kind for kind in KINDS}
_NOT_HERE = (
    "poll|survey|slide|word cloud|brainstorm|drawing|draw|drag and drop|hotspot|labeling|labelling|likert|slider|"
    "nps|pin answer|image occlusion|content|drop pin|graphing|categorize|dropdown|video response|audio response"
)
NOT_HERE = frozenset(normalise(word) for word in _NOT_HERE.split("|"))
LEVELS = {
    normalise(word): level
    for level, words in (
        (0.25, "easy|low|beginner|سهل|سهلة|بسيط"),
        (0.5, "medium|moderate|normal|intermediate|average|متوسط|متوسطة"),
        (0.75, "hard|difficult|high|advanced|صعب|صعبة"),
    )
    for word in words.split("|")
}


def kind_named(text: str) -> Kind | None:
    return KIND_NAMES.get(normalise(text))
