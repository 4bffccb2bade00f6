"""Personal data sealed with keys that can be changed."""

import sqlalchemy as sa
from alembic import op

from services.chassis import keys
from services.chassis.config import load
from services.chassis.keys import Keyring
from services.chassis.personal import sort_key
from services.staffing.storage import names

revision = "0003"
down_revision = "0002"

_workers = sa.table(
    "workers",
    sa.column("worker_id", sa.Uuid),
    sa.column("worker_name", sa.Text),
    sa.column("name_sealed", sa.LargeBinary),
    sa.column("name_hash", sa.LargeBinary),
    sa.column("sort_key", sa.Text),
)


def upgrade() -> None:
    keys.create(op.get_bind())
    op.add_column("workers", sa.Column("name_sealed", sa.LargeBinary))
    op.add_column("workers", sa.Column("name_hash", sa.LargeBinary))
    _seal_names(op.get_bind())
    op.alter_column("workers", "name_sealed", nullable=False)
    op.alter_column("workers", "name_hash", nullable=False)
    op.drop_column("workers", "worker_name")
    op.create_index("workers_name_hash", "workers", ["name_hash"])


def _seal_names(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_workers.c.worker_id, _workers.c.worker_name)).all()
    keyring = Keyring.within(connection, load())
    for worker_id, name in rows:
        connection.execute(
            sa.update(_workers)
            .where(_workers.c.worker_id == worker_id)
            .values(
                name_sealed=names.seal(keyring, worker_id, name),
                name_hash=names.keyed_hash(keyring, name),
                sort_key=sort_key(name),
            )
        )


def downgrade() -> None:
    raise NotImplementedError("Sealed names are not written back in the clear; restore a backup instead.")
