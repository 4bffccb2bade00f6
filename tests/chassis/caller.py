"""A process that makes calls as the gateway does, told what to call by JSON lines.

The RPC client needs the event loop that the test session itself does without.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    import eventlet
    import eventlet.hubs
    import eventlet.patcher

    from services.chassis import logs, metrics
    from services.chassis.config import load
    from services.chassis.rpc import CallFailed, RpcClient
    from services.contracts.base import Actor, GongzhiError

    # Not the event loop's own kind of file: a line must leave in one piece.
    write = eventlet.patcher.original("os").write
    answers = os.dup(1)
    os.dup2(2, 1)
    logs.configure(process="caller")
    client = RpcClient(load())
    eventlet.spawn(client.link.run)

    def say(number: int, **said: Any) -> None:
        line = json.dumps({"number": number, **said}).encode() + b"\n"
        while line:
            line = line[write(answers, line) :]

    def call(number: int, wanted: dict[str, Any]) -> None:
        actor = Actor(actor_id=wanted.pop("actor", "anonymous"))
        try:
            say(number, answer=client.call(**wanted, actor=actor))
        except (GongzhiError, CallFailed) as error:
            fields = getattr(error, "fields", {})
            say(number, error=type(error).__name__, message=str(error), fields=fields)

    def roads() -> dict[str, float]:
        counted = {"broker": 0.0, "direct": 0.0}
        for family in metrics.CALLS_SENT.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    counted[sample.labels["road"]] += sample.value
        return counted

    unread = b""
    while True:
        eventlet.hubs.trampoline(0, read=True)
        chunk = os.read(0, 1 << 20)
        if not chunk:
            return
        *lines, unread = (unread + chunk).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if order["do"] == "call":
                eventlet.spawn_n(call, order["number"], order["call"])
            elif order["do"] == "roads":
                say(order["number"], answer=roads())
            else:
                say(order["number"], answer=client.link.channel is not None)


if __name__ == "__main__":
    import eventlet

    eventlet.monkey_patch()
    sys.path.insert(0, os.getcwd())
    # The contracts of the services called: their errors arrive as their own classes.
    import tests.chassis.pingpong  # noqa: F401

    main()
