"""The acts on a unit of the alliance: in which state each is allowed, where it leads and who may do it.

This table is the whole law of a unit's life; what is not in it is refused.
"""

from dataclasses import dataclass
from enum import Enum, auto

from services.contracts.claims.terms import UnitStatus

# Our own measure, in working days.
DECIDE_WITHIN = 10
PUBLISHED = frozenset({UnitStatus.MEMBER, UnitStatus.SUSPENDED, UnitStatus.LEFT})
_PRESENT = frozenset({UnitStatus.APPLIED, UnitStatus.MEMBER, UnitStatus.SUSPENDED})


class Who(Enum):
    """Staff always means staff who reach one of the communities that the unit serves."""

    STAFF = auto()
    STAFF_OR_OWN_LIAISON = auto()
    ANYBODY = auto()


@dataclass(frozen=True, kw_only=True)
class UnitAct:
    """`leads_to` None leaves the state as it is."""

    label: str
    states: frozenset[UnitStatus]
    leads_to: UnitStatus | None = None
    who: Who = Who.STAFF


UNIT_ACTS: dict[str, UnitAct] = {
    # Whoever was refused may put right what was missing; whoever left may come back.
    "apply_again": UnitAct(
        label="再次申请",
        states=frozenset({UnitStatus.REFUSED, UnitStatus.LEFT}),
        leads_to=UnitStatus.APPLIED,
        who=Who.ANYBODY,
    ),
    "approve_unit": UnitAct(
        label="审核通过", states=frozenset({UnitStatus.APPLIED}), leads_to=UnitStatus.MEMBER
    ),
    "refuse_unit": UnitAct(
        label="不予通过", states=frozenset({UnitStatus.APPLIED}), leads_to=UnitStatus.REFUSED
    ),
    "suspend_unit": UnitAct(
        label="暂停", states=frozenset({UnitStatus.MEMBER}), leads_to=UnitStatus.SUSPENDED
    ),
    "reinstate_unit": UnitAct(
        label="恢复", states=frozenset({UnitStatus.SUSPENDED}), leads_to=UnitStatus.MEMBER
    ),
    "leave_alliance": UnitAct(
        label="退出联盟",
        states=frozenset({UnitStatus.MEMBER, UnitStatus.SUSPENDED}),
        leads_to=UnitStatus.LEFT,
        who=Who.STAFF_OR_OWN_LIAISON,
    ),
    "change_unit": UnitAct(label="修改", states=_PRESENT),
    "add_unit_contact": UnitAct(label="增加联系人", states=_PRESENT, who=Who.STAFF_OR_OWN_LIAISON),
    "remove_unit_contact": UnitAct(label="删除联系人", states=_PRESENT, who=Who.STAFF_OR_OWN_LIAISON),
}
