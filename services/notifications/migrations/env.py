"""Alembic's way into the database of notifications."""

from services.chassis.migrating import run_migrations
from services.notifications import storage

run_migrations(storage.metadata)
