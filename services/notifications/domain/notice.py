"""Notices, and which event is told through which channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Self
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.events import (
    ClaimReleased,
    CommendationRevoked,
    ItemClaimed,
    ItemCommended,
    ItemPublished,
    ItemScored,
    ItemVerified,
)
from services.contracts.consultation.events import PollClosed, PollOpened
from services.contracts.notifications.events import NoticePublished
from services.contracts.notifications.terms import Channel

# A claim list publishes dozens of items at once, and a group that is flooded stops reading:
# only what a group waits for reaches the robot and the mailbox, everything stands on the board.
_BOARD_ONLY = (Channel.BOARD,)
_EVERYWHERE = (Channel.BOARD, Channel.WECOM, Channel.EMAIL)

CHANNELS: Mapping[type[Event], tuple[Channel, ...]] = MappingProxyType(
    {
        ItemPublished: _BOARD_ONLY,
        ItemClaimed: _EVERYWHERE,
        ClaimReleased: _BOARD_ONLY,
        ItemVerified: _BOARD_ONLY,
        PollOpened: _BOARD_ONLY,
        PollClosed: _EVERYWHERE,
        ItemScored: _EVERYWHERE,
        ItemCommended: _EVERYWHERE,
        CommendationRevoked: _EVERYWHERE,
    }
)

# What `CHANNELS` lists; all of them are about one item of one community.
ToldEvent = (
    ItemPublished
    | ItemClaimed
    | ClaimReleased
    | ItemVerified
    | PollOpened
    | PollClosed
    | ItemScored
    | ItemCommended
    | CommendationRevoked
)


@dataclass(eq=False, kw_only=True)
class Notice:
    """Written once and never changed.

    `source_event_id` is the event it tells of, so that one event never makes two notices.
    """

    notice_id: UUID
    source_event_id: UUID
    kind: str
    title: str
    body: str
    community_id: UUID | None
    item_id: UUID | None
    published_at: datetime

    @classmethod
    def publish(
        cls,
        *,
        notice_id: UUID,
        source_event_id: UUID,
        kind: str,
        title: str,
        body: str,
        community_id: UUID | None,
        item_id: UUID | None,
        now: datetime,
    ) -> tuple[Self, NoticePublished]:
        notice = cls(
            notice_id=notice_id,
            source_event_id=source_event_id,
            kind=kind,
            title=title,
            body=body,
            community_id=community_id,
            item_id=item_id,
            published_at=now,
        )
        return notice, NoticePublished(
            notice_id=notice_id, community_id=community_id, item_id=item_id, title=title, occurred_at=now
        )
