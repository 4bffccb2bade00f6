"""Running a service's own Alembic migrations; each service has its own database and history."""

from alembic import context
from sqlalchemy import MetaData, create_engine, pool

from services.chassis import tables


def run_migrations(metadata: MetaData) -> None:
    """What each service's `migrations/env.py` calls."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=[metadata, tables.metadata],
            transaction_per_migration=True,
            compare_type=True,
        )
        # A migration that cannot get its lock gives up instead of stopping everybody behind it.
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        # Searching names; a trusted extension, which the owner of a database may add.
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()
