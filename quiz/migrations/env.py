"""Alembic's environment: one connection, handed in by `quiz.db.upgrade`."""

from alembic import context

from quiz.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller holds the one transaction
)
context.run_migrations()
