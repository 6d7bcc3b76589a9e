"""The schema's history, forwards only, applied by Alembic when a store is opened."""
