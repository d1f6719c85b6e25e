"""The words by which rules know a catch-all, an absolute, a denial or a "yesterday", in normal form."""

from __future__ import annotations

import re

from questions.normalise import normalise
from questions.texts import Lang


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(text).split())


def _either(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _whole(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){_either(*patterns)}(?!\S)")


# Words that mean little by themselves: a key that shares them with the stem is not betrayed.
COMMON: dict[Lang, frozenset[str]] = {
    "en": _words(
        "about after all also among and another any are at before being between both but by can could did do does "
        "during each even few for from had has have having her him his how if in into is it its just let made make "
        "many may more most much name new no nor not now of off on one only or other our out over own per same she "
        "should so some such than that the their them then there these they this those through to too two under "
        "until upon very via was were what when where which while who whom whose why will with within without "
        "would yes yet you your"
    ),
    "ar": _words(
        "التي الذي الذين اللتين اللذين هذه هذا هؤلاء ذلك تلك أيّ أيّة بين بعد قبل عند عبر حول خلال مثل غير كما لكن كان "
        "كانت كانا كانوا يكون تكون وقت بشأن بحسب على إلى من عن في مع أن إن بأن لأن قال قالت قالا عنه عنها إنه إنها أنه "
        "أنها لها لهم منها منه فيها فيه سوف ضمن أمام نحو ليس ليست بعض جدا أكثر أقل"
    ),
}

# "All night", "every year" and «كل من» (both) are no absolutes.
ABSOLUTE: dict[Lang, re.Pattern[str]] = {
    "en": _whole(
        "always|never|only",
        "(?<!after )(?<!above )all(?! (?:night|day|week|year|summer|winter|along|over|right)(?!\\S))",
        "every(?! (?:two|three|few|other|hour|day|week|month|year)(?!\\S))",
    ),
    "ar": _whole(
        "دايما|دوما|ابدا|مطلقا|اطلاقا|بتاتا|كلها|كله|جميع|كافه|فقط|حصرا",
        "كل(?! (?:من|منهم|منهما|دقيقه|ساعه|يوم|اسبوع|شهر|عام|سنه)(?!\\S))",
    ),
}
# As absolute when they stand in the key: then the wrong ones are not given away.
SWEEPING: dict[Lang, re.Pattern[str]] = {
    "en": _whole("any|nothing|nobody|none|no|entirely|wholly"),
    "ar": _whole("اي|شييا|احد|تماما|كليا|وحده|وحدها"),
}

_OFFERED = "(?:سبق|ذكر|ورد|تقدم|الاجابات|الخيارات|هولا|هذه)(?: .{1,12})?"
CATCH_ALL = re.compile(
    _either(
        r"(?:all|none|both|neither|any) (?:of )?(?:the )?(?:above|these|those|them|options|answers)(?: .{1,20})?",
        r"both(?: the)? \w+",
        r"(?:both )?[a-e] (?:and|or) [a-e]",
        "both|neither|all|none|everyone|nobody",
        f"(?:جميع|كل|كافه) (?:ما )?{_OFFERED}",
        f"(?:لا شي|لا احد|لا واحد|ليس|ليس ايا|لا ايا) (?:من|مما) {_OFFERED}",
        f"(?:ليس|لا شي|لا احد) مما {_OFFERED}",
        "لا احد منهم|لا شي منها|(?:جميع|كل|كلا|كلتا)(?:هم|ها|هما)",
        r"(?:كلا|كلتا) ال\w+ين",
        "[ابجده] و ?[ابجده]",
    )
)

# ---------------------------------------------------------------- the stem

_SPAN_EN = _either(
    "week|weekend|month|year|decade|century|night|evening|morning|afternoon|spring|summer|autumn|winter",
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "january|february|april|june|july|august|september|october|november|december",
)
_SPAN_AR = _either(
    "الاسبوع|الشهر|العام|السنه|العقد|القرن|اليوم|الليله|المسا|الصباح|الربيع|الصيف|الخريف|الشتا",
    "الاحد|الاثنين|الثلاثا|الاربعا|الخميس|الجمعه|السبت|الايام|الاسابيع|الاشهر|الشهور|الاعوام|السنوات|السنين",
)
# «قبل عام 2014» and «قبل أيام من اللقاء» name what they are before; «قبل عام» at the end, «قبل أيام» do not.
_AGO_AR = _either(
    "(?:يومين|ايام|اسبوعين|اسابيع|شهرين|اشهر|شهور|عامين|اعوام|سنتين|سنوات|سنين|ساعات|قليل)(?! من )",
    "(?:يوم|اسبوع|شهر|عام|سنه)(?: واحده?)?$",
)
_PASSING_AR = "(?:الماضي|المنصرم|الفايت|الجاري|الحالي|المقبل|القادم)ه?"
# "Last" is a verb too, and "above" has its place in "above sea level": only beside such words do they point.
DEICTIC: dict[Lang, re.Pattern[str]] = {
    "en": _whole(
        "yesterday|tomorrow|today|tonight|nowadays|now|recent|recently|lately|currently|presently|ago",
        "the above|above mentioned|aforementioned|overleaf|mentioned earlier",
        "(?:mentioned|shown|listed|given|named|described|quoted|see|as|text|passage|table|picture) (?:above|below)",
        "at present|these days|so far(?! away| from| as)|until now|the other day",
        f"(?:this|last|next|past|coming|current) (?:few |couple of )?{_SPAN_EN}s?|(?:last|next) (?:march|may|fall)",
    ),
    "ar": _whole(
        "[وف]?ب?امس|البارحه|غدا|(?<!تلك )الليله(?! التي)|الان|حاليا|موخرا|قريبا(?! من)|انفا|سالف الذكر",
        "اعلاه|ادناه|المذكور سابقا|ما سبق ذكره|في الاونه الاخيره",
        "(?:حتي|الي|منذ) اليوم",
        f"[وف]?(?:هذا|هذه) {_SPAN_AR}",
        f"[وبلك]?{_SPAN_AR} {_PASSING_AR}",
        f"(?:قبل|منذ) (?:عده |بضعه |بضع )?{_AGO_AR}",
    ),
}
WHICH_IS_TRUE: dict[Lang, re.Pattern[str]] = {
    "en": re.compile(
        r"\bwhich (?:one )?(?:of (?:these|the following) )?(?:statements? |sentences? )?(?:is|are) (?:not )?"
        r"(?:true|correct|right|false|wrong)\b"
    ),
    "ar": re.compile(
        r"(?<!\S)(?:اي|ايه) (?:من )?(?:هذه |مما يلي )?(?:العبارات |الجمل |عباره |جمله )?(?:التاليه |الاتيه )?"
        r"(?:صحيحه?|خاطيه?|خطا)(?!\S)"
    ),
}
CHOOSE_ALL: dict[Lang, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:choose|select|tick|mark) all\b|\ball that apply\b"),
    "ar": re.compile(r"\b(?:كل|جميع) (?:ما|الاجابات)\b"),
}

NOT: dict[Lang, frozenset[str]] = {
    "en": _words(
        "not never neither no none nobody nothing cannot except excepting excluding didn't doesn't don't wasn't "
        "weren't isn't aren't hasn't haven't hadn't won't wouldn't couldn't"
    ),
    "ar": _words("لم لن ليس ليست ليسوا ليسا لا ولم ولن وليس وليست عدا باستثناء سوى"),
}
ASKING: dict[Lang, frozenset[str]] = {
    "en": _words("who whom whose which what where when how why"),
    "ar": _words("مَن أي أية أين متى كم كيف ما ماذا لماذا بأي لأي أيًا أيهم بم بمَ علامَ إلامَ فيمَ عمَّ ممَّ بماذا"),
}
# Where someone's words, or a clause about a thing, begin: what is denied there is not what is asked.
WITHIN: dict[Lang, frozenset[str]] = {
    "en": _words("that which who whom whose because if whether though although regarding where"),
    "ar": _words(
        "أن إن بأن لأن وأن وإن فإن أنه إنه أنها إنها أنهم إنهم بأنه بأنها بأنهم لأنه لأنها القائلة القائل "
        "التي الذي الذين اللتين اللذين اللتان اللذان مما بشأن إذا لو"
    ),
}
# "It was she who ...": what follows the pronoun is still the clause itself.
CLEFT: dict[Lang, re.Pattern[str]] = {
    "en": re.compile(r"\bit (?:was|is) .*?\b(?:who|which|that)\b"),
    "ar": re.compile(r"\b(?:هو|هي|هما|هم|هن) (?:الذي|التي|اللذان|اللتان|الذين|اللواتي|من)\b"),
}
