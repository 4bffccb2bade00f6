"""The alliance's part of the matrix: records of one community, and what each act is asked with."""

from collections.abc import Callable
from typing import Any

from tests.builders import make_uscc

CONTACT = {"contact_name": "关海兰", "contact_phone": "0456-8223344"}


def unit_of(community_id: str, number: int) -> dict[str, Any]:
    return {
        "uscc": make_uscc(number),
        "unit_name": f"新单位{number}",
        "kind": "enterprise",
        "community_ids": [community_id],
    }


def settle_alliance(
    post: Callable[..., dict[str, Any]], unit_id: str, community_id: str, number: int
) -> dict[str, str]:
    """A contact of the unit."""
    unit = post(f"/units/{unit_id}/contacts", **CONTACT)
    return {"contact_id": unit["contacts"][0]["contact_id"]}


ALLIANCE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "add_unit_contact": lambda at: CONTACT,
    "approve_unit": lambda at: {},
    "change_unit": lambda at: {
        "unit_name": "改名单位",
        "kind": "enterprise",
        "community_ids": [at.community_id],
    },
    "enter_application": lambda at: {**unit_of(at.community_id, 55), **CONTACT},
    "leave_alliance": lambda at: {"reason": "迁出"},
    "refuse_unit": lambda at: {"reason": "材料不全"},
    "reinstate_unit": lambda at: {"reason": "已整改"},
    "suspend_unit": lambda at: {"reason": "两次未办结"},
    "unmask_unit_contact": lambda at: {"field": "contact_phone", "reason": "联系该单位办理认领"},
}
