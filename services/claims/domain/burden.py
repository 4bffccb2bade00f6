"""The burden meter (减负): what departments ask of communities, and the index that it adds up to by month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.base import Actor, VersionMismatch
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind
from services.contracts.claims.errors import BurdenAlreadyWithdrawn


@dataclass(frozen=True, kw_only=True)
class BurdenRules:
    """Weights in whole points; a change is a new set with its own date of effect.

    All of them are our own choice: the source asks for a meter and names no numbers.
    """

    effective_on: date
    weights: Mapping[BurdenKind, int]
    unadmitted_factor: int


ALL_RULES = (
    BurdenRules(
        effective_on=date(2026, 1, 1),
        weights={
            BurdenKind.FORM: 1,
            BurdenKind.MEETING: 2,
            BurdenKind.INSPECTION: 3,
            BurdenKind.ASSESSMENT: 5,
        },
        unadmitted_factor=2,
    ),
)


def burden_rules_on(day: date) -> BurdenRules:
    """The weights in force that day; days before the first fall under the first.

    A month is measured with the weights of its first day, so that one number has one formula.
    """
    in_force = [rules for rules in ALL_RULES if rules.effective_on <= day]
    return in_force[-1] if in_force else ALL_RULES[0]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So much of one kind on one ground; a month's records, added up."""

    kind: BurdenKind
    basis: BurdenBasis
    quantity: int


@dataclass(frozen=True, kw_only=True)
class BurdenIndex:
    index: int
    quantities: dict[str, int]
    unadmitted: int
    emergencies: int
    sent_back: int
    explanation: list[str]


def burden_index(counted: Iterable[Counted], *, sent_back: int = 0, rules: BurdenRules) -> BurdenIndex:
    """Σ quantity · weight of its kind, unadmitted ones times a factor; every step of the way in words.

    Emergencies stand beside the index, and so does what was sent back: neither changes it.
    """
    sums: dict[tuple[BurdenKind, BurdenBasis], int] = {}
    for one in counted:
        sums[one.kind, one.basis] = sums.get((one.kind, one.basis), 0) + one.quantity
    points, explanation = [], []
    quantities = {kind.value: 0 for kind in BurdenKind}
    for kind in BurdenKind:
        for basis in (BurdenBasis.ADMITTED, BurdenBasis.UNADMITTED):
            if quantity := sums.get((kind, basis), 0):
                quantities[kind.value] += quantity
                factor = rules.unadmitted_factor if basis is BurdenBasis.UNADMITTED else 1
                points.append(quantity * rules.weights[kind] * factor)
                times = f" × {factor}" if factor != 1 else ""
                explanation.append(
                    f"{kind.label}（{basis.label}）{quantity} 次 × {rules.weights[kind]}{times} = {points[-1]}。"
                )
    total = sum(points)
    addition = f"{' + '.join(map(str, points))} = {total}" if len(points) > 1 else str(total)
    explanation.append(f"负担指数 {addition}。" if points else "本月没有计入指数的负担，负担指数 0。")
    emergencies = sum(count for (_, basis), count in sums.items() if basis is BurdenBasis.EMERGENCY)
    if emergencies:
        explanation.append(f"应急 {emergencies} 次，免于准入，单独计数，不计入指数。")
    if sent_back:
        explanation.append(f"未准入退回 {sent_back} 件，没有承担，不计入指数。")
    return BurdenIndex(
        index=total,
        quantities=quantities,
        unadmitted=sum(count for (_, basis), count in sums.items() if basis is BurdenBasis.UNADMITTED),
        emergencies=emergencies,
        sent_back=sent_back,
        explanation=explanation,
    )


def formula(rules: BurdenRules) -> list[str]:
    """How an index is counted, for whoever reads one."""
    weights = "、".join(f"{kind.label} {rules.weights[kind]} 分" for kind in BurdenKind)
    return [
        "负担指数 = 各类次数 × 该类分值之和，指数越高负担越重。",
        f"分值（自 {rules.effective_on} 起）：{weights}。",
        f"未准入而仍由社区承担的，按 {rules.unadmitted_factor} 倍计算。",
        "应急事项免于准入，单独计数，不计入指数；被拒绝或退回的事项没有承担，不计入指数。",
    ]


@dataclass(eq=False, kw_only=True)
class Burden:
    """One record; `title` and `department` are those of the task it came with."""

    burden_id: UUID
    community_id: UUID
    department: str
    title: str
    kind: BurdenKind
    basis: BurdenBasis
    quantity: int
    happened_on: date
    admission_id: UUID | None = None
    emergency_id: UUID | None = None
    entry_id: UUID | None = None
    note: str = ""
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    withdrawal_reason: str = ""
    version: int = 1

    def withdraw(self, *, reason: str, actor: Actor, now: datetime) -> None:
        """It stays to be read and counts no more; a mistake is recorded anew."""
        actor.require_staff_of(self.community_id)
        if self.withdrawn_at is not None:
            raise BurdenAlreadyWithdrawn("这条记录已经撤回。")
        self.withdrawn_at, self.withdrawal_reason = now, reason
        self.version += 1

    def possible_acts(self, actor: Actor) -> list[str]:
        is_open = self.withdrawn_at is None and actor.is_staff and actor.reaches(self.community_id)
        return ["withdraw_burden"] if is_open else []

    def facts(self) -> dict[str, str]:
        return {"撤回原因": self.withdrawal_reason}

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("这条记录已被他人修改，请刷新后再操作。")


def first_day(month: str) -> date:
    """`2026-11` -> 2026-11-01."""
    return date.fromisoformat(f"{month}-01")


def first_day_after(month: str) -> date:
    start = first_day(month)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)
