"""Alembic's entry: migrates the connection it is handed, inside that connection's transaction."""

from alembic import context

from facade.adapters.stores.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
