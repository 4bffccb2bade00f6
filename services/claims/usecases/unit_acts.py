"""What becomes of a unit: approved or refused, suspended and reinstated, changed, gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis import clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.need import without_numbers
from services.claims.domain.unit import Unit
from services.claims.usecases.history import recorded_of
from services.claims.usecases.unit import add_contact, require_known, sounding
from services.contracts.base import Actor
from services.contracts.claims.clock_terms import ClockKind


def change_unit(
    tx: Transaction,
    *,
    unit_id: UUID,
    unit_name: str,
    community_ids: list[UUID],
    introduction: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    require_known(tx, community_ids)
    with _acting(tx, unit, "change_unit", "修改单位登记。", actor=actor, now=now):
        unit.change(
            unit_name=unit_name,
            sort_key=sounding(unit_name),
            community_ids=community_ids,
            introduction=without_numbers(introduction),
            actor=actor,
            **fields,
        )
    return unit


def approve_unit(
    tx: Transaction, *, unit_id: UUID, expected_version: int | None = None, actor: Actor, now: datetime
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "approve_unit", "审核通过，成为联盟成员单位。", actor=actor, now=now):
        tx.emit(unit.approve(actor=actor, today=local_date(now), now=now))
    clocks.stop(tx, ClockKind.UNIT_DECISION, unit_id)
    return unit


def refuse_unit(
    tx: Transaction,
    *,
    unit_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    """There is nothing more to talk about, so the contacts go."""
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "refuse_unit", f"不予通过：{reason}", actor=actor, now=now, reason=reason):
        tx.emit(unit.refuse(reason=reason, actor=actor, now=now))
    storage.remove_unit_contacts(tx.session, unit_id)
    clocks.stop(tx, ClockKind.UNIT_DECISION, unit_id)
    return unit


def suspend_unit(
    tx: Transaction,
    *,
    unit_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "suspend_unit", f"暂停：{reason}", actor=actor, now=now, reason=reason):
        tx.emit(unit.suspend(reason=reason, actor=actor, now=now))
    return unit


def reinstate_unit(
    tx: Transaction,
    *,
    unit_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "reinstate_unit", f"恢复：{reason}", actor=actor, now=now, reason=reason):
        tx.emit(unit.reinstate(actor=actor, now=now))
    return unit


def leave_alliance(
    tx: Transaction,
    *,
    unit_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    """Under the unit's lock, which every claim of it shares: nothing is claimed while it leaves."""
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "leave_alliance", f"退出联盟：{reason}", actor=actor, now=now, reason=reason):
        open_claims = storage.count_open_claims(tx.session, unit_id)
        tx.emit(unit.leave(reason=reason, open_claims=open_claims, actor=actor, now=now))
    storage.remove_unit_contacts(tx.session, unit_id)
    return unit


def add_unit_contact(
    tx: Transaction,
    *,
    unit_id: UUID,
    contact_name: str,
    post: str,
    contact_phone: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "add_unit_contact", "增加联系人。", actor=actor, now=now):
        unit.touch("add_unit_contact", actor)
    add_contact(tx, unit, contact_name=contact_name, post=post, contact_phone=contact_phone)
    return unit


def remove_unit_contact(
    tx: Transaction,
    *,
    unit_id: UUID,
    contact_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    unit = _locked(tx, unit_id, expected_version, actor=actor)
    with _acting(tx, unit, "remove_unit_contact", "删除联系人。", actor=actor, now=now):
        unit.touch("remove_unit_contact", actor)
    storage.remove_unit_contact(tx.session, unit_id, contact_id)
    return unit


def _locked(tx: Transaction, unit_id: UUID, expected_version: int | None, *, actor: Actor) -> Unit:
    unit = storage.unit_for_update(tx.session, unit_id)
    unit.require_seen_by(actor)
    unit.require_version(expected_version)
    return unit


@contextmanager
def _acting(
    tx: Transaction, unit: Unit, act: str, summary: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Iterator[None]:
    with recorded_of(
        tx,
        unit.unit_id,
        unit,
        act,
        summary,
        community_id=unit.community_of(actor),
        actor=actor,
        now=now,
        reason=reason,
    ):
        yield
