"""The tables.

Tables of a learner have (learner_id, id) as their primary key and learner_id first in every foreign key and
unique rule, so that they can be spread over machines by learner.
"""

from quiz.models.banks import (
    BankRow,
    Draft,
    Editor,
    FactRevision,
    FactRow,
    ImportedQuestion,
    ImportRow,
    MediaRow,
    Passage,
    QuestionRevision,
    QuestionRow,
    Upload,
)
from quiz.models.base import Base, UTCDateTime
from quiz.models.classes import Allowance, Assignment, ClassRow, Entry, ItemSum, Member, OptionSum, Teacher
from quiz.models.learners import LEARNER_TABLES, Aim, Attempt, Card, MarkChange, Report, ReviewLog, SittingRow, Star
from quiz.models.people import ADMIN, INSTRUCTOR, SITE, STUDENT, Failure, Idempotency, Invitation, Link, Login, User

__all__ = [
    "ADMIN",
    "INSTRUCTOR",
    "LEARNER_TABLES",
    "SITE",
    "STUDENT",
    "Aim",
    "Allowance",
    "Assignment",
    "Attempt",
    "BankRow",
    "Base",
    "Card",
    "ClassRow",
    "Draft",
    "Editor",
    "Entry",
    "FactRevision",
    "FactRow",
    "Failure",
    "Idempotency",
    "ImportRow",
    "ImportedQuestion",
    "Invitation",
    "ItemSum",
    "Link",
    "Login",
    "MarkChange",
    "MediaRow",
    "Member",
    "OptionSum",
    "Passage",
    "QuestionRevision",
    "QuestionRow",
    "Report",
    "ReviewLog",
    "SittingRow",
    "Star",
    "Teacher",
    "UTCDateTime",
    "Upload",
    "User",
]
