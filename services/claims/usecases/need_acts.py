"""Staff triage needs and lead each to its outcome, which its author sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.need import Need
from services.claims.usecases.history import record, recorded
from services.claims.usecases.item import create_item
from services.claims.usecases.need import visible
from services.claims.usecases.need_clock import stop_clock_if_settled
from services.claims.usecases.need_showing import ABSORBED
from services.contracts.base import Actor
from services.contracts.claims.need_terms import NeedPriority
from services.contracts.claims.terms import Category, ServiceClass


def triage_need(
    tx: Transaction,
    *,
    need_id: UUID,
    service_class: ServiceClass,
    category: Category,
    priority: NeedPriority,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    need = _locked(tx, need_id, expected_version, actor=actor)
    summary = f"已分办：{service_class.label}，{category.label}，优先级{priority.label}。"
    with _acting(tx, need, "triage_need", summary, actor=actor, now=now):
        tx.emit(
            need.triage(
                service_class=service_class, category=category, priority=priority, actor=actor, now=now
            )
        )
    return need


def merge_need(
    tx: Transaction,
    *,
    need_id: UUID,
    into_need_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    """Both under their locks, so that two mergers never lead into each other."""
    need, *others = storage.needs_for_update(tx.session, *dict.fromkeys((need_id, into_need_id)))
    visible(need, actor).require_version(expected_version)
    into = visible(others[0] if others else need, actor)
    summary = f"与反映同一问题的需求 {into.code} 合并办理。"
    with _acting(tx, need, "merge_need", summary, actor=actor, now=now):
        tx.emit(need.merge_into(into, actor=actor, now=now))
    record(tx, into.need_id, ABSORBED, f"需求 {need.code} 并入。", actor=actor, now=now)
    tx.audited(record_id=need.need_id, community_id=need.community_id)
    return need


def turn_need_into_item(
    tx: Transaction,
    *,
    need_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> Need:
    """A draft on the claim list that knows where it comes from."""
    need = _locked(tx, need_id, expected_version, actor=actor)
    need.require_act("turn_need_into_item", actor)
    item = create_item(
        tx,
        **fields,
        need_id=need.need_id,
        community_id=need.community_id,
        service_class=need.service_class,
        category=need.category,
        actor=actor,
        now=now,
    )
    summary = f"已列入认领清单，事项编号 {item.code}。"
    with _acting(tx, need, "turn_need_into_item", summary, actor=actor, now=now):
        tx.emit(need.turn_into_item(item.item_id, actor=actor, now=now))
    return need


def turn_need_into_matter(
    tx: Transaction,
    *,
    need_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    need = _locked(tx, need_id, expected_version, actor=actor)
    summary = f"交由居民议事协商：{reason}"
    with _acting(tx, need, "turn_need_into_matter", summary, actor=actor, now=now, reason=reason):
        tx.emit(need.turn_into_matter(actor=actor, now=now))
    return need


def refer_need(
    tx: Transaction,
    *,
    need_id: UUID,
    department: str,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    need = _locked(tx, need_id, expected_version, actor=actor)
    summary = f"转{department}办理：{reason}"
    with _acting(tx, need, "refer_need", summary, actor=actor, now=now, reason=reason):
        tx.emit(need.refer(department=department, actor=actor, now=now))
    return need


def answer_need(
    tx: Transaction,
    *,
    need_id: UUID,
    reply: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    need = _locked(tx, need_id, expected_version, actor=actor)
    with _acting(tx, need, "answer_need", f"答复：{reply}", actor=actor, now=now):
        tx.emit(need.give_reply(reply, actor=actor, now=now))
    return need


def decline_need(
    tx: Transaction,
    *,
    need_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Need:
    need = _locked(tx, need_id, expected_version, actor=actor)
    with _acting(tx, need, "decline_need", f"不予办理：{reason}", actor=actor, now=now, reason=reason):
        tx.emit(need.decline(reason, actor=actor, now=now))
    return need


def _locked(tx: Transaction, need_id: UUID, expected_version: int | None, *, actor: Actor) -> Need:
    [need] = storage.needs_for_update(tx.session, need_id)
    visible(need, actor).require_version(expected_version)
    return need


@contextmanager
def _acting(
    tx: Transaction, need: Need, act: str, summary: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Iterator[None]:
    """One act: its history, and its clock in step with the state that follows."""
    with recorded(tx, need, act, summary, actor=actor, now=now, reason=reason):
        yield
    stop_clock_if_settled(tx, need)
