"""Notifications in memory: some notices, their deliveries in every state, two subscriptions."""

from typing import Any
from uuid import UUID, uuid4

from services.contracts.base import Actor
from services.contracts.notifications.errors import AlreadySubscribed, DeliveryNotFound, DeliveryNotResendable
from tests.gateway import fake_sample as sample
from tests.gateway.fake_claims import FakeClaims

_STATES = ("sent", "sent", "failed", "waiting", "uncertain", "sent")


class FakeNotifications:
    def __init__(self, claims: FakeClaims) -> None:
        told = [item for item in claims.items.values() if item["claims"]][:14]
        self.notices = [self.notice(item, number) for number, item in enumerate(told)]
        self.deliveries = [
            _delivery(notice, channel, number * 2 + nth)
            for number, notice in enumerate(self.notices)
            for nth, channel in enumerate(("board", "wecom"))
        ]
        self.subscriptions = [
            _subscription("wecom", "海兰社区居民群", claims.communities[0]["community_id"]),
            _subscription("email", "市民政局办公室", None),
        ]

    @staticmethod
    def notice(item: dict[str, Any], number: int) -> dict[str, Any]:
        unit_name = item["claims"][0]["units"][0]["unit_name"]
        return {
            "notice_id": sample.id_of("notice", number, item["code"]),
            "kind": "item_claimed",
            "title": f"{item['title']}已被认领",
            "body": f"{item['community_name']}“{item['title']}”（{item['code']}）由{unit_name}认领，感谢支持。",
            "community_id": item["community_id"],
            "community_name": item["community_name"],
            "item_id": item["item_id"],
            "published_at": sample.iso(-number / 6 - 0.02),
        }

    def list_notices(
        self, _: Actor, *, community_id: UUID | None, item_id: UUID | None, cursor: str | None, limit: int
    ) -> dict[str, Any]:
        found = [
            notice
            for notice in self.notices
            if community_id in (None, UUID(notice["community_id"]))
            and item_id in (None, UUID(notice["item_id"]))
        ]
        start = int(cursor or 0)
        following = str(start + limit) if start + limit < len(found) else None
        return {"items": found[start : start + limit], "next": following}

    def list_deliveries(
        self, actor: Actor, *, notice_id: UUID | None, item_id: UUID | None, status: str | None, cursor: str | None,
        limit: int,
    ) -> dict[str, Any]:  # fmt: skip
        of = {notice["notice_id"] for notice in self.notices if item_id in (None, UUID(notice["item_id"]))}
        found = [
            _seen(delivery, actor)
            for delivery in self.deliveries
            if delivery["notice_id"] in of
            and notice_id in (None, UUID(delivery["notice_id"]))
            and status in (None, delivery["status"])
        ]
        return {"items": found[:limit], "next": None}

    def resend_delivery(self, actor: Actor, *, delivery_id: UUID) -> dict[str, Any]:
        found = next((one for one in self.deliveries if one["delivery_id"] == str(delivery_id)), None)
        if found is None:
            raise DeliveryNotFound("没有找到这条发送记录。")
        if found["status"] not in ("failed", "uncertain"):
            raise DeliveryNotResendable("这条通知不需要重新发送。")
        found.update(status="waiting", last_error="", next_attempt_at=sample.iso(0))
        return _seen(found, actor)

    def add_subscription(
        self, _: Actor, *, channel: str, address: str, label: str, community_id: UUID | None
    ) -> dict[str, Any]:
        if any(one["label"] == label for one in self.subscriptions):
            raise AlreadySubscribed("这个地址已经订阅过。")
        made = _subscription(channel, label, str(community_id) if community_id else None)
        self.subscriptions.append(made)
        return made

    def list_subscriptions(
        self, _: Actor, *, community_id: UUID | None, cursor: str | None, limit: int
    ) -> dict[str, Any]:
        return {"items": self.subscriptions[:limit], "next": None}

    def remove_subscription(self, _: Actor, *, subscription_id: UUID) -> dict[str, Any]:
        self.subscriptions = [
            one for one in self.subscriptions if one["subscription_id"] != str(subscription_id)
        ]
        return {}


def _delivery(notice: dict[str, Any], channel: str, number: int) -> dict[str, Any]:
    status = "sent" if channel == "board" else _STATES[number // 2 % len(_STATES)]
    return {
        "delivery_id": sample.id_of("delivery", notice["notice_id"], channel),
        "notice_id": notice["notice_id"],
        "title": notice["title"],
        "channel": channel,
        "recipient": "" if channel == "board" else "海兰社区居民群",
        "status": status,
        "attempts": 3 if status == "failed" else 1,
        "created_at": notice["published_at"],
        "sent_at": notice["published_at"] if status == "sent" else None,
        "next_attempt_at": sample.iso(0.01) if status == "waiting" else None,
        "last_error": "对方返回 93000：机器人已被移除" if status == "failed" else "",
    }


def _subscription(channel: str, label: str, community_id: str | None) -> dict[str, Any]:
    address = "693a****" if channel == "wecom" else "mz***@example.org"
    return {
        "subscription_id": str(uuid4()),
        "channel": channel,
        "address": address,
        "label": label,
        "community_id": community_id,
    }


def _seen(delivery: dict[str, Any], actor: Actor) -> dict[str, Any]:
    may = delivery["status"] in ("failed", "uncertain") and actor.is_staff
    return {**delivery, "possible_acts": ["resend_delivery"] if may else []}
