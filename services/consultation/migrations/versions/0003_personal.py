"""Personal data sealed with keys that can be changed."""

import sqlalchemy as sa
from alembic import op

from services.chassis import keys
from services.chassis.config import load
from services.chassis.keys import Keyring
from services.chassis.personal import sort_key
from services.consultation.storage.resident import names

revision = "0003"
down_revision = "0002"

_residents = sa.table(
    "residents",
    sa.column("resident_id", sa.Uuid),
    sa.column("resident_name", sa.Text),
    sa.column("name_sealed", sa.LargeBinary),
    sa.column("name_hash", sa.LargeBinary),
    sa.column("sort_key", sa.Text),
)


def upgrade() -> None:
    keys.create(op.get_bind())
    op.add_column("residents", sa.Column("name_sealed", sa.LargeBinary))
    op.add_column("residents", sa.Column("name_hash", sa.LargeBinary))
    op.add_column(
        "residents",
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.alter_column("residents", "enrolled_at", server_default=None)
    _seal_names(op.get_bind())
    op.alter_column("residents", "name_sealed", nullable=False)
    op.alter_column("residents", "name_hash", nullable=False)
    op.drop_column("residents", "resident_name")
    op.create_index("residents_name_hash", "residents", ["name_hash"])
    op.create_index("residents_sorted", "residents", ["sort_key", "resident_id"])
    op.add_column("invitations", sa.Column("consent_version", sa.Text))
    op.add_column("invitations", sa.Column("consented_on", sa.Date))
    op.alter_column("invitations", "resident_id", nullable=True)
    op.drop_constraint("invitations_resident_id_fkey", "invitations")
    op.create_foreign_key(
        "invitations_resident_id_fkey",
        "invitations",
        "residents",
        ["resident_id"],
        ["resident_id"],
        ondelete="SET NULL",
    )


def _seal_names(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_residents.c.resident_id, _residents.c.resident_name)).all()
    keyring = Keyring.within(connection, load())
    for resident_id, name in rows:
        connection.execute(
            sa.update(_residents)
            .where(_residents.c.resident_id == resident_id)
            .values(
                name_sealed=names.seal(keyring, resident_id, name),
                name_hash=names.keyed_hash(keyring, name),
                sort_key=sort_key(name),
            )
        )


def downgrade() -> None:
    raise NotImplementedError("Sealed names are not written back in the clear; restore a backup instead.")
