"""The rules of communities and of the people who work in them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.contracts.base import Actor, Forbidden, Role, VersionMismatch, invalid_field
from services.contracts.staffing.events import CommunityChanged, CommunityRegistered, WorkerAppointed
from services.contracts.staffing.terms import CommunityGrade, Post

WORKERS_PER_TEN_THOUSAND = 18
LONGEST_NAME = 50


@dataclass(eq=False, kw_only=True)
class Community:
    """`code`: the 12-digit division code; it identifies the community for other systems and never changes."""

    community_id: UUID
    code: str
    community_name: str
    street: str
    grade: CommunityGrade
    households: int
    population: int
    sort_key: str
    version: int = 1

    @property
    def posts_required(self) -> int:
        """At least 18 community workers for every 10,000 residents (domain rules 3.6); a part counts as one."""
        return -(-self.population * WORKERS_PER_TEN_THOUSAND // 10_000)

    def registered(self, *, now: datetime) -> CommunityRegistered:
        """The news of its registration."""
        return CommunityRegistered(occurred_at=now, **self._facts())

    def change(
        self,
        *,
        community_name: str,
        street: str,
        grade: CommunityGrade,
        households: int,
        population: int,
        sort_key: str,
        expected_version: int | None,
        now: datetime,
    ) -> CommunityChanged:
        if expected_version is not None and expected_version != self.version:
            raise VersionMismatch("社区资料已被他人修改，请刷新后重试。")
        self.community_name, self.sort_key = community_name, sort_key
        self.street, self.grade = street, grade
        self.households, self.population = households, population
        self.version += 1
        return CommunityChanged(occurred_at=now, **self._facts())

    def _facts(self) -> dict[str, Any]:
        return {
            "community_id": self.community_id,
            "code": self.code,
            "community_name": self.community_name,
            "street": self.street,
            "grade": self.grade,
            "households": self.households,
            "population": self.population,
        }


@dataclass(eq=False, kw_only=True)
class Worker:
    worker_id: UUID
    community_id: UUID
    worker_name: str
    post: Post
    since_on: date
    sort_key: str
    version: int = 1

    def appointed(self, *, now: datetime) -> WorkerAppointed:
        """The news of the appointment: the post and the place, not the person's name."""
        return WorkerAppointed(
            occurred_at=now,
            worker_id=self.worker_id,
            community_id=self.community_id,
            post=self.post,
            since_on=self.since_on,
        )

    def correct(self, *, worker_name: str, sort_key: str) -> None:
        """Nobody outside is told: events carry no names."""
        if not 1 <= len(worker_name) <= LONGEST_NAME:
            raise invalid_field("value", f"姓名应为 1 至 {LONGEST_NAME} 个字。")
        self.worker_name, self.sort_key = worker_name, sort_key
        self.version += 1


def require_manager_of(community_id: UUID, *, actor: Actor) -> None:
    """Who may change a community or appoint its workers: its secretary or director, or the city."""
    if actor.reaches_whole_city:
        return
    if not actor.has_role(Role.COMMUNITY_MANAGER):
        raise Forbidden("只有本社区书记/主任或市级工作人员可以进行此操作。")
    if not actor.reaches(community_id):
        raise Forbidden("您没有这个社区的权限。")
