"""The alliance's part of the matrix: records of one community, and what each act is asked with."""

from collections.abc import Callable
from typing import Any

from services.chassis.clock import local_today
from tests.builders import make_uscc

TODAY = local_today()
CONTACT = {"contact_name": "关海兰", "contact_phone": "0456-8223344"}


def unit_of(community_id: str, number: int) -> dict[str, Any]:
    return {
        "uscc": make_uscc(number),
        "unit_name": f"新单位{number}",
        "kind": "enterprise",
        "community_ids": [community_id],
    }


def registration_of(community_id: str, unit_id: str) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "unit_id": unit_id,
        "kind": "member",
        "organisation_title": "机关党支部",
        "member_name": "关海兰",
        "reported_on": str(TODAY),
    }


def task_of(community_id: str) -> dict[str, Any]:
    return {"community_id": community_id, "title": "入户宣传", "people": 3, "until_on": str(TODAY)}


def settle_alliance(
    post: Callable[..., dict[str, Any]], unit_id: str, community_id: str, number: int
) -> dict[str, str]:
    """A contact of the unit."""
    unit = post(f"/units/{unit_id}/contacts", **CONTACT)
    member = post("/dual-registrations", **registration_of(community_id, unit_id))
    step = f"/dual-registrations/{member['registration_id']}"
    served = post(f"{step}/services", title="清雪", served_on=str(TODAY), minutes=60)
    task = post("/community-tasks", **task_of(community_id))
    return {
        "contact_id": unit["contacts"][0]["contact_id"],
        "registration_id": member["registration_id"],
        "service_id": served["service_records"][0]["service_id"],
        "task_id": task["task_id"],
    }


ALLIANCE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "add_unit_contact": lambda at: CONTACT,
    "approve_unit": lambda at: {},
    "change_unit": lambda at: {
        "unit_name": "改名单位",
        "kind": "enterprise",
        "community_ids": [at.community_id],
    },
    "close_task": lambda at: {"reason": "已完成"},
    "end_dual_registration": lambda at: {"reason": "调离"},
    "evaluate_dual_registration": lambda at: {"year": TODAY.year, "grade": "good", "comment": "好"},
    "get_claim_agreement": lambda at: {},
    "get_dual_registration": lambda at: {},
    "get_membership_agreement": lambda at: {},
    "introduce_task": lambda at: task_of(at.community_id),
    "open_dual_registration": lambda at: registration_of(at.community_id, at.unit_id),
    "record_dual_service": lambda at: {"title": "清雪", "served_on": str(TODAY), "minutes": 30},
    "show_report_slip": lambda at: {},
    "show_service_card": lambda at: {},
    "unmask_dual_registration": lambda at: {"reason": "核对报到人身份"},
    "withdraw_dual_service": lambda at: {"reason": "记错"},
    "enter_application": lambda at: {**unit_of(at.community_id, 55), **CONTACT},
    "leave_alliance": lambda at: {"reason": "迁出"},
    "refuse_unit": lambda at: {"reason": "材料不全"},
    "reinstate_unit": lambda at: {"reason": "已整改"},
    "suspend_unit": lambda at: {"reason": "两次未办结"},
    "unmask_unit_contact": lambda at: {"field": "contact_phone", "reason": "联系该单位办理认领"},
}
