"""What limits on requests have to remember."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None: ...
