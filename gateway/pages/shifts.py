"""Shifts of volunteers: what comes and what was, one shift with its people, and the page at its door."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities, public_address
from gateway.pages.forms import chosen, filled, local_time, shown_again_on, wanted
from gateway.pages.frame import OFFICES, STAFF
from gateway.pages.paging import Pager
from services.contracts.base import Role, invalid_field

LIMIT = 20
WATCHERS = (*OFFICES, Role.UNIT_LIAISON, Role.SUPERVISOR)

blueprint = Blueprint("shifts", __name__)


@blueprint.get("/shifts")
@may(*WATCHERS)
def list_shifts() -> str:
    narrowed = wanted("community_id", "item_id", "is_past")
    page = claims.list_shifts(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "shifts/list.html",
        shifts=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/shifts/new")
@may(*STAFF)
def new_shift() -> str:
    """For an item when the address names one; then the community is the item's."""
    item_id = request.values.get("item_id", "")
    item = claims.get_item(item_id=item_id) if item_id else None
    return render_template("shifts/new.html", communities=my_communities(), item=item)


@blueprint.post("/shifts/new")
@may(*STAFF)
@shown_again_on(new_shift)
def open_shift() -> Response:
    fields = filled("community_id", "item_id", "title", "place", "slots", "is_risky")
    shift = claims.open_shift(**fields, **local_time("starts_at", "ends_at"), **chosen("skills"))
    flash("班次已发布，正在招募志愿者。", "success")
    return _to(shift["shift_id"])


@blueprint.get("/shifts/<uuid:shift_id>")
@may(*WATCHERS)
def get_shift(shift_id: UUID) -> str:
    shift = claims.get_shift(shift_id=shift_id)
    return render_template("shifts/shift.html", shift=shift, volunteers=_who_may_come(shift))


@blueprint.get("/shifts/<uuid:shift_id>/sign-in-code")
@may(*STAFF)
def get_sign_in_token(shift_id: UUID) -> str:
    """The page with the QR code, for the screen at the door or on paper."""
    shift = claims.get_shift(shift_id=shift_id)
    made = claims.get_sign_in_token(shift_id=shift_id)
    public_url = current_app.extensions["settings"].public_url
    address = public_address("volunteering.open_sign_in", public_url, token=made["token"])
    return render_template("shifts/sign_in_code.html", shift=shift, address=address, made=made)


@blueprint.post("/shifts/<uuid:shift_id>/enrol_volunteer")
@may(*STAFF)
@shown_again_on(get_shift)
def enrol_volunteer(shift_id: UUID) -> Response:
    claims.enrol_volunteer(shift_id=shift_id, **filled("volunteer_id"))
    flash("已报名；名额已满的排入候补。", "success")
    return _to(shift_id)


@blueprint.post("/shifts/<uuid:shift_id>/enrolments/<uuid:volunteer_id>/withdraw_from_shift")
@may(*STAFF)
@shown_again_on(get_shift)
def withdraw_from_shift(shift_id: UUID, volunteer_id: UUID) -> Response:
    claims.withdraw_from_shift(shift_id=shift_id, volunteer_id=volunteer_id)
    flash("已退出班次，候补第一位自动递补。", "success")
    return _to(shift_id)


@blueprint.post("/shifts/<uuid:shift_id>/cancel_shift")
@may(*STAFF)
@shown_again_on(get_shift)
def cancel_shift(shift_id: UUID) -> Response:
    claims.cancel_shift(shift_id=shift_id, **filled("reason", "expected_version"))
    flash("班次已取消。", "success")
    return _to(shift_id)


@blueprint.post("/shifts/<uuid:shift_id>/sign_in_volunteer")
@may(*STAFF)
@shown_again_on(get_shift)
def sign_in_volunteer(shift_id: UUID) -> Response:
    claims.sign_in_volunteer(shift_id=shift_id, **filled("volunteer_code"))
    flash("已签到。", "success")
    return _to(shift_id)


@blueprint.post("/shifts/<uuid:shift_id>/sign_out_volunteer")
@may(*STAFF)
@shown_again_on(get_shift)
def sign_out_volunteer(shift_id: UUID) -> Response:
    claims.sign_out_volunteer(shift_id=shift_id, **filled("volunteer_code"))
    flash("已签退。", "success")
    return _to(shift_id)


@blueprint.post("/shifts/<uuid:shift_id>/confirm_hours")
@may(*STAFF)
@shown_again_on(get_shift)
def confirm_hours(shift_id: UUID) -> Response:
    claims.confirm_hours(shift_id=shift_id, corrections=_corrections(), **filled("expected_version"))
    flash("服务时长已确认，计入志愿者的服务记录。", "success")
    return _to(shift_id)


def _corrections() -> list[dict[str, Any]]:
    """The minutes that somebody typed, one field per volunteer; an empty one leaves it to the signatures."""
    typed = {name: value.strip() for name, value in request.form.items() if name.startswith("minutes-")}
    if any(value and not value.isdecimal() for value in typed.values()):
        raise invalid_field("corrections", "时长应为整数分钟。")
    return [
        {"volunteer_id": name.removeprefix("minutes-"), "minutes": value}
        for name, value in typed.items()
        if value
    ]


def _who_may_come(shift: dict[str, Any]) -> list[dict[str, Any]]:
    """Volunteers of the community who have no place in the shift yet."""
    if "enrol_volunteer" not in shift["possible_acts"]:
        return []
    gone = {"withdrawn"}
    people = [*shift["enrolments"], *shift["waiting_list"]]
    there = {one["volunteer_id"] for one in people if one["status"] not in gone}
    narrowed = {"community_id": shift["community_id"], "status": "active", "limit": 200}
    found = claims.list_volunteers(**narrowed)["items"]
    return [one for one in found if one["volunteer_id"] not in there]


def _to(shift_id: UUID) -> Response:
    return redirect(url_for("shifts.get_shift", shift_id=shift_id), 303)
