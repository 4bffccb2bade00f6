"""What departments asked of communities, record by record; the meter adds up a month from an index."""

import sqlalchemy as sa

from services.claims.storage.tables.base import MOMENT, metadata, term
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind

burdens = sa.Table(
    "burdens",
    metadata,
    sa.Column("burden_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", term(BurdenKind), nullable=False),
    sa.Column("basis", term(BurdenBasis), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("admission_id", sa.Uuid, sa.ForeignKey("admissions.admission_id")),
    sa.Column("emergency_id", sa.Uuid, sa.ForeignKey("emergencies.emergency_id")),
    sa.Column("entry_id", sa.Uuid, sa.ForeignKey("gate_entries.entry_id")),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Column("withdrawn_at", MOMENT),
    sa.Column("withdrawal_reason", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name="burdens_of_something"),
    sa.CheckConstraint(
        "num_nonnulls(admission_id, emergency_id, entry_id) = (basis <> 'unadmitted')::int",
        name="burdens_one_ground",
    ),
    sa.CheckConstraint("(basis = 'emergency') = (emergency_id IS NOT NULL)", name="burdens_emergency"),
    sa.Index("burdens_in_order", "happened_on", "burden_id"),
    sa.Index("burdens_by_community", "community_id", "happened_on", "burden_id"),
    sa.Index("burdens_by_department", "department", "happened_on", "burden_id"),
)
