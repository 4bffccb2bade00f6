"""How the gateway is served: Flask inside a nameko process.

A catch-all HTTP entrypoint calls the Flask app in a worker's context, so that work is bounded and a
stop waits for it. Event streams have an entrypoint of their own that takes no worker: they last for
minutes and mostly wait. `webserver.py` knows HTTP, this file knows nameko.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from flask import Flask
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, ProviderCollector, SharedExtension
from werkzeug.test import run_wsgi_app

from gateway.app import create_app
from gateway.auth.session import STREAM
from gateway.auth.sso.settings import drivers
from gateway.headers import browser_limits
from gateway.incoming import Bounds, Environ
from gateway.settings import Settings
from gateway.webserver import StartResponse, WebServer
from services.chassis.config import Config, load
from services.chassis.live import LiveFeed
from services.chassis.service import RpcProvider, Service
from services.contracts.base import Event
from services.contracts.claims import events as claims
from services.contracts.consultation import events as consultation
from services.contracts.notifications import events as notifications
from services.contracts.staffing import events as staffing

# With so many requests waiting for a worker, another one would only be answered too late.
MOST_WAITING = 400
# Named, so that every area's events are loaded and heard.
_AREAS = (claims, consultation, staffing, notifications)


def check_settings(config: Config) -> None:
    """Raises `ConfigError` for what only the gateway reads."""
    Settings.of(config)
    drivers(config)


class Site(DependencyProvider):  # type: ignore[misc]
    """The Flask app, standing on the container's other dependencies."""

    app: Flask | None = None

    def get_dependency(self, worker_ctx: Any) -> Flask:
        return self.built()

    def start(self) -> None:
        """Follow where communities are, for rights in streets."""
        follow = self.built().extensions["places"].follow
        self._following = eventlet.spawn(follow, self._found["live"])

    def stop(self) -> None:
        self._following.kill()

    def built(self) -> Flask:
        if self.app is None:
            found = self._found
            links = self.container.links
            self.app = create_app(
                load(),
                found["rpc"].client,
                database=self.container.database,
                feed=lambda: found["live"],
                broker_is_connected=lambda: links["calls"](),
                tell_of_job=lambda job_id: found["rpc"].client.tell("jobs", str(job_id)),
            )
        return self.app

    @property
    def _found(self) -> dict[str, Any]:
        return {provider.attr_name: provider for provider in self.container.dependencies}


class Server(ProviderCollector, SharedExtension):  # type: ignore[misc]
    """One listening socket for all HTTP entrypoints."""

    def start(self) -> None:
        if not hasattr(self, "web"):
            config = load()
            site = next(found for found in self.container.dependencies if isinstance(found, Site))
            self.app = site.built()
            bounds = Bounds.of(config.variables)
            self.web = WebServer(
                (config.bind, config.http_port),
                self._application,
                bounds,
                limits=browser_limits(is_production=config.is_production),
            )
            self.web.start()

    def close(self) -> None:
        """Take no new requests; streams end, so that their browsers go to another process."""
        self.web.close()
        self.app.extensions["streams"].close()

    def stop(self) -> None:
        super().stop()
        self.web.wait()

    def _application(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        doors = {door.path: door for door in self._providers}
        door = doors.get(environ["PATH_INFO"]) or doors.get("*")
        if door is None:
            return self.web.unavailable(start_response)
        answer: Iterable[bytes] = door.answer(environ, start_response)
        return answer


class HttpDoor(Entrypoint):  # type: ignore[misc]
    """Every request, in a worker."""

    server = Server()
    path = "*"

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.close()
        self.server.unregister_provider(self)

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if self.container._worker_pool.waiting() > MOST_WAITING:
            unavailable: Iterable[bytes] = self.server.web.unavailable(start_response)
            return unavailable
        done = Signal()
        self.container.spawn_worker(self, (environ,), {}, handle_result=partial(self._hand_over, done))
        chunks, status, headers = done.wait()
        start_response(status, headers.to_wsgi_list())
        answer: Iterable[bytes] = chunks
        return answer

    @staticmethod
    def _hand_over(done: Signal, _worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        done.send(result, exc_info)
        return result, exc_info


class StreamDoor(HttpDoor):
    """Requests for the event stream, beside the workers."""

    path = STREAM

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        worker_ctx = WorkerContext(self.container, self.container.service_cls(), self)
        self.container._inject_dependencies(worker_ctx)
        stream: Callable[[Environ, StartResponse], Iterable[bytes]]
        stream = getattr(worker_ctx.service, self.method_name)
        return stream(environ, start_response)


def _all_events(cls: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event of every area (`_AREAS` has loaded them); classes that only others share are left out."""
    for direct in cls.__subclasses__():
        if direct.__subclasses__():
            yield from _all_events(direct)
        else:
            yield direct


class GatewayService(Service):
    name = "gateway"

    rpc = RpcProvider()
    live = LiveFeed(*_all_events())
    site = Site()
    # It has a chain of its own, but answers no calls.
    list_audit = None  # type: ignore[assignment]
    get_audit_state = None  # type: ignore[assignment]

    @HttpDoor.decorator
    def answer(self, environ: Environ) -> tuple[Iterable[bytes], str, Any]:
        # A file is read as fast as its reader takes it; whole in memory, slow readers would fill that.
        is_file = environ["PATH_INFO"].startswith("/static/")
        return run_wsgi_app(self.site, environ, buffered=not is_file)

    @StreamDoor.decorator
    def follow(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        chunks: Iterable[bytes] = self.site(environ, start_response)
        return chunks
