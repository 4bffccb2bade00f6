"""The echo of nameko as it comes (f2): its own `@rpc`, its own settings."""

import os
from typing import Any

from nameko.rpc import rpc
from nameko.runners import ServiceRunner

from tests.bench.messages import Control


class StockEcho:
    name = "stock_echo"

    control = Control()

    @rpc
    def echo(self, **said: Any) -> dict[str, Any]:
        return said


def main() -> None:
    runner = ServiceRunner({"AMQP_URI": os.environ["GONGZHI_AMQP_URL"]})
    runner.add_service(StockEcho)
    runner.start()
    runner.wait()
