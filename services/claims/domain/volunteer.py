"""Volunteers (志愿者): a name, a code, a community and what they can do; no number of any document or telephone."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.contracts.base import Actor, VersionMismatch, invalid_field
from services.contracts.claims.errors import NoServiceConfirmed, VolunteerNotFound, VolunteerRetired
from services.contracts.claims.volunteer_terms import Skill, VolunteerStatus

LONGEST_NAME = 50
ERASED_NAME = "已清除"
VOLUNTEER_ACTS = {
    "change_volunteer": "修改",
    "issue_service_certificate": "开具服务证明",
    "retire_volunteer": "退出",
}
# Who left may still ask for proof of what was done.
ACTS_OF_RETIRED = ("issue_service_certificate",)


@dataclass(eq=False, kw_only=True)
class Volunteer:
    """`volunteer_name` is stored sealed, and shown masked."""

    volunteer_id: UUID
    community_id: UUID
    code: str
    volunteer_name: str
    skills: list[Skill] = field(default_factory=list)
    insured_until_on: date | None = None
    status: VolunteerStatus = VolunteerStatus.ACTIVE
    registered_at: datetime
    sort_key: str = ""
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.volunteer_id

    def is_insured(self, on: date) -> bool:
        return self.insured_until_on is not None and on <= self.insured_until_on

    def change(self, *, skills: list[Skill], insured_until_on: date | None, actor: Actor) -> None:
        self._require("change_volunteer", actor)
        self.skills, self.insured_until_on = list(dict.fromkeys(skills)), insured_until_on
        self.version += 1

    def retire(self, *, is_anonymised: bool, actor: Actor) -> None:
        """What was done stays proven; the name goes only when the volunteer wishes so."""
        self._require("retire_volunteer", actor)
        self.status = VolunteerStatus.RETIRED
        if is_anonymised:
            self.volunteer_name = ERASED_NAME
        self.version += 1

    def require_active(self) -> None:
        if self.status is not VolunteerStatus.ACTIVE:
            raise VolunteerRetired(f"志愿者 {self.code} 现为「{self.status.label}」。")

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该志愿者的登记已被他人修改，请刷新后再操作。")

    def require_seen_by(self, actor: Actor) -> None:
        """Another community's volunteers do not exist for its neighbours."""
        if not self.may_be_seen_by(actor):
            raise VolunteerNotFound("没有这位志愿者。")

    def may_be_seen_by(self, actor: Actor) -> bool:
        return actor.is_staff and actor.reaches(self.community_id)

    def possible_acts(self, actor: Actor) -> list[str]:
        if not self.may_be_seen_by(actor):
            return []
        is_active = self.status is VolunteerStatus.ACTIVE
        return [act for act in VOLUNTEER_ACTS if is_active or act in ACTS_OF_RETIRED]

    def facts(self) -> dict[str, str]:
        return {
            "状态": self.status.label,
            "专长": "、".join(skill.label for skill in self.skills),
            "保险有效期至": str(self.insured_until_on or ""),
        }

    def _require(self, act: str, actor: Actor) -> None:
        actor.require_staff_of(self.community_id)
        if self.status is not VolunteerStatus.ACTIVE and act not in ACTS_OF_RETIRED:
            raise VolunteerRetired(
                f"志愿者 {self.code} 现为「{self.status.label}」，不能{VOLUNTEER_ACTS[act]}。"
            )


def name_of_volunteer(name: str, *, path: str = "volunteer_name") -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise invalid_field(path, f"姓名应为 1 至 {LONGEST_NAME} 个字。")
    return name


@dataclass(eq=False, kw_only=True)
class ServiceCertificate:
    """Proof of service (志愿服务记录证明): what was confirmed when it was issued; free of charge."""

    certificate_id: UUID
    number: str
    volunteer_id: UUID
    community_id: UUID
    from_on: date
    to_on: date
    minutes: int
    shifts: int
    issued_on: date

    @classmethod
    def issue(
        cls,
        volunteer: Volunteer,
        *,
        certificate_id: UUID,
        number: str,
        from_on: date,
        to_on: date,
        minutes: int,
        shifts: int,
        actor: Actor,
        today: date,
    ) -> "ServiceCertificate":
        actor.require_staff_of(volunteer.community_id)
        if from_on > to_on:
            raise invalid_field("to_on", "截止日期不能早于开始日期。")
        if to_on > today:
            raise invalid_field("to_on", "截止日期不能晚于今天。")
        if minutes <= 0:
            raise NoServiceConfirmed(f"志愿者 {volunteer.code} 在这段时间没有已确认的服务时长。")
        return cls(
            certificate_id=certificate_id,
            number=number,
            volunteer_id=volunteer.volunteer_id,
            community_id=volunteer.community_id,
            from_on=from_on,
            to_on=to_on,
            minutes=minutes,
            shifts=shifts,
            issued_on=today,
        )
