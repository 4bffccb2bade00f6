"""A drill: the whole platform, everyday work on it, what happens to it, and what must be true afterwards."""

import contextlib
import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import sqlalchemy as sa

from deploy.demo.load import CITY_ADMIN
from deploy.demo.story import COMMUNITY as COMMUNITY_OF_THE_STORY
from deploy.local import processes, supervisor
from deploy.local.server import PROJECT
from deploy.local.stack import as_shell_lines
from deploy.sample import city
from services.chassis import config as settings
from services.chassis.db import Database
from services.claims import usecases
from tests.builders import make_uscc
from tests.chassis.processes import eventually
from tests.faults.everyday import AT_ONCE, WAY, Journey, Traffic, View, item_body, take
from tests.faults.person import Person
from tests.platform import Platform

SERVICES = ("claims", "consultation", "staffing", "notifications", "gateway")
# What the whole way of an item leaves behind: in its own history, and on the board.
HISTORY = ["create_item", "publish_item", "claim_item", "confirm_claim", "report_milestone", "submit_claim"]
NOTICES = {"item_published": 1, "item_claimed": 1, "item_verified": 1, "poll_opened": 1}


class Drill:
    """The platform in the hands of a test that breaks something; `admin` works for the whole city."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.config = settings.load(platform.environment)
        self.visitor = Person(platform.url)
        self.admin = self.visitor.signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])
        self._numbers = itertools.count()
        self.units: dict[str, list[str]] = {}
        for unit in self.admin.each("/units"):
            for community_id in unit["community_ids"]:
                self.units.setdefault(community_id, []).append(unit["unit_id"])
        sample = {community.code for community in city.communities()}
        self.communities = [
            one
            for one in self.visitor.get("/communities")["items"]
            # The story counts what its own community's group reads.
            if one["code"] in sample and one["community_name"] != COMMUNITY_OF_THE_STORY
            if self.units.get(one["community_id"])
        ]
        # Each community has a group of its own, because a robot takes only twenty messages a minute.
        self.subscriptions = [self._subscribe(one) for one in self.communities]

    def close(self) -> None:
        for subscription in self.subscriptions:
            self.admin.insist("DELETE", f"/subscriptions/{subscription['subscription_id']}")

    def _subscribe(self, community: View) -> View:
        robot = {"channel": "wecom", "address": f"drill-{uuid4()}", "label": "演练群"}
        subscription: View = self.admin.post(
            "/subscriptions", {**robot, "community_id": community["community_id"]}
        )
        return subscription

    # ---- everyday work

    def traffic(self, *, items: int, steps: Sequence[str] = WAY) -> Traffic:
        mark = f"演练{uuid4().hex[:10]}"
        journeys = [self.journey(f"{mark} 第 {number} 项") for number in range(items)]
        return Traffic(Person(self.platform.url, self.admin.token), journeys, mark=mark, steps=steps)

    def journey(self, title: str) -> Journey:
        number = next(self._numbers)
        community_id = self.communities[number % len(self.communities)]["community_id"]
        units = self.units[community_id]
        unit_id = units[number // len(self.communities) % len(units)]
        return Journey(title=title, community_id=community_id, unit_id=unit_id)

    def published_item(self, title: str = "", **more: Any) -> View:
        """An item that waits for a unit."""
        journey = self.journey(title or f"演练{uuid4().hex[:10]}")
        journey.item_id = self.admin.post("/items", item_body(journey) | more)["item_id"]
        return take(self.admin, journey, "publish")

    def registered_units(self, count: int, *, community_id: str) -> list[View]:
        def register(_: int) -> View:
            number = uuid4().int % 1_000_000
            body = {
                "uscc": make_uscc(number),
                "unit_name": f"演练单位 {number}",
                "kind": "enterprise",
                "functions": ["winter_duty"],
                "community_ids": [community_id],
            }
            unit: View = self.admin.post("/units", body)
            return unit

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(register, range(count)))

    # ---- what happens

    @property
    def root(self) -> Path:
        return self.platform.root

    def pids(self) -> dict[str, int]:
        known = json.loads((self.root / "processes.json").read_text())
        return {name: child["pid"] for name, child in known.items()}

    def kill(self, process: str) -> int:
        """As if its power went; the supervisor starts it again. Answers the pid that was."""
        pid = eventually(lambda: self.pids()[process])
        os.kill(pid, signal.SIGKILL)
        return pid

    def until_restarted(self, process: str, *, was: int) -> None:
        eventually(lambda: self.pids()[process] not in (None, was) and self.is_ready(process), within=60)

    @contextlib.contextmanager
    def rehearsing(self, **points: Sequence[str]) -> Iterator[Callable[[], set[str]]]:
        """Let each of these processes die once at each of its points, wherever work takes it there.

        `point:17` strikes at the 17th passage after each start. Yields who has which points still ahead.
        """
        marks = {process: self.root / "marks" / f"{process}-{uuid4().hex}" for process in points}

        def ahead() -> set[str]:
            return {
                f"{process} {name}"
                for process, named in points.items()
                for name in (point.partition(":")[0] for point in named)
                if not Path(f"{marks[process]}.{name}").exists()
            }

        for process, named in points.items():
            variables = {
                "GONGZHI_FAULTPOINT": ",".join(named),
                "GONGZHI_FAULTPOINT_MARK": str(marks[process]),
            }
            for file in (self._own_variables(process), marks[process]):
                file.parent.mkdir(exist_ok=True)
            self._own_variables(process).write_text(as_shell_lines(variables))
        try:
            self.restart(*points)
            yield ahead
        finally:
            for process in points:
                self._own_variables(process).unlink()
            if ahead():  # what is still armed would strike another test
                self.restart(*points)

    def _own_variables(self, process: str) -> Path:
        return self.root / "variables" / process

    def restart(self, *processes: str) -> None:
        killed = {process: self.kill(process) for process in processes}
        for process, pid in killed.items():
            self.until_restarted(process, was=pid)

    @contextlib.contextmanager
    def second_gateway(self) -> Iterator[Callable[[], float]]:
        """One more gateway on the same port; the kernel spreads new connections over both.

        Yields how many calls it has made.
        """
        ops = f"127.0.0.1:{processes.free_port()}"
        variables = {**os.environ, **self.platform.environment, "GONGZHI_GATEWAY_OPS": ops}
        variables[processes.MARK] = supervisor.process_mark(self.root)
        with (self.root / "log" / "second-gateway.log").open("ab") as log:
            gateway = subprocess.Popen(
                [sys.executable, "-m", "deploy.gongzhi", "run", "gateway"],
                cwd=PROJECT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            eventually(lambda: self._readiness(f"http://{ops}") == "ok", within=60)
            yield lambda: _calls_sent(requests.get(f"http://{ops}/metrics", timeout=5).text)
        finally:
            gateway.terminate()
            gateway.wait(30)

    def expire(self, item_id: str) -> None:
        """Its claim period ended yesterday, and the timer comes by: here, as one more process of the service."""
        self.rows(
            "claims",
            "UPDATE items SET claim_until_on = claim_until_on - 1 WHERE item_id = :item_id",
            item_id=item_id,
        )
        with Database(self.config.database_url("claims"), service="claims").transaction() as tx:
            usecases.expire_items(tx, now=tx.now)

    # ---- how it is

    def is_ready(self, process: str) -> bool:
        host, port = self.config.ops_address(process)
        if process == "gateway" and self._readiness(self.platform.url) != "ok":
            return False
        if process not in SERVICES:
            return processes.accepts(host, port)
        return self._readiness(f"http://{host}:{port}") == "ok"

    def until_healthy(self, *, within: float = 90.0) -> None:
        for process in self.pids():
            eventually(lambda process=process: self.is_ready(process), within=within)  # type: ignore[misc]

    @staticmethod
    def _readiness(address: str) -> str:
        with contextlib.suppress(OSError, ValueError):
            return str(requests.get(f"{address}/readyz", timeout=5).json()["status"])
        return ""

    def gongzhi(self, *arguments: str) -> Any:
        """What a command prints as JSON, whatever its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.gongzhi", *arguments, "--json"],
            cwd=PROJECT,
            env={**os.environ, **self.platform.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, f"gongzhi {shlex.join(arguments)}: {done.stderr[-2000:]}"
        return json.loads(done.stdout)

    def until_conserved(self, *, within: float = 90.0) -> None:
        """Every event that was told has been heard and done, and nothing else; none is parked."""
        seen: list[View] = []

        def is_quiet() -> bool:
            seen[:] = self.gongzhi("reconcile", "--wait", "5")["findings"]
            return not any(one["unpublished"] or one["in_flight"] or one["waiting"] for one in seen)

        eventually(is_quiet, within=within, every=0.3)
        assert [one for one in seen if not one["is_sound"] or one["parked"]] == []
        assert {(one["producer"], one["reader"]) for one in seen} >= {
            ("claims", "consultation"),
            ("claims", "notifications"),
            ("consultation", "claims"),
            ("staffing", "claims"),
        }

    def rows(self, service: str, query: str, **values: Any) -> list[Any]:
        """Past the doors, straight from the service's database (`BEGIN` to `COMMIT`)."""
        engine = sa.create_engine(self.config.database_url(service), poolclass=sa.NullPool)
        with engine.begin() as connection:
            done = connection.execute(sa.text(query), values)
            return list(done) if done.returns_rows else []

    # ---- what must be true

    def check(self, traffic: Traffic, *, in_doubt: int = 0) -> None:
        """What was answered is there, nothing else is, and every step has had its effect once.

        `in_doubt`: so many messages may have been in the hands of notifications when it died.
        """
        self.until_conserved()
        assert traffic.person.unworthy == []
        assert set(traffic.person.statuses) <= {200, 201, 503, 504}
        there = self.admin.each("/items", q=traffic.mark)
        assert sorted(one["item_id"] for one in there) == sorted(one.item_id for one in traffic.journeys)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._check_journey, traffic.journeys))
        self.check_texts(traffic, in_doubt=in_doubt)

    def _check_journey(self, journey: Journey) -> None:
        item = self.admin.get(f"/items/{journey.item_id}")
        assert [entry["act"] for entry in item["history"]] == [*HISTORY, "verify_claim"]
        assert (item["status"], item["remaining"], item["percent"]) == ("verified", 0, 100)
        [claim] = item["claims"]
        assert (claim["claim_id"], claim["units"][0]["unit_id"]) == (journey.claim_id, journey.unit_id)
        assert len(claim["milestones"]) == 1
        notices = self.visitor.get("/notices", item_id=journey.item_id)["items"]
        assert Counter(notice["kind"] for notice in notices) == NOTICES
        assert len(self.admin.get("/polls", item_id=journey.item_id)["items"]) == 1

    def check_texts(self, traffic: Traffic, *, in_doubt: int) -> None:
        """Each group has read of each claim once, or it is in doubt whether it has."""

        def is_over() -> bool:
            statuses = [delivery["status"] for delivery in self.deliveries_under_way(traffic)]
            return len(statuses) <= in_doubt and set(statuses) <= {"sending", "uncertain"}

        eventually(is_over, within=60, every=0.3)
        assert set(self.texts(traffic).values()) == {1}
        told = len(self.texts(traffic))
        assert len(traffic.journeys) - in_doubt <= told <= len(traffic.journeys)

    def texts(self, traffic: Traffic) -> Counter[str]:
        """What the groups have read of this traffic's items, by text."""
        return Counter(text for text in self.platform.wecom.texts if traffic.mark in text)

    def deliveries_under_way(self, traffic: Traffic) -> list[View]:
        """Those to groups of which it is not known that they arrived."""
        deliveries = [
            delivery
            for journey in traffic.journeys
            for delivery in self.admin.get("/deliveries", item_id=journey.item_id, limit=50)["items"]
        ]
        return [one for one in deliveries if one["channel"] == "wecom" and one["status"] != "sent"]


def _calls_sent(metrics: str) -> float:
    lines = [line for line in metrics.splitlines() if line.startswith("calls_sent_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)
