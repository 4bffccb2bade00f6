"""Sign-in systems that tests may falsify."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from deploy.local.stack import LocalStack
from gateway.app import create_app
from gateway.auth import accounts
from gateway.auth.sso import sign_on
from gateway.storage.users import User
from services.chassis.config import load
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.fake_services import FakePlatform
from tests.sso.people import LABEL, PASSWORD
from tests.sso.servers import OpenId


@pytest.fixture
def openid() -> Iterator[OpenId]:
    with OpenId() as running:
        yield running


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("gateway")


@pytest.fixture
def other() -> Iterator[OpenId]:
    """A second provider, to mix up with the first."""
    with OpenId() as running:
        yield running


@pytest.fixture
def app(stack: LocalStack, database: Database, openid: OpenId, other: OpenId) -> Flask:
    variables = {"GONGZHI_PUBLIC_URL": "http://localhost", "GONGZHI_SSO_CITY_SECOND_FACTOR": "amr=mfa"}
    for name, server in (("CITY", openid), ("OTHER", other)):
        variables |= {
            f"GONGZHI_SSO_{name}_KIND": "oidc",
            f"GONGZHI_SSO_{name}_LABEL": LABEL if name == "CITY" else "省统一身份认证",
            f"GONGZHI_SSO_{name}_ISSUER": server.url,
            f"GONGZHI_SSO_{name}_CLIENT_ID": server.client_id,
            f"GONGZHI_SSO_{name}_CLIENT_SECRET": server.client_secret,
        }
    return create_app(load({**stack.environment(), **variables}), FakePlatform(), database=database)


@pytest.fixture
def wang(database: Database) -> User:
    return accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )


@pytest.fixture
def linked(database: Database, wang: User) -> User:
    sign_on.link(database, provider="city", subject="u-1001", user=wang)
    return wang
