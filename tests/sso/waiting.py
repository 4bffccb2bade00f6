"""A green process, as the gateway is one: several people come back from a slow provider at once.

`python -m tests.sso.waiting ISSUER PEOPLE` prints how long all of them took, and how often others got their turn.
"""

import eventlet

eventlet.monkey_patch()

import contextlib  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from gateway.auth.sso.driver import ProviderUnavailable  # noqa: E402
from gateway.auth.sso.settings import drivers  # noqa: E402
from services.chassis.config import load  # noqa: E402
from tests.sso.driving import STEP  # noqa: E402


def main(issuer: str, people: int) -> None:
    variables = {"KIND": "oidc", "ISSUER": issuer, "CLIENT_ID": "gongzhi", "TIMEOUT": "2"}
    driver = drivers(load({f"GONGZHI_SSO_CITY_{name}": value for name, value in variables.items()}))["city"]
    driver.start(STEP)
    turns = 0

    def come_back() -> None:
        with contextlib.suppress(ProviderUnavailable):
            driver.finish(STEP, {"code": "x"})

    def others() -> None:
        nonlocal turns
        while True:
            eventlet.sleep(0.01)
            turns += 1

    began = time.monotonic()
    waiting = [eventlet.spawn(come_back) for _ in range(people)]
    eventlet.spawn(others)
    for each in waiting:
        each.wait()
    json.dump({"seconds": time.monotonic() - began, "turns": turns}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
