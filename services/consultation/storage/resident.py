"""The roll. Names and identity numbers are stored sealed, and as keyed hashes by which a person is known again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.keys import data_keys
from services.chassis.personal import sort_key
from services.chassis.sealing import SealedColumn, keyring_of
from services.consultation.domain import Resident
from services.consultation.storage.registry import metadata
from services.contracts.consultation.errors import AlreadyOnRoll, ResidentNotFound

data_keys.to_metadata(metadata)

residents = sa.Table(
    "residents",
    metadata,
    sa.Column("resident_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("name_hash", sa.LargeBinary, nullable=False),
    sa.Column("identity_sealed", sa.LargeBinary, nullable=False),
    sa.Column("identity_hash", sa.LargeBinary, nullable=False),
    sa.Column("grid_code", sa.Text, nullable=False),
    sa.Column("employer_uscc", sa.Text, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("identity_hash", name="residents_identity_hash"),
)
# Drawing a sample reads ids and employers of one community, nothing else.
sa.Index(
    "residents_of_community", residents.c.community_id, postgresql_include=["resident_id", "employer_uscc"]
)
sa.Index("residents_name_hash", residents.c.name_hash)
sa.Index("residents_sorted", residents.c.sort_key, residents.c.resident_id)

names = SealedColumn(residents.c.name_sealed, purpose="resident.name")
numbers = SealedColumn(residents.c.identity_sealed, purpose="resident.identity_number")


def add_residents(session: orm.Session, newcomers: Sequence[Resident], *, now: datetime) -> int:
    """Put people on the roll; how many were added.

    Those known already (same identity number) stay as they are.
    """
    keyring = keyring_of(session)
    rows: list[dict[str, Any]] = [
        {
            "resident_id": one.resident_id,
            "community_id": one.community_id,
            "name_sealed": names.seal(keyring, one.resident_id, one.resident_name),
            "name_hash": names.keyed_hash(keyring, one.resident_name),
            "identity_sealed": numbers.seal(keyring, one.resident_id, one.identity_number),
            "identity_hash": numbers.keyed_hash(keyring, one.identity_number),
            "grid_code": one.grid_code,
            "employer_uscc": one.employer_uscc,
            "sort_key": sort_key(one.resident_name),
            "enrolled_at": now,
        }
        for one in newcomers
    ]
    # Always in the same order: two imports of the same people at once then wait for each other, never in a circle.
    rows.sort(key=lambda row: row["identity_hash"])
    added = session.execute(
        pg.insert(residents)
        .values(rows)
        .on_conflict_do_nothing(constraint="residents_identity_hash")
        .returning(residents.c.resident_id)
    )
    return len(added.all())


def get_resident(session: orm.Session, resident_id: UUID, *, is_locked: bool = False) -> Resident:
    wanted = sa.select(residents).where(residents.c.resident_id == resident_id)
    row = session.execute(wanted.with_for_update() if is_locked else wanted).one_or_none()
    if row is None:
        raise ResidentNotFound("名册上没有这位居民。")
    return _resident(session, row)


def list_residents(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    resident_name: str = "",
    identity_number: str = "",
    after: tuple[str, UUID] | None = None,
    limit: int,
) -> list[Resident]:
    """By the sound of the names; a name or a number finds who has exactly these."""
    wanted = sa.select(residents).order_by(residents.c.sort_key, residents.c.resident_id).limit(limit)
    if community_ids is not None:
        wanted = wanted.where(residents.c.community_id.in_(community_ids))
    if resident_name:
        name_hash = names.keyed_hash(keyring_of(session), resident_name)
        wanted = wanted.where(residents.c.name_hash == name_hash)
    if identity_number:
        identity_hash = numbers.keyed_hash(keyring_of(session), identity_number)
        wanted = wanted.where(residents.c.identity_hash == identity_hash)
    if after is not None:
        wanted = wanted.where(sa.tuple_(residents.c.sort_key, residents.c.resident_id) > after)
    return [_resident(session, row) for row in session.execute(wanted)]


def save_person(session: orm.Session, resident: Resident) -> None:
    """Name and number; the unique hash decides whether somebody else has the number."""
    keyring, resident_id = keyring_of(session), resident.resident_id
    changed = (
        sa.update(residents)
        .where(residents.c.resident_id == resident_id)
        .values(
            name_sealed=names.seal(keyring, resident_id, resident.resident_name),
            name_hash=hash_of(session, resident, "resident_name"),
            identity_sealed=numbers.seal(keyring, resident_id, resident.identity_number),
            identity_hash=hash_of(session, resident, "identity_number"),
            sort_key=sort_key(resident.resident_name),
        )
    )
    try:
        session.execute(changed)
    except sa.exc.IntegrityError as error:
        raise AlreadyOnRoll("名册上已有使用这个身份证号码的居民，请先核实。") from error


def hash_of(session: orm.Session, resident: Resident, field: str) -> bytes:
    column = {"resident_name": names, "identity_number": numbers}[field]
    return column.keyed_hash(keyring_of(session), getattr(resident, field))


def erase_resident(session: orm.Session, resident_id: UUID) -> None:
    """The row of a person whom no poll has asked goes; see the use case for the others."""
    session.execute(sa.delete(residents).where(residents.c.resident_id == resident_id))


def opened_name(session: orm.Session, resident_id: UUID, sealed: bytes) -> str:
    return names.unseal(keyring_of(session), resident_id, sealed)


def _resident(session: orm.Session, row: Any) -> Resident:
    return Resident(
        resident_id=row.resident_id,
        community_id=row.community_id,
        resident_name=opened_name(session, row.resident_id, row.name_sealed),
        identity_number=numbers.unseal(keyring_of(session), row.resident_id, row.identity_sealed),
        grid_code=row.grid_code,
        employer_uscc=row.employer_uscc,
        sort_key=row.sort_key,
    )


def count_residents(session: orm.Session, *, community_ids: Collection[UUID] | None) -> int:
    """`community_ids` None means everywhere."""
    wanted = sa.select(sa.func.count()).select_from(residents)
    if community_ids is not None:
        wanted = wanted.where(residents.c.community_id.in_(community_ids))
    return session.execute(wanted).scalar_one()


def eligible_resident_ids(
    session: orm.Session, community_id: UUID, *, doer_usccs: Collection[str]
) -> Sequence[UUID]:
    """Everybody of the community who does not work for a doer."""
    return session.scalars(
        sa.select(residents.c.resident_id).where(
            residents.c.community_id == community_id, residents.c.employer_uscc.not_in(doer_usccs)
        )
    ).all()
