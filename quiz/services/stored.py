"""How a question lies in its row: whole as JSON, and beside it what lists are filtered and sorted by."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from questions.bank import QUESTION, Bank, ClozeQuestion, Question, TypedQuestion, canonical
from questions.lint import texts
from questions.normalise import normalise
from questions.texts import LANGS
from quiz.models import QuestionRow
from quiz.services import media

_AT_ONCE = 2_000


@lru_cache(maxsize=50_000)
def parse(body: str) -> Question:
    """A stored question. Bodies never change (a revision is a new one), so parsed ones are kept."""
    return QUESTION.validate_json(body)


@lru_cache(maxsize=1000)
def parse_header(text: str) -> Bank:
    """A stored bank without its questions, likewise."""
    return Bank.model_validate_json(text)


def columns(question: Question) -> dict[str, str | float | None]:
    """What the row of a question holds of it."""
    return {
        "body": canonical(question),
        "kind": question.kind,
        "topic": question.topic,
        "point": question.point,
        "words": words_of(question),
        "tags": tags_column(question.tags),
        "difficulty": question.difficulty,
    }


def put(row: QuestionRow, question: Question) -> None:
    for name, value in columns(question).items():
        setattr(row, name, value)


def words_of(question: Question) -> str:
    """Every word of it in normal form, the stem's first: the order of the alphabet goes by them too."""
    said = [part for _path, text in texts(question) for lang in LANGS if (part := text.get(lang))]
    if isinstance(question, TypedQuestion | ClozeQuestion):
        said += [accepted.text for accepted in question.accepted]
    return search_form(" ".join((*said, *question.tags, question.id)))


def search_form(text: str) -> str:
    return " ".join(filter(None, map(_normal_word, text.split())))


def tags_column(tags: tuple[str, ...]) -> str | None:
    return "".join(f"\n{tag}\n" for tag in tags) or None


@lru_cache(maxsize=50_000)
def _normal_word(word: str) -> str:
    """Kept by the word: the texts of a bank are many, its words few."""
    return normalise(word)


def fill(session: Session) -> int:
    """Make good what a migration cannot: the columns of questions that were there before them. Returns how many."""
    count = 0
    while rows := session.scalars(select(QuestionRow).where(QuestionRow.words.is_(None)).limit(_AT_ONCE)).all():
        for row in rows:
            question = parse(row.body)
            media.keep(session, row.bank_id, [question])  # they lay in the questions
            put(row, question)
        session.flush()
        count += len(rows)
    return count
