"""Runs the migrations of consultation on its own database."""

from services.chassis.migrating import run_migrations
from services.consultation import storage

run_migrations(storage.metadata)
