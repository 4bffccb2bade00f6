"""Everyday work on items: each goes its way from draft to verified, step by step, whatever happens meanwhile."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today
from tests.chassis.processes import eventually
from tests.faults.person import Person

AT_ONCE = 6
WAY = ("create", "publish", "claim", "confirm", "milestone", "submit", "verify")

View = dict[str, Any]


@dataclass
class Journey:
    """One item on its way, and what was answered."""

    title: str
    community_id: str
    unit_id: str
    item_id: str = ""
    claim_id: str = ""
    done: list[str] = field(default_factory=list)


class Traffic:
    """Journeys under way on several threads; the end of the block waits until the last one has arrived.

    `mark` stands in every title.
    """

    def __init__(
        self, person: Person, journeys: Sequence[Journey], *, mark: str, steps: Sequence[str] = WAY
    ) -> None:
        self.person = person
        self.journeys = journeys
        self.mark = mark
        self._steps = steps
        self._futures: list[Future[None]] = []

    def __enter__(self) -> "Traffic":
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._futures = [self._pool.submit(self._walk, journey) for journey in self.journeys]
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for future in self._futures:
                future.result()

    def _walk(self, journey: Journey) -> None:
        for step in self._steps:
            take(self.person, journey, step)

    def until_answered(self, share: float) -> None:
        """Until this share of all steps has been answered."""
        wanted = share * len(self._steps) * len(self.journeys)
        eventually(lambda: self._answered >= wanted or not self.is_under_way, within=120)

    @property
    def _answered(self) -> int:
        return sum(len(journey.done) for journey in self.journeys)

    @property
    def is_under_way(self) -> bool:
        return not all(future.done() for future in self._futures)


def take(person: Person, journey: Journey, step: str) -> View:
    """One step, insisted on; the key is the same whenever it is sent."""
    today = local_today()
    item = f"/items/{journey.item_id}"
    claim = f"{item}/claims/{journey.claim_id}"
    period = {"party_study_on": str(today), "claim_until_on": str(today + timedelta(days=10))}
    path, body = {
        "create": ("/items", item_body(journey)),
        "publish": (f"{item}/publication", period),
        "claim": (f"{item}/claims", {"unit_id": journey.unit_id}),
        "confirm": (f"{claim}/confirmation", {"agreement": "共建协议"}),
        "milestone": (f"{claim}/milestones", {"milestone_title": "全部完成", "percent": 100}),
        "submit": (f"{claim}/submission", {"summary": "已经办结"}),
        "verify": (f"{claim}/verification", {"note": "属实"}),
    }[step]
    # Keys are ASCII.
    view: View = person.insist("POST", path, body, key=f"{journey.title.encode().hex()[:120]}-{step}")
    journey.item_id = view["item_id"]
    journey.claim_id = view["claims"][0]["claim_id"] if view["claims"] else ""
    journey.done.append(step)
    return view


def item_body(journey: Journey) -> View:
    return {
        "community_id": journey.community_id,
        "title": journey.title,
        "service_class": "convenience",
        "category": "winter_duty",
        "beneficiaries": 120,
        "quantity": 3,
        "measure": "处",
        "due_on": str(local_today() + timedelta(days=40)),
    }
