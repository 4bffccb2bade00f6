"""Filling a running platform with the sample city, through its public API.

Every step first looks at what is there, so that a load that broke off is continued by running it again,
and sends its calls under fixed idempotency keys, so that a call whose answer was lost is not made twice.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from deploy.demo.accounts import AccountFile
from deploy.demo.acts import People, Progress, View, import_claim_list
from deploy.demo.affairs import HOME, Affairs
from deploy.demo.client import Client, Refused, WaitedInVain
from deploy.sample.city import Community, accounts, communities, residents, units, workers
from deploy.sample.claim_list import Item, claim_list
from deploy.sample.generate import claim_list_title, sample_files
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.terms import ItemStatus

CITY_ADMIN = "admin"
CITY_ASSESSOR = "officer"
# By this name the sample's list is found again on another day, when its content would be different.
LIST_FILE = "样例认领清单.xlsx"
RESIDENTS_AT_ONCE = 500
AT_ONCE = 6
# Events bring new communities to the other services; until then they do not know them.
NOT_YET = frozenset({"community_not_known", "community_not_found", "claim_list_invalid"})

Thing = TypeVar("Thing")


class Teller(Protocol):
    """Who shows how far the load is."""

    def step(self, doing: str) -> AbstractContextManager[Callable[[str], None]]: ...


class SampleCity:
    """`state` is the installation's own folder: passwords, and the note that all was loaded."""

    def __init__(
        self, base_url: str, database: Database, *, state: Path, today: date, teller: Teller
    ) -> None:
        self._visitor = Client(base_url)
        self._database = database
        self._accounts = AccountFile(state / "accounts.json")
        self._note = state / "sample.json"
        self._today = today
        self._teller = teller

    def load(self) -> bool:
        """False when everything was there already, and what people did with it since is left alone."""
        city_admin = next(account for account in accounts() if account.username == CITY_ADMIN)
        self._accounts.ensure(self._database, city_admin)
        self._admin = self._accounts.sign_in(self._visitor, self._database, CITY_ADMIN)
        if self._is_loaded():
            return False
        self._load_communities()
        self._load_units()
        self._add_accounts()
        self._load_residents()
        self._load_claim_list()
        self._move_items()
        self._load_affairs()
        self._note.write_text(json.dumps({"claim_list_id": self._claim_list_id}), encoding="utf-8")
        return True

    def _is_loaded(self) -> bool:
        """The note counts only for the platform that has the very list it names."""
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))["claim_list_id"]
        except (FileNotFoundError, json.JSONDecodeError, KeyError):
            return False
        return any(one["claim_list_id"] == noted for one in self._admin.each("/claim-lists"))

    def _load_communities(self) -> None:
        with self._teller.step("登记社区") as tell:
            known = {one["code"]: one for one in self._admin.get("/communities")["items"]}
            missing = [community for community in communities() if community.code not in known]
            for made in _at_once(self._register_community, missing):
                known[made["code"]] = made
            self._community_ids = {code: one["community_id"] for code, one in known.items()}
            appointed = {
                (one["community_id"], one["worker_name"]) for one in self._admin.each("/workers", limit=200)
            }
            hired = [
                worker
                for worker in workers()
                if (self._community_ids[worker.community_code], worker.worker_name) not in appointed
            ]
            for _ in _at_once(self._appoint, hired):
                pass
            tell(f"{len(known)} 个，工作人员 {len(appointed) + len(hired)} 名")

    def _register_community(self, community: Community) -> View:
        body = {
            "code": community.code,
            "community_name": community.community_name,
            "street": community.street,
            "grade": community.grade.value,
            "households": community.households,
            "population": community.population,
        }
        registered: View = self._admin.post("/communities", body, key=f"sample:community:{community.code}")
        return registered

    def _appoint(self, worker: Any) -> None:
        body = {
            "community_id": self._community_ids[worker.community_code],
            "worker_name": worker.worker_name,
            "post": worker.post.value,
            "since_on": str(worker.since_on),
        }
        # Keys are ASCII.
        name = worker.worker_name.encode().hex()
        self._admin.post("/workers", body, key=f"sample:worker:{worker.community_code}:{name}")

    def _load_units(self) -> None:
        with self._teller.step("登记驻地单位") as tell:
            self._unit_ids = {one["uscc"]: one["unit_id"] for one in self._admin.each("/units")}
            missing = [unit for unit in units() if unit.uscc not in self._unit_ids]
            for made in _at_once(self._register_unit, missing):
                self._unit_ids[made["uscc"]] = made["unit_id"]
            tell(f"{len(self._unit_ids)} 个")

    def _register_unit(self, unit: Any) -> View:
        body = {
            "uscc": unit.uscc,
            "unit_name": unit.unit_name,
            "kind": unit.kind.value,
            "functions": [function.value for function in unit.functions],
            "community_ids": [self._community_ids[code] for code in unit.community_codes],
        }
        return _when_known(lambda: self._admin.post("/units", body, key=f"sample:unit:{unit.uscc}"))

    def _add_accounts(self) -> None:
        with self._teller.step("建立账号") as tell:
            for account in accounts():
                unit_id = self._unit_ids[account.unit_uscc] if account.unit_uscc else None
                self._accounts.ensure(
                    self._database,
                    account,
                    community_ids=tuple(UUID(self._community_ids[code]) for code in account.community_codes),
                    unit_id=UUID(unit_id) if unit_id else None,
                )
            tell(f"{len(accounts())} 个")

    def _load_residents(self) -> None:
        with self._teller.step("登记居民") as tell:
            everybody = [
                {
                    "community_id": self._community_ids[resident.community_code],
                    "resident_name": resident.resident_name,
                    "identity_number": resident.identity_number,
                    "grid_code": resident.grid_code,
                    "employer_uscc": resident.employer_uscc,
                }
                for resident in residents()
            ]
            if self._admin.get("/residents/count")["residents"] < len(everybody):
                for number, chunk in enumerate(_chunks(everybody, RESIDENTS_AT_ONCE)):
                    _when_known(
                        lambda chunk=chunk, number=number: self._admin.post(  # type: ignore[misc]
                            "/residents", {"residents": chunk}, key=f"sample:residents:{number}"
                        )
                    )
            tell(f"{len(everybody)} 名（虚构）")

    def _load_claim_list(self) -> None:
        with self._teller.step("导入认领清单") as tell:
            lists = [one for one in self._admin.each("/claim-lists") if one["file_name"] == LIST_FILE]
            if not lists:
                content = sample_files(self._today)["claim_list.xlsx"]
                title = claim_list_title(self._today)
                lists = [_when_known(lambda: import_claim_list(self._admin, LIST_FILE, content, title=title))]
            self._claim_list_id = lists[-1]["claim_list_id"]
            tell(f"{lists[-1]['item_count']} 个事项")

    def _move_items(self) -> None:
        with self._teller.step("推进事项办理") as tell:
            planned = {
                (item.cells["community"], item.cells["title"]): item for item in claim_list(self._today)
            }
            there = list(self._admin.each("/items", claim_list_id=self._claim_list_id))
            self._sign_in_everybody()

            def move(item: View) -> None:
                plan = planned[item["community_name"], item["title"]]
                unit_id = self._unit_ids[plan.unit_uscc] if plan.unit_uscc else None
                people = self._people_of(item, plan)
                Progress(people, item, unit_id=unit_id, target=plan.status, today=self._today).run()

            # The longest ways first, so that no thread is left with one at the end.
            order = list(ItemStatus)
            there.sort(
                key=lambda item: order.index(planned[item["community_name"], item["title"]].status),
                reverse=True,
            )
            for _ in _at_once(move, there):
                pass
            tell(f"{len(there)} 个")

    def _load_affairs(self) -> None:
        with self._teller.step("登记需求、资金、准入事项和志愿者") as tell:
            named = {one.community_name: self._community_ids[one.code] for one in communities()}
            manager = self._managers[named[HOME]]
            tell(Affairs(self._admin, manager, community_ids=named, today=self._today).load())

    def _sign_in_everybody(self) -> None:
        """Managers by their community, liaisons by their unit; where there is none, the city acts for them."""
        self._managers: dict[str, Client] = {}
        self._liaisons: dict[str, Client] = {}
        for account in accounts():
            if Role.COMMUNITY_MANAGER in account.roles:
                manager = self._accounts.sign_in(self._visitor, self._database, account.username)
                self._managers |= {self._community_ids[code]: manager for code in account.community_codes}
            elif account.unit_uscc:
                liaison = self._accounts.sign_in(self._visitor, self._database, account.username)
                self._liaisons[account.unit_uscc] = liaison
        self._assessor = self._accounts.sign_in(self._visitor, self._database, CITY_ASSESSOR)

    def _people_of(self, item: View, plan: Item) -> People:
        staff = self._managers.get(item["community_id"], self._admin)
        liaison = self._liaisons.get(plan.unit_uscc or "", self._admin)
        return People(staff=staff, liaison=liaison, assessor=self._assessor)


def _when_known(act: Callable[[], Thing], *, within: float = 20.0) -> Thing:
    deadline = time.monotonic() + within
    while True:
        try:
            return act()
        except Refused as refusal:
            if refusal.code not in NOT_YET:
                raise
            if time.monotonic() > deadline:
                raise WaitedInVain(f"等了 {within:.0f} 秒，各服务仍未互通消息：{refusal}") from refusal
        time.sleep(0.3)


def _at_once(act: Callable[[Any], Thing], things: Sequence[Any]) -> Iterable[Thing]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(act, things)


def _chunks(things: Sequence[Thing], size: int) -> Iterable[Sequence[Thing]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
