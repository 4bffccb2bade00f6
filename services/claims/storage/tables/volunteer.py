"""Volunteers, shifts, certificates of service, social organisations and the five parties of items."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis.keys import data_keys
from services.chassis.sealing import SealedColumn
from services.claims.storage.tables.base import MOMENT, metadata, term
from services.contracts.claims.volunteer_terms import (
    EnrolmentStatus,
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
    ShiftStatus,
    Skill,
    VolunteerStatus,
)

if "data_keys" not in metadata.tables:
    data_keys.to_metadata(metadata)

volunteers = sa.Table(
    "volunteers",
    metadata,
    sa.Column("volunteer_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_hash", sa.LargeBinary, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.Column("skills", pg.ARRAY(term(Skill)), nullable=False),
    sa.Column("insured_until_on", sa.Date),
    sa.Column("status", term(VolunteerStatus), nullable=False),
    sa.Column("registered_at", MOMENT, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="volunteers_code_once"),
    sa.Index("volunteers_of_community", "community_id", "sort_key", "volunteer_id"),
    sa.Index("volunteers_in_order", "sort_key", "volunteer_id"),
    sa.Index("volunteers_by_name", "name_hash"),
    sa.Index("volunteers_by_skill", "skills", postgresql_using="gin"),
)
volunteer_names = SealedColumn(volunteers.c.name_sealed, purpose="volunteer.name")

shifts = sa.Table(
    "shifts",
    metadata,
    sa.Column("shift_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("skills", pg.ARRAY(term(Skill)), nullable=False),
    sa.Column("is_risky", sa.Boolean, nullable=False),
    sa.Column("status", term(ShiftStatus), nullable=False),
    sa.Column("cancel_reason", sa.Text, nullable=False),
    sa.Column("enrolled", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # The row lock makes volunteers take turns; this is the net below it.
    sa.CheckConstraint("enrolled BETWEEN 0 AND slots", name="shifts_never_overfull"),
    sa.CheckConstraint("ends_at > starts_at", name="shifts_end_after_they_start"),
    sa.Index("shifts_in_order", "starts_at", "shift_id"),
    sa.Index("shifts_of_community", "community_id", "starts_at", "shift_id"),
)

enrolments = sa.Table(
    "enrolments",
    metadata,
    sa.Column("enrolment_id", sa.Uuid, primary_key=True),
    sa.Column("shift_id", sa.Uuid, sa.ForeignKey("shifts.shift_id"), nullable=False),
    sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("status", term(EnrolmentStatus), nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Column("enrolled_at", MOMENT, nullable=False),
    sa.Column("signed_in_at", MOMENT),
    sa.Column("signed_out_at", MOMENT),
    sa.Column("minutes", sa.Integer),
    sa.UniqueConstraint("shift_id", "number", name="enrolments_in_order"),
    sa.CheckConstraint("minutes >= 0", name="enrolments_minutes"),
    sa.Index("enrolments_of_volunteer", "volunteer_id", "starts_at"),
)

service_certificates = sa.Table(
    "service_certificates",
    metadata,
    sa.Column("certificate_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id"), nullable=False, index=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("to_on", sa.Date, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("shifts", sa.Integer, nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.UniqueConstraint("number", name="service_certificates_number_once"),
)

social_organisations = sa.Table(
    "social_organisations",
    metadata,
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), primary_key=True),
    sa.Column("registration_number", sa.Text, nullable=False),
    sa.Column("level", term(OrganisationLevel), nullable=False),
    sa.Column("service_fields", pg.ARRAY(term(ServiceField)), nullable=False),
    sa.Column("stars", sa.SmallInteger),
    sa.Column("status", term(OrganisationStatus), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("registration_number", name="social_organisations_number_once"),
    sa.CheckConstraint("stars BETWEEN 1 AND 5", name="social_organisations_stars"),
    sa.Index("social_organisations_by_field", "service_fields", postgresql_using="gin"),
)

linked_parties = sa.Table(
    "linked_parties",
    metadata,
    sa.Column("link_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, index=True),
    sa.Column("kind", term(PartyKind), nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("social_organisations.unit_id"), index=True),
    sa.Column("volunteer_id", sa.Uuid, sa.ForeignKey("volunteers.volunteer_id"), index=True),
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
    sa.CheckConstraint("kind <> 'volunteer' OR money_fen = 0", name="linked_parties_volunteers_are_unpaid"),
)
