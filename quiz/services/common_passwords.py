"""Passwords that are tried first: the most used ones, rows of keys, and one's own name."""

from __future__ import annotations

import re
from functools import cache

from questions.normalise import normalise

# Of which passwords are made in Arabic, or by Arabic speakers in Latin letters; with a few digits or without.
_WORDS = (  # noqa: SIM905  (easier to read than a list)
    "محمد احمد محمود مصطفى ابراهيم عبدالله عبدالرحمن عبدالعزيز فاطمة عائشة خديجة مريم زينب "
    "الله ياالله ياربي بسمالله بسماللهالرحمنالرحيم الحمدلله الحمدللهربالعالمين سبحانالله اللهاكبر لاالهالاالله "
    "لاالهالااللهمحمدرسولالله ماشاءالله انشاءالله استغفرالله حسبيالله حسبياللهونعمالوكيل توكلتعلىالله صلىعلىالنبي "
    "حبيبي حبيبتي حياتي احبك بحبك سوريا فلسطين مصر العراق لبنان الاردن السعودية الجزائر المغرب تونس ليبيا "
    "اليمن السودان الكويت قطر الامارات البحرين عمان دمشق القاهرة بغداد القدس مكة بيروت الرياض "
    "رمضان كلمةالسر كلمةالمرور كلمةسر الرقمالسري مدرسة جامعة طالب معلم امتحان اختبار قمة "
    "mohammed mohamed mohammad muhammad mohamad ahmed ahmad mahmoud mustafa ibrahim abdullah abdallah abdelrahman "
    "fatima fatma aisha khadija mariam zainab allah bismillah bismilah alhamdulillah alhamdolilah subhanallah "
    "allahuakbar allahakbar lailahaillallah mashallah inshallah astaghfirullah yaallah yarab habibi habibti hayati "
    "ahebak bahebak syria palestine egypt iraq lebanon jordan saudi algeria morocco tunisia libya yemen sudan kuwait "
    "qatar emirates damascus cairo baghdad alquds makkah ramadan qimma summit quiz password admin instructor teacher "
    "student"
).split()
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرلاىةوزظ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "ابجدهوزحطيكلمنسعفصقرشتثخذضظغ",
)
_SIGNS = "!@#$%^&*()_+"
_FEW = 4  # signs beside a name or a word that make no password of it


def is_common(password: str, *, name: str = "") -> bool:
    """Whether it is among the first that someone who guesses would try for a person of this name."""
    said = _bare(password)
    if not said:
        return password in _SIGNS or len(set(password)) <= _FEW
    if password.casefold() in _most_used() or said in _most_used():
        return True
    if re.fullmatch(r"(.{1,4}?)\1+", said) or any(said in row or said in row[::-1] for row in _rows()):
        return True
    own = _bare(name)
    if len(own) > 2 and own in said and len(said) - len(own) <= _FEW:
        return True
    return said.strip("0123456789") in _words() and sum(map(str.isdecimal, said)) <= _FEW


def _bare(text: str) -> str:
    """Letters and digits as they are compared: neither case, vowel marks, signs nor kinds of digits make it another."""
    return normalise(text).replace(" ", "")


@cache
def _rows() -> tuple[str, ...]:
    return tuple(_bare(row) for row in _ROWS)


@cache
def _words() -> frozenset[str]:
    return frozenset(map(_bare, _WORDS))


@cache
def _most_used() -> frozenset[str]:
    """The thirty thousand passwords of a well-known list, those of eight characters and more."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # its dictionaries are large: only where someone asks

    return frozenset(one for one in FREQUENCY_LISTS["passwords"] if len(one) >= 8)
