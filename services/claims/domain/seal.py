"""Seal requests (证明盖章): the twenty proofs that must not be issued are refused by rule, others are decided."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.admission_rules import title_key
from services.contracts.base import Actor, VersionMismatch, invalid_field
from services.contracts.claims.admission_terms import SealStatus
from services.contracts.claims.errors import SealAlreadyDecided
from services.contracts.claims.events import SealRefused


@dataclass(frozen=True, kw_only=True)
class ForbiddenProof:
    """`words`: what betrays it in a title, as people write it."""

    number: int
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ForbiddenProofs:
    """A list with its date of effect; a new one takes the place of the one before."""

    effective_on: date
    title: str
    proofs: tuple[ForbiddenProof, ...]


def _proofs(*rows: tuple[str, ...]) -> tuple[ForbiddenProof, ...]:
    return tuple(
        ForbiddenProof(number=number, name=row[0], words=tuple(map(title_key, row)))
        for number, row in enumerate(rows, 1)
    )


# Of the day in 2020 only the year is known to us (domain rules 2.7).
ALL_LISTS = (
    ForbiddenProofs(
        effective_on=date(2020, 1, 1),
        title="首批不应由基层群众性自治组织出具证明事项清单（2020 年）",
        proofs=_proofs(
            ("亲属关系",),
            ("居民身份信息", "身份信息"),
            ("户口登记项目变更申请", "户口登记项目变更"),
            ("居民养犬", "养犬"),
            ("无犯罪记录", "无违法犯罪记录"),
            ("社区戒毒康复情况", "社区戒毒", "戒毒康复"),
            ("人员失踪", "失踪"),
            ("婚姻状况",),
            ("出生",),
            ("健在",),
            ("死亡",),
            ("疾病状况", "患病"),
            ("残疾状况", "残疾"),
            ("婚育状况", "婚育"),
            ("居民就业状况", "就业状况", "失业"),
            ("居民个人档案", "个人档案"),
            ("居民财产", "个人财产", "财产证明"),
            ("遗产继承权", "遗产继承", "继承权"),
            ("市场主体住所", "经营场所"),
            ("证件遗失",),
        ),
    ),
)


def forbidden_proofs_on(day: date) -> ForbiddenProofs | None:
    in_force = [one for one in ALL_LISTS if one.effective_on <= day]
    return in_force[-1] if in_force else None


def forbidden_proof(title: str, *, on: date) -> tuple[ForbiddenProof, str] | None:
    """The proof that must not be issued which the title asks for, and the basis of refusing it."""
    found = forbidden_proofs_on(on)
    wanted = title_key(title)
    for proof in found.proofs if found else ():
        if any(word in wanted for word in proof.words):
            return proof, f"《{found.title}》第 {proof.number} 项：{proof.name}证明。"  # type: ignore[union-attr]
    return None


@dataclass(eq=False, kw_only=True)
class SealRequest:
    """What is asked for and by whom; the person it is about is named on paper only."""

    seal_id: UUID
    code: str
    community_id: UUID
    proof_title: str
    asked_by: str
    purpose: str
    requested_on: date
    requested_at: datetime
    status: SealStatus = SealStatus.REQUESTED
    is_by_rule: bool = False
    proof_number: int | None = None
    reason: str = ""
    decided_at: datetime | None = None
    version: int = 1

    def request(self, *, negative_basis: str | None) -> SealRefused | None:
        """Recorded; refused at once when it is one of the twenty, or on the city's negative list."""
        found = forbidden_proof(self.proof_title, on=self.requested_on)
        basis = found[1] if found else negative_basis
        if basis is None:
            return None
        self.proof_number = found[0].number if found else None
        self.is_by_rule = True
        return self._refuse(basis, self.requested_at)

    def decide(self, *, is_approved: bool, reason: str, actor: Actor, now: datetime) -> SealRefused | None:
        actor.require_staff_of(self.community_id)
        if self.status is not SealStatus.REQUESTED:
            raise SealAlreadyDecided(f"用印申请 {self.code} 现为「{self.status.label}」，不能再审批。")
        if not is_approved:
            if not reason:
                raise invalid_field("reason", "不同意的，请写明原因。")
            return self._refuse(reason, now)
        self.status, self.reason, self.decided_at = SealStatus.APPROVED, reason, now
        self.version += 1
        return None

    def possible_acts(self, actor: Actor) -> list[str]:
        is_open = self.status is SealStatus.REQUESTED and actor.is_staff and actor.reaches(self.community_id)
        return ["decide_seal"] if is_open else []

    def facts(self) -> dict[str, str]:
        return {"状态": self.status.label, "意见": self.reason}

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该用印申请已被他人处理，请刷新后再看。")

    def _refuse(self, basis: str, now: datetime) -> SealRefused:
        self.status, self.reason, self.decided_at = SealStatus.REFUSED, basis, now
        self.version += 1
        return SealRefused(
            seal_id=self.seal_id,
            code=self.code,
            community_id=self.community_id,
            proof_title=self.proof_title,
            asked_by=self.asked_by,
            is_by_rule=self.is_by_rule,
            basis=basis,
            occurred_at=now,
        )
