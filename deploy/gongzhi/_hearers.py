"""The services whose inboxes and outboxes an operator may look at, each with its own role."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from deploy.gongzhi import PROJECT
from services.chassis.config import Config, ConfigError
from services.chassis.db import Database
from services.contracts.base import Event


def service_names() -> list[str]:
    return sorted(folder.parent.name for folder in (PROJECT / "services").glob("*/migrations"))


def event_classes() -> list[type[Event]]:
    """Every event of every service, by source and name."""
    from services.chassis.topology import events_of

    return [event for service in service_names() for event in events_of(service)]


@contextmanager
def opened(config: Config, service: str) -> Iterator[Database]:
    if service not in service_names():
        raise click.BadParameter(f"没有服务“{service}”；有：{'、'.join(service_names())}。")
    if not config.admin_database_url and f"GONGZHI_{service.upper()}_DATABASE_URL" not in config.variables:
        raise ConfigError("没有设置 GONGZHI_DATABASE_URL；在本机请先运行 script/server。")
    database = Database(config.database_url(service), service=service, pool_size=1)
    try:
        yield database
    finally:
        database.dispose()
