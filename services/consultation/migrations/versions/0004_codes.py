"""Short codes for paper, beside the personal links."""

import sqlalchemy as sa
from alembic import op

from services.consultation.storage.invitation import hash_of_code

revision = "0004"
down_revision = "0003"

_invitations = sa.table(
    "invitations",
    sa.column("invitation_id", sa.Uuid),
    sa.column("poll_id"),
    sa.column("code_hash", sa.LargeBinary),
)
_polls = sa.table("polls", sa.column("poll_id"), sa.column("status"))


def upgrade() -> None:
    op.add_column("invitations", sa.Column("code_hash", sa.LargeBinary))
    op.create_unique_constraint("invitations_code_hash", "invitations", ["code_hash"])
    _give_codes(op.get_bind())


def downgrade() -> None:
    op.drop_column("invitations", "code_hash")


def _give_codes(connection: sa.Connection) -> None:
    """To those whose poll is still open; the others need none any more."""
    waiting = connection.scalars(
        sa.select(_invitations.c.invitation_id)
        .join(_polls, _polls.c.poll_id == _invitations.c.poll_id)
        .where(_polls.c.status == "open")
    ).all()
    for invitation_id in waiting:
        connection.execute(
            sa.update(_invitations)
            .where(_invitations.c.invitation_id == invitation_id)
            .values(code_hash=hash_of_code(invitation_id))
        )
