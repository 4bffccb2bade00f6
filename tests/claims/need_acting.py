"""Needs for tests: valid ones, in every state, and every act on them."""

from datetime import date
from typing import Any
from uuid import uuid4

from services.claims.domain.need import Need
from services.claims.domain.need_acts import NEED_ACTS
from services.contracts.base import Actor
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ServiceClass
from tests.builders import HUAYUAN, NOW, TODAY, worker

DUE_ON = date(2026, 11, 30)
# What leads a new need into each state.
STEPS_TO_NEED: dict[NeedStatus, tuple[str, ...]] = {
    NeedStatus.RECEIVED: (),
    NeedStatus.TRIAGED: ("triage_need",),
    NeedStatus.ITEM: ("triage_need", "turn_need_into_item"),
    NeedStatus.MATTER: ("triage_need", "turn_need_into_matter"),
    NeedStatus.REFERRED: ("refer_need",),
    NeedStatus.ANSWERED: ("answer_need",),
    NeedStatus.DECLINED: ("decline_need",),
    NeedStatus.MERGED: ("merge_need",),
}


def make_need(**given: Any) -> Need:
    number = given.pop("number", 1)
    fields: dict[str, Any] = {
        "need_id": uuid4(),
        "number": number,
        "code": f"XQ-2026-{number:05d}",
        "community_id": HUAYUAN,
        "source": NeedSource.STAFF,
        "title": "楼道灯不亮",
        "description": "3 号楼 2 单元楼道灯坏了一周",
        "received_at": NOW,
        "due_on": DUE_ON,
    }
    return Need(**fields | given)


def act_on_need(need: Need, act: str, *, actor: Actor | None = None) -> Any:
    """Any act on a need, with arguments that only its state or the actor could make wrong."""
    who: dict[str, Any] = {"actor": actor or worker(need.community_id), "now": NOW}
    match act:
        case "triage_need":
            return need.triage(
                service_class=ServiceClass.CONVENIENCE,
                category=Category.FACILITIES,
                priority=NeedPriority.URGENT,
                **who,
            )
        case "turn_need_into_item":
            return need.turn_into_item(uuid4(), **who)
        case "turn_need_into_matter":
            return need.turn_into_matter(**who)
        case "refer_need":
            return need.refer(department="区住建局", **who)
        case "answer_need":
            return need.give_reply("灯已换好", **who)
        case "decline_need":
            return need.decline("不属于社区职责", **who)
        case "merge_need":
            return need.merge_into(make_need(number=2), **who)
    raise AssertionError(f"{act} is not one of {[*NEED_ACTS]}")


def need_in(status: NeedStatus) -> Need:
    """A need that came to this status by acts alone."""
    need = make_need()
    for step in STEPS_TO_NEED[status]:
        act_on_need(need, step)
    return need


def need_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to tell of a need."""
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "title": "楼道灯不亮",
        "description": "3 号楼 2 单元楼道灯坏了一周，老人上下楼看不见",
        "place": "3 号楼 2 单元",
        "category": Category.FACILITIES,
    }
    return fields | given


def order_fields(number: str = "HH20261123001", **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "order_number": number,
        "community_id": HUAYUAN,
        "title": "暖气不热",
        "content": "5 号楼 301 室暖气不热，请上门查看",
        "place": "5 号楼 301",
        "received_at": NOW,
        "working_days": None,
    }
    return fields | given


def item_of_need_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": "更换楼道灯",
        "description": "更换 12 盏声控灯",
        "beneficiaries": 60,
        "quantity": 12,
        "measure": "盏",
        "budget_fen": 0,
        "supports": [],
        "place": "3 号楼",
        "grid_code": "",
        "due_on": date(2026, 12, 20),
    }
    return fields | given


def need_cells(**given: str) -> dict[str, str]:
    """One row of a file of needs."""
    texts = {
        "community": "花园社区",
        "received_on": str(TODAY),
        "title": "井盖松动",
        "description": "花园街 8 号门前井盖松动",
        "place": "花园街 8 号",
        "category": "公共设施",
        "order_number": "",
    }
    return texts | given
