"""The contract of a purchase: its days, its sum, and the instalments in which it is paid."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.fund_ledger import yuan
from services.claims.domain.fund_payment import Payment
from services.claims.domain.purchase_rules import (
    MOST_YEARS,
    USUAL_YEARS,
    holdback_of,
    last_day_of_years,
)
from services.contracts.base import invalid_field
from services.contracts.claims.errors import InstalmentNotPayable
from services.contracts.claims.fund_terms import PaymentStatus
from services.contracts.claims.purchase_terms import InstalmentStatus


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is agreed; `milestones`: (title, due on, fen), in the order of their days."""

    contract_number: str
    amount_fen: int
    from_on: date
    to_on: date
    holdback_percent: int
    milestones: Sequence[tuple[str, date, int]]
    long_term_reason: str = ""

    @property
    def holdback_fen(self) -> int:
        return holdback_of(self.amount_fen, self.holdback_percent)

    def require_sound(self) -> None:
        self._require_days()
        previous = self.from_on
        for number, (_title, due_on, _amount) in enumerate(self.milestones):
            if not previous <= due_on <= self.to_on:
                raise invalid_field(f"milestones.{number}.due_on", "节点日期应在合同期内，并按先后顺序排列。")
            previous = due_on
        parts = sum(amount for _title, _due_on, amount in self.milestones)
        if parts + self.holdback_fen != self.amount_fen:
            raise invalid_field(
                "milestones",
                f"各节点付款 {yuan(parts)} 加尾款 {yuan(self.holdback_fen)}"
                f"（{self.holdback_percent}%）应等于合同金额 {yuan(self.amount_fen)}。",
            )

    def _require_days(self) -> None:
        if self.to_on < self.from_on:
            raise invalid_field("to_on", "合同结束日期不能早于开始日期。")
        if self.to_on > (longest := last_day_of_years(self.from_on, MOST_YEARS)):
            raise invalid_field("to_on", f"合同期最长三年，最晚到 {longest}（财政部令第102号）。")
        if self.to_on > last_day_of_years(self.from_on, USUAL_YEARS) and not self.long_term_reason:
            raise invalid_field(
                "long_term_reason",
                "合同期一般不超过一年；内容固定、经费和价格稳定的可以到三年，请说明理由（财政部令第102号）。",
            )


@dataclass(eq=False, kw_only=True)
class Instalment:
    """One part of the contract's sum: due when its milestone is passed, the last (holdback) after the assessment.

    `payment` is the fund's; one that was rejected does not count, and another may be asked for.
    """

    purchase_id: UUID
    number: int
    title: str
    amount_fen: int
    is_holdback: bool = False
    due_on: date | None = None
    report: str = ""
    reported_at: datetime | None = None
    check_note: str = ""
    passed_at: datetime | None = None
    payment_id: UUID | None = None
    payment: Payment | None = field(default=None, repr=False)

    @property
    def is_asked(self) -> bool:
        return self.payment is not None and self.payment.status is not PaymentStatus.REJECTED

    @property
    def is_paid(self) -> bool:
        return self.payment is not None and self.payment.status is PaymentStatus.PAID

    def status(self, *, is_released: bool) -> InstalmentStatus:
        """`is_released`: the assessment lets the holdback go."""
        if self.is_paid:
            return InstalmentStatus.PAID
        if self.is_asked:
            return InstalmentStatus.ASKED
        if self.is_holdback:
            return InstalmentStatus.PAYABLE if is_released else InstalmentStatus.HELD
        if self.passed_at is not None:
            return InstalmentStatus.PAYABLE
        return InstalmentStatus.REPORTED if self.reported_at is not None else InstalmentStatus.WAITING

    def require_payable(self, *, refusal: str) -> None:
        """`refusal`: why the holdback has to wait, empty when it has not."""
        if self.is_asked:
            raise InstalmentNotPayable(f"第 {self.number} 期已经申请付款，每期只付一次。")
        if self.is_holdback and refusal:
            raise InstalmentNotPayable(f"尾款暂不支付：{refusal}")
        if not self.is_holdback and self.passed_at is None:
            raise InstalmentNotPayable(f"第 {self.number} 期的节点「{self.title}」尚未核查通过，不能付款。")
        if self.amount_fen == 0:
            raise InstalmentNotPayable(f"第 {self.number} 期没有约定付款。")

    def ask(self, payment: Payment) -> None:
        self.payment, self.payment_id = payment, payment.payment_id


def instalments_of(purchase_id: UUID, terms: Terms) -> list[Instalment]:
    """One for each milestone, and the holdback as the last."""
    parts = [
        Instalment(purchase_id=purchase_id, number=number, title=title, due_on=due_on, amount_fen=amount)
        for number, (title, due_on, amount) in enumerate(terms.milestones, start=1)
    ]
    holdback = Instalment(
        purchase_id=purchase_id,
        number=len(parts) + 1,
        title="尾款（考核合格后支付）",
        amount_fen=terms.holdback_fen,
        is_holdback=True,
    )
    return [*parts, holdback]
