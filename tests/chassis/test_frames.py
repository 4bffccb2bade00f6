"""Frames encoded by hand are those that py-amqp would send."""

from typing import Any

import amqp
import pytest
from amqp.method_framing import frame_writer
from amqp.serialization import dumps

from services.chassis import frames
from services.chassis.broker import CONNECTION_ERRORS

FRAME_MAX = 4096


def test_on_a_channel_that_is_closed() -> None:
    channel = amqp.Channel.__new__(amqp.Channel)
    channel.connection = channel.channel_id = None

    with pytest.raises(CONNECTION_ERRORS):
        frames.acknowledge(channel, 1)
    with pytest.raises(CONNECTION_ERRORS):
        frames.publish(channel, b"", b"", routing_key="replies")


class Peer:
    """A channel, its connection and its transport in one, that keeps what is sent."""

    channel_id = 7
    frame_max = FRAME_MAX

    def __init__(self) -> None:
        self.connection = self.transport = self
        self.bytes_sent = 0
        self.sent = b""

    def write(self, frame: bytes) -> None:
        self.sent += bytes(frame)


def published_by_the_library(exchange: str, key: str, message: amqp.Message, *, mandatory: bool) -> bytes:
    peer = Peer()
    arguments = dumps("Bssbb", (0, exchange, key, mandatory, False))
    frame_writer(peer, peer)(1, peer.channel_id, (60, 40), arguments, message)
    return peer.sent


def published_by_us(body: bytes, properties: bytes, **address: Any) -> bytes:
    peer = Peer()
    frames.publish(peer, body, properties, **address)
    return peer.sent


BODIES = [b"", b"{}", "社区".encode() * 100, b"x" * (FRAME_MAX - 8), b"x" * (3 * FRAME_MAX + 1)]


@pytest.mark.parametrize("body", BODIES, ids=len)
@pytest.mark.parametrize("is_mandatory", [True, False])
def test_an_event(body: bytes, is_mandatory: bool) -> None:
    headers = {"ce-id": "0193", "ce-subject": "主题", "traceparent": ""}
    properties = frames.event_properties(content_type="application/json", headers=headers, message_id="m-1")

    ours = published_by_us(
        body, properties, exchange="claims.events", routing_key="item_claimed", mandatory=is_mandatory
    )

    message = amqp.Message(
        body,
        content_type="application/json",
        delivery_mode=2,
        message_id="m-1",
        application_headers=headers,
    )
    theirs = published_by_the_library("claims.events", "item_claimed", message, mandatory=is_mandatory)
    assert ours == theirs


def test_a_call() -> None:
    properties = frames.call_properties(correlation_id="42", reply_to="replies", expires_after=5000)

    ours = published_by_us(b"{}", properties, routing_key="claims.calls", mandatory=True)

    message = amqp.Message(b"{}", correlation_id="42", reply_to="replies", delivery_mode=1, expiration="5000")
    assert ours == published_by_the_library("", "claims.calls", message, mandatory=True)


def test_a_reply() -> None:
    properties = frames.reply_properties(correlation_id="42")

    ours = published_by_us(b"{}", properties, routing_key="replies")

    message = amqp.Message(b"{}", correlation_id="42", delivery_mode=1)
    assert ours == published_by_the_library("", "replies", message, mandatory=False)


def test_an_acknowledgement() -> None:
    ours, theirs = Peer(), Peer()

    frames.acknowledge(ours, 2**40)

    frame_writer(theirs, theirs)(1, 7, (60, 80), dumps("Lb", (2**40, False)), None)
    assert ours.sent == theirs.sent
