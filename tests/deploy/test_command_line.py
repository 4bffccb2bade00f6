"""The `gongzhi` command and `script/server`: databases of their own, and sentences instead of tracebacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.gongzhi import _databases
from deploy.local.errors import LocalServerError
from deploy.local.server import Server
from deploy.local.stack import LocalStack
from services.chassis import config as settings

PROJECT = Path(__file__).parents[2]


def gongzhi(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """With only these variables, and far from any other server's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGZHI_")}
    return subprocess.run(
        [sys.executable, "-m", "deploy.gongzhi", *arguments],
        cwd=PROJECT,
        env={**environment, "GONGZHI_ENV": "development", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_module_of_the_command_line_is_a_command() -> None:
    shown = gongzhi("--help")

    assert shown.returncode == 0
    assert {"run", "db", "doctor"} <= {line.split()[0] for line in shown.stdout.splitlines() if line.strip()}


def test_run_is_found_without_importing_what_must_be_patched_first() -> None:
    known = "import sys; from deploy import gongzhi; gongzhi.cli.get_command(None, 'run');"

    loaded = subprocess.run(
        [sys.executable, "-c", known + "print(*(name.partition('.')[0] for name in sys.modules))"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert not {"sqlalchemy", "kombu", "flask", "services", "gateway", "requests"} & set(loaded)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"GONGZHI_ENV": "test"}, "GONGZHI_ENV 应为 development 或 production"),
        ({"GONGZHI_DATABASE_URL": "mysql://somewhere"}, "GONGZHI_DATABASE_URL 应以 postgresql:// 开头"),
        ({"GONGZHI_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}, "连接不上"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(variables: dict[str, str], sentence: str) -> None:
    told = gongzhi("db", "migrate", **variables)

    assert told.returncode == 1
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_each_service_gets_a_database_that_nobody_else_enters(stack: LocalStack) -> None:
    variables = {**stack.environment(), "GONGZHI_SECRET": "test_each_service_gets_a_database"}
    config = settings.load(variables)
    made = [
        _databases.Database(name=name, url=config.database_url(name), migrations=Path(), is_ours_to_make=True)
        for name in ("sample_one", "sample_two")
    ]

    with _databases.administration(config) as connection:
        for _twice in range(2):
            for database in made:
                _databases.make(connection, database, password=config.database_password(database.name))

    with _databases.connected(made[0].url) as connection:
        found = connection.execute(
            sa.text("SELECT datcollate, pg_encoding_to_char(encoding), pg_get_userbyid(datdba) FROM pg_database"
                    " WHERE datname = current_database()")
        ).one()  # fmt: skip
    assert tuple(found) == ("C.UTF-8", "UTF8", "gongzhi_sample_one")
    foreign = sa.make_url(made[0].url).set(database=made[1].role, drivername="postgresql")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(foreign.render_as_string(hide_password=False))


def test_doctor_finds_a_broker_and_a_database(stack: LocalStack) -> None:
    told = gongzhi("doctor", "--json", **stack.environment())

    findings = {finding["what"]: finding for finding in json.loads(told.stdout)}
    assert findings["RabbitMQ（第 1 个节点）"]["is_good"]
    assert findings["GONGZHI_SECRET"]["is_good"]
    assert all(finding["is_good"] or finding["remedy"] for finding in findings.values())


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"GONGZHI_POSTGRES_PORT": "80"}, "GONGZHI_POSTGRES_PORT 应为 1024 到 65535 的端口号"),
        ({"GONGZHI_RABBITMQ_PORT": "many"}, "GONGZHI_RABBITMQ_PORT 应为 1024 到 65535 的端口号"),
        ({"GONGZHI_HTTP_PORT": "0"}, "GONGZHI_HTTP_PORT 应为 1 到 65535 的端口号"),
        ({"GONGZHI_AMQP_URL": "http://somewhere"}, "GONGZHI_AMQP_URL 应为 amqp://"),
    ],
)
def test_the_server_refuses_wrong_settings_before_it_starts_anything(
    variables: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(LocalServerError, match=sentence):
        Server(tmp_path, variables).start()

    assert not (tmp_path / "rabbitmq").exists()


def test_a_server_given_from_outside_is_not_started_here(tmp_path: Path) -> None:
    server = Server(tmp_path, {"GONGZHI_DATABASE_URL": "postgresql://a:b@db.example/c"})

    assert server.stack.postgres is None
    assert server.stack.rabbitmq is not None


def test_our_own_address_in_the_shell_still_means_our_own_server(tmp_path: Path) -> None:
    own = Server(tmp_path, {}).stack.postgres
    assert own is not None
    own.data_dir.mkdir(parents=True)
    (own.data_dir / "secrets").write_text("0123456789abcdef\n")

    server = Server(tmp_path, {"GONGZHI_DATABASE_URL": own.url})

    own.remove()
    assert server.stack.postgres is not None
