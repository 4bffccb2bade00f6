"""Resident units (驻地单位) of the alliance."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.claims.domain.unit_acts import PUBLISHED, UNIT_ACTS, Who
from services.claims.domain.uscc import normal_uscc
from services.contracts.base import Actor, Forbidden, Role, VersionMismatch, invalid_field
from services.contracts.claims.errors import UnitHasOpenClaims, UnitNotFound, UnitNotInState, UnitNotMember
from services.contracts.claims.events import (
    UnitApplied,
    UnitApproved,
    UnitLeft,
    UnitRefused,
    UnitRegistered,
    UnitReinstated,
    UnitSuspended,
)
from services.contracts.claims.terms import Category, UnitKind, UnitStatus


@dataclass(eq=False, kw_only=True)
class Unit:
    """An organisation that, as a member, may claim items of the communities it serves.

    `functions` say what it is good at; `sort_key` is how its name sounds, for lists in pinyin order.
    `reason` is why it was refused, suspended or left; whoever has the reference (kept as a hash) follows
    the application.
    """

    unit_id: UUID
    uscc: str
    unit_name: str
    sort_key: str = ""
    kind: UnitKind
    functions: list[Category] = field(default_factory=list)
    community_ids: list[UUID]
    registered_at: datetime
    status: UnitStatus = UnitStatus.MEMBER
    introduction: str = ""
    reason: str = ""
    reference_hash: str | None = None
    applied_at: datetime | None = None
    joined_on: date | None = None
    version: int = 1

    @classmethod
    def register(
        cls,
        *,
        unit_id: UUID,
        uscc: str,
        unit_name: str,
        sort_key: str,
        kind: UnitKind,
        functions: list[Category],
        community_ids: list[UUID],
        today: date,
        now: datetime,
    ) -> tuple["Unit", UnitRegistered]:
        """A unit whose code stands up to both of its check digits; a member at once."""
        unit = cls(
            unit_id=unit_id,
            uscc=normal_uscc(uscc),
            unit_name=name_of_unit(unit_name),
            sort_key=sort_key,
            kind=kind,
            functions=list(dict.fromkeys(functions)),
            community_ids=list(dict.fromkeys(community_ids)),
            joined_on=today,
            registered_at=now,
        )
        event = UnitRegistered(
            unit_id=unit.unit_id,
            uscc=unit.uscc,
            unit_name=unit.unit_name,
            kind=unit.kind,
            occurred_at=now,
        )
        return unit, event

    @classmethod
    def apply(cls, *, now: datetime, **fields: Any) -> tuple["Unit", UnitApplied]:
        """The same checks; a member only when somebody has approved it."""
        introduction, reference_hash = fields.pop("introduction"), fields.pop("reference_hash")
        unit, _ = cls.register(**fields, now=now)
        unit.status, unit.joined_on = UnitStatus.APPLIED, None
        unit.introduction, unit.reference_hash, unit.applied_at = introduction, reference_hash, now
        return unit, unit._applied(now)

    def apply_again(
        self,
        *,
        functions: list[Category],
        community_ids: list[UUID],
        introduction: str,
        reference_hash: str,
        actor: Actor,
        now: datetime,
    ) -> UnitApplied:
        """The name and the type stay: anybody may apply, but only staff change what is on record."""
        self._move("apply_again", actor)
        self.functions = list(dict.fromkeys(functions))
        self.community_ids = list(dict.fromkeys(community_ids))
        self.introduction, self.reference_hash, self.applied_at = introduction, reference_hash, now
        self.reason = ""
        return self._applied(now)

    def approve(self, *, actor: Actor, today: date, now: datetime) -> UnitApproved:
        self._move("approve_unit", actor)
        self.joined_on = today
        return UnitApproved(**self._named(now))

    def refuse(self, *, reason: str, actor: Actor, now: datetime) -> UnitRefused:
        self._move("refuse_unit", actor)
        self.reason = reason
        return UnitRefused(**self._named(now), reason=reason)

    def suspend(self, *, reason: str, actor: Actor, now: datetime) -> UnitSuspended:
        """It claims nothing new; what it has claimed goes on."""
        self._move("suspend_unit", actor)
        self.reason = reason
        return UnitSuspended(**self._named(now), reason=reason)

    def reinstate(self, *, actor: Actor, now: datetime) -> UnitReinstated:
        self._move("reinstate_unit", actor)
        self.reason = ""
        return UnitReinstated(**self._named(now))

    def leave(self, *, reason: str, open_claims: int, actor: Actor, now: datetime) -> UnitLeft:
        """Nobody leaves others waiting for what it promised."""
        self.require_act("leave_alliance", actor)
        if open_claims:
            raise UnitHasOpenClaims(
                f"「{self.unit_name}」还有 {open_claims} 项认领没有办结，请先办结或退领再退出联盟。"
            )
        self._move("leave_alliance", actor)
        self.reason = reason
        return UnitLeft(**self._named(now), reason=reason)

    def change(
        self,
        *,
        unit_name: str,
        sort_key: str,
        kind: UnitKind,
        functions: list[Category],
        community_ids: list[UUID],
        introduction: str,
        actor: Actor,
    ) -> None:
        """Staff cannot move a unit out of their own reach."""
        self._move("change_unit", actor)
        if not any(actor.reaches(community_id) for community_id in community_ids):
            raise invalid_field("community_ids", "至少保留一个您所在的社区。")
        self.unit_name, self.sort_key, self.kind = name_of_unit(unit_name), sort_key, kind
        self.functions = list(dict.fromkeys(functions))
        self.community_ids = list(dict.fromkeys(community_ids))
        self.introduction = introduction

    def touch(self, act: str, actor: Actor) -> None:
        """An act on what belongs to the unit, such as its contacts."""
        self._move(act, actor)

    @property
    def is_member(self) -> bool:
        return self.status is UnitStatus.MEMBER

    def require_member(self) -> None:
        if not self.is_member:
            raise UnitNotMember(
                f"「{self.unit_name}」在党建联盟中为「{self.status.label}」，只有成员单位可以认领。"
            )

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该单位的登记已被他人修改，请刷新后再操作。")

    def serves(self, community_id: UUID) -> bool:
        return community_id in self.community_ids

    def is_of(self, actor: Actor) -> bool:
        """Whether the actor is this unit's own liaison."""
        return actor.has_role(Role.UNIT_LIAISON) and actor.unit_id == self.unit_id

    def is_staffed_by(self, actor: Actor) -> bool:
        return actor.is_staff and any(actor.reaches(community_id) for community_id in self.community_ids)

    def is_open_to(self, actor: Actor) -> bool:
        """Whether contacts and history are for this actor."""
        return self.is_of(actor) or self.is_staffed_by(actor)

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Who applies or was refused is nobody's business but the staff's and its own."""
        return self.status in PUBLISHED or self.is_open_to(actor)

    def require_seen_by(self, actor: Actor) -> None:
        if not self.may_be_seen_by(actor):
            raise UnitNotFound("没有这个单位。")

    def community_of(self, actor: Actor) -> UUID:
        """The community in whose name the actor acts on the unit."""
        return next((one for one in self.community_ids if actor.reaches(one)), self.community_ids[0])

    def possible_acts(self, actor: Actor) -> list[str]:
        return [
            name
            for name, act in UNIT_ACTS.items()
            if self.status in act.states and act.who is not Who.ANYBODY and self._is_for(act.who, actor)
        ]

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        return {
            "状态": self.status.label,
            "单位名称": self.unit_name,
            "类型": self.kind.label,
            "职能": "、".join(one.label for one in self.functions),
            "服务社区数": str(len(self.community_ids)),
        }

    def require_act(self, act: str, actor: Actor) -> None:
        """Refuse what the table of acts does not allow, naming the present state."""
        rule = UNIT_ACTS[act]
        if not self._is_for(rule.who, actor):
            raise Forbidden("只有该单位所服务社区的工作人员或市级工作人员可以进行此操作。")
        if self.status not in rule.states:
            raise UnitNotInState(f"「{self.unit_name}」现为「{self.status.label}」，不能{rule.label}。")

    def _is_for(self, who: Who, actor: Actor) -> bool:
        match who:
            case Who.ANYBODY:
                return True
            case Who.STAFF_OR_OWN_LIAISON:
                return self.is_open_to(actor)
            case Who.STAFF:
                return self.is_staffed_by(actor)

    def _move(self, act: str, actor: Actor) -> None:
        self.require_act(act, actor)
        self.status = UNIT_ACTS[act].leads_to or self.status
        self.version += 1

    def _applied(self, now: datetime) -> UnitApplied:
        return UnitApplied(**self._named(now), community_ids=tuple(self.community_ids))

    def _named(self, now: datetime) -> dict[str, Any]:
        return {"unit_id": self.unit_id, "unit_name": self.unit_name, "occurred_at": now}


def name_of_unit(name: str) -> str:
    name = name.strip()
    if not name:
        raise invalid_field("unit_name", "请填写单位名称。")
    return name


@dataclass(eq=False, kw_only=True)
class UnitContact:
    """Who speaks for a unit (联络人); the name and the number are stored sealed and shown masked."""

    contact_id: UUID
    unit_id: UUID
    contact_name: str
    post: str
    contact_phone: str
