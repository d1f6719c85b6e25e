"""Makes what tests need; every field has a value, so that a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from questions.bank import QUESTION, Bank, Entry, Question
from quiz.ids import new_id
from quiz.models import User
from quiz.services import banks, study

RELEASED = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SPEAKER = {
    "facts": ("f-1",),
    "sources": ({"voice": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"}, "para": 4, "opening": "قالت الوزيرة"},),
    "topic": "talks",
}

QUESTIONS: dict[str, dict[str, Any]] = {
    "choice": {
        "id": "f-1.speaker.choice",
        **SPEAKER,
        "stem": {"ar": "من أعلن فتح السد؟", "en": "Who announced the opening of the dam?"},
        "options": (
            {"id": "layla", "text": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"}},
            {
                "id": "omar",
                "text": {"ar": "عمر سالم", "en": "Omar Salem"},
                "feedback": {"ar": "تحدّث عن الكهرباء.", "en": "He spoke of electricity."},
            },
            {"id": "nils", "text": {"ar": "نيلس برغ", "en": "Nils Berg"}},
            {"id": "ada", "text": {"ar": "آدا مور", "en": "Ada Moore"}},
        ),
        "key": "layla",
        "feedback": {"ar": "أعلنته أمام الصحافة.", "en": "She told the press."},
    },
    "true_false": {
        "id": "f-1.speaker.true-false",
        **SPEAKER,
        "stem": {"ar": "أعلن عمر سالم فتح السد.", "en": "Omar Salem announced the opening of the dam."},
        "key": False,
    },
    "typed": {
        "id": "f-1.speaker.typed",
        **SPEAKER,
        "stem": {"ar": "من أعلنت فتح السد؟", "en": "Which minister announced the opening of the dam?"},
        "answer": {"ar": "ليلى الحسن", "en": "Layla al-Hasan"},
        "accepted": ({"text": "Hasan", "lang": "en", "weight": 0.5},),
        "answer_type": "name",
    },
    "cloze": {
        "id": "f-2.amount.cloze",
        "facts": ("f-2",),
        "topic": "water",
        "stem": {"ar": "تبلغ سعة السد ____ كيلومترات مكعبة.", "en": "The dam holds ____ cubic kilometres."},
        "answer": {"ar": "3", "en": "3"},
        "answer_type": "number",
        "value": "3",
    },
    "multi_select": {
        "id": "s-1.raised.multi-select",
        "facts": ("f-3", "f-4"),
        "topic": "talks",
        "stem": {"ar": "أي الموضوعات طُرح؟", "en": "Which matters were raised?"},
        "options": (
            {"id": "rail", "text": {"ar": "السكك", "en": "the railway"}},
            {"id": "fish", "text": {"ar": "الصيد", "en": "fishing"}},
            {"id": "visas", "text": {"ar": "التأشيرات", "en": "visas"}},
        ),
        "keys": ("rail", "fish"),
    },
    "ordering": {
        "id": "s-2.order.ordering",
        "facts": ("f-5",),
        "topic": "talks",
        "stem": {"ar": "ما ترتيب الأحداث؟", "en": "In which order did it happen?"},
        "items": (
            {"id": "visit", "text": {"ar": "الزيارة", "en": "the visit"}},
            {"id": "meeting", "text": {"ar": "اللقاء", "en": "the meeting"}},
            {"id": "treaty", "text": {"ar": "المعاهدة", "en": "the treaty"}},
            {"id": "vote", "text": {"ar": "التصويت", "en": "the vote"}},
        ),
    },
    "matching": {
        "id": "s-3.roles.matching",
        "facts": ("f-6",),
        "topic": "water",
        "stem": {"ar": "من صاحب كل منصب؟", "en": "Who holds which office?"},
        "pairs": (
            {
                "id": "minister",
                "left": {"ar": "الوزيرة", "en": "the minister"},
                "right": {"ar": "سلمى", "en": "Salma"},
            },
            {"id": "envoy", "left": {"ar": "المبعوث", "en": "the envoy"}, "right": {"ar": "كريم", "en": "Karim"}},
        ),
        "extra": ({"id": "guard", "text": {"ar": "نبيل", "en": "Nabil"}},),
    },
    "open": {
        "id": "essay-1",
        "topic": "talks",
        "stem": {"ar": "ما رأي الطرفين؟", "en": "What do both sides think?"},
    },
}


def make_question(kind: str = "choice", **changes: Any) -> Question:
    return QUESTION.validate_python({"kind": kind, **QUESTIONS[kind], **changes})


def every_kind() -> tuple[Question, ...]:
    return tuple(make_question(kind) for kind in QUESTIONS)


def more(count: int, first: int = 10, **changes: Any) -> tuple[Question, ...]:
    """So many choice questions, each of a fact of its own."""
    return tuple(
        make_question(
            id=f"f-{nr}.day.choice",
            facts=(f"f-{nr}",),
            stem={"ar": f"ما يوم الحدث {nr}؟", "en": f"On which day was event {nr}?"},
            **changes,
        )
        for nr in range(first, first + count)
    )


def make_bank(*questions: Question, changed: datetime = RELEASED, **changes: Any) -> Bank:
    """A bank of these questions; without any, of one of every kind and of four more."""
    whole: dict[str, Any] = {
        "schema": "qimma-bank/1",
        "id": "dam",
        "title": {"ar": "محادثات السد", "en": "The dam talks"},
        "deck": "Qimma::dam",
        "languages": ("ar", "en"),
        "document": {"title": {"ar": "خبر", "en": "A report"}, "language": "ar"},
        "topics": (
            {"id": "talks", "name": {"ar": "المحادثات", "en": "Talks"}},
            {"id": "water", "name": {"ar": "المياه", "en": "Water"}},
        ),
        "entries": tuple(
            Entry(question=question, changed=changed) for question in questions or (*every_kind(), *more(4))
        ),
    }
    return Bank.model_validate(whole | changes)


def make_user(session: Session, **changes: Any) -> int:
    """A guest, unless a login name is given. Returns the user's id."""
    user = User(**{"id": new_id(), "created_at": RELEASED, **changes})
    session.add(user)
    session.flush()
    return user.id


def make_learner(session: Session, **changes: Any) -> study.Learner:
    return session.get_one(User, make_user(session, **changes))


def make_attempt(
    session: Session, *questions: Question, learner: study.Learner, now: datetime, bank_id: str = "dam"
) -> int:
    """A quiz of these questions, the first of which is open. Returns the id of its attempt."""
    asked = questions or (make_question(),)
    banks.load(session, make_bank(*asked, id=bank_id), now=now)
    sitting = study.start_quiz(session, bank_id, learner=learner, count=None, seed=1, now=now)
    attempt = study.open_attempt(session, sitting, learner=learner)
    assert attempt is not None
    return attempt


class Clock:
    """The site's clock, as tests move it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now
