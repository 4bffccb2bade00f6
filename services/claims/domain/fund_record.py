"""What a fund (社区资金) is: its fields, its balances, and what follows from them."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.claims.domain.fund_acts import FUND_ACTS, PAYMENT_ACTS, PUBLIC_MONEY, REVERSIBLE, Hand
from services.claims.domain.fund_ledger import Balances, Posting, yuan
from services.claims.domain.fund_payment import Payment
from services.contracts.base import Actor, Forbidden, Role, VersionMismatch, invalid_field
from services.contracts.claims.errors import FundNotInState
from services.contracts.claims.fund_terms import ConsentKind, FundAccount, FundSource, FundStatus
from services.contracts.claims.terms import Category

# Identity and telephone numbers; words that everybody will read must not carry them.
_PERSONAL_NUMBERS = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")


@dataclass(eq=False, kw_only=True)
class Earmark:
    """What of the fund is kept for one item."""

    item_id: UUID
    amount_fen: int = 0


@dataclass(eq=False, kw_only=True)
class Consent:
    """A written consent; without a unit it is that of the donors, given through the charity or the residents."""

    consent_id: UUID
    kind: ConsentKind
    unit_id: UUID | None
    reference: str
    consented_on: date
    amount_fen: int | None = None
    wording: str = ""
    recorded_at: datetime
    recorded_by_id: str


@dataclass(eq=False, kw_only=True)
class Month:
    """A closed month; `month_on` is its first day, `balance_fen` all money not yet spent at its end."""

    month_on: date
    received_fen: int
    spent_fen: int
    balance_fen: int
    closed_at: datetime
    closed_by_id: str


@dataclass(frozen=True, kw_only=True)
class MonthSums:
    received_fen: int
    spent_fen: int
    balance_fen: int


@dataclass(eq=False, kw_only=True)
class FundRecord:
    """Whoever changes it holds its row lock, so no fen can be promised twice.

    Its balances are those after its last posting; `income_fen` is negative, so that all five add up to nought.
    """

    fund_id: UUID
    community_id: UUID | None
    fund_name: str
    fund_source: FundSource
    purpose: str
    category: Category | None = None
    partner_name: str = ""
    partner_uscc: str = ""
    certificate_number: str = ""
    filing_number: str = ""
    status: FundStatus = FundStatus.OPEN
    opened_at: datetime
    opened_on: date
    closed_through_on: date | None = None
    last_number: int = 0
    income_fen: int = 0
    available_fen: int = 0
    earmarked_fen: int = 0
    committed_fen: int = 0
    spent_fen: int = 0
    earmarks: list[Earmark] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.fund_id

    @property
    def received_fen(self) -> int:
        return -self.income_fen

    @property
    def unspent_fen(self) -> int:
        return self.available_fen + self.earmarked_fen + self.committed_fen

    @property
    def balances(self) -> Balances:
        return {account: getattr(self, f"{account.value}_fen") for account in FundAccount}

    @property
    def is_given(self) -> bool:
        """Whether somebody gave the money; givers have a say that a treasury has not."""
        return self.fund_source not in PUBLIC_MONEY

    @property
    def open_since_on(self) -> date:
        """The first day that a posting may be dated."""
        if self.closed_through_on is not None:
            return self.closed_through_on + timedelta(days=1)
        return self.opened_on.replace(day=1)

    def earmarked_for(self, item_id: UUID) -> int:
        return sum(earmark.amount_fen for earmark in self.earmarks if earmark.item_id == item_id)

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        return {
            "状态": self.status.label,
            "用途": self.purpose,
            "累计收入": yuan(self.received_fen),
            **{
                account.label: yuan(amount)
                for account, amount in self.balances.items()
                if account is not FundAccount.INCOME
            },
            "已月结至": str(self.closed_through_on or ""),
            "同意书": f"{len(self.consents)} 份",
        }

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Whole; what of it is public, everybody may know."""
        return (actor.is_staff or actor.has_role(Role.SUPERVISOR)) and self._is_within_reach(actor)

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该资金已被他人修改，请刷新后再操作。")

    def possible_acts(self, *, actor: Actor, today: date) -> list[str]:
        """Acts on the fund itself that would not be refused to this actor for its state or balances."""
        return [
            name
            for name in FUND_ACTS
            if name not in PAYMENT_ACTS and name != "reverse_posting"
            if self._is_open_to(name, actor) and self._is_ready(name, today)
        ]

    def possible_acts_on_payment(self, payment: Payment, *, actor: Actor) -> list[str]:
        return [
            name
            for name, act in PAYMENT_ACTS.items()
            if self._is_open_to(name, actor) and payment.status in act.states
            if self._may_decide(name, payment, actor)
        ]

    def possible_acts_on_posting(self, posting: Posting, *, is_reversed: bool, actor: Actor) -> list[str]:
        is_ready = posting.kind in REVERSIBLE and not is_reversed
        return ["reverse_posting"] if is_ready and self._is_open_to("reverse_posting", actor) else []

    def _may_decide(self, act: str, payment: Payment, actor: Actor) -> bool:
        if act == "approve_payment":
            return actor.actor_id != payment.proposed_by_id
        if act == "reject_payment":
            return actor.actor_id == payment.proposed_by_id or self._is_led_by(actor)
        return payment.refunded_fen < payment.amount_fen

    def _is_open_to(self, act: str, actor: Actor) -> bool:
        if self.status not in FUND_ACTS[act].states or not actor.is_staff or not self._is_within_reach(actor):
            return False
        return FUND_ACTS[act].who is Hand.STAFF or self._is_led_by(actor)

    def _is_ready(self, act: str, today: date) -> bool:
        match act:
            case "return_money" | "earmark_money":
                return self.available_fen > 0
            case "release_earmark":
                return self.earmarked_fen > 0
            case "propose_payment":
                return self.available_fen + self.earmarked_fen > 0
            case "record_consent":
                return self.is_given
            case "close_month":
                return end_of_month(self.open_since_on) < today
            case "close_fund":
                return self.unspent_fen == 0
            case _:
                return True

    def _is_within_reach(self, actor: Actor) -> bool:
        return actor.reaches_whole_city if self.community_id is None else actor.reaches(self.community_id)

    def _is_led_by(self, actor: Actor) -> bool:
        leads = actor.has_role(Role.CITY_ADMIN) or (
            self.community_id is not None and actor.has_role(Role.COMMUNITY_MANAGER)
        )
        return leads and self._is_within_reach(actor)

    def _require_act(self, act: str, actor: Actor) -> None:
        require_staff(actor, self.community_id)
        if FUND_ACTS[act].who is Hand.LEADER and not self._is_led_by(actor):
            raise Forbidden(f"只有社区书记/主任或市级管理员可以{FUND_ACTS[act].label}。")
        if self.status not in FUND_ACTS[act].states:
            raise FundNotInState(
                f"资金「{self.fund_name}」现为「{self.status.label}」，不能{FUND_ACTS[act].label}。"
            )

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of a fund says about it."""
        return {
            "fund_id": self.fund_id,
            "community_id": self.community_id,
            "fund_name": self.fund_name,
            "fund_source": self.fund_source,
            "occurred_at": now,
        }


def require_staff(actor: Actor, community_id: UUID | None) -> None:
    """Funds without a community are the whole city's, and in the hands of its staff."""
    if community_id is None:
        actor.require_city()
    else:
        actor.require_staff_of(community_id)


def require_no_personal_numbers(**texts: str) -> None:
    for name, value in texts.items():
        if _PERSONAL_NUMBERS.search(value):
            raise invalid_field(name, "这项内容会对外公开，不能包含身份证号或手机号码。")


def end_of_month(day: date) -> date:
    first_of_next = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first_of_next - timedelta(days=1)
