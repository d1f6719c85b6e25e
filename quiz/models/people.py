"""People, the browsers they are signed in with, and requests that must not count twice."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quiz.ids import new_id
from quiz.models.base import Base

STUDENT, INSTRUCTOR, ADMIN = "student", "instructor", "admin"
SITE = "site"  # the realm of accounts that belong to no class


class User(Base):
    """A person. A guest has no login name; made by the first thing they do."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("realm", "name_key"),
        CheckConstraint("(name_key IS NULL) = (login_name IS NULL)", name="named_whole"),
        CheckConstraint("role IN ('student', 'instructor', 'admin')", name="role"),
        CheckConstraint("retention BETWEEN 0.7 AND 0.99", name="retention"),
        CheckConstraint("digits IN ('latn', 'arab')", name="digits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    realm: Mapped[str] = mapped_column(String(40), default=SITE)
    login_name: Mapped[str | None] = mapped_column(String(80))
    name_key: Mapped[str | None] = mapped_column(String(160))  # the login name made comparable
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default=STUDENT)
    language: Mapped[str | None] = mapped_column(String(2))
    study_language: Mapped[str | None] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    day_turns_at: Mapped[int] = mapped_column(default=4)  # hour at which the learner's day begins
    retention: Mapped[float] = mapped_column(default=0.9)
    fsrs_parameters: Mapped[tuple[float, ...] | None]  # fitted to the learner's own log; None: the usual ones
    new_per_day: Mapped[int] = mapped_column(default=10)
    reviews_per_day: Mapped[int] = mapped_column(default=20, server_default="20")  # the portion that home offers
    digits: Mapped[str] = mapped_column(String(4), default="latn", server_default="latn")
    email: Mapped[str | None] = mapped_column(String(254))  # for recovery only
    email_confirmed_at: Mapped[datetime | None]  # no link is sent to an address before
    created_at: Mapped[datetime]


class Login(Base):
    """A browser that is signed in. Only the hash of its token is kept."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_on: Mapped[date | None]  # the last day of use
    agent: Mapped[str | None] = mapped_column(String(200))  # what the browser calls itself


class SecondFactor(Base):
    """A device that shows codes. Its key is worked out from the site's key and the salt, and kept nowhere."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime | None]  # None: being set up, and not asked for yet
    last_step: Mapped[int] = mapped_column(default=0)  # codes of this step of time and of older ones are spent


class RecoveryCode(Base):
    """What opens an account once without its device. Only its hash is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class Link(Base):
    """A link that does one thing for its user, once: signs in, or confirms an address."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("purpose IN ('sign_in', 'confirm')", name="purpose"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10), default="sign_in", server_default="sign_in")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Invitation(Base):
    """A link by which an instructor asks someone in: to teach, to edit a bank, to teach a class."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    bank_id: Mapped[str | None] = mapped_column(ForeignKey("banks.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("classes.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    used_at: Mapped[datetime | None]


class Failure(Base):
    """A failed sign-in, by name and by address: what throttling counts."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=new_id, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Idempotency(Base):
    """Where the first copy of a request ended; a second copy is sent there."""

    __tablename__ = "idempotency"

    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the user, or 0: not yet known
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]  # whose the result is
    location: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(index=True)
