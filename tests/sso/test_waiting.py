"""A slow sign-in system holds up those who wait for it, for a bounded time, and nobody else."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.auth.sso.driver import ProviderUnavailable
from tests.sso.driving import STEP, driver_of
from tests.sso.servers import OpenId, after

PEOPLE = 10


def test_waiting_for_a_provider_leaves_the_event_loop_to_others(openid: OpenId) -> None:
    openid.say("/token", after(1, (500, "text/plain", b"")))

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.sso.waiting", openid.url, str(PEOPLE)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    measured = json.loads(done.stdout.splitlines()[-1])
    assert len(openid.asked("/token")) == PEOPLE
    assert measured["seconds"] < PEOPLE / 2  # one after the other would take ten seconds
    assert measured["turns"] > 20


def test_an_answer_that_drips_is_given_up() -> None:
    with dripping() as url:
        driver = driver_of(KIND="cas", URL=url, TIMEOUT="1")
        began = time.monotonic()

        with pytest.raises(ProviderUnavailable):
            driver.finish(STEP, {"ticket": "ST-1"})

        assert time.monotonic() - began < 4


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends a byte now and then, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                try:
                    while True:
                        connection.sendall(b" ")
                        time.sleep(0.1)
                except OSError:
                    return

        dripper = threading.Thread(target=drip, daemon=True)
        dripper.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        dripper.join(5)
