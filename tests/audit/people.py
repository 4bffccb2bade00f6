"""Who signs in to the gateway, what they do, and what the audit then says."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.conftest import COMMUNITY
from tests.gateway.fakes import Program

NAMES = ("claims", "consultation", "gateway", "notifications", "staffing")
SignIn = Callable[[Role], Program]


def rows(database: Database) -> list[Any]:
    with database.looking() as connection:
        return list(connection.execute(sa.text("SELECT * FROM audit.entries ORDER BY entry_id")))


def told(database: Database) -> list[tuple[str, str, str]]:
    return [(row.act, row.outcome, row.code) for row in rows(database)]


def register(program: Program, number: int) -> dict[str, Any]:
    community = {**COMMUNITY, "code": f"231102{number:06}"}
    answered = program.post("/communities", json=community)
    assert answered.status_code == 201, answered.text
    return dict(answered.json)
