"""The three lists of the task gate, kept by the city's administrator."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.admission import require_city_admin
from services.claims.domain.admission_rules import title_key
from services.claims.domain.gate_list import GateEntry
from services.claims.usecases.admission import paged, require_period, require_reader, values_of
from services.claims.usecases.history import record, recorded_of
from services.contracts.base import Actor, Role, invalid_field
from services.contracts.claims.admission_terms import GateList


def add_gate_entry(
    tx: Transaction,
    *,
    gate_list: GateList,
    title: str,
    also: list[str],
    basis: str,
    from_on: date,
    until_on: date | None,
    actor: Actor,
    now: datetime,
) -> GateEntry:
    require_city_admin(actor)
    if until_on is not None:
        require_period(from_on, until_on)
    entry = GateEntry(
        entry_id=new_id(),
        gate_list=gate_list,
        title=title.strip(),
        title_key=title_key(title),
        also=list(dict.fromkeys(name.strip() for name in also)),
        basis=basis,
        from_on=from_on,
        until_on=until_on,
    )
    # A name of signs alone would be found in every title.
    for path, name in (("title", entry.title), *(("also", name) for name in entry.also)):
        if len(title_key(name)) < 2:
            raise invalid_field(path, "名称至少两个字。")
    storage.add_gate_entry(tx.session, entry)
    summary = f"「{entry.title}」列入{gate_list.label}清单，自 {from_on} 起生效。"
    record(tx, entry.entry_id, "add_gate_entry", summary, actor=actor, now=now)
    tx.audited(record_id=entry.entry_id, after=entry.facts())
    return entry


def end_gate_entry(
    tx: Transaction,
    *,
    entry_id: UUID,
    until_on: date,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> GateEntry:
    require_city_admin(actor)
    entry = storage.gate_entry_for_update(tx.session, entry_id)
    entry.require_version(expected_version)
    summary = f"「{entry.title}」于 {until_on} 失效：{reason}"
    with recorded_of(
        tx, entry_id, entry, "end_gate_entry", summary, community_id=None, actor=actor, now=now, reason=reason
    ):
        entry.end(until_on=until_on, reason=reason)
    return entry


def list_gate_entries(
    tx: Transaction,
    *,
    gate_list: GateList | None,
    on: date | None,
    is_all: bool,
    q: str,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    require_reader(actor)
    today = local_date(now)
    entries, more = paged(
        lambda after, most: storage.list_gate_entries(
            tx.session,
            gate_list=gate_list,
            on=None if is_all else on or today,
            q=q,
            after=after,
            limit=most,
        ),
        cursor=cursor,
        limit=limit,
        key="entry_id",
    )
    return {"items": [show_gate_entry(one, actor=actor, today=today) for one in entries], "next": more}


def show_gate_entry(entry: GateEntry, *, actor: Actor, today: date) -> dict[str, Any]:
    may_end = actor.has_role(Role.CITY_ADMIN) and (entry.until_on is None or entry.until_on > today)
    return {
        **values_of(entry),
        "is_in_force": entry.is_in_force_on(today),
        "possible_acts": ["end_gate_entry"] if may_end else [],
    }
