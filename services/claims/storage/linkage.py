"""Linked parties and social organisations."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.linkage import LinkedParty
from services.claims.domain.social_organisation import SocialOrganisation
from services.claims.storage.tables import linked_parties, social_organisations, units
from services.claims.storage.words import mentions
from services.contracts.claims.errors import (
    LinkNotFound,
    SocialOrganisationAlreadyRegistered,
    SocialOrganisationNotFound,
)
from services.contracts.claims.volunteer_terms import OrganisationLevel, OrganisationStatus, ServiceField


def linked_parties_of(session: orm.Session, item_id: UUID) -> list[LinkedParty]:
    """Those that take part now, in the order in which they came."""
    wanted = (
        sa.select(LinkedParty)
        .where(linked_parties.c.item_id == item_id, linked_parties.c.unlinked_at.is_(None))
        .order_by(linked_parties.c.link_id)
    )
    return list(session.scalars(wanted))


def get_linked_party(session: orm.Session, item_id: UUID, link_id: UUID) -> LinkedParty:
    wanted = sa.select(LinkedParty).where(
        linked_parties.c.link_id == link_id,
        linked_parties.c.item_id == item_id,
        linked_parties.c.unlinked_at.is_(None),
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise LinkNotFound("这个事项没有这项联动。")
    return found


def save_social_organisation(session: orm.Session, organisation: SocialOrganisation) -> None:
    """Refused when it, or its registration number, is registered already, also at this very moment."""
    try:
        with session.begin_nested():
            session.add(organisation)
            session.flush()
    except sa.exc.IntegrityError as error:
        raise SocialOrganisationAlreadyRegistered("该社会组织或登记证号已经登记。") from error


def get_social_organisation(
    session: orm.Session, unit_id: UUID, *, is_locked: bool = False
) -> SocialOrganisation:
    wanted = sa.select(SocialOrganisation).where(social_organisations.c.unit_id == unit_id)
    if is_locked:
        wanted = wanted.with_for_update(of=social_organisations)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise SocialOrganisationNotFound("没有这个社会组织。")
    return found


def list_social_organisations(
    session: orm.Session,
    *,
    q: str,
    community_id: UUID | None,
    level: OrganisationLevel | None,
    service_field: ServiceField | None,
    status: OrganisationStatus | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[SocialOrganisation]:
    """By the sound of their names."""
    table = social_organisations.c
    wanted = (
        sa.select(SocialOrganisation)
        .join(units, units.c.unit_id == table.unit_id)
        .order_by(units.c.sort_key, units.c.unit_id)
        .limit(limit)
    )
    if q:
        wanted = wanted.where(mentions(q, units.c.unit_name))
    if community_id is not None:
        wanted = wanted.where(units.c.community_ids.contains([community_id]))
    if level is not None:
        wanted = wanted.where(table.level == level)
    if service_field is not None:
        wanted = wanted.where(table.service_fields.contains([service_field]))
    if status is not None:
        wanted = wanted.where(table.status == status)
    if after is not None:
        wanted = wanted.where(sa.tuple_(units.c.sort_key, units.c.unit_id) > sa.tuple_(*after))
    return list(session.scalars(wanted))
