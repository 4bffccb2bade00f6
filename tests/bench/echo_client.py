"""Our caller of the echo (f3): the gateway's client, without a gateway around it."""

from typing import Any

import eventlet

from services.chassis.config import load
from services.chassis.rpc import RpcClient
from tests.bench.control import serve
from tests.bench.messages import NOTE
from tests.bench.timing import call_for, green


def main() -> None:
    client = RpcClient(load())
    eventlet.spawn(client.link.run)

    def ready() -> bool:
        with eventlet.Timeout(20):
            while client.link.channel is None:
                eventlet.sleep(0.05)
        return True

    def echo(seconds: float, at_once: int) -> dict[str, Any]:
        return call_for(seconds, at_once, green, lambda: client.call("echo", "echo", NOTE))

    serve({"ready": ready, "echo": echo})
