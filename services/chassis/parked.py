"""Parked and waiting events (死信) in the hands of a person: looked at, replayed, discarded.

Every decision is kept in the event's row with its reason, its author and its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis import audit
from services.chassis.db import Transaction
from services.chassis.tables import inbox
from services.contracts.base import Conflict, Invalid, NotFound

UNDECIDED = ("parked", "waiting")
MOST_LISTED = 200


class EventNotHeld(NotFound): ...


class EventAlreadyDecided(Conflict): ...


class EventIdAmbiguous(Invalid): ...


@dataclass(frozen=True, kw_only=True)
class HeldEvent:
    """`overtaken_by`: later events of the same aggregate that have already taken effect here."""

    handler: str
    event_id: str
    status: str
    source: str
    name: str
    aggregate_id: str
    sequence: int
    received_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    reason: str
    headers: Mapping[str, str]
    body: bytes
    decisions: Sequence[Mapping[str, str]]
    overtaken_by: int = 0


def list_parked(tx: Transaction, *, status: str | None = None, limit: int = MOST_LISTED) -> list[HeldEvent]:
    """Oldest first; parked and waiting ones unless `status` names one of them."""
    wanted = UNDECIDED if status is None else (status,)
    rows = tx.session.execute(
        sa.select(inbox).where(inbox.c.status.in_(wanted)).order_by(inbox.c.received_at).limit(limit)
    )
    return [_held(row) for row in rows.mappings()]


def show(tx: Transaction, event_id: str) -> HeldEvent:
    """Also by the beginning of its id, if that is enough to tell it from others."""
    return _find(tx, event_id)


def replay(tx: Transaction, event_id: str, *, reason: str) -> HeldEvent:
    """Let the service try again at once, with all its attempts before it; the event as it was before."""
    held = _find(tx, event_id, for_update=True)
    _decide(tx, held, "replay", reason, status="waiting", attempts=0, next_attempt_at=sa.func.now())
    return held


def discard(tx: Transaction, event_id: str, *, reason: str) -> HeldEvent:
    """Never handle it; the row stays as evidence."""
    held = _find(tx, event_id, for_update=True)
    _decide(tx, held, "discard", reason, status="discarded", finished_at=sa.func.now(), next_attempt_at=None)
    return held


def _decide(tx: Transaction, held: HeldEvent, act: str, reason: str, **changes: Any) -> None:
    if not reason.strip():
        raise Invalid("请写明原因。")
    if held.status not in UNDECIDED:
        raise EventAlreadyDecided(f"事件 {held.event_id} 已是“{held.status}”，不能再处理。")
    decision = {
        "act": act,
        "reason": reason.strip(),
        "by": tx.actor.name or tx.actor.actor_id,
        "at": tx.now.isoformat(),
        "was": held.reason,
    }
    tx.session.execute(
        sa.update(inbox)
        .where(inbox.c.handler == held.handler, inbox.c.event_id == held.event_id)
        .values(decisions=inbox.c.decisions.op("||")(sa.cast([decision], pg.JSONB)), **changes)
    )
    subject = audit.Subject(record_id=held.event_id, reason=reason.strip())
    audit.write(tx.session.connection(), audit.entry_of(f"events.{act}", subject, actor=tx.actor, at=tx.now))


def _find(tx: Transaction, event_id: str, *, for_update: bool = False) -> HeldEvent:
    wanted = (
        sa.select(inbox)
        .where(inbox.c.event_id.startswith(event_id, autoescape=True), inbox.c.status != "done")
        .order_by(inbox.c.received_at)
        .limit(2)
    )
    rows = tx.session.execute(wanted.with_for_update() if for_update else wanted).mappings().all()
    exact = [row for row in rows if row["event_id"] == event_id]
    found = exact or rows
    if not found:
        raise EventNotHeld(f"没有编号为 {event_id} 的未完成事件。")
    if len(found) > 1:
        raise EventIdAmbiguous(f"编号 {event_id} 不止对应一个事件，请写得更完整。")
    overtaking = sa.select(sa.func.count()).where(
        inbox.c.aggregate_id == found[0]["aggregate_id"],
        inbox.c.sequence > found[0]["sequence"],
        inbox.c.status == "done",
    )
    return _held(found[0], overtaken_by=tx.session.execute(overtaking).scalar_one())


def _held(row: sa.RowMapping, *, overtaken_by: int = 0) -> HeldEvent:
    return HeldEvent(
        handler=row["handler"],
        event_id=row["event_id"],
        status=row["status"],
        source=row["source"],
        name=row["name"],
        aggregate_id=row["aggregate_id"],
        sequence=row["sequence"],
        received_at=row["received_at"],
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        reason=row["reason"] or "",
        headers=row["headers"] or {},
        body=bytes(row["body"] or b""),
        decisions=row["decisions"],
        overtaken_by=overtaken_by,
    )
