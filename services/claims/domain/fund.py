"""Funds (社区资金): money comes in, is kept for items, and is paid out by two people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.claims.domain.fund_acts import CONSENTS, PAYERS
from services.claims.domain.fund_book import BookedFund, Hands
from services.claims.domain.fund_ledger import Move, Posting, yuan
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import require_no_personal_numbers, require_staff
from services.claims.domain.uscc import normal_uscc
from services.contracts.base import Actor, Forbidden, invalid_field
from services.contracts.claims.errors import (
    CharityInvalid,
    ConsentMissing,
    PayeeIsDonor,
    PayerNotAllowed,
    PublicDonationRefused,
    ReceiptAlreadyRecorded,
    ResolutionMissing,
)
from services.contracts.claims.events import FundOpened, MoneyReceived, PaymentMade
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    PayeeKind,
    PayerKind,
    PaymentStatus,
    PostingKind,
)

# Registered by civil affairs as association, private non-enterprise unit or foundation (GB 32100).
CHARITY_PREFIXES = ("51", "52", "53")


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Who brings money; `given_fen` is what came from that unit before."""

    kind: PayerKind
    unit_id: UUID | None = None
    name: str = ""
    is_public: bool = False
    given_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class Payee:
    kind: PayeeKind
    unit_id: UUID | None = None
    name: str = ""
    is_independent: bool = False


class Fund(BookedFund):
    """From opening to closing; how postings are made and undone is in `BookedFund`."""

    @classmethod
    def open(
        cls,
        *,
        fund_id: UUID,
        community_id: UUID | None,
        fund_source: FundSource,
        actor: Actor,
        today: date,
        now: datetime,
        **fields: Any,
    ) -> tuple["Fund", FundOpened]:
        """Donations are never ours to hold: a qualified charity keeps them, and the fund names its papers."""
        require_staff(actor, community_id)
        fund = cls(
            fund_id=fund_id,
            community_id=community_id,
            fund_source=fund_source,
            opened_at=now,
            opened_on=today,
            **fields,
        )
        if not fund._is_led_by(actor):
            raise Forbidden("只有社区书记/主任或市级管理员可以设立资金。")
        fund._require_partner()
        if fund_source is FundSource.MUTUAL_AID and community_id is None:
            raise invalid_field("community_id", "互助互济只能在一个社区内开展（慈善法第一百二十二条）。")
        require_no_personal_numbers(fund_name=fund.fund_name, purpose=fund.purpose)
        return fund, FundOpened(**fund._named(now), purpose=fund.purpose)

    def _require_partner(self) -> None:
        papers = {
            "partner_name": "合作慈善组织名称",
            "partner_uscc": "合作慈善组织统一社会信用代码",
            "certificate_number": "公开募捐资格证书编号",
            "filing_number": "公募备案号",
        }
        given = {name for name in papers if getattr(self, name)}
        if self.fund_source is not FundSource.HELD_DONATION:
            if given:
                raise charity_invalid(dict.fromkeys(given, "只有慈善组织代管的捐赠才填写。"))
            return
        if missing := papers.keys() - given:
            raise charity_invalid({name: f"请填写{papers[name]}。" for name in papers if name in missing})
        self.partner_uscc = normal_uscc(self.partner_uscc)
        if not self.partner_uscc.startswith(CHARITY_PREFIXES):
            raise charity_invalid({"partner_uscc": "这不是民政部门登记的社会组织，不能代管捐赠。"})

    # ---- money comes in ---------------------------------------------------------------------

    def receive(
        self,
        *,
        posting_id: UUID,
        amount_fen: int,
        receipt_number: str,
        is_receipt_known: bool,
        payer: Payer,
        resolution_id: UUID | None,
        note: str,
        hands: Hands,
    ) -> tuple[Posting, MoneyReceived]:
        self._require_act("receive_money", hands.actor)
        name = self._accepted_payer(payer)
        self._require_agreed(payer, amount_fen, resolution_id)
        if is_receipt_known:
            raise ReceiptAlreadyRecorded(f"票据 {receipt_number} 已经登记过。")
        posting = self._book(
            PostingKind.RECEIPT,
            Move(amount_fen=amount_fen, out_of=FundAccount.INCOME, into=FundAccount.AVAILABLE),
            posting_id=posting_id,
            summary=f"收到{name or payer.kind.label}来款，票据 {receipt_number}。{note}",
            hands=hands,
            receipt_number=receipt_number,
            payer_kind=payer.kind,
            payer_unit_id=payer.unit_id,
            payer_name=name,
            # Offices and charities act in public; units decide for themselves (Charity Law, Art. 82).
            is_payer_public=payer.is_public or payer.kind in (PayerKind.TREASURY, PayerKind.CHARITY),
            resolution_id=resolution_id,
        )
        return posting, MoneyReceived(
            **self._named(hands.now),
            posting_id=posting_id,
            amount_fen=amount_fen,
            available_fen=self.available_fen,
            payer_name=name if posting.is_payer_public else "",
            received_on=posting.posted_on,
        )

    def _accepted_payer(self, payer: Payer) -> str:
        """The payer's name as the ledger keeps it; no person is ever named."""
        if payer.kind is PayerKind.PUBLIC:
            raise PublicDonationRefused(
                "社区不得自行向社会公众募捐；请由具有公开募捐资格的慈善组织接收并代管（慈善法第二十二条、第二十六条）。"
            )
        if payer.kind is not PAYERS[self.fund_source]:
            raise PayerNotAllowed(
                f"「{self.fund_source.label}」只接收{PAYERS[self.fund_source].label}的来款，不接收{payer.kind.label}的来款。"
            )
        match payer.kind:
            case PayerKind.UNIT if payer.unit_id is None:
                raise invalid_field("payer_unit_id", "请选择出资单位；不接收匿名来款。")
            case PayerKind.TREASURY if not payer.name:
                raise invalid_field("payer_name", "请填写拨款部门；不接收匿名来款。")
            case PayerKind.CHARITY:
                return self.partner_name
            case PayerKind.RESIDENTS if payer.name:
                raise invalid_field("payer_name", "居民姓名不在此登记，凭收据编号核对。")
        require_no_personal_numbers(payer_name=payer.name)
        return payer.name

    def _require_agreed(self, payer: Payer, amount_fen: int, resolution_id: UUID | None) -> None:
        """Units give of their own will, and by the benefit principle only after a resolution (domain rules 1.3)."""
        kind = CONSENTS.get(self.fund_source)
        if kind is None:
            return
        if kind is ConsentKind.BENEFIT_CONTRIBUTION and resolution_id is None:
            raise ResolutionMissing("按受益原则筹资须先经居民（代表）会议决议，请填写决议。")
        found = [one for one in self.consents if one.kind is kind and one.unit_id == payer.unit_id]
        if not found:
            raise ConsentMissing(f"请先登记「{payer.name}」的书面同意书（{kind.label}）。")
        agreed = sum(one.amount_fen or 0 for one in found)
        if payer.given_fen + amount_fen > agreed:
            raise ConsentMissing(
                f"「{payer.name}」同意出资 {yuan(agreed)}，已到账 {yuan(payer.given_fen)}，"
                f"不能再登记 {yuan(amount_fen)}。"
            )

    def give_back(self, *, posting_id: UUID, amount_fen: int, reason: str, hands: Hands) -> Posting:
        self._require_act("return_money", hands.actor)
        move = Move(amount_fen=amount_fen, out_of=FundAccount.AVAILABLE, into=FundAccount.INCOME)
        return self._book(
            PostingKind.RETURN, move, posting_id=posting_id, summary=f"退还来款：{reason}", hands=hands
        )

    # ---- money is kept for an item ----------------------------------------------------------

    def earmark(
        self, *, posting_id: UUID, item_id: UUID, item_words: str, amount_fen: int, note: str, hands: Hands
    ) -> Posting:
        self._require_act("earmark_money", hands.actor)
        move = Move(
            amount_fen=amount_fen,
            out_of=FundAccount.AVAILABLE,
            into=FundAccount.EARMARKED,
            item_id=item_id,
        )
        summary = f"预留给{item_words}。{note}"
        return self._book(PostingKind.EARMARK, move, posting_id=posting_id, summary=summary, hands=hands)

    def release(
        self, *, posting_id: UUID, item_id: UUID, item_words: str, amount_fen: int, note: str, hands: Hands
    ) -> Posting:
        self._require_act("release_earmark", hands.actor)
        move = Move(
            amount_fen=amount_fen,
            out_of=FundAccount.EARMARKED,
            into=FundAccount.AVAILABLE,
            item_id=item_id,
        )
        summary = f"解除{item_words}的预留。{note}"
        return self._book(PostingKind.RELEASE, move, posting_id=posting_id, summary=summary, hands=hands)

    # ---- money goes out ---------------------------------------------------------------------

    def propose(
        self,
        *,
        posting_id: UUID,
        payment_id: UUID,
        amount_fen: int,
        payee: Payee,
        purpose: str,
        voucher_number: str,
        item_id: UUID | None,
        donors: Mapping[UUID, str],
        hands: Hands,
    ) -> tuple[Payment, Posting]:
        """The money is set aside at once, so whatever is approved can be paid."""
        self._require_act("propose_payment", hands.actor)
        self._require_payee(payee, voucher_number, donors)
        require_no_personal_numbers(purpose=purpose, payee_name=payee.name)
        payment = Payment(
            payment_id=payment_id,
            fund_id=self.fund_id,
            amount_fen=amount_fen,
            payee_kind=payee.kind,
            payee_unit_id=payee.unit_id,
            payee_name=payee.name,
            purpose=purpose,
            voucher_number=voucher_number,
            item_id=item_id,
            is_payee_independent=payee.is_independent,
            proposed_by_id=hands.actor.actor_id,
            proposed_by=hands.actor.name,
            proposed_at=hands.now,
        )
        posting = self._book_payment(
            PostingKind.PROPOSAL,
            payment,
            (payment.drawn_from, FundAccount.COMMITTED),
            posting_id=posting_id,
            summary=f"申请付给「{payment.payee_words}」：{purpose}",
            hands=hands,
        )
        return payment, posting

    def _require_payee(self, payee: Payee, voucher_number: str, donors: Mapping[UUID, str]) -> None:
        match payee.kind:
            case PayeeKind.UNIT if payee.unit_id is None:
                raise invalid_field("payee_unit_id", "请选择收款单位。")
            case PayeeKind.ORGANISATION if not payee.name:
                raise invalid_field("payee_name", "请填写收款单位名称。")
            case PayeeKind.PERSON if payee.name:
                raise invalid_field("payee_name", "个人姓名不在此登记，请填写付款凭证编号。")
            case PayeeKind.PERSON if not voucher_number:
                raise invalid_field("voucher_number", "付给个人的款项须填写付款凭证编号。")
        if not self.is_given:
            return
        if payee.unit_id in donors or (payee.name and payee.name in donors.values()):
            raise PayeeIsDonor(f"「{payee.name}」是本资金的出资方，不能作为受益人（慈善法第四十条）。")
        if not payee.is_independent:
            raise invalid_field(
                "is_payee_independent", "请声明收款方不是捐赠人的利害关系人（慈善法第四十条）。"
            )

    def approve(self, payment: Payment, *, posting_id: UUID, hands: Hands) -> tuple[Posting, PaymentMade]:
        self._require_act("approve_payment", hands.actor)
        payment.require_state("approve_payment")
        payment.require_other_hand(hands.actor.actor_id)
        posting = self._book_payment(
            PostingKind.PAYMENT,
            payment,
            (FundAccount.COMMITTED, FundAccount.SPENT),
            posting_id=posting_id,
            summary=f"付给「{payment.payee_words}」：{payment.purpose}",
            hands=hands,
        )
        payment.decide(
            PaymentStatus.PAID,
            by_id=hands.actor.actor_id,
            by=hands.actor.name,
            now=hands.now,
            paid_on=posting.posted_on,
        )
        return posting, PaymentMade(
            **self._named(hands.now),
            posting_id=posting_id,
            payment_id=payment.payment_id,
            amount_fen=payment.amount_fen,
            available_fen=self.available_fen,
            payee_name=payment.payee_name,
            purpose=payment.purpose,
            item_id=payment.item_id,
            paid_on=posting.posted_on,
        )

    def reject(self, payment: Payment, *, posting_id: UUID, reason: str, hands: Hands) -> Posting:
        self._require_act("reject_payment", hands.actor)
        if hands.actor.actor_id != payment.proposed_by_id and not self._is_led_by(hands.actor):
            raise Forbidden("只有社区书记/主任、市级管理员或申请人本人可以驳回付款。")
        payment.require_state("reject_payment")
        posting = self._book_payment(
            PostingKind.REJECTION,
            payment,
            (FundAccount.COMMITTED, payment.drawn_from),
            posting_id=posting_id,
            summary=f"驳回付给「{payment.payee_words}」的申请：{reason}",
            hands=hands,
        )
        actor = hands.actor
        payment.decide(PaymentStatus.REJECTED, by_id=actor.actor_id, by=actor.name, now=hands.now)
        payment.rejection_reason = reason
        return posting

    def refund(
        self, payment: Payment, *, posting_id: UUID, amount_fen: int, reason: str, hands: Hands
    ) -> Posting:
        """Who was paid gives money back; it returns to where it was drawn from."""
        self._require_act("refund_payment", hands.actor)
        payment.require_state("refund_payment")
        left = payment.amount_fen - payment.refunded_fen
        if amount_fen > left:
            raise invalid_field("amount_fen", f"最多还能退回 {yuan(left)}。")
        posting = self._book_payment(
            PostingKind.REFUND,
            payment,
            (FundAccount.SPENT, payment.drawn_from),
            posting_id=posting_id,
            amount_fen=amount_fen,
            summary=f"「{payment.payee_words}」退回付款：{reason}",
            hands=hands,
        )
        payment.refunded_fen += amount_fen
        return posting


def charity_invalid(wrong: dict[str, str]) -> CharityInvalid:
    refusal = CharityInvalid("".join(wrong.values()))
    refusal.fields = {name: [sentence] for name, sentence in wrong.items()}
    return refusal
