"""Runs the migrations of claims on its own database."""

from services.chassis.migrating import run_migrations
from services.claims import storage

run_migrations(storage.metadata)
