"""Reconciling: what producers told against what readers heard; sets, never counts.

lost         confirmed by the broker, unknown to the reader, and not on its way any more
unexpected   handled by a reader, told by nobody: a producer was restored from before it, or somebody forged it
duplicated   kept twice by one reader under two handlers
The rest is no fault: unpublished, in flight, waiting, parked and discarded ones are where they belong.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import amqp
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis.broker import CONNECTION_ERRORS, connect
from services.chassis.config import Config
from services.chassis.db import Database
from services.chassis.tables import inbox, outbox
from services.chassis.topology import inbox_name
from services.contracts.base import Event

# One day less than rows are kept: what is about to be tidied away on one side only is not compared.
COMPARED_DAYS = 29
LOOK_AGAIN_SECONDS = 0.5
# So long an event may take from its confirm to its reader's inbox before anybody asks where it is.
ON_ITS_WAY_SECONDS = 10.0

Open = Callable[[str], AbstractContextManager[Database]]


@dataclass(kw_only=True)
class Finding:
    """Between one producer and one reader; sets of event ids."""

    producer: str
    reader: str
    told: int = 0
    done: int = 0
    waiting: int = 0
    parked: int = 0
    discarded: int = 0
    unpublished: set[str] = field(default_factory=set)
    in_flight: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    unexpected: set[str] = field(default_factory=set)
    duplicated: set[str] = field(default_factory=set)

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.unexpected or self.duplicated)


def reconcile(
    config: Config, event_classes: Iterable[type[Event]], open_database: Open, *, wait_seconds: float
) -> list[Finding]:
    """One finding for each producer and reader.

    What is published and not yet heard is looked for again until `wait_seconds` are over; what is
    then still unheard is lost if it had time enough and the reader's queue is empty, else in flight.
    """
    deadline = time.monotonic() + wait_seconds
    grace = max(0.0, ON_ITS_WAY_SECONDS - wait_seconds)
    by_producer: dict[str, list[type[Event]]] = {}
    for event in event_classes:
        if event.readers:
            by_producer.setdefault(event.source, []).append(event)
    while True:
        findings = [
            finding
            for producer, events in by_producer.items()
            for finding in _compare(producer, events, open_database, grace=grace)
        ]
        if time.monotonic() >= deadline or not any(finding.lost for finding in findings):
            break
        time.sleep(min(LOOK_AGAIN_SECONDS, max(0.0, deadline - time.monotonic())))
    for finding in findings:
        if finding.lost and _queued(config, finding.reader) != 0:
            finding.in_flight, finding.lost = finding.in_flight | finding.lost, set()
    return findings


def send_again(findings: Iterable[Finding], open_database: Open) -> int:
    """Mark what was lost as unpublished, for the relay to send it again; readers drop what they have had."""
    lost: dict[str, set[UUID]] = {}
    for finding in findings:
        lost.setdefault(finding.producer, set()).update(UUID(event_id) for event_id in finding.lost)
    repaired = 0
    for producer, event_ids in lost.items():
        with open_database(producer) as database, database.transaction() as tx:
            again = sa.update(outbox).where(outbox.c.event_id.in_(event_ids)).values(published_at=None)
            repaired += tx.session.execute(again).rowcount  # type: ignore[attr-defined]
    return repaired


def _compare(
    producer: str, events: Sequence[type[Event]], open_database: Open, *, grace: float
) -> list[Finding]:
    readers = sorted({reader for event in events for reader in event.readers})
    heard: dict[str, list[Any]] = {}
    for reader in readers:
        with open_database(reader) as database:
            heard[reader] = _rows(database, _heard_of(producer))
    with open_database(producer) as database:
        told = _rows(database, _told(grace))
        # Readers were read first: whatever they had then, its producer must have now.
        seen = {row.event_id for rows in heard.values() for row in rows if row.is_recent}
        existing = _existing(database, seen)
    names = {reader: {event.name() for event in events if reader in event.readers} for reader in readers}
    return [
        _finding(
            producer, reader, [row for row in told if row.name in names[reader]], heard[reader], existing
        )
        for reader in readers
    ]


def _finding(
    producer: str, reader: str, told: Sequence[Any], heard: Sequence[Any], existing: set[str]
) -> Finding:
    known = {row.event_id for row in heard}
    statuses = Counter(row.status for row in heard if not row.is_unreadable)
    times_kept = Counter(row.event_id for row in heard if row.status == "done")
    return Finding(
        producer=producer,
        reader=reader,
        told=len(told),
        done=statuses["done"],
        waiting=statuses["waiting"],
        parked=sum(row.status == "parked" for row in heard),
        discarded=statuses["discarded"],
        unpublished={str(row.event_id) for row in told if row.published_at is None} - known,
        in_flight={str(row.event_id) for row in told if row.is_fresh} - known,
        lost={str(row.event_id) for row in told if row.published_at is not None and not row.is_fresh} - known,
        unexpected={
            row.event_id
            for row in heard
            if row.is_recent and not row.is_unreadable and row.event_id not in existing
        },
        duplicated={event_id for event_id, times in times_kept.items() if times > 1},
    )


def _recent(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return column > sa.func.now() - sa.text(f"interval '{COMPARED_DAYS} days'")


def _told(grace: float) -> sa.Select[Any]:
    is_compared = outbox.c.published_at.is_(None) | _recent(outbox.c.published_at)
    is_fresh = outbox.c.published_at > sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, grace)
    return sa.select(
        outbox.c.event_id,
        outbox.c.name,
        outbox.c.published_at,
        sa.func.coalesce(is_fresh, False).label("is_fresh"),
    ).where(is_compared)


def _heard_of(producer: str) -> sa.Select[Any]:
    return sa.select(
        inbox.c.event_id,
        inbox.c.status,
        _recent(inbox.c.received_at).label("is_recent"),
        inbox.c.handler.endswith(".?").label("is_unreadable"),
    ).where(inbox.c.source.in_((producer, f"/gongzhi/{producer}")))


def _rows(database: Database, query: sa.Select[Any]) -> list[Any]:
    with database.reading() as tx:
        return list(tx.session.execute(query))


def _existing(database: Database, event_ids: set[str]) -> set[str]:
    """Which of these ids the outbox has at all, however old."""
    wanted = []
    for event_id in event_ids:
        with suppress(ValueError):
            wanted.append(UUID(event_id))
    query = sa.select(outbox.c.event_id).where(
        outbox.c.event_id == sa.func.any(sa.cast(wanted, pg.ARRAY(sa.Uuid)))
    )
    return {str(row.event_id) for row in _rows(database, query)}


def _queued(config: Config, reader: str) -> int | None:
    """How many messages wait in the reader's queue; None when the broker does not tell."""
    with suppress(*CONNECTION_ERRORS):
        connection = connect(config)
        try:
            declared: amqp.protocol.queue_declare_ok_t = connection.channel().queue_declare(
                inbox_name(reader), passive=True
            )
            return int(declared.message_count)
        finally:
            connection.collect()
    return None
