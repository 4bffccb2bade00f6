"""How calls and events reach the doors: the nameko extensions that read the broker.

Each has a connection of its own, so that a blocked publisher stops no consumer.
No work is done in the greenthread that reads the socket; heartbeats go on while doors are busy.
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
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import ProviderCollector, SharedExtension

from services.chassis import metrics
from services.chassis.broker import CONNECTION_ERRORS, Link
from services.chassis.calls import Call, Reply, read_call
from services.chassis.config import load
from services.chassis.faults import faultpoint
from services.chassis.inbox import Delivery, Handler, Inbox
from services.chassis.logs import get_logger
from services.chassis.rpc import ReplyChannel
from services.chassis.topology import declare_calls, declare_inbox, inbox_name
from services.contracts.base import Unavailable

CALLS_AT_ONCE = 48
EVENTS_AT_ONCE = 16
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
        door = next((door for door in self._providers if door.method_name == call.method), None)
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
    """Takes events from the service's inbox; those of one aggregate one after another."""

    purpose = "events"

    def setup(self) -> None:
        super().setup()
        self.container.events = self

    def on_up(self, channel: amqp.Channel) -> None:
        service = self.container.service_name
        self._doors = {door.event_class.name(): door for door in self._providers}
        self.inbox = self.inbox_of_doors()
        self._chains: dict[str, collections.deque[Any]] = {}
        self._room = eventlet.semaphore.Semaphore(EVENTS_AT_ONCE)
        declare_inbox(channel, service, [door.event_class for door in self._providers])
        channel.basic_qos(0, EVENTS_PREFETCHED, False)
        self.consumer_tag = channel.basic_consume(
            inbox_name(service), callback=functools.partial(self._on_message, channel)
        )

    def inbox_of_doors(self) -> Inbox:
        handlers: dict[str, Handler] = {door.event_class.name(): door.handler for door in self._providers}
        return Inbox(self.container.database, handlers, retry_seconds=load().retry_seconds)

    def _on_message(self, channel: amqp.Channel, message: amqp.Message) -> None:
        headers = message.properties.get("application_headers") or {}
        aggregate = str(headers.get("ce-subject", ""))
        chain = self._chains.get(aggregate)
        if chain is not None:
            chain.append((channel, message))
            return
        self._chains[aggregate] = collections.deque([(channel, message)])
        eventlet.spawn_n(self._run_chain, aggregate, self._chains)

    def _run_chain(self, aggregate: str, chains: dict[str, collections.deque[Any]]) -> None:
        chain = chains[aggregate]
        while chain:
            channel, message = chain.popleft()
            with self._room:
                if self.is_stopping or channel.connection is None:
                    # Not acknowledged: the broker delivers it again, here or to another process.
                    break
                self._handle(channel, message)
        chains.pop(aggregate, None)

    def _handle(self, channel: amqp.Channel, message: amqp.Message) -> None:
        headers = message.properties.get("application_headers") or {}
        delivery = Delivery(
            headers=headers,
            content_type=message.properties.get("content_type"),
            body=message.body if isinstance(message.body, bytes) else str(message.body).encode(),
            count=_whole(headers.get("x-delivery-count")),
        )
        wait = 0.5
        while not self.is_stopping:
            try:
                self._through_door(str(message.delivery_info.get("routing_key")), delivery)
                break
            except Unavailable:
                # The database is away: hold the message; with enough of them held, consuming pauses.
                log.warning(
                    "event waits for the database", event_name=message.delivery_info.get("routing_key")
                )
                time.sleep(random.uniform(0.5, 1) * wait)
                wait = min(10, wait * 2)
            except ContainerBeingKilled:
                return
            except Exception:
                # No way is known to get here. It holds this message, visibly, and neither loses nor skips it.
                log.exception("event held", aggregate_id=str(headers.get("ce-subject"))[:100])
                time.sleep(wait)
                wait = min(10, wait * 2)
        else:
            return
        faultpoint("consumer.before_ack")
        with suppress(*CONNECTION_ERRORS):
            channel.basic_ack(message.delivery_tag)
        faultpoint("consumer.after_ack")

    def _through_door(self, event_name: str, delivery: Delivery) -> None:
        """Run the door in a nameko worker and wait for its end."""
        door = self._doors.get(event_name)
        if door is None:
            self.inbox.park(delivery, reason=f"unreadable: no handler here for {event_name}")
            return
        done = eventlet.event.Event()

        def on_result(_context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            if exc_info is None:
                done.send(result)
            else:
                done.send_exception(exc_info[1])
            return result, exc_info

        def handle(act: Any) -> Any:
            # Returned, not raised: nameko would log a traceback for every message held and every attempt.
            try:
                return self.inbox.receive(delivery, act)
            except Unavailable as away:
                return away

        self.container.spawn_worker(door, (handle,), {}, handle_result=on_result)
        result = done.wait()
        if isinstance(result, Unavailable):
            raise result

    def retry_due(self) -> None:
        """Take up every waiting event that is due; called by the service's upkeep."""
        inbox = self.inbox_of_doors()
        service = self.container.service_cls()
        service.db = self.container.database
        acts = {door.event_class.name(): self._act(service, door) for door in self._providers}
        while not self.is_stopping and inbox.retry_one(acts.__getitem__):
            pass

    @staticmethod
    def _act(service: Any, door: Any) -> Any:
        method = getattr(type(service), door.method_name).__wrapped__
        return functools.partial(method, service)


def _whole(header: Any) -> int:
    return header if isinstance(header, int) else 0
