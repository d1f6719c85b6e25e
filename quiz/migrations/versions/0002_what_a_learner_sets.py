"""What a learner sets, stars and undoes; the book and the text behind a bank"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_OPEN = "answered_at IS NULL AND withdrawn_at IS NULL"
_STANDS = "withdrawn_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("reviews_per_day", sa.BigInteger(), server_default="20", nullable=False))
        users.add_column(sa.Column("digits", sa.String(length=4), server_default="latn", nullable=False))
        users.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        users.add_column(sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
        users.create_check_constraint(users.f("ck_users_digits"), "digits IN ('latn', 'arab')")
    with op.batch_alter_table("logins") as logins:
        logins.add_column(sa.Column("seen_on", sa.Date(), nullable=True))
        logins.add_column(sa.Column("agent", sa.String(length=200), nullable=True))
    with op.batch_alter_table("links") as links:
        links.add_column(sa.Column("purpose", sa.String(length=10), server_default="sign_in", nullable=False))
        links.create_check_constraint(links.f("ck_links_purpose"), "purpose IN ('sign_in', 'confirm')")
    with op.batch_alter_table("banks") as banks:
        banks.add_column(sa.Column("book", sa.Text(), nullable=True))
    with op.batch_alter_table("sittings") as sittings:
        sittings.add_column(sa.Column("feedback", sa.String(length=4), server_default="each", nullable=False))
        sittings.add_column(sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
        sittings.create_check_constraint(sittings.f("ck_sittings_feedback"), "feedback IN ('each', 'end')")
    with op.batch_alter_table("review_log") as review_log:
        review_log.add_column(sa.Column("predicted", sa.Double(), nullable=True))
    op.create_index(op.f("ix_review_log_learner_id_day"), "review_log", ["learner_id", "day"])
    # A withdrawn attempt leaves its place, and the sitting's open question, to the one that follows it.
    op.drop_index("one_open_attempt", table_name="attempts")
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        attempts.drop_constraint(attempts.f("uq_attempts_learner_id_sitting_id_place"), type_="unique")
    for name, columns, where in (
        ("one_attempt_a_place", ["learner_id", "sitting_id", "place"], _STANDS),
        ("one_open_attempt", ["learner_id", "sitting_id"], _OPEN),
    ):
        op.create_index(
            name, "attempts", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "aims",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("exam_day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_aims_bank_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["users.id"], name=op.f("fk_aims_learner_id")),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_aims")),
        sa.UniqueConstraint("learner_id", "bank_id", name=op.f("uq_aims_learner_id_bank_id")),
    )
    op.create_table(
        "stars",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "question_id"],
            ["questions.bank_id", "questions.id"],
            name=op.f("fk_stars_bank_id_question_id"),
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["users.id"], name=op.f("fk_stars_learner_id")),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_stars")),
        sa.UniqueConstraint(
            "learner_id", "bank_id", "question_id", name=op.f("uq_stars_learner_id_bank_id_question_id")
        ),
    )
    op.create_table(
        "passages",
        sa.Column("bank_id", sa.String(length=80), nullable=False),
        sa.Column("para", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name=op.f("fk_passages_bank_id")),
        sa.PrimaryKeyConstraint("bank_id", "para", name=op.f("pk_passages")),
    )
