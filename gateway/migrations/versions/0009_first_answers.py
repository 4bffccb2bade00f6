"""First answers of POSTs; and what was still in the clear: contacts of units, names typed at the sign-in."""

import sqlalchemy as sa
from alembic import op

from gateway.storage.tables import contacts
from services.chassis.config import load
from services.chassis.keys import Keyring

revision = "0009"
down_revision = "0008"

_invitations = sa.table(
    "unit_invitations",
    sa.column("invitation_id", sa.Uuid),
    sa.column("contact_name", sa.Text),
    sa.column("contact_sealed", sa.LargeBinary),
)


def upgrade() -> None:
    op.create_table(
        "first_answers",
        sa.Column("answer_id", sa.Uuid, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_first_answers_answered_at", "first_answers", ["answered_at"])
    op.add_column("unit_invitations", sa.Column("contact_sealed", sa.LargeBinary))
    _seal_contacts(op.get_bind())
    op.alter_column("unit_invitations", "contact_sealed", nullable=False)
    op.drop_column("unit_invitations", "contact_name")
    # Their keys are hashes from now on; whoever waits starts anew, once.
    op.execute("DELETE FROM throttles")


def _seal_contacts(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_invitations.c.invitation_id, _invitations.c.contact_name)).all()
    keyring = Keyring.within(connection, load())
    for invitation_id, name in rows:
        connection.execute(
            sa.update(_invitations)
            .where(_invitations.c.invitation_id == invitation_id)
            .values(contact_sealed=contacts.seal(keyring, invitation_id, name))
        )


def downgrade() -> None:
    raise NotImplementedError("Sealed names are not written back in the clear; restore a backup instead.")
