"""How calls and events reach the doors: the nameko extensions that read the broker.

Each has a connection of its own, so that a blocked publisher stops no consumer.
No work is done in the greenthread that reads the socket; heartbeats go on while doors are busy.
Calls are answered many at a time. Events are handled one after another, as they came: that keeps the
order of every aggregate, and what has piled up shares one commit.
"""

import collections
import functools
import random
import time
from contextlib import suppress
from typing import Any

import amqp
import eventlet
import msgspec
from nameko.containers import WorkerContext
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import ProviderCollector, SharedExtension

from services.chassis import frames, metrics
from services.chassis.broker import CONNECTION_ERRORS, Link
from services.chassis.calls import Call, Reply, read_call
from services.chassis.config import load
from services.chassis.db import Transaction
from services.chassis.faults import faultpoint
from services.chassis.inbox import Act, Delivery, Handler, Inbox
from services.chassis.logs import get_logger
from services.chassis.rpc import ReplyChannel
from services.chassis.topology import declare_calls, declare_inbox, inbox_name
from services.contracts.base import Event, Unavailable

CALLS_AT_ONCE = 48
EVENTS_TOGETHER = 25
EVENTS_PREFETCHED = 200
log = get_logger(__name__)


class _Reader(ProviderCollector, SharedExtension):  # type: ignore[misc]
    """A link that consumes one queue for the doors registered with it."""

    purpose = ""
    link: Link | None = None
    consumer_tag = ""
    is_stopping = False

    def setup(self) -> None:
        links = self.container.__dict__.setdefault("links", {})
        links[self.purpose] = lambda: self.is_connected

    def start(self) -> None:
        if self.link is not None:
            return
        self.link = Link(load(), purpose=self.purpose, on_up=self.on_up, on_down=self.on_down)
        self._thread = eventlet.spawn(self.link.run)

    def on_up(self, channel: amqp.Channel) -> None:
        raise NotImplementedError

    def on_down(self) -> None: ...

    def unregister_provider(self, provider: Any) -> None:
        """With the first door that closes, no new work is taken; what runs may end."""
        if not self.is_stopping:
            self.is_stopping = True
            channel = self.link.channel if self.link else None
            if channel is not None:
                with suppress(*CONNECTION_ERRORS):
                    channel.basic_cancel(self.consumer_tag, nowait=True)
        super().unregister_provider(provider)

    def stop(self) -> None:
        super().stop()
        if self.link is not None:
            # The last replies and acknowledgements leave with this turn of the event loop.
            eventlet.sleep(0.05)
            self.link.stop()
            self._thread.kill()

    @property
    def is_connected(self) -> bool:
        return self.link is not None and self.link.channel is not None


class Calls(_Reader):
    """Takes calls from the service's queue and, past the broker, from its own port."""

    purpose = "calls"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._doors: dict[str, Any] = {}

    def register_provider(self, provider: Any) -> None:
        super().register_provider(provider)
        self._doors[provider.method_name] = provider

    def setup(self) -> None:
        super().setup()
        self.container.calls = self

    def on_up(self, channel: amqp.Channel) -> None:
        queue = declare_calls(channel, self.container.service_name)
        channel.basic_qos(0, CALLS_AT_ONCE, False)
        replies = ReplyChannel(channel)
        self.consumer_tag = channel.basic_consume(
            queue, callback=functools.partial(self._on_message, replies)
        )

    def _on_message(self, replies: ReplyChannel, message: amqp.Message) -> None:
        if self.is_stopping:
            # Not acknowledged: the broker gives the call to another process, or to this one's successor.
            return
        try:
            call = read_call(message.body)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            log.warning("unreadable call dropped", error=str(error)[:200])
            replies.send(message, None)
            return
        self.run(call, functools.partial(replies.send, message))

    def run(self, call: Call, send: Any) -> None:
        """Let the door of this name answer; `send(bytes | None)` gets the reply."""
        if call.is_expired():
            metrics.CALLS_EXPIRED.labels(self.container.service_name).inc()
            send(None)
            return
        door = self._doors.get(call.method)
        if door is None:
            error = {"code": "no_such_method", "kind": "unavailable", "message": "服务没有这个操作。"}
            send(msgspec.json.encode(Reply(error=error)))
            return
        with suppress(ContainerBeingKilled):
            self.container.spawn_worker(
                door, (call,), {}, handle_result=functools.partial(self._on_result, send)
            )

    def _on_result(self, send: Any, _context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        faultpoint("call.before_reply")
        send(result if exc_info is None else None)
        return result, exc_info


class Events(_Reader):
    """Takes events from the service's inbox, one after another, in batches of what has arrived."""

    purpose = "events"

    def setup(self) -> None:
        super().setup()
        self.container.events = self
        self._arrived: collections.deque[tuple[amqp.Channel, amqp.Message]] = collections.deque()
        self._bell = eventlet.semaphore.Semaphore(0)
        self._worker: Any = None

    def start(self) -> None:
        if self._worker is None:
            self._worker = eventlet.spawn(self._work)
        super().start()

    def stop(self) -> None:
        ProviderCollector.stop(self)
        if self._worker is not None:
            # The batch in hand is finished and acknowledged before the connection goes.
            self._bell.release()
            self._worker.wait()
        super().stop()

    def on_up(self, channel: amqp.Channel) -> None:
        declare_inbox(channel, self.container.service_name, [door.event_class for door in self._providers])
        channel.basic_qos(0, EVENTS_PREFETCHED, False)
        self.consumer_tag = channel.basic_consume(
            inbox_name(self.container.service_name), callback=functools.partial(self._on_message, channel)
        )

    def _on_message(self, channel: amqp.Channel, message: amqp.Message) -> None:
        self._arrived.append((channel, message))
        self._bell.release()

    def _work(self) -> None:
        inbox, act = self._inbox(), self._act()
        while not self.is_stopping:
            self._bell.acquire()
            batch = self._batch()
            if not batch:
                continue
            deliveries = [_delivery(message) for _, message in batch]
            together = len(batch) > 1 and inbox.receive_together(deliveries, act)
            for (channel, message), delivery in zip(batch, deliveries, strict=True):
                if not together and not self._receive(inbox, delivery, act):
                    # Stopping. Not acknowledged: the broker delivers it again, to whoever is next.
                    return
                faultpoint("consumer.before_ack")
                with suppress(*CONNECTION_ERRORS):
                    frames.acknowledge(channel, message.delivery_tag)
                faultpoint("consumer.after_ack")

    def _batch(self) -> list[tuple[amqp.Channel, amqp.Message]]:
        """What has arrived; messages of a connection that went are not ours any more."""
        batch: list[tuple[amqp.Channel, amqp.Message]] = []
        while self._arrived and len(batch) < EVENTS_TOGETHER:
            channel, message = self._arrived.popleft()
            if channel.connection is not None:
                batch.append((channel, message))
        for _ in batch[1:]:
            self._bell.acquire(blocking=False)
        return batch

    def _receive(self, inbox: Inbox, delivery: Delivery, act: Act) -> bool:
        """Handle one alone, however long the database is away; False when the process stops first."""
        wait = 0.5
        while not self.is_stopping:
            try:
                inbox.receive(delivery, act)
            except Unavailable:
                # Hold the message; with enough of them held, the broker sends no more.
                log.warning("event waits for the database", type=str(delivery.headers.get("ce-type"))[:100])
            except Exception:
                # No way is known to get here. It holds this message, visibly, and neither loses nor skips it.
                log.exception("event held", type=str(delivery.headers.get("ce-type"))[:100])
            else:
                return True
            time.sleep(random.uniform(0.5, 1) * wait)
            wait = min(10, wait * 2)
        return False

    def retry_due(self) -> None:
        """Take up every waiting event that is due; called by the service's upkeep."""
        inbox, act = self._inbox(), self._act()
        while not self.is_stopping and inbox.retry_one(lambda _name: act):
            pass

    def _inbox(self) -> Inbox:
        handlers: dict[str, Handler] = {door.event_class.name(): door.handler for door in self._providers}
        return Inbox(self.container.database, handlers, retry_seconds=load().retry_seconds)

    def _act(self) -> Act:
        """Lets the door of an event's class handle it, on a service that has its dependencies."""
        doors = {door.event_class: door for door in self._providers}
        service = self.container.service_cls()
        self.container._inject_dependencies(
            WorkerContext(self.container, service, next(iter(doors.values())))
        )

        def act(tx: Transaction, event: Event) -> None:
            getattr(service, doors[type(event)].method_name)(tx, event)

        return act


def _delivery(message: amqp.Message) -> Delivery:
    headers = message.properties.get("application_headers") or {}
    count = headers.get("x-delivery-count")
    return Delivery(
        headers=headers,
        content_type=message.properties.get("content_type"),
        body=message.body if isinstance(message.body, bytes) else str(message.body).encode(),
        count=count if isinstance(count, int) else 0,
    )
