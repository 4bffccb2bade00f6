"""Alembic's entry to the gateway's migrations."""

from gateway import storage
from services.chassis.migrating import run_migrations

run_migrations(storage.metadata)
