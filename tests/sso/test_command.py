"""Linking by an administrator, on the command line."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from deploy.gongzhi.users import command
from deploy.local.stack import LocalStack
from gateway.auth import accounts
from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.people import rows


@pytest.fixture
def run(
    service_db: Callable[[str], Database], stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    variables = {"GONGZHI_SSO_CITY_KIND": "cas", "GONGZHI_SSO_CITY_URL": "https://cas.example"}
    for name, value in {**stack.environment(), **variables, "GONGZHI_SSO_CITY_LABEL": "市认证"}.items():
        monkeypatch.setenv(name, value)
    for name in ("wang", "li"):
        accounts.add_user(
            service_db("gateway"),
            username=name,
            display_name=name,
            password="correct-horse-battery",
            roles=(Role.CITY_OFFICER,),
        )
    return lambda *arguments: CliRunner().invoke(command, arguments).output


def test_an_administrator_links_a_staff_number_beforehand(run: Callable[..., str]) -> None:
    told = run("link", "wang", "--provider", "city", "--subject", "230101")

    assert "账号 wang 今后可以用“市认证”登录" in told
    [identity] = json.loads(run("identities", "--json"))
    assert (identity["username"], identity["provider"], identity["subject"]) == ("wang", "city", "230101")
    assert "230101" in run("identities")


def test_what_cannot_be_linked_is_said_in_a_sentence(run: Callable[..., str]) -> None:
    run("link", "wang", "--provider", "city", "--subject", "230101")

    assert "别的账号" in run("link", "li", "--provider", "city", "--subject", "230101")
    assert "另一个身份" in run("link", "wang", "--provider", "city", "--subject", "230102")
    assert "没有用户" in run("link", "nobody", "--provider", "city", "--subject", "1")
    assert "没有设置名为“cty”的登录系统，现有：city。" in run(
        "link", "wang", "--provider", "cty", "--subject", "1"
    )


def test_a_link_is_undone_and_both_are_noted(
    run: Callable[..., str], service_db: Callable[[str], Database]
) -> None:
    run("link", "wang", "--provider", "city", "--subject", "230101")

    assert "已解除" in run("unlink", "wang", "--provider", "city")
    assert "没有绑定" in run("unlink", "wang", "--provider", "city")
    assert json.loads(run("identities", "--json")) == []
    wang = accounts.get_user(service_db("gateway"), username="wang")
    noted = [row for row in rows(service_db("gateway")) if row.record_id == str(wang.user_id)]
    assert [row.act for row in noted] == ["gateway.link_identity", "gateway.unlink_identity"]
    assert all(row.reason == "city" and row.actor_id.startswith("console:") for row in noted)
