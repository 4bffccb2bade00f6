"""Volunteers: the register with masked names, one volunteer with hours, and the certificate for printing."""

from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import personal
from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import my_communities, public_address
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, OFFICES, STAFF
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("volunteers", __name__)


@blueprint.get("/volunteers")
@may(*OFFICES)
def list_volunteers() -> str:
    narrowed = wanted("community_id", "skill", "status", "code")
    page = claims.list_volunteers(**narrowed, **wanted("cursor"), limit=LIMIT)
    counted = claims.count_service_hours(**wanted("community_id"))
    return render_template(
        "volunteers/list.html",
        volunteers=page["items"],
        pager=Pager(page, LIMIT),
        hours=counted,
        communities=my_communities(),
    )


@blueprint.get("/volunteers/new")
@may(*STAFF)
def new_volunteer() -> str:
    return render_template("volunteers/new.html", communities=my_communities())


@blueprint.post("/volunteers/new")
@may(*STAFF)
@shown_again_on(new_volunteer)
def register_volunteer() -> AnyResponse:
    volunteer = claims.register_volunteer(
        **filled("community_id", "volunteer_name", "insured_until_on"), **chosen("skills")
    )
    flash(f"已登记，志愿者编号 {volunteer['code']}，请告知本人，签到时使用。", "success")
    return _to(volunteer["volunteer_id"])


@blueprint.get("/volunteers/<uuid:volunteer_id>")
@may(*OFFICES)
def get_volunteer(volunteer_id: UUID) -> str:
    volunteer = claims.get_volunteer(volunteer_id=volunteer_id)
    return render_template("volunteers/volunteer.html", volunteer=volunteer)


@blueprint.post("/volunteers/<uuid:volunteer_id>/change_volunteer")
@may(*STAFF)
@shown_again_on(get_volunteer)
def change_volunteer(volunteer_id: UUID) -> AnyResponse:
    changes = {**filled("insured_until_on", "expected_version"), **chosen("skills")}
    claims.change_volunteer(volunteer_id=volunteer_id, **changes)
    flash("已保存。", "success")
    return _to(volunteer_id)


@blueprint.post("/volunteers/<uuid:volunteer_id>/retire_volunteer")
@may(*STAFF)
@shown_again_on(get_volunteer)
def retire_volunteer(volunteer_id: UUID) -> AnyResponse:
    wish = filled("reason", "is_anonymised", "expected_version")
    claims.retire_volunteer(volunteer_id=volunteer_id, **wish)
    flash("已退出，服务时长保留，仍可开具证明。", "success")
    return _to(volunteer_id)


@blueprint.post("/volunteers/<uuid:volunteer_id>/issue_service_certificate")
@may(*STAFF)
@shown_again_on(get_volunteer)
def issue_service_certificate(volunteer_id: UUID) -> AnyResponse:
    issued = claims.issue_service_certificate(volunteer_id=volunteer_id, **filled("from_on", "to_on"))
    place = url_for("volunteers.get_service_certificate", certificate_id=issued["certificate_id"])
    return redirect(place, 303)


@blueprint.get("/service-certificates/<uuid:certificate_id>")
@may(*STAFF)
def get_service_certificate(certificate_id: UUID) -> Response:
    """One A4 page that names the volunteer; the audit notes who opened it."""
    certificate = claims.get_service_certificate(certificate_id=certificate_id)
    check = public_address(
        "volunteering.check_service_certificate",
        current_app.extensions["settings"].public_url,
        number=certificate["number"],
    )
    page = render_template("volunteers/certificate.html", certificate=certificate, check=check)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/volunteers/<uuid:record_id>/unmask")
@may(*LEADERS)
@shown_again_on(list_volunteers)
def unmask_volunteer(record_id: UUID) -> Response:
    reason = filled("reason").get("reason", "")
    value = personal.unmask(claims, record_id=record_id, field="volunteer_name", reason=reason)
    response = make_response(
        render_template("personal/unmasked.html", value=value, word="姓名", reason=reason)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _to(volunteer_id: UUID) -> AnyResponse:
    return redirect(url_for("volunteers.get_volunteer", volunteer_id=volunteer_id), 303)
