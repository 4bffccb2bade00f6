"""The caller of nameko's own echo (f2): its `RpcProxy` as every nameko service has it."""

import os
from types import SimpleNamespace
from typing import Any

from nameko.containers import WorkerContext
from nameko.rpc import RpcProxy
from nameko.runners import ServiceRunner

from tests.bench.control import Acts
from tests.bench.messages import NOTE, Control
from tests.bench.timing import call_for, green


class StockControl(Control):
    def acts(self) -> Acts:
        return {"echo": self.echo}

    def echo(self, seconds: float, at_once: int) -> dict[str, Any]:
        proxy = next(found for found in self.container.dependencies if found.attr_name == "stock")
        context = WorkerContext(
            self.container, self.container.service_cls(), SimpleNamespace(method_name="bench")
        )
        stock = proxy.get_dependency(context)
        return call_for(seconds, at_once, green, lambda: stock.echo(**NOTE))


class StockCaller:
    name = "stock_caller"

    stock = RpcProxy("stock_echo")
    control = StockControl()


def main() -> None:
    runner = ServiceRunner({"AMQP_URI": os.environ["GONGZHI_AMQP_URL"]})
    runner.add_service(StockCaller)
    runner.start()
    runner.wait()
