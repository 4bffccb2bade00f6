"""Story 1: from an Excel list with mistakes to a commendation that the WeCom group reads.

Every test is one step and stands on the ones before it; what they hand on is in `Told`.
"""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from deploy.demo import story
from deploy.demo.acts import View, answer_poll, import_claim_list, poll_of, preview_claim_list
from deploy.demo.client import Client, Refused, wait_for
from deploy.demo.load import CITY_ADMIN, CITY_ASSESSOR
from services.chassis.clock import LOCAL, utc_now
from services.contracts.consultation.terms import PollStatus

pytestmark = pytest.mark.journey

ROBOT = "story-1-robot-of-hailan"


@dataclass
class Told:
    """Who takes part, and how far the story has come."""

    public: Client
    admin: Client
    assessor: Client
    manager: Client
    rivals: list[Client]
    stranger: Client
    files: story.Files
    claim_list: View = field(default_factory=dict)
    item: View = field(default_factory=dict)
    heating: View = field(default_factory=dict)
    winner: Client | None = None
    poll: View = field(default_factory=dict)

    def see(self, who: Client | None = None) -> View:
        self.item = (who or self.manager).get(f"/items/{self.item['item_id']}")
        return self.item

    def on_claim(self, who: Client, act: str, **body: Any) -> View:
        claim_id = self.item["claims"][0]["claim_id"]
        self.item = who.post(f"/items/{self.item['item_id']}/claims/{claim_id}/{act}", body)
        return self.item


@pytest.fixture(scope="module")
def told(platform: Any) -> Told:
    public = Client(platform.url)

    def person(username: str) -> Client:
        return public.signed_in(username, platform.accounts[username])

    told = Told(
        public=public,
        admin=person(CITY_ADMIN),
        assessor=person(CITY_ASSESSOR),
        manager=person(story.MANAGER),
        rivals=[person(username) for username in story.RIVALS],
        stranger=person("xixing"),
        files=story.story_files(utc_now().astimezone(LOCAL)),
    )
    communities = public.get("/communities")["items"]
    hailan = next(one for one in communities if one["community_name"] == story.COMMUNITY)
    robot = {"channel": "wecom", "address": ROBOT, "label": "居民群", "community_id": hailan["community_id"]}
    told.manager.post("/subscriptions", robot)
    return told


def test_01_the_preview_names_every_mistake_and_changes_nothing(told: Told) -> None:
    before = told.admin.get("/items/counts")

    read = preview_claim_list(told.admin, "清单.xlsx", told.files.with_errors)

    assert read["file"]["missing_columns"] == []
    assert read["file"]["title"] == story.LIST_TITLE
    assert (read["preview"]["new"], read["preview"]["wrong"]) == (0, 2)
    errors = {row["title"]: "".join(row["errors"]) for row in read["preview"]["rows"]}
    assert "海兰小区" in errors[story.SNOW]
    assert "取暖" in errors[story.HEATING]
    assert "办结期限" in errors[story.HEATING]
    assert told.admin.get("/items/counts") == before


def test_02_a_list_with_mistakes_is_not_imported(told: Told) -> None:
    with pytest.raises(Refused) as refused:
        import_claim_list(told.admin, "清单.xlsx", told.files.with_errors, title=story.LIST_TITLE)

    assert (refused.value.status, refused.value.code) == (422, "claim_list_invalid")


def test_03_the_corrected_list_is_imported_as_drafts_once(told: Told) -> None:
    read = preview_claim_list(told.admin, "清单.xlsx", told.files.good)
    told.claim_list = import_claim_list(told.admin, "清单.xlsx", told.files.good, title=story.LIST_TITLE)
    with pytest.raises(Refused) as again:
        import_claim_list(told.admin, "清单.xlsx", told.files.good, title=story.LIST_TITLE)

    assert (read["preview"]["new"], read["preview"]["wrong"]) == (2, 0)
    assert (told.claim_list["item_count"], told.claim_list["draft_count"]) == (2, 2)
    assert again.value.code == "claim_list_already_imported"


def test_04_drafts_are_not_public(told: Told) -> None:
    items = list(told.manager.each("/items", claim_list_id=told.claim_list["claim_list_id"]))
    told.item = next(item for item in items if item["title"] == story.SNOW)
    told.heating = next(item for item in items if item["title"] == story.HEATING)

    assert {item["status"] for item in items} == {"draft"}
    with pytest.raises(Refused) as refused:
        told.public.get(f"/public/items/{told.item['item_id']}")
    assert refused.value.status == 404


def test_05_only_the_communitys_own_staff_may_publish(told: Told) -> None:
    with pytest.raises(Refused) as refused:
        told.stranger.post(f"/items/{told.item['item_id']}/publication", _period())

    assert refused.value.status in {403, 404}


def test_06_publishing_opens_the_claim_period(told: Told) -> None:
    done = told.manager.post(f"/claim-lists/{told.claim_list['claim_list_id']}/publication", _period())

    assert done["published"] == 2
    assert told.see()["status"] == "published"
    assert told.public.get(f"/public/items/{told.item['item_id']}")["title"] == story.SNOW


def test_07_of_two_units_that_race_one_wins_and_the_other_hears_why(told: Told) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda unit: _try_to_claim(unit, told.item["item_id"]), told.rivals))

    won = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert (len(won), len(lost)) == (1, 1)
    assert (lost[0].status, lost[0].code) == (409, "item_already_claimed")
    assert won[0]["unit_names"][0] in str(lost[0])
    told.winner = told.rivals[outcomes.index(won[0])]
    assert (told.see()["status"], told.item["remaining"]) == ("claimed", 0)


def test_08_the_work_is_reported_handed_in_sent_back_and_verified(told: Told) -> None:
    assert told.winner is not None

    told.on_claim(told.manager, "confirmation", agreement="共建协议")
    told.on_claim(told.winner, "milestones", milestone_title="清运 3 处", percent=50)
    assert (told.item["status"], told.item["percent"]) == ("in_progress", 50)

    told.on_claim(told.winner, "submission", summary="全部清运")
    assert told.item["status"] == "submitted"

    told.on_claim(told.manager, "return", reason="请补充照片")
    assert told.item["status"] == "in_progress"

    told.on_claim(told.winner, "milestones", milestone_title="补拍照片", percent=100)
    told.on_claim(told.winner, "submission", summary="全部清运，照片齐全")
    with pytest.raises(Refused) as refused:
        told.on_claim(told.winner, "verification")
    assert refused.value.status == 403

    told.on_claim(told.manager, "verification", note="属实")
    assert told.item["status"] == "verified"


def test_09_the_poll_opens_by_itself_and_asks_none_of_the_doers(told: Told) -> None:
    told.poll = poll_of(told.manager, told.item["item_id"])

    assert told.poll["status"] == PollStatus.OPEN
    assert told.poll["sampled"] >= told.poll["least_sample"] == 30
    assert told.poll["counts"] is None


def test_10_residents_answer_once_through_their_own_link(told: Told) -> None:
    given = answer_poll(told.manager, told.poll, answers=40, chance=random.Random(1))
    links = told.manager.get(f"/polls/{told.poll['poll_id']}/invitations")["items"]
    ballot = told.public.get(f"/ballots/{links[0]['token']}")
    with pytest.raises(Refused) as again:
        told.public.post(f"/ballots/{links[0]['token']}/answer", {"satisfaction": "very_dissatisfied"})
    with pytest.raises(Refused) as made_up:
        told.public.post(f"/ballots/{'A' * 64}/answer", {"satisfaction": "satisfied"})

    assert given == 40
    assert (ballot["community_name"], ballot["is_answered"]) == (story.COMMUNITY, True)
    assert (again.value.status, again.value.code) == (409, "already_answered")
    assert made_up.value.status == 403
    assert told.manager.get(f"/polls/{told.poll['poll_id']}")["counts"] is None


def test_11_closing_the_poll_shows_a_result_that_adds_up(told: Told) -> None:
    told.poll = told.manager.post(f"/polls/{told.poll['poll_id']}/closing")

    counts = told.poll["counts"]
    good = counts["very_satisfied"] + counts["satisfied"] + counts["fairly_satisfied"]
    weights = {"very_satisfied": 100, "satisfied": 80, "fairly_satisfied": 60, "dissatisfied": 30}
    points = sum(weights.get(grade, 0) * count for grade, count in counts.items())
    assert sum(counts.values()) == told.poll["answered"] == 40
    assert float(told.poll["satisfaction_percent"]) == pytest.approx(100 * good / 40, abs=0.005)
    assert float(told.poll["score"]) == pytest.approx(points / 40, abs=0.005)
    assert told.poll["is_sample_sufficient"] is True


def test_12_assessment_poll_and_timeliness_make_the_score(told: Told) -> None:
    told.assessor.post(f"/items/{told.item['item_id']}/assessment", {"score": "95.00", "comment": ""})

    wait_for(lambda: told.see()["status"] == "scored", "评分")
    score = told.item["score"]
    total = 0.5 * 95 + 0.4 * float(told.poll["score"]) + 0.1 * 100
    assert (score["assessment"], score["poll"], score["timeliness"]) == (
        "95.00",
        told.poll["score"],
        "100.00",
    )
    assert float(score["total"]) == pytest.approx(total, abs=0.0051)
    assert score["grade"] == ("excellent" if float(score["total"]) >= 90 else "good")


def test_13_good_work_is_commended_and_stands_on_the_public_board(told: Told) -> None:
    told.manager.post(f"/items/{told.item['item_id']}/commendation", {"reason": "行动迅速，居民满意"})

    assert told.see()["status"] == "commended"
    assert told.item["commendation"]["objection_until_on"] > str(utc_now().astimezone(LOCAL).date())
    notice = wait_for(lambda: _notice(told, "item_commended"), "表扬公示")
    assert told.item["unit_names"][0] in notice["body"]
    assert notice["community_name"] == story.COMMUNITY


def test_14_each_notice_reaches_the_group_exactly_once(told: Told, platform: Any) -> None:
    kinds = ["item_claimed", "poll_closed", "item_scored", "item_commended"]
    notices = wait_for(lambda: _all_notices(told, kinds), "公告")
    wait_for(lambda: _all_sent(told, len(kinds)), "企业微信投递")

    titles = Counter(text.partition("\n")[0] for text in platform.wecom.texts)
    assert [titles[notice["title"]] for notice in notices] == [1, 1, 1, 1]


def test_15_the_items_page_tells_the_whole_way(told: Told) -> None:
    acts = [entry["act"] for entry in told.see()["history"]]

    assert acts[:4] == ["create_item", "publish_claim_list", "claim_item", "confirm_claim"]
    work = ["report_milestone", "submit_claim"]
    assert acts[4:-3] == [*work, "send_back_claim", *work, "verify_claim"]
    # The poll's result and the assessment come from two sides, in either order.
    assert {*acts[-3:-1]} == {"hear_poll", "assess_item"}
    assert acts[-1] == "commend_item"
    names = {entry["actor_name"] for entry in told.item["history"]}
    assert {"海兰社区 书记", "市民政局 考核专员"} <= names


def test_16_the_other_item_still_waits_for_a_unit(told: Told) -> None:
    heating = told.public.get(f"/public/items/{told.heating['item_id']}")

    assert (heating["status"], heating["remaining"]) == ("published", 4)


def _period() -> View:
    today = utc_now().astimezone(LOCAL).date()
    return {"party_study_on": str(today), "claim_until_on": str(today + timedelta(days=10))}


def _try_to_claim(unit: Client, item_id: str) -> View | Refused:
    unit_id = unit.get("/session")["user"]["unit_id"]
    try:
        claimed: View = unit.post(f"/items/{item_id}/claims", {"unit_id": unit_id})
    except Refused as refusal:
        return refusal
    return claimed


def _notice(told: Told, kind: str) -> View | None:
    notices = told.public.get("/notices", item_id=told.item["item_id"])["items"]
    return next((one for one in notices if one["kind"] == kind), None)


def _all_notices(told: Told, kinds: list[str]) -> list[View] | None:
    found = [_notice(told, kind) for kind in kinds]
    return [one for one in found if one] if all(found) else None


def _all_sent(told: Told, count: int) -> bool:
    deliveries = list(told.manager.each("/deliveries", item_id=told.item["item_id"]))
    sent = [one for one in deliveries if one["channel"] == "wecom"]
    return len(sent) == count and all(one["status"] == "sent" for one in sent)
