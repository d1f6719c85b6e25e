"""Words of a typed answer that say nothing of it, or turn it round; units; light affixes. All in normal form."""

from __future__ import annotations

from questions.normalise import normalise


def _forms(*words: str) -> frozenset[str]:
    return frozenset(normalise(word) for word in words) - {""}


DONT_KNOW = _forms(
    *("لا أعرف", "لا أدري", "لا أعلم", "لست أدري", "ما أدري", "مش عارف", "لا فكرة لدي", "ليس لدي فكرة"),
    *("don't know", "i don't know", "do not know", "i do not know", "idk", "dunno", "no idea", "no clue", "not sure"),
)
IDLE = _forms(
    *("the", "a", "an", "in", "on", "of", "at", "for", "from", "to", "by", "about", "it", "its", "it's", "he", "she"),
    *("they", "there", "was", "were", "is", "are", "i", "think", "believe", "guess", "maybe", "perhaps", "probably"),
    *("only", "exactly", "lasted", "around", "approximately", "via", "who", "which", "that", "called", "named"),
    *("في", "على", "من", "إلى", "عن", "هو", "هي", "هم", "كان", "كانت", "أظن", "ربما", "أعتقد", "أن", "إن", "أنه"),
    *(
        "told",
        "tells",
        "reported",
        "said",
        "says",
        "did",
        "according",
        "account",
        "answer",
        "تقريبا",
        "قال",
        "قالت",
        "قالها",
        "قالوا",
        "ذلك",
    ),
    *("رواية", "حسب", "بحسب", "وفق", "صاحب", "صاحبها", "صاحبة", "الجواب", "الإجابة"),
    *("عبر", "الذي", "التي", "الذين", "هذا", "هذه", "اسمه", "اسمها", "يدعى", "تدعى"),
    *("إنه", "أنها", "إنها", "فقط", "نحو", "حوالي", "مدة", "لمدة", "استمرت", "استمر", "دامت"),
)
PLACES = _forms(
    *("city", "town", "country", "agency", "project", "pipeline", "مدينة", "المدينة", "دولة", "بلد", "وكالة"),
    *("مشروع", "خط", "أنابيب"),
)
QUALIFIERS = _forms(
    *("bc", "bce", "ق", "قبل", "than", "more", "less", "least", "most", "over", "under", "nearly", "almost", "except"),
    *("ثلث", "أكثر", "أقل", "فوق", "تحت", "إلا", "قرابة", "زهاء"),
)
FRACTIONS = {
    normalise(word): part
    for part, words in ((0.5, "half نصف ونصف نص ونص"), (0.25, "quarter ربع وربع"))
    for word in words.split()
}
WITH_AND = _forms("and", "ونصف", "ونص", "وربع", "و")
NATIONAL = _forms(
    *("russian", "american", "us", "usa", "ukrainian", "british", "french", "german", "chinese", "iranian", "soviet"),
    *("european", "western", "official", "jr", "junior", "sr"),
)
BESIDE = _forms("in", "at", "with", "to", "في", "ب", "مع", "إلى", "لدى")
TIMES = _forms("time", "times", "مرة", "مرات", "مرتين")
# What is named beside them is whose they are: "Putin's aide", «مساعد بوتين», "the capital of Austria".
ROLES = _forms(
    *("aide", "adviser", "advisor", "assistant", "spokesman", "spokeswoman", "spokesperson", "deputy", "ally", "envoy"),
    *("president", "minister", "secretary", "ambassador", "leader", "head", "chief", "capital"),
    *("مساعد", "مساعدة", "مستشار", "مستشارة", "متحدث", "متحدثة", "نائب", "نائبة", "حليف", "مبعوث", "موفد"),
    *("رئيس", "رئيسة", "وزير", "وزيرة", "سفير", "سفيرة", "زعيم", "زعيمة", "عاصمة"),
)
CALENDAR = _forms("year", "day", "month", "date", "م", "يوم", "شهر", "سنة", "عام", "بتاريخ", "تاريخ")
COUNTING = _forms("number", "total", "altogether", "عدد", "العدد", "عددهم", "عددها", "المجموع")
# Before a name, titles are ignored. An Arabic one needs its article: without it, it governs what follows
# («رئيس روسيا» is no title with a name).
TITLES = _forms(
    *("mr", "mrs", "ms", "dr", "president", "adviser", "advisor", "ambassador", "minister", "secretary", "senator"),
    *("السيد", "السيدة", "الدكتور", "الدكتورة", "الرئيس", "الرئيسة", "المستشار", "المستشارة"),
    *("السفير", "السفيرة", "الوزير", "الوزيرة", "د"),
)
DIRECTIONS = _forms("from", "to", "by", "on", "about", "من", "إلى", "على", "عن")  # of two that differ, one is wrong
NEGATIONS = _forms(
    *("مش", "مو", "ماشي", "except", "but", "إلا", "سوى", "عدا", "باستثناء"),
    *("not", "no", "never", "isn't", "wasn't", "neither", "nor", "without"),
    *("ليس", "ليست", "ليسوا", "لا", "لم", "لن", "غير", "ولا", "بدون", "دون"),
)
OR = _forms("or", "أو", "أم")
_ROMANS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
ROMAN = {numeral: value for value, numeral in enumerate(_ROMANS.split(), 1)}
# A word and its opposite may differ by little: never a slip.
OPPOSITES = ("un", "in", "im", "il", "ir", "non", "dis", "de", "anti", "اللا", "لا")


def idle(word: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a word says nothing of the answer, with a light affix («ليوم») or without."""
    return not {word, *unprefixed(word)}.isdisjoint(IDLE | more)


def unprefixed(word: str, *more: str) -> set[str]:
    """What is left of a word without a light prefix, where that is three letters or more; and `more`."""
    prefixes = ("ال", "وال", "بال", "لل", "كال", "فال", "و", "ب", "ل", "ك", "ف")
    cut = {word[len(prefix) :] for prefix in prefixes if word.startswith(prefix) and len(word) - len(prefix) >= 3}
    return cut | set(more)


def content(words: list[str], more: frozenset[str] = PLACES) -> list[str]:
    """The words that say something, or all where none does. A letter at the end is a part of a name: "Minsk I"."""
    last = len(words) - 1
    return [
        word for place, word in enumerate(words) if not idle(word, more) or (place == last and len(word) == 1)
    ] or words


# Length of a unit in the smallest of its kind: an answer in another unit is converted.
UNITS: dict[str, tuple[str, int]] = {
    normalise(word): (kind, size)
    for kind, size, words in (
        ("time", 1, "second seconds sec secs ثانية ثوان ثواني"),
        ("time", 60, "minute minutes min mins دقيقة دقائق"),
        ("time", 3600, "hour hours hr hrs h ساعة ساعات"),
        ("time", 86_400, "day days يوم يوما أيام"),
        ("time", 604_800, "week weeks أسبوع أسبوعا أسابيع"),
        ("months", 1, "month months شهر شهرا أشهر شهور"),
        ("months", 12, "year years سنة سنوات سنين عام عاما أعوام"),
        ("length", 1, "metre metres meter meters m متر مترا أمتار"),
        ("length", 1000, "kilometre kilometres kilometer kilometers km كيلومتر كيلومترا كيلومترات كم"),
    )
    for word in words.split()
}
