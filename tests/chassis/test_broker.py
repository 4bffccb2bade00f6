"""Connections and messages of the broker."""

import amqp

from services.chassis.broker import EventMessage


def test_an_event_message_is_encoded_as_the_library_would() -> None:
    headers = {"ce-id": "0193", "ce-subject": "主题", "traceparent": ""}

    ours = EventMessage(b"{}", content_type="application/json", message_id="m-1", headers=headers)

    theirs = amqp.Message(
        b"{}",
        content_type="application/json",
        delivery_mode=2,
        message_id="m-1",
        application_headers=headers,
    )
    assert ours._serialize_properties() == theirs._serialize_properties()
