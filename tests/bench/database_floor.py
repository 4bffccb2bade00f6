"""PostgreSQL at its plainest (f1): the transactions our services make, sent by bare psycopg2.

Their statements are recorded from the services' own code first, so they cannot drift apart.
"""

import functools
import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from deploy.sample.city import communities, units
from services.chassis import tracing
from services.chassis.calls import Call, answer
from services.chassis.clock import local_today, utc_now
from services.chassis.config import load
from services.chassis.db import Database
from services.chassis.inbox import Delivery, Handler, Inbox
from services.chassis.wire import JSON, Envelope, write_event
from services.claims import usecases
from services.claims.service import ClaimsService
from services.contracts.base import SYSTEM
from services.contracts.claims import commands
from services.contracts.claims.terms import ClaimKind
from services.contracts.staffing.events import CommunityRegistered
from tests.bench import pong
from tests.bench.control import serve
from tests.bench.items import item_fields
from tests.bench.recorder import Statement, recorded
from tests.bench.replay import Replay
from tests.bench.timing import call_for, threaded
from tests.chassis.pingpong import Served

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CLONE = """
    WITH made AS (
        INSERT INTO items (item_id, code, {columns})
        SELECT gen_random_uuid(), 'RL-2099-' || {first} + number, {columns}
        FROM items, generate_series(1, {most}) AS number WHERE items.item_id = '{original}'
        RETURNING item_id
    ), told AS (
        INSERT INTO history (history_id, subject_id, {told})
        SELECT gen_random_uuid(), made.item_id, {told}
        FROM made, history WHERE subject_id = '{original}'
    )
    SELECT item_id::text FROM made
"""


class Floor:
    """`floor` is a database with the tables of claims and the effect table of pong."""

    def __init__(self) -> None:
        psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
        self._url = load().database_url("floor")
        self._claims = Database(self._url, service="claims", pool_size=2)
        # In a service the relay of the process is woken without a statement.
        self._claims.wake_relay = lambda: None
        self._items_made = 1000

    def small(self, seconds: float, at_once: int) -> dict[str, Any]:
        """What pong does for an event: one inbox row, one effect, commit."""
        replay = self._small
        return self._run(seconds, at_once, lambda connection: replay.send(connection, {}))

    def prepare_claims(self, items: int) -> int:
        """Fresh items, each for one claim."""
        self._fresh_items = iter(self._cloned(items))
        return items

    def claim(self, seconds: float, at_once: int) -> dict[str, Any]:
        """What claims does for a claim that wins, each time on another item."""
        fresh_items = self._fresh_items
        return self._run(
            seconds,
            at_once,
            lambda connection: self._claim.send(connection, {self._claimed_id: next(fresh_items)}),
        )

    def _run(
        self, seconds: float, at_once: int, act: Callable[[psycopg2.extensions.connection], None]
    ) -> dict[str, Any]:
        url = self._url.replace("postgresql+psycopg2", "postgresql")
        connections = [psycopg2.connect(url, options="-c timezone=UTC") for _ in range(at_once)]
        free = list(connections)

        def call() -> None:
            connection = free.pop()
            act(connection)
            free.append(connection)

        try:
            return call_for(seconds, at_once, threaded, call)
        finally:
            for connection in connections:
                connection.close()

    @functools.cached_property
    def _small(self) -> Replay:
        event = Served(rally_id=uuid4(), number=1, occurred_at=utc_now())
        envelope = Envelope(
            event_id=str(uuid4()),
            source=event.source,
            name=event.name(),
            version=event.version,
            aggregate_id=str(event.aggregate_id),
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent=tracing.new_traceparent(),
            body=write_event(event).encode(),
        )
        database = Database(self._url, service="pong", pool_size=1)
        inbox = Inbox(database, {event.name(): Handler(name="pong.on_served", event_class=Served)})
        delivery = Delivery(headers=envelope.headers(), content_type=JSON, body=envelope.body)
        with recorded(database.engine) as statements:
            result = inbox.receive(delivery, pong.return_one)
        database.dispose()
        if result != "ok":
            raise RuntimeError(f"the event ended as {result}")
        return Replay(statements, fresh=[envelope.event_id, str(event.rally_id)])

    @functools.cached_property
    def _claim(self) -> Replay:
        statements = self._recorded_claim()
        known = {str(self._unit_id), str(self._community_id)}
        found = {each for statement in statements for each in ID.findall(str(statement.parameters))}
        return Replay(statements, fresh=sorted(found - known))

    def _recorded_claim(self) -> list[Statement]:
        self._open_item, self._claimed_id = self._published_items()
        call = Call(
            method="claim_item",
            data={
                "item_id": self._claimed_id,
                "unit_id": str(self._unit_id),
                "kind": ClaimKind.PARTIAL.value,
                "quantity": 1,
            },
            deadline=utc_now().timestamp() + 60,
            actor=SYSTEM,
            idempotency_key=f"{SYSTEM.actor_id}|claims.claim_item|{uuid4()}",
        )
        door = functools.partial(inspect.unwrap(ClaimsService.claim_item), None)
        with recorded(self._claims.engine) as statements:
            answer(self._claims, call, commands.ClaimItem, door, changes=True)
        return statements

    def _published_items(self) -> list[str]:
        """Two alike: one to be copied, one to be claimed."""
        community, unit = next(iter(communities())), next(iter(units()))
        self._community_id = uuid4()
        event = CommunityRegistered(
            community_id=self._community_id,
            code=community.code,
            community_name=community.community_name,
            street=community.street,
            grade=community.grade,
            households=community.households,
            population=community.population,
            occurred_at=utc_now(),
        )
        with self._claims.transaction() as tx:
            usecases.keep_community(tx, event)
        with self._claims.transaction() as tx:
            self._unit_id = usecases.register_unit(
                tx,
                uscc=unit.uscc,
                unit_name=unit.unit_name,
                kind=unit.kind,
                functions=unit.functions,
                community_ids=[self._community_id],
                actor=SYSTEM,
                now=tx.now,
            ).unit_id
        return [self._published_item() for _ in range(2)]

    def _published_item(self) -> str:
        today = local_today()
        fields = commands.CreateItem().load(item_fields(str(self._community_id)))
        with self._claims.transaction() as tx:
            item = usecases.create_item(tx, **fields, actor=SYSTEM, now=tx.now)
        with self._claims.transaction() as tx:
            usecases.publish_item(
                tx,
                item_id=item.item_id,
                party_study_on=today,
                claim_until_on=today + timedelta(days=20),
                actor=SYSTEM,
                now=tx.now,
            )
        return str(item.item_id)

    def _cloned(self, most: int) -> list[str]:
        _ = self._claim
        with self._claims.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            columns = connection.exec_driver_sql(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) "
                "FILTER (WHERE table_name = 'items'), "
                "string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) "
                "FILTER (WHERE table_name = 'history') FROM information_schema.columns "
                "WHERE table_schema = 'public' AND is_generated = 'NEVER' "
                "AND column_name NOT IN ('item_id', 'code', 'history_id', 'subject_id')"
            ).one()
            text = CLONE.format(
                columns=columns[0],
                told=columns[1],
                first=self._items_made,
                most=most,
                original=self._open_item,
            )
            made = connection.exec_driver_sql(text).scalars().all()
            connection.exec_driver_sql("VACUUM ANALYZE items, history")
        self._items_made += most
        return list(made)


if __name__ == "__main__":
    floor = Floor()
    serve(
        {
            "ready": lambda: True,
            "small": floor.small,
            "prepare_claims": floor.prepare_claims,
            "claim": floor.claim,
        }
    )
