"""What nobody claimed in time: it expires, and the community decides what becomes of it.

Published again, closed short, bought as a service, done with a fund's money, or withdrawn (domain rules 2.2).
What part of it is claimed goes on meanwhile. Only an item of which nothing is claimed leaves the claim list;
of one that is claimed in part, the rest is published again or not wanted any more ("closed short").
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.item_claims import ClaimableItem
from services.claims.domain.unit import Unit
from services.contracts.base import Actor
from services.contracts.claims.errors import ItemNotInState
from services.contracts.claims.events import (
    ItemClosedShort,
    ItemExpired,
    ItemFunded,
    ItemVerified,
    ItemWithdrawn,
)
from services.contracts.claims.terms import ItemStatus, ItemWay

# How long the community has to decide; no rule says, this is our own choice.
DECIDE_WORKING_DAYS = 5


@dataclass(eq=False, kw_only=True)
class ExpirableItem(ClaimableItem):
    """`expired_at` stands from the end of the claim period until it is published again or closed short."""

    def expire(self, *, today: date, now: datetime) -> ItemExpired:
        """The day after the last one, with something left; the timer's act and nobody else's."""
        if self.status is not ItemStatus.PUBLISHED or self.claim_until_on is None:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，没有认领期可到。")
        if not self.is_claim_period_over(today):
            raise ItemNotInState(f"事项 {self.code} 的认领期至 {self.claim_until_on}，尚未到期。")
        self.expired_at = now
        self._settle()
        return ItemExpired(
            **self._named(now),
            claim_until_on=self.claim_until_on,
            remaining=self.remaining,
            measure=self.measure,
        )

    def close_short(
        self, *, reason: str, actor: Actor, now: datetime
    ) -> list[ItemClosedShort | ItemVerified]:
        """Nobody is looked for any more: the item becomes as large as what is claimed of it."""
        actor.require_staff_of(self.community_id)
        self._require_state("close_item_short")
        if not self.active_claims:
            raise ItemNotInState(f"事项 {self.code} 没有单位认领，不能按已认领部分结清；可以撤回。")
        dropped = self.remaining
        self.quantity -= dropped
        self.unclaimed_quantity += dropped
        self.expired_at = None
        self._settle()
        closed = ItemClosedShort(
            **self._named(now), quantity=self.quantity, unclaimed=dropped, measure=self.measure, reason=reason
        )
        verified = self._told_when_verified(now)
        return [closed, verified] if verified else [closed]

    def withdraw(self, *, reason: str, actor: Actor, now: datetime) -> ItemWithdrawn:
        actor.require_staff_of(self.community_id)
        self._require_unclaimed("withdraw_item")
        self.withdrawn_at, self.withdrawn_reason = now, reason
        self._settle()
        return ItemWithdrawn(**self._named(now), reason=reason)

    # ---- done with a fund's money ---------------------------------------------------------------

    def fund(self, *, fund_id: UUID, amount_fen: int, actor: Actor, now: datetime) -> ItemFunded:
        """The community does it itself; the money is kept for it in the fund."""
        actor.require_staff_of(self.community_id)
        self._require_unclaimed("fund_item")
        self.way, self.fund_id = ItemWay.FUND, fund_id
        self._settle()
        return ItemFunded(**self._named(now), fund_id=fund_id, amount_fen=amount_fen)

    def finish(self, *, actor: Actor, today: date, now: datetime) -> ItemVerified:
        """The community's own work is done; those it was for are asked as always."""
        actor.require_staff_of(self.community_id)
        self._require_state("finish_item")
        return self._finish_other_way(None, finished_on=today, now=now)

    # ---- bought as a service --------------------------------------------------------------------

    def buy(self, *, purchase_id: UUID, actor: Actor) -> None:
        actor.require_staff_of(self.community_id)
        self._require_unclaimed("plan_purchase")
        self.way, self.purchase_id = ItemWay.PURCHASE, purchase_id
        self._settle()

    def follow_contract(self, *, to_on: date) -> None:
        """What was bought is due when its contract says."""
        self._require_bought("签订合同")
        self.due_on = to_on
        self._settle()

    def accept_purchase(self, supplier: Unit, *, finished_on: date, now: datetime) -> ItemVerified:
        self._require_bought("验收")
        return self._finish_other_way(supplier, finished_on=finished_on, now=now)

    def drop_purchase(self) -> None:
        """The purchase ended without its work: the item is back where it was before."""
        self._require_bought("终止采购")
        self.way = self.purchase_id = None
        self._settle()

    def _finish_other_way(self, doer: Unit | None, *, finished_on: date, now: datetime) -> ItemVerified:
        self.doer, self.verified_at, self.finished_on = doer, now, finished_on
        self._settle()
        return ItemVerified(
            **self._named(now),
            beneficiaries=self.beneficiaries,
            doer_usccs=tuple(unit.uscc for unit in self.units),
            unit_names=self.unit_names,
        )

    def _require_bought(self, act: str) -> None:
        if self.status is not ItemStatus.PURCHASED:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，不能{act}。")

    def _require_unclaimed(self, act: str) -> None:
        self._require_state(act)
        if self.active_claims:
            raise ItemNotInState(
                f"事项 {self.code} 已有单位认领 {self.claimed_quantity} {self.measure}，"
                "其余部分可以重新发布或按已认领部分结清。"
            )

    def _is_expiry_act_ready(self, act: str) -> bool:
        """Whether what is claimed of it lets such an act through; its state does already."""
        return bool(self.active_claims) is (act == "close_item_short")
