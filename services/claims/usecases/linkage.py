"""The five parties of an item are linked and shown; social organisations are registered and found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain import linkage
from services.claims.domain.item import Item
from services.claims.domain.linkage import LinkedParty
from services.claims.domain.social_organisation import (
    SocialOrganisation,
    require_social_organisation,
    require_staff_serving,
)
from services.claims.usecases.history import record, recorded
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import Actor
from services.contracts.claims.errors import ItemNotFound, VolunteerNotFound
from services.contracts.claims.volunteer_terms import (
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
)

_OF_THE_LINK = (
    "link_id",
    "kind",
    "party",
    "unit_id",
    "volunteer_id",
    "duty",
    "minutes",
    "money_fen",
    "linked_at",
)


def link_party(
    tx: Transaction,
    *,
    item_id: UUID,
    kind: PartyKind,
    party: str,
    unit_id: UUID | None,
    volunteer_id: UUID | None,
    duty: str,
    minutes: int,
    money_fen: int,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    linkage.require_linkable(item, "登记", actor=actor)
    volunteer = None
    if volunteer_id is not None:
        volunteer = storage.get_volunteer(tx.session, volunteer_id)
        if volunteer.community_id != item.community_id:
            raise VolunteerNotFound("没有这位志愿者。")
    community = storage.find_community(tx.session, item.community_id)
    linked, event = linkage.link_party(
        item,
        link_id=new_id(),
        kind=kind,
        party=party.strip(),
        organisation=storage.get_social_organisation(tx.session, unit_id) if unit_id else None,
        volunteer=volunteer,
        duty=duty,
        minutes=minutes,
        money_fen=money_fen,
        community_name=community.community_name if community else "",
        actor=actor,
        now=now,
    )
    tx.session.add(linked)
    tx.emit(event)
    who = linked.party or (f"志愿者 {volunteer.code}" if volunteer else "")
    record(tx, item_id, "link_party", f"五社联动：{kind.label}「{who}」{duty}。", actor=actor, now=now)
    tx.audited(record_id=item_id, community_id=item.community_id)
    return item


def unlink_party(
    tx: Transaction, *, item_id: UUID, link_id: UUID, reason: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    linkage.require_linkable(item, "撤销", actor=actor)
    linked = storage.get_linked_party(tx.session, item_id, link_id)
    linked.unlinked_at, linked.unlink_reason = now, reason
    summary = f"撤销五社联动：{linked.kind.label}，原因：{reason}"
    record(tx, item_id, "unlink_party", summary, actor=actor, now=now)
    tx.audited(record_id=item_id, community_id=item.community_id, reason=reason)
    return item


def get_linkage(tx: Transaction, *, item_id: UUID, actor: Actor) -> dict[str, Any]:
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    return show_linkage(tx, item, actor=actor)


def show_linkage(tx: Transaction, item: Item, *, actor: Actor) -> dict[str, Any]:
    """Who takes part, with the units that claimed and the hours that the item's shifts confirmed."""
    tx.session.flush()
    parties = storage.linked_parties_of(tx.session, item.item_id)
    named = [one.volunteer_id for one in parties if one.volunteer_id is not None]
    volunteers = storage.volunteers_by_id(tx.session, named)
    served = storage.count_service(tx.session, item_id=item.item_id)
    is_open = linkage.may_link(item, actor=actor)
    present = {one.kind for one in parties} | ({PartyKind.VOLUNTEER} if served["minutes"] else set())

    def shown(one: LinkedParty) -> dict[str, Any]:
        volunteer = volunteers.get(one.volunteer_id) if one.volunteer_id else None
        return {
            **{name: getattr(one, name) for name in _OF_THE_LINK},
            "volunteer_name": volunteer.volunteer_name if volunteer else None,
            "possible_acts": ["unlink_party"] if is_open else [],
        }

    return {
        "item_id": item.item_id,
        "kinds": [kind for kind in PartyKind if kind in present],
        "parties": [shown(one) for one in parties],
        "unit_names": item.unit_names,
        "shift_minutes": served["minutes"],
        "shift_volunteers": served["volunteers"],
        "shifts": served["shifts"],
        "minutes": served["minutes"] + sum(one.minutes for one in parties),
        "money_fen": sum(one.money_fen for one in parties),
        "possible_acts": ["link_party"] if is_open else [],
    }


# ---- social organisations -------------------------------------------------------------------


def register_social_organisation(
    tx: Transaction,
    *,
    unit_id: UUID,
    registration_number: str,
    level: OrganisationLevel,
    service_fields: list[ServiceField],
    stars: int | None,
    actor: Actor,
    now: datetime,
) -> SocialOrganisation:
    unit = storage.get_unit(tx.session, unit_id)
    require_staff_serving(actor, unit)
    require_social_organisation(unit)
    organisation = SocialOrganisation(
        unit_id=unit_id,
        unit=unit,
        registration_number=registration_number.strip(),
        level=level,
        service_fields=list(dict.fromkeys(service_fields)),
        stars=stars,
    )
    storage.save_social_organisation(tx.session, organisation)
    summary = f"登记社会组织，登记证号 {organisation.registration_number}。"
    record(tx, unit_id, "register_social_organisation", summary, actor=actor, now=now)
    tx.audited(record_id=unit_id, after=organisation.facts())
    return organisation


def change_social_organisation(
    tx: Transaction,
    *,
    unit_id: UUID,
    registration_number: str,
    level: OrganisationLevel,
    service_fields: list[ServiceField],
    stars: int | None,
    status: OrganisationStatus,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> SocialOrganisation:
    organisation = storage.get_social_organisation(tx.session, unit_id, is_locked=True)
    organisation.require_version(expected_version)
    with recorded(
        tx,
        organisation,
        "change_social_organisation",
        "修改社会组织登记。",
        actor=actor,
        now=now,
    ):
        organisation.change(
            registration_number=registration_number,
            level=level,
            service_fields=service_fields,
            stars=stars,
            status=status,
            actor=actor,
        )
    storage.save_social_organisation(tx.session, organisation)
    return organisation


def get_social_organisation(tx: Transaction, *, unit_id: UUID) -> SocialOrganisation:
    return storage.get_social_organisation(tx.session, unit_id)


def list_social_organisations(
    tx: Transaction,
    *,
    q: str,
    community_id: UUID | None,
    level: OrganisationLevel | None,
    service_field: ServiceField | None,
    status: OrganisationStatus | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[SocialOrganisation], str | None]:
    after = decode_cursor(cursor, str, UUID)
    found = storage.list_social_organisations(
        tx.session,
        q=q,
        community_id=community_id,
        level=level,
        service_field=service_field,
        status=status,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    more = encode_cursor(page[-1].unit.sort_key, page[-1].unit_id) if len(found) > limit else None
    return page, more
