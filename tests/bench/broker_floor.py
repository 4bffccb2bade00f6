"""The broker at its plainest (f4): kombu, one message and one confirm at a time; then take and acknowledge."""

import os
import time
from typing import Any
from uuid import uuid4

import kombu

from services.chassis.clock import utc_now
from services.chassis.tracing import new_traceparent
from services.chassis.wire import JSON, Envelope, write_event
from tests.bench.contracts import Stocked
from tests.bench.control import serve

PREFETCHED = 200
QUEUE = kombu.Queue("bench.floor", durable=True, queue_arguments={"x-queue-type": "quorum"})


class Floor:
    def __init__(self) -> None:
        url = os.environ["GONGZHI_AMQP_URL"]
        self._sending = kombu.Connection(url, transport_options={"confirm_publish": True})
        self._receiving = kombu.Connection(url)
        QUEUE.bind(self._sending.default_channel).declare()

    def publish(self, seconds: float) -> dict[str, Any]:
        """As many as go in the time; they stay in the queue for `consume`."""
        producer = self._sending.Producer()
        event = Stocked(shelf_id=uuid4(), number=1, occurred_at=utc_now())
        envelope = Envelope(
            event_id=str(uuid4()),
            source=event.source,
            name=event.name(),
            version=event.version,
            aggregate_id=str(event.shelf_id),
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent=new_traceparent(),
            body=write_event(event).encode(),
        )
        count = 0
        began = time.monotonic()
        while (ended := time.monotonic()) < began + seconds:
            producer.publish(
                envelope.body,
                routing_key=QUEUE.name,
                content_type=JSON,
                content_encoding="utf-8",
                delivery_mode=2,
                message_id=str(uuid4()),
                headers=envelope.headers(),
            )
            count += 1
        return {"count": count, "rate": count / (ended - began)}

    def consume(self, count: int) -> dict[str, Any]:
        left = count

        def on_message(message: Any) -> None:
            nonlocal left
            message.ack()
            left -= 1

        channel = self._receiving.channel()
        began = time.monotonic()
        with self._receiving.Consumer(
            [QUEUE], on_message=on_message, prefetch_count=PREFETCHED, channel=channel
        ):
            while left > 0:
                try:
                    self._receiving.drain_events(timeout=10)
                except TimeoutError as error:
                    raise RuntimeError(f"{left} of {count} messages did not come") from error
        elapsed = time.monotonic() - began
        channel.close()
        return {"count": count, "rate": count / elapsed}


if __name__ == "__main__":
    floor = Floor()
    serve({"ready": lambda: True, "publish": floor.publish, "consume": floor.consume})
