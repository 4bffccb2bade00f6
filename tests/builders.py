"""Valid objects for tests; a test names only what it is about."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.chassis.clock import LOCAL
from services.chassis.ids import new_id
from services.claims.domain.acts import CLAIM_ACTS, ITEM_ACTS
from services.claims.domain.claim import Claim, Milestone
from services.claims.domain.evidence import Evidence
from services.claims.domain.item import Item
from services.claims.domain.score import PollResult
from services.claims.domain.unit import Unit
from services.claims.domain.uscc import code_check, organisation_check
from services.contracts.base import Actor, Role
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ClaimStatus,
    ItemStatus,
    ServiceClass,
    UnitKind,
)
from services.contracts.consultation.events import PollClosed
from services.contracts.staffing.events import CommunityRegistered
from services.contracts.staffing.terms import CommunityGrade
from services.contracts.working_days import WorkCalendar

# ---- everybody ----------------------------------------------------------------------------------

TODAY = date(2026, 11, 23)
NOW = datetime.combine(TODAY, time(10), LOCAL).astimezone(UTC)
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)

HUAYUAN = UUID("019ac000-0000-7000-8000-000000000001")
XINGAN = UUID("019ac000-0000-7000-8000-000000000002")
HUAYUAN_CODE = "231102001001"
XINGAN_CODE = "231102002001"


def worker(*community_ids: UUID, name: str = "王社工") -> Actor:
    """A community worker; of Huayuan when no community is given."""
    return Actor(
        actor_id=f"worker-{name}",
        name=name,
        roles=(Role.COMMUNITY_WORKER,),
        community_ids=community_ids or (HUAYUAN,),
    )


def manager(*community_ids: UUID) -> Actor:
    """The head of a community; of Huayuan when no community is given."""
    return Actor(
        actor_id="manager",
        name="陈主任",
        roles=(Role.COMMUNITY_MANAGER,),
        community_ids=community_ids or (HUAYUAN,),
    )


def city_officer() -> Actor:
    return Actor(actor_id="city-officer", name="李科长", roles=(Role.CITY_OFFICER,))


def supervisor() -> Actor:
    return Actor(actor_id="supervisor", name="赵监督", roles=(Role.SUPERVISOR,), community_ids=(HUAYUAN,))


def liaison(unit: Unit | UUID) -> Actor:
    unit_id = unit if isinstance(unit, UUID) else unit.unit_id
    return Actor(actor_id=f"liaison-{unit_id}", name="孙联络", roles=(Role.UNIT_LIAISON,), unit_id=unit_id)


def community_registered(
    community_id: UUID, code: str, name: str, *, occurred_at: datetime = NOW
) -> CommunityRegistered:
    return CommunityRegistered(
        community_id=community_id,
        code=code,
        community_name=name,
        street="花园街道",
        grade=CommunityGrade.DEMONSTRATION,
        households=2100,
        population=5300,
        occurred_at=occurred_at,
    )


# ---- claims -------------------------------------------------------------------------------------


def make_uscc(number: int = 1) -> str:
    """A made-up code with both check digits right."""
    organisation = f"MF{number:06d}"
    body = f"91231102{organisation}{organisation_check(organisation)}"
    return body + code_check(body)


def make_unit(name: str = "黑河供电公司", *, number: int = 1, **given: Any) -> Unit:
    fields: dict[str, Any] = {
        "unit_id": uuid4(),
        "uscc": make_uscc(number),
        "unit_name": name,
        "kind": UnitKind.ENTERPRISE,
        "functions": [Category.WINTER_DUTY],
        "community_ids": [HUAYUAN],
        "registered_at": NOW,
        "joined_on": TODAY,
    }
    return Unit(**fields | given)


def unit_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to register a unit."""
    fields: dict[str, Any] = {
        "uscc": make_uscc(),
        "unit_name": "黑河供电公司",
        "kind": UnitKind.ENTERPRISE,
        "functions": [Category.WINTER_DUTY],
        "community_ids": [HUAYUAN, XINGAN],
    }
    return fields | given


def make_item(**given: Any) -> Item:
    """A draft of Huayuan with three places to clear of snow."""
    fields: dict[str, Any] = {
        "item_id": uuid4(),
        "community_id": HUAYUAN,
        "code": "RL-2026-0001",
        "title": "冬季清雪",
        "service_class": ServiceClass.CONVENIENCE,
        "category": Category.WINTER_DUTY,
        "beneficiaries": 300,
        "quantity": 3,
        "measure": "处",
        "due_on": date(2026, 12, 8),
    }
    return Item(**fields | given)


def item_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to create an item."""
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "title": "冬季清雪",
        "service_class": ServiceClass.CONVENIENCE,
        "category": Category.WINTER_DUTY,
        "description": "清理三处人行道积雪",
        "beneficiaries": 300,
        "quantity": 3,
        "measure": "处",
        "budget_fen": 120050,
        "supports": [],
        "place": "花园街 12 号",
        "grid_code": "",
        "due_on": date(2026, 12, 8),
    }
    return fields | given


def cells(**given: str) -> dict[str, str]:
    """One row of a claim list's file."""
    texts = {
        "code": "",
        "community": "花园社区",
        "service_class": "便民利民",
        "category": "冬季除雪",
        "title": "冬季清雪",
        "description": "清理三处人行道积雪",
        "beneficiaries": "300",
        "quantity": "3",
        "measure": "处",
        "budget_yuan": "1200.50",
        "supports": "人力、实物",
        "place": "花园街 12 号",
        "grid_code": f"{HUAYUAN_CODE}001",
        "due_on": "2026-12-08",
    }
    return texts | given


def publish(item: Item, **given: Any) -> Item:
    fields: dict[str, Any] = {
        "party_study_on": YESTERDAY,
        "claim_until_on": TODAY + timedelta(days=7),
        "actor": worker(item.community_id),
        "today": TODAY,
        "now": NOW,
    }
    item.publish(**fields | given)
    return item


def claim(item: Item, unit: Unit, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "claim_id": new_id(),
        "kind": ClaimKind.WHOLE,
        "quantity": None,
        "units": [unit],
        "note": "",
        "actor": liaison(unit),
        "today": TODAY,
        "now": NOW,
    }
    event = item.claim(**fields | given)
    return item.get_claim(event.claim_id)


def make_milestone(percent: int = 50) -> Milestone:
    return Milestone(
        milestone_id=new_id(), milestone_title="清完两处", percent=percent, note="", reported_at=NOW
    )


def make_poll(score: str | None = "81.25", **given: Any) -> PollResult:
    fields: dict[str, Any] = {
        "poll_id": uuid4(),
        "sampled": 60,
        "answered": 40 if score else 0,
        "satisfaction_percent": Decimal("90.00") if score else None,
        "score": Decimal(score) if score else None,
        "is_sample_sufficient": score is not None,
    }
    return PollResult(**fields | given)


def poll_closed(item: Item, score: str | None = "81.25", **given: Any) -> PollClosed:
    fields: dict[str, Any] = {
        "poll_id": uuid4(),
        "item_id": item.item_id,
        "community_id": item.community_id,
        "title": item.title,
        "sampled": 60,
        "answered": 40 if score else 0,
        "satisfaction_percent": Decimal("90.00") if score else None,
        "score": Decimal(score) if score else None,
        "is_sample_sufficient": score is not None,
        "occurred_at": NOW,
    }
    return PollClosed(**fields | given)


def act_on_item(
    item: Item,
    act: str,
    *,
    unit: Unit | None = None,
    actor: Actor | None = None,
    today: date = TODAY,
) -> Any:
    """Any act on an item, with arguments that only its state or the actor could make wrong."""
    actor = actor or manager(item.community_id)
    match act:
        case "publish_item":
            return publish(item, actor=actor, today=today, claim_until_on=today)
        case "revise_item":
            changed = {"description": "只清单元门前", "place": f"{item.place}以东"}
            return item.revise(changed, reason="写明范围", actor=actor, today=today, now=NOW)
        case "close_item_short":
            return item.close_short(reason="只需两处", actor=actor, now=NOW)
        case "plan_purchase":
            return item.buy(purchase_id=uuid4(), actor=actor)
        case "fund_item":
            return item.fund(fund_id=uuid4(), amount_fen=100, actor=actor, now=NOW)
        case "finish_item":
            return item.finish(actor=actor, today=today, now=NOW)
        case "withdraw_item":
            return item.withdraw(reason="不再需要", actor=actor, now=NOW)
        case "claim_item":
            return claim(item, unit or make_unit(), actor=actor, today=today)
        case "assess_item":
            return item.assess(assessment=Decimal("88.00"), comment="", actor=actor, now=NOW)
        case "commend_item":
            return item.commend(
                commendation_id=uuid4(),
                reason="清雪及时",
                calendar=WorkCalendar(),
                actor=actor,
                today=today,
                now=NOW,
            )
        case "raise_objection":
            return item.raise_objection(
                objection_id=uuid4(), content="未见成效", actor=actor, today=today, now=NOW
            )
        case "revoke_commendation":
            return item.revoke_commendation(reason="异议成立", actor=actor, now=NOW)
    raise AssertionError(f"{act} is not one of {[*ITEM_ACTS]}")


def make_evidence(**given: Any) -> Evidence:
    """A photo of the cleared place."""
    fields: dict[str, Any] = {
        "evidence_id": uuid4(),
        "milestone_id": None,
        "file_name": "清雪后.jpg",
        "media_type": "image/jpeg",
        "size": 1200,
        "sha256": "0" * 64,
        "attached_at": NOW,
    }
    return Evidence(**fields | given)


def act_on_claim(
    item: Item, claim: Claim, act: str, *, actor: Actor | None = None, today: date = TODAY
) -> Any:
    """Any act on a claim, with arguments that only its state could make wrong."""
    who = {"actor": actor or worker(item.community_id), "now": NOW}
    match act:
        case "confirm_claim":
            return item.confirm_claim(claim.claim_id, agreement="共建协议 1 号", **who)
        case "report_milestone":
            return item.report_milestone(claim.claim_id, milestone=make_milestone(claim.percent or 50), **who)
        case "attach_evidence":
            return item.attach_evidence(claim.claim_id, evidence=make_evidence(), **who)
        case "withdraw_evidence":
            one = make_evidence()
            claim.evidence.append(one)
            return item.withdraw_evidence(claim.claim_id, one.evidence_id, **who)
        case "show_evidence":
            one = make_evidence()
            claim.evidence.append(one)
            return item.show_evidence(claim.claim_id, one.evidence_id, is_public=True, actor=who["actor"])
        case "submit_claim":
            return item.submit_claim(claim.claim_id, summary="三处均已清完", today=today, **who)
        case "send_back_claim":
            return item.send_back_claim(claim.claim_id, reason="缺照片", **who)
        case "verify_claim":
            return item.verify_claim(claim.claim_id, **who)
        case "release_claim":
            return item.release_claim(claim.claim_id, reason="人手不足", **who)
    raise AssertionError(f"{act} is not one of {[*CLAIM_ACTS]}")


STEPS_TO_CLAIM = {
    ClaimStatus.CLAIMED: (),
    ClaimStatus.CONFIRMED: ("confirm_claim",),
    ClaimStatus.IN_PROGRESS: ("confirm_claim", "report_milestone"),
    ClaimStatus.SUBMITTED: ("confirm_claim", "report_milestone", "submit_claim"),
    ClaimStatus.VERIFIED: ("confirm_claim", "report_milestone", "submit_claim", "verify_claim"),
    ClaimStatus.RELEASED: ("release_claim",),
}


def item_with_claim(status: ClaimStatus, *, submitted_on: date = TODAY) -> tuple[Item, Claim]:
    """A published item, claimed as a whole, whose claim has come to this status."""
    item = publish(make_item())
    claimed = claim(item, make_unit())
    for step in STEPS_TO_CLAIM[status]:
        act_on_claim(item, claimed, step, today=submitted_on)
    return item, claimed


WAYS_OUT = {
    ItemStatus.PURCHASED: "plan_purchase",
    ItemStatus.FUNDED: "fund_item",
    ItemStatus.WITHDRAWN: "withdraw_item",
}


def expire(item: Item) -> Item:
    """The day after its claim period."""
    assert item.claim_until_on is not None
    item.expire(today=item.claim_until_on + timedelta(days=1), now=NOW)
    return item


def item_in(status: ItemStatus) -> Item:
    """An item that came to this status by acts alone."""
    match status:
        case ItemStatus.DRAFT:
            return make_item()
        case ItemStatus.PUBLISHED:
            return publish(make_item())
        case ItemStatus.CLAIMED | ItemStatus.IN_PROGRESS | ItemStatus.SUBMITTED | ItemStatus.VERIFIED:
            return item_with_claim(ClaimStatus(status.value))[0]
        case ItemStatus.EXPIRED:
            return expire(publish(make_item()))
        case ItemStatus.PURCHASED | ItemStatus.FUNDED | ItemStatus.WITHDRAWN:
            item = expire(publish(make_item()))
            act_on_item(item, WAYS_OUT[status])
            return item
    item = item_in(ItemStatus.VERIFIED)
    act_on_item(item, "assess_item")
    item.hear_poll(make_poll(), now=NOW)
    if status is ItemStatus.COMMENDED:
        act_on_item(item, "commend_item")
    return item
