"""Word to a process beside the services that there is work for it; what the work is stands in its database.

`rpc.RpcClient.tell` sends it. A lost or doubled message does no harm: its reader looks by itself, too.
"""

from collections.abc import Callable

import amqp

from services.chassis.broker import Link
from services.chassis.config import Config
from services.chassis.topology import declare_work


def ear(config: Config, process: str, ring: Callable[[], None]) -> Link:
    """Calls `ring` for every message to `process`, in the thread that runs the link."""

    def listen(channel: amqp.Channel) -> None:
        # A message that was told has done its work, so none is acknowledged.
        channel.basic_consume(declare_work(channel, process), no_ack=True, callback=lambda _message: ring())

    return Link(config, purpose=process, on_up=listen)
