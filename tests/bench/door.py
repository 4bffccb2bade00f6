"""Bare HTTP to RPC (f5): the gateway's web server and entrypoint, and behind them only the echo."""

from collections.abc import Iterable
from typing import Any

import orjson
from werkzeug.datastructures import Headers

from gateway.host import HttpDoor, Server
from gateway.webserver import Environ, WebServer
from services.chassis.config import load
from services.chassis.service import RpcProvider, Service
from tests.bench.messages import Control


class EchoServer(Server):
    def start(self) -> None:
        if not hasattr(self, "web"):
            config = load()
            self.web = WebServer(
                (config.bind, int(config.variables["GONGZHI_BENCH_PORT"])), self._application
            )
            self.web.start()

    def close(self) -> None:
        self.web.close()


class EchoDoor(HttpDoor):
    server = EchoServer()


class Door(Service):
    name = "door"

    rpc = RpcProvider()
    control = Control()

    @EchoDoor.decorator
    def answer(self, environ: Environ) -> tuple[Iterable[bytes], str, Any]:
        said = orjson.loads(environ["wsgi.input"].read())
        body = orjson.dumps(self.rpc.call("echo", "echo", said))
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        return [body], "200 OK", headers
