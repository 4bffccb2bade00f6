"""How a fund's postings are made and undone, its months closed, and its purpose changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.claims.domain.fund_acts import CONSENTS, REVERSIBLE
from services.claims.domain.fund_ledger import (
    Entry,
    Move,
    Posting,
    after,
    reversed_entries,
    short,
    yuan,
)
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import (
    Consent,
    Earmark,
    FundRecord,
    Month,
    MonthSums,
    end_of_month,
    require_no_personal_numbers,
)
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.errors import (
    ConsentMissing,
    FundNotInState,
    MonthIsClosed,
    MonthNotOver,
    PostingAlreadyReversed,
    PostingNotReversible,
)
from services.contracts.claims.events import MonthClosed, PostingReversed
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundStatus,
    PostingKind,
)
from services.contracts.claims.terms import Category


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Who posts, when, and dated which day."""

    actor: Actor
    now: datetime
    today: date
    posted_on: date | None = None

    @property
    def day(self) -> date:
        return self.posted_on or self.today


class BookedFund(FundRecord):
    """Every change of a balance goes through `_post`, and through nothing else."""

    # ---- postings ---------------------------------------------------------------------------

    def _book(
        self, kind: PostingKind, move: Move, *, posting_id: UUID, summary: str, hands: Hands, **more: Any
    ) -> Posting:
        return self._post(
            kind,
            move.entries(),
            posting_id=posting_id,
            amount_fen=move.amount_fen,
            summary=summary,
            hands=hands,
            **more,
        )

    def _book_payment(
        self,
        kind: PostingKind,
        payment: Payment,
        way: tuple[FundAccount, FundAccount],
        *,
        posting_id: UUID,
        summary: str,
        hands: Hands,
        amount_fen: int | None = None,
    ) -> Posting:
        out_of, into = way
        move = Move(
            amount_fen=payment.amount_fen if amount_fen is None else amount_fen,
            out_of=out_of,
            into=into,
            item_id=payment.item_id,
        )
        return self._book(
            kind,
            move,
            posting_id=posting_id,
            summary=summary,
            hands=hands,
            payment_id=payment.payment_id,
        )

    def _post(
        self,
        kind: PostingKind,
        entries: list[Entry],
        *,
        posting_id: UUID,
        amount_fen: int,
        summary: str,
        hands: Hands,
        **more: Any,
    ) -> Posting:
        """All or nothing: either every balance stands after it, or none has changed."""
        self._require_open_day(hands)
        self._require_earmarked(entries)
        balances = after(self.balances, entries)
        sums: dict[str, Any] = {f"{account.value}_fen": amount for account, amount in balances.items()}
        for name, amount in sums.items():
            setattr(self, name, amount)
        for entry in entries:
            if entry.item_id is not None:
                self._earmark_of(entry.item_id).amount_fen += entry.amount_fen
        self.last_number += 1
        self.version += 1
        return Posting(
            posting_id=posting_id,
            fund_id=self.fund_id,
            number=self.last_number,
            kind=kind,
            posted_on=hands.day,
            recorded_at=hands.now,
            recorded_by_id=hands.actor.actor_id,
            recorded_by=hands.actor.name,
            summary=summary,
            amount_fen=amount_fen,
            entries=entries,
            **sums,
            **more,
        )

    def _require_open_day(self, hands: Hands) -> None:
        if hands.day > hands.today:
            raise invalid_field("posted_on", "记账日期不能晚于今天。")
        if self.closed_through_on is not None and hands.day <= self.closed_through_on:
            raise MonthIsClosed(f"{hands.day:%Y 年 %m 月}已经月结，不能再记账；请记在未结月份。")
        if hands.day < self.open_since_on:
            raise invalid_field("posted_on", f"记账日期不能早于 {self.open_since_on}。")

    def _require_earmarked(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.item_id is None or entry.amount_fen >= 0:
                continue
            has = self.earmarked_for(entry.item_id)
            if has + entry.amount_fen < 0:
                raise short("该事项的专项预留", has=has, needs=-entry.amount_fen)

    def _earmark_of(self, item_id: UUID) -> Earmark:
        found = next((earmark for earmark in self.earmarks if earmark.item_id == item_id), None)
        if found is None:
            found = Earmark(item_id=item_id)
            self.earmarks.append(found)
        return found

    def reverse(
        self,
        original: Posting,
        *,
        posting_id: UUID,
        is_reversed: bool,
        payment: Payment | None,
        reason: str,
        hands: Hands,
    ) -> tuple[Posting, PostingReversed]:
        """The only correction there is: the same entries the other way round, once.

        A payment whose posting is reversed waits for approval again.
        """
        self._require_act("reverse_posting", hands.actor)
        if original.kind not in REVERSIBLE:
            raise PostingNotReversible(f"第 {original.number} 号分录是「{original.kind.label}」，不能冲正。")
        if is_reversed:
            raise PostingAlreadyReversed(f"第 {original.number} 号分录已经冲正过。")
        if original.kind is PostingKind.PAYMENT and payment is not None and payment.refunded_fen:
            raise PostingNotReversible("这笔付款已有退回，请先冲正退回的分录。")
        posting = self._post(
            PostingKind.REVERSAL,
            reversed_entries(original.entries),
            posting_id=posting_id,
            amount_fen=original.amount_fen,
            summary=f"冲正第 {original.number} 号分录：{reason}",
            hands=hands,
            reverses_id=original.posting_id,
            payment_id=original.payment_id,
        )
        if payment is not None and original.kind is PostingKind.PAYMENT:
            payment.reopen()
        if payment is not None and original.kind is PostingKind.REFUND:
            payment.refunded_fen -= original.amount_fen
        return posting, PostingReversed(
            **self._named(hands.now),
            posting_id=posting_id,
            reversed_posting_id=original.posting_id,
            reversed_kind=original.kind,
            amount_fen=original.amount_fen,
            reversed_on=posting.posted_on,
        )

    # ---- what those agree to whose money it is ------------------------------------------------

    def record_consent(self, consent: Consent, *, actor: Actor, today: date) -> None:
        self._require_act("record_consent", actor)
        if consent.consented_on > today:
            raise invalid_field("consented_on", "同意日期不能晚于今天。")
        if consent.kind is ConsentKind.CHANGE_OF_PURPOSE:
            if not self.is_given:
                raise invalid_field("kind", f"「{self.fund_source.label}」的用途变更不需要出资方同意书。")
            if not consent.wording:
                raise invalid_field("wording", "请填写同意变更后的用途。")
            if (consent.unit_id is None) is (self.fund_source in CONSENTS):
                raise invalid_field("unit_id", "单位出资的须选择单位；捐赠和互助资金不选单位。")
        else:
            if consent.kind is not CONSENTS.get(self.fund_source):
                raise invalid_field("kind", f"「{self.fund_source.label}」不需要这种同意书。")
            if consent.unit_id is None:
                raise invalid_field("unit_id", "请选择单位。")
            if consent.amount_fen is None:
                raise invalid_field("amount_fen", "请填写同意出资的金额。")
        self.consents.append(consent)
        self.version += 1

    def change_purpose(
        self, *, purpose: str, category: Category | None, donor_units: Collection[UUID], actor: Actor
    ) -> None:
        """Given money keeps its use unless those who gave it agree to another (Charity Law, Art. 56)."""
        self._require_act("change_purpose", actor)
        require_no_personal_numbers(purpose=purpose)
        if self.is_given and self.received_fen:
            agreed = {
                one.unit_id
                for one in self.consents
                if one.kind is ConsentKind.CHANGE_OF_PURPOSE and one.wording.strip() == purpose.strip()
            }
            needed: set[UUID | None] = set(donor_units) or {None}
            if missing := needed - agreed:
                raise ConsentMissing(
                    f"变更用途须经捐赠人同意（慈善法第五十六条），还缺 {len(missing)} 份写明新用途的同意书。"
                )
        self.purpose, self.category = purpose, category
        self.version += 1

    # ---- months and the end -------------------------------------------------------------------

    def close_month(
        self, *, month_on: date, sums: MonthSums, actor: Actor, today: date, now: datetime
    ) -> MonthClosed:
        """Months are closed one after the other, each once it is over; they stay closed."""
        self._require_act("close_month", actor)
        month_on = month_on.replace(day=1)
        if self.closed_through_on is not None and month_on <= self.closed_through_on:
            raise MonthIsClosed(f"{month_on:%Y 年 %m 月}已经月结。")
        if month_on != self.open_since_on:
            raise invalid_field("month_on", f"请先月结 {self.open_since_on:%Y 年 %m 月}。")
        last_day = end_of_month(month_on)
        if last_day >= today:
            raise MonthNotOver(f"{month_on:%Y 年 %m 月}尚未结束，不能月结。")
        self.months.append(
            Month(
                month_on=month_on,
                received_fen=sums.received_fen,
                spent_fen=sums.spent_fen,
                balance_fen=sums.balance_fen,
                closed_at=now,
                closed_by_id=actor.actor_id,
            )
        )
        self.closed_through_on = last_day
        self.version += 1
        return MonthClosed(
            **self._named(now),
            month_on=month_on,
            received_fen=sums.received_fen,
            spent_fen=sums.spent_fen,
            balance_fen=sums.balance_fen,
        )

    def close(self, *, actor: Actor) -> None:
        self._require_act("close_fund", actor)
        if self.unspent_fen:
            raise FundNotInState(f"资金「{self.fund_name}」还有 {yuan(self.unspent_fen)} 未用完，不能关闭。")
        self.status = FundStatus.CLOSED
        self.version += 1
