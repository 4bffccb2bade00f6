"""Volunteers are registered, changed, found and let go; their hours are counted and proven."""

import secrets
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.public_code import CERTIFICATE_NUMBER, VOLUNTEER_CODE, read_code, write_code
from services.claims.domain.volunteer import ServiceCertificate, Volunteer, name_of_volunteer
from services.claims.usecases.history import record, recorded
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, Forbidden, invalid_field
from services.contracts.claims.errors import (
    ItemNotFound,
    ServiceCertificateNotFound,
    VolunteerNotFound,
    VolunteerRetired,
)
from services.contracts.claims.volunteer_terms import Skill, VolunteerStatus

MOST_RECORDS = 100
_OF_THE_VOLUNTEER = (
    "volunteer_id",
    "code",
    "volunteer_name",
    "community_id",
    "skills",
    "status",
    "insured_until_on",
    "registered_at",
    "version",
)


def register_volunteer(
    tx: Transaction,
    *,
    community_id: UUID,
    volunteer_name: str,
    skills: list[Skill],
    insured_until_on: date | None,
    actor: Actor,
    now: datetime,
) -> Volunteer:
    actor.require_staff_of(community_id)
    if storage.find_community(tx.session, community_id) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    volunteer = Volunteer(
        volunteer_id=new_id(),
        community_id=community_id,
        code=_new_code(VOLUNTEER_CODE),
        volunteer_name=name_of_volunteer(volunteer_name),
        skills=list(dict.fromkeys(skills)),
        insured_until_on=insured_until_on,
        registered_at=now,
    )
    storage.save_volunteer(tx.session, volunteer)
    summary = f"登记志愿者 {volunteer.code}。"
    record(tx, volunteer.volunteer_id, "register_volunteer", summary, actor=actor, now=now)
    tx.audited(record_id=volunteer.volunteer_id, community_id=community_id, after=volunteer.facts())
    return volunteer


def change_volunteer(
    tx: Transaction,
    *,
    volunteer_id: UUID,
    skills: list[Skill],
    insured_until_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Volunteer:
    volunteer = visible_volunteer_for_update(tx, volunteer_id, actor=actor)
    volunteer.require_version(expected_version)
    with recorded(
        tx,
        volunteer,
        "change_volunteer",
        "修改专长或保险。",
        actor=actor,
        now=now,
    ):
        volunteer.change(skills=skills, insured_until_on=insured_until_on, actor=actor)
    storage.save_volunteer(tx.session, volunteer)
    return volunteer


def retire_volunteer(
    tx: Transaction,
    *,
    volunteer_id: UUID,
    reason: str,
    is_anonymised: bool,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Volunteer:
    """Whoever is still expected somewhere withdraws there first, so that nobody waits in vain."""
    volunteer = visible_volunteer_for_update(tx, volunteer_id, actor=actor)
    volunteer.require_version(expected_version)
    if expected := storage.count_bound(tx.session, volunteer_id):
        raise VolunteerRetired(f"志愿者 {volunteer.code} 还有 {expected} 个班次未结束，请先退出这些班次。")
    summary = f"退出，原因：{reason}" + ("（姓名已按本人意愿清除）" if is_anonymised else "")
    with recorded(
        tx,
        volunteer,
        "retire_volunteer",
        summary,
        actor=actor,
        now=now,
        reason=reason,
    ):
        volunteer.retire(is_anonymised=is_anonymised, actor=actor)
    storage.save_volunteer(tx.session, volunteer)
    return volunteer


def get_volunteer(tx: Transaction, *, volunteer_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    volunteer = storage.get_volunteer(tx.session, volunteer_id)
    volunteer.require_seen_by(actor)
    return show_volunteer(tx, volunteer, actor=actor, now=now)


def show_volunteer(tx: Transaction, volunteer: Volunteer, *, actor: Actor, now: datetime) -> dict[str, Any]:
    tx.session.flush()
    volunteer_id = volunteer.volunteer_id
    minutes = storage.minutes_of(tx.session, [volunteer_id])
    return {
        **_row(volunteer, minutes, _community_names(tx, [volunteer]), today=local_date(now)),
        "records": storage.records_of(tx.session, volunteer_id, limit=MOST_RECORDS),
        "certificates": storage.service_certificates_of(tx.session, volunteer_id),
        "history": [line_shown(line, actor) for line in storage.history_of(tx.session, volunteer_id)],
        "possible_acts": volunteer.possible_acts(actor),
    }


def list_volunteers(
    tx: Transaction,
    *,
    community_id: UUID | None,
    skill: Skill | None,
    status: VolunteerStatus | None,
    code: str,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """One page by the sound of the names; without a community, all those whom the actor works for."""
    after = decode_cursor(cursor, str, UUID)
    found = storage.list_volunteers(
        tx.session,
        community_ids=_communities_asked(actor, community_id),
        skill=skill,
        status=status,
        code=read_code(code, length=VOLUNTEER_CODE) if code else "",
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    minutes = storage.minutes_of(tx.session, [one.volunteer_id for one in page])
    names = _community_names(tx, page)
    return {
        "items": [_row(one, minutes, names, today=local_date(now)) for one in page],
        "next": encode_cursor(page[-1].sort_key, page[-1].volunteer_id) if len(found) > limit else None,
    }


def visible_volunteer_for_update(tx: Transaction, volunteer_id: UUID, *, actor: Actor) -> Volunteer:
    volunteer = storage.get_volunteer(tx.session, volunteer_id, is_locked=True)
    volunteer.require_seen_by(actor)
    return volunteer


# ---- hours and certificates -----------------------------------------------------------------


def count_service_hours(
    tx: Transaction,
    *,
    volunteer_id: UUID | None,
    community_id: UUID | None,
    item_id: UUID | None,
    from_on: date | None,
    to_on: date | None,
    actor: Actor,
) -> dict[str, int]:
    if volunteer_id is not None:
        storage.get_volunteer(tx.session, volunteer_id).require_seen_by(actor)
    if item_id is not None:
        item = storage.find_item(tx.session, item_id)
        if item is None or not item.may_be_seen_by(actor):
            raise ItemNotFound("没有这个事项。")
    return storage.count_service(
        tx.session,
        volunteer_id=volunteer_id,
        community_ids=_communities_asked(actor, community_id),
        item_id=item_id,
        from_on=from_on,
        to_on=to_on,
    )


def issue_service_certificate(
    tx: Transaction, *, volunteer_id: UUID, from_on: date, to_on: date, actor: Actor, now: datetime
) -> ServiceCertificate:
    """Free of charge and on request, also for those who left."""
    volunteer = visible_volunteer_for_update(tx, volunteer_id, actor=actor)
    served = storage.count_service(tx.session, volunteer_id=volunteer_id, from_on=from_on, to_on=to_on)
    certificate = ServiceCertificate.issue(
        volunteer,
        certificate_id=new_id(),
        number=_new_code(CERTIFICATE_NUMBER),
        from_on=from_on,
        to_on=to_on,
        minutes=served["minutes"],
        shifts=served["shifts"],
        actor=actor,
        today=local_date(now),
    )
    tx.session.add(certificate)
    summary = f"开具服务证明 {certificate.number}：{from_on} 至 {to_on}，{certificate.minutes} 分钟。"
    record(tx, volunteer_id, "issue_service_certificate", summary, actor=actor, now=now)
    tx.audited(record_id=certificate.certificate_id, community_id=volunteer.community_id)
    return certificate


def get_service_certificate(tx: Transaction, *, certificate_id: UUID, actor: Actor) -> dict[str, Any]:
    certificate = storage.get_service_certificate(tx.session, certificate_id)
    try:
        volunteer = storage.get_volunteer(tx.session, certificate.volunteer_id)
        volunteer.require_seen_by(actor)
    except VolunteerNotFound as unseen:
        raise ServiceCertificateNotFound("没有这份服务证明。") from unseen
    return show_certificate(tx, certificate, volunteer)


def check_service_certificate(tx: Transaction, *, number: str) -> dict[str, Any]:
    """For anybody: what a number stands for, the name masked."""
    typed = read_code(number, length=CERTIFICATE_NUMBER)
    certificate = storage.service_certificate_numbered(tx.session, typed)
    return show_certificate(tx, certificate, storage.get_volunteer(tx.session, certificate.volunteer_id))


def show_certificate(
    tx: Transaction, certificate: ServiceCertificate, volunteer: Volunteer | None = None
) -> dict[str, Any]:
    volunteer = volunteer or storage.get_volunteer(tx.session, certificate.volunteer_id)
    community = storage.find_community(tx.session, certificate.community_id)
    return {
        **{name: getattr(certificate, name) for name in _OF_THE_CERTIFICATE},
        "volunteer_name": volunteer.volunteer_name,
        "volunteer_id": volunteer.volunteer_id,
        "code": volunteer.code,
        "community_name": community.community_name if community else "",
    }


_OF_THE_CERTIFICATE = ("certificate_id", "number", "from_on", "to_on", "minutes", "shifts", "issued_on")


def _communities_asked(actor: Actor, community_id: UUID | None) -> Collection[UUID] | None:
    if community_id is not None:
        actor.require_staff_of(community_id)
        return (community_id,)
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看志愿者。")
    return None if actor.reaches_whole_city else actor.community_ids


def _new_code(length: int) -> str:
    return write_code(secrets.randbits(128), length=length)


def _community_names(tx: Transaction, volunteers: Collection[Volunteer]) -> dict[UUID, str]:
    ids = {one.community_id for one in volunteers}
    found = (storage.find_community(tx.session, community_id) for community_id in ids)
    return {one.community_id: one.community_name for one in found if one is not None}


def _row(
    volunteer: Volunteer, minutes: dict[UUID, int], names: dict[UUID, str], *, today: date
) -> dict[str, Any]:
    return {
        **{name: getattr(volunteer, name) for name in _OF_THE_VOLUNTEER},
        "community_name": names.get(volunteer.community_id, ""),
        "is_insured": volunteer.is_insured(today),
        "minutes": minutes.get(volunteer.volunteer_id, 0),
    }
