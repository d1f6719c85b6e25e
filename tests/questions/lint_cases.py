"""Sound questions for the tests of lint: each test breaks one of them in one way."""

from __future__ import annotations

from typing import Any

from factories import make_bank, make_question

from questions.bank import Question
from questions.factbook import FactBook
from questions.lint import lint_question

SOURCE = {"voice": {"ar": "المقال", "en": "the article"}, "para": 1, "opening": "قالت"}
SOUND: dict[str, Any] = {
    "feedback": {"ar": "لأنها قالته.", "en": "She said so."},
    "facts": ("f-1",),
    "sources": (SOURCE,),
    "stem": {"ar": "مَن قال ذلك؟", "en": "Who said so?"},
}
NAMES = (("a", "ليلى", "Layla"), ("b", "عمر", "Omar"), ("c", "نيلس", "Nils"))
MATTERS = (
    ("a", "السد", "the dam"),
    ("b", "الصيد", "fishing"),
    ("c", "الموانئ", "the ports"),
    ("d", "الطاقة", "energy"),
    ("e", "التأشيرات", "visas"),
)
EVENTS = (("a", "اللقاء", "the meeting"), ("b", "الزيارة", "the visit"), ("c", "التصويت", "the vote"))
BY_HAND = {"facts": (), "sources": ()}


def both(ar: str, en: str) -> dict[str, str]:
    return {"ar": ar, "en": en}


def options(*rows: tuple[str, str, str], silent: str = "") -> tuple[dict[str, Any], ...]:
    """Options, each with a sentence of its own, but for the ids in `silent`."""
    return tuple(
        {
            "id": name,
            "text": both(ar, en),
            **(
                {}
                if name in silent
                else {"feedback": both(f"ذلك شأن آخر: {name}.", f"That is another matter: {name}.")}
            ),
        }
        for name, ar, en in rows
    )


def choice(**more: Any) -> Question:
    return make_question("choice", **{**SOUND, "options": options(*NAMES), "key": "a", **more})


def offering(*rows: tuple[str, str], **more: Any) -> Question:
    """A choice of these texts, of which the first is right."""
    return choice(options=options(*((name, ar, en) for name, (ar, en) in zip("abcdef", rows, strict=False))), **more)


def asking(ar: str = "مَن قال ذلك؟", en: str = "Who said so?", **more: Any) -> Question:
    return choice(stem=both(ar, en), **more)


def multi_select(**more: Any) -> Question:
    stem = both("أيّ هذه الموضوعات طُرح؟ (اختيار كل ما ينطبق)", "Which of these were raised? Choose all that apply.")
    fields = {"stem": stem, "options": options(*MATTERS), "keys": ("a", "b"), **more}
    return make_question("multi_select", **{**SOUND, **fields})


def typed(**more: Any) -> Question:
    stem = both("مَن قال ذلك؟ (الاسم واسم العائلة)", "Who said so? (name and surname)")
    fields = {"stem": stem, "answer": both("ليلى الحسن", "Layla Hasan"), "accepted": (), **more}
    return make_question("typed", **{**SOUND, **fields})


def cloze(ar: str = "يقع السد في ____ [مدينة].", en: str = "The dam lies in ____ [city].", **more: Any) -> Question:
    fields = {"answer": both("البصرة", "Basra"), "answer_type": "name", "value": None, **more}
    return make_question("cloze", **{**SOUND, "stem": both(ar, en), **fields})


def true_false(ar: str = "قالت ليلى ذلك.", en: str = "Layla said so.", **more: Any) -> Question:
    return make_question("true_false", **{**SOUND, "stem": both(ar, en), "key": True, **more})


def ordering(*rows: tuple[str, str, str], **more: Any) -> Question:
    items = tuple({"id": name, "text": both(ar, en)} for name, ar, en in rows or EVENTS)
    stem = both("ما ترتيب هذه الأحداث؟", "In which order did these take place?")
    return make_question("ordering", **{**SOUND, "stem": stem, "items": items, **more})


def matching(*rows: tuple[str, str, str], extra: int = 1, **more: Any) -> Question:
    """Pairs of these names with offices of their own, and so many offices more."""
    pairs = tuple(
        {"id": name, "left": both(ar, en), "right": both(f"المنصب {name}", f"office {name}")}
        for name, ar, en in rows or NAMES
    )
    others = tuple({"id": f"x{n}", "text": both(f"المنصب س{n}", f"office x{n}")} for n in range(extra))
    stem = both("ما منصب كل من هؤلاء؟", "Which office did each hold?")
    return make_question(
        "matching", **{**SOUND, "facts": ("f-1", "f-2", "f-3"), "stem": stem, "pairs": pairs, "extra": others, **more}
    )


def rules(question: Question, **more: Any) -> list[tuple[str, str]]:
    """The rules that a question breaks by itself, with their level."""
    found = lint_question(question, make_bank(question), **more)
    return sorted({(finding.rule, finding.level) for finding in found})


# ---------------------------------------------------------------- of the small book in fact_files.py

IN_TALKS = ("في محادثات النهر، ", "In the river talks, ")
LAYLA, OMAR = ("layla", "ليلى الحسن", "Layla Hasan"), ("omar", "عمر سالم", "Omar Salem")
NILS, ADA = ("nils", "نيلس برغ", "Nils Berg"), ("ada", "آدا مور", "Ada Moore")
BY_LAYLA = ("بحسب ليلى الحسن، ", "according to Layla Hasan, ")


def asked(name: str, *rows: tuple[str, str, str], more: tuple[str, str] = ("", ""), **changes: Any) -> Question:
    """A choice of these options, the first right; `more` is what the stem says beside the event."""
    stem = both(f"{IN_TALKS[0]}{more[0]}أيّ ذلك؟", f"{IN_TALKS[1]}{more[1]}which of them?")
    return choice(
        id=name, facts=(name.partition(".")[0],), stem=stem, options=options(*rows), key=rows[0][0], **changes
    )


def disagreements(question: Question, known: FactBook) -> list[str]:
    """The rules that a question breaks when it is held against a book."""
    return sorted({finding.rule for finding in lint_question(question, make_bank(question), book=known)})
