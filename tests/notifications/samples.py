"""One event of each kind that notifications tells of."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
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
from services.contracts.claims.terms import Category, ClaimKind, ScoreGrade, ServiceClass
from services.contracts.consultation.events import PollClosed, PollOpened

COMMUNITY = UUID(int=1)
ITEM = UUID(int=2)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

_ABOUT: dict[str, Any] = {
    "item_id": ITEM,
    "community_id": COMMUNITY,
    "title": "更换楼道照明灯",
    "occurred_at": NOW,
}
_ITEM: dict[str, Any] = {**_ABOUT, "code": "231102001001-2026-0007"}
_POLL: dict[str, Any] = {**_ABOUT, "poll_id": UUID(int=3)}


def item_published(**facts: Any) -> ItemPublished:
    return ItemPublished(
        **{
            **_ITEM,
            "service_class": ServiceClass.CONVENIENCE,
            "category": Category.FACILITIES,
            "quantity": 10,
            "measure": "盏",
            "due_on": date(2026, 12, 31),
            "claim_until_on": date(2026, 12, 8),
            **facts,
        }
    )


def item_claimed(**facts: Any) -> ItemClaimed:
    return ItemClaimed(
        **{
            **_ITEM,
            "claim_id": UUID(int=4),
            "kind": ClaimKind.WHOLE,
            "quantity": 10,
            "remaining": 0,
            "unit_ids": (UUID(int=5),),
            "unit_names": ("黑河供热公司",),
            **facts,
        }
    )


def claim_released(**facts: Any) -> ClaimReleased:
    return ClaimReleased(
        **{**_ITEM, "claim_id": UUID(int=4), "remaining": 10, "reason": "设备未到货", **facts}
    )


def item_verified(**facts: Any) -> ItemVerified:
    return ItemVerified(
        **{
            **_ITEM,
            "beneficiaries": 320,
            "doer_usccs": ("91231100000000000X",),
            "unit_names": ("黑河供热公司",),
            **facts,
        }
    )


def poll_opened(**facts: Any) -> PollOpened:
    return PollOpened(
        **{**_POLL, "sampled": 60, "closes_at": datetime(2026, 11, 30, 10, 0, tzinfo=UTC), **facts}
    )


def poll_closed(**facts: Any) -> PollClosed:
    return PollClosed(
        **{
            **_POLL,
            "sampled": 60,
            "answered": 40,
            "satisfaction_percent": Decimal("90.00"),
            "score": Decimal("81.25"),
            "is_sample_sufficient": True,
            **facts,
        }
    )


def item_scored(**facts: Any) -> ItemScored:
    return ItemScored(
        **{
            **_ITEM,
            "assessment": Decimal("88.00"),
            "poll": Decimal("81.25"),
            "timeliness": Decimal("100.00"),
            "total": Decimal("86.50"),
            "grade": ScoreGrade.GOOD,
            "is_sample_sufficient": True,
            "unit_names": ("黑河供热公司",),
            **facts,
        }
    )


def item_commended(**facts: Any) -> ItemCommended:
    return ItemCommended(
        **{
            **_ITEM,
            "commendation_id": UUID(int=6),
            "unit_names": ("黑河供热公司",),
            "total": Decimal("92.00"),
            "reason": "提前完成，居民满意",
            "objection_until_on": date(2026, 12, 15),
            **facts,
        }
    )


def commendation_revoked(**facts: Any) -> CommendationRevoked:
    return CommendationRevoked(
        **{
            **_ITEM,
            "commendation_id": UUID(int=6),
            "unit_names": ("黑河供热公司",),
            "reason": "公示期间异议成立",
            **facts,
        }
    )


ALL: tuple[Event, ...] = (
    item_published(),
    item_claimed(),
    claim_released(),
    item_verified(),
    poll_opened(),
    poll_closed(),
    item_scored(),
    item_commended(),
    commendation_revoked(),
)
