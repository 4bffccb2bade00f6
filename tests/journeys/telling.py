"""Stories of the domain told through HTTP, step by step, by people who send again what had no answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests

from services.chassis.clock import local_today
from tests.chassis.processes import eventually
from tests.faults.person import Person, Refused

View = dict[str, Any]


@dataclass
class LoopOfANeed:
    """Story 1, from a need to its commendation; the race is run with `rivals` at once."""

    person: Person
    community_id: str
    rivals: list[str]
    title: str = field(default_factory=lambda: f"故事一 {uuid4().hex[:10]}")
    need: View = field(default_factory=dict)
    item: View = field(default_factory=dict)
    poll: View = field(default_factory=dict)
    lost: list[Refused] = field(default_factory=list)

    def tell(self, *, answers: int = 40) -> None:
        self._need_becomes_an_item()
        self._race()
        self._work()
        self._ask(answers)
        self._score_and_commend()

    @property
    def at(self) -> str:
        return f"/items/{self.item['item_id']}"

    def _need_becomes_an_item(self) -> None:
        today = local_today()
        described = {"title": self.title, "description": "路面结冰，老人出门不便。", "place": "二道街"}
        sent = {"community_id": self.community_id, **described}
        self.need = Person(self.person.url).post("/public/needs", sent)
        [found] = eventually(lambda: self.person.get("/needs", q=self.title)["items"])
        at = f"/needs/{found['need_id']}"
        self.person.post(
            f"{at}/triage", {"service_class": "convenience", "category": "winter_duty", "priority": "urgent"}
        )
        made = self.person.post(
            f"{at}/item",
            {
                "title": self.title,
                "description": "清除二道街冰雪。",
                "beneficiaries": 120,
                "quantity": 3,
                "measure": "处",
                "due_on": str(today + timedelta(days=40)),
            },
        )
        self.item = self.person.get(f"/items/{made['item']['item_id']}")
        period = {"party_study_on": str(today), "claim_until_on": str(today + timedelta(days=10))}
        self.item = self.person.post(f"{self.at}/publication", period)

    def _race(self) -> None:
        def claim(unit_id: str) -> View | Refused:
            try:
                won: View = self.person.post(f"{self.at}/claims", {"unit_id": unit_id})
            except Refused as refused:
                return refused
            return won

        with ThreadPoolExecutor(len(self.rivals)) as pool:
            outcomes = list(pool.map(claim, self.rivals))
        self.lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        [self.item] = [outcome for outcome in outcomes if isinstance(outcome, dict)]

    def _work(self) -> None:
        claim = f"{self.at}/claims/{self.item['claims'][0]['claim_id']}"
        for act, body in (
            ("confirmation", {"agreement": "共建协议"}),
            ("milestones", {"milestone_title": "清完", "percent": 100}),
            ("submission", {"summary": "全部清完"}),
            ("verification", {"note": "属实"}),
        ):
            self.item = self.person.post(f"{claim}/{act}", body)

    def _ask(self, answers: int) -> None:
        polls = eventually(
            lambda: self.person.get("/polls", item_id=self.item["item_id"])["items"], within=60
        )
        at = f"/polls/{polls[0]['poll_id']}"
        links = eventually(lambda: self.person.get(f"{at}/invitations")["items"], within=60)
        resident = Person(self.person.url)
        for link in links[:answers]:
            answer_ballot(resident, link["token"])
        self.poll = self.person.post(f"{at}/closing")

    def _score_and_commend(self) -> None:
        self.person.post(f"{self.at}/assessment", {"score": "95.00", "comment": ""})
        eventually(lambda: self._seen()["status"] == "scored", within=60)
        self.item = self.person.post(f"{self.at}/commendation", {"reason": "行动迅速，居民满意"})

    def _seen(self) -> View:
        seen: View = self.person.get(self.at)
        return seen

    def check(self) -> None:
        """Everything answered is there once, and everybody who was to hear of it has."""
        item = self._seen()
        acts = [entry["act"] for entry in item["history"]]
        assert acts[:-3] == [
            "create_item", "publish_item", "claim_item", "confirm_claim", "report_milestone",
            "submit_claim", "verify_claim",
        ]  # fmt: skip
        assert {*acts[-3:-1]} == {"hear_poll", "assess_item"}
        assert acts[-1] == "commend_item"
        assert (item["status"], item["remaining"], len(item["claims"])) == ("commended", 0, 1)
        assert len(self.lost) == len(self.rivals) - 1
        assert sum(self.poll["counts"].values()) == self.poll["answered"]
        assert item["score"]["poll"] == self.poll["score"]
        author = Person(self.person.url).get(f"/public/needs/{self.need['reference']}")
        assert author["item"]["title"] == self.title
        kinds = (
            "item_published",
            "item_claimed",
            "item_verified",
            "poll_opened",
            "item_scored",
            "item_commended",
        )
        notices = self.person.get("/notices", item_id=item["item_id"], limit=50)["items"]
        told = [notice["kind"] for notice in notices]
        assert [told.count(kind) for kind in kinds] == [1] * len(kinds)


@dataclass
class FormRefused:
    """Story 4: a new form is refused by rule, and an emergency is exempt but counted."""

    person: Person
    community_id: str
    mark: str = field(default_factory=lambda: uuid4().hex[:10])
    before: View = field(default_factory=dict)
    letters: list[View] = field(default_factory=list)
    too_late: Refused | None = None
    refused: View = field(default_factory=dict)

    @property
    def department(self) -> str:
        return f"演练局 {self.mark}"

    def tell(self) -> None:
        today = local_today()
        negative = {
            "gate_list": "negative",
            "title": f"养老意愿调查{self.mark}",
            "basis": "整治形式主义为基层减负若干规定",
            "from_on": str(today),
        }
        self.person.post("/gate-entries", negative)
        self.before = self.meter()
        try:
            self.person.post("/admissions", self._application(days=14))
        except Refused as refused:
            self.too_late = refused
        self.refused = self.person.post("/admissions", self._application(days=90))
        for more in (
            {"admission_id": self.refused["admission_id"]},
            {"department": self.department, "task_title": f"居民宠物登记{self.mark}", "kind": "form"},
        ):
            self.letters.append(
                self.person.post("/sent-back-tasks", {"community_id": self.community_id, **more})
            )
        emergency = self.person.post(
            "/emergencies",
            {
                "department": self.department,
                "title": f"暴雪应急{self.mark}",
                "kind": "life",
                "reason": "暴雪红色预警",
                "from_on": str(today),
                "until_on": str(today + timedelta(days=3)),
                "community_ids": [self.community_id],
            },
        )
        counted = {
            "community_id": self.community_id,
            "title": "巡查",
            "kind": "inspection",
            "quantity": 5,
            "happened_on": str(today),
            "emergency_id": emergency["emergency_id"],
        }
        self.person.post("/burdens", counted)

    def _application(self, *, days: int) -> View:
        starts = local_today() + timedelta(days=days)
        return {
            "department": self.department,
            "task_title": f"养老意愿调查{self.mark}表",
            "kind": "form",
            "legal_basis": "年度调查方案",
            "from_on": str(starts),
            "until_on": str(starts + timedelta(days=200)),
            "frequency": "quarterly",
            "form_count": 1,
        }

    def meter(self) -> View:
        """The month's line of this story's own department; empty while nothing is counted for it."""
        month = f"{local_today():%Y-%m}"
        lines = self.person.get("/burden-meter", month=month)["departments"]
        return next((line for line in lines if line["department"] == self.department), {})

    def check(self) -> None:
        """The index is as it was; what was refused and what was urgent stands beside it."""
        assert self.before == {}
        assert self.too_late is not None
        assert "30 个工作日" in self.too_late.answer.json()["detail"]
        assert (self.refused["status"], self.refused["is_by_rule"]) == ("refused", True)
        assert "负面事项清单" in self.letters[0]["letter"]
        assert "未列入" in self.letters[1]["letter"]
        line = self.meter()
        assert (line["index"], line["unadmitted"], line["emergencies"]) == (0, 0, 5)
        assert line["sent_back"] == 2
        burdens = self.person.get("/burdens", department=self.department)["items"]
        assert [(one["basis"], one["quantity"]) for one in burdens] == [("emergency", 5)]
        letters = self.person.get("/sent-back-tasks", department=self.department)["items"]
        assert len(letters) == len(self.letters)


def answer_ballot(resident: Person, token: str, satisfaction: str = "very_satisfied") -> None:
    """A personal link answers once; when the answer was lost on the way, the second try says so."""
    try:
        resident.post(f"/ballots/{token}/answer", {"satisfaction": satisfaction})
    except Refused as refused:
        if refused.answer.status_code != requests.codes.conflict:
            raise
