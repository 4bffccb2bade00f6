"""Acts of several calls, as people do them: taking in a claim list, asking residents, moving an item on."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.demo.client import Client, Refused, wait_for
from services.contracts.claims.terms import ClaimStatus, ItemStatus
from services.contracts.consultation.terms import PollStatus, Satisfaction

ORDER = list(ItemStatus)

# Where more would be needed, the sample stays too small: that, too, belongs to a true picture.
MOST_ANSWERS = 45

View = dict[str, Any]


def preview_claim_list(client: Client, name: str, content: bytes) -> View:
    """Hand the file in and wait until it is read: `file` tells what was found, `preview` every row."""
    started = client.upload("/claim-lists/previews", name, content)
    place = f"/claim-lists/previews/{started['preview_id']}"

    def read() -> View | None:
        answer: View = client.get(place)
        return answer if answer["status"] == "done" else None

    return wait_for(read, "清单预览")


def import_claim_list(client: Client, name: str, content: bytes, *, title: str) -> View:
    imported: View = client.upload("/claim-lists", name, content, title=title)
    return imported


def poll_of(client: Client, item_id: str, *, status: PollStatus | None = None) -> View:
    """The item's poll, which opens by itself some moments after the item was verified."""

    def look() -> View | None:
        polls = client.get("/polls", item_id=item_id, status=status)["items"]
        return polls[0] if polls else None

    return wait_for(look, "民意测验")


def answer_poll(staff: Client, poll: View, *, answers: int, chance: random.Random) -> int:
    """As many of the invited as `answers` open their personal link; how many answered now for the first time."""
    links = staff.get(f"/polls/{poll['poll_id']}/invitations")["items"][:answers]
    resident = Client(staff.base_url)
    grades = chance.choices(list(Satisfaction), weights=(46, 34, 14, 4, 2), k=len(links))

    def answer(link: View, grade: Satisfaction) -> bool:
        try:
            resident.post(f"/ballots/{link['token']}/answer", {"satisfaction": grade.value})
        except Refused as refusal:
            if refusal.code == "already_answered":
                return False
            raise
        return True

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(answer, links, grades))


@dataclass(frozen=True, kw_only=True)
class People:
    """Who acts on an item: the community's staff, the unit's liaison, the city's assessor."""

    staff: Client
    liaison: Client
    assessor: Client


class Progress:
    """Moves one item of the sample city on, act by act, until it has come to its place in the story.

    It goes by what the platform says, so a load that broke off is simply continued.
    """

    def __init__(
        self, people: People, item: View, *, unit_id: str | None, target: ItemStatus, today: date
    ) -> None:
        self._people = people
        self._item = item
        self._unit_id = unit_id
        self._target = target
        self._today = today
        self._chance = random.Random(item["code"])

    def run(self) -> None:
        while ORDER.index(self._item["status"]) < ORDER.index(self._target):
            match self._item["status"]:
                case ItemStatus.DRAFT:
                    self._publish()
                case ItemStatus.PUBLISHED:
                    body = {"unit_id": self._unit_id, "note": "本单位按职能认领，尽快组织实施。"}
                    self._act(self._people.liaison, "claims", body)
                case ItemStatus.CLAIMED:
                    self._begin()
                case ItemStatus.IN_PROGRESS:
                    self._report("主体工作完成，收尾整改", 100)
                    body = {"summary": "已按要求全部完成，现场照片和台账已整理，请予核验。"}
                    self._on_claim(self._people.liaison, "submission", body)
                case ItemStatus.SUBMITTED:
                    self._on_claim(self._people.staff, "verification", {"note": "现场核验，情况属实。"})
                case ItemStatus.VERIFIED:
                    self._score()
                case ItemStatus.SCORED:
                    body = {"reason": "行动迅速、质量过硬，居民满意度高，予以通报表扬。"}
                    self._act(self._people.staff, "commendation", body)
        self._linger()

    def _publish(self) -> None:
        due_on = date.fromisoformat(self._item["due_on"])
        until = min(due_on, self._today + timedelta(days=self._chance.randrange(10, 25)))
        self._act(
            self._people.staff,
            "publication",
            {"party_study_on": str(self._today), "claim_until_on": str(until)},
        )

    def _begin(self) -> None:
        if self._claim["status"] == ClaimStatus.CLAIMED:
            self._on_claim(
                self._people.staff, "confirmation", {"agreement": f"共建协议（{self._item['code']}）"}
            )
        self._report("制定方案，落实人员和物资", self._chance.randrange(2, 8) * 10)

    def _report(self, title: str, percent: int) -> None:
        if self._claim["percent"] < percent:
            self._on_claim(self._people.liaison, "milestones", {"milestone_title": title, "percent": percent})

    def _score(self) -> None:
        score = self._chance.randrange(8200, 9700) / 100
        self._act(
            self._people.assessor, "assessment", {"score": f"{score:.2f}", "comment": "按考核细则现场评分。"}
        )
        poll = poll_of(self._people.staff, self._item["item_id"])
        if poll["status"] == PollStatus.OPEN:
            answers = min(poll["least_sample"] + self._chance.randrange(2, 8), MOST_ANSWERS)
            answer_poll(self._people.staff, poll, answers=answers, chance=self._chance)
            self._people.staff.post(
                f"/polls/{poll['poll_id']}/closing", key=f"sample:{poll['poll_id']}:closing"
            )
        self._item = wait_for(self._scored, f"事项 {self._item['code']} 的评分")

    def _scored(self) -> View | None:
        item: View = self._people.staff.get(f"/items/{self._item['item_id']}")
        return item if item["status"] in {ItemStatus.SCORED, ItemStatus.COMMENDED} else None

    def _linger(self) -> None:
        """What stays where it is has not stood still: some are signed, some residents have answered."""
        if self._item["status"] != self._target:
            return
        if self._target is ItemStatus.CLAIMED and self._chance.random() < 0.5:
            if self._claim["status"] == ClaimStatus.CLAIMED:
                self._on_claim(
                    self._people.staff, "confirmation", {"agreement": f"共建协议（{self._item['code']}）"}
                )
        elif self._target is ItemStatus.VERIFIED:
            poll = poll_of(self._people.staff, self._item["item_id"])
            if poll["status"] == PollStatus.OPEN:
                answer_poll(
                    self._people.staff, poll, answers=min(poll["sampled"] // 3, 12), chance=self._chance
                )

    @property
    def _claim(self) -> View:
        if "claims" not in self._item:
            self._item = self._people.staff.get(f"/items/{self._item['item_id']}")
        return next(claim for claim in self._item["claims"] if claim["status"] != ClaimStatus.RELEASED)

    def _on_claim(self, who: Client, act: str, body: View) -> None:
        self._act(who, f"claims/{self._claim['claim_id']}/{act}", body)

    def _act(self, who: Client, act: str, body: View) -> None:
        key = f"sample:{self._item['item_id']}:{self._item['version']}:{act.rpartition('/')[2]}"
        self._item = who.post(f"/items/{self._item['item_id']}/{act}", body, key=key)
