"""Classes and what they are given; editors, drafts, imports and media of banks; marks changed afterwards"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("join_code", sa.String(length=12), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("join_code", name=op.f("uq_classes_join_code")),
    )
    op.create_table(
        "members",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("section", sa.String(length=40), nullable=True),
        sa.Column("pin_serial", sa.BigInteger(), nullable=True),
        sa.Column("extra_time", sa.Double(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_members_class_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id")),
        sa.PrimaryKeyConstraint("class_id", "user_id", name=op.f("pk_members")),
        sa.UniqueConstraint("class_id", "number", name=op.f("uq_members_class_id_number")),
    )
    op.create_index(op.f("ix_members_user_id"), "members", ["user_id"])

    op.create_table(
        "teachers",
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_teachers_class_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_teachers_user_id")),
        sa.PrimaryKeyConstraint("class_id", "user_id", name=op.f("pk_teachers")),
    )
    op.create_index(op.f("ix_teachers_user_id"), "teachers", ["user_id"])

    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("feedback", sa.String(length=6), nullable=False),
        sa.Column("counted", sa.String(length=5), nullable=False),
        sa.Column("close_share", sa.Double(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("counted IN ('best', 'last', 'first')", name=op.f("ck_assignments_counted")),
        sa.CheckConstraint("feedback IN ('each', 'end', 'closed')", name=op.f("ck_assignments_feedback")),
        sa.CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name=op.f("ck_assignments_window")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_assignments_author_id")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_assignments_bank_id")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_assignments_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_bank_id"), "assignments", ["bank_id"])
    op.create_index(op.f("ix_assignments_class_id"), "assignments", ["class_id"])

    op.create_table(
        "drafts",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=220), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_drafts_bank_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_drafts_user_id")),
        sa.PrimaryKeyConstraint("user_id", "bank_id", "about", name=op.f("pk_drafts")),
    )
    op.create_table(
        "editors",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_editors_bank_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_editors_user_id")),
        sa.PrimaryKeyConstraint("bank_id", "user_id", name=op.f("pk_editors")),
    )
    op.create_index(op.f("ix_editors_user_id"), "editors", ["user_id"])

    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_imports_author_id")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_imports_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_bank_id"), "imports", ["bank_id"])

    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("bank_id", sa.String(length=80), nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_invitations_author_id")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_invitations_bank_id")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_invitations_class_id")),
        sa.ForeignKeyConstraint(["used_by"], ["users.id"], name=op.f("fk_invitations_used_by")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("bank_id", sa.String(length=80), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_journal_author_id")),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_journal_bank_id")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_journal_class_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_journal_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_bank_id_at"), "journal", ["bank_id", "at"])
    op.create_index(op.f("ix_journal_class_id_at"), "journal", ["class_id", "at"])
    op.create_index(op.f("ix_journal_user_id"), "journal", ["user_id"])

    op.create_table(
        "media",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_media_bank_id")),
        sa.PrimaryKeyConstraint("bank_id", "digest", name=op.f("pk_media")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_uploads_bank_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_uploads_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("user_id", name=op.f("uq_uploads_user_id")),
    )
    op.create_table(
        "allowances",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("extra_minutes", sa.BigInteger(), nullable=False),
        sa.Column("extra_attempts", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_allowances_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_allowances_author_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_allowances_user_id")),
        sa.PrimaryKeyConstraint("assignment_id", "user_id", name=op.f("pk_allowances")),
    )
    op.create_index(op.f("ix_allowances_user_id"), "allowances", ["user_id"])

    op.create_table(
        "imported_questions",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_imported_questions_bank_id_question_id"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_imported_questions_import_id")),
        sa.PrimaryKeyConstraint("import_id", "question_id", name=op.f("pk_imported_questions")),
    )
    op.create_index(op.f("ix_imported_questions_bank_id_question_id"), "imported_questions", ["bank_id", "question_id"])

    op.create_table(
        "item_sums",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("marks", sa.Double(), nullable=False),
        sa.Column("squares", sa.Double(), nullable=False),
        sa.Column("rest", sa.Double(), nullable=False),
        sa.Column("rest_squares", sa.Double(), nullable=False),
        sa.Column("products", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_item_sums_assignment_id")),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_item_sums_bank_id_question_id"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", "question_id", name=op.f("pk_item_sums")),
    )
    op.create_index(op.f("ix_item_sums_bank_id_question_id"), "item_sums", ["bank_id", "question_id"])

    op.create_table(
        "option_sums",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("option", sa.String(length=200), nullable=False),
        sa.Column("chosen", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_option_sums_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", "question_id", "option", name=op.f("pk_option_sums")),
    )
    op.create_table(
        "mark_changes",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("share_before", sa.Double(), nullable=False),
        sa.Column("share_after", sa.Double(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_id"],
            ["attempts.learner_id", "attempts.id"],
            name=op.f("fk_mark_changes_learner_id_attempt_id"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_mark_changes")),
    )
    op.create_index(op.f("ix_mark_changes_learner_id_attempt_id"), "mark_changes", ["learner_id", "attempt_id"])

    op.create_index(op.f("ix_attempts_bank_id_question_id"), "attempts", ["bank_id", "question_id"])

    with op.batch_alter_table("banks") as batch_op:
        batch_op.add_column(sa.Column("copied_from", sa.String(length=80), nullable=True))

    with op.batch_alter_table("questions") as batch_op:
        batch_op.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("words", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("tags", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("difficulty", sa.Double(), nullable=True))

    with op.batch_alter_table("reports") as batch_op:
        batch_op.add_column(sa.Column("decision", sa.String(length=10), nullable=True))

    with op.batch_alter_table("sittings") as batch_op:
        batch_op.add_column(sa.Column("assignment_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("withheld_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_sittings_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_sittings_assignment_id"), "assignments", ["assignment_id"], ["id"])
