"""The volunteers' part of the matrix: records of one community, and what each act is asked with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today, utc_now
from tests.builders import make_uscc

TODAY = local_today()
BEGINS = utc_now().replace(microsecond=0) + timedelta(days=3)
ORGANISATION = {"level": "city", "service_fields": ["elderly"]}


def shift_of(community_id: str) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "title": "清雪志愿服务",
        "place": "花园街",
        "starts_at": BEGINS.isoformat(),
        "ends_at": (BEGINS + timedelta(hours=2)).isoformat(),
        "slots": 2,
    }


def settle_volunteers(
    post: Callable[..., dict[str, Any]], number: int, community_id: str, item_id: str
) -> dict[str, str]:
    """A volunteer in a shift of the claimed item, a linked party and two social organisations, one registered."""
    volunteer = post("/volunteers", community_id=community_id, volunteer_name="关海兰")
    shift = post("/shifts", **shift_of(community_id), item_id=item_id)
    post(f"/shifts/{shift['shift_id']}/enrolments", volunteer_id=volunteer["volunteer_id"])
    linked = post(
        f"/items/{item_id}/linkage/parties", kind="charity_resource", party="冬衣 50 件", duty="发放冬衣"
    )
    units = [
        post(
            "/units",
            uscc=make_uscc(10 * place + number),
            unit_name=f"社工站{number}{place}",
            kind="social_organisation",
            community_ids=[community_id],
        )["unit_id"]
        for place in (1, 2)
    ]
    post("/social-organisations", unit_id=units[0], registration_number=f"号{number}", **ORGANISATION)
    return {
        "volunteer_id": volunteer["volunteer_id"],
        "volunteer_code": volunteer["code"],
        "shift_id": shift["shift_id"],
        "link_id": linked["parties"][0]["link_id"],
        "organisation_id": units[0],
        "unregistered_id": units[1],
    }


VOLUNTEERING: dict[str, Callable[[Any], dict[str, Any]]] = {
    "cancel_shift": lambda at: {"reason": "大风"},
    "change_social_organisation": lambda at: {
        "registration_number": "新号",
        "status": "active",
        **ORGANISATION,
    },
    "change_volunteer": lambda at: {"skills": ["repair"]},
    "confirm_hours": lambda at: {},
    "count_service_hours": lambda at: {"?community_id": at.community_id},
    "enrol_volunteer": lambda at: {"volunteer_id": at.ids["volunteer_id"]},
    "get_shift": lambda at: {},
    "get_sign_in_token": lambda at: {},
    "get_volunteer": lambda at: {},
    "issue_service_certificate": lambda at: {"from_on": str(TODAY), "to_on": str(TODAY)},
    "link_party": lambda at: {"kind": "social_worker", "party": "社工站", "duty": "个案服务"},
    "list_volunteers": lambda at: {"?community_id": at.community_id},
    "open_shift": lambda at: shift_of(at.community_id),
    "register_social_organisation": lambda at: {
        "unit_id": at.ids["unregistered_id"],
        "registration_number": "另号",
        **ORGANISATION,
    },
    "register_volunteer": lambda at: {"community_id": at.community_id, "volunteer_name": "艾云"},
    "retire_volunteer": lambda at: {"reason": "搬家"},
    "sign_in_volunteer": lambda at: {"volunteer_code": at.ids["volunteer_code"]},
    "sign_out_volunteer": lambda at: {"volunteer_code": at.ids["volunteer_code"]},
    "unlink_party": lambda at: {"reason": "登记有误"},
    "unmask_volunteer": lambda at: {"field": "volunteer_name", "reason": "核对志愿服务证明"},
    "withdraw_from_shift": lambda at: {},
}
