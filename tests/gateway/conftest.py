"""The whole app on fake services and the gateway's own, real database."""

import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.auth import accounts
from gateway.auth.grants import SCOPES
from gateway.files.storage import files_of
from gateway.jobs import worker as workers
from gateway.jobs.desk import Desk
from gateway.jobs.worker import Worker
from gateway.storage.grants import Scope
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.fakes import FakeServices, Program, SignIn
from tests.gateway.one_app import furnished

PASSWORD = "correct-horse-battery"


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("gateway")


@pytest.fixture
def app(settings: Config, services: FakeServices, database: Database) -> Flask:
    return furnished(settings, services, database=database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, database: Database) -> SignIn:
    """`signed_in(Role.CITY_ADMIN)`: a program with a new account of that role."""

    def sign_in(role: Role, *, community_ids: tuple[UUID, ...] = (), unit_id: UUID | None = None) -> Program:
        if role is Role.UNIT_LIAISON and unit_id is None:
            unit_id = UUID(int=7)
        if Scope.COMMUNITY in SCOPES[role] and not community_ids:
            community_ids = (UUID(int=8),)
        user = accounts.add_user(
            database,
            username=f"user-{role}",
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            community_ids=community_ids,
            unit_id=unit_id,
        )
        client = app.test_client()
        opened = client.post("/api/v1/session", json={"username": user.username, "password": PASSWORD})
        assert opened.status_code == 201, opened.text
        return Program(client, opened.json["token"])

    return sign_in


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def working(settings: Config, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """At work without a broker, and quick to look."""
    monkeypatch.setattr(workers, "POLL_SECONDS", 0.1)
    worker = Worker(database, files_of(settings))
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield worker
    worker.stop()
    thread.join(timeout=20)
