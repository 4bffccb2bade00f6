"""Applications at the task gate (社区工作事项准入): the list by tabs, one application with its joint decision."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import communities, my_communities
from gateway.pages.forms import chosen, fen, filled, shown_again_on, wanted
from gateway.pages.frame import CITY, STAFF, WATCHERS
from gateway.pages.paging import Pager
from services.contracts.base import Role

LIMIT = 20

blueprint = Blueprint("admissions", __name__, url_prefix="/admissions")


@blueprint.get("")
@may(*WATCHERS)
def list_admissions() -> str:
    narrowed = wanted("q", "community_id", "kind")
    page = claims.list_admissions(**narrowed, **wanted("status", "cursor"), limit=LIMIT)
    return render_template(
        "admissions/list.html",
        admissions=page["items"],
        pager=Pager(page, LIMIT),
        counts=claims.count_admissions(**narrowed),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/new")
@may(*CITY)
def new_admission() -> str:
    return render_template("admissions/new.html", communities=communities())


@blueprint.post("/new")
@may(*CITY)
@shown_again_on(new_admission)
def apply_admission() -> Response:
    names = (
        "department", "uscc", "task_title", "kind", "legal_basis", "from_on", "until_on", "frequency",
        "people", "training", "form_count", "assessed_how",
    )  # fmt: skip
    made = claims.apply_admission(
        **filled(*names), **chosen("community_ids"), **fen("funds_yuan", "funds_fen")
    )
    said = made["decision_reason"] or f"请在 {made['decide_by_on']} 前会商决定。"
    flash(f"申请 {made['code']} 已登记。{said}", "success")
    return _page_of(made["admission_id"])


@blueprint.get("/<uuid:admission_id>")
@may(*WATCHERS)
def get_admission(admission_id: UUID) -> str:
    return render_template(
        "admissions/admission.html",
        admission=claims.get_admission(admission_id=admission_id),
        communities=my_communities(),
        act=request.args.get("act", ""),
    )


@blueprint.post("/<uuid:admission_id>/record_opinion")
@may(*CITY)
@shown_again_on(get_admission)
def record_opinion(admission_id: UUID) -> Response:
    claims.record_opinion(admission_id=admission_id, **filled("office", "agrees", "reason"))
    flash("会商意见已登记。", "success")
    return _page_of(admission_id)


@blueprint.post("/<uuid:admission_id>/decide_admission")
@may(Role.CITY_ADMIN)
@shown_again_on(get_admission)
def decide_admission(admission_id: UUID) -> Response:
    claims.decide_admission(admission_id=admission_id, **filled("is_admitted", "reason", "expected_version"))
    flash("决定已作出。", "success")
    return _page_of(admission_id)


@blueprint.post("/<uuid:admission_id>/revoke_admission")
@may(Role.CITY_ADMIN)
@shown_again_on(get_admission)
def revoke_admission(admission_id: UUID) -> Response:
    claims.revoke_admission(admission_id=admission_id, **filled("reason", "expected_version"))
    flash("准入已撤销，社区可以退回。", "success")
    return _page_of(admission_id)


@blueprint.post("/<uuid:admission_id>/send_back_task")
@may(*STAFF)
@shown_again_on(get_admission)
def send_back_task(admission_id: UUID) -> Response:
    """未准入—退回, one click where the application stands."""
    sent = claims.send_back_task(admission_id=admission_id, **filled("community_id", "note"))
    flash(f"已退回，退回单 {sent['code']}。", "success")
    return redirect(url_for("sent_back.get_sent_back_task", sent_back_id=sent["sent_back_id"]), 303)


def _page_of(admission_id: UUID) -> Response:
    return redirect(url_for("admissions.get_admission", admission_id=admission_id), 303)
