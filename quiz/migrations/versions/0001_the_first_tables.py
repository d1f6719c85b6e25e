"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "failures",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")),
    )
    op.create_index(op.f("ix_failures_subject_at"), "failures", ["subject", "at"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("login_name", sa.String(length=80), nullable=True),
        sa.Column("name_key", sa.String(length=160), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("study_language", sa.String(length=2), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("day_turns_at", sa.BigInteger(), nullable=False),
        sa.Column("retention", sa.Double(), nullable=False),
        sa.Column("new_per_day", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('student', 'instructor', 'admin')", name=op.f("ck_users_role")),
        sa.CheckConstraint("(name_key IS NULL) = (login_name IS NULL)", name=op.f("ck_users_named_whole")),
        sa.CheckConstraint("retention BETWEEN 0.7 AND 0.99", name=op.f("ck_users_retention")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("realm", "name_key", name=op.f("uq_users_realm_name_key")),
    )
    op.create_table(
        "banks",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("packaged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'class', 'public')", name=op.f("ck_banks_state")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_banks_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banks")),
    )
    op.create_table(
        "links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_links_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_user_id"), "links", ["user_id"], unique=False)

    op.create_table(
        "logins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_logins_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_logins")),
    )
    op.create_index(op.f("ix_logins_user_id"), "logins", ["user_id"], unique=False)

    op.create_table(
        "cards",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("point", sa.String(length=200), nullable=False),
        sa.Column("stability", sa.Double(), nullable=True),
        sa.Column("difficulty", sa.Double(), nullable=True),
        sa.Column("last_day", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("queue_day", sa.BigInteger(), nullable=True),
        sa.Column("reps", sa.BigInteger(), nullable=False),
        sa.Column("lapses", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(reps = 0) = (stability IS NULL)", name=op.f("ck_cards_remembered_whole")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_cards_bank_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["users.id"], name=op.f("fk_cards_learner_id")),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_cards")),
        sa.UniqueConstraint("learner_id", "bank_id", "point", name=op.f("uq_cards_learner_id_bank_id_point")),
    )
    op.create_index(
        op.f("ix_cards_learner_id_bank_id_queue_day"),
        "cards",
        ["learner_id", "bank_id", "queue_day"],
        unique=False,
    )

    op.create_table(
        "facts",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_facts_bank_id")),
        sa.PrimaryKeyConstraint("bank_id", "id", name=op.f("pk_facts")),
    )
    op.create_table(
        "questions",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("point", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_questions_bank_id")),
        sa.PrimaryKeyConstraint("bank_id", "id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_bank_id_point"), "questions", ["bank_id", "point"], unique=False)

    op.create_table(
        "sittings",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.CheckConstraint("kind IN ('quiz', 'review')", name=op.f("ck_sittings_kind")),
        sa.CheckConstraint("(finished_at IS NULL) = (points IS NULL)", name=op.f("ck_sittings_finished_whole")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_sittings_bank_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["users.id"], name=op.f("fk_sittings_learner_id")),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_sittings")),
    )
    op.create_index("ix_sittings_open", "sittings", ["learner_id", "finished_at"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sitting_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("guess", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("outcome IN ('right', 'close', 'wrong')", name=op.f("ck_attempts_outcome")),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempts_judged_whole")),
        sa.CheckConstraint("(answered_at IS NULL) = (response IS NULL)", name=op.f("ck_attempts_answered_whole")),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_attempts_bank_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["learner_id", "sitting_id"],
            ["sittings.learner_id", "sittings.id"],
            name=op.f("fk_attempts_learner_id_sitting_id"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("learner_id", "sitting_id", "place", name=op.f("uq_attempts_learner_id_sitting_id_place")),
    )
    op.create_index(
        op.f("ix_attempts_learner_id_bank_id_question_id"),
        "attempts",
        ["learner_id", "bank_id", "question_id"],
        unique=False,
    )
    op.create_index(
        "one_open_attempt",
        "attempts",
        ["learner_id", "sitting_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )

    op.create_table(
        "fact_revisions",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("fact_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_fact_revisions_author_id")),
        sa.ForeignKeyConstraint(
            ["bank_id", "fact_id"],
            ["facts.bank_id", "facts.id"],
            name=op.f("fk_fact_revisions_bank_id_fact_id"),
        ),
        sa.PrimaryKeyConstraint("bank_id", "fact_id", "number", name=op.f("pk_fact_revisions")),
    )
    op.create_table(
        "question_revisions",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("generated", sa.Text(), nullable=True),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_question_revisions_author_id")),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_question_revisions_bank_id_question_id"),
        ),
        sa.PrimaryKeyConstraint("bank_id", "question_id", "number", name=op.f("pk_question_revisions")),
    )
    op.create_table(
        "review_log",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=True),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("reviewed_ms", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("guess", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("rating BETWEEN 1 AND 4", name=op.f("ck_review_log_rating")),
        sa.ForeignKeyConstraint(
            ["learner_id", "card_id"],
            ["cards.learner_id", "cards.id"],
            name=op.f("fk_review_log_learner_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_review_log")),
        sa.UniqueConstraint("learner_id", "reviewed_ms", name=op.f("uq_review_log_learner_id_reviewed_ms")),
    )
    op.create_index(
        op.f("ix_review_log_learner_id_card_id_reviewed_ms"),
        "review_log",
        ["learner_id", "card_id", "reviewed_ms"],
        unique=False,
    )

    op.create_table(
        "reports",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('question_wrong', 'i_was_right')", name=op.f("ck_reports_kind")),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_reports_bank_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_id"],
            ["attempts.learner_id", "attempts.id"],
            name=op.f("fk_reports_learner_id_attempt_id"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_reports")),
        sa.UniqueConstraint("learner_id", "attempt_id", "kind", name=op.f("uq_reports_learner_id_attempt_id_kind")),
    )
    op.create_index(op.f("ix_reports_bank_id_closed_at"), "reports", ["bank_id", "closed_at"], unique=False)
