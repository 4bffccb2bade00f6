"""The chain of staffing, empty at the beginning of every test, and the hands that write and break it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts
from services.chassis import audit_verify
from services.chassis.audit_chain import SignedHead, Signer
from services.chassis.audit_sealer import AuditSealer, head_file
from services.chassis.audit_tables import metadata
from services.chassis.audit_verify import Verdict
from services.chassis.calls import Call, read_reply
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.wire import read_error
from services.contracts.base import Actor, Role
from services.staffing.service import StaffingService
from tests.audit.everybody import CLASSES, Everybody
from tests.chassis.fixtures import caller, court, ping, pong, rally_id
from tests.gateway.fakes import Program
from tests.gateway.one_app import furnished
from tests.gateway.pages_app import PASSWORD
from tests.staffing.builders import CITY

__all__ = ["caller", "court", "ping", "pong", "rally_id"]

COMMUNITY = {
    "community_name": "花园社区",
    "street": "花园街道",
    "grade": "demonstration",
    "households": 3200,
    "population": 30000,
}


def empty_audit(url: str) -> None:
    """As the administrator alone can, and only past the triggers."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))


@dataclass(kw_only=True)
class Chain:
    """Staffing, its audit, and an administrator who may do anything to the database."""

    database: Database
    config: Config

    def ask(self, method: str, data: dict[str, Any], *, actor: Actor = CITY, **rest: Any) -> Any:
        """What the broker would bring; the answer, or the refusal raised."""
        service = StaffingService()
        service.db = self.database  # type: ignore[assignment]  # what nameko puts there
        call = Call(method=method, data=data, deadline=time.time() + 10, actor=actor, **rest)
        reply = read_reply(getattr(service, method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        return msgspec.json.decode(reply.answer)

    def register(self, number: int = 1, **rest: Any) -> dict[str, Any]:
        rest.setdefault("idempotency_key", str(uuid4()))
        code = f"231102{number:06}"
        registered: dict[str, Any] = self.ask("register_community", {**COMMUNITY, "code": code}, **rest)
        return registered

    def entries(self) -> list[Any]:
        with self.database.looking() as connection:
            return list(connection.execute(sa.text("SELECT * FROM audit.entries ORDER BY entry_id")))

    @property
    def file(self) -> Path:
        return head_file(self.config, "staffing")

    def seal(self, *, sign: bool = True) -> SignedHead | None:
        """What the process that leads does in its turn, with all it does at its start."""
        sealer = AuditSealer(self.database, self.config)
        with self.database.engine.connect() as connection:
            tree, _ = sealer.begin(connection)
            while sealer.chain_some(connection, tree):
                pass
            return sealer.sign(connection, tree) if sign else None

    def verify(self) -> Verdict:
        with self.database.engine.connect() as connection:
            return audit_verify.verify(connection, "staffing", Signer(self.config), file=self.file)

    @contextmanager
    def as_administrator(self) -> Iterator[sa.Connection]:
        """With the triggers out of the way, as only the administrator can put them."""
        engine = sa.create_engine(self.administrator_url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection

    @property
    def administrator_url(self) -> str:
        url = sa.make_url(self.config.admin_database_url).set(database="gongzhi_staffing")
        return url.render_as_string(hide_password=False)


@pytest.fixture
def chain(service_db: Callable[[str], Database], settings: Config, tmp_path: Path) -> Chain:
    config = load({**settings.variables, "GONGZHI_AUDIT_HEADS": str(tmp_path / "heads")})
    made = Chain(database=service_db("staffing"), config=config)
    empty_audit(made.administrator_url)
    return made


@pytest.fixture
def services(service_db: Callable[[str], Database], settings: Config) -> Everybody:
    for name in ("gateway", *(cls.name for cls in CLASSES)):
        url = sa.make_url(settings.admin_database_url).set(database=f"gongzhi_{name}")
        empty_audit(url.render_as_string(hide_password=False))
    return Everybody(service_db)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("gateway")


@pytest.fixture
def app(settings: Config, services: Everybody, database: Database) -> Flask:
    return furnished(settings, services, database=database)


@pytest.fixture
def signed_in(app: Flask, database: Database) -> Callable[[Role], Program]:
    def sign_in(role: Role) -> Program:
        accounts.add_user(
            database, username=f"user-{role}", display_name=role.label, password=PASSWORD, roles=(role,)
        )
        client = app.test_client()
        opened = client.post("/api/v1/session", json={"username": f"user-{role}", "password": PASSWORD})
        return Program(client, opened.json["token"])

    return sign_in
