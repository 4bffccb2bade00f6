"""Units in memory: the list, one unit, and the acts that staff are offered on it."""

from typing import Any
from uuid import UUID, uuid4

from services.claims.domain.unit_acts import UNIT_ACTS
from services.contracts.base import Actor
from services.contracts.claims.errors import UnitNotFound, UsccInvalid
from services.contracts.claims.terms import UnitStatus
from tests.gateway import fake_sample as sample


class FakeUnits:
    units: list[dict[str, Any]]

    def list_units(
        self,
        _: Actor,
        *,
        q: str,
        community_id: UUID | None,
        status: str | None,
        cursor: str | None,
        limit: int,
    ) -> dict[str, Any]:
        found = [
            unit
            for unit in self.units
            if q in unit["unit_name"]
            and (community_id is None or str(community_id) in unit["community_ids"])
            and status in (None, unit["status"])
        ]
        return {"items": found[:limit], "next": None}

    def get_unit(self, actor: Actor, *, unit_id: UUID) -> dict[str, Any]:
        return self.shown(self.unit(unit_id), actor)

    def get_unit_work(self, _: Actor, *, unit_id: UUID) -> dict[str, Any]:
        counted = dict.fromkeys(
            ("claims", "open", "done", "released", "scored", "commended", "rectifying"), 1
        )
        return {"unit_id": str(unit_id), **counted, "average_score": "86.50"}

    def list_dual_registrations(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [], "next": None}

    def list_tasks(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [], "next": None}

    def register_unit(self, actor: Actor, *, uscc: str, **unit: Any) -> dict[str, Any]:
        if uscc.endswith("X"):
            refusal = UsccInvalid("统一社会信用代码的校验码不对，请核对。")
            refusal.fields = {"uscc": ["校验码不对，请核对。"]}
            raise refusal
        made = {"unit_id": str(uuid4()), "uscc": uscc, "version": 1, "status": "member", **unit}
        made["community_ids"] = [str(one) for one in unit["community_ids"]]
        self.units.append(made)
        return self.shown(made, actor)

    def approve_unit(self, actor: Actor, *, unit_id: UUID, **_: Any) -> dict[str, Any]:
        self.unit(unit_id)["status"] = "member"
        return self.get_unit(actor, unit_id=unit_id)

    def apply_unit(self, _: Actor, *, unit_name: str, **__: Any) -> dict[str, Any]:
        return {"unit_id": str(uuid4()), "reference": "ABCDEFGH2345", "due_on": "2026-12-07"}

    def follow_application(self, _: Actor, *, reference: str) -> dict[str, Any]:
        if reference != "ABCDEFGH2345":
            raise UnitNotFound("没有这个查询号，请核对后再输入。")
        return {
            "unit_name": "黑河学院",
            "status": "refused",
            "reason": "缺营业执照",
            "applied_at": sample.iso(-3),
            "due_on": None,
            "community_names": ["花园社区"],
            "steps": [{"at": sample.iso(-3), "office": "申请单位", "summary": "申请加入党建联盟。"}],
        }

    def unit(self, unit_id: UUID) -> dict[str, Any]:
        found = next((unit for unit in self.units if unit["unit_id"] == str(unit_id)), None)
        if found is None:
            raise UnitNotFound("没有找到这个单位。")
        return found

    def shown(self, unit: dict[str, Any], actor: Actor) -> dict[str, Any]:
        status = UnitStatus.of(unit["status"])
        acts = [name for name, act in UNIT_ACTS.items() if status in act.states and name != "apply_again"]
        contact = {
            "contact_id": sample.id_of("contact", unit["unit_id"]),
            "contact_name": "关*",
            "post": "主任",
            "contact_phone": "138****1234",
        }
        line = {
            "at": sample.iso(-3),
            "actor_name": "王社工",
            "act": "register_unit",
            "summary": "登记单位。",
            "changes": {},
        }
        return {
            **unit,
            "community_names": ["花园社区"],
            "introduction": "可出人清雪",
            "reason": "",
            "applied_at": None,
            "joined_on": "2026-11-01",
            "contacts": [contact],
            "history": [line],
            "possible_acts": acts if actor.is_staff else [],
        }
