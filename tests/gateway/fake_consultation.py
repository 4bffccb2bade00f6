"""Consultation in memory: a poll for every item that was verified, and a few personal links."""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.consultation.errors import (
    AlreadyAnswered,
    CodeNotFound,
    LinkInvalid,
    PollClosedAlready,
    PollNotFound,
)
from tests.gateway import fake_sample as sample
from tests.gateway.fake_claims import FakeClaims


class FakeConsultation:
    """Links are `open-token`, `answered-token` and `closed-token`."""

    def __init__(self, claims: FakeClaims) -> None:
        self.polls = {
            poll["poll_id"]: poll
            for item in claims.items.values()
            if item["status"] in ("verified", "scored", "commended")
            for poll in [_poll(item)]
        }
        self.answered = {"answered-token"}

    def list_polls(
        self, actor: Actor, *, item_id: UUID | None, community_id: UUID | None, status: str | None, cursor: str | None,
        limit: int,
    ) -> dict[str, Any]:  # fmt: skip
        found = [
            _seen(poll, actor)
            for poll in self.polls.values()
            if item_id in (None, UUID(poll["item_id"]))
            and community_id in (None, UUID(poll["community_id"]))
            and status in (None, poll["status"])
        ]
        return {"items": found[:limit], "next": None}

    def get_poll(self, actor: Actor, *, poll_id: UUID) -> dict[str, Any]:
        return _seen(self._poll(poll_id), actor)

    def close_poll(self, actor: Actor, *, poll_id: UUID, expected_version: int | None) -> dict[str, Any]:
        poll = self._poll(poll_id)
        if poll["status"] == "closed":
            raise PollClosedAlready("这次民意测验已经结束。")
        poll.update(_closed(), version=poll["version"] + 1)
        return _seen(poll, actor)

    def list_invitations(self, _: Actor, *, poll_id: UUID) -> dict[str, Any]:
        names = ("张*", "王*兰", "李*", "赵*明")
        return {
            "items": [
                {"resident_name": name, "token": f"{number:064d}", "code": f"2345-678{number + 2}"}
                for number, name in enumerate(names)
            ]
        }

    def list_residents(self, _: Actor, **wanted: Any) -> dict[str, Any]:
        resident = {
            "resident_id": sample.id_of("resident", "张"),
            "community_id": sample.id_of("community", "海兰"),
            "resident_name": "张*",
            "identity_number": "231102**********0019",
            "grid_code": "",
            "employer_uscc": "",
        }
        return {"items": [resident], "next": None}

    def open_code(self, _: Actor, *, code: str) -> dict[str, Any]:
        if code != "2345-6789":
            raise CodeNotFound("没有这个答题码，或民意测验已经结束。")
        return {"token": "open-token"}

    def open_invitation(self, _: Actor, *, token: str) -> dict[str, Any]:
        if token not in ("open-token", "answered-token", "closed-token"):
            raise LinkInvalid("链接无效，请核对后重试，或联系社区工作人员。")
        return {
            "poll_id": sample.id_of("poll", "RL-2026-0001"),
            "title": "海兰小区主次干道及单元门前除雪",
            "community_name": "海兰社区",
            "closes_at": sample.iso(5),
            "is_open": token != "closed-token",
            "is_answered": token in self.answered,
        }

    def answer_poll(self, _: Actor, *, token: str, satisfaction: str) -> dict[str, Any]:
        if token == "closed-token":
            raise PollClosedAlready("这次民意测验已经结束，不再接收答卷。")
        if token in self.answered:
            raise AlreadyAnswered("您已经答过这次民意测验，谢谢您的参与。")
        self.answered.add(token)
        return {"answered": True}

    def _poll(self, poll_id: UUID) -> dict[str, Any]:
        if str(poll_id) not in self.polls:
            raise PollNotFound("没有找到这次民意测验。")
        return self.polls[str(poll_id)]


def _poll(item: dict[str, Any]) -> dict[str, Any]:
    poll = {
        "poll_id": sample.id_of("poll", item["code"]),
        "item_id": item["item_id"],
        "community_id": item["community_id"],
        "title": item["title"],
        "status": "open",
        "seed": "9f2c" * 16,
        "sampled": 60,
        "answered": 31,
        "turnout_percent": "51.7",
        "least_sample": 30,
        "is_sample_sufficient": None,
        "counts": None,
        "satisfaction_percent": None,
        "bad_percent": None,
        "score": None,
        "opened_at": sample.iso(-4),
        "closes_at": sample.iso(3),
        "closed_at": None,
        "version": 1,
    }
    return poll if item["status"] == "verified" else {**poll, **_closed()}


def _closed() -> dict[str, Any]:
    return {
        "status": "closed",
        "answered": 44,
        "turnout_percent": "73.3",
        "is_sample_sufficient": True,
        "counts": {
            "very_satisfied": 30,
            "satisfied": 9,
            "fairly_satisfied": 3,
            "dissatisfied": 2,
            "very_dissatisfied": 0,
        },
        "satisfaction_percent": "95.5",
        "bad_percent": "4.5",
        "score": "92.90",
        "closed_at": sample.iso(-1),
    }


def _seen(poll: dict[str, Any], actor: Actor) -> dict[str, Any]:
    may = poll["status"] == "open" and actor.is_staff and actor.reaches(UUID(poll["community_id"]))
    return {**poll, "possible_acts": ["list_invitations", "close_poll"] if may else []}
