"""What the process says at its start when single sign-on is set up wrongly."""

import os
import subprocess
import sys

import pytest

from gateway.auth.sso.settings import drivers
from services.chassis.config import ConfigError, load

OIDC = {
    "GONGZHI_SSO_CITY_KIND": "oidc",
    "GONGZHI_SSO_CITY_ISSUER": "https://sso.example.gov.cn/",
    "GONGZHI_SSO_CITY_CLIENT_ID": "gongzhi",
}
PRODUCTION = {
    "GONGZHI_ENV": "production",
    "GONGZHI_SECRET": "x" * 32,
    "GONGZHI_PUBLIC_URL": "https://gongzhi.example.gov.cn",
}


def test_without_variables_there_is_no_other_way_in() -> None:
    assert drivers(load({})) == {}


def test_each_name_becomes_one_way_in() -> None:
    made = drivers(
        load({**OIDC, "GONGZHI_SSO_ABC_KIND": "cas", "GONGZHI_SSO_ABC_URL": "https://cas.example"})
    )

    assert {name: driver.provider.label for name, driver in made.items()} == {"abc": "ABC", "city": "CITY"}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"GONGZHI_SSO_CITY_KIND": "saml"},
            "GONGZHI_SSO_CITY_KIND 应为 oidc、cas、ticket 之一，现在是“saml”。",
        ),
        ({"GONGZHI_SSO_CITY_KIND": ""}, "现在是“”。"),
        ({"GONGZHI_SSO_CITY_ISSUER": ""}, "没有设置 GONGZHI_SSO_CITY_ISSUER（单点登录“CITY”需要它）。"),
        ({"GONGZHI_SSO_CITY_ISSUER": "sso.example"}, "GONGZHI_SSO_CITY_ISSUER 应为 https/http 地址"),
        ({**PRODUCTION, "GONGZHI_SSO_CITY_ISSUER": "http://sso.example"}, "应为 https 地址"),
        ({"GONGZHI_SSO_CITY_ISSUER": "https://u:p@sso.example"}, "无法识别"),
        ({"GONGZHI_SSO_CITY_CLIENT_ID": ""}, "没有设置 GONGZHI_SSO_CITY_CLIENT_ID"),
        ({"GONGZHI_SSO_CITY_SCOPE": "profile"}, "必须有 openid"),
        ({"GONGZHI_SSO_CITY_TIMEOUT": "90"}, "1 到 30 的整数秒"),
        ({"GONGZHI_SSO_CITY_SECOND_FACTOR": "mfa"}, "应为 amr=mfa 这样的"),
        ({"GONGZHI_SSO_CITY_CLIENTID": "x"}, "没有 GONGZHI_SSO_CITY_CLIENTID 这个设置项"),
        ({"GONGZHI_SSO_CITY_URL": "https://x"}, "没有 GONGZHI_SSO_CITY_URL 这个设置项（或与 KIND 不符）"),
        ({"GONGZHI_SSO_KIND": "oidc"}, "GONGZHI_SSO_KIND 无法识别"),
        ({"GONGZHI_SSO_my_KIND": "oidc"}, "GONGZHI_SSO_my_KIND 无法识别"),
        (
            {"GONGZHI_SSO_T_KIND": "ticket", "GONGZHI_SSO_T_LOGIN_URL": "https://x/login"},
            "GONGZHI_SSO_T_LOGIN_URL 中应有 {return_url}",
        ),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_wrong_value_is_told_in_one_sentence(changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as told:
        drivers(load({**OIDC, **changed}))

    assert sentence in str(told.value)
    assert str(told.value).count("。") == 1


def test_the_gateway_says_it_and_does_not_start() -> None:
    variables = {
        "GONGZHI_SSO_CITY_KIND": "saml",
        "GONGZHI_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "GONGZHI_AMQP_URL": "amqp://nobody@127.0.0.1:1/",
    }

    started = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "services.chassis.runner", "gateway"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert started.returncode == 1
    assert started.stderr == "GONGZHI_SSO_CITY_KIND 应为 oidc、cas、ticket 之一，现在是“saml”。\n"
