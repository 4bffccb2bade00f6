"""Calls from the gateway to a service: over RabbitMQ, and past it while it is away.

The broker road: one channel per process, direct reply-to, transient mandatory messages that expire
with the call; no confirms, because the reply is the confirmation.
The direct road: the same bytes to the service's own port (`ops.py`). It is taken while the broker
cannot be reached or is mute (an alarm stops it from taking anything, a broken network swallows it),
and for calls whose reply the lost connection took along. Trying again is safe: every changing call
carries an idempotency key, which is stored with the effect.
"""

import http.client
import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import amqp
import msgspec
from eventlet.event import Event as Signal
from eventlet.timeout import Timeout

from services.chassis import frames, metrics, wire
from services.chassis.broker import CONNECTION_ERRORS, Link
from services.chassis.calls import Call, read_reply
from services.chassis.config import Config
from services.chassis.logs import get_logger
from services.chassis.topology import call_queue_name, work_queue_name
from services.contracts.base import ANONYMOUS, Actor, DeadlineExceeded, Unavailable

REPLY_TO = "amq.rabbitmq.reply-to"
TOO_LATE = "服务没有及时应答，请稍后查询结果或重试。"
# After this share of its time a call asks whether anything at all has come over the broker meanwhile.
PATIENCE = 0.5
# A broker that was mute is tried again by one call each time this has passed.
MUTE_SECONDS = 5.0
log = get_logger(__name__)


class CallFailed(Exception):
    """The service hit an error it does not explain; its log does."""


class _Lost(Exception):
    """The connection went before the reply came."""


class _NoQueue(Exception):
    """The service has never been there."""


class _NoRoad(Exception):
    """Past the broker, the service is not to be reached."""


_LOST: tuple[type[BaseException], ...] = (_Lost, *CONNECTION_ERRORS)


class RpcClient:
    """Calls services by name; one per process, many greenthreads at once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._waiting: dict[str, Signal] = {}
        self._ids = itertools.count()
        self._heard_at = 0.0
        self._mute_until: dict[str, float] = {}
        self.link = Link(config, purpose="calls", on_up=self._on_up, on_down=self._on_down)

    def call(
        self,
        service: str,
        method: str,
        data: dict[str, Any],
        *,
        actor: Actor = ANONYMOUS,
        idempotency_key: str | None = None,
        request_id: str = "",
        traceparent: str = "",
        address: str = "",
        timeout: float | None = None,
    ) -> Any:
        """The answer as plain JSON values, or the service's error raised as its own class.

        Raises `DeadlineExceeded` after `timeout` seconds (the call will not start any more then),
        `Unavailable` when neither road leads to the service.
        """
        deadline = time.time() + (timeout or self._config.rpc_timeout)
        call = Call(
            method=method,
            data=data,
            deadline=deadline,
            actor=actor,
            idempotency_key=idempotency_key,
            request_id=request_id,
            traceparent=traceparent,
            address=address,
        )
        body = wire.dumps(call)
        road, outcome = "broker" if self.link.channel else "direct", "ok"
        try:
            road, raw = self._ask(service, body, deadline)
            return _opened(raw)
        except DeadlineExceeded:
            outcome = "deadline"
            raise
        except Unavailable:
            outcome = "unavailable"
            raise
        finally:
            metrics.CALLS_SENT.labels("gateway", service, road, outcome).inc()

    def tell(self, process: str, message_id: str) -> bool:
        """Send word, which waits for its reader, that there is work; False while the broker is away."""
        channel = self.link.channel
        if channel is None:
            return False
        properties = frames.event_properties(content_type="text/plain", headers={}, message_id=message_id)
        try:
            frames.publish(channel, b"", properties, routing_key=work_queue_name(process))
        except CONNECTION_ERRORS:
            return False
        return True

    def _ask(self, service: str, body: bytes, deadline: float) -> tuple[str, bytes]:
        """The road by which the reply came, and the reply."""
        if self.link.channel is None or time.monotonic() < self._mute_until.get(service, 0.0):
            with suppress(_NoRoad):
                return "direct", self._directly(service, body, deadline)
        channel = self.link.channel
        if channel is None:
            raise Unavailable("服务暂时不可用，请稍后再试。")
        return self._by_broker(channel, service, body, deadline)

    def _by_broker(
        self, channel: amqp.Channel, service: str, body: bytes, deadline: float
    ) -> tuple[str, bytes]:
        sent_at = time.monotonic()
        if service in self._mute_until:
            self._mute_until[service] = sent_at + MUTE_SECONDS
        correlation_id = str(next(self._ids))
        signal = self._waiting[correlation_id] = Signal()
        left = deadline - time.time()
        properties = frames.call_properties(
            correlation_id=correlation_id, reply_to=REPLY_TO, expires_after=max(1, int(left * 1000))
        )
        try:
            frames.publish(channel, body, properties, routing_key=call_queue_name(service), mandatory=True)
            with Timeout(left * PATIENCE, False):
                return "broker", bytes(signal.wait())
            if self._heard_at < sent_at:
                self._mute_until[service] = time.monotonic() + MUTE_SECONDS
                with suppress(_NoRoad):
                    return "direct", self._directly(service, body, deadline)
            with Timeout(deadline - time.time(), DeadlineExceeded(TOO_LATE)):
                return "broker", bytes(signal.wait())
        except _LOST:
            try:
                return "direct", self._directly(service, body, deadline)
            except _NoRoad:
                # Not `Unavailable`: the call may still lie in its queue, and run before its deadline.
                raise DeadlineExceeded(TOO_LATE) from None
        except _NoQueue as error:
            raise Unavailable("服务尚未启动，请稍后再试。") from error
        finally:
            self._waiting.pop(correlation_id, None)

    def _directly(self, service: str, body: bytes, deadline: float) -> bytes:
        left = deadline - time.time()
        if left <= 0:
            raise DeadlineExceeded(TOO_LATE)
        host, port = self._config.ops_address(service)
        connection = http.client.HTTPConnection(host, port, timeout=left)
        try:
            connection.request("POST", "/call", body, {"Authorization": direct_token(self._config)})
            response = connection.getresponse()
            reply = response.read()
        except TimeoutError as error:
            raise DeadlineExceeded(TOO_LATE) from error
        except (OSError, http.client.HTTPException) as error:
            raise _NoRoad from error
        finally:
            connection.close()
        if response.status == 504:
            raise DeadlineExceeded(TOO_LATE)
        if response.status != 200:
            raise _NoRoad
        return reply

    def _on_up(self, channel: amqp.Channel) -> None:
        channel.events["basic_return"].add(self._on_return)
        channel.basic_consume(REPLY_TO, no_ack=True, callback=self._on_reply)

    def _on_reply(self, message: amqp.Message) -> None:
        self._heard_at = time.monotonic()
        self._mute_until.clear()
        self._settle(message, lambda signal: signal.send(message.body))

    def _on_return(self, _error: Any, _exchange: str, _routing_key: str, message: amqp.Message) -> None:
        self._settle(message, lambda signal: signal.send_exception(_NoQueue()))

    def _settle(self, message: amqp.Message, act: Callable[[Signal], None]) -> None:
        signal = self._waiting.pop(message.properties.get("correlation_id", ""), None)
        if signal is not None:
            act(signal)

    def _on_down(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for signal in waiting.values():
            signal.send_exception(_Lost())


def _opened(raw: bytes) -> Any:
    reply = read_reply(raw)
    if reply.error is not None:
        if reply.error["kind"] == "failed":
            raise CallFailed("the service failed; see its log")
        raise wire.read_error(reply.error)
    return msgspec.json.decode(reply.answer)


def direct_token(config: Config) -> str:
    """What the gateway shows at a service's own port; derived, so that nobody has to hand it out."""
    return f"Bearer {config.derived('direct-calls').hex()}"


class ReplyChannel:
    """Answers calls that came over one broker connection."""

    def __init__(self, channel: amqp.Channel) -> None:
        self._channel = channel

    def send(self, message: amqp.Message, reply: bytes | None) -> None:
        """Reply, then acknowledge.

        If the connection went meanwhile, the broker delivers the call again, its key finds the
        first answer, and the reply goes out then; raising here would only kill the process.
        """
        with suppress(*CONNECTION_ERRORS):
            if reply is not None:
                asked = message.properties
                properties = frames.reply_properties(correlation_id=asked.get("correlation_id", ""))
                frames.publish(self._channel, reply, properties, routing_key=asked.get("reply_to", ""))
            frames.acknowledge(self._channel, message.delivery_tag)
