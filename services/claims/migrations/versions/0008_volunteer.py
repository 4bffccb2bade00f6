"""Volunteers with sealed names, shifts, certificates of service, social organisations, linked parties."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from services.chassis import keys

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)
# Who is bound to one place is bound to no other at that time.
NEVER_TWO_PLACES = """
    ALTER TABLE enrolments ADD CONSTRAINT enrolments_never_in_two_places
    EXCLUDE USING gist (volunteer_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (status IN ('enrolled', 'waiting', 'signed_in', 'signed_out'))
"""


def upgrade() -> None:
    if not sa.inspect(op.get_bind()).has_table("data_keys"):
        keys.create(op.get_bind())
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _volunteers()
    _shifts()
    _linkage()


def _volunteers() -> None:
    op.create_table(
        "volunteers",
        sa.Column("volunteer_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("name_hash", sa.LargeBinary, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("skills", pg.ARRAY(WORD), nullable=False),
        sa.Column("insured_until_on", sa.Date),
        sa.Column("status", WORD, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("code", name="volunteers_code_once"),
    )
    op.create_index("volunteers_of_community", "volunteers", ["community_id", "sort_key", "volunteer_id"])
    op.create_index("volunteers_in_order", "volunteers", ["sort_key", "volunteer_id"])
    op.create_index("volunteers_by_name", "volunteers", ["name_hash"])
    op.create_index("volunteers_by_skill", "volunteers", ["skills"], postgresql_using="gin")
    op.create_table(
        "service_certificates",
        sa.Column("certificate_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id"), nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("shifts", sa.Integer, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.UniqueConstraint("number", name="service_certificates_number_once"),
    )
    op.create_index("ix_service_certificates_volunteer_id", "service_certificates", ["volunteer_id"])


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("shift_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("skills", pg.ARRAY(WORD), nullable=False),
        sa.Column("is_risky", sa.Boolean, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("cancel_reason", sa.Text, nullable=False),
        sa.Column("enrolled", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("enrolled BETWEEN 0 AND slots", name="shifts_never_overfull"),
        sa.CheckConstraint("ends_at > starts_at", name="shifts_end_after_they_start"),
    )
    op.create_index("ix_shifts_item_id", "shifts", ["item_id"])
    op.create_index("shifts_in_order", "shifts", ["starts_at", "shift_id"])
    op.create_index("shifts_of_community", "shifts", ["community_id", "starts_at", "shift_id"])
    op.create_table(
        "enrolments",
        sa.Column("enrolment_id", sa.Uuid, primary_key=True),
        sa.Column("shift_id", sa.Uuid, sa.ForeignKey("shifts.shift_id"), nullable=False),
        sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("signed_in_at", MOMENT),
        sa.Column("signed_out_at", MOMENT),
        sa.Column("minutes", sa.Integer),
        sa.UniqueConstraint("shift_id", "number", name="enrolments_in_order"),
        sa.CheckConstraint("minutes >= 0", name="enrolments_minutes"),
    )
    op.create_index("enrolments_of_volunteer", "enrolments", ["volunteer_id", "starts_at"])
    op.execute(NEVER_TWO_PLACES)


def _linkage() -> None:
    op.create_table(
        "social_organisations",
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), primary_key=True),
        sa.Column("registration_number", sa.Text, nullable=False),
        sa.Column("level", WORD, nullable=False),
        sa.Column("service_fields", pg.ARRAY(WORD), nullable=False),
        sa.Column("stars", sa.SmallInteger),
        sa.Column("status", WORD, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("registration_number", name="social_organisations_number_once"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="social_organisations_stars"),
    )
    op.create_index(
        "social_organisations_by_field", "social_organisations", ["service_fields"], postgresql_using="gin"
    )
    op.create_table(
        "linked_parties",
        sa.Column("link_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("social_organisations.unit_id")),
        sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id")),
        sa.Column("duty", sa.Text, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("money_fen", sa.BigInteger, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("unlinked_at", MOMENT),
        sa.Column("unlink_reason", sa.Text, nullable=False),
        sa.CheckConstraint("minutes >= 0 AND money_fen >= 0", name="linked_parties_sums"),
        sa.CheckConstraint(
            "kind <> 'charity_resource' OR minutes = 0", name="linked_parties_resources_do_not_work"
        ),
        sa.CheckConstraint(
            "kind <> 'volunteer' OR money_fen = 0", name="linked_parties_volunteers_are_unpaid"
        ),
    )
    for column in ("item_id", "unit_id", "volunteer_id"):
        op.create_index(f"ix_linked_parties_{column}", "linked_parties", [column])


def downgrade() -> None:
    """The keys stay: another part of the service may have sealed with them."""
    for table in (
        "linked_parties",
        "social_organisations",
        "service_certificates",
        "enrolments",
        "shifts",
        "volunteers",
    ):
        op.drop_table(table)
