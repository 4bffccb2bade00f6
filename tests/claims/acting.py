"""Acting on the claims database as doors do: one act, one transaction."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis import tables as chassis_tables
from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Actor
from tests.builders import NOW, worker


def do(
    db: Database,
    act: Callable[..., Any],
    *,
    actor: Actor | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> Any:
    """One act in its own transaction; by a worker of Huayuan when nobody else is named."""
    actor = actor or worker()
    with db.transaction(actor=actor, now=now) as tx:
        return act(tx, **fields, actor=actor, now=now)


def show(db: Database, item_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = do(db, usecases.get_item, item_id=item_id, actor=actor)
    return shown


def store(db: Database, *entities: object) -> None:
    with db.transaction() as tx:
        tx.session.add_all(entities)


def events(db: Database) -> list[tuple[str, dict[str, Any]]]:
    """What was emitted, oldest first."""
    outbox = chassis_tables.outbox
    with db.engine.connect() as connection:
        rows = connection.execute(sa.select(outbox.c.name, outbox.c.payload).order_by(outbox.c.outbox_id))
        return [(name, json.loads(payload)) for name, payload in rows]


def event_names(db: Database) -> list[str]:
    return [name for name, _ in events(db)]


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
