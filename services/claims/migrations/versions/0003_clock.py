"""Working-day clocks, and the days by which the calendar departs from what the library knows."""

from alembic import op

from services.chassis import calendar, clocks

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    calendar.create(op.get_bind())
    clocks.create(op.get_bind())


def downgrade() -> None:
    clocks.metadata.drop_all(op.get_bind())
    calendar.metadata.drop_all(op.get_bind())
