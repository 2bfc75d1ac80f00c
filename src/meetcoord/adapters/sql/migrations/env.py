"""Run the steps on the connection that `migrate` hands over, in one transaction."""

from alembic import context

from meetcoord.adapters.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can undo table changes as well, once the driver leaves transactions to us.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
