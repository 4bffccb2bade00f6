"""The gateway's app, made once for all tests of a process: its hundreds of routes take a third of a second."""

from functools import cache
from typing import Any, cast

from flask import Flask

from gateway.app import create_app, furnish
from gateway.calls import Services
from services.chassis.config import Config, load
from services.chassis.db import Database


def furnished(config: Config, services: Any, *, database: Database | None) -> Flask:
    """As `create_app` makes it, with nothing of an earlier test left in it.

    For tests that have one app at a time, and configurations that differ in addresses only.
    """
    app, settings, extensions = _made()
    for one, as_made in ((app.config, settings), (app.extensions, extensions)):
        one.clear()
        one.update(as_made)
    furnish(app, config, services, database=cast(Database, database))
    return app


@cache
def _made() -> tuple[Flask, dict[str, Any], dict[str, Any]]:
    app = create_app(load({}), cast(Services, None), database=cast(Database, None))
    return app, dict(app.config), dict(app.extensions)
