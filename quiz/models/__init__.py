"""The tables.

Tables of a learner have (learner_id, id) as their primary key and learner_id first in every foreign key and
unique rule, so that they can be spread over machines by learner.
"""

from quiz.models.banks import BankRow, FactRevision, FactRow, Passage, QuestionRevision, QuestionRow
from quiz.models.base import Base, UTCDateTime
from quiz.models.learners import LEARNER_TABLES, Aim, Attempt, Card, Report, ReviewLog, SittingRow, Star
from quiz.models.people import ADMIN, INSTRUCTOR, SITE, STUDENT, Failure, Idempotency, Link, Login, User

__all__ = [
    "ADMIN",
    "INSTRUCTOR",
    "LEARNER_TABLES",
    "SITE",
    "STUDENT",
    "Aim",
    "Attempt",
    "BankRow",
    "Base",
    "Card",
    "FactRevision",
    "FactRow",
    "Failure",
    "Idempotency",
    "Link",
    "Login",
    "Passage",
    "QuestionRevision",
    "QuestionRow",
    "Report",
    "ReviewLog",
    "SittingRow",
    "Star",
    "UTCDateTime",
    "User",
]
