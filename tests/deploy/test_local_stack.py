"""The private servers: they come up whatever was left behind, and touch nothing that is not theirs."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from kombu.connection import Connection

from deploy.local import processes
from deploy.local.postgres import ELSEWHERE, LIBRARIES, PACKAGE, Postgres
from deploy.local.rabbitmq import DISTRIBUTION, PORT_MAPPER, RabbitMQ
from deploy.local.stack import LocalServerError, LocalStack, as_shell_lines, read_shell_lines

VAR = Path(__file__).parents[2] / "var"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"test-{os.getpid()}-", dir=VAR) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def postgres(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder / "postgres", processes.free_port())
    yield server
    server.remove()


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitMQ]:
    with tempfile.TemporaryDirectory(prefix=f"test-{os.getpid()}-", dir=VAR) as folder:
        server = RabbitMQ(Path(folder) / "rabbitmq", processes.free_port(DISTRIBUTION, PORT_MAPPER))
        server.start()
        yield server
        server.remove()


def ask(url: str, question: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def modes_of_parents(path: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in path.parents}


# ---- PostgreSQL


@pytest.mark.postgres
def test_postgres_keeps_promises_on_disk_and_sorts_by_code_point(postgres: Postgres) -> None:
    postgres.start()

    assert ask(postgres.url, "SHOW fsync") == "on"
    assert ask(postgres.url, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(postgres.url, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"


@pytest.mark.postgres
def test_postgres_asks_for_its_password(postgres: Postgres) -> None:
    postgres.start()

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(postgres.url.replace(postgres.password, "guess"), "SELECT 1")


@pytest.mark.postgres
def test_postgres_started_twice_is_the_same_server(postgres: Postgres) -> None:
    postgres.start()
    first = postgres.pid

    postgres.start()

    assert postgres.pid == first


@pytest.mark.postgres
def test_postgres_comes_back_after_a_power_cut_with_what_was_committed(postgres: Postgres) -> None:
    postgres.start()
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")

    postgres.kill()
    assert not postgres.is_running()
    postgres.start()

    assert ask(postgres.url, "SELECT answer FROM kept") == 42


@pytest.mark.postgres
def test_postgres_comes_back_when_only_its_first_process_was_killed(postgres: Postgres) -> None:
    postgres.start()

    os.kill(postgres.pid or 0, signal.SIGKILL)
    postgres.start()

    assert ask(postgres.url, "SELECT 1") == 1


@pytest.mark.postgres
def test_a_pid_file_that_names_a_stranger_does_not_matter(postgres: Postgres) -> None:
    postgres.start()
    left_behind = (postgres.cluster / "postmaster.pid").read_text().splitlines()
    postgres.stop()
    (postgres.cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left_behind[1:]]) + "\n")

    assert not postgres.is_running()
    postgres.start()

    assert postgres.pid != os.getpid()
    assert ask(postgres.url, "SELECT 1") == 1


@pytest.mark.postgres
def test_a_cluster_that_was_only_half_made_is_made_again(postgres: Postgres) -> None:
    unfinished = postgres.data_dir / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    postgres.start()

    assert ask(postgres.url, "SELECT 1") == 1
    assert not unfinished.exists()


@pytest.mark.postgres
def test_postgres_moves_to_another_port_with_its_data(postgres: Postgres) -> None:
    postgres.start()
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")

    moved = Postgres(postgres.data_dir, processes.free_port())
    moved.start()

    assert ask(moved.url, "SELECT answer FROM kept") == 42
    assert processes.is_port_free(postgres.port)


@as_root
@pytest.mark.postgres
def test_closed_folders_stay_closed(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "clone").mkdir(parents=True)
    closed.chmod(0o700)
    site = closed / "clone" / "site-packages"
    for part in (PACKAGE, LIBRARIES):
        shutil.copytree(Postgres(folder / "any", 1024).install / part, site / part, symlinks=True)
    before = modes_of_parents(site / PACKAGE / "pginstall" / "bin" / "postgres")

    server = Postgres(closed / "clone" / "postgres", processes.free_port(), install=site)
    try:
        server.start()
        assert ask(server.url, "SELECT 1") == 1
    finally:
        server.remove()

    assert modes_of_parents(site / PACKAGE / "pginstall" / "bin" / "postgres") == before
    assert server.data_dir.parent == ELSEWHERE
    assert not server.data_dir.exists()


@as_root
@pytest.mark.postgres
def test_open_folders_stay_as_they_are(postgres: Postgres) -> None:
    before = modes_of_parents(postgres.data_dir)

    postgres.start()

    assert modes_of_parents(postgres.data_dir) == before
    assert stat.S_IMODE(postgres.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((postgres.data_dir / "secrets").stat().st_mode) == 0o600


# ---- RabbitMQ


@pytest.mark.rabbitmq
def test_rabbitmq_has_one_user_and_no_guest(rabbitmq: RabbitMQ) -> None:
    users = [line.split()[0] for line in rabbitmq.ctl("list_users").splitlines()[1:]]

    assert users == ["gongzhi"]
    with Connection(rabbitmq.url) as connection:
        connection.connect()
        assert connection.virtual_host == "gongzhi"


@pytest.mark.rabbitmq
def test_rabbitmq_is_reachable_from_this_machine_only(rabbitmq: RabbitMQ) -> None:
    ports = {rabbitmq.port, rabbitmq.port + DISTRIBUTION, rabbitmq.port + PORT_MAPPER}

    listening = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:]:
            address, _, port = line.split()[1].partition(":")
            if line.split()[3] == "0A" and int(port, 16) in ports:
                listening.add(address)

    assert listening <= {"0100007F", "0" * 24 + "01000000"}  # 127.0.0.1 and ::1


@pytest.mark.rabbitmq
def test_rabbitmq_started_twice_is_the_same_node(rabbitmq: RabbitMQ) -> None:
    first = rabbitmq.pid

    rabbitmq.start()

    assert rabbitmq.pid == first


@pytest.mark.rabbitmq
def test_rabbitmq_comes_back_after_a_power_cut_with_what_it_confirmed(rabbitmq: RabbitMQ) -> None:
    with Connection(rabbitmq.url, transport_options={"confirm_publish": True}) as connection:
        connection.SimpleQueue("kept").put({"answer": 42})

    rabbitmq.kill()
    assert not rabbitmq.is_running()
    rabbitmq.start()

    with Connection(rabbitmq.url) as connection:
        assert connection.SimpleQueue("kept").get(timeout=10).payload == {"answer": 42}


@pytest.mark.rabbitmq
def test_rabbitmq_comes_back_after_a_start_that_was_cut_off(rabbitmq: RabbitMQ) -> None:
    rabbitmq.stop()
    assert processes.is_port_free(rabbitmq.port + PORT_MAPPER)
    rabbitmq._prepare()
    rabbitmq._start_port_mapper()

    rabbitmq.start()

    assert rabbitmq.is_running()


# ---- both


@pytest.mark.parametrize("server", [Postgres, RabbitMQ])
def test_a_busy_port_is_told_in_one_sentence(server: type[Postgres] | type[RabbitMQ], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(
            LocalServerError, match=rf"{port} 已被别的程序占用，请用 GONGZHI_\w+_PORT 换一个"
        ) as told:
            server(folder / "data", port).start()

    assert "\n" not in str(told.value)


def test_a_stack_is_complete_and_its_variables_survive_the_shell(stack: LocalStack, folder: Path) -> None:
    variables = stack.environment()
    (folder / "env").write_text(as_shell_lines({**variables, "GONGZHI_ODD": "a 'b' $c 中文"}))

    shown = subprocess.run(
        ["sh", "-c", '. "$1"; printf %s "$GONGZHI_ODD$GONGZHI_SECRET"', "sh", str(folder / "env")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert stack.is_running()
    assert shown == "a 'b' $c 中文" + variables["GONGZHI_SECRET"]
    assert read_shell_lines(folder / "env")["GONGZHI_DATABASE_URL"] == variables["GONGZHI_DATABASE_URL"]


def test_chinese_has_trigrams(stack: LocalStack) -> None:
    assert stack.postgres is not None

    ask(stack.postgres.url, "CREATE EXTENSION IF NOT EXISTS pg_trgm")

    assert ask(stack.postgres.url, "SELECT cardinality(show_trgm('黑河社区'))") == 5
