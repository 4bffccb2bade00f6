"""Who speaks for a unit; the units themselves stand beside the items that they claim."""

import sqlalchemy as sa

from services.chassis.keys import data_keys
from services.chassis.sealing import SealedColumn
from services.claims.storage.tables.base import metadata

if "data_keys" not in metadata.tables:
    data_keys.to_metadata(metadata)

unit_contacts = sa.Table(
    "unit_contacts",
    metadata,
    sa.Column("contact_id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False, index=True),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_hash", sa.LargeBinary, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
    sa.Index("unit_contacts_by_name", "name_hash"),
)
unit_contact_names = SealedColumn(unit_contacts.c.name_sealed, purpose="unit_contact.name")
unit_contact_phones = SealedColumn(unit_contacts.c.phone_sealed, purpose="unit_contact.phone")
