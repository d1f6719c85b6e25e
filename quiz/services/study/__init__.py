"""Sittings, answers, memories: what a student does. Each module has one part; this is the whole from outside."""

from quiz.services.study.answering import (
    GRACE,
    Outcome,
    answer,
)
from quiz.services.study.cards import exam_of, recount, reschedule, set_exam
from quiz.services.study.correcting import claim_right, last_answer, rate, ratings_offered, undo
from quiz.services.study.ending import End, Line, Standing, end_of, finish, is_over, open_attempt, sitting_of, standing
from quiz.services.study.learner import Learner, alone, today
from quiz.services.study.pages import After, AttemptPage, attempt_page
from quiz.services.study.queue import REVIEW_SIZE, Portion, due_count, is_due, portion, review_plan
from quiz.services.study.revisions import question_at, questions_of
from quiz.services.study.sittings import (
    MINUTES,
    QUIZ_SIZES,
    Feedback,
    Filters,
    Only,
    OpenSitting,
    chosen,
    kinds_in,
    open_sitting,
    start_again,
    start_assigned,
    start_quiz,
    start_review,
)
from quiz.services.study.stars import star, starred
from quiz.services.study.telling import is_withheld, settle, told

__all__ = [
    "GRACE",
    "MINUTES",
    "QUIZ_SIZES",
    "REVIEW_SIZE",
    "After",
    "AttemptPage",
    "End",
    "Feedback",
    "Filters",
    "Learner",
    "Line",
    "Only",
    "OpenSitting",
    "Outcome",
    "Portion",
    "Standing",
    "alone",
    "answer",
    "attempt_page",
    "chosen",
    "claim_right",
    "due_count",
    "end_of",
    "exam_of",
    "finish",
    "is_due",
    "is_over",
    "is_withheld",
    "kinds_in",
    "last_answer",
    "open_attempt",
    "open_sitting",
    "portion",
    "question_at",
    "questions_of",
    "rate",
    "ratings_offered",
    "recount",
    "reschedule",
    "review_plan",
    "set_exam",
    "settle",
    "sitting_of",
    "standing",
    "star",
    "starred",
    "start_again",
    "start_assigned",
    "start_quiz",
    "start_review",
    "today",
    "told",
    "undo",
]
