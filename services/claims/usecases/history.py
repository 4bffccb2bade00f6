"""Writing history: one line per act, in the transaction of the act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims.domain.history import Changes, HistoryLine, changes_between, office_of
from services.claims.domain.item import Item
from services.contracts.base import Actor


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


class Described(Protocol):
    """A record that says in words for people what there is to compare about it."""

    def facts(self) -> dict[str, str]: ...


@contextmanager
def recorded(
    tx: Transaction,
    item: Item,
    act: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    on_behalf_of: UUID | None = None,
    reason: str = "",
) -> Iterator[None]:
    """What the block does to the item goes into its history, with what it changed, and into the audit.

    `on_behalf_of` is the unit for which staff act.
    """
    with recorded_on(
        tx,
        item,
        act,
        summary,
        subject_id=item.item_id,
        community_id=item.community_id,
        actor=actor,
        now=now,
        on_behalf_of=on_behalf_of,
        reason=reason,
    ):
        yield


@contextmanager
def recorded_on(
    tx: Transaction,
    subject: Described,
    act: str,
    summary: str,
    *,
    subject_id: UUID,
    community_id: UUID | None,
    actor: Actor,
    now: datetime,
    on_behalf_of: UUID | None = None,
    reason: str = "",
) -> Iterator[None]:
    """The same for any record."""
    before = subject.facts()
    yield
    after = subject.facts()
    record(tx, subject_id, act, summary, actor=actor, now=now, changes=changes_between(before, after))
    tx.audited(
        record_id=subject_id,
        community_id=community_id,
        on_behalf_of=None if on_behalf_of is None else str(on_behalf_of),
        before=before,
        after=after,
        reason=reason,
    )
