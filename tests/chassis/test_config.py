"""Settings: each wrong one is told in one sentence that names it."""

import os
import subprocess
import sys

import pytest

from services.chassis.config import PROCESSES, SAMPLE_SECRET, ConfigError, load

STRONG = "s" * 32


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GONGZHI_ENV", "test"),
        ("GONGZHI_HTTP_PORT", "eighty"),
        ("GONGZHI_HTTP_PORT", "0"),
        ("GONGZHI_HTTP_PORT", "65536"),
        ("GONGZHI_HTTP_PORT", "-1"),
        ("GONGZHI_HTTP_PORT", ""),
        ("GONGZHI_OPS_PORT", "1.5"),
        ("GONGZHI_OPS_PORT", "８６１０x"),
        ("GONGZHI_POLL_DAYS", "soon"),
        ("GONGZHI_POLL_DAYS", "0"),
        ("GONGZHI_POLL_DAYS", "nan"),
        ("GONGZHI_POLL_DAYS", "inf"),
        ("GONGZHI_RPC_TIMEOUT", "-5"),
        ("GONGZHI_RETRY_SECONDS", ""),
        ("GONGZHI_RETRY_SECONDS", "10,,60"),
        ("GONGZHI_RETRY_SECONDS", "10,soon"),
        ("GONGZHI_WECOM_URL", "ftp://example"),
        ("GONGZHI_WECOM_URL", "http://"),
        ("GONGZHI_SMTP_URL", "http://mail"),
        ("GONGZHI_DATABASE_URL", "mysql://db/x"),
        ("GONGZHI_AMQP_URL", "http://broker"),
        ("GONGZHI_AMQP_URL", "amqp://a/v;redis://b"),
        ("GONGZHI_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(variable: str, value: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load({variable: value})

    sentence = str(wrong.value)
    assert variable in sentence
    assert "\n" not in sentence
    assert sentence.endswith("。")


PRODUCTION = {
    "GONGZHI_ENV": "production",
    "GONGZHI_SECRET": "0123456789abcdef0123456789abcdef",
    "GONGZHI_PUBLIC_URL": "https://shequ.example",
    "GONGZHI_DATABASE_URL": "postgresql://owner:k7Tq2mZ9@db:5432/postgres",
    "GONGZHI_AMQP_URL": "amqps://gongzhi:k7Tq2mZ9@mq-1/gongzhi;amqps://gongzhi:k7Tq2mZ9@mq-2/gongzhi",
}


def test_production_starts_with_secrets_of_its_own() -> None:
    assert load(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GONGZHI_SECRET", None),
        ("GONGZHI_SECRET", "development-only-secret"),
        ("GONGZHI_SECRET", "short"),
        ("GONGZHI_PUBLIC_URL", None),
        ("GONGZHI_PUBLIC_URL", "http://shequ.example"),
        ("GONGZHI_DATABASE_URL", "postgresql://postgres:postgres@db:5432/postgres"),
        ("GONGZHI_DATABASE_URL", "postgresql://postgres@db:5432/postgres"),
        ("GONGZHI_CLAIMS_DATABASE_URL", "postgresql://claims:changeme@db/claims"),
        ("GONGZHI_AMQP_URL", "amqp://guest:guest@mq/"),
        ("GONGZHI_AMQP_URL", "amqp://mq/gongzhi"),
        ("GONGZHI_AMQP_URL", "amqps://gongzhi:k7Tq2mZ9@mq-1/gongzhi;amqps://gongzhi:GongZhi@mq-2/gongzhi"),
    ],
)
def test_production_refuses_what_everybody_knows(variable: str, value: str | None) -> None:
    variables = {**PRODUCTION, variable: value or ""}
    if value is None:
        del variables[variable]

    with pytest.raises(ConfigError, match=variable) as refused:
        load(variables)
    assert "生产环境" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_starts_in_production_with_the_sample_secret(process: str) -> None:
    command = [sys.executable, "-m", "services.chassis.runner", process]
    environment = {**PRODUCTION, "GONGZHI_SECRET": SAMPLE_SECRET, "PATH": os.environ["PATH"]}

    refused = subprocess.run(
        [command[0], "-W", "ignore::DeprecationWarning", *command[1:]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert refused.returncode == 1
    sentence = refused.stderr.strip().splitlines()[-1]
    assert sentence.startswith("GONGZHI_SECRET 在生产环境必须设置")
    assert "Traceback" not in refused.stderr


def test_a_wrong_port_for_operators_is_named_when_it_is_asked_for() -> None:
    config = load({"GONGZHI_CLAIMS_OPS": "127.0.0.1:x"})

    with pytest.raises(ConfigError, match="GONGZHI_CLAIMS_OPS"):
        config.ops_address("claims")


def test_a_wrong_password_never_shows_in_the_sentence() -> None:
    for variable in ("GONGZHI_DATABASE_URL", "GONGZHI_AMQP_URL", "GONGZHI_SMTP_URL", "GONGZHI_WECOM_URL"):
        with pytest.raises(ConfigError) as wrong:
            load({variable: "gopher://user:hunter2@host/x"})
        assert "hunter2" not in str(wrong.value)


def test_every_service_has_a_database_role_and_password_of_its_own() -> None:
    config = load({"GONGZHI_SECRET": STRONG, "GONGZHI_DATABASE_URL": "postgresql://root:pw@db:5432/postgres"})

    assert config.database_url("claims") == (
        f"postgresql+psycopg2://gongzhi_claims:{config.database_password('claims')}@db:5432/gongzhi_claims"
    )
    assert config.database_password("claims") != config.database_password("staffing")


def test_a_services_own_address_wins() -> None:
    config = load({"GONGZHI_CLAIMS_DATABASE_URL": "postgresql+psycopg2://elsewhere/claims"})

    assert config.database_url("claims") == "postgresql+psycopg2://elsewhere/claims"


def test_nodes_of_a_cluster_are_separated_by_semicolons() -> None:
    config = load({"GONGZHI_AMQP_URL": "amqp://a/v;amqps://b/v"})

    assert config.amqp_urls == ("amqp://a/v", "amqps://b/v")


def test_processes_have_ports_of_their_own() -> None:
    config = load({})
    processes = ("gateway", "claims", "consultation", "staffing", "notifications", "jobs")

    assert len({config.ops_address(process) for process in processes}) == len(processes)


def test_what_is_derived_for_one_purpose_tells_nothing_of_another() -> None:
    config, other = load({"GONGZHI_SECRET": STRONG}), load({"GONGZHI_SECRET": STRONG + "!"})

    derived = {config.derived("a"), config.derived("b"), other.derived("a")}
    assert len(derived) == 3
    assert {len(key) for key in derived} == {32}
