"""Runs the migrations of staffing on its own database."""

from services.chassis.migrating import run_migrations
from services.staffing import storage

run_migrations(storage.metadata)
