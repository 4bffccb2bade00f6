"""Our echo: a service on the chassis that answers what it was sent, without its database (f3, f5)."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import query
from services.chassis.service import Service
from tests.bench.messages import Control, Note


class Echo(Service):
    name = "echo"

    control = Control()

    @query(Note)
    def echo(self, tx: Transaction, **said: Any) -> dict[str, Any]:
        return said
