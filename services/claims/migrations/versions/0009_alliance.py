"""The life of a unit in the alliance, and who speaks for it."""

import sqlalchemy as sa
from alembic import op

from services.chassis import keys

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    if not sa.inspect(op.get_bind()).has_table("data_keys"):
        keys.create(op.get_bind())
    _units()


def _units() -> None:
    """Whoever staff registered so far is a member since that day."""
    op.add_column("units", sa.Column("status", WORD, nullable=False, server_default="member"))
    op.add_column("units", sa.Column("introduction", sa.Text, nullable=False, server_default=""))
    op.add_column("units", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("units", sa.Column("reference_hash", sa.String(64)))
    op.add_column("units", sa.Column("applied_at", MOMENT))
    op.add_column("units", sa.Column("joined_on", sa.Date))
    op.execute("UPDATE units SET joined_on = (registered_at AT TIME ZONE 'Asia/Shanghai')::date")
    for column in ("status", "introduction", "reason"):
        op.alter_column("units", column, server_default=None)
    op.create_unique_constraint("units_reference_once", "units", ["reference_hash"])
    op.create_check_constraint("units_members_joined", "units", "status <> 'member' OR joined_on IS NOT NULL")
    op.create_index("units_by_status", "units", ["status", "sort_key", "unit_id"])
    op.create_table(
        "unit_contacts",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("name_hash", sa.LargeBinary, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_unit_contacts_unit_id", "unit_contacts", ["unit_id"])
    op.create_index("unit_contacts_by_name", "unit_contacts", ["name_hash"])


def downgrade() -> None:
    op.drop_table("unit_contacts")
    op.drop_index("units_by_status", "units")
    op.drop_constraint("units_members_joined", "units")
    op.drop_constraint("units_reference_once", "units")
    for column in ("joined_on", "applied_at", "reference_hash", "reason", "introduction", "status"):
        op.drop_column("units", column)
