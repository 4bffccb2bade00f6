"""Five hundred clients that send or read as slowly as they can; everybody else is served as before."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from gateway import manifest
from services.chassis.db import Database
from tests.gateway.serving import Gateway, wait_until

pytestmark = pytest.mark.fault

SLOW = 500
# Another address than the slow ones have.
ELSEWHERE = "127.0.0.2"
PAGES = ("/signin", "/readyz", "/api/v1/session")
ASKED = 600
MOST_GROWTH_MIB = 150
ATTACKS = {
    "headers": ["-H", "-i", "3", "-x", "24", "-u", "{url}/signin"],
    "bodies": ["-B", "-i", "3", "-s", "8192", "-x", "10", "-t", "POST", "-u", "{url}/api/v1/session"],
    "reading": ["-X", "-w", "10", "-y", "20", "-n", "3", "-z", "16", "-k", "1", "-u", "{url}{file}"],
}


@pytest.fixture(scope="module")
def gateway(
    stack: LocalStack, migrated: dict[str, Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    served = Gateway(stack, tmp_path_factory.mktemp("gateway") / "log", GONGZHI_LIMIT_READ="off")
    served.start()
    yield served
    served.stop()


@contextmanager
def attack(gateway: Gateway, kind: str) -> Iterator[None]:
    assert shutil.which("slowhttptest"), "install slowhttptest: apt-get install slowhttptest"
    largest = max((file for file in manifest.STATIC.rglob("*") if file.is_file()), key=size)
    place = {"url": gateway.url, "file": f"/static/{largest.relative_to(manifest.STATIC)}"}
    command = ["slowhttptest", "-c", str(SLOW), "-r", "250", "-l", "60", "-v", "0"]
    command += [part.format(**place) for part in ATTACKS[kind]]
    attacking = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: connections(gateway) >= SLOW * 0.9, seconds=20)
        yield
        assert attacking.poll() is None, "the attack was over too soon"
    finally:
        attacking.kill()
        attacking.wait(20)


def size(file: Path) -> int:
    return file.stat().st_size


def connections(gateway: Gateway) -> int:
    """Those that stand, counted at the gateway's end."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for line in lines if line[1].endswith(f":{gateway.port:04X}") and line[3] == "01")


def open_files(gateway: Gateway) -> int:
    return len(list(Path(f"/proc/{gateway.running[0].pid}/fd").iterdir()))


def memory_mib(gateway: Gateway) -> float:
    status = Path(f"/proc/{gateway.running[0].pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def p99(gateway: Gateway) -> float:
    """Seconds, over connections that are opened anew now and then."""
    seconds = []
    for _ in range(10):
        with closing(
            HTTPConnection("127.0.0.1", gateway.port, timeout=20, source_address=(ELSEWHERE, 0))
        ) as web:
            for number in range(ASKED // 10):
                began = time.perf_counter()
                web.request("GET", PAGES[number % len(PAGES)])
                answer = web.getresponse()
                answer.read()
                seconds.append(time.perf_counter() - began)
                assert answer.status in (200, 401)
    return sorted(seconds)[int(len(seconds) * 0.99)]


@pytest.mark.parametrize("kind", ATTACKS)
def test_slow_clients_keep_nobody_waiting_and_leave_nothing_behind(gateway: Gateway, kind: str) -> None:
    calm = p99(gateway)
    files, memory = open_files(gateway), memory_mib(gateway)

    with attack(gateway, kind):
        beside = p99(gateway)
        grown = memory_mib(gateway) - memory

    assert beside < max(3 * calm, 0.25), (
        f"p99 {calm * 1000:.0f} ms in calm, {beside * 1000:.0f} ms beside them"
    )
    assert grown < MOST_GROWTH_MIB
    wait_until(lambda: open_files(gateway) <= files + 5, seconds=20)


def test_an_answer_that_nobody_reads_ends_the_connection(
    stack: LocalStack, migrated: dict[str, Database], tmp_path: Path
) -> None:
    impatient = Gateway(
        stack, tmp_path / "log", GONGZHI_HTTP_GRACE_SECONDS="1", GONGZHI_HTTP_LEAST_RATE="100000"
    )
    impatient.start()
    largest = max((file for file in manifest.STATIC.rglob("*") if file.is_file()), key=size)
    try:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", impatient.port))
            reader.sendall(
                f"GET /static/{largest.relative_to(manifest.STATIC)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            )
            assert reader.recv(100).startswith(b"HTTP/1.1 200")
            began = time.monotonic()

            wait_until(lambda: connections(impatient) == 0, seconds=15)

        assert time.monotonic() - began < 10
    finally:
        impatient.stop()
