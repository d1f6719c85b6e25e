"""What the editor says of fields, faults, remarks and what was done, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from questions.bank import Question
from questions.lint import Finding
from questions.texts import Bilingual
from quiz.i18n import _, interface_language

_PATH = re.compile(r"^((?:stem|feedback|answer|options|items|pairs|extra|sources)(?:\.[^ .:]+)*?)(?:\.(?:ar|en))?[ :]")
_OPTION = re.compile(r"\boption ([^ ]+) ")
# Rules whose remark stands beside a list, or a field, that they do not name.
_BESIDE = {
    "option-count": "row:options",
    "banned-option": "row:options",
    "same-options": "row:options",
    "same-sentence": "row:options",
    "longest-key": "row:options",
    "absolute": "row:options",
    "precision": "row:options",
    "unsorted": "row:options",
    "row-count": "row:rows",
    "same-sides": "row:rows",
    "no-extra": "row:rows",
    "stem-word": "stem",
    "answer-in-stem": "stem",
    "no-feedback": "feedback",
    "no-source": "sources",
    "no-paragraph": "sources",
    "no-opening": "sources",
    "long-answer": "answer",
    "accepts-another": "accepted",
    "not-with": "not_with",
}


def field_of(finding: Finding) -> str:
    """The field of the form beside which a remark stands; "" for the question as a whole."""
    found = _PATH.match(f"{finding.what} ")
    if found:
        return found[1]
    option = _OPTION.search(f"{finding.what} ")
    if option and finding.rule in {"no-sentence", "true-distractor", "unproved-distractor", "other-kind"}:
        return f"options.{option[1]}.text"
    return _BESIDE.get(finding.rule, "")


def remark(rule: str) -> str:
    """What a rule finds odd, in words."""
    words = {
        "missing-language": _("One of the languages is missing."),
        "doubled": _("There is a space or a mark too many."),
        "punctuation": _("A comma, semicolon or question mark is that of the other script."),
        "markup": _("Emphasis (**) does not close."),
        "one-month-name": _("A month has two Arabic names: both are given, as in أيار/مايو."),
        "vowelled": _("The text is vowelled throughout: vowel marks stand only where they are needed."),
        "deictic": _("Seen from when, or where? The question stands alone."),
        "true-statement": _("By the facts this statement is true."),
        "duplicate-stem": _("Another question of this kind asks the same."),
        "only-true-false": _("A fact is asked for by true or false alone: a guess is right half the time."),
        "unasked": _("No question asks for this fact."),
        "no-recall": _("This core fact is never asked from memory."),
        "no-recognition": _("This core fact is asked from memory only."),
        "longest-key-share": _("In the bank as a whole the longest option is the right one too often."),
        "mixed-digits": _("Two kinds of digits are mixed."),
        "unresolved-slot": _("A place holder was left in the text."),
        "copied": _("Eight words in a row stand in the source: say it in other words."),
        "spelling": _("A name is spelt in another way than elsewhere in the bank."),
        "bare-surname": _("Two people share this surname: name the person in full."),
        "answer-in-stem": _("The question names its own answer."),
        "stem-word": _("A word of the question stands in the right answer only: it gives it away."),
        "two-questions": _("Two things are asked at once."),
        "double-negation": _("Two negations in one sentence are hard to read."),
        "quiet-negation": _("The negation is easily missed: emphasise it."),
        "negative-statement": _("A negative statement is hard to judge as true or false."),
        "no-question": _("This does not read as a question."),
        "which-is-true": _("“Which of these is true?” asks several things at once: ask for one."),
        "blank-first": _("The blank stands first; it reads better later in the sentence."),
        "choose-all": _("Say that more than one answer is right: choose all that apply."),
        "no-label": _("Say what kind of word the blank wants."),
        "no-form": _("Say in which form the answer is wanted."),
        "option-count": _("The number of options is unusual: three or four for one answer, five or six for several."),
        "banned-option": _("“All of these” and “none of these” test guessing."),
        "same-options": _("Two options read alike."),
        "no-sentence": _("This wrong option has no sentence that says where it belongs."),
        "same-sentence": _("Two options have the same sentence."),
        "longest-key": _("The right answer is much the longest option: that gives it away."),
        "absolute": _("Words such as “always” and “never” give wrong options away."),
        "precision": _("The options differ in precision."),
        "unsorted": _("Numbers and dates read best in order."),
        "long-answer": _("The answer is long to type."),
        "row-count": _("Three to five rows are usual."),
        "same-sides": _("One side stands twice."),
        "no-extra": _("One extra answer that belongs nowhere makes matching harder to guess."),
        "no-feedback": _("No sentence says why."),
        "no-source": _("No source is named."),
        "no-paragraph": _("A source has no paragraph."),
        "no-opening": _("The paragraph's first words are missing."),
        "no-event": _("The question does not name the event."),
        "event-twice": _("The event is named twice."),
        "no-attribution": _("The question does not say whose word this is."),
        "accepts-another": _("An accepted wording is the name of another answer."),
        "not-with": _("A question that it is kept apart from is not there."),
        "true-distractor": _("By the facts this option is right too."),
        "unproved-distractor": _("No fact says that this option is wrong."),
        "other-kind": _("This option is of another kind than the right answer."),
        "false-key": _("No fact makes the marked answer right."),
        "equal-dates": _("Two dates in a row are equal or overlap."),
    }
    return words.get(rule) or _("Something here is not as it should be.")


def fault(code: str) -> str:
    """What is wrong with a field of a form."""
    words = {
        "empty": _("This is empty. One of the languages is needed."),
        "few": _("Two rows at least are needed."),
        "no_key": _("No right answer is marked."),
        "blank": _("One blank is needed, written as ____ (four underscores)."),
        "value": _("The right answer must say one number, day or date, the same in both languages."),
        "long": _("This is too long."),
        "number": _("This is not a number."),
        "range": _("The first number is above the second."),
        "share": _("A share of the mark is a hundred at most."),
        "id": _("This is no id of a question or a fact."),
        "topic": _("There is no such topic."),
        "other": _("Something here does not fit together."),
    }
    return words.get(code, words["other"])


def why(name: str) -> str:
    """How a revision came about."""
    words = {
        "generated": _("from its fact"),
        "regenerated": _("merged with its fact"),
        "edited": _("edited"),
        "imported": _("imported"),
        "appeal": _("an appeal accepted"),
        "written": _("written"),
        "restored": _("an old revision restored"),
        "settled": _("a conflict settled"),
        "many": _("many edited at once"),
        "undone": _("an edit of many taken back"),
        "import-undone": _("an import taken back"),
        "copied": _("copied"),
        "loaded": _("from the bank's files"),
        "merged": _("merged with the bank's files"),
        "removed": _("taken out"),
    }
    return words.get(name, name)


def deed(what: str, detail: Mapping[str, Any]) -> str:
    """What the journal tells."""
    many = {
        "topic": _("topic changed"),
        "tag": _("tag added"),
        "untag": _("tag removed"),
        "difficulty": _("difficulty changed"),
        "weight": _("weight changed"),
        "retire": _("retired"),
        "back": _("brought back"),
    }
    words = {
        "many": _("Many questions at once: %(what)s", what=many.get(str(detail.get("do")), "")),
        "many-undone": _("Taken back: %(what)s", what=many.get(str(detail.get("do")), "")),
        "invited": _("An invitation was made"),
        "joined": _("An invitation was accepted"),
        "voided": _("A question was made void"),
        "unvoided": _("A question counts again"),
        "retired": _("A question was retired"),
        "brought-back": _("A question was brought back"),
        "state": _("Opened to others, or closed"),
        "copied": _("Copied from another bank"),
        "made": _("Made"),
        "entity": _("Somebody or something that facts speak of was added or changed"),
        "source": _("The source of the facts was described"),
        "owner": _("The bank has another owner"),
        "editor-removed": _("An editor was removed"),
        "regraded": _("Answers were judged anew"),
        "imported": _("A file was brought in"),
        "import_undone": _("An import was taken back"),
    }
    return words.get(what, what)


def for_templates() -> dict[str, Any]:
    """What the templates of the teaching area say by these words."""
    return {
        "field_name": field_name,
        "field_value": field_value,
        "fault_words": fault,
        "remark_words": remark,
        "why_words": why,
        "deed_words": deed,
    }


# ---------------------------------------------------------------- fields and their values

_LANGUAGE = {"ar": "العربية", "en": "English"}


def field_name(path: str, question: Question | None = None) -> str:
    """What a field of a question is called: "options.omar.text.ar" is an option, named by its text."""
    bare, lang = (path[:-3], path[-2:]) if path.endswith((".ar", ".en")) else (path, "")
    head, *rest = bare.split(".")
    row = rest[0].replace("%2e", ".").replace("%25", "%") if rest else ""
    words = {
        "stem": _("Question"),
        "feedback": _("Why"),
        "answer": _("Right answer"),
        "key": _("Right answer"),
        "keys": _("Right answers"),
        "value": _("Value to compare"),
        "answer_type": _("Kind of answer"),
        "accepted": _("Accepted wordings"),
        "ranges": _("Accepted ranges"),
        "rivals": _("Other answers"),
        "topic": _("Topic"),
        "weight": _("Weight"),
        "difficulty": _("Difficulty"),
        "tags": _("Tags"),
        "sources": _("Sources"),
        "facts": _("Facts"),
        "media": _("Media"),
        "not_with": _("Not together with"),
        "fixed_order": _("Fixed order"),
        "kind": _("Kind of question"),
        "options": _("Option"),
        "items": _("Item"),
        "pairs": _("Pair"),
        "extra": _("Extra answer"),
    }
    name = words.get(head, head)
    if row == "#order":
        name = _("Order")
    elif row:
        name = f"{name} «{_row_text(question, head, row) or row}»"
        if rest[-1] == "feedback":
            name = f"{name}: {_('where it belongs')}"
    return f"{name} ({_LANGUAGE[lang]})" if lang else name


def _row_text(question: Question | None, name: str, row: str) -> str:
    for one in getattr(question, name, ()) if question is not None else ():
        if one.id == row:
            text = one.left if name == "pairs" else one.text
            words: str = text.best(interface_language())[1]
            return words
    return ""


def field_value(path: str, value: Any, question: Question | None = None) -> str:
    """A field's value to read: rows by their text, never by their id."""
    if value is None:
        return "—"
    if path == "key" and isinstance(value, bool):
        return _("True") if value else _("False")
    if path == "key":
        return _row_text(question, "options", str(value)) or str(value)
    if path == "keys":
        return "؛ ".join(_row_text(question, "options", row) or row for row in value)
    if path.endswith(".#order"):
        return " ← ".join(_row_text(question, path.partition(".")[0], row) or row for row in value)
    if path == "accepted":
        return "\n".join(row["text"] for row in value)
    if path == "ranges":
        return "; ".join(f"{row['low']:g} - {row['high']:g}" for row in value)
    if path == "sources":
        return "\n".join(_source(row) for row in value)
    if isinstance(value, list):
        return "، ".join(str(one if not isinstance(one, dict) else one.get("name", "")) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _source(row: Mapping[str, Any]) -> str:
    voice = Bilingual.model_validate(row["voice"]).best(interface_language())[1]
    return f"{voice} ({row['para']})" if row.get("para") else voice
