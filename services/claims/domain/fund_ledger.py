"""The ledger of a fund: postings whose entries add up to nought, and the balances they leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.contracts.claims.errors import FundShort
from services.contracts.claims.fund_terms import FundAccount, PayerKind, PostingKind

Balances = dict[FundAccount, int]

LEAST_ENTRIES = 2
NEVER_NEGATIVE = (FundAccount.AVAILABLE, FundAccount.EARMARKED, FundAccount.COMMITTED, FundAccount.SPENT)


@dataclass(eq=False, kw_only=True)
class Entry:
    """`amount_fen` into the account, with a minus out of it; `item_id` is whose earmark it is."""

    position: int
    account: FundAccount
    amount_fen: int
    item_id: UUID | None = None


@dataclass(eq=False, kw_only=True)
class Posting:
    """Never changed once made; the five sums are the fund's balances after it."""

    posting_id: UUID
    fund_id: UUID
    number: int
    kind: PostingKind
    posted_on: date
    recorded_at: datetime
    recorded_by_id: str
    recorded_by: str
    summary: str
    amount_fen: int
    income_fen: int
    available_fen: int
    earmarked_fen: int
    committed_fen: int
    spent_fen: int
    payment_id: UUID | None = None
    reverses_id: UUID | None = None
    receipt_number: str = ""
    payer_kind: PayerKind | None = None
    payer_unit_id: UUID | None = None
    payer_name: str = ""
    is_payer_public: bool = False
    resolution_id: UUID | None = None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Move:
    """Money that goes from one account to another, each perhaps the earmark of an item."""

    amount_fen: int
    out_of: FundAccount
    into: FundAccount
    item_id: UUID | None = None

    def entries(self) -> list[Entry]:
        return [
            self._entry(0, self.out_of, -self.amount_fen),
            self._entry(1, self.into, self.amount_fen),
        ]

    def _entry(self, position: int, account: FundAccount, amount_fen: int) -> Entry:
        whose = self.item_id if account is FundAccount.EARMARKED else None
        return Entry(position=position, account=account, amount_fen=amount_fen, item_id=whose)


def reversed_entries(entries: Sequence[Entry]) -> list[Entry]:
    return [
        Entry(
            position=entry.position,
            account=entry.account,
            amount_fen=-entry.amount_fen,
            item_id=entry.item_id,
        )
        for entry in entries
    ]


def after(balances: Mapping[FundAccount, int], entries: Sequence[Entry]) -> Balances:
    """The balances once these entries are posted; refused when one would become negative."""
    require_balanced(entries)
    found = Counter(balances)
    for entry in entries:
        found[entry.account] += entry.amount_fen
    for account in NEVER_NEGATIVE:
        if found[account] < 0:
            raise short(account.label, has=balances[account], needs=balances[account] - found[account])
    if found[FundAccount.INCOME] > 0:
        received = -balances[FundAccount.INCOME]
        raise short("累计收入", has=received, needs=received + found[FundAccount.INCOME])
    return {account: found[account] for account in FundAccount}


def require_balanced(entries: Sequence[Entry]) -> None:
    """Entries that do not add up to nought are a fault of ours, never of the one who asks."""
    if len(entries) < LEAST_ENTRIES or sum(entry.amount_fen for entry in entries) != 0:
        raise AssertionError(f"unbalanced: {[(entry.account, entry.amount_fen) for entry in entries]}")


def short(what: str, *, has: int, needs: int) -> FundShort:
    return FundShort(f"{what}不足：现有 {yuan(has)}，需要 {yuan(needs)}。")


def yuan(fen: int) -> str:
    """For sentences: 7500005 -> 75,000.05 元."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d} 元"
