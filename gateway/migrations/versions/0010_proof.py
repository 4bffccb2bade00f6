"""When a session was proven, when an account was opened again, and second factors under the data keys."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from gateway.storage.tables import factor_secrets
from services.chassis.config import load
from services.chassis.keys import Keyring
from services.chassis.sealing import Sealer

revision = "0010"
down_revision = "0009"

_factors = sa.table(
    "second_factors", sa.column("user_id", sa.Uuid), sa.column("sealed_secret", sa.LargeBinary)
)


def upgrade() -> None:
    op.add_column("users", sa.Column("reopened_at", sa.DateTime(timezone=True)))
    op.add_column("sessions", sa.Column("proven_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE sessions SET proven_at = created_at")
    op.alter_column("sessions", "proven_at", nullable=False)
    sealer, keyring = _sealer(), Keyring.within(op.get_bind(), load())
    _seal_anew(
        lambda user_id, sealed: factor_secrets.seal(
            keyring, user_id, sealer.unseal(sealed, context=str(user_id))
        )
    )


def downgrade() -> None:
    sealer, keyring = _sealer(), Keyring.within(op.get_bind(), load())
    _seal_anew(
        lambda user_id, sealed: sealer.seal(
            factor_secrets.unseal(keyring, user_id, sealed), context=str(user_id)
        )
    )
    op.drop_column("sessions", "proven_at")
    op.drop_column("users", "reopened_at")


def _sealer() -> Sealer:
    """What sealed them before, with a key that only a new secret could have replaced."""
    return Sealer(load(), purpose="second factors")


def _seal_anew(seal: Callable[[UUID, bytes], bytes]) -> None:
    connection = op.get_bind()
    for user_id, sealed in connection.execute(sa.select(_factors)).all():
        connection.execute(
            sa.update(_factors)
            .where(_factors.c.user_id == user_id)
            .values(sealed_secret=seal(user_id, bytes(sealed)))
        )
