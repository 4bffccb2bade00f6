"""Dual registration (双报到): the list, one registration with its services, the forms for paper, and tasks."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask import Response as PlainResponse
from werkzeug.wrappers import Response

from gateway import personal
from gateway.auth.policy import may
from gateway.calls import claims
from gateway.jobs.export import start_registrations_export
from gateway.limits import RouteClass, counts_as
from gateway.pages.asking import my_communities
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, OFFICES, STAFF
from gateway.pages.paging import Pager
from services.chassis.clock import local_today
from services.contracts.base import Role

LIMIT = 20
CHOICES = 200
FILTERS = ("community_id", "unit_id", "kind", "status", "unevaluated_in")
SEEING = (*OFFICES, Role.UNIT_LIAISON)

blueprint = Blueprint("dual_registrations", __name__)


@blueprint.get("/dual-registrations")
@may(*SEEING)
def list_dual_registrations() -> str:
    """报到一览表, also for paper."""
    narrowed = wanted(*FILTERS)
    page = claims.list_dual_registrations(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "dual_registrations/list.html",
        registrations=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=my_communities(),
        year=local_today().year,
    )


@blueprint.get("/dual-registrations/new")
@may(*STAFF)
def new_dual_registration() -> str:
    units = claims.list_units(status="member", limit=CHOICES)["items"]
    return render_template(
        "dual_registrations/new.html", units=units, communities=my_communities(), today=local_today()
    )


@blueprint.post("/dual-registrations/new")
@may(*STAFF)
@shown_again_on(new_dual_registration)
def open_dual_registration() -> Response:
    names = (
        "community_id",
        "unit_id",
        "kind",
        "organisation_title",
        "headcount",
        "member_name",
        "reported_on",
    )
    made = claims.open_dual_registration(**filled(*names), **chosen("skills"))
    flash(f"已报到，编号 {made['code']}。", "success")
    return _to(made["registration_id"])


@blueprint.post("/dual-registrations/export")
@counts_as(RouteClass.EXPORT)
@may(*SEEING)
def export_dual_registrations() -> Response:
    """The list, narrowed as it is, as an Excel file."""
    return redirect(url_for("jobs.get_job", job_id=start_registrations_export(wanted(*FILTERS))), 303)


@blueprint.get("/dual-registrations/<uuid:registration_id>")
@may(*SEEING)
def get_dual_registration(registration_id: UUID) -> str:
    registration = claims.get_dual_registration(registration_id=registration_id)
    here = {"community_id": registration["community_id"]}
    tasks = claims.list_tasks(**here, is_open=True, limit=CHOICES)["items"]
    items = claims.list_items(**here, limit=CHOICES)["items"]
    return render_template(
        "dual_registrations/registration.html",
        registration=registration,
        tasks=tasks,
        items=items,
        today=local_today(),
    )


@blueprint.get("/dual-registrations/<uuid:registration_id>/card")
@may(*SEEING)
def show_service_card(registration_id: UUID) -> str:
    """服务记录卡, one A4 page for paper."""
    registration = claims.get_dual_registration(registration_id=registration_id)
    return render_template("dual_registrations/card.html", registration=registration)


@blueprint.get("/dual-registrations/<uuid:registration_id>/slip")
@may(*SEEING)
def show_report_slip(registration_id: UUID) -> str:
    """报到单 and 登记表 on one A4 page, to be signed and stamped."""
    registration = claims.get_dual_registration(registration_id=registration_id)
    return render_template("dual_registrations/slip.html", registration=registration)


@blueprint.post("/dual-registrations/<uuid:registration_id>/record_dual_service")
@may(*STAFF)
@shown_again_on(get_dual_registration)
def record_dual_service(registration_id: UUID) -> Response:
    names = ("task_id", "item_id", "title", "served_on", "minutes", "people", "expected_version")
    claims.record_dual_service(registration_id=registration_id, **filled(*names))
    return _done(registration_id, "已登记。")


@blueprint.post("/dual-registrations/<uuid:registration_id>/services/<uuid:service_id>/withdraw_dual_service")
@may(*STAFF)
@shown_again_on(get_dual_registration)
def withdraw_dual_service(registration_id: UUID, service_id: UUID) -> Response:
    ids = {"registration_id": registration_id, "service_id": service_id}
    claims.withdraw_dual_service(**ids, **filled("reason", "expected_version"))
    return _done(registration_id, "已撤销，不再计入时长。")


@blueprint.post("/dual-registrations/<uuid:registration_id>/evaluate_dual_registration")
@may(*STAFF)
@shown_again_on(get_dual_registration)
def evaluate_dual_registration(registration_id: UUID) -> Response:
    said = filled("year", "grade", "comment", "expected_version")
    claims.evaluate_dual_registration(registration_id=registration_id, **said)
    return _done(registration_id, "已评议，所在单位的联络员可以看到结果。")


@blueprint.post("/dual-registrations/<uuid:registration_id>/end_dual_registration")
@may(*STAFF)
@shown_again_on(get_dual_registration)
def end_dual_registration(registration_id: UUID) -> Response:
    wish = filled("reason", "is_anonymised", "expected_version")
    claims.end_dual_registration(registration_id=registration_id, **wish)
    return _done(registration_id, "已转出，服务记录保留。")


@blueprint.post("/dual-registrations/<uuid:record_id>/unmask")
@may(*LEADERS)
@shown_again_on(list_dual_registrations)
def unmask_dual_registration(record_id: UUID) -> PlainResponse:
    reason = filled("reason").get("reason", "")
    value = personal.unmask(claims, record_id=record_id, field="member_name", reason=reason)
    response = make_response(
        render_template("personal/unmasked.html", value=value, word="姓名", reason=reason)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/community-tasks")
@may(*SEEING)
def list_tasks() -> str:
    page = claims.list_tasks(**wanted("community_id", "is_open", "cursor"), limit=LIMIT)
    return render_template(
        "dual_registrations/tasks.html",
        tasks=page["items"],
        pager=Pager(page, LIMIT),
        communities=my_communities(),
    )


@blueprint.post("/community-tasks")
@may(*STAFF)
@shown_again_on(list_tasks)
def introduce_task() -> Response:
    claims.introduce_task(**filled("community_id", "title", "description", "people", "until_on"))
    flash("已派发，报到的单位联络员可以看到。", "success")
    return redirect(url_for("dual_registrations.list_tasks"), 303)


@blueprint.post("/community-tasks/<uuid:task_id>/close_task")
@may(*STAFF)
@shown_again_on(list_tasks)
def close_task(task_id: UUID) -> Response:
    claims.close_task(task_id=task_id, **filled("reason", "expected_version"))
    flash("任务已结束。", "success")
    return redirect(url_for("dual_registrations.list_tasks"), 303)


def _done(registration_id: UUID, said: str) -> Response:
    flash(said, "success")
    return _to(registration_id)


def _to(registration_id: UUID | str) -> Response:
    address = url_for("dual_registrations.get_dual_registration", registration_id=registration_id)
    return redirect(address, 303)
