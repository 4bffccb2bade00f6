"""Resident units (驻地单位) of the alliance: the list, one unit, and what becomes of it."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask import Response as PlainResponse
from werkzeug.wrappers import Response

from gateway import personal
from gateway.auth.policy import READERS, may
from gateway.auth.session import current_user
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, STAFF, UNITS, may_use
from gateway.pages.paging import Pager
from gateway.pages.todo import PLACES

LIMIT = 20
SHOWN = 10
APPLICATION = ("uscc", "unit_name", "kind", "introduction", "contact_name", "post", "contact_phone")
WORDS = {"contact_name": "姓名", "contact_phone": "电话"}

blueprint = Blueprint("units", __name__)


@blueprint.get("/units")
@may(*READERS)
def list_units() -> str:
    narrowed = wanted("q", "community_id", "status")
    page = claims.list_units(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "units/list.html",
        units=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/units/new")
@may(*STAFF)
def new_unit() -> str:
    return render_template("units/new.html", communities=my_communities())


@blueprint.post("/units/new")
@may(*STAFF)
@shown_again_on(new_unit)
def register_unit() -> Response:
    unit = claims.register_unit(**filled("uscc", "unit_name", "kind"), **chosen("functions", "community_ids"))
    flash(f"{unit['unit_name']} 已加入党建联盟。", "success")
    return redirect(url_for("units.list_units", q=unit["unit_name"]), 303)


@blueprint.get("/units/applications/new")
@may(*STAFF)
def new_unit_application() -> str:
    return render_template("units/new_application.html", communities=my_communities())


@blueprint.post("/units/applications/new")
@may(*STAFF)
@shown_again_on(new_unit_application)
def enter_application() -> Response:
    applied = claims.enter_application(**filled(*APPLICATION), **chosen("functions", "community_ids"))
    flash(f"申请已登记。查询号 {applied['reference']} 只显示这一次，请告知申请单位。", "success")
    return _to(applied["unit_id"])


@blueprint.get("/units/<uuid:unit_id>")
@may(*READERS)
def get_unit(unit_id: UUID) -> str:
    """With its work; for its communities and its own liaison also what it reported, and what waits for it."""
    unit = claims.get_unit(unit_id=unit_id)
    user = current_user()
    is_own = user is not None and user.unit_id == unit_id
    is_open = bool(unit["history"]) and may_use("dual_registrations.list_dual_registrations")
    registrations = claims.list_dual_registrations(unit_id=unit_id, limit=SHOWN)["items"] if is_open else []
    return render_template(
        "units/unit.html",
        unit=unit,
        communities=communities(),
        work=claims.get_unit_work(unit_id=unit_id),
        items=claims.list_items(unit_id=unit_id, limit=SHOWN)["items"],
        registrations=registrations,
        clocks=claims.list_clocks(limit=SHOWN)["items"] if is_own else [],
        places=PLACES,
    )


@blueprint.post("/units/<uuid:unit_id>/change_unit")
@may(*STAFF)
@shown_again_on(get_unit)
def change_unit(unit_id: UUID) -> Response:
    changes = filled("unit_name", "kind", "introduction", "expected_version")
    claims.change_unit(unit_id=unit_id, **changes, **chosen("functions", "community_ids"))
    return _done(unit_id, "已保存。")


@blueprint.post("/units/<uuid:unit_id>/approve_unit")
@may(*STAFF)
@shown_again_on(get_unit)
def approve_unit(unit_id: UUID) -> Response:
    claims.approve_unit(unit_id=unit_id, **filled("expected_version"))
    return _done(unit_id, "已通过，该单位现在可以认领事项。")


@blueprint.post("/units/<uuid:unit_id>/refuse_unit")
@may(*STAFF)
@shown_again_on(get_unit)
def refuse_unit(unit_id: UUID) -> Response:
    claims.refuse_unit(unit_id=unit_id, **filled("reason", "expected_version"))
    return _done(unit_id, "已退回，申请单位凭查询号可以看到理由。")


@blueprint.post("/units/<uuid:unit_id>/suspend_unit")
@may(*STAFF)
@shown_again_on(get_unit)
def suspend_unit(unit_id: UUID) -> Response:
    claims.suspend_unit(unit_id=unit_id, **filled("reason", "expected_version"))
    return _done(unit_id, "已暂停，已认领的事项继续办理。")


@blueprint.post("/units/<uuid:unit_id>/reinstate_unit")
@may(*STAFF)
@shown_again_on(get_unit)
def reinstate_unit(unit_id: UUID) -> Response:
    claims.reinstate_unit(unit_id=unit_id, **filled("reason", "expected_version"))
    return _done(unit_id, "已恢复。")


@blueprint.post("/units/<uuid:unit_id>/leave_alliance")
@may(*UNITS)
@shown_again_on(get_unit)
def leave_alliance(unit_id: UUID) -> Response:
    claims.leave_alliance(unit_id=unit_id, **filled("reason", "expected_version"))
    return _done(unit_id, "已退出联盟，联系人信息已清除。")


@blueprint.post("/units/<uuid:unit_id>/add_unit_contact")
@may(*UNITS)
@shown_again_on(get_unit)
def add_unit_contact(unit_id: UUID) -> Response:
    contact = filled("contact_name", "post", "contact_phone", "expected_version")
    claims.add_unit_contact(unit_id=unit_id, **contact)
    return _done(unit_id, "已增加。")


@blueprint.post("/units/<uuid:unit_id>/contacts/<uuid:contact_id>/remove_unit_contact")
@may(*UNITS)
@shown_again_on(get_unit)
def remove_unit_contact(unit_id: UUID, contact_id: UUID) -> Response:
    claims.remove_unit_contact(unit_id=unit_id, contact_id=contact_id, **filled("expected_version"))
    return _done(unit_id, "已删除。")


@blueprint.post("/unit-contacts/<uuid:record_id>/unmask")
@may(*LEADERS)
@shown_again_on(list_units)
def unmask_unit_contact(record_id: UUID) -> PlainResponse:
    """One field of one contact, whole; the audit has the reason first."""
    asked = filled("reason", "field")
    field = asked.get("field", "contact_phone")
    reason = asked.get("reason", "")
    value = personal.unmask(claims, record_id=record_id, field=field, reason=reason)
    response = make_response(
        render_template("personal/unmasked.html", value=value, word=WORDS.get(field, field), reason=reason)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _done(unit_id: UUID, said: str) -> Response:
    flash(said, "success")
    return _to(unit_id)


def _to(unit_id: UUID | str) -> Response:
    return redirect(url_for("units.get_unit", unit_id=unit_id), 303)
