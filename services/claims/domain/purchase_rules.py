"""What the rules say about purchases of services, and the acts: in which state each is allowed and who may do it.

The table is the whole law of transitions; what is not in it is refused.
Rules: 政府购买服务管理办法 (财政部令第102号, in force 2020-03-01), 政府采购法; domain rules 2.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from services.claims.domain.unit import Unit
from services.contracts.claims.errors import SupplierNotAllowed
from services.contracts.claims.purchase_terms import PurchaseMethod, PurchaseParty, PurchaseStatus
from services.contracts.claims.terms import UnitKind

# 公益一类 and budget-funded mass organisations can be neither buyer nor supplier.
EXCLUDED = frozenset({PurchaseParty.PUBLIC_ONE, PurchaseParty.MASS_ORGANISATION})
SUPPLIERS = frozenset(
    {
        PurchaseParty.ENTERPRISE,
        PurchaseParty.SOCIAL_ORGANISATION,
        PurchaseParty.PUBLIC_TWO,
        PurchaseParty.RESIDENTS_COMMITTEE,
    }
)
# As what a unit of our register may appear; a government office never as a supplier.
KINDS: Mapping[UnitKind, frozenset[PurchaseParty]] = {
    UnitKind.GOVERNMENT: frozenset({PurchaseParty.STATE_ORGAN}),
    UnitKind.INSTITUTION: frozenset({PurchaseParty.PUBLIC_ONE, PurchaseParty.PUBLIC_TWO}),
    UnitKind.ENTERPRISE: frozenset({PurchaseParty.ENTERPRISE}),
    UnitKind.SOCIAL_ORGANISATION: frozenset(
        {
            PurchaseParty.SOCIAL_ORGANISATION,
            PurchaseParty.MASS_ORGANISATION,
            PurchaseParty.RESIDENTS_COMMITTEE,
        }
    ),
}
# Competition needs three (政府采购法第三十六、三十八、四十条); a single source is one, with its reason.
OFFERS_NEEDED: Mapping[PurchaseMethod, int] = {
    PurchaseMethod.OPEN_TENDER: 3,
    PurchaseMethod.CONSULTATION: 3,
    PurchaseMethod.INQUIRY: 3,
    PurchaseMethod.SINGLE_SOURCE: 1,
}
USUAL_YEARS, MOST_YEARS = 1, 3
# Our own choice: a part must be kept for the assessment to weigh anything, and not so much that work starves.
LEAST_HOLDBACK, MOST_HOLDBACK = 5, 50
# Our own measure: how long the community may take to look at what was reported.
CHECK_WORKING_DAYS = 5


class Party(Enum):
    """Staff always means staff who reach the purchase's community."""

    STAFF = auto()
    LEADER = auto()
    STAFF_OR_SUPPLIER = auto()


@dataclass(frozen=True, kw_only=True)
class PurchaseAct:
    """`leads_to` is None where the state stays."""

    label: str
    states: frozenset[PurchaseStatus]
    leads_to: PurchaseStatus | None = None
    who: Party = Party.STAFF


def _in(*states: PurchaseStatus) -> frozenset[PurchaseStatus]:
    return frozenset(states)


_S = PurchaseStatus
PURCHASE_ACTS: dict[str, PurchaseAct] = {
    "record_offer": PurchaseAct(label="登记报价", states=_in(_S.PLANNED)),
    "choose_supplier": PurchaseAct(
        label="确定承接方", states=_in(_S.PLANNED), leads_to=_S.CHOSEN, who=Party.LEADER
    ),
    "sign_contract": PurchaseAct(
        label="签订合同", states=_in(_S.CHOSEN), leads_to=_S.CONTRACTED, who=Party.LEADER
    ),
    "report_purchase_milestone": PurchaseAct(
        label="报告履约节点", states=_in(_S.CONTRACTED), who=Party.STAFF_OR_SUPPLIER
    ),
    "check_purchase_milestone": PurchaseAct(label="核查履约节点", states=_in(_S.CONTRACTED)),
    "accept_purchase": PurchaseAct(
        label="验收", states=_in(_S.CONTRACTED), leads_to=_S.ACCEPTED, who=Party.LEADER
    ),
    "pay_instalment": PurchaseAct(label="申请付款", states=_in(_S.CONTRACTED, _S.ACCEPTED, _S.HELD_BACK)),
    "close_purchase": PurchaseAct(
        label="结清", states=_in(_S.ACCEPTED), leads_to=_S.CLOSED, who=Party.LEADER
    ),
    "terminate_purchase": PurchaseAct(
        label="终止",
        states=_in(_S.PLANNED, _S.CHOSEN, _S.CONTRACTED, _S.HELD_BACK),
        leads_to=_S.TERMINATED,
        who=Party.LEADER,
    ),
}
# While one of these, the earmark in the fund belongs to the purchase.
LIVE = frozenset(PurchaseStatus) - {PurchaseStatus.CLOSED, PurchaseStatus.TERMINATED}


def require_supplier(unit: Unit, kind: PurchaseParty) -> None:
    """Refuse who must not be a supplier, with the basis."""
    if kind not in KINDS[unit.kind]:
        raise SupplierNotAllowed(f"「{unit.unit_name}」登记为{unit.kind.label}，不能按{kind.label}参加。")
    if kind in EXCLUDED:
        raise SupplierNotAllowed(
            f"「{unit.unit_name}」是{kind.label}，不得作为购买主体和承接主体"
            "（政府购买服务管理办法，财政部令第102号，第八条）。"
        )
    if kind not in SUPPLIERS:
        raise SupplierNotAllowed(
            f"「{unit.unit_name}」是{kind.label}，国家机关是购买主体，不能作为承接主体"
            "（政府购买服务管理办法，财政部令第102号，第五条、第六条）。"
        )


def last_day_of_years(from_on: date, years: int) -> date:
    """The last day of so many years that begin on `from_on`; a year from 29 February ends on the 28th."""
    try:
        return from_on.replace(year=from_on.year + years) - timedelta(days=1)
    except ValueError:
        return date(from_on.year + years, 2, 28)


def holdback_of(amount_fen: int, percent: int) -> int:
    """The part kept back, rounded up to the fen, so that it is never below what was agreed."""
    return -(-amount_fen * percent // 100)
