"""A small running platform on which claims are made: one community, some units, ever new items."""

import itertools
import json
import random
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from deploy.demo.client import Client, wait_for
from deploy.local import processes
from deploy.local.supervisor import read_procfile
from deploy.sample.city import communities, units
from gateway.auth import accounts
from services.chassis.clock import local_today
from services.chassis.config import PROCESSES
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.terms import ClaimKind
from tests.bench.control import PROJECT, BenchFailed, Process, wait_until
from tests.bench.ground import Ground
from tests.bench.items import SLOTS, item_fields

USERNAME = "bench"
UNITS = 40
# Claims are shuffled within so many items: some race, but not all at one item's lock.
ITEMS_AT_ONCE = 20
PREPARING_AT_ONCE = 8
# Of one processor, in a quarter of a second: nothing but timers goes on.
CALM = 0.25

HELD = """
    SELECT coalesce(sum(claims), 0), coalesce(max(held), 0)
    FROM (SELECT count(*) AS claims, sum(quantity) AS held FROM claims GROUP BY item_id) AS items
"""


class ClaimsCity:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.processes: dict[str, Process] = {}
        self._waiting: dict[int, list[list[str]]] = {}

    def start(self) -> None:
        """Every process of the platform, as `Procfile` names them."""
        self.ground.migrate_all()
        for name, (_program, *arguments) in read_procfile(PROJECT / "Procfile").items():
            self.processes[name] = self.ground.process(name, "-m", "deploy.gongzhi", *arguments)
        config = self.ground.config
        for name in PROCESSES:
            self._wait(name, *config.ops_address(name))
        self._wait("gateway", "127.0.0.1", config.http_port)

    def settle(self) -> None:
        """A signed-in city administrator, a community, and units that serve it."""
        password = secrets.token_urlsafe(16)
        database = Database(self.ground.config.database_url("gateway"), service="bench", pool_size=1)
        accounts.add_user(
            database,
            username=USERNAME,
            display_name="性能测量",
            password=password,
            roles=(Role.CITY_ADMIN,),
            community_ids=(),
            unit_id=None,
        )
        database.dispose()
        visitor = Client(f"http://127.0.0.1:{self.ground.config.http_port}")
        self.token = visitor.post("/session", {"username": USERNAME, "password": password})["token"]
        self._admin = Client(visitor.base_url, token=self.token)
        community = next(iter(communities()))
        self._community_id = self._admin.post(
            "/communities",
            {
                "code": community.code,
                "community_name": community.community_name,
                "street": community.street,
                "grade": community.grade.value,
                "households": community.households,
                "population": community.population,
            },
        )["community_id"]
        wait_for(self._claims_knows_the_community, "社区")
        self._unit_ids = [
            self._admin.post(
                "/units",
                {
                    "uscc": unit.uscc,
                    "unit_name": unit.unit_name,
                    "kind": unit.kind.value,
                    "functions": [],
                    "community_ids": [self._community_id],
                },
            )["unit_id"]
            for unit in itertools.islice(units(), UNITS)
        ]

    def take_claims(self, count: int, *, rivals: int) -> list[list[str]]:
        """So many claims nobody has made yet: path and body of each. Items are made as needed.

        `rivals` units try for each item.
        """
        waiting = self._waiting.setdefault(rivals, [])
        missing = -(-(count - len(waiting)) // rivals)
        if missing > 0:
            with ThreadPoolExecutor(PREPARING_AT_ONCE) as pool:
                made = list(pool.map(lambda _: self._published_item(), range(missing)))
            waiting += self._claims_for(made, rivals)
            self.calm_down()
        taken, self._waiting[rivals] = waiting[:count], waiting[count:]
        return taken

    def put_back(self, claims: list[list[str]], *, rivals: int) -> None:
        self._waiting[rivals] = claims + self._waiting[rivals]

    def check(self, won: int) -> None:
        """Every claim that was answered as won is there, and no item has more claims than slots."""
        with self.ground.connected("claims") as connection, connection.cursor() as cursor:
            cursor.execute(HELD)
            [[stored, most]] = cursor.fetchall()
        if stored != won or most > SLOTS:
            raise BenchFailed(f"应答成功 {won} 次，库中有 {stored} 项认领，一个事项最多 {most} 份")

    def calm_down(self) -> None:
        """Wait until the events of the preparation have gone where they go."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            before = self._spent()
            time.sleep(0.25)
            if self._spent() - before < CALM * 0.25:
                return

    def _spent(self) -> float:
        return sum(process.cpu_seconds() for process in self.processes.values())

    def _claims_for(self, item_ids: list[str], rivals: int) -> Iterator[list[str]]:
        chance = random.Random(len(item_ids))
        for start in range(0, len(item_ids), ITEMS_AT_ONCE):
            some = [
                [f"/api/v1/items/{item_id}/claims", self._body(unit_id)]
                for item_id in item_ids[start : start + ITEMS_AT_ONCE]
                for unit_id in self._unit_ids[:rivals]
            ]
            chance.shuffle(some)
            yield from some

    @staticmethod
    def _body(unit_id: str) -> str:
        return json.dumps({"unit_id": unit_id, "kind": ClaimKind.PARTIAL.value, "quantity": 1})

    def _published_item(self) -> str:
        item = self._admin.post("/items", item_fields(self._community_id))
        until = local_today() + timedelta(days=20)
        self._admin.post(
            f"/items/{item['item_id']}/publication",
            {"party_study_on": str(local_today()), "claim_until_on": str(until)},
        )
        return str(item["item_id"])

    def _claims_knows_the_community(self) -> bool:
        with self.ground.connected("claims") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM communities")
            [[known]] = cursor.fetchall()
        return bool(known)

    def _wait(self, name: str, host: str, port: int) -> None:
        process = self.processes[name]
        wait_until(
            lambda: process.has_ended() or processes.accepts(host, port), f"{name} 没有起来", within=60
        )
        if process.has_ended():
            raise BenchFailed(f"{name} 没有起来：\n{process.last_words()}")
