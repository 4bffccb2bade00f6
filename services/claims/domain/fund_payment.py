"""Payments out of a fund: one person proposes, another approves."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.fund_acts import PAYMENT_ACTS
from services.claims.domain.fund_ledger import yuan
from services.contracts.claims.errors import ApproverIsProposer, PaymentNotInState
from services.contracts.claims.fund_terms import FundAccount, PayeeKind, PaymentStatus


@dataclass(eq=False, kw_only=True)
class Payment:
    """Only the fund's acts change it, under the fund's lock.

    With an `item_id` the money comes out of what is earmarked for that item, and goes back there.
    """

    payment_id: UUID
    fund_id: UUID
    amount_fen: int
    refunded_fen: int = 0
    payee_kind: PayeeKind
    payee_unit_id: UUID | None = None
    payee_name: str = ""
    purpose: str
    voucher_number: str = ""
    item_id: UUID | None = None
    is_payee_independent: bool = False
    status: PaymentStatus = PaymentStatus.PROPOSED
    proposed_by_id: str
    proposed_by: str
    proposed_at: datetime
    decided_by_id: str | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    paid_on: date | None = None
    rejection_reason: str = ""

    @property
    def drawn_from(self) -> FundAccount:
        return FundAccount.AVAILABLE if self.item_id is None else FundAccount.EARMARKED

    @property
    def payee_words(self) -> str:
        return self.payee_name or self.payee_kind.label

    def require_state(self, act: str) -> None:
        if self.status not in PAYMENT_ACTS[act].states:
            raise PaymentNotInState(
                f"付给「{self.payee_words}」的 {yuan(self.amount_fen)} 现为「{self.status.label}」，"
                f"不能{PAYMENT_ACTS[act].label}。"
            )

    def require_other_hand(self, actor_id: str) -> None:
        """Four eyes: nobody approves what he proposed himself."""
        if actor_id == self.proposed_by_id:
            raise ApproverIsProposer("付款须由申请人以外的人批准。")

    def decide(
        self, status: PaymentStatus, *, by_id: str, by: str, now: datetime, paid_on: date | None = None
    ) -> None:
        self.status, self.paid_on = status, paid_on
        self.decided_by_id, self.decided_by, self.decided_at = by_id, by, now

    def reopen(self) -> None:
        """Its payment was reversed: it waits for approval again."""
        self.status, self.paid_on = PaymentStatus.PROPOSED, None
        self.decided_by_id, self.decided_by, self.decided_at = None, "", None
