"""Social organisations (社会组织): what a unit of that kind has to show besides what every unit has."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, VersionMismatch, invalid_field
from services.contracts.claims.errors import LinkageClosed
from services.contracts.claims.terms import UnitKind
from services.contracts.claims.volunteer_terms import OrganisationLevel, OrganisationStatus, ServiceField


@dataclass(eq=False, kw_only=True)
class SocialOrganisation:
    """`stars`: the level of its last public assessment, if it ever had one."""

    unit_id: UUID
    unit: Unit
    registration_number: str
    level: OrganisationLevel
    service_fields: list[ServiceField]
    stars: int | None = None
    status: OrganisationStatus = OrganisationStatus.ACTIVE
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.unit_id

    @property
    def community_id(self) -> UUID | None:
        """It may serve several."""
        return None

    @property
    def unit_name(self) -> str:
        return self.unit.unit_name

    @property
    def uscc(self) -> str:
        return self.unit.uscc

    @property
    def community_ids(self) -> Sequence[UUID]:
        return self.unit.community_ids

    def change(
        self,
        *,
        registration_number: str,
        level: OrganisationLevel,
        service_fields: list[ServiceField],
        stars: int | None,
        status: OrganisationStatus,
        actor: Actor,
    ) -> None:
        require_staff_serving(actor, self.unit)
        self.registration_number, self.level = registration_number.strip(), level
        self.service_fields, self.stars = list(dict.fromkeys(service_fields)), stars
        self.status = status
        self.version += 1

    def require_active(self) -> None:
        if self.status is not OrganisationStatus.ACTIVE:
            raise LinkageClosed(f"「{self.unit_name}」现为「{self.status.label}」，不能参加联动。")

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该社会组织的登记已被他人修改，请刷新后再操作。")

    def facts(self) -> dict[str, str]:
        return {
            "登记证号": self.registration_number,
            "登记层级": self.level.label,
            "服务领域": "、".join(one.label for one in self.service_fields),
            "评估等级": "" if self.stars is None else f"{self.stars}A",
            "状态": self.status.label,
        }


def require_social_organisation(unit: Unit) -> None:
    if unit.kind is not UnitKind.SOCIAL_ORGANISATION:
        raise invalid_field("unit_id", f"「{unit.unit_name}」登记为{unit.kind.label}，不是社会组织。")


def require_staff_serving(actor: Actor, unit: Unit) -> None:
    if not actor.is_staff or not any(actor.reaches(community_id) for community_id in unit.community_ids):
        raise Forbidden("只有所服务社区的工作人员或市级工作人员可以登记社会组织。")
