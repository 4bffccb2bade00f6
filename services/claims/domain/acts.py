"""The acts on items and claims: in which state each is allowed, where it leads and who may do it.

This table is the whole law of transitions; what is not in it is refused.
"""

from dataclasses import dataclass
from enum import Enum, auto

from services.contracts.claims.terms import ClaimStatus, ItemStatus


class Who(Enum):
    """Staff always means staff who reach the item's community."""

    STAFF = auto()
    STAFF_OR_SERVING_UNIT = auto()
    STAFF_OR_ANY_PARTY = auto()
    STAFF_OR_LEAD = auto()
    STAFF_OR_SUPERVISOR = auto()
    STAFF_OR_DOER = auto()


@dataclass(frozen=True, kw_only=True)
class ItemAct:
    """The item's next state follows from its claims and scores (`Item.derived_status`)."""

    label: str
    states: frozenset[ItemStatus]
    who: Who


@dataclass(frozen=True, kw_only=True)
class ClaimAct:
    """`leads_to` is None where the claim stays in its state."""

    label: str
    states: frozenset[ClaimStatus]
    leads_to: ClaimStatus | None
    who: Who


ITEM_ACTS: dict[str, ItemAct] = {
    # Published items only when their claim period ran out with something left: they are published again.
    "publish_item": ItemAct(
        label="发布",
        states=frozenset({ItemStatus.DRAFT, ItemStatus.PUBLISHED, ItemStatus.EXPIRED}),
        who=Who.STAFF,
    ),
    # All that a person wrote while nobody took it on; then only what leaves the bargain as it is.
    "revise_item": ItemAct(
        label="修订",
        states=frozenset(
            {
                ItemStatus.DRAFT,
                ItemStatus.PUBLISHED,
                ItemStatus.EXPIRED,
                ItemStatus.CLAIMED,
                ItemStatus.IN_PROGRESS,
                ItemStatus.FUNDED,
            }
        ),
        who=Who.STAFF,
    ),
    "claim_item": ItemAct(
        label="认领", states=frozenset({ItemStatus.PUBLISHED}), who=Who.STAFF_OR_SERVING_UNIT
    ),
    # What nobody claimed in time; the first is for items claimed in part, the next three for the others.
    "close_item_short": ItemAct(
        label="按已认领部分结清", states=frozenset({ItemStatus.EXPIRED}), who=Who.STAFF
    ),
    # A draft may be bought at once, when a plan says so.
    "plan_purchase": ItemAct(
        label="转为购买服务", states=frozenset({ItemStatus.DRAFT, ItemStatus.EXPIRED}), who=Who.STAFF
    ),
    "fund_item": ItemAct(label="转为资金项目", states=frozenset({ItemStatus.EXPIRED}), who=Who.STAFF),
    "withdraw_item": ItemAct(label="撤回", states=frozenset({ItemStatus.EXPIRED}), who=Who.STAFF),
    "finish_item": ItemAct(label="办结", states=frozenset({ItemStatus.FUNDED}), who=Who.STAFF),
    # A score may be corrected until the poll's result joins it.
    "assess_item": ItemAct(label="考核", states=frozenset({ItemStatus.VERIFIED}), who=Who.STAFF),
    # By criteria, where the scheme in force has several or more than one scorer.
    "score_item": ItemAct(label="分项评分", states=frozenset({ItemStatus.VERIFIED}), who=Who.STAFF),
    "commend_item": ItemAct(label="通报表扬", states=frozenset({ItemStatus.SCORED}), who=Who.STAFF),
    "raise_objection": ItemAct(
        label="提出异议", states=frozenset({ItemStatus.COMMENDED}), who=Who.STAFF_OR_SUPERVISOR
    ),
    "answer_objection": ItemAct(
        label="答复异议", states=frozenset({ItemStatus.SCORED, ItemStatus.COMMENDED}), who=Who.STAFF
    ),
    "revoke_commendation": ItemAct(label="撤销表扬", states=frozenset({ItemStatus.COMMENDED}), who=Who.STAFF),
    "report_rectification": ItemAct(
        label="提交整改报告", states=frozenset({ItemStatus.SCORED}), who=Who.STAFF_OR_DOER
    ),
    "check_rectification": ItemAct(label="回访核查", states=frozenset({ItemStatus.SCORED}), who=Who.STAFF),
}

_WORKED_ON = frozenset({ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS, ClaimStatus.SUBMITTED})

CLAIM_ACTS: dict[str, ClaimAct] = {
    "confirm_claim": ClaimAct(
        label="确认",
        states=frozenset({ClaimStatus.CLAIMED}),
        leads_to=ClaimStatus.CONFIRMED,
        who=Who.STAFF,
    ),
    "report_milestone": ClaimAct(
        label="报告进度",
        states=frozenset({ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS}),
        leads_to=ClaimStatus.IN_PROGRESS,
        who=Who.STAFF_OR_ANY_PARTY,
    ),
    "attach_evidence": ClaimAct(
        label="上传佐证材料", states=_WORKED_ON, leads_to=None, who=Who.STAFF_OR_ANY_PARTY
    ),
    "withdraw_evidence": ClaimAct(
        label="撤下佐证材料", states=_WORKED_ON, leads_to=None, who=Who.STAFF_OR_ANY_PARTY
    ),
    # Also afterwards: people in the picture may ask for it later.
    "show_evidence": ClaimAct(
        label="公开佐证材料", states=_WORKED_ON | {ClaimStatus.VERIFIED}, leads_to=None, who=Who.STAFF
    ),
    "submit_claim": ClaimAct(
        label="提交办结",
        states=frozenset({ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS}),
        leads_to=ClaimStatus.SUBMITTED,
        who=Who.STAFF_OR_LEAD,
    ),
    "send_back_claim": ClaimAct(
        label="退回",
        states=frozenset({ClaimStatus.SUBMITTED}),
        leads_to=ClaimStatus.IN_PROGRESS,
        who=Who.STAFF,
    ),
    "verify_claim": ClaimAct(
        label="核验",
        states=frozenset({ClaimStatus.SUBMITTED}),
        leads_to=ClaimStatus.VERIFIED,
        who=Who.STAFF,
    ),
    "release_claim": ClaimAct(
        label="退领",
        states=frozenset({ClaimStatus.CLAIMED, ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS}),
        leads_to=ClaimStatus.RELEASED,
        who=Who.STAFF_OR_LEAD,
    ),
}
