"""Grants: who may do what, where, and from when to when; invitations of units' contacts; the communities' streets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)

# What the columns of 0001 said, as grants without an end.
_FROM_COLUMNS = """
    INSERT INTO grants (grant_id, user_id, role, scope, scope_id, valid_from, granted_at)
    SELECT gen_random_uuid(), user_id, role, scope, scope_id,
           (created_at AT TIME ZONE 'Asia/Shanghai')::date, now()
    FROM (
        SELECT user_id, created_at, role, 'city' AS scope, '' AS scope_id
        FROM users, unnest(roles) AS role
        WHERE role IN ('city_admin', 'city_officer', 'auditor', 'security_admin', 'operator')
        UNION
        SELECT user_id, created_at, role, 'community', community_id::text
        FROM users, unnest(roles) AS role, unnest(community_ids) AS community_id
        WHERE role IN ('community_manager', 'community_worker', 'supervisor')
        UNION
        SELECT user_id, created_at, role, 'unit', unit_id::text
        FROM users, unnest(roles) AS role
        WHERE role = 'unit_liaison' AND unit_id IS NOT NULL
    ) AS held
"""
_BACK_TO_COLUMNS = """
    UPDATE users SET
        roles = ARRAY(SELECT DISTINCT role FROM grants g WHERE g.user_id = users.user_id
                      AND revoked_at IS NULL),
        community_ids = ARRAY(SELECT DISTINCT scope_id::uuid FROM grants g WHERE g.user_id = users.user_id
                              AND revoked_at IS NULL AND scope = 'community'),
        unit_id = (SELECT max(scope_id)::uuid FROM grants g WHERE g.user_id = users.user_id
                   AND revoked_at IS NULL AND scope = 'unit')
"""


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_id", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("granted_by", sa.Uuid),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("revoked_by", sa.Uuid),
        sa.Column("revoked_at", MOMENT),
        sa.CheckConstraint("scope in ('city', 'street', 'community', 'unit')", name="grants_scope"),
        sa.CheckConstraint("(scope = 'city') = (scope_id = '')", name="grants_scope_id"),
        sa.CheckConstraint("valid_to >= valid_from", name="grants_valid"),
    )
    op.create_index(
        "ix_grants_user_id", "grants", ["user_id"], postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.create_index("ix_grants_role", "grants", ["role"], postgresql_where=sa.text("revoked_at IS NULL"))
    op.create_table(
        "communities",
        sa.Column("community_id", sa.Uuid, primary_key=True),
        sa.Column("community_name", sa.Text, nullable=False),
        sa.Column("street", sa.Text, nullable=False),
    )
    op.create_index("ix_communities_street", "communities", ["street"])
    op.create_table(
        "unit_invitations",
        sa.Column("invitation_id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("unit_name", sa.Text, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_by", sa.Uuid),
        sa.Column("accepted_at", MOMENT),
    )
    op.create_index("ix_unit_invitations_unit_id", "unit_invitations", ["unit_id"])
    op.execute(_FROM_COLUMNS)
    for column in ("roles", "community_ids", "unit_id"):
        op.drop_column("users", column)


def downgrade() -> None:
    op.add_column("users", sa.Column("roles", pg.ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("unit_id", sa.Uuid))
    op.execute(_BACK_TO_COLUMNS)
    for column in ("roles", "community_ids"):
        op.alter_column("users", column, server_default=None)
    for table in ("unit_invitations", "communities", "grants"):
        op.drop_table(table)
