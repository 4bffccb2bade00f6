"""Writing history: one line per act, in the transaction of the act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims.domain.history import Changes, HistoryLine, changes_between, office_of
from services.contracts.base import Actor


class Subject(Protocol):
    """A record whose acts leave history; `facts` are what is compared before and after."""

    @property
    def community_id(self) -> UUID | None: ...

    @property
    def record_id(self) -> UUID: ...

    def facts(self) -> dict[str, str]: ...


def record(
    tx: Transaction,
    subject_id: UUID,
    act: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    changes: Changes | None = None,
) -> HistoryLine:
    line = HistoryLine(
        history_id=new_id(),
        subject_id=subject_id,
        at=now,
        actor_id=actor.actor_id,
        actor_name=actor.name,
        actor_office=office_of(actor),
        act=act,
        summary=summary,
        changes=changes or {},
    )
    tx.session.add(line)
    tx.audited(record_id=subject_id)
    return line


@contextmanager
def recorded(
    tx: Transaction,
    subject: Subject,
    act: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    on_behalf_of: UUID | None = None,
    reason: str = "",
) -> Iterator[None]:
    """What the block does to the record goes into its history, with what it changed, and into the audit.

    `on_behalf_of` is the unit for which staff act.
    """
    before = subject.facts()
    yield
    after = subject.facts()
    record(tx, subject.record_id, act, summary, actor=actor, now=now, changes=changes_between(before, after))
    tx.audited(
        record_id=subject.record_id,
        community_id=subject.community_id,
        on_behalf_of=None if on_behalf_of is None else str(on_behalf_of),
        before=before,
        after=after,
        reason=reason,
    )
